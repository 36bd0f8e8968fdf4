// Writes events into a test's database as services do, and waits for what the live parts make of them.
import { setTimeout as delay } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { pino } from 'pino'
import { connect } from '../../server/db/connect.ts'
import type { DomainEvent } from '../../server/domain/events.ts'
import { newId } from '../../server/store/ids.ts'
import { appendEvents } from '../../server/store/events.ts'

export const silent = pino({ level: 'silent' })

export const openLog = (url: string, max = 10) => {
  const pool = connect(url, { max })
  const { db } = pool
  const clients: (() => Promise<void>)[] = []
  return {
    db,
    /** For the sequencer and the listener: clients of their own. */
    connect: () => {
      const connection = connect(url, { max: 1 })
      clients.push(() => connection.close())
      return connection.sql
    },
    /** One transaction; `before` runs in it after the insert: throw there to roll back. */
    write: (companyId: string, events: readonly DomainEvent[], before: () => Promise<void> = async () => {}) =>
      db.transaction(async (tx) => {
        const ids = await appendEvents(tx, { companyId, actorId: null, at: '2026-11-22T10:00:00.120Z' }, events)
        await before()
        return ids
      }),
    unsealed: async () => {
      const [row] = await db.execute<{ n: number }>(sql`select count(*)::int as n from events where position is null`)
      return row?.n ?? 0
    },
    close: async () => {
      await pool.close()
      await Promise.all(clients.map((end) => end()))
    },
  }
}

export const comment = (text: string, of: Partial<DomainEvent> = {}): DomainEvent => ({
  type: 'CommentAdded',
  data: { text },
  ...of,
})

/** Waits for a condition, at most 10 seconds. */
export const until = async (what: string, holds: () => Promise<boolean> | boolean): Promise<void> => {
  for (const end = performance.now() + 10_000; performance.now() < end; await delay(10)) if (await holds()) return
  throw new Error(`waited for ten seconds: ${what}`)
}

export { newId }
