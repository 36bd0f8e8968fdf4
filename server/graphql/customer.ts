// Customers: the record, its fields from the catalogue, its open proposal, its history.
import { builder } from './builder.ts'
import { childModel } from './children.ts'
import { companyIdOf, companyOf, seesSensitive, type Context } from './context.ts'
import { eventsOf, EventConnection } from './event.ts'
import { valueModel } from './field.ts'
import { encodeId } from './ids.ts'
import { requestError } from './limits.ts'
import { asked } from './asked.ts'
import { asksShown } from './change.ts'
import { valueOf } from './customer-fields.ts'
import { allSoon, soon } from './soon.ts'
import { connectionOf, connectionType, forwardArgs, pageArgs, pageComplexity, pageOf } from './pages.ts'
import {
  AddressRef,
  BankAccountRef,
  CompanyRef,
  ContactRef,
  CustomerRef,
  FieldValueRef,
  NodeRef,
  ProposalRef,
} from './refs.ts'
import { AvailableActionRef, customerActions } from './actions.ts'
import { ProposalConnection, proposalConnection } from './proposal-lists.ts'
import { catalogue, findField, type CatalogueField } from '../domain/fields.ts'
import type { ProposalStatus } from '../domain/proposal.ts'
import {
  countCustomers,
  customerOrders,
  listCustomerLines,
  listCustomers,
  type ReviewStatus as Status,
} from '../store/lists.ts'
import { lineFields, type CustomerLine } from '../store/customers.ts'
import { keyText } from '../store/prepared.ts'

export const ReviewStatus = builder.enumType('ReviewStatus', {
  description: "What is under way with a customer's governed fields: the state of its open proposal.",
  values: {
    NO_CHANGES: { description: 'No open proposal, and none that waits for its time.' },
    CHANGES_NOT_SUBMITTED: { description: 'There are proposed changes that nobody has submitted yet.' },
    CHANGES_PENDING_APPROVAL: { description: 'Submitted; waiting for approval. Locked for edits.' },
    CHANGES_REQUESTED: { description: 'Sent back by an approver who asks for other values.' },
    CHANGES_REJECTED: { description: 'Rejected; can be edited and submitted again, or discarded.' },
    CHANGES_SCHEDULED: { description: 'Approved; applies at its time. Nothing else is open.' },
    CHANGES_CONFLICTED: { description: 'Approved, but the record has changed meanwhile.' },
    CHANGES_FAULTED: { description: 'Stopped by an error that an administrator has to look at.' },
  } as const satisfies Record<Status, { description: string }>,
})

const statusShown: Record<ProposalStatus, Status> = {
  DRAFT: 'CHANGES_NOT_SUBMITTED',
  PENDING: 'CHANGES_PENDING_APPROVAL',
  CHANGES_REQUESTED: 'CHANGES_REQUESTED',
  REJECTED: 'CHANGES_REJECTED',
  SCHEDULED: 'CHANGES_SCHEDULED',
  CONFLICTED: 'CHANGES_CONFLICTED',
  FAULTED: 'CHANGES_FAULTED',
  APPLIED: 'NO_CHANGES',
  DISCARDED: 'NO_CHANGES',
}

const keyOf = (customer: CustomerLine): string => keyText(customer.companyId, customer.id)
const ownFields = catalogue.filter((field) => field.record === 'customer')

/** Fields of a customer by name, all of them when none are named; an unknown name is refused. */
export const requestedFields = (names: readonly string[] | null | undefined): readonly CatalogueField[] => {
  if (names === null || names === undefined) return ownFields
  return names.map((name) => {
    const field = findField(name)
    if (field?.record !== 'customer') {
      throw requestError('BAD_REQUEST', `"${name.slice(0, 60)}" is not a field of a customer; see customerFields.`)
    }
    return field
  })
}

CustomerRef.implement({
  description:
    'A customer account of a company. Governed fields keep their values until a proposal for them is approved.',
  interfaces: [NodeRef],
  fields: (t) => ({
    id: t.id({ description: 'Node id.', resolve: (customer) => encodeId('Customer', customer.companyId, customer.id) }),
    company: t.field({
      type: CompanyRef,
      description: 'The company that it belongs to.',
      resolve: (customer, _args, context) => companyOf(context, customer.companyId),
    }),
    account: t.exposeString('account', {
      description: 'Its number or short name, unique within the company; it never changes.',
    }),
    version: t.exposeInt('version', {
      description:
        'Rises by one with every write of the record: give it as `expectedVersion` to edit what you have seen.',
    }),
    createdAt: t.field({
      type: 'DateTime',
      description: 'When the record was made.',
      resolve: (customer) => customer.createdAt,
    }),
    updatedAt: t.field({
      type: 'DateTime',
      description: 'When it was last written.',
      resolve: (customer) => customer.updatedAt,
    }),
    bankAccounts: t.field({
      type: [BankAccountRef],
      nullable: true,
      description: 'Its bank accounts.',
      resolve: async (customer, _args, context) =>
        (await context.loaders.children.load(keyOf(customer))).bankAccounts.map((child) =>
          childModel(customer.companyId, customer.id, 'bankAccounts', child),
        ),
    }),
    addresses: t.field({
      type: [AddressRef],
      nullable: true,
      description: 'Its addresses.',
      resolve: async (customer, _args, context) =>
        (await context.loaders.children.load(keyOf(customer))).addresses.map((child) =>
          childModel(customer.companyId, customer.id, 'addresses', child),
        ),
    }),
    contacts: t.field({
      type: [ContactRef],
      nullable: true,
      description: 'Whom to talk to there.',
      resolve: async (customer, _args, context) =>
        (await context.loaders.children.load(keyOf(customer))).contacts.map((child) =>
          childModel(customer.companyId, customer.id, 'contacts', child),
        ),
    }),
    maskedFields: t.stringList({
      description: 'Names of the fields that are null here because you may not see them.',
      resolve: (customer, _args, context) =>
        seesSensitive(context, customer.companyId)
          ? []
          : ownFields.flatMap((field) => (field.sensitive ? [field.name] : [])),
    }),
    values: t.field({
      type: [FieldValueRef],
      complexity: { field: 1, multiplier: 5 },
      description: 'Any of its own fields by name, raw and as a person reads it.',
      args: {
        fields: t.arg.stringList({
          description: 'Names from the field catalogue, in the order of the answer; left out: all of them.',
        }),
      },
      resolve: async (customer, args, context) => {
        const company = await companyOf(context, customer.companyId)
        const clear = seesSensitive(context, customer.companyId)
        const fields = requestedFields(args.fields)
        const values = await allSoon(fields.map(({ property }) => valueOf(customer, property ?? '', context)))
        return fields.map((field, n) => valueModel(company, field, values[n] ?? null, clear))
      },
    }),
    proposal: t.field({
      type: ProposalRef,
      nullable: true,
      description: 'The open proposal, if there is one: what has been proposed and is not written yet.',
      resolve: (customer, _args, context) => context.loaders.openProposal.load(keyOf(customer)),
    }),
    scheduledProposals: t.field({
      type: [ProposalRef],
      nullable: true,
      description: 'Approved proposals that wait for their time, the earliest first. They stand beside the open one.',
      resolve: (customer, _args, context) =>
        soon(context.loaders.scheduledProposals.load(keyOf(customer)), (scheduled) => [...scheduled]),
    }),
    reviewStatus: t.field({
      type: ReviewStatus,
      description: 'The state of the open proposal, as a banner says it.',
      resolve: (customer, _args, context) =>
        soon(context.loaders.openProposal.load(keyOf(customer)), (open) =>
          open !== null
            ? statusShown[open.status]
            : soon(context.loaders.scheduledProposals.load(keyOf(customer)), ({ length }) =>
                length === 0 ? 'NO_CHANGES' : 'CHANGES_SCHEDULED',
              ),
        ),
    }),
    actions: t.field({
      type: [AvailableActionRef],
      description: 'What you may do with it now and, for what you may not, why.',
      resolve: (customer, _args, context) => customerActions(context, customer),
    }),
    history: t.field({
      type: EventConnection,
      nullable: true,
      complexity: pageComplexity,
      description: 'What has happened to it, newest first.',
      args: forwardArgs(),
      resolve: (customer, args, context) =>
        eventsOf(context, { companyId: customer.companyId, customerId: customer.id }, args, {
          newestFirst: true,
          unsealed: true,
        }),
    }),
    proposals: t.field({
      type: ProposalConnection,
      nullable: true,
      complexity: pageComplexity,
      description: 'All its proposals, closed ones too, the last changed first.',
      args: forwardArgs(),
      resolve: (customer, args, context) =>
        proposalConnection(context, { companyId: customer.companyId, customerId: customer.id }, args, 'UPDATED_DESC'),
    }),
  }),
})

const CustomerConnection = connectionType('Customer', CustomerRef, 'customers', true)

const CustomerFilter = builder.inputType('CustomerFilter', {
  description: 'Which customers; all that is given must hold.',
  fields: (t) => ({
    search: t.string({ description: 'Part of the account or the name, in upper or lower case.' }),
    reviewStatus: t.field({ type: [ReviewStatus], description: 'Any of these.' }),
    customerGroup: t.stringList({ description: 'Codes of customer groups, any of these.' }),
  }),
})

const CustomerOrder = builder.enumType('CustomerOrder', {
  description: 'How customers are ordered.',
  values: {
    ACCOUNT: { description: 'By account.' },
    NAME: { description: 'By name.' },
    CREDIT_LIMIT_DESC: { description: 'The highest credit limit first.' },
    UPDATED_DESC: { description: 'The last written first.' },
  } as const,
})

/** What every row of a page will ask for, read before its fields are: they then have it at once. */
const readAhead = async (
  context: Context,
  companyId: string,
  rows: readonly CustomerLine[],
  fields: ReadonlySet<string>,
): Promise<void> => {
  const { loaders } = context
  await loaders.company.load(companyId)
  if (!fields.has('proposal') && !fields.has('reviewStatus')) return
  const open = await allSoon(rows.map((row) => loaders.openProposal.load(keyOf(row))))
  if (fields.has('reviewStatus'))
    await allSoon(rows.filter((_row, n) => open[n] === null).map((row) => loaders.scheduledProposals.load(keyOf(row))))
  if (!fields.has('proposal.changes')) return
  const changes = asksShown(fields, 'proposal.changes.') ? loaders.shownChanges : loaders.changes
  await allSoon(open.map((proposal) => (proposal === null ? null : changes.load(keyText(companyId, proposal.id)))))
}

/** Fields of a Customer that need no more of its row than its key, or what a list shows. */
const ofLine = new Set<string>([
  ...['__typename', 'id', 'company', 'account', 'version', 'createdAt', 'updatedAt', 'maskedFields'],
  ...['proposal', 'scheduledProposals', 'reviewStatus', 'proposals', 'history', 'actions', 'asOf'],
  ...['bankAccounts', 'addresses', 'contacts'],
  ...lineFields,
])

/** A page of customers: as much of each as the operation asks for. */
const customersFor = async (
  { app, loaders }: Context,
  names: ReadonlySet<string>,
  search: Parameters<typeof listCustomers>[1],
): Promise<readonly CustomerLine[]> => {
  const own = [...names].filter((name) => !name.includes('.'))
  if (own.every((name) => ofLine.has(name))) return listCustomerLines(app.db, search)
  const rows = await listCustomers(app.db, search)
  for (const row of rows) loaders.customer.prime(keyOf(row), row)
  return rows
}

builder.queryFields((t) => ({
  customer: t.field({
    type: CustomerRef,
    nullable: true,
    description: 'A customer by its account.',
    args: {
      company: t.arg.string({ required: true, description: 'Code of the company.' }),
      account: t.arg.string({ required: true, description: 'Its account there.' }),
    },
    resolve: (_root, args, context) => {
      const companyId = companyIdOf(context, args.company)
      return companyId === null ? null : context.loaders.customerByAccount.load(keyText(companyId, args.account))
    },
  }),
  customers: t.field({
    type: CustomerConnection,
    nullable: true,
    complexity: pageComplexity,
    description: "A company's customers.",
    args: {
      company: t.arg.string({ required: true, description: 'Code of the company.' }),
      filter: t.arg({ type: CustomerFilter, description: 'Which ones.' }),
      orderBy: t.arg({ type: CustomerOrder, description: 'In which order; by default by account.' }),
      ...pageArgs,
    },
    resolve: async (_root, args, context, info) => {
      const companyId = companyIdOf(context, args.company)
      if (companyId === null) return null
      const order = args.orderBy ?? 'ACCOUNT'
      const page = pageOf(args, customerOrders[order].order)
      const filter = {
        companyId,
        search: args.filter?.search ?? null,
        reviewStatus: args.filter?.reviewStatus ?? null,
        customerGroup: args.filter?.customerGroup ?? null,
      }
      const names = asked(info, ['edges', 'node'])
      const rows = await customersFor(context, names, { filter, order, page })
      await readAhead(context, companyId, rows.slice(0, page.limit), names)
      return connectionOf(
        page,
        customerOrders[order].order,
        rows,
        customerOrders[order].place,
        (row) => row,
        () => countCustomers(context.app.db, filter),
      )
    },
  }),
}))
