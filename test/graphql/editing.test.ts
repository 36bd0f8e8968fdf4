// Editing: what is governed is proposed, the rest is written, and a proposal is worked on until it is submitted.
import { describe, expect, test } from 'vitest'
import { startTestApp } from '../helpers/app.ts'
import { operationsOf, type Result } from './operations.ts'

const app = await startTestApp()
const { run, update, submitted, customerOf, footprint } = operationsOf(app)

const changesOf = ({ proposal }: Result) =>
  Object.fromEntries((proposal?.changes ?? []).map((c) => [c.field.name, c.proposed?.raw ?? null]))

describe('an edit', () => {
  test('proposes what is governed and writes the rest at once', async () => {
    const done = await update('clara', 'US-020', {
      set: { creditLimit: '77000', website: 'https://new.example', paymentTerms: 'Net90' },
    })
    expect(done).toMatchObject({
      written: ['website'],
      proposed: ['creditLimit', 'paymentTerms'],
      customer: { version: 2, reviewStatus: 'CHANGES_NOT_SUBMITTED' },
    })
    expect(changesOf(done)).toEqual({ creditLimit: '77000.00', paymentTerms: 'Net90' })
    const now = await customerOf('clara', 'US-020', 'website creditLimit paymentTerms { code } maskedFields')
    expect(now).toMatchObject({ website: 'https://new.example', maskedFields: [] })
    expect(now.creditLimit).not.toBe('77000.00')
  })

  test('joins the open proposal: a second value replaces the first, adds its author, and raises the revision', async () => {
    const first = await update('clara', 'US-021', { set: { creditLimit: '71000' }, reason: 'first' })
    const second = await update('colin', 'US-021', { set: { creditLimit: '72000', name: 'Another name' } })
    expect(second.proposal).toMatchObject({ id: first.proposal?.id, revision: 2 })
    expect(changesOf(second)).toEqual({ creditLimit: '72000.00', name: 'Another name' })
    const { proposal } = (await customerOf(
      'mia',
      'US-021',
      'proposal { changes { field { name } authors { name } digest reason } }',
    )) as {
      proposal: { changes: { field: { name: string }; authors: { name: string }[]; digest: string }[] }
    }
    const limit = proposal.changes.find((c) => c.field.name === 'creditLimit')
    expect(limit).toMatchObject({ authors: [{ name: 'Clara Keller' }, { name: 'Colin Baker' }], reason: 'first' })
  })

  test('of what is there already is no change, in whatever way it is written', async () => {
    const before = await footprint()
    const [limit] = [(await customerOf('clara', 'US-022', 'creditLimit')).creditLimit]
    const done = await update('clara', 'US-022', { set: { creditLimit: String(Number(limit)) } })
    expect(done).toMatchObject({ __typename: 'UpdateCustomerSuccess', written: [], proposed: [], proposal: null })
    expect(await update('clara', 'US-022', {})).toMatchObject({ written: [], proposed: [], proposal: null })
    expect(await footprint()).toEqual(before)
  })

  test('back to the original takes the change out, and the last one closes the proposal', async () => {
    const { creditLimit } = await customerOf('clara', 'US-023', 'creditLimit')
    await update('clara', 'US-023', { set: { creditLimit: '1', paymentTerms: 'COD' } })
    const less = await update('clara', 'US-023', { set: { creditLimit } })
    expect(changesOf(less)).toEqual({ paymentTerms: 'COD' })
    const { paymentTerms } = await customerOf('clara', 'US-023', 'paymentTerms { code }')
    const none = await update('clara', 'US-023', { set: { paymentTerms: (paymentTerms as { code: string }).code } })
    expect(none).toMatchObject({
      proposal: { status: 'DISCARDED', changes: [] },
      customer: { reviewStatus: 'NO_CHANGES' },
    })
    const fresh = await update('clara', 'US-023', { set: { creditLimit: '2' } })
    expect(fresh.proposal?.id).not.toBe(none.proposal?.id)
  })

  test('leaves alone what is absent and clears what is null', async () => {
    await update('clara', 'US-024', { set: { website: null } })
    const { website, email } = await customerOf('clara', 'US-024', 'website email')
    expect(website).toBeNull()
    expect(email).not.toBeNull()
    expect(await update('clara', 'US-024', { set: { creditLimit: null } })).toMatchObject({
      code: 'INVALID_VALUE',
      path: ['input', 'set', 'creditLimit'],
    })
  })

  test('made on an older version is refused with the customer as it is now', async () => {
    await update('clara', 'US-025', { set: { phone: '+1 555 0100' } })
    const before = await footprint()
    const stale = await update('colin', 'US-025', { set: { phone: '+1 555 0199' }, expectedVersion: 1 })
    expect(stale).toMatchObject({
      __typename: 'StaleVersionError',
      code: 'STALE_VERSION',
      path: ['input', 'expectedVersion'],
      customer: { version: 2 },
    })
    expect(await footprint()).toEqual(before)
  })

  test('of a governed field of a customer that is pending is refused whole, and says who can recall', async () => {
    const before = await footprint()
    const refused = await update('colin', 'US-010', { set: { creditLimit: '1', website: 'https://x.example' } })
    expect(refused).toMatchObject({
      __typename: 'PendingProposalError',
      code: 'PENDING_PROPOSAL',
      about: { status: 'PENDING' },
    })
    expect(refused.message).toContain('Clara Keller, Olga Petrova or an administrator can recall it')
    expect(await footprint()).toEqual(before)
    expect(await update('colin', 'US-010', { set: { website: 'https://x.example' } })).toMatchObject({
      written: ['website'],
    })
  })
})

describe('discarding', () => {
  test('some changes leaves the others; all of them closes the proposal; nothing leaves the history', async () => {
    const { proposal } = await update('clara', 'US-040', { set: { creditLimit: '3', name: 'N', paymentTerms: 'COD' } })
    const [first, ...others] = proposal?.changes ?? []
    const less = await run('colin', 'discardChanges', {
      proposalId: proposal?.id,
      changeIds: [first?.id],
      expectedRevision: 1,
    })
    expect(less.proposal).toMatchObject({ status: 'DRAFT', revision: 2 })
    expect(less.proposal?.changes.map((c) => c.id)).toEqual(others.map((c) => c.id))
    expect(await run('colin', 'discardChanges', { proposalId: proposal?.id, changeIds: [first?.id] })).toMatchObject({
      __typename: 'ValidationError',
      path: ['input', 'changeIds'],
    })
    expect(await run('colin', 'discardProposal', { proposalId: proposal?.id, expectedRevision: 1 })).toMatchObject({
      __typename: 'StaleRevisionError',
      about: { revision: 2 },
    })
    expect((await run('colin', 'discardProposal', { proposalId: proposal?.id })).proposal).toMatchObject({
      status: 'DISCARDED',
    })
    const { history } = (await customerOf('clara', 'US-040', 'history(first: 20) { edges { node { type } } }')) as {
      history: { edges: { node: { type: string } }[] }
    }
    expect(history.edges.map(({ node }) => node.type)).toEqual(
      expect.arrayContaining(['PROPOSAL_DISCARDED', 'CHANGE_DISCARDED', 'CHANGE_PROPOSED']),
    )
  })

  test('of what is pending is refused until it is recalled', async () => {
    const proposal = await submitted('clara', 'US-041', { set: { creditLimit: '4444444' } })
    expect(await run('clara', 'discardProposal', { proposalId: proposal.id })).toMatchObject({
      __typename: 'WrongStateError',
      about: { status: 'PENDING' },
    })
    expect(await run('colin', 'recallProposal', { proposalId: proposal.id, comment: 'x' })).toMatchObject({
      code: 'NOT_PERMITTED',
    })
    expect(await run('clara', 'recallProposal', { proposalId: proposal.id, comment: '  ' })).toMatchObject({
      code: 'REASON_REQUIRED',
      path: ['input', 'comment'],
    })
    expect((await run('clara', 'recallProposal', { proposalId: proposal.id, comment: 'typo' })).proposal?.status).toBe(
      'DRAFT',
    )
    expect((await run('clara', 'discardProposal', { proposalId: proposal.id })).proposal?.status).toBe('DISCARDED')
  })
})
