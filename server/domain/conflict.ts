// Does the record still hold what a change was proposed on? (DOMAIN section 9)
import { currentValue, findChild, type Customer } from './customer.ts'
import { findField } from './fields.ts'
import type { Change } from './proposal.ts'
import { sameValue, type RecordValue, type Value } from './values.ts'

export type ConflictKind = 'CHANGED' | 'ALREADY_APPLIED' | 'RECORD_REMOVED'
/** `recordId`: the child record that the change meets, which has its code where somebody else has added one meanwhile. */
export type Conflict = {
  readonly change: Change
  readonly kind: ConflictKind
  readonly current: Value
  readonly recordId: string | null
}

/** The value that the change would meet now. */
export const valueNow = (
  customer: Customer,
  change: Pick<Change, 'record' | 'recordId' | 'field' | 'operation'>,
): Value => {
  if (change.operation === 'SET')
    return currentValue(customer, change.record, change.recordId, findField(change.field)?.property ?? null)
  return currentValue(customer, change.record, change.recordId, null)
}

type Taken = { readonly id: string; readonly values: RecordValue }

/** The child record that has the code of a proposed new one: somebody else has added it meanwhile. */
const codeTaken = (customer: Customer, { record, proposed }: Change, beside: readonly Change[]): Taken | null => {
  if (record === 'customer' || proposed === null || typeof proposed !== 'object') return null
  const children = customer.children[record] as readonly Taken[]
  const leaves = (id: string): boolean =>
    beside.some((c) => c.operation === 'REMOVE' && c.record === record && c.recordId === id)
  return children.find(({ id, values }) => values.code === proposed.code && !leaves(id)) ?? null
}

/** Null when the record is as it was when the change was proposed. `beside`: the changes that would be applied with it. */
const conflictOf = (customer: Customer, change: Change, beside: readonly Change[]): Conflict | null => {
  const current = valueNow(customer, change)
  const child =
    change.record === 'customer' ? true : findChild(customer, change.record, change.recordId ?? '') !== undefined
  const taken = change.operation === 'ADD' && !child ? codeTaken(customer, change, beside) : null
  if (taken !== null) {
    const { id: recordId, values } = taken
    const kind = sameValue(values, change.proposed) ? 'ALREADY_APPLIED' : 'CHANGED'
    return { change, kind, current: values, recordId }
  }
  const { recordId } = change
  if (change.operation === 'SET' && !child) return { change, kind: 'RECORD_REMOVED', current: null, recordId }
  if (sameValue(current, change.base)) return null
  return { change, kind: sameValue(current, change.proposed) ? 'ALREADY_APPLIED' : 'CHANGED', current, recordId }
}

export const conflictsOf = (customer: Customer, changes: readonly Change[]): Conflict[] =>
  changes.map((change) => conflictOf(customer, change, changes)).filter((c) => c !== null)

/** Does a write put an open proposal into another position: a conflict that was not there, or one that is gone? */
export const concerns = (before: Customer, after: Customer, changes: readonly Change[]): boolean =>
  before !== after &&
  changes.some((change) => conflictOf(before, change, changes)?.kind !== conflictOf(after, change, changes)?.kind)
