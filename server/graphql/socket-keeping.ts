// Whose sockets are open, and which connections have stopped reading.
import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { clearInterval, setInterval } from 'node:timers'
import type { WebSocket } from 'ws'
import type { Identity } from '../auth/viewer.ts'
import type { Account } from '../services/viewer.ts'

export type OpenSocket = { readonly socket: WebSocket; readonly identity: Identity<Account> }

export type People = {
  /** The answer forgets it. */
  add(identity: Identity<Account>, socket: WebSocket): () => void
  of(userId: string): ReadonlySet<OpenSocket>
}

const none: ReadonlySet<OpenSocket> = new Set()

/** Signed-in sockets by person. */
export const createPeople = (): People => {
  const open = new Map<string, Set<OpenSocket>>()
  return {
    add(identity, socket) {
      const userId = identity.user.user.id
      const entry = { socket, identity }
      const own = open.get(userId) ?? new Set()
      open.set(userId, own.add(entry))
      return () => {
        own.delete(entry)
        if (own.size === 0 && open.get(userId) === own) open.delete(userId)
      }
    },
    of: (userId) => open.get(userId) ?? none,
  }
}

type Watched = { taken: number; since: number }

/** What the system has not taken yet of the write under way: of one large answer that alone tells of progress, and only inside. */
const underWay = (connection: Socket): number =>
  (connection as { readonly _handle?: { readonly writeQueueSize?: number } | null })._handle?.writeQueueSize ?? 0

/**
 * Ends connections of a server, of whatever kind, that have taken nothing for `stalledMs` although something waits for them: what they
 * do not read is kept here, and a half-open connection would never say that it is gone. The answer stops looking.
 */
export const endStalled = (server: Server, stalledMs: number, lookMs: number): (() => void) => {
  const watched = new Map<Socket, Watched>()
  let passed = 0
  const watch = (connection: Socket): void => {
    watched.set(connection, { taken: -1, since: passed })
    connection.once('close', () => watched.delete(connection))
  }
  server.on('connection', watch)
  const timer = setInterval(() => {
    passed += lookMs
    for (const [connection, entry] of watched) {
      const taken = connection.bytesWritten - connection.writableLength - underWay(connection)
      if (connection.writableLength === 0 || taken !== entry.taken) {
        entry.taken = taken
        entry.since = passed
      } else if (passed - entry.since >= stalledMs) connection.destroy()
    }
  }, lookMs)
  timer.unref()
  return () => {
    clearInterval(timer)
    server.off('connection', watch)
  }
}
