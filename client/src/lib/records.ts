// How the changes of a proposal are put under their records: the customer first, then each child by its code.
import { property, type Catalogue } from './catalogue.ts'
import type { Change, Value } from './documents/fragments.ts'
import { asRecord, plain } from './format.ts'
import type { Json } from './graphql.ts'
import { messages } from './messages.ts'

export type ChangeGroup = { key: string; title: string | null; changes: Change[] }

/** What one child of a record is called: the label of its code ("Bank account"), else the record's own. */
export const singular = (catalogue: Catalogue | undefined, record: string): string =>
  catalogue?.get(`${record}.code`)?.label ?? catalogue?.get(record)?.label ?? record

export const groupChanges = (changes: readonly Change[], catalogue: Catalogue | undefined): ChangeGroup[] => {
  const sorted = changes.toSorted((a, b) => a.field.order - b.field.order)
  return [...Map.groupBy(sorted, ({ recordId }) => recordId ?? '')]
    .map(([key, changes]) => {
      const first = changes[0]
      const title =
        !first || key === '' ? null : `${singular(catalogue, first.field.record)} ${first.recordCode ?? ''}`.trimEnd()
      return { key, title, changes }
    })
    .sort((a, b) => Number(a.title !== null) - Number(b.title !== null))
}

/** A whole child record as label and text, in the catalogue's order; what is empty is left out. */
export const recordLines = (
  catalogue: Catalogue | undefined,
  record: string,
  value: Value | null,
): { label: string; text: string }[] => {
  const raw = asRecord(value?.raw)
  const fields = catalogue?.fieldsOf(record) ?? []
  const written = (part: Json, options: { value: string; label: string }[] | null | undefined) => {
    if (typeof part === 'boolean') return part ? messages.yes : messages.no
    return options?.find(({ value }) => value === part)?.label ?? plain(part)
  }
  const lines = fields.flatMap((field) => {
    const part = raw[property(field)]
    return part === null || part === undefined || part === ''
      ? []
      : [{ label: field.label, text: written(part, field.options) }]
  })
  return lines.length > 0
    ? lines
    : Object.entries(raw).flatMap(([label, part]) => (part === null ? [] : [{ label, text: written(part, null) }]))
}
