// Runs the upkeep of one process; several at once do no harm.
import { loggableError, type Log } from '../log.ts'
import type { App } from '../services/app.ts'
import { forgetOldDeliveries, forgetOldFiles, forgetOldKeys } from '../services/upkeep.ts'

const everyMs = 60 * 60 * 1000

/** Tidies up now and each hour; resolves `stop` when nothing is under way. */
export const startUpkeep = (app: Pick<App, 'db' | 'clock'>, log: Log): { stop(): Promise<void> } => {
  let running: Promise<void> = Promise.resolve()
  const tidy = (): void => {
    running = Promise.all([forgetOldKeys(app), forgetOldDeliveries(app), forgetOldFiles(app)]).then(
      ([keys, deliveries, files]) => {
        if (keys > 0) log.debug({ keys }, 'forgot old idempotency keys')
        if (deliveries > 0) log.debug({ deliveries }, 'forgot old deliveries')
        if (files > 0) log.debug({ files }, 'forgot the rows of old imports')
      },
      (error: unknown) => log.warn({ err: loggableError(error) }, 'could not tidy up'),
    )
  }
  tidy()
  const timer = setInterval(tidy, everyMs)
  timer.unref()
  return {
    async stop() {
      clearInterval(timer)
      await running
    },
  }
}
