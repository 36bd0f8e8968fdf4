// What approval means, written a second time and from the decisions alone: which of them are alive, what they cover, whether a step's
// policy is met. Slow and plain on purpose; it knows nothing of the facts that the interpreter keeps.
import type { DomainEvent } from '../../server/domain/events.ts'
import type { Change, ChangeRef, Decision, Proposal, Run } from '../../server/domain/proposal.ts'
import type { ApprovalElement, Assignment, Element, Step } from '../../server/domain/workflow/definition.ts'
import { conditions } from './generated-definitions.ts'
import type { Life } from './life.ts'

const names = (guard: string, field: string): boolean => guard === field || field.startsWith(`${guard}.`)
/** Is a condition true of these changes? */
export const holdsNow = (cel: string, changes: readonly Change[]): boolean => {
  const known = conditions.find((c) => c.cel === cel)
  if (known === undefined) throw new Error(`No meaning is written down for ${cel}`)
  return known.holds(changes)
}
export const keyOf = (refs: readonly ChangeRef[]): string =>
  refs
    .map((r) => `${r.id}=${r.digest}`)
    .sort()
    .join()
const at = (list: unknown, name: string | undefined): unknown =>
  list !== null && typeof list === 'object' ? (list as Readonly<Record<string, unknown>>)[name ?? ''] : undefined

/** The element that a path of a run leads to, through definitions and subworkflows. */
export const elementAt = (life: Life, run: Run, path: string): Element | undefined => {
  let here: unknown = life.version(run.workflowId, run.version)?.definition
  for (const part of path.split('.')) {
    if (part === 'workflow') {
      const workflowId = at(at(here, 'subworkflow'), 'workflowId')
      here = life.version(String(workflowId), run.pinned[String(workflowId)] ?? 0)?.definition
      continue
    }
    const kind = here !== null && typeof here === 'object' ? (Object.values(here) as unknown[])[0] : undefined
    here = at(here, part) ?? at(kind, part)
  }
  return here as Element | undefined
}
export const approvalAt = (life: Life, run: Run, path: string): ApprovalElement | undefined => {
  const element = elementAt(life, run, path)
  return element !== undefined && 'approval' in element ? element.approval : undefined
}
export const stepAt = (life: Life, run: Run, elementPath: string, stepPath: string): Step | undefined => {
  const element = elementAt(life, run, elementPath)
  if (element === undefined) return undefined
  if ('task' in element) return element.task.step
  if ('decision' in element) return element.decision.step
  return 'approval' in element ? element.approval.steps[Number(stepPath.split('.').at(-1))] : undefined
}
const guards = (step: Pick<Step, 'guards'>, field: string): boolean =>
  step.guards === null || step.guards.some((g) => names(g, field))

/** Does a decision of this or an earlier run of the proposal still stand, as far as runs go (DOMAIN section 6)? */
export const survives = (life: Life, proposal: Proposal, d: Decision): boolean => {
  const current = proposal.runs.at(-1)
  const given = proposal.runs.findIndex((r) => r.id === d.runId)
  const then = proposal.runs[given]
  if (then === undefined || current === undefined) return false
  if (d.automatic && then.id !== current.id) return false
  const since = proposal.runs.slice(given)
  if (since.some((r) => r.workflowId !== current.workflowId || r.end?.how === 'CANCELLED')) return false
  if (
    since.some((r) => (r.end?.how === 'REJECTED' || r.end?.how === 'CHANGES_REQUESTED') && r.end.at === d.elementPath)
  )
    return false
  if (d.elementPath === 'uncovered') return true
  const [before, after] = [elementAt(life, then, d.elementPath), elementAt(life, current, d.elementPath)]
  return after !== undefined && JSON.stringify(before) === JSON.stringify(after)
}

/** Decisions for approval that still stand for what is in the proposal now. `excluded`: who may not decide. */
export const livingApprovals = (life: Life, proposal: Proposal, excluded: ReadonlySet<string>): Decision[] => {
  // What was refused counts as still there for the votes of others.
  const digests = new Map(proposal.changes.map((c) => [c.id, c.digest]))
  return proposal.decisions.filter((d) => {
    if (d.outcome !== 'APPROVED' || (d.actorId !== null && excluded.has(d.actorId))) return false
    if ((d.actorId === null) !== d.automatic) return false
    if (!d.changes.every((c) => digests.get(c.id) === c.digest)) return false
    if ((proposal.effectiveAt ?? '') < (d.effectiveAt ?? '')) return false
    return survives(life, proposal, d)
  })
}

/** Is this change covered by this decision: a person's or a timer's in a step that guards it, or an automatic one that names its field? */
export const covers = (life: Life, proposal: Proposal, d: Decision, change: Change): boolean => {
  const run = proposal.runs.at(-1)
  if (run === undefined || !d.changes.some((c) => c.id === change.id && c.digest === change.digest)) return false
  if (d.elementPath === 'uncovered') return !d.automatic
  const approval = approvalAt(life, run, d.elementPath)
  if (approval === undefined) return false
  if (d.stepPath === null)
    return (
      d.automatic &&
      (approval.automatic ?? []).some((a) => a.then === 'APPROVE' && a.fields.some((f) => names(f, change.field)))
    )
  const step = stepAt(life, run, d.elementPath, d.stepPath)
  if (step === undefined || !guards(step, change.field)) return false
  const timed =
    approval.onTimeLimit === 'APPROVE' ||
    (step.finally !== null && 'verdict' in step.finally && step.finally.verdict === 'APPROVE')
  return !d.automatic || timed
}

const enough = (a: Pick<Assignment, 'policy' | 'percent'>, n: number): number =>
  a.policy === 'SINGLE'
    ? 1
    : a.policy === 'MAJORITY'
      ? Math.floor(n / 2) + 1
      : a.policy === 'PERCENT'
        ? Math.max(1, Math.ceil((n * (a.percent ?? 0)) / 100))
        : n

/** Was the step decided for by the answers to its items, or by the clock? True as well when nobody was asked, because it was kept. */
const policyMet = (proposal: Proposal, run: Run, path: string, step: Step, alive: readonly Decision[]): boolean => {
  if (alive.some((d) => d.automatic && d.runId === run.id && d.stepPath === path)) return true
  const all = proposal.items.filter((i) => i.runId === run.id && i.stepPath === path)
  const level = Math.max(0, ...all.map((i) => i.escalationLevel))
  const items = all.filter((i) => i.escalationLevel === level)
  if (items.length === 0) return true
  const assign = level === 0 ? step.assign : [{ policy: 'SINGLE' as const, percent: null, quorum: 'ANSWERS' as const }]
  const verdicts = assign.flatMap((a, index) => {
    const seats = items.filter((i) => i.assignments.includes(index))
    if (seats.length === 0) return []
    const answers = seats.flatMap((seat) => {
      const own = proposal.decisions.find((d) => d.workItemId === seat.id)
      if (own !== undefined) return [own.outcome]
      const kept = alive.some((d) => d.actorId === seat.decidedById && d.stepPath === path)
      return seat.status === 'DECIDED' && kept ? ['APPROVED' as const] : []
    })
    const approvals = answers.filter((o) => o === 'APPROVED').length
    if (a.quorum === 'APPROVALS') return [approvals >= enough(a, seats.length)]
    return [approvals === answers.length && answers.length >= enough(a, seats.length)]
  })
  return step.join === 'ANY' ? verdicts.includes(true) : verdicts.length > 0 && !verdicts.includes(false)
}

/** Everything that is missing for these changes to be applied; empty when they may be (DOMAIN section 6, coverage). */
export const missingFor = (life: Life, proposal: Proposal, excluded: ReadonlySet<string>): string[] => {
  const run = proposal.runs.at(-1)
  const version = run === undefined ? undefined : life.version(run.workflowId, run.version)
  if (run === undefined || version === undefined) return ['a run']
  const alive = livingApprovals(life, proposal, excluded)
  const live = proposal.changes.filter((c) => c.refusal === null)
  const missing = live
    .filter((c) => !alive.some((d) => covers(life, proposal, d, c)))
    .map((c) => `cover for ${c.field}`)
  // With a refusal in this run or people who left, who was asked for what is more than this reads off the decisions.
  const simple = proposal.changes.every((c) => c.refusal === null) && !life.left
  if (!simple) return missing
  const answeredBy = (path: string, element: ApprovalElement): readonly Change[] =>
    live.filter((c) =>
      alive.some(
        (d) =>
          d.automatic &&
          d.stepPath === null &&
          d.elementPath === path &&
          d.changes.some((r) => r.id === c.id) &&
          (element.automatic ?? []).some((a) => holdsNow(a.when, live) && a.fields.some((f) => names(f, c.field))),
      ),
    )
  const due = (step: Step): boolean => step.when === null || holdsNow(step.when, live)
  const walk = (elements: readonly Element[], at: string): void =>
    elements.forEach((element, e) => {
      const path = `${at}.${e}`
      if ('approval' in element) {
        const automatic = answeredBy(path, element.approval)
        element.approval.steps.forEach((step, s) => {
          const stepPath = `${path}.steps.${s}`
          const guarded = live.filter((c) => !automatic.includes(c) && guards(step, c.field))
          if (guarded.length === 0 || !due(step)) return
          const votes = alive.filter((d) => d.stepPath === stepPath && keyOf(d.changes) === keyOf(guarded))
          if (votes.length === 0) missing.push(`a living approval of ${stepPath}`)
          if (!policyMet(proposal, run, stepPath, step, alive)) missing.push(`the policy of ${stepPath}`)
        })
      } else if ('parallel' in element)
        element.parallel.branches.forEach((b, i) => walk(b.elements, `${path}.branches.${i}.elements`))
      else if ('subworkflow' in element) {
        const { workflowId } = element.subworkflow
        const inside = life.version(workflowId, run.pinned[workflowId] ?? 0)
        walk(inside?.definition.elements ?? [], `${path}.workflow.elements`)
      } else if ('condition' in element) {
        const i = element.condition.cases.findIndex((c) => holdsNow(c.when, live))
        if (i >= 0) walk(element.condition.cases[i]?.elements ?? [], `${path}.cases.${i}.elements`)
        else walk(element.condition.else ?? [], `${path}.else`)
      } else if ('decision' in element) {
        if (!due(element.decision.step) || !live.some((c) => guards(element.decision.step, c.field))) return
        const chosen = proposal.decisions.findLast(
          (d) => d.stepPath === `${path}.step` && d.outcome === 'CHOSEN' && survives(life, proposal, d),
        )
        const i = element.decision.outcomes.findIndex((o) => o.name === chosen?.choice)
        if (i < 0) missing.push(`a choice at ${path}`)
        else walk(element.decision.outcomes[i]?.elements ?? [], `${path}.outcomes.${i}.elements`)
      } else if ('automated' in element && element.automated.webhookId !== null) {
        const outcomes = element.automated.outcomes ?? []
        const said = proposal.decisions.findLast(
          (d) => d.elementPath === path && d.automatic && d.outcome === 'CHOSEN' && survives(life, proposal, d),
        )
        const i = outcomes.findIndex((o) => o.name === said?.choice)
        if (said === undefined || (i < 0 && said.choice !== 'passed')) missing.push(`an answer at ${path}`)
        else walk(outcomes[i]?.elements ?? [], `${path}.outcomes.${i}.elements`)
      } else if ('task' in element) {
        if (!due(element.task.step) || !live.some((c) => guards(element.task.step, c.field))) return
        const done = proposal.decisions.some(
          (d) =>
            d.stepPath === `${path}.step` &&
            d.outcome === 'COMPLETED' &&
            survives(life, proposal, d) &&
            live.every((c) => d.changes.some((r) => r.id === c.id && r.digest === c.digest)),
        )
        if (!done) missing.push(`the task of ${path}`)
      }
    })
  walk(version.definition.elements, 'elements')
  return missing
}

/** Whom DOMAIN section 8 excludes, from what has been done; fed with every command that was carried out. */
export class Parties {
  readonly #byProposal = new Map<string, Set<string>>()

  note(life: Life, proposalId: string, who: string): void {
    const set = this.#byProposal.get(proposalId) ?? new Set()
    this.#byProposal.set(proposalId, set)
    set.add(who)
    const responsible = life.person(who)?.responsibleId
    if (typeof responsible === 'string') set.add(responsible)
  }

  /** Notes who becomes a party by what their command has brought about. */
  follow(life: Life, who: string | null, events: readonly DomainEvent[]): void {
    for (const { type, proposalId, data } of events) {
      if (proposalId === undefined || who === null) continue
      const rebased = type === 'ProposalRebased' && (data.keep as string[]).length > 0
      const makes = ['ChangeProposed', 'ChangeReplaced', 'ProposalSubmitted', 'ProposalResubmitted'].includes(type)
      if (makes || rebased) this.note(life, proposalId, who)
    }
  }

  excluded(life: Life, proposal: Proposal): ReadonlySet<string> {
    const run = proposal.runs.at(-1)
    if (!run?.parameters.authorsMayNotApprove) return new Set()
    const version = life.version(run.workflowId, run.version)
    const subs = Object.entries(run.pinned).map(([id, number]) => life.version(id, number))
    const makers = [version, ...subs].flatMap((v) => [v?.createdById ?? '', ...(v?.activatedByIds ?? [])])
    return new Set([...(this.#byProposal.get(proposal.id) ?? []), ...makers])
  }
}
