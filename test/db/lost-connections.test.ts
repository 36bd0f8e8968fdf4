// What a connection that dies may cost: the work that was done on it, and nothing beyond. Backends are ended for real.
import { setTimeout as delay } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { connect, type Connection, type Reader, type Tx } from '../../server/db/connect.ts'
import { createTestDatabase } from '../helpers/postgres.ts'

const { url } = await createTestDatabase()
const killer = connect(url, { max: 2 })
await killer.db.execute(sql`create table notes (text text not null)`)
afterAll(() => killer.close())

/** What would have ended the process; it is listened for in place of the runner. */
const uncaught: unknown[] = []
const note = (error: unknown): void => void uncaught.push(error)
const runner = new Map<NodeJS.UncaughtExceptionListener, true>()
let pool: Connection
beforeEach(() => {
  for (const listener of process.listeners('uncaughtException')) runner.set(listener, true)
  process.removeAllListeners('uncaughtException').on('uncaughtException', note)
  pool = connect(url, { max: 4 })
})
afterEach(async () => {
  // What the driver still has in hand is written in the turns that follow.
  await delay(50)
  await pool.close()
  process.removeAllListeners('uncaughtException')
  for (const listener of runner.keys()) process.on('uncaughtException', listener)
  runner.clear()
  expect(uncaught.splice(0)).toEqual([])
})

const pidOf = async (on: Reader): Promise<number> => {
  const [row] = await on.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`)
  return row!.pid
}
/** Ends a backend and sees it gone. */
const kill = async (pid: number): Promise<void> => {
  await killer.db.execute(sql`select pg_terminate_backend(${pid}::int, 5000)`)
}
const write = (on: Reader, text: string) => on.execute(sql`insert into notes values (${text})`)
const written = async (): Promise<string[]> => {
  const rows = await killer.db.execute<{ text: string }>(sql`select text from notes order by text`)
  return rows.map((row) => row.text)
}
afterEach(async () => {
  await killer.db.execute(sql`truncate notes`)
})

/** Every connection of the pool at once, each in a transaction; fails where one does not answer. */
const works = async (): Promise<void> => {
  const texts = ['p', 'q', 'r', 's']
  await Promise.all(
    texts.map((text) =>
      pool.db.transaction(async (tx) => {
        await write(tx, text)
        await tx.execute(sql`select pg_sleep(0.02)`)
      }),
    ),
  )
  await Promise.all(texts.map(() => pool.db.execute(sql`select 1`)))
  expect(await written()).toEqual(texts)
}

/** A transaction that writes, and then does `rest` with what it takes to have its connection killed. */
const doomed = (rest: (tx: Tx, die: () => Promise<void>) => Promise<unknown>): Promise<unknown> =>
  pool.db.transaction(async (tx) => {
    const pid = await pidOf(tx)
    await write(tx, 'half')
    return rest(tx, () => kill(pid))
  })

/** The driver's word for it, the system's or the server's: it depends on which of them came first. */
const lost = { code: expect.stringMatching(/^(CONNECTION_CLOSED|ECONNRESET|EPIPE|57P01)$/) as string }
const asleep = async (tx: Tx, die: () => Promise<void>): Promise<unknown> => {
  const sleeping = tx.execute(sql`select pg_sleep(${20}::int)`)
  sleeping.catch(() => undefined)
  await die()
  return sleeping
}

describe('a transaction whose connection dies rejects, leaves nothing, and the pool goes on', () => {
  test('during a statement', async () => {
    await expect(doomed(asleep)).rejects.toMatchObject(lost)
    await works()
  })

  test('during a statement of a savepoint, in a savepoint', async () => {
    const told = Promise.withResolvers<unknown>()
    const nested = doomed((tx, die) =>
      tx
        .transaction(async (inner) => {
          await write(inner, 'inner')
          return inner.transaction((innermost) => asleep(innermost, die))
        })
        .catch((error: unknown) => {
          told.resolve(error)
          throw error
        }),
    )
    await expect(nested).rejects.toMatchObject(lost)
    // The work hears of it as well, and can put away what it holds.
    await expect(told.promise).resolves.toMatchObject(lost)
    await works()
  })

  test('between two statements, and what it sends afterwards reaches no other transaction', async () => {
    const refused: unknown[] = []
    const late = Promise.withResolvers<unknown>()
    const between = doomed(async (tx, die) => {
      await die()
      // Others take the connection's place first.
      await works()
      for (const statement of [() => write(tx, 'late'), () => tx.transaction((inner) => write(inner, 'later'))])
        await statement().catch((error: unknown) => refused.push(error))
      late.resolve(undefined)
    })
    await expect(between).rejects.toMatchObject(lost)
    await late.promise
    expect(refused).toHaveLength(2)
    expect(await written()).not.toContain('late')
    expect(await written()).not.toContain('later')
  })

  test('when it dies before a savepoint, before the commit, and when the work takes no notice', async () => {
    await expect(
      doomed(async (tx, die) => {
        await die()
        await tx.transaction((inner) => write(inner, 'inner'))
      }),
    ).rejects.toBeInstanceOf(Error)
    await expect(doomed((_, die) => die())).rejects.toBeInstanceOf(Error)
    const heedless = doomed(async (tx, die) => {
      await asleep(tx, die).catch(() => undefined)
      await write(tx, 'heedless').catch(() => undefined)
      await tx.transaction((inner) => write(inner, 'heedless')).catch(() => undefined)
      return 'all is well'
    })
    await expect(heedless).rejects.toBeInstanceOf(Error)
    // With nothing between the work and the driver, so that the next statement follows in the same breath.
    const breathless = pool.sql.begin(async (tx) => {
      const [row] = await tx<{ pid: number }[]>`select pg_backend_pid() as pid`
      const sleeping = tx`select pg_sleep(20)`.catch(async () => tx`insert into notes values ('heedless')`)
      sleeping.catch(() => undefined)
      await kill(row!.pid)
      return sleeping
    })
    await expect(breathless).rejects.toBeInstanceOf(Error)
    await works()
  })

  test('during the statement that begins a savepoint', async () => {
    const begun: unknown[] = []
    const dying = pool.sql.begin(async (tx) => {
      const [row] = await tx<{ pid: number }[]>`select pg_backend_pid() as pid`
      // Held, so that it is told to end with the statement before it.
      process.kill(row!.pid, 'SIGSTOP')
      const inner = tx.savepoint((nested) => begun.push(nested))
      inner.catch(() => undefined)
      await delay(20)
      process.kill(row!.pid, 'SIGTERM')
      process.kill(row!.pid, 'SIGCONT')
      await inner
    })
    await expect(dying).rejects.toMatchObject(lost)
    expect(begun).toEqual([])
    await works()
  })

  test('when the work fails by itself on a connection that has died', async () => {
    const failing = doomed(async (_, die) => {
      await die()
      throw new Error('refused')
    })
    await expect(failing).rejects.toBeInstanceOf(Error)
    await works()
  })

  test('many at once, with others waiting for a connection, again and again', async () => {
    for (let round = 0; round < 5; round += 1) {
      const begun: Promise<unknown>[] = []
      const pids: number[] = []
      for (let n = 0; n < 4; n += 1)
        begun.push(
          pool.db.transaction(async (tx) => {
            pids.push(await pidOf(tx))
            await write(tx, 'half')
            if (n % 2 === 0) await tx.execute(sql`select pg_sleep(${20}::int)`)
            else await tx.transaction((inner) => inner.execute(sql`select pg_sleep(20)`))
          }),
        )
      // Not all of these can have a connection before the others are dead.
      const waiting = Array.from({ length: 8 }, () => pool.db.transaction((tx) => pidOf(tx)))
      const settled = Promise.allSettled(begun)
      while (pids.length < 4) await delay(10)
      await Promise.all(pids.map(kill))
      expect((await settled).map((result) => result.status)).toEqual(Array<string>(4).fill('rejected'))
      expect((await Promise.allSettled(waiting)).map((result) => result.status)).toEqual(
        Array<string>(8).fill('fulfilled'),
      )
      await works()
      await killer.db.execute(sql`truncate notes`)
    }
  })
})

test('a transaction that comes upon a dead connection is begun on another', async () => {
  await works()
  await killer.db.execute(sql`truncate notes`)
  const others = sql`pid <> pg_backend_pid() and application_name = 'countersign' and datname = current_database()`
  for (let round = 0; round < 10; round += 1) {
    // Said while the backends end, so that some find their connection open and some closing.
    const killing = killer.db.execute(sql`select pg_terminate_backend(pid) from pg_stat_activity where ${others}`)
    const began = Array.from({ length: 6 }, (_, n) => delay(n).then(() => pool.db.transaction(pidOf)))
    const ended = Promise.allSettled(began)
    await killing
    for (const result of await ended) if (result.status === 'rejected') expect(result.reason).toMatchObject(lost)
    await pool.db.transaction(pidOf)
  }
  await works()
})

test('whoever only reads meets no error of a connection that died before, and does not wait for one', async () => {
  for (let round = 0; round < 3; round += 1) {
    const dying = Array.from({ length: 4 }, () => doomed(asleep))
    for (const result of await Promise.allSettled(dying)) expect(result.status).toBe('rejected')
    const pids = await Promise.all(Array.from({ length: 8 }, () => pidOf(pool.db)))
    expect(pids).toHaveLength(8)
  }
})

test('an error of another connection is no loss of one’s own: the transaction rolls back and its connection is free', async () => {
  const single = connect(url, { max: 1 })
  const foreign = single.db.transaction(async (tx) => {
    await write(tx, 'half')
    throw Object.assign(new Error('reset'), { code: 'ECONNRESET', syscall: 'read' })
  })
  await expect(foreign).rejects.toThrow('reset')
  const nested = single.db.transaction(async (tx) => {
    await tx
      .transaction(() => Promise.reject(Object.assign(new Error('closed'), { code: 'CONNECTION_CLOSED' })))
      .catch(() => undefined)
    await write(tx, 'kept')
  })
  await nested
  expect(await written()).toEqual(['kept'])
  await single.close()
})

test('what is known of types outlives a connection, serves lasting ones, and is not asked for again', async () => {
  const read = async (on: Connection) => (await on.sql`select array[1, 2] as numbers`)[0]?.numbers as unknown
  const asks = (on: Connection) => (on.sql.options as unknown as { fetch_types: boolean }).fetch_types
  expect(asks(pool)).toBe(true)
  expect(await read(pool)).toEqual([1, 2])
  await expect(doomed(asleep)).rejects.toMatchObject(lost)
  const lasting = connect(url, { max: 1, lasting: true, like: pool })
  for (const on of [pool, lasting]) {
    expect(asks(on)).toBe(false)
    expect(await read(on)).toEqual([1, 2])
    const [row] = await on.sql`select ${[3, 4]}::int[] as numbers`
    expect(row?.numbers).toEqual([3, 4])
  }
  await lasting.close()
})

test('a lost connection gives times and dates as text to whoever comes next', async () => {
  const read = async () => (await pool.sql`select timestamptz '2026-01-02 03:04:05Z' as at`)[0]?.at as unknown
  const before = await read()
  await expect(doomed(asleep)).rejects.toMatchObject(lost)
  expect(typeof before).toBe('string')
  expect(await read()).toBe(before)
})
