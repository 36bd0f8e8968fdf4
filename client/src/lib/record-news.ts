// What somebody else has written into a record since it was read: by comparing two readings.
import { property, type Catalogue } from './catalogue.ts'
import { childValue, type Child, type Children } from './children.ts'
import { self, type Owner } from './customer-draft.svelte.ts'
import type { Field, Value } from './documents/fragments.ts'
import { singular } from './records.ts'

/** A record as it was read. */
export type Reading = {
  version: number
  values: readonly (Value & { field: { name: string } })[]
  children: Children
}
/** One value that is another, or a child record that came or went (`property` null); `key` finds it on the page. */
export type News = { key: string; name: string; label: string; owner: Owner; property: string | null }

/** Of a customer's own field its name; of a child's field with the child's id before it. */
export const placeOf = (field: Pick<Field, 'name'>, id: string | null): string =>
  id === null ? field.name : `${id} ${field.name}`

const differ = (before: Value | undefined, after: Value | undefined) =>
  !before?.masked && !after?.masked && JSON.stringify(before?.raw ?? null) !== JSON.stringify(after?.raw ?? null)

/** What differs between two readings. A masked value is never said to differ: nobody can see whether it does. */
export const newsBetween = (catalogue: Catalogue, before: Reading, after: Reading): News[] => {
  const valueOf = ({ values }: Reading, field: Field) => values.find((value) => value.field.name === field.name)
  const own = catalogue.fieldsOf('customer').flatMap((field) => {
    const { name, label } = field
    if (!differ(valueOf(before, field), valueOf(after, field))) return []
    return [{ key: placeOf(field, null), name, label, owner: self, property: property(field) }]
  })
  const children = catalogue.records.flatMap(({ name: record }) => {
    const [then, now] = [before, after].map((reading) => reading.children.get(record) ?? [])
    const called = ({ code }: Child) => `${singular(catalogue, record)} ${code}`
    const there = (list: readonly Child[] = [], { id }: Child) => list.find((one) => one.id === id)
    const moved = [...(then ?? []).filter((one) => !there(now, one)), ...(now ?? []).filter((one) => !there(then, one))]
    return [
      ...moved.map((child) => ({
        key: child.id,
        name: record,
        label: called(child),
        owner: { record, id: child.id },
        property: null,
      })),
      ...(now ?? []).flatMap((child) => {
        const old = there(then, child)
        if (!old) return []
        return catalogue
          .fieldsOf(record)
          .filter((field) => property(field) !== 'code' && differ(childValue(old, field), childValue(child, field)))
          .map((field) => ({
            key: placeOf(field, child.id),
            name: field.name,
            label: `${called(child)}: ${field.label}`,
            owner: { record, id: child.id },
            property: property(field),
          }))
      }),
    ]
  })
  return [...own, ...children]
}
