// A small company in memory, its people and a customer, and commands played on them one after another. Ids, salts and the clock are
// counters, so that every run is the same.
import type { Company } from '../../server/domain/company.ts'
import type { Customer } from '../../server/domain/customer.ts'
import { decide, type Command } from '../../server/domain/decide.ts'
import { systemActor, type Absence, type Role } from '../../server/domain/directory.ts'
import type { EditCommand, RawEdit } from '../../server/domain/edit.ts'
import type { DomainError, ErrorCode, Result } from '../../server/domain/errors.ts'
import type { DomainEvent } from '../../server/domain/events.ts'
import { blockersOf, routeNow, type Blocker } from '../../server/domain/explain.ts'
import {
  isOpen,
  type Change,
  type Decision,
  type Proposal,
  type ProposalStatus,
  type WorkItem,
} from '../../server/domain/proposal.ts'
import type { Context, Outcome, State, WithProposal } from '../../server/domain/state.ts'
import type { RouteElement } from '../../server/domain/workflow/route.ts'
import type { RunnableVersion, Workflow } from '../../server/domain/workflow/workflow.ts'
import { createCompany, customer, runnable, type PersonMore, type Setup, type VersionMore } from './company.ts'
import type { Json } from './workflow/definitions.ts'

export * from './company.ts'

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

type AnswerKind = 'APPROVE' | 'REJECT' | 'COMPLETE' | 'RETURN' | 'CHOOSE'
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

  get now(): string {
    return new Date(Date.UTC(2026, 10, 22, 12, this.#minutes)).toISOString()
  }
  /** Lets time pass. */
  wait(hours: number): void {
    this.#minutes += hours * 60
  }
  /** What the sweep does: time passes, nobody asks. */
  tick(): Outcome {
    return this.system({ kind: 'TIME' })
  }
  /** A command that nobody gives but the system itself. */
  system(command: Command): Outcome {
    const result = decide(this.state, command, { ...this.as('olga'), actor: systemActor })
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
      now: this.now,
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
    return this.errorOf(who, command)?.code ?? null
  }
  errorOf(who: string, command: Command): DomainError | null {
    const result = decide(this.state, command, this.as(who))
    return result.ok ? null : result.error
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

  get found(): WithProposal {
    return { customer: this.customer, proposal: this.proposal }
  }
  /** What the proposal waits for, as anybody is told. */
  get blockers(): Blocker[] {
    return blockersOf(this.found, this.as('olga'))
  }
  get route(): RouteElement[] {
    return routeNow(this.found, this.as('olga')) ?? []
  }
  /** Open items of a person, or of everybody; what came back to be corrected is not among them. */
  open(who?: string): WorkItem[] {
    const items = this.proposal.items.filter((i) => i.status === 'OPEN' && i.kind !== 'RETURN')
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
  /** Approves what lies at somebody else's seat, or has been taken from a queue. */
  answer<K extends AnswerKind>(who: string, kind: K, item: WorkItem | undefined = this.open(who)[0]) {
    const comment = kind === 'APPROVE' || kind === 'COMPLETE' ? null : 'Not like this'
    return { kind, workItemId: item?.id ?? 'none', revision: this.proposal.revision, comment }
  }
  complete(...people: string[]): void {
    for (const who of people) this.do(who, this.answer(who, 'COMPLETE'))
  }
  chooseOf(who: string, choice: string): Extract<Command, { kind: 'CHOOSE' }> {
    return { ...this.answer(who, 'CHOOSE'), choice, comment: null }
  }
  choose(who: string, choice: string): Outcome {
    return this.do(who, this.chooseOf(who, choice))
  }
  /** An approval that leaves out the changes of these fields. */
  refuseOf(who: string, ...fields: string[]): Extract<Command, { kind: 'APPROVE' }> {
    const refuse = fields.map((field) => ({ changeId: this.change(field).id, reason: `No ${field}` }))
    return { ...this.answer(who, 'APPROVE'), refuse }
  }
  refuse(who: string, ...fields: string[]): Outcome {
    return this.do(who, this.refuseOf(who, ...fields))
  }
  handOf<K extends 'DELEGATE' | 'REASSIGN'>(kind: K, toId: string, item: WorkItem | undefined = this.open()[0]) {
    return { kind, workItemId: item?.id ?? 'none', toId, comment: null }
  }
  delegate(who: string, toId: string): Outcome {
    return this.do(who, this.handOf('DELEGATE', toId, this.open(who)[0]))
  }
  queueOf<K extends 'CLAIM' | 'RELEASE'>(kind: K, item: WorkItem | undefined = this.open()[0]) {
    return { kind, workItemId: item?.id ?? 'none' }
  }
  /** People's own decisions, timers' and automatic ones, in order. */
  get answers(): string[] {
    return this.proposal.decisions.map((d: Decision) => `${d.actorId ?? 'system'} ${d.outcome}`)
  }
  get happened(): DomainEvent['type'][] {
    return this.events.map((e) => e.type)
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
  schedule(effectiveAt: string | null, who = 'clara'): Outcome {
    return this.do(who, { kind: 'SCHEDULE', effectiveAt, expectedRevision: null })
  }
  /** Puts the proposal beside, as one that waits for its time: the customer is free for another one. */
  setAside(): void {
    this.others = [...this.others, this.proposal]
    this.state = { ...this.state, proposal: null }
  }
  /** Takes the one that was put beside first; the proposal at hand, unless it is closed, goes beside. */
  takeUp(): void {
    const [first, ...rest] = this.others
    const { proposal } = this.state
    this.others = proposal === null || !isOpen(proposal) ? rest : [...rest, proposal]
    this.state = { ...this.state, proposal: first ?? null }
  }
  /** Somebody is away from now on, for so many hours. */
  away(userId: string, standInId: string, hours = 24, workflowId: string | null = null): void {
    const at = (ahead: number): string => new Date(Date.parse(this.now) + ahead * 3_600_000).toISOString()
    const absence: Absence = { id: `away-${userId}`, userId, standInId, from: at(0), until: at(hours), workflowId }
    const { directory } = this.company
    this.company = {
      ...this.company,
      directory: { ...directory, absences: [...directory.absences, absence] },
    }
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
