// Work that outlives its request, by pg-boss: one runner for a job over all processes, tried again when a process dies or a database
// is away. It has a small pool and a driver of its own, and is not started before there is something to do.
import { sql } from 'drizzle-orm'
import pg from 'pg'
import { fromDrizzle, PgBoss } from 'pg-boss'
import { loggableError, type Log } from '../log.ts'
import type { App, Job } from '../services/app.ts'

type Queue = Job['queue']
/** Does a job, or as much of it as there is time for; `ending` aborts when the process stops, and the job is begun again elsewhere. */
export type Handler = (job: Job, ending: AbortSignal) => Promise<void>

export type Boss = {
  readonly enqueue: App['enqueue']
  /** Hands in jobs that nobody may have in hand any more: known from the tables, whatever has become of the process that began them. */
  resume(jobs: readonly Job[]): Promise<void>
  stop(): Promise<void>
}

/** A process that says nothing for so long is taken for dead, and its jobs are given to another. */
const heartbeatSeconds = 10

export const createBoss = (databaseUrl: string, handlers: () => Readonly<Record<Queue, Handler>>, log: Log): Boss => {
  const ending = new AbortController()
  let started: Promise<{ boss: PgBoss; pool: pg.Pool }> | undefined

  const begin = async (): Promise<{ boss: PgBoss; pool: pg.Pool }> => {
    const pool = new pg.Pool({ connectionString: databaseUrl, max: 3, application_name: 'countersign jobs' })
    // A connection that breaks while it is idle: the next query takes another.
    pool.on('error', (error) => log.warn({ err: loggableError(error) }, 'a connection of the background work broke'))
    const boss = new PgBoss({
      db: { executeSql: (text, values) => pool.query(text, values) },
      schema: 'jobs',
      schedule: false,
      monitorIntervalSeconds: 5,
    })
    boss.on('error', (error) => log.warn({ err: loggableError(error) }, 'background work has met an error'))
    await boss.start()
    for (const [queue, handler] of Object.entries(handlers()) as [Queue, Handler][]) {
      await boss.createQueue(queue, {
        policy: 'standard',
        heartbeatSeconds,
        expireInSeconds: 24 * 60 * 60,
        retryLimit: 1000,
        retryDelay: 1,
        retryBackoff: true,
        retryDelayMax: 60,
        deleteAfterSeconds: 24 * 60 * 60,
      })
      await boss.work<Job>(queue, { pollingIntervalSeconds: 0.5, batchSize: 1 }, async ([job]) => {
        if (job === undefined) return
        try {
          await handler(job.data, ending.signal)
        } catch (error) {
          if (!ending.signal.aborted)
            log.error({ err: loggableError(error), ...job.data }, 'background work failed, and is tried again')
          throw error
        }
        // What was left off because this process stops is another's to go on with.
        if (ending.signal.aborted) throw new Error('this process stops')
      })
    }
    return { boss, pool }
  }
  const running = (): Promise<{ boss: PgBoss; pool: pg.Pool }> => {
    started ??= begin().catch((error: unknown) => {
      started = undefined
      throw error
    })
    return started
  }

  return {
    async enqueue(tx, job) {
      const { boss } = await running()
      await boss.send(job.queue, job, { db: fromDrizzle(tx, sql) })
    },
    async resume(jobs) {
      if (jobs.length === 0) return
      const { boss } = await running()
      for (const job of jobs)
        await boss.send(job.queue, job, { singletonKey: `${job.companyId} ${job.id}`, singletonSeconds: 10 })
    },
    async stop() {
      ending.abort()
      const at = await started?.catch(() => undefined)
      if (at === undefined) return
      await at.boss.stop({ graceful: true, timeout: 5000, close: false })
      await at.pool.end()
    },
  }
}
