// Work items that wait for a person, over all of their companies.
import { and, eq, getTableColumns, sql, type SQL } from 'drizzle-orm'
import type { Reader } from '../db/connect.ts'
import { customers, customerSearchText } from '../db/tables/customers.ts'
import { changes, proposals, runs, workItems } from '../db/tables/proposals.ts'
import { isGiven } from '../domain/given.ts'
import type { WorkItem, WorkItemKind } from '../domain/proposal.ts'
import { given, likeText, runShape } from './lists.ts'
import { inReadingOrder, keyset, pageValues, type Order, type Page } from './page.ts'
import { soughtText } from './sought-text.ts'

export type QueueFilter = {
  readonly userId: string
  /** Those of the person's companies that are looked at: all, or one. */
  readonly companyIds: readonly string[]
  readonly kind?: readonly WorkItemKind[] | null | undefined
  readonly account?: string | null | undefined
  /** Part of the customer's account or name, or of the item's subject. */
  readonly search?: string | null | undefined
  readonly field?: string | null | undefined
  readonly workflowId?: string | null | undefined
  /** Of the items that the filter would hold, only these: what an event has touched. */
  readonly ids?: readonly string[] | null | undefined
  /** Those that have been decided or withdrawn too. */
  readonly anyStatus?: true
}
export type QueueRow = { readonly companyId: string; readonly proposalId: string; readonly item: WorkItem }

/** By due time; until steps have limits, that is the time since when an item waits. */
export const queueOrder: Order = { name: 'QUEUE', kinds: ['timestamptz', 'uuid'], descending: false }
export const queuePlace = ({ item }: QueueRow): readonly string[] => [item.createdAt, item.id]

const value = (name: string) => sql.placeholder(name)
const { companyId: _companyId, proposalId: _proposalId, place: _place, ...itemColumns } = getTableColumns(workItems)

const ofCustomer = (which: SQL): SQL => sql`exists (
  select 1 from ${proposals} join ${customers}
    on ${customers.companyId} = ${proposals.companyId} and ${customers.id} = ${proposals.customerId}
  where ${proposals.companyId} = ${workItems.companyId} and ${proposals.id} = ${workItems.proposalId} and ${which})`

const conditions = (filter: QueueFilter): (SQL | undefined)[] => [
  eq(workItems.assigneeId, value('userId')),
  filter.anyStatus ? undefined : eq(workItems.status, sql`'OPEN'`),
  sql`${workItems.companyId} = any(${value('companyIds')})`,
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
  !isGiven(filter.ids) ? undefined : sql`${workItems.id} = any(${value('ids')})`,
]

const values = ({
  userId,
  companyIds,
  kind,
  account,
  search,
  field,
  workflowId,
  ids,
}: QueueFilter): Record<string, unknown> => ({
  userId,
  companyIds: [...companyIds],
  ...(isGiven(kind) && { kind: [...kind] }),
  ...(isGiven(account) && { account: soughtText(account) }),
  ...(isGiven(search) && { search: likeText(search) }),
  ...(isGiven(field) && { field: soughtText(field) }),
  ...(isGiven(workflowId) && { workflowId }),
  ...(isGiven(ids) && { ids: [...ids] }),
})

/** A page of the open items of a person; one row more than its limit if more lie beyond. */
export const listQueue = async (reader: Reader, filter: QueueFilter, page: Page): Promise<QueueRow[]> => {
  const shape = ['queue', given(filter), page.backward, page.from !== null]
  const rows = await runShape(reader, shape, { ...values(filter), ...pageValues(page) }, () => {
    const { orderBy, behind } = keyset(queueOrder, page, [sql`${workItems.createdAt}`, sql`${workItems.id}`])
    return reader
      .select({ companyId: workItems.companyId, proposalId: workItems.proposalId, item: itemColumns })
      .from(workItems)
      .where(and(...conditions(filter), behind))
      .orderBy(orderBy)
      .limit(value('limit'))
      .prepare('queue')
  })
  return inReadingOrder(page, rows)
}

/** How many open items a person has. */
export const countQueue = async (reader: Reader, filter: QueueFilter): Promise<number> => {
  const [row] = await runShape(reader, ['count queue', given(filter)], values(filter), () =>
    reader
      .select({ count: sql<number>`count(*)::int` })
      .from(workItems)
      .where(and(...conditions(filter)))
      .prepare('count_queue'),
  )
  return row?.count ?? 0
}
