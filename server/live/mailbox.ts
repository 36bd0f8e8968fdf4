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
  push(event: SealedEvent): void
  /** Ends a wait with `quiet` when there is nothing to take up to `position`. */
  beat(position: number): void
  /** Up to `most` events as soon as there are any. One taker at a time. */
  take(most: number): Promise<Taken>
  /** Forgets what waits, an overflow too. */
  clear(): void
  overflowed(): boolean
  close(): void
}

export const createMailbox = (limit: number, onClose: () => void): Mailbox => {
  let queue: SealedEvent[] = []
  let overflowed = false
  let closed = false
  let waiting: { most: number; resolve: (taken: Taken) => void } | undefined

  const ready = (most: number): Taken | undefined => {
    if (closed) return { kind: 'closed' }
    if (overflowed) {
      overflowed = false
      return { kind: 'overflow' }
    }
    return queue.length > 0 ? { kind: 'events', events: queue.splice(0, most) } : undefined
  }

  const settle = (taken: Taken | undefined): void => {
    if (!taken || !waiting) return
    const { resolve } = waiting
    waiting = undefined
    resolve(taken)
  }

  return {
    push(event) {
      if (closed || overflowed) return
      queue.push(event)
      if (queue.length > limit) {
        queue = []
        overflowed = true
      }
      // Later in this turn of the loop: a batch of events is handed over whole, not its first event alone.
      if (waiting && queue.length === 1) queueMicrotask(() => settle(waiting && ready(waiting.most)))
    },
    beat(position) {
      if (waiting && queue.length === 0 && !overflowed) settle({ kind: 'quiet', position })
    },
    take(most) {
      const taken = ready(most)
      if (taken) return Promise.resolve(taken)
      return new Promise((resolve) => {
        waiting = { most, resolve }
      })
    },
    clear() {
      queue = []
      overflowed = false
    },
    overflowed: () => overflowed,
    close() {
      if (closed) return
      closed = true
      queue = []
      settle({ kind: 'closed' })
      onClose()
    },
  }
}
