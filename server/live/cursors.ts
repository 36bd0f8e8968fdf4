// Cursors of the live feed (ARCHITECTURE 5.7): a feed number, sealed for one person, one field and one set of variables.
// Each of these purposes has its own key, derived from the database's secret: a cursor from elsewhere does not open, and
// no key seals so many that random nonces could repeat. Encrypted, because feed numbers tell how busy others are.
//
// A shared stream tells the same to all of its readers, so the place is sealed once for all of them, and each reader's cursor ends
// in a tag of their own: another's cursor still does not open.
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'
import { canonicalJson } from '../domain/digest.ts'

export type CursorSeal = {
  /** The cursor to resume after this feed number; null: one that only ever leads to a resync. */
  seal(feed: number | null): string
  /** What the cursors of all readers of a shared stream have in common; each is `place(feed) + tag`. */
  place(feed: number | null): string
  /** Of this reader; empty where nothing is shared. */
  readonly tag: string
  /** The feed number, or 'resync' for what is foreign, damaged or too old. */
  open(cursor: string): number | 'resync'
}

/** What a cursor belongs to; `variables` without `after`. */
export type CursorPurpose = {
  readonly field: string
  readonly variables: unknown
  readonly personId: string
  /** Others who ask for the same get the same messages. */
  readonly shared?: boolean
}

export type Cursors = { for(purpose: CursorPurpose): CursorSeal }

export const cursorLifetimeMs = 72 * 60 * 60 * 1000

/** A secret for `createCursors`, as text that a database can keep. */
export const newCursorSecret = (): string => randomBytes(32).toString('base64url')

const nonceBytes = 12
const tagBytes = 16
const readerBytes = 12

/** `secret`: the same for all processes on the database. */
export const createCursors = (secret: string, clock: () => Date): Cursors => {
  const derived = (...purpose: readonly unknown[]): Buffer =>
    createHmac('sha256', secret).update(canonicalJson(purpose)).digest()
  return {
    for({ field, variables, personId, shared = false }) {
      const key = shared ? derived(field, variables) : derived(field, variables, personId)
      const tag = shared
        ? derived('reader', field, variables, personId).subarray(0, readerBytes).toString('base64url')
        : ''
      const place = (feed: number | null): string => {
        const content = Buffer.alloc(12)
        content.writeUIntBE(feed === null ? 0 : feed + 1, 0, 6)
        content.writeUIntBE(clock().getTime(), 6, 6)
        const nonce = randomBytes(nonceBytes)
        const cipher = createCipheriv('aes-256-gcm', key, nonce)
        const sealed = [nonce, cipher.update(content), cipher.final()]
        return Buffer.concat([...sealed, cipher.getAuthTag()]).toString('base64url')
      }
      return {
        seal: (feed) => place(feed) + tag,
        place,
        tag,
        open(cursor) {
          if (!cursor.endsWith(tag)) return 'resync'
          const bytes = Buffer.from(cursor.slice(0, cursor.length - tag.length), 'base64url')
          if (bytes.length !== nonceBytes + 12 + tagBytes) return 'resync'
          const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes), {
            authTagLength: tagBytes,
          })
          decipher.setAuthTag(bytes.subarray(-tagBytes))
          const content = decipher.update(bytes.subarray(nonceBytes, -tagBytes))
          try {
            decipher.final()
          } catch {
            return 'resync'
          }
          const feed = content.readUIntBE(0, 6)
          const age = clock().getTime() - content.readUIntBE(6, 6)
          return feed === 0 || age > cursorLifetimeMs ? 'resync' : feed - 1
        },
      }
    },
  }
}
