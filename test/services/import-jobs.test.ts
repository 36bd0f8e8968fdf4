// Imports of files: planned, looked at, carried out in chunks, whatever happens in between.
import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import type { ImportRow } from '../../server/domain/import.ts'
import { setApprovalParameters } from '../../server/services/setup.ts'
import { cancelImport, commitImport } from '../../server/services/import-jobs.ts'
import { runImport, strandedImports, endBrokenUploads } from '../../server/services/import-run.ts'
import { forgetOldFiles } from '../../server/services/upkeep.ts'
import { updateCustomer } from '../../server/services/customers.ts'
import { setMember } from '../../server/services/members.ts'
import { days, minutes, startServices } from '../helpers/services.ts'
import { begin, commit, hashOf, imported, jobOf, never, resultsOf, run, upload } from './import-files.ts'

const services = await startServices()
const { app, db, companyId, as, another, statements } = services
const clara = await as('clara')

const behave = async (entityBehavior: 'ALLOW_WITHOUT_APPROVAL' | 'REJECT_CHANGES' | 'CREATE_CHANGE_PROPOSALS') =>
  setApprovalParameters(app, await as('adam'), { company: 'USMF', entityBehavior })

let files = 0
/** Rows of accounts that nobody has seen before. */
const fresh = (count: number, set: (n: number) => ImportRow['set'] = () => ({})): ImportRow[] => {
  files += 1
  return Array.from({ length: count }, (_, n) => ({ account: `F${files}-${n}`, set: { name: `New ${n}`, ...set(n) } }))
}
const valueOf = async (account: string, column: string): Promise<unknown> => {
  const [row] = await db.execute<{ value: unknown }>(
    sql`select ${sql.raw(column)} as value from customers where company_id = ${companyId} and account = ${account}`,
  )
  return row?.value
}

describe('a file', () => {
  test('is planned without writing anything, and carried out as the plan says', async () => {
    const rows = [
      ...fresh(2),
      { account: 'US-003', set: { phone: '+1 555 0103' } },
      { account: 'US-004', set: { creditLimit: '77000' }, contacts: [{ code: 'X', name: 'Xaver' }] },
      { account: 'US-005', set: {} },
      { account: 'US-006', set: { creditLimit: 'much' } },
    ]
    const key = await upload(app, clara, rows)
    const plan = await run(app, key)
    expect(plan).toMatchObject({ status: 'PLANNED', rows: 6, processed: 6, behavior: 'CREATE_CHANGE_PROPOSALS' })
    expect(plan.counts).toEqual({ CREATED: 2, UPDATED: 1, PROPOSED: 1, UNCHANGED: 1, INVALID: 1 })
    expect(plan.planDigest).toMatch(/^[0-9a-f]{64}$/)
    expect(await valueOf('US-003', 'phone')).not.toBe('+1 555 0103')
    const done = await commit(app, clara, key)
    expect(done).toMatchObject({ status: 'DONE', counts: plan.counts })
    expect(await valueOf('US-003', 'phone')).toBe('+1 555 0103')
    expect(await valueOf('US-004', 'credit_limit')).not.toBe('77000.00')
    const results = await resultsOf(app, key)
    expect(results[3]).toMatchObject({
      row: 4,
      account: 'US-004',
      outcome: 'PROPOSED',
      written: ['contacts'],
      proposed: ['creditLimit'],
    })
    const [proposal] = await db.execute(
      sql`select import_id, status from proposals where company_id = ${companyId} and id = ${results[3]?.proposalId}`,
    )
    expect(proposal).toEqual({ import_id: key.id, status: 'PENDING' })
    const events = await db.execute<{ type: string; data: object }>(
      sql`select type, data from events where company_id = ${companyId} and data ->> 'importId' = ${key.id} order by id`,
    )
    expect(events.map(({ type }) => type)).toEqual(['ImportStarted', 'ImportFinished'])
    expect(events[1]?.data).toMatchObject({ counts: plan.counts })
  })

  test('comes to nothing the second time', async () => {
    const rows = [...fresh(3, () => ({ email: 'a@example.com' })), { account: 'US-007', set: { creditLimit: '31000' } }]
    expect((await imported(app, clara, rows)).job.counts).toEqual({ CREATED: 3, PROPOSED: 1 })
    const before = await db.execute(
      sql`select count(*) from events where type <> 'ImportStarted' and type <> 'ImportFinished'`,
    )
    expect((await imported(app, clara, rows)).job.counts).toEqual({ UNCHANGED: 4 })
    expect(
      await db.execute(sql`select count(*) from events where type <> 'ImportStarted' and type <> 'ImportFinished'`),
    ).toEqual(before)
  })

  test('with an account twice takes neither of its rows', async () => {
    const [one] = fresh(1)
    const { came } = await imported(app, clara, [
      one!,
      ...fresh(600),
      { account: one!.account, set: { name: 'Other' } },
    ])
    expect(came[0]).toMatchObject({ outcome: 'INVALID', errors: [{ code: 'INVALID_VALUE', at: ['account'] }] })
    expect(came[601]).toMatchObject({ outcome: 'INVALID' })
    expect(came[0]?.errors[0]?.message).toContain(`"${one!.account}"`)
    expect(await valueOf(one!.account, 'name')).toBeUndefined()
  })

  test('may name customers that it makes itself, wherever they stand, also over many rows', async () => {
    const rows = fresh(1200)
    const pointing = rows.map((row, n) => ({
      ...row,
      // Each to the one after it: the last points to nobody.
      set: { ...row.set, ...(n % 3 === 0 && n + 601 < 1200 && { invoiceAccount: rows[n + 601]!.account }) },
    }))
    const chain = fresh(3).map((row, n, all) => ({
      ...row,
      set: { ...row.set, ...(n < 2 && { invoiceAccount: all[n + 1]!.account }) },
    }))
    const lost = fresh(2, () => ({ invoiceAccount: 'NOBODY' }))
    const { planned, came, job } = await imported(app, clara, [...pointing, ...chain, ...lost])
    expect(job.counts).toEqual({ CREATED: 1203, INVALID: 2 })
    expect(came).toEqual(planned)
    expect(await valueOf(rows[0]!.account, 'invoice_account')).toBe(rows[601]!.account)
  })

  test('takes the same number of statements for a chunk, however many rows it has', async () => {
    await behave('ALLOW_WITHOUT_APPROVAL')
    const count = async (rows: number): Promise<number> => {
      const existing = fresh(rows)
      await imported(app, clara, existing)
      const key = await upload(
        app,
        clara,
        existing.map(({ account }, n) => ({
          account,
          set: { phone: `+1 ${n}`, creditLimit: `${n + 1}` },
          addresses: [{ code: 'A', city: 'Bonn' }],
        })),
        { unattended: true },
      )
      const before = statements.length
      await runImport(app, key.companyId, key.id, never)
      return statements.length - before
    }
    const few = await count(120)
    expect(await count(450)).toBe(few)
    expect(few).toBeLessThan(45)
    await behave('CREATE_CHANGE_PROPOSALS')
  })

  test('is carried out at once where nobody is to look at the plan', async () => {
    const rows = fresh(3)
    const job = await run(app, await upload(app, clara, rows, { unattended: true }))
    expect(job).toMatchObject({ status: 'DONE', counts: { CREATED: 3 }, planDigest: null })
  })

  test('obeys the entity behaviour, a person’s as well', async () => {
    const row = { account: 'US-008', set: { creditLimit: '4711', phone: '+1 555 47 11' } }
    await behave('REJECT_CHANGES')
    expect((await imported(app, clara, [row])).came[0]).toMatchObject({
      outcome: 'REFUSED',
      errors: [{ code: 'CHANGES_REJECTED' }],
    })
    await behave('ALLOW_WITHOUT_APPROVAL')
    expect((await imported(app, clara, [row])).came[0]).toMatchObject({
      outcome: 'UPDATED',
      written: ['phone', 'creditLimit'].toSorted(),
    })
    expect(await valueOf('US-008', 'credit_limit')).toBe('4711.00')
    const [write] = await db.execute(
      sql`select d.kind from direct_writes d join customers c on c.id = d.customer_id where c.account = 'US-008'`,
    )
    expect(write).toEqual({ kind: 'IMPORT' })
    await behave('CREATE_CHANGE_PROPOSALS')
  })

  test('without rows fails and says so', async () => {
    const sent = await begin(app, clara)
    await expect(sent.finish({ layout: {} as never, contentHash: '', bytes: 0, rows: 0 })).rejects.toMatchObject({
      code: 'INVALID_VALUE',
    })
    expect(await jobOf(app, sent)).toMatchObject({ status: 'FAILED', failure: { code: 'INVALID_VALUE' } })
  })
})

describe('a plan', () => {
  test('is committed only by its own digest, by who sent the file, and once', async () => {
    const key = await upload(app, clara, fresh(1))
    const { planDigest } = await run(app, key)
    const input = { companyId, importId: key.id, planDigest: planDigest ?? '' }
    const others = [
      await run(app, await upload(app, clara, [{ account: 'US-011', set: { phone: '+1 555 1' } }])),
      await run(app, await upload(app, clara, [{ account: 'US-012', set: { phone: '+1 555 2' } }])),
    ]
    // Each updates the phone of its first row; the file and the import make the difference.
    expect(new Set([planDigest, ...others.map((job) => job.planDigest)]).size).toBe(3)
    expect((await run(app, await upload(app, clara, fresh(1)))).planDigest).not.toBe(planDigest)
    for (const wrong of ['other', '', others[0]?.planDigest ?? ''])
      await expect(commitImport(app, clara, { ...input, planDigest: wrong })).rejects.toMatchObject({
        code: 'PLAN_CHANGED',
        message: expect.stringMatching(/^This is not the digest of this plan: .*`planDigest`/) as string,
      })
    // Nothing has changed, so nothing is planned anew.
    expect(await jobOf(app, key)).toMatchObject({ status: 'PLANNED', planDigest })
    await expect(commitImport(app, await as('colin'), input)).rejects.toMatchObject({ code: 'NOT_PERMITTED' })
    await expect(commitImport(app, await as('dieter'), input)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await commitImport(app, clara, input)
    await expect(commitImport(app, clara, input)).rejects.toMatchObject({
      code: 'WRONG_STATE',
      detail: { importId: key.id },
    })
  })

  test('that would come to something else by now is refused and made anew', async () => {
    const key = await upload(app, clara, [{ account: 'US-009', set: { website: 'https://nine.example' } }])
    const { planDigest: first } = await run(app, key)
    await updateCustomer(app, clara, { company: 'USMF', account: 'US-009', set: { website: 'https://nine.example' } })
    const input = { companyId, importId: key.id, planDigest: first ?? '' }
    await expect(commitImport(app, clara, input)).rejects.toMatchObject({
      code: 'PLAN_CHANGED',
      message: expect.stringMatching(/^Customers or the set-up have changed/) as string,
    })
    const anew = await run(app, key)
    expect(anew).toMatchObject({ status: 'PLANNED', counts: { UNCHANGED: 1 } })
    expect(anew.planDigest).not.toBe(first)
    expect(await commit(app, clara, key)).toMatchObject({ status: 'DONE', counts: { UNCHANGED: 1 } })
  })

  test('holds although its customers have moved, when it comes to the same', async () => {
    const key = await upload(app, clara, [{ account: 'US-010', set: { website: 'https://ten.example' } }])
    await run(app, key)
    await updateCustomer(app, clara, { company: 'USMF', account: 'US-010', set: { phone: '+1 555 1010' } })
    await behave('CREATE_CHANGE_PROPOSALS')
    expect(await commit(app, clara, key)).toMatchObject({ status: 'DONE', counts: { UPDATED: 1 } })
  })

  test('is changed by a proposal, by a new customer, and by the company’s behaviour', async () => {
    const stale = async (rows: ImportRow[], meanwhile: () => Promise<unknown>) => {
      const key = await upload(app, clara, rows)
      const { planDigest } = await run(app, key)
      await meanwhile()
      await expect(
        commitImport(app, clara, { companyId, importId: key.id, planDigest: planDigest ?? '' }),
      ).rejects.toMatchObject({ code: 'PLAN_CHANGED' })
    }
    const colin = await as('colin')
    await stale([{ account: 'US-011', set: { creditLimit: '1234' } }], () =>
      services.submitted('colin', 'US-011', { paymentTerms: 'Net90' }),
    )
    const [made] = fresh(1)
    await stale([made!], async () => imported(app, colin, [{ account: made!.account, set: { name: 'Earlier' } }]))
    await stale([{ account: 'US-012', set: { creditLimit: '1234' } }], () => behave('REJECT_CHANGES'))
    await behave('CREATE_CHANGE_PROPOSALS')
  })
})

describe('an import on its way', () => {
  /** Aborts a run after some chunks; the database is asked between two of them. */
  const stopAfter = async (key: { companyId: string; id: string }, processed: number, process = app) => {
    const ending = new AbortController()
    const running = runImport(process, key.companyId, key.id, ending.signal)
    while ((await jobOf(app, key)).processed < processed) await new Promise((resolve) => setTimeout(resolve, 2))
    ending.abort()
    await running
    return jobOf(app, key)
  }

  test('goes on where it was when a process ends, and does nothing twice when two are at it', async () => {
    const rows = fresh(3000, (n) => ({ phone: `+1 ${n}` }))
    const key = await upload(app, clara, rows, { unattended: true })
    const stopped = await stopAfter(key, 1000)
    expect(stopped.status).toBe('RUNNING')
    expect(stopped.counts).toEqual({ CREATED: stopped.processed })
    await Promise.all([app, another().app, another().app].map((each) => runImport(each, key.companyId, key.id, never)))
    expect(await jobOf(app, key)).toMatchObject({ status: 'DONE', counts: { CREATED: 3000 }, processed: 3000 })
    const [made] = await db.execute(sql`
      select count(*)::int as n, count(distinct customer_id)::int as customers from events
      where company_id = ${companyId} and type = 'CustomerCreated' and customer_id in (
        select id from customers where company_id = ${companyId} and account like ${rows[0]!.account.replace('-0', '-%')})`)
    expect(made).toEqual({ n: 3000, customers: 3000 })
    expect((await resultsOf(app, key)).length).toBe(3000)
  })

  test('is found by another process when its own is gone', async () => {
    const key = await upload(app, clara, fresh(1))
    const mine = (jobs: readonly { id: string }[]) => jobs.some(({ id }) => id === key.id)
    expect(mine(await strandedImports(app, false))).toBe(false)
    services.time.ahead += minutes(1)
    expect(mine(await strandedImports(app, false))).toBe(true)
    await run(app, key)
    services.time.ahead += minutes(1)
    expect(mine(await strandedImports(app, false))).toBe(false)
  })

  test('stops where it is cancelled, and what it has written stays', async () => {
    const rows = fresh(2000)
    const key = await upload(app, clara, rows, { unattended: true })
    const { processed } = await stopAfter(key, 500)
    await expect(cancelImport(app, await as('colin'), { companyId, importId: key.id })).rejects.toMatchObject({
      code: 'NOT_PERMITTED',
    })
    await cancelImport(app, await as('adam'), { companyId, importId: key.id })
    expect(await run(app, key)).toMatchObject({ status: 'CANCELLED', processed, counts: { CREATED: processed } })
    expect(await valueOf(rows[processed - 1]!.account, 'name')).toBe(`New ${processed - 1}`)
    expect(await valueOf(rows[processed]!.account, 'name')).toBeUndefined()
    await expect(cancelImport(app, clara, { companyId, importId: key.id })).rejects.toMatchObject({
      code: 'WRONG_STATE',
    })
  })

  test('ends when who sent the file may not write any more', async () => {
    const adam = await as('adam')
    const user = await services.idOf('colin')
    const key = await upload(app, await as('colin'), fresh(1200), { unattended: true })
    await stopAfter(key, 500)
    await setMember(app, adam, { company: 'USMF', userId: user, roles: ['READER'] })
    const failed = await run(app, key)
    expect(failed).toMatchObject({ status: 'FAILED', failure: { code: 'NOT_PERMITTED' } })
    expect(failed.processed).toBeLessThan(1200)
    await setMember(app, adam, { company: 'USMF', userId: user, roles: ['CLERK'] })
  })
})

describe('an upload', () => {
  test('of the same file five times at once with one key is one import', async () => {
    const rows = fresh(700)
    const sent = await Promise.all(
      Array.from({ length: 5 }, () => upload(another().app, clara, rows, { idempotencyKey: 'five' })),
    )
    expect(new Set(sent.map(({ id }) => id)).size).toBe(1)
    expect(sent.filter(({ replayed }) => !replayed)).toHaveLength(1)
    expect((await run(app, sent[0]!)).counts).toEqual({ CREATED: 700 })
    await expect(upload(app, clara, fresh(1), { idempotencyKey: 'five' })).rejects.toMatchObject({
      code: 'IDEMPOTENCY_KEY_REUSED',
    })
    // Another's keys are their own.
    expect((await upload(app, await as('colin'), rows, { idempotencyKey: 'five' })).replayed).toBe(false)
  })

  test('of the same file five times at once without a key makes each customer once', async () => {
    const rows = fresh(700)
    const sent = await Promise.all(
      Array.from({ length: 5 }, () => upload(another().app, clara, rows, { unattended: true })),
    )
    const jobs = await Promise.all(sent.map((key) => run(another().app, key)))
    expect(jobs.map(({ status }) => status)).toEqual(Array(5).fill('DONE'))
    expect(jobs.reduce((sum, { counts }) => sum + (counts.CREATED ?? 0), 0)).toBe(700)
    expect(jobs.reduce((sum, { counts }) => sum + (counts.UNCHANGED ?? 0), 0)).toBe(2800)
  })

  test('that breaks off leaves a failed import without rows, and the same call may be made again', async () => {
    const rows = fresh(10)
    const broken = await begin(app, clara, { idempotencyKey: 'again' })
    await broken.write(rows.map((content, n) => ({ row: n + 1, account: content.account, content, problem: null })))
    await broken.fail({ code: 'INVALID_VALUE', message: 'It broke off.' })
    expect(await jobOf(app, broken)).toMatchObject({ status: 'FAILED', rows: 0, failure: { message: 'It broke off.' } })
    const [left] = await db.execute(sql`select count(*)::int as n from import_rows where import_id = ${broken.id}`)
    expect(left).toEqual({ n: 0 })
    const again = await upload(app, clara, rows, { idempotencyKey: 'again' })
    expect(again.replayed).toBe(false)
    expect((await run(app, again)).status).toBe('PLANNED')
  })

  test('whose process is gone fails by itself', async () => {
    const lost = await begin(app, clara)
    services.time.ahead += minutes(0.8)
    await endBrokenUploads(app)
    expect((await jobOf(app, lost)).status).toBe('PLANNING')
    // Its sender, who tries again, waits for it.
    services.time.ahead += minutes(0.3)
    await endBrokenUploads(app)
    expect(await jobOf(app, lost)).toMatchObject({
      status: 'FAILED',
      failure: { message: expect.stringContaining('broke off') as string },
    })
    expect(hashOf([])).toHaveLength(64)
  })

  test('takes the right to import, in that company', async () => {
    await expect(begin(app, await as('cora'))).rejects.toMatchObject({ code: 'NOT_PERMITTED' })
    await expect(begin(app, await as('adam'))).rejects.toMatchObject({ code: 'NOT_PERMITTED' })
    await expect(begin(app, clara, { company: 'DEMF' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})

test('rows of a file are forgotten after thirty days, the import stays', async () => {
  const { key } = await imported(app, clara, fresh(2))
  const rowsOf = async (id: string): Promise<unknown> =>
    db.execute(sql`select (select count(*)::int from import_rows where import_id = ${id}) as rows,
      (select count(*)::int from import_results where import_id = ${id}) as results`)
  services.time.ahead += days(29)
  await forgetOldFiles(app)
  expect(await rowsOf(key.id)).toEqual([{ rows: 2, results: 2 }])
  services.time.ahead += days(2)
  while ((await forgetOldFiles(app)) > 0);
  expect(await rowsOf(key.id)).toEqual([{ rows: 0, results: 0 }])
  expect(await jobOf(app, key)).toMatchObject({ status: 'DONE', counts: { CREATED: 2 } })
})
