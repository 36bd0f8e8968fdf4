// The seam for more than one machine: where a process gets the sealed log from. On Postgres it reads the table, told by
// NOTIFY and by a poll each second; another transport comes behind the same interface.
import type { Reader } from '../db/connect.ts'
import type { SealedEvent } from '../domain/log.ts'
import type { Log } from '../log.ts'
import { readFeed, readFeedHead, readFeedOf, sealedChannel, type RecordTopic, type Topic } from '../store/feed.ts'
import type { Listener } from './listener.ts'
import { createPause } from './pause.ts'

export type Feed = {
  /** The feed number of the last sealed event. */
  head(): Promise<number>
  /** Sealed news after a feed number, in order, at most `limit`: at least what touches one of the topics. */
  since(after: number, limit: number, topics: readonly Topic[]): Promise<readonly SealedEvent[]>
  /**
   * Hands over all news after a feed number, once, in order, in batches, as it comes; `more`: the next batch follows at once; `upTo`:
   * there is no other up to this feed number. `records` is asked before each batch is read: whose writes are news as well. One follower
   * per process.
   */
  follow(after: number, deliver: Deliver, records?: () => readonly RecordTopic[]): void
  /** There may be something new. */
  wake(): void
  stop(): Promise<void>
}

type Deliver = (events: readonly SealedEvent[], more: boolean, upTo: number) => void

/** Polls in a row that find what should have been announced, before the listener is taken to be deaf. */
const deafAfter = 3

export const createPostgresFeed = ({
  db,
  listener,
  log,
  pollMs = 1000,
  batch = 500,
}: {
  db: Reader
  listener: Listener
  log: Log
  pollMs?: number
  batch?: number
}): Feed => {
  const news = createPause()
  let stopped = false
  let following: Promise<void> = Promise.resolve()
  listener.on(sealedChannel, () => news.wake())

  const follow = async (after: number, deliver: Deliver, records: () => readonly RecordTopic[]): Promise<void> => {
    let position = after
    let announced = true
    let unannounced = 0
    let burst = false
    while (!stopped) {
      let read = 0
      try {
        const head = await readFeedHead(db)
        const before = position
        // Not beyond the head: who has followed a record since it was read would miss what was written to it meanwhile.
        const events = head === position ? [] : await readFeed(db, position, head, batch, records())
        read = events.length
        if (stopped) return
        position = read === batch ? (events.at(-1)?.seal.feed ?? head) : Math.max(position, head)
        // An empty batch after a full one says that the burst is over.
        if (position > before || burst) deliver(events, read === batch, position)
        burst = read === batch
      } catch (error) {
        log.warn({ err: error }, 'could not read the log; trying again')
      }
      if (announced) unannounced = 0
      else if (read > 0 && ++unannounced === deafAfter) {
        log.warn('events come without notification; listening again')
        listener.relisten()
        unannounced = 0
      }
      // A full batch is followed by the next at once, on the same announcement.
      if (read < batch) announced = await news.wait(pollMs)
    }
  }

  return {
    head: () => readFeedHead(db),
    since: (after, limit, topics) => readFeedOf(db, after, limit, topics),
    follow(after, deliver, records = () => []) {
      following = follow(after, deliver, records)
    },
    wake: () => news.wake(),
    async stop() {
      stopped = true
      news.wake()
      await following
    },
  }
}
