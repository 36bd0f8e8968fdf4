// The catalogue as set-up shows it: fields under their headings, a child record's under the record as a whole.
import type { SetupEvent, Switch } from './documents/setup.ts'
import { asRecord } from './format.ts'
import { texts } from './setup-log.svelte.ts'

export type SwitchGroup = {
  name: string
  /** A child record: adding and removing one takes approval as soon as one of its fields does. */
  record: boolean
  fields: Switch[]
}

/** In the order of the forms; a record as a whole is the heading of its fields. */
export const groupsOf = (fields: readonly Switch[]): SwitchGroup[] => {
  const labels = new Map(fields.filter(({ type }) => type === 'RECORD').map(({ record, label }) => [record, label]))
  const own = fields.filter(({ type }) => type !== 'RECORD').toSorted((a, b) => a.order - b.order)
  const heading = ({ record, group }: Switch) => labels.get(record) ?? group
  return [...Map.groupBy(own, heading)].map(([name, members]) => ({
    name,
    record: members.some(({ record }) => labels.has(record)),
    fields: members,
  }))
}

/** What fields of a group are called where its heading does not stand above them: all of a record are the record. */
export const labelsOf = (fields: readonly Switch[], group: SwitchGroup): string[] => {
  if (group.record && fields.length === group.fields.filter(({ governable }) => governable).length) return [group.name]
  return fields.map(({ label }) => (group.record ? `${group.name}: ${label}` : label))
}

/** Does it have to do with what was typed? */
export const matches = (field: Switch, group: string, typed: string): boolean =>
  [field.label, group, field.name, field.d365Name ?? '', field.description ?? '']
    .join(' ')
    .toLocaleLowerCase()
    .includes(typed.trim().toLocaleLowerCase())

/** By field, the line of the log that switched it last. */
export const lastSwitched = (events: readonly SetupEvent[]): ReadonlyMap<string, SetupEvent> =>
  new Map(
    events.flatMap((event) => {
      const { enabled, disabled } = asRecord(event.data)
      return [...texts(enabled), ...texts(disabled)].map((name) => [name, event] as const)
    }),
  )
