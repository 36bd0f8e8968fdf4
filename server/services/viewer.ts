// From a recognised user to what they are in each company: read anew for every request, socket and event.
import type { Reader } from '../db/connect.ts'
import { membershipsOf, userByApiKeyHash, userBySubject, type User } from '../store/users.ts'
import type { Lookup } from '../auth/viewer.ts'
import type { Viewer } from './app.ts'

/** Whom a credential stands for; a key opens one company only. */
export type Account = { readonly user: User; readonly companyId: string | null }

/** How sign-in finds users: by the issuer's subject, or by the hash of an API key. */
export const accountLookup = (reader: Reader): Lookup<Account> => ({
  async userBySubject(issuer, subject) {
    const user = await userBySubject(reader, issuer, subject)
    return user === null ? null : { user, companyId: null }
  },
  async userByApiKeyHash(hash) {
    return userByApiKeyHash(reader, hash)
  },
})

/** The viewer as of now; somebody without an active membership is still a viewer, of nothing. */
export const viewerOf = async (reader: Reader, account: Account, expiresAt: Date | null): Promise<Viewer> => {
  const memberships = await membershipsOf(reader, account.user.id)
  const active = memberships.filter((m) => m.active && (account.companyId === null || m.companyId === account.companyId))
  return {
    userId: account.user.id,
    kind: account.user.kind,
    name: account.user.name,
    memberships: new Map(active.map(({ companyId, code, name, roles }) => [companyId, { code, name, roles }])),
    expiresAt: expiresAt?.getTime() ?? null,
  }
}

