// The rules of how a company shares out its work: what a queue and a calendar may be, and the event that tells of each with old and
// new (DOMAIN sections 2, 5 and 10). Each answers what to save, or null when nothing is different.
import type { Company } from './company.ts'
import type { Queue } from './directory.ts'
import { ok, type Problem } from './errors.ts'
import type { Json } from './events.ts'
import { nameFault } from './names.ts'
import { asks, unless, type SetupChange } from './setup.ts'
import type { Calendar, OpeningHours } from './workflow/calendar.ts'
import { isZone, readOpeningHours } from './workflow/timing.ts'

const maxMembers = 500
const maxQueues = 500
const maxHolidays = 1000
const maxCalendars = 100

const wrong = (message: string, ...at: string[]): Problem => ({ code: 'INVALID_VALUE', message, at })
const tooMany = (message: string, ...at: string[]): Problem => ({ code: 'LIMIT_EXCEEDED', message, at })

/** A queue as a whole: its name and all of its members. `id`: of the queue, a fresh one for a new queue. */
export const changeQueue = (
  company: Pick<Company, 'code' | 'directory' | 'workflows'>,
  id: string,
  wanted: { readonly name: string; readonly memberIds: readonly string[] },
): SetupChange<Queue> => {
  const { queues, people } = company.directory
  const before = queues.get(id)
  const name = wanted.name.trim()
  const problems: Problem[] = []
  const fault = nameFault(name, 60, "A queue's name")
  if (fault !== null) problems.push(wrong(fault, 'name'))
  if (before === undefined && queues.size >= maxQueues)
    problems.push(tooMany(`A company has at most ${maxQueues} queues; use one that is there.`, 'name'))
  if (wanted.memberIds.length > maxMembers)
    problems.push(tooMany(`A queue has at most ${maxMembers} members.`, 'memberIds'))
  for (const [i, memberId] of wanted.memberIds.entries())
    if (!people.has(memberId))
      problems.push(wrong(`Only members of ${company.code} can be in a queue.`, 'memberIds', String(i)))
  if (
    before !== undefined &&
    before.name !== name &&
    company.workflows.some((w) => asks(w.activeVersion?.definition, 'queue', before.name))
  )
    problems.push(
      wrong(
        `An active workflow asks the queue "${before.name}" by this name; change the workflow before renaming the queue.`,
        'name',
      ),
    )
  return unless(problems, () => {
    const memberIds = [...new Set(wanted.memberIds)]
    const same =
      before?.name === name &&
      before.memberIds.length === memberIds.length &&
      before.memberIds.every((m) => memberIds.includes(m))
    if (same) return ok(null)
    const old = before === undefined ? null : { name: before.name, memberIds: before.memberIds }
    return ok({
      save: { id, name, memberIds },
      events: [{ type: 'QueueSaved', data: { queueId: id, old, new: { name, memberIds } } }],
    })
  })
}

export type CalendarWish = {
  readonly name: string
  readonly zone: string
  /** Opening hours of Monday to Sunday, `09:00-17:00`; null: closed. */
  readonly week: readonly (string | null | undefined)[]
  readonly holidays: readonly string[]
  /** Left out: as it was; of a new one false. */
  readonly isDefault?: boolean | null | undefined
}

const weekDays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']
const hoursText = (hours: OpeningHours | null): string | null => (hours === null ? null : `${hours.from}-${hours.to}`)

const calendarData = ({ name, zone, week, holidays, isDefault }: Calendar): Readonly<Record<string, Json>> => {
  return { name, zone, week: week.map(hoursText), holidays, isDefault }
}

/** Is it a date, `YYYY-MM-DD`, of a day that exists? */
const isDate = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) &&
  !text.startsWith('0000') &&
  !Number.isNaN(Date.parse(text)) &&
  new Date(Date.parse(text)).toISOString().startsWith(text)

const readWeek = (week: CalendarWish['week'], problems: Problem[]): (OpeningHours | null)[] => {
  if (week.length !== weekDays.length)
    problems.push(
      wrong(
        `A week has seven entries, for Monday to Sunday; ${week.length} are given. A closed day is one of them, without hours.`,
        'week',
      ),
    )
  const read = week.slice(0, weekDays.length).map((hours, n) => {
    if (hours === null || hours === undefined) return null
    const open = readOpeningHours(hours)
    if (open === null)
      problems.push(
        wrong(
          `Opening hours of ${weekDays[n]} are written as "09:00-17:00", the end after the beginning and at most 24:00; a closed day has none.`,
          'week',
          String(n),
        ),
      )
    return open
  })
  if (week.length === weekDays.length && week.every((hours) => (hours ?? null) === null))
    problems.push(wrong('At least one day of the week is open, or no working time would ever pass.', 'week'))
  return read
}

/**
 * A calendar, by its name. A company has at most one default: with the mark given to one, the other that had it is saved without, and
 * comes first in `save`. `id`: for a new calendar.
 */
export const changeCalendar = (
  company: Pick<Company, 'calendars'>,
  id: string,
  wanted: CalendarWish,
): SetupChange<readonly Calendar[]> => {
  const name = wanted.name.trim()
  const zone = wanted.zone.trim()
  const before = company.calendars.find((c) => c.name === name)
  const problems: Problem[] = []
  const fault = nameFault(name, 60, "A calendar's name")
  if (fault !== null) problems.push(wrong(fault, 'name'))
  if (before === undefined && company.calendars.length >= maxCalendars)
    problems.push(tooMany(`A company has at most ${maxCalendars} calendars; change one that is there.`, 'name'))
  if (!isZone(zone))
    problems.push(wrong('The time zone is a name of the IANA list, for example "Europe/Berlin" or "UTC".', 'zone'))
  const week = readWeek(wanted.week, problems)
  if (wanted.holidays.length > maxHolidays)
    problems.push(tooMany(`A calendar has at most ${maxHolidays} holidays; leave out those that are over.`, 'holidays'))
  else
    for (const [i, holiday] of wanted.holidays.entries())
      if (!isDate(holiday))
        problems.push(
          wrong('A holiday is a day that exists, written as "2026-12-25" for example.', 'holidays', String(i)),
        )
  return unless(problems, () => {
    const isDefault = wanted.isDefault ?? before?.isDefault ?? false
    const holidays = [...new Set(wanted.holidays)].sort()
    const after: Calendar = { id: before?.id ?? id, name, zone, week, holidays, isDefault }
    const saved: { readonly old: Calendar | undefined; readonly new: Calendar }[] = []
    if (isDefault)
      for (const other of company.calendars)
        if (other.isDefault && other.id !== after.id) saved.push({ old: other, new: { ...other, isDefault: false } })
    if (before === undefined || JSON.stringify(calendarData(before)) !== JSON.stringify(calendarData(after)))
      saved.push({ old: before, new: after })
    if (saved.length === 0) return ok(null)
    return ok({
      save: saved.map((calendar) => calendar.new),
      events: saved.map(({ old, new: now }) => ({
        type: 'CalendarSaved',
        data: { calendarId: now.id, old: old === undefined ? null : calendarData(old), new: calendarData(now) },
      })),
    })
  })
}
