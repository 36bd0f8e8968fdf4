// Columns that a download of refused rows adds to the file's own (docs/imports.md). Sent again, the server knows them by their names.
import { normalName } from './columns.ts'

const sets = ['', 'import', 'importadded', 'importdownload'].map((prefix) =>
  ['row', 'outcome', 'why'].map((name) => prefix + name),
)

/** Of the columns of a file those that a download has added; none: it is no download. */
export const addedIn = (columns: readonly string[]): ReadonlySet<string> => {
  const there = new Set(columns.map(normalName))
  const found = sets.findLast((set) => set.every((name) => there.has(name)))
  return new Set(found && columns.filter((name) => [...found, 'line'].includes(normalName(name))))
}
