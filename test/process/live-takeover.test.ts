// Two processes behind a balancer, one of which is killed in the middle of a batch.
import { describe, expect, test } from 'vitest'
import { sql } from 'drizzle-orm'
import { decodeId } from '../../server/graphql/ids.ts'
import { until } from '../helpers/app.ts'
import { startServices } from '../helpers/services.ts'
import { comment, expectWholeChain, sealedUpTo, subjects, told } from './live-log.ts'
import { lock } from './live-lock.ts'
import { startProxy } from './live-proxy.ts'
import { startReader, type Way } from './live-reader.ts'
import { startServer, type LiveServer } from './live-servers.ts'

const { db, url, companyId } = await startServices()
const somebodyWaits = (what: string): Promise<true> =>
  until(what, async () => {
    const [row] = await db.execute<{ n: number }>(sql`
      select count(*)::int as n from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`)
    return (row?.n ?? 0) > 0 ? true : undefined
  })

const proposals = await subjects(db, companyId)
const write = (count: number): Promise<unknown> =>
  comment(
    db,
    companyId,
    proposals,
    Array.from({ length: count }, (_, n) => `${n}`),
  )
const accounts = Array.from({ length: 60 }, (_, n) => `US-${101 + n}`)
/** Proposes something for sixty customers, in one transaction of a server. */
const propose = (server: LiveServer): Promise<string> =>
  fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'ApiKey demo-partner-key' },
    body: JSON.stringify({
      query: 'mutation ($input: ImportCustomersInput!) { importCustomers(input: $input) { __typename } }',
      variables: {
        input: { company: 'USMF', rows: accounts.map((account) => ({ account, set: { creditLimit: '77' } })) },
      },
    }),
  }).then(
    (response) => response.text(),
    () => 'cut',
  )

type Killed = {
  readonly which: 'leading' | 'following'
  /** Brings it into the middle of something, kills it there, and lets go of what it waited for. */
  readonly amid: (victim: LiveServer) => Promise<void>
  /** Events of proposals that there are of it in the end. */
  readonly left: number
}
const kill = async (victim: LiveServer): Promise<void> => {
  victim.child.kill('SIGKILL')
  expect(await victim.ended).toBe('SIGKILL')
}
const deaths: [string, Killed][] = [
  [
    'the one that numbers the events, amid a batch of them',
    {
      which: 'leading',
      async amid(victim) {
        const release = await lock(url, (tx) => tx`select 1 from log_heads for update`)
        await write(60)
        await somebodyWaits('the batch to be under way')
        await kill(victim)
        await release()
      },
      left: 60,
    },
  ],
  [
    'the other one, amid a transaction of sixty proposals',
    {
      which: 'following',
      async amid(victim) {
        const release = await lock(
          url,
          (tx) => tx`select 1 from customers where account = ${accounts[40] ?? ''} for update`,
        )
        const answer = propose(victim)
        await somebodyWaits('the transaction to be under way')
        await kill(victim)
        await release()
        expect(await answer).toBe('cut')
      },
      left: 0,
    },
  ],
]

describe.each(deaths)('%s', (_who, { which, amid, left }) => {
  test('is killed: its readers go on at the other, nothing lost and nothing twice', async () => {
    const leading = await startServer(url)
    await until('the first to lead', async () => {
      const held = await db.execute(sql`
        select 1 from pg_locks where locktype = 'advisory' and granted
          and database = (select oid from pg_database where datname = current_database())`)
      return held.length > 0 ? true : undefined
    })
    const following = await startServer(url)
    const [victim, survivor] = which === 'leading' ? [leading, following] : [following, leading]
    const { port } = await startProxy([leading, following].map((server) => Number(new URL(server.url).port)))
    const begin = await sealedUpTo(db, companyId)
    const ways: Way[] = ['socket', 'socket', 'events', 'events']
    const readers = []
    for (const way of ways) readers.push(await startReader({ way, url: () => `http://127.0.0.1:${port}` }))

    await write(60)
    await amid(victim)
    const since = performance.now()
    await sealedUpTo(db, companyId)
    await write(60)
    await sealedUpTo(db, companyId)
    const expected = await told(db, companyId, begin)
    expect(expected).toHaveLength(60 + left + 60)
    for (const { changes } of readers)
      await until('a reader to be told of all', () => (changes.length >= expected.length ? true : undefined))
    expect(performance.now() - since).toBeLessThan(8_000)

    for (const { changes, faults, errors, stop } of readers) {
      await stop()
      const read = changes.map(({ position, proposalId }) => ({ position, proposalId: decodeId(proposalId)?.own }))
      expect(read).toEqual(expected)
      expect([faults, errors]).toEqual([[], []])
    }
    // Half of them were on the line of the one that was killed.
    expect(readers.map(({ lines }) => lines() > 1).sort()).toEqual([false, false, true, true])
    await expectWholeChain(db, companyId)
    survivor.child.kill('SIGTERM')
    expect([await survivor.ended, survivor.err()]).toEqual([0, ''])
  })
})
