// What differs between two versions of a workflow, line by line of their texts; of what is the same only the lines above a difference.
import { diffArrays } from 'diff'
import { workflowWords } from '../words/workflows.ts'
import type { Definition } from './definition.ts'
import type { Head } from './draft.svelte.ts'
import { textLines, type Line, type Names } from './sentences.ts'

export type Compared = { text: string; depth: number; change: 'added' | 'removed' | null }
type Placed = { text: string; depth: number }

const words = workflowWords

const placed = (lines: readonly Line[], depth = 0): Placed[] =>
  lines.flatMap(({ text, lines: inner }) => [{ text, depth }, ...placed(inner, depth + 1)])

/** The whole of a version in words: its settings, then its definition. */
export const versionLines = (head: Head, definition: Definition, names: Names): Line[] => {
  const { form, versions } = words
  const settings: [string, string][] = [
    [form.name, head.name],
    [form.owner, head.owner?.name ?? words.say.nobody],
    [form.activation, head.activation ?? versions.noCondition],
    [form.rank, String(head.rank ?? versions.noRank)],
    [form.isDefault, head.isDefault ? versions.yes : versions.no],
  ]
  return [
    ...settings.map(([label, value]) => ({ text: `${label}: ${value}`, lines: [] })),
    ...textLines(definition, names),
  ]
}

export const compare = (before: readonly Line[], after: readonly Line[]): Compared[] => {
  const same = (one: Placed, other: Placed) => one.text === other.text && one.depth === other.depth
  const all = diffArrays(placed(before), placed(after), { comparator: same }).flatMap(({ added, removed, value }) =>
    value.map((line): Compared => ({ ...line, change: added ? 'added' : removed ? 'removed' : null })),
  )
  /** Does a difference lie under the line? */
  const leads = ({ depth }: Compared, index: number): boolean => {
    // What was taken out lies under it in one version, what was added in the other.
    const under = (left: Compared['change']): boolean => {
      for (const one of all.slice(index + 1)) {
        if (one.change === left) continue
        if (one.depth <= depth) return false
        if (one.change !== null) return true
      }
      return false
    }
    return under('added') || under('removed')
  }
  return all.filter((line, index) => line.change !== null || leads(line, index))
}
