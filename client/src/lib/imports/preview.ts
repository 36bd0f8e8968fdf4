// The first rows of a file, read in the browser so that its columns can be told before it is sent: as much of it as is needed, in
// the encoding and with the delimiter that the server will find (docs/imports.md). The server reads the whole; it is the truth.

export type Format = 'CSV' | 'JSONL'
export type Delimiter = ',' | ';' | '\t' | '|'
export const delimiters: readonly Delimiter[] = [',', ';', '\t', '|']

/** How the reader was told to read; null: to be found out. */
export type Reading = { format: Format; encoding: string | null; delimiter: Delimiter | null }
export type Preview = {
  encoding: string
  /** Of a CSV. */
  delimiter: Delimiter | null
  /** Names of the columns; of JSON lines the keys of the first lines. Empty: the file is, or its lines are as the API takes them. */
  columns: readonly string[]
  /** For each column what the first rows have in it, empty cells left out. */
  samples: readonly (readonly string[])[]
  /** Texts among the first rows with which programs write that there is nothing. */
  nothings: readonly string[]
}

/** A workbook is chosen, or another archive: a table, but not one of text. */
export class NoText extends Error {}

const startBytes = 256 * 1024
const shownRows = 20
const shownSamples = 3
/** Of a value; what is longer is cut off. */
const shownLength = 80

/** By the file's name; what is packed is unpacked by the server. */
export const formatOf = (name: string): Format =>
  /\.(jsonl|ndjson|jsonlines|json)(\.gz)?$/i.test(name) ? 'JSONL' : 'CSV'

const unpacked = async (packed: Blob): Promise<Uint8Array> => {
  const reader = packed.stream().pipeThrough(new DecompressionStream('gzip')).getReader()
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    while (size < startBytes) {
      const { done, value } = await reader.read()
      if (done) break
      chunks.push(value)
      size += value.length
    }
  } catch {
    // Only a part was given: it ends in the middle.
  } finally {
    void reader.cancel().catch(() => undefined)
  }
  return new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer())
}

const marks: readonly (readonly [encoding: string, ...bytes: number[]])[] = [
  ['utf-8', 0xef, 0xbb, 0xbf],
  ['utf-16le', 0xff, 0xfe],
  ['utf-16be', 0xfe, 0xff],
]

const beginsWith = (bytes: Uint8Array, mark: readonly number[]) => mark.every((byte, at) => bytes[at] === byte)

/** Of a ZIP archive, as workbooks are; of workbooks before 2007. */
const archives: readonly (readonly number[])[] = [
  [0x50, 0x4b, 0x03, 0x04],
  [0xd0, 0xcf, 0x11, 0xe0],
]

/** As the server finds it: by a byte order mark; else by the first character beyond ASCII, which is UTF-8 or makes it Windows-1252. */
const encodingOf = (bytes: Uint8Array): string => {
  const marked = marks.find(([, ...mark]) => beginsWith(bytes, mark))
  if (marked) return marked[0]
  const at = bytes.findIndex((byte) => byte >= 0x80)
  const lead = bytes[at] ?? 0
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0x80 ? 2 : 1
  try {
    // Given in part, it may end within that character.
    new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(at, at + length), { stream: true })
    return 'utf-8'
  } catch {
    return 'windows-1252'
  }
}

/** What there is most of in the first line that says something, outside of quotes; a comma where there is none. */
const delimiterOf = (text: string): Delimiter => {
  const line = (/^\s*([^\r\n]+)/.exec(text)?.[1] ?? '').replaceAll(/"[^"]*"/g, '')
  const count = (char: string) => line.split(char).length
  return delimiters.reduce((best, char) => (count(char) > count(best) ? char : best))
}

/** The first records of a CSV: quotes may hold delimiters, line ends, and quotes that are written twice. */
export const recordsOf = (text: string, delimiter: string, most: number): string[][] => {
  const records: string[][] = []
  let record: string[] = []
  let cell = ''
  let quoted = false
  const end = () => {
    record.push(cell)
    if (record.some((one) => one.trim() !== '')) records.push(record)
    record = []
    cell = ''
  }
  for (let at = 0; at < text.length && records.length < most; at++) {
    const char = text[at] ?? ''
    if (quoted) {
      if (char !== '"') cell += char
      else if (text[at + 1] === '"') cell += text[++at] ?? ''
      else {
        quoted = false
        // What goes on behind its quotes has none around it, but in it.
        if (![delimiter, '\n', '\r', undefined].includes(text[at + 1])) cell = `"${cell}"`
      }
    } else if (char === '"' && cell === '') quoted = true
    else if (char === delimiter) {
      record.push(cell)
      cell = ''
    } else if (char === '\n' || char === '\r') end()
    else cell += char
  }
  if (records.length < most) end()
  return records
}

const nothing = /^(?:null|nil|none|n\/a|#n\/a|\\n|nan)$/i

const asText = (value: unknown): string =>
  typeof value === 'string' ? value : value === null || value === undefined ? '' : JSON.stringify(value)

type Read = Omit<Preview, 'encoding'>

/** `cells`: of each column those of the first rows. */
const readAs = (
  delimiter: Delimiter | null,
  columns: readonly string[],
  cells: readonly (readonly string[])[],
): Read => {
  const values = cells.map((column) => column.map((cell) => cell.trim()).filter((cell) => cell !== ''))
  return {
    delimiter,
    columns,
    samples: values.map((column) => column.slice(0, shownSamples).map((value) => value.slice(0, shownLength))),
    nothings: [...new Set(values.flat().filter((value) => nothing.test(value)))],
  }
}

const ofCsv = (text: string, told: Delimiter | null): Read => {
  const announced = /^\s*sep=([,;\t|])(?:\r\n|\r|\n|$)/i.exec(text)
  const delimiter = told ?? (announced?.[1] as Delimiter | undefined) ?? delimiterOf(text)
  const [header = [], ...rows] = recordsOf(text.slice(announced?.[0].length ?? 0), delimiter, shownRows + 1)
  const names = header.map((name) => name.trim())
  // Spreadsheets write delimiters behind the last name, too.
  const columns = names.slice(0, names.findLastIndex((name) => name !== '') + 1)
  return readAs(
    delimiter,
    columns,
    columns.map((_, at) => rows.map((row) => row[at] ?? '')),
  )
}

const ofJsonLines = (text: string): Read => {
  const rows: Record<string, unknown>[] = []
  for (const line of text.split('\n').slice(0, shownRows)) {
    try {
      const value: unknown = JSON.parse(line)
      if (typeof value === 'object' && value !== null && !Array.isArray(value))
        rows.push(value as Record<string, unknown>)
    } catch {
      // The server says what is wrong with it, and with the row alone.
    }
  }
  const flat = rows.filter((row) => Object.values(row).every((value) => typeof value !== 'object' || value === null))
  const columns = [...new Set(flat.flatMap((row) => Object.keys(row)))]
  return readAs(
    null,
    columns,
    columns.map((key) => flat.map((row) => asText(row[key]))),
  )
}

/**
 * Reads the beginning of a file. Throws NoText for a workbook, a RangeError for an encoding that nobody knows, and what the browser
 * throws for a file that is gone.
 */
export const previewOf = async (file: Blob, { format, encoding: told, delimiter }: Reading): Promise<Preview> => {
  const part = file.slice(0, startBytes)
  const packed = new Uint8Array(await part.slice(0, 2).arrayBuffer())
  const isPacked = packed[0] === 0x1f && packed[1] === 0x8b
  const bytes = isPacked ? await unpacked(part) : new Uint8Array(await part.arrayBuffer())
  if (archives.some((mark) => beginsWith(bytes, mark))) throw new NoText()
  const encoding = told ?? encodingOf(bytes)
  const text = new TextDecoder(encoding).decode(bytes, { stream: true })
  return { encoding, ...(format === 'CSV' ? ofCsv(text, delimiter) : ofJsonLines(text)) }
}
