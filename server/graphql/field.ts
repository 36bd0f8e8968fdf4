// The field catalogue as the API shows it, and values with the field that says how they read.
import { builder } from './builder.ts'
import { companyByCode } from './company.ts'
import { displayValue } from './display.ts'
import { CustomerFieldRef, FieldValueRef, type ValueModel } from './refs.ts'
import type { Company, ReferenceValue } from '../domain/company.ts'
import { catalogue, type CatalogueField, type ReferenceKind as Kind } from '../domain/fields.ts'
import { approvalEnabled, isGoverned } from '../domain/governance.ts'
import type { Value } from '../domain/values.ts'
import { maskValue } from '../domain/visibility.ts'

export const FieldType = builder.enumType('FieldType', {
  description: 'What a field holds: enough to choose its control in a form.',
  values: {
    TEXT: { description: 'Free text.' },
    DECIMAL: { description: 'An exact number with `scale` digits behind the point.' },
    INTEGER: { description: 'A whole number.' },
    BOOLEAN: { description: 'Yes or no.' },
    DATE: { description: 'A day, e.g. 2026-11-22.' },
    REFERENCE: { description: "The code of one of the company's reference values of `referenceKind`." },
    CUSTOMER: { description: 'The account of a customer of the same company.' },
    BANK_ACCOUNT: { description: "The code of one of the customer's own bank accounts." },
    CURRENCY: { description: 'An ISO 4217 code, e.g. EUR.' },
    COUNTRY: { description: 'An ISO 3166 code of two letters, e.g. DE.' },
    LANGUAGE: { description: 'A language tag, e.g. en-US.' },
    EMAIL: { description: 'An e-mail address.' },
    PHONE: { description: 'A phone number.' },
    URL: { description: 'An address on the web.' },
    IBAN: { description: 'An international bank account number, without blanks.' },
    BIC: { description: 'The code of a bank, 8 or 11 characters.' },
    ENUM: { description: 'One of `options`.' },
    RECORD: { description: 'A whole child record, e.g. a bank account: its values are objects.' },
  } as const,
})

export const ReferenceKind = builder.enumType('ReferenceKind', {
  description: 'The lists of codes that a company keeps.',
  values: {
    CUSTOMER_GROUP: { description: 'Groups that customers are sorted into.' },
    PAYMENT_TERMS: { description: 'When an invoice is due.' },
    METHOD_OF_PAYMENT: { description: 'How a customer pays.' },
    PAYMENT_SPECIFICATION: { description: 'Details of a method of payment.' },
    CASH_DISCOUNT: { description: 'Discounts for paying early.' },
    SALES_TAX_GROUP: { description: 'Which taxes apply to sales.' },
    DELIVERY_TERMS: { description: 'Who bears cost and risk of a delivery.' },
    DELIVERY_MODE: { description: 'How goods are sent.' },
  } as const satisfies Record<Kind, { description: string }>,
})

export const ReferenceValueRef = builder.objectRef<ReferenceValue>('ReferenceValue').implement({
  description: 'A code of a company with its name, e.g. N030 "Net 30 days".',
  fields: (t) => ({
    code: t.exposeString('code', { description: 'What inputs take.' }),
    name: t.exposeString('name', { description: 'What a person reads.' }),
    active: t.exposeBoolean('active', {
      description: 'False: records that have it keep it, but it cannot be chosen any more.',
    }),
  }),
})

const FieldOption = builder.objectRef<{ readonly value: string; readonly label: string }>('FieldOption').implement({
  description: 'One choice of a field of type ENUM.',
  fields: (t) => ({
    value: t.exposeString('value', { description: 'What inputs take.' }),
    label: t.exposeString('label', { description: 'What a person reads.' }),
  }),
})

CustomerFieldRef.implement({
  description: 'One entry of the field catalogue: enough to draw a form without knowing the fields beforehand.',
  fields: (t) => ({
    name: t.string({
      description:
        'Its name everywhere in the API: creditLimit, bankAccounts.iban, or bankAccounts for the record as a whole.',
      resolve: ({ field }) => field.name,
    }),
    label: t.string({ description: 'What a form writes beside it.', resolve: ({ field }) => field.label }),
    description: t.string({
      nullable: true,
      description: 'What it means, where the label does not say it.',
      resolve: ({ field }) => field.def?.description ?? null,
    }),
    record: t.string({
      description: 'The record that it belongs to: customer, bankAccounts, addresses or contacts.',
      resolve: ({ field }) => field.record,
    }),
    group: t.string({ description: 'Heading under which a form shows it.', resolve: ({ field }) => field.group }),
    order: t.int({ description: 'Its place in forms, over all groups.', resolve: ({ field }) => field.order }),
    type: t.field({
      type: FieldType,
      description: 'What it holds.',
      resolve: ({ field }) => field.def?.type ?? 'RECORD',
    }),
    referenceKind: t.field({
      type: ReferenceKind,
      nullable: true,
      description: 'Of type REFERENCE: which list its codes are from.',
      resolve: ({ field }) => field.def?.referenceKind ?? null,
    }),
    options: t.field({
      type: [FieldOption],
      nullable: true,
      description: 'Of type ENUM: its choices.',
      resolve: ({ field }) => (field.def?.options ? [...field.def.options] : null),
    }),
    required: t.boolean({ description: 'It cannot be cleared.', resolve: ({ field }) => field.def?.required ?? false }),
    initial: t.field({
      type: 'JSON',
      nullable: true,
      description:
        'The value of a new record that does not name it. Null: it begins empty, and a new record has to name it if it is required.',
      resolve: ({ field }) => field.def?.initial ?? null,
    }),
    maxLength: t.int({
      nullable: true,
      description: 'Of texts: most characters.',
      resolve: ({ field }) => field.def?.maxLength ?? null,
    }),
    scale: t.int({
      nullable: true,
      description: 'Of type DECIMAL: digits behind the point.',
      resolve: ({ field }) => field.def?.scale ?? null,
    }),
    minimum: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'Of numbers: the smallest allowed.',
      resolve: ({ field }) => field.def?.minimum ?? null,
    }),
    sensitive: t.boolean({
      description: 'Bank or tax data: null and marked masked for who may not see it.',
      resolve: ({ field }) => field.sensitive,
    }),
    governable: t.boolean({
      description: 'A company may put it under approval.',
      resolve: ({ field }) => field.governable,
    }),
    approvalEnabled: t.boolean({
      description:
        "The switch of this company: it has put the field under approval, whether or not the company's approvals are enabled now.",
      resolve: ({ company, field }) => approvalEnabled(company, field.name),
    }),
    requiresApproval: t.boolean({
      description:
        'Edits of it become proposed changes now: the company has put it under approval and its approvals are enabled. Of a record as a whole: one of its fields does, so that adding and removing takes approval.',
      resolve: ({ company, field }) => isGoverned(company, field.name),
    }),
    atomicGroup: t.string({
      nullable: true,
      description: 'Fields with the same value here make sense only together.',
      resolve: ({ field }) => field.def?.atomicGroup ?? null,
    }),
    d365Name: t.string({
      nullable: true,
      description: 'Its name in the data entities of Microsoft Dynamics 365 Finance.',
      resolve: ({ field }) => field.def?.d365Name ?? null,
    }),
  }),
})

FieldValueRef.implement({
  description: 'A value of a field, for programs and for people.',
  fields: (t) => ({
    field: t.field({
      type: CustomerFieldRef,
      description: 'The field that it is a value of.',
      resolve: (value) => value,
    }),
    raw: t.field({
      type: 'JSON',
      nullable: true,
      description:
        'The value itself: decimals as text, references as codes, a whole record as an object. Null: no value, or masked.',
      resolve: ({ value }) => value,
    }),
    display: t.string({
      nullable: true,
      description: 'As a person reads it, in English.',
      resolve: ({ company, field, value }) => displayValue(company, field, value),
    }),
    masked: t.exposeBoolean('masked', {
      description:
        'Something of it is hidden because you may not see bank and tax data: the value, or parts of a record.',
    }),
  }),
})

/** A value as the viewer may see it. */
export const valueModel = (company: Company, field: CatalogueField, value: Value, clear: boolean): ValueModel => ({
  company,
  field,
  ...(clear ? { value, masked: false } : maskValue(field, value)),
})

builder.queryFields((t) => ({
  customerFields: t.field({
    type: [CustomerFieldRef],
    nullable: true,
    complexity: { field: 10, multiplier: 3 },
    description: 'The field catalogue: every field of a customer and its child records, in the order of the forms.',
    args: { company: t.arg.string({ required: true, description: 'Code of the company.' }) },
    resolve: async (_root, args, context) => {
      const company = await companyByCode(context, args.company)
      return company === null ? null : catalogue.map((field) => ({ company, field }))
    },
  }),
  referenceValues: t.field({
    type: [ReferenceValueRef],
    nullable: true,
    description: 'The codes of one list, by name: those that can be chosen now, or all that there have ever been.',
    args: {
      company: t.arg.string({ required: true, description: 'Code of the company.' }),
      kind: t.arg({ type: ReferenceKind, required: true, description: 'Which list.' }),
      includeInactive: t.arg.boolean({
        defaultValue: false,
        description: 'With those that are retired: records that have one keep it, and it can be taken back into use.',
      }),
    },
    resolve: async (_root, args, context) => {
      const company = await companyByCode(context, args.company)
      if (company === null) return null
      const values = company.references.get(args.kind)?.values() ?? []
      return [...values]
        .filter((value) => value.active || args.includeInactive === true)
        .sort((a, b) => a.name.localeCompare(b.name) || a.code.localeCompare(b.code))
    },
  }),
}))
