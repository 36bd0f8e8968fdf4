// When each key was used last, to the minute: written beside the requests that it comes with, never in their way.
import type { Clock } from '../clock.ts'
import type { Db } from '../db/connect.ts'
import { loggableError, type Log } from '../log.ts'
import { saveKeyUse } from '../store/api-keys.ts'
import type { KeySignIn } from '../store/users.ts'

const minuteMs = 60_000

export type KeyUse = {
  /** To be told of each use. Writes at most once for each key and minute, and fails never. */
  readonly used: (key: Pick<KeySignIn, 'keyId' | 'companyId' | 'lastUsedAt'>) => void
  /** Resolves when nothing is being written any more. */
  readonly settled: () => Promise<void>
}

/** More keys than are in use at a time; beyond it, a minute may be written twice. */
const mostKeys = 10_000

export const createKeyUse = (db: Db, clock: Clock, log: Log): KeyUse => {
  /** The last minute that was written, by key. */
  const written = new Map<string, number>()
  const underWay = new Set<Promise<void>>()
  return {
    used({ keyId, companyId, lastUsedAt }) {
      const minute = Math.floor(clock().getTime() / minuteMs) * minuteMs
      const known = Math.max(written.get(keyId) ?? 0, lastUsedAt === null ? 0 : Date.parse(lastUsedAt))
      if (known >= minute) return
      if (written.size >= mostKeys) written.clear()
      written.set(keyId, minute)
      const done = saveKeyUse(db, companyId, keyId, new Date(minute).toISOString())
        .catch((error: unknown) => {
          written.delete(keyId)
          log.warn({ err: loggableError(error), keyId }, 'could not note that a key was used')
        })
        .finally(() => underWay.delete(done))
      underWay.add(done)
    },
    async settled() {
      await Promise.all(underWay)
    },
  }
}
