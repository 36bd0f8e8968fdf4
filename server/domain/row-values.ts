// What rows of cells and rows of JSON have in common: what a text means, and what holds for every row.
import type { Convert } from './cells.ts'
import { targetOf, type Target } from './column-names.ts'
import type { Problem } from './errors.ts'
import { unescapeFormula } from './formulas.ts'
import type { ImportRow } from './import.ts'
import type { Layout } from './import-job.ts'

export type RowRead = { readonly row: ImportRow } | { readonly problem: Problem }
export type Values = Record<string, unknown>

export const fault = (code: Problem['code'], message: string, ...at: readonly string[]): RowRead => ({
  problem: { code, message, at },
})
export const noAccount = fault('INVALID_VALUE', 'This row names no account; a customer is found by it.', 'account')

/** Without a column for it, the code by which a child record of a row is known. */
export const standardCode = (index: number): string => (index === 1 ? 'MAIN' : `MAIN${index}`)

export type ReadText = (text: string, convert: Convert | null) => unknown

/** What a text of the file is: undefined leaves the field alone, null clears it. */
export const textReader = ({ nulls, empty, escaped = false }: Layout): ReadText => {
  const nothing = empty === 'CLEAR' ? null : undefined
  const none = nulls.length === 0 ? null : new Set(nulls)
  return (raw, convert) => {
    const trimmed = raw.trim()
    const text = escaped ? unescapeFormula(trimmed).trim() : trimmed
    if (text === '' || none?.has(text) === true) return nothing
    return convert === null ? text : convert(text)
  }
}

export type OfRecord = Exclude<Target, { record: 'account' }>
export const isOf = (target: Target | undefined): target is OfRecord =>
  target !== undefined && target.record !== 'account'

/** Constants of the customer itself, and of child records by their place. */
export const constantsOf = ({ constants = [] }: Layout): { own: Values; children: Map<string, Values> } => {
  const own: Values = {}
  const children = new Map<string, Values>()
  for (const { field, value } of constants) {
    const target = targetOf(field)
    if (!isOf(target)) continue
    if (target.record === 'customer') own[target.property] = value
    else {
      const key = `${target.record} ${target.index}`
      const values = children.get(key) ?? {}
      values[target.property] = value
      children.set(key, values)
    }
  }
  return { own, children }
}
