import { sql } from 'drizzle-orm'
import postgres from 'postgres'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { seal } from '../../server/domain/log.ts'
import { startSequencer, type Sequencer, type SequencerOptions } from '../../server/live/sequencer.ts'
import { findFlaw } from '../../server/store/evidence.ts'
import { readEvents } from '../../server/store/events.ts'
import { readFeed, readUnsealed, takeLead, writeSeals } from '../../server/store/feed.ts'
import { startProxy } from '../process/live-proxy.ts'
import { createTestDatabase } from '../helpers/postgres.ts'
import { comment, newId, openLog, silent, until } from './log-writer.ts'

const { url } = await createTestDatabase()
const log = openLog(url, 16)
afterAll(() => log.close())

const running: Sequencer[] = []
const start = (options: Partial<SequencerOptions> = {}): Sequencer => {
  const sequencer = startSequencer({ connect: log.connect, log: silent, pollMs: 50, ...options })
  running.push(sequencer)
  return sequencer
}
afterEach(async () => {
  await Promise.all(running.splice(0).map((s) => s.stop()))
})

const drained = () => until('everything is sealed', async () => (await log.unsealed()) === 0)
const readAll = (companyId: string) => readEvents(log.db, { companyId }, { limit: 10_000 })

describe('the sequencer', () => {
  test('positions are dense per company and rise with cause, whoever writes at once and whoever rolls back', async () => {
    const companies = [newId(), newId(), newId()]
    start({ batch: 7 })
    const writer = async (n: number) => {
      const companyId = companies[n % companies.length]!
      const customerId = newId()
      for (let i = 0; i < 12; i++) {
        const rollsBack = i % 4 === 3
        const events = [comment(`${i}.0`, { customerId }), comment(`${i}.1`, { customerId })]
        const written = log.write(companyId, events, async () => {
          if (rollsBack) throw new Error('rolled back')
        })
        await (rollsBack ? expect(written).rejects.toThrow('rolled back') : written)
      }
      return { companyId, customerId }
    }
    const writers = await Promise.all(Array.from({ length: 12 }, (_, n) => writer(n)))
    await drained()

    for (const companyId of companies) {
      const events = await readAll(companyId)
      expect(events.map((e) => e.seal?.position)).toEqual(Array.from({ length: 72 }, (_, i) => i + 1))
      expect(await findFlaw(log.db, companyId, 10)).toBeNull()
    }
    for (const { companyId, customerId } of writers) {
      const events = await readEvents(log.db, { companyId, customerId }, { limit: 100 })
      const kept = [0, 1, 2, 4, 5, 6, 8, 9, 10].flatMap((i) => [`${i}.0`, `${i}.1`])
      expect(events.map((e) => e.data.text)).toEqual(kept)
    }
    const feed = await readFeed(log.db, 0, 216, 1000, [])
    expect(feed.map((e) => e.seal.feed)).toEqual(Array.from({ length: 216 }, (_, i) => i + 1))
  })

  test('one leads at a time, and another takes over when its connection is killed', async () => {
    const companyId = newId()
    const [a, b] = [start(), start()]
    await until('one of them leads', () => a.leads() || b.leads())
    const [first, second] = a.leads() ? [a, b] : [b, a]
    await log.write(companyId, [comment('before')])
    await drained()
    expect(second.leads()).toBe(false)

    await log.db.execute(sql`
      select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted
        and database = (select oid from pg_database where datname = current_database())`)
    await log.write(companyId, [comment('after')])
    await drained()
    await until('exactly one leads', () => first.leads() !== second.leads())
    expect((await readAll(companyId)).map((e) => e.seal?.position)).toEqual([1, 2])
    expect(await findFlaw(log.db, companyId)).toBeNull()
  })

  test('it gives up a session that does not answer any more, and goes on with another', async () => {
    const to = new URL(url)
    const proxy = await startProxy([Number(to.port)])
    to.hostname = '127.0.0.1'
    to.port = String(proxy.port)
    const connect = () => postgres(to.href, { max: 1, onnotice: () => undefined })
    const sequencer = start({ connect, tripMs: 300 })
    const companyId = newId()
    await log.write(companyId, [comment('before')])
    await drained()
    expect(sequencer.leads()).toBe(true)
    const [line = 0] = proxy.lines()
    proxy.swallow(line)
    // Its backend is gone, and with it the lock; only the process does not know.
    await log.db.execute(sql`select pg_terminate_backend(pid) from pg_stat_activity where client_port = ${line}`)
    await log.write(companyId, [comment('after')])
    await drained()
    expect(await findFlaw(log.db, companyId, 10)).toBeNull()
    await sequencer.stop()
  })

  test('another takes over when its process stops', async () => {
    const [a, b] = [start(), start()]
    await until('one of them leads', () => a.leads() || b.leads())
    const [first, second] = a.leads() ? [a, b] : [b, a]
    await first.stop()
    await until('the other leads', () => second.leads())
  })

  test('it seals when woken, without waiting for its poll', async () => {
    const sequencer = start({ pollMs: 60_000 })
    await until('it leads', () => sequencer.leads())
    await log.write(newId(), [comment('now')])
    sequencer.wake()
    await drained()
  })

  test('one that has lost its lead and does not know writes nothing', async () => {
    const companyId = newId()
    const [old, current] = [log.connect(), log.connect()]
    expect(await takeLead(old)).not.toBeNull()
    expect(await takeLead(current)).toBeNull()
    await log.write(companyId, [comment('one'), comment('two')])
    const stale = await readUnsealed(old, 10)
    const fresh = await readUnsealed(current, 1)
    const write = (session: typeof old, batch: typeof stale) => {
      const { seals, heads } = seal(
        batch.rows.map((row) => row.content),
        batch.heads,
        batch.feed,
      )
      return writeSeals(session, batch, seals, heads)
    }
    expect(await write(current, fresh)).toBe(1)
    expect(await write(old, stale)).toBe(0)
    expect(await log.unsealed()).toBe(1)
    await Promise.all([old.end(), current.end()])
    start()
    await drained()
    expect(await findFlaw(log.db, companyId)).toBeNull()
  })
})
