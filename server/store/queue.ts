// Work items that wait: for a person over all of their companies, by due time, and those of a company for its administrators.
import { and, eq, getTableColumns, sql, type SQL } from 'drizzle-orm'
import type { Reader } from '../db/connect.ts'
import { customers, customerSearchText } from '../db/tables/customers.ts'
import { byDue, changes, proposals, runs, workItems } from '../db/tables/proposals.ts'
import { isGiven } from '../domain/given.ts'
import type { WorkItem, WorkItemKind } from '../domain/proposal.ts'
import { given, likeText, runShape } from './lists.ts'
import { inReadingOrder, keyset, pageValues, type Order, type Page } from './page.ts'
import { soughtText } from './sought-text.ts'

/** Whose work it is to a person: their own, somebody's who is away, or a queue's that nobody has taken yet. */
export type QueueScope = 'MINE' | 'STANDING_IN' | 'QUEUES'

/** What belongs to somebody's queue beside the open items that are assigned to them, and what does not though it is (DOMAIN section 10). */
export type Seats = {
  /** Queues that they are a member of. */
  readonly queueIds: readonly string[]
  /** Items of theirs at which somebody else sits now. */
  readonly handedOver: readonly string[]
  /** Items of others at which they sit now. */
  readonly standingIn: readonly string[]
}

/** What an item is about; all that is given must hold. */
export type ItemFilter = {
  /** Those of the companies that are looked at. */
  readonly companyIds: readonly string[]
  readonly kind?: readonly WorkItemKind[] | null | undefined
  readonly account?: string | null | undefined
  /** Part of the customer's account or name, or of the item's subject. */
  readonly search?: string | null | undefined
  readonly field?: string | null | undefined
  readonly workflowId?: string | null | undefined
  /** Those that come from this import. */
  readonly importId?: string | null | undefined
  /** Without what comes from imports and is decided as a batch. */
  readonly withoutImports?: true | null | undefined
}
export type QueueFilter = ItemFilter & {
  readonly userId: string
  readonly seats: Seats
  readonly scope?: readonly QueueScope[] | null | undefined
  readonly overdue?: boolean | null | undefined
  /** RFC 3339: what is due by then is overdue. */
  readonly now: string
}
export type QueueRow = {
  readonly companyId: string
  readonly proposalId: string
  /** Null: it comes from no import. */
  readonly importId: string | null
  readonly item: WorkItem
}

/** By due time; what has no limit comes last. */
export const queueOrder: Order = { name: 'QUEUE', kinds: ['deadline', 'timestamptz', 'uuid'], descending: false }
export const queuePlace = ({ item }: QueueRow): readonly string[] => [item.dueAt ?? 'infinity', item.createdAt, item.id]
export const sortedBy = [byDue(workItems.dueAt), sql`${workItems.createdAt}`, sql`${workItems.id}`]

const value = (name: string) => sql.placeholder(name)
const {
  companyId: _companyId,
  proposalId: _proposalId,
  place: _place,
  importId: _importId,
  ...itemColumns
} = getTableColumns(workItems)
export const queueColumns = {
  companyId: workItems.companyId,
  proposalId: workItems.proposalId,
  importId: workItems.importId,
  item: itemColumns,
}

const ofCustomer = (which: SQL): SQL => sql`exists (
  select 1 from ${proposals} join ${customers}
    on ${customers.companyId} = ${proposals.companyId} and ${customers.id} = ${proposals.customerId}
  where ${proposals.companyId} = ${workItems.companyId} and ${proposals.id} = ${workItems.proposalId} and ${which})`

const isOpen = eq(workItems.status, sql`'OPEN'`)
/** By the expression of the indexes: what is overdue lies at the beginning of them. */
export const isOverdue = sql`${byDue(workItems.dueAt)} <= ${value('now')}::timestamptz`

/** What the placeholders of `aboutItems` are given by `aboutValues`. */
export const aboutItems = (filter: ItemFilter): (SQL | undefined)[] => [
  sql`${workItems.companyId} = any(${value('companyIds')})`,
  ...about(filter),
]

/** As `aboutItems`, whatever the company. */
export const about = (filter: Omit<ItemFilter, 'companyIds'>): (SQL | undefined)[] => [
  !isGiven(filter.kind) ? undefined : sql`${workItems.kind} = any(${value('kind')})`,
  !isGiven(filter.account) ? undefined : ofCustomer(sql`${customers.account} = ${value('account')}`),
  !isGiven(filter.search)
    ? undefined
    : sql`(lower(${workItems.subject}) like ${value('search')} or ${ofCustomer(sql`${customerSearchText} like ${value('search')}`)})`,
  !isGiven(filter.field)
    ? undefined
    : sql`exists (
        select 1 from ${changes}
        where ${changes.companyId} = ${workItems.companyId} and ${changes.proposalId} = ${workItems.proposalId}
          and (${changes.field} = ${value('field')} or starts_with(${changes.field}, ${value('field')} || '.'))
          and ${workItems.changes} @> jsonb_build_array(jsonb_build_object('id', ${changes.id})))`,
  !isGiven(filter.workflowId)
    ? undefined
    : sql`exists (
        select 1 from ${runs}
        where ${runs.companyId} = ${workItems.companyId} and ${runs.id} = ${workItems.runId}
          and ${runs.workflowId} = ${value('workflowId')}::uuid)`,
  isGiven(filter.importId) ? sql`${workItems.importId} = ${value('importId')}::uuid` : undefined,
  // As the indexes of what comes from no import say it.
  filter.withoutImports === true ? sql`${workItems.importId} is null` : undefined,
]

export const aboutValues = (filter: ItemFilter): Record<string, unknown> => {
  const { companyIds, kind, account, search, field, workflowId, importId } = filter
  return {
    companyIds: [...companyIds],
    ...(isGiven(kind) && { kind: [...kind] }),
    ...(isGiven(account) && { account: soughtText(account) }),
    ...(isGiven(search) && { search: likeText(search) }),
    ...(isGiven(field) && { field: soughtText(field) }),
    ...(isGiven(workflowId) && { workflowId }),
    ...(isGiven(importId) && { importId }),
  }
}

export type Part = { readonly scope: QueueScope; readonly where: SQL | undefined }

/** Whose items are looked for: usually one's own alone, so that a page is one scan of one index. */
export const partsOf = ({ seats, scope }: Pick<QueueFilter, 'seats' | 'scope'>): Part[] => {
  const { queueIds, handedOver, standingIn } = seats
  const handed = handedOver.length === 0 ? undefined : sql`${workItems.id} <> all(${value('handedOver')})`
  const parts: Part[] = [{ scope: 'MINE', where: and(eq(workItems.assigneeId, value('userId')), handed) }]
  if (standingIn.length > 0)
    parts.push({ scope: 'STANDING_IN', where: sql`${workItems.id} = any(${value('standingIn')})` })
  if (queueIds.length > 0)
    parts.push({
      scope: 'QUEUES',
      where: sql`${workItems.queueId} = any(${value('queueIds')}) and ${workItems.assigneeId} is null`,
    })
  return parts.filter((part) => !isGiven(scope) || scope.includes(part.scope))
}

const conditions = (filter: QueueFilter): SQL | undefined => {
  const overdue = filter.overdue === true ? isOverdue : sql`not (${isOverdue})`
  return and(isOpen, ...aboutItems(filter), isGiven(filter.overdue) ? overdue : undefined)
}

const shapeOf = (filter: QueueFilter, parts: readonly Part[]): unknown[] => [
  given({ ...filter, scope: null, overdue: null }),
  filter.overdue ?? null,
  parts.map(({ scope }) => scope),
  filter.seats.handedOver.length > 0,
]

const values = (filter: QueueFilter, parts: readonly Part[]): Record<string, unknown> => {
  const { handedOver, standingIn, queueIds } = filter.seats
  const has = (scope: QueueScope) => parts.some((part) => part.scope === scope)
  return {
    ...aboutValues(filter),
    ...(has('MINE') && { userId: filter.userId, ...(handedOver.length > 0 && { handedOver: [...handedOver] }) }),
    ...(has('STANDING_IN') && { standingIn: [...standingIn] }),
    ...(has('QUEUES') && { queueIds: [...queueIds] }),
    ...(isGiven(filter.overdue) && { now: filter.now }),
  }
}

/**
 * Ids of a page out of several parts. Each gives no more than a page, so that nothing long is sorted, however much lies in a queue: of
 * several queues each is read by itself, since one scan over them is in no order.
 */
const idsOf = (filter: QueueFilter, parts: readonly Part[], orderBy: SQL, behind: SQL | undefined): SQL => {
  const ids = (where: SQL | undefined): SQL => sql`(select ${workItems.companyId}, ${workItems.id} from ${workItems}
    where ${and(where, conditions(filter), behind)} order by ${orderBy} limit ${value('limit')})`
  const each = parts.map(({ scope, where }) =>
    scope !== 'QUEUES'
      ? ids(where)
      : sql`(select own.company_id, own.id from unnest(${value('queueIds')}::uuid[]) as q(queue)
          cross join lateral ${ids(sql`${workItems.queueId} = q.queue and ${workItems.assigneeId} is null`)} as own)`,
  )
  return sql.join(each, sql` union all `)
}

/** A page of what waits for a person; one row more than its limit if more lie beyond. */
export const listQueue = async (reader: Reader, filter: QueueFilter, page: Page): Promise<QueueRow[]> => {
  const parts = partsOf(filter)
  const [only] = parts
  if (only === undefined) return []
  const shape = ['queue', shapeOf(filter, parts), page.backward, page.from !== null]
  const rows = await runShape(reader, shape, { ...values(filter, parts), ...pageValues(page) }, () => {
    const { orderBy, behind } = keyset(queueOrder, page, sortedBy)
    const select = reader.select(queueColumns).from(workItems)
    if (parts.length === 1 && only.scope === 'MINE')
      return select
        .where(and(only.where, conditions(filter), behind))
        .orderBy(orderBy)
        .limit(value('limit'))
        .prepare('queue')
    return select
      .innerJoin(
        sql`(${idsOf(filter, parts, orderBy, behind)}) as page(company_id, id)`,
        sql`page.company_id = ${workItems.companyId} and page.id = ${workItems.id}`,
      )
      .orderBy(orderBy)
      .limit(value('limit'))
      .prepare('queue_of_parts')
  })
  return inReadingOrder(page, rows)
}

/** How many items wait for a person. */
export const countQueue = async (reader: Reader, filter: QueueFilter): Promise<number> => {
  const parts = partsOf(filter)
  if (parts.length === 0) return 0
  const shape = ['count queue', shapeOf(filter, parts)]
  const counts = parts.map(
    ({ where }) => sql`(select count(*) from ${workItems} where ${and(where, conditions(filter))})`,
  )
  const [row] = await runShape(reader, shape, values(filter, parts), () =>
    reader
      .select({ count: sql<number>`(${sql.join(counts, sql` + `)})::int` })
      .from(sql`(values (1)) as one`)
      .prepare('count_queue'),
  )
  return row?.count ?? 0
}
