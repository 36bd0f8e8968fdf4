// What is said of imports and of their batches.
import { formatCount } from '../format.ts'

const counted = (n: number, one: string, many = `${one}s`) => `${formatCount(n)} ${n === 1 ? one : many}`
const list = (parts: readonly string[]) =>
  parts.length < 2 ? (parts[0] ?? '') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`

type Counts = readonly { outcome: string; count: number }[]
type Said = Partial<Record<string, (n: number) => string>>
const sentence = (counts: Counts, said: Said) =>
  list(counts.flatMap(({ outcome, count }) => said[outcome]?.(count) ?? []))

const will: Said = {
  CREATED: (n) => `${counted(n, 'customer')} created`,
  UPDATED: (n) => `${counted(n, 'customer')} updated`,
  PROPOSED: (n) => `changes proposed for ${counted(n, 'customer')}`,
}
const left: Said = {
  UNCHANGED: (n) => `${counted(n, 'row')} ${n === 1 ? 'changes' : 'change'} nothing`,
  REFUSED: (n) => `${counted(n, 'row')} ${n === 1 ? 'is' : 'are'} refused`,
  INVALID: (n) => `${counted(n, 'row')} cannot be used`,
}
const was: Said = {
  UNCHANGED: (n) => `${counted(n, 'row')} changed nothing`,
  REFUSED: (n) => `${counted(n, 'row')} ${n === 1 ? 'was' : 'were'} refused`,
  INVALID: (n) => `${counted(n, 'row')} could not be used`,
}

const capital = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1)
const joined = (parts: readonly string[]) =>
  parts
    .filter((part) => part !== '')
    .map((part) => `${capital(part)}.`)
    .join(' ')

export const importWords = {
  none: 'No imports yet. The first file that is sent appears here.',
  noneReading: 'No imports yet. They appear here as soon as somebody sends a file, or a program does over the API.',
  missing: 'This import is not there, or not yours to see.',
  list: 'Imports',
  mayNot: (company: string) =>
    `You can look at the imports of ${company}. Sending a file takes the role Clerk: an administrator gives it.`,
  unnamed: 'Without a name',
  columns: {
    file: 'File',
    status: 'Status',
    by: 'Sent by',
    when: 'When',
    rows: 'Rows',
    outcomes: 'What becomes of them',
  },
  more: 'Older imports',
  newest: 'Newest imports',
  rows: (n: number) => counted(n, 'row'),
  progress: (done: number, all: number) => `${formatCount(done)} of ${counted(all, 'row')}`,

  status: {
    PLANNING: 'Being planned',
    PLANNED: 'Ready to commit',
    RUNNING: 'Being carried out',
    DONE: 'Done',
    FAILED: 'Failed',
    CANCELLED: 'Cancelled',
  },
  outcome: {
    CREATED: 'Created',
    UPDATED: 'Updated',
    PROPOSED: 'Proposed',
    UNCHANGED: 'Unchanged',
    REFUSED: 'Refused',
    INVALID: 'Invalid',
  },

  send: {
    title: 'Import a file',
    choose: 'Choose a file',
    drop: 'or drop it here',
    kinds: 'CSV or JSON lines, also packed as .gz. Nothing is written before you have looked at the plan.',
    other: 'Another file',
    verb: 'Upload and plan',
    again: 'Send again',
    sending: (name: string) => `Sending ${name}`,
    sent: (done: string, all: string) => `${done} of ${all}`,
    reading: 'Sent. The server reads the last of it…',
    cancel: 'Cancel upload',
    arrived: (name: string) => `${name} has arrived and is being planned.`,
    look: 'Look at the plan',
    cancelled: 'The upload was cancelled; nothing of it was kept.',
    brokenOff:
      'The connection was lost while the file was being sent, and nothing of it was kept. Send it again; if it ends so again, the list below says why.',
    unreadable: 'The file cannot be read: it was moved or changed, or its encoding is not known. Choose it again.',
    manyDropped: 'One file at a time: choose which one.',
    empty: 'The file is empty.',
    noText: 'This is a workbook or an archive, not a table of text. Save it as CSV (UTF-8) and choose that.',
    busy: 'Wait until this file is sent, or cancel it.',
  },
  map: {
    title: 'Columns',
    help: 'What each column of the file is. The server knows columns by name, by label and by their name in Dynamics 365.',
    ofLines:
      'The lines are as the API takes them, or their first rows could not be read: the server knows their fields by name.',
    column: 'Column in the file',
    samples: 'First values',
    field: 'Field',
    fieldOf: (column: string) => `Field of the column ${column}`,
    unread: 'Do not import',
    accountNote: 'by which customers are found',
    choose: 'Choose a field',
    none: 'No field is called that.',
    added: 'Added by the download of refused rows; it is left out.',
    ambiguous: (labels: readonly string[]) => `Can be ${labels.join(' or ')}: choose which.`,
    unknownOne: 'Not known: choose a field, or do not import it.',
    faults: {
      UNNAMED: 'Without a name in the header: name it in the file, or take it out there.',
      NAMESAKE: 'Another column has this name, too: give each its own in the file.',
      DOUBLED: 'Another column is the same: keep one.',
    },
    unknown: (n: number) =>
      n === 1
        ? 'Say what 1 column is, or that it is not imported.'
        : `Say what ${n} columns are, or that they are not imported.`,
    leaveOut: (n: number) => (n === 1 ? 'Do not import it' : `Do not import these ${formatCount(n)}`),
    unnamedSome: 'A column has no name in the header: name it in the file, or take it out there.',
    namesakes: 'Two columns have the same name: give each its own in the file.',
    tooMany: (n: number, most: number) =>
      `The file has ${formatCount(n)} columns; ${formatCount(most)} are the most. Leave out those that are not imported.`,
    noHeader: 'No column is found in the first lines of the file: its first line has to name them.',
    doubledSome: 'Two columns are the same field: keep one of them.',
    noAccount: 'Say which column is the account, by which customers are found.',
    remembered: 'As you chose for the last file with these columns.',
    forget: 'Start over',
    nobody: 'no value in the first rows',
  },
  options: {
    title: 'How it is read',
    delimiter: 'Delimiter',
    delimiters: { ',': 'Comma', ';': 'Semicolon', '\t': 'Tab', '|': 'Vertical bar' },
    encoding: 'Encoding',
    found: (what: string) => `${what} (found out)`,
    findOut: 'Find out',
    nulls: 'Texts that mean nothing',
    nullsHint: 'such as NULL, n/a',
    nothing: (text: string) => `“${text}” stands in the first rows.`,
    takeForNothing: (text: string) => `Take ${text} for nothing`,
    empty: 'Empty cells',
    empties: { LEAVE: 'Leave the field as it is', CLEAR: 'Clear the field' },
  },
  behavior: {
    CREATE_CHANGE_PROPOSALS:
      'Fields that require approval become proposed changes in your name; all others are written.',
    REJECT_CHANGES: 'A row that changes a field that requires approval is refused; all others are written.',
    ALLOW_WITHOUT_APPROVAL:
      'Every field is written at once, also those that require approval: the company allows it to imports.',
  },

  heading: {
    PLANNING: 'Planning what would become of each row',
    PLANNED: 'Nothing is written yet. This is what a commit does:',
    RUNNING: 'Carrying out the plan',
    DONE: 'This is what the import did:',
    FAILED: 'The import could not go on.',
    CANCELLED: 'The import was cancelled.',
  },
  planning: 'Nothing is written while it is planned.',
  stayed: 'What was written by then stays:',
  nothingWritten: 'Nothing was written.',
  nothingToDo: 'Nothing would be written: no row changes anything.',
  /** What a commit does, as sentences. */
  willDo: (counts: Counts) => joined([sentence(counts, will), sentence(counts, left)]),
  did: (counts: Counts) => joined([sentence(counts, will), sentence(counts, was)]),
  commit: (n: number) => `Commit ${counted(n, 'row')}`,
  commitTitle: (name: string) => `Commit ${name}?`,
  /** What goes without saying of the counts. */
  commitNote: (behavior: string, counts: Counts) => {
    const some = (...wanted: string[]) => counts.some(({ outcome, count }) => count > 0 && wanted.includes(outcome))
    const written =
      behavior === 'ALLOW_WITHOUT_APPROVAL'
        ? 'What is written is in force at once, without approval.'
        : 'What is written is in force at once.'
    return [
      ...(some('CREATED', 'UPDATED') ? [written] : []),
      ...(some('PROPOSED')
        ? ['Changes are proposed in your name, and submitted where the company submits by itself.']
        : []),
      ...(some('CREATED', 'UPDATED', 'PROPOSED')
        ? []
        : ['What is proposed already but could not be submitted is submitted again.']),
    ].join(' ')
  },
  commitVerb: 'Commit',
  onlySender: (name: string, behavior: string) =>
    `${name} has sent the file and commits it${behavior === 'CREATE_CHANGE_PROPOSALS' ? ': its changes are proposed in their name' : ''}.`,
  cancelVerb: 'Cancel import',
  cancelTitle: (name: string) => `Cancel ${name}?`,
  cancelPlan: 'The plan is given up and nothing is written. The file can be sent again.',
  cancelRun: 'It ends between two parts. What was written and proposed by then stays, and its rows show it.',
  changedTitle: 'The plan has changed since you looked at it.',
  changedBefore: (counts: string) => `Before: ${counts}`,
  changedNow: 'This is the new plan. Look at it, then commit that.',
  changedPlanning: 'It is being planned anew.',
  unattended: 'Carried out without anybody looking at the plan, as its sender asked.',
  sentBy: 'Sent by',
  ended: 'ended',
  refusedRows: 'Download refused rows',
  refusedHelp: 'As a CSV, each with the reason. Correct them and send the file again as it is.',
  batch: (n: number) => `${counted(n, 'approval')} of it ${n === 1 ? 'waits' : 'wait'} for you`,
  batchOthers: (n: number) => `${counted(n, 'item')} of it ${n === 1 ? 'waits' : 'wait'} for you`,
  batchLink: 'Review the batch',

  table: {
    caption: 'Rows of the file',
    filter: 'Rows by outcome',
    all: 'All',
    row: 'Row',
    account: 'Account',
    outcome: 'Outcome',
    what: { plan: 'What it would do', done: 'What it did' },
    written: 'Written',
    proposed: 'Proposed',
    would: { written: 'Writes', proposed: 'Proposes' },
    allValues: (n: number) => `Show all ${formatCount(n)} values`,
    proposal: 'Proposal',
    inTheWay: 'The open proposal',
    none: 'No rows came to this.',
    noneYet: { plan: 'Rows appear here as they are planned.', done: 'Rows appear here as they are carried out.' },
    gone: 'Rows are kept for 30 days after the end of an import.',
    first: 'First rows',
    next: 'Next rows',
    pages: 'Pages of rows',
    noAccount: 'no account',
  },

  review: {
    title: 'Batch review',
    heading: (name: string) => `Batch: ${name}`,
    missing: 'This import is not there, or not yours to see.',
    nothing: 'Nothing of this import waits for you.',
    nothingHelp: 'What was asked of you has been decided, or is asked of somebody else.',
    from: (name: string) => `from the import by ${name}`,
    import: 'The import',
    others: (n: number) =>
      `${counted(n, 'more item')} of it ${n === 1 ? 'is' : 'are'} answered one by one: tasks, choices, what nobody has claimed yet, and what you may not decide on.`,
    overdue: (n: number) => `${formatCount(n)} overdue`,
    since: 'waiting since',
    kinds: 'What it changes',
    changes: (n: number) => counted(n, 'change'),
    andMore: (n: number) => `and ${formatCount(n)} more`,
    items: 'One by one',
    itemsCaption: 'Items of this batch',
    single: 'answered by itself',
    fresh: 'new',
    open: 'Open',
    approve: (n: number) => `Approve all ${formatCount(n)}`,
    reject: (n: number) => `Reject all ${formatCount(n)}`,
    approveTitle: (n: number) => `Approve ${counted(n, 'item')}?`,
    rejectTitle: (n: number) => `Reject ${counted(n, 'item')}?`,
    what: 'Each is decided by its own rules and recorded by itself in your name. If any of them has moved since you looked, nothing is decided.',
    inBackground: 'More than 500 are decided in the background; you can leave this page meanwhile.',
    comment: 'Comment (optional)',
    reason: 'Reason, for who submitted them',
    changed: 'The batch has changed since you opened it.',
    nowItems: (now: number, before: number) =>
      now === before
        ? `Still ${counted(now, 'approval')}, but not the same.`
        : `Now ${counted(now, 'approval')}, before ${formatCount(before)}.`,
    nowField: (label: string, by: number) => `${label} ${by > 0 ? '+' : '−'}${formatCount(Math.abs(by))}`,
    newMarked: (n: number) => `${counted(n, 'item')} on this page ${n === 1 ? 'is' : 'are'} new to you and marked.`,
    show: 'Show it',
    gone: 'All of it has been decided, or is asked of somebody else.',
    outcome: 'What came of the decision',
    deciding: { APPROVED: 'Approving', REJECTED: 'Rejecting' } as Partial<Record<string, string>>,
    progress: (done: number, all: number) => `${formatCount(done)} of ${counted(all, 'item')}`,
    decided: {
      APPROVED: (n: number) => `${counted(n, 'item')} approved.`,
      REJECTED: (n: number) => `${counted(n, 'item')} rejected.`,
    } as Partial<Record<string, (n: number) => string>>,
    failed: (n: number) => `${counted(n, 'item')} ${n === 1 ? 'was' : 'were'} not decided:`,
    failedMore: (n: number) => `and ${formatCount(n)} more, for the same or other reasons.`,
    toQueue: 'Back to the queue',
    background: 'It goes on in the background, also when you leave this page.',
  },
}
