// That a key was used is noted beside the requests, once a minute, whatever becomes of it.
import { expect, test } from 'vitest'
import type { Db } from '../../server/db/connect.ts'
import { createLog } from '../../server/log.ts'
import { createKeyUse } from '../../server/services/key-use.ts'
import { listApiKeys } from '../../server/store/api-keys.ts'
import { minutes, startServices } from '../helpers/services.ts'

const { app, db, statements, companyId, time } = await startServices()
const [partner] = await listApiKeys(db, companyId)
const keyId = partner?.id ?? ''
const use = { keyId, companyId, lastUsedAt: null }
const logged: string[] = []
const log = createLog('warn', { write: (line) => void logged.push(line) })
const writes = () => statements.filter((text) => text.startsWith('update "api_keys"')).length
const lastUsed = async () => (await listApiKeys(db, companyId))[0]?.lastUsedAt

test('of many uses within a minute the first is written, and of the next minute the first again', async () => {
  // Not at the end of a minute.
  time.ahead += minutes(1) - (app.clock().getTime() % minutes(1))
  const { used, settled } = createKeyUse(db, app.clock, log)
  for (let n = 0; n < 50; n += 1) used(use)
  await settled()
  for (let n = 0; n < 50; n += 1) used(use)
  await settled()
  expect(writes()).toBe(1)
  const first = await lastUsed()
  expect(first).toMatch(/:00\.000Z$/)
  // Another process has read that it is written.
  const other = createKeyUse(db, app.clock, log)
  other.used({ ...use, lastUsedAt: first ?? null })
  await other.settled()
  expect(writes()).toBe(1)
  time.ahead += minutes(1)
  used(use)
  used(use)
  await settled()
  expect(writes()).toBe(2)
  expect(Date.parse((await lastUsed()) ?? '') - Date.parse(first ?? '')).toBe(minutes(1))
})

test('a write that fails is logged, is nobody else’s matter, and is tried again with the next use', async () => {
  const failing = {
    update: () => {
      throw new Error('down')
    },
  } as unknown as Db
  const { used, settled } = createKeyUse(failing, app.clock, log)
  used(use)
  await settled()
  used(use)
  await settled()
  expect(logged).toHaveLength(2)
  expect(logged[0]).toContain('could not note that a key was used')
})
