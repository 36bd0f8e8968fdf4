// When time runs out: limits in plain and in working time (DOMAIN section 10). Times are RFC 3339 in UTC, always in the form of
// toISOString, so that they compare as texts.
import { Temporal } from 'temporal-polyfill'
import type { Calendar, OpeningHours } from './calendar.ts'
import type { TimeLimit, TimeUnit } from './definition.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
/** What no search reaches: the last time whose text still compares with others. */
const never = Date.parse('9999-12-31T23:59:59.999Z')
/** A calendar may be closed for years; nobody waits longer than these 27 for a due date. */
const mostDays = 10_000
/** Far above what a definition may hold; no sum grows out of what a date can be. */
const mostAmount = 100_000
/** Days kept per calendar: the longest search, and some. */
const mostKept = 20_000

/** Days are counted from 1970-01-01, as local dates. Instants are milliseconds. */
type Window = { readonly opens: number; readonly closes: number }
type Prepared = {
  readonly zone: string
  readonly week: readonly (OpeningHours | null)[]
  readonly holidays: ReadonlySet<string>
  readonly windows: Map<number, Window | null>
  readonly midnights: Map<number, number>
}

// Company snapshots are kept and shared; a conversion between local time and instants takes 20 to 30 µs.
const prepared = new WeakMap<Calendar, Prepared>()
const prepare = (calendar: Calendar): Prepared => {
  const existing = prepared.get(calendar)
  if (existing !== undefined && existing.windows.size < mostKept) return existing
  const { zone, week, holidays } = calendar
  const fresh: Prepared = { zone, week, holidays: new Set(holidays), windows: new Map(), midnights: new Map() }
  prepared.set(calendar, fresh)
  return fresh
}

const text = (ms: number): string => new Date(Math.min(ms, never)).toISOString()
const dateText = (date: number): string => new Date(date * day).toISOString().slice(0, 10)
const plainDate = (date: number): Temporal.PlainDate => Temporal.PlainDate.from(dateText(date))
const local = (ms: number, zone: string): Temporal.ZonedDateTime =>
  Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone)

/** The first instant of a local day. */
const midnight = ({ zone, midnights }: Prepared, date: number): number => {
  const known = midnights.get(date)
  if (known !== undefined) return known
  const ms = plainDate(date).toZonedDateTime({ timeZone: zone }).epochMilliseconds
  midnights.set(date, ms)
  return ms
}

/** The local day of an instant: that of UTC, or one beside it. */
const dateAt = (calendar: Prepared, ms: number): number => {
  let date = Math.floor(ms / day)
  while (midnight(calendar, date) > ms) date--
  while (midnight(calendar, date + 1) <= ms) date++
  return date
}
/** Nearly every day: the clocks do not change. */
const isRegular = (calendar: Prepared, date: number): boolean =>
  midnight(calendar, date + 1) - midnight(calendar, date) === day

/** When the clock of that day first shows this time, or a later one where it skips it. */
const shows = (calendar: Prepared, date: number, time: string): number => {
  if (time === '24:00') return midnight(calendar, date + 1)
  if (isRegular(calendar, date))
    return midnight(calendar, date) + Number(time.slice(0, 2)) * hour + Number(time.slice(3)) * minute
  const wanted = plainDate(date).toPlainDateTime(time)
  const met = wanted.toZonedDateTime(calendar.zone)
  if (met.toPlainDateTime().equals(wanted)) return met.epochMilliseconds
  const before = wanted.toZonedDateTime(calendar.zone, { disambiguation: 'earlier' })
  return before.getTimeZoneTransition('next')?.epochMilliseconds ?? met.epochMilliseconds
}

const hoursOf = ({ week, holidays }: Prepared, date: number): OpeningHours | null => {
  // 1970-01-01 was a Thursday.
  const hours = week[(((date + 3) % 7) + 7) % 7] ?? null
  return hours === null || holidays.has(dateText(date)) ? null : hours
}

/** When it is open on a local day; null: not at all, which a day can also be whose opening hours the clocks skip. */
const windowOf = (calendar: Prepared, date: number): Window | null => {
  const known = calendar.windows.get(date)
  if (known !== undefined) return known
  const hours = hoursOf(calendar, date)
  const window =
    hours === null ? null : { opens: shows(calendar, date, hours.from), closes: shows(calendar, date, hours.to) }
  const open = window !== null && window.closes > window.opens ? window : null
  calendar.windows.set(date, open)
  return open
}

/** So much working time after `ms`; of nothing the next moment that is open. The end of a day's work is that day's closing instant. */
const addWorking = (calendar: Prepared, ms: number, amount: number): number => {
  const first = dateAt(calendar, ms)
  let left = amount
  for (let date = first; date < first + mostDays; date++) {
    const window = windowOf(calendar, date)
    if (window === null || window.closes < ms) continue
    const from = Math.max(ms, window.opens)
    if (left <= window.closes - from) return from + left
    left -= window.closes - from
  }
  return never
}

/** Working time between two instants; null: more than is counted. */
const workingBetween = (calendar: Prepared, from: number, to: number): number | null => {
  if ((to - from) / day > mostDays) return null
  const last = dateAt(calendar, to)
  let sum = 0
  for (let date = dateAt(calendar, from); date <= last; date++) {
    const window = windowOf(calendar, date)
    if (window !== null) sum += Math.max(0, Math.min(to, window.closes) - Math.max(from, window.opens))
  }
  return sum
}

/** The local time of `ms`, which is on the day `from`, on the day `to`. */
const sameTime = (calendar: Prepared, ms: number, from: number, to: number): number =>
  isRegular(calendar, from) && isRegular(calendar, to)
    ? midnight(calendar, to) + ms - midnight(calendar, from)
    : plainDate(to).toZonedDateTime({ timeZone: calendar.zone, plainTime: local(ms, calendar.zone).toPlainTime() })
        .epochMilliseconds

/** The same local time on the n-th following working day, moved into opening hours. */
const addWorkingDays = (calendar: Prepared, ms: number, amount: number): number => {
  const first = dateAt(calendar, ms)
  let left = amount
  for (let date = first + 1; date <= first + mostDays; date++)
    if (hoursOf(calendar, date) !== null && --left <= 0)
      return addWorking(calendar, sameTime(calendar, ms, first, date), 0)
  return never
}

/**
 * The same local time so many days, weeks or months later; the last day of a month that has no such day. A time that the clocks skip
 * is the same minute of the next hour that exists (02:30 → 03:30), of one that comes twice it is the first: RFC 5545 section 3.3.5.
 */
const addLocal = (zone: string, ms: number, amount: number, unit: Exclude<TimeUnit, 'HOURS'>): number => {
  const name = unit === 'DAYS' ? 'days' : unit === 'WEEKS' ? 'weeks' : 'months'
  return local(ms, zone).add({ [name]: amount }).epochMilliseconds
}

/**
 * When a limit that begins at `start` runs out (DOMAIN section 10). Plain days, weeks and months are those of the calendar's zone.
 * Working hours count opening hours only. Working weeks and months are plain ones, moved into opening hours: a week is a week for
 * everybody, and nobody counts the working days of a month. What the calendar does not reach within 27 years is due in 9999.
 */
export const dueAfter = (start: string, limit: TimeLimit, calendar: Calendar): string => {
  const ms = Date.parse(start)
  const amount = Math.min(limit.amount, mostAmount)
  const { unit } = limit
  if (!limit.workingTime) return text(unit === 'HOURS' ? ms + amount * hour : addLocal(calendar.zone, ms, amount, unit))
  const ready = prepare(calendar)
  switch (unit) {
    case 'HOURS':
      return text(addWorking(ready, ms, amount * hour))
    case 'DAYS':
      return text(addWorkingDays(ready, ms, amount))
    case 'WEEKS':
    case 'MONTHS': {
      const plain = addLocal(calendar.zone, ms, amount, unit)
      return text(plain < never ? addWorking(ready, plain, 0) : never)
    }
    default:
      return unit satisfies never
  }
}

/**
 * What is left of a limit when it stops: milliseconds, of working time for a limit in working time. Below zero: it had run out already;
 * null: more than is counted.
 */
export const leftOf = (dueAt: string, stoppedAt: string, limit: TimeLimit, calendar: Calendar): number | null => {
  const [due, stopped] = [Date.parse(dueAt), Date.parse(stoppedAt)]
  if (due <= stopped) return Math.min(due - stopped, -1)
  return limit.workingTime ? workingBetween(prepare(calendar), stopped, due) : due - stopped
}

/** When a limit runs out that goes on with what was left of it. What was overdue already is due at once. */
export const dueWithLeft = (resumedAt: string, left: number | null, limit: TimeLimit, calendar: Calendar): string => {
  const resumed = Date.parse(resumedAt)
  if (left === null) return text(never)
  if (left < 0) return text(resumed)
  return text(limit.workingTime ? addWorking(prepare(calendar), resumed, left) : resumed + left)
}

/**
 * When a limit runs out that stood still from `stoppedAt` to `resumedAt`: what was left of it is counted again, in working time for
 * a limit in working time.
 */
export const resumeDue = (
  dueAt: string,
  stoppedAt: string,
  resumedAt: string,
  limit: TimeLimit,
  calendar: Calendar,
): string => dueWithLeft(resumedAt, leftOf(dueAt, stoppedAt, limit, calendar), limit, calendar)

// Offsets and texts that hold a zone somewhere would be understood as well; neither is a name.
const zoneName = /^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)*$/

/** Is it the IANA name of a time zone, such as Europe/Berlin? */
export const isZone = (name: string): boolean => {
  if (name.length > 100 || !zoneName.test(name)) return false
  try {
    local(0, name)
    return true
  } catch {
    return false
  }
}

const hoursText = /^([01]\d|2[0-3]):([0-5]\d) ?- ?(([01]\d|2[0-3]):([0-5]\d)|24:00)$/

/** Opening hours from a text such as "09:00-17:00"; null when it is none, or ends before it begins. */
export const readOpeningHours = (hours: string): OpeningHours | null => {
  const found = hoursText.exec(hours.trim())
  if (found === null) return null
  const [from, to] = [`${found[1] ?? ''}:${found[2] ?? ''}`, found[3] ?? '']
  return from < to ? { from, to } : null
}
