// What the parts of the seed share.
import { demoIssuer } from '../auth/demo.ts'
import type { Clock } from '../clock.ts'
import type { Tx } from '../db/connect.ts'
import { alone } from '../services/alone.ts'
import type { App, Viewer } from '../services/app.ts'
import { createSetupCache } from '../services/setup-cache.ts'
import { viewerOf } from '../services/viewer.ts'
import { userBySubject, type User } from '../store/users.ts'

export type World = {
  readonly app: App
  readonly tx: Tx
  /** Sets when what follows happened, counted back from the start. */
  readonly ago: (time: { readonly days?: number; readonly minutes?: number }) => void
  readonly person: (user: string) => Promise<User>
  /** A demo user with their memberships as of now. */
  readonly as: (user: string) => Promise<Viewer>
}

/** A world whose every service call joins this transaction and whose clock the seed sets. */
export const createWorld = (tx: Tx, clock: Clock): World => {
  const start = clock().getTime()
  let at = start
  const person = async (user: string): Promise<User> => {
    const found = await userBySubject(tx, demoIssuer, user)
    if (found === null) throw new Error(`there is no demo user ${user}`)
    return found
  }
  return {
    // Its news travel when the sequencer first looks.
    app: { db: tx, clock: () => new Date(at), setup: createSetupCache(), ...alone },
    tx,
    ago: ({ days = 0, minutes = 0 }) => {
      at = start - (days * 24 * 60 + minutes) * 60_000
    },
    person,
    as: async (user) => viewerOf(tx, { user: await person(user), companyId: null }, null),
  }
}
