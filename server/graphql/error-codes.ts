// What every refusal says: a code, a sentence and a place.
import { builder } from './builder.ts'
import type { ErrorCode, Problem } from '../domain/errors.ts'

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
  WRONG_STATE: 'The proposal, work item or workflow is not in a state that allows it.',
  PENDING_PROPOSAL: 'The customer has a proposal that is locked while it is being decided.',
  OPEN_PROPOSAL: "The customer has an open proposal with somebody else's changes, which an import never touches.",
  CHANGES_REJECTED: 'The company refuses changes of governed fields by this way in.',
  NO_WORKFLOW: 'No active workflow applies to these changes.',
  NO_ELIGIBLE_APPROVER: 'A step of the workflow has nobody who may decide.',
  INVALID_WORKFLOW: 'The workflow definition has errors.',
  CONDITION_FAILED: 'A condition of the workflow could not be computed.',
  NO_ANSWER: 'A webhook that a workflow asks has not answered, however often it was asked.',
  CONFLICT: 'The record has changed since a value was proposed.',
  PLAN_CHANGED: 'The import would now do something else than its preview said.',
  ROLLED_BACK: 'Undone because another command of the same request failed.',
  IDEMPOTENCY_KEY_REUSED: 'The idempotency key was used before with another input.',
  LIMIT_EXCEEDED: 'More was given than one call takes.',
}

export const ErrorCodeRef = builder.enumType('ErrorCode', {
  description: 'Why something was refused. Later versions may add codes.',
  values: Object.fromEntries(Object.entries(codes).map(([code, description]) => [code, { description }])) as Record<
    ErrorCode,
    { description: string }
  >,
})

export type Said = { readonly code: ErrorCode; readonly message: string; readonly at?: readonly string[] | undefined }

export const UserError = builder.interfaceRef<Said>('UserError').implement({
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

/** Problems of an input, as the API says them: places begin with `input`. */
export const problemsOf = (problems: readonly Problem[]): Said[] =>
  problems.map((p) => ({ code: p.code, message: p.message, at: p.at === undefined ? undefined : ['input', ...p.at] }))
