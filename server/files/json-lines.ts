// Lines of JSON as they come, an object each.
import { compileAccount } from '../domain/columns.ts'
import { unreadLine } from '../domain/added-columns.ts'
import type { Problem } from '../domain/errors.ts'
import type { ImportOptions } from '../domain/import-options.ts'
import { doubledKey, keysIn } from '../domain/json-keys.ts'
import { jsonLayout } from '../domain/layout.ts'
import { unreadable } from './refusals.ts'
import { faultOfText, keptText, longestRow, type RowReader, type Staged } from './staging.ts'

/** Rows of the API are not as deep; what is nested without end takes whoever reads it off the stack. */
const deepest = 8

type Found = { problem: Problem | null; keys: number }
const wrong = (message: string, at: readonly string[] = []): Problem => ({ code: 'INVALID_VALUE', message, at })

/** A value as it can be kept; notes what is wrong with it, and counts keys. Undefined: it is nested too deeply. */
const tidy = (value: unknown, at: readonly string[], found: Found): unknown => {
  if (typeof value === 'string') {
    found.problem ??= faultOfText(value, `"${at.at(-1) ?? ''}"`, at)
    const text = keptText(value)
    if (text !== value)
      found.problem ??= wrong(`"${at.at(-1) ?? ''}" holds characters that are no text; remove them.`, at)
    return text
  }
  if (typeof value === 'number' && !Number.isFinite(value)) {
    found.problem ??= wrong(`"${at.at(-1) ?? ''}" is a number that is too large.`, at)
    return null
  }
  if (value instanceof Unreadable) {
    const source = value.source.slice(0, 60)
    found.problem ??= wrong(
      `"${at.at(-1) ?? ''}" is the number ${source}, with more than ${mostDigits} digits and an exponent; write it without the exponent.`,
      at,
    )
    return source
  }
  if (typeof value !== 'object' || value === null) return value
  if (at.length >= deepest) {
    found.problem ??= wrong('This line is nested more deeply than a customer is.')
    return null
  }
  if (Array.isArray(value)) return value.map((each, i) => tidy(each, [...at, String(i)], found))
  const entries = Object.entries(value)
  found.keys += entries.length
  // Made by fromEntries: a key called __proto__ stays a key.
  return Object.fromEntries(
    entries.map(([key, each]) => [
      keptText(key),
      typeof each === 'boolean' || (typeof each === 'number' && Number.isFinite(each))
        ? each
        : tidy(each, [...at, keptText(key).slice(0, 60)], found),
    ]),
  )
}

// Numbers that are not written as they are printed: `1.50`, `1e3`, or more digits than a double holds. They stay the text that they
// are: a phone number is no amount, and an amount would be another one.
const unusual = /[:,[]\s*(?:-?(?:[\d.]{16}|\d+(?:\.\d*)?[eE]|\d+\.\d*0(?!\d)|0\.0{6})|-0(?![\d.]))/
const mostDigits = 15
/** A number with so many digits that with its exponent it would be rounded. */
class Unreadable {
  readonly source: string
  constructor(source: string) {
    this.source = source
  }
}
const isLong = (source: string): boolean => {
  const digits = source.replace(/e.*$/i, '').replace(/\D/g, '')
  const first = digits.search(/[1-9]/)
  return first >= 0 && /[1-9]/.test(digits.slice(first + mostDigits))
}
type Source = { readonly source?: string }
const exactly = (_key: string, value: unknown, context?: Source): unknown => {
  const source = context?.source
  if (typeof value !== 'number' || !Number.isFinite(value) || source === undefined || String(value) === source)
    return value
  return /e/i.test(source) && isLong(source) ? new Unreadable(source) : source
}

const parsed = (line: string): unknown =>
  unusual.test(line) ? JSON.parse(line, exactly as Parameters<typeof JSON.parse>[1]) : JSON.parse(line)

/** A reader of JSON lines. Errors: FileRefused (a line too large, an array instead of lines); of the options as `jsonLayout`. */
export const createJsonLinesReader = (options: ImportOptions): RowReader => {
  const read = jsonLayout(options)
  if (!read.ok) throw read.error
  const layout = read.value
  const accountOf = compileAccount(layout)
  let rest = ''
  let lines = 0
  let rows = 0

  const rowOf = (line: string): Staged => {
    rows += 1
    const unread = (message: string): Staged => ({
      row: rows,
      account: null,
      content: { [unreadLine]: keptText(line.slice(0, 1000)) },
      problem: wrong(message),
    })
    let value: unknown
    try {
      value = parsed(line)
    } catch {
      return unread(
        `Line ${lines} is not JSON; each line is one object, such as {"account":"US-001","name":"Contoso"}.`,
      )
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return unread(`Line ${lines} is not an object; each line is one, such as {"account":"US-001","name":"Contoso"}.`)
    const found: Found = { problem: null, keys: 0 }
    const content = tidy(value, [], found) as Readonly<Record<string, unknown>>
    // Parsing has kept one of several; which one was meant, nobody knows.
    if (found.problem === null && keysIn(line) !== found.keys) {
      const key = keptText((doubledKey(line) ?? '').slice(0, 60))
      found.problem = wrong(`The key "${key}" is there twice; keep one of them.`, [key])
    }
    return { row: rows, account: accountOf(content)?.slice(0, 100) ?? null, content, problem: found.problem }
  }

  const take = (line: string, list: Staged[]): void => {
    lines += 1
    const text = line.trim()
    if (text === '') return
    if (rows === 0 && text.startsWith('['))
      throw unreadable(
        'This is a JSON array, not JSON lines: send one object per line, without brackets around them and commas between them.',
      )
    list.push(rowOf(text))
  }
  const checkLength = (text: string): void => {
    if (text.length > longestRow)
      throw unreadable(
        `Line ${lines + 1} has more than ${longestRow} characters. Is there a line end behind each object?`,
      )
  }

  return {
    push(text) {
      const list: Staged[] = []
      let from = 0
      let end = text.indexOf('\n')
      while (end >= 0) {
        const line = rest + text.slice(from, end)
        rest = ''
        checkLength(line)
        take(line, list)
        from = end + 1
        end = text.indexOf('\n', from)
      }
      rest += text.slice(from)
      checkLength(rest)
      return list
    },
    async end() {
      const list: Staged[] = []
      if (rest !== '') take(rest, list)
      rest = ''
      return list
    },
    layout: () => layout,
  }
}
