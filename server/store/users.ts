// Users, how they sign in, and where they are members.
import { and, eq, isNull, sql } from 'drizzle-orm'
import type { Reader, Tx } from '../db/connect.ts'
import { apiKeys, companies, memberships } from '../db/tables/companies.ts'
import { users } from '../db/tables/users.ts'
import type { Role } from '../domain/directory.ts'
import { explaining } from './errors.ts'
import { newId } from './ids.ts'
import { preparedFor, prepareRows } from './prepared.ts'

export type User = {
  readonly id: string
  readonly kind: 'PERSON' | 'SERVICE'
  readonly name: string
  readonly email: string | null
  /** The person who answers for a service account. */
  readonly responsibleId: string | null
}

const userColumns = {
  id: users.id,
  kind: users.kind,
  name: users.name,
  email: users.email,
  responsibleId: users.responsibleId,
}

const signInColumns = {
  ...userColumns,
  companyId: memberships.companyId,
  code: companies.code,
  companyName: companies.name,
  roles: memberships.roles,
  active: memberships.active,
  setupVersion: companies.setupVersion,
}

const statements = preparedFor((reader) => ({
  bySubject: prepareRows(
    reader,
    signInColumns,
    reader
      .select(signInColumns)
      .from(users)
      .leftJoin(memberships, eq(memberships.userId, users.id))
      .leftJoin(companies, eq(companies.id, memberships.companyId))
      .where(and(eq(users.issuer, sql.placeholder('issuer')), eq(users.subject, sql.placeholder('subject'))))
      .orderBy(companies.code),
    'user_by_subject',
  ),
  byKey: reader
    .select({
      keyId: apiKeys.id,
      expiresAt: apiKeys.expiresAt,
      lastUsedAt: apiKeys.lastUsedAt,
      user: userColumns,
      companyId: apiKeys.companyId,
      code: companies.code,
      name: companies.name,
      roles: memberships.roles,
      active: memberships.active,
      setupVersion: companies.setupVersion,
    })
    .from(apiKeys)
    .innerJoin(users, eq(users.id, apiKeys.userId))
    .innerJoin(
      memberships,
      and(eq(memberships.companyId, apiKeys.companyId), eq(memberships.userId, apiKeys.userId), memberships.active),
    )
    .innerJoin(companies, eq(companies.id, apiKeys.companyId))
    .where(and(eq(apiKeys.hash, sql.placeholder('hash')), isNull(apiKeys.revokedAt)))
    .prepare('user_by_key'),
  memberships: reader
    .select({
      userId: memberships.userId,
      companyId: memberships.companyId,
      code: companies.code,
      name: companies.name,
      roles: memberships.roles,
      active: memberships.active,
      setupVersion: companies.setupVersion,
    })
    .from(memberships)
    .innerJoin(companies, eq(companies.id, memberships.companyId))
    .where(sql`${memberships.userId} = any(${sql.placeholder('userIds')})`)
    .orderBy(companies.code)
    .prepare('memberships'),
  byIds: reader
    .select(userColumns)
    .from(users)
    .where(sql`${users.id} = any(${sql.placeholder('ids')})`)
    .prepare('users'),
}))

export const findUser = async (reader: Reader, id: string): Promise<User | null> =>
  (await findUsers(reader, [id])).get(id) ?? null

/** By id; who does not exist is not in it. */
export const findUsers = async (reader: Reader, ids: readonly string[]): Promise<Map<string, User>> => {
  const rows = await statements(reader).byIds.execute({ ids: [...new Set(ids)] })
  return new Map(rows.map((user) => [user.id, user]))
}

/**
 * Whom an issuer's subject stands for, with every membership as `membershipsOf` has them, in one statement because each
 * request asks for both; null until the subject is bound to a user.
 */
export const signInBySubject = async (
  reader: Reader,
  issuer: string,
  subject: string,
): Promise<{ readonly user: User; readonly memberships: readonly MembershipOfUser[] } | null> => {
  const rows = await statements(reader).bySubject.execute({ issuer, subject })
  const [first] = rows
  if (first === undefined) return null
  const { id, kind, name, email, responsibleId } = first
  const found = rows.flatMap(({ companyId, code, companyName, roles, active, setupVersion }) =>
    companyId === null || code === null || companyName === null || roles === null || setupVersion === null
      ? []
      : [{ companyId, code, name: companyName, roles, active: active === true, setupVersion }],
  )
  return { user: { id, kind, name, email, responsibleId }, memberships: found }
}

/** The user alone of `signInBySubject`. */
export const userBySubject = async (reader: Reader, issuer: string, subject: string): Promise<User | null> =>
  (await signInBySubject(reader, issuer, subject))?.user ?? null

/** What a key opens: one company, as one service account. */
export type KeySignIn = {
  readonly keyId: string
  /** RFC 3339; null: it does not end by itself. */
  readonly expiresAt: string | null
  readonly lastUsedAt: string | null
  readonly user: User
  readonly companyId: string
  readonly membership: MembershipOfUser
}

/**
 * By the SHA-256 of a key in hexadecimal, in one statement because each request with a key asks for it. Null once the key is revoked
 * or the member inactive; whether it has expired is for whoever has a clock.
 */
export const signInByKeyHash = async (reader: Reader, hash: string): Promise<KeySignIn | null> => {
  const [row] = await statements(reader).byKey.execute({ hash })
  if (row === undefined) return null
  const { keyId, expiresAt, lastUsedAt, user, companyId, ...membership } = row
  return { keyId, expiresAt, lastUsedAt, user, companyId, membership: { companyId, ...membership } }
}

export type MembershipOfUser = {
  readonly companyId: string
  /** Code and name of the company. */
  readonly code: string
  readonly name: string
  readonly roles: readonly Role[]
  readonly active: boolean
  /** Of the company: see setup-version.ts. */
  readonly setupVersion: number
}

/** Every membership by the company's code, inactive ones too. */
export const membershipsOf = (reader: Reader, userId: string): Promise<MembershipOfUser[]> =>
  membershipsOfMany(reader, [userId]).then((found) => found.get(userId) ?? [])

/** As `membershipsOf` for many people, in one statement; who has none is not in it. */
export const membershipsOfMany = async (
  reader: Reader,
  userIds: readonly string[],
): Promise<Map<string, MembershipOfUser[]>> => {
  const found = new Map<string, MembershipOfUser[]>()
  for (const { userId, ...membership } of await statements(reader).memberships.execute({ userIds })) {
    const own = found.get(userId)
    if (own === undefined) found.set(userId, [membership])
    else own.push(membership)
  }
  return found
}

type NewUser = User & { readonly signIn: { readonly issuer: string; readonly subject: string } | null }

/** An e-mail or a sign-in that another person has is an ALREADY_EXISTS. */
export const insertUser = (tx: Tx, { signIn, ...user }: NewUser): Promise<void> =>
  explaining(async () => {
    await tx.insert(users).values({ ...user, issuer: signIn?.issuer ?? null, subject: signIn?.subject ?? null })
  })

/** The person with this e-mail, made now if there is none: they sign in later and are bound then (`bindSubject`). */
export const inviteUser = async (tx: Tx, invited: { readonly email: string; readonly name: string }): Promise<User> => {
  await tx
    .insert(users)
    .values({ id: newId(), kind: 'PERSON', ...invited })
    .onConflictDoNothing()
  const [user] = await tx
    .select(userColumns)
    .from(users)
    .where(and(eq(users.kind, 'PERSON'), sql`lower(${users.email}) = lower(${invited.email})`))
  if (user === undefined) throw new Error('an invited user is not there')
  return user
}

/**
 * The first sign-in of somebody who was invited by e-mail: ties the issuer's subject to them. Only for an e-mail that
 * the issuer says is verified. Null where nobody with this e-mail waits for it.
 */
export const bindSubject = (
  writer: Reader,
  signIn: { readonly issuer: string; readonly subject: string; readonly email: string },
): Promise<User | null> =>
  explaining(async () => {
    const [user] = await writer
      .update(users)
      .set({ issuer: signIn.issuer, subject: signIn.subject })
      .where(and(eq(users.kind, 'PERSON'), isNull(users.subject), sql`lower(${users.email}) = lower(${signIn.email})`))
      .returning(userColumns)
    return user ?? null
  })

/** Saves name, e-mail and responsible person, in the set-up of every company of theirs. */
export const saveUser = (tx: Tx, { id, kind: _, ...user }: User): Promise<void> =>
  explaining(async () => {
    await tx
      .update(companies)
      .set({ setupVersion: sql`${companies.setupVersion} + 1` })
      .where(sql`${companies.id} in (select m.company_id from memberships m where m.user_id = ${id})`)
    await tx.update(users).set(user).where(eq(users.id, id))
  })
