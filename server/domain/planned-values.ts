// What a planned row would make of a customer, value by value: read from the very events that carrying it out would append.
import { currentValue, findChild, type Customer } from './customer.ts'
import type { DomainEvent } from './events.ts'
import { childRecords, findField, type RecordName } from './fields.ts'
import type { RowPlan } from './import.ts'
import type { Value } from './values.ts'

export type PlannedValue = {
  /** Full catalogue name; of a child record that is added, the record's. */
  readonly field: string
  /** Code of the child record; null: of the customer itself. */
  readonly code: string | null
  readonly current: Value
  /** Is there a record already that could have a value? */
  readonly isThere: boolean
  readonly planned: Value
  /** It would be proposed; else written. */
  readonly proposed: boolean
}

const codeIn = (value: Value | undefined): string | null =>
  typeof value === 'object' && value !== null && typeof value.code === 'string' ? value.code : null

/** Of a customer that is made: everything that the row says of it. */
const ofCreated = (created: Customer, written: readonly string[]): PlannedValue[] =>
  written.flatMap((name): PlannedValue[] => {
    const record = childRecords.find((r) => r === name)
    const about = { field: name, current: null, isThere: false, proposed: false }
    if (record === undefined) return [{ ...about, code: null, planned: currentValue(created, 'customer', null, name) }]
    return created.children[record].map(({ values }) => ({ ...about, code: codeIn(values), planned: values }))
  })

/** The values that an event sets, by what they are called in it. */
const setBy = ({ type, values = [] }: DomainEvent): NonNullable<DomainEvent['values']> => {
  if (type === 'CustomerUpdated') return values.filter(({ key }) => key.startsWith('to.'))
  return type === 'ChangeProposed' || type === 'ChangeReplaced' ? values.filter(({ key }) => key === 'proposed') : []
}

/** The values that a plan would write or propose, in its order. `before`: the customer as it is; null: it is made. */
export const plannedValues = (plan: RowPlan, before: Customer | null): readonly PlannedValue[] => {
  if (plan.next !== null && 'created' in plan.next) return ofCreated(plan.next.created, plan.written)
  if (before === null) return []
  const codes = new Map<string, string>()
  const codeOf = (record: RecordName, id: string, value: Value): string | null => {
    const known = codeIn(value) ?? codes.get(id)
    if (known !== undefined) codes.set(id, known)
    const child = record === 'customer' ? undefined : findChild(before, record, id)
    return known ?? codeIn(child?.values)
  }
  return plan.events.flatMap((event) =>
    setBy(event).flatMap(({ field: name, recordId = null, value }): PlannedValue[] => {
      const field = findField(name)
      if (field === undefined) return []
      const current = currentValue(before, field.record, recordId, field.property)
      return [
        {
          field: name,
          code: recordId === null ? null : codeOf(field.record, recordId, value),
          current,
          isThere: field.property !== null || current !== null,
          planned: value,
          proposed: event.type !== 'CustomerUpdated',
        },
      ]
    }),
  )
}
