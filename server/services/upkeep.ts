// What is tidied up from time to time.
import { pruneKeys } from '../store/idempotency.ts'
import { pruneImports } from '../store/import-jobs.ts'
import { pruneWebhookLog } from '../store/webhook-log.ts'
import type { App } from './app.ts'
import { endForgottenPlans } from './import-run.ts'

const daysAgo = (app: Pick<App, 'clock'>, days: number): string =>
  new Date(app.clock().getTime() - days * 24 * 60 * 60 * 1000).toISOString()

const keptDays = 7

/** Forgets idempotency keys that nobody may rely on any more (DOMAIN section 13); returns how many. */
export const forgetOldKeys = (app: Pick<App, 'db' | 'clock'>): Promise<number> =>
  pruneKeys(app.db, daysAgo(app, keptDays))

const deliveriesKeptDays = 30

/** Forgets what ended of deliveries to partners, and requests, so long ago; returns how many. The event log keeps what was told. */
export const forgetOldDeliveries = (app: Pick<App, 'db' | 'clock'>): Promise<number> =>
  pruneWebhookLog(app.db, daysAgo(app, deliveriesKeptDays))

const filesKeptDays = 30

/** Forgets the rows of files that were imported so long ago, and what became of each; returns of how many. The jobs and the log stay. */
export const forgetOldFiles = async (app: Pick<App, 'db' | 'clock'>): Promise<number> => {
  await endForgottenPlans(app)
  return pruneImports(app.db, daysAgo(app, filesKeptDays))
}
