// How a state looks: colour, icon and word together, so that colour is never the only sign.
import type { ReviewStatus } from './documents/customers.ts'
import type { ProposalStatus, RouteElement } from './documents/proposal-parts.ts'
import { messages } from './messages.ts'

export type Tone = 'draft' | 'pending' | 'approved' | 'rejected' | 'scheduled'
export type IconName =
  | 'pencil'
  | 'hourglass'
  | 'return'
  | 'cross'
  | 'calendar'
  | 'fork'
  | 'stop'
  | 'check'
  | 'trash'
  | 'search'
  | 'plus'
  | 'close'
  | 'chevron'
  | 'left'
  | 'lock'
  | 'circle'
  | 'skip'
  | 'shield'
  | 'person'
  | 'comment'
  | 'tick'
  | 'clock'
  | 'branch'
  | 'queue'
  | 'stack'
export type Sign = { tone: Tone; icon: IconName; text: string }

export const proposalSigns: Record<ProposalStatus, Sign> = {
  DRAFT: { tone: 'draft', icon: 'pencil', text: messages.status.DRAFT },
  PENDING: { tone: 'pending', icon: 'hourglass', text: messages.status.PENDING },
  CHANGES_REQUESTED: { tone: 'pending', icon: 'return', text: messages.status.CHANGES_REQUESTED },
  REJECTED: { tone: 'rejected', icon: 'cross', text: messages.status.REJECTED },
  SCHEDULED: { tone: 'scheduled', icon: 'calendar', text: messages.status.SCHEDULED },
  CONFLICTED: { tone: 'rejected', icon: 'fork', text: messages.status.CONFLICTED },
  FAULTED: { tone: 'rejected', icon: 'stop', text: messages.status.FAULTED },
  APPLIED: { tone: 'approved', icon: 'check', text: messages.status.APPLIED },
  DISCARDED: { tone: 'draft', icon: 'trash', text: messages.status.DISCARDED },
}

export const reviewSigns: Record<Exclude<ReviewStatus, 'NO_CHANGES'>, Sign> = {
  CHANGES_NOT_SUBMITTED: proposalSigns.DRAFT,
  CHANGES_PENDING_APPROVAL: proposalSigns.PENDING,
  CHANGES_REQUESTED: proposalSigns.CHANGES_REQUESTED,
  CHANGES_REJECTED: proposalSigns.REJECTED,
  CHANGES_SCHEDULED: proposalSigns.SCHEDULED,
  CHANGES_CONFLICTED: proposalSigns.CONFLICTED,
  CHANGES_FAULTED: proposalSigns.FAULTED,
}

/** Those of a proposal that is not closed. */
export const openStatuses = [
  'DRAFT',
  'PENDING',
  'CHANGES_REQUESTED',
  'REJECTED',
  'SCHEDULED',
  'CONFLICTED',
  'FAULTED',
] as const

export const reviewStatuses = Object.keys(reviewSigns) as (keyof typeof reviewSigns)[]

export const routeSigns: Record<RouteElement['status'], Sign> = {
  TO_COME: { tone: 'draft', icon: 'circle', text: messages.route.TO_COME },
  RUNNING: { tone: 'pending', icon: 'hourglass', text: messages.route.RUNNING },
  APPROVED: { tone: 'approved', icon: 'check', text: messages.route.APPROVED },
  REJECTED: { tone: 'rejected', icon: 'cross', text: messages.route.REJECTED },
  SKIPPED: { tone: 'draft', icon: 'skip', text: messages.route.SKIPPED },
  KEPT: { tone: 'approved', icon: 'check', text: messages.route.KEPT },
  DONE: { tone: 'approved', icon: 'check', text: messages.route.DONE },
}
