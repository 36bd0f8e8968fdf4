// From a recognised user to what they are in each company: read anew for every request, socket and event.
import { systemClock, type Clock } from '../clock.ts'
import type { Reader } from '../db/connect.ts'
import {
  bindSubject,
  membershipsOf,
  signInByKeyHash,
  signInBySubject,
  type KeySignIn,
  type MembershipOfUser,
  type User,
} from '../store/users.ts'
import type { Viewer } from './app.ts'

/** Whom a credential stands for; a key opens one company only. */
export type Account = {
  readonly user: User
  readonly companyId: string | null
  /** As they were when the credential was recognised, where they have been read with it. */
  readonly memberships?: readonly MembershipOfUser[]
}

/** An account that was found by its key, with what ends it. */
type KeyIdentity = { user: Account; expiresAt: Date | null; keyId: string }

/**
 * How sign-in finds users: by the issuer's subject, by a checked e-mail for the first time, or by the hash of an API key. `used` is told
 * of each key that opens something; it must not throw.
 */
export const accountLookup = (
  reader: Reader,
  clock: Clock = systemClock,
  used: (key: Pick<KeySignIn, 'keyId' | 'companyId' | 'lastUsedAt'>) => void = () => undefined,
) => ({
  async userBySubject(issuer: string, subject: string): Promise<Account | null> {
    const found = await signInBySubject(reader, issuer, subject)
    return found === null ? null : { ...found, companyId: null }
  },
  async bindInvited(signIn: SignIn): Promise<Account | null> {
    // Whoever arrives a moment after oneself's first request finds the invitation taken, by oneself.
    const bound = await bindSubject(reader, signIn)
    return bound === null ? this.userBySubject(signIn.issuer, signIn.subject) : { user: bound, companyId: null }
  },
  async identityByKeyHash(hash: string): Promise<KeyIdentity | null> {
    const found = await signInByKeyHash(reader, hash)
    if (found === null) return null
    const { keyId, user, companyId, membership } = found
    const expiresAt = found.expiresAt === null ? null : new Date(found.expiresAt)
    if (expiresAt !== null && expiresAt <= clock()) return null
    used(found)
    return { user: { user, companyId, memberships: [membership] }, expiresAt, keyId }
  },
})

type SignIn = { readonly issuer: string; readonly subject: string; readonly email: string }

/** The viewer as of now; somebody without an active membership is still a viewer, of nothing. */
export const viewerOf = async (reader: Reader, account: Account, expiresAt: Date | null): Promise<Viewer> =>
  viewerWith(await membershipsOf(reader, account.user.id), account, expiresAt)

/** The viewer of a request whose credential has been recognised for this very request: nothing is read twice. */
export const recognisedViewer = (reader: Reader, account: Account, expiresAt: Date | null): Promise<Viewer> | Viewer =>
  account.memberships === undefined
    ? viewerOf(reader, account, expiresAt)
    : viewerWith(account.memberships, account, expiresAt)

/** The viewer of an account with these memberships. */
export const viewerWith = (
  memberships: readonly MembershipOfUser[],
  account: Account,
  expiresAt: Date | null,
): Viewer => {
  const active = memberships.filter(
    (m) => m.active && (account.companyId === null || m.companyId === account.companyId),
  )
  return {
    userId: account.user.id,
    kind: account.user.kind,
    name: account.user.name,
    memberships: new Map(active.map(({ companyId, active: _, ...membership }) => [companyId, membership])),
    expiresAt: expiresAt?.getTime() ?? null,
  }
}
