// An import whose process is killed again and again comes to what an undisturbed one comes to.
import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import type { ImportRow } from '../../server/domain/import.ts'
import { findFlaw } from '../../server/store/evidence.ts'
import { until } from '../helpers/app.ts'
import { startServices, type Services } from '../helpers/services.ts'
import { jobOf, resultsOf, run as runHere, upload } from '../services/import-files.ts'
import { run, type Started } from './server-process.ts'

const disturbed = await startServices()
const undisturbed = await startServices()

const count = 5000
const kills = 10
/** New customers, known ones, proposals, what is wrong, and what points to a row further on. */
const rows = Array.from({ length: count }, (_, n): ImportRow => {
  const known = n % 40 === 1
  const account = known ? `US-${String((n - 1) / 40 + 1).padStart(3, '0')}` : `KILL-${n}`
  const set = {
    ...(known ? {} : { name: `Customer ${n}` }),
    phone: `+1 555 ${n}`,
    ...(n % 80 === 1 && { creditLimit: `${1000 + n}` }),
    ...(n % 500 === 2 && { email: 'none' }),
    ...(n % 300 === 3 && { invoiceAccount: `KILL-${(n * 7 + 4) % count}` }),
  }
  return { account, set }
})

/** What is in a database after the import, without ids and times. */
const contents = async ({ db, companyId }: Services) => ({
  customers: await db.execute(sql`
    select account, version, name, phone, credit_limit, invoice_account from customers where company_id = ${companyId} order by account`),
  changes: await db.execute(sql`
    select c.account, p.status, x.field, x.proposed from proposals p
    join customers c on c.company_id = p.company_id and c.id = p.customer_id
    join changes x on x.company_id = p.company_id and x.proposal_id = p.id
    where p.company_id = ${companyId} and p.import_id is not null order by c.account, x.field`),
  events: await db.execute(sql`
    select c.account, e.type, count(*)::int as n from events e
    left join customers c on c.company_id = e.company_id and c.id = e.customer_id
    where e.company_id = ${companyId} group by 1, 2 order by 1, 2`),
})

test(`killed ${kills} times amid its commit, every row has one outcome and the database is that of an undisturbed run`, async () => {
  const calm = await upload(undisturbed.app, await undisturbed.as('clara'), rows, { unattended: true })
  expect((await runHere(undisturbed.app, calm)).status).toBe('DONE')

  const { app, db, url, companyId } = disturbed
  const key = await upload(app, await disturbed.as('clara'), rows, { unattended: true })
  const begun = (started: Started) =>
    until('the process to begin', () => (started.out().includes('begins') ? true : undefined), 30_000)
  let seed = 7
  const random = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647
  const stood: number[] = []
  for (let kill = 1; kill <= kills; kill++) {
    const started = run('test/process/importing-process.ts', [url, ...(kill === kills ? ['application'] : [])], {})
    await begun(started)
    const before = await jobOf(app, key)
    // At any moment of some chunk: a chunk takes some fifty milliseconds.
    const chunks = kill <= 6 ? 1 : 0
    await until('it to move', async () => {
      const { processed } = await jobOf(app, key)
      return processed >= Math.min(before.processed + chunks * 500, count) ? true : undefined
    })
    await new Promise((resolve) => setTimeout(resolve, random() * 60))
    started.child.kill('SIGKILL')
    await started.ended
    const { processed, status } = await jobOf(app, key)
    if (status === 'RUNNING') stood.push(processed)
  }
  expect(new Set(stood).size).toBeGreaterThan(5)
  expect(stood.length).toBeGreaterThan(kills - 2)

  const last = run('test/process/importing-process.ts', [url, 'application'], {})
  await until(
    'the import to be done',
    async () => ((await jobOf(app, key)).status === 'DONE' ? true : undefined),
    60_000,
  )
  last.child.kill('SIGTERM')
  expect(await last.ended).toBe(0)
  expect(last.err()).toBe('')

  const results = await resultsOf(app, key)
  const plain = ({ proposalId: _, ...result }: (typeof results)[number]) => result
  expect(results.map(plain)).toEqual((await resultsOf(undisturbed.app, calm)).map(plain))
  expect(results.map(({ row }) => row)).toEqual(rows.map((_, n) => n + 1))
  expect((await jobOf(app, key)).counts).toEqual((await jobOf(undisturbed.app, calm)).counts)
  expect(await contents(disturbed)).toEqual(await contents(undisturbed))
  expect(await findFlaw(db, companyId)).toBeNull()
})
