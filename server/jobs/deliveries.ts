// Runs the deliveries to partners: woken by what is sealed, and by its own clock for what is due. Where there are no endpoints it looks
// every few seconds whether there are any, and nothing else.
import { setTimeout as wait } from 'node:timers/promises'
import { loggableError, type Log } from '../log.ts'
import type { App } from '../services/app.ts'
import { createDeliveries, type PayloadOf } from '../services/deliveries.ts'

const busyMs = 1_000
const idleMs = 5_000
/** What is sealed in quick succession is taken over together. */
const gatherMs = 50
/** How long requests that are under way may take to be answered when the process is told to stop. */
const graceMs = 1_000

export type RunningDeliveries = {
  /** Something has been sealed: `webhooks`, whether it is about endpoints themselves. */
  wake(about: { readonly webhooks: boolean }): void
  stop(): Promise<void>
}

/** Delivers until it is stopped; `stop` resolves when nothing is under way. */
export const startDeliveries = (
  app: App,
  log: Log,
  payloadOf: PayloadOf,
  everyMs: number | undefined,
): RunningDeliveries => {
  const failed = (error: unknown, where: object): void =>
    log.warn({ ...where, err: loggableError(error) }, 'deliveries to an endpoint failed, and are tried again')
  const deliveries = createDeliveries(app, { payloadOf, failed })
  let stopped = false
  let failing = false
  let any = true
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | undefined
  let again = false

  const once = async (): Promise<void> => {
    try {
      any = await deliveries.run(() => stopped)
      if (failing) log.info('deliveries work again')
      failing = false
    } catch (error) {
      if (!failing) log.warn({ err: loggableError(error) }, 'deliveries failed, and are tried again and again')
      failing = true
    }
  }
  const after = (ms: number): void => {
    clearTimeout(timer)
    timer = setTimeout(look, ms)
    timer.unref()
  }
  const look = (): void => {
    running = once().finally(() => {
      running = undefined
      if (stopped) return
      after(again ? gatherMs : (everyMs ?? (any ? busyMs : idleMs)))
      again = false
    })
  }
  look()
  return {
    wake({ webhooks }) {
      if (stopped || !(any || webhooks)) return
      if (running === undefined) after(gatherMs)
      else again = true
    },
    async stop() {
      stopped = true
      clearTimeout(timer)
      await running
      await Promise.race([deliveries.idle(), wait(graceMs, undefined, { ref: false })])
      deliveries.abort()
      await deliveries.idle()
    },
  }
}
