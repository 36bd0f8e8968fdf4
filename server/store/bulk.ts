// Many rows in one statement and one parameter, whatever their number: an import's thousands of values pass no limit on parameters,
// and building a statement value by value costs more than writing the rows.
import { Column, getTableColumns, getTableName, sql, type SQL } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import type { Tx } from '../db/connect.ts'

type Rows = readonly Readonly<Record<string, unknown>>[]
type Shape = {
  readonly table: string
  /** Properties of a row that are written, with their column and type. */
  readonly columns: readonly { readonly property: string; readonly column: string; readonly type: string }[]
}

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
const shapes = new WeakMap<PgTable, Shape>()

/** What the database fills by itself is left out: identities, and the numbers of transactions. */
const shapeOf = (table: PgTable): Shape => {
  const known = shapes.get(table)
  if (known !== undefined) return known
  const columns = Object.entries(getTableColumns(table))
    .filter(([, column]) => column instanceof Column && column.generatedIdentity === undefined)
    .map(([property, column]) => ({ property, column: snakeCase(property), type: column.getSQLType() }))
    .filter(({ type }) => type !== 'xid8')
  const shape: Shape = { table: getTableName(table), columns }
  shapes.set(table, shape)
  return shape
}

/** The rows as a table `r` whose columns are named like the properties. */
const recordset = (columns: Shape['columns'], rows: Rows): SQL => {
  const types = columns.map(({ property, type }) => `"${property}" ${type}`).join(', ')
  return sql`json_to_recordset(${JSON.stringify(rows)}::text::json) as r(${sql.raw(types)})`
}

/** Rows without what the statement does not look at. */
const only = (columns: Shape['columns'], rows: Rows): Rows =>
  rows.map((row) => Object.fromEntries(columns.map(({ property }) => [property, row[property]])))

const list = (names: readonly string[]): SQL => sql.raw(names.map((name) => `"${name}"`).join(', '))

/**
 * Inserts rows in their order. A row has every column that has no default; what it has beside columns is left out. `replacing`:
 * columns of a key; where that exists already, everything else of the row takes the place of what is there, but `keeping`.
 */
export const insertRows = async (
  tx: Tx,
  table: PgTable,
  rows: Rows,
  conflict?: { readonly replacing: readonly string[]; readonly keeping?: readonly string[] },
): Promise<void> => {
  if (rows.length === 0) return
  const { table: name, columns } = shapeOf(table)
  const names = columns.map(({ column }) => column)
  const kept = new Set([...(conflict?.replacing ?? []), ...(conflict?.keeping ?? [])].map(snakeCase))
  const replaced = names.filter((column) => !kept.has(column)).map((column) => `"${column}" = excluded."${column}"`)
  const onConflict =
    conflict === undefined
      ? sql``
      : sql` on conflict (${list(conflict.replacing.map(snakeCase))}) do update set ${sql.raw(replaced.join(', '))}`
  await tx.execute(sql`
    insert into ${list([name])} (${list(names)})
    select ${sql.raw(columns.map(({ property }) => `r."${property}"`).join(', '))} from ${recordset(columns, rows)}${onConflict}`)
}

/**
 * Writes `set` of each row where `key` is its own, and where the table's version is the row's `versionBefore`, if that is asked for.
 * Returns how many rows were found.
 */
export const updateRows = async (
  tx: Tx,
  table: PgTable,
  rows: Rows,
  {
    key,
    set,
    versioned = false,
  }: { readonly key: readonly string[]; readonly set: readonly string[]; readonly versioned?: boolean },
): Promise<number> => {
  if (rows.length === 0) return 0
  const { table: name, columns } = shapeOf(table)
  const used = columns.filter(({ property }) => key.includes(property) || set.includes(property))
  const assigned = used.filter(({ property }) => set.includes(property))
  const matched = used.filter(({ property }) => key.includes(property))
  const before = versioned ? [{ property: 'versionBefore', column: '', type: 'integer' }] : []
  const where = [
    ...matched.map(({ property, column }) => `t."${column}" = r."${property}"`),
    ...(versioned ? ['t."version" = r."versionBefore"'] : []),
  ]
  const written = await tx.execute(sql`
    update ${list([name])} t set ${sql.raw(assigned.map(({ property, column }) => `"${column}" = r."${property}"`).join(', '))}
    from ${recordset([...used, ...before], only([...used, ...before], rows))}
    where ${sql.raw(where.join(' and '))}`)
  return written.count
}

/** The properties of a table's rows that can be written. */
export const propertiesOf = (table: PgTable): readonly string[] =>
  shapeOf(table).columns.map(({ property }) => property)
