// Keyset pages: a list is ordered by columns that end in a unique one, and a page begins behind the values of its last row.
import { sql, type SQL } from 'drizzle-orm'
import { isMoment } from './moment.ts'

/** `deadline`: a time, or `infinity` for what has none. */
export type SortKind = 'text' | 'uuid' | 'timestamptz' | 'deadline' | 'numeric' | 'bigint'
/** `name` tells cursors of different orders apart; all columns run in the same direction. */
export type Order = { readonly name: string; readonly kinds: readonly SortKind[]; readonly descending: boolean }
export type Page = {
  readonly limit: number
  /** The page before `from` instead of the one behind it. */
  readonly backward: boolean
  /** Values of the order's columns, as text; null: from the very end that it begins at. */
  readonly from: readonly string[] | null
}

const forms: Record<SortKind, RegExp> = {
  text: /^[^\0]{0,300}$/,
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  timestamptz: /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3,6}Z$/,
  deadline: /^(infinity|\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3,6}Z)$/,
  numeric: /^-?\d{1,30}(\.\d{1,30})?$/,
  bigint: /^\d{1,18}$/,
}

/** Are these values of the order's columns? What a caller hands in must not reach the database otherwise. */
export const isPlace = (order: Order, place: readonly unknown[]): place is string[] =>
  place.length === order.kinds.length &&
  order.kinds.every((kind, index) => typeof place[index] === 'string' && isOfKind(kind, place[index]))

const isOfKind = (kind: SortKind, text: string): boolean => {
  if (!forms[kind].test(text)) return false
  return kind === 'timestamptz' || (kind === 'deadline' && text !== 'infinity') ? isMoment(text) : true
}

/** The type that a value is compared as. */
const castOf = (kind: SortKind): string => (kind === 'deadline' ? 'timestamptz' : kind)

/**
 * `order by` and the condition behind which the page begins. Its values are the placeholders `from0`, `from1` …,
 * so that the statement's text stays the same from page to page.
 */
export const keyset = (
  order: Order,
  page: Page,
  columns: readonly SQL[],
): { orderBy: SQL; behind: SQL | undefined } => {
  const descending = order.descending !== page.backward
  const direction = descending ? sql.raw(' desc') : sql.raw('')
  const orderBy = sql.join(
    columns.map((column) => sql`${column}${direction}`),
    sql`, `,
  )
  if (page.from === null) return { orderBy, behind: undefined }
  const values = order.kinds.map((kind, index) => sql`${sql.placeholder(`from${index}`)}::${sql.raw(castOf(kind))}`)
  const comparison = descending ? sql.raw('<') : sql.raw('>')
  return { orderBy, behind: sql`(${sql.join([...columns], sql`, `)}) ${comparison} (${sql.join(values, sql`, `)})` }
}

/** The values for the placeholders of `keyset`, and one row more than the page holds, to learn whether more follow. */
export const pageValues = (page: Page): Record<string, string | number> => ({
  limit: page.limit + 1,
  ...Object.fromEntries((page.from ?? []).map((value, index) => [`from${index}`, value])),
})

/** The rows of a page in reading order, whichever way they were read. */
export const inReadingOrder = <R>(page: Page, rows: R[]): R[] => (page.backward ? rows.reverse() : rows)
