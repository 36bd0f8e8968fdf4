// Endpoints of partners and their secrets. Whoever writes one appends the event that tells of it in the same transaction: the database
// refuses it otherwise.
import { and, asc, desc, eq, inArray, isNull, sql } from 'drizzle-orm'
import type { Reader, Tx } from '../db/connect.ts'
import { logHeads } from '../db/tables/log.ts'
import { webhookHealth } from '../db/tables/webhook-health.ts'
import { webhooks, webhookSecrets } from '../db/tables/webhooks.ts'
import type { Secret, Webhook } from '../domain/webhook.ts'
import { raiseSetupVersion } from './setup-version.ts'

export type StoredWebhook = Webhook & {
  readonly companyId: string
  readonly createdById: string
  readonly createdAt: string
  /** The log has been gone through up to here. */
  readonly position: number
  readonly deletedAt: string | null
}

const ofCompany = (companyId: string, id: string) => and(eq(webhooks.companyId, companyId), eq(webhooks.id, id))

/** A company's webhooks by name; `deleted`: those that have been deleted as well. */
export const listWebhooks = (reader: Reader, companyId: string, deleted = false): Promise<StoredWebhook[]> =>
  reader
    .select()
    .from(webhooks)
    .where(and(eq(webhooks.companyId, companyId), deleted ? undefined : isNull(webhooks.deletedAt)))
    .orderBy(asc(webhooks.name), asc(webhooks.id))

/** One webhook, deleted or not; null where the company has none with this id. */
export const findWebhook = async (reader: Reader, companyId: string, id: string): Promise<StoredWebhook | null> => {
  const [row] = await reader.select().from(webhooks).where(ofCompany(companyId, id))
  return row ?? null
}

/**
 * As `findWebhook`, held until the transaction ends: nobody else changes it or moves its position meanwhile, and nothing that is
 * delivered to it comes to an end.
 */
export const lockWebhook = async (tx: Tx, companyId: string, id: string): Promise<StoredWebhook | null> => {
  const [row] = await tx.select().from(webhooks).where(ofCompany(companyId, id)).for('no key update')
  return row ?? null
}

/** Makes a webhook whose deliveries begin behind what has been sealed by now. */
export const insertWebhook = async (
  tx: Tx,
  companyId: string,
  webhook: Webhook,
  made: { readonly createdById: string; readonly createdAt: string },
): Promise<void> => {
  await raiseSetupVersion(tx, companyId)
  const position = await headOfLog(tx, companyId)
  const { types, ...rest } = webhook
  await tx.insert(webhooks).values({ companyId, ...rest, types: [...types], ...made, position })
  await tx.insert(webhookHealth).values({ companyId, webhookId: webhook.id })
}

/** Saves what an endpoint is. `position`: where its deliveries go on, if that is another place than before. */
export const updateWebhook = async (
  tx: Tx,
  companyId: string,
  { id, types, ...rest }: Webhook,
  position?: number,
): Promise<void> => {
  await raiseSetupVersion(tx, companyId)
  const moved = position === undefined ? {} : { position }
  await tx
    .update(webhooks)
    .set({ ...rest, types: [...types], ...moved })
    .where(ofCompany(companyId, id))
}

/** Marks a webhook as deleted and forgets its secrets. */
export const markDeleted = async (tx: Tx, companyId: string, id: string, at: string): Promise<void> => {
  await raiseSetupVersion(tx, companyId)
  await tx.update(webhooks).set({ active: false, deletedAt: at }).where(ofCompany(companyId, id))
  await tx.delete(webhookSecrets).where(ofWebhook(companyId, id))
}

/** Up to which position a company's log has been sealed. */
export const headOfLog = async (reader: Reader, companyId: string): Promise<number> => {
  const [row] = await reader
    .select({ position: logHeads.position })
    .from(logHeads)
    .where(eq(logHeads.companyId, companyId))
  return row?.position ?? 0
}

const ofWebhook = (companyId: string, id: string) =>
  and(eq(webhookSecrets.companyId, companyId), eq(webhookSecrets.webhookId, id))

/** All secrets that are kept of a webhook, the newest first; those whose time is over are among them. */
export const secretsOf = (reader: Reader, companyId: string, webhookId: string): Promise<Secret[]> =>
  reader
    .select({
      id: webhookSecrets.id,
      secret: webhookSecrets.secret,
      createdAt: webhookSecrets.createdAt,
      expiresAt: webhookSecrets.expiresAt,
    })
    .from(webhookSecrets)
    .where(ofWebhook(companyId, webhookId))
    .orderBy(sql`${webhookSecrets.expiresAt} is null desc`, desc(webhookSecrets.createdAt), desc(webhookSecrets.id))

/** Adds a secret that is live until another takes its place. */
export const insertSecret = async (
  tx: Tx,
  companyId: string,
  webhookId: string,
  secret: Omit<Secret, 'expiresAt'>,
): Promise<void> => {
  await tx.insert(webhookSecrets).values({ companyId, webhookId, ...secret, expiresAt: null })
}

/** Lets one secret live until `expiresAt` and forgets all others; to be called before the new one is added. */
export const keepSecret = async (
  tx: Tx,
  companyId: string,
  webhookId: string,
  keep: { readonly id: string; readonly expiresAt: string } | null,
): Promise<void> => {
  const all = await secretsOf(tx, companyId, webhookId)
  const gone = all.map(({ id }) => id).filter((id) => id !== keep?.id)
  if (gone.length > 0)
    await tx.delete(webhookSecrets).where(and(ofWebhook(companyId, webhookId), inArray(webhookSecrets.id, gone)))
  if (keep !== null)
    await tx
      .update(webhookSecrets)
      .set({ expiresAt: keep.expiresAt })
      .where(and(ofWebhook(companyId, webhookId), eq(webhookSecrets.id, keep.id)))
}

/** What a request to an endpoint takes: where to, and what it is signed with. */
export type Endpoint = {
  readonly companyId: string
  readonly id: string
  readonly name: string
  readonly url: string
  readonly active: boolean
  /** Live ones, the newest first. */
  readonly secrets: readonly string[]
}

/** An endpoint that can be asked, with its live secrets; null where it is not there, switched off included as `active: false`. */
export const findEndpoint = async (
  reader: Reader,
  companyId: string,
  id: string,
  now: string,
): Promise<Endpoint | null> => {
  const webhook = await findWebhook(reader, companyId, id)
  if (webhook?.deletedAt !== null) return null
  const secrets = await secretsOf(reader, companyId, id)
  const live = secrets.filter(({ expiresAt }) => expiresAt === null || Date.parse(expiresAt) > Date.parse(now))
  const { name, url, active } = webhook
  return { companyId, id, name, url, active, secrets: live.map(({ secret }) => secret) }
}
