// Changes as conditions see them: a member for each catalogue field, there whether the field changed or not.
import type { Customer } from '../customer.ts'
import { bounded, decimal, Decimal } from '../decimal.ts'
import type { Person } from '../directory.ts'
import { childRecords, customerFields } from '../fields.ts'
import type { ChildRecordName, FieldDef } from '../fields.ts'
import type { Change } from '../proposal.ts'
import type { RecordValue, Scalar, Value } from '../values.ts'
import { children, childTypes, kindOf, member, propertiesOf, scalars, structure, valueOf } from './condition-records.ts'
import type { Member, Structure, StructureOf } from './condition-records.ts'

export type ConditionInput = {
  readonly customer: Customer
  /** The customer as it would stand with all changes. */
  readonly proposed: Customer
  readonly changes: readonly Change[]
  readonly submitter: Person
  /** Names of the groups that the submitter belongs to. */
  readonly submitterGroups: readonly string[]
  /** RFC 3339. */
  readonly now: string
}

const numberOf = (value: Value | undefined): Decimal =>
  typeof value === 'string' || typeof value === 'number' ? decimal(String(value)) : new Decimal(0)

type FieldChange = { readonly def: FieldDef; readonly change: Change | undefined; readonly current: Scalar }
const before = ({ change, current }: FieldChange): Value => (change ? change.base : current)
const after = ({ change, current }: FieldChange): Value => (change ? change.proposed : current)

/** A rise from nothing has no percentage; it counts as this much, so that "more than 20 %" holds and "less than 5 %" does not. */
const fromNothing = new Decimal('1000000000000')
const percentOf = (base: Decimal, proposed: Decimal): Decimal => {
  const delta = proposed.minus(base)
  if (!base.eq(0)) return bounded(delta.times(100).div(base.abs()))
  return delta.eq(0) ? delta : delta.gt(0) ? fromNothing : fromNothing.neg()
}

const changeKinds = {
  Decimal: 'DecimalChange',
  int: 'IntegerChange',
  bool: 'BooleanChange',
  string: 'TextChange',
} as const
const fieldChangeStructure = (kind: keyof typeof changeKinds, nullable: boolean): StructureOf<FieldChange> => {
  const members = new Map<string, Member<FieldChange>>([
    ['changed', member('bool', ({ change }) => change !== undefined)],
    ['base', member(kind, (field) => valueOf(field.def, before(field)), nullable)],
    ['proposed', member(kind, (field) => valueOf(field.def, after(field)), nullable)],
  ])
  if (kind === 'Decimal' || kind === 'int') {
    // An empty number counts as 0 here: neither member is ever null.
    members.set(
      'delta',
      member('Decimal', (field) => numberOf(after(field)).minus(numberOf(before(field)))),
    )
    members.set(
      'percent',
      member('Decimal', (field) => percentOf(numberOf(before(field)), numberOf(after(field)))),
    )
  }
  return structure(`${nullable ? 'Optional' : ''}${changeKinds[kind]}`, members)
}
const fieldChanges = new Map<string, StructureOf<FieldChange>>()
const fieldChangeOf = (def: FieldDef): StructureOf<FieldChange> => {
  const nullable = def.required !== true
  const key = `${kindOf(def)} ${nullable}`
  const known = fieldChanges.get(key)
  if (known) return known
  const made = fieldChangeStructure(kindOf(def), nullable)
  fieldChanges.set(key, made)
  return made
}

// Changes of child records: whether anything changed, which were added and removed, and which of their fields are touched.
const childFieldChange = structure<boolean>(
  'ChildFieldChange',
  new Map([['changed', member<boolean>('bool', (changed) => changed)]]),
)

const recordValues = (value: Value): RecordValue[] => (value !== null && typeof value === 'object' ? [value] : [])
/** Adding or removing a record changes each of its fields that holds something. */
const touches = (change: Change, field: string, property: string): boolean =>
  change.operation === 'SET'
    ? change.field === field
    : recordValues(change.operation === 'ADD' ? change.proposed : change.base).some(
        (values) => (values[property] ?? null) !== null,
      )

const recordChangeStructure = (record: ChildRecordName): StructureOf<readonly Change[]> => {
  const listed = (operation: 'ADD' | 'REMOVE') =>
    member<readonly Change[]>(`list<${childTypes[record]}>`, (changes) =>
      changes
        .filter((change) => change.operation === operation)
        .flatMap((change) => recordValues(operation === 'ADD' ? change.proposed : change.base))
        .map((values) => children[record].of(values)),
    )
  return structure(
    `${childTypes[record]}Changes`,
    new Map([
      ['changed', member<readonly Change[]>('bool', (changes) => changes.length > 0)],
      ['added', listed('ADD')],
      ['removed', listed('REMOVE')],
      ...propertiesOf(record).map(
        ([property]) =>
          [
            property,
            member<readonly Change[]>('ChildFieldChange', (changes) =>
              childFieldChange.of(changes.some((change) => touches(change, `${record}.${property}`, property))),
            ),
          ] as const,
      ),
    ]),
  )
}

const recordChanges = {
  bankAccounts: recordChangeStructure('bankAccounts'),
  addresses: recordChangeStructure('addresses'),
  contacts: recordChangeStructure('contacts'),
}

export const changesStructure = structure<ConditionInput>(
  'Changes',
  new Map([
    [
      'fields',
      member<ConditionInput>('list<string>', ({ changes }) => [...new Set(changes.map((change) => change.field))]),
    ],
    ...Object.entries<FieldDef>(customerFields).map(([name, def]) => {
      const of = fieldChangeOf(def)
      return [
        name,
        member<ConditionInput>(of.name, ({ customer, changes }) => {
          const change = changes.find((each) => each.record === 'customer' && each.field === name)
          return of.of({ def, change, current: scalars(customer)[name] ?? null })
        }),
      ] as const
    }),
    ...childRecords.map((record) => {
      const of = recordChanges[record]
      return [
        record,
        member<ConditionInput>(of.name, ({ changes }) => of.of(changes.filter((change) => change.record === record))),
      ] as const
    }),
  ]),
)

export const changeStructures: readonly Structure[] = [
  changesStructure,
  childFieldChange,
  ...fieldChanges.values(),
  ...Object.values(recordChanges),
]
