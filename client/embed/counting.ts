// How many proposals of a company are in each state, out of what its stream tells.
import type { CompanyMessage, ProposalStatus } from './documents.ts'

export type Counts = Readonly<Partial<Record<ProposalStatus, number>>>

export const closedStatuses: readonly ProposalStatus[] = ['APPLIED', 'DISCARDED']

/** Takes messages; answers the counts that they lead to, null where they change nothing, `again` where only a new snapshot can tell. */
export const createCounting = (): ((message: CompanyMessage) => Counts | 'again' | null) => {
  const states = new Map<string, ProposalStatus>()
  /** A snapshot names the proposals that changed last. Where there are more, nobody knows what state another one was in. */
  let whole = false
  return (message) => {
    switch (message.__typename) {
      case 'ProposalStatusSnapshot':
        states.clear()
        for (const { id, status } of message.proposals) states.set(id, status)
        whole = message.counts.reduce((sum, { count }) => sum + count, 0) <= states.size
        return Object.fromEntries(message.counts.map(({ status, count }) => [status, count]))
      case 'ProposalStatusChanged': {
        const { id, status } = message.proposal
        if (!whole) return 'again'
        if (closedStatuses.includes(status)) states.delete(id)
        else states.set(id, status)
        const counts: Partial<Record<ProposalStatus, number>> = {}
        for (const one of states.values()) counts[one] = (counts[one] ?? 0) + 1
        return counts
      }
      case 'Resync':
      case 'Heartbeat':
        return null
    }
  }
}
