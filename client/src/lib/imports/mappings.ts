// What somebody has said of the columns of a file, kept in this browser for the next file with the same header.
import { delimiters, type Delimiter } from './preview.ts'

export type Empty = 'LEAVE' | 'CLEAR'
export type Mapping = {
  /** By the column's name: its target; null: not read. Only what was chosen by a person. */
  columns: Record<string, string | null>
  /** Texts that stand for nothing, as they were typed. */
  nulls: string
  empty: Empty
  delimiter: Delimiter | null
  encoding: string | null
}

const place = 'countersign.imports'
const most = 20
const keyOf = (company: string, columns: readonly string[]) => JSON.stringify([company, ...columns])

export const nothingSaid = (): Mapping => ({ columns: {}, nulls: '', empty: 'LEAVE', delimiter: null, encoding: null })

type Kept = readonly (readonly [key: string, mapping: Mapping])[]
const read = (): Kept => {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(place) ?? '[]')
    return Array.isArray(kept) ? (kept as Kept) : []
  } catch {
    return []
  }
}

/** What was said of such a header before; undefined: nothing. */
export const rememberedOf = (company: string, columns: readonly string[]): Mapping | undefined => {
  const found = read().find(([key]) => key === keyOf(company, columns))?.[1]
  return found && { ...found, delimiter: delimiters.find((one) => one === found.delimiter) ?? null }
}

/** Where nothing was said, what was said before is forgotten. */
export const remember = (company: string, columns: readonly string[], mapping: Mapping): void => {
  const key = keyOf(company, columns)
  const others = read().filter(([one]) => one !== key)
  const own = JSON.stringify(mapping) === JSON.stringify(nothingSaid()) ? [] : [[key, mapping] as const]
  localStorage.setItem(place, JSON.stringify([...own, ...others].slice(0, most)))
}
