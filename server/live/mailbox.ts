// What waits for one subscriber: bounded, so that a reader that has stopped reading costs a fixed amount of memory.
import type { SealedEvent } from '../domain/log.ts'

export type Taken =
  | { readonly kind: 'events'; readonly events: readonly SealedEvent[] }
  /** More came than there was room for; the queue was emptied. */
  | { readonly kind: 'overflow' }
  /** Nothing came for a while. */
  | { readonly kind: 'quiet'; readonly position: number }
  | { readonly kind: 'closed' }

export type Mailbox = {
  /** `hold`: more is on its way, which is to be taken together with this; until `release`, or until half of the room is full. */
  push(event: SealedEvent, hold?: boolean): void
  /** Whoever waits for events gets them now. */
  release(): void
  /** Ends a wait with `quiet` when there is nothing to take up to `position`. */
  beat(position: number): void
  /** Up to `most` events as soon as there are any. One taker at a time. */
  take(most: number): Promise<Taken>
  /** Is there nothing to take, neither an overflow nor the end? */
  isEmpty(): boolean
  /** Forgets what waits, an overflow too. */
  clear(): void
  overflowed(): boolean
  close(): void
}

export type MailboxOptions = {
  /** Events that wait before the queue is emptied and its reader has to start again. */
  readonly limit: number
  /** Of two events with the same key the later stands for both; null: for itself alone. */
  readonly key?: (event: SealedEvent) => string | null
  readonly onClose: () => void
}

export const createMailbox = (options: MailboxOptions): Mailbox => new Queue(options)

/** A class, as there are ten thousands of them. */
export class Queue implements Mailbox {
  readonly #limit: number
  readonly #key: (event: SealedEvent) => string | null
  readonly #onClose: () => void
  /** In the order of the feed; made when the first comes, as most readers wait for something. */
  #queue: Map<string | number, SealedEvent> | undefined
  #overflowed = false
  #held = false
  #closed = false
  #waiting: { readonly most: number; readonly resolve: (taken: Taken) => void } | undefined

  constructor({ limit, key = forItself, onClose }: MailboxOptions) {
    this.#limit = limit
    this.#key = key
    this.#onClose = onClose
  }

  push(event: SealedEvent, hold = false): void {
    if (this.#closed || this.#overflowed) return
    const queue = (this.#queue ??= new Map())
    const name = this.#key(event) ?? event.seal.feed
    queue.delete(name)
    queue.set(name, event)
    this.#held = hold && queue.size * 2 < this.#limit
    if (queue.size > this.#limit) {
      this.#queue = undefined
      this.#overflowed = true
    } else if (hold && !this.#held && this.#waiting) this.#settle(this.#ready(this.#waiting.most))
  }

  release(): void {
    this.#held = false
    if (this.#waiting) this.#settle(this.#ready(this.#waiting.most))
  }

  beat(position: number): void {
    if (this.#waiting && this.#queue === undefined && !this.#overflowed) this.#settle({ kind: 'quiet', position })
  }

  take(most: number): Promise<Taken> {
    const taken = this.#ready(most)
    if (taken) return Promise.resolve(taken)
    return new Promise((resolve) => {
      this.#waiting = { most, resolve }
    })
  }

  isEmpty(): boolean {
    return this.#queue === undefined && !this.#overflowed && !this.#closed
  }

  clear(): void {
    this.#queue = undefined
    this.#overflowed = false
  }

  overflowed(): boolean {
    return this.#overflowed
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#queue = undefined
    this.#settle({ kind: 'closed' })
    this.#onClose()
  }

  #first(queue: Map<string | number, SealedEvent>, most: number): readonly SealedEvent[] {
    if (queue.size <= most) {
      this.#queue = undefined
      return [...queue.values()]
    }
    const some: SealedEvent[] = []
    for (const [name, event] of queue) {
      if (some.length === most) break
      some.push(event)
      queue.delete(name)
    }
    return some
  }

  #ready(most: number): Taken | undefined {
    if (this.#closed) return { kind: 'closed' }
    if (this.#overflowed) {
      this.#overflowed = false
      return { kind: 'overflow' }
    }
    return this.#queue === undefined || this.#held
      ? undefined
      : { kind: 'events', events: this.#first(this.#queue, most) }
  }

  #settle(taken: Taken | undefined): void {
    if (!taken || !this.#waiting) return
    const { resolve } = this.#waiting
    this.#waiting = undefined
    resolve(taken)
  }
}

const forItself = (): null => null
