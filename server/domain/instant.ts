// Points in time as RFC 3339 text in UTC. Text alone does not order them: one may have more digits than the other.

/** Is `a` earlier than `b`? */
export const isBefore = (a: string, b: string): boolean => {
  if (a.length === b.length) return a < b
  const difference = Date.parse(a) - Date.parse(b)
  return difference === 0 ? a < b : difference < 0
}

/** The earliest of those that are given; null: none is. */
export const earliest = (instants: Iterable<string | null | undefined>): string | null => {
  let first: string | null = null
  for (const instant of instants)
    if (typeof instant === 'string' && (first === null || isBefore(instant, first))) first = instant
  return first
}

/** As a sentence names it: to the minute. */
export const spoken = (instant: string): string => `${instant.slice(0, 10)} ${instant.slice(11, 16)} UTC`
