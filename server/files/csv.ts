// A CSV as it comes: its delimiter found out from the header, its rows with quotes and line ends of every kind.
import { finished } from 'node:stream/promises'
import { Parser, type CsvError } from 'csv-parse'
import { columnLabel, placeOf } from '../domain/column-names.ts'
import { compileAccount } from '../domain/columns.ts'
import type { Problem } from '../domain/errors.ts'
import type { Layout } from '../domain/import-job.ts'
import { delimiters, type ImportOptions } from '../domain/import-options.ts'
import { layoutOf } from '../domain/layout.ts'
import { unreadable } from './refusals.ts'
import { faultOfText, keptText, longestCell, longestRow, type RowReader, type Staged } from './staging.ts'

const lineEnds = ['\r\n', '\n', '\r']
const candidates: ReadonlySet<string> = new Set(delimiters)

const space = /\s/

/** Looks for the end of the first line that is not empty, and counts what could be a delimiter outside of its quotes. */
const createHeaderScan = () => {
  let text = ''
  let at = 0
  let quoted = false
  /** Something other than white space has come. */
  let begun = false
  const counts = new Map<string, number>()
  return {
    text: () => text,
    /** Is the line here, whole? */
    push(more: string): boolean {
      text += more
      for (; at < text.length; at++) {
        const char = text[at] ?? ''
        const before = text[at - 1] ?? '\n'
        if (!begun) begun = !space.test(char)
        if (quoted) quoted = char !== '"'
        else if (char === '"') {
          // Within a name it is part of it; behind one that has just ended it is a doubled one.
          quoted = before === '"' || before === '\n' || before === '\r' || candidates.has(before)
        } else if (candidates.has(char)) counts.set(char, (counts.get(char) ?? 0) + 1)
        else if (char === '\n' || char === '\r') {
          if (begun) return true
          counts.clear()
        }
      }
      return false
    },
    /** The candidate that is there most often; a comma where there is none. */
    delimiter(): string {
      let [best, most] = [',', 0]
      for (const [char, count] of counts) if (count > most) [best, most] = [char, count]
      return best
    },
  }
}

/** A first line that some programs write for others: `sep=;`. */
const announced = /^\s*sep=[,;\t|](?:\r\n|\r|\n|$)/i

const isEmpty = (cell: string): boolean => cell.trim() === ''

/** `unnamed`: columns behind those, of which the header has the delimiters only. */
const faultOfShape = (cells: readonly string[], columns: number, unnamed: number): Problem => {
  const there = `This row has ${cells.length} cells, but the header has ${columns}`
  const message =
    cells.length < columns
      ? `${there}: it is cut short, or a line end within a cell is not in quotes.`
      : unnamed === 0 || cells.length > columns + unnamed
        ? `${there}: a delimiter or a quote within a cell is not in quotes.`
        : `Column ${columns + 1 + cells.slice(columns).findIndex((cell) => !isEmpty(cell))} holds something, but has no name in the header; name it there, or empty the cell.`
  return { code: 'INVALID_VALUE', message }
}

const mostCells = 1000

/** A reader of CSV. Errors: FileRefused (a quote that is not closed, a row too large); of the header as `layoutOf`. */
export const createCsvReader = (options: ImportOptions): RowReader => {
  const scan = createHeaderScan()
  let parser: Parser | null = null
  let layout: Layout | null = null
  let accountOf: ReturnType<typeof compileAccount> = () => null
  let records: string[][] = []
  let rows = 0
  let unnamed = 0
  /** The line on which the next record begins, but for empty lines. */
  let line = 1
  let delimiter: string = options.delimiter ?? ','

  const begin = (): Parser => {
    delimiter = options.delimiter ?? scan.delimiter()
    const begun = new Parser({
      delimiter,
      record_delimiter: lineEnds,
      bom: false,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      max_record_size: longestRow,
      on_record: (record: string[]) => {
        records.push(record)
        return null
      },
    })
    // Looked at after each write; without a listener it would end the process.
    begun.on('error', () => undefined)
    return begun
  }

  const failure = (error: Error, { info }: Parser): Error => {
    const { code } = error as Partial<CsvError>
    const first = line + info.empty_lines
    const where = layout === null ? 'The header' : `The row that begins in line ${first}`
    if (code === 'CSV_QUOTE_NOT_CLOSED')
      return unreadable(
        `${where} opens a quote that is never closed: the file was cut off, or a quote is missing. Close it, or write a quote within a cell twice.`,
      )
    if (code === 'CSV_MAX_RECORD_SIZE')
      return unreadable(
        `${where} has more than ${longestRow} bytes. Is a quote opened there and not closed? Close it, or write a quote within a cell twice.`,
      )
    return error
  }

  const linesIn = (cells: readonly string[]): number => {
    let ends = 1
    for (const cell of cells) {
      for (let at = cell.indexOf('\n'); at >= 0; at = cell.indexOf('\n', at + 1)) ends++
    }
    return ends
  }

  const faultOfCells = (cells: readonly string[], { columns }: Layout): Problem | null => {
    for (const [i, cell] of cells.entries()) {
      const { key = '', field = null } = columns[i] ?? {}
      const label = field === null ? `The column "${key}"` : columnLabel(field)
      const fault = faultOfText(cell, label, field === null ? [key] : placeOf(field))
      if (fault !== null) return fault
    }
    return null
  }

  const staged = (record: string[], settled: Layout): Staged | null => {
    const { columns } = settled
    let cells = record
    let filled = false
    let suspicious = false
    for (const cell of cells) {
      filled ||= cell.trim() !== ''
      if (cell.length > longestCell || cell.includes('\u0000')) suspicious = true
    }
    // A line of nothing but delimiters says as little as an empty one.
    if (!filled) return null
    // What is too much but empty is the same.
    if (cells.length > columns.length && cells.slice(columns.length).every(isEmpty))
      cells = cells.slice(0, columns.length)
    let problem: Problem | null = null
    if (suspicious) {
      problem = faultOfCells(cells, settled)
      cells = cells.map(keptText)
    }
    if (cells.length !== columns.length) problem ??= faultOfShape(cells, columns.length, unnamed)
    if (cells.length > mostCells) cells = [...cells.slice(0, mostCells), '…']
    rows += 1
    return { row: rows, account: accountOf(cells)?.slice(0, 100) ?? null, content: cells, problem }
  }

  const settle = (header: string[]): Layout => {
    // Spreadsheets write delimiters behind the last name, too.
    const named = header.slice(0, header.findLastIndex((cell) => !isEmpty(cell)) + 1)
    unnamed = header.length - named.length
    const read = layoutOf(named, options)
    if (!read.ok) throw read.error
    accountOf = compileAccount(read.value)
    return { ...read.value, delimiter }
  }

  const taken = (): Staged[] => {
    const list: Staged[] = []
    for (const record of records) {
      if (layout === null) {
        // Lines of nothing but delimiters stand above some headers.
        if (record.some((cell) => cell.trim() !== '')) layout = settle(record)
      } else {
        const row = staged(record, layout)
        if (row !== null) list.push(row)
      }
      line += linesIn(record)
    }
    records = []
    return list
  }

  const write = (into: Parser, text: string): Staged[] => {
    if (text !== '') into.write(Buffer.from(text))
    const list = taken()
    if (into.errored) throw failure(into.errored, into)
    return list
  }

  const opened = (): Staged[] => {
    parser = begin()
    // Such a line is the first one, so what it announces has been found as the delimiter.
    const [line1 = ''] = announced.exec(scan.text()) ?? []
    if (line1 !== '') line += 1
    return write(parser, scan.text().slice(line1.length))
  }

  return {
    push(text) {
      if (parser !== null) return write(parser, text)
      if (scan.push(text)) return opened()
      if (scan.text().length > longestRow)
        throw unreadable(
          `The first line has more than ${longestRow} characters. Is it the header, and are its quotes closed?`,
        )
      return []
    },
    async end() {
      const list = parser === null ? opened() : []
      const last = parser
      if (last !== null) {
        last.end()
        last.resume()
        await finished(last).catch(() => undefined)
        list.push(...taken())
        if (last.errored) throw failure(last.errored, last)
      }
      if (layout === null)
        throw unreadable('The file is empty: it has no header, and no rows. Send the columns in its first line.')
      return list
    },
    layout: () => layout,
  }
}
