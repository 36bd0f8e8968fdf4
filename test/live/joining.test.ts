// What a stream does around the time that it reads along with others: before, while, and when it is let go.
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createCursors } from '../../server/live/cursors.ts'
import { startHub, type Hub } from '../../server/live/hub.ts'
import { openStream, type Joined, type Left, type StreamMessage } from '../../server/live/stream.ts'
import { feedsOf, handFeed, sealed, sealedAll, turn } from './sealed.ts'

const topic = { companyId: 'c' }
const cursors = createCursors('secret', () => new Date(0)).for({ field: 'f', variables: {}, personId: 'p' })
const hubs: Hub[] = []
afterEach(() => {
  expect(hubs.map((hub) => hub.size())).toEqual(hubs.map(() => 0))
  for (const hub of hubs.splice(0)) hub.stop()
})

const start = async ({ after, head = 10 }: { after?: number; head?: number } = {}) => {
  const { feed, give } = handFeed(head)
  const hub = await startHub({ feed })
  hubs.push(hub)
  const ends: ((left: Left) => void)[] = []
  const leave = vi.fn()
  const join = vi.fn((_position: number): Joined | null => {
    const { promise: left, resolve } = Promise.withResolvers<Left>()
    ends.push(resolve)
    return {
      left,
      leave() {
        leave()
        resolve({ kind: 'closed' })
      },
    }
  })
  const stream = openStream<number>(hub, feed, {
    topic,
    cursors,
    join,
    ...(after !== undefined && { after: cursors.seal(after) }),
    async *snapshot() {
      yield await Promise.resolve(0)
    },
  })
  return { feed, hub, give, stream, join, leave, end: (left: Left) => ends.at(-1)?.(left) }
}
const kind = async (next: Promise<IteratorResult<StreamMessage<number>, unknown>>): Promise<unknown> => {
  const { value } = await next
  if (value === undefined) return 'end'
  const message = value as StreamMessage<number>
  return message.kind === 'events' ? feedsOf(message.events) : message.kind
}

describe('a stream', () => {
  test('reads along when all that it has to say is said, from the place of the hub on', async () => {
    const { stream, join, give } = await start()
    expect(await kind(stream.next())).toBe('snapshot')
    give(sealedAll(11, 12))
    give([sealed(13, { companyId: 'other' })])
    expect(await kind(stream.next())).toEqual([11])
    expect(join).not.toHaveBeenCalled()
    expect(await kind(stream.next())).toEqual([12])
    const next = stream.next()
    await turn()
    expect(join.mock.calls).toEqual([[13]])
    await stream.return()
    expect(await kind(next)).toBe('end')
  })

  test('gets nothing of its own while it reads along, and starts again with a snapshot when it was too slow', async () => {
    const { stream, join, give, end } = await start()
    await stream.next()
    const next = stream.next()
    await turn()
    give(sealedAll(11, 12))
    end({ kind: 'overflow' })
    expect(await kind(next)).toBe('resync')
    expect(await kind(stream.next())).toBe('snapshot')
    const later = stream.next()
    await turn()
    expect(join.mock.calls).toEqual([[10], [12]])
    give(sealedAll(13))
    end({ kind: 'overflow' })
    expect(await kind(later)).toBe('resync')
    await stream.return()
  })

  test('goes on by itself where there is nobody to read along with', async () => {
    const { stream, join, give } = await start()
    join.mockReturnValue(null)
    await stream.next()
    const next = stream.next()
    await turn()
    give(sealedAll(11))
    expect(await kind(next)).toEqual([11])
    await stream.return()
  })

  test('ends with the others, and fails with them', async () => {
    const one = await start()
    await one.stream.next()
    const next = one.stream.next()
    await turn()
    one.end({ kind: 'closed' })
    expect(await kind(next)).toBe('end')
    const two = await start()
    await two.stream.next()
    const failing = two.stream.next()
    await turn()
    two.end({ kind: 'failed', error: new Error('out of reach') })
    await expect(failing).rejects.toThrow('out of reach')
  })

  test('leaves the others when it is let go', async () => {
    const { stream, leave } = await start()
    await stream.next()
    const next = stream.next()
    await turn()
    await stream.return()
    expect(await kind(next)).toBe('end')
    expect(leave).toHaveBeenCalledTimes(1)
  })

  test('that is let go while it still reads what it missed never reads along', async () => {
    const { stream, join, feed } = await start({ after: 5 })
    const { promise: page, resolve } = Promise.withResolvers<[]>()
    feed.since = () => page
    const next = stream.next()
    await turn()
    await stream.return()
    resolve([])
    expect(await kind(next)).toBe('end')
    await turn()
    expect(join).not.toHaveBeenCalled()
  })

  test('that the process ends while it still reads what it missed never reads along', async () => {
    const { stream, join, feed, hub } = await start({ after: 5 })
    const { promise: page, resolve } = Promise.withResolvers<[]>()
    feed.since = () => page
    const next = stream.next()
    await turn()
    hub.stop()
    resolve([])
    expect(await kind(next)).toBe('end')
    expect(join).not.toHaveBeenCalled()
  })
})
