// The rules of absences: who may be away when, who stands in, and how it ends (DOMAIN section 10).
import type { Company } from './company.ts'
import { hasRole, type Absence, type Directory } from './directory.ts'
import { DomainError, invalid, ok, refused, type Problem, type Result } from './errors.ts'
import type { DomainEvent, Json } from './events.ts'
import { isBefore } from './instant.ts'
import { unless, type SetupChange } from './setup.ts'
import { absenceOf } from './sitting.ts'

/** Absences of one person that are not over. */
const maxAbsences = 50
const day = 24 * 60 * 60 * 1000
const maxAbsenceDays = 2 * 366

const wrong = (message: string, ...at: string[]): Problem => ({ code: 'INVALID_VALUE', message, at })

export type AbsenceWish = Omit<Absence, 'id'>

/** What the events AbsenceSet, AbsenceBegan and AbsenceEnded say. */
export const absenceData = ({
  id,
  userId,
  standInId,
  from,
  until,
  workflowId,
}: Absence): Readonly<Record<string, Json>> => {
  return { absenceId: id, userId, standInId, from, until, workflowId }
}

const setEvent = (absence: Absence): DomainEvent => ({ type: 'AbsenceSet', data: absenceData(absence) })

const overlap = (a: AbsenceWish, b: AbsenceWish): boolean => isBefore(a.from, b.until) && isBefore(b.from, a.until)

/** Midnights are written as dates, other times to the minute. */
const said = (at: string): string =>
  at.includes('T00:00:00') ? at.slice(0, 10) : `${at.slice(0, 16).replace('T', ' ')} UTC`

/**
 * Those who would stand in for each other in a circle at some time while the absence lasts, beginning with its person; null: none. The
 * very function that says who sits is asked, at each moment at which somebody's absence begins or ends and for each workflow that has
 * absences of its own.
 */
const circleWith = (absence: Absence, directory: Directory): readonly string[] | null => {
  const absences = [...directory.absences, absence]
  const moments = absences
    .flatMap(({ from, until }) => [from, until])
    .filter((at) => !isBefore(at, absence.from) && isBefore(at, absence.until))
  const scopes =
    absence.workflowId === null ? ['', ...absences.flatMap(({ workflowId }) => workflowId ?? [])] : [absence.workflowId]
  for (const workflowId of new Set(scopes))
    for (const now of new Set(moments)) {
      const chain = [absence.userId]
      for (;;) {
        const next = absenceOf(chain.at(-1) ?? '', {
          directory: { ...directory, absences },
          workflowId,
          now,
        })?.standInId
        if (next === absence.userId) return chain
        if (next === undefined || chain.includes(next)) break
        chain.push(next)
      }
    }
  return null
}

/**
 * Somebody's absence in one company. `now` and the times are RFC 3339; what is saved is in UTC, to the millisecond. Errors:
 * INVALID_VALUE with its place, LIMIT_EXCEEDED.
 */
export const changeAbsence = (
  company: Pick<Company, 'code' | 'directory'>,
  now: string,
  id: string,
  wanted: AbsenceWish,
  /** Who sets it. */
  byId: string = wanted.userId,
): SetupChange<Absence> => {
  const { people, absences } = company.directory
  const name = (userId: string): string => people.get(userId)?.name ?? 'somebody'
  const utc = (at: string): string => new Date(Date.parse(at)).toISOString()
  const absence: Absence = { ...wanted, id, from: utc(wanted.from), until: utc(wanted.until) }
  const { userId, standInId, from, until, workflowId } = absence
  const problems: Problem[] = []
  if (people.get(userId)?.active !== true)
    problems.push(wrong(`Only an active member of ${company.code} can be away.`, 'userId'))
  const standIn = people.get(standInId)
  if (standInId === userId) problems.push(wrong('Nobody stands in for themself; choose somebody else.', 'standInId'))
  else if (standIn?.active !== true)
    problems.push(wrong(`A stand-in has to be an active member of ${company.code}.`, 'standInId'))
  else if (byId !== userId && standInId === byId)
    problems.push(wrong('You cannot put yourself in the place of somebody else; choose another person.', 'standInId'))
  else if (!hasRole(standIn, 'READER', 'CLERK', 'ADMINISTRATOR'))
    problems.push(wrong(`The roles of ${standIn.name} do not let them decide; choose somebody else.`, 'standInId'))
  else if (standIn.kind === 'SERVICE')
    problems.push(wrong('A service account cannot stand in for a person; choose a person.', 'standInId'))
  if (!isBefore(from, until)) problems.push(wrong('The absence ends after it begins; choose a later end.', 'until'))
  else if (!isBefore(now, until))
    problems.push(wrong('The absence would be over already; choose a later end.', 'until'))
  else if (Date.parse(until) - Date.parse(from) > maxAbsenceDays * day)
    problems.push(wrong('An absence lasts at most two years; whoever stays away longer is deactivated.', 'until'))
  return unless(problems, () => {
    const own = absences.filter((a) => a.userId === userId && isBefore(now, a.until))
    if (own.length >= maxAbsences)
      return refused(
        new DomainError('LIMIT_EXCEEDED', `${name(userId)} has ${maxAbsences} absences already; end some first.`, {
          at: ['userId'],
        }),
      )
    const other = own.find((a) => a.workflowId === workflowId && overlap(a, absence))
    if (other !== undefined) {
      const message = `${name(userId)} is away already from ${said(other.from)} until ${said(other.until)}, with ${name(other.standInId)} standing in; end that absence first, or choose another time.`
      return refused(invalid([wrong(message, isBefore(from, other.from) ? 'until' : 'from')]))
    }
    const circle = circleWith(absence, company.directory)
    if (circle !== null) {
      const links = circle.map((each, n) => `${name(circle[n + 1] ?? userId)} for ${name(each)}`)
      const message = `These would stand in for each other in a circle in ${company.code}: ${links.join(', ')}. Choose somebody else, or another time.`
      return refused(invalid([wrong(message, 'standInId')]))
    }
    return ok({ save: absence, events: [setEvent(absence)] })
  })
}

/**
 * Ends an absence now; one that has not begun is taken back, and nothing will be told of its begin or end (`takenBack`). Error:
 * WRONG_STATE when it is over.
 */
export const finishAbsence = (
  absence: Absence,
  now: string,
): Result<{ readonly save: Absence; readonly takenBack: boolean; readonly events: readonly DomainEvent[] }> => {
  if (!isBefore(now, absence.until) || !isBefore(absence.from, absence.until))
    return refused(new DomainError('WRONG_STATE', 'This absence is over already.', { at: ['absenceId'] }))
  const takenBack = !isBefore(absence.from, now)
  const save = { ...absence, until: takenBack ? absence.from : now }
  return ok({ save, takenBack, events: [setEvent(save)] })
}
