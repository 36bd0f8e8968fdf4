// Who sits at a seat now: whose it is, or who stands in for them (DOMAIN sections 7 and 10). Computed from the clock each time, so
// that it covers what is open already and hands back by itself.
import type { Absence, Directory } from './directory.ts'
import type { WorkItem } from './proposal.ts'
import { isInForce } from './stand-ins.ts'
import { whyNotEligible } from './workflow/eligibility.ts'

/** What a stand-in has to fit: the people, the workflow that asks, who may not decide in it, and the time. */
export type Seating = {
  readonly directory: Directory
  readonly workflowId: string
  readonly excluded: ReadonlySet<string>
  readonly now: string
}

/** The absences of a person that are in force; those of this workflow go before those of all. */
const absencesOf = (
  userId: string,
  { directory, workflowId, now }: Pick<Seating, 'directory' | 'workflowId' | 'now'>,
): readonly Absence[] =>
  directory.absences.length === 0
    ? []
    : directory.absences
        .filter(
          (a) => a.userId === userId && (a.workflowId === null || a.workflowId === workflowId) && isInForce(a, now),
        )
        .sort((a, b) => Number(a.workflowId === null) - Number(b.workflowId === null))

/** The absence of a person that is in force; one of this workflow goes before one of all. */
export const absenceOf = (
  userId: string,
  seating: Pick<Seating, 'directory' | 'workflowId' | 'now'>,
): Absence | undefined => absencesOf(userId, seating)[0]

/**
 * Who stands in for somebody who is away: chains are followed, whoever is not eligible or in `taken` is passed over. Null: nobody.
 */
export const standInFor = (userId: string, seating: Seating, taken: ReadonlySet<string>): string | null => {
  const seen = new Set([userId])
  const follow = (absences: readonly Absence[]): string | null => {
    for (const { standInId } of absences) {
      if (seen.has(standInId)) continue
      seen.add(standInId)
      const further = absencesOf(standInId, seating)
      if (further.length > 0) {
        const found = follow(further)
        if (found !== null) return found
      } else if (whyNotEligible(standInId, seating.excluded, seating.directory) === null && !taken.has(standInId))
        return standInId
    }
    return null
  }
  return follow(absencesOf(userId, seating))
}

export type Sitting = {
  /** Who may answer; null: nobody has the seat. */
  readonly userId: string | null
  /** Who sits in place of the assignee. */
  readonly standInId: string | null
  /** The assignee is away and nobody can stand in: the seat stays with them. */
  readonly stranded: boolean
}

/** Everybody who has a seat of a step or had one that was handed on: none of them comes to another one of it. */
export const askedIn = (items: readonly WorkItem[]): Set<string> =>
  new Set(
    items.flatMap(({ status, assigneeId, decidedById, heldByIds }) =>
      status === 'WITHDRAWN' ? [] : [assigneeId, decidedById, ...heldByIds].filter((id) => id !== null),
    ),
  )

/**
 * Who sits at the open items of one step, by item. Nobody sits twice in a step: of two who would have the same stand-in, the first keeps
 * them and the other seat stays where it is.
 */
export const sittings = (items: readonly WorkItem[], seating: Seating): ReadonlyMap<string, Sitting> => {
  const result = new Map<string, Sitting>()
  const taken = askedIn(items)
  for (const { id, status, assigneeId } of items) {
    if (status !== 'OPEN') continue
    const away = assigneeId !== null && absenceOf(assigneeId, seating) !== undefined
    const standInId = away ? standInFor(assigneeId, seating, taken) : null
    if (standInId !== null) taken.add(standInId)
    result.set(id, { userId: standInId ?? assigneeId, standInId, stranded: away && standInId === null })
  }
  return result
}
