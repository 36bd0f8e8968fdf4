// Work items by where they lie instead of by whose queue they are in: to find out who sits at them, and what an event has changed.
import { and, sql, type SQL } from 'drizzle-orm'
import type { Reader } from '../db/connect.ts'
import { runs, workItems } from '../db/tables/proposals.ts'
import { runShape, given } from './lists.ts'
import { batch, groupRows, keyText, type Key } from './prepared.ts'
import { inReadingOrder, keyset, pageValues, type Page } from './page.ts'
import { soughtText } from './sought-text.ts'
import {
  about,
  aboutItems,
  aboutValues,
  isOverdue,
  queueColumns,
  queueOrder,
  sortedBy,
  type ItemFilter,
  type QueueRow,
} from './queue.ts'
import { isGiven } from '../domain/given.ts'
import type { WorkItem } from '../domain/proposal.ts'

const value = (name: string) => sql.placeholder(name)
const isOpen = sql`${workItems.status} = 'OPEN'`

export type AskedSeat = {
  readonly itemId: string
  readonly proposalId: string
  readonly assigneeId: string
  readonly workflowId: string
}

/** Which items by where they come from: of no import, of one, or of any. */
export type Origin = Pick<ItemFilter, 'importId' | 'withoutImports'> & {
  readonly onlyImports?: true | null | undefined
}

const fromThere = (origin: Origin): SQL => {
  if (isGiven(origin.importId)) return sql`${workItems.importId} = ${value('importId')}::uuid`
  if (origin.withoutImports === true) return sql`${workItems.importId} is null`
  return origin.onlyImports === true ? sql`${workItems.importId} is not null` : sql`true`
}

/** The open items of some people of a company that somebody could stand in for: what came back to its author stays there. */
export const askedSeatsOf = (
  reader: Reader,
  companyId: string,
  userIds: readonly string[],
  origin: Origin = {},
): Promise<AskedSeat[]> => {
  const { importId, withoutImports, onlyImports } = origin
  const shape = ['asked seats', given({ importId, withoutImports, onlyImports })]
  return runShape(reader, shape, { companyId, userIds: [...userIds], ...(isGiven(importId) && { importId }) }, () =>
    reader
      .select({
        itemId: workItems.id,
        proposalId: workItems.proposalId,
        assigneeId: sql<string>`${workItems.assigneeId}`,
        workflowId: runs.workflowId,
      })
      .from(workItems)
      .innerJoin(runs, sql`${runs.companyId} = ${workItems.companyId} and ${runs.id} = ${workItems.runId}`)
      .where(
        sql`${workItems.companyId} = ${value('companyId')} and ${workItems.assigneeId} = any(${value('userIds')})
          and ${isOpen} and ${workItems.kind} <> 'RETURN' and ${fromThere(origin)}`,
      )
      .prepare('asked_seats'),
  )
}

/** Which items: by id whatever their state, or open ones by proposal, by assignee, or unclaimed ones by queue. */
export type Where =
  | { readonly ids: readonly string[] }
  | { readonly proposalIds: readonly string[] }
  | { readonly assigneeIds: readonly string[] }
  | { readonly unclaimedIn: readonly string[] }

const places: Readonly<Record<string, SQL>> = {
  ids: sql`${workItems.id} = any(${value('where')})`,
  proposalIds: sql`${workItems.proposalId} = any(${value('where')}) and ${isOpen}`,
  assigneeIds: sql`${workItems.assigneeId} = any(${value('where')}) and ${isOpen}`,
  unclaimedIn: sql`${workItems.queueId} = any(${value('where')}) and ${workItems.assigneeId} is null and ${isOpen}`,
}

/** Items at a place, whoever sits at them, by due time. */
export const findItems = async (
  reader: Reader,
  filter: ItemFilter,
  where: Where,
  limit: number,
): Promise<QueueRow[]> => {
  const [[place, sought] = ['ids', []]] = Object.entries<readonly string[]>(where)
  if (sought.length === 0 || filter.companyIds.length === 0) return []
  const shape = ['items', place, given(filter)]
  return runShape(reader, shape, { ...aboutValues(filter), where: [...sought], limit }, () =>
    reader
      .select(queueColumns)
      .from(workItems)
      .where(and(places[place], ...aboutItems(filter)))
      .orderBy(...sortedBy)
      .limit(value('limit'))
      .prepare('items'),
  )
}

/** The imports of which items lie at a place, whoever sits at them. */
export const findImports = async (
  reader: Reader,
  companyIds: readonly string[],
  where: Where,
): Promise<{ companyId: string; importId: string }[]> => {
  const [[place, sought] = ['ids', []]] = Object.entries<readonly string[]>(where)
  if (sought.length === 0 || companyIds.length === 0) return []
  return runShape(reader, ['imports', place], { companyIds: [...companyIds], where: [...sought] }, () =>
    reader
      .selectDistinct({ companyId: workItems.companyId, importId: sql<string>`${workItems.importId}` })
      .from(workItems)
      .where(and(places[place], ...aboutItems({ companyIds: [] }), sql`${workItems.importId} is not null`))
      .prepare('imports'),
  )
}

export type Stuck = { readonly queueIds: readonly string[]; readonly itemIds: readonly string[] }

export type CompanyItemFilter = {
  readonly companyId: string
  /** Left out: open ones. */
  readonly status?: readonly WorkItem['status'][] | null | undefined
  readonly assigneeId?: string | null | undefined
  /** Nobody has it, and it lies in no queue or in one of which nobody can take it. */
  readonly unassigned?: boolean | null | undefined
  /** Where that is so: in these queues whatever it is, and these items. Needed where `unassigned` is given. */
  readonly stuck?: Stuck
  /** Open, and its time has run out. */
  readonly overdue?: boolean | null | undefined
  readonly account?: string | null | undefined
  /** RFC 3339: what is due by then is overdue. */
  readonly now: string
}

const isUnassigned = sql`${workItems.assigneeId} is null and (${workItems.queueId} is null
  or ${isOpen} and (${workItems.queueId} = any(${value('stuckIn')}) or ${workItems.id} = any(${value('stuck')})))`

const ofCompany = (filter: CompanyItemFilter): (SQL | undefined)[] => [
  // The literal and the one company let the index of open items be read in its order.
  sql`${workItems.companyId} = ${value('companyId')}`,
  isGiven(filter.status) ? sql`${workItems.status} = any(${value('status')})` : isOpen,
  ...about(filter),
  isGiven(filter.assigneeId) ? sql`${workItems.assigneeId} = ${value('assigneeId')}` : undefined,
  filter.unassigned === true ? isUnassigned : undefined,
  filter.unassigned === false ? sql`not (${isUnassigned})` : undefined,
  filter.overdue === true ? sql`${isOpen} and ${isOverdue}` : undefined,
  filter.overdue === false ? sql`not (${isOpen} and ${isOverdue})` : undefined,
]

const companyValues = (filter: CompanyItemFilter): Record<string, unknown> => ({
  companyId: filter.companyId,
  ...(isGiven(filter.account) && { account: soughtText(filter.account) }),
  ...(isGiven(filter.status) && { status: [...filter.status] }),
  ...(isGiven(filter.assigneeId) && { assigneeId: filter.assigneeId }),
  ...(isGiven(filter.overdue) && { now: filter.now }),
  ...(isGiven(filter.unassigned) && {
    stuckIn: [...(filter.stuck?.queueIds ?? [])],
    stuck: [...(filter.stuck?.itemIds ?? [])],
  }),
})

const companyShape = (filter: CompanyItemFilter): unknown[] => [
  given({ ...filter, unassigned: null, overdue: null, stuck: null }),
  filter.unassigned ?? null,
  filter.overdue ?? null,
]

/** Only OPEN is what is meant when nothing is: the same statement serves both. */
const usual = (filter: CompanyItemFilter): CompanyItemFilter =>
  filter.status?.length === 1 && filter.status[0] === 'OPEN' ? { ...filter, status: null } : filter

/** A page of a company's items, by due time; one row more than its limit if more lie beyond. */
export const listCompanyItems = async (reader: Reader, asked: CompanyItemFilter, page: Page): Promise<QueueRow[]> => {
  const filter = usual(asked)
  const shape = ['company items', companyShape(filter), page.backward, page.from !== null]
  const rows = await runShape(reader, shape, { ...companyValues(filter), ...pageValues(page) }, () => {
    const { orderBy, behind } = keyset(queueOrder, page, sortedBy)
    return reader
      .select(queueColumns)
      .from(workItems)
      .where(and(...ofCompany(filter), behind))
      .orderBy(orderBy)
      .limit(value('limit'))
      .prepare('company_items')
  })
  return inReadingOrder(page, rows)
}

export const countCompanyItems = async (reader: Reader, asked: CompanyItemFilter): Promise<number> => {
  const filter = usual(asked)
  const [row] = await runShape(reader, ['count company items', companyShape(filter)], companyValues(filter), () =>
    reader
      .select({ count: sql<number>`count(*)::int` })
      .from(workItems)
      .where(and(...ofCompany(filter)))
      .prepare('count_company_items'),
  )
  return row?.count ?? 0
}

/** Open items of a queue: `waiting` lie in it unclaimed, `claimed` somebody has taken out of it. */
export type QueueCounts = { readonly waiting: number; readonly claimed: number }

/** Of each queue, whatever lies in it; none where nothing does, or the company has no such queue. */
export const countInQueues = async (reader: Reader, keys: readonly Key[]): Promise<QueueCounts[]> => {
  const rows = await runShape(reader, ['in queues'], batch(keys), () =>
    reader
      .select({
        companyId: workItems.companyId,
        id: sql<string>`${workItems.queueId}`,
        waiting: sql<number>`(count(*) filter (where ${workItems.assigneeId} is null))::int`,
        claimed: sql<number>`count(${workItems.assigneeId})::int`,
      })
      .from(workItems)
      .where(
        sql`${workItems.companyId} = any(${value('companies')}) and ${workItems.queueId} = any(${value('ids')}) and ${isOpen}`,
      )
      .groupBy(workItems.companyId, workItems.queueId)
      .prepare('in_queues'),
  )
  const counts = groupRows(rows, ({ companyId, id }) => keyText(companyId, id))
  return keys.map(({ companyId, id }) => {
    const [{ waiting, claimed } = { waiting: 0, claimed: 0 }] = counts.get(keyText(companyId, id)) ?? []
    return { waiting, claimed }
  })
}
