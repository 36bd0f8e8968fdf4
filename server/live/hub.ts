// One process's subscribers. The hub reads the log once, however many there are, and gives each the events of its topic.
//
// How to use it: `startLive` (live.ts) makes one hub per process and gives `openStream`, which is all that a subscription
// needs: it subscribes before the snapshot is read, drops what the snapshot already holds, replays what was missed,
// starts again after an overflow and makes heartbeats. `subscribe` alone is for what needs events and no beginning.
import type { SealedEvent } from '../domain/log.ts'
import type { Feed } from './feed.ts'
import { createMailbox, type Mailbox } from './mailbox.ts'
import { topicName, topicsOf, type Topic } from './topics.ts'

export type Hub = {
  /** Up to here events have been handed to subscribers. */
  position(): number
  /** From now on events of the topics that `accept` takes wait in the mailbox, each once; close it to leave. */
  subscribe(topics: readonly Topic[], accept?: (event: SealedEvent) => boolean): Subscription
  /** How many subscribers there are: for metrics, and for tests to see that nobody is left behind. */
  size(): number
  /** Ends all subscriptions. */
  stop(): void
}

export type Subscription = Mailbox & {
  /** From now on the events of these topics instead. */
  follow(topics: readonly Topic[]): void
}

export type HubOptions = {
  feed: Feed
  /** A quiet subscriber is beaten awake this often. */
  heartbeatMs?: number
  /** Events that wait for one subscriber before its queue is emptied and it has to start again. */
  queueLimit?: number
}

type Subscriber = {
  readonly mailbox: Mailbox
  readonly accept: (event: SealedEvent) => boolean
  names: ReadonlySet<string>
  /** Feed number of the last event that was looked at: one event can belong to several of its topics. */
  seen: number
}

/** Starts following the feed from its present end. */
export const startHub = async ({ feed, heartbeatMs = 20_000, queueLimit = 1000 }: HubOptions): Promise<Hub> => {
  const topics = new Map<string, Set<Subscriber>>()
  const all = new Set<Subscriber>()
  let position = await feed.head()
  let stopped = false

  feed.follow(position, (events) => {
    for (const event of events) {
      for (const topic of topicsOf(event))
        for (const subscriber of topics.get(topic) ?? []) {
          if (subscriber.seen === event.seal.feed) continue
          subscriber.seen = event.seal.feed
          if (subscriber.accept(event)) subscriber.mailbox.push(event)
        }
      position = event.seal.feed
    }
  })

  const heartbeat = setInterval(() => {
    for (const { mailbox } of all) mailbox.beat(position)
  }, heartbeatMs)
  heartbeat.unref()

  return {
    position: () => position,
    subscribe(wanted, accept = () => true) {
      const leave = (names: Iterable<string>): void => {
        for (const name of names) {
          const others = topics.get(name)
          others?.delete(subscriber)
          if (others?.size === 0) topics.delete(name)
        }
      }
      const mailbox = createMailbox(queueLimit, () => {
        all.delete(subscriber)
        leave(subscriber.names)
      })
      const subscriber: Subscriber = { mailbox, accept, names: new Set(), seen: 0 }
      const follow = (next: readonly Topic[]): void => {
        if (!all.has(subscriber)) return
        const names = new Set(next.map(topicName))
        leave([...subscriber.names].filter((name) => !names.has(name)))
        for (const name of names) topics.set(name, (topics.get(name) ?? new Set()).add(subscriber))
        subscriber.names = names
      }
      if (stopped) mailbox.close()
      else all.add(subscriber)
      follow(wanted)
      return { ...mailbox, follow }
    },
    size: () => all.size,
    stop() {
      stopped = true
      clearInterval(heartbeat)
      for (const { mailbox } of [...all]) mailbox.close()
    },
  }
}
