// Commands on a proposal, and what they answer.
import { builder } from './builder.ts'
import { attempt, companyOfId, keyDescription, present, readBack, resultUnion } from './commands.ts'
import type { Context } from './context.ts'
import { idOf, idsWithin } from './ids.ts'
import { ProposalRef } from './refs.ts'
import type { Viewer } from '../services/app.ts'
import {
  addComment,
  discardChanges,
  discardProposal,
  rebaseProposal,
  recallProposal,
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
const AddCommentInput = builder.inputType('AddCommentInput', {
  description: 'Something to be said about a proposal.',
  fields: (t) => ({
    proposalId: t.id({ required: true, description: proposalId }),
    text: t.string({ required: true, description: 'What to say.' }),
    idempotencyKey: t.string({ description: keyDescription }),
  }),
})

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
  addComment: t.field({
    type: ProposalResult.type,
    nullable: true,
    description: 'Says something about a proposal, an open or a closed one.',
    args: { input: t.arg({ type: AddCommentInput, required: true, description: 'What to say.' }) },
    resolve: (_root, { input }, context) =>
      onProposal(context, input, (viewer, target) => addComment(context.app, viewer, { ...present(input), ...target })),
  }),
}))
