// Writes by a service account under each entity behaviour: who calls decides, and nothing of anybody else's is touched.
import { afterEach, describe, expect, test } from 'vitest'
import { startTestApp } from '../helpers/app.ts'
import { operationsOf } from '../graphql/operations.ts'

const app = await startTestApp()
const { sql, run, update, submitted, answer, customerOf, proposalOf, itemOf, footprint, userId } = operationsOf(app)

const company = 'USMF'
const behave = (entityBehavior: string, autoSubmit = true) =>
  run('adam', 'setApprovalParameters', { company, entityBehavior, autoSubmit })
afterEach(() => behave('CREATE_CHANGE_PROPOSALS'))

describe('a write by a service account', () => {
  test('under ALLOW_WITHOUT_APPROVAL is written and recorded as such, past what others propose', async () => {
    const theirs = await update('clara', 'US-101', { set: { creditLimit: '777' } })
    await behave('ALLOW_WITHOUT_APPROVAL')
    const done = await update('partner', 'US-101', { set: { creditLimit: '555', website: 'https://p.example' } })
    expect(done).toMatchObject({
      written: ['creditLimit', 'website'],
      proposed: [],
      proposal: null,
      customer: { creditLimit: '555.00', version: 2 },
    })
    expect(
      await sql`select d.kind from direct_writes d join customers c on c.id = d.customer_id where c.account = 'US-101'`,
    ).toMatchObject([{ kind: 'INTEGRATION' }])
    expect(await proposalOf('clara', theirs.proposal?.id ?? '')).toMatchObject({ status: 'DRAFT', revision: 1 })
    expect(await run('clara', 'submitProposal', { proposalId: theirs.proposal?.id })).toMatchObject({
      __typename: 'ConflictError',
      code: 'CONFLICT',
    })
  })

  test('under REJECT_CHANGES is refused whole with the fields that it would change', async () => {
    await behave('REJECT_CHANGES')
    const before = await footprint()
    expect(
      await update('partner', 'US-102', { set: { creditLimit: '1', website: 'https://p.example' } }),
    ).toMatchObject({
      __typename: 'ChangesRejectedError',
      code: 'CHANGES_REJECTED',
      path: ['input', 'set', 'creditLimit'],
      fields: ['creditLimit'],
    })
    expect(await footprint()).toEqual(before)
    expect(await update('partner', 'US-102', { set: { website: 'https://p.example' } })).toMatchObject({
      written: ['website'],
    })
    expect(await update('clara', 'US-102', { set: { creditLimit: '1' } })).toMatchObject({ proposed: ['creditLimit'] })
  })

  test('under CREATE_CHANGE_PROPOSALS is proposed and submitted at once; whoever answers for it does not approve it', async () => {
    const done = await update('partner', 'US-103', { set: { creditLimit: '7654321', website: 'https://p.example' } })
    expect(done).toMatchObject({
      written: ['website'],
      proposed: ['creditLimit'],
      submitErrors: [],
      proposal: { status: 'PENDING' },
    })
    const again = await update('partner', 'US-103', { set: { creditLimit: '7654321' } })
    expect(again).toMatchObject({
      written: [],
      proposed: [],
      proposal: { id: done.proposal?.id, status: 'PENDING', revision: 1 },
    })
    const item = await itemOf('mia', 'US-103')
    expect(item.changes).toMatchObject([{ proposed: { raw: '7654321.00' } }])
    await answer('mia', 'US-103', 'requestChange', { comment: 'less' })
    expect(await itemOf('adam', 'US-103')).toMatchObject({ kind: 'RETURN' })
  })

  test("never joins, replaces or submits somebody else's proposal, whatever its state", async () => {
    const draft = await update('clara', 'US-104', { set: { creditLimit: '777' } })
    await submitted('clara', 'US-105', { set: { creditLimit: '7777777' } })
    for (const account of ['US-104', 'US-105']) {
      const before = await footprint()
      expect(
        await update('partner', account, { set: { creditLimit: '8', website: 'https://p.example' } }),
      ).toMatchObject({ __typename: 'PendingProposalError', code: 'OPEN_PROPOSAL', path: ['input', 'account'] })
      expect(await footprint()).toEqual(before)
    }
    expect(await update('partner', 'US-104', { set: { creditLimit: '777' } })).toMatchObject({
      proposed: [],
      proposal: { id: draft.proposal?.id, status: 'DRAFT' },
    })
  })

  test('joins its own draft, and edits what that adds by its id', async () => {
    await behave('CREATE_CHANGE_PROPOSALS', false)
    const added = await update('partner', 'US-106', {
      bankAccounts: { add: [{ code: 'NEW', iban: 'DE89370400440532013000' }] },
    })
    const [change] = added.proposal?.changes ?? []
    const edited = await update('partner', 'US-106', {
      set: { creditLimit: '5' },
      bankAccounts: { change: [{ id: change?.recordId, set: { bic: 'COBADEFFXXX' } }] },
    })
    expect(edited).toMatchObject({ proposal: { id: added.proposal?.id, status: 'DRAFT', revision: 2 } })
    expect(edited.proposal?.changes.find((c) => c.operation === 'ADD')?.proposed?.raw).toMatchObject({
      iban: 'DE89370400440532013000',
      bic: 'COBADEFFXXX',
    })
    const removed = await update('partner', 'US-106', { bankAccounts: { remove: [change?.recordId] } })
    expect(removed.proposal?.changes.map((c) => c.field.name)).toEqual(['creditLimit'])
    expect(await update('colin', 'US-106', { bankAccounts: { remove: [change?.recordId] } })).toMatchObject({
      code: 'INVALID_VALUE',
    })
  })

  test('whose submit is refused says why, and is a draft', async () => {
    for (const name of ['mia', 'olga'])
      await run('adam', 'setMember', { company, userId: await userId(name), active: false })
    const input = { set: { creditLimit: '7654321' } }
    const done = await update('partner', 'US-107', input)
    expect(done).toMatchObject({
      proposed: ['creditLimit'],
      submitErrors: [{ code: 'NO_ELIGIBLE_APPROVER' }],
      proposal: { status: 'DRAFT' },
    })
    for (const name of ['mia', 'olga'])
      await run('adam', 'setMember', { company, userId: await userId(name), active: true })
    expect(await update('partner', 'US-107', input)).toMatchObject({
      submitErrors: [],
      proposal: { id: done.proposal?.id, status: 'PENDING' },
    })
  })

  test('made on an older version is refused like anybody’s', async () => {
    expect(
      await update('partner', 'US-108', { set: { website: 'https://p.example' }, expectedVersion: 9 }),
    ).toMatchObject({ code: 'STALE_VERSION', customer: { version: 1 } })
    expect(await customerOf('clara', 'US-108', 'version')).toEqual({ version: 1 })
  })
})
