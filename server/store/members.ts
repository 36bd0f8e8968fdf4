// Who belongs to a company, with which roles and manager, and its groups.
import { and, eq } from 'drizzle-orm'
import type { Tx } from '../db/connect.ts'
import { groupMembers, groups, memberships } from '../db/tables/companies.ts'
import type { Group, Role } from '../domain/directory.ts'
import { raiseSetupVersion } from './setup-version.ts'
import { explaining } from './errors.ts'

export type Member = {
  readonly userId: string
  readonly roles: readonly Role[]
  readonly managerId: string | null
  readonly active: boolean
}

/** Makes a user a member, or replaces what the membership says. An unknown user is a NOT_FOUND. */
export const saveMember = (tx: Tx, companyId: string, member: Member): Promise<void> =>
  explaining(async () => {
    await raiseSetupVersion(tx, companyId)
    const row = { roles: [...member.roles], managerId: member.managerId, active: member.active }
    await tx
      .insert(memberships)
      .values({ companyId, userId: member.userId, ...row })
      .onConflictDoUpdate({ target: [memberships.companyId, memberships.userId], set: row })
  })

/** Saves a group whole. A name that another group has is an ALREADY_EXISTS, somebody from outside a NOT_MEMBER. */
export const saveGroup = (tx: Tx, companyId: string, group: Group): Promise<void> =>
  explaining(async () => {
    await raiseSetupVersion(tx, companyId)
    const { id, name, memberIds } = group
    await tx
      .insert(groups)
      .values({ companyId, id, name })
      .onConflictDoUpdate({ target: [groups.companyId, groups.id], set: { name } })
    await tx.delete(groupMembers).where(and(eq(groupMembers.companyId, companyId), eq(groupMembers.groupId, id)))
    if (memberIds.length > 0) {
      await tx
        .insert(groupMembers)
        .values([...new Set(memberIds)].map((userId) => ({ companyId, groupId: id, userId })))
    }
  })
