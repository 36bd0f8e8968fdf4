import { expect, test } from 'vitest'
import { startWorld } from './world.ts'

const world = await startWorld()
const { ask, send, follow } = world

type Problem = { code: string; message: string; path: string[] | null }
type Result<T> = { __typename: string } & Partial<Problem> & T

const refused = '... on UserError { code message path }'
const change =
  'id field { name } operation original { raw display masked } proposed { raw display masked } current { raw } delta digest authors { name }'
const update = `mutation Update($input: UpdateCustomerInput!) { updateCustomer(input: $input) { __typename ${refused}
  ... on UpdateCustomerSuccess { written proposed submitErrors { code } customer { id creditLimit version reviewStatus }
    proposal { id status revision changes { ${change} } } } } }`
const submit = `mutation Submit($input: SubmitProposalInput!) { submitProposal(input: $input) { __typename ${refused}
  ... on ProposalSuccess { proposal { id status route { name kind status steps { name status assignments { needed given people { name } } } } blockers { code waitingFor { name } } } } } }`
const approve = `mutation Approve($input: ApproveInput!) { approve(input: $input) { __typename ${refused}
  ... on WorkItemSuccess { workItem { status decidedBy { name } } proposal { status revision } }
  ... on StaleRevisionError { proposal { revision } } ... on WrongStateError { proposal { status } } } }`
const queue = `subscription { approvalQueue { __typename ... on LiveMessage { cursor }
  ... on QueueSnapshot { items { id } totalCount complete }
  ... on QueueDelta { totalCount upserts { id version subject proposal { id revision customer { account } } changes { id proposed { raw } } actions { action allowed } }
    removed { id version reason outcome by { name } } } } }`
const banner = `subscription($account: String!) { proposalStatus(company: "USMF", account: $account) { __typename ... on LiveMessage { cursor }
  ... on ProposalStatusSnapshot { proposals { status } counts { status count } }
  ... on ProposalStatusChanged { event { type actor { name } data } proposal { status customer { creditLimit } } } } }`

type Update = {
  updateCustomer: Result<{
    written: string[]
    proposed: string[]
    customer: { creditLimit: string; version: number }
    proposal: { id: string; status: string; revision: number }
  }>
}
type Approved = { approve: Result<{ workItem: { status: string }; proposal: { status: string } }> }
type Delta = {
  data: {
    approvalQueue: {
      __typename: string
      totalCount: number
      upserts: {
        id: string
        proposal: { revision: number; customer: { account: string } }
        actions: { action: string; allowed: boolean }[]
      }[]
      removed: { id: string; reason: string; outcome: string; by: { name: string } }[]
    }
  }
}
type Banner = {
  data: {
    proposalStatus: {
      __typename: string
      event?: { type: string }
      proposal?: { status: string; customer: { creditLimit: string } }
    }
  }
}

test('a governed field is proposed, seen arriving, approved by all who are asked, and only then written', async () => {
  const mia = await follow<Delta>('mia', queue)
  expect((await mia.next()).data.approvalQueue).toMatchObject({
    __typename: 'QueueSnapshot',
    totalCount: 1,
    complete: true,
  })
  const cora = await follow<Delta>('cora', queue)
  await cora.next()
  const clara = await follow<Banner>('clara', banner, { account: 'US-001' })
  expect((await clara.next()).data.proposalStatus).toMatchObject({
    __typename: 'ProposalStatusSnapshot',
    proposals: [],
  })

  const input = {
    company: 'USMF',
    account: 'US-001',
    set: { creditLimit: '150000.00' },
    reason: 'new framework contract',
  }
  const { updateCustomer } = await ask<Update>('clara', update, { input })
  expect(updateCustomer).toMatchObject({
    __typename: 'UpdateCustomerSuccess',
    written: [],
    proposed: ['creditLimit'],
    customer: { creditLimit: '50000.00', reviewStatus: 'CHANGES_NOT_SUBMITTED' },
    proposal: {
      status: 'DRAFT',
      changes: [
        {
          field: { name: 'creditLimit' },
          original: { raw: '50000.00' },
          proposed: { raw: '150000.00', display: '150,000.00' },
          delta: '100000.00',
          authors: [{ name: 'Clara Keller' }],
        },
      ],
    },
  })
  const proposalId = updateCustomer.proposal.id
  const submitted = await ask('clara', submit, {
    input: { proposalId, expectedRevision: updateCustomer.proposal.revision },
  })
  expect(submitted).toMatchObject({
    submitProposal: {
      proposal: {
        status: 'PENDING',
        route: [
          {
            name: 'Manager',
            status: 'RUNNING',
            steps: [{ assignments: [{ needed: 1, given: 0, people: [{ name: 'Mia Lindgren' }] }] }],
          },
          { name: 'Specialists', status: 'TO_COME' },
        ],
        blockers: [{ code: 'WAITING_FOR_PEOPLE', waitingFor: [{ name: 'Mia Lindgren' }] }],
      },
    },
  })
  await clara.until(({ data }) => data.proposalStatus.proposal?.status === 'PENDING')

  const arrived = (await mia.until(({ data }) => data.approvalQueue.upserts.length > 0)).data.approvalQueue
  expect(arrived).toMatchObject({
    totalCount: 2,
    upserts: [{ proposal: { customer: { account: 'US-001' } }, changes: [{ proposed: { raw: '150000.00' } }] }],
  })
  const [item] = arrived.upserts
  expect(item?.actions.find(({ action }) => action === 'APPROVE')).toMatchObject({ allowed: true })
  const vote = { workItemId: item?.id, revision: item?.proposal.revision }
  expect(await ask('cora', approve, { input: vote })).toMatchObject({
    approve: { __typename: 'NotPermittedError', code: 'NOT_ASSIGNED' },
  })
  expect(await ask('mia', approve, { input: { ...vote, revision: 99 } })).toMatchObject({
    approve: { __typename: 'StaleRevisionError', code: 'STALE_REVISION', proposal: { revision: 1 } },
  })
  expect(await ask('mia', approve, { input: vote })).toMatchObject({
    approve: { __typename: 'WorkItemSuccess', workItem: { status: 'DECIDED', decidedBy: { name: 'Mia Lindgren' } } },
  })
  const removal = await mia.until(({ data }) => data.approvalQueue.removed.length > 0)
  expect(removal.data.approvalQueue).toMatchObject({
    totalCount: 1,
    removed: [{ id: item?.id, reason: 'DECIDED', outcome: 'APPROVED', by: { name: 'Mia Lindgren' } }],
  })

  for (const user of ['cora', 'carl']) {
    const { approvalQueue } = await ask<{
      approvalQueue: { edges: { node: { id: string; proposal: { id: string; revision: number } } }[] }
    }>(user, '{ approvalQueue { edges { node { id proposal { id revision } } } } }')
    const node = approvalQueue.edges.find((edge) => edge.node.proposal.id === proposalId)!.node
    const { approve: done } = await ask<Approved>(user, approve, {
      input: { workItemId: node.id, revision: node.proposal.revision },
    })
    expect(done.proposal.status).toBe(user === 'cora' ? 'PENDING' : 'APPLIED')
  }
  const applied = await clara.until(({ data }) => data.proposalStatus.proposal?.status === 'APPLIED')
  expect(applied.data.proposalStatus.proposal?.customer.creditLimit).toBe('150000.00')
  expect(
    await ask(
      'clara',
      '{ customer(company: "USMF", account: "US-001") { creditLimit proposal { id } reviewStatus history(first: 100) { edges { node { type actor { name } } } } } }',
    ),
  ).toMatchObject({
    customer: { creditLimit: '150000.00', proposal: null, reviewStatus: 'NO_CHANGES' },
  })
  for (const stream of [mia, cora, clara]) stream.stop()
})

test('a step that somebody else decides leaves the queues of the others, with who and what', async () => {
  const { approvalQueue } = await ask<{
    approvalQueue: { edges: { node: { id: string; proposal: { revision: number; customer: { account: string } } } }[] }
  }>('carl', '{ approvalQueue { edges { node { id proposal { revision customer { account } } } } } }')
  const { node } = approvalQueue.edges.find((edge) => edge.node.proposal.customer.account === 'US-015')!
  const cora = await follow<Delta>('cora', queue)
  await cora.next()
  const reject = `mutation($input: RejectInput!) { reject(input: $input) { __typename ${refused} } }`
  expect(
    await ask('carl', reject, {
      input: { workItemId: node.id, revision: node.proposal.revision, comment: 'Too much at once.' },
    }),
  ).toEqual({
    reject: { __typename: 'WorkItemSuccess' },
  })
  const delta = await cora.until(({ data }) => data.approvalQueue.removed.length > 0)
  expect(delta.data.approvalQueue.removed).toMatchObject([
    { reason: 'DECIDED_BY_OTHER', outcome: 'REJECTED', by: { name: 'Carl Okafor' } },
  ])
  cora.stop()
})

test('the same idempotency key with the same input is answered again, and says so', async () => {
  const input = { company: 'USMF', account: 'US-020', set: { creditLimit: '1.00' }, idempotencyKey: 'once' }
  const first = await send<Update>('clara', update, { input })
  const again = await send<Update>('clara', update, { input })
  expect(first.extensions?.replayed).toBeUndefined()
  expect(again.extensions).toEqual({ replayed: true })
  expect(again.data.updateCustomer.proposal.id).toBe(first.data.updateCustomer.proposal.id)
  expect(await ask('clara', update, { input: { ...input, set: { creditLimit: '2.00' } } })).toMatchObject({
    updateCustomer: {
      __typename: 'IdempotencyError',
      code: 'IDEMPOTENCY_KEY_REUSED',
      path: ['input', 'idempotencyKey'],
    },
  })
})

test('a missed message is had by naming the cursor of the last one', async () => {
  type Message = {
    data: {
      approvalQueue: { __typename: string; cursor: string; upserts: { proposal: { customer: { account: string } } }[] }
    }
  }
  const resumable = queue
    .replace('subscription', 'subscription($after: Cursor)')
    .replace('approvalQueue', 'approvalQueue(after: $after)')
  const before = await follow<Message>('mia', resumable)
  const { cursor } = (await before.next()).data.approvalQueue
  before.stop()
  const { updateCustomer } = await ask<Update>('colin', update, {
    input: { company: 'USMF', account: 'US-021', set: { creditLimit: '9000000.00' } },
  })
  await ask('colin', submit, { input: { proposalId: updateCustomer.proposal.id } })
  const resumed = await follow<Message>('mia', resumable, { after: cursor })
  expect((await resumed.next()).data.approvalQueue).toMatchObject({
    __typename: 'QueueDelta',
    upserts: [{ proposal: { customer: { account: 'US-021' } } }],
  })
  resumed.stop()
  const foreign = await follow<Message>('cora', resumable, { after: cursor })
  expect((await foreign.next()).data.approvalQueue.__typename).toBe('Resync')
  foreign.stop()
})
