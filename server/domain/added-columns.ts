// Columns that a download of refused rows adds to the file's own: what they are called, and how they are known when it is sent again.
import { normalName } from './column-names.ts'

const names = ['row', 'outcome', 'why'] as const

// A file may have columns of these names itself; then what is added is called otherwise.
const sets: readonly (readonly string[])[] = ['', 'import ', 'import added ', 'import download '].map((prefix) =>
  names.map((name) => `${prefix}${name}`),
)

/** What the download of a file with these columns calls those that it adds. */
export const addedTo = (own: Iterable<string>): readonly string[] => {
  const taken = new Set(Array.from(own, normalName))
  return sets.find((set) => !set.some((name) => taken.has(normalName(name)))) ?? names
}

/**
 * Normal names of what a download has added to these columns; null: they are no download's. `isOwn`: does the request say what a column
 * of this normal name is? Of several sets the last one was added, to a file that has the others itself.
 */
export const addedIn = (
  columns: readonly string[],
  isOwn: (normal: string) => boolean = () => false,
): ReadonlySet<string> | null => {
  const there = new Set(columns.map(normalName))
  const found = sets
    .map((set) => set.map(normalName))
    .findLast((set) => set.every((name) => there.has(name) && !isOwn(name)))
  return found === undefined ? null : new Set(found)
}

/** In a download of JSON lines, the text of a line that is none. */
export const unreadLine = 'line'
