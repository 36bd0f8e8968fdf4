// People as the set-up holds them, and what became of somebody's membership, of which every change is a line of the log.
import type { SetupEvent } from './documents/setup.ts'
import { asRecord } from './format.ts'
import type { Json } from './graphql.ts'
import { texts } from './setup-log.svelte.ts'
import { roleNames, type Role } from './words/setup.ts'

/** Somebody as a form holds them. */
export type Person = { id: string; name: string }

export const roles = Object.keys(roleNames) as Role[]

const rolesIn = (data: Json | undefined): Role[] => {
  const held = texts(data)
  return roles.filter((role) => held.includes(role))
}

/** The lines that tell of somebody's membership, the oldest first. */
export const linesOf = (events: readonly SetupEvent[], userId: string): SetupEvent[] =>
  events.filter(({ data }) => asRecord(data).userId === userId)

/** What a line of the log says became of somebody's membership. */
export const membershipIn = (
  event: SetupEvent,
): { roles: readonly Role[]; active: boolean; was: { roles: readonly Role[]; active: boolean } | null } => {
  const { old, new: now } = asRecord(event.data)
  const read = (one: typeof old) => ({ roles: rolesIn(asRecord(one).roles), active: asRecord(one).active !== false })
  return { ...read(now), was: old === null || old === undefined ? null : read(old) }
}
