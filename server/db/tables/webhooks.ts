// Where partners are told what has happened: endpoints with their secrets, what is to be delivered to each, and what came of it.
import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  foreignKey,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
} from 'drizzle-orm/pg-core'
import type { EventType } from '../../domain/events.ts'
import type { DeliveryStatus } from '../../domain/webhook.ts'
import { instant } from './columns.ts'
import { companies } from './companies.ts'

export const webhooks = pgTable(
  'webhooks',
  {
    companyId: uuid()
      .notNull()
      .references(() => companies.id),
    id: uuid().notNull(),
    name: text().notNull(),
    url: text().notNull(),
    /** Which events are delivered; none: it is only asked by workflows. */
    types: text().array().$type<EventType[]>().notNull(),
    active: boolean().notNull(),
    createdById: uuid().notNull(),
    createdAt: instant().notNull(),
    /** The log has been gone through up to here: what matches has become deliveries. */
    position: bigint({ mode: 'number' }).notNull(),
    /** A deleted one stays for the log of its deliveries and for workflow versions that name it. */
    deletedAt: instant(),
  },
  (t) => [
    primaryKey({ columns: [t.companyId, t.id] }),
    index('webhooks_live')
      .on(t.companyId)
      .where(sql`${t.deletedAt} is null`),
  ],
)

/** Requests are signed with each secret that is live: two while one takes the other's place. */
export const webhookSecrets = pgTable(
  'webhook_secrets',
  {
    companyId: uuid().notNull(),
    webhookId: uuid().notNull(),
    id: uuid().notNull(),
    secret: text().notNull(),
    createdAt: instant().notNull(),
    /** Null: until another one takes its place. */
    expiresAt: instant(),
  },
  (t) => [
    primaryKey({ columns: [t.companyId, t.webhookId, t.id] }),
    foreignKey({
      name: 'webhook_secrets_webhook',
      columns: [t.companyId, t.webhookId],
      foreignColumns: [webhooks.companyId, webhooks.id],
    }),
  ],
)

/** One event for one endpoint. Of a customer's deliveries only the first that is pending is tried. */
export const webhookDeliveries = pgTable(
  'webhook_deliveries',
  {
    companyId: uuid().notNull(),
    webhookId: uuid().notNull(),
    /** Of the event in its company's log. */
    position: bigint({ mode: 'number' }).notNull(),
    eventId: uuid().notNull(),
    customerId: uuid(),
    status: text().$type<DeliveryStatus>().notNull(),
    attempts: integer().notNull(),
    /** When it may be tried, or tried again; `infinity`: it waits for one before it of its customer. */
    nextAt: instant().notNull(),
    /** Who has it in hand until `nextAt`: another with each try, so that nobody ends what a replay has begun anew. */
    hold: uuid(),
    createdAt: instant().notNull(),
    /** When it came to an end: delivered, or given up. */
    endedAt: instant(),
    lastStatus: integer(),
    lastError: text(),
  },
  (t) => [
    primaryKey({ columns: [t.companyId, t.webhookId, t.position] }),
    foreignKey({
      name: 'webhook_deliveries_webhook',
      columns: [t.companyId, t.webhookId],
      foreignColumns: [webhooks.companyId, webhooks.id],
    }),
    index('webhook_deliveries_due')
      .on(t.companyId, t.webhookId, t.nextAt)
      .where(sql`${t.status} = 'PENDING'`),
    index('webhook_deliveries_in_order')
      .on(t.companyId, t.webhookId, t.customerId, t.position)
      .where(sql`${t.status} = 'PENDING'`),
    index('webhook_deliveries_ended')
      .on(t.endedAt)
      .where(sql`${t.endedAt} is not null`),
  ],
)

/** Every request that was made to an endpoint: for its log. */
export const webhookAttempts = pgTable(
  'webhook_attempts',
  {
    companyId: uuid().notNull(),
    id: uuid().notNull(),
    webhookId: uuid().notNull(),
    /** Of the event that was delivered; null where a workflow asked. */
    position: bigint({ mode: 'number' }),
    /** The proposal that a workflow asked about; null for a delivery. */
    proposalId: uuid(),
    elementPath: text(),
    at: instant().notNull(),
    durationMs: integer().notNull(),
    /** HTTP status of the answer; null: there was none. */
    status: integer(),
    error: text(),
  },
  (t) => [
    primaryKey({ columns: [t.companyId, t.id] }),
    unique('webhook_attempts_order').on(t.companyId, t.webhookId, t.at, t.id),
    index('webhook_attempts_age').on(t.at),
  ],
)
