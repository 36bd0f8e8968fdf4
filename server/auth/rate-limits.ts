// How often somebody may ask: each API key, each person and each address from which nobody signs in has a budget of its own, so that
// none of them uses up another's. Counted in memory, by each process for itself: behind N processes a caller has up to N budgets.
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'

/** Requests in a minute that begins with the first of them; 0: as many as they like. */
export type RateLimitSettings = { readonly key: number; readonly person: number; readonly address: number }

/** Somebody who was recognised, or null and the address that they come from. */
export type Caller = { readonly keyId?: string; readonly user: { readonly user: { readonly id: string } } } | null

/** `refusal`: a sentence that says when to come again; null: the request may be answered. `headers` go with the answer either way. */
export type Taken = { readonly refusal: string | null; readonly headers: Readonly<Record<string, string>> }

export type RateLimits = {
  /** Counts a request, be it over HTTP or an operation on a socket. */
  take(caller: Caller, address: string | undefined): Promise<Taken>
}

const windowSeconds = 60

const who: Record<keyof RateLimitSettings, string> = {
  key: 'This API key has',
  person: 'You have',
  address: 'Callers from your address who have not signed in have',
}

type Budget = (of: string) => Promise<Taken>

const free: Taken = { refusal: null, headers: {} }
const unlimited: Budget = () => Promise.resolve(free)

/** A budget for each of a kind. The headers are those of the IETF's draft "RateLimit header fields for HTTP". */
const budgetOf = (kind: keyof RateLimitSettings, points: number): Budget => {
  if (points === 0) return unlimited
  const limiter = new RateLimiterMemory({ points, duration: windowSeconds })
  const policy = `"${kind}";q=${points};w=${windowSeconds}`
  return async (of) => {
    const { state, exceeded } = await limiter.consume(of).then(
      (state) => ({ state, exceeded: false }),
      (state: unknown) => {
        if (state instanceof RateLimiterRes) return { state, exceeded: true }
        throw state
      },
    )
    const seconds = Math.max(1, Math.ceil(state.msBeforeNext / 1000))
    const headers = {
      'ratelimit-policy': policy,
      ratelimit: `"${kind}";r=${state.remainingPoints};t=${seconds}`,
    }
    if (!exceeded) return { refusal: null, headers }
    return {
      refusal: `${who[kind]} asked ${points} times within a minute, which is the limit: come again in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`,
      headers: { ...headers, 'retry-after': String(seconds) },
    }
  }
}

export const createRateLimits = (settings: RateLimitSettings): RateLimits => {
  const byKey = budgetOf('key', settings.key)
  const byPerson = budgetOf('person', settings.person)
  const byAddress = budgetOf('address', settings.address)
  return {
    take(caller, address) {
      if (caller === null) return byAddress(address ?? '')
      return caller.keyId === undefined ? byPerson(caller.user.user.id) : byKey(caller.keyId)
    },
  }
}

/** Nobody is limited. */
export const noRateLimits: RateLimits = createRateLimits({ key: 0, person: 0, address: 0 })

/** The body of an answer with status 429, as GraphQL has errors of a request. */
export const refusalBody = (refusal: string): string =>
  JSON.stringify({ errors: [{ message: refusal, extensions: { code: 'RATE_LIMITED' } }] })
