// What the columns of a file may be called: by catalogue name, by label, or by the name in Dynamics 365 Finance.
import {
  catalogue,
  childFields,
  childRecords,
  customerFields,
  labelOf,
  type ChildRecordName,
  type FieldDef,
  type RecordName,
} from './fields.ts'

/** Where a column's values go. Several child records of a row are told apart by `index`, from 1. */
export type Target =
  | { readonly record: 'account' }
  | { readonly record: RecordName; readonly index: number; readonly property: string; readonly def: FieldDef }

/** Records of one kind that a row of columns can hold; more take JSON lines. */
export const mostIndexed = 50

/** As columns are compared: "Credit limit", "credit_limit" and "creditLimit" are the same. */
export const normalName = (text: string): string =>
  text
    .normalize('NFC')
    .trim()
    .toLowerCase()
    .replace(/[\s_-]+/g, '')

const defsOf = (record: RecordName): Readonly<Record<string, FieldDef>> =>
  record === 'customer' ? customerFields : childFields[record]

/** A column's target as text: `account`, `creditLimit`, `addresses.city`, `addresses[2].city`. */
const written = (record: RecordName, index: number, property: string): string =>
  record === 'customer' ? property : index === 1 ? `${record}.${property}` : `${record}[${index}].${property}`

const form = /^(?:(bankAccounts|addresses|contacts)(?:\[(\d+)\])?\.)?(\w+)$/

/** The target that `columnNamed` has written; undefined for anything else. */
export const targetOf = (field: string): Target | undefined => {
  if (field === 'account') return { record: 'account' }
  const [, child, index = '1', property = ''] = form.exec(field) ?? []
  const record = (child ?? 'customer') as RecordName
  const defs = defsOf(record)
  const def = Object.hasOwn(defs, property) ? defs[property] : undefined
  return def === undefined ? undefined : { record, index: Number(index), property, def }
}

/** A column as a sentence names it: "Account", "Credit limit", "Addresses 2: City". */
export const columnLabel = (field: string): string => {
  const target = targetOf(field)
  if (target === undefined || target.record === 'account') return target === undefined ? field : 'Account'
  const label = labelOf(target.record === 'customer' ? target.property : `${target.record}.${target.property}`)
  return target.index === 1 ? label : label.replace(':', ` ${target.index}:`)
}

/** Where a value of the column stands in a row. */
export const placeOf = (field: string): readonly string[] => {
  const target = targetOf(field)
  if (target === undefined || target.record === 'account') return [field]
  return target.record === 'customer'
    ? ['set', target.property]
    : [target.record, String(target.index - 1), target.property]
}

type Names = ReadonlyMap<string, readonly string[]>
/** Names as they are written, each with its field, in the order of their weight. */
type Lists = readonly (readonly (readonly [name: string, field: string])[])[]

/** What an earlier list names is not ambiguous for a later one's sake. */
const named = (lists: Lists): Names => {
  const all = new Map<string, string[]>()
  for (const list of lists) {
    const own = new Map<string, string[]>()
    for (const [name, field] of list) {
      const fields = own.get(normalName(name)) ?? []
      if (!fields.includes(field)) own.set(normalName(name), [...fields, field])
    }
    for (const [name, fields] of own) if (!all.has(name)) all.set(name, fields)
  }
  return all
}

const fields = catalogue.flatMap(({ name, record, property, def }) =>
  property === null || def === null ? [] : [{ name, record, property, def }],
)
const ofChildren = fields.filter(({ record }) => record !== 'customer')

/** What Dynamics 365 Finance calls them where a customer's fields are put under approval: by its table, not its data entities. */
const ofTable: readonly (readonly [string, string])[] = [
  ['AccountNum', 'account'],
  ['CreditMax', 'creditLimit'],
  ['PaymTermId', 'paymentTerms'],
  ['PaymMode', 'methodOfPayment'],
  ['PaymSpec', 'paymentSpecification'],
  ['CashDisc', 'cashDiscount'],
  ['CashDiscBaseDays', 'cashDiscountBaseDays'],
  ['CustGroup', 'customerGroup'],
  ['VATNum', 'taxExemptNumber'],
  ['BankAccount', 'defaultBankAccount'],
  ['CustExcludeInterestCharges', 'excludeInterestCharges'],
  ['CustExcludeCollectionFees', 'excludeCollectionFees'],
]

const anywhereLists: Lists = [
  [['account', 'account'], ...fields.map(({ name }) => [name, name] as const)],
  [['Customer account', 'account'], ...fields.map(({ name }) => [labelOf(name), name] as const)],
  fields.map(({ name, def }) => [def.d365Name ?? name, name] as const),
  ofTable,
  // "Address" alone means a street more often than the code by which an address is known, and "Account number" the customer's as
  // often as a bank account's.
  [
    ['Account number', 'account'],
    ...ofChildren.flatMap(({ name, property, def }) => (property === 'code' ? [] : [[def.label, name] as const])),
  ],
]
const withinLists = (record: ChildRecordName): Lists => {
  const own = ofChildren.filter((field) => field.record === record)
  return [
    own.map(({ property }) => [property, property] as const),
    own.map(({ property, def }) => [def.label, property] as const),
    own.map(({ property, def }) => [def.d365Name ?? property, property] as const),
  ]
}

const anywhere = named(anywhereLists)
const within = Object.fromEntries(
  childRecords.map((record) => [record, named(withinLists(record))] as const),
) as unknown as Readonly<Record<ChildRecordName, Names>>

const prefixed = /^(bankaccounts|addresses|contacts)(?:\[(\d{1,4})\]|\.?(\d{1,4}))?[.:](.+)$/
const recordNamed = new Map(childRecords.map((record) => [record.toLowerCase(), record]))

/**
 * The columns that a name can mean, as `Target`s are written: none, one, or several when it is ambiguous. `addresses.city` and
 * "Addresses: City" are the first address of the row; `addresses[2].city` and `addresses.2.city` the second.
 */
export const columnNamed = (name: string): readonly string[] => {
  const normal = normalName(name)
  const found = anywhere.get(normal)
  if (found !== undefined) return found
  const [, prefix = '', inBrackets, bare, rest = ''] = prefixed.exec(normal) ?? []
  const record = recordNamed.get(prefix)
  const index = Number(inBrackets ?? bare ?? '1')
  if (record === undefined || index < 1 || index > mostIndexed) return []
  return (within[record].get(rest) ?? []).map((property) => written(record, index, property))
}

/** A column that a file can have, and the names by which it is known. */
export type KnownColumn = { readonly field: string; readonly names: readonly string[] }

/**
 * Every column that `columnNamed` knows, as `Target`s are written and those of child records for the first of a row: `account`, then
 * the fields in the catalogue's order. What several are named is in the names of each.
 */
export const knownColumns: readonly KnownColumn[] = ['account', ...fields.map(({ name }) => name)].map((field) => {
  const [record, property] = field.split('.')
  const child = childRecords.find((one) => one === record)
  const candidates = [
    ...anywhereLists.flat().map(([name]) => name),
    ...(child === undefined || property === undefined
      ? []
      : withinLists(child)
          .flat()
          .map(([name]) => `${child}.${name}`)),
  ].filter((name) => columnNamed(name).includes(field))
  const isFirst = (name: string, at: number): boolean =>
    candidates.findIndex((one) => normalName(one) === normalName(name)) === at
  return { field, names: candidates.filter(isFirst) }
})
