// Who may see sensitive values (bank and tax data), and what is left of a value for who may not (DOMAIN section 2).
import type { Child, Customer } from './customer.ts'
import type { Role } from './directory.ts'
import type { RawEdit } from './edit.ts'
import { catalogue, childRecords, findField, type CatalogueField, type ChildRecordName } from './fields.ts'
import type { WorkItem } from './proposal.ts'
import type { RecordValue, Scalar, Value } from './values.ts'

const inClear: readonly Role[] = ['CLERK', 'INTEGRATION', 'AUDITOR']

/** May somebody with these roles in a company read its sensitive values wherever they are? */
export const readsSensitive = (roles: readonly Role[]): boolean => roles.some((role) => inClear.includes(role))

/**
 * Contents that a person is or was asked to decide on, by digest: these they see whole, whatever their role. A change that has been
 * replaced since is another content.
 */
export const askedChanges = (
  items: readonly Pick<WorkItem, 'assigneeId' | 'decidedById' | 'changes'>[],
  userId: string,
): ReadonlySet<string> =>
  new Set(
    items
      .filter((item) => item.assigneeId === userId || item.decidedById === userId)
      .flatMap((item) => item.changes.map((change) => change.digest)),
  )

/** Of each record, the customer itself among them, the properties that not everybody may see. */
const sensitiveOf: ReadonlyMap<string, readonly string[]> = new Map(
  (['customer', ...childRecords] as const).map((record) => [
    record,
    catalogue.flatMap((f) => (f.record === record && f.property !== null && f.sensitive ? [f.property] : [])),
  ]),
)

/** Does the field hold something that not everybody may see? Of a record as a whole: does one of its fields? */
export const holdsSensitive = (field: CatalogueField): boolean =>
  field.sensitive || (field.property === null && (sensitiveOf.get(field.name)?.length ?? 0) > 0)

export type Shown = { readonly value: Value; readonly masked: boolean }

/** A value for somebody who may not see what is sensitive: null, or a record without its sensitive properties. */
export const maskValue = (field: CatalogueField, value: Value): Shown => {
  if (field.sensitive) return { value: null, masked: true }
  return field.property === null ? maskRecord(field.name, value) : { value, masked: false }
}

/** A record as a whole without what not everybody may see. */
const maskRecord = (record: string, value: Value): Shown => {
  const hidden = sensitiveOf.get(record) ?? []
  if (hidden.length === 0 || value === null || typeof value !== 'object') return { value, masked: false }
  const shown: Record<string, Scalar> = { ...(value satisfies RecordValue) }
  for (const property of hidden) shown[property] = null
  return { value: shown, masked: true }
}

/** As `maskValue` for a field by its full name, or for `customer` as a whole; a field that the catalogue no longer holds is masked. */
export const maskNamed = (name: string, value: Value): Shown => {
  if (name === 'customer') return maskRecord(name, value)
  const field = findField(name)
  return field === undefined ? { value: null, masked: true } : maskValue(field, value)
}

/** A customer as somebody sees it who may not read what is sensitive: those values are null. */
export const withoutSensitive = (customer: Customer): Customer => {
  const hide = (record: string, values: RecordValue): RecordValue =>
    Object.fromEntries(
      Object.entries(values).map(([property, value]) => [property, isHidden(record, property) ? null : value]),
    )
  const children = (record: ChildRecordName): { id: string; values: RecordValue }[] =>
    customer.children[record].map(({ id, values }) => ({ id, values: hide(record, values) }))
  return {
    ...customer,
    values: hide('customer', customer.values) as Customer['values'],
    children: {
      bankAccounts: children('bankAccounts') as Child<'bankAccounts'>[],
      addresses: children('addresses') as Child<'addresses'>[],
      contacts: children('contacts') as Child<'contacts'>[],
    },
  }
}

const quotes = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g
const sensitiveFields = catalogue.filter((field) => field.sensitive)

/**
 * Why a condition is not tried for somebody who may not read what is sensitive, as a sentence; null: it can be. Left out of the record,
 * such a value would give a wrong answer. `hidden`: names of the changed fields that they do not see the values of.
 */
export const whyNotTried = (expression: string, hidden: readonly string[]): string | null => {
  const text = expression.replace(/\[\s*(["'])(\w+)\1\s*\]/g, '.$2').replace(quotes, '""')
  const members = new Set([...text.matchAll(/\.\s*\??\s*([A-Za-z_]\w*)/g)].map(([, name]) => name))
  const named =
    sensitiveFields.find((field) => field.property !== null && members.has(field.property)) ??
    // What is hidden is left out of the changes as well, and then neither their names nor the records are complete.
    hidden.map(findField).find((field) => field !== undefined && (members.has('fields') || members.has(field.record)))
  return named === undefined
    ? null
    : `Your roles do not let you see ${named.label}, which this condition asks about; somebody who may see it, such as a clerk, has to try it.`
}

/** The first place where an edit names a sensitive field; null when there is none. Writing one takes the right to read it. */
export const sensitivePlace = (edit: RawEdit): readonly string[] | null => {
  const inside = (record: string, values: object, at: readonly string[]): readonly string[] | undefined => {
    const property = Object.keys(values).find((name) => isHidden(record, name))
    return property === undefined ? undefined : [...at, property]
  }
  const places = [
    inside('customer', edit.set ?? {}, ['set']),
    ...childRecords.flatMap((record) => [
      ...(edit[record]?.add ?? []).map((values, i) => inside(record, values, [record, 'add', String(i)])),
      ...(edit[record]?.change ?? []).map(({ set }, i) => inside(record, set, [record, 'change', String(i), 'set'])),
    ]),
  ]
  return places.find((place) => place !== undefined) ?? null
}

const isHidden = (record: string, property: string): boolean => sensitiveOf.get(record)?.includes(property) ?? false
