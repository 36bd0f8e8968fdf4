// The seats of a step: who is asked when it starts, and what their answers come to (DOMAIN sections 5, 7 and 8).
import type { ErrorCode } from '../errors.ts'
import type { Change, Decision, SeatedAssignment, StepFact, WorkItem } from '../proposal.ts'
import type { CarriedVote } from './carry.ts'
import { refs } from './coverage.ts'
import type { Step } from './definition.ts'
import { assign, whyNotEligible } from './eligibility.ts'
import type { Scene } from './interpreter.ts'
import { fillPlaceholders, type PlaceholderInput } from './placeholders.ts'
import { verdict } from './quorum.ts'

export type Fallback = 'FINAL_APPROVER' | 'OWNER' | 'UNASSIGNED'
type AskedFact = Extract<StepFact, { kind: 'ASKED' }>

/** A step that starts: where it stands, what it guards now, and who is asked when it names nobody eligible. */
export type Question = {
  readonly elementPath: string
  readonly stepPath: string
  readonly step: Step
  readonly finalApproverId: string | null
  readonly guarded: readonly Change[]
  /** Answers of earlier runs that still hold: they fill their givers' seats. */
  readonly carried: readonly CarriedVote[]
}

export type Seated =
  | {
      readonly ok: true
      readonly fact: AskedFact
      readonly items: readonly WorkItem[]
      readonly fellBack: readonly Fallback[]
    }
  /** The condition of a hierarchy failed, or the step has no assignment at all. */
  | { readonly ok: false; readonly code: ErrorCode; readonly at: string; readonly message: string }

/** Whoever an assignment asks when nobody of it is eligible. */
const fallback = (
  finalApproverId: string | null,
  scene: Scene,
  excluded: ReadonlySet<string>,
): { to: Fallback; userId: string | null } => {
  const eligible = (id: string): boolean => whyNotEligible(id, excluded, scene.company.directory) === null
  if (finalApproverId !== null && eligible(finalApproverId)) return { to: 'FINAL_APPROVER', userId: finalApproverId }
  if (eligible(scene.ownerId)) return { to: 'OWNER', userId: scene.ownerId }
  return { to: 'UNASSIGNED', userId: null }
}

/** Seats everybody whom the step asks, each once: their number is n and stays (DOMAIN section 7). */
export const seat = (
  question: Question,
  scene: Scene,
  excluded: ReadonlySet<string>,
  input: PlaceholderInput,
): Seated => {
  const { step, stepPath, carried } = question
  // As the definition has it, where a person would correct it.
  const place = stepPath.replace('.steps.', '.approval.steps.')
  if (step.assign.length === 0) {
    const message = `The step "${step.name}" names nobody; an administrator has to correct the workflow.`
    return { ok: false, code: 'INVALID_WORKFLOW', at: place, message }
  }
  const assigned = step.assign.map((a) => assign(a.to, scene.run.submittedById, scene.version, excluded, scene.company))
  const seats = new Map<string | null, number[]>()
  const take = (userId: string | null, assignment: number): void => {
    const list = seats.get(userId)
    if (list === undefined) seats.set(userId, [assignment])
    else list.push(assignment)
  }
  const fellBack: Fallback[] = []
  const somebody = assigned.some((a) => a.people.length > 0)
  for (const [i, a] of assigned.entries()) {
    if (a.fault !== null) {
      const message = `The condition of the hierarchy at ${place} failed: ${a.fault}`
      return { ok: false, code: 'CONDITION_FAILED', at: `${place}.assign.${i}`, message }
    }
    for (const userId of a.people) take(userId, i)
    // Joined by ANY, an assignment without people is no hindrance as long as another one has some.
    if (a.people.length > 0 || (step.join === 'ANY' && somebody)) continue
    const instead = fallback(question.finalApproverId, scene, excluded)
    take(instead.userId, i)
    fellBack.push(instead.to)
  }
  const changes = refs(question.guarded)
  const text = (template: string | null): string | null =>
    template === null ? null : fillPlaceholders(template, input)
  const kept: Record<string, string> = {}
  const byAssignment = step.assign.map((): string[] => [])
  const items = [...seats].map(([assigneeId, assignments]): WorkItem => {
    const vote = carried.find(({ decision }) => decision.actorId === assigneeId)
    const id = scene.newId()
    if (vote !== undefined) kept[id] = vote.decision.id
    for (const i of assignments) byAssignment[i]?.push(id)
    return {
      id,
      runId: scene.run.id,
      kind: 'APPROVAL',
      elementPath: question.elementPath,
      stepPath,
      step: step.name,
      subject: text(step.subject) ?? step.name,
      instructions: text(step.instructions),
      assigneeId,
      assignments,
      status: vote === undefined ? 'OPEN' : 'DECIDED',
      decidedById: vote === undefined ? null : assigneeId,
      version: 1,
      createdAt: scene.now,
      closedAt: vote === undefined ? null : scene.now,
      changes,
    }
  })
  const assignments = step.assign.map((a, i): SeatedAssignment => ({
    policy: a.policy,
    percent: a.percent,
    quorum: a.quorum,
    items: byAssignment[i] ?? [],
    excluded: assigned[i]?.excluded ?? [],
  }))
  const asked = assignments.filter((a) => a.items.length > 0)
  const fact: AskedFact = { kind: 'ASKED', at: scene.now, changes, assignments: asked, kept, outcome: null }
  return { ok: true, fact, items, fellBack }
}

export type Closing = {
  readonly fact: AskedFact
  readonly closed: readonly WorkItem[]
  readonly opened: readonly WorkItem[]
}

/**
 * Closes the seats of people who have been deactivated since they were asked, the only way in which n changes (DOMAIN section 7).
 * An assignment that is left without a seat asks whoever a step without people asks. Null: there is nothing to close.
 */
export const closeSeats = (
  join: Step['join'],
  fact: AskedFact,
  seated: readonly WorkItem[],
  finalApproverId: string | null,
  scene: Scene,
  excluded: ReadonlySet<string>,
): Closing | null => {
  const isGone = ({ status, assigneeId }: WorkItem): boolean =>
    status === 'OPEN' && assigneeId !== null && scene.company.directory.people.get(assigneeId)?.active !== true
  const closed = seated.filter(isGone)
  const [model] = closed
  if (model === undefined) return null
  const gone = new Set(closed.map((item) => item.id))
  const left = fact.assignments.map((a) => ({ ...a, items: a.items.filter((id) => !gone.has(id)) }))
  const opened: WorkItem[] = []
  const somebody = left.some((a) => a.items.length > 0)
  const assignments = left.map((assignment, i): SeatedAssignment => {
    if (assignment.items.length > 0 || (join === 'ANY' && somebody)) return assignment
    const { userId } = fallback(finalApproverId, scene, excluded)
    // Nobody sits twice in a step: an answer that was given counts here as well.
    const sits = [...seated, ...opened].find(
      (s) => !gone.has(s.id) && s.status !== 'WITHDRAWN' && s.assigneeId === userId,
    )
    if (sits !== undefined) return { ...assignment, items: [sits.id] }
    const item: WorkItem = {
      ...model,
      id: scene.newId(),
      assigneeId: userId,
      assignments: [i],
      createdAt: scene.now,
      version: 1,
    }
    opened.push(item)
    return { ...assignment, items: [item.id] }
  })
  return { fact: { ...fact, assignments: assignments.filter((a) => a.items.length > 0) }, closed, opened }
}

/** The step's verdict over its assignments, null while it is open. */
export const judge = (
  step: Pick<Step, 'join'>,
  fact: AskedFact,
  decisions: readonly Decision[],
): 'APPROVED' | 'REJECTED' | null => {
  let decided = 0
  for (const seated of fact.assignments) {
    let approvals = 0
    let rejections = 0
    for (const itemId of seated.items) {
      const keptId = fact.kept[itemId]
      const answer = decisions.find((d) => (keptId === undefined ? d.workItemId === itemId : d.id === keptId))
      if (answer?.outcome === 'APPROVED') approvals++
      else if (answer !== undefined) rejections++
    }
    const result = verdict(seated, seated.items.length, approvals, rejections)
    if (result === 'REJECTED') return 'REJECTED'
    if (result === 'APPROVED') {
      if (step.join === 'ANY') return 'APPROVED'
      decided++
    }
  }
  return decided === fact.assignments.length ? 'APPROVED' : null
}
