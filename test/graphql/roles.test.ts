// The table of roles, row by row: what each may do, and that what they may not do leaves nothing behind.
import { describe, expect, test } from 'vitest'
import { startTestApp } from '../helpers/app.ts'
import { operationsOf, selections, type Input } from './operations.ts'

const app = await startTestApp()
const { sql, run, runWhole, read, whole, update, submitted, itemOf, customerOf, userId, footprint } = operationsOf(app)

/** One of each role in USMF, in the order of the table. */
const reader = 'cora'
const clerk = 'clara'
const integration = 'partner'
const administrator = 'adam'
const auditor = 'audrey'
const everybody = [reader, clerk, integration, administrator, auditor]

describe('reading', () => {
  test('is for every member: customers, proposals and their history', async () => {
    for (const user of everybody) {
      const seen = await read<Record<string, { edges: unknown[] }>>(
        user,
        '{ customers(company: "USMF", first: 1) { edges { node { account history(first: 1) { edges { node { type } } } } } } proposals(company: "USMF", first: 5) { edges { node { id changes { id } } } } }',
      )
      expect([user, seen.customers?.edges.length, seen.proposals?.edges.length]).toEqual([user, 1, 3])
    }
  })

  test('ends at the company: olga reads both, dieter only his, and nobody reads more by asking for both', async () => {
    const both =
      '{ u: customer(company: "USMF", account: "US-001") { account } d: customer(company: "DEMF", account: "DE-001") { account } viewer { memberships { company { code } roles } } }'
    const [usmf, demf] = [{ account: 'US-001' }, { account: 'DE-001' }]
    expect(await read('olga', both)).toMatchObject({
      u: usmf,
      d: demf,
      viewer: {
        memberships: [
          { company: { code: 'DEMF' }, roles: ['READER'] },
          { company: { code: 'USMF' }, roles: ['READER'] },
        ],
      },
    })
    expect(await read('dieter', both)).toMatchObject({
      u: null,
      d: demf,
      viewer: { memberships: [{ company: { code: 'DEMF' }, roles: ['CLERK'] }] },
    })
    expect(await read('clara', both)).toMatchObject({ u: usmf, d: null })
    expect(await read('partner', both)).toMatchObject({ u: usmf, d: null })
  })
})

const proposalId = (
  (await customerOf(clerk, 'US-007', 'proposal { id changes { id } }')) as { proposal: { id: string } }
).proposal.id
const changeId = (
  (await customerOf(clerk, 'US-007', 'proposal { changes { id } }')) as { proposal: { changes: { id: string }[] } }
).proposal.changes[0]?.id
const workflow = (await read<{ workflows: { id: string }[] }>(administrator, '{ workflows(company: "USMF") { id } }'))
  .workflows[0]
const company = 'USMF'
const edits: [string, Input][] = [
  ['createCustomer', { company, account: 'ROLE', set: { name: 'R' } }],
  ['updateCustomer', { company, account: 'US-001', set: { website: 'https://role.example', creditLimit: '9' } }],
  ['updateCustomer', { company, account: 'US-001' }],
  ['importCustomers', { company, rows: [{ account: 'US-001', set: { website: 'https://role.example' } }] }],
  ['importCustomers', { company, rows: [], dryRun: true }],
  ['submitProposal', { proposalId }],
  ['discardChanges', { proposalId, changeIds: [changeId] }],
  ['discardProposal', { proposalId }],
  ['rebaseProposal', { proposalId, keep: [], drop: [], expectedRevision: 1, expectedCustomerVersion: 1 }],
  ['scheduleProposal', { proposalId, effectiveAt: '2099-01-01T00:00:00Z' }],
  ['revertProposal', { proposalId }],
]
const definition = {
  elements: [{ approval: { name: 'A', steps: [{ name: 'S', assign: [{ to: { group: 'credit' } }] }] } }],
}
const closed = [null, null, null, null, null, null]
/** Of somebody who has just said that they will be away. */
const absenceOf = async (user: string): Promise<string | undefined> => {
  const times = { from: '2099-01-01T00:00:00Z', until: '2099-02-01T00:00:00Z' }
  await run(user, 'setAbsence', { standInId: await userId('olga'), ...times })
  const { viewer } = await read<{ viewer: { user: { absences: { id: string }[] } } }>(
    user,
    '{ viewer { user { absences { id } } } }',
  )
  return viewer.user.absences[0]?.id
}
const { apiKeys } = await read<{ apiKeys: { id: string }[] }>(administrator, '{ apiKeys(company: "USMF") { id } }')
const hook = { company, name: 'Hook', url: 'https://partner.example/', types: [] }
const { id: webhookId } = (await run(administrator, 'saveWebhook', hook)).webhook
const administration: [string, Input][] = [
  ['reassign', { workItemId: (await itemOf('mia', 'US-010')).id, to: await userId('olga') }],
  ['cancelRun', { proposalId, comment: 'x' }],
  ['resumeRun', { proposalId, comment: 'x' }],
  ['setApprovalParameters', { company, enabled: false }],
  ['setFieldApproval', { company, disable: ['creditLimit'] }],
  ['setReferenceValues', { company, kind: 'PAYMENT_TERMS', upsert: [{ code: 'X', name: 'X' }] }],
  ['setMember', { company, email: 'new@example.com', name: 'New', roles: ['CLERK'] }],
  ['saveGroup', { company, name: 'new', memberIds: [] }],
  ['saveQueue', { company, name: 'new', memberIds: [] }],
  ['setCalendar', { company, name: 'new', zone: 'UTC', week: ['09:00-17:00', ...closed], holidays: [] }],
  [
    'setAbsence',
    {
      userId: await userId('tess'),
      standInId: await userId('olga'),
      from: '2100-01-01T00:00:00Z',
      until: '2100-02-01T00:00:00Z',
    },
  ],
  ['endAbsence', { absenceId: await absenceOf('tess') }],
  [
    'createApiKey',
    { company, name: 'K', account: { name: 'A', roles: ['READER'] }, responsibleId: await userId('adam') },
  ],
  ['revokeApiKey', { keyId: apiKeys[0]?.id }],
  ['saveWebhook', hook],
  ['saveWebhook', { ...hook, id: webhookId, active: false }],
  ['rotateWebhookSecret', { webhookId }],
  ['replayWebhook', { webhookId }],
  ['testWebhook', { webhookId }],
  ['deleteWebhook', { webhookId }],
  ['saveWorkflow', { company, name: 'Mine', definition, activate: true }],
  ['activateWorkflow', { workflowId: workflow?.id, version: 1 }],
  ['deactivateWorkflow', { workflowId: workflow?.id }],
  ['deleteWorkflow', { workflowId: workflow?.id }],
]

/** What only somebody may do who is asked. */
const answers: [string, Input][] = [
  ['approve', { revision: 1 }],
  ['reject', { revision: 1, comment: 'x' }],
  ['requestChange', { revision: 1, comment: 'x' }],
  ['completeTask', { revision: 1 }],
  ['returnTask', { revision: 1, comment: 'x' }],
  ['choose', { revision: 1, choice: 'x' }],
  ['delegate', { to: await userId('olga') }],
  ['claim', {}],
  ['release', {}],
  [
    'moveToQueue',
    { queueId: (await run(administrator, 'saveQueue', { company, name: 'desk', memberIds: [] })).queue.id },
  ],
]

describe('refused for their role', () => {
  test.each([reader, administrator, auditor])('edits by %s', async (user) => {
    const before = await footprint()
    for (const [mutation, input] of edits) {
      const answer = await run(user, mutation, { ...input, idempotencyKey: 'k' })
      expect([mutation, answer.__typename, answer.code]).toEqual([mutation, 'NotPermittedError', 'NOT_PERMITTED'])
      expect(answer.message).toMatch(/clerk or integration in USMF/)
    }
    expect(await footprint()).toEqual(before)
  })

  test.each([reader, clerk, integration, auditor])('administration by %s', async (user) => {
    const before = await footprint()
    for (const [mutation, input] of administration) {
      const answer = await run(user, mutation, { ...input, idempotencyKey: 'k' })
      expect([mutation, answer.__typename, answer.code]).toEqual([mutation, 'NotPermittedError', 'NOT_PERMITTED'])
    }
    expect(await footprint()).toEqual(before)
  })

  test('every mutation of the schema is in one of these tables or asks who is asked or who has sent it', () => {
    const covered = new Set([...edits, ...administration].map(([mutation]) => mutation))
    const whoSent = ['recallProposal', 'commitImport', 'cancelImport']
    const others = [...whoSent, 'addComment', 'decideMany', 'decideBatch', ...answers.map(([mutation]) => mutation)]
    expect(
      Object.keys(selections)
        .filter((m) => !covered.has(m))
        .sort(),
    ).toEqual(others.sort())
  })

  test('comments by an auditor, who only reads', async () => {
    expect(await run(auditor, 'addComment', { proposalId, text: 'x' })).toMatchObject({ code: 'NOT_PERMITTED' })
    for (const user of [reader, clerk, integration, administrator])
      expect(await run(user, 'addComment', { proposalId, text: `by ${user}` })).toMatchObject({
        __typename: 'ProposalSuccess',
      })
  })

  test('an answer by anybody who is not asked, an administrator too', async () => {
    const { id: workItemId } = await itemOf('mia', 'US-010')
    const before = await footprint()
    for (const user of [...everybody, 'olga']) {
      for (const [mutation, more] of answers) {
        const answer = await run(user, mutation, { workItemId, ...more })
        // What is in no queue is offered to nobody's claim.
        const code = mutation === 'claim' || mutation === 'release' ? 'NOT_OFFERED' : 'NOT_ASSIGNED'
        const given = [user, mutation, answer.__typename, answer.code]
        if (mutation === 'moveToQueue') expect(given[2]).toBe('NotPermittedError')
        else expect(given).toEqual([user, mutation, 'NotPermittedError', code])
      }
      const { results } = await run(user, 'decideMany', {
        decisions: [{ workItemId, revision: 1, outcome: 'APPROVED' }],
      })
      expect([user, results]).toMatchObject([user, [{ __typename: 'NotPermittedError', code: 'NOT_ASSIGNED' }]])
    }
    expect(await footprint()).toEqual(before)
  })

  test('a recall by anybody but the submitter, the owner of the workflow or an administrator', async () => {
    const { id } = await submitted('clara', 'US-070', { set: { creditLimit: '7000000' } })
    for (const user of ['mia', 'colin', 'cora', 'audrey', 'partner'])
      expect(await run(user, 'recallProposal', { proposalId: id, comment: 'x' })).toMatchObject({
        code: 'NOT_PERMITTED',
      })
    expect(await run('clara', 'recallProposal', { proposalId: id, comment: ' ' })).toMatchObject({
      code: 'REASON_REQUIRED',
      message: 'A recall needs a reason: say in the comment why.',
    })
    expect(await run('audrey', 'addComment', { proposalId: id, text: 'x' })).toMatchObject({
      code: 'NOT_PERMITTED',
      message: 'This takes one of the roles reader, clerk, integration or administrator in USMF; ask an administrator.',
    })
    for (const user of ['clara', 'olga', 'adam']) {
      expect((await run(user, 'recallProposal', { proposalId: id, comment: 'x' })).proposal?.status).toBe('DRAFT')
      await run('clara', 'submitProposal', { proposalId: id })
    }
  })
})

describe('a membership', () => {
  test('never holds administration together with editing', async () => {
    for (const user of ['cora', 'adam'])
      for (const roles of [['ADMINISTRATOR', 'CLERK'], ['INTEGRATION', 'ADMINISTRATOR'], []]) {
        const answer = await run('adam', 'setMember', { company, userId: await userId(user), roles })
        expect([user, roles, answer.__typename, answer.path]).toEqual([
          user,
          roles,
          'ValidationError',
          ['input', 'roles'],
        ])
      }
    expect(await run('adam', 'setMember', { company, userId: await userId('adam'), active: false })).toMatchObject({
      __typename: 'ValidationError',
    })
  })

  test('is not changed by inviting somebody who is there already', async () => {
    const [clara] = await sql`select email from users where name = 'Clara Keller'`
    const email = String(clara?.email)
    const before = await footprint()
    for (const address of [email, ` ${email.toUpperCase()} `])
      expect(
        await run('adam', 'setMember', { company, email: address, name: 'Clara', roles: ['ADMINISTRATOR'] }),
      ).toMatchObject({
        __typename: 'AlreadyExistsError',
        code: 'ALREADY_EXISTS',
        path: ['input', 'email'],
        message: 'Clara Keller is a member of USMF already: name the member by userId to change them.',
      })
    for (const part of [{ email }, { name: 'Clara' }, { name: '' }])
      expect(await run('adam', 'setMember', { company, userId: await userId('clara'), ...part })).toMatchObject({
        __typename: 'ValidationError',
        code: 'INVALID_VALUE',
        path: ['input', Object.keys(part)[0]],
        message: expect.stringContaining('belongs to an invitation') as string,
      })
    expect(await footprint()).toEqual(before)
  })

  test('is not given to a name that cannot be read', async () => {
    const before = await footprint()
    for (const name of ['', ' ', 'a\u0000b', 'a\ud800b', 'a\u202eb', 'a\nb', 'x'.repeat(101)])
      expect(await run('adam', 'setMember', { company, email: 'unread@example.com', name })).toMatchObject({
        __typename: 'ValidationError',
        path: ['input', 'name'],
      })
    expect(await footprint()).toEqual(before)
  })

  test('that ends, ends everything with the next request, and old keys answer nothing any more', async () => {
    const edit = { company, account: 'US-071', set: { website: 'https://colin.example' }, idempotencyKey: 'colin-1' }
    await run('colin', 'updateCustomer', edit)
    const own = await update('colin', 'US-071', { set: { creditLimit: '7100000' } })
    const discard = { proposalId: own.proposal?.id, idempotencyKey: 'colin-2' }
    expect(await run('colin', 'discardProposal', discard)).toMatchObject({ proposal: { status: 'DISCARDED' } })
    await run('adam', 'setMember', { company, userId: await userId('colin'), active: false })
    const before = await footprint()
    expect(
      await read(
        'colin',
        '{ company(code: "USMF") { id } customers(company: "USMF") { totalCount } approvalQueue { totalCount } viewer { memberships { roles } openWorkItems } }',
      ),
    ).toEqual({
      company: null,
      customers: null,
      approvalQueue: { totalCount: 0 },
      viewer: { memberships: [], openWorkItems: 0 },
    })
    expect(await run('colin', 'updateCustomer', edit)).toMatchObject({ code: 'NOT_FOUND', path: ['input', 'company'] })
    expect(await run('colin', 'discardProposal', discard)).toMatchObject({
      code: 'NOT_FOUND',
      path: ['input', 'proposalId'],
    })
    expect(await footprint()).toEqual(before)
    await run('adam', 'setMember', { company, userId: await userId('colin'), active: true })
    expect((await runWhole('colin', 'updateCustomer', edit)).extensions).toEqual({ replayed: true })
  })

  test('that changes, changes what is seen in a replay as well', async () => {
    const input = { company, account: 'US-072', set: { taxExemptNumber: 'SECRET-72' }, idempotencyKey: 'mia-1' }
    const document =
      'mutation ($input: UpdateCustomerInput!) { updateCustomer(input: $input) { ... on UpdateCustomerSuccess { proposal { changes { proposed { raw masked } } } } } }'
    const shown = (raw: string | null) => ({
      updateCustomer: { proposal: { changes: [{ proposed: { raw, masked: raw === null } }] } },
    })
    expect(await read('mia', document, { input })).toEqual(shown('SECRET-72'))
    await run('adam', 'setMember', { company, userId: await userId('mia'), roles: ['READER'] })
    expect(await whole('mia', document, { input })).toEqual({ data: shown(null), extensions: { replayed: true } })
    await run('adam', 'setMember', { company, userId: await userId('mia'), roles: ['CLERK'] })
  })
})
