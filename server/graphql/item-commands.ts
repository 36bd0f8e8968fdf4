// Answers to work items.
import { builder } from './builder.ts'
import { attempt, companyOfId, keyDescription, present, readBack, resultUnion } from './commands.ts'
import type { Context } from './context.ts'
import { idOf, userIdOf } from './ids.ts'
import { ProposalRef, WorkItemRef, type WorkItemModel } from './refs.ts'
import type { Viewer } from '../services/app.ts'
import { approve, reject, requestChange } from '../services/work-items.ts'
import { keyText } from '../store/prepared.ts'
import type { ProposalHead } from '../store/proposals.ts'
import { isGiven } from '../domain/given.ts'

const WorkItemSuccess = builder
  .objectRef<{ readonly workItem: WorkItemModel; readonly proposal: ProposalHead }>('WorkItemSuccess')
  .implement({
    description: 'The answer was recorded.',
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
const WorkItemResult = resultUnion('WorkItemResult', 'What came of an answer.', WorkItemSuccess, [
  'StaleRevisionError',
  'WrongStateError',
  'ValidationError',
  'IdempotencyError',
  'NotPermittedError',
  'NotFoundError',
])

const workItemId = 'The work item.'
const revision = "The proposal's revision that was looked at: what nobody saw cannot be decided on."

const ApproveInput = builder.inputType('ApproveInput', {
  description: 'A vote for the changes of a work item.',
  fields: (t) => ({
    workItemId: t.id({ required: true, description: workItemId }),
    revision: t.int({ required: true, description: revision }),
    comment: t.string({ description: 'Anything to say about it.' }),
    idempotencyKey: t.string({ description: keyDescription }),
  }),
})
const RejectInput = builder.inputType('RejectInput', {
  description: 'A vote against the changes of a work item.',
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

type Target = { readonly companyId: string; readonly workItemId: string }

/** Runs an answer to the item that the input names, and answers with it as it then is. */
const onItem = async (
  context: Context,
  input: { readonly workItemId: string },
  run: (viewer: Viewer, target: Target) => Promise<Target & { readonly proposalId: string; readonly replayed?: true }>,
) => {
  const {
    companyId,
    workItemId: id,
    proposalId,
  } = await attempt(context, WorkItemResult, companyOfId(input.workItemId), (viewer) => {
    const target = idOf('WorkItem', input.workItemId, ['workItemId'])
    return run(viewer, { companyId: target.companyId, workItemId: target.id })
  })
  const key = keyText(companyId, proposalId)
  const [proposal, items] = await Promise.all([context.loaders.proposal.load(key), context.loaders.items.load(key)])
  const item = readBack(items.find((each) => each.id === id) ?? null)
  return { workItem: { companyId, proposalId, item }, proposal: readBack(proposal) }
}

builder.mutationFields((t) => ({
  approve: t.field({
    type: WorkItemResult.type,
    nullable: true,
    description: 'Votes for exactly the changes and the revision that were looked at.',
    args: { input: t.arg({ type: ApproveInput, required: true, description: 'Which work item.' }) },
    resolve: (_root, { input }, context) =>
      onItem(context, input, (viewer, target) => approve(context.app, viewer, { ...present(input), ...target })),
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
}))
