// Whose sockets are open, and which of them have stopped reading.
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

type Watched = { readonly socket: Pick<WebSocket, 'terminate'>; taken: number; since: number }

/**
 * Ends sockets that have taken nothing for `stalledMs` although something waits for them: what they do not read is kept here, and a
 * half-open connection would never say that it is gone.
 */
export const watchStalled = (stalledMs: number, lookMs: number) => {
  const watched = new Map<Socket, Watched>()
  let passed = 0
  const timer = setInterval(() => {
    passed += lookMs
    for (const [connection, entry] of watched) {
      const taken = connection.bytesWritten - connection.writableLength
      if (connection.writableLength === 0 || taken !== entry.taken) {
        entry.taken = taken
        entry.since = passed
      } else if (passed - entry.since >= stalledMs) entry.socket.terminate()
    }
  }, lookMs)
  timer.unref()
  return {
    watch(socket: Watched['socket'], connection: Socket): void {
      watched.set(connection, { socket, taken: -1, since: passed })
      connection.once('close', () => watched.delete(connection))
    },
    stop: () => clearInterval(timer),
  }
}
