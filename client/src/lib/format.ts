// Figures and dates as people of the locale write them. Decimals stay text all the way: Intl formats them exactly.
import type { Json } from './graphql.ts'
import type { Field, Value } from './documents/fragments.ts'
import { locale } from './locale.ts'
import { messages } from './messages.ts'

const day = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric' })
const weekday = new Intl.DateTimeFormat(locale, { weekday: 'short' })
const minute = new Intl.DateTimeFormat(locale, { timeStyle: 'short' })
const whole = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' })
const exact = new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'long' })
const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1, signDisplay: 'exceptZero' })
const count = new Intl.NumberFormat(locale)

const dayMs = 86_400_000
const startOfDay = (date: Date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime()

/** The shortest form that says when: 10:42 today, Tue within six days, otherwise the date. */
export const formatWhen = (at: string | Date, now = new Date()): string => {
  const date = new Date(at)
  const days = Math.round((startOfDay(date) - startOfDay(now)) / dayMs)
  if (days === 0) return minute.format(date)
  return Math.abs(days) < 7 ? `${weekday.format(date)} ${minute.format(date)}` : day.format(date)
}

/** Day and minute: Nov 24, 2026, 10:00 AM. */
export const formatWhole = (at: string): string => whole.format(new Date(at))
export const formatMinute = (at: Date): string => minute.format(at)
export const formatExact = (at: string): string => exact.format(new Date(at))

const ago = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'narrow' })
const minuteMs = 60_000
const units = [
  ['day', dayMs],
  ['hour', 60 * minuteMs],
  ['minute', minuteMs],
] as const
/** How long ago, in the largest unit that has passed: 2h ago, now. Only beside the exact moment. */
export const formatAge = (at: string, now: number): string => {
  const passed = Math.max(0, now - new Date(at).getTime())
  const [unit, ms] = units.find(([, length]) => passed >= length) ?? ['second', Infinity]
  return ago.format(-Math.floor(passed / ms), unit)
}
export const formatCount = (n: number): string => count.format(n)

type Numeric = Intl.StringNumericLiteral

// One of each kind: making one takes longer than all that is then written with it on a page.
const decimals = new Map<string, Intl.NumberFormat>()
const decimal = (scale: number | null | undefined, signed: boolean): Intl.NumberFormat => {
  const key = `${scale} ${signed}`
  const known = decimals.get(key)
  if (known) return known
  const made = new Intl.NumberFormat(locale, {
    minimumFractionDigits: scale ?? 0,
    maximumFractionDigits: scale ?? 20,
    signDisplay: signed ? 'exceptZero' : 'auto',
  })
  decimals.set(key, made)
  return made
}

/** A decimal as text, grouped, with `scale` digits behind the point and a real minus sign. */
export const formatDecimal = (value: string, scale: number | null | undefined, signed = false): string =>
  decimal(scale, signed)
    .format(value as Numeric)
    .replace('-', '−')

/** For the eye only: the share by which a figure moves; nothing where there is no figure to compare with. */
export const formatPercent = (delta: string, original: string): string | null => {
  const base = Number(original)
  return base === 0 || !Number.isFinite(base) ? null : percent.format(Number(delta) / Math.abs(base)).replace('-', '−')
}

/** A value as bare text, for an editor or where nothing is known of its field. */
export const plain = (raw: Json): string => (typeof raw === 'object' ? JSON.stringify(raw) : String(raw))

/** A whole child record's values by property; empty where the value is something else or masked. */
export const asRecord = (raw: Json | undefined): Record<string, Json> =>
  raw !== null && typeof raw === 'object' && !Array.isArray(raw) ? raw : {}

export const isNumeric = (field: Pick<Field, 'type'>): boolean => field.type === 'DECIMAL' || field.type === 'INTEGER'

/** A value as a person reads it; the code beside the name where the field holds a code. */
export const formatValue = (field: Pick<Field, 'type' | 'scale'>, value: Value | null | undefined): string => {
  if (value?.masked) return messages.masked
  const raw = value?.raw ?? null
  if (raw === null || raw === '') return messages.empty
  if (field.type === 'DECIMAL' || field.type === 'INTEGER') return formatDecimal(plain(raw), field.scale)
  if (field.type === 'BOOLEAN') return raw === true ? messages.yes : messages.no
  if (field.type === 'DATE') return day.format(new Date(`${plain(raw)}T00:00`))
  return value?.display ?? formatRaw(raw)
}

/** As `formatValue`, without the code behind a name: for lists, where room is short. */
export const formatShort = (field: Pick<Field, 'type' | 'scale'>, value: Value | null | undefined): string => {
  const text = formatValue(field, value)
  const code = ` (${plain(value?.raw ?? '')})`
  return field.type === 'REFERENCE' && text.endsWith(code) ? text.slice(0, -code.length) : text
}

/** A value without metadata, e.g. within an event. */
export const formatRaw = (raw: Json): string => {
  if (raw === null) return messages.empty
  if (typeof raw === 'boolean') return raw ? messages.yes : messages.no
  if (typeof raw === 'object') {
    const parts = Array.isArray(raw) ? raw : Object.values(raw)
    return parts
      .filter((part) => part !== null && part !== '')
      .map(formatRaw)
      .join(', ')
  }
  return String(raw)
}

const parts = new Intl.NumberFormat(locale).formatToParts(-12345.6)
const separator = (type: 'group' | 'decimal') => parts.find((part) => part.type === type)?.value ?? ''

/**
 * What somebody typed in their locale's way as the API's decimal; what is none goes as it is, for the API to refuse. So does what has
 * the sign of thousands where none are: whether 12,5 is 125 or 12.5, nobody guesses.
 */
export const parseDecimal = (typed: string): string => {
  const bare = typed.replaceAll(/\s/g, '').replace('−', '-')
  const group = separator('group').trim() || '\u00a0'
  const [whole = '', ...rest] = bare.split(separator('decimal'))
  const [first = '', ...thousands] = whole.split(group)
  const grouped =
    thousands.length === 0 || (/^[+-]?\d{1,3}$/.test(first) && thousands.every((one) => /^\d{3}$/.test(one)))
  return grouped ? [first + thousands.join(''), ...rest].join('.') : bare
}

/** A decimal for an editor: the locale's decimal sign, no grouping. */
export const showDecimal = (value: string): string => value.replace('.', separator('decimal'))
