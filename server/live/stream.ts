// One subscription from beginning to end: a snapshot or a replay, then what comes, without gap or double.
import type { SealedEvent } from '../domain/log.ts'
import type { CursorSeal } from './cursors.ts'
import type { Feed } from './feed.ts'
import type { Hub, SubscribeOptions, Subscription } from './hub.ts'
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
export const openStream = <S>(hub: Hub, feed: Feed, options: StreamOptions<S>): Following<StreamMessage<S>> =>
  new Stream(hub, feed, options)

const everything = (): boolean => true

/**
 * A class, as there are ten thousands of them. It drives its generator by hand: a generator's own `return` waits for the `next` that is
 * under way, so that a quiet subscription would never end; here `close` makes it end first. All three methods must be there for
 * graphql-ws.
 */
class Stream<S> implements Following<StreamMessage<S>> {
  readonly #hub: Hub
  readonly #feed: Feed
  readonly #options: StreamOptions<S>
  readonly #mailbox: Subscription
  readonly #run: AsyncGenerator<StreamMessage<S>, void>
  #joined: Joined | null = null
  /** Everything of the topic up to here has been handed over, or is part of the snapshot. */
  #position: number
  #ended = false

  constructor(hub: Hub, feed: Feed, options: StreamOptions<S>) {
    const { topic, accept = everything, perMessage = 1, key } = options
    this.#hub = hub
    this.#feed = feed
    this.#options = options
    this.#mailbox = hub.subscribe([topic], { accept, ...(key && { key }), patient: perMessage === Infinity })
    this.#position = hub.position()
    this.#run = this.#messages()
  }

  follow(topics: readonly Topic[]): void {
    this.#mailbox.follow([this.#options.topic, ...topics])
  }

  async next(): Promise<IteratorResult<StreamMessage<S>, void>> {
    if (this.#ended) return { done: true, value: undefined }
    const result = await this.#run.next()
    if (this.#ended) return { done: true, value: undefined }
    this.#ended = result.done === true
    return result
  }

  async return(): Promise<IteratorResult<StreamMessage<S>, void>> {
    this.#end()
    return { done: true, value: undefined }
  }

  async throw(error: unknown): Promise<never> {
    this.#end()
    throw error
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #end(): void {
    this.#ended = true
    this.#mailbox.close()
    this.#joined?.leave()
    void this.#run.return().catch(() => undefined)
  }

  #cursorAt(feedNumber: number | null): () => string {
    const { cursors } = this.#options
    return () => cursors.seal(feedNumber)
  }

  async *#messages(): AsyncGenerator<StreamMessage<S>, void> {
    const { after, cursors, join, perMessage = 1 } = this.#options
    const mailbox = this.#mailbox
    try {
      const from = typeof after === 'string' ? cursors.open(after) : undefined
      if (from === undefined) yield* this.#snapshots()
      else if (from === 'resync' || !(yield* this.#replay(from))) yield* this.#restart()
      for (;;) {
        if (join !== undefined && mailbox.isEmpty()) {
          const ended = await this.#readAlong(join)
          if (ended?.kind === 'closed') return
          if (ended?.kind === 'failed') throw ended.error
          if (ended !== null) {
            yield* this.#restart()
            continue
          }
        }
        const taken = await mailbox.take(perMessage)
        if (taken.kind === 'closed') return
        if (taken.kind === 'overflow') yield* this.#restart()
        else if (taken.kind === 'quiet') {
          this.#position = Math.max(this.#position, taken.position)
          yield { kind: 'heartbeat', cursor: this.#cursorAt(this.#position) }
        } else {
          const events = taken.events.filter((event) => event.seal.feed > this.#position)
          if (events.length > 0) yield this.#deliver(events)
        }
      }
    } finally {
      mailbox.close()
    }
  }

  async *#snapshots(): AsyncGenerator<StreamMessage<S>> {
    // The position first, then what it is the least position of: the snapshot may know more, never less.
    this.#position = Math.max(this.#position, await this.#feed.head())
    const at = this.#position
    let held: { page: S } | undefined
    for await (const page of this.#options.snapshot()) {
      if (held) yield { kind: 'snapshot', snapshot: held.page, at: null, cursor: this.#cursorAt(null) }
      held = { page }
    }
    if (held) yield { kind: 'snapshot', snapshot: held.page, at, cursor: this.#cursorAt(at) }
  }

  /** What was missed after `from`, out of the log; false when that cannot be had. */
  async *#replay(from: number): AsyncGenerator<StreamMessage<S>, boolean> {
    const { topic, topicsSince, accept = everything, perMessage = 1 } = this.#options
    // A cursor of a later time than the log: the database was restored to an earlier one.
    if (from > this.#hub.position() && from > (await this.#feed.head())) return false
    this.#position = from
    const also = (await topicsSince?.(from)) ?? []
    this.follow(also)
    const topics = [topic, ...also]
    const names = new Set(topics.map(topicName))
    let replayed = 0
    let more = true
    while (more) {
      // What waits is in the log already, so it is in this page or in one after it.
      this.#mailbox.clear()
      const atHand = this.#hub.since(this.#position, topics)
      const page = atHand ?? (await this.#feed.since(this.#position, replayPage, topics))
      const events = page.filter((event) => topicsOf(event).some((name) => names.has(name)) && accept(event))
      replayed += events.length
      if (replayed > replayLimit) return false
      for (let i = 0; i < events.length; i += perMessage) yield this.#deliver(events.slice(i, i + perMessage))
      this.#position = page.at(-1)?.seal.feed ?? this.#position
      more = (atHand === null && page.length === replayPage) || this.#mailbox.overflowed()
    }
    return true
  }

  #deliver(events: readonly SealedEvent[]): StreamMessage<S> {
    this.#position = events.at(-1)?.seal.feed ?? this.#position
    return { kind: 'events', events, cursor: this.#cursorAt(this.#position) }
  }

  async *#restart(): AsyncGenerator<StreamMessage<S>> {
    this.#mailbox.clear()
    // Whoever goes on behind it has forgotten what they had, and needs a snapshot all the same.
    yield { kind: 'resync', cursor: this.#cursorAt(null) }
    yield* this.#snapshots()
  }

  /** With everything handed over, reads along with others until it may not any more; null where there are none. */
  async #readAlong(join: NonNullable<StreamOptions<S>['join']>): Promise<Left | null> {
    this.#position = Math.max(this.#position, this.#hub.position())
    this.#joined = join(this.#position)
    if (this.#joined === null) return null
    this.#mailbox.pause()
    const left = await this.#joined.left
    this.#joined = null
    this.#mailbox.follow([this.#options.topic])
    return left
  }
}

/** A stream of other messages, ended with its source; what maps to undefined is left out. */
export const mapStream = <T, U>(
  source: LiveStream<T>,
  map: (message: T) => Promise<U | undefined> | U | undefined,
): LiveStream<U> => new Mapped(source, map)

class Mapped<T, U> implements LiveStream<U> {
  readonly #source: LiveStream<T>
  readonly #map: (message: T) => Promise<U | undefined> | U | undefined

  constructor(source: LiveStream<T>, map: (message: T) => Promise<U | undefined> | U | undefined) {
    this.#source = source
    this.#map = map
  }

  async next(): Promise<IteratorResult<U, void>> {
    for (;;) {
      const result = await this.#source.next()
      if (result.done) return { done: true, value: undefined }
      const value = await this.#map(result.value)
      if (value !== undefined) return { done: false, value }
    }
  }

  async return(): Promise<IteratorResult<U, void>> {
    await this.#source.return()
    return { done: true, value: undefined }
  }

  async throw(error: unknown): Promise<never> {
    await this.#source.return()
    throw error
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}
