// The record as it stood beside the record as it is: which values differ, which child records came and went.
import { property, type Catalogue, type FieldGroup } from './catalogue.ts'
import { childValue, type Children } from './children.ts'
import type { Snapshot } from './documents/customers.ts'
import type { Field, Value } from './documents/fragments.ts'

/** A field then and now; `now` null: its record is not there any more. */
export type PastValue = { field: Field; then: Value; now: Value | null; differs: boolean }
export type PastChild = { code: string; gone: boolean; values: PastValue[] }
export type PastGroup = { name: string; values: PastValue[] }
export type PastRecord = { record: Field; children: PastChild[]; added: string[] }

const nothing: Value = { raw: null, display: null, masked: false }

const compare = (field: Field, then: Value, now: Value | null): PastValue => ({
  field,
  then,
  now,
  // Of two masked values nobody can say whether they differ.
  differs: now !== null && !then.masked && !now.masked && JSON.stringify(then.raw) !== JSON.stringify(now.raw),
})

type Named = Value & { field: { name: string } }
const named = (values: readonly Named[], field: Field): Value =>
  values.find((value) => value.field.name === field.name) ?? nothing

/** The customer's own fields under their headings. */
export const pastGroups = (groups: readonly FieldGroup[], then: Snapshot, now: readonly Named[]): PastGroup[] =>
  groups.map(({ name, fields }) => ({
    name,
    values: fields.map((field) => compare(field, named(then.values, field), named(now, field))),
  }))

/** Child records by their kinds, matched by their codes. */
export const pastRecords = (catalogue: Catalogue, then: Snapshot, now: Children): PastRecord[] =>
  catalogue.records.map((record) => {
    const fields = catalogue.fieldsOf(record.name)
    const stood = then.records.filter((one) => one.record === record.name)
    const children = now.get(record.name) ?? []
    return {
      record,
      children: stood.map(({ code, values }) => {
        const child = children.find((one) => one.code === code)
        return {
          code,
          gone: child === undefined,
          values: fields
            .filter((field) => property(field) !== 'code')
            .map((field) => compare(field, named(values, field), child ? childValue(child, field) : null)),
        }
      }),
      added: children.map(({ code }) => code).filter((code) => !stood.some((one) => one.code === code)),
    }
  })

/** How much has changed since: values, and records that came or went. */
export const countOf = (groups: readonly PastGroup[], records: readonly PastRecord[]): number =>
  groups.flatMap(({ values }) => values).filter(({ differs }) => differs).length +
  records.reduce(
    (all, { children, added }) =>
      all +
      added.length +
      children.reduce((sum, { gone, values }) => sum + (gone ? 1 : values.filter(({ differs }) => differs).length), 0),
    0,
  )
