// When time runs out (DOMAIN section 10), over any calendar and start: held against an oracle that looks at a clock minute by minute.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { standardCalendar, type Calendar, type OpeningHours } from '../../../server/domain/workflow/calendar.ts'
import type { TimeLimit, TimeUnit } from '../../../server/domain/workflow/definition.ts'
import { dueAfter, resumeDue } from '../../../server/domain/workflow/timing.ts'

const calendarOf = (zone: string, more: Partial<Calendar> = {}): Calendar => ({ ...standardCalendar, zone, ...more })
const limit = (text: string): TimeLimit => {
  const [amount = '', unit = '', working] = text.split(' ')
  return { amount: Number(amount), unit: unit as TimeUnit, workingTime: working === 'working', calendar: null }
}

describe('over any calendar and start', () => {
  const minute = 60_000
  const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Pacific/Auckland', 'America/Santiago']
  const clock = fc.integer({ min: 0, max: 96 })
  const quarter = (n: number): string =>
    `${String(Math.floor(n / 4)).padStart(2, '0')}:${String((n % 4) * 15).padStart(2, '0')}`
  const opening = fc
    .tuple(clock, clock)
    .filter(([a, b]) => a !== b)
    .map(([a, b]): OpeningHours => ({ from: quarter(Math.min(a, b)), to: quarter(Math.max(a, b)) }))
  const calendars = fc
    .record({
      zone: fc.constantFrom(...zones),
      week: fc
        .array(fc.option(opening), { minLength: 7, maxLength: 7 })
        .filter((week) => week.some((each) => each !== null)),
      holidays: fc.array(
        fc.integer({ min: 0, max: 400 }).map((n) => new Date(Date.UTC(2026, 0, 1 + n)).toISOString().slice(0, 10)),
        { maxLength: 5 },
      ),
    })
    .map(({ zone, ...more }) => calendarOf(zone, more))
  // Near the days on which some clock changes, and anywhere.
  const starts = fc
    .oneof(
      fc.tuple(
        fc.constantFrom(
          '2026-03-08',
          '2026-03-29',
          '2026-04-05',
          '2026-09-06',
          '2026-09-27',
          '2026-10-25',
          '2026-11-01',
        ),
        fc.integer({ min: -2 * 1440, max: 2 * 1440 }),
      ),
      fc.tuple(fc.constant('2026-01-01'), fc.integer({ min: 0, max: 525_600 })),
    )
    .map(([date, minutes]) => Date.parse(date) + minutes * minute)

  const days = 20
  const quarterHour = 15 * minute
  const parts = { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' } as const
  /**
   * Which quarters of an hour are open, from two days before `start`, as somebody would tell who only looks at the clock on the wall:
   * the doors open when it first shows the time to open or a later one, and close in the same way.
   */
  const watch = (start: number, { zone, week, holidays }: Calendar): ((ms: number) => boolean) => {
    const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, ...parts, hourCycle: 'h23' })
    const first = Math.floor(start / quarterHour) * quarterHour - 2 * 24 * 60 * minute
    const open: boolean[] = []
    let [today, latest] = ['', '']
    for (let n = 0; n < (days + 2) * 96; n++) {
      const [date = '', time = ''] = format.format(first + n * quarterHour).split(' ')
      latest = date === today && latest > time ? latest : time
      today = date
      const hours = week[(new Date(date).getUTCDay() + 6) % 7] ?? null
      open.push(hours !== null && !holidays.includes(date) && hours.from <= latest && latest < hours.to)
    }
    return (ms) => open[Math.floor((ms - first) / quarterHour)] ?? false
  }
  const end = (start: number): number => start + days * 24 * 60 * minute
  /** Minute by minute. Null: not within what was watched. */
  const walk = (start: number, amount: number, isOpen: (ms: number) => boolean): number | null => {
    let left = amount
    for (let ms = start; ms < end(start); ms += minute) {
      if (!isOpen(ms)) continue
      if (left === 0) return ms
      if (--left === 0) return ms + minute
    }
    return null
  }
  const reached = (due: string, expected: number | null, start: number): void => {
    if (expected === null) expect(Date.parse(due)).toBeGreaterThanOrEqual(end(start) - 2 * 24 * 60 * minute)
    else expect(due).toBe(new Date(expected).toISOString())
  }
  const at = (ms: number): string => new Date(ms).toISOString()
  const inHours = (due: number, isOpen: (ms: number) => boolean): boolean => isOpen(due) || isOpen(due - 1)
  const amounts = fc.integer({ min: 1, max: 40 })

  it('working hours are as many open minutes as the limit says', () => {
    fc.assert(
      fc.property(calendars, starts, amounts, (calendar, start, amount) => {
        const due = dueAfter(at(start), limit(`${amount} HOURS working`), calendar)
        reached(due, walk(start, amount * 60, watch(start, calendar)), start)
      }),
    )
  })

  it('working limits of any unit are due in opening hours or when they end', () => {
    const units = fc.constantFrom('HOURS', 'DAYS', 'WEEKS', 'MONTHS')
    fc.assert(
      fc.property(calendars, starts, fc.integer({ min: 1, max: 6 }), units, (calendar, start, amount, unit) => {
        const due = Date.parse(dueAfter(at(start), limit(`${amount} ${unit} working`), calendar))
        expect(due).toBeGreaterThan(start)
        expect(inHours(due, watch(due, calendar))).toBe(true)
      }),
    )
  })

  it('who starts later is not due earlier', () => {
    const limits = fc.constantFrom('7 HOURS', '7 HOURS working', '3 WEEKS working', '40 HOURS working')
    fc.assert(
      fc.property(calendars, starts, fc.nat(4 * 1440), limits, (calendar, start, later, text) => {
        const [one, other] = [
          dueAfter(at(start), limit(text), calendar),
          dueAfter(at(start + later * minute), limit(text), calendar),
        ]
        // Weeks from 02:30 and from 03:00 to where the clocks skip the hour are 03:30 and 03:00.
        const slack = text.includes('WEEKS') ? 60 * minute : 0
        expect(Date.parse(other)).toBeGreaterThanOrEqual(Date.parse(one) - slack)
      }),
    )
  })

  it('a longer limit is not due earlier', () => {
    const units = fc.constantFrom('HOURS', 'DAYS', 'WEEKS', 'MONTHS')
    fc.assert(
      fc.property(calendars, starts, amounts, units, fc.boolean(), (calendar, start, amount, unit, working) => {
        const [one, other] = [amount, amount + 1].map((n) =>
          dueAfter(at(start), limit(`${n} ${unit}${working ? ' working' : ''}`), calendar),
        )
        expect((other ?? '') >= (one ?? '~')).toBe(true)
      }),
    )
  })

  it('days and weeks end when the clock shows the same, but for what it skips', () => {
    const units = fc.constantFrom<TimeUnit>('DAYS', 'WEEKS')
    fc.assert(
      fc.property(fc.constantFrom(...zones), starts, amounts, units, (zone, start, amount, unit) => {
        const calendar = calendarOf(zone)
        const due = Date.parse(dueAfter(at(start), limit(`${amount} ${unit}`), calendar))
        const shown = (ms: number): number => Date.parse(`${new Date(ms).toLocaleString('sv-SE', { timeZone: zone })}Z`)
        const wanted = shown(start) + amount * (unit === 'DAYS' ? 1 : 7) * 24 * 60 * minute
        const skipped = shown(due) - wanted
        expect(skipped === 0 || skipped === 60 * minute).toBe(true)
        // Skipped only where the minute wanted is on no clock.
        if (skipped > 0) expect(shown(due - 60 * minute)).not.toBe(wanted)
      }),
    )
  })

  it('working days round the clock are days', () => {
    fc.assert(
      fc.property(fc.constantFrom(...zones), starts, amounts, (zone, start, amount) => {
        const always = calendarOf(zone, { week: Array.from({ length: 7 }, () => ({ from: '00:00', to: '24:00' })) })
        const [working, plain] = [`${amount} DAYS working`, `${amount} DAYS`].map((text) =>
          dueAfter(at(start), limit(text), always),
        )
        expect(working).toBe(plain)
      }),
      { numRuns: 500 },
    )
  })

  it('standing still for no time changes nothing, and for some takes no working time away', () => {
    fc.assert(
      fc.property(calendars, starts, fc.nat(3000), fc.nat(6000), (calendar, start, run, pause) => {
        const own = limit('5 HOURS working')
        const due = dueAfter(at(start), own, calendar)
        const [stopped, resumed] = [start + run * minute, start + (run + pause) * minute]
        if (Date.parse(due) <= stopped) {
          expect(resumeDue(due, at(stopped), at(resumed), own, calendar)).toBe(at(resumed))
          return
        }
        expect(resumeDue(due, at(stopped), at(stopped), own, calendar)).toBe(due)
        const isOpen = watch(start, calendar)
        let used = 0
        for (let ms = start; ms < stopped; ms += minute) if (isOpen(ms)) used++
        const then = resumeDue(due, at(stopped), at(resumed), own, calendar)
        reached(then, walk(resumed, 300 - used, watch(resumed, calendar)), resumed)
      }),
    )
  })
})
