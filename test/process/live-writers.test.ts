// The feed beside writers on two processes whose clocks differ, to readers who cannot hold a line.
import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { decodeId } from '../../server/graphql/ids.ts'
import { until } from '../helpers/app.ts'
import { startServices } from '../helpers/services.ts'
import { lock } from './live-lock.ts'
import { expectWholeChain, sealedUpTo, told } from './live-log.ts'
import { startReader, type Way } from './live-reader.ts'
import { startServer } from './live-servers.ts'
import { editsTable, type Written } from './live-writers.ts'

const { db, url, companyId } = await startServices()
await db.execute(editsTable)

/** Numbers from 0 to 1 that are the same in every run. */
const drawn = (seed: number) => (): number => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
  return seed / 2 ** 32
}

/** What was proposed for each customer, in order: as the log tells it, and as the writers noted it. */
const proposedSince = async (position: number): Promise<Record<string, string>[]> =>
  db.execute(sql`
    with logged as (
      select c.account, string_agg(p.contents #>> '{proposed,value}', ' ' order by e.position) as values
      from events e join customers c on c.company_id = e.company_id and c.id = e.customer_id
        join event_contents p on p.company_id = e.company_id and p.event_id = e.event_id and p.contents ? 'proposed'
      where e.company_id = ${companyId} and e.position > ${position} group by 1
    ), noted as (select 'US-' || customer as account, string_agg(value || '.00', ' ' order by n) as values from edits group by 1)
    select account, logged.values as logged, noted.values as noted from logged full join noted using (account)`)

/** Events that have their place before one that was written earlier. */
const overtaking = async (account: string): Promise<number> => {
  const [row] = await db.execute<{ n: number }>(sql`
    select count(*)::int as n from events e join customers c on c.company_id = e.company_id and c.account = ${account}
      join events held on held.company_id = c.company_id and held.customer_id = c.id and held.type = 'ChangeProposed'
    where e.company_id = ${companyId} and e.id > held.id and e.position < held.position`)
  return row?.n ?? 0
}

const waiting = async (): Promise<number> => {
  const [row] = await db.execute<{ n: number }>(sql`select count(*)::int as n from events where position is null`)
  return row?.n ?? 0
}

test('32 writers on two processes, and readers who are cut off every tenth of a second: each event once, in order', async () => {
  const servers = await Promise.all([startServer(url, 0), startServer(url, 50)])
  const begin = await sealedUpTo(db, companyId)
  const ways: Way[] = ['socket', 'events', 'socket', 'events']
  const readers = await Promise.all(
    ways.map((way, n) => {
      const random = drawn(n + 1)
      return startReader({
        way,
        url: () => servers[random() < 0.5 ? 0 : 1].url,
        patience: () => ({ ms: 50 + random() * 100, from: random() < 0.2 ? 'opening' : 'first message' }),
      })
    }),
  )

  await Promise.all(servers.map((server) => server.tell('write 16')))
  const enough = readers.map(
    ({ changes }) =>
      () =>
        changes.length > 20,
  )
  await until('events to be told', () => (enough.every((holds) => holds()) ? true : undefined), 30_000)
  // Nothing is numbered for a while: what both processes write to a customer comes into one batch.
  const release = await lock(url, (tx) => tx`select 1 from log_heads for update`)
  await until('events to wait for their numbers', async () => ((await waiting()) > 100 ? true : undefined), 30_000)
  await release()
  await servers[0].tell('hold 5')
  const written = await Promise.all(servers.map((server) => server.tell<Written>('stop')))
  await sealedUpTo(db, companyId)
  expect(await overtaking('US-120')).toBeGreaterThan(20)
  const expected = await told(db, companyId, begin)
  expect(expected).toHaveLength(written.reduce((sum, { committed }) => sum + committed, 1))
  for (const { rolledBack } of written) expect(rolledBack).toBeGreaterThan(10)

  for (const { changes, faults, errors, lines, stop } of readers) {
    const done = (): true | undefined => (changes.length >= expected.length ? true : undefined)
    await until('a reader to have read to the end', done, 30_000).catch(() => undefined)
    await stop()
    const read = changes.map(({ position, proposalId }) => ({ position, proposalId: decodeId(proposalId)?.own }))
    expect(read).toEqual(expected)
    expect([faults, errors]).toEqual([[], []])
    expect(lines()).toBeGreaterThan(20)
  }
  const customers = await proposedSince(begin)
  expect(customers.length).toBe(7)
  for (const { logged, noted } of customers) expect(logged).toBe(noted)
  await expectWholeChain(db, companyId)
  for (const server of servers) {
    server.child.kill('SIGTERM')
    expect([await server.ended, server.err()]).toEqual([0, ''])
  }
})
