// Records as conditions see them: structures whose every member is typed by the field catalogue.
import type { Customer } from '../customer.ts'
import { decimal } from '../decimal.ts'
import { childFields, childRecords, customerFields } from '../fields.ts'
import type { ChildRecordName, FieldDef } from '../fields.ts'
import { sameValue, type RecordValue, type Scalar, type Value } from '../values.ts'

export type Member<S> = { readonly type: string; readonly nullable: boolean; readonly read: (source: S) => unknown }
export type Structure = {
  readonly name: string
  readonly ctor: new (source: never) => object
  readonly members: ReadonlyMap<string, { readonly type: string; readonly nullable: boolean }>
}
export type StructureOf<S> = Structure & {
  readonly of: (source: S) => object
  /** What a view was made of. */
  readonly read: (view: unknown) => S | undefined
}

const from = Symbol('from')

/** Makes a structure of members that read the domain's own values: nothing is copied that no condition reads. */
export const structure = <S>(name: string, members: ReadonlyMap<string, Member<S>>): StructureOf<S> => {
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
  return {
    name,
    ctor: View,
    members,
    of: (source) => new View(source),
    read: (view) => (view instanceof View ? (view[from] as S) : undefined),
  }
}

export const member = <S>(type: string, read: (source: S) => unknown, nullable = false): Member<S> => ({
  type,
  read,
  nullable,
})

export const kindOf = (def: FieldDef): 'Decimal' | 'int' | 'bool' | 'string' => {
  if (def.type === 'DECIMAL') return 'Decimal'
  if (def.type === 'INTEGER') return 'int'
  return def.type === 'BOOLEAN' ? 'bool' : 'string'
}
/** CEL's integers are bigints. */
export const valueOf = (def: FieldDef, value: Value | undefined): unknown => {
  if (value === null || value === undefined || typeof value === 'object') return null
  if (def.type === 'DECIMAL') return decimal(String(value))
  return def.type === 'INTEGER' ? BigInt(value) : value
}
export const childTypes = { bankAccounts: 'BankAccount', addresses: 'Address', contacts: 'Contact' } as const
export const propertiesOf = (record: ChildRecordName): [string, FieldDef][] =>
  Object.entries<FieldDef>(childFields[record])

const fieldMember = <S>(def: FieldDef, read: (source: S) => Value | undefined): Member<S> =>
  member(kindOf(def), (source) => valueOf(def, read(source)), def.required !== true)

const childStructure = (record: ChildRecordName): StructureOf<RecordValue> =>
  structure(
    childTypes[record],
    new Map(propertiesOf(record).map(([name, def]) => [name, fieldMember<RecordValue>(def, (values) => values[name])])),
  )
export const children = {
  bankAccounts: childStructure('bankAccounts'),
  addresses: childStructure('addresses'),
  contacts: childStructure('contacts'),
}

export const scalars = (customer: Customer): Readonly<Record<string, Scalar>> => customer.values
export const customerStructure = structure<Customer>(
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

export const recordStructures: readonly Structure[] = [customerStructure, ...Object.values(children)]

/** Two child records of conditions are equal when their values are. */
export const sameRecord = (a: unknown, b: unknown): boolean =>
  Object.values(children).some((of) => {
    const [left, right] = [of.read(a), of.read(b)]
    return left !== undefined && right !== undefined && sameValue(left, right)
  })
