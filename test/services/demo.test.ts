import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { demoUsers } from '../../server/demo/users.ts'
import { demoIssuer } from '../../server/auth/demo.ts'
import { hashOfApiKey } from '../../server/domain/api-key-text.ts'
import { connect } from '../../server/db/connect.ts'
import { seedDemo } from '../../server/demo/seed.ts'
import type { Company } from '../../server/domain/company.ts'
import type { Proposal } from '../../server/domain/proposal.ts'
import { startSequencer } from '../../server/live/sequencer.ts'
import { createSetupCache } from '../../server/services/setup-cache.ts'
import { findCompanyByCode } from '../../server/store/companies.ts'
import { findAccounts, loadCustomer } from '../../server/store/customers.ts'
import { findFlaw } from '../../server/store/evidence.ts'
import { readEvents } from '../../server/store/events.ts'
import { loadOpenProposal } from '../../server/store/proposals.ts'
import { signInByKeyHash, userBySubject } from '../../server/store/users.ts'
import { createTestDatabase } from '../helpers/postgres.ts'
import { openLog, silent, until } from '../live/log-writer.ts'

const now = new Date('2026-11-22T12:00:00.000Z')
const { url } = await createTestDatabase()
const connection = connect(url)
const { db } = connection
afterAll(() => connection.close())

const companyOf = async (code: string): Promise<Company> => {
  const found = await findCompanyByCode(db, code)
  return (await createSetupCache().company(db, found!.id))!
}

let usmf: Company
let demf: Company
beforeAll(async () => {
  await seedDemo(url, () => now)
  usmf = await companyOf('USMF')
  demf = await companyOf('DEMF')
})

/** Members by first name, with what the world says of them. */
const members = ({ directory }: Company): Record<string, unknown> =>
  Object.fromEntries(
    [...directory.people.values()].map(({ name, roles, managerId, active }) => {
      const manager = managerId === null ? null : (directory.people.get(managerId)?.name.split(' ')[0] ?? '?')
      return [name.split(' ')[0] ?? '', { roles, manager, active }] as const
    }),
  )
const member = (role: string, manager: string | null) => ({ roles: [role], manager, active: true })

describe('the demo world', () => {
  test('has its members with their roles and managers', () => {
    expect(members(usmf)).toEqual({
      Adam: member('ADMINISTRATOR', null),
      Olga: member('READER', null),
      Mia: member('CLERK', 'Olga'),
      Clara: member('CLERK', 'Mia'),
      Colin: member('CLERK', 'Mia'),
      Cora: member('READER', 'Olga'),
      Carl: member('READER', 'Olga'),
      Tess: member('READER', 'Olga'),
      Audrey: member('AUDITOR', null),
      Partner: member('INTEGRATION', 'Mia'),
    })
    expect(members(demf)).toEqual({
      Adam: member('ADMINISTRATOR', null),
      Olga: member('READER', null),
      Dieter: member('CLERK', 'Olga'),
    })
  })

  test('has its groups', () => {
    const names = ({ memberIds }: { memberIds: readonly string[] }) =>
      memberIds.map((id) => usmf.directory.people.get(id)?.name.split(' ')[0]).sort()
    const groups = [...usmf.directory.groups.values()].map((group) => [group.name, names(group)])
    expect(Object.fromEntries(groups)).toEqual({ credit: ['Carl', 'Cora'], treasury: ['Tess'], directors: ['Olga'] })
  })

  test('works by a calendar in each company', () => {
    for (const [{ calendars }, zone, holiday] of [
      [usmf, 'America/New_York', '07-04'],
      [demf, 'Europe/Berlin', '10-03'],
    ] as const) {
      const [calendar, ...others] = calendars
      expect(others).toEqual([])
      expect(calendar).toMatchObject({ zone, isDefault: true })
      expect(calendar?.week.filter((hours) => hours !== null)).toHaveLength(5)
      expect(calendar?.holidays.filter((day) => day.endsWith(holiday))).toHaveLength(3)
    }
  })

  test('governs the fields that it says it governs, in one company', () => {
    expect([...usmf.approvalFields].sort()).toEqual([
      'bankAccounts.accountNumber',
      'bankAccounts.bic',
      'bankAccounts.currency',
      'bankAccounts.holder',
      'bankAccounts.iban',
      'bankAccounts.name',
      'creditLimit',
      'defaultBankAccount',
      'methodOfPayment',
      'name',
      'paymentTerms',
      'taxExemptNumber',
    ])
    expect(usmf.parameters).toEqual({
      enabled: true,
      entityBehavior: 'CREATE_CHANGE_PROPOSALS',
      autoSubmit: true,
      authorsMayNotApprove: true,
      conflictPolicy: 'HOLD',
    })
    expect(demf.parameters.enabled).toBe(false)
    expect([usmf.currency, demf.currency]).toEqual(['USD', 'EUR'])
  })

  test('has one active workflow, the default', async () => {
    const [workflow, ...others] = usmf.workflows
    expect(others).toEqual([])
    expect(workflow).toMatchObject({ name: 'Customer changes', isDefault: true, activeVersion: { version: 1 } })
    expect(demf.workflows).toEqual([])
    const olga = (await userBySubject(db, demoIssuer, 'olga'))!.id
    const approvals = workflow?.activeVersion?.definition.elements.map((e) => ('approval' in e ? e.approval : null))
    const steps = approvals?.map((approval) =>
      approval?.steps.map(({ name, guards, assign: [first, ...more] }) => [
        name,
        guards,
        first?.to,
        first?.policy,
        more,
      ]),
    )
    const manager = { hierarchy: { startUserId: null, levels: 1, until: null, take: 'ALL' } }
    const credit = [['creditLimit', 'paymentTerms'], { group: 'credit' }] as const
    expect(steps).toEqual([
      [['Manager', null, manager, 'SINGLE', []]],
      [
        ['Credit', ...credit, 'SINGLE', []],
        ['Credit, large', ...credit, 'ALL', []],
        ['Treasury', ['bankAccounts', 'defaultBankAccount'], { group: 'treasury' }, 'SINGLE', []],
        ['Master data', ['name', 'taxExemptNumber', 'methodOfPayment'], { users: [olga] }, 'SINGLE', []],
      ],
    ])
    const twoWorkingDays = { amount: 2, unit: 'DAYS', workingTime: true, calendar: null }
    expect(approvals?.[0]?.steps[0]).toMatchObject({
      timeLimit: twoWorkingDays,
      escalation: [{ to: { users: [olga] }, timeLimit: twoWorkingDays }],
      finally: null,
    })
    expect(approvals?.[0]?.automatic).toMatchObject([{ then: 'APPROVE', fields: ['creditLimit'] }])
  })

  test('has its customers under their numbers, whole', async () => {
    const accounts = (prefix: string, count: number) =>
      Array.from({ length: count }, (_, n) => `${prefix}-${String(n + 1).padStart(3, '0')}`)
    expect((await findAccounts(db, usmf.id, accounts('US', 201))).size).toBe(200)
    expect((await findAccounts(db, demf.id, accounts('DE', 51))).size).toBe(50)
    const first = (await loadCustomer(db, usmf.id, { account: 'US-001' }))!
    expect(first.values.creditLimit).toBe('50000.00')
    expect(first.values.defaultBankAccount).toBe('MAIN')
    expect(first.children.bankAccounts.map((b) => b.values.code)).toEqual(['MAIN', 'EURO'])
    expect(first.children.bankAccounts[1]?.values.iban).toMatch(/^(DE|NL|AT)\d\d/)
    expect(first.children.addresses).not.toEqual([])
    expect(first.children.contacts).not.toEqual([])
  })

  test('knows its people by their demo sign-in and the partner by its key', async () => {
    expect((await userBySubject(db, demoIssuer, 'clara'))?.name).toBe('Clara Keller')
    const partner = await signInByKeyHash(db, hashOfApiKey('demo-partner-key'))
    const adam = await userBySubject(db, demoIssuer, 'adam')
    expect(partner).toMatchObject({
      companyId: usmf.id,
      user: { kind: 'SERVICE', name: 'Partner', responsibleId: adam!.id },
    })
  })

  test('lists for its sign-in page who can sign in as what', async () => {
    const users = await demoUsers(db)
    expect(users.map(({ user }) => user)).toEqual('clara colin mia cora carl tess olga adam audrey dieter'.split(' '))
    expect(users[2]).toEqual({
      user: 'mia',
      name: 'Mia Lindgren',
      title: 'Accounts receivable manager',
      memberships: [{ company: 'USMF', roles: ['CLERK'] }],
    })
    expect(users[6]?.memberships.map(({ company }) => company)).toEqual(['DEMF', 'USMF'])
  })
})

describe('three proposals are on their way', () => {
  const proposalOf = async (account: string): Promise<Proposal> => {
    const customer = await loadCustomer(db, usmf.id, { account })
    return (await loadOpenProposal(db, usmf.id, customer!.id))!
  }
  const asked = ({ items }: Proposal) =>
    items
      .filter(({ status }) => status === 'OPEN')
      .map(({ step, assigneeId }) => `${step}: ${usmf.directory.people.get(assigneeId!)?.name}`)
      .sort()
  const fields = ({ changes }: Proposal) => changes.map(({ field }) => field).sort()

  test('a draft on US-007', async () => {
    const proposal = await proposalOf('US-007')
    expect(proposal.status).toBe('DRAFT')
    expect(fields(proposal)).toEqual(['methodOfPayment', 'paymentTerms'])
    expect(asked(proposal)).toEqual([])
  })

  test('one on US-010 that waits for mia', async () => {
    const proposal = await proposalOf('US-010')
    expect(proposal.status).toBe('PENDING')
    expect(fields(proposal)).toEqual(['creditLimit'])
    expect(asked(proposal)).toEqual(['Manager: Mia Lindgren'])
  })

  test('one on US-015 that waits for cora and carl, each of them', async () => {
    const proposal = await proposalOf('US-015')
    expect(proposal.status).toBe('PENDING')
    expect(fields(proposal)).toEqual(['creditLimit', 'paymentTerms'])
    expect(asked(proposal)).toEqual(['Credit, large: Carl Okafor', 'Credit, large: Cora Novak'])
    expect(proposal.decisions).toMatchObject([{ step: 'Manager', outcome: 'APPROVED' }])
  })
})

test('a second start changes nothing', async () => {
  const count = async () => (await readEvents(db, { companyId: usmf.id }, { limit: 10_000, unsealed: true })).length
  const before = await count()
  await seedDemo(url, () => now)
  expect(await count()).toBe(before)
  expect((await companyOf('USMF')).setupVersion).toBe(usmf.setupVersion)
})

test('its log tells how it all came about, and is one whole chain once it is numbered', async () => {
  const log = openLog(url)
  const sequencer = startSequencer({ connect: log.connect, log: silent, pollMs: 20 })
  try {
    await until('everything is sealed', async () => (await log.unsealed()) === 0)
  } finally {
    await sequencer.stop()
    await log.close()
  }
  for (const { id } of [usmf, demf]) {
    expect(await findFlaw(db, id)).toBeNull()
    const events = await readEvents(db, { companyId: id }, { limit: 10_000 })
    const times = events.map(({ at }) => at)
    expect(times).toEqual([...times].sort())
    expect(events.at(-1)!.at <= now.toISOString()).toBe(true)
  }
  const types = (await readEvents(db, { companyId: usmf.id }, { limit: 10_000 })).map(({ type }) => type)
  expect(types.slice(0, 2)).toEqual(['ParametersChanged', 'ReferenceValuesChanged'])
  expect(types.filter((type) => type === 'CustomerCreated')).toHaveLength(200)
  expect(types.filter((type) => type === 'WorkflowActivated')).toHaveLength(1)
})
