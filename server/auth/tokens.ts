// Verifies bearer tokens (RFC 7519) of one issuer.
import { hash } from 'node:crypto'
import { createRemoteJWKSet, errors, jwtVerify, type JWTVerifyGetKey } from 'jose'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'

/** Who a token speaks for and until when. The e-mail is there only when the issuer says that it has checked it. */
export type Claims = { issuer: string; subject: string; expiresAt: Date; verifiedEmail?: string }

/** Answers null for every token that is not to be believed, whatever the reason. */
export type VerifyToken = (token: string) => Promise<Claims | null>

export type TokenRules = {
  issuer: string
  audience: string
  keys: JWTVerifyGetKey
  clock: Clock
  log: Log
}

// Signatures by key pairs only. With a shared-secret algorithm in the list, whoever knows the public key could sign.
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']
const clockToleranceSeconds = 5

// A signature costs more to check than most requests cost otherwise. The keys behind it are cached for longer than this.
const believedForMilliseconds = 60_000
const believedAtMost = 2_000

/** Builds the verifier: fixed algorithms, issuer, audience, subject and expiry required. */
export function createVerifier({ issuer, audience, keys, clock, log }: TokenRules): VerifyToken {
  /** By the hash of the token, the oldest first. */
  const believed = new Map<string, { readonly claims: Claims; readonly at: number }>()
  const recall = (name: string): Claims | undefined => {
    const known = believed.get(name)
    if (known === undefined) return undefined
    const now = clock().getTime()
    const { claims, at } = known
    if (now >= at && now < at + believedForMilliseconds && now < claims.expiresAt.getTime()) return claims
    believed.delete(name)
    return undefined
  }
  const remember = (name: string, claims: Claims): void => {
    const [oldest] = believed.keys()
    if (oldest !== undefined && believed.size >= believedAtMost) believed.delete(oldest)
    believed.set(name, { claims, at: clock().getTime() })
  }
  return async (token) => {
    const name = hash('sha256', token, 'base64')
    const known = recall(name)
    if (known !== undefined) return known
    try {
      const { payload } = await jwtVerify(token, keys, {
        algorithms,
        issuer,
        audience,
        requiredClaims: ['sub', 'exp'],
        clockTolerance: clockToleranceSeconds,
        currentDate: clock(),
      })
      if (payload.sub === undefined || payload.sub === '' || payload.exp === undefined) return null
      const claims: Claims = { issuer, subject: payload.sub, expiresAt: new Date(payload.exp * 1000) }
      const { email, email_verified: verified } = payload
      // OpenID Connect Core 1.0, section 5.1: a boolean. Some issuers write it as a text.
      if (typeof email === 'string' && (verified === true || verified === 'true')) claims.verifiedEmail = email
      remember(name, claims)
      return claims
    } catch (error) {
      // A bad token is the caller's affair; keys that cannot be had are the operator's.
      if (!(error instanceof errors.JOSEError) || keyFailures.has(error.code)) {
        log.warn({ err: error, issuer }, 'the keys of the token issuer cannot be read; nobody can sign in with a token')
      }
      return null
    }
  }
}

const keyFailures = new Set(['ERR_JOSE_GENERIC', 'ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID'])

const retryAfterMilliseconds = 10_000
const patienceMilliseconds = 5_000

/**
 * The keys of an issuer: from `jwksUrl`, or from where its discovery document says (OpenID Connect Discovery 1.0,
 * section 4). Asked for when the first token arrives, cached and renewed by jose; a failed discovery is tried again
 * after ten seconds.
 */
export function remoteKeys(issuer: string, jwksUrl: string | undefined, clock: Clock): JWTVerifyGetKey {
  let found: JWTVerifyGetKey | undefined = jwksUrl === undefined ? undefined : keysAt(jwksUrl)
  let discovery: Promise<JWTVerifyGetKey> | undefined
  let failedAt = Number.NEGATIVE_INFINITY
  return async (header, token) => {
    if (found === undefined) {
      if (clock().getTime() - failedAt < retryAfterMilliseconds) {
        // Logged when it failed; not again for every token that comes meanwhile.
        throw new errors.JWKSNoMatchingKey('the issuer did not answer a moment ago')
      }
      discovery ??= discover(issuer)
      try {
        found = await discovery
      } catch (error) {
        failedAt = clock().getTime()
        throw error
      } finally {
        discovery = undefined
      }
    }
    return found(header, token)
  }
}

const keysAt = (url: string): JWTVerifyGetKey =>
  createRemoteJWKSet(new URL(url), { timeoutDuration: patienceMilliseconds })

async function discover(issuer: string): Promise<JWTVerifyGetKey> {
  const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const response = await fetch(address, { signal: AbortSignal.timeout(patienceMilliseconds), redirect: 'error' })
  if (!response.ok) throw new Error(`${address} answered ${response.status}`)
  const document: unknown = await response.json()
  const { issuer: named, jwks_uri: url } = document as { issuer?: unknown; jwks_uri?: unknown }
  // Section 4.3: a document that names somebody else is somebody else's.
  if (named !== issuer) throw new Error(`${address} names another issuer; set AUTH_ISSUER to exactly its "issuer"`)
  if (typeof url !== 'string' || !URL.canParse(url)) throw new Error(`${address} has no jwks_uri`)
  return keysAt(url)
}
