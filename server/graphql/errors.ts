// Expected refusals as members of the result unions: one table from the rules' codes to the members.
import { builder } from './builder.ts'
import type { Context } from './context.ts'
import { DomainError, type ErrorCode, type Problem } from '../domain/errors.ts'
import { CustomerRef, ProposalRef, WorkflowRef } from './refs.ts'
import { requestError } from './limits.ts'
import { workflowIn } from './workflow-lookup.ts'

const codes: Record<ErrorCode, string> = {
  NOT_FOUND: 'Not there, or not yours to see: both answer alike.',
  ALREADY_EXISTS: 'Something with this name, code or account is there already.',
  NOT_PERMITTED: 'Your roles do not allow it.',
  NOT_ASSIGNED: 'The work item is not asked of you.',
  NOT_OFFERED: 'The workflow has switched this action off here.',
  IS_AUTHOR: 'You had a hand in these changes, so you cannot decide on them.',
  ALREADY_ASKED: 'This person is asked in this step already.',
  NOT_MEMBER: 'This person is not a member of the company.',
  INACTIVE: 'This person has been deactivated.',
  ABSENT: 'This person is away and nobody stands in.',
  INVALID_VALUE: 'A value cannot be taken as it is; the message says why.',
  UNKNOWN_FIELD: 'The field catalogue has no such field.',
  REASON_REQUIRED: 'This needs a comment that says why.',
  STALE_VERSION: 'The customer has changed since you read it.',
  STALE_REVISION: 'The proposal has changed since you read it.',
  WRONG_STATE: 'The proposal or work item is not in a state that allows it.',
  PENDING_PROPOSAL: 'The customer has a proposal that is locked while it is being decided.',
  OPEN_PROPOSAL: "The customer has an open proposal with somebody else's changes, which an import never touches.",
  CHANGES_REJECTED: 'The company refuses changes of governed fields by this way in.',
  NO_WORKFLOW: 'No active workflow applies to these changes.',
  NO_ELIGIBLE_APPROVER: 'A step of the workflow has nobody who may decide.',
  INVALID_WORKFLOW: 'The workflow definition has errors.',
  CONDITION_FAILED: 'A condition of the workflow could not be computed.',
  CONFLICT: 'The record has changed since a value was proposed.',
  PLAN_CHANGED: 'The import would now do something else than its preview said.',
  ROLLED_BACK: 'Undone because another command of the same request failed.',
  IDEMPOTENCY_KEY_REUSED: 'The idempotency key was used before with another input.',
  LIMIT_EXCEEDED: 'More was given than one call takes.',
}

export const ErrorCodeRef = builder.enumType('ErrorCode', {
  description: 'Why something was refused. Later versions may add codes.',
  values: Object.fromEntries(Object.entries(codes).map(([code, description]) => [code, { description }])) as {
    [C in ErrorCode]: { description: string }
  },
})

type Said = { readonly code: ErrorCode; readonly message: string; readonly at?: readonly string[] | undefined }

const UserError = builder.interfaceRef<Said>('UserError').implement({
  description: 'An expected refusal. Select its code, message and path for every member, also those that come later.',
  fields: (t) => ({
    code: t.field({
      type: ErrorCodeRef,
      description: 'For programs: which refusal it is.',
      resolve: (error) => error.code,
    }),
    message: t.exposeString('message', { description: 'A sentence for a person, with what to do next.' }),
    path: t.field({
      type: ['String'],
      nullable: true,
      description: 'Where in the input, e.g. ["input", "set", "creditLimit"]; null when it is about no single place.',
      resolve: (error) => (error.at === undefined ? null : [...error.at]),
    }),
  }),
})

/** A refusal inside a list: a plain object, because an Error there would count as thrown. */
export const UserErrorItem = builder.objectRef<Said>('UserErrorItem').implement({
  description: 'One of several things that are wrong.',
  interfaces: [UserError],
  isTypeOf: (value) => !(value instanceof Error),
})

/** Base of the union members: what the rules said, and the company in which its ids are looked up. */
class Refusal extends Error {
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

class Invalid extends Refusal {}
class AlreadyExists extends Refusal {}
class StaleVersion extends Refusal {}
class StaleRevision extends Refusal {}
class WrongState extends Refusal {}
class PendingProposal extends Refusal {}
class ChangesRejected extends Refusal {}
class Conflicted extends Refusal {}
class NoWorkflow extends Refusal {}
class NoEligibleApprover extends Refusal {}
class Idempotency extends Refusal {}
class NotPermitted extends Refusal {}
class NotFound extends Refusal {}
class InvalidWorkflow extends Refusal {}
class StaleWorkflow extends Refusal {}

type Member = typeof Refusal
const simple = (refusal: Member, name: string, description: string) =>
  builder.objectType(refusal, { name, description, interfaces: [UserError] })

/** Problems of an input, as the API says them: places begin with `input`. */
export const problemsOf = (problems: readonly Problem[]): Said[] =>
  problems.map((p) => ({ code: p.code, message: p.message, at: p.at === undefined ? undefined : ['input', ...p.at] }))

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
simple(Idempotency, 'IdempotencyError', 'The idempotency key was used before with another input: take a new key.')
simple(NotPermitted, 'NotPermittedError', 'You may not do this; the code and the message say why.')
simple(NotFound, 'NotFoundError', 'What the input names is not there, or not yours to see.')

export const Severity = builder.enumType('Severity', {
  description: 'How grave a problem of a workflow definition is.',
  values: {
    ERROR: { description: 'Such a version can be saved but not activated.' },
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

const workflowProblemsOf = (error: Refusal) => {
  const { workflowProblems, problems } = error.cause.detail
  if (workflowProblems !== undefined) return [...workflowProblems]
  const said = problems ?? [{ message: error.message, at: error.cause.at }]
  return said.map((p) => ({ path: (p.at ?? []).join('.'), severity: 'ERROR' as const, message: p.message }))
}

// The table. A code has several members where unions differ: the first that the union holds, and has what it shows, is taken.
const members: Record<ErrorCode, readonly Member[]> = {
  NOT_FOUND: [NotFound],
  ALREADY_EXISTS: [AlreadyExists, Invalid, InvalidWorkflow],
  NOT_PERMITTED: [NotPermitted],
  NOT_ASSIGNED: [NotPermitted],
  NOT_OFFERED: [NotPermitted],
  IS_AUTHOR: [NotPermitted],
  ALREADY_ASKED: [NotPermitted],
  NOT_MEMBER: [Invalid, NotPermitted],
  INACTIVE: [Invalid, NotPermitted],
  ABSENT: [Invalid, NotPermitted],
  INVALID_VALUE: [Invalid, InvalidWorkflow],
  UNKNOWN_FIELD: [Invalid, InvalidWorkflow],
  REASON_REQUIRED: [Invalid],
  LIMIT_EXCEEDED: [Invalid, InvalidWorkflow],
  STALE_VERSION: [StaleVersion, StaleWorkflow, Conflicted, Invalid],
  STALE_REVISION: [StaleRevision, Invalid],
  WRONG_STATE: [WrongState, Invalid, InvalidWorkflow],
  PENDING_PROPOSAL: [PendingProposal, WrongState, Invalid],
  OPEN_PROPOSAL: [PendingProposal, Invalid],
  CHANGES_REJECTED: [ChangesRejected, Invalid],
  NO_WORKFLOW: [NoWorkflow, Invalid],
  NO_ELIGIBLE_APPROVER: [NoEligibleApprover, Invalid],
  INVALID_WORKFLOW: [InvalidWorkflow, Invalid],
  CONDITION_FAILED: [Invalid, InvalidWorkflow],
  CONFLICT: [Conflicted, Invalid, InvalidWorkflow],
  PLAN_CHANGED: [Invalid],
  ROLLED_BACK: [Invalid],
  IDEMPOTENCY_KEY_REUSED: [Idempotency],
}
/** What of the error's detail a member cannot do without. */
const needs = new Map<Member, keyof DomainError['detail']>([
  [StaleVersion, 'customerId'],
  [StaleRevision, 'proposalId'],
  [WrongState, 'proposalId'],
  [PendingProposal, 'proposalId'],
  [Conflicted, 'proposalId'],
  [StaleWorkflow, 'workflowId'],
])

const refusalNames = {
  ValidationError: Invalid,
  AlreadyExistsError: AlreadyExists,
  StaleVersionError: StaleVersion,
  StaleRevisionError: StaleRevision,
  WrongStateError: WrongState,
  PendingProposalError: PendingProposal,
  ChangesRejectedError: ChangesRejected,
  ConflictError: Conflicted,
  NoWorkflowError: NoWorkflow,
  NoEligibleApproverError: NoEligibleApprover,
  IdempotencyError: Idempotency,
  NotPermittedError: NotPermitted,
  NotFoundError: NotFound,
  InvalidWorkflowError: InvalidWorkflow,
  StaleVersionOfWorkflowError: StaleWorkflow,
} as const
export type RefusalName = keyof typeof refusalNames

/** The member of a union with these refusals that says what the error says; undefined when it has none. */
export const refusalOf = (
  error: DomainError,
  companyId: string | null,
  names: readonly RefusalName[],
): Error | undefined => {
  const offered = names.map((name) => refusalNames[name] as Member)
  const found = members[error.code].find((member) => {
    const need = needs.get(member)
    return offered.includes(member) && (need === undefined || (companyId !== null && error.detail[need] !== undefined))
  })
  return found && new found(error, companyId)
}

/** The classes of refusals, for a union. */
export const refusals = (names: readonly RefusalName[]): Member[] => names.map((name) => refusalNames[name] as Member)
