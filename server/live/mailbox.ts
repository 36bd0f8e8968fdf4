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

export const createMailbox = ({ limit, key = () => null, onClose }: MailboxOptions): Mailbox => {
  /** In the order of the feed. */
  const queue = new Map<string | number, SealedEvent>()
  let overflowed = false
  let held = false
  let closed = false
  let waiting: { most: number; resolve: (taken: Taken) => void } | undefined

  const first = (most: number): readonly SealedEvent[] => {
    if (queue.size <= most) {
      const all = [...queue.values()]
      queue.clear()
      return all
    }
    const some: SealedEvent[] = []
    for (const [name, event] of queue) {
      if (some.length === most) break
      some.push(event)
      queue.delete(name)
    }
    return some
  }

  const ready = (most: number): Taken | undefined => {
    if (closed) return { kind: 'closed' }
    if (overflowed) {
      overflowed = false
      return { kind: 'overflow' }
    }
    return queue.size > 0 && !held ? { kind: 'events', events: first(most) } : undefined
  }

  const settle = (taken: Taken | undefined): void => {
    if (!taken || !waiting) return
    const { resolve } = waiting
    waiting = undefined
    resolve(taken)
  }

  return {
    push(event, hold = false) {
      if (closed || overflowed) return
      const name = key(event) ?? event.seal.feed
      queue.delete(name)
      queue.set(name, event)
      held = hold && queue.size * 2 < limit
      if (queue.size > limit) {
        queue.clear()
        overflowed = true
      } else if (hold && !held && waiting) settle(ready(waiting.most))
    },
    release() {
      held = false
      if (waiting) settle(ready(waiting.most))
    },
    beat(position) {
      if (waiting && queue.size === 0 && !overflowed) settle({ kind: 'quiet', position })
    },
    take(most) {
      const taken = ready(most)
      if (taken) return Promise.resolve(taken)
      return new Promise((resolve) => {
        waiting = { most, resolve }
      })
    },
    isEmpty: () => queue.size === 0 && !overflowed && !closed,
    clear() {
      queue.clear()
      overflowed = false
    },
    overflowed: () => overflowed,
    close() {
      if (closed) return
      closed = true
      queue.clear()
      settle({ kind: 'closed' })
      onClose()
    },
  }
}
