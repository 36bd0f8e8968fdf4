// What a work item says to a person: for whom one sits, and how it left.
import type { QueueItem, RemovedItem } from './documents/queue.ts'
import { messages } from './messages.ts'

/** Of an item in somebody's own queue: in whose place they sit; null: it is theirs, or it lies in a queue. */
export const absentee = (item: Pick<QueueItem, 'assignee' | 'kind'>, viewer: string | undefined): string | null =>
  item.assignee === null || item.assignee.id === viewer ? null : item.assignee.name

/** How an item left the queue, as a sentence; `to`: who or which queue has it now. */
export const departure = ({ reason, outcome, by }: RemovedItem, to: string | null): string => {
  const whither = to === null ? undefined : messages.item.goneTo[reason]
  if (whither && to !== null) return whither(to)
  const said = outcome ? messages.outcome[outcome] : messages.item.gone[reason]
  return by ? messages.queue.by(said, by.name) : said
}
