// The sequences that an element holds, under the keys that paths name them by.
import type { Element } from './definition.ts'

export type HeldBranch = {
  /** As facts name a branch that was taken: `outcomes.1`, `cases.0`, `branches.2`, `else`. */
  readonly of: string
  /** Path of its elements below the element's own: `outcomes.1.elements`, `else`. */
  readonly key: string
  readonly name: string
  readonly elements: readonly Element[]
}

/** Branches of an element in the order of the definition; none of one that holds nothing. */
export const branchesOf = (element: Element): readonly HeldBranch[] => {
  const held = (
    list: string,
    branches: readonly { readonly name: string | null; readonly elements: readonly Element[] }[],
    word: string,
  ): HeldBranch[] =>
    branches.map(({ name, elements }, i) => ({
      of: `${list}.${i}`,
      key: `${list}.${i}.elements`,
      name: name ?? `${word} ${i + 1}`,
      elements,
    }))
  if ('decision' in element) return held('outcomes', element.decision.outcomes, 'Outcome')
  if ('parallel' in element) return held('branches', element.parallel.branches, 'Branch')
  if ('automated' in element) return held('outcomes', element.automated.outcomes ?? [], 'Outcome')
  if ('condition' in element) {
    const { cases, else: otherwise } = element.condition
    return [
      ...held('cases', cases, 'Case'),
      ...(otherwise === null ? [] : [{ of: 'else', key: 'else', name: 'Otherwise', elements: otherwise }]),
    ]
  }
  return []
}

type Kind = 'approval' | 'task' | 'decision' | 'condition' | 'parallel' | 'automated' | 'subworkflow'

/** Which kind an element is: its one member's name. */
export const kindOf = (element: Element): Kind => {
  for (const kind in element) return kind as Kind
  throw new Error('An element without a kind')
}

export const nameOf = (element: Element): string =>
  Object.values(element as Readonly<Record<string, { readonly name: string }>>)[0]?.name ?? ''
