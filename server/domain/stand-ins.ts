// Between whom seats may change hands because somebody is away: wider than who really sits (sitting.ts), but known without any item.
import type { Absence } from './directory.ts'
import { isBefore } from './instant.ts'

/** Is the absence in force at this time? */
export const isInForce = ({ from, until }: Pick<Absence, 'from' | 'until'>, now: string): boolean =>
  !isBefore(now, from) && isBefore(now, until)

type Ends = readonly [from: string, to: string]

const reach = (
  userId: string,
  absences: readonly Absence[],
  now: string,
  waysOf: (absence: Absence) => readonly Ends[],
): ReadonlySet<string> => {
  const found = new Set<string>()
  if (absences.length === 0) return found
  const ways = absences.filter((absence) => isInForce(absence, now)).flatMap(waysOf)
  const waiting = [userId]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop())
    for (const [from, to] of ways) {
      if (from !== next || to === userId || found.has(to)) continue
      found.add(to)
      waiting.push(to)
    }
  return found
}

const back = ({ userId, standInId }: Absence): readonly Ends[] => [[standInId, userId]]
const forth = ({ userId, standInId }: Absence): readonly Ends[] => [[userId, standInId]]

/** Everybody who is away now and for whom this person may stand in, over chains and whatever the workflow. */
export const awayBefore = (userId: string, absences: readonly Absence[], now: string): ReadonlySet<string> =>
  reach(userId, absences, now, back)

/** Everybody who may stand in for this person now, over chains; nobody while they are here. */
export const standInsAfter = (userId: string, absences: readonly Absence[], now: string): ReadonlySet<string> =>
  reach(userId, absences, now, forth)

/**
 * Everybody with whom seats may change hands, directly or not: of two who have the same stand-in, one can lose them to the other,
 * because nobody sits twice in a step.
 */
export const exchangingWith = (userId: string, absences: readonly Absence[], now: string): ReadonlySet<string> =>
  reach(userId, absences, now, (absence) => [...back(absence), ...forth(absence)])
