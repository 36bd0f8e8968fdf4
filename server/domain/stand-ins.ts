// Between whom seats may change hands because somebody is away: wider than who really sits (sitting.ts), but known without any item.
import type { Absence } from './directory.ts'
import { isBefore } from './instant.ts'

/** Is the absence in force at this time? */
export const isInForce = ({ from, until }: Pick<Absence, 'from' | 'until'>, now: string): boolean =>
  !isBefore(now, from) && isBefore(now, until)

type End = 'userId' | 'standInId'

const reach = (userId: string, absences: readonly Absence[], now: string, from: End, to: End): ReadonlySet<string> => {
  const found = new Set<string>()
  if (absences.length === 0) return found
  const current = absences.filter((absence) => isInForce(absence, now))
  const waiting = [userId]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop())
    for (const absence of current) {
      const other = absence[to]
      if (absence[from] !== next || other === userId || found.has(other)) continue
      found.add(other)
      waiting.push(other)
    }
  return found
}

/** Everybody who is away now and for whom this person may stand in, over chains and whatever the workflow. */
export const awayBefore = (userId: string, absences: readonly Absence[], now: string): ReadonlySet<string> =>
  reach(userId, absences, now, 'standInId', 'userId')

/** Everybody who may stand in for this person now, over chains; nobody while they are here. */
export const standInsAfter = (userId: string, absences: readonly Absence[], now: string): ReadonlySet<string> =>
  reach(userId, absences, now, 'userId', 'standInId')
