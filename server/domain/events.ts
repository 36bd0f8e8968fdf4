// What the rules say has happened. Services add who, when and where; the log adds position and hash (DOMAIN section 12).
import type { Value } from './values.ts'

export const eventTypes = [
  'CustomerCreated',
  'CustomerUpdated',
  'ChangeProposed',
  'ChangeReplaced',
  'ChangeDiscarded',
  'ProposalDiscarded',
  'ProposalSubmitted',
  'ProposalResubmitted',
  'WorkflowSelected',
  'ElementStarted',
  'ElementSkipped',
  'ElementKept',
  'ElementCompleted',
  'ConditionEvaluated',
  'AutomaticAction',
  'WorkItemAssigned',
  'WorkItemClaimed',
  'WorkItemReleased',
  'WorkItemMoved',
  'WorkItemDelegated',
  'WorkItemReassigned',
  'WorkItemWithdrawn',
  'WorkItemDueChanged',
  'WorkItemOverdue',
  'WorkItemEscalated',
  'DecisionRecorded',
  'ChangeRefused',
  'ChangesRequested',
  'ProposalRejected',
  'ProposalRecalled',
  'RunCancelled',
  'EffectiveTimeChanged',
  'ProposalScheduled',
  'ProposalConflicted',
  'ProposalRebased',
  'ProposalFaulted',
  'ProposalResumed',
  'ProposalApplied',
  'CommentAdded',
  'ImportStarted',
  'ImportFinished',
  'ImportCancelled',
  'ParametersChanged',
  'FieldApprovalChanged',
  'ReferenceValuesChanged',
  'GroupSaved',
  'QueueSaved',
  'CalendarSaved',
  'WorkflowSaved',
  'WorkflowActivated',
  'WorkflowDeactivated',
  'WorkflowDeleted',
  'MembershipChanged',
  'UserDeactivated',
  'AbsenceSet',
  'AbsenceBegan',
  'AbsenceEnded',
  'KeyChanged',
  'WebhookChanged',
] as const
export type EventType = (typeof eventTypes)[number]

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** A customer's value inside an event: kept beside the log with a salt, committed to by the hash, masked by its field. */
export type EventValue = {
  /** Unique within the event, e.g. `base`, `proposed`, `values.creditLimit`. */
  readonly key: string
  /** Full catalogue name of the field (or record) that the value belongs to: decides who may see it. */
  readonly field: string
  /** The child record, where it is one's. */
  readonly recordId?: string | null
  readonly value: Value
}

export type DomainEvent = {
  readonly type: EventType
  readonly customerId?: string
  readonly proposalId?: string
  readonly workItemId?: string
  readonly onBehalfOfId?: string
  /** Null: the system itself; absent: whoever gave the command. */
  readonly actorId?: string | null
  /** References, names and numbers; never a customer's value. */
  readonly data: Readonly<Record<string, Json>>
  readonly values?: readonly EventValue[]
}
