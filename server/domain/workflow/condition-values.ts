// What conditions see (DOMAIN section 5): `customer`, `proposed`, `changes`, `submitter`, `source`, `now` as structures whose
// every member is typed. Members are getters over the domain's own values: nothing is copied that no condition reads.
import { decimal, Decimal, bounded } from '../decimal.ts'
import { childFields, childRecords, customerFields } from '../fields.ts'
import type { ChildRecordName, FieldDef } from '../fields.ts'
import type { Customer } from '../customer.ts'
import type { Person } from '../directory.ts'
import type { Change, ChangeSource } from '../proposal.ts'
import type { RecordValue, Scalar, Value } from '../values.ts'

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

type Member<S> = { readonly type: string; readonly nullable: boolean; readonly read: (source: S) => unknown }
export type Structure = {
  readonly name: string
  readonly ctor: new (source: never) => object
  readonly members: ReadonlyMap<string, { readonly type: string; readonly nullable: boolean }>
}
type StructureOf<S> = Structure & { readonly of: (source: S) => object }

const from = Symbol('from')
const structures: Structure[] = []

const structure = <S>(name: string, members: ReadonlyMap<string, Member<S>>): StructureOf<S> => {
  class View {
    readonly [from]: S
    constructor(source: S) {
      this[from] = source
    }
  }
  for (const [member, { read }] of members) {
    Object.defineProperty(View.prototype, member, {
      get(this: View) {
        return read(this[from])
      },
    })
  }
  const made = { name, ctor: View, members, of: (source: S) => new View(source) }
  structures.push(made)
  return made
}

const member = <S>(type: string, read: (source: S) => unknown, nullable = false): Member<S> => ({ type, read, nullable })

const kindOf = (def: FieldDef): 'Decimal' | 'int' | 'bool' | 'string' => {
  if (def.type === 'DECIMAL') return 'Decimal'
  if (def.type === 'INTEGER') return 'int'
  return def.type === 'BOOLEAN' ? 'bool' : 'string'
}
/** CEL's integers are bigints. */
const valueOf = (def: FieldDef, value: Value | undefined): unknown => {
  if (value === null || value === undefined || typeof value === 'object') return null
  if (def.type === 'DECIMAL') return decimal(String(value))
  return def.type === 'INTEGER' ? BigInt(value) : value
}
const numberOf = (value: Value | undefined): Decimal =>
  typeof value === 'string' || typeof value === 'number' ? decimal(String(value)) : new Decimal(0)

// Records.
const childTypes = { bankAccounts: 'BankAccount', addresses: 'Address', contacts: 'Contact' } as const
const propertiesOf = (record: ChildRecordName): [string, FieldDef][] => Object.entries<FieldDef>(childFields[record])

const fieldMember = <S>(def: FieldDef, read: (source: S) => Value | undefined): Member<S> =>
  member(kindOf(def), (source) => valueOf(def, read(source)), def.required !== true)

const childStructure = (record: ChildRecordName): StructureOf<RecordValue> =>
  structure(
    childTypes[record],
    new Map(propertiesOf(record).map(([name, def]) => [name, fieldMember<RecordValue>(def, (values) => values[name])])),
  )
const children = {
  bankAccounts: childStructure('bankAccounts'),
  addresses: childStructure('addresses'),
  contacts: childStructure('contacts'),
}

const scalars = (customer: Customer): { readonly [field: string]: Scalar } => customer.values
const customerStructure = structure<Customer>(
  'Customer',
  new Map([
    ['account', member<Customer>('string', (customer) => customer.account)],
    ...Object.entries<FieldDef>(customerFields).map(
      ([name, def]) => [name, fieldMember<Customer>(def, (customer) => scalars(customer)[name])] as const,
    ),
    ...childRecords.map(
      (record) =>
        [
          record,
          member<Customer>(`list<${childTypes[record]}>`, (customer) =>
            customer.children[record].map((child) => children[record].of(child.values)),
          ),
        ] as const,
    ),
  ]),
)

// Changes of customer fields.
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

const changeKinds = { Decimal: 'DecimalChange', int: 'IntegerChange', bool: 'BooleanChange', string: 'TextChange' } as const
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
const childFieldChange = structure<boolean>('ChildFieldChange', new Map([['changed', member<boolean>('bool', (changed) => changed)]]))

const recordValues = (value: Value): RecordValue[] => (value !== null && typeof value === 'object' ? [value] : [])
/** Adding or removing a record changes each of its fields that holds something. */
const touches = (change: Change, field: string, property: string): boolean =>
  change.operation === 'SET'
    ? change.field === field
    : recordValues(change.operation === 'ADD' ? change.proposed : change.base).some((values) => (values[property] ?? null) !== null)

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

const changesStructure = structure<ConditionInput>(
  'Changes',
  new Map([
    ['fields', member<ConditionInput>('list<string>', ({ changes }) => [...new Set(changes.map((change) => change.field))])],
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
      const of = recordChangeStructure(record)
      return [
        record,
        member<ConditionInput>(of.name, ({ changes }) => of.of(changes.filter((change) => change.record === record))),
      ] as const
    }),
  ]),
)

type PersonInGroups = { readonly person: Person; readonly groups: readonly string[] }
const personStructure = structure<PersonInGroups>(
  'Person',
  new Map([
    ['id', member<PersonInGroups>('string', ({ person }) => person.id)],
    ['name', member<PersonInGroups>('string', ({ person }) => person.name)],
    ['email', member<PersonInGroups>('string', ({ person }) => person.email, true)],
    ['kind', member<PersonInGroups>('string', ({ person }) => person.kind)],
    ['roles', member<PersonInGroups>('list<string>', ({ person }) => person.roles)],
    ['groups', member<PersonInGroups>('list<string>', ({ groups }) => groups)],
  ]),
)

/** One word for a mixed proposal: who is least a person at the screen gives it. */
const sourceOf = (changes: readonly Change[]): ChangeSource =>
  changes.some((change) => change.source === 'INTEGRATION')
    ? 'INTEGRATION'
    : changes.some((change) => change.source === 'IMPORT')
      ? 'IMPORT'
      : 'PERSON'

export const conditionStructures: readonly Structure[] = structures
export const conditionVariables: ReadonlyMap<string, string> = new Map([
  ['customer', 'Customer'],
  ['proposed', 'Customer'],
  ['changes', 'Changes'],
  ['submitter', 'Person'],
  ['source', 'string'],
  ['now', 'google.protobuf.Timestamp'],
])
export const managerVariables: ReadonlyMap<string, string> = new Map([['manager', 'Person']])

class ConditionContext {
  readonly customer: object
  readonly proposed: object
  readonly changes: object
  readonly submitter: object
  readonly #input: ConditionInput
  constructor(input: ConditionInput) {
    this.#input = input
    this.customer = customerStructure.of(input.customer)
    this.proposed = customerStructure.of(input.proposed)
    this.changes = changesStructure.of(input)
    this.submitter = personStructure.of({ person: input.submitter, groups: input.submitterGroups })
  }
  get source(): ChangeSource {
    return sourceOf(this.#input.changes)
  }
  get now(): Date {
    return new Date(this.#input.now)
  }
}

const contexts = new WeakMap<ConditionInput, ConditionContext>()
/** The variables of a condition over this input; made once per input object. */
export const conditionContext = (input: ConditionInput): object => {
  const known = contexts.get(input)
  if (known) return known
  const made = new ConditionContext(input)
  contexts.set(input, made)
  return made
}
export const managerContext = (person: Person, groups: readonly string[]): object => ({
  manager: personStructure.of({ person, groups }),
})
