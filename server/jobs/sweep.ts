// Runs the sweep of what is due, and tells of absences that begin and end. Several processes at once do no harm.
import { loggableError, type Log } from '../log.ts'
import { tellOfAbsences } from '../services/absences.ts'
import type { App } from '../services/app.ts'
import { sweep } from '../services/timers.ts'

const everyMs = 1000

/** Looks now and each second for what is due; `stop` resolves when nothing is under way. */
export const startSweep = (app: App, log: Log, intervalMs = everyMs): { stop(): Promise<void> } => {
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> = Promise.resolve()
  const look = async (): Promise<void> => {
    try {
      await tellOfAbsences(app)
      const { failures } = await sweep(app)
      for (const failure of failures) log.error({ err: loggableError(failure) }, 'a proposal that is due is stuck')
    } catch (error) {
      log.warn({ err: loggableError(error) }, 'could not look for what is due')
    }
  }
  const next = (): void => {
    running = look().then(() => {
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
