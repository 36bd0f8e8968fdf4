// The events of the log under their names in the API.
import { builder } from './builder.ts'
import type { EventType } from '../domain/events.ts'

type Screaming<S extends string> = S extends `${infer Head}${infer Tail}`
  ? Tail extends ''
    ? Uppercase<Head>
    : Tail extends Uncapitalize<Tail>
      ? `${Uppercase<Head>}${Screaming<Tail>}`
      : `${Uppercase<Head>}_${Screaming<Tail>}`
  : ''

const descriptions: Record<EventType, string> = {
  CustomerCreated: 'A customer was made.',
  CustomerUpdated: 'Values of a customer or its child records were written.',
  ChangeProposed: 'A change was proposed.',
  ChangeReplaced: 'A proposed value was replaced by another.',
  ChangeDiscarded: 'A proposed change was withdrawn.',
  ProposalDiscarded: 'A proposal was closed without effect.',
  ProposalSubmitted: 'A proposal was submitted for the first time.',
  ProposalResubmitted: 'A proposal was submitted again.',
  WorkflowSelected: 'The workflow and its version were chosen for a submit.',
  ElementStarted: 'An element of the workflow began.',
  ElementSkipped: 'An element or step was passed over: nothing to guard, or its condition did not hold.',
  ElementKept: 'What an earlier run had answered still held and was not asked again.',
  ElementCompleted: 'An element of the workflow was finished.',
  ConditionEvaluated: 'A condition was computed.',
  AutomaticAction:
    'The workflow itself approved or rejected certain fields or checked something, or a system that it asks answered.',
  WorkItemAssigned: 'Somebody was asked.',
  WorkItemClaimed: 'Somebody took an item out of its queue.',
  WorkItemReleased: 'An item was given back to its queue.',
  WorkItemMoved: 'An item was moved to another queue.',
  WorkItemDelegated: 'Somebody who was asked handed the item to somebody else.',
  WorkItemReassigned: 'An administrator gave an item to somebody else.',
  WorkItemWithdrawn: 'Somebody who was asked need not answer any more.',
  WorkItemDueChanged: 'The time of an item stands still while its run is stopped by an error, or goes on again.',
  WorkItemOverdue: 'Time ran out for an item.',
  WorkItemEscalated: 'Time ran out for those who were asked, and the next ones are asked instead.',
  DecisionRecorded: 'Somebody answered.',
  ChangeRefused: 'An approver took a change out and let the rest go on.',
  ChangesRequested: 'A proposal was sent back with a request for changes.',
  ProposalRejected: 'A proposal was rejected.',
  ProposalRecalled: 'A proposal was taken back before all had answered.',
  RunCancelled: 'An administrator ended the run of a workflow; nothing of it is kept.',
  EffectiveTimeChanged: 'The time before which a proposal is not applied was changed.',
  ProposalScheduled: 'All have approved; the changes are written at their time.',
  ProposalConflicted: 'Approved changes could not be written because the record had changed.',
  ProposalRebased: 'Changes were put on the record as it is now.',
  ProposalFaulted: 'A proposal was stopped by an error.',
  ProposalResumed: 'An administrator let a stopped proposal go on.',
  ProposalApplied: 'Approved changes were written to the customer.',
  CommentAdded: 'Somebody commented.',
  ImportStarted: 'An import began.',
  ImportFinished: 'An import ended.',
  ImportCancelled: 'An import was cancelled; what it had written by then stays.',
  ParametersChanged: "A company's approval parameters were changed.",
  FieldApprovalChanged: 'Fields were put under approval or taken out of it.',
  ReferenceValuesChanged: 'Reference values were added, renamed or retired.',
  GroupSaved: 'A group was made or changed.',
  QueueSaved: 'A queue was made or changed.',
  CalendarSaved: 'A calendar was made or changed.',
  WorkflowSaved: 'A version of a workflow was saved.',
  WorkflowActivated: 'A version of a workflow was activated.',
  WorkflowDeactivated: 'A workflow was taken out of use.',
  WorkflowDeleted: 'A workflow was deleted.',
  MembershipChanged: 'Somebody became a member, or their roles, manager or state changed.',
  UserDeactivated: 'Somebody was deactivated.',
  AbsenceSet: 'Somebody will be away, or their absence was ended: who stands in for them, and when.',
  AbsenceBegan: 'An absence has begun.',
  AbsenceEnded: 'An absence is over.',
  KeyChanged: 'A key of a service account was made or revoked.',
  WebhookChanged: 'A webhook was set up, changed or deleted, or told its events again.',
}

export const apiName = <T extends EventType>(type: T): Screaming<T> =>
  type.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase() as Screaming<T>

export const EventTypeRef = builder.enumType('EventType', {
  description: 'What has happened. Later versions may add types.',
  values: Object.fromEntries(
    Object.entries(descriptions).map(([type, description]) => [
      apiName(type as EventType),
      { value: type, description },
    ]),
  ) as { [T in EventType as Screaming<T>]: { value: T; description: string } },
})
