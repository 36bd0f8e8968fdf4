// Imports of files that meet the unusual: what moves in between, what looks alike, what points to what, and what nobody looks after.
import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import type { ImportRow } from '../../server/domain/import.ts'
import { commitImport } from '../../server/services/import-jobs.ts'
import { endBrokenUploads, runImport } from '../../server/services/import-run.ts'
import { createCustomer, updateCustomer } from '../../server/services/customers.ts'
import { discardProposal } from '../../server/services/proposals.ts'
import { forgetOldFiles } from '../../server/services/upkeep.ts'
import { days, minutes, startServices } from '../helpers/services.ts'
import { begin, hashOf, imported, jobOf, run, upload } from './import-files.ts'

const services = await startServices()
const { app, db, companyId, as, statements } = services
const clara = await as('clara')

let files = 0
/** Rows of accounts that nobody has seen before. */
const fresh = (count: number): ImportRow[] => {
  files += 1
  return Array.from({ length: count }, (_, n) => ({ account: `U${files}-${n}`, set: { name: `New ${n}` } }))
}

describe('an import that meets the unusual', () => {
  test('is planned again when there is another proposal of the same age', async () => {
    const colin = await as('colin')
    await updateCustomer(app, clara, { company: 'USMF', account: 'US-041', set: { creditLimit: '11111' } })
    const key = await upload(app, clara, [{ account: 'US-041', set: { creditLimit: '22222' } }])
    const { planDigest, counts } = await run(app, key)
    expect(counts).toEqual({ PROPOSED: 1 })
    const [own] = await db.execute<{ id: string }>(
      sql`select p.id from proposals p join customers c on c.id = p.customer_id where c.account = 'US-041' and p.status = 'DRAFT'`,
    )
    await discardProposal(app, clara, { companyId, proposalId: own?.id ?? '' })
    await updateCustomer(app, colin, { company: 'USMF', account: 'US-041', set: { creditLimit: '33333' } })
    const input = { companyId, importId: key.id, planDigest: planDigest ?? '' }
    await expect(commitImport(app, clara, input)).rejects.toMatchObject({ code: 'PLAN_CHANGED' })
    expect(await run(app, key)).toMatchObject({ status: 'PLANNED', counts: { REFUSED: 1 } })
  })

  test('the key of an upload whose process has gone is free again, and who waited for it is told', async () => {
    const rows = fresh(2)
    await begin(app, clara, { idempotencyKey: 'crashed' })
    const repeated = begin(app, clara, { idempotencyKey: 'crashed' })
    services.time.ahead += minutes(11)
    await endBrokenUploads(app)
    const file = { layout: {} as never, contentHash: hashOf(rows), bytes: 1, rows: 2 }
    await expect((await repeated).finish(file)).rejects.toMatchObject({ code: 'WRONG_STATE' })
    const again = await upload(app, clara, rows, { idempotencyKey: 'crashed' })
    expect(again.replayed).toBe(false)
    expect((await run(app, again)).counts).toEqual({ CREATED: 2 })
  })

  test('customers who invoice each other come to an end when somebody makes one of them meanwhile', async () => {
    const rows = fresh(3)
    const circle = rows.map(({ account, set }, n) => ({
      account,
      set: { ...set, invoiceAccount: rows[(n + 1) % rows.length]?.account ?? '' },
    }))
    const key = await upload(app, clara, circle, { unattended: true })
    const firstChunk = new AbortController()
    await runImport({ ...app, wake: () => firstChunk.abort() }, key.companyId, key.id, firstChunk.signal)
    expect((await jobOf(app, key)).processed).toBe(3)
    await createCustomer(app, clara, { company: 'USMF', account: rows[0]?.account ?? '', set: { name: 'By hand' } })
    const { status, counts } = await run(app, key)
    expect({ status, invalid: counts.INVALID, created: counts.CREATED }).toEqual({ status: 'DONE', created: 2 })
  })

  test('accounts that look the same are the same, and invisible characters make no account', async () => {
    const names = [`CAF\u00c9-${files}`, `CAFE\u0301-${files}`, `US-001\u200b`, 'US-001\u202e']
    const { came } = await imported(
      app,
      clara,
      names.map((account) => ({ account, set: { name: 'Twin' } })),
    )
    expect(came.map(({ outcome }) => outcome)).toEqual(['INVALID', 'INVALID', 'INVALID', 'INVALID'])
    const [composed = '', decomposed = ''] = names
    expect((await imported(app, clara, [{ account: decomposed, set: { name: 'One' } }])).job.counts).toEqual({
      CREATED: 1,
    })
    expect((await imported(app, clara, [{ account: composed, set: { name: 'One' } }])).job.counts).toEqual({
      UNCHANGED: 1,
    })
  })

  test('a chain of customers, each pointing to the next, is planned in a few steps', async () => {
    const rows = fresh(700).map((row, n, all) => ({
      ...row,
      set: { ...row.set, ...(n < 699 && { invoiceAccount: all[n + 1]?.account }) },
    }))
    const before = statements.length
    const { planned, came, job } = await imported(app, clara, rows)
    expect(job.counts).toEqual({ CREATED: 700 })
    expect(came).toEqual(planned)
    expect(statements.length - before).toBeLessThan(250)
  })

  test('a plan that nobody commits ends after thirty days', async () => {
    const key = await upload(app, clara, fresh(1))
    await run(app, key)
    services.time.ahead += days(31)
    await forgetOldFiles(app)
    expect(await jobOf(app, key)).toMatchObject({ status: 'FAILED', failure: { code: 'WRONG_STATE' } })
  })
})
