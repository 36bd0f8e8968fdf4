// What a queue, a calendar and an absence may be: each refusal with its code and its place.
import { describe, expect, it } from 'vitest'
import type { Company } from '../../server/domain/company.ts'
import type { Absence } from '../../server/domain/directory.ts'
import type { Result } from '../../server/domain/errors.ts'
import { changeAbsence, finishAbsence, type AbsenceWish } from '../../server/domain/setup-absence.ts'
import { changeCalendar, changeQueue, type CalendarWish } from '../../server/domain/setup-work.ts'
import { createCompany, demoPeople, person, runnable, workflowOf, type Setup } from './world.ts'

/** Code and place of each thing that is wrong. */
const problems = (result: Result<unknown>): string[] => {
  if (result.ok) return []
  const { code, at, detail } = result.error
  return (detail.problems ?? [{ code, at }]).map((p) => `${p.code} ${(p.at ?? []).join('.')}`)
}
const saved = <T>(result: Result<T>): NonNullable<T> => {
  if (!result.ok) throw result.error
  if (result.value === null || result.value === undefined) throw new Error('nothing is different')
  return result.value
}
const companyOf = (setup: Setup = {}): Company => createCompany({ workflows: [], ...setup })

describe('a queue', () => {
  const company = companyOf({ queues: { desk: ['cora', 'carl'] } })

  it('is saved whole, each member once, with old and new in its event', () => {
    const { save, events } = saved(
      changeQueue(company, 'desk', { name: ' Desk ', memberIds: ['cora', 'tess', 'cora'] }),
    )
    expect(save).toEqual({ id: 'desk', name: 'Desk', memberIds: ['cora', 'tess'] })
    const old = { name: 'desk', memberIds: ['cora', 'carl'] }
    const now = { name: 'Desk', memberIds: ['cora', 'tess'] }
    expect(events).toEqual([{ type: 'QueueSaved', data: { queueId: 'desk', old, new: now } }])
    expect(saved(changeQueue(company, 'q2', { name: 'q2', memberIds: [] })).events[0]?.data.old).toBeNull()
  })

  it('that is saved as it was is no change, in whatever order its members are named', () => {
    expect(changeQueue(company, 'desk', { name: 'desk', memberIds: ['carl', 'cora'] })).toEqual({
      ok: true,
      value: null,
    })
  })

  it.each<[string, { name?: string; memberIds?: string[] }, string[]]>([
    ['without a name', { name: '  ' }, ['INVALID_VALUE name']],
    ['with a name that is too long', { name: 'x'.repeat(61) }, ['INVALID_VALUE name']],
    ['with a name on two lines', { name: 'a\nb' }, ['INVALID_VALUE name']],
    ['with somebody from elsewhere', { memberIds: ['cora', 'stranger'] }, ['INVALID_VALUE memberIds.1']],
    ['with too many members', { memberIds: Array.from({ length: 501 }, () => 'cora') }, ['LIMIT_EXCEEDED memberIds']],
    ['with all of it wrong', { name: '', memberIds: ['x'] }, ['INVALID_VALUE name', 'INVALID_VALUE memberIds.0']],
  ])('%s is refused', (_how, wanted, expected) => {
    expect(problems(changeQueue(company, 'q2', { name: 'q2', memberIds: [], ...wanted }))).toEqual(expected)
  })

  it('keeps its name while an active workflow asks it, in whatever depth', () => {
    const asking = (queue: string) => {
      const step = { name: 's', assign: [{ to: { queue } }] }
      const approval = { approval: { name: 'a', steps: [step] } }
      const parallel = {
        parallel: {
          name: 'p',
          branches: [
            { name: '1', elements: [approval] },
            { name: '2', elements: [approval] },
          ],
        },
      }
      return companyOf({
        queues: { desk: ['cora'] },
        workflows: [workflowOf(runnable('w1', 1, { elements: [parallel] }))],
      })
    }
    const rename = { name: 'other', memberIds: ['cora'] }
    expect(problems(changeQueue(asking('desk'), 'desk', rename))).toEqual(['INVALID_VALUE name'])
    expect(problems(changeQueue(asking('another'), 'desk', rename))).toEqual([])
    expect(problems(changeQueue(asking('desk'), 'desk', { name: 'desk', memberIds: [] }))).toEqual([])
  })

  it('is one of at most 500', () => {
    const full = companyOf({ queues: Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`q${n}`, []])) })
    expect(problems(changeQueue(full, 'new', { name: 'new', memberIds: [] }))).toEqual(['LIMIT_EXCEEDED name'])
    expect(problems(changeQueue(full, 'q1', { name: 'renamed', memberIds: [] }))).toEqual([])
  })
})

describe('a calendar', () => {
  const wish: CalendarWish = {
    name: 'Office',
    zone: 'Europe/Berlin',
    week: ['09:00-17:00', '09:00-17:00', null, undefined, '22:00-24:00', null, null],
    holidays: ['2027-01-01', '2026-12-25', '2027-01-01'],
  }
  const hours = { from: '09:00', to: '17:00' }
  const office = {
    id: 'c1',
    name: 'Office',
    zone: 'Europe/Berlin',
    week: [hours, hours, null, null, { from: '22:00', to: '24:00' }, null, null],
    holidays: ['2026-12-25', '2027-01-01'],
    isDefault: false,
  }
  const data = (more: object = {}) => ({
    name: 'Office',
    zone: 'Europe/Berlin',
    week: ['09:00-17:00', '09:00-17:00', null, null, '22:00-24:00', null, null],
    holidays: ['2026-12-25', '2027-01-01'],
    isDefault: false,
    ...more,
  })

  it('is made, then changed by its name, with old and new in its event', () => {
    expect(saved(changeCalendar(companyOf(), 'c1', wish))).toEqual({
      save: [office],
      events: [{ type: 'CalendarSaved', data: { calendarId: 'c1', old: null, new: data() } }],
    })
    const company = companyOf({ calendars: [office] })
    expect(changeCalendar(company, 'c2', wish)).toEqual({ ok: true, value: null })
    const { save, events } = saved(changeCalendar(company, 'c2', { ...wish, zone: 'UTC', holidays: [] }))
    expect(save).toEqual([{ ...office, zone: 'UTC', holidays: [] }])
    expect(events[0]?.data).toEqual({ calendarId: 'c1', old: data(), new: data({ zone: 'UTC', holidays: [] }) })
  })

  it('that becomes the default takes the mark off the one that had it, each with its event', () => {
    const night = { ...office, id: 'c2', name: 'Night', isDefault: true }
    const company = companyOf({ calendars: [office, night] })
    const { save, events } = saved(changeCalendar(company, 'c3', { ...wish, isDefault: true }))
    expect(save.map(({ id, isDefault }) => [id, isDefault])).toEqual([
      ['c2', false],
      ['c1', true],
    ])
    expect(events.map((e) => e.data.calendarId)).toEqual(['c2', 'c1'])
    // Left out, the mark stays where it is; taken away, nobody has it.
    expect(changeCalendar(company, 'c3', { ...wish, name: 'Night' })).toEqual({ ok: true, value: null })
    expect(saved(changeCalendar(company, 'c3', { ...wish, name: 'Night', isDefault: false })).save).toEqual([
      { ...night, isDefault: false },
    ])
  })

  const open = wish.week[0]
  const closed = [null, null, null, null, null, null, null]
  it.each<[string, Partial<CalendarWish>, string[]]>([
    ['without a name', { name: '' }, ['INVALID_VALUE name']],
    ['in a zone that there is not', { zone: 'Europe/Atlantis' }, ['INVALID_VALUE zone']],
    ['in no zone', { zone: ' ' }, ['INVALID_VALUE zone']],
    ['with six days', { week: closed.slice(1) }, ['INVALID_VALUE week']],
    ['with eight days', { week: [open, ...closed] }, ['INVALID_VALUE week']],
    ['without an open day', { week: closed }, ['INVALID_VALUE week']],
    [
      'with hours that are none',
      { week: ['9 to 5', '25:00-26:00', '17:00-09:00', '09:00-09:00', '', open, null] },
      [
        'INVALID_VALUE week.0',
        'INVALID_VALUE week.1',
        'INVALID_VALUE week.2',
        'INVALID_VALUE week.3',
        'INVALID_VALUE week.4',
      ],
    ],
    [
      'with days that do not exist',
      { holidays: ['2026-12-25', '2026-02-29', '0000-01-01', '2026-13-01', 'x'] },
      ['INVALID_VALUE holidays.1', 'INVALID_VALUE holidays.2', 'INVALID_VALUE holidays.3', 'INVALID_VALUE holidays.4'],
    ],
    [
      'with too many holidays',
      { holidays: Array.from({ length: 1001 }, () => '2026-12-25') },
      ['LIMIT_EXCEEDED holidays'],
    ],
  ])('%s is refused', (_how, wanted, expected) => {
    expect(problems(changeCalendar(companyOf(), 'c1', { ...wish, ...wanted }))).toEqual(expected)
  })

  it('is one of at most 100', () => {
    const calendars = Array.from({ length: 100 }, (_, n) => ({ ...office, id: `c${n}`, name: `Office ${n}` }))
    expect(problems(changeCalendar(companyOf({ calendars }), 'new', wish))).toEqual(['LIMIT_EXCEEDED name'])
    expect(
      problems(changeCalendar(companyOf({ calendars }), 'new', { ...wish, name: 'Office 7', zone: 'UTC' })),
    ).toEqual([])
  })
})

describe('an absence', () => {
  const now = '2026-11-22T12:00:00.000Z'
  const people = [...demoPeople, person('ned', ['READER'], { name: 'Ned Ode' })]
  const wish = (userId: string, standInId: string, more: Partial<AbsenceWish> = {}): AbsenceWish => ({
    userId,
    standInId,
    from: '2026-12-01T00:00:00Z',
    until: '2026-12-10T00:00:00Z',
    workflowId: null,
    ...more,
  })
  let made = 0
  const away = (...args: Parameters<typeof wish>): Absence => {
    const { from, until, ...rest } = wish(...args)
    return { ...rest, id: `a${++made}`, from: from.replace('Z', '.000Z'), until: until.replace('Z', '.000Z') }
  }
  const setting = (wanted: AbsenceWish, ...absences: Absence[]) =>
    changeAbsence(companyOf({ people, absences }), now, 'new', wanted)

  it('is saved in UTC, and its event says all of it', () => {
    const wanted = wish('mia', 'olga', {
      from: '2026-12-01T00:00:00+01:00',
      until: '2026-12-09T23:00:00.5-01:00',
      workflowId: 'w',
    })
    const save = {
      id: 'new',
      userId: 'mia',
      standInId: 'olga',
      from: '2026-11-30T23:00:00.000Z',
      until: '2026-12-10T00:00:00.500Z',
      workflowId: 'w',
    }
    const { id: absenceId, ...rest } = save
    expect(saved(setting(wanted))).toEqual({ save, events: [{ type: 'AbsenceSet', data: { absenceId, ...rest } }] })
  })

  it.each<[string, AbsenceWish, string]>([
    ['of somebody who has left', wish('gone', 'olga'), 'INVALID_VALUE userId'],
    ['of nobody', wish('nobody', 'olga'), 'INVALID_VALUE userId'],
    ['that names itself', wish('mia', 'mia'), 'INVALID_VALUE standInId'],
    ['with somebody who has left standing in', wish('mia', 'gone'), 'INVALID_VALUE standInId'],
    ['with a stranger standing in', wish('mia', 'nobody'), 'INVALID_VALUE standInId'],
    ['with a service account standing in', wish('mia', 'partner'), 'INVALID_VALUE standInId'],
    ['that ends before it begins', wish('mia', 'olga', { until: '2026-11-30T00:00:00Z' }), 'INVALID_VALUE until'],
    ['that ends as it begins', wish('mia', 'olga', { until: '2026-12-01T00:00:00Z' }), 'INVALID_VALUE until'],
    [
      'that is over',
      wish('mia', 'olga', { from: '2026-11-01T00:00:00Z', until: '2026-11-22T12:00:00Z' }),
      'INVALID_VALUE until',
    ],
    ['of three years', wish('mia', 'olga', { until: '2029-12-01T00:00:00Z' }), 'INVALID_VALUE until'],
  ])('%s is refused', (_how, wanted, expected) => {
    expect(problems(setting(wanted))).toEqual([expected])
  })

  it.each<[string, string, string, string]>([
    ['the person themself', 'mia', 'mia', 'Nobody stands in for themself'],
    ['themself', 'mia', 'adam', 'You cannot put yourself in the place of somebody else'],
    ['an auditor, who decides nothing', 'mia', 'audrey', 'The roles of audrey do not let them decide'],
    ['somebody without any role', 'mia', 'idle', 'The roles of idle do not let them decide'],
    ['somebody who has left', 'mia', 'gone', 'A stand-in has to be an active member of USMF'],
  ])('for which an administrator names %s is refused', (_who, userId, standInId, sentence) => {
    const company = companyOf({ people: [...people, person('idle', [])] })
    const answer = changeAbsence(company, now, 'new', wish(userId, standInId), 'adam')
    expect(problems(answer)).toEqual(['INVALID_VALUE standInId'])
    expect(!answer.ok && answer.error.detail.problems?.[0]?.message).toContain(sentence)
  })

  it('is set by an administrator for somebody else, and by themself, with whoever may decide', () => {
    const company = companyOf({ people })
    const setBy = (byId: string, userId: string, standInId: string) =>
      problems(changeAbsence(company, now, 'new', wish(userId, standInId), byId))
    expect(setBy('adam', 'mia', 'olga')).toEqual([])
    // Somebody may stand in for an administrator, who says so themself; another administrator may stand in as well.
    expect(setBy('adam', 'adam', 'wanda')).toEqual([])
    expect(setBy('adam', 'mia', 'wanda')).toEqual([])
    // The same holds for one's own absence.
    expect(setBy('mia', 'mia', 'audrey')).toEqual(['INVALID_VALUE standInId'])
  })

  it('may have begun, and may last two years', () => {
    expect(problems(setting(wish('mia', 'olga', { from: '2026-11-01T00:00:00Z' })))).toEqual([])
    expect(problems(setting(wish('mia', 'olga', { until: '2028-12-01T00:00:00Z' })))).toEqual([])
  })

  it('does not overlap another of the same person and scope, and says which', () => {
    const other = away('mia', 'olga', { from: '2026-12-05T00:00:00Z', until: '2026-12-20T15:30:00Z' })
    const answer = setting(wish('mia', 'tess'), other)
    expect(problems(answer)).toEqual(['INVALID_VALUE until'])
    expect(!answer.ok && answer.error.message).toBe(
      'mia is away already from 2026-12-05 until 2026-12-20 15:30 UTC, with olga standing in; end that absence first, or choose another time.',
    )
    expect(problems(setting(wish('mia', 'tess', { from: '2026-12-06T00:00:00Z' }), other))).toEqual([
      'INVALID_VALUE from',
    ])
    for (const free of [
      wish('mia', 'tess', { until: '2026-12-05T00:00:00Z' }),
      wish('mia', 'tess', { from: '2026-12-20T15:30:00Z', until: '2026-12-21T00:00:00Z' }),
      wish('mia', 'tess', { workflowId: 'w' }),
      wish('cora', 'tess'),
    ])
      expect(problems(setting(free, other))).toEqual([])
  })

  it('that closes a circle is refused by a sentence that names it', () => {
    const [first, second] = [away('mia', 'olga'), away('olga', 'ned')]
    const answer = setting(wish('ned', 'mia'), first, second)
    expect(problems(answer)).toEqual(['INVALID_VALUE standInId'])
    expect(!answer.ok && answer.error.message).toBe(
      'These would stand in for each other in a circle in USMF: mia for Ned Ode, olga for mia, Ned Ode for olga. Choose somebody else, or another time.',
    )
    expect(problems(setting(wish('olga', 'mia'), first))).toEqual(['INVALID_VALUE standInId'])
    // A chain is none.
    expect(problems(setting(wish('ned', 'tess'), first, second))).toEqual([])
  })

  it('closes a circle only where all of its times overlap', () => {
    const first = away('mia', 'olga', { until: '2026-12-05T00:00:00Z' })
    const second = away('olga', 'ned', { from: '2026-12-04T00:00:00Z', until: '2026-12-08T00:00:00Z' })
    const closing = (from: string, until: string) =>
      problems(
        setting(
          wish('ned', 'mia', { from: `2026-12-${from}T00:00:00Z`, until: `2026-12-${until}T00:00:00Z` }),
          first,
          second,
        ),
      )
    expect(closing('01', '04')).toEqual([])
    expect(closing('05', '20')).toEqual([])
    expect(closing('04', '05')).toEqual(['INVALID_VALUE standInId'])
    expect(closing('01', '20')).toEqual(['INVALID_VALUE standInId'])
  })

  it('closes a circle only where the scopes meet, and one of a workflow goes before one of all', () => {
    const of = (workflowId: string) => ({ workflowId })
    expect(problems(setting(wish('olga', 'mia', of('w1')), away('mia', 'olga', of('w2'))))).toEqual([])
    expect(problems(setting(wish('olga', 'mia', of('w1')), away('mia', 'olga', of('w1'))))).toEqual([
      'INVALID_VALUE standInId',
    ])
    expect(problems(setting(wish('olga', 'mia', of('w1')), away('mia', 'olga')))).toEqual(['INVALID_VALUE standInId'])
    expect(problems(setting(wish('olga', 'mia'), away('mia', 'olga', of('w1'))))).toEqual(['INVALID_VALUE standInId'])
    const elsewhere = away('mia', 'tess', of('w1'))
    expect(problems(setting(wish('olga', 'mia', of('w1')), away('mia', 'olga'), elsewhere))).toEqual([])
    // It lapses before the other ends: then there is a circle.
    const lapsing = away('mia', 'tess', { workflowId: 'w1', until: '2026-12-05T00:00:00Z' })
    expect(problems(setting(wish('olga', 'mia', of('w1')), away('mia', 'olga'), lapsing))).toEqual([
      'INVALID_VALUE standInId',
    ])
  })

  it('is one of at most 50 that are not over', () => {
    const months = Array.from({ length: 50 }, (_, n) =>
      away('mia', 'olga', { from: `${2030 + n}-01-01T00:00:00Z`, until: `${2030 + n}-02-01T00:00:00Z` }),
    )
    expect(problems(setting(wish('mia', 'olga'), ...months))).toEqual(['LIMIT_EXCEEDED userId'])
    expect(problems(setting(wish('mia', 'olga'), ...months.slice(1)))).toEqual([])
  })

  it('ends now if it has begun, is taken back if it has not, and ends once', () => {
    const absence = away('mia', 'olga')
    const during = '2026-12-03T10:00:00.000Z'
    expect(saved(finishAbsence(absence, during))).toMatchObject({ takenBack: false, save: { until: during } })
    expect(saved(finishAbsence(absence, absence.from))).toMatchObject({
      takenBack: true,
      save: { until: absence.from },
    })
    const { save, takenBack, events } = saved(finishAbsence(absence, now))
    expect([save.from, save.until, takenBack]).toEqual([absence.from, absence.from, true])
    expect(events).toMatchObject([{ type: 'AbsenceSet', data: { absenceId: absence.id, until: absence.from } }])
    expect(problems(finishAbsence(save, now))).toEqual(['WRONG_STATE absenceId'])
    expect(problems(finishAbsence(absence, absence.until))).toEqual(['WRONG_STATE absenceId'])
  })
})
