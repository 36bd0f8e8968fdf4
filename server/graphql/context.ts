// What every resolver gets: the application, who is asking, and this request's loaders.
import type { Company } from '../domain/company.ts'
import type { App, Viewer } from '../services/app.ts'
import type { Rights } from '../services/rights.ts'
import { recognisedViewer, type Account } from '../services/viewer.ts'
import type { Identity } from '../auth/viewer.ts'
import type { Live } from '../live/live.ts'
import { createLoaders, type Loaders } from './loaders.ts'
import { unauthenticated } from './limits.ts'
import type { Outlet } from './outlet.ts'
import type { Sharing } from './sharing.ts'
import { soon, type Soon } from './soon.ts'
import type { Role } from '../domain/directory.ts'
import { readsSensitive } from '../domain/visibility.ts'

export type Context = {
  readonly app: App
  readonly live: Pick<Live, 'openStream' | 'cursors' | 'hub'>
  readonly rights: Rights
  /** Null: not signed in. */
  readonly viewer: Viewer | null
  /** What the viewer was recognised as: what they may see is asked of it anew for each message of a stream. */
  readonly identity: Identity<Account> | null
  readonly requestId: string
  /** The cursor after which a reader over server-sent events goes on, from `Last-Event-ID`. */
  readonly resumeAfter: string | null
  /** Where the messages of this operation can be written to directly; null over HTTP. */
  readonly outlet: Outlet | null
  /** How messages of this operation are shared with others who follow the same; null: it is no subscription. */
  sharing: Sharing | null
  /** Replaced after each write, so that what is read afterwards is what has been written. */
  loaders: Loaders
  /** A command of this request was answered from its idempotency record. */
  replayed: boolean
}

type Process = Pick<Context, 'app' | 'live' | 'rights'>

/** A context for what is resolved apart from any request. */
export const contextWith = (
  { app, live, rights }: Process,
  viewer: Viewer | null,
  loaders: Loaders,
  more: Partial<Context> = {},
): Context => ({
  app,
  live,
  rights,
  viewer,
  loaders,
  identity: null,
  requestId: '',
  resumeAfter: null,
  outlet: null,
  sharing: null,
  replayed: false,
  ...more,
})

/**
 * A context for one request: loaders and authorisation are cached in it. `recognised`: the identity has been found for this very
 * request, so its roles are those of now.
 */
export const createContext = async (
  process: Process,
  identity: Identity<Account> | null,
  {
    requestId,
    resumeAfter = null,
    recognised = false,
    outlet = null,
  }: {
    readonly requestId: string
    readonly resumeAfter?: string | null
    readonly recognised?: boolean
    readonly outlet?: Outlet | null
  },
): Promise<Context> => {
  const { app, rights } = process
  const read = (known: Identity<Account>): Promise<Viewer> | Viewer =>
    recognised ? recognisedViewer(app.db, known.user, known.expiresAt) : rights.fresh(known)
  const viewer = identity === null ? null : await read(identity)
  return contextWith(process, viewer, createLoaders(app, viewer), { identity, requestId, resumeAfter, outlet })
}

/** What a stream keeps of the request that opened it: little, as there are ten thousands of them. */
export type Reading = Process & Pick<Context, 'identity' | 'requestId'>
export const readingOf = ({ app, live, rights, identity, requestId }: Context): Reading => ({
  app,
  live,
  rights,
  identity,
  requestId,
})

/** The same reader a moment later: what they may see as it is now, nothing read yet. */
export const renewed = async (reading: Reading): Promise<Context> => {
  const { identity, requestId } = reading
  const viewer = identity === null ? null : await reading.rights.of(identity)
  return contextWith(reading, viewer, createLoaders(reading.app), { identity, requestId })
}

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
