// From the header of a file, or what a request says of its keys, to a layout: which column is what. Or a refusal that names the
// columns and says what to do about them.
import { addedIn, unreadLine } from './added-columns.ts'
import { conversionOf } from './cells.ts'
import { columnLabel, columnNamed, normalName, targetOf } from './column-names.ts'
import { DomainError, ok, refused, type ErrorCode, type Result } from './errors.ts'
import { unescapeFormula } from './formulas.ts'
import type { Layout } from './import-job.ts'
import type { ImportOptions } from './import-options.ts'
import { parseField } from './input.ts'

export const mostColumns = 500
const longestName = 200

const no = (code: ErrorCode, message: string, ...at: readonly string[]): Result<never> =>
  refused(new DomainError(code, message, { at }))

const quoted = (name: string): string => `"${name.length > 60 ? `${name.slice(0, 60)}…` : name}"`
const shown = 20
const listed = (names: readonly string[]): string => {
  const some = names.slice(0, shown).map(quoted)
  if (names.length > shown) return `${some.join(', ')} and ${names.length - shown} more`
  return some.length < 2 ? some.join('') : `${some.slice(0, -1).join(', ')} and ${some.at(-1) ?? ''}`
}
const plural = (names: readonly unknown[], one: string, several: string): string => (names.length === 1 ? one : several)
const twice = (names: readonly string[]): string[] => [...new Set(names.filter((name, i) => names.indexOf(name) !== i))]

/** The one column that a name means. Errors: UNKNOWN_FIELD, INVALID_VALUE (ambiguous), at `at`. */
const meant = (name: string, said: string, at: readonly string[]): Result<string> => {
  const fields = columnNamed(name)
  const [field] = fields
  if (field === undefined)
    return no(
      'UNKNOWN_FIELD',
      `${said} is ${quoted(name)}, which is no field; take a name of customerFields such as "creditLimit" or "addresses.city", or "account".`,
      ...at,
    )
  return fields.length === 1
    ? ok(field)
    : no(
        'INVALID_VALUE',
        `${said} is ${quoted(name)}, which can mean ${fields.map(quoted).join(' or ')}; say which.`,
        ...at,
      )
}

type Constants = NonNullable<Layout['constants']>

const readConstants = ({ constants }: ImportOptions): Result<Constants> => {
  const list: { field: string; value: string | number | boolean }[] = []
  for (const [name, value] of constants) {
    const at = ['options', 'constants', name]
    const field = meant(name, 'A constant of the request', at)
    if (!field.ok) return field
    const target = targetOf(field.value)
    if (target === undefined || target.record === 'account')
      return no('INVALID_VALUE', 'The account cannot be a constant: each row is a customer of its own.', ...at)
    const converted = typeof value === 'string' ? (conversionOf(target.def)?.(value.trim()) ?? value) : value
    const parsed = parseField(converted, target.def)
    if (!parsed.ok) return no('INVALID_VALUE', parsed.message, ...at)
    list.push({ field: field.value, value: converted })
  }
  const doubled = twice(list.map(({ field }) => field))
  return doubled.length === 0
    ? ok(list)
    : no(
        'INVALID_VALUE',
        `There are two constants for ${doubled.map(columnLabel).join(', ')}; keep one.`,
        'options',
        'constants',
      )
}

/** What the request says of columns: targets by normal name. */
const readMapping = ({ columns }: ImportOptions): Result<ReadonlyMap<string, string | null>> => {
  const mapping = new Map<string, string | null>()
  for (const [key, name] of columns) {
    const at = ['options', 'columns', key]
    if (mapping.has(normalName(key)))
      return no(
        'INVALID_VALUE',
        `The request maps ${quoted(key)} twice; capitals and spaces make no difference.`,
        ...at,
      )
    const field = name === null ? ok(null) : meant(name, `What the request maps ${quoted(key)} to`, at)
    if (!field.ok) return field
    mapping.set(normalName(key), field.value)
  }
  return ok(mapping)
}

const faultOfHeader = (header: readonly string[], added: number): Result<never> | null => {
  if (header.length > mostColumns + added)
    return no(
      'LIMIT_EXCEEDED',
      `The file has ${header.length} columns; ${mostColumns} are the most. Leave out those that are not imported.`,
      'columns',
    )
  const unnamed = header.flatMap((name, i) => (name.trim() === '' ? [i + 1] : []))
  if (unnamed.length > 0)
    return no(
      'INVALID_VALUE',
      `The header has no name for ${plural(unnamed, 'column', 'columns')} ${unnamed.slice(0, shown).join(', ')}; name ${plural(unnamed, 'it', 'them')}, or take ${plural(unnamed, 'it', 'them')} out of the file.`,
      'columns',
      String(unnamed[0]),
    )
  const long = header.find((name) => name.length > longestName)
  if (long !== undefined)
    return no(
      'INVALID_VALUE',
      `The header holds a name of ${long.length} characters, ${quoted(long)}; names have at most ${longestName}. Is the first line the header, and the delimiter right?`,
      'columns',
    )
  if (header.some((name) => name.includes('\u0000')))
    return no(
      'INVALID_VALUE',
      'The header holds NUL bytes. If the file is UTF-16 without a byte order mark, send it with charset=utf-16le; else save it as UTF-8.',
      'columns',
    )
  const doubled = twice(header.map((name) => name.trim()))
  return doubled.length === 0
    ? null
    : no(
        'INVALID_VALUE',
        `The header names ${listed(doubled)} more than once; give each column a name of its own.`,
        'columns',
        doubled[0] ?? '',
      )
}

const faultOfColumns = (columns: Layout['columns'], constants: Constants): Result<never> | null => {
  const fields = columns.flatMap(({ field }) => field ?? [])
  const doubled = twice(fields)
  const [first] = doubled
  if (first !== undefined) {
    const names = columns.filter(({ field }) => field === first).map(({ key }) => key)
    return no(
      'INVALID_VALUE',
      `${columnLabel(first)} has more than one column: ${listed(names)}. Keep one, and leave out the others with Import-Options {"columns":{${JSON.stringify(names.at(-1))}:null}}.`,
      'columns',
      first,
    )
  }
  const both = constants.find(({ field }) => fields.includes(field))
  if (both !== undefined)
    return no(
      'INVALID_VALUE',
      `${columnLabel(both.field)} has a column and a constant; keep one of them.`,
      'options',
      'constants',
      both.field,
    )
  if (!fields.includes('account'))
    return no(
      'INVALID_VALUE',
      'No column is the account, by which customers are found. Call one "account", or say which it is, such as Import-Options {"columns":{"customerID":"account"}}.',
      'columns',
      'account',
    )
  return null
}

const kinds = { addresses: 'address', bankAccounts: 'bank account', contacts: 'contact' } as const
/** The child record that a field belongs to, as text; null: it is the customer's own. */
const childOf = (field: string): string | null => {
  const target = targetOf(field)
  return target === undefined || target.record === 'account' || target.record === 'customer'
    ? null
    : `${target.record} ${target.index}`
}

/** Constants alone make no child record: then every customer of the file would get one. */
const faultOfChildren = (columns: Layout['columns'], constants: Constants): Result<never> | null => {
  const there = new Set(columns.map(({ field }) => (field === null ? null : childOf(field))))
  const alone = constants.find(({ field }) => !there.has(childOf(field)) && childOf(field) !== null)
  const target = alone === undefined ? undefined : targetOf(alone.field)
  if (alone === undefined || target === undefined || target.record === 'account' || target.record === 'customer')
    return null
  const kind = kinds[target.record]
  return no(
    'INVALID_VALUE',
    `There is no column for this ${kind}, so the constant for ${columnLabel(alone.field)} would come to nothing; add a column of the ${kind} to the file, or leave the constant out.`,
    'options',
    'constants',
    alone.field,
  )
}

/**
 * The layout of a CSV by its header. Errors: UNKNOWN_FIELD and INVALID_VALUE at ['columns', …] or ['options', …], LIMIT_EXCEEDED.
 * Names are compared without capitals, spaces, hyphens and underscores; what the request says of a column wins.
 */
export const layoutOf = (header: readonly string[], options: ImportOptions): Result<Layout> => {
  const constants = readConstants(options)
  if (!constants.ok) return constants
  const mapping = readMapping(options)
  if (!mapping.ok) return mapping
  // Rows that were refused come back with what the download added to them: columns, and apostrophes also before names.
  const added = addedIn(header, (name) => mapping.value.has(name))
  const escaped = added !== null
  const names = header.map((name) => (escaped ? unescapeFormula(name.trim()).trim() : name.trim()))
  const fault = faultOfHeader(names, added?.size ?? 0)
  if (fault !== null) return fault
  const normal = new Set(names.map(normalName))
  // Of JSON lines a download has the columns that its rows have, by the names of the catalogue.
  const missing = escaped ? [] : [...options.columns.keys()].filter((key) => !normal.has(normalName(key)))
  if (missing.length > 0)
    return no(
      'UNKNOWN_FIELD',
      `The request maps ${listed(missing)}, but the file has no such ${plural(missing, 'column', 'columns')}; it has ${listed(names)}.`,
      'options',
      'columns',
      missing[0] ?? '',
    )
  const unknown: string[] = []
  const columns: { key: string; field: string | null }[] = []
  for (const key of names) {
    const mapped = mapping.value.get(normalName(key))
    const fields = mapped === undefined ? columnNamed(key) : []
    const [field] = fields
    if (mapped !== undefined) columns.push({ key, field: mapped })
    else if (added?.has(normalName(key)) === true) columns.push({ key, field: null })
    else if (field === undefined && escaped && normalName(key) === unreadLine) columns.push({ key, field: null })
    else if (field === undefined) unknown.push(key)
    else if (fields.length === 1) columns.push({ key, field })
    else
      return no(
        'INVALID_VALUE',
        `The column ${quoted(key)} can be ${fields.map(columnLabel).join(' or ')}; say which, such as Import-Options {"columns":{${JSON.stringify(key)}:"${field}"}}.`,
        'columns',
        key,
      )
  }
  const [first] = unknown
  if (first !== undefined)
    return no(
      'UNKNOWN_FIELD',
      `The ${plural(unknown, 'column', 'columns')} ${listed(unknown)} ${plural(unknown, 'is', 'are')} not known. Say what ${plural(unknown, 'it is', 'they are')}, such as Import-Options {"columns":{${JSON.stringify(first.slice(0, 60))}:"addresses.street"}} with a name of customerFields, or leave ${plural(unknown, 'it', 'them')} out with {"columns":{${JSON.stringify(first.slice(0, 60))}:null}}.`,
      'columns',
      first,
    )
  const wrong = faultOfColumns(columns, constants.value) ?? (escaped ? null : faultOfChildren(columns, constants.value))
  if (wrong !== null) return wrong
  return ok({
    format: 'CSV',
    header: names,
    columns,
    constants: constants.value,
    nulls: options.nulls,
    empty: options.empty,
    ...(escaped && { escaped }),
  })
}

/** The layout of JSON lines: what the request says of their keys. Errors: as `layoutOf`, at ['options', …]. */
export const jsonLayout = (options: ImportOptions): Result<Layout> => {
  const constants = readConstants(options)
  if (!constants.ok) return constants
  const mapping = readMapping(options)
  if (!mapping.ok) return mapping
  const columns = [...options.columns.keys()].map((key) => ({ key, field: mapping.value.get(normalName(key)) ?? null }))
  return ok({
    format: 'JSONL',
    header: null,
    columns,
    constants: constants.value,
    nulls: options.nulls,
    empty: options.empty,
  })
}
