// Members of a company with their roles and managers, and its groups.
import { z } from 'zod'
import { roles as allRoles, type Role } from '../domain/directory.ts'
import { invalid, type Problem } from '../domain/errors.ts'
import { newId } from '../store/ids.ts'
import { saveGroup as storeGroup, saveMember } from '../store/members.ts'
import { inviteUser } from '../store/users.ts'
import type { App, Viewer } from './app.ts'
import { notFound, type Replayed, type Scope } from './command.ts'
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

const email = z.email()

/** Nobody holds ADMINISTRATOR together with CLERK or INTEGRATION in one company (DOMAIN section 2). */
const checkRoles = (roles: readonly Role[]): Problem[] => {
  if (roles.some((r) => !allRoles.includes(r)))
    return [{ code: 'INVALID_VALUE', message: `Roles are ${allRoles.join(', ')}.`, at: ['roles'] }]
  if (roles.length === 0)
    return [
      {
        code: 'INVALID_VALUE',
        message: 'A member has at least one role; to take somebody out, set active to false.',
        at: ['roles'],
      },
    ]
  if (roles.includes('ADMINISTRATOR') && (roles.includes('CLERK') || roles.includes('INTEGRATION'))) {
    return [
      {
        code: 'INVALID_VALUE',
        message:
          'ADMINISTRATOR cannot be held together with CLERK or INTEGRATION: whoever sets the rules does not also make the changes.',
        at: ['roles'],
      },
    ]
  }
  return []
}

const invite = async ({ tx }: Scope, input: MemberInput): Promise<string> => {
  const address = input.email?.trim() ?? ''
  const name = input.name?.trim() ?? ''
  const problems: Problem[] = []
  if (!email.safeParse(address).success)
    problems.push({
      code: 'INVALID_VALUE',
      message: 'Name the member by userId, or invite somebody with a valid e-mail address.',
      at: ['email'],
    })
  if (name === '' || name.length > 100)
    problems.push({
      code: 'INVALID_VALUE',
      message: 'An invited person needs a name of at most 100 characters.',
      at: ['name'],
    })
  const [first, ...more] = problems
  if (first !== undefined) throw invalid([first, ...more])
  return (await inviteUser(tx, { email: address, name })).id
}

/** Adds or changes a member. Errors: INVALID_VALUE, NOT_MEMBER (manager), NOT_PERMITTED, NOT_FOUND. */
export const setMember = (
  app: App,
  viewer: Viewer,
  input: MemberInput,
): Promise<{ companyId: string; userId: string } & Replayed> =>
  administer(app, viewer, 'setMember', input, async (scope) => {
    const { tx, company, append, actor } = scope
    const userId = input.userId ?? (await invite(scope, input))
    const before = company.directory.people.get(userId)
    // Somebody who is no member is not to be found by their id: an invitation by e-mail is the way in.
    if (input.userId != null && before === undefined) throw notFound('user', 'userId')
    const after = {
      userId,
      roles: [...new Set(input.roles ?? before?.roles ?? (['READER'] satisfies Role[]))],
      managerId: input.managerId === undefined ? (before?.managerId ?? null) : input.managerId,
      active: input.active ?? before?.active ?? true,
    }
    const problems = checkRoles(after.roles)
    if (after.managerId === userId)
      problems.push({ code: 'INVALID_VALUE', message: 'Nobody is their own manager.', at: ['managerId'] })
    else if (after.managerId !== null && company.directory.people.get(after.managerId)?.active !== true)
      problems.push({
        code: 'INVALID_VALUE',
        message: 'A manager has to be an active member of the company.',
        at: ['managerId'],
      })
    if (userId === actor.id && (!after.active || !after.roles.includes('ADMINISTRATOR')))
      problems.push({
        code: 'INVALID_VALUE',
        message: 'You cannot take administration from yourself; another administrator can.',
        at: ['userId'],
      })
    const [first, ...more] = problems
    if (first !== undefined) throw invalid([first, ...more])
    const same =
      before !== undefined &&
      before.managerId === after.managerId &&
      before.active === after.active &&
      before.roles.length === after.roles.length &&
      before.roles.every((r) => after.roles.includes(r))
    if (!same) {
      await saveMember(tx, company.id, after)
      const old =
        before === undefined ? null : { roles: before.roles, managerId: before.managerId, active: before.active }
      const { roles, managerId, active } = after
      await append([
        { type: 'MembershipChanged', data: { userId, old, new: { roles, managerId, active } } },
        ...(before?.active === true && !active ? [{ type: 'UserDeactivated' as const, data: { userId } }] : []),
      ])
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

const maxMembers = 500

/** Saves a group whole: its name and all of its members. Errors: INVALID_VALUE, ALREADY_EXISTS, NOT_PERMITTED, NOT_FOUND. */
export const saveGroup = (
  app: App,
  viewer: Viewer,
  input: GroupInput,
): Promise<{ companyId: string; groupId: string } & Replayed> =>
  administer(app, viewer, 'saveGroup', input, async ({ tx, company, append }) => {
    const before = input.id == null ? undefined : company.directory.groups.get(input.id)
    if (input.id != null && before === undefined) throw notFound('group', 'id')
    const name = input.name.trim()
    const memberIds = [...new Set(input.memberIds)]
    const problems: Problem[] = []
    if (!/^[^\u0000-\u001f\u007f]{1,60}$/u.test(name))
      problems.push({ code: 'INVALID_VALUE', message: 'A group has a name of 1 to 60 characters.', at: ['name'] })
    if (memberIds.length > maxMembers)
      problems.push({
        code: 'LIMIT_EXCEEDED',
        message: `A group has at most ${maxMembers} members.`,
        at: ['memberIds'],
      })
    for (const [i, id] of input.memberIds.entries())
      if (!company.directory.people.has(id))
        problems.push({
          code: 'INVALID_VALUE',
          message: `Only members of ${company.code} can be in a group.`,
          at: ['memberIds', String(i)],
        })
    if (
      before !== undefined &&
      before.name !== name &&
      company.workflows.some((w) =>
        JSON.stringify(w.activeVersion?.definition ?? null).includes(`"group":${JSON.stringify(before.name)}`),
      )
    ) {
      problems.push({
        code: 'INVALID_VALUE',
        message: `An active workflow asks the group "${before.name}" by this name; change the workflow before renaming the group.`,
        at: ['name'],
      })
    }
    const [first, ...more] = problems
    if (first !== undefined) throw invalid([first, ...more])
    const groupId = before?.id ?? newId()
    await storeGroup(tx, company.id, { id: groupId, name, memberIds })
    await append([
      {
        type: 'GroupSaved',
        data: {
          groupId,
          old: before === undefined ? null : { name: before.name, memberIds: before.memberIds },
          new: { name, memberIds },
        },
      },
    ])
    return { companyId: company.id, groupId }
  })
