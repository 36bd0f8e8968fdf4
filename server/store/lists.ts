// Lists by keyset: pages that cost the same wherever they begin, in a stable order that ends in a unique column.
import { and, eq, getTableColumns, or, sql, type SQL } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import type { Reader } from '../db/connect.ts'
import { customers, customerSearchText } from '../db/tables/customers.ts'
import { changes, proposals, runs } from '../db/tables/proposals.ts'
import { isGiven } from '../domain/given.ts'
import type { ProposalStatus } from '../domain/proposal.ts'
import {
  customerHead,
  customerLine,
  headColumns,
  lineColumns,
  type CustomerHead,
  type CustomerLine,
  type CustomerRow,
  type LineRow,
} from './customers.ts'
import { inReadingOrder, keyset, pageValues, type Order, type Page } from './page.ts'
import { keyText, prepareRows, preparedFor, type Key, type Statement } from './prepared.ts'
import type { ProposalHead } from './proposals.ts'
import { soughtText } from './sought-text.ts'

/**
 * Statements by shape: which filters are given and how the page is read. There are a few dozen shapes at most, each is
 * built once for a handle, and its text stays the same whatever the values.
 */
const shapes = preparedFor(() => new Map<string, Statement<unknown>>())
export const runShape = <R>(
  reader: Reader,
  shape: readonly unknown[],
  values: Record<string, unknown>,
  build: () => Statement<R>,
): Promise<R[]> => {
  const known = shapes(reader)
  const name = JSON.stringify(shape)
  let statement = known.get(name) as Statement<R> | undefined
  if (statement === undefined) known.set(name, (statement = build()))
  return statement.execute(values)
}

const value = (name: string) => sql.placeholder(name)
/** What `like` takes for a part of a text, in lower case. */
export const likeText = (search: string): string =>
  `%${soughtText(search)
    .trim()
    .toLowerCase()
    .replace(/[\\%_]/g, '\\$&')}%`
const pageShape = (page: Page): unknown[] => [page.backward, page.from !== null]
/** Names of the filters that are given: what makes a statement's shape. */
export const given = (filter: Readonly<Record<string, unknown>>): string[] =>
  Object.keys(filter).filter((name) => filter[name] !== null && filter[name] !== undefined)

// ── customers

export type ReviewStatus =
  | 'NO_CHANGES'
  | 'CHANGES_NOT_SUBMITTED'
  | 'CHANGES_PENDING_APPROVAL'
  | 'CHANGES_REQUESTED'
  | 'CHANGES_REJECTED'
  | 'CHANGES_SCHEDULED'
  | 'CHANGES_CONFLICTED'
  | 'CHANGES_FAULTED'
const statusOf: Record<Exclude<ReviewStatus, 'NO_CHANGES'>, ProposalStatus> = {
  CHANGES_NOT_SUBMITTED: 'DRAFT',
  CHANGES_PENDING_APPROVAL: 'PENDING',
  CHANGES_REQUESTED: 'CHANGES_REQUESTED',
  CHANGES_REJECTED: 'REJECTED',
  CHANGES_SCHEDULED: 'SCHEDULED',
  CHANGES_CONFLICTED: 'CONFLICTED',
  CHANGES_FAULTED: 'FAULTED',
}

export type CustomerFilter = {
  readonly companyId: string
  readonly search?: string | null | undefined
  readonly reviewStatus?: readonly ReviewStatus[] | null | undefined
  readonly customerGroup?: readonly string[] | null | undefined
}
export type CustomerOrder = 'ACCOUNT' | 'NAME' | 'CREDIT_LIMIT_DESC' | 'UPDATED_DESC'

type Ordered<R> = {
  readonly order: Order
  readonly columns: readonly SQL[]
  readonly place: (row: R) => readonly string[]
}
export const customerOrders: Record<CustomerOrder, Ordered<CustomerLine>> = {
  ACCOUNT: {
    order: { name: 'ACCOUNT', kinds: ['text'], descending: false },
    columns: [sql`${customers.account}`],
    place: (c) => [c.account],
  },
  NAME: {
    order: { name: 'NAME', kinds: ['text', 'uuid'], descending: false },
    columns: [sql`${customers.name}`, sql`${customers.id}`],
    place: (c) => [c.values.name, c.id],
  },
  CREDIT_LIMIT_DESC: {
    order: { name: 'CREDIT_LIMIT', kinds: ['numeric', 'uuid'], descending: true },
    columns: [sql`${customers.creditLimit}`, sql`${customers.id}`],
    place: (c) => [c.values.creditLimit, c.id],
  },
  UPDATED_DESC: {
    order: { name: 'CUSTOMER_UPDATED', kinds: ['timestamptz', 'uuid'], descending: true },
    columns: [sql`${customers.updatedAt}`, sql`${customers.id}`],
    place: (c) => [c.updatedAt, c.id],
  },
}

const openProposal = (more: SQL): SQL => sql`exists (
  select 1 from ${proposals}
  where ${proposals.companyId} = ${customers.companyId} and ${proposals.customerId} = ${customers.id}
    and ${proposals.status} not in ('APPLIED', 'DISCARDED') and ${more})`

const customerConditions = ({ search, reviewStatus, customerGroup }: CustomerFilter): (SQL | undefined)[] => [
  eq(customers.companyId, value('companyId')),
  !isGiven(search) ? undefined : sql`${customerSearchText} like ${value('search')}`,
  !isGiven(customerGroup) ? undefined : sql`${customers.customerGroup} = any(${value('customerGroup')})`,
  !isGiven(reviewStatus)
    ? undefined
    : or(
        sql`(${value('none')}::boolean and not ${openProposal(sql`true`)})`,
        openProposal(sql`${proposals.status} <> 'SCHEDULED' and ${proposals.status} = any(${value('statuses')})`),
        // What is open beside one that waits for its time is what the customer shows.
        sql`('SCHEDULED' = any(${value('statuses')}) and ${openProposal(sql`${proposals.status} = 'SCHEDULED'`)}
          and not ${openProposal(sql`${proposals.status} <> 'SCHEDULED'`)})`,
      ),
]

const customerValues = ({
  companyId,
  search,
  reviewStatus,
  customerGroup,
}: CustomerFilter): Record<string, unknown> => ({
  companyId,
  ...(isGiven(search) && { search: likeText(search) }),
  ...(isGiven(customerGroup) && { customerGroup: customerGroup.map(soughtText) }),
  ...(isGiven(reviewStatus) && {
    none: reviewStatus.includes('NO_CHANGES'),
    statuses: reviewStatus.filter((status) => status !== 'NO_CHANGES').map((status) => statusOf[status]),
  }),
})

type CustomerSearch = { readonly filter: CustomerFilter; readonly order: CustomerOrder; readonly page: Page }
const searchCustomers = <R>(
  reader: Reader,
  columns: typeof headColumns | typeof lineColumns,
  { filter, order, page }: CustomerSearch,
): Promise<R[]> =>
  runShape(
    reader,
    ['customers', columns === lineColumns, order, given(filter), pageShape(page)],
    { ...customerValues(filter), ...pageValues(page) },
    () => {
      const ordered = customerOrders[order]
      const { orderBy, behind } = keyset(ordered.order, page, ordered.columns)
      const select = reader
        .select<Record<string, PgColumn>>(columns)
        .from(customers)
        .where(and(...customerConditions(filter), behind))
        .orderBy(orderBy)
        .limit(value('limit'))
      return prepareRows<R>(reader, columns, select as never, 'customers')
    },
  )

/** A page of a company's customers, without children; one row more than its limit if more lie beyond. */
export const listCustomers = async (reader: Reader, search: CustomerSearch): Promise<CustomerHead[]> =>
  inReadingOrder(search.page, (await searchCustomers<CustomerRow>(reader, headColumns, search)).map(customerHead))
/** The same page, of each customer what lists mostly show. */
export const listCustomerLines = async (reader: Reader, search: CustomerSearch): Promise<CustomerLine[]> =>
  inReadingOrder(search.page, (await searchCustomers<LineRow>(reader, lineColumns, search)).map(customerLine))

export const countCustomers = async (reader: Reader, filter: CustomerFilter): Promise<number> => {
  const [row] = await runShape(reader, ['count customers', given(filter)], customerValues(filter), () =>
    reader
      .select({ count: sql<number>`count(*)::int` })
      .from(customers)
      .where(and(...customerConditions(filter)))
      .prepare('count_customers'),
  )
  return row?.count ?? 0
}

const idsByAccount = preparedFor((reader) =>
  reader
    .select({ companyId: customers.companyId, id: customers.id, account: customers.account })
    .from(customers)
    .where(
      and(
        sql`${customers.companyId} = any(${value('companies')})`,
        sql`${customers.account} = any(${value('accounts')})`,
      ),
    )
    .prepare('customer_ids'),
)

/** Ids of customers by account (the `id` of the key), one answer for each key in its order. */
export const findCustomerIds = async (reader: Reader, keys: readonly Key[]): Promise<(string | null)[]> => {
  const rows = await idsByAccount(reader).execute({
    companies: [...new Set(keys.map((k) => k.companyId))],
    accounts: [...new Set(keys.map((k) => soughtText(k.id)))],
  })
  const found = new Map(rows.map((row) => [keyText(row.companyId, row.account), row.id]))
  return keys.map((key) => found.get(keyText(key.companyId, key.id)) ?? null)
}

// ── proposals

const { appliedXid: _appliedXid, ...proposalColumns } = getTableColumns(proposals)

export type ProposalFilter = {
  readonly companyId: string
  readonly customerId?: string | null | undefined
  readonly status?: readonly ProposalStatus[] | null | undefined
  readonly account?: string | null | undefined
  /** Who submitted it last. */
  readonly submittedBy?: string | null | undefined
  /** Somebody who proposed one of its changes. */
  readonly author?: string | null | undefined
  /** One of its changes is about this field, or about a field of this record. */
  readonly field?: string | null | undefined
  /** The import that it comes from. */
  readonly importId?: string | null | undefined
}
export type ProposalOrder = 'UPDATED_DESC' | 'SUBMITTED_DESC'
export type ProposalRow = ProposalHead & { readonly submittedAt: string }

const lastRun = (column: SQL): SQL => sql`(
  select ${column} from ${runs}
  where ${runs.companyId} = ${proposals.companyId} and ${runs.proposalId} = ${proposals.id}
  order by ${runs.number} desc limit 1)`
// One that has never been submitted comes last.
const submitted =
  sql<string>`coalesce(${lastRun(sql`${runs.submittedAt}`)}, '0001-01-01T00:00:00Z'::timestamptz)`.mapWith(
    runs.submittedAt,
  )

export const proposalOrders: Record<ProposalOrder, Ordered<ProposalRow>> = {
  UPDATED_DESC: {
    order: { name: 'PROPOSAL_UPDATED', kinds: ['timestamptz', 'uuid'], descending: true },
    columns: [sql`${proposals.updatedAt}`, sql`${proposals.id}`],
    place: (p) => [p.updatedAt, p.id],
  },
  SUBMITTED_DESC: {
    order: { name: 'PROPOSAL_SUBMITTED', kinds: ['timestamptz', 'uuid'], descending: true },
    columns: [submitted, sql`${proposals.id}`],
    place: (p) => [p.submittedAt, p.id],
  },
}

const proposalConditions = (filter: ProposalFilter): (SQL | undefined)[] => [
  eq(proposals.companyId, value('companyId')),
  !isGiven(filter.customerId) ? undefined : eq(proposals.customerId, value('customerId')),
  !isGiven(filter.status) ? undefined : sql`${proposals.status} = any(${value('status')})`,
  !isGiven(filter.account)
    ? undefined
    : sql`${proposals.customerId} = (
        select ${customers.id} from ${customers}
        where ${customers.companyId} = ${proposals.companyId} and ${customers.account} = ${value('account')})`,
  !isGiven(filter.submittedBy)
    ? undefined
    : sql`${lastRun(sql`${runs.submittedById}`)} = ${value('submittedBy')}::uuid`,
  !isGiven(filter.author) ? undefined : hasChange(sql`${value('author')}::uuid = any(${changes.authorIds})`),
  !isGiven(filter.field) ? undefined : hasChange(aboutField),
  !isGiven(filter.importId) ? undefined : sql`${proposals.importId} = ${value('importId')}::uuid`,
]
const hasChange = (which: SQL): SQL => sql`exists (
  select 1 from ${changes}
  where ${changes.companyId} = ${proposals.companyId} and ${changes.proposalId} = ${proposals.id} and ${which})`
const aboutField = sql`(${changes.field} = ${value('field')} or starts_with(${changes.field}, ${value('field')} || '.'))`

const proposalValues = (filter: ProposalFilter): Record<string, unknown> => ({
  ...filter,
  ...(isGiven(filter.status) && { status: [...filter.status] }),
  ...(isGiven(filter.account) && { account: soughtText(filter.account) }),
  ...(isGiven(filter.field) && { field: soughtText(filter.field) }),
})

/** A page of a company's proposals, without parts; one row more than its limit if more lie beyond. */
export const listProposals = async (
  reader: Reader,
  filter: ProposalFilter,
  order: ProposalOrder,
  page: Page,
): Promise<ProposalRow[]> => {
  const ordered = proposalOrders[order]
  const rows = await runShape(
    reader,
    ['proposals', order, given(filter), pageShape(page)],
    { ...proposalValues(filter), ...pageValues(page) },
    () => {
      const { orderBy, behind } = keyset(ordered.order, page, ordered.columns)
      return reader
        .select({ ...proposalColumns, submittedAt: submitted })
        .from(proposals)
        .where(and(...proposalConditions(filter), behind))
        .orderBy(orderBy)
        .limit(value('limit'))
        .prepare('proposals')
    },
  )
  return inReadingOrder(page, rows)
}

export const countProposals = async (reader: Reader, filter: ProposalFilter): Promise<number> => {
  const [row] = await runShape(reader, ['count proposals', given(filter)], proposalValues(filter), () =>
    reader
      .select({ count: sql<number>`count(*)::int` })
      .from(proposals)
      .where(and(...proposalConditions(filter)))
      .prepare('count_proposals'),
  )
  return row?.count ?? 0
}

/** How many of a company's proposals are open, by state. */
export const countOpenProposals = async (
  reader: Reader,
  companyId: string,
): Promise<{ status: ProposalStatus; count: number }[]> =>
  runShape(reader, ['open proposals by state'], { companyId }, () =>
    reader
      .select({ status: proposals.status, count: sql<number>`count(*)::int` })
      .from(proposals)
      .where(and(eq(proposals.companyId, value('companyId')), sql`${proposals.status} not in ('APPLIED', 'DISCARDED')`))
      .groupBy(proposals.status)
      .orderBy(proposals.status)
      .prepare('open_proposals_by_state'),
  )
