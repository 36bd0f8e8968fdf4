// A record as it would stand: changes laid over a customer, and the check of the whole (DOMAIN sections 3 and 9).
import type { Company } from './company.ts'
import { findChild, type Child, type Customer } from './customer.ts'
import type { Problem } from './errors.ts'
import { childFields, childRecords, customerFields, findField, type ChildRecordName, type FieldDef } from './fields.ts'
import type { Change } from './proposal.ts'
import type { RecordValue, Scalar } from './values.ts'

type AnyChild = { readonly id: string; readonly values: RecordValue }
type Children = Record<ChildRecordName, readonly AnyChild[]>

const withChildren = (customer: Customer, children: Children): Customer => ({
  ...customer,
  children: children as { [R in ChildRecordName]: readonly Child<R>[] },
})

/** The customer with the changes in it. A change whose child record is not there leaves no trace: it shows as a conflict. */
export const project = (
  customer: Customer,
  changes: readonly Pick<Change, 'record' | 'recordId' | 'field' | 'operation' | 'proposed'>[],
): Customer => {
  if (changes.length === 0) return customer
  let values: Record<string, Scalar> | null = null
  const children: Children = { ...(customer.children as Children) }
  for (const change of changes) {
    const property = findField(change.field)?.property ?? null
    if (change.record === 'customer') {
      if (property !== null)
        (values ??= { ...(customer.values as Record<string, Scalar>) })[property] = change.proposed as Scalar
      continue
    }
    const id = change.recordId
    if (id === null) continue
    const list = children[change.record]
    if (change.operation === 'REMOVE') children[change.record] = list.filter((c) => c.id !== id)
    else if (change.operation === 'ADD')
      children[change.record] = [...list.filter((c) => c.id !== id), { id, values: change.proposed as RecordValue }]
    else if (property !== null) {
      children[change.record] = list.map((c) =>
        c.id === id ? { id, values: { ...c.values, [property]: change.proposed as Scalar } } : c,
      )
    }
  }
  const projected = values === null ? customer : { ...customer, values: values as Customer['values'] }
  return withChildren(projected, children)
}

const checkReference = (def: FieldDef, value: Scalar, before: Scalar | undefined, company: Company): string | null => {
  if (def.referenceKind === undefined || value === null || value === before) return null
  const found = company.references.get(def.referenceKind)?.get(String(value))
  if (found === undefined)
    return `${def.label} "${String(value)}" does not exist in ${company.code}; see referenceValues for the codes.`
  if (!found.active) return `${def.label} "${String(value)}" is no longer in use; choose another code.`
  return null
}

const checkFields = (
  fields: Readonly<Record<string, FieldDef>>,
  values: RecordValue,
  before: RecordValue | undefined,
  company: Company,
  at: readonly string[],
): Problem[] => {
  const problems: Problem[] = []
  for (const [property, def] of Object.entries(fields)) {
    const value = values[property] ?? null
    if (value === null && def.required === true) {
      problems.push({ code: 'INVALID_VALUE', message: `${def.label} is required.`, at: [...at, property] })
      continue
    }
    // A code that was there before is left in peace when it is retired: it concerns who sets it.
    const message = checkReference(def, value, before?.[property], company)
    if (message !== null) problems.push({ code: 'INVALID_VALUE', message, at: [...at, property] })
  }
  return problems
}

/**
 * Everything that is wrong with a record as it would stand. `accounts`: those of the company that are known to exist, at least
 * every one that `next` points to. `before`: the record as it is; what has not changed is not held against the caller.
 * Places are ['set', 'creditLimit'] and ['bankAccounts', 'B1', 'iban'].
 */
export const validateRecord = (
  next: Customer,
  before: Customer | null,
  company: Company,
  accounts: ReadonlySet<string>,
): Problem[] => {
  const problems = checkFields(customerFields, next.values, before?.values, company, ['set'])
  for (const record of childRecords) {
    const list = next.children[record] as readonly AnyChild[]
    if (list.length > 1000)
      problems.push({
        code: 'LIMIT_EXCEEDED',
        message: 'A customer holds at most 1000 records of one kind.',
        at: [record],
      })
    const codes = new Set<Scalar>()
    for (const child of list) {
      const code = child.values.code ?? null
      const at = [record, String(code ?? child.id)]
      problems.push(
        ...checkFields(
          childFields[record],
          child.values,
          before === null ? undefined : findChild(before, record, child.id)?.values,
          company,
          at,
        ),
      )
      if (codes.has(code))
        problems.push({
          code: 'INVALID_VALUE',
          message: `The code "${String(code)}" is used twice; codes are unique within the customer.`,
          at: [...at, 'code'],
        })
      codes.add(code)
    }
  }
  const { defaultBankAccount, invoiceAccount } = next.values
  if (defaultBankAccount !== null && !next.children.bankAccounts.some((b) => b.values.code === defaultBankAccount)) {
    problems.push({
      code: 'INVALID_VALUE',
      message: `The default bank account "${defaultBankAccount}" is not one of the customer's bank accounts; choose one of their codes or clear it.`,
      at: ['set', 'defaultBankAccount'],
    })
  }
  if (
    invoiceAccount !== null &&
    invoiceAccount !== next.account &&
    invoiceAccount !== before?.values.invoiceAccount &&
    !accounts.has(invoiceAccount)
  ) {
    problems.push({
      code: 'INVALID_VALUE',
      message: `There is no customer "${invoiceAccount}" in ${company.code} to invoice.`,
      at: ['set', 'invoiceAccount'],
    })
  }
  const primary = next.children.addresses.filter((a) => a.values.primary)
  if (primary.length > 1) {
    problems.push({
      code: 'INVALID_VALUE',
      message: `Only one address can be the primary one; ${primary.map((a) => a.values.code).join(' and ')} are.`,
      at: ['addresses', String(primary[1]?.values.code), 'primary'],
    })
  }
  return problems
}

/** A whole record from a patch: what is not named has its initial value or is empty. */
export const completeRecord = (
  fields: Readonly<Record<string, FieldDef>>,
  patch: Readonly<Record<string, Scalar>>,
): RecordValue => {
  const values: Record<string, Scalar> = {}
  for (const [property, def] of Object.entries(fields))
    values[property] = property in patch ? (patch[property] ?? null) : (def.initial ?? null)
  return values
}
