// From the rules' refusals to the members of the result unions, in one table.
import type { DomainError, ErrorCode } from '../domain/errors.ts'
import {
  AlreadyExists,
  ChangesRejected,
  Conflicted,
  Idempotency,
  Invalid,
  InvalidWorkflow,
  NoEligibleApprover,
  NoWorkflow,
  NotFound,
  NotPermitted,
  PendingProposal,
  Refusal,
  RolledBack,
  StaleRevision,
  StaleVersion,
  StaleWorkflow,
  PlanChanged,
  WorkflowInUse,
  WrongImportState,
  WrongState,
} from './errors.ts'

type Member = typeof Refusal

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
  WRONG_STATE: [WrongState, WrongImportState, WorkflowInUse, Invalid, InvalidWorkflow],
  PENDING_PROPOSAL: [PendingProposal, WrongState, Invalid],
  OPEN_PROPOSAL: [PendingProposal, Invalid],
  CHANGES_REJECTED: [ChangesRejected, Invalid],
  NO_WORKFLOW: [NoWorkflow, Invalid],
  NO_ELIGIBLE_APPROVER: [NoEligibleApprover, Invalid],
  INVALID_WORKFLOW: [InvalidWorkflow, Invalid],
  CONDITION_FAILED: [Invalid, InvalidWorkflow],
  NO_ANSWER: [Invalid, InvalidWorkflow],
  CONFLICT: [Conflicted, Invalid, InvalidWorkflow],
  PLAN_CHANGED: [PlanChanged, Invalid],
  ROLLED_BACK: [RolledBack, Invalid],
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
  [WorkflowInUse, 'running'],
  [WrongImportState, 'importId'],
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
  RolledBackError: RolledBack,
  IdempotencyError: Idempotency,
  NotPermittedError: NotPermitted,
  NotFoundError: NotFound,
  InvalidWorkflowError: InvalidWorkflow,
  StaleVersionOfWorkflowError: StaleWorkflow,
  WorkflowInUseError: WorkflowInUse,
  PlanChangedError: PlanChanged,
  WrongImportStateError: WrongImportState,
} as const
export type RefusalName = keyof typeof refusalNames

/** The member of a union with these refusals that says what the error says; undefined when it has none. */
export const refusalOf = (
  error: DomainError,
  companyId: string | null,
  names: readonly RefusalName[],
): Error | undefined => {
  const offered = names.map((name) => refusalNames[name])
  const found = members[error.code].find((member) => {
    const need = needs.get(member)
    return offered.includes(member) && (need === undefined || (companyId !== null && error.detail[need] !== undefined))
  })
  return found && new found(error, companyId)
}

/** The classes of refusals, for a union. */
export const refusals = (names: readonly RefusalName[]): Member[] => names.map((name) => refusalNames[name])
