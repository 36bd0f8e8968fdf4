// How slowly a file may come, and that what ends it is heard while nothing comes.
import { describe, expect, test } from 'vitest'
import { endableBody, slowest } from '../../server/files/body.ts'

type Piece = { readonly afterMs: number; readonly bytes: number }
/** Reads pieces that come after so long each, by a clock that only they move; `workMs`: what the reader does with each. */
const read = async (pieces: readonly Piece[], workMs = 0): Promise<number | string> => {
  let at = 0
  const sent = async function* (): AsyncGenerator<Buffer, undefined> {
    for (const { afterMs, bytes } of pieces) {
      at += afterMs
      yield Buffer.alloc(bytes)
    }
  }
  const { body } = endableBody(sent(), slowest, () => at)
  let bytes = 0
  try {
    for await (const piece of body) {
      bytes += piece.length
      at += workMs
    }
  } catch (error) {
    const { status, code, message } = error as { status: number; code: string; message: string }
    expect(message).toMatch(/^The file came at less than 1024 bytes a second; .*\.$/)
    return `${status} ${code} after ${at / 1000} s`
  }
  return bytes
}
const pieces = (count: number, piece: Piece): Piece[] => Array.from({ length: count }, () => piece)

describe('a file that comes slowly', () => {
  test('is taken at a kilobyte a second, and whatever it does within two minutes', async () => {
    expect(await read(pieces(600, { afterMs: 10_000, bytes: 10_240 }))).toBe(6_144_000)
    expect(await read(pieces(12, { afterMs: 10_000, bytes: 1 }))).toBe(12)
    // Much at first makes up for a pause.
    expect(await read([{ afterMs: 0, bytes: 1_000_000 }, ...pieces(9, { afterMs: 100_000, bytes: 1 })])).toBe(1_000_009)
  })

  test('is ended where a byte comes now and then, with a sentence', async () => {
    expect(await read(pieces(1000, { afterMs: 100_000, bytes: 1 }))).toBe('408 LIMIT_EXCEEDED after 200 s')
    expect(await read(pieces(1000, { afterMs: 1000, bytes: 1000 }))).toBe('408 LIMIT_EXCEEDED after 121 s')
  })

  test('is not blamed for the time that its rows take here', async () => {
    expect(await read(pieces(1000, { afterMs: 0, bytes: 10 }), 60_000)).toBe(10_000)
  })
})

test('a body that is ended says so at once, though nothing comes, and from then on', async () => {
  const silent: AsyncIterator<Buffer, undefined> = { next: () => new Promise(() => undefined) }
  const { body, end } = endableBody(silent)
  const reader = body[Symbol.asyncIterator]()
  const first = reader.next()
  end(new Error('over'))
  end(new Error('something else'))
  await expect(first).rejects.toThrow('over')
  await expect(reader.next()).rejects.toThrow('over')
})
