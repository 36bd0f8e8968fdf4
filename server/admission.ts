// Who sends a request over HTTP that is none of GraphQL: recognised and counted in the same way.
import type { IncomingMessage } from 'node:http'
import { credentialsOfHeaders } from './auth/credentials.ts'
import type { RateLimits } from './auth/rate-limits.ts'
import type { Authenticate, Identity } from './auth/viewer.ts'
import type { UploadsOptions } from './files/upload.ts'
import type { App } from './services/app.ts'
import type { Rights } from './services/rights.ts'
import { recognisedViewer, type Account } from './services/viewer.ts'

/** Timers take no more. */
const longestTimer = 2 ** 31 - 1

/** Calls once when a key is revoked, or when it or a token expires; the answer forgets about it. */
const whenEnded = (app: App, rights: Rights, { keyId, expiresAt }: Identity<Account>, ended: () => void) => {
  let expiry: ReturnType<typeof setTimeout> | undefined
  const expire = (): void => {
    const left = expiresAt === null ? longestTimer : expiresAt.getTime() - app.clock().getTime()
    if (left <= 0) return ended()
    expiry = setTimeout(expire, Math.min(left, longestTimer)).unref()
  }
  if (expiresAt !== null) expire()
  const unwatch = keyId === undefined ? undefined : rights.whenRevoked(keyId, ended)
  return (): void => {
    clearTimeout(expiry)
    unwatch?.()
  }
}

export const createAdmission =
  (app: App, authenticate: Authenticate<Account>, rateLimits: RateLimits, rights: Rights): UploadsOptions['admit'] =>
  async (request: IncomingMessage) => {
    const credentials = credentialsOfHeaders((name) => {
      const value = request.headers[name]
      return Array.isArray(value) ? value[0] : value
    })
    const identity = await authenticate(credentials)
    const { refusal, headers } = await rateLimits.take(identity, request.socket.remoteAddress)
    if (identity === null || refusal !== null) return { signedIn: null, refusal, headers }
    const { user, expiresAt } = identity
    return {
      signedIn: {
        viewer: await recognisedViewer(app.db, user, expiresAt),
        whenEnded: (ended) => whenEnded(app, rights, identity, ended),
        holds: async () => (await authenticate(credentials))?.user.user.id === user.user.id,
      },
      refusal,
      headers,
    }
  }
