// Answers to work items.
import { builder } from './builder.ts'
import { attempt, companyOfId, keyDescription, present, readBack, resultUnion } from './commands.ts'
import type { Context } from './context.ts'
import { idOf, idWithin, userIdOf } from './ids.ts'
import { ProposalRef, WorkItemRef, type WorkItemModel } from './refs.ts'
import type { Viewer } from '../services/app.ts'
import { approve, choose, completeTask, reject, requestChange, returnTask } from '../services/work-items.ts'
import { keyText } from '../store/prepared.ts'
import type { ProposalHead } from '../store/proposals.ts'
import { isGiven } from '../domain/given.ts'

const WorkItemSuccess = builder
  .objectRef<{ readonly workItem: WorkItemModel; readonly proposal: ProposalHead }>('WorkItemSuccess')
  .implement({
    description: 'It was recorded.',
    fields: (t) => ({
      workItem: t.field({
        type: WorkItemRef,
        description: 'The work item as it is now.',
        resolve: ({ workItem }) => workItem,
      }),
      proposal: t.field({
        type: ProposalRef,
        description: 'Its proposal as it is now.',
        resolve: ({ proposal }) => proposal,
      }),
    }),
  })
export const WorkItemResult = resultUnion('WorkItemResult', 'What came of a command on a work item.', WorkItemSuccess, [
  'StaleRevisionError',
  'WrongStateError',
  'ValidationError',
  'RolledBackError',
  'IdempotencyError',
  'NotPermittedError',
  'NotFoundError',
])

export const workItemId = 'The work item.'
export const revision = "The proposal's revision that was looked at: what nobody saw cannot be decided on."

const RefuseInput = builder.inputType('RefuseInput', {
  description: 'A change to be left out of an approval.',
  fields: (t) => ({
    changeId: t.id({
      required: true,
      description: 'The change. What makes sense only together with it is refused with it.',
    }),
    reason: t.string({ required: true, description: 'Why.' }),
  }),
})
const ApproveInput = builder.inputType('ApproveInput', {
  description: 'A vote for the changes of a work item.',
  fields: (t) => ({
    workItemId: t.id({ required: true, description: workItemId }),
    revision: t.int({ required: true, description: revision }),
    comment: t.string({ description: 'Anything to say about it.' }),
    refuse: t.field({
      type: [RefuseInput],
      description: 'Changes left out, with their reasons, where the workflow allows it. Refusing all is a rejection.',
    }),
    idempotencyKey: t.string({ description: keyDescription }),
  }),
})
const RejectInput = builder.inputType('RejectInput', {
  description: 'A vote against the changes of a work item, or a task that is given back.',
  fields: (t) => ({
    workItemId: t.id({ required: true, description: workItemId }),
    revision: t.int({ required: true, description: revision }),
    comment: t.string({ required: true, description: 'Why.' }),
    idempotencyKey: t.string({ description: keyDescription }),
  }),
})
const RequestChangeInput = builder.inputType('RequestChangeInput', {
  description: 'A request for other values.',
  fields: (t) => ({
    workItemId: t.id({ required: true, description: workItemId }),
    revision: t.int({ required: true, description: revision }),
    comment: t.string({ required: true, description: 'What should be different.' }),
    to: t.id({ description: 'Which author is to make it; by default the submitter.' }),
    idempotencyKey: t.string({ description: keyDescription }),
  }),
})

const TaskInput = builder.inputType('TaskInput', {
  description: 'A task that is done.',
  fields: (t) => ({
    workItemId: t.id({ required: true, description: workItemId }),
    revision: t.int({ required: true, description: revision }),
    comment: t.string({ description: 'Anything to say about it.' }),
    idempotencyKey: t.string({ description: keyDescription }),
  }),
})
const ChooseInput = builder.inputType('ChooseInput', {
  description: 'One of the outcomes of a decision.',
  fields: (t) => ({
    workItemId: t.id({ required: true, description: workItemId }),
    revision: t.int({ required: true, description: revision }),
    choice: t.string({ required: true, description: "Which outcome: one of the item's `choices`." }),
    comment: t.string({ description: 'Anything to say about it.' }),
    idempotencyKey: t.string({ description: keyDescription }),
  }),
})

type Target = { readonly companyId: string; readonly workItemId: string }

/** Items of proposals as they are now, in the order given. */
export const itemsBack = (
  { loaders }: Context,
  done: readonly (Target & { readonly proposalId: string })[],
): Promise<{ workItem: WorkItemModel; proposal: ProposalHead }[]> =>
  Promise.all(
    done.map(async ({ companyId, workItemId: id, proposalId }) => {
      const key = keyText(companyId, proposalId)
      const [proposal, items] = await Promise.all([loaders.proposal.load(key), loaders.items.load(key)])
      const item = readBack(items.find((each) => each.id === id) ?? null)
      return { workItem: { companyId, proposalId, item }, proposal: readBack(proposal) }
    }),
  )

/** Runs a command on the item that the input names, and answers with it as it then is. */
export const onItem = async (
  context: Context,
  input: { readonly workItemId: string },
  run: (viewer: Viewer, target: Target) => Promise<Target & { readonly proposalId: string; readonly replayed?: true }>,
) => {
  const done = await attempt(context, WorkItemResult, companyOfId(input.workItemId), (viewer) => {
    const target = idOf('WorkItem', input.workItemId, ['workItemId'])
    return run(viewer, { companyId: target.companyId, workItemId: target.id })
  })
  const [answer] = await itemsBack(context, [done])
  return readBack(answer ?? null)
}

builder.mutationFields((t) => ({
  approve: t.field({
    type: WorkItemResult.type,
    nullable: true,
    description: 'Votes for exactly the changes and the revision that were looked at.',
    args: { input: t.arg({ type: ApproveInput, required: true, description: 'Which work item.' }) },
    resolve: (_root, { input }, context) =>
      onItem(context, input, (viewer, target) => {
        const { refuse, ...rest } = present(input)
        const out = refuse?.map(({ changeId, reason }, n) => {
          const id = idWithin('ProposedChange', target.companyId, changeId, ['refuse', String(n), 'changeId'])
          return { changeId: id, reason }
        })
        return approve(context.app, viewer, { ...rest, ...target, ...(isGiven(out) && { refuse: out }) })
      }),
  }),
  reject: t.field({
    type: WorkItemResult.type,
    nullable: true,
    description: 'Votes against. When that decides the step, the proposal is REJECTED and goes back to its submitter.',
    args: { input: t.arg({ type: RejectInput, required: true, description: 'Which work item, and why.' }) },
    resolve: (_root, { input }, context) =>
      onItem(context, input, (viewer, target) => reject(context.app, viewer, { ...present(input), ...target })),
  }),
  requestChange: t.field({
    type: WorkItemResult.type,
    nullable: true,
    description: 'Sends the proposal back at once, whoever else is asked, to be corrected and submitted again.',
    args: {
      input: t.arg({
        type: RequestChangeInput,
        required: true,
        description: 'Which work item, and what should be different.',
      }),
    },
    resolve: (_root, { input }, context) =>
      onItem(context, input, (viewer, target) => {
        const { to, ...rest } = present(input)
        return requestChange(context.app, viewer, {
          ...rest,
          ...target,
          ...(isGiven(to) && { to: userIdOf(to, ['to']) }),
        })
      }),
  }),
  completeTask: t.field({
    type: WorkItemResult.type,
    nullable: true,
    description: 'Says that a task is done; the workflow goes on.',
    args: { input: t.arg({ type: TaskInput, required: true, description: 'Which work item.' }) },
    resolve: (_root, { input }, context) =>
      onItem(context, input, (viewer, target) => completeTask(context.app, viewer, { ...present(input), ...target })),
  }),
  returnTask: t.field({
    type: WorkItemResult.type,
    nullable: true,
    description: 'Gives a task back: the proposal is REJECTED and goes back to its submitter.',
    args: { input: t.arg({ type: RejectInput, required: true, description: 'Which work item, and why.' }) },
    resolve: (_root, { input }, context) =>
      onItem(context, input, (viewer, target) => returnTask(context.app, viewer, { ...present(input), ...target })),
  }),
  choose: t.field({
    type: WorkItemResult.type,
    nullable: true,
    description: 'Picks one of the outcomes of a decision; its elements follow.',
    args: { input: t.arg({ type: ChooseInput, required: true, description: 'Which work item, and which outcome.' }) },
    resolve: (_root, { input }, context) =>
      onItem(context, input, (viewer, target) => choose(context.app, viewer, { ...present(input), ...target })),
  }),
}))
