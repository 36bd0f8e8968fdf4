// The record as it stood at a past moment, made again from what the log says was written (DOMAIN section 9).
import type { EventType } from './events.ts'
import { childFields, childRecords, customerFields, findField, type ChildRecordName, type FieldDef } from './fields.ts'
import type { LoggedEvent, LoggedValue } from './log.ts'
import { completeRecord } from './record.ts'
import type { RecordValue, Scalar, Value } from './values.ts'

/** Events that tell of a write of the record; the others leave it as it is. */
export const writeTypes = ['CustomerCreated', 'CustomerUpdated', 'ProposalApplied'] as const satisfies EventType[]
export const isWrite = (type: EventType): boolean => (writeTypes as readonly EventType[]).includes(type)

/** What is needed of such an event. */
export type WriteEvent = Pick<LoggedEvent, 'type' | 'data' | 'values'>

/** Values as they stood. `erased`: properties whose value has been erased from the log since; here they are null. */
export type Stood = { readonly values: RecordValue; readonly erased: ReadonlySet<string> }
export type StoodChild = Stood & { readonly id: string }
export type StoodCustomer = {
  readonly version: number
  readonly own: Stood
  readonly children: Readonly<Record<ChildRecordName, readonly StoodChild[]>>
}

type Fields = Readonly<Record<string, FieldDef>>
const none: ReadonlySet<string> = new Set()

/** A whole record: what the catalogue has got since begins as it does in a new one, what it has lost is left out. */
const whole = (fields: Fields, { value, erased }: Pick<LoggedValue, 'value' | 'erased'>): Stood => {
  if (!erased && value !== null && typeof value === 'object')
    return { values: completeRecord(fields, value), erased: none }
  const names = Object.keys(fields)
  return { values: Object.fromEntries(names.map((name) => [name, null])), erased: new Set(names) }
}

const withValue = <S extends Stood>(stood: S, property: string, value: Value, erased: boolean): S => {
  const gone = new Set(stood.erased)
  if (erased) gone.add(property)
  else gone.delete(property)
  return { ...stood, values: { ...stood.values, [property]: value as Scalar }, erased: gone }
}

const created = (event: WriteEvent): StoodCustomer => {
  const own = event.values.find((v) => v.key === 'customer') ?? { value: null, erased: true }
  const children = (record: ChildRecordName): StoodChild[] =>
    event.values.flatMap((v) =>
      v.field === record && v.recordId !== null ? [{ id: v.recordId, ...whole(childFields[record], v) }] : [],
    )
  return {
    version: 0,
    own: whole(customerFields, own),
    children: {
      bankAccounts: children('bankAccounts'),
      addresses: children('addresses'),
      contacts: children('contacts'),
    },
  }
}

/** What was written. Each place is written once in an event, so that their order says nothing. */
const written = (event: WriteEvent): readonly LoggedValue[] => event.values.filter(({ key }) => key.startsWith('to.'))

const withWrite = (stood: StoodCustomer, written: LoggedValue): StoodCustomer => {
  const field = findField(written.field)
  if (field === undefined) return stood
  const { record, property } = field
  const { recordId: id, value, erased } = written
  if (record === 'customer')
    return property === null ? stood : { ...stood, own: withValue(stood.own, property, value, erased) }
  if (id === null) return stood
  const list = stood.children[record]
  const rest = (): StoodChild[] => list.filter((c) => c.id !== id)
  const removed = value === null && (!erased || list.some((c) => c.id === id))
  const next =
    property !== null
      ? list.map((c) => (c.id === id ? withValue(c, property, value, erased) : c))
      : removed
        ? rest()
        : [...rest(), { id, ...whole(childFields[record], written) }]
  return { ...stood, children: { ...stood.children, [record]: next } }
}

const versionOf = ({ data }: WriteEvent, before: number): number => {
  const version = data.version ?? data.customerVersion
  return typeof version === 'number' ? version : before
}

/**
 * The record after one more event of its log. Events come in the order of the log; before the creation there is no record (null).
 * A whole record whose value was erased was removed if it was there, else added.
 */
export const afterWrite = (before: StoodCustomer | null, event: WriteEvent): StoodCustomer | null => {
  if (event.type !== 'CustomerCreated' && before === null) return null
  const next =
    event.type === 'CustomerCreated' || before === null ? created(event) : written(event).reduce(withWrite, before)
  return { ...next, version: versionOf(event, next.version) }
}

const codeOf = ({ values }: Stood): string => String(values.code ?? '')

/** Child records with what they are, each kind by its codes: in which order they were made at once the log does not tell. */
export const stoodChildren = (
  stood: StoodCustomer,
): readonly (Stood & { readonly record: ChildRecordName; readonly code: string })[] =>
  childRecords.flatMap((record) =>
    stood.children[record]
      .map(({ values, erased }) => ({ record, code: codeOf({ values, erased }), values, erased }))
      .sort((a, b) => (a.code < b.code ? -1 : a.code > b.code ? 1 : 0)),
  )
