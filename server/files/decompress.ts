// What was sent as the bytes of the file: unpacked as it comes, with an end to what a small packet may unfold to.
import { pipeline, type Duplex } from 'node:stream'
import { createGunzip, createInflate } from 'node:zlib'
import { tooLarge, unreadable } from './refusals.ts'

export type Bytes = AsyncIterable<Buffer>
export type Limits = {
  /** Of the file, unpacked. */
  readonly maxBytes: number
}

/** Content-Encodings that are taken; null: none of them. */
export type Packing = 'gzip' | 'deflate' | 'none'
export const packingOf = (contentEncoding: string | undefined): Packing | null => {
  switch ((contentEncoding ?? '').trim().toLowerCase()) {
    case '':
    case 'identity':
      return 'none'
    case 'gzip':
    case 'x-gzip':
      return 'gzip'
    case 'deflate':
      return 'deflate'
    default:
      return null
  }
}

// Tables of customers shrink to a tenth, repeated ones to a fiftieth; what is made to unfold does so a thousandfold.
const mostUnfolded = 200
const unsuspicious = 8 * 1024 * 1024
const pieceBytes = 64 * 1024

const isZlibError = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('Z_')

async function* inflated(source: Bytes, inflate: Duplex, kind: string): Bytes {
  let packed = 0
  let unpacked = 0
  const counted = async function* (): Bytes {
    for await (const chunk of source) {
      packed += chunk.length
      yield chunk
    }
  }
  // What fails on the way in comes out of the iteration below.
  pipeline(counted, inflate, () => undefined)
  try {
    for await (const chunk of inflate as unknown as Bytes) {
      unpacked += chunk.length
      if (unpacked > unsuspicious && unpacked > packed * mostUnfolded)
        throw tooLarge(
          `The file unfolds to more than ${mostUnfolded} times of what was sent, which no table does; send it unpacked if it is one.`,
        )
      yield chunk
    }
  } catch (error) {
    if (!isZlibError(error)) throw error
    throw unreadable(
      error instanceof Error && 'code' in error && error.code === 'Z_BUF_ERROR'
        ? `The ${kind} data end before their end: the file was cut off. Send it again, whole.`
        : `The body is not ${kind} data, though it is said or looks to be; send it as it is, or pack it anew.`,
    )
  } finally {
    inflate.destroy()
  }
}

/** By their first bytes: packed data are unpacked, a workbook is refused, the rest is as it is. */
async function* unpackedByLook(source: Bytes): Bytes {
  const iterator = source[Symbol.asyncIterator]()
  let start = Buffer.alloc(0)
  let ended = false
  while (start.length < 4 && !ended) {
    const next = await iterator.next()
    if (next.done === true) ended = true
    else start = Buffer.concat([start, next.value])
  }
  const whole = async function* (): Bytes {
    if (start.length > 0) yield start
    if (!ended) yield* { [Symbol.asyncIterator]: () => iterator }
  }
  if (start[0] === 0x1f && start[1] === 0x8b) yield* inflated(whole(), createGunzip({ chunkSize: pieceBytes }), 'gzip')
  else if (start.toString('latin1', 0, 4) === 'PK\u0003\u0004')
    throw unreadable('This is a workbook or a ZIP archive, not a table of text: save it as CSV (UTF-8) and send that.')
  else yield* whole()
}

async function* bounded(source: Bytes, { maxBytes }: Limits): Bytes {
  let bytes = 0
  for await (const chunk of source) {
    bytes += chunk.length
    if (bytes > maxBytes)
      throw tooLarge(`The file has more than ${maxBytes} bytes, which is the limit here: send it in parts.`)
    yield chunk
  }
}

/**
 * The file's own bytes, from the body of a request. Gzip is recognised also where nothing says so. Errors: FileRefused (cut off, not
 * what it is said to be, too large, a bomb).
 */
export const unpacked = (body: Bytes, packing: Packing, limits: Limits): Bytes => {
  const plain =
    packing === 'gzip'
      ? inflated(body, createGunzip({ chunkSize: pieceBytes }), 'gzip')
      : packing === 'deflate'
        ? inflated(body, createInflate({ chunkSize: pieceBytes }), 'deflate')
        : body
  return bounded(unpackedByLook(plain), limits)
}
