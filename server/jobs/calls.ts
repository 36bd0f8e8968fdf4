// Asks the webhooks that workflows ask: woken when an element begins, and by its own clock for what is due again.
import { setTimeout as wait } from 'node:timers/promises'
import { loggableError, type Log } from '../log.ts'
import type { App } from '../services/app.ts'
import { createCalls, type BodyOf } from '../services/calls.ts'
import { repeat } from './sweep.ts'

const everyMs = 1000
/** What begins in quick succession is looked for together. */
const gatherMs = 20
/** How long requests that are under way may take to be answered when the process is told to stop. */
const graceMs = 1000

export type RunningCalls = {
  /** A workflow may have come to an element that asks. */
  wake(): void
  stop(): Promise<void>
}

/** Asks until it is stopped; `stop` resolves when nothing is under way. */
export const startCalls = (app: App, log: Log, bodyOf: BodyOf, intervalMs = everyMs): RunningCalls => {
  const failed = (error: unknown, where: object): void =>
    log.warn({ ...where, err: loggableError(error) }, 'asking a webhook failed, and is tried again')
  const calls = createCalls(app, { bodyOf, failed })
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  const job = repeat('asking webhooks of workflows', intervalMs, log, () => calls.run(() => stopped))
  return {
    wake() {
      if (stopped || timer !== undefined) return
      timer = setTimeout(() => {
        timer = undefined
        // That the database is away is told by the repeated look.
        calls.run(() => stopped).catch(() => undefined)
      }, gatherMs)
      timer.unref()
    },
    async stop() {
      stopped = true
      clearTimeout(timer)
      await job.stop()
      await Promise.race([calls.idle(), wait(graceMs, undefined, { ref: false })])
      calls.abort()
      await calls.idle()
    },
  }
}
