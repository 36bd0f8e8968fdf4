// Files that are imported: the job, its rows as they were sent, and what becomes of each (DOMAIN section 11). Rows are written once,
// by COPY; no foreign key is checked for each of a million of them.
import { sql } from 'drizzle-orm'
import { bigint, boolean, index, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import type { EntityBehavior } from '../../domain/company.ts'
import type { Problem } from '../../domain/errors.ts'
import type { RowOutcome } from '../../domain/import.ts'
import type { ImportStatus, Layout, OutcomeCounts } from '../../domain/import-job.ts'
import { companies } from './companies.ts'
import { instant, json, plainJson } from './columns.ts'

export const importJobs = pgTable(
  'import_jobs',
  {
    companyId: uuid()
      .notNull()
      .references(() => companies.id),
    id: uuid().notNull(),
    createdById: uuid().notNull(),
    createdAt: instant().notNull(),
    /** Of the file, as the upload names it. */
    name: text(),
    behavior: text().$type<EntityBehavior>().notNull(),
    status: text().$type<ImportStatus>().notNull(),
    /** How its rows are read. */
    layout: json<Layout>(),
    /** Carried out as soon as it has been received, without waiting for somebody who looks at the plan. */
    unattended: boolean().notNull(),
    rows: integer().notNull(),
    /** Rows that the phase under way is done with: what comes after a restart begins behind them. */
    processed: integer().notNull(),
    counts: json<OutcomeCounts>().notNull(),
    planDigest: text(),
    /** Of the company's set-up when the plan was made. */
    setupVersion: integer(),
    failure: json<Problem>(),
    /** SHA-256 of what was sent, once all of it is here. */
    contentHash: text(),
    bytes: bigint({ mode: 'number' }).notNull(),
    /** With which the upload was sent: taken again when that breaks off. */
    idempotencyKey: text(),
    /** When it last moved. */
    updatedAt: instant().notNull(),
    /** Null until all rows are here. */
    uploadedAt: instant(),
    startedAt: instant(),
    finishedAt: instant(),
  },
  (t) => [
    primaryKey({ columns: [t.companyId, t.id] }),
    index('import_jobs_newest').on(t.companyId, t.createdAt.desc(), t.id),
    index('import_jobs_unfinished')
      .on(t.updatedAt)
      .where(sql`${t.status} in ('PLANNING', 'RUNNING')`),
    index('import_jobs_finished')
      .on(t.finishedAt)
      .where(sql`${t.finishedAt} is not null`),
  ],
)

export const importRows = pgTable(
  'import_rows',
  {
    companyId: uuid().notNull(),
    importId: uuid().notNull(),
    /** From 1, in the order of the file. */
    row: integer().notNull(),
    /** Null where it cannot be told. */
    account: text(),
    /** The cells of a CSV row, or the object of a line of JSON; as text, so that nothing of it is lost. */
    content: plainJson<readonly string[] | Readonly<Record<string, unknown>>>(),
    /** Why it cannot be read as a row. */
    problem: json<Problem>(),
  },
  (t) => [primaryKey({ columns: [t.companyId, t.importId, t.row] })],
)

/** What becomes of a row: first as it is planned, then as it has come. */
export const importResults = pgTable(
  'import_results',
  {
    companyId: uuid().notNull(),
    importId: uuid().notNull(),
    row: integer().notNull(),
    outcome: text().$type<RowOutcome>().notNull(),
    written: text().array().notNull(),
    proposed: text().array().notNull(),
    proposalId: uuid(),
    errors: json<readonly Problem[]>().notNull(),
    /** The account that it points to and that is not there: another row may make it. */
    wants: text(),
    /** Of the customer that it was planned on; null: there was none. */
    customerVersion: integer(),
    /** Which unclosed proposals it had, and how far each had come; null: none. */
    proposals: text(),
  },
  (t) => [
    primaryKey({ columns: [t.companyId, t.importId, t.row] }),
    // What a file is full of is found by going through its rows.
    index('import_results_by_outcome')
      .on(t.companyId, t.importId, t.outcome, t.row)
      .where(sql`outcome in ('PROPOSED', 'REFUSED', 'INVALID')`),
    index('import_results_wanting')
      .on(t.companyId, t.importId, t.wants)
      .where(sql`${t.wants} is not null`),
  ],
)

/** Decisions on a whole batch that are too many for one call: who decided what, and how far they have come. */
export const batchDecisions = pgTable(
  'batch_decisions',
  {
    companyId: uuid().notNull(),
    id: uuid().notNull(),
    importId: uuid().notNull(),
    actorId: uuid().notNull(),
    digest: text().notNull(),
    outcome: text().$type<'APPROVED' | 'REJECTED'>().notNull(),
    comment: text(),
    /** Items with the revisions that were looked at, in the order in which they are decided. */
    items: json<readonly { readonly workItemId: string; readonly revision: number }[]>().notNull(),
    processed: integer().notNull(),
    decided: integer().notNull(),
    failed: json<readonly Problem[]>().notNull(),
    createdAt: instant().notNull(),
    updatedAt: instant().notNull(),
    finishedAt: instant(),
  },
  (t) => [
    primaryKey({ columns: [t.companyId, t.id] }),
    index('batch_decisions_by_import').on(t.companyId, t.importId),
    index('batch_decisions_unfinished')
      .on(t.updatedAt)
      .where(sql`${t.finishedAt} is null`),
  ],
)
