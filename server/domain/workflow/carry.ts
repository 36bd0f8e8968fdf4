// Approvals belong to content: which answers of earlier runs still hold (DOMAIN section 6). Nothing is stored about where a run
// stopped; this is worked out from the runs, their ends and the decisions each time.
import type { ChangeRef, Decision, Proposal, Run } from '../proposal.ts'

/** Is `now` earlier than `then`? No time means at once, the earliest there is. */
const isEarlier = (now: string | null, then: string | null): boolean =>
  now === null ? then !== null : then !== null && now < then

/** Does an answer still hold: is none of its changes new, different or gone, and the effective time not earlier? */
export const holds = (
  decision: Pick<Decision, 'changes' | 'effectiveAt'>,
  changes: readonly ChangeRef[],
  effectiveAt: string | null,
): boolean => {
  if (isEarlier(effectiveAt, decision.effectiveAt) || decision.changes.length !== changes.length) return false
  const given = new Map(decision.changes.map((c) => [c.id, c.digest]))
  return changes.every((c) => given.get(c.id) === c.digest)
}

/** Is everything that the answer was given for still in the proposal as it was? What the API shows as `live`. */
export const isLive = (
  decision: Pick<Decision, 'changes' | 'effectiveAt'>,
  proposal: Pick<Proposal, 'changes' | 'effectiveAt'>,
): boolean => {
  if (isEarlier(proposal.effectiveAt, decision.effectiveAt)) return false
  const now = new Map(proposal.changes.map((c) => [c.id, c.digest]))
  return decision.changes.every((c) => now.get(c.id) === c.digest)
}

/** An answer that may be kept; `decided`: its step and its element had been approved, so it stands for the whole step. */
export type CarriedVote = { readonly decision: Decision; readonly definition: string; readonly decided: boolean }

const stepApproved = (run: Run, stepPath: string): boolean => {
  const fact = run.steps[stepPath]
  return fact !== undefined && (fact.kind === 'KEPT' || (fact.kind === 'ASKED' && fact.outcome === 'APPROVED'))
}

/**
 * The answers that the earlier runs of a proposal leave behind for a new run of `workflowId`, by step path. Automatic ones are
 * never among them. A reject or a request for change wipes the innermost element in which it happened and whatever was still
 * running; a recall leaves everything; another workflow keeps nothing.
 */
export const carriedVotes = (
  proposal: Pick<Proposal, 'runs' | 'decisions'>,
  workflowId: string,
): ReadonlyMap<string, readonly CarriedVote[]> => {
  let alive: CarriedVote[] = []
  let before: string | null = null
  const decisionsOf = Map.groupBy(proposal.decisions, (d) => d.runId)
  for (const run of proposal.runs) {
    if (before !== null && before !== run.workflowId) alive = []
    before = run.workflowId
    for (const decision of decisionsOf.get(run.id) ?? []) {
      if (decision.automatic || decision.stepPath === null || decision.outcome === 'CHANGE_REQUESTED') continue
      const element = run.elements[decision.elementPath]
      const decided = element?.outcome === 'APPROVED' && stepApproved(run, decision.stepPath)
      alive.push({ decision, definition: element?.definition ?? '', decided })
    }
    const end = run.end
    if (end === null || end.how === 'RECALLED' || end.how === 'APPROVED') continue
    alive = alive.filter(
      ({ decision }) => decision.elementPath !== end.at && run.elements[decision.elementPath]?.outcome !== null,
    )
  }
  if (before !== workflowId) return new Map()
  return Map.groupBy(alive, ({ decision }) => decision.stepPath ?? '')
}
