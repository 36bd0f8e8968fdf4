// A file from the bytes of a request to batches of rows: unpacked, decoded, split, with nothing more in memory than a batch. It shares
// the process with people's requests, so it works in small pieces and lets them in between.
import { setImmediate as breathe } from 'node:timers/promises'
import type { ImportOptions } from '../domain/import-options.ts'
import type { Layout } from '../domain/import-job.ts'
import { contentHasher } from '../services/import-upload.ts'
import { createDecoder } from './charset.ts'
import { createCsvReader } from './csv.ts'
import { unpacked, type Bytes, type Limits, type Packing } from './decompress.ts'
import { createJsonLinesReader } from './json-lines.ts'
import type { Staged } from './staging.ts'

export type FileKind = {
  readonly format: Layout['format']
  readonly packing: Packing
  /** As `encodingNamed` gives it; null: found out. */
  readonly encoding: string | null
  readonly options: ImportOptions
}
export type ReadFile = {
  readonly layout: Layout
  /** Hex SHA-256 of the file, unpacked. */
  readonly contentHash: string
  readonly bytes: number
  readonly rows: number
}

/** Parsing as much takes a millisecond or two. */
const pieceBytes = 16 * 1024
const batchRows = 1000
const batchCharacters = 1024 * 1024

/**
 * Reads a file and hands on its rows, a batch at a time: what takes them sets the pace. Errors: FileRefused; of its header as
 * `layoutOf`; whatever the body or `write` throws.
 */
export const readFile = async (
  body: Bytes,
  { format, packing, encoding, options }: FileKind,
  limits: Limits,
  write: (rows: readonly Staged[]) => Promise<void>,
): Promise<ReadFile> => {
  const hash = contentHasher()
  const decoder = createDecoder(encoding)
  const reader = format === 'CSV' ? createCsvReader(options) : createJsonLinesReader(options)
  let bytes = 0
  let rows = 0
  let batch: Staged[] = []
  let characters = 0
  const flush = async (): Promise<void> => {
    if (batch.length === 0) return
    const full = batch
    batch = []
    characters = 0
    rows += full.length
    await write(full)
  }
  const take = async (list: readonly Staged[], read: number): Promise<void> => {
    characters += read
    for (const row of list) {
      batch.push(row)
      if (batch.length >= batchRows) await flush()
    }
    if (characters >= batchCharacters) await flush()
  }
  const push = (text: string): Promise<void> => take(reader.push(text), text.length)
  for await (const chunk of unpacked(body, packing, limits)) {
    bytes += chunk.length
    for (let at = 0; at < chunk.length; at += pieceBytes) {
      const piece = chunk.subarray(at, at + pieceBytes)
      hash.update(piece)
      await push(decoder.push(piece))
      await breathe()
    }
  }
  await push(decoder.end())
  await take(await reader.end(), 0)
  await flush()
  const layout = reader.layout()
  if (layout === null) throw new Error('A file has been read to its end without a layout')
  return {
    layout: { ...layout, encoding: decoder.encoding() },
    contentHash: hash.digest('hex'),
    bytes,
    rows,
  }
}

/** Reads a file for nothing but its hash. Errors: FileRefused; whatever the body throws. */
export const hashFile = async (
  body: Bytes,
  packing: Packing,
  limits: Limits,
): Promise<Omit<ReadFile, 'layout' | 'rows'>> => {
  const hash = contentHasher()
  let bytes = 0
  for await (const chunk of unpacked(body, packing, limits)) {
    bytes += chunk.length
    hash.update(chunk)
  }
  return { contentHash: hash.digest('hex'), bytes }
}
