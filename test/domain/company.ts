// What a small company is set up with: its people, a customer, its workflow. `World` sets it in motion.
import {
  initialParameters,
  type ApprovalParameters,
  type Company,
  type KnownWebhook,
  type References,
} from '../../server/domain/company.ts'
import type { Child, Customer } from '../../server/domain/customer.ts'
import type { Absence, Person, Role } from '../../server/domain/directory.ts'
import { switchedFields } from '../../server/domain/governance.ts'
import type { CustomerValues, ReferenceKind } from '../../server/domain/fields.ts'
import type { Calendar } from '../../server/domain/workflow/calendar.ts'
import { compileVersion } from '../../server/domain/workflow/compile.ts'
import { compileCondition } from '../../server/domain/workflow/conditions.ts'
import type { RunnableVersion, Workflow } from '../../server/domain/workflow/workflow.ts'
import { customerChanges, governedFields } from '../../server/demo/workflow.ts'
import { parse, type Json } from './workflow/definitions.ts'

export type PersonMore = Partial<Omit<Person, 'id' | 'roles'>>
/** A person whose name is their id. */
export const person = (id: string, roles: readonly Role[], more: PersonMore = {}): Person => ({
  id,
  kind: 'PERSON',
  name: id,
  email: null,
  active: true,
  roles,
  managerId: null,
  responsibleId: null,
  ...more,
})

/** The people of the demo world (ARCHITECTURE section 7), somebody who has left, and who saved the workflow. */
export const demoPeople: readonly Person[] = [
  person('clara', ['CLERK'], { managerId: 'mia' }),
  person('colin', ['CLERK'], { managerId: 'mia' }),
  person('mia', ['CLERK'], { managerId: 'olga' }),
  person('cora', ['READER'], { managerId: 'olga' }),
  person('carl', ['READER'], { managerId: 'olga' }),
  person('tess', ['READER'], { managerId: 'olga' }),
  person('olga', ['READER']),
  person('adam', ['ADMINISTRATOR']),
  person('audrey', ['AUDITOR']),
  person('gone', ['CLERK'], { managerId: 'olga', active: false }),
  person('wanda', ['ADMINISTRATOR']),
  person('partner', ['INTEGRATION'], { kind: 'SERVICE', managerId: 'mia', responsibleId: 'adam' }),
]
export const demoGroups: Readonly<Record<string, readonly string[]>> = {
  credit: ['cora', 'carl'],
  treasury: ['tess'],
  directors: ['olga'],
}

const codes = (...list: string[]): ReadonlyMap<string, { code: string; name: string; active: boolean }> =>
  new Map(list.map((code) => [code, { code, name: code, active: !code.startsWith('OLD') }]))
const references: References = new Map<ReferenceKind, ReturnType<typeof codes>>([
  ['PAYMENT_TERMS', codes('N30', 'N60', 'OLD90')],
  ['METHOD_OF_PAYMENT', codes('CHECK', 'WIRE')],
  ['CUSTOMER_GROUP', codes('10', '20')],
])

export const iban = { first: 'DE02120300000000202051', second: 'DE89370400440532013000' }
const values: CustomerValues = {
  name: 'Contoso Retail',
  customerGroup: '10',
  currency: 'USD',
  language: null,
  creditLimit: '50000.00',
  mandatoryCreditLimit: false,
  creditRating: null,
  excludeInterestCharges: false,
  excludeCollectionFees: false,
  holdStatus: 'NO',
  paymentTerms: 'N30',
  methodOfPayment: 'CHECK',
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
export const bankAccount = (id: string, code: string, more: Json = {}): Child<'bankAccounts'> => ({
  id,
  values: {
    code,
    name: null,
    holder: null,
    iban: iban.first,
    accountNumber: null,
    bic: null,
    currency: 'EUR',
    ...more,
  },
})
/** US-001 with a credit limit of 50000.00 and one bank account, b1. */
export const customer = (set: Partial<CustomerValues> = {}): Customer => ({
  id: 'us-001',
  companyId: 'usmf',
  account: 'US-001',
  version: 1,
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
  values: { ...values, ...set },
  children: { bankAccounts: [bankAccount('b1', 'MAIN')], addresses: [], contacts: [] },
})

export type VersionMore = { readonly createdById?: string; readonly activatedByIds?: readonly string[] }
/** A version ready to run, saved and activated by wanda unless said otherwise. */
export const runnable = (
  workflowId: string,
  version: number,
  definition: Json,
  more: VersionMore = {},
): RunnableVersion =>
  compileVersion({
    workflowId,
    version,
    definition: parse(definition),
    settings: { name: 'Customer changes', ownerId: 'adam', rank: 1, isDefault: true, activation: null },
    note: null,
    createdById: 'wanda',
    createdAt: '2026-01-01T00:00:00.000Z',
    activatedByIds: ['wanda'],
    ...more,
  })

/** A workflow with one active version; its owner is adam unless said otherwise. */
export const workflowOf = (active: RunnableVersion | null, more: Partial<Workflow> = {}): Workflow => {
  const activation = more.activation ?? null
  const compiled = activation === null ? null : compileCondition(activation)
  if (compiled?.ok === false) throw new Error(compiled.message)
  return {
    id: active?.workflowId ?? 'w1',
    name: 'Customer changes',
    ownerId: 'adam',
    rank: 1,
    isDefault: true,
    activation,
    activationCondition: compiled?.condition ?? null,
    lockVersion: 1,
    activeVersion:
      active === null
        ? null
        : { ...active, settings: { ...active.settings, ownerId: more.ownerId ?? 'adam', activation } },
    ...more,
  }
}

export const demoDefinition: Json = customerChanges('olga')

export type Setup = {
  readonly definition?: Json
  readonly people?: readonly Person[]
  readonly groups?: Readonly<Record<string, readonly string[]>>
  /** Members of each queue; a queue's id is its name. */
  readonly queues?: Readonly<Record<string, readonly string[]>>
  readonly absences?: readonly Absence[]
  readonly calendars?: readonly Calendar[]
  readonly webhooks?: readonly KnownWebhook[]
  readonly parameters?: Partial<ApprovalParameters>
  /** Names of fields under approval; a record's name stands for all of it. */
  readonly governed?: readonly string[]
  readonly customer?: Customer
  readonly workflows?: readonly Workflow[]
  readonly version?: VersionMore
  readonly ownerId?: string
}

export const createCompany = (setup: Setup = {}): Company => {
  const version = runnable('w1', 1, setup.definition ?? demoDefinition, setup.version)
  const named = (lists: Readonly<Record<string, readonly string[]>>) =>
    new Map(Object.entries(lists).map(([name, memberIds]) => [name, { id: name, name, memberIds }]))
  return {
    id: 'usmf',
    code: 'USMF',
    name: 'Contoso',
    currency: 'USD',
    setupVersion: 1,
    parameters: { ...initialParameters, ...setup.parameters },
    approvalFields: new Set((setup.governed ?? governedFields).flatMap(switchedFields)),
    directory: {
      people: new Map((setup.people ?? demoPeople).map((p) => [p.id, p])),
      groups: named(setup.groups ?? demoGroups),
      queues: named(setup.queues ?? {}),
      absences: setup.absences ?? [],
    },
    references,
    workflows: setup.workflows ?? [workflowOf(version, { ownerId: setup.ownerId ?? 'adam' })],
    calendars: setup.calendars ?? [],
    webhooks: new Map((setup.webhooks ?? []).map((webhook) => [webhook.id, webhook])),
  }
}
