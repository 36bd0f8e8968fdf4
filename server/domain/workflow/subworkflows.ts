// Which workflows run others: circles, how deep they go, how much runs in all, and whether one is in use (DOMAIN section 5).
import type { Definition, Element } from './definition.ts'
import type { RunnableVersion, Workflow } from './workflow.ts'

/** Subworkflows inside of subworkflows. */
export const maxDepth = 10
/** Elements of a definition together with those of everything that it runs. */
export const maxTotal = 1000

const inside = (element: Element): readonly (readonly Element[])[] => {
  if ('decision' in element) return element.decision.outcomes.map((each) => each.elements)
  if ('condition' in element)
    return [...element.condition.cases.map((each) => each.elements), element.condition.else ?? []]
  if ('parallel' in element) return element.parallel.branches.map((each) => each.elements)
  return 'automated' in element ? (element.automated.outcomes ?? []).map((each) => each.elements) : []
}

/** The workflows that a sequence runs, one entry for each time. */
export const workflowsRunBy = (elements: readonly Element[]): string[] =>
  elements.flatMap((element) =>
    'subworkflow' in element ? [element.subworkflow.workflowId] : inside(element).flatMap(workflowsRunBy),
  )
const count = (elements: readonly Element[]): number =>
  elements.reduce((sum, element) => sum + 1 + inside(element).reduce((all, each) => all + count(each), 0), 0)

/** The active versions that a definition runs, directly or through others, by workflow. */
export const reachedFrom = (
  definition: Definition,
  workflows: readonly Workflow[],
): ReadonlyMap<string, RunnableVersion> => {
  const reached = new Map<string, RunnableVersion>()
  const open = workflowsRunBy(definition.elements)
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const version = reached.has(id) ? null : workflows.find((each) => each.id === id)?.activeVersion
    if (!version) continue
    reached.set(id, version)
    open.push(...workflowsRunBy(version.definition.elements))
  }
  return reached
}

type DefinitionOf = (workflowId: string) => Definition | undefined

/** The circle of workflows, from the first back to itself, that running this one ends up in; null: none. */
export const circleFrom = (workflowId: string, definitionOf: DefinitionOf): readonly string[] | null => {
  const clear = new Set<string>()
  const follow = (id: string, trail: readonly string[]): readonly string[] | null => {
    if (trail.includes(id)) return [...trail.slice(trail.indexOf(id)), id]
    if (clear.has(id)) return null
    for (const next of new Set(workflowsRunBy(definitionOf(id)?.elements ?? []))) {
      const circle = follow(next, [...trail, id])
      if (circle !== null) return circle
    }
    clear.add(id)
    return null
  }
  return follow(workflowId, [])
}

/** How many elements run in all, and how deep subworkflows go; only where there is no circle. */
export const sizeOf = (definition: Definition, definitionOf: DefinitionOf): { total: number; depth: number } => {
  const known = new Map<string, { total: number; depth: number }>()
  const measure = ({ elements }: Definition): { total: number; depth: number } => {
    let [total, depth] = [count(elements), 0]
    for (const id of workflowsRunBy(elements)) {
      const own = definitionOf(id)
      const size = known.get(id) ?? (own === undefined ? { total: 0, depth: 0 } : measure(own))
      known.set(id, size)
      total += size.total
      depth = Math.max(depth, size.depth + 1)
    }
    return { total, depth }
  }
  return measure(definition)
}

/** The other workflows whose active version runs this one, directly. */
export const usersOf = (workflowId: string, workflows: readonly Workflow[]): readonly Workflow[] =>
  workflows.filter(
    ({ id, activeVersion }) =>
      id !== workflowId &&
      activeVersion !== null &&
      workflowsRunBy(activeVersion.definition.elements).includes(workflowId),
  )
