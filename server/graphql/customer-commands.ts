// Creating and editing customers.
import { builder } from './builder.ts'
import {
  childChangesInputs,
  childFieldsInputs,
  childTypeNames,
  CustomerFieldsInput,
  type ChildChanges,
} from './children.ts'
import { attempt, keyDescription, present, readBack, resultUnion } from './commands.ts'
import { companyIdOf, type Context } from './context.ts'
import { problemsOf, UserErrorItem } from './error-codes.ts'
import { idsWithin, idWithin } from './ids.ts'
import { CustomerRef, ProposalRef } from './refs.ts'
import { childRecords, type ChildRecordName } from '../domain/fields.ts'
import type { Problem } from '../domain/errors.ts'
import { createCustomer, updateCustomer } from '../services/customers.ts'
import type { CustomerHead } from '../store/customers.ts'
import { keyText } from '../store/prepared.ts'
import type { ProposalHead } from '../store/proposals.ts'

const CreateCustomerSuccess = builder
  .objectRef<{ readonly customer: CustomerHead }>('CreateCustomerSuccess')
  .implement({
    description: 'The customer was made.',
    fields: (t) => ({
      customer: t.field({ type: CustomerRef, description: 'The new customer.', resolve: ({ customer }) => customer }),
    }),
  })
const CreateCustomerResult = resultUnion(
  'CreateCustomerResult',
  'What came of making a customer.',
  CreateCustomerSuccess,
  ['ValidationError', 'AlreadyExistsError', 'IdempotencyError', 'NotPermittedError', 'NotFoundError'],
)

type Updated = {
  readonly customer: CustomerHead
  readonly proposal: ProposalHead | null
  readonly written: readonly string[]
  readonly proposed: readonly string[]
  readonly submitErrors: readonly Problem[]
}
const UpdateCustomerSuccess = builder.objectRef<Updated>('UpdateCustomerSuccess').implement({
  description: 'The edit was taken: some of it written, some of it proposed.',
  fields: (t) => ({
    customer: t.field({
      type: CustomerRef,
      description: 'The customer as it is now. Governed fields still have their old values.',
      resolve: ({ customer }) => customer,
    }),
    proposal: t.field({
      type: ProposalRef,
      nullable: true,
      description: 'The proposal that the changes went to; null when nothing that is governed was changed.',
      resolve: ({ proposal }) => proposal,
    }),
    written: t.stringList({
      description: 'Names of the fields that were written at once.',
      resolve: ({ written }) => [...written],
    }),
    proposed: t.stringList({
      description: 'Names of the fields that were proposed.',
      resolve: ({ proposed }) => [...proposed],
    }),
    submitErrors: t.field({
      type: [UserErrorItem],
      description:
        "A service account's write is submitted at once; why that was refused. Empty when it was not, or not meant to be.",
      resolve: ({ submitErrors }) => problemsOf(submitErrors),
    }),
  }),
})
const UpdateCustomerResult = resultUnion('UpdateCustomerResult', 'What came of an edit.', UpdateCustomerSuccess, [
  'ValidationError',
  'StaleVersionError',
  'PendingProposalError',
  'ChangesRejectedError',
  'IdempotencyError',
  'NotPermittedError',
  'NotFoundError',
])

const CreateCustomerInput = builder.inputType('CreateCustomerInput', {
  description: 'A new customer. Creation is not governed: all of it is written at once.',
  fields: (t) => ({
    company: t.string({ required: true, description: 'Code of the company.' }),
    account: t.string({ required: true, description: 'Its account, unique within the company; it never changes.' }),
    set: t.field({ type: CustomerFieldsInput, required: true, description: 'Its fields.' }),
    bankAccounts: t.field({ type: [childFieldsInputs.bankAccounts], description: 'Its bank accounts.' }),
    addresses: t.field({ type: [childFieldsInputs.addresses], description: 'Its addresses.' }),
    contacts: t.field({ type: [childFieldsInputs.contacts], description: 'Whom to talk to there.' }),
    idempotencyKey: t.string({ description: keyDescription }),
  }),
})

const UpdateCustomerInput = builder.inputType('UpdateCustomerInput', {
  description: 'An edit of a customer: only what is named changes.',
  fields: (t) => ({
    company: t.string({ required: true, description: 'Code of the company.' }),
    account: t.string({ required: true, description: 'Its account.' }),
    set: t.field({ type: CustomerFieldsInput, description: 'Its fields.' }),
    bankAccounts: t.field({ type: childChangesInputs.bankAccounts, description: 'Its bank accounts.' }),
    addresses: t.field({ type: childChangesInputs.addresses, description: 'Its addresses.' }),
    contacts: t.field({ type: childChangesInputs.contacts, description: 'Whom to talk to there.' }),
    expectedVersion: t.int({
      description: 'The version of the customer that was looked at: refused when it has changed since.',
    }),
    reason: t.string({ description: 'Why; shown to whoever decides.' }),
    runCreditLimitCheck: t.boolean({ description: 'Ask for a credit limit check when a new credit limit is applied.' }),
    idempotencyKey: t.string({ description: keyDescription }),
  }),
})

type Edit = { readonly [R in ChildRecordName]?: ChildChanges<R> | null | undefined }

/** Changes to children with bare ids, of this company. */
export const childEdits = (companyId: string | null, edit: Edit) => {
  const decoded = childRecords.flatMap((record): [string, unknown][] => {
    const changes = edit[record]
    if (changes === undefined) return []
    if (changes === null) return [[record, null]]
    const type = childTypeNames[record]
    const changed = changes.change?.map(({ id, set }, n) => ({
      id: idWithin(type, companyId, id, [record, 'change', String(n), 'id']),
      set,
    }))
    const removed = changes.remove && idsWithin(type, companyId, changes.remove, [record, 'remove'])
    return [[record, present({ add: changes.add, change: changed, remove: removed })]]
  })
  return Object.fromEntries(decoded) as Readonly<Partial<Record<ChildRecordName, never>>>
}

const customerIn = async (context: Context, companyId: string, customerId: string): Promise<CustomerHead> =>
  readBack(await context.loaders.customer.load(keyText(companyId, customerId)))

builder.mutationFields((t) => ({
  createCustomer: t.field({
    type: CreateCustomerResult.type,
    nullable: true,
    description: 'Makes a customer. For clerks and service accounts.',
    args: { input: t.arg({ type: CreateCustomerInput, required: true, description: 'The customer.' }) },
    resolve: async (_root, { input }, context) => {
      const done = await attempt(context, CreateCustomerResult, companyIdOf(context, input.company), (viewer) =>
        createCustomer(context.app, viewer, present(input)),
      )
      return { customer: await customerIn(context, done.companyId, done.customerId) }
    },
  }),
  updateCustomer: t.field({
    type: UpdateCustomerResult.type,
    nullable: true,
    description:
      'Writes what is not governed, proposes what is. For clerks, and for service accounts as the entity behaviour allows.',
    args: { input: t.arg({ type: UpdateCustomerInput, required: true, description: 'The edit.' }) },
    resolve: async (_root, { input }, context) => {
      const companyId = companyIdOf(context, input.company)
      const done = await attempt(context, UpdateCustomerResult, companyId, (viewer) =>
        updateCustomer(context.app, viewer, { ...present(input), ...childEdits(companyId, input) }),
      )
      const { proposalId } = done
      return {
        ...done,
        customer: await customerIn(context, done.companyId, done.customerId),
        proposal: proposalId === null ? null : await context.loaders.proposal.load(keyText(done.companyId, proposalId)),
      }
    },
  }),
}))
