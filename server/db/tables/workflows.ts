// Workflows, their immutable versions, and who has activated which.
import { sql } from 'drizzle-orm'
import { bigint, boolean, foreignKey, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import type { Definition } from '../../domain/workflow/definition.ts'
import type { WorkflowSettings } from '../../domain/workflow/workflow.ts'
import { instant, json } from './columns.ts'
import { companies } from './companies.ts'
import { users } from './users.ts'

export const workflows = pgTable(
  'workflows',
  {
    companyId: uuid()
      .notNull()
      .references(() => companies.id),
    id: uuid().notNull(),
    name: text().notNull(),
    ownerId: uuid()
      .notNull()
      .references(() => users.id),
    rank: integer().notNull(),
    isDefault: boolean().notNull(),
    activation: text(),
    lockVersion: integer().notNull(),
    /** Null: none of its versions is active. */
    activeVersion: integer(),
    /** Null: it is there. What ran on a deleted one still shows it. */
    deletedAt: instant(),
  },
  (t) => [primaryKey({ columns: [t.companyId, t.id] })],
)

export const workflowVersions = pgTable(
  'workflow_versions',
  {
    companyId: uuid().notNull(),
    workflowId: uuid().notNull(),
    version: integer().notNull(),
    definition: json<Definition>().notNull(),
    /** Of the workflow, as saved with this version: in force while it is the active one. */
    settings: json<WorkflowSettings>().notNull(),
    note: text(),
    createdById: uuid()
      .notNull()
      .references(() => users.id),
    createdAt: instant().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.companyId, t.workflowId, t.version] }),
    foreignKey({
      name: 'workflow_versions_workflow',
      columns: [t.companyId, t.workflowId],
      foreignColumns: [workflows.companyId, workflows.id],
    }),
  ],
)

export const workflowActivations = pgTable(
  'workflow_activations',
  {
    companyId: uuid().notNull(),
    workflowId: uuid().notNull(),
    version: integer().notNull(),
    userId: uuid()
      .notNull()
      .references(() => users.id),
    at: instant()
      .notNull()
      .default(sql`now()`),
    place: bigint({ mode: 'number' }).generatedAlwaysAsIdentity(),
  },
  (t) => [
    primaryKey({ columns: [t.companyId, t.workflowId, t.version, t.userId] }),
    foreignKey({
      name: 'workflow_activations_version',
      columns: [t.companyId, t.workflowId, t.version],
      foreignColumns: [workflowVersions.companyId, workflowVersions.workflowId, workflowVersions.version],
    }),
  ],
)
