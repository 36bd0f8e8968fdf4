// Approvals belong to content: which answers of earlier runs still hold (DOMAIN section 6). Nothing is stored about where a run
// stopped; this is worked out from the runs, their ends and the decisions each time.
import { isBefore } from '../instant.ts'
import type { Change, ChangeRef, Decision, Proposal, Run, WorkItem, WorkItemKind } from '../proposal.ts'

/** Is `now` earlier than `then`? No time means at once, the earliest there is. */
const isEarlier = (now: string | null, then: string | null): boolean =>
  now === null ? then !== null : then !== null && isBefore(now, then)

/** What an answer was given for, less what has been refused since: that counts as still there for the answers of others. */
const stillGiven = (decision: Pick<Decision, 'changes'>, refused: ReadonlyMap<string, string>): readonly ChangeRef[] =>
  refused.size === 0 ? decision.changes : decision.changes.filter((c) => refused.get(c.id) !== c.digest)

/** Digests of refused changes by id. */
export const refusedOf = (changes: readonly Change[]): ReadonlyMap<string, string> =>
  new Map(changes.filter((c) => c.refusal !== null).map((c) => [c.id, c.digest]))

/** Does an approval still hold: is none of its changes new, different or gone, and the effective time not earlier? */
export const holds = (
  decision: Pick<Decision, 'changes' | 'effectiveAt'>,
  changes: readonly ChangeRef[],
  effectiveAt: string | null,
  refused: ReadonlyMap<string, string> = new Map(),
): boolean => {
  const given = stillGiven(decision, refused)
  return (
    !isEarlier(effectiveAt, decision.effectiveAt) &&
    given.length === changes.length &&
    holdsAll({ changes: given }, changes)
  )
}

/** Does a completed task or a choice still hold: is none of the changes new or different? */
export const holdsAll = (decision: Pick<Decision, 'changes'>, changes: readonly ChangeRef[]): boolean => {
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

/** An answer of an earlier run, with the hash of the element that it was given in, and whose seat or which queue's it was given at. */
export type CarriedVote = { readonly decision: Decision; readonly definition: string; readonly seat: string | null }

/** Whose seat an item is, through whatever hands and queues it went: the queue's or the person's whom the step has asked. */
const seatOf = (decision: Decision, run: Run, items: ReadonlyMap<string, WorkItem>): string | null => {
  const item = items.get(decision.workItemId ?? '')
  if (item === undefined) return decision.actorId
  const fact = run.steps[item.stepPath]
  const asked = fact?.kind === 'ASKED' ? fact.queues?.[item.id] : undefined
  return asked ?? item.queueId ?? item.heldByIds[0] ?? item.assigneeId
}

/** What earlier runs leave behind for one step: single answers, and those by which the step stood approved last. */
export type Carried = { readonly votes: readonly CarriedVote[]; readonly approved: readonly CarriedVote[] }
const nothing: Carried = { votes: [], approved: [] }

/** Is the element decided for? A choice is decided before what it leads to is done. */
const isSettled = ({ outcome, taken }: Run['elements'][string]): boolean =>
  outcome === 'APPROVED' || outcome === 'DONE' || taken !== undefined

/** The answers by which a run has approved a step for good or after an escalation, those kept from before included. */
const approvedSteps = (run: Run, decisions: readonly Decision[]): [stepPath: string, approved: Decision[]][] => {
  const byId = new Map(decisions.map((d) => [d.id, d]))
  return Object.entries(run.steps).flatMap(([stepPath, fact]) => {
    // What a timer has decided is never kept.
    if (fact.kind !== 'ASKED' || fact.outcome !== 'APPROVED' || fact.timedById !== undefined) return []
    const kept = Object.values(fact.kept).flatMap((id) => byId.get(id) ?? [])
    const given = decisions.filter((d) => d.runId === run.id && d.stepPath === stepPath)
    const approvals = [...kept, ...given].filter(
      ({ outcome }) => outcome === 'APPROVED' || outcome === 'COMPLETED' || outcome === 'CHOSEN',
    )
    const element = run.elements[approvals[0]?.elementPath ?? '']
    // Whoever was asked when time had run out answered for all of the step: there is no seat of its own people to put that answer in.
    const escalated = (fact.level ?? 0) > 0
    if (element === undefined || !(isSettled(element) || escalated)) return []
    return [[stepPath, approvals]]
  })
}

/**
 * What the earlier runs of a proposal leave behind for a new run of `workflowId`, by step path. Automatic answers are never among
 * them. A reject, a return or a request for change wipes the innermost element in which it happened and whatever was still running; a recall
 * leaves everything; a cancelled run and another workflow keep nothing.
 */
export const carriedVotes = (
  proposal: Pick<Proposal, 'runs' | 'decisions' | 'items'>,
  workflowId: string,
): ReadonlyMap<string, Carried> => {
  const items = new Map(proposal.items.map((item) => [item.id, item]))
  const vote = (decision: Decision, run: Run): CarriedVote => ({
    decision,
    definition: run.elements[decision.elementPath]?.definition ?? '',
    seat: seatOf(decision, run, items),
  })
  let votes: CarriedVote[] = []
  let approved = new Map<string, CarriedVote[]>()
  let before: string | null = null
  for (const run of proposal.runs) {
    if (before !== run.workflowId) {
      votes = []
      approved = new Map()
    }
    before = run.workflowId
    for (const decision of proposal.decisions) {
      if (decision.runId !== run.id || decision.automatic || decision.outcome === 'CHANGE_REQUESTED') continue
      votes.push(vote(decision, run))
    }
    for (const [stepPath, by] of approvedSteps(run, proposal.decisions))
      approved.set(
        stepPath,
        by.map((decision) => vote(decision, run)),
      )
    const end = run.end
    if (end === null || end.how === 'RECALLED' || end.how === 'APPROVED') continue
    if (end.how === 'CANCELLED') {
      votes = []
      approved = new Map()
      continue
    }
    const stays = ({ decision: { elementPath } }: CarriedVote): boolean => {
      const element = run.elements[elementPath]
      return elementPath !== end.at && (element?.outcome !== null || element.taken !== undefined)
    }
    votes = votes.filter(stays)
    approved = new Map([...approved].filter(([, by]) => by.every(stays)))
  }
  if (before !== workflowId) return new Map()
  const byStep = Map.groupBy(votes, ({ decision }) => decision.stepPath ?? '')
  return new Map([...byStep].map(([path, of]) => [path, { votes: of, approved: approved.get(path) ?? [] }]))
}

/** A step as it starts in a new run. */
type Now = {
  readonly kind: WorkItemKind
  readonly definition: string
  /** What is decided on now. */
  readonly changes: readonly ChangeRef[]
  readonly refused: ReadonlyMap<string, string>
  readonly effectiveAt: string | null
  readonly excluded: ReadonlySet<string>
}

/**
 * What of it still holds for a step as it starts now. `approved`: the answers by which the step goes on without asking, none when it
 * has to be asked (one of them may have lapsed: the others then fill the seats of their givers). `votes`: each person's latest.
 */
export const stillHolding = (carried: Carried = nothing, now: Now): Carried => {
  const lives = ({ decision, definition }: CarriedVote): boolean =>
    definition === now.definition &&
    decision.actorId !== null &&
    !now.excluded.has(decision.actorId) &&
    (now.kind === 'APPROVAL'
      ? holds(decision, now.changes, now.effectiveAt, now.refused)
      : holdsAll(decision, now.changes))
  const latest = new Map(carried.votes.filter(lives).map((vote) => [vote.seat, vote]))
  return { votes: [...latest.values()], approved: carried.approved.every(lives) ? carried.approved : [] }
}
