// The rules of a company's set-up: what a change of parameters, field switches, codes, members and groups may be, and the event that
// tells of it with old and new (DOMAIN section 2). Each answers what to save, or null when nothing is different.
import { z } from 'zod'
import { conflictPolicies, entityBehaviors, type ApprovalParameters, type Company } from './company.ts'
import { roles as allRoles, serviceRoles, type Group, type Person, type Role } from './directory.ts'
import { DomainError, invalid, ok, refused, type Problem, type Result } from './errors.ts'
import type { DomainEvent } from './events.ts'
import { findField, referenceKinds, type ReferenceKind } from './fields.ts'
import { switchedFields } from './governance.ts'
import { nameFault } from './names.ts'

const email = z.email()

/** What to save and the events that tell of it; null: nothing is different. */
export type SetupChange<T> = Result<{ readonly save: T; readonly events: readonly DomainEvent[] } | null>
type Optional<T> = { readonly [K in keyof T]?: T[K] | null | undefined }

/** The result of checks: the first problems as a refusal, or `then`. */
export const unless = <T>(problems: readonly Problem[], then: () => Result<T>): Result<T> => {
  const [first, ...more] = problems
  return first === undefined ? then() : refused(invalid([first, ...more]))
}

/** Parameters that are not named stay. Running proposals keep those of their submit. */
export const changeParameters = (
  before: ApprovalParameters,
  wanted: Optional<ApprovalParameters>,
): SetupChange<ApprovalParameters> => {
  const after: ApprovalParameters = {
    enabled: wanted.enabled ?? before.enabled,
    entityBehavior: wanted.entityBehavior ?? before.entityBehavior,
    autoSubmit: wanted.autoSubmit ?? before.autoSubmit,
    authorsMayNotApprove: wanted.authorsMayNotApprove ?? before.authorsMayNotApprove,
    conflictPolicy: wanted.conflictPolicy ?? before.conflictPolicy,
  }
  const oneOf = (allowed: readonly string[], value: string, what: string, at: string): Problem[] =>
    allowed.includes(value)
      ? []
      : [{ code: 'INVALID_VALUE', message: `The ${what} is one of ${allowed.join(', ')}.`, at: [at] }]
  return unless(
    [
      ...oneOf(entityBehaviors, after.entityBehavior, 'entity behaviour', 'entityBehavior'),
      ...oneOf(conflictPolicies, after.conflictPolicy, 'conflict policy', 'conflictPolicy'),
    ],
    () => {
      const changed = (Object.keys(after) as (keyof ApprovalParameters)[]).filter((k) => before[k] !== after[k])
      if (changed.length === 0) return ok(null)
      return ok({
        save: after,
        events: [{ type: 'ParametersChanged', data: { changed, old: { ...before }, new: { ...after } } }],
      })
    },
  )
}

/** Field switches by catalogue name; a record's name stands for all of its fields that may be governed. */
export const changeFieldApproval = (
  company: Pick<Company, 'approvalFields'>,
  wanted: { readonly enable: readonly string[]; readonly disable: readonly string[] },
): SetupChange<{ readonly enable: readonly string[]; readonly disable: readonly string[] }> => {
  const problems: Problem[] = []
  const read = (names: readonly string[], at: string): Set<string> => {
    const fields = new Set<string>()
    for (const [i, name] of names.entries()) {
      const found = switchedFields(name)
      if (findField(name) === undefined)
        problems.push({
          code: 'UNKNOWN_FIELD',
          message: `There is no field "${name}"; see customerFields for the names.`,
          at: [at, String(i)],
        })
      else if (found.length === 0)
        problems.push({
          code: 'INVALID_VALUE',
          message: `"${name}" cannot be put under approval.`,
          at: [at, String(i)],
        })
      for (const field of found) fields.add(field)
    }
    return fields
  }
  const wantOn = read(wanted.enable, 'enable')
  const wantOff = read(wanted.disable, 'disable')
  for (const field of wantOn)
    if (wantOff.has(field))
      problems.push({
        code: 'INVALID_VALUE',
        message: `"${field}" is both enabled and disabled; name it once.`,
        at: ['disable'],
      })
  return unless(problems, () => {
    const enable = [...wantOn].filter((f) => !company.approvalFields.has(f))
    const disable = [...wantOff].filter((f) => company.approvalFields.has(f))
    if (enable.length + disable.length === 0) return ok(null)
    return ok({
      save: { enable, disable },
      events: [{ type: 'FieldApprovalChanged', data: { enabled: enable, disabled: disable } }],
    })
  })
}

type NewReference = { readonly code: string; readonly name: string }
const maxReferences = 1000

/** Codes are added, renamed, retired and taken back into use; a retired one stays where it is used and cannot be set any more. */
export const changeReferences = (
  company: Pick<Company, 'references'>,
  kind: ReferenceKind,
  wanted: { readonly upsert: readonly NewReference[]; readonly deactivate: readonly string[] },
): SetupChange<{ readonly upsert: readonly NewReference[]; readonly deactivate: readonly string[] }> => {
  const problems: Problem[] = []
  if (!referenceKinds.includes(kind))
    problems.push({ code: 'INVALID_VALUE', message: `The kind is one of ${referenceKinds.join(', ')}.`, at: ['kind'] })
  if (wanted.upsert.length + wanted.deactivate.length > maxReferences)
    problems.push({
      code: 'LIMIT_EXCEEDED',
      message: `One call takes at most ${maxReferences} values.`,
      at: ['upsert'],
    })
  const known = company.references.get(kind)
  const upsert = wanted.upsert.map(({ code, name }) => ({ code: code.trim(), name: name.trim() }))
  const seen = new Set<string>()
  for (const [i, { code, name }] of upsert.entries()) {
    const at = ['upsert', String(i)]
    const faults = { code: nameFault(code, 20, 'A code'), name: nameFault(name, 100, 'A name') }
    for (const [part, message] of Object.entries(faults))
      if (message !== null) problems.push({ code: 'INVALID_VALUE', message, at: [...at, part] })
    if (seen.has(code))
      problems.push({ code: 'INVALID_VALUE', message: `"${code}" is there twice; name it once.`, at: [...at, 'code'] })
    seen.add(code)
  }
  for (const [i, code] of wanted.deactivate.entries()) {
    const at = ['deactivate', String(i)]
    if (known?.has(code) !== true)
      problems.push({ code: 'INVALID_VALUE', message: `There is no code "${code}" to retire.`, at })
    if (seen.has(code))
      problems.push({ code: 'INVALID_VALUE', message: `"${code}" is both set and retired; name it once.`, at })
  }
  return unless(problems, () => {
    const set = upsert.filter((v) => known?.get(v.code)?.name !== v.name || known.get(v.code)?.active !== true)
    const retired = wanted.deactivate.filter((code) => known?.get(code)?.active === true)
    if (set.length + retired.length === 0) return ok(null)
    const old = set
      .flatMap(({ code }) => known?.get(code) ?? [])
      .map(({ code, name, active }) => ({ code, name, active }))
    return ok({
      save: { upsert: set, deactivate: retired },
      events: [{ type: 'ReferenceValuesChanged', data: { kind, old, upsert: set, deactivate: retired } }],
    })
  })
}

export type MemberChange = {
  readonly roles?: readonly Role[] | null | undefined
  readonly managerId?: string | null | undefined
  readonly active?: boolean | null | undefined
}
export type Membership = {
  readonly userId: string
  readonly roles: readonly Role[]
  readonly managerId: string | null
  readonly active: boolean
}

/**
 * Who is invited by e-mail: the address and name to keep. Somebody who is a member already is no one to invite; they are changed by
 * their userId alone, so that no slip of an address changes what somebody may do.
 */
export const readInvitation = (
  company: Pick<Company, 'code' | 'directory'>,
  given: { readonly email?: string | null | undefined; readonly name?: string | null | undefined },
): Result<{ readonly email: string; readonly name: string }> => {
  const address = given.email?.trim() ?? ''
  const name = given.name?.trim().normalize('NFC') ?? ''
  const problems: Problem[] = []
  if (!email.safeParse(address).success)
    problems.push({
      code: 'INVALID_VALUE',
      message: 'Name the member by userId, or invite somebody with a valid e-mail address.',
      at: ['email'],
    })
  const fault = nameFault(name, 100, 'The name of an invited person')
  if (fault !== null) problems.push({ code: 'INVALID_VALUE', message: fault, at: ['name'] })
  return unless(problems, () => {
    const known = [...company.directory.people.values()].find((p) => p.email?.toLowerCase() === address.toLowerCase())
    if (known === undefined) return ok({ email: address, name })
    const message = `${known.name} is a member of ${company.code} already: name the member by userId to change them.`
    return refused(new DomainError('ALREADY_EXISTS', message, { at: ['email'] }))
  })
}

/** Name and e-mail are given with an invitation; of somebody who is there already nobody else changes them. */
export const onlyMembership = (given: {
  readonly email?: string | null | undefined
  readonly name?: string | null | undefined
}): Result<null> => {
  const inviting = { email: 'An e-mail address', name: 'A name' } as const
  const problems = (['email', 'name'] as const)
    .filter((part) => (given[part] ?? null) !== null)
    .map((part): Problem => ({
      code: 'INVALID_VALUE',
      message: `${inviting[part]} belongs to an invitation; leave it out to change a member by userId.`,
      at: [part],
    }))
  return unless(problems, () => ok(null))
}

/** Nobody holds ADMINISTRATOR together with CLERK or INTEGRATION in one company (DOMAIN section 2). */
const roleProblems = (roles: readonly Role[], kind: Person['kind'] | undefined): Problem[] => {
  const wrong = (message: string): Problem[] => [{ code: 'INVALID_VALUE', message, at: ['roles'] }]
  if (roles.some((r) => !allRoles.includes(r))) return wrong(`Roles are ${allRoles.join(', ')}.`)
  if (roles.length === 0) return wrong('A member has at least one role; to take somebody out, set active to false.')
  if (kind === 'SERVICE' && !roles.every((r) => serviceRoles.some((each) => each === r)))
    return wrong(`A service account has one or more of the roles ${serviceRoles.join(', ')}.`)
  if (roles.includes('ADMINISTRATOR') && (roles.includes('CLERK') || roles.includes('INTEGRATION')))
    return wrong(
      'ADMINISTRATOR cannot be held together with CLERK or INTEGRATION: whoever sets the rules does not also make the changes.',
    )
  return []
}

/** Adds a member or changes one: absent members of `wanted` stay as they are, a null manager clears it. */
export const changeMember = (
  company: Pick<Company, 'code' | 'directory'>,
  actor: Pick<Person, 'id'>,
  userId: string,
  wanted: MemberChange,
): SetupChange<Membership> => {
  const before = company.directory.people.get(userId)
  const after: Membership = {
    userId,
    roles: [...new Set(wanted.roles ?? before?.roles ?? (['READER'] as const))],
    managerId: wanted.managerId === undefined ? (before?.managerId ?? null) : wanted.managerId,
    active: wanted.active ?? before?.active ?? true,
  }
  const problems = roleProblems(after.roles, before?.kind)
  if (after.managerId === userId)
    problems.push({ code: 'INVALID_VALUE', message: 'Nobody is their own manager.', at: ['managerId'] })
  else if (
    after.managerId !== null &&
    after.managerId !== before?.managerId &&
    company.directory.people.get(after.managerId)?.active !== true
  )
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
  return unless(problems, () => {
    const { roles, managerId, active } = after
    const sameRoles = before?.roles.length === roles.length && before.roles.every((r) => roles.includes(r))
    if (before !== undefined && sameRoles && before.managerId === managerId && before.active === active) return ok(null)
    const old =
      before === undefined ? null : { roles: before.roles, managerId: before.managerId, active: before.active }
    const events: DomainEvent[] = [
      { type: 'MembershipChanged', data: { userId, old, new: { roles, managerId, active } } },
    ]
    if (before?.active === true && !active) events.push({ type: 'UserDeactivated', data: { userId } })
    return ok({ save: after, events })
  })
}

const maxMembers = 500

/** A group as a whole: its name and all of its members. `id`: of the group, a fresh one for a new group. */
export const changeGroup = (
  company: Pick<Company, 'code' | 'directory' | 'workflows'>,
  id: string,
  wanted: { readonly name: string; readonly memberIds: readonly string[] },
): SetupChange<Group> => {
  const before = company.directory.groups.get(id)
  const name = wanted.name.trim()
  const problems: Problem[] = []
  const fault = nameFault(name, 60, "A group's name")
  if (fault !== null) problems.push({ code: 'INVALID_VALUE', message: fault, at: ['name'] })
  if (wanted.memberIds.length > maxMembers)
    problems.push({ code: 'LIMIT_EXCEEDED', message: `A group has at most ${maxMembers} members.`, at: ['memberIds'] })
  for (const [i, memberId] of wanted.memberIds.entries())
    if (!company.directory.people.has(memberId))
      problems.push({
        code: 'INVALID_VALUE',
        message: `Only members of ${company.code} can be in a group.`,
        at: ['memberIds', String(i)],
      })
  if (
    before !== undefined &&
    before.name !== name &&
    company.workflows.some((w) => asks(w.activeVersion?.definition, 'group', before.name))
  )
    problems.push({
      code: 'INVALID_VALUE',
      message: `An active workflow asks the group "${before.name}" by this name; change the workflow before renaming the group.`,
      at: ['name'],
    })
  return unless(problems, () => {
    const memberIds = [...new Set(wanted.memberIds)]
    const same =
      before?.name === name &&
      before.memberIds.length === memberIds.length &&
      before.memberIds.every((m) => memberIds.includes(m))
    if (same) return ok(null)
    const old = before === undefined ? null : { name: before.name, memberIds: before.memberIds }
    return ok({
      save: { id, name, memberIds },
      events: [{ type: 'GroupSaved', data: { groupId: id, old, new: { name, memberIds } } }],
    })
  })
}

/** Does a definition, anywhere in its tree, assign this group or queue? */
export const asks = (value: unknown, what: 'group' | 'queue', name: string): boolean => {
  if (Array.isArray(value)) return value.some((inner) => asks(inner, what, name))
  if (value === null || typeof value !== 'object') return false
  return Object.entries(value).some(([key, inner]) => (key === what && inner === name) || asks(inner, what, name))
}
