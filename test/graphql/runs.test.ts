// What a proposal goes through on its workflow: versions, automatic answers, replays, conflicts, faults, and who may do what.
import { describe, expect, test } from 'vitest'
import { startTestApp } from '../helpers/app.ts'
import { operationsOf } from './operations.ts'

const app = await startTestApp()
const { run, update, submitted, answer, itemOf, queue, customerOf, proposalOf, read, footprint, userId, sql } =
  operationsOf(app)
const company = 'USMF'

const { workflows } = await read<{ workflows: { id: string; name: string }[] }>(
  'adam',
  '{ workflows(company: "USMF") { id name } }',
)
const [standard] = workflows
if (standard === undefined) throw new Error('the demo world has a workflow')
const treasury = {
  elements: [{ approval: { name: 'A', steps: [{ name: 'S', assign: [{ to: { group: 'treasury' } }] }] } }],
}

describe('a proposal', () => {
  test('keeps the version that it was submitted on; the next one takes the new one', async () => {
    const { id } = await submitted('clara', 'US-100', { set: { creditLimit: '3000000' } })
    const next = await run('adam', 'saveWorkflow', {
      company,
      workflowId: standard.id,
      name: standard.name,
      definition: treasury,
      expectedVersion: 1,
      activate: true,
    })
    expect(next.workflow).toMatchObject({ activeVersion: { version: 2 } })
    expect((await itemOf('mia', 'US-100')).proposal.id).toBe(id)
    const version = async (account: string) =>
      (await customerOf('clara', account, 'proposal { workflow { version } }')).proposal
    expect(await version('US-100')).toEqual({ workflow: { version: 1 } })
    await submitted('clara', 'US-101', { set: { creditLimit: '3000000' } })
    expect(await version('US-101')).toEqual({ workflow: { version: 2 } })
    expect((await answer('tess', 'US-101')).proposal?.status).toBe('APPLIED')
    for (const user of ['mia', 'cora', 'carl']) await answer(user, 'US-100')
    expect(await proposalOf('clara', id)).toMatchObject({ status: 'APPLIED' })
    await run('adam', 'activateWorkflow', { workflowId: standard.id, version: 1 })
  })

  test('that stops because a code was retired is recalled, corrected and goes on', async () => {
    const { id } = await submitted('clara', 'US-102', { set: { paymentTerms: 'Net90' } })
    await answer('mia', 'US-102')
    await run('adam', 'setReferenceValues', { company, kind: 'PAYMENT_TERMS', deactivate: ['Net90'] })
    const stopped = await answer('cora', 'US-102')
    expect(stopped.proposal).toMatchObject({
      status: 'FAULTED',
      fault: { code: 'INVALID_VALUE', message: expect.stringContaining('Net90') as string },
    })
    expect(await update('clara', 'US-102', { set: { paymentTerms: 'COD' } })).toMatchObject({
      code: 'PENDING_PROPOSAL',
    })
    await run('clara', 'recallProposal', { proposalId: id, comment: 'retired' })
    expect(await run('clara', 'submitProposal', { proposalId: id })).toMatchObject({ code: 'INVALID_VALUE' })
    await update('clara', 'US-102', { set: { paymentTerms: 'COD' } })
    await run('clara', 'submitProposal', { proposalId: id })
    for (const user of ['mia', 'cora']) await answer(user, 'US-102')
    expect(await proposalOf('clara', id)).toMatchObject({ status: 'APPLIED' })
    expect((await queue('cora')).map((i) => i.proposal.id)).not.toContain(id)
    expect(
      await sql`select 1 from work_items where status = 'OPEN' and proposal_id in (select id from proposals where status = 'APPLIED')`,
    ).toHaveLength(0)
  })

  test('whose credit limit falls is not asked of the manager for that, and of everybody else for the rest', async () => {
    expect(await submitted('clara', 'US-110', { set: { creditLimit: '0' } })).toMatchObject({ status: 'PENDING' })
    expect((await queue('mia')).map((i) => i.proposal.customer.account)).not.toContain('US-110')
    expect((await answer('cora', 'US-110')).proposal?.status).toBe('APPLIED')
    await submitted('clara', 'US-111', { set: { creditLimit: '0', name: 'Beside' } })
    expect((await itemOf('mia', 'US-111')).changes.map((c) => c.field.name)).toEqual(expect.arrayContaining(['name']))
    expect(
      (await customerOf('clara', 'US-111', 'proposal { decisions { automatic outcome changes { field { name } } } }'))
        .proposal,
    ).toMatchObject({
      decisions: [{ automatic: true, outcome: 'APPROVED', changes: [{ field: { name: 'creditLimit' } }] }],
    })
  })

  test('that comes back with a request for changes is corrected, and asks again only what the correction touches', async () => {
    const { id } = await submitted('clara', 'US-112', { set: { creditLimit: '4000000', name: 'Kept' } })
    await answer('mia', 'US-112')
    for (const user of ['cora', 'carl']) await answer(user, 'US-112')
    expect(
      await answer('olga', 'US-112', 'requestChange', { comment: 'Another name.', to: await userId('clara') }),
    ).toMatchObject({ proposal: { status: 'CHANGES_REQUESTED' } })
    expect(await itemOf('clara', 'US-112')).toMatchObject({ kind: 'RETURN', proposal: { id } })
    const actions = (await customerOf('clara', 'US-112', 'proposal { actions { action allowed } }')).proposal as {
      actions: { action: string; allowed: boolean }[]
    }
    expect(actions.actions.filter((a) => a.allowed).map((a) => a.action)).toEqual(
      expect.arrayContaining(['SUBMIT', 'DISCARD']),
    )
    await update('clara', 'US-112', { set: { name: 'Corrected' } })
    await run('clara', 'submitProposal', { proposalId: id, comment: 'done' })
    expect((await queue('clara')).map((i) => i.proposal.id)).not.toContain(id)
    // The manager saw another name, and the element in which it was sent back starts afresh.
    expect((await itemOf('mia', 'US-112')).changes.map((c) => c.field.name)).toContain('name')
    for (const user of ['mia', 'cora', 'carl', 'olga']) await answer(user, 'US-112')
    expect(await proposalOf('clara', id)).toMatchObject({ status: 'APPLIED' })
  })

  test('that is recalled keeps the votes for what does not change, and loses them for what does', async () => {
    const { id } = await submitted('clara', 'US-113', { set: { creditLimit: '5000000' } })
    await answer('mia', 'US-113')
    await answer('cora', 'US-113')
    await run('clara', 'recallProposal', { proposalId: id, comment: 'a moment' })
    expect((await run('clara', 'submitProposal', { proposalId: id })).proposal?.status).toBe('PENDING')
    for (const user of ['mia', 'cora']) expect((await queue(user)).map((i) => i.proposal.id)).not.toContain(id)
    await run('clara', 'recallProposal', { proposalId: id, comment: 'more' })
    await update('clara', 'US-113', { set: { creditLimit: '9000000' } })
    await run('clara', 'submitProposal', { proposalId: id })
    for (const user of ['mia', 'cora', 'carl']) await answer(user, 'US-113')
    expect(await customerOf('clara', 'US-113', 'creditLimit')).toEqual({ creditLimit: '9000000.00' })
  })

  test('that is rejected goes back to its submitter with the reason, and nobody else is asked any more', async () => {
    const { id } = await submitted('clara', 'US-114', { set: { creditLimit: '6000000' } })
    await answer('mia', 'US-114')
    await answer('cora', 'US-114', 'reject', { comment: 'Too much.' })
    expect(await itemOf('clara', 'US-114')).toMatchObject({ kind: 'RETURN', step: 'Correct and submit again' })
    expect((await queue('carl')).map((i) => i.proposal.id)).not.toContain(id)
    const { decisions } = (
      await customerOf('clara', 'US-114', 'proposal { status decisions { outcome comment actor { name } } }')
    ).proposal as { decisions: unknown[] }
    expect(decisions).toContainEqual({ outcome: 'REJECTED', comment: 'Too much.', actor: { name: 'Cora Novak' } })
  })

  test('is not decided by who had a hand in it: an author, or whoever answers for the service account', async () => {
    await update('mia', 'US-115', { set: { creditLimit: '7000000' } })
    await submitted('clara', 'US-115', { set: { paymentTerms: 'COD' } })
    expect((await queue('mia')).map((i) => i.proposal.customer.account)).not.toContain('US-115')
    expect(await itemOf('olga', 'US-115')).toMatchObject({ step: 'Manager' })
    const adam = await userId('adam')
    await run('adam', 'setMember', { company, userId: await userId('Partner'), managerId: adam })
    // The partner's manager is now whoever answers for it, and nobody is above him.
    expect(await update('partner', 'US-116', { set: { creditLimit: '7000000' } })).toMatchObject({
      submitErrors: [{ code: 'NO_ELIGIBLE_APPROVER' }],
      proposal: { status: 'DRAFT' },
    })
    const sent = await run('partner', 'submitProposal', {
      proposalId: ((await customerOf('clara', 'US-116', 'proposal { id }')).proposal as { id: string }).id,
    })
    expect(sent).toMatchObject({ code: 'NO_ELIGIBLE_APPROVER', path: ['input', 'proposalId'], step: 'Manager' })
    await run('adam', 'setMember', { company, userId: await userId('Partner'), managerId: await userId('mia') })
  })

  test('that meets a record which has changed is CONFLICTED, and a rebase says of each change what becomes of it', async () => {
    const { id } = await submitted('clara', 'US-117', { set: { creditLimit: '8000000', paymentTerms: 'COD' } })
    await answer('mia', 'US-117')
    await answer('cora', 'US-117')
    const catalogueSays = async () => {
      const { customerFields } = await read<{ customerFields: { name: string; requiresApproval: boolean }[] }>(
        'clara',
        '{ customerFields(company: "USMF") { name approvalEnabled requiresApproval } }',
      )
      return customerFields.find(({ name }) => name === 'creditLimit')
    }
    const limitField = { name: 'creditLimit', approvalEnabled: true }
    expect(await catalogueSays()).toEqual({ ...limitField, requiresApproval: true })
    await run('adam', 'setApprovalParameters', { company, enabled: false })
    expect(await catalogueSays()).toEqual({ ...limitField, requiresApproval: false })
    await update('colin', 'US-117', { set: { creditLimit: '17' } })
    await run('adam', 'setApprovalParameters', { company, enabled: true })
    expect((await answer('carl', 'US-117')).proposal).toMatchObject({ status: 'CONFLICTED' })
    expect(await customerOf('clara', 'US-117', 'creditLimit version')).toEqual({ creditLimit: '17.00', version: 2 })
    const { changes, revision } = await proposalOf('clara', id)
    const [limit, terms] = ['creditLimit', 'paymentTerms'].map((name) => changes.find((c) => c.field.name === name)?.id)
    const input = {
      proposalId: id,
      keep: [limit],
      drop: [terms],
      expectedRevision: revision,
      expectedCustomerVersion: 2,
    }
    const before = await footprint()
    expect(await run('clara', 'rebaseProposal', { ...input, expectedCustomerVersion: 1 })).toMatchObject({
      code: 'STALE_VERSION',
      path: ['input', 'expectedCustomerVersion'],
    })
    expect(await run('clara', 'rebaseProposal', { ...input, expectedRevision: 9 })).toMatchObject({
      code: 'STALE_REVISION',
      path: ['input', 'expectedRevision'],
    })
    expect(await run('clara', 'rebaseProposal', { ...input, keep: [] })).toMatchObject({
      code: 'INVALID_VALUE',
      path: ['input', 'keep'],
    })
    expect(await run('clara', 'rebaseProposal', { ...input, drop: [limit, terms] })).toMatchObject({
      code: 'INVALID_VALUE',
    })
    expect(await footprint()).toEqual(before)
    const rebased = await run('clara', 'rebaseProposal', input)
    expect(rebased.proposal).toMatchObject({
      status: 'PENDING',
      changes: [{ id: limit, original: { raw: '17.00' }, proposed: { raw: '8000000.00' } }],
    })
    for (const user of ['mia', 'cora', 'carl']) await answer(user, 'US-117')
    expect(await customerOf('clara', 'US-117', 'creditLimit version proposal { id }')).toEqual({
      creditLimit: '8000000.00',
      version: 3,
      proposal: null,
    })
  })

  test('is seen by each as what they may do with it: what is allowed is what works', async () => {
    const { id } = await submitted('clara', 'US-118', { set: { creditLimit: '9000000' } })
    type Actions = { action: string; allowed: boolean; reason: string | null; message: string | null }[]
    for (const user of ['clara', 'colin', 'cora', 'adam', 'audrey', 'partner']) {
      const { node } = await read<{ node: { actions: Actions } }>(
        user,
        'query ($id: ID!) { node(id: $id) { ... on Proposal { actions { action allowed reason message } } } }',
        { id },
      )
      const said = (action: string) => node.actions.find((a) => a.action === action)
      const tried = {
        SUBMIT: await run(user, 'submitProposal', { proposalId: id }),
        DISCARD: await run(user, 'discardProposal', { proposalId: id }),
      }
      for (const [action, { code, message }] of Object.entries(tried))
        expect([user, action, said(action)]).toEqual([user, action, { action, allowed: false, reason: code, message }])
      const recall = said('RECALL')
      expect([user, recall?.allowed]).toEqual([user, ['clara', 'adam'].includes(user)])
      const recalled = await run(user, 'recallProposal', { proposalId: id, comment: 'x' })
      expect([user, recalled.code ?? null]).toEqual([user, recall?.reason ?? null])
      if (recall?.allowed) await run('clara', 'submitProposal', { proposalId: id })
    }
  })
})
