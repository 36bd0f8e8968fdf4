// People and service accounts. They belong to no company: a membership ties one to a company.
import { sql } from 'drizzle-orm'
import { pgTable, text, unique, uniqueIndex, uuid, type AnyPgColumn } from 'drizzle-orm/pg-core'
import { instant } from './columns.ts'

export const users = pgTable(
  'users',
  {
    id: uuid().primaryKey(),
    kind: text().$type<'PERSON' | 'SERVICE'>().notNull(),
    name: text().notNull(),
    email: text(),
    /** Who vouches for the person, and under which name: null until the first sign-in, and for service accounts. */
    issuer: text(),
    subject: text(),
    responsibleId: uuid().references((): AnyPgColumn => users.id),
    createdAt: instant()
      .notNull()
      .default(sql`now()`),
  },
  (t) => [
    unique('users_subject').on(t.issuer, t.subject), // Who is invited by e-mail is found by it at the first sign-in.
    uniqueIndex('users_email')
      .on(sql`lower(${t.email})`)
      .where(sql`${t.kind} = 'PERSON'`),
  ],
)
