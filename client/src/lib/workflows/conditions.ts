// Every condition over customers in a workflow, with its place: conditions over managers are another kind.
import { workflowWords } from '../words/workflows.ts'
import type { Definition } from './definition.ts'
import { at, ownerOf, textOf, type Path } from './tree.ts'

export type PlacedCondition = {
  /** Text of its path. */
  place: string
  /** The part of the tree that has its form. */
  owner: Path
  name: string
  expression: string
}

const found = (value: unknown, path: Path): { path: Path; expression: string }[] => {
  if (value === null || typeof value !== 'object') return []
  if (Array.isArray(value)) return value.flatMap((one, index) => found(one, [...path, index]))
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'when' && typeof inner === 'string'
      ? [{ path: [...path, key], expression: inner }]
      : found(inner, [...path, key]),
  )
}

const nameOf = (node: unknown): string => {
  if (node === null || typeof node !== 'object') return ''
  if ('name' in node) return (node.name as string | null) ?? ''
  return nameOf(Object.values(node)[0])
}

export const conditionsIn = (activation: string | null, definition: Definition): PlacedCondition[] => {
  const head: PlacedCondition[] =
    activation === null || activation.trim() === ''
      ? []
      : [{ place: 'activation', owner: [], name: workflowWords.form.activation, expression: activation }]
  const inside = found(definition.elements, ['elements']).flatMap(({ path, expression }): PlacedCondition[] => {
    if (expression.trim() === '') return []
    const owner = ownerOf(path)
    const own = nameOf(at(definition, owner))
    return [
      { place: textOf(path), owner, name: own || nameOf(at(definition, ownerOf(owner.slice(0, -1)))), expression },
    ]
  })
  return [...head, ...inside]
}
