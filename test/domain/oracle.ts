// What approval means, written a second time and from the decisions alone: which of them are alive, what they cover, whether a step's
// policy is met. Slow and plain on purpose; it knows nothing of the facts that the interpreter keeps.
import type { DomainEvent } from '../../server/domain/events.ts'
import type { Change, ChangeRef, Decision, Proposal, Run } from '../../server/domain/proposal.ts'
import type { ApprovalElement, Assignment, Step } from '../../server/domain/workflow/definition.ts'
import { conditions } from './generated.ts'
import type { World } from './world.ts'

const names = (guard: string, field: string): boolean => guard === field || field.startsWith(`${guard}.`)
const holdsNow = (cel: string, changes: readonly Change[]): boolean => {
  const known = conditions.find((c) => c.cel === cel)
  if (known === undefined) throw new Error(`No meaning is written down for ${cel}`)
  return known.holds(changes)
}
const key = (refs: readonly ChangeRef[]): string =>
  refs
    .map((r) => `${r.id}=${r.digest}`)
    .sort()
    .join()
const approvalAt = (world: World, run: Run, path: string): ApprovalElement | undefined => {
  const element = world.as('adam').runnable(run.workflowId, run.version)?.definition.elements[
    Number(path.split('.')[1])
  ]
  return element !== undefined && 'approval' in element ? element.approval : undefined
}

/** Decisions of people for approval that still stand for what is in the proposal now. `excluded`: who may not decide. */
export const livingApprovals = (world: World, proposal: Proposal, excluded: ReadonlySet<string>): Decision[] => {
  const now = proposal.runs.length - 1
  const current = proposal.runs[now]
  const digests = new Map(proposal.changes.map((c) => [c.id, c.digest]))
  return proposal.decisions.filter((d) => {
    if (d.automatic || d.actorId === null || excluded.has(d.actorId) || d.outcome !== 'APPROVED') return false
    if (!d.changes.every((c) => digests.get(c.id) === c.digest)) return false
    if ((proposal.effectiveAt ?? '') < (d.effectiveAt ?? '')) return false
    const given = proposal.runs.findIndex((r) => r.id === d.runId)
    const then = proposal.runs[given]
    if (then === undefined || current === undefined) return false
    const since = proposal.runs.slice(given)
    if (since.some((r) => r.workflowId !== current.workflowId)) return false
    if (
      since.some((r) => (r.end?.how === 'REJECTED' || r.end?.how === 'CHANGES_REQUESTED') && r.end.at === d.elementPath)
    )
      return false
    if (d.elementPath === 'uncovered') return true
    const [before, after] = [approvalAt(world, then, d.elementPath), approvalAt(world, current, d.elementPath)]
    return JSON.stringify(before) === JSON.stringify(after)
  })
}

/** The changes that automatic actions of an element have approved in this run, as the workflow says. */
const automatically = (proposal: Proposal, run: Run, path: string, element: ApprovalElement): Change[] => {
  const due = (element.automatic ?? []).filter((a) => a.then === 'APPROVE' && holdsNow(a.when, proposal.changes))
  const given = proposal.decisions.filter(
    (d) => d.automatic && d.runId === run.id && d.elementPath === path && d.outcome === 'APPROVED',
  )
  return proposal.changes.filter(
    (c) =>
      due.some((a) => a.fields.some((f) => names(f, c.field))) &&
      given.some((d) => d.changes.some((r) => r.id === c.id && r.digest === c.digest)),
  )
}

const enough = (a: Assignment, n: number): number =>
  a.policy === 'SINGLE'
    ? 1
    : a.policy === 'MAJORITY'
      ? Math.floor(n / 2) + 1
      : a.policy === 'PERCENT'
        ? Math.max(1, Math.ceil((n * (a.percent ?? 0)) / 100))
        : n

/** Was the step decided for by the answers to its items? True as well when nobody was asked in this run, because it was kept. */
const policyMet = (proposal: Proposal, run: Run, path: string, step: Step, alive: readonly Decision[]): boolean => {
  const items = proposal.items.filter((i) => i.runId === run.id && i.stepPath === path)
  if (items.length === 0) return true
  const verdicts = step.assign.flatMap((a, index) => {
    const seats = items.filter((i) => i.assignments.includes(index))
    if (seats.length === 0) return []
    const answers = seats.flatMap((seat) => {
      const own = proposal.decisions.find((d) => d.workItemId === seat.id)
      if (own !== undefined) return [own.outcome]
      const kept = alive.some((d) => d.actorId === seat.assigneeId && key(d.changes) === key(seat.changes))
      return seat.status === 'DECIDED' && kept ? ['APPROVED' as const] : []
    })
    const approvals = answers.filter((o) => o === 'APPROVED').length
    const against = answers.length - approvals
    if (a.quorum === 'APPROVALS') return [approvals >= enough(a, seats.length)]
    return [against === 0 && answers.length >= enough(a, seats.length)]
  })
  return step.join === 'ANY' ? verdicts.includes(true) : verdicts.length > 0 && !verdicts.includes(false)
}

/** Everything that is missing for these changes to be applied; empty when they may be (DOMAIN section 6, coverage). */
export const missingFor = (world: World, proposal: Proposal, excluded: ReadonlySet<string>): string[] => {
  const run = proposal.runs.at(-1)
  const version = run === undefined ? undefined : world.as('adam').runnable(run.workflowId, run.version)
  if (run === undefined || version === undefined) return ['a run']
  const alive = livingApprovals(world, proposal, excluded)
  const missing: string[] = []
  const covered = new Set<string>()
  version.definition.elements.forEach((element, e) => {
    if (!('approval' in element)) return
    const path = `elements.${e}`
    const automatic = automatically(proposal, run, path, element.approval)
    automatic.forEach((c) => covered.add(c.id))
    element.approval.steps.forEach((step, s) => {
      const stepPath = `${path}.steps.${s}`
      const guarded = proposal.changes.filter(
        (c) => !automatic.includes(c) && (step.guards === null || step.guards.some((g) => names(g, c.field))),
      )
      if (guarded.length === 0 || (step.when !== null && !holdsNow(step.when, proposal.changes))) return
      const votes = alive.filter((d) => d.stepPath === stepPath && key(d.changes) === key(guarded))
      if (votes.length === 0) missing.push(`a living approval of ${stepPath}`)
      else guarded.forEach((c) => covered.add(c.id))
      if (!policyMet(proposal, run, stepPath, step, alive)) missing.push(`the policy of ${stepPath}`)
    })
  })
  for (const d of alive) if (d.elementPath === 'uncovered') d.changes.forEach((c) => covered.add(c.id))
  for (const c of proposal.changes) if (!covered.has(c.id)) missing.push(`cover for ${c.field}`)
  return missing
}

/** Whom DOMAIN section 8 excludes, from what has been done; fed with every command that was carried out. */
export class Parties {
  readonly #byProposal = new Map<string, Set<string>>()

  note(world: World, proposalId: string, who: string): void {
    const set = this.#byProposal.get(proposalId) ?? new Set()
    this.#byProposal.set(proposalId, set)
    set.add(who)
    const responsible = world.company.directory.people.get(who)?.responsibleId
    if (typeof responsible === 'string') set.add(responsible)
  }

  /** Notes who becomes a party by what their command has brought about. */
  follow(world: World, who: string, events: readonly DomainEvent[]): void {
    for (const { type, proposalId, data } of events) {
      if (proposalId === undefined) continue
      const rebased = type === 'ProposalRebased' && (data.keep as string[]).length > 0
      const makes = ['ChangeProposed', 'ChangeReplaced', 'ProposalSubmitted', 'ProposalResubmitted'].includes(type)
      if (makes || rebased) this.note(world, proposalId, who)
    }
  }

  excluded(world: World, proposal: Proposal): ReadonlySet<string> {
    const run = proposal.runs.at(-1)
    if (run === undefined || !world.company.parameters.authorsMayNotApprove) return new Set()
    const version = world.as('adam').runnable(run.workflowId, run.version)
    const makers = version === undefined ? [] : [version.createdById, ...version.activatedByIds]
    return new Set([...(this.#byProposal.get(proposal.id) ?? []), ...makers])
  }
}
