// What the parts of a design are called where they are spoken of: also those that nobody has given a name.
import { workflowWords } from '../words/workflows.ts'
import { bodyOf, type Definition, type Element } from './definition.ts'
import { at, type Path } from './tree.ts'

const words = workflowWords.editor

const given = (name: string | null | undefined, otherwise: string): string =>
  name === null || name === undefined || name === '' ? otherwise : name

export const isElementPath = (path: Path): boolean => ['elements', 'else'].includes(String(path.at(-2)))

/** The name of the element, step, branch or case at a path; [] is the workflow's own form. */
export const nameAt = (definition: Definition, path: Path): string => {
  const node = at(definition, path)
  if (path.length === 0 || node === undefined) return words.settings
  if (isElementPath(path)) return given(bodyOf(node as Element).name, words.unnamed)
  const { name } = node as { name: string | null }
  return given(name, path.at(-2) === 'cases' ? words.case(Number(path.at(-1)) + 1) : words.unnamed)
}
