// Bank accounts, addresses and contacts: types and inputs that follow from the catalogue.
import type { InputFieldMap, InputRef } from '@pothos/core'
import { builder } from './builder.ts'
import { seesSensitive } from './context.ts'
import { encodeId, type NodeType } from './ids.ts'
import { AddressRef, BankAccountRef, ContactRef, NodeRef, type ChildModel } from './refs.ts'
import {
  addressFields,
  bankAccountFields,
  childFields,
  contactFields,
  customerFields,
  type ChildRecordName,
  type FieldDef,
  type PatchOf,
} from '../domain/fields.ts'

export const scalarOf = (def: FieldDef): 'Int' | 'Boolean' | 'Decimal' | 'String' =>
  def.type === 'INTEGER' ? 'Int' : def.type === 'BOOLEAN' ? 'Boolean' : def.type === 'DECIMAL' ? 'Decimal' : 'String'

/** What a field's description says of it: label, meaning, bounds and choices. */
export const describeField = (def: FieldDef): string => {
  const parts = [`${def.label}.`]
  if (def.description) parts.push(def.description)
  if (def.referenceKind) parts.push(`A code of ${def.referenceKind}.`)
  if (def.options) parts.push(`One of ${def.options.map((o) => o.value).join(', ')}.`)
  if (def.sensitive) parts.push('Sensitive: masked for who may not see it.')
  return parts.join(' ')
}

export const childTypeNames = {
  bankAccounts: 'BankAccount',
  addresses: 'Address',
  contacts: 'Contact',
} as const satisfies Record<ChildRecordName, NodeType>

const childDescriptions = {
  bankAccounts: "A customer's bank account.",
  addresses: "A customer's address.",
  contacts: 'A person to talk to at a customer.',
} as const satisfies Record<ChildRecordName, string>

const childRefs = { bankAccounts: BankAccountRef, addresses: AddressRef, contacts: ContactRef } as const

const implementChild = (record: ChildRecordName): void => {
  // The three differ in their values only, which the catalogue types; here they are one.
  const ref = childRefs[record] as typeof BankAccountRef
  const defs = Object.entries<FieldDef>(childFields[record])
  ref.implement({
    description: childDescriptions[record],
    interfaces: [NodeRef],
    fields: (t) => ({
      id: t.id({
        description: 'Node id; what changes and removals of it name.',
        resolve: ({ companyId, customerId, child }) =>
          encodeId(childTypeNames[record], companyId, customerId, child.id),
      }),
      ...Object.fromEntries(
        defs.map(([property, def]) => [
          property,
          t.field({
            type: scalarOf(def),
            nullable: def.required !== true || def.sensitive === true,
            description: describeField(def),
            resolve: ({ companyId, child }, _args, context) =>
              (def.sensitive && !seesSensitive(context, companyId)
                ? null
                : child.values[property as keyof typeof child.values]) as never,
          }),
        ]),
      ),
      maskedFields: t.stringList({
        description: 'Names of the fields that are null here because you may not see them.',
        resolve: ({ companyId }, _args, context) =>
          seesSensitive(context, companyId) ? [] : defs.flatMap(([property, def]) => (def.sensitive ? [property] : [])),
      }),
    }),
  })
}
implementChild('bankAccounts')
implementChild('addresses')
implementChild('contacts')

export const childModel = <R extends ChildRecordName>(
  companyId: string,
  customerId: string,
  record: R,
  child: ChildModel<R>['child'],
): ChildModel<R> => ({ companyId, customerId, record, child })

const fieldsInput = <C extends Record<string, FieldDef>>(
  name: string,
  description: string,
  defs: C,
): InputRef<PatchOf<C>> =>
  builder.inputRef<PatchOf<C>, false>(name).implement({
    description: `${description} A field that is left out stays as it is; null clears it.`,
    fields: (t) =>
      Object.fromEntries(
        Object.entries<FieldDef>(defs).map(([property, def]) => [
          property,
          t.field({ type: scalarOf(def), description: describeField(def) }),
        ]),
      ) as InputFieldMap as never,
  })

export const CustomerFieldsInput = fieldsInput('CustomerFieldsInput', 'Fields of a customer.', customerFields)
const BankAccountFieldsInput = fieldsInput('BankAccountFieldsInput', 'Fields of a bank account.', bankAccountFields)
const AddressFieldsInput = fieldsInput('AddressFieldsInput', 'Fields of an address.', addressFields)
const ContactFieldsInput = fieldsInput('ContactFieldsInput', 'Fields of a contact.', contactFields)
export const childFieldsInputs = {
  bankAccounts: BankAccountFieldsInput,
  addresses: AddressFieldsInput,
  contacts: ContactFieldsInput,
} as const

/** Changes to a customer's children of one kind, ids as the API gives them. */
export type ChildChanges<R extends ChildRecordName> = {
  add?: PatchOf<(typeof childFields)[R]>[] | null
  change?: { id: string; set: PatchOf<(typeof childFields)[R]> }[] | null
  remove?: string[] | null
}

const changesInput = <R extends ChildRecordName>(record: R, one: string, many: string) => {
  const name = childTypeNames[record]
  const fields = childFieldsInputs[record] as unknown as InputRef<PatchOf<(typeof childFields)[R]>>
  const change = builder.inputRef<{ id: string; set: PatchOf<(typeof childFields)[R]> }, false>(`${name}ChangeInput`)
  change.implement({
    description: `Changes one ${one}.`,
    fields: (t) =>
      ({
        id: t.id({
          required: true,
          description: `Its id; also that of one that is only proposed (recordId of its change).`,
        }),
        set: t.field({ type: fields, required: true, description: 'What to set.' }),
      }) as never,
  })
  return builder.inputRef<ChildChanges<R>, false>(`${name}ChangesInput`).implement({
    description: `What is to happen to the customer's ${many}; those that are not named stay as they are.`,
    fields: (t) =>
      ({
        add: t.field({
          type: [fields],
          description: `New ones. Each needs a code that is unique within the customer.`,
        }),
        change: t.field({ type: [change], description: 'Those of which some fields change.' }),
        remove: t.idList({ description: 'Ids of those to remove.' }),
      }) as never,
  })
}
export const childChangesInputs = {
  bankAccounts: changesInput('bankAccounts', 'bank account', 'bank accounts'),
  addresses: changesInput('addresses', 'address', 'addresses'),
  contacts: changesInput('contacts', 'contact', 'contacts'),
} as const
