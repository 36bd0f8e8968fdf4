// What a banner knows: how the proposals of a customer stand, or how many of a company are in each state; and whether that is live.
import { stringifyDocument } from '@urql/core'
import type { RefusalError, Status } from '../src/lib/live/live.ts'
import {
  CompanyStatusStream,
  CustomerStatusStream,
  type CompanyMessage,
  type CustomerMessage,
  type ProposalStatus,
  type Standing,
} from './documents.ts'
import { join, type GetToken } from './sharing.ts'

export type Subject = { readonly company: string; readonly account: string | null }
type Options = { readonly url: string; readonly getToken: GetToken; readonly subject: Subject }

export type Counts = Readonly<Partial<Record<ProposalStatus, number>>>

const closed: readonly ProposalStatus[] = ['APPLIED', 'DISCARDED']
/** So long after a change of a company with more proposals than a snapshot holds it is counted anew. */
const countAgainMs = 1000

export class StandingFeed {
  readonly subject: Subject
  /** Of the server; addresses of its pages begin with it. */
  readonly origin: string
  /** Open ones, and those that were closed while one looked. */
  proposals = $state.raw<readonly Standing[]>([])
  counts = $state.raw<Counts>({})
  /** The first snapshot is here. */
  known = $state(false)
  status = $state<Status>('reconnecting')
  heard = $state.raw<Date | null>(null)
  refusal = $state<string | null>(null)
  readonly #leave: () => void

  constructor({ url, getToken, subject }: Options) {
    this.subject = subject
    this.origin = new URL(url).origin
    const { live, leave } = join(url, getToken, (status, heard) => {
      this.status = status
      this.heard = heard
    })
    const refused = (errors: readonly RefusalError[]) => {
      this.refusal = errors.map(({ message }) => message).join(' ')
    }
    const { company, account } = subject
    const stop =
      account === null
        ? this.#follow((next) => live.follow<CompanyMessage>(text(CompanyStatusStream), { company }, { next, refused }))
        : live.follow<CustomerMessage>(
            text(CustomerStatusStream),
            { company, account },
            { next: (message) => this.#takeOne(message), refused },
          )
    this.#leave = () => {
      stop()
      leave()
    }
  }

  /** What was closed has been read. */
  dismiss(id: string): void {
    this.proposals = this.proposals.filter((proposal) => proposal.id !== id)
  }

  end(): void {
    this.#leave()
  }

  #takeOne(message: CustomerMessage): void {
    switch (message.__typename) {
      case 'ProposalStatusSnapshot': {
        const there = new Set(message.proposals.map(({ id }) => id))
        const gone = this.proposals.filter(({ id, status }) => closed.includes(status) && !there.has(id))
        this.proposals = [...message.proposals, ...gone]
        this.known = true
        return
      }
      case 'ProposalStatusChanged': {
        const { proposal } = message
        const known = this.proposals.some(({ id }) => id === proposal.id)
        this.proposals = known
          ? this.proposals.map((one) => (one.id === proposal.id ? proposal : one))
          : [...this.proposals, proposal]
        return
      }
      case 'Resync':
      case 'Heartbeat':
    }
  }

  /** A snapshot names the proposals that changed last; where there are more, a change of another is counted by a new one. */
  #follow(open: (next: (message: CompanyMessage) => void) => () => void): () => void {
    const states = new Map<string, ProposalStatus>()
    let whole = false
    let again: ReturnType<typeof setTimeout> | undefined
    const count = () => {
      const counts: Partial<Record<ProposalStatus, number>> = {}
      for (const status of states.values()) counts[status] = (counts[status] ?? 0) + 1
      this.counts = counts
    }
    const take = (message: CompanyMessage) => {
      switch (message.__typename) {
        case 'ProposalStatusSnapshot':
          states.clear()
          for (const { id, status } of message.proposals) states.set(id, status)
          this.counts = Object.fromEntries(message.counts.map((one) => [one.status, one.count]))
          whole = message.counts.reduce((sum, one) => sum + one.count, 0) <= states.size
          this.known = true
          return
        case 'ProposalStatusChanged': {
          const { id, status } = message.proposal
          if (!whole) {
            again ??= setTimeout(() => {
              again = undefined
              stop()
              stop = open(take)
            }, countAgainMs)
            return
          }
          if (closed.includes(status)) states.delete(id)
          else states.set(id, status)
          return count()
        }
        case 'Resync':
        case 'Heartbeat':
      }
    }
    let stop = open(take)
    return () => {
      clearTimeout(again)
      stop()
    }
  }
}

const text = (document: Parameters<typeof stringifyDocument>[0]): string => stringifyDocument(document)
