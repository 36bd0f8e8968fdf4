// Lines of JSON as rows for the planner: of the shape that the API takes, or flat with keys like the columns of a CSV.
import { conversionOf, type Convert } from './cells.ts'
import { columnNamed, normalName, placeOf, targetOf } from './column-names.ts'
import { childFields, childRecords, customerFields, type FieldDef } from './fields.ts'
import type { ImportRow } from './import.ts'
import type { Layout } from './import-job.ts'
import {
  constantsOf,
  fault,
  isOf,
  noAccount,
  standardCode,
  textReader,
  type OfRecord,
  type RowRead,
  type Values,
} from './row-values.ts'

export type Line = Readonly<Record<string, unknown>>

const mostKeys = 2000

/** What a key of a line is: a target, null when it is not read, undefined when nobody knows it. */
export const keyReader = ({ columns }: Layout): ((key: string) => string | null | undefined) => {
  const said = new Map(columns.map(({ key, field }) => [normalName(key), field]))
  const known = new Map<string, string | null | undefined>()
  return (key) => {
    if (known.has(key)) return known.get(key)
    const normal = normalName(key)
    const fields = said.has(normal) ? [] : columnNamed(key)
    const field = said.has(normal) ? said.get(normal) : fields.length === 1 ? fields[0] : undefined
    if (known.size < mostKeys) known.set(key, field)
    return field
  }
}

const unknownKey = (key: string): RowRead => {
  const fields = columnNamed(key)
  return fields.length > 1
    ? fault('INVALID_VALUE', `The key "${key}" can be ${fields.join(' or ')}; use the full name.`, key)
    : fault('UNKNOWN_FIELD', `There is no field "${key.slice(0, 60)}"; see customerFields for the names.`, key)
}

const isObject = (value: unknown): value is Line => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Does a line have the shape of the API's rows, with `set` and lists of child records? */
const isNested = (line: Line): boolean =>
  Object.hasOwn(line, 'set') || childRecords.some((record) => Array.isArray(line[record]))

const conversions = new WeakMap<FieldDef, Convert | null>()
const convertFor = (def: FieldDef): Convert | null => {
  let known = conversions.get(def)
  if (known === undefined) conversions.set(def, (known = conversionOf(def)))
  return known
}

const isNumeric = (def: FieldDef | undefined): boolean => def?.type === 'DECIMAL' || def?.type === 'INTEGER'
/** A number that a line writes in another way than the API does: `7.0`, `1.5e3`. What has more digits would be rounded and stays. */
const written = { DECIMAL: /^-?\d[\d.]{0,15}e[+-]?\d{1,3}$/i, INTEGER: /^-?\d[\d.]{0,15}(?:e[+-]?\d{1,3})?$/i }
const numberOf = (text: unknown, { type }: FieldDef): unknown =>
  typeof text === 'string' && (type === 'DECIMAL' || type === 'INTEGER') && written[type].test(text)
    ? Number(text)
    : text

type ReadValue = (value: unknown, def: FieldDef | undefined) => unknown
const valueReader = (layout: Layout): ReadValue => {
  const read = textReader(layout)
  const nothing = layout.empty === 'CLEAR' ? null : undefined
  return (value, def) => {
    if (value === null || value === undefined) return nothing
    if (def === undefined) return typeof value === 'string' ? read(value, null) : value
    if (typeof value === 'string') return numberOf(read(value, convertFor(def)), def)
    // Of a text field a number is the text that it is.
    return typeof value === 'number' && !isNumeric(def) ? read(String(value), convertFor(def)) : value
  }
}

const readNested = (layout: Layout): ((line: Line, account: string) => RowRead) => {
  const read = valueReader(layout)
  const { own } = constantsOf(layout)
  const parts = new Set<string>(['account', 'set', ...childRecords])
  // Made by fromEntries: a key called __proto__ stays a key, and is refused by name.
  const values = (defs: Readonly<Record<string, FieldDef>>, raw: Line): Values =>
    Object.fromEntries(
      Object.entries(raw).flatMap(([property, value]) => {
        const parsed = read(value, Object.hasOwn(defs, property) ? defs[property] : undefined)
        return parsed === undefined ? [] : [[property, parsed]]
      }),
    )
  return (line, account) => {
    const unknown = Object.keys(line).find((key) => !parts.has(key))
    if (unknown !== undefined) return unknownKey(unknown)
    const set = line.set ?? {}
    if (!isObject(set)) return fault('INVALID_VALUE', '"set" must be an object of fields.', 'set')
    const row: Values = { account, set: { ...own, ...values(customerFields, set) } }
    for (const record of childRecords) {
      const list = line[record] ?? []
      if (!Array.isArray(list) || !list.every(isObject))
        return fault('INVALID_VALUE', `"${record}" must be a list of objects.`, record)
      if (list.length > 0) row[record] = list.map((child) => values(childFields[record], child))
    }
    return { row: row as ImportRow }
  }
}

const readFlat = (layout: Layout): ((line: Line, account: string) => RowRead) => {
  const fieldOf = keyReader(layout)
  const read = valueReader(layout)
  const { own, children } = constantsOf(layout)
  return (line, account) => {
    const set: Values = { ...own }
    const found = new Map<string, string>()
    const groups = new Map<string, { target: OfRecord; values: Values; holds: boolean }>()
    for (const [key, raw] of Object.entries(line)) {
      const field = fieldOf(key)
      if (field === null) continue
      if (field === undefined) return unknownKey(key)
      const other = found.get(field)
      if (other !== undefined)
        return fault('INVALID_VALUE', `"${other}" and "${key}" are the same field; keep one of them.`, key)
      found.set(field, key)
      const target = targetOf(field)
      if (!isOf(target)) continue
      if (typeof raw === 'object' && raw !== null)
        return fault('INVALID_VALUE', `"${key}" must be a text, a number, true, false or null.`, ...placeOf(field))
      const value = read(raw, target.def)
      if (value === undefined) continue
      if (target.record === 'customer') {
        set[target.property] = value
        continue
      }
      const place = `${target.record} ${target.index}`
      const group = groups.get(place) ?? { target, values: { ...children.get(place) }, holds: false }
      group.values[target.property] = value
      group.holds ||= value !== null
      groups.set(place, group)
    }
    const row: Values = { account, set }
    for (const { target, values, holds } of groups.values()) {
      if (!holds) continue
      if (!Object.hasOwn(values, 'code')) values.code = standardCode(target.index)
      const list = (row[target.record] ?? []) as Values[]
      row[target.record] = [...list, values]
    }
    return { row: row as ImportRow }
  }
}

/** The account that a line names, as it has it; undefined: none. */
export const accountReader = (layout: Layout): ((line: Line) => unknown) => {
  const fieldOf = keyReader(layout)
  return (line) => {
    const isNamed = Object.hasOwn(line, 'account') && (fieldOf('account') === 'account' || isNested(line))
    if (isNamed) return line.account
    if (isNested(line)) return undefined
    for (const key in line) if (fieldOf(key) === 'account') return line[key]
    return undefined
  }
}

export const readLines = (layout: Layout): ((line: Line) => RowRead) => {
  const accountOf = accountReader(layout)
  const nested = readNested(layout)
  const flat = readFlat(layout)
  const read = textReader(layout)
  return (line) => {
    const found = accountOf(line)
    const account = typeof found === 'number' ? String(found) : found
    if (account !== undefined && account !== null && typeof account !== 'string')
      return fault('INVALID_VALUE', 'The account must be a text, such as "US-001".', 'account')
    const named = typeof account === 'string' ? read(account, null) : null
    if (typeof named !== 'string') return noAccount
    return isNested(line) ? nested(line, named) : flat(line, named)
  }
}
