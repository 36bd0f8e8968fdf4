import fc from 'fast-check'
import { pino } from 'pino'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { openChannel, type ChannelOptions, type Member } from '../../server/live/channel.ts'
import { startHub, type Hub } from '../../server/live/hub.ts'
import type { Joined, Left } from '../../server/live/stream.ts'
import { feedsOf, handFeed, sealed, sealedAll, turn } from './sealed.ts'

// The promised timers are not among those that can be faked: here they are those that can.
vi.mock('node:timers/promises', async (original) => ({
  ...(await original<typeof import('node:timers/promises')>()),
  setTimeout: (ms: number) => new Promise((resolve) => setTimeout(resolve, ms)),
}))

type Reader = Member & { readonly got: number[]; readonly beats: number[] }
const topic = { companyId: 'c' }
const log = pino({ level: 'silent' })
const hubs: Hub[] = []
afterEach(() => {
  for (const hub of hubs.splice(0)) hub.stop()
  vi.useRealTimers()
})

const start = async (more: Partial<ChannelOptions<Reader>> = {}, heartbeatMs = 1_000_000) => {
  const { feed, give } = handFeed()
  const hub = await startHub({ feed, heartbeatMs })
  hubs.push(hub)
  const onEmpty = vi.fn()
  const deliver: ChannelOptions<Reader>['deliver'] = async (events, members) => {
    await turn()
    for (const { seal } of events)
      for (const member of members) {
        if (member.position >= seal.feed) continue
        member.got.push(seal.feed)
        member.position = seal.feed
      }
  }
  const beat: ChannelOptions<Reader>['beat'] = (position, members) => {
    for (const member of members) member.beats.push(position)
    return Promise.resolve()
  }
  const channel = openChannel<Reader>({ hub, topic, accept: () => true, log, deliver, beat, onEmpty, ...more })
  const join = () => {
    const reader: Reader = { position: hub.position(), got: [], beats: [] }
    const joined: Joined = channel.join(reader)
    let left: Left | undefined
    void joined.left.then((how) => (left = how))
    return { reader, leave: () => joined.leave(), joined: hub.position(), left: () => left }
  }
  return { hub, give, channel, join, onEmpty }
}
const waiting = <T>(check: () => T) => vi.waitFor(check, { timeout: 5_000, interval: 5 })

describe('a channel', () => {
  test('gives everybody each event once, whenever they come and go, also when handing over fails half-way', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] })
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ events: fc.integer({ min: 1, max: 5 }) }) },
      { weight: 2, arbitrary: fc.constant('join' as const) },
      { weight: 1, arbitrary: fc.record({ leave: fc.nat(20) }) },
      { weight: 2, arbitrary: fc.record({ fail: fc.integer({ min: 0, max: 6 }) }) },
      { weight: 2, arbitrary: fc.constant('turn' as const) },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        /** After so many more writes one fails; never as often in a row as would end it. */
        let failAfter = -1
        const { hub, give, join } = await start({
          async deliver(events, members) {
            await turn()
            for (const { seal } of events)
              for (const member of members) {
                if (failAfter >= 0 && failAfter-- === 0) throw new Error('deliberately')
                if (member.position >= seal.feed) continue
                member.got.push(seal.feed)
                member.position = seal.feed
                if (seal.feed % 3 === 0) await turn()
              }
          },
        })
        // Somebody stays from beginning to end.
        const readers = [{ ...join(), until: Infinity }]
        let feed = 0
        for (const each of steps) {
          if (each === 'join') readers.push({ ...join(), until: Infinity })
          else if (each === 'turn') await turn()
          else if ('events' in each) {
            give(sealedAll(...Array.from({ length: each.events }, () => (feed += 1))))
          } else if ('fail' in each) failAfter = each.fail
          else {
            const reader = readers[1 + (each.leave % readers.length)]
            if (reader?.until !== Infinity) continue
            reader.leave()
            reader.until = hub.position()
            reader.reader.got.push(-1)
          }
        }
        for (let n = 0; n < 200 && readers.some((r) => r.until === Infinity && r.reader.position < feed); n++) {
          await vi.advanceTimersByTimeAsync(1_000)
          await turn()
        }
        for (const { reader, joined, until } of readers) {
          const expected = Array.from({ length: feed - joined }, (_, n) => joined + 1 + n)
          if (until === Infinity) expect(reader.got).toEqual(expected)
          else {
            // Nothing comes after one has left; before, no event is left out.
            expect(reader.got.at(-1)).toBe(-1)
            expect(reader.got.slice(0, -1)).toEqual(expected.slice(0, reader.got.length - 1))
          }
        }
        hub.stop()
        await vi.advanceTimersByTimeAsync(10_000)
        await turn()
        expect(readers.map(({ left }) => left()?.kind)).toEqual(readers.map(() => 'closed'))
      }),
      { numRuns: 150 },
    )
  })

  test('takes up to a hundred events at once, and those alone that are accepted', async () => {
    const batches: number[][] = []
    const { give, join } = await start({
      accept: ({ proposalId }) => proposalId !== null,
      async deliver(events) {
        batches.push(feedsOf(events))
        await turn()
      },
    })
    join()
    give(Array.from({ length: 250 }, (_, n) => sealed(n + 1, { proposalId: n % 2 === 0 ? 'p' : null })))
    await waiting(() => expect(batches.map(({ length }) => length)).toEqual([100, 25]))
    expect(batches.flat().every((feed) => feed % 2 === 1)).toBe(true)
  })

  test('tells quiet members up to where there was nothing', async () => {
    const { give, join } = await start({}, 20)
    const { reader } = join()
    give([sealed(1, { companyId: 'other' }), sealed(2, { companyId: 'other' })])
    await waiting(() => expect(reader.beats).toContain(2))
    expect(reader.got).toEqual([])
  })

  test('survives a heartbeat that fails', async () => {
    let fails = 0
    const { give, join } = await start({ beat: () => Promise.reject(new Error(`deliberately ${(fails += 1)}`)) }, 20)
    const { reader } = join()
    await waiting(() => expect(fails).toBeGreaterThan(1))
    give(sealedAll(1))
    await waiting(() => expect(reader.got).toEqual([1]))
  })
})

describe('handing over that fails', () => {
  test('is tried again later and later, and ends the members with the reason when it goes on failing', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] })
    let tries = 0
    const { give, join, onEmpty, hub } = await start({
      deliver: () => Promise.reject(new Error(`try ${(tries += 1)}`)),
    })
    const members = [join(), join()]
    give(sealedAll(1))
    await turn()
    expect(tries).toBe(1)
    await vi.advanceTimersByTimeAsync(100)
    expect(tries).toBe(2)
    await vi.advanceTimersByTimeAsync(399)
    expect(tries).toBe(2)
    await vi.advanceTimersByTimeAsync(10_000)
    await turn()
    expect(tries).toBe(6)
    expect(members.map(({ left }) => left())).toEqual(
      members.map(() => ({ kind: 'failed', error: new Error('try 6') })),
    )
    expect(onEmpty).toHaveBeenCalledTimes(1)
    hub.stop()
  })

  test('holds back what comes meanwhile, and loses none of it', async () => {
    let broken = true
    const { give, join } = await start({
      deliver: (events, members) => {
        if (broken) return Promise.reject(new Error('deliberately'))
        for (const member of members) member.got.push(...feedsOf(events))
        return Promise.resolve()
      },
    })
    const { reader, left } = join()
    give(sealedAll(1))
    await turn()
    give(sealedAll(2, 3))
    broken = false
    await waiting(() => expect(reader.got).toEqual([1, 2, 3]))
    expect(left()).toBeUndefined()
  })
})

describe('who leaves', () => {
  test('last closes it: nothing is handed over any more, and who comes later opens another', async () => {
    const deliver = vi.fn(() => Promise.resolve())
    const { give, join, onEmpty } = await start({ deliver })
    const [one, two] = [join(), join()]
    one.leave()
    one.leave()
    expect(onEmpty).not.toHaveBeenCalled()
    two.leave()
    await turn()
    expect([one.left(), two.left()]).toEqual([{ kind: 'closed' }, { kind: 'closed' }])
    expect(onEmpty).toHaveBeenCalledTimes(1)
    give(sealedAll(1))
    await turn()
    expect(deliver).not.toHaveBeenCalled()
  })

  test('because somebody else says so learns how', async () => {
    const { channel, join } = await start()
    const [one, two] = [join(), join()]
    channel.dismiss(one.reader, { kind: 'overflow' })
    channel.dismiss(one.reader, { kind: 'closed' })
    await turn()
    expect([one.left(), two.left()]).toEqual([{ kind: 'overflow' }, undefined])
  })

  test('are all when more has come than there is room for', async () => {
    const { promise: stuck, resolve } = Promise.withResolvers<undefined>()
    const { give, join, onEmpty } = await start({ deliver: () => stuck })
    const members = [join(), join()]
    give(sealedAll(1))
    await turn()
    for (let n = 0; n < 11; n++) give(sealedAll(...Array.from({ length: 1_000 }, (_, i) => 2 + n * 1_000 + i)))
    resolve(undefined)
    await turn()
    expect(members.map(({ left }) => left())).toEqual(members.map(() => ({ kind: 'overflow' })))
    expect(onEmpty).toHaveBeenCalledTimes(1)
  })
})
