// One process's subscribers. The hub reads the log once, however many there are, and gives each the events of its topic.
//
// How to use it: `startLive` (live.ts) makes one hub per process and gives `openStream`, which is all that a subscription
// needs: it subscribes before the snapshot is read, drops what the snapshot already holds, replays what was missed,
// starts again after an overflow and makes heartbeats. `subscribe` alone is for what needs events and no beginning.
import type { SealedEvent } from '../domain/log.ts'
import type { Feed } from './feed.ts'
import { Queue, type Mailbox, type MailboxOptions } from './mailbox.ts'
import { topicName, topicsOf, type RecordTopic, type Topic } from './topics.ts'

export type Hub = {
  /** Up to here events have been handed to subscribers. */
  position(): number
  /** From now on events of the topics wait in the mailbox, each once; close it to leave. */
  subscribe(topics: readonly Topic[], options?: SubscribeOptions): Subscription
  /** All events of these topics, and others, after a feed number, up to the hub's own position; null when not all of them are at hand. */
  since(after: number, topics: readonly Topic[]): readonly SealedEvent[] | null
  /** Calls with each batch before any subscriber hears of it. Must not throw. */
  watch(heard: (events: readonly SealedEvent[]) => void): void
  /** How many subscribers there are: for metrics, and for tests to see that nobody is left behind. */
  size(): number
  /** Ends all subscriptions. */
  stop(): void
}

export type SubscribeOptions = {
  /** Which events of the topics it takes; all, when left out. Must not throw. */
  readonly accept?: (event: SealedEvent) => boolean
  readonly key?: MailboxOptions['key']
  /** Another room than everybody's. */
  readonly limit?: number
  /** A burst is taken together rather than batch by batch. */
  readonly patient?: boolean
  /** It serves others, who are counted themselves. */
  readonly internal?: boolean
}

export type Subscription = Mailbox & {
  /** From now on the events of these topics instead. */
  follow(topics: readonly Topic[]): void
  /** From now on none, until `follow`; neither heartbeats. */
  pause(): void
}

export type HubOptions = {
  feed: Feed
  /** A quiet subscriber is beaten awake this often. */
  heartbeatMs?: number
  /** Events that wait for one subscriber before its queue is emptied and it has to start again. */
  queueLimit?: number
}

const everything = (): boolean => true
const nothing: ReadonlySet<string> = new Set()

class Subscriber extends Queue implements Subscription {
  readonly accept: (event: SealedEvent) => boolean
  readonly patient: boolean
  readonly internal: boolean
  /** Which of the beats is its, and how many there had been when it came: it is not beaten before it has been quiet for a round. */
  readonly slot: number
  readonly since: number
  names: ReadonlySet<string> = nothing
  paused = false
  /** Feed number of the last event that was looked at: one event can belong to several of its topics. */
  seen = 0
  readonly #moved: Moved

  constructor(
    { accept = everything, patient = false, internal = false }: SubscribeOptions,
    { slot, since, moved, ...mailbox }: MailboxOptions & Pick<Subscriber, 'slot' | 'since'> & { moved: Moved },
  ) {
    super(mailbox)
    this.accept = accept
    this.patient = patient
    this.internal = internal
    this.slot = slot
    this.since = since
    this.#moved = moved
  }

  follow(topics: readonly Topic[]): void {
    this.#moved(this, topics)
    this.paused = false
  }

  pause(): void {
    this.#moved(this, [])
    this.paused = true
  }
}
type Moved = (subscriber: Subscriber, topics: readonly Topic[]) => void

/** Heartbeats are spread over so many beats: ten thousand readers at one instant would hold up everybody else. */
const slots = 20
/** Events that are kept for who connects again: after a lost connection thousands do, and all ask for the same. */
const recentMost = 2_000
/** A burst that does not end is handed over after so many batches all the same. */
const patience = 8

/** Starts following the feed from its present end. */
export const startHub = async ({ feed, heartbeatMs = 20_000, queueLimit = 1000 }: HubOptions): Promise<Hub> => {
  const topics = new Map<string, Set<Subscriber>>()
  const all = new Set<Subscriber>()
  /** Records that somebody follows, by the names of their topics: their writes are read as well. */
  const records = new Map<string, RecordTopic>()
  const watchers: ((events: readonly SealedEvent[]) => void)[] = []
  let position = await feed.head()
  let recent: SealedEvent[] = []
  /** Everything after this feed number is in `recent`. */
  let recentAfter = position
  let stopped = false
  let counted = 0
  let joined = 0
  let held = new Set<Subscriber>()
  let batches = 0

  const deliver = (events: readonly SealedEvent[], more: boolean, upTo: number): void => {
    for (const heard of watchers) heard(events)
    batches = more ? batches + 1 : 0
    const hold = more && batches % patience !== 0
    const touched = held
    for (const event of events) {
      for (const topic of topicsOf(event))
        for (const subscriber of topics.get(topic) ?? []) {
          if (subscriber.seen === event.seal.feed) continue
          subscriber.seen = event.seal.feed
          if (!subscriber.accept(event)) continue
          subscriber.push(event, hold && subscriber.patient)
          touched.add(subscriber)
        }
      recent.push(event)
    }
    position = upTo
    if (recent.length > recentMost * 2) {
      recentAfter = recent.at(-recentMost - 1)?.seal.feed ?? recentAfter
      recent = recent.slice(-recentMost)
    }
    held = new Set()
    for (const subscriber of touched) {
      if (hold && subscriber.patient) held.add(subscriber)
      else subscriber.release()
    }
  }
  feed.follow(position, deliver, () => [...records.values()])

  let beats = 0
  const heartbeat = setInterval(
    () => {
      beats += 1
      for (const subscriber of all)
        if (subscriber.slot === beats % slots && beats - subscriber.since >= slots && !subscriber.paused)
          subscriber.beat(position)
    },
    Math.max(1, heartbeatMs / slots),
  )
  heartbeat.unref()

  const leave = (subscriber: Subscriber, names: Iterable<string>): void => {
    for (const name of names) {
      const others = topics.get(name)
      others?.delete(subscriber)
      if (others?.size !== 0) continue
      topics.delete(name)
      records.delete(name)
    }
  }
  const moved: Moved = (subscriber, next) => {
    if (!all.has(subscriber)) return
    const names = next.length === 0 ? nothing : new Set(next.map(topicName))
    leave(
      subscriber,
      [...subscriber.names].filter((name) => !names.has(name)),
    )
    for (const name of names) topics.set(name, (topics.get(name) ?? new Set()).add(subscriber))
    for (const topic of next) if (topic.recordId !== undefined) records.set(topicName(topic), topic)
    subscriber.names = names
  }

  return {
    position: () => position,
    since(after, wanted) {
      // What was written to a record before somebody followed it was not read.
      if (after < recentAfter || after > position || wanted.some(({ recordId }) => recordId !== undefined)) return null
      let from = recent.length
      while (from > 0 && (recent[from - 1]?.seal.feed ?? 0) > after) from -= 1
      return recent.slice(from)
    },
    watch: (heard) => void watchers.push(heard),
    subscribe(wanted, options = {}) {
      joined += 1
      const subscriber: Subscriber = new Subscriber(options, {
        limit: options.limit ?? queueLimit,
        ...(options.key && { key: options.key }),
        slot: joined % slots,
        since: beats,
        moved,
        onClose() {
          leave(subscriber, subscriber.names)
          if (all.delete(subscriber) && !subscriber.internal) counted -= 1
        },
      })
      if (stopped) subscriber.close()
      else {
        all.add(subscriber)
        if (!subscriber.internal) counted += 1
      }
      subscriber.follow(wanted)
      return subscriber
    },
    size: () => counted,
    stop() {
      stopped = true
      clearInterval(heartbeat)
      for (const subscriber of [...all]) subscriber.close()
    },
  }
}
