// A customer with all of its proposals, as the services hand them to the rules: the open one, those that wait for their time, and a
// clock that only moves when it is told to. It can be copied, so that one moment can be gone on from in several ways.
import type { Company } from '../../server/domain/company.ts'
import type { Customer } from '../../server/domain/customer.ts'
import { decide, type Command } from '../../server/domain/decide.ts'
import { systemActor, type Absence, type Person } from '../../server/domain/directory.ts'
import { nextDue } from '../../server/domain/due.ts'
import type { Result } from '../../server/domain/errors.ts'
import type { DomainEvent } from '../../server/domain/events.ts'
import { isOpen, type Proposal, type WorkItem } from '../../server/domain/proposal.ts'
import { sittingAt } from '../../server/domain/permit-item.ts'
import type { Context, Outcome, State } from '../../server/domain/state.ts'
import type { RunnableVersion } from '../../server/domain/workflow/workflow.ts'

export type Played = {
  /** Null: the system. */
  readonly who: string | null
  readonly command: Command
  readonly before: State
  readonly result: Result<Outcome>
  /** The proposal that it was about, as it is now. */
  readonly after: Proposal | null
  readonly now: string
}

const start = Date.UTC(2026, 10, 23, 9)

export class Life {
  company: Company
  customer: Customer
  /** Oldest first, closed ones too. */
  proposals: readonly Proposal[] = []
  minutes = 0
  /** Has anybody ever left, or come back? */
  left = false
  sameTaxNumber: readonly string[] = []
  see: (played: Played) => void = () => undefined
  #versions: ReadonlyMap<string, RunnableVersion> = new Map()
  #ids = 0

  constructor(company: Company, customer: Customer) {
    this.company = company
    this.customer = customer
    this.#learn()
  }

  #learn(): void {
    const known = new Map(this.#versions)
    for (const { activeVersion: v } of this.company.workflows)
      if (v !== null) known.set(`${v.workflowId} ${v.version}`, v)
    this.#versions = known
  }

  fork(): Life {
    const copy = new Life(this.company, this.customer)
    copy.proposals = this.proposals
    copy.minutes = this.minutes
    copy.left = this.left
    copy.sameTaxNumber = this.sameTaxNumber
    copy.#versions = this.#versions
    copy.#ids = this.#ids
    return copy
  }

  get now(): string {
    return this.at(0)
  }
  at(hours: number): string {
    return new Date(start + this.minutes * 60_000 + hours * 3_600_000).toISOString()
  }
  person(id: string): Person | undefined {
    return this.company.directory.people.get(id)
  }
  version(workflowId: string, version: number): RunnableVersion | undefined {
    return this.#versions.get(`${workflowId} ${version}`)
  }
  set(company: Company): void {
    this.company = company
    this.#learn()
  }

  /** The one proposal that edits join or meet; null: none is open. */
  get open(): Proposal | null {
    return this.proposals.find((p) => isOpen(p) && p.status !== 'SCHEDULED') ?? null
  }
  get scheduled(): readonly Proposal[] {
    return this.proposals.filter((p) => p.status === 'SCHEDULED')
  }
  /** What people look at: the open one, else the latest. */
  get current(): Proposal | null {
    return this.open ?? this.scheduled[0] ?? this.proposals.at(-1) ?? null
  }

  context(who: string | null, about: Proposal | null): Context {
    const actor = who === null ? systemActor : this.person(who)
    if (actor === undefined) throw new Error(`Nobody is called ${who}`)
    return {
      actor,
      company: this.company,
      now: this.now,
      newId: () => `id-${++this.#ids}`,
      newSalt: () => `salt-${++this.#ids}`,
      accounts: new Set(['US-001', 'US-002']),
      others: this.proposals.filter((p) => p.id !== about?.id && isOpen(p)),
      sameTaxNumber: this.sameTaxNumber,
      runnable: (workflowId, version) => this.version(workflowId, version),
    }
  }
  sitterAt(proposal: Proposal, item: WorkItem): string | null {
    return sittingAt(this.context('adam', proposal), proposal, item).userId
  }

  /** What would follow; nothing of it happens. */
  ask(who: string | null, command: Command, about: Proposal | null = this.current): Result<Outcome> {
    const proposal = command.kind === 'EDIT' ? this.open : about
    return decide({ customer: this.customer, proposal }, command, this.context(who, proposal))
  }
  try(who: string | null, command: Command, about: Proposal | null = this.current): Result<Outcome> {
    const proposal = command.kind === 'EDIT' ? this.open : about
    const before: State = { customer: this.customer, proposal }
    const result = decide(before, command, this.context(who, proposal))
    let after = proposal
    if (result.ok) {
      this.customer = result.value.state.customer
      after = result.value.state.proposal
      if (after !== null) this.keep(after)
    }
    this.see({ who, command, before, result, after, now: this.now })
    return result
  }
  do(who: string | null, command: Command, about: Proposal | null = this.current): readonly DomainEvent[] {
    const result = this.try(who, command, about)
    if (!result.ok) throw result.error
    return result.value.events
  }
  keep(proposal: Proposal): void {
    const known = this.proposals.some((p) => p.id === proposal.id)
    this.proposals = known
      ? this.proposals.map((p) => (p.id === proposal.id ? proposal : p))
      : [...this.proposals, proposal]
  }

  /** What the sweep does: every proposal whose time has come is told so, once. */
  sweep(): void {
    for (const proposal of this.proposals) {
      const due = nextDue(proposal)
      if (due !== null && due <= this.now) this.try(null, { kind: 'TIME' }, proposal)
    }
  }
  wait(hours: number): void {
    this.minutes += hours * 60
  }

  changePerson(id: string, more: Partial<Person>): void {
    this.left = true
    const people = new Map(this.company.directory.people)
    const before = people.get(id)
    if (before !== undefined) people.set(id, { ...before, ...more })
    this.#direct({ people })
    for (const proposal of this.proposals)
      if (proposal.status === 'PENDING') this.try(null, { kind: 'PROCEED' }, proposal)
  }
  setAbsences(absences: readonly Absence[]): void {
    this.#direct({ absences })
  }
  #direct(more: Partial<Company['directory']>): void {
    this.company = { ...this.company, directory: { ...this.company.directory, ...more } }
  }
}
