// Which changes a step or an action is about, and which nothing has answered for yet (DOMAIN section 6, coverage).
import { coversField } from '../fields.ts'
import type { Change, ChangeRef, ElementFact, StepFact } from '../proposal.ts'
import type { Step } from './definition.ts'

export const uncoveredElement = 'uncovered'
export const uncoveredStep = `${uncoveredElement}.steps.0`

/** The changes that a step's guards name; null guards every change. */
export const guardedBy = (guards: readonly string[] | null, changes: readonly Change[]): readonly Change[] =>
  guards === null ? changes : changes.filter((change) => guards.some((guard) => coversField(guard, change.field)))

/** Changes as a decision is given for them. */
export const refs = (changes: readonly Change[]): ChangeRef[] => changes.map(({ id, digest }) => ({ id, digest }))

/** What no approval of a run covers. `assume`: steps that were asked count as approved. */
export const uncovered = (
  changes: readonly Change[],
  elements: Iterable<ElementFact>,
  steps: Iterable<StepFact>,
  assume: boolean,
): readonly Change[] => {
  const covered = new Set<string>()
  const cover = (given: readonly ChangeRef[]): void => given.forEach((c) => covered.add(`${c.id} ${c.digest}`))
  for (const element of elements)
    for (const action of element.automatic) if (action.verdict === 'APPROVE') cover(action.changes)
  for (const step of steps) {
    if (step.kind === 'KEPT' || (step.kind === 'ASKED' && (step.outcome === 'APPROVED' || assume))) cover(step.changes)
  }
  return changes.filter((c) => !covered.has(`${c.id} ${c.digest}`))
}

/** The step that asks for what nothing else covers. */
export const coverStep = (userId: string): Step => ({
  name: 'Not covered by the workflow',
  subject: null,
  instructions: 'No step of the workflow guards these changes.',
  guards: null,
  when: null,
  assign: [{ to: { users: [userId] }, policy: 'SINGLE', percent: null, quorum: 'ANSWERS' }],
  join: 'ALL',
  timeLimit: null,
  escalation: null,
  finally: null,
})
