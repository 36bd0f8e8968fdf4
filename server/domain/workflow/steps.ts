// One step of an element: passed over, kept from before, or asked; then settled by answers or by the clock (DOMAIN sections 5 to 10).
import type { Directory } from '../directory.ts'
import { seatData, type Change, type StepFact, type WorkItem } from '../proposal.ts'
import { isDue, Stop, type Book, type Frame } from './book.ts'
import { calendarOf } from './calendar.ts'
import { stillHolding } from './carry.ts'
import { guardedBy, refs, uncoveredElement } from './coverage.ts'
import type { Assignment, FinalAction, Step, TimeLimit, Verdict } from './definition.ts'
import { answerOf, closeSeats, judge, seat, type AskedFact } from './seats.ts'
import { dueAfter } from './timing.ts'

export type Pace = 'DONE' | 'WAITING'

/** A step where it stands. */
export type Place = {
  readonly kind: 'APPROVAL' | 'TASK' | 'DECISION'
  readonly frame: Frame
  readonly elementPath: string
  readonly stepPath: string
  /** Path in the definition. */
  readonly at: string
  readonly step: Step
  /** Hash of the element. */
  readonly definition: string
  readonly finalApproverId: string | null
  readonly choices: readonly string[]
  /** Changes that an automatic action of the element has answered for. */
  readonly answered: readonly string[]
  /** The element has a limit of its own, in place of the steps' limits. */
  readonly elementDueAt: string | null
  /** The element's limit has passed: it decides instead of people. */
  readonly timedOut: Verdict | undefined
}

/** When a limit that begins now runs out. */
export const limitFrom = (book: Book, limit: TimeLimit): string =>
  dueAfter(book.scene.now, limit, calendarOf(limit.calendar, book.scene.company.calendars))

/** Passes the step over, takes it as answered, or asks. */
const begin = (book: Book, place: Place): StepFact => {
  const { step, kind, stepPath } = place
  const answered = new Set(place.answered)
  const guarded = guardedBy(step.guards, book.changes).filter((c) => !answered.has(c.id))
  if (guarded.length === 0) return { kind: 'SKIPPED', why: 'NOTHING_TO_GUARD' }
  if (step.when !== null && !book.evaluate(place.frame, step.when, `${place.at}.when`))
    return { kind: 'SKIPPED', why: 'CONDITION_FALSE' }
  // A task or a choice is about the proposal as it is: any change of it that is new or different asks again.
  const about = kind === 'APPROVAL' ? guarded : book.changes
  const { votes, approved } = stillHolding(book.votes.get(stepPath), {
    kind,
    definition: place.definition,
    changes: refs(about),
    refused: book.refused,
    effectiveAt: book.scene.proposal.effectiveAt,
    excluded: book.excluded(kind),
  })
  if (approved.length > 0)
    return { kind: 'KEPT', changes: refs(about), decisionIds: approved.map((v) => v.decision.id) }
  if (place.timedOut === 'APPROVE') {
    const decided = timed(book, place, refs(about), { verdict: 'APPROVE' })
    return { ...nobodyAsked(book, about), ...decided }
  }
  const ownDue = place.elementDueAt === null && step.timeLimit !== null ? limitFrom(book, step.timeLimit) : null
  const dueAt = place.elementDueAt ?? ownDue
  const seated = ask(book, place, { guarded: about, assign: step.assign, carried: votes, dueAt, level: 0 })
  for (const to of seated.fellBack) if (book.unsure === 0) book.fellBack.push({ stepPath, step: step.name, to })
  for (const item of seated.items) book.assigned(item)
  return ownDue === null ? seated.fact : { ...seated.fact, dueAt: ownDue }
}

const nobodyAsked = (book: Book, changes: readonly Change[]): AskedFact => ({
  kind: 'ASKED',
  at: book.scene.now,
  changes: refs(changes),
  assignments: [],
  kept: {},
  outcome: null,
})

type Asked = {
  readonly guarded: readonly Change[]
  readonly assign: readonly Assignment[]
  readonly carried: Parameters<typeof seat>[0]['carried']
  readonly dueAt: string | null
  readonly level: number
  readonly passedOver?: readonly string[]
}

const ask = (book: Book, place: Place, asked: Asked) => {
  const { scene } = book
  const { kind, elementPath, stepPath, at, step, finalApproverId, choices, frame } = place
  // A submit that is looked at ahead is refused for want of somebody to ask, where the step will surely run.
  const submitting = book.assume && book.unsure === 0 && scene.proposal.status !== 'PENDING'
  const seated = seat(
    {
      ownerStepsIn: !submitting || elementPath === uncoveredElement,
      ...{ kind, elementPath, stepPath, at, step, finalApproverId, choices },
      ...asked,
      runId: scene.run.id,
      now: scene.now,
      newId: scene.newId,
    },
    book.asking(kind, frame, asked.passedOver),
    () => ({ ...book.input, comment: scene.run.comment }),
  )
  return seated.ok ? seated : book.fault(seated.at, seated.message, seated.code)
}

/** What the clock decides, as a decision of its own. */
const timed = (
  book: Book,
  { elementPath, stepPath, step }: Place,
  changes: AskedFact['changes'],
  final: FinalAction,
): Pick<AskedFact, 'outcome' | 'timedById'> => {
  const [outcome, verdict] =
    'choice' in final
      ? (['CHOSEN', 'APPROVED'] as const)
      : 'task' in final
        ? final.task === 'COMPLETE'
          ? (['COMPLETED', 'APPROVED'] as const)
          : (['RETURNED', 'REJECTED'] as const)
        : final.verdict === 'APPROVE'
          ? (['APPROVED', 'APPROVED'] as const)
          : (['REJECTED', 'REJECTED'] as const)
  const choice = 'choice' in final ? { choice: final.choice } : {}
  const decision = book.decideAutomatically({ elementPath, stepPath, step: step.name, outcome, changes, ...choice })
  book.event(
    'DecisionRecorded',
    {
      decisionId: decision.id,
      path: stepPath,
      step: step.name,
      outcome,
      ...choice,
      timer: true,
      revision: decision.revision,
      changes: changes.map((c) => c.id),
      digests: changes.map((c) => c.digest),
    },
    { actorId: null },
  )
  return { outcome: verdict, timedById: decision.id }
}

/** What the clock does, no person does, whoever's command it was that noticed. */
const system = { actorId: null }

/** Time has run out for whoever is asked: the next of the escalation path, the final action, or nothing but waiting. */
const runOut = (book: Book, place: Place, fact: AskedFact): AskedFact => {
  const { step, stepPath } = place
  const open = book.seatsOf(stepPath).filter((item) => item.status === 'OPEN')
  for (const item of open)
    book.event('WorkItemOverdue', { ...seatData(item), dueAt: fact.dueAt ?? null }, { ...system, workItemId: item.id })
  const answered = book.seatsOf(stepPath).flatMap((item) => (item.status === 'DECIDED' ? (item.decidedById ?? []) : []))
  const path = step.escalation ?? []
  const guarded = book.changes.filter((c) => fact.changes.some((ref) => ref.id === c.id))
  for (let level = fact.level ?? 0; level < path.length; level++) {
    const entry = path[level]
    if (entry === undefined) break
    const dueAt = limitFrom(book, entry.timeLimit)
    const assign: Assignment[] = [{ to: entry.to, policy: 'SINGLE', percent: null, quorum: 'ANSWERS' }]
    const next = ask(book, place, { guarded, assign, carried: [], dueAt, level: level + 1, passedOver: answered })
    if (next.items.length === 0) continue
    for (const item of open) book.withdraw(item, 'ESCALATED', system)
    for (const item of next.items) {
      book.event('WorkItemEscalated', { ...seatData(item), level: level + 1 }, { ...system, workItemId: item.id })
      book.assigned(item, system)
    }
    const queues = { ...fact.queues, ...next.fact.queues }
    return {
      ...next.fact,
      ...(Object.keys(queues).length > 0 && { queues }),
      ...{ at: fact.at, changes: fact.changes, level: level + 1, dueAt },
    }
  }
  if (step.finally === null) return { ...fact, overdue: true }
  return { ...fact, ...timed(book, place, fact.changes, step.finally) }
}

const isHeld =
  ({ people }: Directory) =>
  ({ status, assigneeId }: WorkItem): boolean =>
    status !== 'OPEN' || assigneeId === null || people.get(assigneeId)?.active === true

/** The step as it stands: without what has been refused, and without the seats of people who have been deactivated meanwhile. */
const asItStands = (book: Book, place: Place, fact: AskedFact): StepFact => {
  const { scene } = book
  const seats = book.seatsOf(place.stepPath)
  if (
    book.refused.size > 0 &&
    fact.changes.length > 0 &&
    fact.changes.every((c) => book.refused.get(c.id) === c.digest)
  ) {
    book.withdrawOpen(place.stepPath, 'REFUSED')
    return { kind: 'SKIPPED', why: 'NOTHING_TO_GUARD' }
  }
  if (seats.every(isHeld(scene.company.directory))) return fact
  const asking = book.asking(place.kind, place.frame)
  const { newId, now } = scene
  const closing = closeSeats(place.step.join, fact, seats, place.finalApproverId, asking, now, newId)
  if (closing === null) return fact
  for (const item of closing.closed) book.withdraw(item, 'DEACTIVATED')
  for (const item of closing.released) {
    book.replace(item)
    const { stepPath: path, step, queueId } = item
    book.event('WorkItemReleased', { path, step, queueId, why: 'DEACTIVATED' }, { workItemId: item.id })
  }
  for (const item of closing.opened) book.assigned(item)
  return closing.fact
}

/** Is the step behind us already? Most of a walk goes over such steps. */
export const isPassed = (book: Book, frame: Frame, stepPath: string): boolean => {
  const fact = book.steps[stepPath]
  if (fact === undefined || (fact.kind === 'ASKED' && fact.outcome !== 'APPROVED')) return false
  if (fact.kind !== 'SKIPPED') frame.lastStep = stepPath
  return true
}

/** Has the step been asked, and do the answers decide it? */
export const isAnswered = (book: Book, step: Step, stepPath: string): boolean => {
  const fact = book.steps[stepPath]
  return fact?.kind === 'ASKED' && judge(step, fact, book.decisions) !== null
}

/** Takes a step as far as it goes; throws Stop when it is decided against. */
export const walkStep = (book: Book, place: Place): Pace => {
  const { stepPath, elementPath } = place
  let fact = (book.steps[stepPath] ??= begin(book, place))
  if (fact.kind === 'ASKED' && fact.outcome === null) book.steps[stepPath] = fact = asItStands(book, place, fact)
  // Whoever an escalation asks as previous approver approved before this step.
  const { lastStep } = place.frame
  if (place.kind === 'APPROVAL' && fact.kind !== 'SKIPPED') place.frame.lastStep = stepPath
  if (fact.kind !== 'ASKED' || (fact.outcome !== null && fact.timedById === undefined)) return 'DONE'
  if (fact.outcome === null) {
    const outcome = judge(place.step, fact, book.decisions)
    if (outcome !== null) fact = { ...fact, outcome }
    else if (!book.assume && place.timedOut === 'APPROVE')
      fact = { ...fact, ...timed(book, place, fact.changes, { verdict: 'APPROVE' }) }
    else if (!book.assume && fact.overdue !== true && isDue(book, fact.dueAt))
      fact = runOut(book, { ...place, frame: { ...place.frame, lastStep } }, fact)
    book.steps[stepPath] = fact
  }
  if (fact.outcome === null) {
    book.waiting = true
    return 'WAITING'
  }
  if (fact.timedById === undefined) book.withdrawOpen(stepPath, 'STEP_DECIDED')
  else book.withdrawOpen(stepPath, 'TIMED_OUT', system)
  if (fact.outcome === 'REJECTED') {
    const element = book.elements[elementPath]
    if (element !== undefined) book.elements[elementPath] = { ...element, outcome: 'REJECTED' }
    throw new Stop({ kind: 'REJECTED', elementPath })
  }
  return 'DONE'
}

/** The outcome that was chosen at a decision's step, by a person, a timer, or in an earlier run; null: none yet. */
export const choiceOf = (book: Book, stepPath: string): string | null => {
  const fact = book.steps[stepPath]
  if (fact === undefined || fact.kind === 'SKIPPED') return null
  const byId = (id: string | undefined): string | null => book.decisions.find((d) => d.id === id)?.choice ?? null
  if (fact.kind === 'KEPT') return byId(fact.decisionIds[0])
  if (fact.outcome === null) return null
  if (fact.timedById !== undefined) return byId(fact.timedById)
  for (const { items } of fact.assignments)
    for (const id of items) {
      const answer = answerOf(id, fact, book.decisions)
      if (answer?.outcome === 'CHOSEN') return answer.choice
    }
  return null
}
