import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createMailbox, type Taken } from '../../server/live/mailbox.ts'
import { feedsOf, sealed, turn } from './sealed.ts'

const byItem = { key: ({ workItemId }: { workItemId: string | null }) => workItemId }
const open = (limit = 10, more: object = {}) => {
  let closings = 0
  const box = createMailbox({ limit, onClose: () => (closings += 1), ...more })
  return Object.assign(box, { closings: () => closings })
}
/** What a taker got, if it got anything yet. */
const taking = (box: ReturnType<typeof open>, most = Infinity) => {
  let got: Taken | undefined
  void box.take(most).then((taken) => (got = taken))
  return async (): Promise<unknown> => {
    await turn()
    return got?.kind === 'events' ? feedsOf(got.events) : got?.kind
  }
}

describe('a mailbox', () => {
  test('gives what waits in order, as many as are wanted, and keeps the rest', async () => {
    const box = open()
    for (const n of [1, 2, 3, 4, 5]) box.push(sealed(n))
    expect(await taking(box, 2)()).toEqual([1, 2])
    expect(await taking(box, 1)()).toEqual([3])
    expect(await taking(box)()).toEqual([4, 5])
    expect(box.isEmpty()).toBe(true)
  })

  test('wakes who waits only when told that the batch is whole', async () => {
    const box = open()
    const taken = taking(box)
    box.push(sealed(1))
    box.push(sealed(2))
    expect(await taken()).toBeUndefined()
    box.release()
    expect(await taken()).toEqual([1, 2])
  })

  test('keeps the later of two with the same key, in the later place', async () => {
    const box = open(10, byItem)
    for (const [n, workItemId] of [
      [1, 'a'],
      [2, 'b'],
      [3, null],
      [4, 'a'],
      [5, null],
    ] as const)
      box.push(sealed(n, { workItemId }))
    expect(await taking(box)()).toEqual([2, 3, 4, 5])
  })

  test('never gives anything twice or out of order, and the last of each key, whatever comes and is taken', async () => {
    const step = fc.oneof(
      fc.record({ push: fc.option(fc.constantFrom('a', 'b', 'c')), hold: fc.boolean() }),
      fc.record({ take: fc.integer({ min: 1, max: 3 }) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const box = open(1_000, byItem)
        const given: number[] = []
        const last = new Map<string, number>()
        const take = async (most: number): Promise<void> => {
          const taken = await box.take(most)
          if (taken.kind === 'events') given.push(...feedsOf(taken.events))
        }
        let feed = 0
        for (const each of steps) {
          if ('take' in each) {
            box.release()
            if (!box.isEmpty()) await take(each.take)
            continue
          }
          feed += 1
          box.push(sealed(feed, { workItemId: each.push }), each.hold)
          last.set(each.push ?? `${feed}`, feed)
        }
        box.release()
        while (!box.isEmpty()) await take(2)
        expect(given).toEqual([...new Set(given)].sort((a, b) => a - b))
        for (const feedOfKey of last.values()) expect(given).toContain(feedOfKey)
      }),
      { numRuns: 200 },
    )
  })
})

describe('what is held', () => {
  test('waits for its release, for who waits and for who comes', async () => {
    const box = open()
    const first = taking(box)
    box.push(sealed(1), true)
    expect(await first()).toBeUndefined()
    box.release()
    expect(await first()).toEqual([1])
    box.push(sealed(2), true)
    const second = taking(box)
    box.push(sealed(3), true)
    expect(await second()).toBeUndefined()
    box.release()
    expect(await second()).toEqual([2, 3])
  })

  test('is given all the same when half of the room is full, so that a long burst does not overflow', async () => {
    const box = open(10)
    const waiting = taking(box)
    for (const n of [1, 2, 3, 4]) box.push(sealed(n), true)
    expect(await waiting()).toBeUndefined()
    for (const n of [5, 6]) box.push(sealed(n), true)
    expect(await waiting()).toEqual([1, 2, 3, 4, 5])
    for (const n of [7, 8, 9, 10]) box.push(sealed(n), true)
    expect(await taking(box)()).toEqual([6, 7, 8, 9, 10])
  })
})

describe('an overflow', () => {
  test('empties it, is told once, and then it fills anew', async () => {
    const box = open(3)
    for (const n of [1, 2, 3]) box.push(sealed(n))
    expect(box.overflowed()).toBe(false)
    for (const n of [4, 5]) box.push(sealed(n))
    expect([box.overflowed(), box.isEmpty()]).toEqual([true, false])
    expect(await taking(box)()).toBe('overflow')
    expect([box.overflowed(), box.isEmpty()]).toEqual([false, true])
    box.push(sealed(6))
    expect(await taking(box)()).toEqual([6])
  })

  test('does not come from many of the same key', async () => {
    const box = open(3, byItem)
    for (let n = 1; n <= 100; n++) box.push(sealed(n, { workItemId: `${n % 3}` }))
    expect(await taking(box)()).toEqual([98, 99, 100])
  })

  test('is forgotten with the rest', async () => {
    const box = open(1)
    for (const n of [1, 2]) box.push(sealed(n))
    box.clear()
    expect([box.overflowed(), box.isEmpty()]).toEqual([false, true])
    box.push(sealed(3))
    expect(await taking(box)()).toEqual([3])
  })
})

describe('a beat', () => {
  test('ends the wait of who has nothing to take, and of nobody else', async () => {
    const box = open()
    box.beat(1)
    const quiet = box.take(1)
    box.beat(2)
    expect(await quiet).toEqual({ kind: 'quiet', position: 2 })
    const held = taking(box)
    box.push(sealed(3), true)
    box.beat(3)
    expect(await held()).toBeUndefined()
    box.release()
    expect(await held()).toEqual([3])
  })
})

describe('a closed mailbox', () => {
  test('says so to who waits and to who comes, takes nothing more, and is closed once', async () => {
    const box = open()
    box.push(sealed(1), true)
    const waiting = taking(box)
    box.close()
    box.close()
    expect(await waiting()).toBe('closed')
    box.push(sealed(2))
    box.release()
    box.beat(3)
    expect(await taking(box)()).toBe('closed')
    expect(box.closings()).toBe(1)
  })

  test('is not one with nothing to take: whoever looks at it learns that it is closed', () => {
    const box = open()
    box.close()
    expect(box.isEmpty()).toBe(false)
  })
})
