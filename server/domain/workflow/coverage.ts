// Which changes a step or an action is about, and which nothing has answered for yet (DOMAIN section 6, coverage).
import { coversField } from '../fields.ts'
import type { Change, ChangeRef, ElementFact, StepFact } from '../proposal.ts'
import { branchesOf } from './branches.ts'
import { asksWebhook } from './calls.ts'
import type { Element, Step } from './definition.ts'

export const uncoveredElement = 'uncovered'
export const uncoveredStep = `${uncoveredElement}.steps.0`

/** The changes that a step's guards name; null guards every change. */
export const guardedBy = (guards: readonly string[] | null, changes: readonly Change[]): readonly Change[] =>
  guards === null ? changes : changes.filter((change) => guards.some((guard) => coversField(guard, change.field)))

/** Changes as a decision is given for them. */
export const refs = (changes: readonly Change[]): ChangeRef[] => changes.map(({ id, digest }) => ({ id, digest }))

/** What a run has established, and the versions of the subworkflows that it comes through. */
export type Established = {
  readonly elements: Readonly<Record<string, ElementFact>>
  readonly steps: Readonly<Record<string, StepFact>>
  readonly subworkflow: (workflowId: string) => readonly Element[]
  /** Steps that were asked count as approved. */
  readonly assume: boolean
}

/** Does somebody, or another system, have yet to say which branch is taken? */
const isOpen = (element: Element, path: string, known: Established): boolean =>
  asksWebhook(element) || ('decision' in element && known.steps[`${path}.step`]?.kind !== 'SKIPPED')

const keyOf = (c: ChangeRef): string => `${c.id} ${c.digest}`

/**
 * Adds what the elements cover: every branch that runs counts; of a choice that nobody has made yet, what each of its outcomes covers.
 */
const cover = (elements: readonly Element[], path: string, known: Established, covered: Set<string>): void => {
  for (const [i, element] of elements.entries()) {
    const own = `${path}.${i}`
    const fact = known.elements[own]
    if (fact === undefined) continue
    if ('approval' in element) {
      for (const action of fact.automatic)
        if (action.verdict === 'APPROVE') for (const c of action.changes) covered.add(keyOf(c))
      for (const n of element.approval.steps.keys()) {
        const step = known.steps[`${own}.steps.${n}`]
        if (step?.kind === 'KEPT' || (step?.kind === 'ASKED' && (step.outcome === 'APPROVED' || known.assume)))
          for (const c of step.changes) covered.add(keyOf(c))
      }
      continue
    }
    const inside = branchesOf(element)
    if ('parallel' in element)
      for (const branch of inside) cover(branch.elements, `${own}.${branch.key}`, known, covered)
    else if ('subworkflow' in element)
      cover(known.subworkflow(element.subworkflow.workflowId), `${own}.workflow.elements`, known, covered)
    else if (fact.taken !== undefined) {
      const taken = inside.find((branch) => branch.of === fact.taken)
      if (taken !== undefined) cover(taken.elements, `${own}.${taken.key}`, known, covered)
    } else if (known.assume && isOpen(element, own, known)) {
      const [first = new Set<string>(), ...rest] = inside.map((branch) => {
        const some = new Set<string>()
        cover(branch.elements, `${own}.${branch.key}`, known, some)
        return some
      })
      for (const key of first) if (rest.every((other) => other.has(key))) covered.add(key)
    }
  }
}

/** The changes that no approval of a run covers. */
export const uncovered = (
  changes: readonly Change[],
  elements: readonly Element[],
  known: Established,
): readonly Change[] => {
  const covered = new Set<string>()
  cover(elements, 'elements', known, covered)
  return changes.filter((c) => !covered.has(keyOf(c)))
}

/** Of a choice that nobody has made yet: what all of its outcomes have in common, else what was before it. */
const lastIn = (
  elements: readonly Element[],
  path: string,
  known: Established,
  before: string | null,
): string | null => {
  let last = before
  for (const [i, element] of elements.entries()) {
    const own = `${path}.${i}`
    const fact = known.elements[own]
    if (fact === undefined) continue
    if ('approval' in element) {
      last = element.approval.finalApproverId
      continue
    }
    if ('subworkflow' in element) {
      last = lastIn(known.subworkflow(element.subworkflow.workflowId), `${own}.workflow.elements`, known, last)
      continue
    }
    const runs = 'parallel' in element ? () => true : (of: string) => of === fact.taken
    for (const { of, key, elements: inside } of branchesOf(element))
      if (runs(of)) last = lastIn(inside, `${own}.${key}`, known, last)
    if (fact.taken !== undefined || !isOpen(element, own, known)) continue
    const [first, ...rest] = branchesOf(element).map(({ key, elements: inside }) =>
      lastIn(inside, `${own}.${key}`, known, last),
    )
    if (first !== undefined && rest.every((other) => other === first)) last = first
  }
  return last
}

/** The final approver of the last approval element that a run has come by; null: that one has none, or there was none. */
export const lastFinalApprover = (elements: readonly Element[], known: Established): string | null =>
  lastIn(elements, 'elements', known, null)

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
