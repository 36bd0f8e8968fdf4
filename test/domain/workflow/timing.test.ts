// When time runs out (DOMAIN section 10): the rules as a table, and what is no calendar.
import { describe, expect, it } from 'vitest'
import { standardCalendar, type Calendar, type OpeningHours } from '../../../server/domain/workflow/calendar.ts'
import type { TimeLimit, TimeUnit } from '../../../server/domain/workflow/definition.ts'
import { dueAfter, isZone, readOpeningHours, resumeDue } from '../../../server/domain/workflow/timing.ts'

const hours = (text: string): OpeningHours => {
  const read = readOpeningHours(text)
  if (read === null) throw new Error(`${text} are no opening hours`)
  return read
}
const office = hours('09:00-17:00')
const calendarOf = (zone: string, more: Partial<Calendar> = {}): Calendar => ({ ...standardCalendar, zone, ...more })
const everyDay = (text: string): OpeningHours[] => Array.from({ length: 7 }, () => hours(text))
const berlin = calendarOf('Europe/Berlin')
const newYork = calendarOf('America/New_York')
const utc = calendarOf('UTC')

const limit = (text: string): TimeLimit => {
  const [amount = '', unit = '', working] = text.split(' ')
  return { amount: Number(amount), unit: unit as TimeUnit, workingTime: working === 'working', calendar: null }
}
const iso = (text: string): string => new Date(text).toISOString()

// 2026-03-29 and 2026-10-25 are the days on which the clocks change in Berlin, 2026-03-08 and 2026-11-01 in New York.
describe('a limit in plain time', () => {
  it.each<[string, Calendar, string, string, string]>([
    ['hours are hours', utc, '2026-03-01T09:00Z', '5 HOURS', '2026-03-01T14:00Z'],
    ['hours go on through the clock change', berlin, '2026-03-29T00:30Z', '2 HOURS', '2026-03-29T02:30Z'],
    ['a day ends at the same local time', berlin, '2026-03-02T16:45Z', '1 DAYS', '2026-03-03T16:45Z'],
    ['a day over the spring change has 23 hours', berlin, '2026-03-28T11:00Z', '1 DAYS', '2026-03-29T10:00Z'],
    ['a day over the autumn change has 25 hours', berlin, '2026-10-24T10:00Z', '1 DAYS', '2026-10-25T11:00Z'],
    ['the same in New York in spring', newYork, '2026-03-07T17:00Z', '1 DAYS', '2026-03-08T16:00Z'],
    ['the same in New York in autumn', newYork, '2026-10-31T16:00Z', '1 DAYS', '2026-11-01T17:00Z'],
    ['02:30 is skipped and is 03:30', berlin, '2026-03-28T01:30Z', '1 DAYS', '2026-03-29T01:30Z'],
    ['02:00 is skipped and is 03:00', berlin, '2026-03-28T01:00Z', '1 DAYS', '2026-03-29T01:00Z'],
    ['02:30 comes twice and is the first', berlin, '2026-10-24T00:30Z', '1 DAYS', '2026-10-25T00:30Z'],
    ['weeks keep weekday and local time', berlin, '2026-03-23T08:00Z', '2 WEEKS', '2026-04-06T07:00Z'],
    ['months keep day and local time', berlin, '2026-01-15T08:00Z', '3 MONTHS', '2026-04-15T07:00Z'],
    ['a month that has no 31st ends on its last day', utc, '2026-01-31T09:00Z', '1 MONTHS', '2026-02-28T09:00Z'],
    ['in a leap year that is the 29th', utc, '2028-01-31T09:00Z', '1 MONTHS', '2028-02-29T09:00Z'],
    ['a year after the 29th of February is the 28th', utc, '2028-02-29T09:00Z', '12 MONTHS', '2029-02-28T09:00Z'],
    ['the day counts in the zone: already the 1st', berlin, '2026-01-31T23:30Z', '1 MONTHS', '2026-02-28T23:30Z'],
    ['closed days count', utc, '2026-03-06T12:00Z', '2 DAYS', '2026-03-08T12:00Z'],
  ])('%s', (_, calendar, start, text, due) => {
    expect(dueAfter(iso(start), limit(text), calendar)).toBe(iso(due))
  })
})

describe('a limit in working time', () => {
  const holidays = calendarOf('Europe/Berlin', { holidays: ['2026-04-03', '2026-04-06'] })
  const night = calendarOf('Europe/Berlin', { week: everyDay('01:00-04:00') })
  const round = calendarOf('Europe/Berlin', { week: everyDay('00:00-24:00') })
  const late = calendarOf('Europe/Berlin', { week: [hours('18:00-24:00'), null, office, null, null, null, null] })
  it.each<[string, Calendar, string, string, string]>([
    ['hours within a day', utc, '2026-03-02T09:00Z', '3 HOURS working', '2026-03-02T12:00Z'],
    ['a full day ends when it closes', utc, '2026-03-02T09:00Z', '8 HOURS working', '2026-03-02T17:00Z'],
    ['hours before opening do not count', utc, '2026-03-02T05:00Z', '1 HOURS working', '2026-03-02T10:00Z'],
    ['the rest goes on the next day', utc, '2026-03-02T15:30Z', '3 HOURS working', '2026-03-03T10:30Z'],
    ['and after the weekend', utc, '2026-03-06T16:00Z', '2 HOURS working', '2026-03-09T10:00Z'],
    ['and after holidays', holidays, '2026-04-02T14:00Z', '2 HOURS working', '2026-04-07T08:00Z'],
    ['from a closed day', utc, '2026-03-07T12:00Z', '1 HOURS working', '2026-03-09T10:00Z'],
    ['over the spring change', berlin, '2026-03-27T15:00Z', '2 HOURS working', '2026-03-30T08:00Z'],
    ['over the autumn change', berlin, '2026-10-23T14:00Z', '2 HOURS working', '2026-10-26T09:00Z'],
    ['a night that lacks an hour', night, '2026-03-28T22:00Z', '3 HOURS working', '2026-03-30T00:00Z'],
    ['a night that has an hour more', night, '2026-10-24T22:00Z', '4 HOURS working', '2026-10-25T03:00Z'],
    ['round the clock, working hours are hours', round, '2026-03-28T20:17Z', '30 HOURS working', '2026-03-30T02:17Z'],
    ['a day that closes at midnight', late, '2026-03-02T16:00Z', '6 HOURS working', '2026-03-02T23:00Z'],
    ['and what is left the next time', late, '2026-03-02T22:00Z', '2 HOURS working', '2026-03-04T09:00Z'],
    ['the n-th following working day, same time', utc, '2026-03-02T10:20Z', '3 DAYS working', '2026-03-05T10:20Z'],
    ['weekends are no working days', utc, '2026-03-05T10:00Z', '2 DAYS working', '2026-03-09T10:00Z'],
    ['nor are holidays', holidays, '2026-04-02T08:00Z', '1 DAYS working', '2026-04-07T08:00Z'],
    ['the local time stays', berlin, '2026-03-27T09:00Z', '1 DAYS working', '2026-03-30T08:00Z'],
    ['too early: when it opens', utc, '2026-03-02T06:00Z', '1 DAYS working', '2026-03-03T09:00Z'],
    ['too late: when it next opens', utc, '2026-03-05T20:00Z', '1 DAYS working', '2026-03-09T09:00Z'],
    ['at closing time stays there', utc, '2026-03-05T17:00Z', '1 DAYS working', '2026-03-06T17:00Z'],
    ['from a Saturday, Monday is the first', utc, '2026-03-07T10:00Z', '1 DAYS working', '2026-03-09T10:00Z'],
    ['a week is a week', utc, '2026-03-04T10:00Z', '1 WEEKS working', '2026-03-11T10:00Z'],
    ['moved out of a weekend', utc, '2026-03-07T10:00Z', '1 WEEKS working', '2026-03-16T09:00Z'],
    ['moved past holidays', holidays, '2026-03-20T12:00Z', '2 WEEKS working', '2026-04-07T07:00Z'],
    ['a month, its last day moved out of a weekend', utc, '2026-01-31T12:00Z', '1 MONTHS working', '2026-03-02T09:00Z'],
    ['a skipped working time opens an hour later', night, '2026-03-28T01:30Z', '1 DAYS working', '2026-03-29T01:30Z'],
  ])('%s', (_, calendar, start, text, due) => {
    expect(dueAfter(iso(start), limit(text), calendar)).toBe(iso(due))
  })

  it('opens at the next time that exists when the clocks skip it, and not at all when they skip all of it', () => {
    const skipped = calendarOf('Europe/Berlin', { week: everyDay('02:15-03:30') })
    expect(dueAfter(iso('2026-03-28T12:00Z'), limit('1 HOURS working'), skipped)).toBe(iso('2026-03-30T00:45Z'))
    const gone = calendarOf('Europe/Berlin', { week: everyDay('02:00-03:00') })
    expect(dueAfter(iso('2026-03-28T12:00Z'), limit('1 HOURS working'), gone)).toBe(iso('2026-03-30T01:00Z'))
  })

  it('counts from a midnight that the clocks skip', () => {
    const santiago = calendarOf('America/Santiago', { week: everyDay('00:00-02:00') })
    // 2026-09-06 begins at 01:00 there.
    expect(dueAfter(iso('2026-09-06T03:00Z'), limit('2 HOURS working'), santiago)).toBe(iso('2026-09-07T04:00Z'))
  })
})

describe('a calendar that hardly opens', () => {
  const closed = Array.from({ length: 40 * 366 }, (_, i) =>
    new Date(Date.UTC(2026, 0, 1 + i)).toISOString().slice(0, 10),
  )
  it.each(['1 HOURS working', '1 DAYS working', '1 WEEKS working', '1 MONTHS working'])(
    'whose holidays cover 40 years answers a far date for %s at once',
    (text) => {
      const calendar = calendarOf('Europe/Berlin', { holidays: closed })
      const before = performance.now()
      expect(dueAfter(iso('2026-03-02T09:00Z'), limit(text), calendar)).toBe('9999-12-31T23:59:59.999Z')
      expect(performance.now() - before).toBeLessThan(2000)
    },
  )
  it.each<TimeUnit>(['HOURS', 'DAYS', 'WEEKS', 'MONTHS'])('and so does any amount of %s', (unit) => {
    for (const workingTime of [false, true]) {
      const due = dueAfter(iso('2026-03-02T09:00Z'), { amount: 1e15, unit, workingTime, calendar: null }, berlin)
      expect(due).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
      expect(due > '2030').toBe(true)
    }
  })
  it('keeps a far date when the limit stands still', () => {
    const far = '9999-12-31T23:59:59.999Z'
    const [stopped, resumed] = [iso('2026-03-02T09:00Z'), iso('2026-03-05T09:00Z')]
    for (const text of ['1 HOURS', '1 HOURS working'])
      expect(resumeDue(far, stopped, resumed, limit(text), utc)).toBe(far)
  })
})

describe('a limit that stands still', () => {
  it.each<[string, Calendar, string, string, string, string, string]>([
    // what, calendar, limit, due, stopped, resumed, due then
    [
      'plain: what was left',
      utc,
      '5 DAYS',
      '2026-03-07T09:00Z',
      '2026-03-04T09:00Z',
      '2026-03-20T11:00Z',
      '2026-03-23T11:00Z',
    ],
    [
      'overdue already: at once',
      utc,
      '5 DAYS',
      '2026-03-07T09:00Z',
      '2026-03-08T09:00Z',
      '2026-03-20T11:00Z',
      '2026-03-20T11:00Z',
    ],
    [
      'due that moment: at once',
      utc,
      '5 HOURS working',
      '2026-03-06T09:00Z',
      '2026-03-06T09:00Z',
      '2026-03-07T11:00Z',
      '2026-03-07T11:00Z',
    ],
    [
      'working: opening hours that were left',
      utc,
      '9 HOURS working',
      '2026-03-09T10:00Z',
      '2026-03-06T16:00Z',
      '2026-03-11T16:30Z',
      '2026-03-12T10:30Z',
    ],
    [
      'working days: the same',
      utc,
      '2 DAYS working',
      '2026-03-06T10:00Z',
      '2026-03-05T09:00Z',
      '2026-03-09T09:00Z',
      '2026-03-10T10:00Z',
    ],
    [
      'stopped on a weekend',
      utc,
      '1 HOURS working',
      '2026-03-09T10:00Z',
      '2026-03-07T12:00Z',
      '2026-03-14T12:00Z',
      '2026-03-16T10:00Z',
    ],
    [
      'nothing but the night was left',
      utc,
      '1 DAYS working',
      '2026-03-06T09:00Z',
      '2026-03-05T20:00Z',
      '2026-03-05T22:00Z',
      '2026-03-06T09:00Z',
    ],
  ])('%s', (_, calendar, text, due, stopped, resumed, then) => {
    expect(resumeDue(iso(due), iso(stopped), iso(resumed), limit(text), calendar)).toBe(iso(then))
  })
})

describe('reading', () => {
  it.each(['00:00-24:00', '09:00-17:00', ' 09:00 - 17:30 ', '23:00-23:59'])('"%s" is opening hours', (text) => {
    const [from, to] = text.trim().split(/ ?- ?/)
    expect(readOpeningHours(text)).toEqual({ from, to })
  })
  it.each([
    '',
    '9:00-17:00',
    '09:00',
    '17:00-09:00',
    '09:00-09:00',
    '24:00-24:00',
    '09:60-17:00',
    '09:00-24:01',
    '09:00-25:00',
    '09:00–17:00',
    '22:00-24:00x',
  ])('"%s" is none', (text) => {
    expect(readOpeningHours(text)).toBeNull()
  })
  it.each(['UTC', 'Europe/Berlin', 'America/Argentina/Buenos_Aires', 'Asia/Calcutta', 'Etc/GMT+5', 'CET'])(
    '%s is a time zone',
    (name) => {
      expect(isZone(name)).toBe(true)
    },
  )
  it.each([
    '',
    'Europe',
    'Europe/Atlantis',
    '+01:00',
    'Z',
    '2026-01-01T00:00[Europe/Berlin]',
    'Europe/Berlin ',
    'UTC\n',
    'A'.repeat(200),
  ])('"%s" is none', (name) => {
    expect(isZone(name)).toBe(false)
  })
})
