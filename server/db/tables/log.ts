// The event log (DOMAIN section 12). A row is inserted without position; the sequencer seals it with position, hash and
// feed number, and from then on triggers refuse UPDATE and DELETE. No foreign keys: evidence does not depend on what it
// is about. Values lie beside the log, so that they can be erased without breaking the chain.
import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  check,
  index,
  pgTable,
  primaryKey,
  text,
  timestamp,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import type { EventType, Json } from '../../domain/events.ts'
import type { Commitment } from '../../domain/log.ts'
import type { Value } from '../../domain/values.ts'
import { json, transactionId } from './columns.ts'

export const events = pgTable(
  'events',
  {
    companyId: uuid().notNull(),
    /** Drawn at insert, one at a time: writers of one customer hold its row lock, so their numbers rise with cause. */
    id: bigint({ mode: 'number' }).generatedAlwaysAsIdentity({ cache: 1 }).notNull(),
    eventId: uuid().notNull(),
    type: text().$type<EventType>().notNull(),
    /** Milliseconds: the hash covers the time as text, and nothing may be lost on the way through a driver. */
    at: timestamp({ withTimezone: true, precision: 3, mode: 'date' }).notNull(),
    /** Null: the system itself. */
    actorId: uuid(),
    onBehalfOfId: uuid(),
    customerId: uuid(),
    proposalId: uuid(),
    workItemId: uuid(),
    data: json<Readonly<Record<string, Json>>>().notNull(),
    /** Per value key: whose value it is, and its salted commitment. */
    commitments: json<Readonly<Record<string, Commitment>>>().notNull(),
    /** The transaction that wrote it: events of one command belong together. */
    xid: transactionId()
      .notNull()
      .default(sql`pg_current_xact_id()`),
    /** Dense within the company, from 1; this and what follows is null until the sequencer has sealed the row. */
    position: bigint({ mode: 'number' }),
    previousHash: text(),
    hash: text(),
    /** Order over all companies; exists only inside cursors. */
    feed: bigint({ mode: 'number' }),
  },
  (t) => [
    primaryKey({ columns: [t.companyId, t.id] }),
    unique('events_event_id').on(t.companyId, t.eventId),
    index('events_unsealed')
      .on(t.id)
      .where(sql`position is null`),
    uniqueIndex('events_position')
      .on(t.companyId, t.position)
      .where(sql`position is not null`),
    uniqueIndex('events_feed')
      .on(t.feed)
      .where(sql`feed is not null`),
    index('events_customer').on(t.companyId, t.customerId, t.position),
    index('events_proposal')
      .on(t.companyId, t.proposalId, t.position)
      .where(sql`proposal_id is not null`),
    check('events_sealed_whole', sql`num_nulls(position, previous_hash, hash, feed) in (0, 4)`),
  ],
)

/** Customers' values inside an event, one row for each event that has some. Taking a key out erases its value; the event's commitment remains. */
export const eventContents = pgTable(
  'event_contents',
  {
    companyId: uuid().notNull(),
    eventId: uuid().notNull(),
    /** Per value key. Whose value it is, its commitment says. */
    contents: json<Readonly<Record<string, { readonly value: Value; readonly salt: string }>>>().notNull(),
  },
  (t) => [primaryKey({ columns: [t.companyId, t.eventId] })],
)

/** Where each company's chain ends. */
export const logHeads = pgTable('log_heads', {
  companyId: uuid().primaryKey(),
  position: bigint({ mode: 'number' }).notNull(),
  hash: text().notNull(),
})

/** The last feed number: one row, and the fence that keeps a sequencer that has lost its lead from writing. */
export const feedHead = pgTable(
  'feed_head',
  {
    only: boolean().primaryKey().default(true),
    number: bigint({ mode: 'number' }).notNull(),
  },
  (t) => [check('feed_head_only', sql`${t.only}`)],
)

/** Keys that all processes on this database share, made by whichever needs one first. */
export const secrets = pgTable('secrets', {
  name: text().primaryKey(),
  value: text().notNull(),
})
