// What a command is decided on, and what it leaves: the core contract of the domain.
import type { Company } from './company.ts'
import type { Customer } from './customer.ts'
import type { Person } from './directory.ts'
import { DomainError } from './errors.ts'
import type { DomainEvent } from './events.ts'
import type { Proposal } from './proposal.ts'
import type { RunnableVersion } from './workflow/workflow.ts'

export type State = { readonly customer: Customer; readonly proposal: Proposal | null }
export type WithProposal = { readonly customer: Customer; readonly proposal: Proposal }

/** Everything from outside that a rule may look at: who asks, the company's set-up, the time, fresh ids and salts. */
export type Context = {
  readonly actor: Person
  readonly company: Company
  /** RFC 3339, UTC. */
  readonly now: string
  readonly newId: () => string
  readonly newSalt: () => string
  /** Accounts of the company that are known to exist, at least every one that a command or the record points to. */
  readonly accounts: ReadonlySet<string>
  /** The customer's other proposals that are not closed: scheduled ones, and beside a scheduled one the open one. */
  readonly others: readonly Proposal[]
  /** Accounts of other customers with the tax number that this one has or would have. */
  readonly sameTaxNumber: readonly string[]
  /** A version of a workflow that this proposal has run on, or one that is active. */
  readonly runnable: (workflowId: string, version: number) => RunnableVersion | undefined
}

export type Outcome<S extends State = State> = { readonly state: S; readonly events: readonly DomainEvent[] }

export const wrongState = (proposal: Proposal, message: string): DomainError =>
  new DomainError('WRONG_STATE', message, { detail: { proposalId: proposal.id } })

/** `at`: where the input names the revision. */
export const staleRevision = (proposal: Proposal, looked: number, at: string): DomainError => {
  const behind = proposal.revision - looked
  return new DomainError(
    'STALE_REVISION',
    behind > 0
      ? `The proposal has changed since you opened it (revision ${looked}, now ${proposal.revision}). Look at it again, then decide.`
      : `There is no revision ${looked} of this proposal; the current one is ${proposal.revision}.`,
    { at: [at], detail: { proposalId: proposal.id } },
  )
}

/** Null when the revision that was looked at is the current one, or none was named. */
export const checkRevision = (
  proposal: Proposal,
  looked: number | null,
  at: 'revision' | 'expectedRevision' = 'expectedRevision',
): DomainError | null => (looked === null || looked === proposal.revision ? null : staleRevision(proposal, looked, at))
