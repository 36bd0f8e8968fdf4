// What waits for somebody out of imports, an import at a time, and decisions on all of it: each in a fixed number of statements,
// whatever the number of items.
import { and, eq, getTableColumns, or, sql, type SQL } from 'drizzle-orm'
import type { Db, Reader, Tx } from '../db/connect.ts'
import { batchDecisions } from '../db/tables/imports.ts'
import { workItems } from '../db/tables/proposals.ts'
import type { BatchItem, BatchOutcome } from '../domain/batch.ts'
import { isGiven } from '../domain/given.ts'
import type { Problem } from '../domain/errors.ts'
import { runShape } from './lists.ts'
import { batch, keyText, type Key } from './prepared.ts'
import { partsOf, type Seats } from './queue.ts'

/** Whose items of which imports. */
export type BatchFilter = {
  readonly companyIds: readonly string[]
  /** All of theirs where it is not given. */
  readonly importId?: string | null | undefined
  readonly userId: string
  readonly seats: Seats
  /** By company: whoever's hand in something keeps them from deciding on it, themself among them. */
  readonly kin: readonly { readonly companyId: string; readonly userId: string }[]
  /** Companies in which they may decide anything at all. */
  readonly mayIn: readonly string[]
}
/** What waits for them out of one import. */
export type BatchRow = {
  readonly companyId: string
  readonly importId: string
  /** That they can approve now. */
  readonly items: number
  /** That are answered in another way, by themselves. */
  readonly others: number
  readonly overdue: number
  readonly oldest: string
  /** The items as `digestOfLines` takes them. */
  readonly lines: string
}

const value = (name: string) => sql.placeholder(name)

const inBatch = (filter: BatchFilter): SQL | undefined =>
  and(
    sql`${workItems.status} = 'OPEN'`,
    sql`${workItems.companyId} = any(${value('companyIds')}::uuid[])`,
    isGiven(filter.importId)
      ? sql`${workItems.importId} = ${value('importId')}::uuid`
      : sql`${workItems.importId} is not null`,
    or(...partsOf({ seats: filter.seats, scope: null }).map(({ where }) => where)),
  )

const valuesOf = ({ companyIds, importId, userId, seats, kin, mayIn }: BatchFilter): Record<string, unknown> => ({
  companyIds: [...companyIds],
  ...(isGiven(importId) && { importId }),
  userId,
  ...(seats.handedOver.length > 0 && { handedOver: [...seats.handedOver] }),
  ...(seats.standingIn.length > 0 && { standingIn: [...seats.standingIn] }),
  ...(seats.queueIds.length > 0 && { queueIds: [...seats.queueIds] }),
  kinIn: kin.map(({ companyId }) => companyId),
  kin: kin.map((each) => each.userId),
  mayIn: [...mayIn],
})

const shapeOf = ({ importId, seats: { handedOver, standingIn, queueIds } }: BatchFilter): unknown[] => [
  isGiven(importId),
  [handedOver, standingIn, queueIds].map((list) => list.length > 0),
]

/** Versions of workflows that this person, or their kin, saved or activated (DOMAIN section 8): few, and read once. */
const hands = sql`kin as materialized (
    select * from unnest(${value('kinIn')}::uuid[], ${value('kin')}::uuid[]) as kin(company_id, user_id)),
  made as materialized (
    select v.company_id, v.workflow_id, v.version from workflow_versions v
    where v.company_id = any(${value('companyIds')}::uuid[]) and (
      exists (select 1 from kin where kin.company_id = v.company_id and kin.user_id = v.created_by_id)
      or exists (
        select 1 from workflow_activations a join kin on kin.company_id = a.company_id and kin.user_id = a.user_id
        where a.company_id = v.company_id and a.workflow_id = v.workflow_id and a.version = v.version)))`

/** As the rules say it of one item: a claimed one, still to be answered, in whose content and rules they had no hand. */
const decidable = sql`(w.kind = 'APPROVAL' and w.company_id = any(${value('mayIn')}::uuid[]) and w.assignee_id is not null and p.status = 'PENDING' and r.end_how is null
  and (r.parameters ->> 'authorsMayNotApprove' <> 'true' or (
    not exists (
      select 1 from involvements i join kin on kin.company_id = i.company_id and kin.user_id = i.user_id
      where i.company_id = w.company_id and i.proposal_id = w.proposal_id)
    and not exists (
      select 1 from made where made.company_id = r.company_id
        and (made.workflow_id = r.workflow_id and made.version = r.version
          or r.pinned ->> made.workflow_id::text = made.version::text)))))`

const waiting = (filter: BatchFilter, more = sql``): SQL => sql`w as materialized (
  select company_id, proposal_id, run_id, import_id, id, version, kind, assignee_id, created_at, due_at, place${more}
  from ${workItems} where ${inBatch(filter)})`
const joined = sql`w join proposals p on p.company_id = w.company_id and p.id = w.proposal_id
  join runs r on r.company_id = w.company_id and r.id = w.run_id`

/** What waits for a person, an import at a time: the one that has waited longest first. `now`: RFC 3339. */
export const listBatches = (reader: Reader, filter: BatchFilter, now: string): Promise<BatchRow[]> =>
  runShape(reader, ['batches', shapeOf(filter)], { ...valuesOf(filter), now }, () =>
    reader
      .select({
        companyId: sql<string>`company_id`,
        importId: sql<string>`import_id`,
        items: sql<number>`(count(*) filter (where decidable))::int`,
        others: sql<number>`(count(*) filter (where not decidable))::int`,
        overdue: sql<number>`(count(*) filter (where due_at <= ${value('now')}::timestamptz))::int`,
        oldest: sql<string>`min(created_at)`.mapWith(workItems.createdAt),
        lines: sql<string>`coalesce(
          string_agg(id || ' ' || version || ' ' || revision, E'\\n' order by id) filter (where decidable), '')`,
      })
      .from(
        sql`(with ${hands}, ${waiting(filter)}
          select w.*, p.revision, ${decidable} as decidable from ${joined}) as waiting`,
      )
      .groupBy(sql`company_id, import_id`)
      .orderBy(sql`min(created_at), import_id`)
      .prepare('batches'),
  )

/** What a person can approve now out of an import, in the order in which it was asked. */
export const listBatchItems = (
  reader: Reader,
  filter: BatchFilter & { readonly importId: string },
): Promise<BatchItem[]> =>
  runShape(reader, ['batch items', shapeOf(filter)], valuesOf(filter), () =>
    reader
      .select({
        workItemId: sql<string>`id`,
        version: sql<number>`version`,
        revision: sql<number>`revision`,
      })
      .from(
        sql`(with ${hands}, ${waiting(filter)}
          select w.id, w.version, w.place, p.revision from ${joined} where ${decidable}) as waiting`,
      )
      .orderBy(sql`place`)
      .prepare('batch_items'),
  )

export type BatchFieldRow = {
  readonly companyId: string
  readonly importId: string
  /** Full catalogue name. */
  readonly field: string
  /** Of this field, in all that can be decided as a whole. */
  readonly changes: number
  readonly proposalId: string
  readonly changeId: string
}

/** What can be decided as a whole, by field: how many changes, and up to `sample` rows with one of the first of them each. */
export const listBatchFields = (reader: Reader, filter: BatchFilter, sample: number): Promise<BatchFieldRow[]> =>
  runShape(reader, ['batch fields', shapeOf(filter)], { ...valuesOf(filter), sample }, () =>
    reader
      .select({
        companyId: sql<string>`company_id`,
        importId: sql<string>`import_id`,
        field: sql<string>`field`,
        changes: sql<number>`changes`,
        proposalId: sql<string>`proposal_id`,
        changeId: sql<string>`id`,
      })
      .from(
        sql`(with ${hands}, ${waiting(filter, sql`, changes`)},
          asked as (
            select distinct w.company_id, w.import_id, w.proposal_id, (ref ->> 'id')::uuid as id
            from ${joined} cross join lateral jsonb_array_elements(w.changes) as ref
            where ${decidable}),
          numbered as (
            select a.*, c.field, (count(*) over same_field)::int as changes,
              row_number() over (same_field order by c.place) as n
            from asked a join changes c on c.company_id = a.company_id and c.id = a.id and c.refusal is null
            window same_field as (partition by a.company_id, a.import_id, c.field))
          select * from numbered where n <= ${value('sample')}::int) as sampled`,
      )
      .orderBy(sql`n`)
      .prepare('batch_fields'),
  )

/** A decision on a whole batch, and how far it has come. */
export type BatchDecision = {
  readonly companyId: string
  readonly id: string
  readonly importId: string
  readonly actorId: string
  readonly digest: string
  readonly outcome: BatchOutcome
  readonly comment: string | null
  /** How many. */
  readonly total: number
  readonly processed: number
  readonly decided: number
  /** Up to `mostFailures` of them; how many there were is what was processed less what was decided. */
  readonly failed: readonly Problem[]
  readonly createdAt: string
  readonly updatedAt: string
  readonly finishedAt: string | null
}
type Asked = readonly Pick<BatchItem, 'workItemId' | 'revision'>[]

const { items: _items, ...decisionColumns } = getTableColumns(batchDecisions)
const columns = { ...decisionColumns, total: sql<number>`jsonb_array_length(${batchDecisions.items})` }
const of = ({ companyId, id }: Key) => and(eq(batchDecisions.companyId, companyId), eq(batchDecisions.id, id))

export const insertBatchDecision = async (
  tx: Tx,
  { total: _total, ...decision }: BatchDecision,
  items: Asked,
): Promise<void> => {
  await tx.insert(batchDecisions).values({ ...decision, items })
}

/** One answer for each key in its order. */
export const loadBatchDecisions = async (reader: Reader, keys: readonly Key[]): Promise<(BatchDecision | null)[]> => {
  const { companies, ids } = batch(keys)
  const rows = await reader
    .select(columns)
    .from(batchDecisions)
    .where(
      and(
        sql`${batchDecisions.companyId} = any(${sql.param(companies)}::uuid[])`,
        sql`${batchDecisions.id} = any(${sql.param(ids)}::uuid[])`,
      ),
    )
  const found = new Map(rows.map((row) => [keyText(row.companyId, row.id), row]))
  return keys.map((key) => found.get(keyText(key.companyId, key.id)) ?? null)
}

/** What it decides, in its order; it never changes. */
export const loadBatchDecisionItems = async (reader: Reader, key: Key): Promise<Asked> => {
  const [row] = await reader.select({ items: batchDecisions.items }).from(batchDecisions).where(of(key))
  return row?.items ?? []
}

/** Locked until the transaction ends: of two who work on it one waits, and then goes on behind the other. */
export const lockBatchDecision = async (tx: Tx, key: Key): Promise<BatchDecision | null> => {
  const [row] = await tx.select(columns).from(batchDecisions).where(of(key)).for('update')
  return row ?? null
}

/** How far it has come. */
export const saveBatchProgress = async (
  tx: Tx,
  { processed, decided, failed, updatedAt, finishedAt, ...key }: BatchDecision,
): Promise<void> => {
  await tx.update(batchDecisions).set({ processed, decided, failed, updatedAt, finishedAt }).where(of(key))
}

/** Decisions that are not through and have not moved since `before`. */
export const listUnfinishedBatches = (db: Db, before: string): Promise<Key[]> =>
  db
    .select({ companyId: batchDecisions.companyId, id: batchDecisions.id })
    .from(batchDecisions)
    .where(sql`${batchDecisions.finishedAt} is null and ${batchDecisions.updatedAt} < ${before}::timestamptz`)
    .orderBy(batchDecisions.updatedAt)
