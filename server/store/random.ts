// Random bytes from a store of them: asking the system for sixteen at a time costs ten times what they cost in bulk, and an import takes
// a salt for each of a million values.
import { randomFillSync } from 'node:crypto'

const size = 16
const pool = Buffer.allocUnsafeSlow(size * 512)
let next = pool.length

/** Sixteen random bytes, in hexadecimal. None of them is given out twice. */
export const randomHex = (): string => {
  if (next === pool.length) {
    randomFillSync(pool)
    next = 0
  }
  const text = pool.toString('hex', next, next + size)
  pool.fill(0, next, next + size)
  next += size
  return text
}
