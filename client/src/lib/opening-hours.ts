// The week of a calendar, as it is drawn and typed: Monday to Sunday, each closed or with one stretch of opening hours.
import { locale } from './locale.ts'
import { calendarWords } from './words/setup-work.ts'

/** A day as its controls hold it; midnight as the end is the end of the day. */
export type Day = { open: boolean; from: string; until: string }
/** A day as the API has it: `09:00-17:00`; null: closed. */
export type Hours = string | null

const [usualFrom, usualUntil] = ['09:00', '17:00']
const [midnight, endOfDay] = ['00:00', '24:00']
const minutesADay = 24 * 60

export const readDay = (hours: Hours): Day => {
  const [from = usualFrom, until = usualUntil] = hours?.split('-') ?? []
  return { open: hours !== null, from, until: until === endOfDay ? midnight : until }
}
export const writeDay = ({ open, from, until }: Day): Hours =>
  open ? `${from}-${until === midnight ? endOfDay : until}` : null

const minutes = (time: string | undefined): number => {
  const [h, m] = (time ?? '').split(':').map(Number)
  return (h ?? NaN) * 60 + (m ?? NaN)
}

/** Where the hours lie in the day, as parts of it; null: closed, or none that anybody can work in. */
export const stretch = (hours: Hours): { from: number; length: number } | null => {
  if (hours === null) return null
  const [from, until] = hours.split('-').map(minutes)
  if (from === undefined || until === undefined || !(from < until)) return null
  return { from: from / minutesADay, length: (until - from) / minutesADay }
}

const decimal = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 })
/** How many hours it is open in all. */
export const hoursAWeek = (week: readonly Hours[]): string =>
  decimal.format(week.reduce((sum, hours) => sum + (stretch(hours)?.length ?? 0) * 24, 0))

// A week that begins on a Monday.
const monday = Date.UTC(2024, 0, 1)
const namesOf = (weekday: 'long' | 'short'): string[] => {
  const format = new Intl.DateTimeFormat(locale, { weekday, timeZone: 'UTC' })
  return Array.from({ length: 7 }, (_, day) => format.format(monday + day * 86_400_000))
}
export const dayNames = namesOf('long')
const shortNames = namesOf('short')

const time = new Intl.DateTimeFormat(locale, { timeStyle: 'short', timeZone: 'UTC' })
const hour = new Intl.DateTimeFormat(locale, { hour: 'numeric', timeZone: 'UTC' })
/** An hour of the day, for a scale. */
export const formatHour = (of: number): string => hour.format(monday + of * 3_600_000)

/** 9:00 AM – 5:00 PM; a whole day in words. */
export const formatHours = (hours: string): string =>
  hours === `${midnight}-${endOfDay}`
    ? calendarWords.allDay
    : hours
        .split('-')
        .map((at) => time.format(monday + minutes(at) * 60_000))
        .join(' – ')

/** Mon–Fri 9:00 AM – 5:00 PM: days that follow each other with the same hours together. */
export const summaryOf = (week: readonly Hours[]): string => {
  const runs: { first: number; last: number; hours: string }[] = []
  for (const [day, hours] of week.entries()) {
    if (hours === null) continue
    const run = runs.at(-1)
    if (run?.last === day - 1 && run.hours === hours) run.last = day
    else runs.push({ first: day, last: day, hours })
  }
  return runs
    .map(({ first, last, hours }) => {
      const days = first === last ? shortNames[first] : `${shortNames[first]}–${shortNames[last]}`
      return `${days} ${formatHours(hours)}`
    })
    .join(', ')
}
