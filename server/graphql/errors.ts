// Expected refusals as members of the result unions.
import { builder } from './builder.ts'
import type { Context } from './context.ts'
import { problemsOf, UserError, UserErrorItem } from './error-codes.ts'
import { requestError } from './limits.ts'
import { CustomerRef, ImportJobRef, ProposalRef, WorkflowRef } from './refs.ts'
import { workflowIn } from './workflow-lookup.ts'
import type { DomainError, ErrorCode } from '../domain/errors.ts'

/** Base of the union members: what the rules said, and the company in which its ids are looked up. */
export class Refusal extends Error {
  readonly code: ErrorCode
  readonly at: readonly string[] | undefined
  override readonly cause: DomainError
  readonly companyId: string | null
  constructor(error: DomainError, companyId: string | null) {
    super(error.message)
    this.code = error.code
    this.at = error.at === undefined ? undefined : ['input', ...error.at]
    this.cause = error
    this.companyId = companyId
  }
}

export class Invalid extends Refusal {}
export class AlreadyExists extends Refusal {}
export class StaleVersion extends Refusal {}
export class StaleRevision extends Refusal {}
export class WrongState extends Refusal {}
export class PendingProposal extends Refusal {}
export class ChangesRejected extends Refusal {}
export class Conflicted extends Refusal {}
export class NoWorkflow extends Refusal {}
export class NoEligibleApprover extends Refusal {}
export class RolledBack extends Refusal {}
export class Idempotency extends Refusal {}
export class NotPermitted extends Refusal {}
export class NotFound extends Refusal {}
export class InvalidWorkflow extends Refusal {}
export class StaleWorkflow extends Refusal {}
export class WorkflowInUse extends Refusal {}
export class PlanChanged extends Refusal {}
export class WrongImportState extends Refusal {}

type Member = typeof Refusal
const simple = (refusal: Member, name: string, description: string) =>
  builder.objectType(refusal, { name, description, interfaces: [UserError] })

builder.objectType(Invalid, {
  name: 'ValidationError',
  description: 'The input cannot be taken; nothing was written.',
  interfaces: [UserError],
  fields: (t) => ({
    problems: t.field({
      type: [UserErrorItem],
      description: 'Everything that is wrong, each with its place.',
      resolve: (error) =>
        error.cause.detail.problems === undefined
          ? [{ code: error.code, message: error.message, at: error.at }]
          : problemsOf(error.cause.detail.problems),
    }),
  }),
})
simple(AlreadyExists, 'AlreadyExistsError', 'Something with this account, code, name or address is there already.')

const proposalOf = async (error: Refusal, context: Context) => {
  const { proposalId } = error.cause.detail
  const found =
    error.companyId === null || proposalId === undefined
      ? null
      : await context.loaders.proposal.load(`${error.companyId}:${proposalId}`)
  if (found === null) throw requestError('INTERNAL', 'The proposal could not be read again.')
  return found
}
const aboutProposal = (refusal: Member, name: string, description: string, what: string) =>
  builder.objectType(refusal, {
    name,
    description,
    interfaces: [UserError],
    fields: (t) => ({
      proposal: t.field({
        type: ProposalRef,
        description: what,
        resolve: (error, _args, context) => proposalOf(error, context),
      }),
    }),
  })
builder.objectType(StaleVersion, {
  name: 'StaleVersionError',
  description: 'The customer has changed since `expectedVersion`; nothing was written.',
  interfaces: [UserError],
  fields: (t) => ({
    customer: t.field({
      type: CustomerRef,
      description: 'The customer as it is now.',
      resolve: async (error, _args, context) => {
        const { customerId } = error.cause.detail
        const found =
          error.companyId === null || customerId === undefined
            ? null
            : await context.loaders.customer.load(`${error.companyId}:${customerId}`)
        if (found === null) throw requestError('INTERNAL', 'The customer could not be read again.')
        return found
      },
    }),
  }),
})
aboutProposal(
  StaleRevision,
  'StaleRevisionError',
  'The proposal has changed since the revision that was named; nothing was recorded.',
  'The proposal as it is now.',
)
aboutProposal(
  WrongState,
  'WrongStateError',
  'The proposal is not in a state that allows this.',
  'The proposal as it is now.',
)
aboutProposal(
  PendingProposal,
  'PendingProposalError',
  'The customer is locked by a proposal that is being decided; nothing was written.',
  'The proposal that locks it. Who may recall it sees the action there.',
)
aboutProposal(
  Conflicted,
  'ConflictError',
  'The record has changed since a value was proposed. Look at `proposal.conflicts`, then rebase.',
  'The proposal with its conflicts.',
)
builder.objectType(ChangesRejected, {
  name: 'ChangesRejectedError',
  description: 'The company does not take changes of governed fields by this way in; nothing was written.',
  interfaces: [UserError],
  fields: (t) => ({
    fields: t.stringList({
      description: 'The governed fields that would have changed.',
      resolve: (error) => [...(error.cause.detail.fields ?? [])],
    }),
  }),
})
simple(NoWorkflow, 'NoWorkflowError', 'No active workflow applies; an administrator has to activate one.')
builder.objectType(NoEligibleApprover, {
  name: 'NoEligibleApproverError',
  description: 'A step would have nobody who may decide, so nothing was started.',
  interfaces: [UserError],
  fields: (t) => ({
    step: t.string({ description: 'Name of the step.', resolve: (error) => error.cause.detail.step ?? '' }),
  }),
})
simple(
  RolledBack,
  'RolledBackError',
  'It would have been done, but another of the same call was refused: nothing was recorded.',
)
simple(Idempotency, 'IdempotencyError', 'The idempotency key was used before with another input: take a new key.')
simple(NotPermitted, 'NotPermittedError', 'You may not do this; the code and the message say why.')
simple(NotFound, 'NotFoundError', 'What the input names is not there, or not yours to see.')

export const Severity = builder.enumType('Severity', {
  description: 'How grave a problem of a workflow definition is.',
  values: {
    ERROR: { description: 'With one a workflow is neither saved nor activated.' },
    WARNING: { description: 'Worth a look; does not stand in the way.' },
  } as const,
})
export const WorkflowProblemRef = builder
  .objectRef<{ readonly path: string; readonly severity: 'ERROR' | 'WARNING'; readonly message: string }>(
    'WorkflowProblem',
  )
  .implement({
    description: 'Something that is wrong, or odd, in a workflow definition.',
    fields: (t) => ({
      path: t.exposeString('path', { description: 'Path into the definition, e.g. elements.1.approval.steps.0.when.' }),
      severity: t.field({ type: Severity, description: 'Error or warning.', resolve: (problem) => problem.severity }),
      message: t.exposeString('message', { description: 'What it is and what to do.' }),
    }),
  })
builder.objectType(InvalidWorkflow, {
  name: 'InvalidWorkflowError',
  description: 'The workflow cannot be taken; nothing was written.',
  interfaces: [UserError],
  fields: (t) => ({
    problems: t.field({
      type: [WorkflowProblemRef],
      description: 'Each problem with its place.',
      resolve: (error) => workflowProblemsOf(error),
    }),
  }),
})
builder.objectType(StaleWorkflow, {
  name: 'StaleVersionOfWorkflowError',
  description: 'The workflow has been saved by somebody else since `expectedVersion`.',
  interfaces: [UserError],
  fields: (t) => ({
    workflow: t.field({
      type: WorkflowRef,
      description: 'The workflow as it is now.',
      resolve: async (error, _args, context) => {
        const { workflowId } = error.cause.detail
        const found =
          error.companyId === null || workflowId === undefined
            ? null
            : await workflowIn(context, error.companyId, workflowId)
        if (found === null) throw requestError('INTERNAL', 'The workflow could not be read again.')
        return found
      },
    }),
  }),
})
builder.objectType(WorkflowInUse, {
  name: 'WorkflowInUseError',
  description: 'The workflow cannot be taken out of use: something runs on it, or another workflow runs it.',
  interfaces: [UserError],
  fields: (t) => ({
    running: t.int({
      description: 'How many proposals are on their way through it.',
      resolve: (error) => error.cause.detail.running ?? 0,
    }),
  }),
})

simple(
  PlanChanged,
  'PlanChangedError',
  'It would now come to something else than what was looked at; nothing was done.',
)
builder.objectType(WrongImportState, {
  name: 'WrongImportStateError',
  description: 'The import is not in a state that allows this.',
  interfaces: [UserError],
  fields: (t) => ({
    job: t.field({
      type: ImportJobRef,
      description: 'The import as it is now.',
      resolve: async (error, _args, context) => {
        const { importId } = error.cause.detail
        const found =
          error.companyId === null || importId === undefined
            ? null
            : await context.loaders.importJob.load(`${error.companyId}:${importId}`)
        if (found === null) throw requestError('INTERNAL', 'The import could not be read again.')
        return found
      },
    }),
  }),
})

const workflowProblemsOf = (error: Refusal) => {
  const { workflowProblems, problems } = error.cause.detail
  if (workflowProblems !== undefined) return [...workflowProblems]
  const said = problems ?? [{ message: error.message, at: error.cause.at }]
  return said.map((p) => ({ path: (p.at ?? []).join('.'), severity: 'ERROR' as const, message: p.message }))
}
