// Rows of a file as the planner takes them. A layout is compiled once and then reads a million rows, twice: nothing is looked up for a
// cell that could be looked up for its column.
import { conversionOf, type Convert } from './cells.ts'
import { targetOf } from './column-names.ts'
import type { ChildRecordName } from './fields.ts'
import type { ImportRow } from './import.ts'
import type { Layout } from './import-job.ts'
import { accountReader, readLines, type Line } from './lines.ts'
import { constantsOf, isOf, noAccount, standardCode, textReader, type RowRead, type Values } from './row-values.ts'

/** The cells of a CSV row, or the object of a line. */
export type Content = readonly string[] | Line

type Column = { readonly at: number; readonly property: string; readonly convert: Convert | null }
type Group = {
  readonly record: ChildRecordName
  readonly columns: readonly Column[]
  readonly constants: Values
  /** Given to a record for which the file has no code. */
  readonly code: string | null
}
type Compiled = {
  readonly account: number
  readonly own: readonly Column[]
  readonly ownConstants: Values
  readonly groups: readonly Group[]
}

const compileColumns = (layout: Layout): Compiled => {
  const { own: ownConstants, children } = constantsOf(layout)
  const own: Column[] = []
  const groups = new Map<string, { record: ChildRecordName; index: number; columns: Column[] }>()
  for (const [at, { field }] of layout.columns.entries()) {
    const target = field === null ? undefined : targetOf(field)
    if (!isOf(target)) continue
    const column = { at, property: target.property, convert: conversionOf(target.def) }
    if (target.record === 'customer') own.push(column)
    else {
      const { record, index } = target
      const key = `${record} ${index}`
      const group = groups.get(key) ?? { record, index, columns: [] }
      group.columns.push(column)
      groups.set(key, group)
    }
  }
  return {
    account: layout.columns.findIndex(({ field }) => field === 'account'),
    own,
    ownConstants,
    groups: [...groups].map(([key, { record, index, columns }]) => {
      const constants = children.get(key) ?? {}
      const coded = 'code' in constants || columns.some(({ property }) => property === 'code')
      return { record, columns, constants, code: coded ? null : standardCode(index) }
    }),
  }
}

const readCells = (layout: Layout): ((cells: readonly string[]) => RowRead) => {
  const { account: accountAt, own, ownConstants, groups } = compileColumns(layout)
  const read = textReader(layout)
  return (cells) => {
    const account = read(cells[accountAt] ?? '', null)
    if (typeof account !== 'string') return noAccount
    const set: Values = { ...ownConstants }
    for (const { at, property, convert } of own) {
      const value = read(cells[at] ?? '', convert)
      if (value !== undefined) set[property] = value
    }
    const row: Values = { account, set }
    for (const { record, columns, constants, code } of groups) {
      let child: Values | null = null
      let holds = false
      for (const { at, property, convert } of columns) {
        const value = read(cells[at] ?? '', convert)
        if (value === undefined) continue
        child ??= { ...constants }
        child[property] = value
        holds ||= value !== null
      }
      // Cells that are all empty tell of no record, not of an empty one.
      if (child === null || !holds) continue
      if (code !== null) child.code = code
      const list = row[record] as Values[] | undefined
      if (list === undefined) row[record] = [child]
      else list.push(child)
    }
    return { row: row as ImportRow }
  }
}

const isCells = (content: Content): content is readonly string[] => Array.isArray(content)

/**
 * The reader of a file's rows: its cells, or the object of a line → a row for the planner, or what is wrong with it. Values are
 * checked by the rules, not here.
 */
export const compileLayout = (layout: Layout): ((content: Content) => RowRead) => {
  const cells = readCells(layout)
  const lines = readLines(layout)
  return (content) => (isCells(content) ? cells(content) : lines(content))
}

/** The account that a row names, where it can be told: for rows that are not usable otherwise, too. */
export const compileAccount = (layout: Layout): ((content: Content) => string | null) => {
  const at = layout.columns.findIndex(({ field }) => field === 'account')
  const read = textReader(layout)
  const accountOf = accountReader(layout)
  return (content) => {
    const raw = isCells(content) ? content[at] : accountOf(content)
    const account = typeof raw === 'string' || typeof raw === 'number' ? read(String(raw), null) : null
    return typeof account === 'string' ? account : null
  }
}
