import { afterEach, describe, expect, test, vi } from 'vitest'
import { startHub, type Hub, type HubOptions, type Subscription } from '../../server/live/hub.ts'
import type { Taken } from '../../server/live/mailbox.ts'
import { feedsOf, handFeed, sealed, sealedAll, turn } from './sealed.ts'

const topic = { companyId: 'c' }
const hubs: Hub[] = []
afterEach(() => {
  for (const hub of hubs.splice(0)) hub.stop()
  vi.useRealTimers()
})
const start = async (options: Omit<HubOptions, 'feed'> = {}, head = 0) => {
  const { feed, give, records } = handFeed(head)
  const hub = await startHub({ feed, ...options })
  hubs.push(hub)
  return { hub, give, records }
}
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, n) => from + n)

/** Everything that a subscription is given, message by message; waits for more all the time. */
const listen = (subscription: Subscription) => {
  const heard: (number[] | string)[] = []
  const run = async (): Promise<void> => {
    for (;;) {
      const taken: Taken = await subscription.take(Infinity)
      heard.push(taken.kind === 'events' ? feedsOf(taken.events) : taken.kind)
      if (taken.kind === 'closed') return
    }
  }
  void run()
  return heard
}

describe('a hub', () => {
  test('gives each subscriber the events of its topics, each once, and what it accepts alone', async () => {
    const { hub, give } = await start()
    const company = listen(hub.subscribe([topic]))
    const both = listen(hub.subscribe([topic, { companyId: 'c', customerId: 'x' }, { userId: 'u' }]))
    const other = listen(hub.subscribe([{ companyId: 'd' }]))
    const even = listen(hub.subscribe([topic], { accept: ({ seal }) => seal.feed % 2 === 0 }))
    give([
      sealed(1, { customerId: 'x', data: { userId: 'u' } }),
      sealed(2),
      sealed(3, { companyId: 'd' }),
      sealed(4, { companyId: 'd', data: { userId: 'u' } }),
    ])
    await turn()
    expect([company, both, other, even]).toEqual([[[1, 2]], [[1, 2, 4]], [[3, 4]], [[2]]])
    expect(hub.position()).toBe(4)
  })

  test('has the writes of those records read that somebody follows, and of no others', async () => {
    const { hub, give, records } = await start()
    const write = { type: 'CustomerUpdated', customerId: 'x' } as const
    expect(records()).toEqual([])
    const first = hub.subscribe([{ companyId: 'c', recordId: 'x' }])
    const second = hub.subscribe([])
    const customer = listen(hub.subscribe([{ companyId: 'c', customerId: 'y' }]))
    second.follow([topic, { companyId: 'c', recordId: 'x' }])
    expect(records()).toEqual([{ companyId: 'c', recordId: 'x' }])
    const heard = [first, second].map(listen)
    give([sealed(1, write), sealed(2, { customerId: 'x' }), sealed(3, { ...write, customerId: 'y' })])
    await turn()
    expect([...heard, customer]).toEqual([[[1]], [[1, 2, 3]], [[3]]])
    first.close()
    expect(records()).toHaveLength(1)
    second.follow([topic])
    expect(records()).toEqual([])
    // What was written before somebody followed was not read, so it is not at hand.
    expect(hub.since(0, [{ companyId: 'c', recordId: 'x' }])).toBeNull()
    expect(hub.since(0, [topic])).toHaveLength(3)
  })

  test('tells who watches of each batch before any subscriber hears of it', async () => {
    const { hub, give } = await start()
    const told: string[] = []
    hub.subscribe([topic], { accept: ({ seal }) => told.push(`subscriber ${seal.feed}`) > 0 })
    hub.watch((events) => told.push(`watcher ${feedsOf(events).join(' ')} at ${hub.position()}`))
    give(sealedAll(1, 2))
    give(sealedAll(3))
    expect(told).toEqual(['watcher 1 2 at 0', 'subscriber 1', 'subscriber 2', 'watcher 3 at 2', 'subscriber 3'])
  })

  test('lets a subscriber follow other topics, none for a while, and the same again, with nothing twice', async () => {
    const { hub, give } = await start({ heartbeatMs: 20 })
    const subscription = hub.subscribe([topic])
    const heard = listen(subscription)
    const events = (): unknown[] => heard.filter((each) => each !== 'quiet')
    give(sealedAll(1))
    await turn()
    subscription.follow([{ companyId: 'd' }])
    give([sealed(2), sealed(3, { companyId: 'd' })])
    await turn()
    subscription.pause()
    give([sealed(4), sealed(5, { companyId: 'd' })])
    await turn()
    const before = heard.length
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect(heard).toHaveLength(before)
    subscription.follow([topic, { companyId: 'd' }])
    give([sealed(6), sealed(7, { companyId: 'd' })])
    await turn()
    expect(events()).toEqual([[1], [3], [6, 7]])
    await expect.poll(() => heard.at(-1)).toBe('quiet')
    subscription.close()
    subscription.follow([topic])
    give(sealedAll(8))
    await turn()
    expect(events().at(-1)).toBe('closed')
  })

  test('counts its subscribers, but not those who serve others', async () => {
    const { hub } = await start()
    const one = hub.subscribe([topic])
    const two = hub.subscribe([topic], { internal: true })
    hub.subscribe([topic])
    expect(hub.size()).toBe(2)
    two.close()
    two.close()
    expect(hub.size()).toBe(2)
    one.close()
    one.close()
    one.pause()
    expect(hub.size()).toBe(1)
  })

  test('ends all subscriptions when it stops, and takes no new ones', async () => {
    const { hub } = await start()
    const heard = [listen(hub.subscribe([topic])), listen(hub.subscribe([topic], { internal: true }))]
    hub.stop()
    heard.push(listen(hub.subscribe([topic])))
    await turn()
    expect(heard).toEqual([['closed'], ['closed'], ['closed']])
    expect(hub.size()).toBe(0)
  })
})

describe('a burst', () => {
  test('is one message for who is patient, and one a batch for others', async () => {
    const { hub, give } = await start()
    const patient = listen(hub.subscribe([topic], { patient: true }))
    const other = listen(hub.subscribe([topic]))
    for (const [events, more] of [
      [[1, 2], true],
      [[3, 4], true],
      [[5], false],
      [[6], false],
    ] as const) {
      give(sealedAll(...events), more)
      await turn()
    }
    expect(patient).toEqual([[1, 2, 3, 4, 5], [6]])
    expect(other).toEqual([[1, 2], [3, 4], [5], [6]])
  })

  test('ends for who is patient also with a batch that holds nothing, or nothing for them', async () => {
    const { hub, give } = await start()
    const patient = listen(hub.subscribe([topic], { patient: true }))
    give(sealedAll(1), true)
    give([])
    await turn()
    expect(patient).toEqual([[1]])
    give(sealedAll(2), true)
    give([sealed(3, { companyId: 'other' })])
    await turn()
    expect(patient).toEqual([[1], [2]])
  })

  test('that does not end is handed over after some batches all the same', async () => {
    const { hub, give } = await start()
    const patient = listen(hub.subscribe([topic], { patient: true }))
    for (const n of range(1, 17)) {
      give(sealedAll(n), true)
      await turn()
    }
    expect(patient).toEqual([range(1, 8), range(9, 16)])
  })

  test('of more than there is room for does not overflow who takes what is there', async () => {
    const { hub, give } = await start({ queueLimit: 1_000 })
    const patient = listen(hub.subscribe([topic], { patient: true }))
    for (const n of range(0, 5)) {
      give(sealedAll(...range(n * 500 + 1, n * 500 + 500)), n < 5)
      await turn()
    }
    expect(patient.flat()).toEqual(range(1, 3_000))
    expect(patient.length).toBeLessThanOrEqual(6)
  })
})

describe('what came lately', () => {
  test('is at hand from any place that it reaches back to, exactly, and null from elsewhere', async () => {
    const { hub, give } = await start({}, 100)
    expect(hub.since(100, [])).toEqual([])
    expect([hub.since(99, []), hub.since(101, [])]).toEqual([null, null])
    // Feed numbers may have gaps.
    give([sealed(103), sealed(105, { companyId: 'd' })])
    const at = (after: number): unknown => {
      const found = hub.since(after, [])
      return found && feedsOf(found)
    }
    expect([99, 100, 102, 103, 104, 105, 106].map(at)).toEqual([null, [103, 105], [103, 105], [105], [105], [], null])
  })

  test('is bounded, and what is told of its bound is true', async () => {
    const { hub, give } = await start()
    for (let n = 0; n < 20; n++) give(sealedAll(...range(n * 500 + 1, n * 500 + 500)))
    const least = range(0, 10_000).find((after) => hub.since(after, []) !== null) ?? -1
    expect(least).toBeGreaterThanOrEqual(6_000)
    expect(least).toBeLessThanOrEqual(8_000)
    for (const after of [least, least + 1, 9_999, 10_000])
      expect(feedsOf(hub.since(after, []) ?? [])).toEqual(range(after + 1, 10_000))
  })
})

test('heartbeats come to each once in their time, spread over it, and to nobody who has just come', async () => {
  vi.useFakeTimers()
  const { hub, give } = await start({ heartbeatMs: 2_000 })
  give(sealedAll(1, 2))
  const beats = new Map<number, number>()
  const heard = Array.from({ length: 40 }, () => listen(hub.subscribe([{ companyId: 'd' }])))
  const quiet = (): number => heard.flat().filter((each) => each === 'quiet').length
  // Nobody has been quiet for as long as that yet.
  await vi.advanceTimersByTimeAsync(1_900)
  expect(quiet()).toBe(0)
  for (let at = 100; at <= 2_000; at += 100) {
    const before = quiet()
    await vi.advanceTimersByTimeAsync(100)
    beats.set(at, quiet() - before)
  }
  expect([...beats.values()]).toEqual(Array.from({ length: 20 }, () => 2))
  expect(heard.map((each) => each.length)).toEqual(heard.map(() => 1))
})
