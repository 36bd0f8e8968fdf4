// Moments as people choose and sort them: by day, and to the minute of their own clock.
import { locale } from './locale.ts'
import { customerWords } from './words/customer.ts'

const two = (n: number) => String(n).padStart(2, '0')

/** A moment as the browser's own control takes it: local, to the minute. */
export const toControl = (at: Date): string =>
  `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`

/** What the browser's control holds as the API takes it; null when it is no moment. */
export const fromControl = (typed: string): string | null => {
  const at = new Date(typed)
  return Number.isNaN(at.getTime()) ? null : at.toISOString()
}

const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })
const thisYear = new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'long' })
const otherYear = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'long', year: 'numeric' })
const dayMs = 86_400_000
const startOfDay = (date: Date) => new Date(date.getFullYear(), date.getMonth(), date.getDate())

/** The local day of a moment, to put together what happened on it. */
export const dayOf = (at: string): string => toControl(startOfDay(new Date(at)))

/** What a day is called: Today, Yesterday, Tuesday, November 17. */
export const formatDay = (at: string, now = new Date()): string => {
  const date = new Date(at)
  const days = Math.round((startOfDay(date).getTime() - startOfDay(now).getTime()) / dayMs)
  const text = (date.getFullYear() === now.getFullYear() ? thisYear : otherYear).format(date)
  if (days !== 0 && days !== -1) return text
  const near = relative.format(days, 'day')
  return customerWords.dayAnd(near.charAt(0).toLocaleUpperCase(locale) + near.slice(1), text)
}
