// A small company in memory, its people and a customer, and commands played on them one after another. Ids, salts and the clock are
// counters, so that every run is the same.
import {
  initialParameters,
  type ApprovalParameters,
  type Company,
  type References,
} from '../../server/domain/company.ts'
import type { Child, Customer } from '../../server/domain/customer.ts'
import { decide, type Command } from '../../server/domain/decide.ts'
import { systemActor, type Absence, type Person, type Role } from '../../server/domain/directory.ts'
import type { EditCommand, RawEdit } from '../../server/domain/edit.ts'
import type { ErrorCode, Result } from '../../server/domain/errors.ts'
import type { DomainEvent } from '../../server/domain/events.ts'
import { switchedFields } from '../../server/domain/governance.ts'
import type { CustomerValues, ReferenceKind } from '../../server/domain/fields.ts'
import type { Change, Proposal, ProposalStatus, WorkItem } from '../../server/domain/proposal.ts'
import type { Context, Outcome, State } from '../../server/domain/state.ts'
import type { Calendar } from '../../server/domain/workflow/calendar.ts'
import { compileVersion } from '../../server/domain/workflow/compile.ts'
import { compileCondition } from '../../server/domain/workflow/conditions.ts'
import type { RunnableVersion, Workflow } from '../../server/domain/workflow/workflow.ts'
import { customerChanges, governedFields } from '../../server/demo/workflow.ts'
import { parse, type Json } from './workflow/definitions.ts'

type PersonMore = Partial<Omit<Person, 'id' | 'roles'>>
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
  }
}

export const editOf = (edit: RawEdit, more: Partial<EditCommand> = {}): Command => ({
  kind: 'EDIT',
  edit,
  expectedVersion: null,
  reason: null,
  creditCheck: null,
  source: 'PERSON',
  mode: 'PROPOSE',
  importId: null,
  ...more,
})

type Answer = { readonly workItemId: string; readonly revision: number; readonly comment: string | null }

/** A company in motion: what it is set up as, the customer with its proposal, and everything that has happened. */
export class World {
  company: Company
  state: State
  readonly events: DomainEvent[] = []
  /** Other proposals of the customer that are not closed. */
  others: Proposal[] = []
  /** Accounts of other customers with the same tax number. */
  sameTaxNumber: readonly string[] = []
  readonly #versions = new Map<string, RunnableVersion>()
  #ids = 0
  #minutes = 0

  constructor(setup: Setup = {}) {
    this.company = createCompany(setup)
    this.state = { customer: setup.customer ?? customer(), proposal: null }
  }

  /** Lets time pass. */
  wait(hours: number): void {
    this.#minutes += hours * 60
  }
  /** What the sweep does: time passes, nobody asks. */
  tick(): Outcome {
    const result = decide(this.state, { kind: 'TIME' }, { ...this.as('olga'), actor: systemActor })
    if (!result.ok) throw result.error
    this.state = result.value.state
    this.events.push(...result.value.events)
    return result.value
  }

  /** What a rule may look at when this person asks; each asking is a minute later. */
  as(who: string): Context {
    const actor = this.company.directory.people.get(who)
    if (actor === undefined) throw new Error(`Nobody is called ${who}`)
    for (const { activeVersion: v } of this.company.workflows)
      if (v !== null) this.#versions.set(`${v.workflowId} ${v.version}`, v)
    this.#minutes++
    return {
      actor,
      company: this.company,
      now: new Date(Date.UTC(2026, 10, 22, 12, this.#minutes)).toISOString(),
      newId: () => `id-${++this.#ids}`,
      newSalt: () => `salt-${++this.#ids}`,
      accounts: new Set(['US-001', 'US-002']),
      others: this.others,
      sameTaxNumber: this.sameTaxNumber,
      runnable: (workflowId, version) => this.#versions.get(`${workflowId} ${version}`),
    }
  }

  get proposal(): Proposal {
    if (this.state.proposal === null) throw new Error('There is no proposal')
    return this.state.proposal
  }
  get status(): ProposalStatus {
    return this.proposal.status
  }
  get customer(): Customer {
    return this.state.customer
  }

  /** Tries a command; what is refused leaves everything as it is. */
  try(who: string, command: Command): Result<Outcome> {
    const result = decide(this.state, command, this.as(who))
    if (!result.ok) return result
    this.state = result.value.state
    this.events.push(...result.value.events)
    return result
  }
  /** Carries a command out; a refusal fails the test. */
  do(who: string, command: Command): Outcome {
    const result = this.try(who, command)
    if (!result.ok) throw result.error
    return result.value
  }
  /** Commands in order, each by the person beside it. */
  play(commands: readonly (readonly [who: string, command: Command])[]): void {
    for (const [who, command] of commands) this.do(who, command)
  }
  /** The code with which a command is refused; null when it is not. */
  refusal(who: string, command: Command): ErrorCode | null {
    const result = decide(this.state, command, this.as(who))
    return result.ok ? null : result.error.code
  }

  edit(who: string, set: Json, more: Partial<EditCommand> = {}): Outcome {
    return this.do(who, editOf({ set }, more))
  }
  editChildren(who: string, bankAccounts: RawEdit['bankAccounts']): Outcome {
    return this.do(who, editOf({ bankAccounts: bankAccounts ?? null }))
  }
  submit(who: string): Outcome {
    return this.do(who, { kind: 'SUBMIT', expectedRevision: null, comment: null })
  }
  recall(who: string): Outcome {
    return this.do(who, { kind: 'RECALL', comment: 'Once more' })
  }

  /** Open items of a person, or of everybody. */
  open(who?: string): WorkItem[] {
    const items = this.proposal.items.filter((i) => i.status === 'OPEN' && i.kind === 'APPROVAL')
    return who === undefined ? items : items.filter((i) => i.assigneeId === who)
  }
  /** Whom the proposal waits for, in the order of their items. */
  get asked(): (string | null)[] {
    return this.open().map((i) => i.assigneeId)
  }
  /** The steps in which somebody is asked now. */
  get askedSteps(): string[] {
    return [...new Set(this.open().map((i) => i.step))]
  }
  answerOf<K extends 'APPROVE' | 'REJECT'>(who: string, kind: K): Answer & { readonly kind: K } {
    const workItemId = this.open(who)[0]?.id ?? 'none'
    return { kind, workItemId, revision: this.proposal.revision, comment: kind === 'REJECT' ? 'Not like this' : null }
  }
  approve(...people: string[]): void {
    for (const who of people) this.do(who, this.answerOf(who, 'APPROVE'))
  }
  reject(who: string): Outcome {
    return this.do(who, this.answerOf(who, 'REJECT'))
  }
  requestOf(who: string, toId: string | null = null): Extract<Command, { kind: 'REQUEST_CHANGE' }> {
    return {
      kind: 'REQUEST_CHANGE',
      workItemId: this.open(who)[0]?.id ?? 'none',
      revision: this.proposal.revision,
      comment: 'Please correct',
      toId,
    }
  }
  requestChange(who: string, toId: string | null = null): Outcome {
    return this.do(who, this.requestOf(who, toId))
  }
  rebase(keep: readonly string[], drop: readonly string[] = []): Extract<Command, { kind: 'REBASE' }> {
    return {
      kind: 'REBASE',
      keep: keep.map((field) => this.change(field).id),
      drop: drop.map((field) => this.change(field).id),
      expectedRevision: this.proposal.revision,
      expectedCustomerVersion: this.customer.version,
    }
  }
  change(field: string): Change {
    const found = this.proposal.changes.find((c) => c.field === field)
    if (found === undefined) throw new Error(`${field} is not in the proposal`)
    return found
  }
  get fields(): string[] {
    return this.proposal.changes.map((c) => c.field)
  }

  /** What a direct write leaves: governed fields changed past the proposals by the service account. */
  writeDirectly(set: Json): Outcome {
    return this.do('partner', editOf({ set }, { mode: 'WRITE', source: 'INTEGRATION' }))
  }
  /** Sets the effective time as scheduling does: part of the content, so the revision rises. */
  schedule(effectiveAt: string | null): void {
    const { proposal } = this
    this.state = { ...this.state, proposal: { ...proposal, effectiveAt, revision: proposal.revision + 1 } }
  }
  /** Changes somebody's membership. */
  changePerson(id: string, more: PersonMore & { readonly roles?: readonly Role[] }): void {
    const people = new Map(this.company.directory.people)
    const before = people.get(id)
    if (before !== undefined) people.set(id, { ...before, ...more })
    this.company = { ...this.company, directory: { ...this.company.directory, people } }
  }
  /** Replaces the active workflow by another one with the same definition, or the other way about. */
  replaceWorkflow(): void {
    const [first, second] = this.company.workflows
    const version = first?.activeVersion ?? null
    if (first === undefined || version === null) return
    const id = second?.id ?? 'w2'
    const replaced: Workflow = { ...first, id, activeVersion: { ...version, workflowId: id } }
    this.company = { ...this.company, workflows: [replaced, { ...first, activeVersion: null }] }
  }
  /** Activates another definition as the next version of the workflow. */
  activate(definition: Json, more: VersionMore = {}): void {
    const [first, ...rest] = this.company.workflows
    if (first === undefined || first.activeVersion === null) throw new Error('There is no active workflow')
    const next = runnable(first.id, this.#versions.size + 1, definition, more)
    this.company = { ...this.company, workflows: [{ ...first, activeVersion: next }, ...rest] }
  }
}
