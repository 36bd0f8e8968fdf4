// Companies and what each has set up: parameters, governed fields, members, groups, reference values, keys.
import { sql } from 'drizzle-orm'
import { boolean, foreignKey, index, integer, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core'
import type { ConflictPolicy, EntityBehavior } from '../../domain/company.ts'
import type { Role } from '../../domain/directory.ts'
import type { ReferenceKind } from '../../domain/fields.ts'
import { instant, transactionId } from './columns.ts'
import { users } from './users.ts'

export const companies = pgTable(
  'companies',
  {
    id: uuid().primaryKey(),
    code: text().notNull(),
    name: text().notNull(),
    currency: text().notNull(),
    /** Rises with every write of what the company has set up: caches compare it. */
    setupVersion: integer().notNull().default(1),
    approvalsEnabled: boolean().notNull(),
    entityBehavior: text().$type<EntityBehavior>().notNull(),
    autoSubmit: boolean().notNull(),
    authorsMayNotApprove: boolean().notNull(),
    conflictPolicy: text().$type<ConflictPolicy>().notNull(),
    createdAt: instant()
      .notNull()
      .default(sql`now()`),
    createdXid: transactionId(),
  },
  (t) => [unique('companies_code').on(t.code)],
)

export const memberships = pgTable(
  'memberships',
  {
    companyId: uuid()
      .notNull()
      .references(() => companies.id),
    userId: uuid()
      .notNull()
      .references(() => users.id),
    roles: text().array().$type<Role[]>().notNull(),
    managerId: uuid(),
    active: boolean().notNull().default(true),
  },
  (t) => [
    primaryKey({ columns: [t.companyId, t.userId] }),
    foreignKey({
      name: 'memberships_manager',
      columns: [t.companyId, t.managerId],
      foreignColumns: [t.companyId, t.userId],
    }),
    index('memberships_user').on(t.userId),
  ],
)

export const groups = pgTable(
  'groups',
  {
    companyId: uuid()
      .notNull()
      .references(() => companies.id),
    id: uuid().notNull(),
    name: text().notNull(),
  },
  (t) => [primaryKey({ columns: [t.companyId, t.id] }), unique('groups_name').on(t.companyId, t.name)],
)

export const groupMembers = pgTable(
  'group_members',
  {
    companyId: uuid().notNull(),
    groupId: uuid().notNull(),
    userId: uuid().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.companyId, t.groupId, t.userId] }),
    foreignKey({
      name: 'group_members_group',
      columns: [t.companyId, t.groupId],
      foreignColumns: [groups.companyId, groups.id],
    }).onDelete('cascade'),
    foreignKey({
      name: 'group_members_member',
      columns: [t.companyId, t.userId],
      foreignColumns: [memberships.companyId, memberships.userId],
    }),
  ],
)

/** The fields whose approval switch is on. */
export const approvalFields = pgTable(
  'approval_fields',
  {
    companyId: uuid()
      .notNull()
      .references(() => companies.id),
    field: text().notNull(),
    /** The column that holds it: what the gate would compute for each row that is written. */
    columnName: text()
      .notNull()
      .generatedAlwaysAs(sql`column_of(field)`),
  },
  (t) => [primaryKey({ columns: [t.companyId, t.field] })],
)

export const referenceValues = pgTable(
  'reference_values',
  {
    companyId: uuid()
      .notNull()
      .references(() => companies.id),
    kind: text().$type<ReferenceKind>().notNull(),
    code: text().notNull(),
    name: text().notNull(),
    active: boolean().notNull().default(true),
  },
  (t) => [primaryKey({ columns: [t.companyId, t.kind, t.code] })],
)

/** Keys of service accounts. Only their SHA-256 is kept. */
export const apiKeys = pgTable(
  'api_keys',
  {
    companyId: uuid().notNull(),
    id: uuid().notNull(),
    userId: uuid().notNull(),
    hash: text().notNull(),
    name: text().notNull().default('Key'),
    /** The end of the key, by which a person tells it from others. */
    hint: text().notNull().default(''),
    createdById: uuid(),
    createdAt: instant()
      .notNull()
      .default(sql`now()`),
    expiresAt: instant(),
    /** To the minute. */
    lastUsedAt: instant(),
    revokedAt: instant(),
    revokedById: uuid(),
  },
  (t) => [
    primaryKey({ columns: [t.companyId, t.id] }),
    unique('api_keys_hash').on(t.hash),
    foreignKey({
      name: 'api_keys_member',
      columns: [t.companyId, t.userId],
      foreignColumns: [memberships.companyId, memberships.userId],
    }),
  ],
)
