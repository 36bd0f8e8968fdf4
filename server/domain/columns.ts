// From the columns of a file to the rows of an import.
import type { Problem } from './errors.ts'
import type { ImportRow } from './import.ts'
import type { Layout } from './import-job.ts'

/** How a row is read; compiled once for a file. */
export const compileLayout =
  (_layout: Layout) =>
  (_content: readonly string[] | Readonly<Record<string, unknown>>): { readonly row: ImportRow } | { readonly problem: Problem } => {
    throw new Error('columns are being written')
  }
