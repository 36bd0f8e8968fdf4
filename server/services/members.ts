// Members of a company with their roles and managers, and its groups.
import { z } from 'zod'
import type { Role } from '../domain/directory.ts'
import { invalid, type Problem } from '../domain/errors.ts'
import { changeGroup, changeMember } from '../domain/setup.ts'
import { newId } from '../store/ids.ts'
import { saveGroup as storeGroup, saveMember } from '../store/members.ts'
import { inviteUser } from '../store/users.ts'
import type { App, Viewer } from './app.ts'
import { notFound, unwrap, type Replayed, type Scope } from './command.ts'
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
    const userId = named ?? (await invite(scope, input))
    const change = unwrap(changeMember(company, actor, userId, input))
    if (change !== null) {
      await saveMember(tx, company.id, change.save)
      await append(change.events)
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
