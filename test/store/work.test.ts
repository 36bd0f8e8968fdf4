import { describe, expect, it } from 'vitest'
import type { Tx } from '../../server/db/connect.ts'
import type { Absence } from '../../server/domain/directory.ts'
import type { Calendar } from '../../server/domain/workflow/calendar.ts'
import { loadCompany } from '../../server/store/companies.ts'
import { newId } from '../../server/store/ids.ts'
import { readSetupVersion } from '../../server/store/setup-version.ts'
import {
  companiesWithAbsencesDue,
  findAbsence,
  lockWork,
  markAbsencesDue,
  saveAbsence,
  saveCalendars,
  saveQueue,
} from '../../server/store/work.ts'
import { append, connectTest, createWorld, refusalOf } from './fixtures.ts'

const { db } = await connectTest()
const world = await createWorld(db)
const { companyId, clara, mia, partner } = world

const calendar = (more: Partial<Calendar> = {}): Calendar => ({
  id: newId(),
  name: 'Office',
  zone: 'Europe/Berlin',
  week: [{ from: '09:00', to: '17:00' }, null, { from: '08:30', to: '24:00' }, null, null, null, null],
  holidays: ['2026-12-25', '2027-01-01'],
  isDefault: true,
  ...more,
})
const absence = (more: Partial<Absence> = {}): Absence => ({
  id: newId(),
  userId: mia,
  standInId: clara,
  from: '2026-12-01T08:00:00.000Z',
  until: '2026-12-24T00:00:00.000Z',
  workflowId: null,
  ...more,
})
const queueSaved = (tx: Tx, queueId: string) => append(tx, world, { type: 'QueueSaved', data: { queueId } })
const calendarSaved = (tx: Tx, calendarId: string) => append(tx, world, { type: 'CalendarSaved', data: { calendarId } })
const absenceSet = (tx: Tx, absenceId: string) => append(tx, world, { type: 'AbsenceSet', data: { absenceId } })

describe('what a company has set up about its work', () => {
  it('comes back as it was saved, whole, and raises the version of the set-up each time', async () => {
    const [queue, empty] = [newId(), newId()]
    const [office, other] = [calendar(), calendar({ name: 'Night', isDefault: false, holidays: [] })]
    const away = absence({ workflowId: newId() })
    const writes: ((tx: Tx) => Promise<unknown>)[] = [
      (tx) =>
        saveQueue(tx, companyId, { id: queue, name: 'desk', memberIds: [clara, mia] }).then(() =>
          queueSaved(tx, queue),
        ),
      (tx) =>
        saveQueue(tx, companyId, { id: queue, name: 'desk', memberIds: [mia, mia, partner] }).then(() =>
          queueSaved(tx, queue),
        ),
      (tx) => saveQueue(tx, companyId, { id: empty, name: 'air', memberIds: [] }).then(() => queueSaved(tx, empty)),
      (tx) =>
        saveCalendars(tx, companyId, [office, other])
          .then(() => calendarSaved(tx, office.id))
          .then(() => calendarSaved(tx, other.id)),
      (tx) => saveAbsence(tx, companyId, away).then(() => absenceSet(tx, away.id)),
    ]
    for (const write of writes) {
      const before = await readSetupVersion(db, companyId)
      await db.transaction(write)
      expect(await readSetupVersion(db, companyId)).toBe(Number(before) + 1)
    }
    const company = await loadCompany(db, companyId)
    expect([...company!.directory.queues]).toEqual([
      [empty, { id: empty, name: 'air', memberIds: [] }],
      [queue, { id: queue, name: 'desk', memberIds: [mia, partner].sort() }],
    ])
    expect(company?.calendars).toEqual([other, office])
    expect(company?.directory.absences).toEqual([away])
    expect(await findAbsence(db, companyId, away.id)).toEqual(away)
    expect(await findAbsence(db, newId(), away.id)).toBeNull()
  })

  it('holds one default calendar, which moves in one step', async () => {
    const made = await createWorld(db)
    const [first, second] = [calendar(), calendar({ name: 'Second' })]
    const save = (...calendars: Calendar[]) =>
      refusalOf(db, async (tx) => {
        await saveCalendars(tx, made.companyId, calendars)
        for (const { id } of calendars) await append(tx, made, { type: 'CalendarSaved', data: { calendarId: id } })
      })
    expect(await save(first)).toBeNull()
    expect(await save(second)).toBe('23505')
    expect(await save({ ...first, isDefault: false }, second)).toBeNull()
    expect((await loadCompany(db, made.companyId))?.calendars.map(({ name, isDefault }) => [name, isDefault])).toEqual([
      ['Office', false],
      ['Second', true],
    ])
  })

  it('refuses a name that another queue has, and members from elsewhere', async () => {
    const made = await createWorld(db)
    const save = (memberIds: string[], name = 'taken') =>
      db.transaction(async (tx) => {
        const id = newId()
        await saveQueue(tx, made.companyId, { id, name, memberIds })
        await append(tx, made, { type: 'QueueSaved', data: { queueId: id } })
      })
    await save([made.mia])
    await expect(save([])).rejects.toMatchObject({ code: 'ALREADY_EXISTS', at: ['name'] })
    await expect(save([mia], 'other')).rejects.toMatchObject({ code: 'NOT_MEMBER', at: ['memberIds'] })
  })
})

describe('absences whose time has come', () => {
  const told = async (made: typeof world, now: string, limit = 10) =>
    db.transaction(async (tx) => {
      const due = await markAbsencesDue(tx, made.companyId, now, limit)
      for (const { id, begins, ends } of due) {
        if (begins) await append(tx, made, { type: 'AbsenceBegan', data: { absenceId: id } })
        if (ends) await append(tx, made, { type: 'AbsenceEnded', data: { absenceId: id } })
      }
      return due.map(({ id, begins, ends }) => [id, begins, ends])
    })

  it('are found and marked once, and leave the snapshot when they end', async () => {
    const made = await createWorld(db)
    const of = (more: Partial<Absence>) => absence({ userId: made.mia, standInId: made.clara, ...more })
    const [one, two] = [of({}), of({ from: '2026-12-02T00:00:00.000Z', until: '2026-12-03T00:00:00.000Z' })]
    await db.transaction(async (tx) => {
      for (const each of [one, two]) {
        await saveAbsence(tx, made.companyId, each)
        await append(tx, made, { type: 'AbsenceSet', data: { absenceId: each.id } })
      }
    })
    const at = (day: string) => `2026-12-${day}T08:00:00.000Z`
    expect(await companiesWithAbsencesDue(db, '2026-12-01T07:59:59.999Z')).not.toContain(made.companyId)
    expect(await companiesWithAbsencesDue(db, at('01'))).toContain(made.companyId)
    expect(await told(made, at('01'))).toEqual([[one.id, true, false]])
    expect(await companiesWithAbsencesDue(db, at('01'))).not.toContain(made.companyId)
    const version = await readSetupVersion(db, made.companyId)
    expect(await told(made, at('05'), 1)).toEqual([[two.id, true, true]])
    expect(await readSetupVersion(db, made.companyId)).toBe(Number(version) + 1)
    expect(await told(made, at('05'))).toEqual([])
    expect((await loadCompany(db, made.companyId))?.directory.absences).toEqual([one])
  })

  it('wait while somebody writes the set-up of the company', async () => {
    const made = await createWorld(db)
    const away = absence({ userId: made.mia, standInId: made.clara })
    await db.transaction(async (tx) => {
      await saveAbsence(tx, made.companyId, away)
      await append(tx, made, { type: 'AbsenceSet', data: { absenceId: away.id } })
    })
    const now = '2027-01-01T00:00:00.000Z'
    await db.transaction(async (tx) => {
      expect((await lockWork(tx, made.companyId)).absences).toEqual([away])
      expect(await told(made, now)).toEqual([])
    })
    expect(await told(made, now)).toEqual([[away.id, true, true]])
  })
})
