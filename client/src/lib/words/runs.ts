// What is said of a proposal's run: its time, its branches, what administrators do to it, and taking it back when applied.
export const runWords = {
  appliesOn: 'Approved, applies on',
  willApply: 'applies on',
  atOnce: 'Applies at once when it is approved.',
  from: 'When it is approved, applies on',
  schedule: 'Schedule',
  reschedule: 'Change the time',
  scheduleTitle: 'When the changes apply',
  effectiveAt: 'Not before',
  notWhen: 'Give a date and a time.',
  scheduleAtOnce: 'At once, when approved',
  scheduleLater: 'On a date',
  setTime: 'Set',
  scheduledOf: 'Waits for its time',
  otherOpen: 'It waits for the other proposal to be closed.',

  recall: 'Recall',
  recallAsk: 'Why do you recall it?',
  cancel: 'Cancel run',
  cancelAsk: 'Why do you cancel the run? Nothing of what was approved is kept.',
  resume: 'Resume',
  resumeAsk: 'What was done about the error?',
  revert: 'Revert',
  revertAsk: 'Why is it to be taken back? (optional)',
  reverts: 'Takes back an applied proposal',
  openItems: 'Open items',

  refused: (name: string) => `Left out by ${name}`,
  refusedChanges: 'Left out by an approver',
  appliedWithout: (n: number) =>
    n === 1
      ? 'What was approved is written; 1 change was left out.'
      : `What was approved is written; ${n} changes were left out.`,
  andRefused: (n: number) => `${n} left out`,

  taken: 'taken',
  notTaken: 'not taken',
  unknown: 'not known yet',
  atTheSameTime: 'at the same time',
  untaken: (names: string) => `Not taken: ${names}`,
  kinds: {
    TASK: 'task',
    DECISION: 'decision',
    CONDITION: 'condition',
    PARALLEL: 'in parallel',
    AUTOMATED: 'check',
    SUBWORKFLOW: 'subworkflow',
  } as Partial<Record<string, string>>,
  onBehalf: (name: string, absent: string) => `${name}, standing in for ${absent}`,
  inQueue: (queue: string) => `queue ${queue}`,
  choice: (choice: string) => `“${choice}”`,
}
