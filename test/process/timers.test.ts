// Time when several processes look after it and one of them does not live to the end.
import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { importCustomers } from '../../server/services/imports.ts'
import { findFlaw } from '../../server/store/evidence.ts'
import { until } from '../helpers/app.ts'
import { days, startServices } from '../helpers/services.ts'
import { run, type Started } from './server-process.ts'

const services = await startServices()
const { app, db, url, companyId, as } = services
const many = 500
const accounts = Array.from({ length: many }, (_, n) => `DUE-${n}`)

const eventsOfType = async (type: string): Promise<{ proposalId: string; actor: string | null }[]> =>
  db.execute(sql`
    select e.proposal_id as "proposalId", e.actor_id as actor
    from events e join customers c on c.company_id = e.company_id and c.id = e.customer_id
    where e.type = ${type} and c.account like 'DUE-%'`)
const count = async (type: string): Promise<number> => (await eventsOfType(type)).length

/** A process whose clock is four weeks ahead: the limits of the demo world have all run out. */
const sweeping = (offMs: number): Started =>
  run('test/process/sweeping-process.ts', [url, String(days(28) + offMs), '50'], {})
const running = (started: Started) =>
  until('the process to run', () => (started.out().includes('running at') ? true : undefined), 30_000)

test('500 limits that have run out act once each, though one of two processes is killed amid them', async () => {
  const clara = await as('clara')
  await importCustomers(app, clara, {
    company: 'USMF',
    rows: accounts.map((account) => ({ account, set: { name: account, creditLimit: '10' } })),
  })
  const proposed = await importCustomers(app, clara, {
    company: 'USMF',
    rows: accounts.map((account) => ({ account, set: { creditLimit: '20' } })),
  })
  expect(new Set(proposed.rows.map(({ outcome, errors }) => `${outcome} ${errors.length}`))).toEqual(
    new Set(['PROPOSED 0']),
  )
  expect(await count('WorkItemEscalated')).toBe(0)

  const [dying, living] = [sweeping(0), sweeping(50)]
  await Promise.all([running(dying), running(living)])
  const atTheEnd = await until('some of them to have acted', async () => {
    const acted = await count('WorkItemEscalated')
    return acted > many / 20 ? acted : undefined
  })
  dying.child.kill('SIGKILL')
  expect(await dying.ended).toBe('SIGKILL')
  expect(atTheEnd).toBeLessThan(many)

  await until(
    'all of them to have acted',
    async () => ((await count('WorkItemEscalated')) >= many ? true : undefined),
    60_000,
  )
  // Another one looks as well, and finds nothing left to do.
  const late = sweeping(-50)
  await running(late)
  await until(
    'every event to have its place in the log',
    async () => {
      const [open] = await db.execute<{ n: number }>(sql`select count(*)::int as n from events where position is null`)
      return open?.n === 0 ? true : undefined
    },
    20_000,
  )
  for (const each of [living, late]) each.child.kill('SIGTERM')
  expect(await Promise.all([living.ended, late.ended])).toEqual([0, 0])
  expect([living.err(), late.err()]).toEqual(['', ''])

  for (const type of ['WorkItemOverdue', 'WorkItemEscalated']) {
    const told = await eventsOfType(type)
    expect(told).toHaveLength(many)
    expect(new Set(told.map(({ proposalId }) => proposalId)).size).toBe(many)
    expect(new Set(told.map(({ actor }) => actor))).toEqual(new Set([null]))
  }
  const [items] = await db.execute<Record<string, number>>(sql`
    select count(*) filter (where w.status = 'OPEN' and w.escalation_level = 1)::int as escalated,
      count(*) filter (where w.status = 'WITHDRAWN' and w.escalation_level = 0)::int as withdrawn, count(*)::int as "all"
    from work_items w join proposals p on p.company_id = w.company_id and p.id = w.proposal_id
    join customers c on c.company_id = p.company_id and c.id = p.customer_id where c.account like 'DUE-%'`)
  expect(items).toEqual({ escalated: many, withdrawn: many, all: 2 * many })
  const [positions] = await db.execute<Record<string, number>>(sql`
    select count(*)::int as events, count(distinct position)::int as places, min(position)::int as first,
      max(position)::int as last from events where company_id = ${companyId}`)
  expect(positions).toMatchObject({ places: positions?.events, first: 1, last: positions?.events })
  expect(await findFlaw(db, companyId)).toBeNull()
})
