// Who has a work item: handing it over, and taking it from a queue.
import { builder } from './builder.ts'
import { keyDescription, present } from './commands.ts'
import { idWithin, userIdOf } from './ids.ts'
import { onItem, workItemId, WorkItemResult } from './item-commands.ts'
import { claim, delegate, moveToQueue, reassign, release } from '../services/work-items.ts'

const DelegateInput = builder.inputType('DelegateInput', {
  description: 'A work item to be given to somebody else.',
  fields: (t) => ({
    workItemId: t.id({ required: true, description: workItemId }),
    to: t.id({
      required: true,
      description: 'To whom: a member who may decide on it and has not been asked in this step.',
    }),
    comment: t.string({ description: 'What to tell them.' }),
    idempotencyKey: t.string({ description: keyDescription }),
  }),
})
const WorkItemInput = builder.inputType('WorkItemInput', {
  description: 'A work item of a queue.',
  fields: (t) => ({
    workItemId: t.id({ required: true, description: workItemId }),
    idempotencyKey: t.string({ description: keyDescription }),
  }),
})
const MoveToQueueInput = builder.inputType('MoveToQueueInput', {
  description: 'A work item that belongs into another queue.',
  fields: (t) => ({
    workItemId: t.id({ required: true, description: workItemId }),
    queueId: t.id({ required: true, description: 'The other queue, of the same company.' }),
    comment: t.string({ description: 'What to tell its members.' }),
    idempotencyKey: t.string({ description: keyDescription }),
  }),
})

builder.mutationFields((t) => ({
  delegate: t.field({
    type: WorkItemResult.type,
    nullable: true,
    description: 'Hands your seat over to somebody else; both names stay on record. You cannot get it back.',
    args: { input: t.arg({ type: DelegateInput, required: true, description: 'Which work item, and to whom.' }) },
    resolve: (_root, { input }, context) =>
      onItem(context, input, (viewer, target) =>
        delegate(context.app, viewer, { ...present(input), ...target, to: userIdOf(input.to, ['to']) }),
      ),
  }),
  claim: t.field({
    type: WorkItemResult.type,
    nullable: true,
    description: 'Takes a work item from a queue of yours: it is then asked of you alone.',
    args: { input: t.arg({ type: WorkItemInput, required: true, description: 'Which work item.' }) },
    resolve: (_root, { input }, context) =>
      onItem(context, input, (viewer, target) => claim(context.app, viewer, { ...present(input), ...target })),
  }),
  release: t.field({
    type: WorkItemResult.type,
    nullable: true,
    description: 'Gives a work item back to its queue.',
    args: { input: t.arg({ type: WorkItemInput, required: true, description: 'Which work item.' }) },
    resolve: (_root, { input }, context) =>
      onItem(context, input, (viewer, target) => release(context.app, viewer, { ...present(input), ...target })),
  }),
  moveToQueue: t.field({
    type: WorkItemResult.type,
    nullable: true,
    description: 'Moves a work item to another queue, whose members then find it.',
    args: { input: t.arg({ type: MoveToQueueInput, required: true, description: 'Which work item, and where to.' }) },
    resolve: (_root, { input }, context) =>
      onItem(context, input, (viewer, target) =>
        moveToQueue(context.app, viewer, {
          ...present(input),
          ...target,
          queueId: idWithin('WorkQueue', target.companyId, input.queueId, ['queueId']),
        }),
      ),
  }),
  reassign: t.field({
    type: WorkItemResult.type,
    nullable: true,
    description: 'Gives the seat of a work item to somebody else, never to yourself. For administrators.',
    args: { input: t.arg({ type: DelegateInput, required: true, description: 'Which work item, and to whom.' }) },
    resolve: (_root, { input }, context) =>
      onItem(context, input, (viewer, target) =>
        reassign(context.app, viewer, { ...present(input), ...target, to: userIdOf(input.to, ['to']) }),
      ),
  }),
}))
