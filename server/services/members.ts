// Members of a company with their roles and managers, and its groups.
import type { Role } from '../domain/directory.ts'
import { changeGroup, changeMember, onlyMembership, readInvitation } from '../domain/setup.ts'
import { newId } from '../store/ids.ts'
import { saveGroup as storeGroup, saveMember } from '../store/members.ts'
import { inviteUser } from '../store/users.ts'
import type { App, Viewer } from './app.ts'
import { notFound, unwrap, type Replayed } from './command.ts'
import { leaveSeats } from './seats.ts'
import { administer } from './setup.ts'

export type MemberInput = {
  readonly company: string
  /** Absent: invite by e-mail. */
  readonly userId?: string | null
  readonly email?: string | null
  readonly name?: string | null
  readonly roles?: readonly Role[] | null
  /** Null clears it, absent leaves it alone. */
  readonly managerId?: string | null
  readonly active?: boolean | null
  readonly idempotencyKey?: string | null
}

/** Adds or changes a member. Errors: INVALID_VALUE, ALREADY_EXISTS, NOT_PERMITTED, NOT_FOUND. */
export const setMember = (
  app: App,
  viewer: Viewer,
  input: MemberInput,
): Promise<{ companyId: string; userId: string } & Replayed> =>
  administer(app, viewer, 'setMember', input, async (scope) => {
    const { tx, company, append, actor } = scope
    const named = input.userId ?? null
    // Somebody who is no member is not to be found by their id: an invitation by e-mail is the way in.
    if (named !== null && !company.directory.people.has(named)) throw notFound('user', 'userId')
    if (named !== null) unwrap(onlyMembership(input))
    const userId = named ?? (await inviteUser(tx, unwrap(readInvitation(company, input)))).id
    const change = unwrap(changeMember(company, actor, userId, input))
    if (change !== null) {
      await saveMember(tx, company.id, change.save)
      await append(change.events)
      if (change.events.some((e) => e.type === 'UserDeactivated')) await leaveSeats(app, scope, userId)
    }
    return { companyId: company.id, userId }
  })

export type GroupInput = {
  readonly company: string
  readonly id?: string | null
  readonly name: string
  readonly memberIds: readonly string[]
  readonly idempotencyKey?: string | null
}

/** Saves a group whole: its name and all of its members. Errors: INVALID_VALUE, ALREADY_EXISTS, NOT_PERMITTED, NOT_FOUND. */
export const saveGroup = (
  app: App,
  viewer: Viewer,
  input: GroupInput,
): Promise<{ companyId: string; groupId: string } & Replayed> =>
  administer(app, viewer, 'saveGroup', input, async ({ tx, company, append }) => {
    const named = input.id ?? null
    if (named !== null && !company.directory.groups.has(named)) throw notFound('group', 'id')
    const groupId = named ?? newId()
    const change = unwrap(changeGroup(company, groupId, input))
    if (change !== null) {
      await storeGroup(tx, company.id, change.save)
      await append(change.events)
    }
    return { companyId: company.id, groupId }
  })
