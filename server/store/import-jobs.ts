// Imports of files: jobs, their rows as they were sent, and what becomes of each.
import { and, eq, getTableColumns, sql, type SQL } from 'drizzle-orm'
import type { Db, Reader, Tx } from '../db/connect.ts'
import { importJobs, importResults, importRows } from '../db/tables/imports.ts'
import type { Problem } from '../domain/errors.ts'
import { duplicateMessage, type RowOutcome } from '../domain/import.ts'
import type { ImportJob, OutcomeCounts } from '../domain/import-job.ts'
import { insertRows } from './bulk.ts'
import { copyInto, copyLines } from './copy.ts'
import { inReadingOrder, keyset, pageValues, type Order, type Page } from './page.ts'
import { batch, keyText, type Key } from './prepared.ts'

/** A row as the file has it; content null: it could not be read. */
export type StagedRow = {
  /** From 1. */
  readonly row: number
  readonly account: string | null
  readonly content: readonly string[] | Readonly<Record<string, unknown>>
  readonly problem: Problem | null
}
/** What becomes of a row. */
export type RowResult = {
  readonly row: number
  readonly outcome: RowOutcome
  readonly written: readonly string[]
  readonly proposed: readonly string[]
  readonly proposalId: string | null
  readonly errors: readonly Problem[]
  readonly wants: string | null
  /** Of the customer that it was planned on; null: there was none; `notPlanned`: the row could not be read. */
  readonly customerVersion: number | null
  readonly proposals: string | null
}
export const notPlanned = -1

const columns = getTableColumns(importJobs)
const of = (job: Pick<ImportJob, 'companyId' | 'id'>) =>
  and(eq(importJobs.companyId, job.companyId), eq(importJobs.id, job.id))
const jobOf = (row: typeof importJobs.$inferSelect): ImportJob => row

export const insertImportJob = async (tx: Tx, job: ImportJob): Promise<void> => {
  await tx.insert(importJobs).values(job)
}

/** Everything but where it belongs and who began it. */
export const saveImportJob = async (tx: Tx, job: ImportJob): Promise<void> => {
  const { companyId: _company, id: _id, createdById: _by, createdAt: _at, ...rest } = job
  await tx.update(importJobs).set(rest).where(of(job))
}

/** Says that somebody is still at it; false: it is not to be received or planned any more. */
export const touchImportJob = async (
  writer: Reader,
  { companyId, id }: Pick<ImportJob, 'companyId' | 'id'>,
  now: string,
): Promise<boolean> => {
  const touched = await writer.execute(sql`
    update import_jobs set updated_at = ${now}::timestamptz
    where company_id = ${companyId} and id = ${id} and status = 'PLANNING'`)
  return touched.count > 0
}

export const lockImportJob = async (tx: Tx, companyId: string, id: string): Promise<ImportJob | null> => {
  const [row] = await tx.select(columns).from(importJobs).where(of({ companyId, id })).for('update')
  return row === undefined ? null : jobOf(row)
}

/** One answer for each key in its order. */
export const loadImportJobs = async (reader: Reader, keys: readonly Key[]): Promise<(ImportJob | null)[]> => {
  const { companies, ids } = batch(keys)
  const rows = await reader
    .select(columns)
    .from(importJobs)
    .where(
      and(
        sql`${importJobs.companyId} = any(${sql.param(companies)}::uuid[])`,
        sql`${importJobs.id} = any(${sql.param(ids)}::uuid[])`,
      ),
    )
  const found = new Map(rows.map((row) => [keyText(row.companyId, row.id), jobOf(row)]))
  return keys.map((key) => found.get(keyText(key.companyId, key.id)) ?? null)
}

/** The newest first. */
export const importOrder: Order = { name: 'IMPORTS', kinds: ['timestamptz', 'uuid'], descending: true }
export const importPlace = (job: ImportJob): readonly string[] => [job.createdAt, job.id]

export const listImportJobs = async (reader: Reader, companyId: string, page: Page): Promise<ImportJob[]> => {
  const { orderBy, behind } = keyset(importOrder, page, [sql`${importJobs.createdAt}`, sql`${importJobs.id}`])
  const rows = await reader
    .select(columns)
    .from(importJobs)
    .where(and(eq(importJobs.companyId, companyId), behind))
    .orderBy(orderBy)
    .limit(sql.placeholder('limit'))
    .prepare('import_jobs')
    .execute(pageValues(page))
  return inReadingOrder(page, rows.map(jobOf))
}

/**
 * How many of a company's imports are on their way, how many of these are still being sent by one person, and how many wait to be
 * committed. Until the transaction ends nobody else counts.
 */
export const countUnfinished = async (
  reader: Tx,
  companyId: string,
  personId: string,
): Promise<{ readonly unfinished: number; readonly sending: number; readonly planned: number }> => {
  await reader.execute(sql`select pg_advisory_xact_lock(hashtextextended('imports ' || ${companyId}::text, 0))`)
  const [row] = await reader.execute<{ unfinished: number; sending: number; planned: number }>(sql`
    select count(*) filter (where status <> 'PLANNED')::int as unfinished,
      count(*) filter (where uploaded_at is null and created_by_id = ${personId})::int as sending,
      count(*) filter (where status = 'PLANNED')::int as planned
    from import_jobs where company_id = ${companyId} and finished_at is null`)
  return row ?? { unfinished: 0, sending: 0, planned: 0 }
}

/** Jobs on their way that nobody has moved since `before`; those whose upload has not ended are another matter. */
export const listStranded = async (
  reader: Reader,
  before: string,
  uploaded: boolean,
): Promise<{ companyId: string; id: string }[]> => {
  const rows = await reader.execute<{ companyId: string; id: string }>(sql`
    select company_id as "companyId", id from import_jobs
    where status in ('PLANNING', 'RUNNING') and updated_at < ${before}::timestamptz
      and (uploaded_at is not null) = ${uploaded}
    order by updated_at limit 100`)
  return [...rows]
}

/** Plans that nobody has committed since `before`. */
export const listForgotten = async (reader: Reader, before: string): Promise<{ companyId: string; id: string }[]> => {
  const rows = await reader.execute<{ companyId: string; id: string }>(sql`
    select company_id as "companyId", id from import_jobs
    where status = 'PLANNED' and updated_at < ${before}::timestamptz
    order by updated_at limit 100`)
  return [...rows]
}

// ── rows

/** Stages rows; no NUL, no half characters. A COPY without a transaction would wait for ever for a connection that is gone. */
export const stageRows = async (
  tx: Tx,
  { companyId, id }: Pick<ImportJob, 'companyId' | 'id'>,
  rows: readonly StagedRow[],
): Promise<void> => {
  await copyInto(
    tx,
    'import_rows',
    ['company_id', 'import_id', 'row', 'account', 'content', 'problem'],
    copyLines(
      rows.map(({ row, account, content, problem }) => [
        ...[companyId, id, row, account, JSON.stringify(content)],
        problem === null ? null : JSON.stringify(problem),
      ]),
    ),
  )
}

/** Tells the planner of statements what has just come: it would take hundreds of thousands of new rows for none. */
export const analyzeImports = async (db: Db, what: 'rows' | 'results'): Promise<void> => {
  await db.execute(sql.raw(`analyze import_${what}`))
}

/** Rows of an import: those of a range, or by their numbers. */
export const readRows = async (
  reader: Reader,
  { companyId, id }: Pick<ImportJob, 'companyId' | 'id'>,
  which: { readonly after: number; readonly upTo: number } | readonly number[],
): Promise<StagedRow[]> => {
  const where =
    'after' in which
      ? sql`${importRows.row} > ${which.after} and ${importRows.row} <= ${which.upTo}`
      : sql`${importRows.row} = any(${sql.param([...which])}::int[])`
  return reader
    .select({
      row: importRows.row,
      account: importRows.account,
      content: importRows.content,
      problem: importRows.problem,
    })
    .from(importRows)
    .where(and(eq(importRows.companyId, companyId), eq(importRows.importId, id), where))
    .orderBy(importRows.row) as Promise<StagedRow[]>
}

/** Marks rows whose account is in the file more than once; marking them again changes nothing. */
export const markDuplicates = async (tx: Tx, { companyId, id }: Pick<ImportJob, 'companyId' | 'id'>): Promise<void> => {
  const [before = '', behind = ''] = duplicateMessage('\u0001').split('\u0001')
  await tx.execute(sql`
    with d as materialized (
      select account from import_rows
      where company_id = ${companyId} and import_id = ${id} and account is not null
      group by account having count(*) > 1
    )
    update import_rows r
    set problem = jsonb_build_object('code', 'INVALID_VALUE', 'at', jsonb_build_array('account'),
      'message', ${before}::text || d.account || ${behind}::text)
    from d
    where r.company_id = ${companyId} and r.import_id = ${id} and r.account = d.account and r.problem is null`)
}

/** Forgets the rows of imports and what became of them, where the job ended before; returns of how many jobs. */
export const pruneImports = async (writer: Reader, before: string): Promise<number> => {
  const pruned = await writer.execute(sql`
    with old as (
      select company_id, id from import_jobs where finished_at < ${before}::timestamptz
        and exists (select 1 from import_rows r where r.company_id = import_jobs.company_id and r.import_id = import_jobs.id)
      limit 20
    ), results as (
      delete from import_results r using old where r.company_id = old.company_id and r.import_id = old.id
    ), rows as (
      delete from import_rows r using old where r.company_id = old.company_id and r.import_id = old.id
    )
    select 1 from old`)
  return pruned.count
}

/** Takes back what an upload has staged. */
export const deleteRows = async (tx: Tx, { companyId, id }: Pick<ImportJob, 'companyId' | 'id'>): Promise<void> => {
  await tx.delete(importRows).where(and(eq(importRows.companyId, companyId), eq(importRows.importId, id)))
}

// ── results

const ofJob = ({ companyId, id }: Pick<ImportJob, 'companyId' | 'id'>): SQL =>
  sql`r.company_id = ${companyId} and r.import_id = ${id}`

/** Writes results; one that a row has already is replaced. */
export const saveResults = (
  tx: Tx,
  { companyId, id }: Pick<ImportJob, 'companyId' | 'id'>,
  results: readonly RowResult[],
): Promise<void> =>
  insertRows(
    tx,
    importResults,
    results.map((result) => ({ companyId, importId: id, ...result })),
    { replacing: ['companyId', 'importId', 'row'] },
  )

const resultColumns =
  sql.raw(`r.row, r.outcome, r.written, r.proposed, r.proposal_id as "proposalId", r.errors, r.wants,
  r.customer_version as "customerVersion", r.proposals`)

/** What is known of these rows, by row. */
export const loadResults = async (
  reader: Reader,
  job: Pick<ImportJob, 'companyId' | 'id'>,
  rows: readonly number[],
): Promise<Map<number, RowResult>> => {
  const found = await reader.execute<RowResult>(sql`
    select ${resultColumns} from import_results r
    where ${ofJob(job)} and r.row = any(${sql.param([...rows])}::int[])`)
  return new Map(found.map((result) => [result.row, result]))
}

export const countResults = async (
  reader: Reader,
  job: Pick<ImportJob, 'companyId' | 'id'>,
): Promise<OutcomeCounts> => {
  const found = await reader.execute<{ outcome: RowOutcome; n: number }>(sql`
    select r.outcome, count(*)::int as n from import_results r where ${ofJob(job)} group by 1`)
  return Object.fromEntries(found.map(({ outcome, n }) => [outcome, n]))
}

/**
 * Rows that were not usable for want of an account that is there by now, or that another row is planned to make, and rows that want
 * what these make, and so on: in the order in which one makes what another wants. `first`: what it wants is there.
 */
export const rowsServed = async (
  reader: Reader,
  job: Pick<ImportJob, 'companyId' | 'id'>,
  limit: number,
  planned: boolean,
): Promise<{ row: number; wants: string; first: boolean }[]> => {
  const another = planned
    ? sql`union
      select x.account from import_rows x join import_results y
        on y.company_id = x.company_id and y.import_id = x.import_id and y.row = x.row and y.outcome = 'CREATED'
      where x.company_id = ${job.companyId} and x.import_id = ${job.id} and x.account in (select wants from wanted)`
    : sql``
  const found = await reader.execute<{ row: number; wants: string; first: boolean }>(sql`
    with recursive wanted as materialized (
      select distinct r.wants from import_results r where ${ofJob(job)} and r.wants is not null
    ), there as materialized (
      select c.account from customers c where c.company_id = ${job.companyId} and c.account in (select wants from wanted)
      ${another}
    ), served as (
      select r.row, r.wants, x.account, 0 as depth
      from there t
      join import_results r on ${ofJob(job)} and r.wants = t.account
      join import_rows x on x.company_id = r.company_id and x.import_id = r.import_id and x.row = r.row
      union all
      select r.row, r.wants, x.account, s.depth + 1
      from served s
      join import_results r on ${ofJob(job)} and r.wants = s.account
      join import_rows x on x.company_id = r.company_id and x.import_id = r.import_id and x.row = r.row
      -- Rows may wait for each other in a circle: what is there already begins anew, and no more than asked for lies deeper.
      where s.account not in (select account from there) and s.depth + 1 < ${limit}::int
    )
    select row, wants, depth = 0 as first from served order by depth, row limit ${limit}`)
  return [...found]
}

/** Rows whose customer, or a proposal for it, is not what it was when they were planned; at most `limit`. */
export const rowsMoved = async (
  reader: Reader,
  job: Pick<ImportJob, 'companyId' | 'id'>,
  limit: number,
): Promise<number[]> => {
  const found = await reader.execute<{ row: number }>(sql`
    select r.row
    from import_results r
    join import_rows x on x.company_id = r.company_id and x.import_id = r.import_id and x.row = r.row
    left join customers c on c.company_id = r.company_id and c.account = x.account
    left join (
      select customer_id, string_agg(id || ':' || version, ' ' order by id) as mark from proposals
      where company_id = ${job.companyId} and status not in ('APPLIED', 'DISCARDED') group by 1
    ) p on p.customer_id = c.id
    where ${ofJob(job)} and r.customer_version is distinct from ${notPlanned}::int
      and (c.version is distinct from r.customer_version
        or p.mark is distinct from r.proposals
        or r.wants is not null and exists (
          select 1 from customers w where w.company_id = r.company_id and w.account = r.wants))
    order by r.row limit ${limit}`)
  return found.map(({ row }) => row)
}

const digestedAtOnce = 10_000

/**
 * Hex SHA-256 over the import, its file, and what becomes of each row, in order: rows with their outcomes, fields and errors. Accounts
 * and values are those of the file; of another import, with whatever options, the digest is another one.
 */
export const digestResults = async (
  reader: Reader,
  job: Pick<ImportJob, 'companyId' | 'id' | 'rows' | 'contentHash'>,
): Promise<string> => {
  let digest = `${job.id} ${job.contentHash ?? ''}\n`
  for (let after = 0; after < job.rows; after += digestedAtOnce) {
    const [part] = await reader.execute<{ digest: string }>(sql`
      select encode(sha256(convert_to(${digest}::text || coalesce(string_agg(
        json_build_array(r.row, r.outcome, r.written, r.proposed, r.proposal_id, r.errors)::text, E'\n' order by r.row), ''),
        'UTF8')), 'hex') as digest
      from import_results r
      where ${ofJob(job)} and r.row > ${after} and r.row <= ${after + digestedAtOnce}`)
    digest = part?.digest ?? digest
  }
  return digest
}

export type ListedResult = Omit<RowResult, 'wants' | 'customerVersion' | 'proposals'> & {
  readonly account: string | null
}
export const resultOrder: Order = { name: 'ROWS', kinds: ['bigint'], descending: false }

/** Results up to a row, in order. */
export const listResults = async (
  reader: Reader,
  job: Pick<ImportJob, 'companyId' | 'id'>,
  filter: { readonly upTo: number; readonly outcomes: readonly RowOutcome[] | null },
  page: Page,
): Promise<ListedResult[]> => {
  const direction = page.backward ? sql.raw('desc') : sql.raw('asc')
  const from = page.from?.[0]
  const behind =
    from === undefined ? sql`` : page.backward ? sql`and r.row < ${from}::int` : sql`and r.row > ${from}::int`
  const outcomes =
    filter.outcomes === null ? sql`` : sql`and r.outcome = any(${sql.param([...filter.outcomes])}::text[])`
  const rows = await reader.execute<ListedResult>(sql`
    select r.row, x.account, r.outcome, r.written, r.proposed, r.proposal_id as "proposalId", r.errors
    from import_results r
    join import_rows x on x.company_id = r.company_id and x.import_id = r.import_id and x.row = r.row
    where ${ofJob(job)} and r.row <= ${filter.upTo} ${outcomes} ${behind}
    order by r.row ${direction} limit ${page.limit + 1}`)
  return inReadingOrder(page, [...rows])
}

/** Rows that were not taken, as they were sent, behind a row. */
export const readRefused = async (
  reader: Reader,
  job: Pick<ImportJob, 'companyId' | 'id'>,
  after: number,
  upTo: number,
  limit: number,
): Promise<(Pick<StagedRow, 'row' | 'content'> & Pick<RowResult, 'outcome' | 'errors'>)[]> => {
  const rows = await reader.execute<Pick<StagedRow, 'row' | 'content'> & Pick<RowResult, 'outcome' | 'errors'>>(sql`
    select r.row, x.content, r.outcome, r.errors
    from import_results r
    join import_rows x on x.company_id = r.company_id and x.import_id = r.import_id and x.row = r.row
    where ${ofJob(job)} and r.row > ${after} and r.row <= ${upTo} and r.outcome in ('REFUSED', 'INVALID')
    order by r.row limit ${limit}`)
  return [...rows]
}
