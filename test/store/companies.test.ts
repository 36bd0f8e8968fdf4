import { describe, expect, it } from 'vitest'
import type { Tx } from '../../server/db/connect.ts'
import { initialParameters } from '../../server/domain/company.ts'
import {
  findCompanyByCode,
  insertCompany,
  listCompanies,
  loadCompany,
  saveApprovalFields,
  saveParameters,
} from '../../server/store/companies.ts'
import { newId } from '../../server/store/ids.ts'
import { saveGroup, saveMember } from '../../server/store/members.ts'
import { saveReferenceValues } from '../../server/store/reference-values.ts'
import { readSetupVersion } from '../../server/store/setup-version.ts'
import { saveUser } from '../../server/store/users.ts'
import { activateVersion, insertWorkflow, saveWorkflowVersion } from '../../server/store/workflows.ts'
import { append, at, connectTest, createWorld } from './fixtures.ts'

const { db } = await connectTest()

describe('a company', () => {
  it('comes with everything that it has set up', async () => {
    const world = await createWorld(db, { fields: ['creditLimit', 'bankAccounts.iban'] })
    const { companyId, clara, mia, partner } = world
    const [credit, empty] = [newId(), newId()]
    await db.transaction(async (tx) => {
      await saveReferenceValues(
        tx,
        companyId,
        'PAYMENT_TERMS',
        [
          { code: 'N30', name: 'Net 30' },
          { code: 'N60', name: 'Net 60' },
        ],
        [],
      )
      await saveReferenceValues(tx, companyId, 'PAYMENT_TERMS', [{ code: 'N30', name: '30 days' }], ['N60'])
      await saveGroup(tx, companyId, { id: credit, name: 'credit', memberIds: [clara, mia] })
      await saveGroup(tx, companyId, { id: credit, name: 'credit', memberIds: [mia, mia] })
      await saveGroup(tx, companyId, { id: empty, name: 'nobody', memberIds: [] })
      await saveMember(tx, companyId, { userId: clara, roles: ['READER'], managerId: null, active: false })
      await append(tx, world, { type: 'MembershipChanged', data: { userId: clara } })
    })
    const company = await loadCompany(db, companyId)
    expect(company).toMatchObject({
      id: companyId,
      name: 'Contoso',
      currency: 'USD',
      parameters: initialParameters,
      workflows: [],
    })
    expect(company?.approvalFields).toEqual(new Set(['creditLimit', 'bankAccounts.iban']))
    expect(company?.directory.groups).toEqual(
      new Map([
        [credit, { id: credit, name: 'credit', memberIds: [mia] }],
        [empty, { id: empty, name: 'nobody', memberIds: [] }],
      ]),
    )
    expect(company?.directory.people.get(clara)).toEqual({
      id: clara,
      kind: 'PERSON',
      name: 'clara',
      email: null,
      active: false,
      roles: ['READER'],
      managerId: null,
      responsibleId: null,
    })
    expect(company?.directory.people.get(partner)).toMatchObject({
      kind: 'SERVICE',
      responsibleId: mia,
      managerId: mia,
    })
    expect([...company!.references.get('PAYMENT_TERMS')!.values()]).toEqual([
      { code: 'N30', name: '30 days', active: true },
      { code: 'N60', name: 'Net 60', active: false },
    ])
    expect(await findCompanyByCode(db, company!.code)).toEqual({ id: companyId, code: company!.code, name: 'Contoso' })
    expect(await listCompanies(db)).toContainEqual({ id: companyId, code: company!.code, name: 'Contoso' })
  })

  it('that is not there is null', async () => {
    expect(await loadCompany(db, newId())).toBeNull()
    expect(await findCompanyByCode(db, 'NONE')).toBeNull()
    expect(await readSetupVersion(db, newId())).toBeNull()
  })

  it('raises its set-up version with every write of the set-up', async () => {
    const world = await createWorld(db)
    const { companyId, clara, mia } = world
    const workflow = {
      id: newId(),
      name: 'w',
      ownerId: mia,
      rank: 1,
      isDefault: true,
      activation: null,
      lockVersion: 1,
    }
    const version = {
      workflowId: workflow.id,
      definition: { elements: [] },
      settings: { name: 'w', ownerId: mia, rank: 1, isDefault: true, activation: null },
      note: null,
      createdById: mia,
      createdAt: at,
    }
    const writes: ((tx: Tx) => Promise<unknown>)[] = [
      (tx) => saveParameters(tx, companyId, { ...initialParameters, autoSubmit: false }),
      (tx) => saveApprovalFields(tx, companyId, { enable: ['name'], disable: [] }),
      (tx) => saveReferenceValues(tx, companyId, 'DELIVERY_MODE', [{ code: 'AIR', name: 'By air' }], []),
      (tx) => saveMember(tx, companyId, { userId: clara, roles: ['READER'], managerId: mia, active: true }),
      (tx) => saveGroup(tx, companyId, { id: newId(), name: 'g', memberIds: [] }),
      (tx) =>
        saveUser(tx, { id: clara, kind: 'PERSON', name: 'Clara', email: 'clara@contoso.example', responsibleId: null }),
      (tx) => insertWorkflow(tx, companyId, workflow),
      (tx) => saveWorkflowVersion(tx, companyId, version),
      (tx) => activateVersion(tx, companyId, { ...version, version: 1 }, { userId: mia, at }),
    ]
    // Without theirs the database refuses what is written.
    const events = [
      { type: 'ParametersChanged', data: {} },
      { type: 'MembershipChanged', data: { userId: clara } },
    ] as const
    for (const write of writes) {
      const before = await readSetupVersion(db, companyId)
      await db.transaction(async (tx) => {
        await write(tx)
        await append(tx, world, ...events)
      })
      expect(await readSetupVersion(db, companyId), String(write)).toBeGreaterThan(before!)
    }
    const company = await loadCompany(db, companyId)
    expect(company?.setupVersion).toBe(await readSetupVersion(db, companyId))
    expect(company?.parameters.autoSubmit).toBe(false)
    expect(company?.directory.people.get(clara)?.name).toBe('Clara')
  })

  it('refuses a second company, group or member that cannot be', async () => {
    const { companyId, mia } = await createWorld(db)
    const { code } = (await loadCompany(db, companyId))!
    const twin = { id: newId(), code, name: 'Twin', currency: 'EUR', parameters: initialParameters }
    await expect(db.transaction((tx) => insertCompany(tx, twin))).rejects.toMatchObject({
      code: 'ALREADY_EXISTS',
      at: ['code'],
    })
    const group = (name: string, memberIds: string[]) =>
      db.transaction((tx) => saveGroup(tx, companyId, { id: newId(), name, memberIds }))
    await group('credit', [mia])
    await expect(group('credit', [mia])).rejects.toMatchObject({ code: 'ALREADY_EXISTS', at: ['name'] })
    await expect(group('other', [newId()])).rejects.toMatchObject({ code: 'NOT_MEMBER', at: ['memberIds'] })
    const member = (userId: string, managerId: string | null) =>
      db.transaction((tx) => saveMember(tx, companyId, { userId, roles: ['READER'], managerId, active: true }))
    await expect(member(newId(), null)).rejects.toMatchObject({ code: 'NOT_FOUND', at: ['userId'] })
    await expect(member(mia, newId())).rejects.toMatchObject({ code: 'NOT_MEMBER', at: ['managerId'] })
  })
})
