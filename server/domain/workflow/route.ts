// The route of a proposal as a person reads it: what was asked and answered, what is asked now, what is still to come. It is read off
// the interpreter's own walk, so what is shown is what happens.
import type { ErrorCode } from '../errors.ts'
import type { Decision, Proposal, Run, StepFact, WorkItem } from '../proposal.ts'
import type { ApprovalElement, Policy, Quorum, Step } from './definition.ts'
import { coverStep, uncoveredElement, uncoveredStep } from './coverage.ts'
import type { Walk } from './interpreter.ts'
import { needed } from './quorum.ts'
import type { RunnableVersion } from './workflow.ts'

export type RouteStatus = 'TO_COME' | 'RUNNING' | 'APPROVED' | 'REJECTED' | 'SKIPPED' | 'KEPT'
export type RouteAssignment = {
  readonly policy: Policy
  readonly percent: number | null
  readonly quorum: Quorum
  /** Answers that decide it. */
  readonly needed: number
  /** Answers given so far. */
  readonly given: number
  readonly peopleIds: readonly string[]
  readonly excluded: readonly { readonly userId: string; readonly reason: ErrorCode }[]
}
export type RouteStep = {
  readonly path: string
  readonly name: string
  readonly status: RouteStatus
  /** Fields of the changes that it decides on. */
  readonly guards: readonly string[]
  readonly assignments: readonly RouteAssignment[]
  /** Of this run; none while the step is still to come. */
  readonly itemIds: readonly string[]
  readonly decisionIds: readonly string[]
}
export type RouteElement = {
  readonly path: string
  readonly name: string
  readonly kind: 'APPROVAL' | 'UNCOVERED'
  readonly status: RouteStatus
  readonly steps: readonly RouteStep[]
  readonly decisionIds: readonly string[]
}

type Known = { readonly run: Run | null; readonly foreseen: Walk; readonly proposal: Proposal; readonly runs: boolean }

const stepStatus = (real: StepFact | undefined, foreseen: StepFact | undefined, runs: boolean): RouteStatus => {
  if (real === undefined)
    return foreseen?.kind === 'SKIPPED' ? 'SKIPPED' : foreseen?.kind === 'KEPT' ? 'KEPT' : 'TO_COME'
  if (real.kind === 'SKIPPED' || real.kind === 'KEPT') return real.kind
  if (real.outcome !== null) return real.outcome
  return runs ? 'RUNNING' : 'TO_COME'
}

const describe = (step: Step, path: string, known: Known): RouteStep => {
  const real = known.run?.steps[path]
  const fact = real ?? known.foreseen.run.steps[path]
  const items = new Map((real === undefined ? known.foreseen.items : known.proposal.items).map((i) => [i.id, i]))
  const fields = new Map(known.proposal.changes.map((c) => [c.id, c.field]))
  const decisions = new Map(known.proposal.decisions.map((d) => [d.id, d]))
  const answers = new Map(
    known.proposal.decisions
      .filter((d) => d.workItemId !== null)
      .map((d): [string | null, Decision] => [d.workItemId, d]),
  )
  const asked = fact?.kind === 'ASKED' ? fact : null
  const seatsOf = (ids: readonly string[]): WorkItem[] => ids.map((id) => items.get(id)).filter((i) => i !== undefined)
  const answer = (id: string): Decision | undefined => {
    const kept = asked?.kept[id]
    return kept === undefined ? answers.get(id) : decisions.get(kept)
  }
  const all = [...new Set(asked?.assignments.flatMap((a) => a.items))]
  const given =
    fact?.kind === 'KEPT' ? fact.decisionIds : all.map((id) => answer(id)?.id).filter((id) => id !== undefined)
  return {
    path,
    name: step.name,
    status: stepStatus(real, fact, known.runs),
    guards:
      fact === undefined || fact.kind === 'SKIPPED'
        ? (step.guards ?? [])
        : [...new Set(fact.changes.map((c) => fields.get(c.id)).filter((f) => f !== undefined))],
    assignments: (asked?.assignments ?? []).map((a) => ({
      policy: a.policy,
      percent: a.percent,
      quorum: a.quorum,
      needed: needed(a.policy, a.percent, a.items.length),
      given: a.items.filter((id) => answer(id) !== undefined).length,
      peopleIds: seatsOf(a.items)
        .map((i) => i.assigneeId)
        .filter((id) => id !== null),
      excluded: a.excluded,
    })),
    itemIds: real === undefined ? [] : all,
    decisionIds: given,
  }
}

const elementStatus = (
  steps: readonly RouteStep[],
  real: Run['elements'][string] | undefined,
  runs: boolean,
): RouteStatus => {
  if (real?.outcome === 'REJECTED') return 'REJECTED'
  const statuses = new Set(steps.map((s) => s.status))
  if (real?.outcome === 'APPROVED') return statuses.has('APPROVED') || !statuses.has('KEPT') ? 'APPROVED' : 'KEPT'
  if (real?.outcome === 'SKIPPED') return 'SKIPPED'
  if (real !== undefined) return runs ? 'RUNNING' : 'TO_COME'
  if (statuses.has('TO_COME')) return 'TO_COME'
  return statuses.has('KEPT') ? 'KEPT' : 'SKIPPED'
}

const describeElement = (
  path: string,
  name: string,
  kind: RouteElement['kind'],
  steps: readonly Step[],
  known: Known,
): RouteElement => {
  const described = steps.map((step, i) => describe(step, `${path}.steps.${i}`, known))
  const real = known.run?.elements[path]
  const automatic = (real ?? known.foreseen.run.elements[path])?.automatic ?? []
  const status = elementStatus(described, real, known.runs)
  return {
    path,
    name,
    kind,
    // An automatic action may be all that an element does.
    status: real === undefined && status === 'SKIPPED' && automatic.length > 0 ? 'TO_COME' : status,
    steps: described,
    decisionIds: real === undefined ? [] : automatic.map((a) => a.decisionId),
  }
}

/**
 * The route. `run`: the current run, null before a submit; `foreseen`: the same run walked to its end as if everything were approved.
 * `runs`: is it still going on?
 */
export const routeOf = (known: Known, version: RunnableVersion): RouteElement[] => {
  const elements = version.definition.elements.flatMap((element, i) => {
    if (!('approval' in element)) return []
    const approval: ApprovalElement = element.approval
    return [describeElement(`elements.${i}`, approval.name, 'APPROVAL', approval.steps, known)]
  })
  const uncovered = (known.run?.steps[uncoveredStep] ?? known.foreseen.run.steps[uncoveredStep]) !== undefined
  if (!uncovered) return elements
  const step = coverStep('')
  return [...elements, describeElement(uncoveredElement, step.name, 'UNCOVERED', [step], known)]
}
