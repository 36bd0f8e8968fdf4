// Whether anybody works beside an import: then it takes smaller steps, one after the other. Imports run in threads, which cannot ask the
// first one at every step; so the moment of the last command lies in memory that all of them see.

/** How long after a command its like are expected. */
const lastsMs = 2000

/** What is passed to a thread; `paceOf` makes a pace of it there. */
export type SharedPace = BigInt64Array<SharedArrayBuffer>
export type Pace = {
  readonly shared: SharedPace
  /** Somebody has just committed something. */
  readonly note: () => void
  /** Has somebody done so within the last two seconds? Of this process; what others do is not known. */
  readonly busy: () => boolean
}

/** `now`: milliseconds since 1970. */
export const paceOf = (
  now: () => number = Date.now,
  shared: SharedPace = new BigInt64Array(new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT)),
): Pace => ({
  shared,
  note: () => void Atomics.store(shared, 0, BigInt(Math.trunc(now()))),
  busy: () => now() - Number(Atomics.load(shared, 0)) < lastsMs,
})
