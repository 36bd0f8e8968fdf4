// Does the record still hold what a change was proposed on? (DOMAIN section 9)
import { currentValue, findChild, type Customer } from './customer.ts'
import { findField } from './fields.ts'
import type { Change } from './proposal.ts'
import { sameValue, type Value } from './values.ts'

export type ConflictKind = 'CHANGED' | 'ALREADY_APPLIED' | 'RECORD_REMOVED'
export type Conflict = { readonly change: Change; readonly kind: ConflictKind; readonly current: Value }

/** The value that the change would meet now. */
export const valueNow = (customer: Customer, change: Change): Value => {
  if (change.operation === 'SET')
    return currentValue(customer, change.record, change.recordId, findField(change.field)?.property ?? null)
  return currentValue(customer, change.record, change.recordId, null)
}

/** Null when the record is as it was when the change was proposed. */
export const conflictOf = (customer: Customer, change: Change): Conflict | null => {
  const current = valueNow(customer, change)
  const child =
    change.record === 'customer' ? true : findChild(customer, change.record, change.recordId ?? '') !== undefined
  if (change.operation === 'SET' && !child) return { change, kind: 'RECORD_REMOVED', current: null }
  if (sameValue(current, change.base)) return null
  if (sameValue(current, change.proposed)) return { change, kind: 'ALREADY_APPLIED', current }
  return { change, kind: 'CHANGED', current }
}

export const conflictsOf = (customer: Customer, changes: readonly Change[]): Conflict[] =>
  changes.map((change) => conflictOf(customer, change)).filter((c) => c !== null)

/** Does a write put an open proposal into another position: a conflict that was not there, or one that is gone? */
export const concerns = (before: Customer, after: Customer, changes: readonly Change[]): boolean =>
  before !== after && changes.some((change) => conflictOf(before, change)?.kind !== conflictOf(after, change)?.kind)
