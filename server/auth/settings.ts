// Which way of signing in this process offers, from its configuration.
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import { createDemoTokens, type DemoTokens } from './demo.ts'
import { createVerifier, remoteKeys, type VerifyToken } from './tokens.ts'

export type AuthSettings = {
  /** Undefined: no tokens are taken, only API keys. */
  verify: VerifyToken | undefined
  /** Undefined: there is no demo sign-in. */
  demo: DemoTokens | undefined
}

export type Issuer = { issuer: string; audience: string; jwksUrl: string | undefined }

/** An issuer wins; without one the demo signs in, where `demoAllowed` (the embedded database only). */
export async function authSettings(
  issuer: Issuer | undefined,
  demoAllowed: boolean,
  clock: Clock,
  log: Log,
): Promise<AuthSettings> {
  if (issuer !== undefined) {
    const keys = remoteKeys(issuer.issuer, issuer.jwksUrl, clock)
    const { issuer: name, audience } = issuer
    return { verify: createVerifier({ issuer: name, audience, keys, clock, log }), demo: undefined }
  }
  if (!demoAllowed) return { verify: undefined, demo: undefined }
  const demo = await createDemoTokens(clock, log)
  return { verify: demo.verify, demo }
}
