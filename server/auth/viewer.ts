// Who is asking: one function for HTTP, WebSocket and whatever comes later, so that no way in is weaker than another.
import { hashOfApiKey, mayBeApiKey } from '../domain/api-key-text.ts'
import { parseCredentials } from './credentials.ts'
import type { Claims, VerifyToken } from './tokens.ts'

/** Somebody who has been recognised. */
export type Identity<User> = {
  user: User
  /** When the token or key ends, and with it a socket that was opened by it; null for a key without an end. */
  expiresAt: Date | null
  /** The API key that was presented; absent: it was a token. */
  keyId?: string
}

/** Where users are found. Each answers null for somebody who is not there or may no longer sign in. */
export type Lookup<User> = {
  userBySubject(issuer: string, subject: string): Promise<User | null>
  /** The first sign-in of somebody who was invited by e-mail: from now on the subject stands for them. */
  bindInvited(signIn: { issuer: string; subject: string; email: string }): Promise<User | null>
  /** By the SHA-256 of the key, in lower-case hexadecimal: the key itself is nowhere kept. */
  identityByKeyHash(hash: string): Promise<Identity<User> | null>
}

/**
 * From the text of an `Authorization` header to a person or service account. Null for nothing, for nonsense and for
 * everything that is not to be believed alike: a caller learns no more than that they are not signed in. A database that
 * fails is an error, not a null.
 */
export type Authenticate<User> = (credentials: string | undefined) => Promise<Identity<User> | null>

/** `verify` is undefined where no issuer is configured: then only API keys are taken. */
export function createAuthenticate<User>(lookup: Lookup<User>, verify: VerifyToken | undefined): Authenticate<User> {
  return async (text) => {
    const credentials = parseCredentials(text)
    if (credentials === null) return null
    if (credentials.kind === 'apiKey') {
      const { key } = credentials
      return mayBeApiKey(key) ? lookup.identityByKeyHash(hashOfApiKey(key)) : null
    }
    const claims = await verify?.(credentials.token)
    if (!claims) return null
    const user = (await lookup.userBySubject(claims.issuer, claims.subject)) ?? (await invited(lookup, claims))
    return user === null ? null : { user, expiresAt: claims.expiresAt }
  }
}

/** An e-mail that nobody has checked could be anybody's: it binds nobody. */
async function invited<User>(lookup: Lookup<User>, claims: Claims): Promise<User | null> {
  const { issuer, subject, verifiedEmail: email } = claims
  return email === undefined ? null : lookup.bindInvited({ issuer, subject, email })
}
