// A customer record and its children in canonical values.
import type { ChildRecordName, ChildValues, CustomerValues, RecordName } from './fields.ts'
import type { RecordValue, Scalar, Value } from './values.ts'

export type Child<R extends ChildRecordName = ChildRecordName> = {
  readonly id: string
  readonly values: ChildValues[R]
}

export type Customer = {
  readonly id: string
  readonly companyId: string
  readonly account: string
  /** Rises by one with every write of the record or of one of its children. */
  readonly version: number
  readonly createdAt: string
  readonly updatedAt: string
  readonly values: CustomerValues
  readonly children: { readonly [R in ChildRecordName]: readonly Child<R>[] }
}

export const findChild = (
  customer: Customer,
  record: ChildRecordName,
  id: string,
): { id: string; values: RecordValue } | undefined =>
  (customer.children[record] as readonly { id: string; values: RecordValue }[]).find((child) => child.id === id)

/** The current value that a change of this place would meet: a property, a whole child record, or null where there is none. */
export const currentValue = (
  customer: Customer,
  record: RecordName,
  recordId: string | null,
  property: string | null,
): Value => {
  if (record === 'customer')
    return property === null ? null : ((customer.values as Record<string, Scalar>)[property] ?? null)
  const child = recordId === null ? undefined : findChild(customer, record, recordId)
  if (child === undefined) return null
  return property === null ? child.values : (child.values[property] ?? null)
}
