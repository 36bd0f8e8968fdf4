// Who sends a request over HTTP, found before anything else of it is looked at, and whether they may send it now.
import type { IncomingMessage } from 'node:http'
import type { Plugin } from 'graphql-yoga'
import { credentialsOfHeaders } from '../auth/credentials.ts'
import { refusalBody, type RateLimits } from '../auth/rate-limits.ts'
import type { Authenticate, Identity } from '../auth/viewer.ts'
import type { Account } from '../services/viewer.ts'

type SignIn = {
  readonly plugin: Plugin<object, { readonly req: IncomingMessage }>
  /** Of a request that is being answered. */
  readonly identityOf: (request: Request) => Identity<Account> | null
}

/** Recognises the caller of each request and counts it; one too many is answered with 429, its body unread. */
export const createSignIn = (authenticate: Authenticate<Account>, rateLimits: RateLimits): SignIn => {
  const identities = new WeakMap<Request, Identity<Account>>()
  const limitsOf = new WeakMap<Request, Readonly<Record<string, string>>>()
  return {
    identityOf: (request) => identities.get(request) ?? null,
    plugin: {
      async onRequestParse({ request, serverContext, endResponse, fetchAPI }) {
        const identity = await authenticate(credentialsOfHeaders((name) => request.headers.get(name)))
        if (identity !== null) identities.set(request, identity)
        const { refusal, headers } = await rateLimits.take(identity, serverContext.req.socket.remoteAddress)
        limitsOf.set(request, headers)
        if (refusal === null) return
        endResponse(
          new fetchAPI.Response(refusalBody(refusal), {
            status: 429,
            headers: { 'content-type': 'application/json; charset=utf-8' },
          }),
        )
      },
      onResponse({ request, response }) {
        for (const [name, value] of Object.entries(limitsOf.get(request) ?? {})) response.headers.set(name, value)
      },
    },
  }
}
