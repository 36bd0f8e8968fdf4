// What the log's events say. The first are what a workflow does by itself between people's acts.
export const workflowEvents = {
  WORKFLOW_SELECTED: 'Workflow chosen:',
  ELEMENT_STARTED: 'Started:',
  ELEMENT_SKIPPED: 'Skipped:',
  ELEMENT_KEPT: 'Kept from before:',
  ELEMENT_COMPLETED: 'Completed:',
  CONDITION_EVALUATED: 'Condition evaluated',
  AUTOMATIC_ACTION: 'Answered automatically:',
  WORK_ITEM_ASSIGNED: 'Asked at',
  WORK_ITEM_WITHDRAWN: 'No longer asked at',
  WORK_ITEM_DUE_CHANGED: 'Its time was changed at',
  WORK_ITEM_OVERDUE: 'Overdue at',
  WORK_ITEM_ESCALATED: 'Passed on, because its time ran out, at',
} as Record<string, string>

export const events = {
  CUSTOMER_CREATED: 'created the customer',
  CUSTOMER_UPDATED: 'changed the customer',
  CHANGE_PROPOSED: 'proposed a change',
  CHANGE_REPLACED: 'replaced a proposed change',
  CHANGE_DISCARDED: 'discarded a change',
  PROPOSAL_DISCARDED: 'discarded the proposal',
  PROPOSAL_SUBMITTED: 'submitted the changes for approval',
  PROPOSAL_RESUBMITTED: 'submitted the changes again',
  DECISION_RECORDED: 'decided',
  CHANGES_REQUESTED: 'requested a change',
  PROPOSAL_REJECTED: 'rejected the changes',
  PROPOSAL_RECALLED: 'recalled the changes',
  PROPOSAL_CONFLICTED: 'found that the customer had changed',
  PROPOSAL_REBASED: 'rebased the changes',
  PROPOSAL_FAULTED: 'stopped by an error',
  PROPOSAL_APPLIED: 'applied the changes',
  COMMENT_ADDED: 'commented',
  WORK_ITEM_CLAIMED: 'took from the queue the item of',
  WORK_ITEM_RELEASED: 'gave back to the queue the item of',
  WORK_ITEM_MOVED: 'moved to another queue the item of',
  WORK_ITEM_DELEGATED: 'delegated the item of',
  WORK_ITEM_REASSIGNED: 'reassigned the item of',
  CHANGE_REFUSED: 'left a change out',
  RUN_CANCELLED: 'cancelled the run',
  PROPOSAL_SCHEDULED: 'scheduled the changes',
  PROPOSAL_RESUMED: 'resumed the run',
  EFFECTIVE_TIME_CHANGED: 'changed when the changes apply',
} as Record<string, string>

/** Of several at once. */
export const manyDeeds = {
  CHANGE_PROPOSED: (n) => `proposed ${n} changes`,
  CHANGE_REPLACED: (n) => `replaced ${n} proposed changes`,
  CHANGE_DISCARDED: (n) => `discarded ${n} changes`,
} as Partial<Record<string, (n: number) => string>>
