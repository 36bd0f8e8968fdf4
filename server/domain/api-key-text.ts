// What a key looks like: `csk_`, 43 characters of the secret, 6 of a checksum, all of them letters and digits. Whoever finds one in a
// place where none belongs knows what it is, and a slip of the pen is noticed without asking anybody.
import { sha256 } from './digest.ts'

const prefix = 'csk_'
const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
/** Of 256 bits and of 32 in base 62. */
const secretLength = 43
const checksumLength = 6

/** Bytes that a key is made of. */
export const secretBytes = 32

const base62 = (hex: string, length: number): string => {
  let text = ''
  for (let rest = BigInt(`0x${hex}`); rest > 0n; rest /= 62n) text = `${alphabet[Number(rest % 62n)] ?? ''}${text}`
  return text.padStart(length, '0')
}

/** The first 32 bits of the SHA-256 of everything before it. */
const checksum = (text: string): string => base62(sha256(text).slice(0, 8), checksumLength)

/** The key that is made of these random bytes, in hexadecimal. */
export const apiKeyText = (secret: string): string => {
  const text = prefix + base62(secret, secretLength)
  return text + checksum(text)
}

/** Can it be a key? False only for what has the prefix of one and is miswritten: nobody has to be asked about that. */
export const mayBeApiKey = (text: string): boolean => {
  if (!text.startsWith(prefix)) return true
  return (
    text.length === prefix.length + secretLength + checksumLength &&
    text.endsWith(checksum(text.slice(0, -checksumLength)))
  )
}

/** Its last characters, by which a person tells keys apart: of the checksum, so that nothing of the secret is told. */
export const hintOf = (text: string): string => text.slice(-4)

/** What is kept of a key. Keys are long and random, so one round of SHA-256 is enough; there is nothing to guess. */
export const hashOfApiKey = (text: string): string => sha256(text)
