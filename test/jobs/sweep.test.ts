// What the job says of a database that is away, and that one who waits for its end does not wait for all that is due.
import { expect, test } from 'vitest'
import type { Db } from '../../server/db/connect.ts'
import { startSweep } from '../../server/jobs/sweep.ts'
import { createLog } from '../../server/log.ts'
import { alone } from '../../server/services/alone.ts'
import type { App } from '../../server/services/app.ts'
import { createSetupCache } from '../../server/services/setup-cache.ts'
import { until } from '../helpers/app.ts'

test('a database that is away is told once, and that it is back once, however long it takes', async () => {
  let [asked, away] = [0, true]
  const execute = (): Promise<unknown[]> => {
    asked += 1
    return away
      ? Promise.reject(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }))
      : Promise.resolve([])
  }
  // Absences are read in another way than what is due; that one works.
  const nothing = { from: () => nothing, where: () => nothing, then: (go: (rows: []) => void) => go([]) }
  const db = { execute, select: () => nothing, selectDistinct: () => nothing } as unknown as Db
  const app: App = { db, clock: () => new Date(), setup: createSetupCache(), ...alone }
  const lines: string[] = []
  const log = createLog('info', { write: (line) => void lines.push(line) })
  const sweep = startSweep(app, log, 1)
  const seen = (count: number) => until(`${count} looks`, () => (asked >= count ? true : undefined))
  await seen(10)
  away = false
  await seen(asked + 10)
  await sweep.stop()
  const after = asked
  const said = lines.map((line) => (JSON.parse(line) as { msg: string }).msg).filter((msg) => msg.includes('due'))
  expect(said).toEqual([
    'looking for what is due: failed, and is tried again and again',
    'looking for what is due: works again',
  ])
  expect(asked).toBe(after)
})
