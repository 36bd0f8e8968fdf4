// Placeholders of a step's subject and instructions (DOMAIN section 5). What they fill in is read by everybody who sees the item:
// sensitive values never appear in clear, whether there is one or not.
import type { Customer } from '../customer.ts'
import { childRecords, customerFields, type FieldDef } from '../fields.ts'
import type { Scalar } from '../values.ts'

export type PlaceholderInput = {
  readonly customer: Customer
  readonly proposed: Customer
  readonly submitter: { readonly name: string }
  /** The last comment of the run: what the submitter wrote. */
  readonly comment: string | null
  /** When the item is due, RFC 3339. */
  readonly dueAt?: string | null
}

const pattern = /\{\{([^{}]*)\}\}/g
const masked = '•••'
const nothing = '–'

const fields: Readonly<Record<string, FieldDef>> = customerFields
const shown = (def: FieldDef, value: Scalar | undefined): string => {
  if (def.sensitive === true) return masked
  if (value === null || value === undefined) return nothing
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  return def.options?.find((option) => option.value === value)?.label ?? String(value)
}

type Fill = (input: PlaceholderInput) => string
const fieldOf = (customer: Customer, name: string, def: FieldDef): string =>
  shown(def, (customer.values as Readonly<Record<string, Scalar>>)[name])
const fills: ReadonlyMap<string, Fill> = new Map<string, Fill>([
  ['customer.account', ({ customer }) => customer.account],
  ...Object.entries(fields).map(([name, def]): [string, Fill] => [
    `customer.${name}`,
    ({ customer }) => fieldOf(customer, name, def),
  ]),
  ...Object.entries(fields).map(([name, def]): [string, Fill] => [
    `proposed.${name}`,
    ({ proposed }) => fieldOf(proposed, name, def),
  ]),
  ['submitter.name', ({ submitter }) => submitter.name],
  ['lastComment', ({ comment }) => comment ?? nothing],
  ['dueAt', ({ dueAt }) => dueAt ?? nothing],
])

/** Every placeholder that can be filled, without its braces. */
export const knownPlaceholders: readonly string[] = [...fills.keys()]

/** Does a placeholder ask for records or for something of one, such as `proposed.bankAccounts`? There are several: none could be filled in. */
export const isOfRecord = (placeholder: string): boolean => {
  const [of, record] = placeholder.split('.')
  return (of === 'customer' || of === 'proposed') && childRecords.some((name) => name === record)
}

/** The placeholders of a text that nothing fills, without their braces, each once. */
export const unknownPlaceholders = (text: string): string[] => [
  ...new Set([...text.matchAll(pattern)].map(([, name]) => (name ?? '').trim()).filter((name) => !fills.has(name))),
]

/** The text with its placeholders filled in; one that nothing fills stays as it is written. */
export const fillPlaceholders = (text: string, input: PlaceholderInput): string =>
  text.replace(pattern, (written: string, name: string) => fills.get(name.trim())?.(input) ?? written)
