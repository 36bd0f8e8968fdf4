// The viewer's queue as it is: a snapshot in pages, then what enters, changes and leaves. Nothing that is looked at
// moves: what arrives goes to the end and what is gone stays, greyed, until one moves on.
import { SvelteMap, SvelteSet } from 'svelte/reactivity'
import { announcer } from '../announcer.svelte.ts'
import { ask } from '../api.ts'
import { WhereaboutsQuery } from '../documents/hand-over.ts'
import { QueueStream, type QueueItem, type QueueMessage, type RemovedItem } from '../documents/queue.ts'
import { absentee } from '../items.ts'
import { messages } from '../messages.ts'
import { current } from '../viewer.svelte.ts'
import { connection } from './connection.svelte.ts'

export type Entry = {
  item: QueueItem
  gone: RemovedItem | null
  /** The person or queue that has what is gone, once that is known. */
  goneTo: string | null
  arrived: boolean
}

/** The moment as a key in order; what has no limit comes last, as the API orders it. */
const due = ({ item: { dueAt, createdAt } }: Entry) => `${dueAt ?? '9'} ${createdAt}`
const byDue = (a: Entry, b: Entry) => due(a).localeCompare(due(b)) || a.item.id.localeCompare(b.item.id)

export class QueueFeed {
  readonly #entries = new SvelteMap<string, Entry>()
  /** Versions of what has left, so that a late page cannot bring it back. */
  readonly #left = new SvelteMap<string, number>()
  #order = $state.raw<readonly string[]>([])
  #incoming: SvelteSet<string> | null = null
  complete = $state(false)
  total = $state(0)

  entries = $derived(this.#order.flatMap((id) => this.#entries.get(id) ?? []))
  /** What really waits. */
  open = $derived(this.entries.filter(({ gone }) => gone === null).length)

  /** Follows the stream until the answer is called. */
  start(): () => void {
    return connection.follow(QueueStream, {}, (message) => this.#take(message))
  }

  find(id: string): Entry | undefined {
    return this.#entries.get(id)
  }

  /** Somebody goes on to another item: what is gone goes, and what has arrived takes its place in the order. */
  moveOn(to: string | null): void {
    for (const [id, entry] of this.#entries) if (entry.gone !== null && id !== to) this.#entries.delete(id)
    this.#order = [...this.#entries.values()].sort(byDue).map(({ item }) => item.id)
  }

  #take(message: QueueMessage): void {
    switch (message.__typename) {
      case 'QueueSnapshot': {
        this.#incoming ??= new SvelteSet()
        for (const item of message.items) {
          this.#incoming.add(item.id)
          this.#put(item, false)
        }
        this.total = message.totalCount
        if (message.complete) this.#finish(this.#incoming)
        return
      }
      case 'QueueDelta':
        for (const item of message.upserts) this.#put(item, true)
        for (const removed of message.removed) this.#drop(removed)
        this.total = message.totalCount
        return
      case 'Resync':
        this.#incoming = new SvelteSet()
        return
      case 'Heartbeat':
    }
  }

  #put(item: QueueItem, live: boolean): void {
    const known = this.#entries.get(item.id)
    // What the stream brings comes in order: an item that was handed back is here again. A page that was read elsewhere may be older.
    const left = live ? -1 : (this.#left.get(item.id) ?? -1)
    if (item.version < (known?.item.version ?? 0) || item.version <= left) return
    this.#left.delete(item.id)
    this.#entries.set(item.id, { item, gone: null, goneTo: null, arrived: known?.arrived ?? live })
    if (known) return
    this.#order = [...this.#order, item.id]
    if (!live) return
    const { name } = item.proposal.customer
    const absent = absentee(item, current.viewer?.user.id)
    announcer.say(absent === null ? messages.queue.arrived(name) : messages.item.arrivedFor(name, absent))
  }

  #drop(removed: RemovedItem): void {
    const known = this.#entries.get(removed.id)
    if (known && removed.version < known.item.version) return
    this.#left.set(removed.id, removed.version)
    if (!known) return
    this.#entries.set(removed.id, { ...known, gone: removed })
    if (removed.reason in messages.item.goneTo) void this.#whither(removed)
  }

  /** Who or which queue has it now: the stream tells only who did it. */
  async #whither({ id, reason, version }: RemovedItem): Promise<void> {
    const { node } = await ask(WhereaboutsQuery, { id }).catch(() => ({ node: null }))
    const known = this.#entries.get(id)
    if (node?.__typename !== 'WorkItem' || known?.gone?.version !== version) return
    const now = reason === 'MOVED' ? node.queue : (node.standIn ?? node.assignee ?? node.queue)
    this.#entries.set(id, { ...known, goneTo: now?.name ?? null })
  }

  /** The whole snapshot is here: what it does not hold has left while nobody listened. */
  #finish(incoming: ReadonlySet<string>): void {
    for (const [id, entry] of this.#entries) if (!incoming.has(id) && entry.gone === null) this.#entries.delete(id)
    this.#incoming = null
    this.#order = this.complete
      ? this.#order.filter((id) => this.#entries.has(id))
      : [...this.#entries.values()].sort(byDue).map(({ item }) => item.id)
    this.complete = true
  }
}
