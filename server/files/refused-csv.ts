// Rows that were not taken, as a table that can be opened, corrected and sent again: the file's own columns, then the row's number, its
// outcome and why.
import { addedIn, addedTo } from '../domain/added-columns.ts'
import { columnNamed, normalName, targetOf } from '../domain/column-names.ts'
import { childRecords } from '../domain/fields.ts'
import { escapeFormula, unescapeFormula } from '../domain/formulas.ts'
import type { Layout } from '../domain/import-job.ts'
import { keyReader } from '../domain/lines.ts'
import type { RefusedRow } from '../services/import-jobs.ts'

type Rows = AsyncIterable<readonly RefusedRow[]>
type Line = Readonly<Record<string, unknown>>

/** Excel takes a file for UTF-8 by this. */
const mark = '\uFEFF'
const hidden = '***'
const mostKeys = 500

const csvLine = (cells: readonly string[], delimiter: string): string =>
  `${cells
    .map((cell) => {
      const safe = escapeFormula(cell)
      return /["\r\n\t,;|]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
    })
    .join(delimiter)}\r\n`

const addedCells = ({ row, outcome, errors }: RefusedRow): string[] => [
  String(row),
  outcome,
  errors.map(({ message }) => message).join(' '),
]

/** May everybody see what stands under a field? Of what nobody has read, nobody knows what it is. */
const isOpen = (field: string | null | undefined): boolean => {
  const target = typeof field === 'string' ? targetOf(field) : undefined
  return target !== undefined && (target.record === 'account' || target.def.sensitive !== true)
}

async function* ofCells(layout: Layout, rows: Rows, seesSensitive: boolean): AsyncGenerator<string> {
  const { columns, delimiter = ',', escaped = false } = layout
  // What an earlier download has added is left out, not what the file calls so itself.
  const earlier = escaped ? addedIn(columns.flatMap(({ key, field }) => (field === null ? [key] : []))) : null
  const own = columns.flatMap(({ key, field }, at) =>
    earlier?.has(normalName(key)) === true ? [] : [{ at, key, open: isOpen(field) }],
  )
  const keys = own.map(({ key }) => key)
  yield mark + csvLine([...keys, ...addedTo(keys)], delimiter)
  for await (const list of rows) {
    let text = ''
    for (const row of list) {
      const sent = row.content as readonly string[]
      const cells = escaped ? sent.map(unescapeFormula) : sent
      // Where cells are missing or too many, none stands for sure under its name.
      const fits = cells.length === columns.length
      const shown = (cell: string, open: boolean): string =>
        seesSensitive || cell === '' || (open && fits) ? cell : hidden
      text += csvLine(
        [
          ...own.map(({ at, open }) => shown(cells[at] ?? '', open)),
          ...addedCells(row),
          ...cells.slice(columns.length).map((cell) => shown(cell, false)),
        ],
        delimiter,
      )
    }
    yield text
  }
}

const textOf = (value: unknown): string =>
  value === null || value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value)

/** A line of JSON as cells by column: names of the catalogue, and keys that nobody knows as they are. */
const flat = (line: Line, fieldOf: (key: string) => string | null | undefined): Map<string, string> => {
  const cells = new Map<string, string>()
  const spread = (prefix: string, values: unknown, otherwise: string): void => {
    if (typeof values !== 'object' || values === null) return void cells.set(otherwise, textOf(values))
    for (const [key, value] of Object.entries(values)) cells.set(`${prefix}${key}`, textOf(value))
  }
  for (const [key, value] of Object.entries(line)) {
    if (key === 'set') spread('', value, key)
    else if (childRecords.some((record) => record === key) && Array.isArray(value))
      for (const [i, child] of value.entries()) spread(i === 0 ? `${key}.` : `${key}[${i + 1}].`, child, key)
    else cells.set(fieldOf(key) ?? key, textOf(value))
  }
  return cells
}

async function* ofLines(layout: Layout, rows: () => Promise<Rows>, seesSensitive: boolean): AsyncGenerator<string> {
  const fieldOf = keyReader(layout)
  const contentOf = ({ content }: RefusedRow): Map<string, string> => flat(content as Line, fieldOf)
  const names = new Set<string>(['account'])
  let last = 0
  for await (const list of await rows()) {
    for (const row of list) {
      for (const name of contentOf(row).keys()) if (names.size < mostKeys) names.add(name)
      last = row.row
    }
  }
  yield mark + csvLine([...names, ...addedTo(names)], ',')
  for await (const list of await rows()) {
    let text = ''
    // More may have come meanwhile; their columns are not in the header.
    for (const row of list.filter((each) => each.row <= last)) {
      const cells = contentOf(row)
      const shown = (name: string): string => {
        const cell = cells.get(name) ?? ''
        const [field] = columnNamed(name)
        return seesSensitive || cell === '' || isOpen(field) ? cell : hidden
      }
      text += csvLine([...[...names].map(shown), ...addedCells(row)], ',')
    }
    yield text
  }
}

/**
 * The refused rows as the text of a CSV, some at a time. `rows` reads them from the start; of JSON lines it is called twice.
 * `seesSensitive`: may the reader see bank and tax data, the file's as well?
 */
export const refusedCsv = async function* (
  layout: Layout | null,
  rows: () => Promise<Rows>,
  seesSensitive: boolean,
): AsyncGenerator<string> {
  if (layout === null) yield mark + csvLine(addedTo([]), ',')
  else if (layout.format === 'CSV') yield* ofCells(layout, await rows(), seesSensitive)
  else yield* ofLines(layout, rows, seesSensitive)
}
