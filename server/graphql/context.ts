// What every resolver gets: the application, who is asking, and this request's loaders.
import type { Company } from '../domain/company.ts'
import type { App, Viewer } from '../services/app.ts'
import { recognisedViewer, viewerOf as readViewer, type Account } from '../services/viewer.ts'
import type { Identity } from '../auth/viewer.ts'
import type { Live } from '../live/live.ts'
import { createLoaders, type Loaders } from './loaders.ts'
import { unauthenticated } from './limits.ts'
import { soon, type Soon } from './soon.ts'
import type { Role } from '../domain/directory.ts'
import { readsSensitive } from '../domain/visibility.ts'

export type Context = {
  readonly app: App
  readonly live: Pick<Live, 'openStream' | 'cursors'>
  /** Null: not signed in. */
  readonly viewer: Viewer | null
  /** What the viewer was recognised as: roles are read anew from it for each message of a stream. */
  readonly identity: Identity<Account> | null
  readonly requestId: string
  /** The cursor after which a reader over server-sent events goes on, from `Last-Event-ID`. */
  readonly resumeAfter: string | null
  /** Replaced after each write, so that what is read afterwards is what has been written. */
  loaders: Loaders
  /** A command of this request was answered from its idempotency record. */
  replayed: boolean
}

/**
 * A context for one request, or for one message of a stream: loaders and authorisation are cached in it. `recognised`: the
 * identity has been found for this very request, so its roles are those of now.
 */
export const createContext = async (
  { app, live }: Pick<Context, 'app' | 'live'>,
  identity: Identity<Account> | null,
  {
    requestId,
    resumeAfter = null,
    recognised = false,
  }: { readonly requestId: string; readonly resumeAfter?: string | null; readonly recognised?: boolean },
): Promise<Context> => {
  const read = recognised ? recognisedViewer : readViewer
  const viewer = identity === null ? null : await read(app.db, identity.user, identity.expiresAt)
  return { app, live, identity, viewer, requestId, resumeAfter, loaders: createLoaders(app, viewer), replayed: false }
}

/** The same request a moment later: roles as they are now, nothing read yet. */
export const renewed = (context: Context): Promise<Context> => createContext(context, context.identity, context)

/** Who is asking; the schema lets nobody else get as far as a resolver. */
export const viewerOf = (context: Context): Viewer => {
  if (context.viewer === null) throw unauthenticated()
  return context.viewer
}

/** The viewer's roles in a company; none where they are not a member. */
export const rolesIn = (context: Context, companyId: string): readonly Role[] =>
  context.viewer?.memberships.get(companyId)?.roles ?? []

export const isMember = (context: Context, companyId: string): boolean =>
  context.viewer?.memberships.has(companyId) ?? false

/** The id of a company of the viewer's by its code; null for another's and for none. */
export const companyIdOf = (context: Context, code: string): string | null => {
  for (const [companyId, membership] of viewerOf(context).memberships) if (membership.code === code) return companyId
  return null
}

/** May the viewer read bank and tax data of the company wherever they meet it? */
export const seesSensitive = (context: Context, companyId: string): boolean =>
  readsSensitive(rolesIn(context, companyId))

/** The set-up of a company that is known to exist. */
export const companyOf = (context: Context, companyId: string): Soon<Company> =>
  soon(context.loaders.company.load(companyId), (company) => {
    if (company === null) throw new Error('a company that things belong to is not there')
    return company
  })
