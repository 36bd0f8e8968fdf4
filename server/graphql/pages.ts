// Connections: their arguments, their bounds, and the cursors of lists. A cursor holds the order and the place in it,
// the values of the columns that the list is ordered by.
import type { ObjectRef } from '@pothos/core'
import { builder } from './builder.ts'
import { requestError } from './limits.ts'
import { isPlace, type Order, type Page } from '../store/page.ts'

export type PageArgs = {
  first?: number | null | undefined
  after?: string | null | undefined
  last?: number | null | undefined
  before?: string | null | undefined
}

const usual = 20
const usualMost = 100

/** What a page costs: its size times what is asked of each entry. */
export const pageComplexity = (args: { first?: number | null | undefined; last?: number | null | undefined }) => ({
  field: 2,
  multiplier: args.first ?? args.last ?? usual,
})

const encodeCursor = (order: Order, place: readonly (string | number)[]): string =>
  Buffer.from(JSON.stringify([order.name, ...place.map(String)])).toString('base64url')

const decodeCursor = (order: Order, cursor: string): readonly string[] => {
  let parsed: unknown
  try {
    parsed = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  } catch {
    parsed = null
  }
  if (Array.isArray(parsed) && parsed[0] === order.name) {
    const place: unknown[] = parsed.slice(1)
    if (isPlace(order, place)) return place
  }
  throw requestError('BAD_REQUEST', 'The cursor does not belong to this list in this order: begin again without it.')
}

/** The page that the arguments ask for; a cursor of another order is refused. */
export const pageOf = (args: PageArgs, order: Order, most = usualMost): Page => {
  const backward = args.last !== null && args.last !== undefined
  if (backward && args.first !== null && args.first !== undefined)
    throw requestError('BAD_REQUEST', 'Give `first` or `last`, not both.')
  const limit = args.last ?? args.first ?? usual
  if (limit < 1 || limit > most) throw requestError('BAD_REQUEST', `A page holds 1 to ${most} entries.`)
  const after = args.after ?? null
  const before = args.before ?? null
  if (backward ? after !== null : before !== null)
    throw requestError('BAD_REQUEST', '`after` goes with `first`, `before` with `last`.')
  const cursor = backward ? before : after
  return { limit, backward, from: cursor === null ? null : decodeCursor(order, cursor) }
}

export type ConnectionModel<T> = {
  edges: { cursor: string; node: T }[]
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null }
  /** Counted only when asked for. */
  totalCount: () => Promise<number> | number
}

/** Rows of a page, one more than its limit if more lie beyond, in reading order, as a connection. */
export const connectionOf = <R, T>(
  page: Page,
  order: Order,
  rows: readonly R[],
  place: (row: R) => readonly (string | number)[],
  node: (row: R) => T,
  totalCount: () => Promise<number> | number = () => 0,
): ConnectionModel<T> => {
  const more = rows.length > page.limit
  const kept = more ? (page.backward ? rows.slice(-page.limit) : rows.slice(0, page.limit)) : rows
  const edges = kept.map((row) => ({ cursor: encodeCursor(order, place(row)), node: node(row) }))
  return {
    edges,
    pageInfo: {
      hasNextPage: page.backward ? page.from !== null : more,
      hasPreviousPage: page.backward ? more : page.from !== null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    totalCount,
  }
}

type Types = typeof builder.$inferSchemaTypes

/** A connection type and its edge. `counted`: it has a `totalCount`. */
export const connectionType = <T>(name: string, node: ObjectRef<Types, T>, what: string, counted: boolean) => {
  const edge = builder.objectRef<{ cursor: string; node: T }>(`${name}Edge`).implement({
    description: `An entry of a list of ${what}.`,
    fields: (t) => ({
      cursor: t.field({
        type: 'Cursor',
        description: 'Where this entry stands: give it as `after` or `before`.',
        resolve: (e) => e.cursor,
      }),
      node: t.field({ type: node, description: 'What is listed.', resolve: (e) => e.node as never }),
    }),
  })
  return builder.objectRef<ConnectionModel<T>>(`${name}Connection`).implement({
    description: `A page of ${what}.`,
    fields: (t) => ({
      edges: t.field({
        type: [edge],
        complexity: { field: 0, multiplier: 1 },
        description: 'The entries, in order.',
        resolve: (c) => c.edges,
      }),
      pageInfo: t.field({
        type: builder.pageInfoRef(),
        description: 'What lies before and after this page.',
        resolve: (c) => c.pageInfo,
      }),
      ...(counted && {
        totalCount: t.int({
          nullable: true,
          complexity: 10,
          description: 'How many there are on all pages together; counted only when it is asked for.',
          resolve: (c) => c.totalCount(),
        }),
      }),
    }),
  })
}

/** Arguments of a list that is read in both directions, for `args` of its field. */
export const pageArgs = builder.args((t) => ({
  first: t.int({ description: 'How many entries from the beginning, or from `after`: 1 to 100, by default 20.' }),
  after: t.field({ type: 'Cursor', description: 'Begin behind this entry.' }),
  last: t.int({ description: 'How many entries up to the end, or up to `before`: 1 to 100.' }),
  before: t.field({ type: 'Cursor', description: 'End before this entry.' }),
}))

/** Arguments of a list that is read forward only. */
export const forwardArgs = (most = usualMost) =>
  builder.args((t) => ({
    first: t.int({ description: `How many entries: 1 to ${most}, by default ${usual}.` }),
    after: t.field({ type: 'Cursor', description: 'Begin behind this entry.' }),
  }))

/** A page of what lies in memory already, sorted as the list is. */
export const pageInMemory = <T>(page: Page, sorted: readonly T[], own: (row: T) => string): T[] => {
  const from = page.from?.at(-1)
  const index = from === undefined ? -1 : sorted.findIndex((row) => own(row) === from)
  if (page.backward) {
    const end = index === -1 ? sorted.length : index
    return sorted.slice(Math.max(0, end - page.limit - 1), end)
  }
  return sorted.slice(index + 1, index + 2 + page.limit)
}
