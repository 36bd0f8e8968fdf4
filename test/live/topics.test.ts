// Following several topics at once, and others later on: queues and people, live and read again out of the log.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DomainEvent } from '../../server/domain/events.ts'
import { startLive, type Live } from '../../server/live/live.ts'
import type { Following, StreamMessage } from '../../server/live/stream.ts'
import type { Topic } from '../../server/live/topics.ts'
import { readFeedOf } from '../../server/store/feed.ts'
import { createTestDatabase } from '../helpers/postgres.ts'
import { newId, openLog, silent, until } from './log-writer.ts'

const { url } = await createTestDatabase()
const log = openLog(url)
let live: Live
beforeAll(async () => {
  live = await startLive({ db: log.db, connect: log.connect, log: silent, clock: () => new Date(), pollMs: 50 })
})
afterAll(async () => {
  await live.stop()
  await log.close()
})

const companyId = newId()
const [ann, ben, cat, desk, counter] = [newId(), newId(), newId(), newId(), newId()]
const handed = (type: DomainEvent['type'], data: DomainEvent['data']): DomainEvent => ({
  type,
  workItemId: newId(),
  proposalId: newId(),
  data,
})
const saved = (before: string[] | null, after: string[]): DomainEvent => ({
  type: 'QueueSaved',
  data: {
    queueId: desk,
    old: before === null ? null : { name: 'Desk', memberIds: before },
    new: { name: 'Desk', memberIds: after },
  },
})
const away = (userId: string, standInId: string): DomainEvent => ({
  type: 'AbsenceBegan',
  data: { absenceId: newId(), userId, standInId, from: '2026-11-22T10:00:00.000Z', until: '2026-11-23T10:00:00.000Z' },
})
const refused = (assigneeIds: string[], queueIds: string[]): DomainEvent => ({
  type: 'ChangeRefused',
  proposalId: newId(),
  data: { changeId: newId(), workItemIds: [newId(), newId()], assigneeIds, queueIds },
})
/** Events with those who hear of them: people by id, queues by theirs. */
const heardBy: [DomainEvent, string[]][] = [
  [handed('WorkItemAssigned', { assigneeId: ann }), [ann]],
  [handed('WorkItemAssigned', { assigneeId: null, queueId: desk }), [desk]],
  [handed('WorkItemClaimed', { assigneeId: ben, queueId: desk }), [ben, desk]],
  [handed('WorkItemReleased', { from: ben, assigneeId: null, queueId: desk }), [ben, desk]],
  [handed('WorkItemMoved', { from: null, assigneeId: null, fromQueueId: desk, queueId: counter }), [desk, counter]],
  [handed('WorkItemDelegated', { from: ann, to: cat, assigneeId: cat }), [ann, cat]],
  [saved([ann], [ben]), [ann, ben]],
  [saved(null, [cat]), [cat]],
  [away(ann, ben), [ann, ben]],
  [refused([ann], [counter]), [ann, counter]],
]
const topicOf = (id: string): Topic => (id === desk || id === counter ? { companyId, queueId: id } : { userId: id })
type Stream = Following<StreamMessage<null>>
const cursors = () => live.cursors.for({ field: 'test', variables: null, personId: ann })
const open = (topic: Topic, more: { after?: string; also?: readonly Topic[] } = {}): Stream =>
  live.openStream<null>({
    topic,
    cursors: cursors(),
    after: more.after,
    topicsSince: () => Promise.resolve(more.also ?? []),
    perMessage: Infinity,
    async *snapshot() {
      yield await Promise.resolve(null)
    },
  })
const drained = () => until('everything is sealed', async () => (await log.unsealed()) === 0)
const write = async (...events: DomainEvent[]): Promise<void> => {
  await log.write(companyId, events)
  live.outbox.wake()
  await drained()
}
/** Types of the events up to the one that ends it, each as often as it comes. */
const typesOf = async (stream: Stream): Promise<string[]> => {
  const types: string[] = []
  while (types.at(-1) !== 'ProposalApplied') {
    const { done, value } = await stream.next()
    if (done === true) throw new Error(`the stream has ended after ${types.join(', ')}`)
    if (value.kind === 'events') types.push(...value.events.map(({ type }) => type))
  }
  return types.slice(0, -1)
}
const ending = handed('ProposalApplied', { assigneeId: ann, queueId: desk, from: ben, to: cat, fromQueueId: counter })
const expected = (ids: readonly string[]): string[] =>
  heardBy.filter(([, by]) => by.some((id) => ids.includes(id))).map(([{ type }]) => type)
const cases = [[ann], [ben], [cat], [desk], [counter], [ann, desk], [ann, ben, cat, desk, counter]]

describe('an event', () => {
  test.each(cases)('is heard once by who follows what it names, live and on resuming', async (...ids) => {
    const [first, ...also] = ids.map(topicOf) as [Topic, ...Topic[]]
    const stream = open(first)
    expect((await stream.next()).value).toMatchObject({ kind: 'snapshot' })
    stream.follow(also)
    const before = Number((await feedHead()) ?? 0)
    const cursor = cursors().seal(before)
    await write(...heardBy.map(([event]) => event), ending)
    expect(await typesOf(stream)).toEqual(expected(ids))
    const resumed = open(first, { after: cursor, also })
    expect(await typesOf(resumed)).toEqual(expected(ids))
    // Who was away for longer reads it out of the log, which may hold more than they follow, never less.
    const read = await readFeedOf(log.db, before, 100, ids.map(topicOf))
    expect(read.map(({ type }) => type)).toEqual(expect.arrayContaining(expected(ids)))
    await Promise.all([stream.return(), resumed.return()])
    expect(live.size()).toBe(0)
  })
})

const feedHead = async (): Promise<string | undefined> => {
  const [row] = await log.db.execute<{ number: string }>('select number from feed_head')
  return row?.number
}

test('what is followed no longer is not heard any more', async () => {
  const stream = open({ userId: ann })
  await stream.next()
  stream.follow([{ companyId, queueId: desk }])
  stream.follow([{ companyId, queueId: counter }])
  await write(handed('WorkItemAssigned', { assigneeId: null, queueId: desk }), ending)
  expect(await typesOf(stream)).toEqual([])
  await stream.return()
  stream.follow([{ companyId, queueId: desk }])
  expect(live.size()).toBe(0)
})
