// Events as the feed hands them over, for tests that need no database.
import type { EventContent, SealedEvent } from '../../server/domain/log.ts'
import type { Feed } from '../../server/live/feed.ts'
import type { RecordTopic } from '../../server/live/topics.ts'

/** The event with this feed number, of company `c` unless said otherwise. */
export const sealed = (feed: number, of: Partial<EventContent> = {}): SealedEvent => ({
  companyId: 'c',
  id: `e${feed}`,
  type: 'CommentAdded',
  at: '2026-11-22T10:00:00.120Z',
  actorId: null,
  onBehalfOfId: null,
  customerId: null,
  proposalId: null,
  workItemId: null,
  data: {},
  commitments: {},
  values: [],
  seal: { position: feed, previousHash: '', hash: '', feed },
  ...of,
})

/** Events of company `c`. */
export const sealedAll = (...feeds: readonly number[]): readonly SealedEvent[] => feeds.map((feed) => sealed(feed))

export const feedsOf = (events: readonly SealedEvent[]): number[] => events.map(({ seal }) => seal.feed)

/** A feed whose batches come when the test says so. */
export const handFeed = (head = 0) => {
  let follower: Parameters<Feed['follow']>[1] = () => undefined
  let records: () => readonly RecordTopic[] = () => []
  let upTo = head
  const feed: Feed = {
    head: () => Promise.resolve(head),
    since: () => Promise.resolve([]),
    follow(_after, deliver, followed = records) {
      follower = deliver
      records = followed
    },
    wake: () => undefined,
    stop: () => Promise.resolve(),
  }
  /** `more`: another batch follows at once. */
  const give = (events: readonly SealedEvent[], more = false): void => {
    upTo = events.at(-1)?.seal.feed ?? upTo
    follower(events, more, upTo)
  }
  return { feed, give, records: () => records() }
}

/** Lets everything run that waits for nothing but promises. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
