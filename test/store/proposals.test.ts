import { describe, expect, it } from 'vitest'
import { saveProposal } from '../../server/store/save-proposal.ts'
import {
  findWorkItem,
  loadChanges,
  loadOpenProposal,
  loadOpenProposalHeads,
  loadProposal,
  loadProposals,
} from '../../server/store/proposals.ts'
import { StaleWrite } from '../../server/store/errors.ts'
import { newId } from '../../server/store/ids.ts'
import type { Customer } from '../../server/domain/customer.ts'
import type { Change, Proposal } from '../../server/domain/proposal.ts'
import {
  aChange,
  anApproval,
  anItem,
  aProposal,
  aRun,
  at,
  bankAccount,
  connectTest,
  createWorld,
  storedCustomer,
} from './fixtures.ts'

const { db } = await connectTest()
const world = await createWorld(db)

const save = (before: Proposal | null, after: Proposal) => db.transaction((tx) => saveProposal(tx, before, after))
const reload = (proposal: Proposal) => loadProposal(db, proposal.companyId, proposal.id)

const everyKindOfChange = (customer: Customer): Change[] => {
  const { id, values } = bankAccount()
  return [
    aChange(world, customer),
    aChange(world, customer, { field: 'cashDiscountBaseDays', base: null, proposed: 14 }),
    aChange(world, customer, { field: 'mandatoryCreditLimit', base: false, proposed: true }),
    aChange(world, customer, {
      record: 'bankAccounts',
      recordId: id,
      field: 'bankAccounts',
      operation: 'ADD',
      base: null,
      proposed: values,
    }),
    aChange(world, customer, {
      record: 'bankAccounts',
      recordId: newId(),
      field: 'bankAccounts',
      operation: 'REMOVE',
      base: values,
      proposed: null,
    }),
  ]
}

describe('a proposal', () => {
  it('comes back with all its parts as it was written', async () => {
    const customer = await storedCustomer(db, world)
    const changes = everyKindOfChange(customer)
    const run = aRun(world)
    const proposal: Proposal = {
      ...aProposal(world, customer, changes),
      effectiveAt: '2026-12-01T00:00:00.000Z',
      status: 'FAULTED',
      fault: { code: 'CONDITION_FAILED', message: 'No such property', at: ['elements', '0'] },
      involved: [
        { userId: world.clara, as: 'AUTHOR' },
        { userId: world.clara, as: 'SUBMITTER' },
      ],
      runs: [
        { ...aRun(world), end: { how: 'RECALLED', at: null, on: at } },
        { ...run, number: 2, pinned: { [newId()]: 3 } },
      ],
      items: [
        { ...anItem(world, run, changes), dueAt: at, escalationLevel: 1, heldByIds: [world.clara] },
        {
          ...anItem(world, run, changes),
          kind: 'DECISION',
          queueId: newId(),
          assigneeId: null,
          choices: ['Yes', 'No'],
        },
      ],
      decisions: [{ ...anApproval(world, run, changes), outcome: 'CHOSEN', choice: 'Yes' }],
      revertsId: newId(),
      comments: [{ id: newId(), authorId: world.mia, text: 'Why?', at }],
    }
    await save(null, proposal)
    expect(await reload(proposal)).toEqual(proposal)
    expect(await loadOpenProposal(db, proposal.companyId, proposal.customerId)).toEqual(proposal)
    expect(await loadProposals(db, [{ companyId: newId(), id: proposal.id }, proposal])).toEqual([null, proposal])
    expect(await findWorkItem(db, proposal.companyId, proposal.items[0]!.id)).toEqual({
      proposalId: proposal.id,
      customerId: proposal.customerId,
      account: customer.account,
    })
  })

  it('is written where it differs, and keeps the order of its parts', async () => {
    const customer = await storedCustomer(db, world)
    const changes = everyKindOfChange(customer)
    const before = aProposal(world, customer, changes)
    await save(null, before)
    const run = aRun(world)
    const item = anItem(world, run, changes)
    const submitted: Proposal = { ...before, status: 'PENDING', version: 2, runs: [run], items: [item] }
    await save(before, submitted)
    const decided: Proposal = {
      ...submitted,
      status: 'APPLIED',
      closedAt: at,
      version: 3,
      revision: 2,
      changes: [
        aChange(world, customer, { ...changes[0]!, proposed: '70000.00', authorIds: [world.clara, world.mia] }),
        ...changes.slice(2),
        aChange(world, customer, { field: 'name', base: 'a', proposed: 'b' }),
      ],
      runs: [{ ...run, end: { how: 'APPROVED', at: 'elements.0', on: at } }],
      items: [{ ...item, status: 'DECIDED', decidedById: world.mia, version: 2, closedAt: at }],
      decisions: [anApproval(world, run, changes)],
    }
    await save(submitted, decided)
    expect(await reload(before)).toEqual(decided)
    expect(
      (await loadChanges(db, [{ companyId: world.companyId, id: newId() }, before])).map((list) => list.length),
    ).toEqual([0, 5])
    expect(await loadOpenProposal(db, before.companyId, before.customerId)).toBeNull()
    expect(await loadOpenProposalHeads(db, [{ companyId: before.companyId, id: before.customerId }])).toEqual([null])
  })

  it('is not written over what somebody else has written meanwhile', async () => {
    const customer = await storedCustomer(db, world)
    const proposal = aProposal(world, customer, [aChange(world, customer)])
    await save(null, proposal)
    await save(proposal, { ...proposal, version: 2 })
    await expect(save(proposal, { ...proposal, version: 2, changes: [] })).rejects.toThrow(StaleWrite)
    expect((await reload(proposal))?.changes).toHaveLength(1)
  })

  it('is the only open one of its customer', async () => {
    const customer = await storedCustomer(db, world)
    const first = aProposal(world, customer, [aChange(world, customer)])
    const second = aProposal(world, customer, [aChange(world, customer)])
    await save(null, first)
    await expect(save(null, second)).rejects.toMatchObject({ name: 'DomainError', code: 'OPEN_PROPOSAL' })
    await save(first, { ...first, status: 'DISCARDED', closedAt: at, version: 2 })
    await save(null, second)
  })

  it('never loses a part of its history', async () => {
    const run = aRun(world)
    const customer = await storedCustomer(db, world)
    const proposal: Proposal = {
      ...aProposal(world, customer, [aChange(world, customer)]),
      runs: [run],
      items: [anItem(world, run, [])],
    }
    await save(null, proposal)
    await expect(save(proposal, { ...proposal, version: 2, items: [] })).rejects.toThrow('history')
  })
})
