// A small company, a customer and a definition, each to be varied by a test.
import { initialParameters, type Company } from '../../../server/domain/company.ts'
import type { Customer } from '../../../server/domain/customer.ts'
import type { Person, Role } from '../../../server/domain/directory.ts'
import type { CustomerValues } from '../../../server/domain/fields.ts'
import type { Change } from '../../../server/domain/proposal.ts'
import type { ConditionInput } from '../../../server/domain/workflow/conditions.ts'

export const person = (id: string, roles: readonly Role[], managerId: string | null = null, active = true): Person => ({
  id,
  kind: 'PERSON',
  name: id,
  email: null,
  active,
  roles,
  managerId,
  responsibleId: null,
})

const people = [
  person('clara', ['CLERK'], 'mia'),
  person('mia', ['CLERK'], 'olga'),
  person('cora', ['READER'], 'olga'),
  person('carl', ['READER'], 'olga'),
  person('olga', ['READER']),
  person('adam', ['ADMINISTRATOR']),
  person('audrey', ['AUDITOR']),
  person('gone', ['CLERK'], 'olga', false),
]

export const company: Company = {
  id: 'usmf',
  code: 'USMF',
  name: 'Contoso',
  currency: 'USD',
  setupVersion: 1,
  parameters: initialParameters,
  approvalFields: new Set(['creditLimit', 'name', 'bankAccounts.iban']),
  directory: {
    people: new Map(people.map((each) => [each.id, each])),
    groups: new Map([
      ['g1', { id: 'g1', name: 'credit', memberIds: ['cora', 'carl'] }],
      ['g2', { id: 'g2', name: 'empty', memberIds: ['gone'] }],
    ]),
    queues: new Map(),
    absences: [],
  },
  references: new Map(),
  webhooks: new Map([
    ['w', { id: 'w', name: 'Bureau', active: true }],
    ['off', { id: 'off', name: 'Old bureau', active: false }],
  ]),
  workflows: [],
  calendars: [],
}

const values: CustomerValues = {
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
  paymentTerms: 'N30',
  methodOfPayment: null,
  paymentSpecification: null,
  defaultBankAccount: 'MAIN',
  cashDiscount: null,
  cashDiscountBaseDays: null,
  invoiceAccount: null,
  taxGroup: null,
  taxExemptNumber: 'DE123456789',
  email: null,
  phone: null,
  website: null,
  deliveryTerms: null,
  deliveryMode: null,
}
export const bankAccount = {
  code: 'MAIN',
  name: null,
  holder: null,
  iban: 'DE02120300000000202051',
  accountNumber: null,
  bic: null,
  currency: 'EUR',
}
export const customer = (set: Partial<CustomerValues> = {}): Customer => ({
  id: 'c1',
  companyId: 'usmf',
  account: 'US-001',
  version: 1,
  createdAt: '2026-01-01T00:00:00Z',
  updatedAt: '2026-01-01T00:00:00Z',
  values: { ...values, ...set },
  children: { bankAccounts: [{ id: 'b1', values: bankAccount }], addresses: [], contacts: [] },
})

export const change = (part: Partial<Change> & Pick<Change, 'field' | 'base' | 'proposed'>): Change => ({
  id: part.field,
  record: 'customer',
  recordId: null,
  operation: 'SET',
  creditCheck: false,
  salt: '',
  digest: '',
  authorIds: ['clara'],
  source: 'PERSON',
  proposedAt: '2026-01-01T00:00:00Z',
  reason: null,
  refusal: null,
  ...part,
})

/** A change of the credit limit, and whatever else a test sets. */
export const input = (from: string, to: string, more: Partial<ConditionInput> = {}): ConditionInput => ({
  customer: customer({ creditLimit: from }),
  proposed: customer({ creditLimit: to }),
  changes: from === to ? [] : [change({ field: 'creditLimit', base: from, proposed: to })],
  submitter: person('clara', ['CLERK'], 'mia'),
  submitterGroups: ['credit'],
  now: '2026-01-05T10:00:00Z',
  ...more,
})
