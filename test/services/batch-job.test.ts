// A decision on a batch that is too large for one call: what a killed process leaves is gone on with, and each item is decided once.
import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import type { Job } from '../../server/services/app.ts'
import {
  decideBatch,
  findBatchDecision,
  runBatch,
  unfinishedBatches,
  waitingBatches,
} from '../../server/services/batches.ts'
import { setMember } from '../../server/services/members.ts'
import { imported } from '../helpers/imported.ts'
import { days, startServices } from '../helpers/services.ts'

const { app, db, as, companyId, another, time, statements, idOf } = await startServices()
const never = new AbortController().signal

let next = 0
/** Customers of their own, with a proposal each that waits for Mia. */
const waiting = async (count: number): Promise<string> => {
  const clara = await as('clara')
  const accounts = Array.from({ length: count }, () => `B-${next++}`)
  await imported(
    app,
    clara,
    companyId,
    accounts.map((account) => ({ account, set: { ...base, name: account } })),
  )
  const changes = accounts.map((account) => ({ account, set: { creditLimit: '7000.00' } }))
  return (await imported(app, clara, companyId, changes)).importId
}
const base = { customerGroup: '10', currency: 'USD', language: 'en-US' }

const batchOf = async (user: string, importId: string) => {
  const company = await app.setup.company(db, companyId)
  if (company === null) throw new Error('no company')
  const { batches } = await waitingBatches(app, [company], await idOf(user), app.clock().toISOString())
  const found = batches.find((batch) => batch.importId === importId)
  if (found === undefined) throw new Error(`nothing of ${importId} waits for ${user}`)
  return found
}
type Counted = { items: number; most: number; open: number; events: number }
/** Decisions of a person on an import's items: over how many items, and how many on one at most. */
const countedOf = async (importId: string, actorId: string): Promise<Counted> => {
  const [row] = await db.execute<Counted>(sql`
    with own as (
      select d.work_item_id, count(*) as n from decisions d
      join work_items w on w.company_id = d.company_id and w.id = d.work_item_id
      where w.import_id = ${importId} and d.actor_id = ${actorId} group by 1)
    select (select count(*) from own)::int as items, coalesce((select max(n) from own), 0)::int as most,
      (select count(*) from work_items w where w.import_id = ${importId} and w.status = 'OPEN'
        and w.assignee_id = ${actorId})::int as open,
      (select count(*) from events e join work_items w on w.company_id = e.company_id and w.id = e.work_item_id
        where w.import_id = ${importId} and e.type = 'DecisionRecorded' and e.actor_id = ${actorId})::int as events`)
  if (row === undefined) throw new Error('no row')
  return row
}

test('600 items killed in the middle and gone on with by two at once are decided once each', async () => {
  const importId = await waiting(600)
  const mia = await as('mia')
  const { digest, items } = await batchOf('mia', importId)
  expect(items).toBe(600)
  const enqueued: Job[] = []
  const taking = { ...app, enqueue: (_tx: unknown, job: Job) => Promise.resolve(void enqueued.push(job)) }
  const { decision } = await decideBatch(taking, mia, { companyId, importId, digest, outcome: 'APPROVED' })
  expect(decision).toMatchObject({ total: 600, processed: 0, decided: 0, finishedAt: null })
  expect(enqueued).toEqual([{ queue: 'batches', companyId, id: decision.id }])

  const ending = new AbortController()
  const first = runBatch(app, companyId, decision.id, ending.signal)
  while (((await findBatchDecision(app, decision))?.processed ?? 0) < 100) await new Promise((go) => setImmediate(go))
  ending.abort()
  await first
  const left = await findBatchDecision(app, decision)
  expect(left?.processed).toBeGreaterThanOrEqual(100)
  expect(left?.processed).toBeLessThan(600)
  expect(await countedOf(importId, mia.userId)).toMatchObject({ items: left?.processed, most: 1 })

  expect(await unfinishedBatches(app)).toEqual([])
  time.ahead += 11_000
  expect(await unfinishedBatches(app)).toEqual(enqueued)
  const other = another().app
  await Promise.all([runBatch(app, companyId, decision.id, never), runBatch(other, companyId, decision.id, never)])
  const done = await findBatchDecision(app, decision)
  expect(done).toMatchObject({ processed: 600, decided: 600, failed: [], finishedAt: expect.any(String) as string })
  expect(await countedOf(importId, mia.userId)).toEqual({ items: 600, most: 1, open: 0, events: 600 })
  time.ahead += 11_000
  expect(await unfinishedBatches(app)).toEqual([])
}, 60_000)

test('a batch of up to 500 items is decided when the call answers, by less than one statement for each', async () => {
  const importId = await waiting(100)
  const mia = await as('mia')
  const { digest } = await batchOf('mia', importId)
  const input = { companyId, importId, digest, outcome: 'REJECTED', comment: 'Too much.' } as const
  const held = decideBatch({ ...app, enqueue: () => Promise.reject(new Error('too few for that')) }, mia, input)
  statements.length = 0
  expect((await held).decision).toMatchObject({ total: 100, decided: 100, failed: [] })
  expect(statements.length).toBeLessThan(100)
}, 60_000)

test('what the database itself refuses of one item takes nothing of the others with it', async () => {
  const importId = await waiting(60)
  const mia = await as('mia')
  const { digest } = await batchOf('mia', importId)
  // Named like a constraint that has an answer: who would have known before is looked for in vain.
  await db.execute(sql`create function refuse_one() returns trigger language plpgsql as $$ begin
    if new.proposal_id = (select id from proposals where import_id = tg_argv[0]::uuid order by id limit 1) then
      raise unique_violation using constraint = 'customers_account';
    end if;
    return new; end $$`)
  await db.execute(
    sql.raw(
      `create trigger refuse_one before insert on decisions for each row execute function refuse_one('${importId}')`,
    ),
  )
  const { decision } = await decideBatch(app, mia, { companyId, importId, digest, outcome: 'APPROVED' })
  expect(decision).toMatchObject({ processed: 60, decided: 59, failed: [{ code: 'ALREADY_EXISTS' }] })
  expect(await countedOf(importId, mia.userId)).toEqual({ items: 59, most: 1, open: 1, events: 59 })
  await db.execute(sql`drop trigger refuse_one on decisions`)
}, 60_000)

test('who has left the company decides nothing more: what is left fails, and says why', async () => {
  const importId = await waiting(510)
  const mia = await as('mia')
  const { digest } = await batchOf('mia', importId)
  const { decision } = await decideBatch(app, mia, { companyId, importId, digest, outcome: 'APPROVED' })
  await setMember(app, await as('adam'), { company: 'USMF', userId: mia.userId, active: false })
  await runBatch(app, companyId, decision.id, never)
  const done = await findBatchDecision(app, decision)
  expect(done).toMatchObject({ processed: 510, decided: 0, finishedAt: expect.any(String) as string })
  expect(done?.failed).toHaveLength(510)
  expect(done?.failed[0]).toMatchObject({
    code: 'NOT_PERMITTED',
    at: ['items', expect.any(String), expect.any(String)],
  })
  expect(await countedOf(importId, mia.userId)).toMatchObject({ items: 0, events: 0 })
  time.ahead += days(1)
  expect(await unfinishedBatches(app)).toEqual([])
}, 60_000)
