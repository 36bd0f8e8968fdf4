// What an approval element does by itself: automatic actions when it starts, and its own limit (DOMAIN sections 5 and 10).
import { seatData, type ElementFact } from '../proposal.ts'
import type { Book, Frame } from './book.ts'
import { calendarOf } from './calendar.ts'
import { guardedBy, refs } from './coverage.ts'
import type { ApprovalElement } from './definition.ts'
import { limitFrom } from './steps.ts'
import { dueWithLeft, resumeDue } from './timing.ts'

/** Automatic actions answer for the fields that they name, once, before the first step of the element. */
export const answerAutomatically = (
  book: Book,
  frame: Frame,
  approval: ApprovalElement,
  path: string,
  at: string,
  fact: ElementFact,
): ElementFact => {
  if (approval.automatic === null || book.steps[`${path}.steps.0`] !== undefined) return fact
  let now = fact
  for (const [i, action] of approval.automatic.entries()) {
    const changes = refs(guardedBy(action.fields, book.changes))
    // After a fault the element goes on where it stopped: what has been answered is not answered again.
    if (changes.length === 0 || now.automatic.some((a) => a.action === i)) continue
    if (!book.evaluate(frame, action.when, `${at}.automatic.${i}.when`)) continue
    const outcome = action.then === 'APPROVE' ? 'APPROVED' : 'REJECTED'
    const decision = book.decideAutomatically({ elementPath: path, stepPath: null, step: null, outcome, changes })
    book.event(
      'AutomaticAction',
      {
        path: `${at}.automatic.${i}`,
        verdict: action.then,
        decisionId: decision.id,
        changes: changes.map((c) => c.id),
        digests: changes.map((c) => c.digest),
      },
      { actorId: null },
    )
    const automatic = [...now.automatic, { action: i, verdict: action.then, changes, decisionId: decision.id }]
    if (action.then === 'REJECT') book.reject(path, { automatic })
    now = book.put(path, { automatic })
  }
  return now
}

/** The element's own limit as it starts; one that a return has stopped goes on with what was left. */
export const ownLimit = (book: Book, path: string, { timeLimit }: ApprovalElement): Partial<ElementFact> => {
  if (timeLimit === null) return {}
  const { proposal, run, now, company } = book.scene
  // The last run that came as far as this element, with nothing between that keeps nothing.
  const earlier = proposal.runs.filter((r) => r.id !== run.id)
  const cut = earlier.findLastIndex((r) => r.workflowId !== run.workflowId || r.end?.how === 'CANCELLED')
  const before = earlier.slice(cut + 1).findLast((r) => r.elements[path] !== undefined)
  const then = before?.elements[path]
  const stopped = before?.end
  const same = then?.definition === book.elements[path]?.definition
  // One that has run out and sent the proposal back is used up: what is submitted again has its time anew.
  const lives = then?.outcome !== 'APPROVED' && then?.timedOut === undefined
  if (then?.dueAt && same && lives && stopped) {
    const calendar = calendarOf(timeLimit.calendar, company.calendars)
    // What was left is noted when it stops: the calendar may be another one since.
    const dueAt =
      then.left === undefined
        ? resumeDue(then.dueAt, stopped.on, now, timeLimit, calendar)
        : dueWithLeft(now, then.left, timeLimit, calendar)
    return { dueAt }
  }
  return { dueAt: limitFrom(book, timeLimit) }
}

/** The limit has passed: it decides for the whole element, whoever has been asked in it. */
export const timeOut = (book: Book, path: string, approval: ApprovalElement, fact: ElementFact): ElementFact => {
  const { scene } = book
  for (const item of book.items)
    if (item.status === 'OPEN' && item.elementPath === path && item.runId === scene.run.id)
      book.event(
        'WorkItemOverdue',
        { ...seatData(item), dueAt: fact.dueAt ?? null },
        { actorId: null, workItemId: item.id },
      )
  if (approval.onTimeLimit === 'APPROVE') return book.put(path, { timedOut: 'APPROVE' })
  const changes = refs(book.changes)
  const outcome = 'REJECTED'
  const decision = book.decideAutomatically({ elementPath: path, stepPath: null, step: null, outcome, changes })
  book.event(
    'DecisionRecorded',
    {
      decisionId: decision.id,
      path,
      step: null,
      outcome,
      timer: true,
      revision: decision.revision,
      changes: changes.map((c) => c.id),
      digests: changes.map((c) => c.digest),
    },
    { actorId: null },
  )
  return book.reject(path, { timedOut: 'REJECT' })
}
