// Keys of service accounts: who may have one, for how long, and what tells of it (DOMAIN section 2). A key is made once and revoked
// once; it is never changed in between. To renew one, make another for the same account, take it into use, and revoke the old one.
import type { Company } from './company.ts'
import { serviceRoles, type Person, type Role } from './directory.ts'
import { DomainError, ok, refused, type Problem, type Result } from './errors.ts'
import type { DomainEvent, Json } from './events.ts'
import { isBefore } from './instant.ts'
import { nameFault } from './names.ts'
import { unless, type SetupChange } from './setup.ts'

/** What is known of a key; the key itself and its hash are not among it. Times are RFC 3339, UTC. */
export type ApiKey = {
  readonly id: string
  /** The service account that it signs in. */
  readonly userId: string
  readonly name: string
  /** Its last characters, by which a person tells it from others. */
  readonly hint: string
  /** Null: the system, when it was set up. */
  readonly createdById: string | null
  readonly createdAt: string
  /** From this moment on it opens nothing; null: it does not end by itself. */
  readonly expiresAt: string | null
  /** To the minute; null: never. */
  readonly lastUsedAt: string | null
  readonly revokedAt: string | null
  readonly revokedById: string | null
}

export type KeyWish = {
  readonly name: string
  /** A service account that is there already; else `account` says what to make. */
  readonly userId?: string | null
  readonly account?: {
    readonly name: string
    readonly roles: readonly Role[]
    readonly managerId?: string | null
  } | null
  /** Who answers for the account; needed for a new one. */
  readonly responsibleId?: string | null
  readonly expiresAt?: string | null
}
type Circumstances = {
  readonly now: string
  /** For the key, and for the account if one is made. */
  readonly newId: () => string
  readonly hint: string
  /** All keys of the account that is named. */
  readonly keys: readonly ApiKey[]
}
export type KeyMade = {
  readonly key: ApiKey
  readonly account: Person
  /** The account itself has to be made; or only somebody else answers for it from now on. */
  readonly accountIs: 'NEW' | 'CHANGED' | 'KNOWN'
  readonly events: readonly DomainEvent[]
}

/** Live keys of one account at a time: enough to exchange them one by one, too few to lose track of. */
export const maxLiveKeys = 10
/** A later end is more likely a slip of the pen; a key that is not to end has none. */
export const maxKeyYears = 2
const maxKeyMs = maxKeyYears * 366 * 24 * 60 * 60 * 1000

/** Does it still open anything, as far as the key itself goes? */
export const isLive = (key: Pick<ApiKey, 'revokedAt' | 'expiresAt'>, now: string): boolean =>
  key.revokedAt === null && (key.expiresAt === null || isBefore(now, key.expiresAt))

const told = ({ name, hint, expiresAt }: ApiKey, revoked: boolean): Json => ({ name, hint, expiresAt, revoked })

const keyEvent = (key: ApiKey, before: Json, after: Json): DomainEvent => ({
  type: 'KeyChanged',
  data: { keyId: key.id, userId: key.userId, old: before, new: after },
})

const wrong = (message: string, ...at: readonly string[]): Problem => ({ code: 'INVALID_VALUE', message, at })

const membershipOf = ({ roles, managerId, active, responsibleId }: Person): Json => ({
  roles,
  managerId,
  active,
  responsibleId,
})

/** The account as it is to be, with what is wrong with it. */
const readAccount = (
  { code, directory }: Pick<Company, 'code' | 'directory'>,
  wanted: KeyWish,
  newId: () => string,
): { readonly account: Person; readonly before: Person | null; readonly problems: readonly Problem[] } => {
  const { account: made = null, userId = null } = wanted
  const before = directory.people.get(userId ?? '') ?? null
  const problems: Problem[] = []
  const account: Person = before ?? {
    id: newId(),
    kind: 'SERVICE',
    name: made?.name.trim().normalize('NFC') ?? '',
    email: null,
    active: true,
    roles: [...new Set(made?.roles ?? [])],
    managerId: made?.managerId ?? null,
    responsibleId: null,
  }
  const responsibleId = wanted.responsibleId ?? account.responsibleId
  if (before === null) {
    const fault = nameFault(account.name, 100, 'The name of a service account')
    if (fault !== null) problems.push(wrong(fault, 'account', 'name'))
    if (account.roles.length === 0 || account.roles.some((role) => !serviceRoles.some((each) => each === role))) {
      problems.push(
        wrong(`A service account has one or more of the roles ${serviceRoles.join(', ')}.`, 'account', 'roles'),
      )
    }
    if (account.managerId !== null && directory.people.get(account.managerId)?.active !== true)
      problems.push(wrong('A manager has to be an active member of the company.', 'account', 'managerId'))
  } else if (before.kind !== 'SERVICE')
    problems.push(wrong(`${before.name} is a person, and signs in as one; keys are for service accounts.`, 'userId'))
  else if (!before.active)
    problems.push(wrong(`${before.name} is not active in ${code}; make it active with setMember first.`, 'userId'))
  const responsible = responsibleId === null ? undefined : directory.people.get(responsibleId)
  if (before?.kind !== 'PERSON' && (responsible?.active !== true || responsible.kind !== 'PERSON')) {
    const lost = before !== null && (wanted.responsibleId ?? null) === null
    const who = lost ? `Whoever answered for ${before.name} is no longer an active member: name` : 'Name'
    problems.push(wrong(`${who} a person who answers for it, an active member of ${code}.`, 'responsibleId'))
  }
  return { account: { ...account, responsibleId }, before, problems }
}

const expiryProblems = (expiresAt: string | null, now: string): Problem[] => {
  if (expiresAt === null) return []
  if (!isBefore(now, expiresAt)) return [wrong('The key would have ended already; choose a later time.', 'expiresAt')]
  if (Date.parse(expiresAt) - Date.parse(now) <= maxKeyMs) return []
  return [
    wrong(
      `A key ends within ${maxKeyYears} years; choose an earlier time, or leave it out for one that does not end.`,
      'expiresAt',
    ),
  ]
}

/**
 * A new key, for a service account that is there or for one that is made with it. Errors: INVALID_VALUE with its place, NOT_FOUND,
 * ALREADY_EXISTS for the name of an account, LIMIT_EXCEEDED.
 */
export const decideKey = (
  company: Pick<Company, 'code' | 'directory'>,
  actor: Pick<Person, 'id'>,
  wanted: KeyWish,
  { now, newId, hint, keys }: Circumstances,
): Result<KeyMade> => {
  const { people } = company.directory
  const userId = wanted.userId ?? null
  const made = wanted.account ?? null
  if (userId !== null && !people.has(userId))
    return refused(
      new DomainError('NOT_FOUND', 'There is no such user, or it is not yours to see.', { at: ['userId'] }),
    )
  const problems: Problem[] = []
  const name = wanted.name.trim().normalize('NFC')
  const fault = nameFault(name, 100, 'The name of a key')
  if (fault !== null) problems.push(wrong(fault, 'name'))
  const given = wanted.expiresAt ?? null
  const expiresAt = given === null ? null : new Date(Date.parse(given)).toISOString()
  problems.push(...expiryProblems(expiresAt, now))
  if ((userId === null) === (made === null)) {
    problems.push(
      wrong('Name a service account by userId, or say by account which one to make: one of them.', 'userId'),
    )
    return unless(problems, () => refused(new DomainError('INVALID_VALUE', 'Name an account.', { at: ['userId'] })))
  }
  const { account, before, problems: ofAccount } = readAccount(company, wanted, newId)
  return unless<KeyMade>([...problems, ...ofAccount], () => {
    const same = (person: Person): boolean =>
      person.kind === 'SERVICE' && person.name.toLowerCase() === account.name.toLowerCase()
    if (before === null && [...people.values()].some(same)) {
      const message = `There is a service account ${account.name} in ${company.code} already: name it by userId to give it another key.`
      return refused(new DomainError('ALREADY_EXISTS', message, { at: ['account', 'name'] }))
    }
    if (keys.filter((key) => isLive(key, now)).length >= maxLiveKeys) {
      const message = `${account.name} has ${maxLiveKeys} keys that are in force; revoke one first.`
      return refused(new DomainError('LIMIT_EXCEEDED', message, { at: ['userId'] }))
    }
    const key: ApiKey = {
      id: newId(),
      userId: account.id,
      name,
      hint,
      createdById: actor.id,
      createdAt: now,
      expiresAt,
      lastUsedAt: null,
      revokedAt: null,
      revokedById: null,
    }
    const accountIs = before === null ? 'NEW' : before.responsibleId === account.responsibleId ? 'KNOWN' : 'CHANGED'
    const old = before === null ? null : membershipOf(before)
    const membership = { userId: account.id, old, new: membershipOf(account) }
    return ok({
      key,
      account,
      accountIs,
      events: [
        ...(accountIs === 'KNOWN' ? [] : [{ type: 'MembershipChanged', data: membership } as const]),
        keyEvent(key, null, told(key, false)),
      ],
    })
  })
}

/** Ends a key for good; null: it was revoked before. One that has expired may be revoked all the same, to be sure. */
export const revokeKey = (key: ApiKey, actor: Pick<Person, 'id'>, now: string): SetupChange<ApiKey> => {
  if (key.revokedAt !== null) return ok(null)
  const save: ApiKey = { ...key, revokedAt: now, revokedById: actor.id }
  return ok({ save, events: [keyEvent(key, told(key, false), told(key, true))] })
}
