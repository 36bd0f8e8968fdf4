// A company in memory, set up as the demo world's first one, its customers, and what is proposed for them.
import { initialParameters, type Company } from '../server/domain/company.ts'
import type { Child, Customer } from '../server/domain/customer.ts'
import type { Command } from '../server/domain/decide.ts'
import type { Person, Role } from '../server/domain/directory.ts'
import type { RawEdit } from '../server/domain/edit.ts'
import {
  addressFields,
  bankAccountFields,
  customerFields,
  type ChildValues,
  type CustomerValues,
} from '../server/domain/fields.ts'
import { switchedFields } from '../server/domain/governance.ts'
import { completeRecord } from '../server/domain/record.ts'
import type { Context } from '../server/domain/state.ts'
import { compileVersion } from '../server/domain/workflow/compile.ts'
import { parseDefinition } from '../server/domain/workflow/parse.ts'
import { customerChanges, governedFields } from '../server/demo/workflow.ts'

const person = (id: string, roles: readonly Role[], managerId: string | null = 'olga'): [string, Person] => [
  id,
  { id, kind: 'PERSON', name: id, email: null, active: true, roles, managerId, responsibleId: null },
]
const people = new Map([
  person('clara', ['CLERK'], 'mia'),
  person('mia', ['CLERK']),
  person('cora', ['READER']),
  person('carl', ['READER']),
  person('tess', ['READER']),
  person('olga', ['READER'], null),
  person('adam', ['ADMINISTRATOR']),
])
const group = (id: string, ...memberIds: string[]) => [id, { id, name: id, memberIds }] as const

const parsed = parseDefinition(customerChanges('olga'))
if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
const settings = { name: 'Customer changes', ownerId: 'adam', rank: 1, isDefault: true, activation: null }
const version = compileVersion({
  workflowId: 'w1',
  version: 1,
  definition: parsed.definition,
  settings,
  note: null,
  createdById: 'adam',
  createdAt: '2026-01-01T00:00:00.000Z',
  activatedByIds: ['adam'],
})

const company: Company = {
  id: 'usmf',
  code: 'USMF',
  name: 'Contoso',
  currency: 'USD',
  setupVersion: 1,
  parameters: initialParameters,
  approvalFields: new Set(governedFields.flatMap(switchedFields)),
  directory: {
    people,
    groups: new Map([group('credit', 'cora', 'carl'), group('treasury', 'tess'), group('directors', 'olga')]),
    queues: new Map(),
    absences: [],
  },
  webhooks: new Map(),
  references: new Map([['PAYMENT_TERMS', new Map([['N60', { code: 'N60', name: 'Net 60', active: true }]])]]),
  workflows: [{ ...settings, id: 'w1', activationCondition: null, lockVersion: 1, activeVersion: version }],
  calendars: [],
}

let ids = 0
const newId = (): string => `id-${++ids}`
const contexts = new Map(
  [...people].map(([id, actor]): [string, Context] => [
    id,
    {
      actor,
      company,
      now: '2026-11-23T10:00:00.000Z',
      newId,
      newSalt: newId,
      accounts: new Set(),
      others: [],
      sameTaxNumber: [],
      runnable: () => version,
    },
  ]),
)

/** What a rule may look at when this person acts; ids come from a counter. */
export const contextOf = (id: string): Context => {
  const context = contexts.get(id)
  if (context === undefined) throw new Error(`Nobody is called ${id}`)
  return context
}

const account: Child<'bankAccounts'> = {
  id: 'b1',
  values: completeRecord(bankAccountFields, {
    code: 'MAIN',
    iban: 'DE02120300000000202051',
  }) as ChildValues['bankAccounts'],
}
const address: Child<'addresses'> = {
  id: 'a1',
  values: completeRecord(addressFields, {
    code: 'MAIN',
    city: 'Seattle',
    country: 'US',
    primary: true,
  }) as ChildValues['addresses'],
}
const values = completeRecord(customerFields, { name: 'Contoso', creditLimit: '50000.00' }) as CustomerValues

/** The n-th customer: one bank account, one address, a credit limit of 50,000. */
export const customerOf = (n: number): Customer => ({
  id: `c${n}`,
  companyId: company.id,
  account: `US-${n}`,
  version: 1,
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
  values,
  children: { bankAccounts: [account], addresses: [address], contacts: [] },
})

/** From two decisions (manager, one of credit) to five (all of credit, treasury and master data as well). */
const kinds: readonly RawEdit[] = [
  { set: { creditLimit: '75000' } },
  { set: { creditLimit: '250000', paymentTerms: 'N60' } },
  { bankAccounts: { change: [{ id: 'b1', set: { iban: 'DE89370400440532013000' } }] } },
  { set: { name: 'Contoso Retail', creditLimit: '250000' } },
]

/** What is proposed for the n-th customer. */
export const edits = (n: number): Command => ({
  kind: 'EDIT',
  edit: kinds[n % kinds.length] ?? {},
  expectedVersion: null,
  reason: null,
  creditCheck: null,
  source: 'PERSON',
  mode: 'PROPOSE',
  importId: null,
})
