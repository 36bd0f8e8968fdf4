// What a mutation answered, kept so that the same call again is a replay (DOMAIN section 13). A caller's keys are their own.
import { index, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { instant, json } from './columns.ts'
import { users } from './users.ts'

/** What a replay needs to answer again: the ids of what the call made or changed, and names; never a customer's value. */
export type StoredResult = Readonly<Record<string, unknown>>

export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    userId: uuid()
      .notNull()
      .references(() => users.id),
    key: text().notNull(),
    mutation: text().notNull(),
    inputHash: text().notNull(),
    /** Null only inside the transaction that claimed the key. */
    result: json<StoredResult>(),
    createdAt: instant().notNull(),
  },
  (t) => [primaryKey({ columns: [t.userId, t.key] }), index('idempotency_keys_age').on(t.createdAt)],
)
