// An edit as a caller sends it, read into single wishes: one value of one record each.
import { findChild, type Customer } from './customer.ts'
import type { RawEdit } from './edit.ts'
import type { Problem } from './errors.ts'
import { childFields, childRecords, customerFields, fieldName, type FieldDef } from './fields.ts'
import { parsePatch } from './input.ts'
import type { Change } from './proposal.ts'
import { completeRecord } from './record.ts'
import type { RecordValue, Value } from './values.ts'

/** What is wanted of one place of the record; for ADD and REMOVE the place is a whole child record. */
export type Target = {
  readonly record: Change['record']
  readonly recordId: string | null
  readonly field: string
  readonly operation: Change['operation']
  readonly proposed: Value
}
export type Wish = Target & { readonly property: string | null; readonly at: readonly string[] }

/** The edit as single wishes, parsed; problems name their place in the input. */
export const readWishes = (
  edit: RawEdit,
  customer: Customer,
  pending: readonly Change[],
  newId: () => string,
): { wishes: Wish[]; problems: Problem[] } => {
  const wishes: Wish[] = []
  const problems: Problem[] = []
  const root = parsePatch(edit.set ?? {}, customerFields, ['set'])
  problems.push(...root.problems)
  for (const [property, value] of Object.entries(root.patch)) {
    wishes.push({
      record: 'customer',
      recordId: null,
      field: property,
      operation: 'SET',
      proposed: value,
      property,
      at: ['set', property],
    })
  }
  for (const record of childRecords) {
    const fields: Readonly<Record<string, FieldDef>> = childFields[record]
    const raw = edit[record]
    const unknown = (at: readonly string[]): void => {
      problems.push({
        code: 'INVALID_VALUE',
        message: `This customer has no such record under ${record}; read the customer again for its ids.`,
        at,
      })
    }
    const named = new Set<string>()
    const once = (id: string, at: readonly string[]): void => {
      if (named.has(id))
        problems.push({
          code: 'INVALID_VALUE',
          message: 'This record is named twice; say once what to do with it.',
          at,
        })
      named.add(id)
    }
    for (const [i, item] of (raw?.change ?? []).entries()) {
      once(item.id, [record, 'change', String(i), 'id'])
      const at = [record, 'change', String(i)]
      const parsed = parsePatch(item.set, fields, [...at, 'set'])
      problems.push(...parsed.problems)
      const adding = pending.find((c) => c.operation === 'ADD' && c.record === record && c.recordId === item.id)
      const child = findChild(customer, record, item.id)
      if (adding !== undefined) {
        wishes.push({
          record,
          recordId: item.id,
          field: record,
          operation: 'ADD',
          proposed: { ...(adding.proposed as RecordValue), ...parsed.patch },
          property: null,
          at,
        })
      } else if (child === undefined) unknown([...at, 'id'])
      else if (
        pending.some(
          (c) => c.operation === 'REMOVE' && c.refusal === null && c.record === record && c.recordId === item.id,
        )
      ) {
        problems.push({
          code: 'INVALID_VALUE',
          message: 'The record is proposed for removal; discard that change before editing it.',
          at: [...at, 'id'],
        })
      } else {
        for (const [property, value] of Object.entries(parsed.patch)) {
          if (property === 'code') {
            if (value !== child.values.code)
              problems.push({
                code: 'INVALID_VALUE',
                message: 'A code cannot be changed: remove the record and add a new one.',
                at: [...at, 'set', 'code'],
              })
          } else
            wishes.push({
              record,
              recordId: item.id,
              field: fieldName(record, property),
              operation: 'SET',
              proposed: value,
              property,
              at: [...at, 'set', property],
            })
        }
      }
    }
    for (const [i, id] of (raw?.remove ?? []).entries()) {
      once(id, [record, 'remove', String(i)])
      const there =
        findChild(customer, record, id) !== undefined ||
        pending.some((c) => c.operation === 'ADD' && c.record === record && c.recordId === id)
      if (!there) unknown([record, 'remove', String(i)])
      else
        wishes.push({
          record,
          recordId: id,
          field: record,
          operation: 'REMOVE',
          proposed: null,
          property: null,
          at: [record, 'remove', String(i)],
        })
    }
    for (const [i, item] of (raw?.add ?? []).entries()) {
      const parsed = parsePatch(item, fields, [record, 'add', String(i)])
      problems.push(...parsed.problems)
      wishes.push({
        record,
        recordId: newId(),
        field: record,
        operation: 'ADD',
        proposed: completeRecord(fields, parsed.patch),
        property: null,
        at: [record, 'add', String(i)],
      })
    }
  }
  return { wishes, problems }
}
