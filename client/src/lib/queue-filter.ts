// Which lines of the queue are shown. The choice stands in the address; how many each further choice would leave is counted
// in the same single pass that picks the lines, so that a queue of thousands stays quick.
import type { Batch, QueueItem, RemovedItem } from './documents/queue.ts'

/** A work item with what the list has to know of it at once. */
export type Entry = {
  readonly id: string
  readonly item: QueueItem
  readonly gone: RemovedItem | null
  /** The person or queue that has what is gone, once that is known. */
  readonly goneTo: string | null
  /** When it came live, by `performance.now()`; -Infinity: it was there before. */
  readonly arrived: number
  /** Orders the list as the API does: what falls due first, what has no limit last. */
  readonly rank: string
  /** What a search looks through, in lower case. */
  readonly text: string
}
/** What waits out of one import, as one line. `id` is the import's. */
export type BatchEntry = { readonly id: string; readonly batch: Batch; readonly text: string }
export type Row = Entry | BatchEntry

export const isBatch = (row: Row): row is BatchEntry => 'batch' in row
export const isItem = (row: Row): row is Entry => !isBatch(row)

export const entryOf = (item: QueueItem, arrived: number): Entry => {
  const { account, name } = item.proposal.customer
  const by = item.proposal.submittedBy?.name ?? ''
  return {
    ...{ id: item.id, item, gone: null, goneTo: null, arrived },
    rank: `${item.dueAt ?? '9'} ${item.createdAt} ${item.id}`,
    text: `${account} ${name} ${item.subject} ${item.step} ${by}`.toLocaleLowerCase(),
  }
}

export const batchEntryOf = (batch: Batch): BatchEntry => ({
  ...{ id: batch.import.id, batch },
  text: `${batch.import.name ?? ''} ${batch.import.createdBy.name}`.toLocaleLowerCase(),
})

/** What one can choose by, each by one of its values. */
export const groups = ['due', 'kind', 'scope', 'company'] as const
export type Group = (typeof groups)[number]
export type Filter = {
  readonly search: string
  readonly chosen: Partial<Record<Group, string>>
  /** Items of imports, one by one, instead of everything else. */
  readonly imports: boolean
}
/** By group: how many lines each of its values would leave, given what is chosen in the others. */
export type Counts = Record<Group, ReadonlyMap<string, number>>

const known: Partial<Record<Group, readonly string[]>> = {
  due: ['late', 'today'],
  kind: ['APPROVAL', 'TASK', 'DECISION', 'RETURN'],
  scope: ['mine', 'standing-in', 'queues'],
}

/** What the address says; what it cannot mean is left out. */
export const filterOf = (address: URLSearchParams): Filter => ({
  search: address.get('search') ?? '',
  imports: address.get('imports') === 'yes',
  chosen: Object.fromEntries(
    groups.flatMap((group) => {
      const value = address.get(group)
      return value !== null && (known[group]?.includes(value) ?? true) ? [[group, value]] : []
    }),
  ),
})

export const isFiltered = ({ search, imports, chosen }: Filter): boolean =>
  search !== '' || imports || Object.keys(chosen).length > 0

/** The address without any of it. */
export const unfiltered: Readonly<Record<string, null>> = {
  ...{ search: null, imports: null, due: null, kind: null, scope: null, company: null },
}

export type Onlooker = {
  /** Node id of the person whose queue it is. */
  readonly viewer: string | undefined
  /** The end of their day, as RFC 3339 in UTC. */
  readonly midnight: string
}

/** When the day of this moment ends where the browser is. */
export const midnightAfter = (now: number): string => {
  const at = new Date(now)
  return new Date(at.getFullYear(), at.getMonth(), at.getDate() + 1).toISOString()
}

const valueOf = ({ item }: Entry, group: Group, { viewer, midnight }: Onlooker): string | null => {
  switch (group) {
    case 'due':
      if (item.overdue) return 'late'
      return item.dueAt !== null && item.dueAt < midnight ? 'today' : null
    case 'kind':
      return item.kind
    case 'scope':
      if (item.assignee === null) return 'queues'
      return item.assignee.id === viewer ? 'mine' : 'standing-in'
    case 'company':
      return item.proposal.customer.company.code
    default:
      return group satisfies never
  }
}

/** A batch is many items: it answers to what is true of some of them, and to nothing that only one can be. */
const holdsForBatch = ({ batch }: BatchEntry, group: Group, value: string): boolean => {
  if (group === 'due') return value === 'late' && batch.overdue > 0
  if (group === 'kind') return value === 'APPROVAL' && batch.items > 0
  return group === 'company' && batch.import.company.code === value
}

/** The lines that are shown: batches first, then the items in their order; and the counts of the items that wait. */
export const sift = (
  entries: readonly Entry[],
  batches: readonly BatchEntry[],
  { search, chosen, imports }: Filter,
  onlooker: Onlooker,
): { rows: Row[]; counts: Counts } => {
  const wanted = search.trim().toLocaleLowerCase()
  const counts: Record<Group, Map<string, number>> = {
    due: new Map(),
    kind: new Map(),
    scope: new Map(),
    company: new Map(),
  }
  const add = (group: Group, value: string | null) => {
    if (value === null) return
    counts[group].set(value, (counts[group].get(value) ?? 0) + 1)
  }
  const rows: Row[] = batches.filter(
    (row) =>
      row.text.includes(wanted) &&
      Object.entries(chosen).every(([group, value]) => holdsForBatch(row, group as Group, value)),
  )
  for (const entry of entries) {
    if ((entry.item.import !== null) !== imports || !entry.text.includes(wanted)) continue
    const failed = groups.filter((group) => {
      const value = chosen[group]
      return value !== undefined && value !== valueOf(entry, group, onlooker)
    })
    if (failed.length === 0) rows.push(entry)
    if (entry.gone !== null || failed.length > 1) continue
    for (const group of failed.length === 0 ? groups : failed) add(group, valueOf(entry, group, onlooker))
  }
  return { rows, counts }
}
