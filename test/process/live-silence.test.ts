// The feed when nobody is told that there is something new: connections that hear are cut, or go dead without a word.
import { sql } from 'drizzle-orm'
import { afterEach, describe, expect, test } from 'vitest'
import { decodeId } from '../../server/graphql/ids.ts'
import { until } from '../helpers/app.ts'
import { startServices } from '../helpers/services.ts'
import { comment, expectWholeChain, sealedUpTo, subjects, told } from './live-log.ts'
import { startProxy } from './live-proxy.ts'
import { startReader, type Reader, type Way } from './live-reader.ts'
import { startServer } from './live-servers.ts'

// Whose writes no process is told of: it has no feed.
const { db, url, companyId } = await startServices()
const proposals = await subjects(db, companyId)

/** What looks once a second for what was written, and once a second for what was numbered, has found it by then. */
const twoPollsMs = 2_000
const slackMs = 1_500

type Heard = { readonly pid: number; readonly port: number }
/** The sessions that hear notifications. */
const listeners = async (): Promise<Heard[]> =>
  db.execute<Heard>(sql`
    select pid, client_port as port from pg_stat_activity
    where datname = current_database() and query ilike 'listen%'`)

/** Writes some and gives the milliseconds until each reader knows. */
const tell = async (readers: readonly Reader[]): Promise<number> => {
  const before = readers.map(({ changes }) => changes.length)
  await comment(db, companyId, proposals, ['one', 'two', 'three'])
  const since = performance.now()
  for (const [n, { changes }] of readers.entries())
    await until('a reader to be told', () => (changes.length >= (before[n] ?? 0) + 3 ? true : undefined))
  return performance.now() - since
}
const open = async (urls: readonly string[]): Promise<Reader[]> => {
  const ways: Way[] = ['socket', 'events']
  const readers: Reader[] = []
  for (const base of urls) for (const way of ways) readers.push(await startReader({ way, url: () => base }))
  return readers
}
const expectAll = async (readers: readonly Reader[], begin: number): Promise<void> => {
  await sealedUpTo(db, companyId)
  const expected = await told(db, companyId, begin)
  for (const { changes, faults, errors, lines, stop } of readers) {
    await stop()
    const read = changes.map(({ position, proposalId }) => ({ position, proposalId: decodeId(proposalId)?.own }))
    expect(read).toEqual(expected)
    // All on the line that they had: what was cut is behind the process.
    expect([faults, errors, lines()]).toEqual([[], [], 1])
  }
}
afterEach(() => expectWholeChain(db, companyId))

describe('who is not told looks for itself', () => {
  test('while the sessions that listen are ended again and again', async () => {
    const servers = [await startServer(url), await startServer(url)]
    const begin = await sealedUpTo(db, companyId)
    const readers = await open(servers.map((server) => server.url))
    for (let round = 0; round < 3; round += 1) {
      const hearing = await until('both to listen', async () => {
        const found = await listeners()
        return found.length >= servers.length ? found : undefined
      })
      expect(await tell(readers)).toBeLessThan(twoPollsMs + slackMs)
      const pids = hearing.map(({ pid }) => pid)
      await db.execute(sql`select pg_terminate_backend(pid) from unnest(${sql.param(pids)}::int[]) as pid`)
      expect(await tell(readers)).toBeLessThan(twoPollsMs + slackMs)
    }
    await expectAll(readers, begin)
  })

  test('while the one that listens is half open, and in the end listens again', async () => {
    await startServer(url)
    const proxy = await startProxy([Number(new URL(url).port)])
    const remote = new URL(url)
    remote.port = String(proxy.port)
    const far = await startServer(remote.href)
    const begin = await sealedUpTo(db, companyId)
    const readers = await open([far.url])
    const own = async (): Promise<Heard | undefined> =>
      (await listeners()).find((each) => proxy.lines().includes(each.port))
    const deaf = await until('it to listen', own)
    proxy.swallow(deaf.port)
    const times = []
    while ((await own()) === undefined) {
      times.push(await tell(readers))
      expect(times.at(-1)).toBeLessThan(twoPollsMs + slackMs)
      expect(times.length).toBeLessThan(8)
    }
    expect(times.length).toBeGreaterThan(1)
    expect(far.err()).toContain('events come without notification; listening again')
    await expectAll(readers, begin)
  })
})
