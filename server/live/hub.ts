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
  /** From now on events of the topic that `accept` takes wait in the mailbox; close it to leave. */
  subscribe(topic: Topic, accept?: (event: SealedEvent) => boolean): Mailbox
  /** How many subscribers there are: for metrics, and for tests to see that nobody is left behind. */
  size(): number
  /** Ends all subscriptions. */
  stop(): void
}

export type HubOptions = {
  feed: Feed
  /** A quiet subscriber is beaten awake this often. */
  heartbeatMs?: number
  /** Events that wait for one subscriber before its queue is emptied and it has to start again. */
  queueLimit?: number
}

type Subscriber = { readonly mailbox: Mailbox; readonly accept: (event: SealedEvent) => boolean }

/** Starts following the feed from its present end. */
export const startHub = async ({ feed, heartbeatMs = 20_000, queueLimit = 1000 }: HubOptions): Promise<Hub> => {
  const topics = new Map<string, Set<Subscriber>>()
  const all = new Set<Subscriber>()
  let position = await feed.head()
  let stopped = false

  feed.follow(position, (events) => {
    for (const event of events) {
      for (const topic of topicsOf(event))
        for (const { mailbox, accept } of topics.get(topic) ?? []) if (accept(event)) mailbox.push(event)
      position = event.seal.feed
    }
  })

  const heartbeat = setInterval(() => {
    for (const { mailbox } of all) mailbox.beat(position)
  }, heartbeatMs)
  heartbeat.unref()

  return {
    position: () => position,
    subscribe(topic, accept = () => true) {
      const name = topicName(topic)
      const mailbox = createMailbox(queueLimit, () => {
        all.delete(subscriber)
        const others = topics.get(name)
        others?.delete(subscriber)
        if (others?.size === 0) topics.delete(name)
      })
      const subscriber: Subscriber = { mailbox, accept }
      if (stopped) {
        mailbox.close()
        return mailbox
      }
      all.add(subscriber)
      topics.set(name, (topics.get(name) ?? new Set()).add(subscriber))
      return mailbox
    },
    size: () => all.size,
    stop() {
      stopped = true
      clearInterval(heartbeat)
      for (const { mailbox } of [...all]) mailbox.close()
    },
  }
}
