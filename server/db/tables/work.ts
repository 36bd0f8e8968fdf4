// How a company shares out its work: queues, calendars, and who stands in for whom.
import { sql } from 'drizzle-orm'
import {
  boolean,
  date,
  foreignKey,
  index,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import type { Calendar } from '../../domain/workflow/calendar.ts'
import { instant, json } from './columns.ts'
import { companies, memberships } from './companies.ts'

export const queues = pgTable(
  'queues',
  {
    companyId: uuid()
      .notNull()
      .references(() => companies.id),
    id: uuid().notNull(),
    name: text().notNull(),
  },
  (t) => [primaryKey({ columns: [t.companyId, t.id] }), unique('queues_name').on(t.companyId, t.name)],
)

export const queueMembers = pgTable(
  'queue_members',
  {
    companyId: uuid().notNull(),
    queueId: uuid().notNull(),
    userId: uuid().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.companyId, t.queueId, t.userId] }),
    foreignKey({
      name: 'queue_members_queue',
      columns: [t.companyId, t.queueId],
      foreignColumns: [queues.companyId, queues.id],
    }).onDelete('cascade'),
    foreignKey({
      name: 'queue_members_member',
      columns: [t.companyId, t.userId],
      foreignColumns: [memberships.companyId, memberships.userId],
    }),
    index('queue_members_user').on(t.userId),
  ],
)

export const calendars = pgTable(
  'calendars',
  {
    companyId: uuid()
      .notNull()
      .references(() => companies.id),
    id: uuid().notNull(),
    name: text().notNull(),
    zone: text().notNull(),
    week: json<Calendar['week']>().notNull(),
    holidays: date({ mode: 'string' }).array().notNull(),
    isDefault: boolean().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.companyId, t.id] }),
    unique('calendars_name').on(t.companyId, t.name),
    uniqueIndex('calendars_one_default')
      .on(t.companyId)
      .where(sql`${t.isDefault}`),
  ],
)

export const absences = pgTable(
  'absences',
  {
    companyId: uuid().notNull(),
    id: uuid().notNull(),
    userId: uuid().notNull(),
    standInId: uuid().notNull(),
    from: instant().notNull(),
    until: instant().notNull(),
    workflowId: uuid(),
    /** When the log told of its begin and its end; null: not yet. What is in force is read off the clock, not off these. */
    beganAt: instant(),
    endedAt: instant(),
  },
  (t) => [
    primaryKey({ columns: [t.companyId, t.id] }),
    foreignKey({
      name: 'absences_user',
      columns: [t.companyId, t.userId],
      foreignColumns: [memberships.companyId, memberships.userId],
    }),
    foreignKey({
      name: 'absences_stand_in',
      columns: [t.companyId, t.standInId],
      foreignColumns: [memberships.companyId, memberships.userId],
    }),
    index('absences_by_user').on(t.companyId, t.userId),
    index('absences_to_begin')
      .on(t.from)
      .where(sql`${t.beganAt} is null`),
    index('absences_to_end')
      .on(t.until)
      .where(sql`${t.endedAt} is null`),
  ],
)
