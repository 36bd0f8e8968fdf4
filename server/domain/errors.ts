// Expected refusals. A DomainError is a value: decide returns it, services throw it, the API maps it to a union member.

export type ErrorCode =
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'NOT_PERMITTED'
  | 'NOT_ASSIGNED'
  | 'NOT_OFFERED'
  | 'IS_AUTHOR'
  | 'ALREADY_ASKED'
  | 'NOT_MEMBER'
  | 'INACTIVE'
  | 'ABSENT'
  | 'INVALID_VALUE'
  | 'UNKNOWN_FIELD'
  | 'REASON_REQUIRED'
  | 'STALE_VERSION'
  | 'STALE_REVISION'
  | 'WRONG_STATE'
  | 'PENDING_PROPOSAL'
  | 'OPEN_PROPOSAL'
  | 'CHANGES_REJECTED'
  | 'NO_WORKFLOW'
  | 'NO_ELIGIBLE_APPROVER'
  | 'INVALID_WORKFLOW'
  | 'CONDITION_FAILED'
  | 'NO_ANSWER'
  | 'CONFLICT'
  | 'PLAN_CHANGED'
  | 'ROLLED_BACK'
  | 'IDEMPOTENCY_KEY_REUSED'
  | 'LIMIT_EXCEEDED'

/** One thing that is wrong: where (a path into the input or the record), what, and what to do about it. */
export type Problem = {
  readonly code: ErrorCode
  readonly message: string
  readonly at?: readonly string[]
}

/** What an error points to beside its sentence; each code uses the members that its union member shows. */
export type ErrorDetail = {
  readonly problems?: readonly Problem[]
  readonly fields?: readonly string[]
  readonly customerId?: string
  readonly proposalId?: string
  readonly workflowId?: string
  readonly importId?: string
  readonly step?: string
  readonly running?: number
  readonly workflowProblems?: readonly {
    readonly path: string
    readonly severity: 'ERROR' | 'WARNING'
    readonly message: string
  }[]
}

/** An expected refusal. `at`, not `path`: graphql-js takes an Error with an array `path` for one that it has already located. */
export class DomainError extends Error {
  readonly code: ErrorCode
  readonly at: readonly string[] | undefined
  readonly detail: ErrorDetail
  constructor(code: ErrorCode, message: string, options: { at?: readonly string[]; detail?: ErrorDetail } = {}) {
    super(message)
    this.name = 'DomainError'
    this.code = code
    this.at = options.at
    this.detail = options.detail ?? {}
  }
}

/** Several problems of one input as one refusal; its code and place are the first problem's. */
export const invalid = (problems: readonly [Problem, ...Problem[]]): DomainError => {
  const [first] = problems
  const message = problems.length === 1 ? first.message : `${problems.length} values need correction: ${first.message}`
  return new DomainError(first.code, message, { ...(first.at && { at: first.at }), detail: { problems } })
}

export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: DomainError }
export const ok = <T>(value: T): Result<T> => ({ ok: true, value })
export const refused = (error: DomainError): Result<never> => ({ ok: false, error })
