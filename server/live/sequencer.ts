// Gives committed events their position, hash and feed number (ARCHITECTURE 5.2). Every process runs one; the holder of
// a session lock works, the others try for it each second, so that a dead leader is followed within seconds.
import { setTimeout as delay } from 'node:timers/promises'
import type { Sql } from 'postgres'
import { seal } from '../domain/log.ts'
import type { Log } from '../log.ts'
import { readUnsealed, takeLead, writeSeals } from '../store/feed.ts'
import type { Connect } from './listener.ts'
import { createPause } from './pause.ts'

export type Sequencer = {
  /** Something was committed. Cheap, and may be called at any rate. */
  wake(): void
  /** Is it this process that seals? */
  leads(): boolean
  stop(): Promise<void>
}

export type SequencerHooks = {
  /** Told when it takes the lead, and when it loses it. */
  onLead?: (leads: boolean) => void
  /** Told after each batch how many events it sealed. */
  onSealed?: (count: number) => void
}

export type SequencerOptions = SequencerHooks & {
  /**
   * A client of one connection: the lock belongs to the session, and the seals are written on that very session. Not the
   * driver's `reserve()`: a query on a reserved connection that has died ends the process (porsager/postgres#1208). A
   * pool of one opens another connection instead, which is noticed by its process id and held off by the fence.
   */
  connect: Connect
  log: Log
  pollMs?: number
  batch?: number
  /** How long the database may take for a statement before its session counts as lost. */
  tripMs?: number
}

/** So many events in a batch mean that many write at once; then so long is waited for more. Who reads does not notice it. */
const busy = 3
const gatherMs = 25

export const startSequencer = ({
  connect,
  log,
  pollMs = 1000,
  batch = 500,
  tripMs = 10_000,
  onLead,
  onSealed,
}: SequencerOptions): Sequencer => {
  /** A half-open session never answers: it is given up instead, and the fence holds off what it may still write. */
  const inTime = async <T>(trip: Promise<T>): Promise<T> => {
    const { promise, reject } = Promise.withResolvers<never>()
    const timer = setTimeout(() => reject(new Error('the session that numbers events does not answer')), tripMs)
    return Promise.race([trip, promise]).finally(() => clearTimeout(timer))
  }

  const work = createPause()
  const turn = createPause()
  let leading = false
  let stopped = false
  let client: Sql | undefined

  /** Seals until stopped; returns when the lead is lost, throws when the session is. */
  const lead = async (session: Sql, pid: number): Promise<void> => {
    while (!stopped) {
      const unsealed = await inTime(readUnsealed(session, batch))
      // The driver connects again by itself: another backend answers, and the lock went with the old one.
      if (unsealed.pid !== pid) return
      const contents = unsealed.rows.map((row) => row.content)
      if (contents.length > 0) {
        const { seals, heads } = seal(contents, unsealed.heads, unsealed.feed)
        const sealed = await inTime(writeSeals(session, unsealed, seals, heads))
        if (sealed !== contents.length) return
        onSealed?.(sealed)
      }
      if (contents.length === batch) continue
      await work.wait(pollMs)
      // Each batch is a transaction of its own, beside those of the writers: where many write, a few more are let come together.
      if (contents.length >= busy) await delay(gatherMs)
    }
  }

  const takeTurns = async (session: Sql): Promise<void> => {
    for (;;) {
      const pid = await inTime(takeLead(session))
      if (stopped) return
      if (pid !== null) {
        leading = true
        onLead?.(true)
        log.info({ pid }, 'this process numbers the events')
        await lead(session, pid)
        if (!stopped) log.warn({ pid }, 'gave up numbering the events: the session or the fence was lost')
        return
      }
      await turn.wait(pollMs)
      if (stopped) return
    }
  }

  const run = async (): Promise<void> => {
    while (!stopped) {
      client = connect()
      try {
        await takeTurns(client)
      } catch (error) {
        if (!stopped) log.warn({ err: error }, 'the session that numbers events was lost; trying again')
      } finally {
        if (leading) onLead?.(false)
        leading = false
        await client.end({ timeout: 0 }).catch(() => undefined)
      }
      if (!stopped) await turn.wait(pollMs)
    }
  }
  const running = run()

  return {
    wake: () => work.wake(),
    leads: () => leading,
    async stop() {
      stopped = true
      work.wake()
      turn.wake()
      // A session that no longer answers must not hold up the end of the process.
      const force = setTimeout(() => void client?.end({ timeout: 0 }), 2000)
      await running
      clearTimeout(force)
    },
  }
}
