// Closing: what is still open on a proposal is withdrawn, with an event each.
import type { DomainEvent } from './events.ts'
import { seatData, type Proposal, type WorkItem } from './proposal.ts'

/** Closes what is still open on a proposal, with an event each. */
export const withdrawOpen = (
  items: readonly WorkItem[],
  now: string,
  why: string,
): { items: readonly WorkItem[]; events: DomainEvent[] } => {
  const events: DomainEvent[] = []
  const next = items.map((item): WorkItem => {
    if (item.status !== 'OPEN') return item
    events.push({
      type: 'WorkItemWithdrawn',
      workItemId: item.id,
      data: { runId: item.runId, ...seatData(item), why },
    })
    return { ...item, status: 'WITHDRAWN', closedAt: now, version: item.version + 1 }
  })
  return { items: next, events }
}

type Closed = { readonly proposal: Proposal; readonly events: readonly DomainEvent[] }
const close = (proposal: Proposal, how: 'APPLIED' | 'DISCARDED', now: string): Closed => {
  const withdrawn = withdrawOpen(proposal.items, now, how)
  return {
    proposal: { ...proposal, status: how, items: withdrawn.items, closedAt: now, updatedAt: now },
    events: withdrawn.events.map((e) => ({ ...e, proposalId: proposal.id })),
  }
}

/** Closes a proposal as discarded: with the last change, or as a whole (DOMAIN section 3). */
export const discardedProposal = (proposal: Proposal, now: string): Closed => {
  const closed = close(proposal, 'DISCARDED', now)
  const event: DomainEvent = {
    type: 'ProposalDiscarded',
    proposalId: proposal.id,
    data: { revision: proposal.revision },
  }
  return { ...closed, events: [...closed.events, event] }
}

/** Closes a proposal all of whose changes are in the record already (DOMAIN section 4): nothing is written. */
export const alreadyAppliedProposal = (
  proposal: Proposal,
  changeIds: readonly string[],
  customerVersion: number,
  now: string,
): Closed => {
  const closed = close(proposal, 'APPLIED', now)
  const event: DomainEvent = {
    type: 'ProposalApplied',
    proposalId: proposal.id,
    data: {
      revision: proposal.revision,
      customerVersion,
      changes: [],
      alreadyApplied: [...changeIds],
      runCreditLimitCheck: false,
    },
  }
  return { ...closed, events: [...closed.events, event] }
}
