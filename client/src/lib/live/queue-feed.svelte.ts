// The viewer's queue as it is: a snapshot in pages, then what enters, changes and leaves; beside it what waits out of imports.
// What comes and goes is said.
import { tick } from 'svelte'
import { ask } from '../api.ts'
import { WhereaboutsQuery } from '../documents/hand-over.ts'
import { LinesQuery, QueueStream, WaitingBatches, type QueueItem, type QueueMessage } from '../documents/queue.ts'
import { messages } from '../messages.ts'
import { notify } from '../notifications.ts'
import { Query } from '../query.svelte.ts'
import { QueueBook } from '../queue-book.ts'
import { batchEntryOf, type BatchEntry, type Entry } from '../queue-filter.ts'
import { sayArrived, sayBatch, sayGone } from '../queue-news.ts'
import { connection } from './connection.svelte.ts'

/** A busy import moves often; its line need not more than twice a second. */
const batchPause = 500
const mostNodes = 100

/** Made while a component starts. */
export class QueueFeed {
  readonly #book = new QueueBook()
  /** Rises with every message: the book is the same one. */
  #version = $state(0)
  #waiting = $state(0)
  complete = $state(false)
  /** Items of imports come one by one as well. */
  imports = $state(false)
  /** The item in hand: what becomes of it is said at once, and its decision shown in place. */
  inHand = $state<string | null>(null)
  #pause: ReturnType<typeof setTimeout> | undefined

  // Behind what it reads at once.
  readonly #query = new Query(WaitingBatches, () => (this.complete ? {} : undefined))
  readonly batches: readonly BatchEntry[] = $derived((this.#query.data?.approvalBatches ?? []).map(batchEntryOf))
  /** What waits: items, and imports as one each. */
  readonly open = $derived(this.#waiting + this.batches.length)
  /** How many items wait out of imports. */
  readonly imported = $derived(this.batches.reduce((sum, { batch }) => sum + batch.items + batch.others, 0))

  /** The lines in their order; the same list each time, and not to be changed. */
  get entries(): readonly Entry[] {
    void this.#version
    return this.#book.order
  }

  find(id: string): Entry | undefined {
    void this.#version
    return this.#book.find(id)
  }

  /** Follows the stream until the answer is called. */
  start(): () => void {
    this.#book.begin()
    const filter = this.imports ? { filter: { batches: 'SHOW' as const } } : {}
    const stop = connection.follow(QueueStream, filter, (message) => this.#take(message))
    return () => {
      clearTimeout(this.#pause)
      this.#pause = undefined
      stop()
    }
  }

  /** Somebody goes on to another line: what is gone goes, and what has come takes its place in the order. */
  moveOn(to: string | null, done: string | null): void {
    if (this.#book.moveOn(to, done)) this.#moved()
  }

  /** Items were read elsewhere: a line that has not heard of its proposal's newer revision shows it now. */
  learn(items: readonly QueueItem[]): void {
    for (const item of items) {
      const known = this.#book.find(item.id)
      if (known?.gone !== null || item.status !== 'OPEN') continue
      if (item.proposal.revision <= known.item.proposal.revision) continue
      this.#book.put(item, known.arrived)
      this.#moved()
    }
  }

  /** Reads lines again that turned out not to be what is decided on. */
  async readAgain(ids: readonly string[]): Promise<void> {
    for (let from = 0; from < ids.length; from += mostNodes) {
      const { nodes } = await ask(LinesQuery, { ids: ids.slice(from, from + mostNodes) }).catch(() => ({ nodes: [] }))
      this.learn(nodes.flatMap((node) => (node?.__typename === 'WorkItem' ? [node] : [])))
    }
  }

  #moved(): void {
    this.#waiting = this.#book.waiting
    this.#version += 1
  }

  #take(message: QueueMessage): void {
    const started = performance.now()
    switch (message.__typename) {
      case 'QueueSnapshot':
        for (const item of message.items) this.#book.page(item)
        if (message.complete) {
          this.#book.finish()
          if (this.complete) this.#readBatches()
          this.complete = true
        }
        break
      case 'QueueDelta': {
        const arrived = message.upserts.filter((item) => this.#book.put(item, started))
        const gone = message.removed.filter((removed) => this.#book.drop(removed))
        if (message.changedBatches.length > 0) this.#readBatches()
        sayArrived(arrived)
        notify(arrived)
        this.#sayGone(gone.flatMap(({ id }) => this.#book.find(id) ?? []))
        void tick().then(() => measure(started))
        break
      }
      case 'Resync':
        this.#book.forget()
        return
      case 'Heartbeat':
        return
    }
    this.#moved()
  }

  /** What somebody else has now is said when it is known who. */
  #sayGone(gone: readonly Entry[]): void {
    const elsewhere = gone.filter((entry) => entry.gone && entry.gone.reason in messages.item.goneTo)
    const over = gone.filter((entry) => !elsewhere.includes(entry))
    sayGone(over, this.inHand)
    if (elsewhere.length > 0) void this.#whither(elsewhere)
  }

  /** Who or which queue has them now: the stream tells only who did it. */
  async #whither(gone: readonly Entry[]): Promise<void> {
    const ids = gone.slice(0, mostNodes).map(({ id }) => id)
    const { nodes } = await ask(WhereaboutsQuery, { ids }).catch(() => ({ nodes: [] }))
    for (const [index, entry] of gone.entries()) {
      const node = nodes[index]
      if (node?.__typename !== 'WorkItem') continue
      const now = entry.gone?.reason === 'MOVED' ? node.queue : (node.standIn ?? node.assignee ?? node.queue)
      this.#book.locate(entry, now?.name ?? null)
    }
    this.#moved()
    const located = gone.map((entry) => this.#book.find(entry.id) ?? entry)
    sayGone(located, this.inHand)
  }

  #readBatches(): void {
    this.#pause ??= setTimeout(() => {
      this.#pause = undefined
      const known = this.batches.map(({ id }) => id)
      void this.#query.refresh().then(() => {
        for (const { id, batch } of this.batches) if (!known.includes(id)) sayBatch(batch)
      })
    }, batchPause)
  }
}

/** From taking a delta until the page shows it. Only the last one is kept: the page stays open all day. */
const measure = (start: number): void => {
  performance.clearMeasures('queue-delta')
  performance.measure('queue-delta', { start })
}
