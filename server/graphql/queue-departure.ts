// Why an item is not in a queue any more, from what the item is now and from what has just happened to it.
import type { SealedEvent } from '../domain/log.ts'
import type { Decision, DecisionOutcome, WorkItem } from '../domain/proposal.ts'

export const removalReasons = {
  DECIDED: 'You have answered it.',
  DECIDED_BY_OTHER: 'Somebody else has decided the step, or sent the proposal back.',
  WITHDRAWN: 'Nobody needs the answer any more.',
  CLAIMED_BY_OTHER: 'Somebody else has taken it from the queue.',
  MOVED: 'It lies in a queue now that is not yours.',
  DELEGATED: 'It was handed over to somebody else.',
  REASSIGNED: 'An administrator has given it to somebody else.',
  ESCALATED: 'Its time has run out: somebody else is asked instead, or the system has decided.',
  ABSENCE:
    'Somebody is away or is back: whoever stands in for you has it now, or the one for whom you stood in has it again.',
  ACCESS_LOST: 'You are no longer a member of the company, or of its queue.',
  FILTER: 'It is still in your queue, but what you filter by holds for it no more.',
} as const
export type RemovalReason = keyof typeof removalReasons

export type Departure = {
  readonly reason: RemovalReason
  readonly byId: string | null
  readonly outcome: DecisionOutcome | null
}

const left = (reason: RemovalReason, byId: string | null, outcome: DecisionOutcome | null = null): Departure => ({
  reason,
  byId,
  outcome,
})

/** Outcomes that are told of a whole run, by how it ended. */
const sentBack: Readonly<Record<string, DecisionOutcome>> = {
  REJECTED: 'REJECTED',
  CHANGES_REQUESTED: 'CHANGE_REQUESTED',
}

/**
 * How an item that is decided or withdrawn has left the queue of `viewerId`. `event`: the last one about it; `decisions`: of its
 * proposal.
 */
export const closedDeparture = (
  viewerId: string,
  item: WorkItem,
  event: SealedEvent | undefined,
  decisions: readonly Decision[],
): Departure => {
  if (item.status === 'DECIDED') {
    const outcome = decisions.find((d) => d.workItemId === item.id)?.outcome ?? null
    return left(item.decidedById === viewerId ? 'DECIDED' : 'DECIDED_BY_OTHER', item.decidedById, outcome)
  }
  const why = event?.type === 'WorkItemWithdrawn' && typeof event.data.why === 'string' ? event.data.why : ''
  const byId = event?.actorId ?? null
  const deciding = decisions.findLast((d) => d.runId === item.runId && d.stepPath === item.stepPath)
  const outcome = why === 'STEP_DECIDED' || why === 'TIMED_OUT' ? (deciding?.outcome ?? null) : (sentBack[why] ?? null)
  // Only the clock acts as nobody.
  if (why !== '' && byId === null) return left('ESCALATED', null, outcome)
  if (why === 'STEP_DECIDED') return left('DECIDED_BY_OTHER', deciding?.actorId ?? byId, outcome)
  return sentBack[why] === undefined ? left('WITHDRAWN', byId) : left('DECIDED_BY_OTHER', byId, outcome)
}

const handovers: Partial<Record<SealedEvent['type'], RemovalReason>> = {
  WorkItemClaimed: 'CLAIMED_BY_OTHER',
  WorkItemReleased: 'MOVED',
  WorkItemMoved: 'MOVED',
  WorkItemDelegated: 'DELEGATED',
  WorkItemReassigned: 'REASSIGNED',
}

/** How an item that is still open has left the queue of `viewerId`, who does not sit at it now. `events`: those about it. */
export const openDeparture = (
  viewerId: string,
  item: WorkItem,
  events: readonly SealedEvent[],
  wider: SealedEvent | undefined,
): Departure => {
  const last = events.findLast((event) => handovers[event.type] !== undefined)
  const reason = last === undefined ? undefined : handovers[last.type]
  if (last !== undefined && reason !== undefined && item.assigneeId !== viewerId) return left(reason, last.actorId)
  const byId = wider?.actorId ?? null
  return left(item.assigneeId === null ? 'ACCESS_LOST' : 'ABSENCE', byId)
}
