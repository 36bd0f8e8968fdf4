// A workflow version made ready to run: every expression compiled once, every element hashed, so that a replay can tell whether an
// element is still the very same.
import { branchesOf } from './branches.ts'
import { canonicalJson, sha256 } from '../digest.ts'
import { compileCondition, compileManagerCondition } from './conditions.ts'
import type { Compiled, CompiledCondition, ConditionResult, ManagerCondition } from './conditions.ts'
import type { Element, Step } from './definition.ts'
import type { RunnableVersion, WorkflowVersion } from './workflow.ts'

/** An element with its path: `elements.0`, `elements.1.branches.0.elements.2`, `elements.1.cases.0.elements.1`, `elements.1.else.0`, `elements.1.outcomes.0.elements.0`. */
export type PlacedElement = { readonly path: string; readonly element: Element; readonly depth: number }

/** Every element in the order of the definition, each before those that it holds. */
export const placedElements = (elements: readonly Element[], path = 'elements', depth = 1): PlacedElement[] =>
  elements.flatMap((element, index) => {
    const own = `${path}.${index}`
    const held = branchesOf(element).flatMap(({ key, elements: inside }) =>
      placedElements(inside, `${own}.${key}`, depth + 1),
    )
    return [{ path: own, element, depth }, ...held]
  })

export const stepsOf = (element: Element): readonly Step[] => {
  if ('approval' in element) return element.approval.steps
  if ('task' in element) return [element.task.step]
  return 'decision' in element ? [element.decision.step] : []
}

const conditionsOf = (element: Element): string[] => {
  const own = 'approval' in element ? (element.approval.automatic ?? []).map((action) => action.when) : []
  const cases = 'condition' in element ? element.condition.cases.map((each) => each.when) : []
  return [...own, ...cases, ...stepsOf(element).flatMap((step) => step.when ?? [])]
}
const managerConditionsOf = (element: Element): string[] =>
  stepsOf(element)
    .flatMap((step) => [...step.assign, ...(step.escalation ?? [])])
    .flatMap(({ to }) => ('hierarchy' in to ? (to.hierarchy.until ?? []) : []))

type Condition = { readonly expression: string; evaluate(): ConditionResult }
/** No version with such an expression can be activated; should one be met all the same, it is never true. */
const compiledOrNever = <C>(expression: string, compile: (expression: string) => Compiled<C>): C | Condition => {
  const compiled = compile(expression)
  if (compiled.ok) return compiled.condition
  const { message } = compiled
  return { expression, evaluate: () => ({ ok: false, message }) }
}

/** Hash of each element's definition, what it holds included, by path: SHA-256 over its canonical JSON, in hex. */
const elementHashes = (placed: readonly PlacedElement[]): ReadonlyMap<string, string> =>
  new Map(placed.map(({ path, element }) => [path, sha256(canonicalJson(element))]))

/** Compiles a version; expressions are found again by their text. */
export const compileVersion = (version: WorkflowVersion): RunnableVersion => {
  const placed = placedElements(version.definition.elements)
  const elements = placed.map(({ element }) => element)
  const conditions = new Map<string, CompiledCondition>()
  for (const text of elements.flatMap(conditionsOf)) conditions.set(text, compiledOrNever(text, compileCondition))
  const managerConditions = new Map<string, ManagerCondition>()
  for (const text of elements.flatMap(managerConditionsOf))
    managerConditions.set(text, compiledOrNever(text, compileManagerCondition))
  return {
    ...version,
    conditions,
    managerConditions,
    elementHashes: elementHashes(placed),
    elements: new Map(placed.map(({ path, element }) => [path, element])),
  }
}
