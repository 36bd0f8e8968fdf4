// What is said of the queue as a list: what comes and goes, how it is filtered, and several items at once.
const plural = (n: number, one: string, many = `${one}s`) => `${n} ${n === 1 ? one : many}`

export const queueWords = {
  arrived: (name: string) => `New in your queue: ${name}`,
  arrivedMany: (n: number) => `${n} new items in your queue`,
  batchArrived: (file: string, n: number) => `New in your queue: the import ${file} with ${plural(n, 'item')}`,
  left: (name: string, how: string) => `${name}: ${how}`,
  leftMany: (n: number) => `${n} items have left your queue`,
  ofAll: (n: string, all: string) => `${n} of ${all}`,
  skipList: 'Skip the list',

  filters: 'Filter the queue',
  chips: {
    due: { late: 'Late', today: 'Due today' },
    kind: { APPROVAL: 'Approvals', TASK: 'Tasks', DECISION: 'Decisions', RETURN: 'Returned' },
    scope: { mine: 'Assigned to me', 'standing-in': 'Standing in', queues: 'In queues' },
  } as Record<string, Record<string, string>>,
  imports: 'From imports',
  clear: 'Clear filters',
  noMatch: 'Nothing here matches the filters.',
  noMatchHelp: (n: number) => `${plural(n, 'item waits', 'items wait')} outside of them.`,

  noFileName: 'without a file name',
  batch: 'Import',
  batchItems: (n: string) => `${n} to approve`,
  batchOthers: (n: string) => `${n} to answer one by one`,
  batchLate: (n: string) => `${n} late`,
  batchBy: (name: string) => `imported by ${name}`,
  batchSince: 'oldest asked',
  batchHelp:
    'These items come from one file. Look at what it changes, by field and row by row, and decide on all of them at once or one by one.',
  batchFields: 'What changes',
  batchChanges: (n: string, one: boolean) => `${n} ${one ? 'change' : 'changes'}`,
  batchOpen: 'Review the import',

  select: (name: string) => `Select ${name}`,
  selected: (n: string) => `${n} selected`,
  selectAll: (n: string) => `Select all ${n}`,
  clearSelection: 'Clear selection',
  several: 'Decide on several',
  verbMany: {
    APPROVE: (n: number) => `Approve ${n}`,
    REJECT: (n: number) => `Reject ${n}`,
    REQUEST_CHANGE: (n: number) => `Request change of ${n}`,
    COMPLETE: (n: number) => `Complete ${n}`,
    RETURN: (n: number) => `Return ${n}`,
  },
  askMany: {
    APPROVE: (n: number) => `Approve the changes of ${plural(n, 'item')}`,
    REJECT: (n: number) => `Reject the changes of ${plural(n, 'item')}, all for the same reason`,
    REQUEST_CHANGE: (n: number) => `Request a change of ${plural(n, 'item')}, all with the same words`,
    COMPLETE: (n: number) => `Complete ${plural(n, 'task')}`,
    RETURN: (n: number) => `Return ${plural(n, 'task')}, which rejects their changes`,
  },
  sendingMany: {
    APPROVE: (n: number) => `Approving ${plural(n, 'item')}`,
    REJECT: (n: number) => `Rejecting ${plural(n, 'item')}`,
    REQUEST_CHANGE: (n: number) => `Requesting a change of ${plural(n, 'item')}`,
    COMPLETE: (n: number) => `Completing ${plural(n, 'task')}`,
    RETURN: (n: number) => `Returning ${plural(n, 'task')}`,
  },
  sentMany: {
    APPROVE: (n: number) => `${n} approved`,
    REJECT: (n: number) => `${n} rejected`,
    REQUEST_CHANGE: (n: number) => `${plural(n, 'change')} requested`,
    COMPLETE: (n: number) => `${n} completed`,
    RETURN: (n: number) => `${n} returned`,
  },
  refusedMany: (n: number, why: string) => `${n} refused: ${why}`,
  /** A few are named: their lines may have left the list. */
  times: (sentence: string, names: readonly string[]) =>
    `${sentence} (${names.length > 3 ? `${names.length} times` : names.join(', ')})`,
  offersAsked: 'Asking what can be decided',
  cannot: (n: number, why: string) => `${n} cannot be decided together with others. ${why}`,
  otherKind: 'Open it to answer it.',
  onTheirWay: (n: number) => (n === 1 ? 'The decision is on its way.' : `${n} decisions are on their way.`),

  notifications: 'Notifications of what arrives',
  notify: 'While this tab is hidden',
  notifyDenied:
    'This browser does not allow notifications from here. Allow them in its settings for this site, then switch them on again.',

  claimToSee: 'Claim it to see them.',
}
