// When a company works: what limits in working time are counted on (DOMAIN section 10).

/** Local times of one day, `HH:MM`; `to` is after `from` and may be `24:00`. */
export type OpeningHours = { readonly from: string; readonly to: string }

export type Calendar = {
  readonly id: string
  readonly name: string
  /** IANA name, e.g. `Europe/Berlin`. */
  readonly zone: string
  /** Monday to Sunday; null: closed all day. At least one day is open. */
  readonly week: readonly (OpeningHours | null)[]
  /** Local dates, `YYYY-MM-DD`, closed all day. */
  readonly holidays: readonly string[]
  /** The company's: limits that name no calendar use it. At most one is. */
  readonly isDefault: boolean
}

const office: OpeningHours = { from: '09:00', to: '17:00' }

/** What a company works by that has set up no calendar. */
export const standardCalendar: Calendar = {
  id: '',
  name: 'Standard',
  zone: 'UTC',
  week: [office, office, office, office, office, null, null],
  holidays: [],
  isDefault: true,
}

/** The calendar of a limit: the one that it names, else the company's, else the standard one. */
export const calendarOf = (name: string | null, calendars: readonly Calendar[]): Calendar =>
  calendars.find((c) => c.name === name) ?? calendars.find((c) => c.isDefault) ?? standardCalendar
