// Bytes as text, in the encoding that they are in: said by the request, told by a byte order mark, or found out at the first byte that is
// not ASCII. What is not valid in it ends the upload: a replaced character would be a changed name.
import { isAscii, isUtf8 } from 'node:buffer'
import { unreadable } from './refusals.ts'

export type Decoder = {
  push(bytes: Buffer): string
  /** What is left; Errors as `push`. */
  end(): string
  /** The encoding, once it is settled; ASCII agrees with all of them. */
  encoding(): string
}

/** The encoding that a label of the Encoding Standard names; null: none. US-ASCII is found out: it agrees with everything. */
export const encodingNamed = (label: string): string | null => {
  if (/^(us-)?ascii$/i.test(label.trim())) return 'ascii'
  try {
    return new TextDecoder(label).encoding
  } catch {
    return null
  }
}

const marks: readonly { readonly bytes: readonly number[]; readonly encoding: string }[] = [
  { bytes: [0xef, 0xbb, 0xbf], encoding: 'utf-8' },
  { bytes: [0xff, 0xfe], encoding: 'utf-16le' },
  { bytes: [0xfe, 0xff], encoding: 'utf-16be' },
]

/** How many bytes follow a lead byte of UTF-8; 0: it leads nothing. */
const followers = (lead: number): number =>
  lead >= 0xc2 && lead <= 0xdf ? 1 : lead >= 0xe0 && lead <= 0xef ? 2 : lead >= 0xf0 && lead <= 0xf4 ? 3 : 0

/** Is what begins here, with a byte that is not ASCII, UTF-8? Null: that takes more bytes. */
const looksUtf8 = (bytes: Buffer): boolean | null => {
  const need = followers(bytes[0] ?? 0)
  if (need === 0) return false
  if (bytes.length > need) return isUtf8(bytes.subarray(0, need + 1))
  return bytes.subarray(1).every((byte) => byte >= 0x80 && byte <= 0xbf) ? null : false
}

/** Where a character begins that is not whole yet; the length when all are. */
const wholeUntil = (bytes: Buffer): number => {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0
    if (byte >= 0xc0) return followers(byte) >= back ? bytes.length - back : bytes.length
    if (byte < 0x80) return bytes.length
  }
  return bytes.length
}

/** The first byte that does not belong: of bytes that are not valid UTF-8. */
const firstFault = (bytes: Buffer): number => {
  let at = 0
  while (at < bytes.length) {
    const byte = bytes[at] ?? 0
    const length = byte < 0x80 ? 1 : followers(byte) + 1
    if (!isUtf8(bytes.subarray(at, at + length))) return at
    at += length
  }
  return at
}

const empty = Buffer.alloc(0)

const utf8 = (start: number): Omit<Decoder, 'encoding'> => {
  /** Of the file: what has been decoded. */
  let done = start
  let held = empty
  const decoded = (bytes: Buffer): string => {
    if (!isUtf8(bytes))
      throw unreadable(
        `The file is UTF-8 until byte ${done + firstFault(bytes)}, which is not. Save it as UTF-8 throughout, or say how it is encoded, such as Content-Type: text/csv; charset=windows-1252.`,
      )
    done += bytes.length
    return bytes.toString('utf8')
  }
  return {
    push(bytes) {
      const all = held.length === 0 ? bytes : Buffer.concat([held, bytes])
      const whole = wholeUntil(all)
      held = Buffer.from(all.subarray(whole))
      return decoded(all.subarray(0, whole))
    },
    end() {
      if (held.length > 0)
        throw unreadable(
          `The file ends in the middle of a character, at byte ${done}: it was cut off. Send it again, whole.`,
        )
      return ''
    },
  }
}

const standard = (encoding: string): Omit<Decoder, 'encoding'> => {
  const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true })
  const attempt = (decode: () => string): string => {
    try {
      return decode()
    } catch {
      throw unreadable(
        `The file is not valid ${encoding}, or was cut off. Say how it is encoded, such as Content-Type: text/csv; charset=windows-1252, or save it as UTF-8.`,
      )
    }
  }
  return {
    push: (bytes) => attempt(() => decoder.decode(bytes, { stream: true })),
    end: () => attempt(() => decoder.decode()),
  }
}

const decoderOf = (encoding: string, start: number): Omit<Decoder, 'encoding'> =>
  encoding === 'utf-8' ? utf8(start) : standard(encoding)

/** A decoder for a file. `declared`: as `encodingNamed` gives it; a byte order mark wins, and is not part of the text. */
export const createDecoder = (declared: string | null): Decoder => {
  const said = declared === 'ascii' ? null : declared
  let settled: { readonly encoding: string; readonly decoder: Omit<Decoder, 'encoding'> } | null = null
  let begun = false
  let seen = 0
  let held = empty

  const settle = (encoding: string, bytes: Buffer): string => {
    const decoder = decoderOf(encoding, seen)
    settled = { encoding, decoder }
    return decoder.push(bytes)
  }
  const afterStart = (bytes: Buffer, ending: boolean): string => {
    if (said !== null) return settle(said, bytes)
    if (isAscii(bytes)) {
      seen += bytes.length
      return bytes.toString('latin1')
    }
    const at = bytes.findIndex((byte) => byte >= 0x80)
    const text = bytes.toString('latin1', 0, at)
    seen += at
    const rest = bytes.subarray(at)
    const isIt = looksUtf8(rest)
    if (isIt === null && !ending) {
      held = Buffer.from(rest)
      return text
    }
    return text + settle(isIt === true ? 'utf-8' : 'windows-1252', rest)
  }
  const start = (bytes: Buffer, ending: boolean): string => {
    const couldBe = marks.some(({ bytes: mark }) => mark.every((byte, i) => i >= bytes.length || bytes[i] === byte))
    if (bytes.length < 3 && couldBe && !ending) {
      held = Buffer.from(bytes)
      return ''
    }
    begun = true
    const mark = marks.find(({ bytes: own }) => own.every((byte, i) => bytes[i] === byte))
    if (mark === undefined) return afterStart(bytes, ending)
    seen = mark.bytes.length
    return settle(mark.encoding, bytes.subarray(mark.bytes.length))
  }
  const take = (bytes: Buffer, ending: boolean): string => {
    if (settled !== null) return settled.decoder.push(bytes)
    const all = held.length === 0 ? bytes : Buffer.concat([held, bytes])
    held = empty
    return begun ? afterStart(all, ending) : start(all, ending)
  }
  return {
    push: (bytes) => take(bytes, false),
    end() {
      const text = held.length === 0 ? '' : take(empty, true)
      return text + (settled?.decoder.end() ?? '')
    },
    encoding: () => settled?.encoding ?? 'utf-8',
  }
}
