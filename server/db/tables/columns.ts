// Column types that every table uses, and the columns that follow from the field catalogue.
import type { NotNull } from 'drizzle-orm'
import {
  boolean,
  customType,
  date,
  integer,
  numeric,
  text,
  type PgBooleanBuilderInitial,
  type PgDateStringBuilderInitial,
  type PgIntegerBuilderInitial,
  type PgNumericBuilderInitial,
  type PgTextBuilderInitial,
} from 'drizzle-orm/pg-core'
import type { FieldDef } from '../../domain/fields.ts'

/**
 * A point in time as an RFC 3339 UTC string with three to six digits behind the point: what `Date.toISOString` writes
 * comes back as the same text, and what the database adds in microseconds is not lost.
 */
export const instant = customType<{ data: string; driverData: string }>({
  dataType: () => 'timestamp with time zone',
  fromDriver: (value) => {
    // The session's time zone is UTC (connect.ts): "2026-11-22 12:00:00.12+00".
    const blank = value.indexOf(' ')
    const zone = value.indexOf('+', blank)
    const fraction = value.slice(blank + 10, zone)
    return `${value.slice(0, blank)}T${value.slice(blank + 1, blank + 9)}.${fraction.padEnd(3, '0')}Z`
  },
})

/**
 * Any JSON value. Drizzle's own jsonb column parses what the driver has parsed already and so reads the text "50000.00"
 * back as the number 50000; this one does not.
 */
export const json = <T>() =>
  customType<{ data: T; driverData: unknown }>({
    dataType: () => 'jsonb',
    toDriver: (value) => JSON.stringify(value),
    fromDriver: (value) => value as T,
  })()

/** JSON that is only kept and given back: not taken apart when it is stored, and any text may stand in it. */
export const plainJson = <T>() =>
  customType<{ data: T; driverData: unknown }>({
    dataType: () => 'json',
    toDriver: (value) => JSON.stringify(value),
    fromDriver: (value) => value as T,
  })()

/** A transaction's number, written by triggers alone. */
export const transactionId = customType<{ data: string; driverData: string }>({ dataType: () => 'xid8' })

type BuilderOf<D extends FieldDef> = D['type'] extends 'BOOLEAN'
  ? PgBooleanBuilderInitial<''>
  : D['type'] extends 'INTEGER'
    ? PgIntegerBuilderInitial<''>
    : D['type'] extends 'DECIMAL'
      ? PgNumericBuilderInitial<''>
      : D['type'] extends 'DATE'
        ? PgDateStringBuilderInitial<''>
        : PgTextBuilderInitial<'', [string, ...string[]]>

type ColumnsOf<C extends Record<string, FieldDef>> = {
  -readonly [K in keyof C]: C[K] extends { required: true } ? NotNull<BuilderOf<C[K]>> : BuilderOf<C[K]>
}

const builderOf = (def: FieldDef) => {
  switch (def.type) {
    case 'BOOLEAN':
      return boolean()
    case 'INTEGER':
      return integer()
    case 'DECIMAL':
      // The column pads to the same scale as the canonical text, so both are equal as they are.
      return numeric({ precision: 20, scale: def.scale ?? 0 })
    case 'DATE':
      return date({ mode: 'string' })
    default:
      return text()
  }
}

/** The columns of a record of the catalogue, named like its properties. */
export const columnsOf = <C extends Record<string, FieldDef>>(fields: C): ColumnsOf<C> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, def]) => [name, def.required ? builderOf(def).notNull() : builderOf(def)]),
  ) as ColumnsOf<C>
