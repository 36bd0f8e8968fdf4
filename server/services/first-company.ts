// A company and its administrator where there is nobody yet who could make them: done by the system itself.
import { sql } from 'drizzle-orm'
import type { Clock } from '../clock.ts'
import type { Db, Tx } from '../db/connect.ts'
import { initialParameters } from '../domain/company.ts'
import { DomainError } from '../domain/errors.ts'
import type { DomainEvent, Json } from '../domain/events.ts'
import { referenceKinds } from '../domain/fields.ts'
import { findCompanyByCode, insertCompany, type CompanyName } from '../store/companies.ts'
import { appendEvents } from '../store/events.ts'
import { newId } from '../store/ids.ts'
import { saveMember } from '../store/members.ts'
import { saveReferenceValues } from '../store/reference-values.ts'
import { bindSubject, insertUser, membershipsOf, userBySubject, type User } from '../store/users.ts'
import { starterValues } from './starter-values.ts'

export type FirstCompany = {
  readonly code: string
  readonly name: string
  readonly currency: string
  readonly administrator: {
    readonly issuer: string
    readonly subject: string
    readonly email: string
    readonly name: string
  }
}
export type CompanyMade = {
  /** As it stands now: what was there already is not overwritten. */
  readonly company: CompanyName
  readonly administrator: User
  /** False: it was there already. */
  readonly madeCompany: boolean
  readonly madeAdministrator: boolean
}

// Any number that nothing else in the database locks: two set-ups at once come one after the other.
const setUpLock = 7_246_018_357

/**
 * Makes the company with its initial parameters and starting codes, and the administrator, as far as they are not there.
 * Errors: ALREADY_EXISTS when the e-mail belongs to another sign-in, or the person is a member without the role.
 */
export const setUpCompany = (db: Db, clock: Clock, wanted: FirstCompany): Promise<CompanyMade> =>
  db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(${setUpLock})`)
    const there = await findCompanyByCode(tx, wanted.code)
    const company = there ?? { id: newId(), code: wanted.code, name: wanted.name }
    const events: DomainEvent[] = []
    if (there === null) {
      await insertCompany(tx, { ...company, currency: wanted.currency, parameters: initialParameters })
      const parameters: Json = { ...initialParameters }
      const changed = Object.keys(parameters)
      events.push({ type: 'ParametersChanged', data: { changed, old: null, new: parameters } })
      for (const kind of referenceKinds) {
        const upsert = starterValues[kind]
        await saveReferenceValues(tx, company.id, kind, upsert, [])
        events.push({ type: 'ReferenceValuesChanged', data: { kind, old: [], upsert, deactivate: [] } })
      }
    }
    const administrator = await personOf(tx, wanted.administrator)
    const membership = await makeAdministrator(tx, company, administrator)
    if (membership !== null) events.push(membership)
    await appendEvents(tx, { companyId: company.id, actorId: null, at: clock().toISOString() }, events)
    return { company, administrator, madeCompany: there === null, madeAdministrator: membership !== null }
  })

/** Who signs in so, bound to an invitation by this e-mail or made now. */
const personOf = async (tx: Tx, person: FirstCompany['administrator']): Promise<User> => {
  const { issuer, subject, email, name } = person
  const known = (await userBySubject(tx, issuer, subject)) ?? (await bindSubject(tx, { issuer, subject, email }))
  if (known !== null) return known
  const user: User = { id: newId(), kind: 'PERSON', name, email, responsibleId: null }
  await insertUser(tx, { ...user, signIn: { issuer, subject } })
  return user
}

/** The event of the new membership; null where the person is an administrator already. */
const makeAdministrator = async (tx: Tx, company: CompanyName, { id, name }: User): Promise<DomainEvent | null> => {
  const membership = (await membershipsOf(tx, id)).find(({ companyId }) => companyId === company.id)
  if (membership?.active === true && membership.roles.includes('ADMINISTRATOR')) return null
  if (membership !== undefined) {
    throw new DomainError(
      'ALREADY_EXISTS',
      `${name} is a member of ${company.code} already, but no active administrator; let an administrator of ${company.code} change that, or name another person.`,
    )
  }
  const now = { roles: ['ADMINISTRATOR'], managerId: null, active: true } as const
  await saveMember(tx, company.id, { userId: id, ...now })
  return { type: 'MembershipChanged', data: { userId: id, old: null, new: now } }
}
