// From a recognised user to what they are in each company: read anew for every request, socket and event.
import type { Reader } from '../db/connect.ts'
import { bindSubject, membershipsOf, userByApiKeyHash, userBySubject, type User } from '../store/users.ts'
import type { Viewer } from './app.ts'

/** Whom a credential stands for; a key opens one company only. */
export type Account = { readonly user: User; readonly companyId: string | null }

/** How sign-in finds users: by the issuer's subject, by a checked e-mail for the first time, or by the hash of an API key. */
export const accountLookup = (reader: Reader) => ({
  async userBySubject(issuer: string, subject: string): Promise<Account | null> {
    return person(await userBySubject(reader, issuer, subject))
  },
  async bindInvited(signIn: SignIn): Promise<Account | null> {
    // Whoever arrives a moment after oneself's first request finds the invitation taken, by oneself.
    const bound = await bindSubject(reader, signIn)
    return person(bound ?? (await userBySubject(reader, signIn.issuer, signIn.subject)))
  },
  userByApiKeyHash: (hash: string): Promise<Account | null> => userByApiKeyHash(reader, hash),
})

type SignIn = { readonly issuer: string; readonly subject: string; readonly email: string }
const person = (user: User | null): Account | null => (user === null ? null : { user, companyId: null })

/** The viewer as of now; somebody without an active membership is still a viewer, of nothing. */
export const viewerOf = async (reader: Reader, account: Account, expiresAt: Date | null): Promise<Viewer> => {
  const memberships = await membershipsOf(reader, account.user.id)
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
