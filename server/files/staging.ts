// Rows as they are kept until they are planned: what a file's reader hands on, and how large a row may be.
import type { Layout } from '../domain/import-job.ts'
import type { Problem } from '../domain/errors.ts'

export type Staged = {
  /** Of the file, from 1, its header not counted. */
  readonly row: number
  readonly account: string | null
  readonly content: readonly string[] | Readonly<Record<string, unknown>>
  /** Why it cannot be read as a row. */
  readonly problem: Problem | null
}

/** Reads a file's text as it comes, piece by piece. Errors: FileRefused, and DomainError for its header. */
export type RowReader = {
  push(text: string): Staged[]
  end(): Promise<Staged[]>
  /** Null until the header has been read. */
  layout(): Layout | null
}

/** Characters of a cell, or of a text in a line; no field takes as many. */
export const longestCell = 64 * 1024
/** Bytes of a row: a quote that is not closed swallows no more than that. */
export const longestRow = 1024 * 1024

const kept = 1000
/** A text as far as it can be kept: neither a NUL nor half a character, and not all of what is much too long. */
export const keptText = (text: string): string => {
  const cut = text.length > longestCell ? `${text.slice(0, kept)}…` : text
  return (cut.includes('\u0000') ? cut.replaceAll('\u0000', '\uFFFD') : cut).toWellFormed()
}

export const faultOfText = (text: string, label: string, at: readonly string[]): Problem | null => {
  if (text.length > longestCell)
    return {
      code: 'INVALID_VALUE',
      message: `${label} has ${text.length} characters, more than any field takes; only its beginning was kept.`,
      at,
    }
  if (text.includes('\u0000'))
    return { code: 'INVALID_VALUE', message: `${label} holds NUL bytes, shown as \uFFFD; remove them.`, at }
  return null
}
