// What a request says about the file in its body.
import type { IncomingMessage } from 'node:http'
import { isUtf8 } from 'node:buffer'
import { readImportOptions, type ImportOptions } from '../domain/import-options.ts'
import { RequestRefused } from './answers.ts'
import { encodingNamed } from './charset.ts'
import { packingOf } from './decompress.ts'
import type { FileKind } from './read-file.ts'

const formats: Readonly<Record<string, FileKind['format']>> = {
  'text/csv': 'CSV',
  'application/csv': 'CSV',
  'text/tab-separated-values': 'CSV',
  'application/x-ndjson': 'JSONL',
  'application/ndjson': 'JSONL',
  'application/jsonl': 'JSONL',
  'application/x-jsonlines': 'JSONL',
}

/** Headers are bytes: what somebody has sent as UTF-8 arrives as Latin-1. */
const headerText = (value: string | string[] | undefined): string | null => {
  if (value === undefined) return null
  const text = Array.isArray(value) ? value.join(', ') : value
  const bytes = Buffer.from(text, 'latin1')
  return isUtf8(bytes) ? bytes.toString('utf8') : text
}

const encodingOf = (label: string, what: string): string => {
  const encoding = encodingNamed(label)
  if (encoding === null)
    throw new RequestRefused(
      415,
      'BAD_REQUEST',
      `${what} names the encoding "${label.slice(0, 40)}", which nobody knows here; take utf-8, utf-16le, windows-1252 or another of the Encoding Standard.`,
    )
  return encoding
}

/** Errors: 415 (type, encoding), 400 INVALID_VALUE (options). */
export const fileKindOf = ({ headers }: Pick<IncomingMessage, 'headers'>): FileKind => {
  const [type = '', ...parameters] = (headers['content-type'] ?? '').split(';').map((part) => part.trim())
  const format = formats[type.toLowerCase()]
  if (format === undefined)
    throw new RequestRefused(
      415,
      'BAD_REQUEST',
      'Send the file as Content-Type: text/csv, or as application/x-ndjson with one JSON object per line.',
    )
  const packing = packingOf(headers['content-encoding'])
  if (packing === null)
    throw new RequestRefused(
      415,
      'BAD_REQUEST',
      'Of the content encodings, gzip and deflate are taken; send the file so.',
      {
        'accept-encoding': 'gzip, deflate',
      },
    )
  const read = readImportOptions(headerText(headers['import-options']))
  if (!read.ok) throw read.error
  const charset = parameters
    .map((part) => /^charset="?([^"]*)"?$/i.exec(part)?.[1])
    .find((label) => label !== undefined)
  const { encoding } = read.value
  const options: ImportOptions =
    type.toLowerCase() === 'text/tab-separated-values' && read.value.delimiter === null
      ? { ...read.value, delimiter: '\t' }
      : read.value
  return {
    format,
    packing,
    encoding:
      encoding !== null
        ? encodingOf(encoding, 'Import-Options')
        : charset === undefined
          ? null
          : encodingOf(charset, 'Content-Type'),
    options,
  }
}
