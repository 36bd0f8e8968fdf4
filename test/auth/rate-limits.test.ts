// Budgets of requests: whose they are, when they are used up, and when they are whole again.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  createRateLimits,
  noRateLimits,
  refusalBody,
  type Caller,
  type RateLimits,
} from '../../server/auth/rate-limits.ts'

const person = (id: string): Caller => ({ user: { user: { id } } })
const key = (keyId: string, of = 'partner'): Caller => ({ keyId, user: { user: { id: of } } })
/** How many of so many requests at once are refused. */
const refused = async (limits: RateLimits, caller: Caller, count: number, address?: string): Promise<number> => {
  const taken = await Promise.all(Array.from({ length: count }, () => limits.take(caller, address)))
  return taken.filter(({ refusal }) => refusal !== null).length
}

beforeEach(() => void vi.useFakeTimers({ now: new Date('2026-11-22T12:00:00Z') }))
afterEach(() => void vi.useRealTimers())

describe('a budget', () => {
  it('may be spent at once, and is whole again a minute after its first request', async () => {
    const limits = createRateLimits({ key: 3, person: 0, address: 0 })
    expect(await limits.take(key('a'), undefined)).toEqual({
      refusal: null,
      headers: { 'ratelimit-policy': '"key";q=3;w=60', ratelimit: '"key";r=2;t=60' },
    })
    vi.advanceTimersByTime(20_500)
    expect(await refused(limits, key('a'), 2)).toBe(0)
    expect(await limits.take(key('a'), undefined)).toEqual({
      refusal: 'This API key has asked 3 times within a minute, which is the limit: come again in 40 seconds.',
      headers: { 'ratelimit-policy': '"key";q=3;w=60', ratelimit: '"key";r=0;t=40', 'retry-after': '40' },
    })
    vi.advanceTimersByTime(39_000)
    const { refusal, headers } = await limits.take(key('a'), undefined)
    expect([refusal, headers['retry-after']]).toEqual([expect.stringMatching(/come again in 1 second\.$/), '1'])
    // Asking too early does not put it off.
    vi.advanceTimersByTime(500)
    expect(await refused(limits, key('a'), 4)).toBe(1)
  })

  it('is of one key, one person, or one address from which nobody signs in, and none uses up another', async () => {
    const limits = createRateLimits({ key: 2, person: 3, address: 1 })
    expect(await refused(limits, key('a'), 5)).toBe(3)
    expect(await refused(limits, key('b'), 5)).toBe(3)
    expect(await refused(limits, person('partner'), 5)).toBe(2)
    expect(await refused(limits, person('a'), 5)).toBe(2)
    expect(await refused(limits, null, 5, '192.0.2.1')).toBe(4)
    expect(await refused(limits, null, 5, '192.0.2.2')).toBe(4)
    expect(await refused(limits, null, 5)).toBe(4)
  })

  it('of zero is no limit, and is not spoken of', async () => {
    const limits = createRateLimits({ key: 1, person: 0, address: 0 })
    expect(await refused(limits, person('a'), 10_000)).toBe(0)
    expect(await limits.take(person('a'), undefined)).toEqual({ refusal: null, headers: {} })
    expect(await refused(noRateLimits, key('a'), 10_000)).toBe(0)
  })

  it('that is used up is told as GraphQL tells errors', () => {
    expect(JSON.parse(refusalBody('Come "later".'))).toEqual({
      errors: [{ message: 'Come "later".', extensions: { code: 'RATE_LIMITED' } }],
    })
  })
})
