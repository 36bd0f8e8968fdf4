// Imports of a few hundred rows in one call: each row has an outcome of its own.
import { builder } from './builder.ts'
import { childFieldsInputs, CustomerFieldsInput } from './children.ts'
import { attempt, keyDescription, present, resultUnion } from './commands.ts'
import { companyIdOf } from './context.ts'
import { problemsOf, UserErrorItem, type Said } from './error-codes.ts'
import { ProposalRef } from './refs.ts'
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
export type RowModel = Omit<RowResult, 'account'> & {
  readonly companyId: string
  readonly account: string | null
  readonly said?: readonly Said[]
}

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
      resolve: ({ companyId, rows }) => rows.map((row) => ({ companyId, ...row })),
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
