// The feed over restarts of the database: a cluster of its own, since others work on the tests'.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { afterAll, expect, test } from 'vitest'
import { connect } from '../../server/db/connect.ts'
import { startEmbedded } from '../../server/db/embedded.ts'
import { migrate } from '../../server/db/migrate.ts'
import { findPostgres } from '../../server/db/postgres-binaries.ts'
import { seedDemo } from '../../server/demo/seed.ts'
import { decodeId } from '../../server/graphql/ids.ts'
import { findCompanyByCode } from '../../server/store/companies.ts'
import { until } from '../helpers/app.ts'
import { comment, expectWholeChain, sealedUpTo, subjects, told } from './live-log.ts'
import { startReader, type Reader, type Way } from './live-reader.ts'
import { startServer } from './live-servers.ts'

const dataDir = await mkdtemp(join(tmpdir(), 'countersign-'))
const cluster = await startEmbedded({ dataDir, initFlags: ['--no-sync'], settings: { fsync: 'off' } })
afterAll(async () => {
  await cluster.stop()
  await rm(dataDir, { recursive: true, force: true })
})
await migrate(cluster.databaseUrl)
await seedDemo(cluster.databaseUrl, () => new Date())
const pool = connect(cluster.databaseUrl, { max: 2 })
afterAll(() => pool.close())
const { db } = pool
const binaries = await findPostgres(dataDir)

/** Ends every session at once, or as a crash does, and starts again where it was. */
const restart = async (mode: 'fast' | 'immediate'): Promise<void> => {
  const log = join(dataDir, 'postgres/server.log')
  const { code, output } = await binaries.run('pg_ctl', [
    'restart',
    '-w',
    '-D',
    join(dataDir, 'postgres'),
    '-m',
    mode,
    '-l',
    log,
  ])
  if (code !== 0) throw new Error(output)
  await until('the database to answer', () =>
    db.execute(sql`select 1`).then(
      () => true,
      () => undefined,
    ),
  )
}

test('after a restart of the database both processes go on, and their readers are told of what they have not heard', async () => {
  const company = await findCompanyByCode(db, 'USMF')
  const companyId = company?.id ?? ''
  const proposals = await subjects(db, companyId)
  const servers = [await startServer(cluster.databaseUrl), await startServer(cluster.databaseUrl)]
  const begin = await sealedUpTo(db, companyId)
  const ways: Way[] = ['socket', 'events', 'socket', 'events']
  const readers: Reader[] = []
  for (const [n, way] of ways.entries()) readers.push(await startReader({ way, url: () => servers[n >> 1]?.url ?? '' }))

  let written = 0
  const write = (): Promise<unknown> => comment(db, companyId, proposals, [`${(written += 1)}`, `${(written += 1)}`])
  const caughtUp = async (): Promise<number> => {
    const since = performance.now()
    for (const { changes } of readers)
      await until('a reader to be told', () => (changes.length >= written ? true : undefined), 20_000)
    return performance.now() - since
  }
  await write()
  await caughtUp()
  for (const mode of ['fast', 'immediate', 'fast'] as const) {
    // Committed, and perhaps not numbered yet when the database goes.
    await write()
    await restart(mode)
    await write()
    expect(await caughtUp()).toBeLessThan(10_000)
    for (const { url } of servers)
      await until('it to be ready', async () => ((await fetch(`${url}/health/ready`)).ok ? true : undefined))
  }

  await sealedUpTo(db, companyId)
  const expected = await told(db, companyId, begin)
  expect(expected).toHaveLength(written)
  for (const { changes, faults, stop } of readers) {
    await stop()
    const read = changes.map(({ position, proposalId }) => ({ position, proposalId: decodeId(proposalId)?.own }))
    expect(read).toEqual(expected)
    expect(faults).toEqual([])
  }
  await expectWholeChain(db, companyId)
  for (const { child, ended } of servers) {
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
  }
})
