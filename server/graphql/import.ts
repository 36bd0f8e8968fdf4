// Imports of a few hundred rows in one call: each row has an outcome of its own.
import { builder } from './builder.ts'
import { childFieldsInputs, CustomerFieldsInput } from './children.ts'
import { attempt, keyDescription, present, resultUnion } from './commands.ts'
import { companyIdOf, companyOf, seesSensitive, type Context } from './context.ts'
import { problemsOf, UserErrorItem, type Said } from './error-codes.ts'
import { valueModel } from './field.ts'
import { CustomerFieldRef, FieldValueRef, ProposalRef, type FieldModel, type ValueModel } from './refs.ts'
import type { Company } from '../domain/company.ts'
import { findField } from '../domain/fields.ts'
import type { PlannedValue } from '../domain/planned-values.ts'
import type { Value } from '../domain/values.ts'
import { importCustomers, type ImportAnswer, type RowResult } from '../services/imports.ts'
import { keyText } from '../store/prepared.ts'

export const RowOutcome = builder.enumType('RowOutcome', {
  description: 'What became of a row of an import.',
  values: {
    CREATED: { description: 'A new customer was made.' },
    UPDATED: { description: 'The customer was written.' },
    PROPOSED: { description: 'Changes were proposed; fields that are not governed were written.' },
    UNCHANGED: { description: 'All of it was there, or proposed, already.' },
    REFUSED: { description: 'Not taken: see the errors.' },
    INVALID: { description: 'Not usable as it is: see the errors.' },
  } as const satisfies Record<RowResult['outcome'], { description: string }>,
})

/** `said`: what is wrong with a row of a file, where there is no input that a place could be in. */
export type RowModel = Omit<RowResult, 'account' | 'values'> & {
  readonly companyId: string
  readonly account: string | null
  readonly said?: readonly Said[]
  /** The values that it would write or propose; null: it is no plan any more. */
  readonly values?: () => Promise<readonly PlannedValue[] | null>
}

type PlannedModel = { readonly companyId: string; readonly value: PlannedValue }
const namedField = (company: Company, name: string): FieldModel => {
  const field = findField(name)
  if (field === undefined) throw new Error('a plan names a field that the catalogue does not hold')
  return { company, field }
}
const shown = async (context: Context, companyId: string, name: string, value: Value): Promise<ValueModel> => {
  const { company, field } = namedField(await companyOf(context, companyId), name)
  return valueModel(company, field, value, seesSensitive(context, companyId))
}
const PlannedValueRef = builder.objectRef<PlannedModel>('PlannedValue').implement({
  description: 'A value that a row of an import would write or propose.',
  fields: (t) => ({
    field: t.field({
      type: CustomerFieldRef,
      description: 'The field; for a child record that would be added, the record as a whole.',
      resolve: async ({ companyId, value }, _args, context) =>
        namedField(await companyOf(context, companyId), value.field),
    }),
    code: t.string({
      nullable: true,
      description: 'Code of the child record; null: it is of the customer itself.',
      resolve: ({ value }) => value.code,
    }),
    current: t.field({
      type: FieldValueRef,
      nullable: true,
      description: 'The value of the record now; null: the customer or the child record is not there yet.',
      resolve: ({ companyId, value }, _args, context) =>
        value.isThere ? shown(context, companyId, value.field, value.current) : null,
    }),
    planned: t.field({
      type: FieldValueRef,
      description: 'The value that it would have.',
      resolve: ({ companyId, value }, _args, context) => shown(context, companyId, value.field, value.planned),
    }),
    proposed: t.boolean({
      description: 'It would be proposed, for others to approve; false: it would be written.',
      resolve: ({ value }) => value.proposed,
    }),
  }),
})

export const ImportRow = builder.objectRef<RowModel>('ImportRow').implement({
  description: 'A row of an import, and what became of it.',
  fields: (t) => ({
    row: t.exposeInt('row', { description: 'Its place in the call or the file, from 1; a header does not count.' }),
    account: t.exposeString('account', { nullable: true, description: 'The account that it names.' }),
    outcome: t.field({ type: RowOutcome, description: 'What became of it.', resolve: ({ outcome }) => outcome }),
    written: t.stringList({
      description: 'Names of the fields that were written.',
      resolve: ({ written }) => [...written],
    }),
    proposed: t.stringList({
      description: 'Names of the fields that were proposed.',
      resolve: ({ proposed }) => [...proposed],
    }),
    values: t.field({
      type: [PlannedValueRef],
      nullable: true,
      complexity: { field: 20, multiplier: 5 },
      description:
        'Of a plan: the values that the row would write or propose, beside those that the record has now. Null: it has been carried out, or there is no plan yet.',
      resolve: async ({ companyId, values }) => (await values?.())?.map((value) => ({ companyId, value })) ?? null,
    }),
    proposal: t.field({
      type: ProposalRef,
      nullable: true,
      description: 'The proposal that its changes went to, or that stood in their way.',
      resolve: ({ companyId, proposalId }, _args, context) =>
        proposalId === null ? null : context.loaders.proposal.load(keyText(companyId, proposalId)),
    }),
    errors: t.field({
      type: [UserErrorItem],
      description: 'What is wrong with it, or why its proposal could not be submitted.',
      resolve: ({ errors, said }) => (said === undefined ? problemsOf(errors) : [...said]),
    }),
  }),
})

const ImportCustomersSuccess = builder.objectRef<ImportAnswer>('ImportCustomersSuccess').implement({
  description: 'The rows were gone through.',
  fields: (t) => ({
    rows: t.field({
      type: [ImportRow],
      description: 'One for each row of the call, in its order.',
      resolve: ({ companyId, rows }) =>
        rows.map((row) => ({ companyId, ...row, values: () => Promise.resolve(row.values ?? null) })),
    }),
  }),
})
const ImportCustomersResult = resultUnion('ImportCustomersResult', 'What came of an import.', ImportCustomersSuccess, [
  'ValidationError',
  'IdempotencyError',
  'NotPermittedError',
  'NotFoundError',
])

const CustomerRowInput = builder.inputType('CustomerRowInput', {
  description: 'A customer as another system knows it: matched by its account, made when it is not there.',
  fields: (t) => ({
    account: t.string({ required: true, description: 'Its account.' }),
    set: t.field({ type: CustomerFieldsInput, description: 'Its fields.' }),
    bankAccounts: t.field({
      type: [childFieldsInputs.bankAccounts],
      description: 'Bank accounts, matched by code; those that are not named stay.',
    }),
    addresses: t.field({
      type: [childFieldsInputs.addresses],
      description: 'Addresses, matched by code; those that are not named stay.',
    }),
    contacts: t.field({
      type: [childFieldsInputs.contacts],
      description: 'Contacts, matched by code; those that are not named stay.',
    }),
  }),
})
const ImportCustomersInput = builder.inputType('ImportCustomersInput', {
  description: 'Rows to be imported.',
  fields: (t) => ({
    company: t.string({ required: true, description: 'Code of the company.' }),
    rows: t.field({ type: [CustomerRowInput], required: true, description: 'Up to 500.' }),
    dryRun: t.boolean({ defaultValue: false, description: 'Only say what would become of each row; write nothing.' }),
    idempotencyKey: t.string({ description: keyDescription }),
  }),
})

builder.mutationField('importCustomers', (t) =>
  t.field({
    type: ImportCustomersResult.type,
    nullable: true,
    complexity: 100,
    description:
      "Up to 500 rows in the call, one outcome each. Governed fields go the way of the company's entity behaviour. For clerks and service accounts.",
    args: { input: t.arg({ type: ImportCustomersInput, required: true, description: 'The rows.' }) },
    resolve: (_root, { input }, context) =>
      attempt(context, ImportCustomersResult, companyIdOf(context, input.company), (viewer) =>
        importCustomers(context.app, viewer, { ...present(input), rows: input.rows.map(present) }),
      ),
  }),
)
