// What has been sent to partners, and what came of it: for the log of an endpoint.
import { and, count, eq, lt, sql, type SQL } from 'drizzle-orm'
import type { Reader } from '../db/connect.ts'
import { webhookHealth } from '../db/tables/webhook-health.ts'
import { webhookAttempts, webhookDeliveries } from '../db/tables/webhooks.ts'
import type { DeliveryStatus } from '../domain/webhook.ts'
import { newId } from './ids.ts'
import { keyset, pageValues, type Order, type Page } from './page.ts'

export type Attempt = typeof webhookAttempts.$inferSelect
export type Delivery = Omit<typeof webhookDeliveries.$inferSelect, 'nextAt' | 'hold'> & {
  /** Null: it waits for one before it of its customer, or has ended. */
  readonly nextAt: string | null
}
export type Health = Omit<typeof webhookHealth.$inferSelect, 'companyId' | 'webhookId'>
export type Counts = { readonly pending: number; readonly dead: number }

/** Notes a request that was made; answers its id. Of one that is made twice under the same id the first to be noted stays. */
export const insertAttempt = async (
  writer: Reader,
  attempt: Omit<Attempt, 'id'> & { readonly id?: string },
): Promise<string> => {
  const id = attempt.id ?? newId()
  await writer
    .insert(webhookAttempts)
    .values({ ...attempt, id })
    .onConflictDoNothing({ target: [webhookAttempts.companyId, webhookAttempts.id] })
  return id
}

export const findAttempt = async (reader: Reader, companyId: string, id: string): Promise<Attempt | null> => {
  const [row] = await reader
    .select()
    .from(webhookAttempts)
    .where(and(eq(webhookAttempts.companyId, companyId), eq(webhookAttempts.id, id)))
  return row ?? null
}

/** The latest first. */
export const attemptOrder: Order = { name: 'WEBHOOK_ATTEMPT', kinds: ['timestamptz', 'uuid'], descending: true }
/** The latest event first. */
export const deliveryOrder: Order = { name: 'WEBHOOK_DELIVERY', kinds: ['bigint'], descending: true }

/** A page of the requests made to an endpoint, and one more if more lie beyond. */
export const attemptPage = (reader: Reader, companyId: string, webhookId: string, page: Page): Promise<Attempt[]> => {
  const { orderBy, behind } = keyset(attemptOrder, page, [sql`${webhookAttempts.at}`, sql`${webhookAttempts.id}`])
  return reader
    .select()
    .from(webhookAttempts)
    .where(and(eq(webhookAttempts.companyId, companyId), eq(webhookAttempts.webhookId, webhookId), behind))
    .orderBy(orderBy)
    .limit(page.limit + 1)
    .prepare('webhook_attempts')
    .execute(pageValues(page))
}

const shownNext = sql<
  string | null
>`case when ${webhookDeliveries.status} = 'PENDING' and ${webhookDeliveries.nextAt} < 'infinity'
  then to_char(${webhookDeliveries.nextAt} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') end`

/** A page of what an endpoint is or was to be told, and one more if more lie beyond. */
export const deliveryPage = (
  reader: Reader,
  companyId: string,
  webhookId: string,
  status: DeliveryStatus | null,
  page: Page,
): Promise<Delivery[]> => {
  const { orderBy, behind } = keyset(deliveryOrder, page, [sql`${webhookDeliveries.position}`])
  const wanted: (SQL | undefined)[] = [
    eq(webhookDeliveries.companyId, companyId),
    eq(webhookDeliveries.webhookId, webhookId),
    status === null ? undefined : eq(webhookDeliveries.status, status),
    behind,
  ]
  const {
    companyId: of,
    webhookId: to,
    position,
    eventId,
    customerId,
    attempts,
    createdAt,
    endedAt,
  } = webhookDeliveries
  const { lastStatus, lastError } = webhookDeliveries
  const columns = { companyId: of, webhookId: to, position, eventId, customerId, attempts, createdAt, endedAt }
  return reader
    .select({ ...columns, lastStatus, lastError, status: webhookDeliveries.status, nextAt: shownNext })
    .from(webhookDeliveries)
    .where(and(...wanted))
    .orderBy(orderBy)
    .limit(page.limit + 1)
    .prepare('webhook_deliveries')
    .execute(pageValues(page))
}

/** How an endpoint is doing, with how much waits and how much has been given up. */
export const healthOf = async (reader: Reader, companyId: string, webhookId: string): Promise<Health & Counts> => {
  const [[health], counted] = await Promise.all([
    reader
      .select()
      .from(webhookHealth)
      .where(and(eq(webhookHealth.companyId, companyId), eq(webhookHealth.webhookId, webhookId))),
    reader
      .select({ status: webhookDeliveries.status, n: count() })
      .from(webhookDeliveries)
      .where(
        and(
          eq(webhookDeliveries.companyId, companyId),
          eq(webhookDeliveries.webhookId, webhookId),
          sql`${webhookDeliveries.status} <> 'DELIVERED'`,
        ),
      )
      .groupBy(webhookDeliveries.status),
  ])
  const of = (status: DeliveryStatus): number => counted.find((row) => row.status === status)?.n ?? 0
  const {
    failures = 0,
    restingUntil = null,
    lastSuccessAt = null,
    lastFailureAt = null,
    lastError = null,
  } = health ?? {}
  return { failures, restingUntil, lastSuccessAt, lastFailureAt, lastError, pending: of('PENDING'), dead: of('DEAD') }
}

/** Forgets what ended before `before`: deliveries, and requests as old. Returns how many rows that were. */
export const pruneWebhookLog = async (writer: Reader, before: string): Promise<number> => {
  const deliveries = await writer
    .delete(webhookDeliveries)
    .where(lt(webhookDeliveries.endedAt, before))
    .returning({ position: webhookDeliveries.position })
  const attempts = await writer
    .delete(webhookAttempts)
    .where(lt(webhookAttempts.at, before))
    .returning({ id: webhookAttempts.id })
  return deliveries.length + attempts.length
}
