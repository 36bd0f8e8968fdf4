// What the parts of a design are called where they are spoken of: also those that nobody has given a name.
import { workflowWords } from '../words/workflows.ts'
import { bodyOf, type Definition, type Element } from './definition.ts'
import { at, ownerOf, type Path } from './tree.ts'

const words = workflowWords.editor

const given = (name: string | null | undefined, otherwise: string): string =>
  name === null || name === undefined || name === '' ? otherwise : name

/** The name of an element, or that it has none. */
export const nameOf = (element: Element): string => given(bodyOf(element).name, words.unnamed)

export const isElementPath = (path: Path): boolean => ['elements', 'else'].includes(String(path.at(-2)))

/** The name of the element, step, branch or case at a path; [] is the workflow's own form. */
export const nameAt = (definition: Definition, path: Path): string => {
  const node = at(definition, path)
  if (path.length === 0 || node === undefined) return words.settings
  if (isElementPath(path)) return nameOf(node as Element)
  const { name } = node as { name: string | null }
  return given(name, path.at(-2) === 'cases' ? words.case(Number(path.at(-1)) + 1) : words.unnamed)
}

/** What a sequence of elements is called, by what holds it. */
export const sequenceName = (definition: Definition, list: Path): string => {
  if (list.length === 1) return words.sequence.main
  const held = ownerOf(list)
  const branch = list.at(-1) === 'else' ? words.sequence.else : nameAt(definition, held)
  const element = list.at(-1) === 'else' ? held : ownerOf(held.slice(0, -1))
  return `${nameAt(definition, element)}: ${branch}`
}
