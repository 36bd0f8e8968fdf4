// The demo world's companies, members, groups and rules.
import { demoIssuer } from '../auth/demo.ts'
import { hashOfApiKey, hintOf } from '../domain/api-key-text.ts'
import { setUpCompany } from '../services/first-company.ts'
import { saveGroup, setMember } from '../services/members.ts'
import { setApprovalParameters, setFieldApproval } from '../services/setup.ts'
import { setCalendar } from '../services/work-setup.ts'
import { saveWorkflow } from '../services/workflows.ts'
import { insertApiKey } from '../store/api-keys.ts'
import { appendEvents } from '../store/events.ts'
import { newId } from '../store/ids.ts'
import { saveMember } from '../store/members.ts'
import { bindSubject, insertUser } from '../store/users.ts'
import { demoAdministrator, demoEmail, demoGroups, demoMembers, demoPartner } from './people.ts'
import { customerChanges, governedFields } from './workflow.ts'
import type { World } from './world.ts'

/** The companies' ids; both have their administrator. */
export const seedCompanies = async ({ app }: World): Promise<{ usmf: string; demf: string }> => {
  const { user, name } = demoAdministrator
  const administrator = { issuer: demoIssuer, subject: user, email: demoEmail(user), name }
  const usmf = await setUpCompany(app.db, app.clock, { code: 'USMF', name: 'Contoso', currency: 'USD', administrator })
  const german = { code: 'DEMF', name: 'Contoso Germany', currency: 'EUR', administrator }
  const demf = await setUpCompany(app.db, app.clock, german)
  return { usmf: usmf.company.id, demf: demf.company.id }
}

/** People are invited by the administrator and bound to their sign-in, as it happens when they come for the first time. */
export const seedMembers = async ({ app, tx, as, person }: World): Promise<void> => {
  const adam = await as(demoAdministrator.user)
  for (const { user, name, roles, manager } of demoMembers) {
    const managerId = manager === null ? null : (await person(manager)).id
    const email = demoEmail(user)
    for (const [company, held] of Object.entries(roles)) {
      await setMember(app, adam, { company, email, name, roles: held, managerId })
    }
    await bindSubject(tx, { issuer: demoIssuer, subject: user, email })
  }
}

/** The service account and its key, of which only the hash is kept. */
export const seedPartner = async ({ app, tx, person }: World, companyId: string): Promise<void> => {
  const { name, key, manager, responsible } = demoPartner
  const userId = newId()
  const responsibleId = (await person(responsible)).id
  await insertUser(tx, { id: userId, kind: 'SERVICE', name, email: null, responsibleId, signIn: null })
  const member = { roles: ['INTEGRATION'], managerId: (await person(manager)).id, active: true } as const
  await saveMember(tx, companyId, { userId, ...member })
  const [keyId, now, hint] = [newId(), app.clock().toISOString(), hintOf(key)]
  const open = { expiresAt: null, lastUsedAt: null, revokedAt: null, revokedById: null }
  const made = { name, hint, createdById: responsibleId, createdAt: now, ...open }
  await insertApiKey(tx, companyId, { id: keyId, userId, hash: hashOfApiKey(key), ...made })
  await appendEvents(tx, { companyId, actorId: responsibleId, at: now }, [
    { type: 'MembershipChanged', data: { userId, old: null, new: { ...member, responsibleId } } },
    { type: 'KeyChanged', data: { keyId, userId, old: null, new: { name, hint, expiresAt: null, revoked: false } } },
  ])
}

const office = '09:00-17:00'
const officeWeek = [office, office, office, office, office, null, null]
// Holidays that fall on the same day each year.
const calendars = [
  {
    company: 'USMF',
    name: 'Contoso USA',
    zone: 'America/New_York',
    days: ['01-01', '06-19', '07-04', '11-11', '12-25'],
  },
  {
    company: 'DEMF',
    name: 'Contoso Germany',
    zone: 'Europe/Berlin',
    days: ['01-01', '05-01', '10-03', '12-25', '12-26'],
  },
]

/** When each company works, with the holidays of this year and the next two. */
export const seedCalendars = async ({ app, as }: World): Promise<void> => {
  const adam = await as(demoAdministrator.user)
  const year = app.clock().getUTCFullYear()
  for (const { days, ...calendar } of calendars) {
    const holidays = [year, year + 1, year + 2].flatMap((each) => days.map((day) => `${each}-${day}`))
    await setCalendar(app, adam, { ...calendar, week: officeWeek, holidays, isDefault: true })
  }
}

/** Parameters, groups, governed fields and the workflow. A new company's parameters are those of `USMF`. */
export const seedRules = async ({ app, as, person }: World): Promise<void> => {
  const adam = await as(demoAdministrator.user)
  await setApprovalParameters(app, adam, { company: 'DEMF', enabled: false })
  const company = 'USMF'
  for (const [name, users] of Object.entries(demoGroups)) {
    const memberIds: string[] = []
    for (const user of users) memberIds.push((await person(user)).id)
    await saveGroup(app, adam, { company, name, memberIds })
  }
  await setFieldApproval(app, adam, { company, enable: governedFields })
  const olga = (await person('olga')).id
  await saveWorkflow(app, adam, {
    company,
    name: 'Customer changes',
    ownerId: olga,
    isDefault: true,
    definition: customerChanges(olga),
    note: 'First version',
    activate: true,
  })
}
