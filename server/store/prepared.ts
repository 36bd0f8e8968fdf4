// Hot reads are built once for each handle: building a statement anew costs two and a half times what running it does.
import { Column, type Query } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import type { Reader } from '../db/connect.ts'

/** Statements of a reader, built on first use. A transaction is a handle of its own and is forgotten with it. */
export const preparedFor = <T>(build: (reader: Reader) => T): ((reader: Reader) => T) => {
  const built = new WeakMap<Reader, T>()
  return (reader) => {
    let statements = built.get(reader)
    if (statements === undefined) built.set(reader, (statements = build(reader)))
    return statements
  }
}

export type Statement<R> = { execute(values: Record<string, unknown>): Promise<R[]> }

/**
 * Prepares a select of nothing but columns, `columns` in their order. Pages read hundreds of rows, and Drizzle's own way
 * from a row to an object looks up for each value what is known beforehand.
 */
export const prepareRows = <R>(
  reader: Reader,
  columns: Readonly<Record<string, PgColumn>>,
  select: PromiseLike<R[]> & { toSQL(): Query },
  name: string,
): Statement<R> => {
  const fields = Object.entries(columns).map(([property, column]) => ({
    property,
    decoder: column.mapFromDriverValue === Column.prototype.mapFromDriverValue ? null : column,
  }))
  const rowOf = (values: readonly unknown[]): R => {
    const row: Record<string, unknown> = {}
    let n = 0
    for (const { property, decoder } of fields) {
      const value = values[n++]
      row[property] = value === null || decoder === null ? value : decoder.mapFromDriverValue(value)
    }
    return row as R
  }
  return reader._.session.prepareQuery<{ execute: R[]; all: unknown; values: unknown }>(
    select.toSQL(),
    undefined,
    name,
    true,
    (rows) => rows.map(rowOf),
  )
}

/** A row of a company: the key of every batched read. */
export type Key = { readonly companyId: string; readonly id: string }

/** Parameters of a batched read over keys of any number of companies. Ids are unique, the companies say whose they are. */
export const batch = (keys: readonly Key[]): { companies: string[]; ids: string[] } => ({
  companies: [...new Set(keys.map((key) => key.companyId))],
  ids: [...new Set(keys.map((key) => key.id))],
})

export const keyText = (companyId: string, id: string): string => `${companyId}:${id}`

/** Rows by the key of what they belong to, each list in the order of the rows. */
export const groupRows = <R>(rows: readonly R[], keyOf: (row: R) => string): Map<string, R[]> => {
  const groups = new Map<string, R[]>()
  for (const row of rows) {
    const key = keyOf(row)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [row])
    else group.push(row)
  }
  return groups
}
