// A company with people, and aggregates to store: values a test does not look at are the same everywhere.
import { connect, type Connection, type Db, type Tx } from '../../server/db/connect.ts'
import { initialParameters, type ApprovalParameters } from '../../server/domain/company.ts'
import type { Customer } from '../../server/domain/customer.ts'
import { changeDigest } from '../../server/domain/digest.ts'
import type { DomainEvent } from '../../server/domain/events.ts'
import type { BankAccountValues, CustomerValues } from '../../server/domain/fields.ts'
import type { Change, Decision, Proposal, Run, WorkItem } from '../../server/domain/proposal.ts'
import { insertCompany, saveApprovalFields } from '../../server/store/companies.ts'
import { insertCustomer } from '../../server/store/customers.ts'
import { databaseFailure } from '../../server/store/errors.ts'
import { appendEvents } from '../../server/store/events.ts'
import { newId } from '../../server/store/ids.ts'
import { saveMember } from '../../server/store/members.ts'
import { insertUser } from '../../server/store/users.ts'
import { afterAll } from 'vitest'
import { createTestDatabase } from '../helpers/postgres.ts'

export const at = '2026-11-22T12:00:00.000Z'

/** A connection to a database of this file's own, closed at its end. */
export const connectTest = async (): Promise<Connection> => {
  const database = await createTestDatabase()
  const connection = connect(database.url)
  afterAll(() => connection.close())
  return connection
}

export type World = { companyId: string; clara: string; mia: string; partner: string }

/** A company in which the fields named are under approval, with a clerk, a manager and a service account. */
export const createWorld = async (
  db: Db,
  options: { fields?: string[]; parameters?: Partial<ApprovalParameters> } = {},
): Promise<World> => {
  const world = { companyId: newId(), clara: newId(), mia: newId(), partner: newId() }
  const { companyId } = world
  await db.transaction(async (tx) => {
    for (const name of ['mia', 'clara', 'partner'] as const) {
      const kind = name === 'partner' ? 'SERVICE' : 'PERSON'
      const responsibleId = name === 'partner' ? world.mia : null
      await insertUser(tx, { id: world[name], kind, name, email: null, responsibleId, signIn: null })
    }
    const parameters = { ...initialParameters, ...options.parameters }
    await insertCompany(tx, { id: companyId, code: companyId.slice(-6), name: 'Contoso', currency: 'USD', parameters })
    await saveApprovalFields(tx, companyId, { enable: options.fields ?? [], disable: [] })
    await saveMember(tx, companyId, { userId: world.mia, roles: ['CLERK'], managerId: null, active: true })
    await saveMember(tx, companyId, { userId: world.clara, roles: ['CLERK'], managerId: world.mia, active: true })
    await saveMember(tx, companyId, {
      userId: world.partner,
      roles: ['INTEGRATION'],
      managerId: world.mia,
      active: true,
    })
  })
  return world
}

const emptyValues: CustomerValues = {
  name: 'Contoso Retail',
  customerGroup: null,
  currency: 'USD',
  language: null,
  creditLimit: '50000.00',
  mandatoryCreditLimit: false,
  creditRating: null,
  excludeInterestCharges: false,
  excludeCollectionFees: false,
  holdStatus: 'NO',
  paymentTerms: null,
  methodOfPayment: null,
  paymentSpecification: null,
  defaultBankAccount: null,
  cashDiscount: null,
  cashDiscountBaseDays: null,
  invoiceAccount: null,
  taxGroup: null,
  taxExemptNumber: null,
  email: null,
  phone: null,
  website: null,
  deliveryTerms: null,
  deliveryMode: null,
}

export const bankAccount = (values: Partial<BankAccountValues> = {}): { id: string; values: BankAccountValues } => ({
  id: newId(),
  values: {
    code: 'MAIN',
    name: 'First bank',
    holder: null,
    iban: 'DE89370400440532013000',
    accountNumber: null,
    bic: null,
    currency: 'EUR',
    ...values,
  },
})

export const aCustomer = (world: World, values: Partial<CustomerValues> = {}): Customer => {
  const id = newId()
  return {
    id,
    companyId: world.companyId,
    account: `US-${id.slice(-8)}`,
    version: 1,
    createdAt: at,
    updatedAt: at,
    values: { ...emptyValues, ...values },
    children: { bankAccounts: [bankAccount()], addresses: [], contacts: [] },
  }
}

/** A customer that has been committed. */
export const storedCustomer = async (db: Db, world: World, values: Partial<CustomerValues> = {}): Promise<Customer> => {
  const customer = aCustomer(world, values)
  await db.transaction((tx) => insertCustomer(tx, customer))
  return customer
}

/** A change of this customer, with the digest of what it holds: the database refuses another. */
export const aChange = (world: World, customer: Customer, change: Partial<Change> = {}): Change => {
  const made = {
    id: newId(),
    record: 'customer' as const,
    recordId: null,
    field: 'creditLimit',
    operation: 'SET' as const,
    base: '50000.00',
    proposed: '60000.00',
    creditCheck: false,
    salt: 'salt',
    authorIds: [world.clara],
    source: 'PERSON' as const,
    proposedAt: at,
    reason: null,
    refusal: null,
    ...change,
  }
  return { ...made, digest: changeDigest({ ...made, companyId: world.companyId, customerId: customer.id }) }
}

export const aProposal = (world: World, customer: Customer, changes: readonly Change[]): Proposal => ({
  id: newId(),
  companyId: world.companyId,
  customerId: customer.id,
  status: 'DRAFT',
  revision: 1,
  version: 1,
  effectiveAt: null,
  createdAt: at,
  createdById: world.clara,
  updatedAt: at,
  importId: null,
  revertsId: null,
  changes,
  involved: [{ userId: world.clara, as: 'AUTHOR' }],
  runs: [],
  items: [],
  decisions: [],
  comments: [],
})

export const aRun = (world: World): Run => ({
  id: newId(),
  number: 1,
  workflowId: newId(),
  version: 1,
  submittedById: world.clara,
  submittedAt: at,
  comment: 'Please',
  parameters: { authorsMayNotApprove: true, conflictPolicy: 'HOLD' },
  pinned: {},
  elements: { 'elements.0': { definition: 'hash', outcome: null, automatic: [] } },
  steps: { 'elements.0.steps.0': { kind: 'SKIPPED', why: 'NOTHING_TO_GUARD' } },
  end: null,
})

export const anItem = (world: World, run: Run, changes: readonly Change[]): WorkItem => ({
  id: newId(),
  runId: run.id,
  kind: 'APPROVAL',
  elementPath: 'elements.0',
  stepPath: 'elements.0.steps.0',
  step: 'Manager',
  subject: 'Credit limit',
  instructions: null,
  assigneeId: world.mia,
  queueId: null,
  heldByIds: [],
  assignments: [0],
  status: 'OPEN',
  decidedById: null,
  version: 1,
  createdAt: at,
  closedAt: null,
  dueAt: null,
  escalationLevel: 0,
  choices: [],
  changes: changes.map(({ id, digest }) => ({ id, digest })),
})

export const anApproval = (world: World, run: Run, changes: readonly Change[]): Decision => ({
  id: newId(),
  runId: run.id,
  workItemId: null,
  elementPath: 'elements.0',
  stepPath: 'elements.0.steps.0',
  step: 'Manager',
  actorId: world.mia,
  onBehalfOfId: null,
  automatic: false,
  outcome: 'APPROVED',
  choice: null,
  comment: null,
  revision: 1,
  effectiveAt: null,
  at,
  changes: changes.map(({ id, digest }) => ({ id, digest })),
})

/** The SQLSTATE with which a transaction is refused; null when it commits. */
export const refusalOf = async (db: Db, work: (tx: Tx) => Promise<unknown>): Promise<string | null> => {
  try {
    await db.transaction(work)
    return null
  } catch (error) {
    const failure = databaseFailure(error)
    if (failure === null) throw error
    return failure.sqlState
  }
}

export const append = (tx: Tx, { companyId, mia }: World, ...events: DomainEvent[]) =>
  appendEvents(tx, { companyId, actorId: mia, at }, events)
