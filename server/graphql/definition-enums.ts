// The choices that a workflow definition offers.
import { builder } from './builder.ts'

export const Verdict = builder.enumType('Verdict', {
  description: 'An answer that the system gives.',
  values: { APPROVE: { description: 'For the changes.' }, REJECT: { description: 'Against the changes.' } } as const,
})
export const ApprovalAction = builder.enumType('ApprovalAction', {
  description: 'What whoever is asked may do.',
  values: {
    APPROVE: { description: 'Vote for.' },
    REJECT: { description: 'Vote against.' },
    REQUEST_CHANGE: { description: 'Send back with a request for other values.' },
    DELEGATE: { description: 'Hand the seat to somebody else.' },
  } as const,
})
export const Join = builder.enumType('Join', {
  description: 'How several assignments of a step go together.',
  values: {
    ALL: { description: 'Each must be decided for; the first decided against decides.' },
    ANY: { description: 'The first that is decided decides.' },
  } as const,
})
export const Take = builder.enumType('Take', {
  description: 'Whom of the managers that were climbed to ask.',
  values: { ALL: { description: 'All of them.' }, LAST: { description: 'Only the last.' } } as const,
})
export const WorkflowUser = builder.enumType('WorkflowUser', {
  description: 'Somebody by their part in the workflow.',
  values: {
    SUBMITTER: { description: 'Who submitted.' },
    OWNER: { description: "The workflow's owner." },
    PREVIOUS_APPROVER: { description: 'Who approved last in this run.' },
  } as const,
})
export const TimeUnit = builder.enumType('TimeUnit', {
  description: 'Units of a time limit.',
  values: {
    HOURS: { description: 'Hours.' },
    DAYS: { description: 'Days.' },
    WEEKS: { description: 'Weeks.' },
    MONTHS: { description: 'Months.' },
  } as const,
})
export const TaskVerdict = builder.enumType('TaskVerdict', {
  description: 'How the system ends a task.',
  values: { COMPLETE: { description: 'As done.' }, RETURN: { description: 'Back to the submitter.' } } as const,
})
export const AutomatedCheck = builder.enumType('AutomatedCheck', {
  description: 'Checks that the system can make.',
  values: {
    DUPLICATE_TAX_NUMBER: { description: 'Does another customer have the tax number?' },
    IBAN: { description: 'Is the IBAN well formed?' },
    VAT_NUMBER: { description: 'Is the VAT number well formed?' },
  } as const,
})
