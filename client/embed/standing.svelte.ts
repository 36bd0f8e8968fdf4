// What a banner knows: how the proposals of a customer stand, or how many of a company are in each state; and whether that is live.
import { stringifyDocument } from '@urql/core'
import type { RefusalError, Status } from '../src/lib/live/live.ts'
import { closedStatuses, createCounting, type Counts } from './counting.ts'
import {
  CompanyStatusStream,
  CustomerStatusStream,
  type CompanyMessage,
  type CustomerMessage,
  type Standing,
} from './documents.ts'
import { join, type GetToken } from './sharing.ts'

export type Subject = { readonly company: string; readonly account: string | null }
type Options = { readonly url: string; readonly getToken: GetToken; readonly subject: Subject }

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
    const { live, origin, leave } = join(url, getToken, (status, heard) => {
      this.status = status
      this.heard = heard
    })
    this.origin = origin
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
        const isThere = (id: string) => message.proposals.some((proposal) => proposal.id === id)
        const gone = this.proposals.filter(({ id, status }) => closedStatuses.includes(status) && !isThere(id))
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

  /** Where a change cannot be counted, the stream is begun anew with a snapshot. */
  #follow(open: (next: (message: CompanyMessage) => void) => () => void): () => void {
    const count = createCounting()
    let again: ReturnType<typeof setTimeout> | undefined
    const take = (message: CompanyMessage) => {
      const counts = count(message)
      if (counts === 'again') again ??= setTimeout(begin, countAgainMs)
      else if (counts !== null) {
        this.counts = counts
        this.known = true
      }
    }
    const begin = () => {
      again = undefined
      stop()
      stop = open(take)
    }
    let stop = open(take)
    return () => {
      clearTimeout(again)
      stop()
    }
  }
}

const text = (document: Parameters<typeof stringifyDocument>[0]): string => stringifyDocument(document)
