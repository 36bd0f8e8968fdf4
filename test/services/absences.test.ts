// Telling the log of absences that begin and end, with nobody else at it.
import { expect, test } from 'vitest'
import type { Absence } from '../../server/domain/directory.ts'
import { tellOfAbsences } from '../../server/services/absences.ts'
import { alone } from '../../server/services/alone.ts'
import { createSetupCache } from '../../server/services/setup-cache.ts'
import { readEvents } from '../../server/store/events.ts'
import { newId } from '../../server/store/ids.ts'
import { saveAbsence } from '../../server/store/work.ts'
import { append, connectTest, createWorld, type World } from '../store/fixtures.ts'

const { db } = await connectTest()

const setting = (world: World, absences: readonly Absence[]) =>
  db.transaction(async (tx) => {
    for (const absence of absences) {
      await saveAbsence(tx, world.companyId, absence)
      await append(tx, world, { type: 'AbsenceSet', data: { absenceId: absence.id } })
    }
  })
const absence = ({ mia, clara }: World, day: number): Absence => ({
  id: newId(),
  userId: mia,
  standInId: clara,
  from: new Date(Date.UTC(2027, 0, day)).toISOString(),
  until: new Date(Date.UTC(2027, 0, day + 1)).toISOString(),
  workflowId: null,
})

test('tells of many, of several companies, each event once, and wakes whoever follows', async () => {
  let woken = 0
  let now = new Date('2026-11-22T12:00:00.000Z')
  const app = { db, clock: () => now, setup: createSetupCache(), ...alone, wake: () => void woken++ }
  const [one, two] = [await createWorld(db), await createWorld(db)]
  const days = Array.from({ length: 250 }, (_, n) => n + 1)
  await setting(
    one,
    days.map((day) => absence(one, day)),
  )
  const single = absence(two, 1)
  await setting(two, [single])
  expect([await tellOfAbsences(app), woken]).toEqual([0, 0])
  now = new Date('2027-01-01T00:00:00.000Z')
  expect([await tellOfAbsences(app), woken]).toEqual([2, 1])
  expect([await tellOfAbsences(app), woken]).toEqual([0, 1])
  now = new Date('2028-01-01T00:00:00.000Z')
  const counts = await Promise.all([1, 2, 3].map(() => tellOfAbsences(app)))
  // What was held by another is told the next time.
  counts.push(await tellOfAbsences(app))
  expect(counts.reduce((a, b) => a + b)).toBe(249 * 2 + 1 + 1)
  const told = (await readEvents(db, { companyId: two.companyId }, { limit: 10, unsealed: true })).slice(1)
  expect(told.map(({ type, actorId, data }) => [type, actorId, data.absenceId])).toEqual([
    ['AbsenceBegan', null, single.id],
    ['AbsenceEnded', null, single.id],
  ])
})
