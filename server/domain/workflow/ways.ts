// What each way through a definition surely passes, and what some way passes: an approval at all, and a step that guards a field.
import { coversField } from '../fields.ts'
import type { Branch, Element, Step } from './definition.ts'
import { asksWebhook } from './calls.ts'
import type { RunnableVersion } from './workflow.ts'

/** Stands beside the fields' names for: an approval, whatever it guards. */
export const anApproval = ''

/** Keys are `anApproval` and names of fields. */
export type Passed = { readonly sure: ReadonlySet<string>; readonly some: ReadonlySet<string> }

/** One of several ways that an element sends a run. `elements` null: the definition leaves it out, and the run goes straight on. */
export type Arm = {
  /** Place inside of the element's body. */
  readonly place: readonly (string | number)[]
  /** How a sentence says that this way is taken. */
  readonly taken: string
  readonly elements: readonly Element[] | null
}

const checkArms = (name: string, outcomes: readonly Branch[]): Arm[] => {
  if (outcomes.length === 0) return []
  const armOf = (result: string): Arm | null => {
    const index = outcomes.findIndex((outcome) => outcome.name === result)
    const elements = outcomes[index]?.elements
    return elements === undefined
      ? null
      : { place: ['outcomes', index, 'elements'], taken: `When "${name}" has ${result}`, elements }
  }
  // A check that fails without a branch for it stops the run: no way leads on from there.
  const passed = armOf('passed') ?? { place: ['outcomes'], taken: `When "${name}" has passed`, elements: null }
  return [passed, armOf('failed')].filter((arm) => arm !== null)
}

/** The ways of which exactly one is taken; none for elements that do not choose. */
export const armsOf = (element: Element): readonly Arm[] => {
  const branch = (word: string, list: string, each: Branch, index: number): Arm => ({
    place: [list, index, 'elements'],
    taken: `When ${word} "${each.name}" is taken`,
    elements: each.elements,
  })
  if ('decision' in element) return element.decision.outcomes.map((each, i) => branch('outcome', 'outcomes', each, i))
  if (asksWebhook(element))
    return (element.automated.outcomes ?? []).map((each, i) => branch('outcome', 'outcomes', each, i))
  if ('automated' in element) return checkArms(element.automated.name, element.automated.outcomes ?? [])
  if (!('condition' in element)) return []
  const { name, cases, else: otherwise } = element.condition
  return [
    ...cases.map((each, i) =>
      branch('case', 'cases', { name: each.name ?? String(i + 1), elements: each.elements }, i),
    ),
    { place: ['else'], taken: `When no case of "${name}" holds`, elements: otherwise },
  ]
}

const guards = (step: Step, field: string): boolean =>
  step.guards === null || step.guards.some((guard) => coversField(guard, field))

export type Ways = {
  readonly of: (element: Element) => Passed
  readonly through: (elements: readonly Element[]) => Passed
}

/**
 * Finds what is passed, each element looked at once. `fields`: the names that are asked about. `active`: the version that a subworkflow
 * runs; where there is none, or the workflows go in a circle, it is taken to pass everything: that is said elsewhere.
 */
export const waysOver = (
  fields: readonly string[],
  active: (workflowId: string) => RunnableVersion | null | undefined,
): Ways => {
  const everything = new Set([anApproval, ...fields])
  const all: Passed = { sure: everything, some: everything }
  const none: Passed = { sure: new Set(), some: new Set() }
  const known = new Map<Element, Passed>()
  const ofWorkflows = new Map<string, Passed>()

  const union = (each: readonly Passed[]): Passed => ({
    sure: new Set(each.flatMap(({ sure }) => [...sure])),
    some: new Set(each.flatMap(({ some }) => [...some])),
  })
  const through = (elements: readonly Element[]): Passed => union(elements.map(of))
  const ofWorkflow = (id: string): Passed => {
    const found = ofWorkflows.get(id)
    if (found !== undefined) return found
    ofWorkflows.set(id, all)
    const version = active(id)
    const passed = version ? through(version.definition.elements) : all
    ofWorkflows.set(id, passed)
    return passed
  }
  const find = (element: Element): Passed => {
    if ('approval' in element) {
      const { steps } = element.approval
      const guarded = (under: readonly Step[]) => fields.filter((field) => under.some((step) => guards(step, field)))
      return {
        sure: new Set([anApproval, ...guarded(steps.filter(({ when }) => when === null))]),
        some: new Set([anApproval, ...guarded(steps)]),
      }
    }
    if ('parallel' in element) return union(element.parallel.branches.map((each) => through(each.elements)))
    if ('subworkflow' in element) return ofWorkflow(element.subworkflow.workflowId)
    const arms = armsOf(element).map((arm) => (arm.elements === null ? none : through(arm.elements)))
    const [first] = arms
    if (first === undefined) return none
    return {
      sure: new Set([...first.sure].filter((key) => arms.every(({ sure }) => sure.has(key)))),
      some: union(arms).some,
    }
  }
  const of = (element: Element): Passed => {
    const found = known.get(element)
    if (found !== undefined) return found
    const passed = find(element)
    known.set(element, passed)
    return passed
  }
  return { of, through }
}

/** Where a way goes round some keys: in a whole sequence, in a way that is left out, or in a workflow that is run. */
export type Gap = {
  /** From the sequence that was looked at. */
  readonly place: readonly (string | number)[]
  readonly kind: 'SEQUENCE' | 'LEFT_OUT' | 'SUBWORKFLOW'
  /** How a sentence says that this way is taken; null: the whole definition. */
  readonly taken: string | null
  readonly keys: readonly string[]
}

/** The gaps of a sequence: places where something would have to be added for every way to pass these keys. */
export const gapsOf = (
  ways: Ways,
  elements: readonly Element[],
  keys: readonly string[],
  place: Gap['place'] = [],
  taken: string | null = null,
): readonly Gap[] => {
  const { sure } = ways.through(elements)
  const missing = keys.filter((key) => !sure.has(key))
  if (missing.length === 0) return []
  // Some way inside of such an element passes the key: the gap is there and not here.
  const inside = (element: Element) =>
    'approval' in element ? [] : missing.filter((key) => ways.of(element).some.has(key))
  const here = missing.filter((key) => !elements.some((element) => inside(element).includes(key)))
  const own: Gap[] = here.length > 0 ? [{ place, kind: 'SEQUENCE', taken, keys: here }] : []
  const within = elements.flatMap((element, index): readonly Gap[] => {
    const left = inside(element)
    if (left.length === 0) return []
    const at = (...more: Gap['place']) => [...place, index, Object.keys(element)[0] ?? '', ...more]
    if ('subworkflow' in element) return [{ place: at('workflowId'), kind: 'SUBWORKFLOW', taken: null, keys: left }]
    if ('parallel' in element)
      return element.parallel.branches.flatMap((branch, i) => {
        const { some } = ways.through(branch.elements)
        const partly = left.filter((key) => some.has(key))
        return gapsOf(ways, branch.elements, partly, at('branches', i, 'elements'), taken)
      })
    return armsOf(element).flatMap((arm) =>
      arm.elements === null
        ? [{ place: at(...arm.place), kind: 'LEFT_OUT' as const, taken: arm.taken, keys: left }]
        : gapsOf(ways, arm.elements, left, at(...arm.place), arm.taken),
    )
  })
  return [...own, ...within]
}
