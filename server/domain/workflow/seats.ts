// The seats of a step: who is asked when it starts, and what their answers come to (DOMAIN sections 5, 7 and 8).
import type { ErrorCode } from '../errors.ts'
import type { Change, Decision, SeatedAssignment, StepFact, WorkItem } from '../proposal.ts'
import type { CarriedVote } from './carry.ts'
import { refs } from './coverage.ts'
import type { Assignment, Step } from './definition.ts'
import { assign, whyNotAsked, type Asking } from './eligibility.ts'
import { fillPlaceholders, type PlaceholderInput } from './placeholders.ts'
import { verdict } from './quorum.ts'

export type Fallback = 'FINAL_APPROVER' | 'OWNER' | 'UNASSIGNED'
export type AskedFact = Extract<StepFact, { kind: 'ASKED' }>

/** A step that starts, or goes on to the next of its escalation path. */
export type Question = {
  readonly kind: 'APPROVAL' | 'TASK' | 'DECISION'
  readonly runId: string
  readonly elementPath: string
  readonly stepPath: string
  /** Path of the step in the definition, where a person would correct it. */
  readonly at: string
  readonly step: Step
  readonly assign: readonly Assignment[]
  readonly finalApproverId: string | null
  /** Is the workflow's owner asked where nobody else can be? A submit is refused instead (DOMAIN section 8). */
  readonly ownerStepsIn: boolean
  readonly choices: readonly string[]
  /** The changes that are decided on. */
  readonly guarded: readonly Change[]
  /** Answers of earlier runs that still hold: they fill their givers' seats. */
  readonly carried: readonly CarriedVote[]
  readonly dueAt: string | null
  readonly level: number
  readonly now: string
  readonly newId: () => string
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
const fallback = (finalApproverId: string | null, asking: Asking): { to: Fallback; userId: string | null } => {
  const eligible = (id: string): boolean => whyNotAsked(id, asking) === null
  if (finalApproverId !== null && eligible(finalApproverId)) return { to: 'FINAL_APPROVER', userId: finalApproverId }
  if (eligible(asking.ownerId)) return { to: 'OWNER', userId: asking.ownerId }
  return { to: 'UNASSIGNED', userId: null }
}

type Seat = { readonly userId: string | null; readonly queueId: string | null; readonly assignments: number[] }

/**
 * Seats everybody whom the question asks, each once: their number is n and stays (DOMAIN section 7). Beyond level 0 nobody stands in
 * for an entry without people: the caller goes on to the next.
 */
export const seat = (question: Question, asking: Asking, input: () => PlaceholderInput): Seated => {
  const { step, at, carried, now, level } = question
  if (question.assign.length === 0) {
    const message = `The step "${step.name}" names nobody; an administrator has to correct the workflow.`
    return { ok: false, code: 'INVALID_WORKFLOW', at, message }
  }
  const assigned = question.assign.map((a) => assign(a.to, asking))
  const seats = new Map<string, Seat>()
  const take = (userId: string | null, queueId: string | null, assignment: number): void => {
    const key = queueId ?? userId ?? ''
    const known = seats.get(key)
    if (known === undefined) seats.set(key, { userId, queueId, assignments: [assignment] })
    else known.assignments.push(assignment)
  }
  const fellBack: Fallback[] = []
  const somebody = assigned.some((a) => a.people.length > 0 || a.queueId !== null)
  for (const [i, a] of assigned.entries()) {
    if (a.fault !== null) {
      const message = `The condition of the hierarchy at ${at} failed: ${a.fault}`
      return { ok: false, code: 'CONDITION_FAILED', at: `${at}.assign.${i}`, message }
    }
    if (a.queueId !== null) take(null, a.queueId, i)
    for (const userId of a.people) take(userId, null, i)
    // Joined by ANY, an assignment without people is no hindrance as long as another one has some.
    if (a.people.length > 0 || a.queueId !== null || level > 0 || (step.join === 'ANY' && somebody)) continue
    const instead = fallback(question.finalApproverId, asking)
    take(instead.to === 'OWNER' && !question.ownerStepsIn ? null : instead.userId, null, i)
    fellBack.push(instead.to)
  }
  const changes = refs(question.guarded)
  const text = (template: string | null): string | null =>
    template === null ? null : fillPlaceholders(template, { ...input(), dueAt: question.dueAt })
  const kept: Record<string, string> = {}
  const queues: Record<string, string> = {}
  const answered = new Set<string | null>()
  const byAssignment = question.assign.map((): string[] => [])
  const items = [...seats.values()].map(({ userId, queueId, assignments }): WorkItem => {
    const vote = carried.find(
      ({ decision: { actorId }, seat: of }) =>
        of !== null &&
        of === (queueId ?? userId) &&
        // Who has come to a seat of their own meanwhile does not answer twice.
        !answered.has(actorId) &&
        (actorId === userId || !seats.has(actorId ?? '')),
    )?.decision
    const id = question.newId()
    if (vote !== undefined) {
      kept[id] = vote.id
      answered.add(vote.actorId)
    }
    if (queueId !== null) queues[id] = queueId
    for (const i of assignments) byAssignment[i]?.push(id)
    return {
      id,
      runId: question.runId,
      kind: question.kind,
      elementPath: question.elementPath,
      stepPath: question.stepPath,
      step: step.name,
      subject: text(step.subject) ?? step.name,
      instructions: text(step.instructions),
      assigneeId: userId,
      queueId,
      heldByIds: [],
      assignments,
      status: vote === undefined ? 'OPEN' : 'DECIDED',
      decidedById: vote?.actorId ?? null,
      version: 1,
      createdAt: now,
      closedAt: vote === undefined ? null : now,
      dueAt: question.dueAt,
      escalationLevel: level,
      choices: question.choices,
      changes,
    }
  })
  const assignments = question.assign.map((a, i): SeatedAssignment => ({
    policy: a.policy,
    percent: a.percent,
    quorum: a.quorum,
    items: byAssignment[i] ?? [],
    excluded: assigned[i]?.excluded ?? [],
  }))
  const asked = assignments.filter((a) => a.items.length > 0)
  const fact: AskedFact = {
    ...{ kind: 'ASKED', at: now, changes, assignments: asked, kept },
    ...(Object.keys(queues).length > 0 && { queues }),
    outcome: null,
  }
  return { ok: true, fact, items, fellBack }
}

export type Closing = {
  readonly fact: AskedFact
  readonly closed: readonly WorkItem[]
  readonly opened: readonly WorkItem[]
  /** Back in their queue. */
  readonly released: readonly WorkItem[]
}

/**
 * Closes the seats of people who have been deactivated since they were asked, the only way in which n changes (DOMAIN section 7).
 * What they had taken from a queue goes back to it; an assignment that is left without a seat asks whoever a step without people asks.
 * Null: there is nothing to close.
 */
export const closeSeats = (
  join: Step['join'],
  fact: AskedFact,
  seated: readonly WorkItem[],
  finalApproverId: string | null,
  asking: Asking,
  now: string,
  newId: () => string,
): Closing | null => {
  const { people } = asking.company.directory
  const gone = seated.filter(
    ({ status, assigneeId }) => status === 'OPEN' && assigneeId !== null && people.get(assigneeId)?.active !== true,
  )
  if (gone.length === 0) return null
  const released = gone
    .filter((item) => item.queueId !== null)
    .map((item): WorkItem => ({ ...item, assigneeId: null, version: item.version + 1 }))
  const closed = gone.filter((item) => item.queueId === null)
  const [model] = closed
  if (model === undefined) return { fact, closed, opened: [], released }
  const closedIds = new Set(closed.map((item) => item.id))
  const left = fact.assignments.map((a) => ({ ...a, items: a.items.filter((id) => !closedIds.has(id)) }))
  const opened: WorkItem[] = []
  const somebody = left.some((a) => a.items.length > 0)
  const assignments = left.map((assignment, i): SeatedAssignment => {
    if (assignment.items.length > 0 || (join === 'ANY' && somebody)) return assignment
    const { userId } = fallback(finalApproverId, asking)
    // Nobody sits twice in a step: an answer that was given counts here as well.
    const sits = [...seated, ...opened].find(
      (s) =>
        !closedIds.has(s.id) &&
        s.status !== 'WITHDRAWN' &&
        userId !== null &&
        (s.assigneeId === userId || s.decidedById === userId),
    )
    if (sits !== undefined) return { ...assignment, items: [sits.id] }
    const item: WorkItem = {
      ...model,
      id: newId(),
      assigneeId: userId,
      heldByIds: [],
      assignments: [i],
      createdAt: now,
      version: 1,
    }
    opened.push(item)
    return { ...assignment, items: [item.id] }
  })
  return { fact: { ...fact, assignments: assignments.filter((a) => a.items.length > 0) }, closed, opened, released }
}

/** Answers that decide for; every other one decides against. */
const positive: ReadonlySet<Decision['outcome']> = new Set(['APPROVED', 'COMPLETED', 'CHOSEN'])

/** The answer that fills a seat, kept from an earlier run or given in this one. */
export const answerOf = (
  itemId: string,
  fact: Pick<AskedFact, 'kept'>,
  decisions: readonly Decision[],
): Decision | undefined => {
  const keptId = fact.kept[itemId]
  return decisions.find((d) => (keptId === undefined ? d.workItemId === itemId : d.id === keptId))
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
      const answer = answerOf(itemId, fact, decisions)
      if (answer === undefined) continue
      if (positive.has(answer.outcome)) approvals++
      else rejections++
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
