// Runs the sweep of what is due, and tells of absences that begin and end. Several processes at once do no harm.
import { loggableError, type Log } from '../log.ts'
import { tellOfAbsences } from '../services/absences.ts'
import type { App } from '../services/app.ts'
import { createSweep } from '../services/timers.ts'

const everyMs = 1000

export type Repeated = { stop(): Promise<void> }

/** Does something now and again and again, `intervalMs` after it has ended. While it fails, only the first time and the end are told. */
export const repeat = (
  what: string,
  intervalMs: number,
  log: Log,
  work: (ending: () => boolean) => Promise<unknown>,
): Repeated => {
  let stopped = false
  let failing = false
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> = Promise.resolve()
  const once = async (): Promise<void> => {
    try {
      await work(() => stopped)
      if (failing) log.info(`${what}: works again`)
      failing = false
    } catch (error) {
      if (!failing) log.warn({ err: loggableError(error) }, `${what}: failed, and is tried again and again`)
      failing = true
    }
  }
  const next = (): void => {
    running = once().then(() => {
      if (stopped) return
      timer = setTimeout(next, intervalMs)
      timer.unref()
    })
  }
  next()
  return {
    async stop() {
      stopped = true
      clearTimeout(timer)
      await running
    },
  }
}

/** Looks now and each second for what is due; `stop` resolves when nothing is under way. */
export const startSweep = (app: App, log: Log, intervalMs = everyMs): { stop(): Promise<void> } => {
  const sweep = createSweep(app)
  // Apart from each other: neither may keep the other from its time.
  const jobs = [
    repeat('looking for what is due', intervalMs, log, async (ending) => {
      for (const { error, again, ...where } of (await sweep.run(ending)).stuck) {
        const tried = { err: loggableError(error), again: new Date(again).toISOString() }
        log.error({ ...where, ...tried }, 'a proposal that is due is stuck')
      }
    }),
    repeat('telling of absences', intervalMs, log, () => tellOfAbsences(app)),
  ]
  return {
    async stop() {
      await Promise.all(jobs.map((job) => job.stop()))
    },
  }
}
