// Commands on a proposal, and what they answer.
import { builder } from './builder.ts'
import { attempt, companyOfId, keyDescription, present, readBack, resultUnion } from './commands.ts'
import type { Context } from './context.ts'
import { idOf, idsWithin } from './ids.ts'
import { ProposalRef } from './refs.ts'
import { DomainError } from '../domain/errors.ts'
import type { Viewer } from '../services/app.ts'
import {
  addComment,
  cancelRun,
  discardChanges,
  discardProposal,
  rebaseProposal,
  recallProposal,
  resumeRun,
  revertProposal,
  scheduleProposal,
  submitProposal,
} from '../services/proposals.ts'
import { keyText } from '../store/prepared.ts'
import type { ProposalHead } from '../store/proposals.ts'

const ProposalSuccess = builder.objectRef<{ readonly proposal: ProposalHead }>('ProposalSuccess').implement({
  description: 'It was done.',
  fields: (t) => ({
    proposal: t.field({
      type: ProposalRef,
      description: 'The proposal as it is now.',
      resolve: ({ proposal }) => proposal,
    }),
  }),
})
const ProposalResult = resultUnion('ProposalResult', 'What came of a command on a proposal.', ProposalSuccess, [
  'ValidationError',
  'StaleRevisionError',
  'WrongStateError',
  'PendingProposalError',
  'ConflictError',
  'NoWorkflowError',
  'NoEligibleApproverError',
  'IdempotencyError',
  'NotPermittedError',
  'NotFoundError',
])

const proposalId = 'The proposal.'
const expectedRevision = 'The revision that was looked at: refused when the proposal has changed since.'

const DiscardChangesInput = builder.inputType('DiscardChangesInput', {
  description: 'Changes to be withdrawn.',
  fields: (t) => ({
    proposalId: t.id({ required: true, description: proposalId }),
    changeIds: t.idList({ required: true, description: 'The changes.' }),
    expectedRevision: t.int({ description: expectedRevision }),
    idempotencyKey: t.string({ description: keyDescription }),
  }),
})
const DiscardProposalInput = builder.inputType('DiscardProposalInput', {
  description: 'A proposal to be closed without effect.',
  fields: (t) => ({
    proposalId: t.id({ required: true, description: proposalId }),
    expectedRevision: t.int({ description: expectedRevision }),
    idempotencyKey: t.string({ description: keyDescription }),
  }),
})
const SubmitProposalInput = builder.inputType('SubmitProposalInput', {
  description: 'A proposal to be approved.',
  fields: (t) => ({
    proposalId: t.id({ required: true, description: proposalId }),
    expectedRevision: t.int({ description: expectedRevision }),
    comment: t.string({ description: 'What to tell whoever decides.' }),
    idempotencyKey: t.string({ description: keyDescription }),
  }),
})
const RecallProposalInput = builder.inputType('RecallProposalInput', {
  description: 'A submitted proposal to be taken back.',
  fields: (t) => ({
    proposalId: t.id({ required: true, description: proposalId }),
    comment: t.string({ required: true, description: 'Why.' }),
    idempotencyKey: t.string({ description: keyDescription }),
  }),
})
const RebaseProposalInput = builder.inputType('RebaseProposalInput', {
  description: 'How to go on with changes whose record has changed meanwhile.',
  fields: (t) => ({
    proposalId: t.id({ required: true, description: proposalId }),
    keep: t.idList({
      required: true,
      description: 'Changes that are still wanted, on the record as it is now; their approvals lapse.',
    }),
    drop: t.idList({ required: true, description: 'Changes that are not wanted any more.' }),
    expectedRevision: t.int({ required: true, description: expectedRevision }),
    expectedCustomerVersion: t.int({ required: true, description: 'The version of the customer that was looked at.' }),
    idempotencyKey: t.string({ description: keyDescription }),
  }),
})
const RevertProposalInput = builder.inputType('RevertProposalInput', {
  description: 'An applied proposal to be proposed backwards.',
  fields: (t) => ({
    proposalId: t.id({ required: true, description: 'The applied proposal.' }),
    reason: t.string({ description: 'Why: the reason of each inverse change.' }),
    idempotencyKey: t.string({ description: keyDescription }),
  }),
})
const ScheduleProposalInput = builder.inputType('ScheduleProposalInput', {
  description: 'From when a proposal applies.',
  fields: (t) => ({
    proposalId: t.id({ required: true, description: proposalId }),
    effectiveAt: t.field({
      type: 'DateTime',
      description: 'Not before this time. It has to be given: null is as soon as it is approved.',
    }),
    expectedRevision: t.int({ description: expectedRevision }),
    idempotencyKey: t.string({ description: keyDescription }),
  }),
})
const RunInput = builder.inputType('RunInput', {
  description: 'A proposal whose run an administrator ends or goes on with.',
  fields: (t) => ({
    proposalId: t.id({ required: true, description: proposalId }),
    comment: t.string({ required: true, description: 'Why.' }),
    idempotencyKey: t.string({ description: keyDescription }),
  }),
})
const AddCommentInput = builder.inputType('AddCommentInput', {
  description: 'Something to be said about a proposal.',
  fields: (t) => ({
    proposalId: t.id({ required: true, description: proposalId }),
    text: t.string({ required: true, description: 'What to say.' }),
    idempotencyKey: t.string({ description: keyDescription }),
  }),
})

const effectiveAtMissing = new DomainError(
  'INVALID_VALUE',
  'Say from when the proposal applies: a time, or null for as soon as it is approved.',
  { at: ['effectiveAt'] },
)

type Target = { readonly companyId: string; readonly proposalId: string }

/** Runs a command on the proposal that the input names, and answers with it as it then is. */
const onProposal = async <I extends { readonly proposalId: string }>(
  context: Context,
  input: I,
  run: (viewer: Viewer, target: Target) => Promise<Target & { readonly replayed?: true }>,
) => {
  const done = await attempt(context, ProposalResult, companyOfId(input.proposalId), (viewer) => {
    const { companyId, id } = idOf('Proposal', input.proposalId, ['proposalId'])
    return run(viewer, { companyId, proposalId: id })
  })
  return { proposal: readBack(await context.loaders.proposal.load(keyText(done.companyId, done.proposalId))) }
}

builder.mutationFields((t) => ({
  discardChanges: t.field({
    type: ProposalResult.type,
    nullable: true,
    description: 'Withdraws changes; with the last one the proposal is discarded.',
    args: { input: t.arg({ type: DiscardChangesInput, required: true, description: 'Which changes.' }) },
    resolve: (_root, { input }, context) =>
      onProposal(context, input, (viewer, target) =>
        discardChanges(context.app, viewer, {
          ...present(input),
          ...target,
          changeIds: idsWithin('ProposedChange', target.companyId, input.changeIds, ['changeIds']),
        }),
      ),
  }),
  discardProposal: t.field({
    type: ProposalResult.type,
    nullable: true,
    description: 'Withdraws all changes of a proposal and closes it.',
    args: { input: t.arg({ type: DiscardProposalInput, required: true, description: 'Which proposal.' }) },
    resolve: (_root, { input }, context) =>
      onProposal(context, input, (viewer, target) =>
        discardProposal(context.app, viewer, { ...present(input), ...target }),
      ),
  }),
  submitProposal: t.field({
    type: ProposalResult.type,
    nullable: true,
    description:
      'Asks for approval: the proposal is locked, the workflow starts, and who is to decide finds it in their queue.',
    args: { input: t.arg({ type: SubmitProposalInput, required: true, description: 'Which proposal.' }) },
    resolve: (_root, { input }, context) =>
      onProposal(context, input, (viewer, target) =>
        submitProposal(context.app, viewer, { ...present(input), ...target }),
      ),
  }),
  recallProposal: t.field({
    type: ProposalResult.type,
    nullable: true,
    description: 'Takes a submitted proposal back. Approvals given stay good for whatever does not change.',
    args: { input: t.arg({ type: RecallProposalInput, required: true, description: 'Which proposal, and why.' }) },
    resolve: (_root, { input }, context) =>
      onProposal(context, input, (viewer, target) =>
        recallProposal(context.app, viewer, { ...present(input), ...target }),
      ),
  }),
  rebaseProposal: t.field({
    type: ProposalResult.type,
    nullable: true,
    description:
      'Resolves conflicts: says which changes are still wanted on the record as it is now. Of a CONFLICTED proposal it is a resubmit.',
    args: {
      input: t.arg({ type: RebaseProposalInput, required: true, description: 'Which changes to keep and to drop.' }),
    },
    resolve: (_root, { input }, context) =>
      onProposal(context, input, (viewer, target) =>
        rebaseProposal(context.app, viewer, {
          ...present(input),
          ...target,
          keep: idsWithin('ProposedChange', target.companyId, input.keep, ['keep']),
          drop: idsWithin('ProposedChange', target.companyId, input.drop, ['drop']),
        }),
      ),
  }),
  revertProposal: t.field({
    type: ProposalResult.type,
    nullable: true,
    description:
      'Proposes an applied proposal backwards: answers a new one with the inverse changes, which goes the usual way.',
    args: { input: t.arg({ type: RevertProposalInput, required: true, description: 'Which proposal.' }) },
    resolve: (_root, { input }, context) =>
      onProposal(context, input, (viewer, target) =>
        revertProposal(context.app, viewer, { ...present(input), ...target }),
      ),
  }),
  scheduleProposal: t.field({
    type: ProposalResult.type,
    nullable: true,
    description:
      'Sets the time from which a proposal applies, while it can be edited. Once it is approved it waits as SCHEDULED.',
    args: { input: t.arg({ type: ScheduleProposalInput, required: true, description: 'Which proposal, and when.' }) },
    resolve: (_root, { input }, context) =>
      onProposal(context, input, (viewer, target) => {
        const { effectiveAt, ...rest } = present(input)
        if (effectiveAt === undefined) throw effectiveAtMissing
        return scheduleProposal(context.app, viewer, { ...rest, ...target, effectiveAt })
      }),
  }),
  cancelRun: t.field({
    type: ProposalResult.type,
    nullable: true,
    description:
      'Ends the run of a proposal: it is a draft again, and no approval of the run is kept. For administrators.',
    args: { input: t.arg({ type: RunInput, required: true, description: 'Which proposal, and why.' }) },
    resolve: (_root, { input }, context) =>
      onProposal(context, input, (viewer, target) => cancelRun(context.app, viewer, { ...present(input), ...target })),
  }),
  resumeRun: t.field({
    type: ProposalResult.type,
    nullable: true,
    description: 'Goes on with a FAULTED proposal from where it stopped; nothing is asked twice. For administrators.',
    args: { input: t.arg({ type: RunInput, required: true, description: 'Which proposal, and why.' }) },
    resolve: (_root, { input }, context) =>
      onProposal(context, input, (viewer, target) => resumeRun(context.app, viewer, { ...present(input), ...target })),
  }),
  addComment: t.field({
    type: ProposalResult.type,
    nullable: true,
    description: 'Says something about a proposal, an open or a closed one.',
    args: { input: t.arg({ type: AddCommentInput, required: true, description: 'What to say.' }) },
    resolve: (_root, { input }, context) =>
      onProposal(context, input, (viewer, target) => addComment(context.app, viewer, { ...present(input), ...target })),
  }),
}))
