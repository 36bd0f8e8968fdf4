// Who sends a request over HTTP that is none of GraphQL: recognised and counted in the same way.
import type { IncomingMessage } from 'node:http'
import { credentialsOfHeaders } from './auth/credentials.ts'
import type { RateLimits } from './auth/rate-limits.ts'
import type { Authenticate } from './auth/viewer.ts'
import type { UploadsOptions } from './files/upload.ts'
import type { App } from './services/app.ts'
import { recognisedViewer, type Account } from './services/viewer.ts'

export const createAdmission =
  (app: App, authenticate: Authenticate<Account>, rateLimits: RateLimits): UploadsOptions['admit'] =>
  async (request: IncomingMessage) => {
    const identity = await authenticate(
      credentialsOfHeaders((name) => {
        const value = request.headers[name]
        return Array.isArray(value) ? value[0] : value
      }),
    )
    const { refusal, headers } = await rateLimits.take(identity, request.socket.remoteAddress)
    const viewer =
      identity === null || refusal !== null ? null : await recognisedViewer(app.db, identity.user, identity.expiresAt)
    return { viewer, refusal, headers }
  }
