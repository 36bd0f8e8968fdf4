// Signing in to the demo world without a password: tokens of a key pair that lives as long as the process. Offered on
// the embedded database only.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { generateKeyPair, SignJWT } from 'jose'
import { z } from 'zod'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import { createVerifier, type VerifyToken } from './tokens.ts'

export const demoIssuer = 'urn:countersign:demo'
const audience = 'countersign'
const lifeMilliseconds = 12 * 60 * 60 * 1000

export type DemoTokens = {
  /** A bearer token whose subject is the user's short name. */
  issue(user: string): Promise<string>
  verify: VerifyToken
}

export async function createDemoTokens(clock: Clock, log: Log): Promise<DemoTokens> {
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  return {
    issue: (user) =>
      new SignJWT()
        .setProtectedHeader({ alg: 'ES256' })
        .setIssuer(demoIssuer)
        .setAudience(audience)
        .setSubject(user)
        .setIssuedAt(clock())
        .setExpirationTime(new Date(clock().getTime() + lifeMilliseconds))
        .sign(privateKey),
    verify: createVerifier({ issuer: demoIssuer, audience, keys: () => Promise.resolve(publicKey), clock, log }),
  }
}

/** One line of the sign-in page. */
export type DemoUser = {
  /** What `POST /demo/token` takes. */
  user: string
  name: string
  /** What they do, for instance "Accounts receivable manager". */
  title: string
  memberships: { company: string; roles: string[] }[]
}

export type DemoSignIn = { tokens: DemoTokens; users: () => Promise<DemoUser[]> }

/**
 * Answers `POST /demo/token` (`{"user":"clara"}` → `{"token":"…"}`) and `GET /demo/users` (`{"users":[…]}`); false
 * when the request is for something else. Without `demo` both are 404, as if they did not exist.
 */
export async function handleDemo(
  demo: DemoSignIn | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  const path = (request.url ?? '').split('?')[0]
  if (path !== '/demo/token' && path !== '/demo/users') return false
  const method = path === '/demo/token' ? 'POST' : 'GET'
  if (demo === undefined) {
    answer(response, 404, { error: 'There is no demo sign-in here.' })
  } else if (request.method !== method) {
    response.setHeader('allow', method)
    answer(response, 405, { error: `${path} takes ${method}.` })
  } else if (path === '/demo/users') {
    answer(response, 200, { users: await demo.users() })
  } else {
    await giveToken(demo, request, response)
  }
  return true
}

const tokenRequest = z.object({ user: z.string() })

async function giveToken(demo: DemoSignIn, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = tokenRequest.safeParse(await readJson(request))
  if (!body.success) return answer(response, 400, { error: 'Send {"user": "clara"} as JSON.' })
  const known = (await demo.users()).map(({ user }) => user)
  if (!known.includes(body.data.user)) {
    return answer(response, 400, { error: `There is no such demo user. There are: ${known.join(', ')}.` })
  }
  answer(response, 200, { token: await demo.tokens.issue(body.data.user) })
}

const largestBody = 1_024

async function readJson(request: IncomingMessage): Promise<unknown> {
  let text = ''
  for await (const chunk of request) {
    text += String(chunk)
    if (text.length > largestBody) return undefined
  }
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' })
  response.end(JSON.stringify(body))
}
