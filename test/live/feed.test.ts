import { createConnection, createServer, type AddressInfo } from 'node:net'
import { sql, type SQL } from 'drizzle-orm'
import postgres from 'postgres'
import { afterAll, describe, expect, test } from 'vitest'
import type { DomainEvent } from '../../server/domain/events.ts'
import { createPostgresFeed } from '../../server/live/feed.ts'
import { beatChannel, startListener } from '../../server/live/listener.ts'
import { createOutbox } from '../../server/live/outbox.ts'
import { startSequencer } from '../../server/live/sequencer.ts'
import type { RecordTopic } from '../../server/live/topics.ts'
import { committedChannel, notifyCommitted, notifyOn } from '../../server/store/feed.ts'
import { createTestDatabase } from '../helpers/postgres.ts'
import { comment, newId, openLog, silent, until } from './log-writer.ts'

const { url } = await createTestDatabase()
const log = openLog(url)
afterAll(() => log.close())

const listeners = async () => {
  const rows = await log.db.execute<{ pid: number }>(sql`
    select pid from pg_stat_activity where datname = current_database() and query ilike 'listen%'`)
  return rows.map((row) => row.pid)
}

describe('the feed', () => {
  test('hands over everything once and in order, in batches, from where it is told to', async () => {
    const listener = startListener({ connect: log.connect, log: silent })
    const feed = createPostgresFeed({ db: log.db, listener, log: silent, pollMs: 50, batch: 4 })
    const sequencer = startSequencer({ connect: log.connect, log: silent, pollMs: 20, batch: 3 })
    const companyId = newId()
    await log.write(
      companyId,
      Array.from({ length: 10 }, (_, i) => comment(`${i}`)),
    )
    await until('it is sealed', async () => (await feed.head()) === 10)
    const seen: unknown[] = []
    feed.follow(2, (events) => seen.push(...events.map((e) => e.data.text)))
    await log.write(companyId, [comment('10')])
    await until('all is there', () => seen.includes('10'))
    expect(seen).toEqual(['2', '3', '4', '5', '6', '7', '8', '9', '10'])
    await Promise.all([feed.stop(), sequencer.stop(), listener.stop()])
  })

  test('misses no write of a record that somebody begins to follow while it reads', async () => {
    const [companyId, recordId] = [newId(), newId()]
    let held: Promise<void> | null = null
    const slow = new Proxy(log.db, {
      get: (db, name) =>
        name !== 'execute'
          ? (Reflect.get(db, name) as unknown)
          : async (query: SQL) => {
              await held
              return db.execute(query)
            },
    })
    const deaf = { on: () => undefined, relisten: () => undefined, stop: async () => {} }
    const feed = createPostgresFeed({ db: slow, listener: deaf, log: silent, pollMs: 10 })
    const sequencer = startSequencer({ connect: log.connect, log: silent, pollMs: 10 })
    const sealed = () => until('it is sealed', async () => (await log.unsealed()) === 0)
    const write = (to: string): DomainEvent => ({ type: 'CustomerUpdated', customerId: to, data: { text: to } })

    await log.write(companyId, [comment('before'), write(newId())])
    await sealed()
    const seen: unknown[] = []
    let followed: RecordTopic[] = []
    let release = (): void => undefined
    feed.follow(
      (await feed.head()) - 2,
      (events) => seen.push(...events.map((e) => e.data.text)),
      () => {
        const records = followed
        // The question is on its way; before it arrives the record is followed, and written.
        if (records.length === 0) held = new Promise((resolve) => (release = resolve))
        return records
      },
    )
    await until('it reads', () => held !== null)
    followed = [{ companyId, recordId }]
    await log.write(companyId, [write(recordId), comment('after'), write(newId())])
    await sealed()
    held = null
    release()
    await until('all is there', () => seen.includes('after'))
    expect(seen).toEqual(['before', recordId, 'after'])
    await Promise.all([feed.stop(), sequencer.stop()])
  })

  test('goes on by its poll when notifications stay away, and listens again', async () => {
    const deaf = { relistened: 0, on: () => undefined, relisten: () => void deaf.relistened++, stop: async () => {} }
    const feed = createPostgresFeed({ db: log.db, listener: deaf, log: silent, pollMs: 10 })
    const sequencer = startSequencer({ connect: log.connect, log: silent, pollMs: 10 })
    const seen: unknown[] = []
    feed.follow(await feed.head(), (events) => seen.push(...events.map((e) => e.data.text)))
    for (let i = 0; i < 4; i++) {
      await log.write(newId(), [comment(`${i}`)])
      await until('it is there', () => seen.includes(`${i}`))
    }
    expect(deaf.relistened).toBe(1)
    await Promise.all([feed.stop(), sequencer.stop()])
  })
})

describe('the listener', () => {
  test('hears again after its connection was killed, and after it was told to listen again', async () => {
    const listener = startListener({ connect: log.connect, log: silent, retryMs: 20 })
    let heard = 0
    listener.on(committedChannel, () => heard++)
    const hears = (what: string) => {
      const before = heard
      return until(what, async () => {
        await notifyCommitted(log.db)
        return heard > before + 1
      })
    }
    await hears('it hears')
    await log.db.execute(sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and query ilike 'listen%'`)
    await hears('it hears after a kill')
    listener.relisten()
    await hears('it hears on a new connection')
    await until('the old connection is gone', async () => (await listeners()).length === 1)
    await listener.stop()
  })
})

describe('the listener of a half-open connection', () => {
  test('notices by its heartbeat that it hears nothing, and listens on another', async () => {
    const { hostname, port } = new URL(url)
    let frozen: { pause(): void }[] = []
    const proxy = createServer((from) => {
      const to = createConnection(Number(port), hostname)
      from.pipe(to).pipe(from)
      from.on('error', () => to.destroy())
      to.on('error', () => from.destroy())
      frozen.push({
        pause: () => {
          to.unpipe(from)
          to.pause()
        },
      })
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    const through = new URL(url)
    through.hostname = '127.0.0.1'
    through.port = String((proxy.address() as AddressInfo).port)
    const listener = startListener({
      connect: () => postgres(through.href, { max: 1, onnotice: () => undefined }),
      log: silent,
      beat: () => notifyOn(log.db, beatChannel),
      beatMs: 20,
      patienceMs: 200,
    })
    let heard = 0
    listener.on(committedChannel, () => heard++)
    await until('it hears', async () => {
      await notifyCommitted(log.db)
      return heard > 1
    })
    const before = heard
    for (const connection of frozen) connection.pause()
    frozen = []
    await until('it hears again', async () => {
      await notifyCommitted(log.db)
      return heard > before + 1
    })
    await listener.stop()
    proxy.close()
  })
})

describe('the outbox', () => {
  const other = { leads: () => false, wake: () => undefined }

  test('wakes the sequencer of its own process without the database', () => {
    let woken = 0
    const own = { leads: () => true, wake: () => void woken++ }
    createOutbox({ sequencer: own, notify: () => Promise.reject(new Error('not needed')), log: silent }).wake()
    expect(woken).toBe(1)
  })

  test('makes one notification of many wakes, and one more for those during it', async () => {
    let sent = 0
    const send: (() => void)[] = []
    const notify = () => {
      sent += 1
      return new Promise<void>((resolve) => send.push(resolve))
    }
    const outbox = createOutbox({ sequencer: other, notify, log: silent })
    for (let i = 0; i < 100; i++) outbox.wake()
    expect(sent).toBe(1)
    send[0]?.()
    await until('the second is under way', () => sent === 2)
    send[1]?.()
    await outbox.settled()
    expect(sent).toBe(2)
  })

  test('does not fail when the database does', async () => {
    const outbox = createOutbox({ sequencer: other, notify: () => Promise.reject(new Error('gone')), log: silent })
    outbox.wake()
    await outbox.settled()
    outbox.wake()
    await outbox.settled()
  })

  test('reaches the sequencer of another process', async () => {
    const listener = startListener({ connect: log.connect, log: silent })
    const sequencer = startSequencer({ connect: log.connect, log: silent, pollMs: 60_000 })
    listener.on(committedChannel, () => sequencer.wake())
    await until('it leads', () => sequencer.leads())
    await until('it listens', async () => (await listeners()).length > 0)
    await log.write(newId(), [comment('from elsewhere')])
    createOutbox({ sequencer: other, notify: () => notifyCommitted(log.db), log: silent }).wake()
    await until('it is sealed', async () => (await log.unsealed()) === 0)
    await Promise.all([sequencer.stop(), listener.stop()])
  })
})
