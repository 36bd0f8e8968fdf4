// What is tidied up from time to time.
import { pruneKeys } from '../store/idempotency.ts'
import { pruneWebhookLog } from '../store/webhook-log.ts'
import type { App } from './app.ts'

const keptDays = 7

/** Forgets idempotency keys that nobody may rely on any more (DOMAIN section 13); returns how many. */
export const forgetOldKeys = (app: Pick<App, 'db' | 'clock'>): Promise<number> =>
  pruneKeys(app.db, new Date(app.clock().getTime() - keptDays * 24 * 60 * 60 * 1000).toISOString())

const deliveriesKeptDays = 30

/** Forgets what ended of deliveries to partners, and requests, so long ago; returns how many. The event log keeps what was told. */
export const forgetOldDeliveries = (app: Pick<App, 'db' | 'clock'>): Promise<number> =>
  pruneWebhookLog(app.db, new Date(app.clock().getTime() - deliveriesKeptDays * 24 * 60 * 60 * 1000).toISOString())
