// The route of a proposal as a person reads it: what was asked and answered, what is asked now, what is still to come. It is read off
// the interpreter's own walk, so what is shown is what happens.
import type { ErrorCode } from '../errors.ts'
import type { Decision, ElementFact, Proposal, Run, StepFact, WorkItem } from '../proposal.ts'
import { branchesOf, kindOf, nameOf } from './branches.ts'
import { stepsOf } from './compile.ts'
import type { Element, Policy, Quorum, Step } from './definition.ts'
import { coverStep, uncoveredElement, uncoveredStep } from './coverage.ts'
import type { Walk } from './interpreter.ts'
import { needed } from './quorum.ts'
import type { RunnableVersion } from './workflow.ts'

export type RouteStatus = 'TO_COME' | 'RUNNING' | 'APPROVED' | 'REJECTED' | 'SKIPPED' | 'KEPT' | 'DONE'
export type RouteAssignment = {
  readonly policy: Policy
  readonly percent: number | null
  readonly quorum: Quorum
  /** Answers that decide it. */
  readonly needed: number
  /** Answers given so far. */
  readonly given: number
  readonly peopleIds: readonly string[]
  readonly queueId: string | null
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
  /** When time runs out for who is asked now. */
  readonly dueAt: string | null
}
export type RouteBranch = {
  readonly name: string
  /** Null: not known yet. */
  readonly taken: boolean | null
  readonly elements: readonly RouteElement[]
}
export type RouteElement = {
  readonly path: string
  readonly name: string
  readonly kind: Uppercase<ReturnType<typeof kindOf>> | 'UNCOVERED'
  readonly status: RouteStatus
  readonly steps: readonly RouteStep[]
  /** Of elements that hold sequences: what each would do, or does. */
  readonly branches: readonly RouteBranch[]
  readonly decisionIds: readonly string[]
}

type Known = {
  readonly run: Run | null
  readonly foreseen: Walk
  readonly proposal: Proposal
  readonly runs: boolean
  /** Is what has not been come to yet still to come? */
  readonly ahead: boolean
  readonly subworkflow: (workflowId: string) => RunnableVersion | undefined
}

const stepStatus = (
  real: StepFact | undefined,
  foreseen: StepFact | undefined,
  { runs, ahead }: Pick<Known, 'runs' | 'ahead'>,
  asks: 'APPROVAL' | 'OTHER',
): RouteStatus => {
  // As with elements: what is not even foreseen lies where the run does not come, or behind its end.
  if (real === undefined && foreseen === undefined) return ahead ? 'TO_COME' : 'SKIPPED'
  if (real === undefined)
    return foreseen?.kind === 'SKIPPED' ? 'SKIPPED' : foreseen?.kind === 'KEPT' ? 'KEPT' : 'TO_COME'
  if (real.kind === 'SKIPPED' || real.kind === 'KEPT') return real.kind
  if (real.outcome !== null) return real.outcome === 'APPROVED' && asks !== 'APPROVAL' ? 'DONE' : real.outcome
  return runs ? 'RUNNING' : 'TO_COME'
}

const describe = (step: Step, path: string, known: Known, asks: 'APPROVAL' | 'OTHER'): RouteStep => {
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
    status: stepStatus(real, fact, known, asks),
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
      queueId: seatsOf(a.items).find((i) => i.queueId !== null)?.queueId ?? null,
      excluded: a.excluded,
    })),
    itemIds: real === undefined ? [] : all,
    decisionIds: asked?.timedById === undefined ? given : [...given, asked.timedById],
    dueAt: asked?.outcome === null ? (seatsOf(all).find((i) => i.status === 'OPEN')?.dueAt ?? null) : null,
  }
}

const elementStatus = (
  steps: readonly RouteStep[],
  real: Run['elements'][string] | undefined,
  foreseen: Run['elements'][string] | undefined,
  { runs, ahead }: Pick<Known, 'runs' | 'ahead'>,
): RouteStatus => {
  const statuses = new Set(steps.map((s) => s.status))
  if (real !== undefined) {
    if (real.outcome === 'REJECTED' || real.outcome === 'SKIPPED') return real.outcome
    if (real.outcome === 'DONE') return statuses.has('KEPT') ? 'KEPT' : 'DONE'
    if (real.outcome === 'APPROVED') return statuses.has('APPROVED') || !statuses.has('KEPT') ? 'APPROVED' : 'KEPT'
    return runs ? 'RUNNING' : 'TO_COME'
  }
  // What is not even foreseen lies in a branch that is not taken, or behind what has stopped the run.
  if (foreseen === undefined) return ahead ? 'TO_COME' : 'SKIPPED'
  if (statuses.has('TO_COME')) return 'TO_COME'
  // An automatic action may be all that an element does.
  if (foreseen.outcome === 'SKIPPED' && foreseen.automatic.length === 0) return 'SKIPPED'
  return statuses.has('KEPT') ? 'KEPT' : steps.length > 0 && foreseen.automatic.length === 0 ? 'SKIPPED' : 'TO_COME'
}

const describeSteps = (element: Element, path: string, known: Known): RouteStep[] => {
  if ('approval' in element)
    return element.approval.steps.map((step, i) => describe(step, `${path}.steps.${i}`, known, 'APPROVAL'))
  return stepsOf(element).map((step) => describe(step, `${path}.step`, known, 'OTHER'))
}

const describeBranches = (element: Element, path: string, known: Known): RouteBranch[] => {
  const fact = known.run?.elements[path] ?? known.foreseen.run.elements[path]
  if ('subworkflow' in element) {
    const version = known.subworkflow(element.subworkflow.workflowId)
    if (version === undefined) return []
    const elements = describeAll(version.definition.elements, `${path}.workflow.elements`, known)
    return [{ name: version.settings.name, taken: fact === undefined ? null : true, elements }]
  }
  return branchesOf(element).map((branch) => ({
    name: branch.name,
    taken: 'parallel' in element ? true : fact?.taken === undefined ? null : fact.taken === branch.of,
    elements: describeAll(branch.elements, `${path}.${branch.key}`, {
      ...known,
      ahead: known.ahead && (fact?.taken === undefined || fact.taken === branch.of),
    }),
  }))
}

const ownDecisions = ({ automatic, call }: ElementFact): string[] => [
  ...automatic.map((a) => a.decisionId),
  ...(call?.answer === undefined ? [] : [call.answer.decisionId]),
]

const describeAll = (elements: readonly Element[], path: string, known: Known): RouteElement[] =>
  elements.map((element, i): RouteElement => {
    const own = `${path}.${i}`
    const real = known.run?.elements[own]
    const foreseen = known.foreseen.run.elements[own]
    const steps = describeSteps(element, own, known)
    return {
      path: own,
      name: nameOf(element),
      kind: kindOf(element).toUpperCase() as Uppercase<ReturnType<typeof kindOf>>,
      status: elementStatus(steps, real, foreseen, known),
      steps,
      branches: describeBranches(element, own, known),
      decisionIds: real === undefined ? [] : ownDecisions(real),
    }
  })

/**
 * The route. `run`: the current run, null before a submit; `foreseen`: the same run walked to its end as if everything were approved.
 * `runs`: is it still going on? `subworkflow`: the version of another workflow that the run has pinned.
 */
export const routeOf = (known: Known, version: RunnableVersion): RouteElement[] => {
  const elements = describeAll(version.definition.elements, 'elements', known)
  const foreseen = known.foreseen.run.elements[uncoveredElement]
  const real = known.run?.elements[uncoveredElement]
  if (real === undefined && foreseen === undefined) return elements
  const step = coverStep('')
  const steps = [describe(step, uncoveredStep, known, 'APPROVAL')]
  const status = elementStatus(steps, real, foreseen, known)
  const own = { path: uncoveredElement, name: step.name, kind: 'UNCOVERED' as const, status, steps }
  return [...elements, { ...own, branches: [], decisionIds: [] }]
}
