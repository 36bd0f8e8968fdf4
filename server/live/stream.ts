// One subscription from beginning to end: a snapshot or a replay, then what comes, without gap or double.
import type { SealedEvent } from '../domain/log.ts'
import type { CursorSeal } from './cursors.ts'
import type { Feed } from './feed.ts'
import type { Hub, SubscribeOptions } from './hub.ts'
import { topicName, topicsOf, type Topic } from './topics.ts'

/** `cursor` seals the place to resume from; called only where somebody asks for it. */
export type StreamMessage<S> = { readonly cursor: () => string } &
  /** `at`: the feed number that it holds everything up to, with its last page; null with those before. */
  (
    | { readonly kind: 'snapshot'; readonly snapshot: S; readonly at: number | null }
    | { readonly kind: 'events'; readonly events: readonly SealedEvent[] }
    /** The reader has to start again; the snapshot follows. */
    | { readonly kind: 'resync' }
    | { readonly kind: 'heartbeat' }
  )

export type StreamOptions<S> = {
  /** What is followed whatever happens. */
  readonly topic: Topic
  /**
   * What is to be followed as well while events after this feed number are read again; later on `follow` tells. Called for a resume.
   */
  readonly topicsSince?: (from: number) => Promise<readonly Topic[]>
  /** Which events of the topic concern the subscription at all; all, when left out. Must not throw. */
  readonly accept?: (event: SealedEvent) => boolean
  /** Where an earlier stream of the same purpose ended. */
  readonly after?: string | null | undefined
  readonly cursors: CursorSeal
  /**
   * Reads the snapshot, in pages if it is long. Called when the subscription is registered, again after a resync. Only
   * the last page's cursor can be resumed from: with an earlier one the pages after it would be missing.
   */
  readonly snapshot: () => AsyncIterable<S>
  /** Events in one message: 1 (the default), or Infinity for all that wait. */
  readonly perMessage?: number
  /** Of two waiting events with the same key the later stands for both. */
  readonly key?: SubscribeOptions['key']
  /**
   * Called when everything up to `position` has been handed over: from here on somebody else hands over what comes, until `left`
   * resolves. Left out, or null: this stream does.
   */
  readonly join?: (position: number) => Joined | null
}

export type Left =
  | { readonly kind: 'closed' }
  /** The reader was too slow and has to start again. */
  | { readonly kind: 'overflow' }
  | { readonly kind: 'failed'; readonly error: unknown }
export type Joined = { readonly left: Promise<Left>; leave(): void }

export type LiveStream<T> = Required<AsyncIterator<T, void, unknown>> & AsyncIterable<T, void, unknown>

/** A stream that can be told what else it has to follow: before what depends on it is read, so that nothing falls between. */
export type Following<T> = LiveStream<T> & { follow(topics: readonly Topic[]): void }

const replayPage = 500
/** Who missed more than this is better off with a snapshot. */
const replayLimit = 10_000

/** Registers at once; the first message is read when it is asked for. */
export const openStream = <S>(hub: Hub, feed: Feed, options: StreamOptions<S>): Following<StreamMessage<S>> => {
  const { topic, topicsSince, accept = () => true, after, cursors, perMessage = 1, key } = options
  const mailbox = hub.subscribe([topic], { accept, ...(key && { key }), patient: perMessage === Infinity })
  const follow = (topics: readonly Topic[]): void => mailbox.follow([topic, ...topics])
  let joined: Joined | null = null
  /** Everything of the topic up to here has been handed over, or is part of the snapshot. */
  let position = hub.position()
  const cursorAt = (feedNumber: number | null) => () => cursors.seal(feedNumber)

  async function* snapshots(): AsyncGenerator<StreamMessage<S>> {
    // The position first, then what it is the least position of: the snapshot may know more, never less.
    position = Math.max(position, await feed.head())
    const complete = position
    let held: { page: S } | undefined
    for await (const page of options.snapshot()) {
      if (held) yield { kind: 'snapshot', snapshot: held.page, at: null, cursor: cursorAt(null) }
      held = { page }
    }
    if (held) yield { kind: 'snapshot', snapshot: held.page, at: complete, cursor: cursorAt(complete) }
  }

  /** What was missed after `from`, out of the log; false when that cannot be had. */
  async function* replay(from: number): AsyncGenerator<StreamMessage<S>, boolean> {
    // A cursor of a later time than the log: the database was restored to an earlier one.
    if (from > hub.position() && from > (await feed.head())) return false
    position = from
    const also = (await topicsSince?.(from)) ?? []
    follow(also)
    const topics = [topic, ...also]
    const names = new Set(topics.map(topicName))
    let replayed = 0
    let more = true
    while (more) {
      // What waits is in the log already, so it is in this page or in one after it.
      mailbox.clear()
      const atHand = hub.since(position)
      const page = atHand ?? (await feed.since(position, replayPage, topics))
      const events = page.filter((event) => topicsOf(event).some((name) => names.has(name)) && accept(event))
      replayed += events.length
      if (replayed > replayLimit) return false
      for (let i = 0; i < events.length; i += perMessage) yield deliver(events.slice(i, i + perMessage))
      position = page.at(-1)?.seal.feed ?? position
      more = (atHand === null && page.length === replayPage) || mailbox.overflowed()
    }
    return true
  }

  const deliver = (events: readonly SealedEvent[]): StreamMessage<S> => {
    position = events.at(-1)?.seal.feed ?? position
    return { kind: 'events', events, cursor: cursorAt(position) }
  }

  async function* restart(): AsyncGenerator<StreamMessage<S>> {
    mailbox.clear()
    // Whoever goes on behind it has forgotten what they had, and needs a snapshot all the same.
    yield { kind: 'resync', cursor: cursorAt(null) }
    yield* snapshots()
  }

  /** With everything handed over, reads along with others until it may not any more; null where there are none. */
  const readAlong = async (join: NonNullable<typeof options.join>): Promise<Left | null> => {
    position = Math.max(position, hub.position())
    joined = join(position)
    if (joined === null) return null
    mailbox.pause()
    const left = await joined.left
    joined = null
    mailbox.follow([topic])
    return left
  }

  async function* run(): AsyncGenerator<StreamMessage<S>, void> {
    try {
      const from = typeof after === 'string' ? cursors.open(after) : undefined
      if (from === undefined) yield* snapshots()
      else if (from === 'resync' || !(yield* replay(from))) yield* restart()
      for (;;) {
        if (options.join !== undefined && mailbox.isEmpty()) {
          const ended = await readAlong(options.join)
          if (ended?.kind === 'closed') return
          if (ended?.kind === 'failed') throw ended.error
          if (ended !== null) {
            yield* restart()
            continue
          }
        }
        const taken = await mailbox.take(perMessage)
        if (taken.kind === 'closed') return
        if (taken.kind === 'overflow') yield* restart()
        else if (taken.kind === 'quiet') {
          position = Math.max(position, taken.position)
          yield { kind: 'heartbeat', cursor: cursorAt(position) }
        } else {
          const events = taken.events.filter((event) => event.seal.feed > position)
          if (events.length > 0) yield deliver(events)
        }
      }
    } finally {
      mailbox.close()
    }
  }
  const close = (): void => {
    mailbox.close()
    joined?.leave()
  }
  return { ...closable(run(), close), follow }
}

/**
 * Drives a generator by hand. A generator's own `return` waits for the `next` that is under way, so that a quiet
 * subscription would never end; here `close` makes it end first. All three methods must be there for graphql-ws.
 */
const closable = <T>(source: AsyncGenerator<T, void>, close: () => void): LiveStream<T> => {
  let ended = false
  const end = (): void => {
    ended = true
    close()
    void source.return().catch(() => undefined)
  }
  return {
    async next() {
      if (ended) return { done: true, value: undefined }
      const result = await source.next()
      if (ended) return { done: true, value: undefined }
      ended = result.done === true
      return result
    },
    async return() {
      end()
      return { done: true, value: undefined }
    },
    async throw(error) {
      end()
      throw error
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

/** A stream of other messages, ended with its source; what maps to undefined is left out. */
export const mapStream = <T, U>(
  source: LiveStream<T>,
  map: (message: T) => Promise<U | undefined> | U | undefined,
): LiveStream<U> => ({
  async next() {
    for (;;) {
      const result = await source.next()
      if (result.done) return { done: true, value: undefined }
      const value = await map(result.value)
      if (value !== undefined) return { done: false, value }
    }
  },
  return: async () => {
    await source.return()
    return { done: true, value: undefined }
  },
  throw: async (error) => {
    await source.return()
    throw error
  },
  [Symbol.asyncIterator]() {
    return this
  },
})
