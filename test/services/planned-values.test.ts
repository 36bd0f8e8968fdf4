// What it costs to show the values of a plan: as many statements for a page as for a row.
import { expect, test } from 'vitest'
import { valuesOfRows } from '../../server/services/planned-values.ts'
import { startServices } from '../helpers/services.ts'
import { jobOf, run, upload } from './import-files.ts'

const { app, as, statements } = await startServices()

test('a page of rows costs as many statements as one row, and a job that has been carried out none', async () => {
  const accounts = Array.from({ length: 20 }, (_, n) => `US-0${n + 40}`)
  const key = await upload(
    app,
    await as('clara'),
    accounts.map((account, n) => ({ account, set: { phone: `+1 555 01${n + 40}`, creditLimit: `${n + 1}` } })),
  )
  const job = await run(app, key)
  const counted = async (rows: readonly number[]): Promise<number> => {
    statements.length = 0
    const values = await valuesOfRows(app, await jobOf(app, key), rows)
    expect([...(values?.values() ?? [])].every((each) => each.length > 0)).toBe(true)
    expect(values?.size).toBe(rows.length)
    return statements.length
  }
  const all = accounts.map((_, n) => n + 1)
  expect(await counted(all)).toBe(await counted([7]))
  expect(await valuesOfRows(app, { ...job, status: 'DONE' }, all)).toBeNull()
})
