// What lies in a test's database of the log, and whether it is whole.
import { sql } from 'drizzle-orm'
import { expect } from 'vitest'
import type { Db } from '../../server/db/connect.ts'
import { appendEvents } from '../../server/store/events.ts'
import { findFlaw } from '../../server/store/evidence.ts'
import { until } from '../helpers/app.ts'

export type Subject = { readonly account: string; readonly customerId: string; readonly proposalId: string }

/** The proposals of a company. */
export const subjects = (db: Db, companyId: string): Promise<Subject[]> =>
  db.execute<Subject>(sql`
    select c.account, c.id as "customerId", p.id as "proposalId"
    from proposals p join customers c on c.company_id = p.company_id and c.id = p.customer_id
    where p.company_id = ${companyId} order by c.account`)

/** Comments on proposals, by turns, in one transaction of which no process is told. */
export const comment = (
  db: Db,
  companyId: string,
  on: readonly Subject[],
  texts: readonly string[],
): Promise<unknown> =>
  db.transaction((tx) =>
    appendEvents(
      tx,
      { companyId, actorId: null, at: new Date().toISOString() },
      texts.map((text, n) => {
        const { customerId = '', proposalId = '' } = on[n % on.length] ?? {}
        return { type: 'CommentAdded', data: { text }, customerId, proposalId }
      }),
    ),
  )

export type Told = { readonly position: number; readonly proposalId: string }

/** The events of proposals of a company as the log has them, beyond a position. */
export const told = async (db: Db, companyId: string, after: number): Promise<Told[]> => {
  const rows = await db.execute<{ position: string; proposalId: string }>(sql`
    select position, proposal_id as "proposalId" from events
    where company_id = ${companyId} and position > ${after} and proposal_id is not null order by feed`)
  return rows.map(({ position, proposalId }) => ({ position: Number(position), proposalId }))
}

/** Waits until every event that was committed has its place, and gives the last one's. */
export const sealedUpTo = async (db: Db, companyId: string, patienceMs = 20_000): Promise<number> => {
  await until(
    'every event to have its place in the log',
    async () => {
      const open = await db.execute(sql`select 1 from events where position is null limit 1`)
      return open.length === 0 ? true : undefined
    },
    patienceMs,
  )
  const [head] = await db.execute<{ position: string }>(
    sql`select position from log_heads where company_id = ${companyId}`,
  )
  return Number(head?.position ?? 0)
}

/** Positions without a hole from 1, feed numbers too, and every hash as it was sealed. */
export const expectWholeChain = async (db: Db, companyId: string): Promise<void> => {
  const [places] = await db.execute<Record<string, number>>(sql`
    select count(*)::int as events, count(distinct position)::int as places, min(position)::int as first,
      max(position)::int as last from events where company_id = ${companyId}`)
  expect(places).toMatchObject({ places: places?.events, first: 1, last: places?.events })
  const [feed] = await db.execute<Record<string, number>>(sql`
    select count(*)::int as events, count(distinct feed)::int as numbers, max(feed)::int as last from events`)
  expect(feed).toMatchObject({ numbers: feed?.events, last: feed?.events })
  expect(await findFlaw(db, companyId)).toBeNull()
}
