// What those who follow live streams may see, kept in memory: asked for with each message, read only when the log says that it has
// changed. Whoever loses a role loses it with the next message.
import type { Clock } from '../clock.ts'
import type { Reader } from '../db/connect.ts'
import type { EventType, Json } from '../domain/events.ts'
import type { LoggedEvent } from '../domain/log.ts'
import { membershipsOfMany, type MembershipOfUser } from '../store/users.ts'
import type { Viewer } from './app.ts'
import { viewerWith, type Account } from './viewer.ts'

export type Follower = {
  readonly user: Account
  readonly expiresAt: Date | null
  /** The API key that it came with. */
  readonly keyId?: string
}

export type Rights = {
  /** The viewer as of the last event that was heard. */
  of(follower: Follower): Promise<Viewer>
  /** The viewer as of now, and from now on: whoever has just been given a role follows before the log has told of it. */
  fresh(follower: Follower): Promise<Viewer>
  /** The viewers of many, in their order, with at most one statement. */
  ofAll(followers: readonly Follower[]): readonly Viewer[] | Promise<readonly Viewer[]>
  /** To be told of all events before anybody else is. */
  heard(events: readonly LoggedEvent[]): void
  /** Calls after somebody's rights may have changed. */
  watch(changed: (userIds: ReadonlySet<string>) => void): void
  /** Was the key that it came with revoked meanwhile? From then on it is a viewer of nothing. */
  isRevoked(follower: Pick<Follower, 'keyId'>): boolean
  /** Calls once when the key is revoked; the answer forgets about it. */
  whenRevoked(keyId: string, revoked: () => void): () => void
}

const changing: ReadonlySet<EventType> = new Set(['MembershipChanged', 'UserDeactivated', 'KeyChanged'])

/** What is changed behind the log's back, by hand in the database, is seen after this long. */
const longestMs = 60_000
/** More people than can follow one process; then those who were asked for least recently are forgotten. */
const most = 50_000
/** Keys that were revoked are remembered for as long as something that they opened may not have ended yet, and far longer. */
const mostRevoked = 10_000

/** What a KeyChanged says of the key as it is from then on. */
const saysRevoked = (state: Json | undefined): boolean =>
  typeof state === 'object' && state !== null && 'revoked' in state && state.revoked === true

type Memberships = readonly MembershipOfUser[]
type Known = { readonly at: number; readonly memberships: Promise<Memberships> | Memberships }

export const createRights = (reader: Reader, clock: Clock): Rights => {
  const known = new Map<string, Known>()
  const watchers: ((userIds: ReadonlySet<string>) => void)[] = []
  const revoked = new Set<string>()
  const waiting = new Map<string, Set<() => void>>()
  const isRevoked = ({ keyId }: Pick<Follower, 'keyId'>): boolean => keyId !== undefined && revoked.has(keyId)
  const revoke = (keyId: string): void => {
    revoked.add(keyId)
    const [oldest] = revoked
    if (oldest !== undefined && revoked.size > mostRevoked) revoked.delete(oldest)
    for (const call of waiting.get(keyId) ?? []) call()
    waiting.delete(keyId)
  }

  const isFresh = (userId: string, now: number): boolean => now - (known.get(userId)?.at ?? -longestMs) < longestMs
  /** Reads those who are not known, as one; a reading that fails is forgotten. */
  const read = (userIds: readonly string[], now: number): void => {
    const reading = membershipsOfMany(reader, userIds)
    for (const userId of userIds) {
      const memberships = reading.then((found) => found.get(userId) ?? [])
      const entry: Known = { at: now, memberships }
      known.delete(userId)
      known.set(userId, entry)
      memberships.then(
        (found) => {
          // What was heard meanwhile has made room for a newer one.
          if (known.get(userId) === entry) known.set(userId, { at: now, memberships: found })
        },
        () => {
          if (known.get(userId) === entry) known.delete(userId)
        },
      )
    }
    for (const oldest of known.keys()) {
      if (known.size <= most) break
      known.delete(oldest)
    }
  }
  /** Of each follower, which is the same object for as long as it follows: a viewer is made anew only from other memberships. */
  const made = new WeakMap<Follower, { readonly memberships: Memberships; readonly viewer: Viewer }>()
  const viewerFrom = (follower: Follower, memberships: Memberships): Viewer => {
    if (isRevoked(follower)) return viewerWith([], follower.user, follower.expiresAt)
    const last = made.get(follower)
    if (last?.memberships === memberships) return last.viewer
    const viewer = viewerWith(memberships, follower.user, follower.expiresAt)
    made.set(follower, { memberships, viewer })
    return viewer
  }
  const ofAll = (followers: readonly Follower[]): readonly Viewer[] | Promise<readonly Viewer[]> => {
    const now = clock().getTime()
    const missing = new Set<string>()
    for (const { user } of followers) if (!isFresh(user.user.id, now)) missing.add(user.user.id)
    if (missing.size > 0) read([...missing], now)
    const found = followers.map(({ user }) => known.get(user.user.id)?.memberships ?? [])
    const viewers = (all: readonly Memberships[]) => followers.map((follower, n) => viewerFrom(follower, all[n] ?? []))
    const isThere = (each: Memberships | Promise<Memberships>): each is Memberships => !(each instanceof Promise)
    return found.every(isThere) ? viewers(found) : Promise.all(found.map(async (each) => each)).then(viewers)
  }

  const of = async (follower: Follower): Promise<Viewer> => {
    const [viewer] = await ofAll([follower])
    if (viewer === undefined) throw new Error('nobody was asked for')
    return viewer
  }

  return {
    of,
    fresh(follower) {
      known.delete(follower.user.user.id)
      return of(follower)
    },
    ofAll,
    heard(events) {
      const changed = new Set<string>()
      for (const { type, data } of events) {
        if (changing.has(type) && typeof data.userId === 'string') changed.add(data.userId)
        if (type === 'KeyChanged' && typeof data.keyId === 'string' && saysRevoked(data.new)) revoke(data.keyId)
      }
      if (changed.size === 0) return
      for (const userId of changed) known.delete(userId)
      for (const watcher of watchers) watcher(changed)
    },
    watch: (changed) => void watchers.push(changed),
    isRevoked,
    whenRevoked(keyId, call) {
      if (revoked.has(keyId)) call()
      const own = waiting.get(keyId) ?? new Set()
      waiting.set(keyId, own.add(call))
      return () => {
        own.delete(call)
        if (own.size === 0 && waiting.get(keyId) === own) waiting.delete(keyId)
      }
    },
  }
}
