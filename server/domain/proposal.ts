// A proposal as data: the changes open for one customer and their way through the workflow (DOMAIN sections 1, 4, 6).
import type { ErrorCode, Problem } from './errors.ts'
import type { ConflictPolicy } from './company.ts'
import type { RecordName } from './fields.ts'
import type { Value } from './values.ts'
import type { Policy, Quorum } from './workflow/definition.ts'

export type ChangeOperation = 'SET' | 'ADD' | 'REMOVE'
export type ChangeSource = 'PERSON' | 'IMPORT' | 'INTEGRATION' | 'REVERT'

/** An approver has taken the change out; it stays out until somebody edits the field again (DOMAIN section 6). */
export type Refusal = { readonly byId: string; readonly reason: string; readonly at: string }

export type Change = {
  readonly id: string
  readonly record: RecordName
  /** The child record that the change is about; null for the customer itself. */
  readonly recordId: string | null
  /** Full catalogue name: `creditLimit`, `bankAccounts.iban`; the record's name (`bankAccounts`) for ADD and REMOVE. */
  readonly field: string
  readonly operation: ChangeOperation
  /** The value when it was proposed (or last rebased); for REMOVE the whole record, for ADD null. */
  readonly base: Value
  /** For ADD the whole record, for REMOVE null. */
  readonly proposed: Value
  /** Run a credit limit check when applied: credit limit only, passed on in the applied event. */
  readonly creditCheck: boolean
  /** Random, stays with the change; makes the digest unguessable. */
  readonly salt: string
  /** Hex SHA-256 over the content (DOMAIN section 1). */
  readonly digest: string
  readonly authorIds: readonly string[]
  readonly source: ChangeSource
  readonly proposedAt: string
  readonly reason: string | null
  /** Null: it is to be applied. */
  readonly refusal: Refusal | null
}

/** A change as a decision was given for it. */
export type ChangeRef = { readonly id: string; readonly digest: string }

/** Who had a hand in a proposal's content, in any revision; never removed (DOMAIN section 8). */
export type Involvement = { readonly userId: string; readonly as: 'AUTHOR' | 'SUBMITTER' | 'REBASER' | 'REVERTER' }

export type Comment = { readonly id: string; readonly authorId: string; readonly text: string; readonly at: string }

export type WorkItemKind = 'APPROVAL' | 'TASK' | 'DECISION' | 'RETURN'
export type WorkItem = {
  readonly id: string
  readonly runId: string
  readonly kind: WorkItemKind
  /** Path of the element in the definition, e.g. `elements.0`; `uncovered` for the last step; '' for a return. */
  readonly elementPath: string
  /** Path of the step, e.g. `elements.0.steps.1`; '' for a return. */
  readonly stepPath: string
  readonly step: string
  readonly subject: string
  readonly instructions: string | null
  /** Whose seat it is; null: unassigned, or nobody has taken it from its queue yet. */
  readonly assigneeId: string | null
  /** The queue that it lies in or was taken from. */
  readonly queueId: string | null
  /** Who sat here before it was delegated or reassigned: no delegation brings it back to them. */
  readonly heldByIds: readonly string[]
  /** Indexes of the step's assignments in which the seat counts. */
  readonly assignments: readonly number[]
  readonly status: 'OPEN' | 'DECIDED' | 'WITHDRAWN'
  readonly decidedById: string | null
  /** Rises with every change of the item. */
  readonly version: number
  readonly createdAt: string
  readonly closedAt: string | null
  /** When time runs out for it; null: never, or its time stands still. */
  readonly dueAt: string | null
  /** 0: asked by the step itself; n: by the n-th entry of its escalation path. */
  readonly escalationLevel: number
  /** Names of the outcomes to choose from; none unless it is a decision. */
  readonly choices: readonly string[]
  /** What it decides on. */
  readonly changes: readonly ChangeRef[]
}

/** What the events about an item say of its seat: the queue that it lies in or was taken from is named where there is one. */
export const seatData = ({ stepPath, step, assigneeId, queueId }: WorkItem) => ({
  path: stepPath,
  step,
  assigneeId,
  ...(queueId !== null && { queueId }),
})

export type DecisionOutcome = 'APPROVED' | 'REJECTED' | 'CHANGE_REQUESTED' | 'COMPLETED' | 'RETURNED' | 'CHOSEN'
/** What was answered: immutable, bound to the set of digests and the effective time that it was given for. */
export type Decision = {
  readonly id: string
  readonly runId: string
  readonly workItemId: string | null
  readonly elementPath: string
  /** Null for an automatic action, which belongs to the element. */
  readonly stepPath: string | null
  readonly step: string | null
  /** Null for automatic actions. */
  readonly actorId: string | null
  readonly onBehalfOfId: string | null
  readonly automatic: boolean
  readonly outcome: DecisionOutcome
  /** The outcome that was chosen: CHOSEN only. */
  readonly choice: string | null
  readonly comment: string | null
  readonly revision: number
  readonly effectiveAt: string | null
  readonly at: string
  readonly changes: readonly ChangeRef[]
}

/** Seats of one assignment of a step, fixed when it starts (DOMAIN section 7). */
export type SeatedAssignment = {
  readonly policy: Policy
  readonly percent: number | null
  readonly quorum: Quorum
  /** Work items that count in it; their number is n. */
  readonly items: readonly string[]
  readonly excluded: readonly { readonly userId: string; readonly reason: ErrorCode }[]
}

/** What the run has established about a step. Nothing is decided twice: a fact, once there, stays for the run. */
export type StepFact =
  | { readonly kind: 'SKIPPED'; readonly why: 'NOTHING_TO_GUARD' | 'CONDITION_FALSE' }
  | {
      readonly kind: 'ASKED'
      readonly at: string
      readonly changes: readonly ChangeRef[]
      readonly assignments: readonly SeatedAssignment[]
      /** Work item → an earlier run's decision that fills the seat: votes kept over a recall. */
      readonly kept: Readonly<Record<string, string>>
      /** Work item → the queue that was asked: the item itself says where it lies now. Absent where no queue was. */
      readonly queues?: Readonly<Record<string, string>>
      /** Decided for (approved, completed, chosen) or against (rejected, returned); null while it is open. */
      readonly outcome: 'APPROVED' | 'REJECTED' | null
      /** 0 or absent: the step's own people are asked; n: those of the n-th entry of its escalation path. */
      readonly level?: number
      /** When time runs out for those who are asked now. */
      readonly dueAt?: string | null
      /** What is left of the limit while it stands still: see `leftOf`. */
      readonly left?: number | null
      /** Time has run out and nothing follows from it: it goes on waiting. */
      readonly overdue?: boolean
      /** The decision of the timer that ended it. */
      readonly timedById?: string
    }
  | { readonly kind: 'KEPT'; readonly changes: readonly ChangeRef[]; readonly decisionIds: readonly string[] }

/** A webhook that an automated element asks: the same question in every request, until it is answered or given up. */
export type WebhookCall = {
  /** Of the question: `webhook-id` of each request. */
  readonly id: string
  readonly webhookId: string
  readonly since: string
  /** Requests that have been begun. */
  readonly attempts: number
  /** When the next one may begin; null: it is over. */
  readonly nextAt: string | null
  /** None begins later than this. */
  readonly deadline: string
  /** Why the last one brought no answer, as a sentence; null: none has failed. */
  readonly failure: string | null
  readonly answer?: { readonly outcome: string; readonly comment: string | null; readonly decisionId: string }
}

/** What the run has established about an element. */
export type ElementFact = {
  /** Hash of the element's definition: a vote is carried over only to the very same element. */
  readonly definition: string
  /** DONE: of elements that approve nothing. */
  readonly outcome: 'APPROVED' | 'REJECTED' | 'SKIPPED' | 'DONE' | null
  /** Changes that an automatic action answered for. */
  readonly automatic: readonly {
    readonly action: number
    readonly verdict: 'APPROVE' | 'REJECT'
    readonly changes: readonly ChangeRef[]
    readonly decisionId: string
  }[]
  /** Key of the branch that was taken, e.g. `outcomes.1`, `cases.0`, `else`; `none` where none was. */
  readonly taken?: string
  /** When the element's own limit runs out. */
  readonly dueAt?: string | null
  /** What is left of it while it stands still: see `leftOf`. In a run that has ended it is for the next one. */
  readonly left?: number | null
  /** What the element's limit has decided. */
  readonly timedOut?: 'APPROVE' | 'REJECT'
  /** Of an element that asks a webhook. */
  readonly call?: WebhookCall
}

export type RunEnd = 'APPROVED' | 'REJECTED' | 'CHANGES_REQUESTED' | 'RECALLED' | 'CANCELLED'
/** One run of a workflow over the proposal, from a submit to its end. */
export type Run = {
  readonly id: string
  readonly number: number
  readonly workflowId: string
  readonly version: number
  readonly submittedById: string
  readonly submittedAt: string
  readonly comment: string | null
  /** The company's parameters as they were at the submit. */
  readonly parameters: { readonly authorsMayNotApprove: boolean; readonly conflictPolicy: ConflictPolicy }
  /** Versions of the subworkflows that it may come through, by workflow: fixed at the submit. */
  readonly pinned: Readonly<Record<string, number>>
  readonly elements: Readonly<Record<string, ElementFact>>
  readonly steps: Readonly<Record<string, StepFact>>
  /** Null while it runs. `at`: the innermost element in which a reject or request for change happened. */
  readonly end: { readonly how: RunEnd; readonly at: string | null; readonly on: string } | null
}

type Content = {
  readonly id: string
  readonly companyId: string
  readonly customerId: string
  /** Number of the content: rises with every change added, replaced, discarded or rebased. */
  readonly revision: number
  /** Of the row, for optimistic locking: rises with every save. */
  readonly version: number
  /** Not before this time; null: at once. */
  readonly effectiveAt: string | null
  readonly createdAt: string
  readonly createdById: string
  readonly updatedAt: string
  readonly importId: string | null
  /** The applied proposal that this one takes back. */
  readonly revertsId: string | null
  readonly changes: readonly Change[]
  readonly involved: readonly Involvement[]
  /** Oldest first. */
  readonly runs: readonly Run[]
  readonly items: readonly WorkItem[]
  readonly decisions: readonly Decision[]
  readonly comments: readonly Comment[]
}

export type Proposal = Content &
  (
    | { readonly status: 'DRAFT' | 'PENDING' | 'CHANGES_REQUESTED' | 'REJECTED' | 'SCHEDULED' | 'CONFLICTED' }
    | { readonly status: 'FAULTED'; readonly fault: Problem }
    | { readonly status: 'APPLIED' | 'DISCARDED'; readonly closedAt: string }
  )
export type ProposalStatus = Proposal['status']

export const openStatuses = [
  'DRAFT',
  'PENDING',
  'CHANGES_REQUESTED',
  'REJECTED',
  'SCHEDULED',
  'CONFLICTED',
  'FAULTED',
] as const satisfies readonly ProposalStatus[]
/** The changes that are to be applied: without those that an approver has refused. */
export const liveChanges = (proposal: Pick<Proposal, 'changes'>): readonly Change[] =>
  proposal.changes.some((c) => c.refusal !== null)
    ? proposal.changes.filter((c) => c.refusal === null)
    : proposal.changes
export const isOpen = (proposal: Proposal): boolean => proposal.status !== 'APPLIED' && proposal.status !== 'DISCARDED'
/** States in which edits join the proposal (DOMAIN section 4). */
export const isEditable = (proposal: Proposal): boolean =>
  proposal.status === 'DRAFT' || proposal.status === 'CHANGES_REQUESTED' || proposal.status === 'REJECTED'
export const currentRun = (proposal: Proposal): Run | undefined => proposal.runs.at(-1)
