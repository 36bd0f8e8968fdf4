// Ids are UUIDv7 (RFC 9562): made in the process, near each other in an index, and ordering nothing.
import { randomHex } from './random.ts'

/** Version 7 in the first of its digits, and the variant in the first of its own. */
const variants = ['8', '9', 'a', 'b'] as const

/** A new id. */
export const newId = (): string => {
  const time = Date.now().toString(16).padStart(12, '0')
  const random = randomHex()
  const variant = variants[Number.parseInt(random.charAt(3), 16) & 3] ?? '8'
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(0, 3)}-${variant}${random.slice(4, 7)}-${random.slice(7, 19)}`
}
