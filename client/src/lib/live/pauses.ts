// How long to wait before the next attempt: quick at first, doubling up to a limit, and spread over the whole pause, so
// that thousands who lost the same server do not come back in step.

export type PauseTimes = {
  /** The longest first pause. */
  first: number
  /** The longest of all. */
  most: number
  /** What held for as long as this was no failure: the next pause is a first one again. */
  steady: number
}

export type Pauses = {
  /** The attempt has succeeded. */
  held(): void
  /** It has failed, or what held has ended: milliseconds until the next. */
  next(): number
  /** There is a reason to believe that the next attempt succeeds. */
  reset(): void
}

export const createPauses = ({ first, most, steady }: PauseTimes): Pauses => {
  let failures = 0
  let since: number | null = null
  return {
    held: () => {
      since ??= Date.now()
    },
    next: () => {
      // Whoever accepts and ends at once again is not well yet.
      if (since !== null && Date.now() - since >= steady) failures = 0
      since = null
      return Math.random() * Math.min(most, first * 2 ** failures++)
    },
    reset: () => {
      failures = 0
    },
  }
}
