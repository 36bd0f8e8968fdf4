// Many decisions in one call: each by itself, or all or none; over companies; once for each key.
import { describe, expect, test } from 'vitest'
import { startTestApp } from '../helpers/app.ts'
import { operationsOf, type Input, type Result } from './operations.ts'

const app = await startTestApp()
const { run, runWhole, read, submitted, customerOf, userId, footprint } = operationsOf(app)
const company = 'USMF'
const [cora, olga, tess] = await Promise.all(['cora', 'olga', 'tess'].map((name) => userId(name)))

/** A workflow that one element makes, for customers with this payment term proposed: each test has its own. */
const workflowOf = (code: string, name: string, element: Input, rank: number) =>
  run('adam', 'saveWorkflow', {
    company: code,
    name,
    rank,
    ownerId: olga,
    activation: rank === 0 ? null : `proposed.creditLimit == ${rank}.0`,
    isDefault: rank === 0,
    definition: { elements: [element] },
    activate: true,
  })
const step = (users: unknown[]) => ({ name: 'Step', assign: [{ to: { users }, policy: 'ALL' }] })
const approval = (users: unknown[]) => ({ approval: { name: 'Approval', steps: [step(users)] } })
type Item = { workItemId: string; revision: number }
const itemOf = async (account: string, code = company, as = 'olga', name = 'Olga'): Promise<Item> => {
  const { proposal } = (await customerOf(
    as,
    account,
    'proposal { revision workItems(open: true) { id assignee { name } } }',
    code,
  )) as { proposal: { revision: number; workItems: { id: string; assignee: { name: string } }[] } }
  const item = proposal.workItems.find(({ assignee }) => assignee.name.startsWith(name))
  return { workItemId: item?.id ?? '', revision: proposal.revision }
}
const many = async (user: string, decisions: readonly Input[], more: Input = {}): Promise<(Result | null)[]> =>
  (await run(user, 'decideMany', { decisions, ...more })).results
const codes = (results: readonly (Result | null)[]) => results.map((r) => r?.code ?? r?.__typename)
const statusOf = async (account: string, code = company) =>
  (
    (await customerOf('olga', account, 'proposals(first: 1) { edges { node { status } } }', code)) as {
      proposals: { edges: { node: { status: string } }[] }
    }
  ).proposals.edges[0]?.node.status

await workflowOf(company, 'By olga', approval([olga]), 7)
await workflowOf(company, 'By three', approval([olga, tess, cora]), 8)
await workflowOf(
  company,
  'A choice',
  {
    decision: {
      name: 'Way',
      step: { name: 'Way', assign: [{ to: { users: [olga] } }] },
      outcomes: [
        { name: 'Left', elements: [approval([olga])] },
        { name: 'Right', elements: [approval([olga])] },
      ],
    },
  },
  9,
)
await workflowOf('DEMF', 'By olga', approval([olga]), 0)
await run('adam', 'setApprovalParameters', { company: 'DEMF', enabled: true })
await run('adam', 'setFieldApproval', { company: 'DEMF', enable: ['creditLimit'] })

let next = 140
/** Proposals for customers of their own, each waiting for olga. */
const waiting = async (count: number, creditLimit = '7', code = company): Promise<string[]> => {
  const accounts = Array.from({ length: count }, () => (code === company ? `US-${next++}` : `DE-0${next++ - 120}`))
  for (const account of accounts) {
    if (code === company) await submitted('clara', account, { set: { creditLimit } })
    else {
      const edited = await run('dieter', 'updateCustomer', { company: code, account, set: { creditLimit } })
      await run('dieter', 'submitProposal', { proposalId: edited.proposal?.id })
    }
  }
  return accounts
}

describe('each by itself', () => {
  test('is answered in the order of the call, and a refusal takes back only itself', async () => {
    const accounts = await waiting(4)
    const [a, b, c, d] = await Promise.all(accounts.map((account) => itemOf(account)))
    const results = await many('olga', [
      { ...d, outcome: 'APPROVED' },
      { ...b, outcome: 'REJECTED' },
      { ...c, outcome: 'APPROVED', revision: 99 },
      { ...a, outcome: 'CHANGE_REQUESTED', comment: 'Less.' },
      { ...b, outcome: 'COMPLETED' },
      { ...c, outcome: 'APPROVED', choice: 'Left' },
      { ...b, outcome: 'REJECTED', comment: 'No.' },
      { workItemId: 'x', revision: 1, outcome: 'APPROVED' },
    ])
    expect(codes(results)).toEqual([
      'WorkItemSuccess',
      'REASON_REQUIRED',
      'STALE_REVISION',
      'WorkItemSuccess',
      'NOT_OFFERED',
      'INVALID_VALUE',
      'WorkItemSuccess',
      'NOT_FOUND',
    ])
    expect(results.map((r) => r?.path?.join('.') ?? null)).toEqual([
      null,
      'input.decisions.1.comment',
      'input.decisions.2.revision',
      null,
      'input.decisions.4.workItemId',
      'input.decisions.5.choice',
      null,
      'input.decisions.7.workItemId',
    ])
    expect(results[0]?.workItem).toMatchObject({ id: d?.workItemId, status: 'DECIDED' })
    expect(results[2]).toMatchObject({ __typename: 'StaleRevisionError', about: { revision: c?.revision } })
    expect(await Promise.all(accounts.map((account) => statusOf(account)))).toEqual([
      'CHANGES_REQUESTED',
      'REJECTED',
      'PENDING',
      'APPLIED',
    ])
  })

  test('the same item twice is decided once', async () => {
    const [account = ''] = await waiting(1)
    const item = await itemOf(account)
    const approve = { ...item, outcome: 'APPROVED' }
    expect(codes(await many('olga', [approve, approve]))).toEqual(['WorkItemSuccess', 'WRONG_STATE'])
  })

  test('takes choices, and items of every company of the caller, but of no other', async () => {
    const [choice = ''] = await waiting(1, '9')
    const [german = ''] = await waiting(1, '9', 'DEMF')
    const [left, abroad] = [await itemOf(choice), await itemOf(german, 'DEMF')]
    const decisions = [
      { ...abroad, outcome: 'APPROVED' },
      { ...left, outcome: 'CHOSEN' },
      { ...left, outcome: 'CHOSEN', choice: 'Left' },
    ]
    expect(codes(await many('tess', decisions))).toEqual(['NOT_FOUND', 'INVALID_VALUE', 'NOT_ASSIGNED'])
    expect(codes(await many('olga', decisions))).toEqual(['WorkItemSuccess', 'INVALID_VALUE', 'WorkItemSuccess'])
    expect(await customerOf('dieter', german, 'creditLimit', 'DEMF')).toEqual({ creditLimit: '9.00' })
    expect(await statusOf(choice)).toBe('PENDING')
  })
})

describe('all or none', () => {
  test('are recorded together, over companies too', async () => {
    const accounts = await waiting(2)
    const [german = ''] = await waiting(1, '9', 'DEMF')
    const items = [...(await Promise.all(accounts.map((a) => itemOf(a)))), await itemOf(german, 'DEMF')]
    const decisions = items.map((item) => ({ ...item, outcome: 'APPROVED' }))
    const before = await footprint()
    const spoilt = [decisions[0], { ...decisions[1], revision: 99 }, decisions[2]].filter((d) => d !== undefined)
    for (const bad of [spoilt, [...decisions, { workItemId: 'x', revision: 1, outcome: 'APPROVED' }]]) {
      const results = await many('olga', bad, { mode: 'ATOMIC', idempotencyKey: 'atomic' })
      expect(results.filter((r) => r?.__typename === 'RolledBackError')).toHaveLength(bad.length - 1)
      expect(codes(results)).toEqual(
        bad === spoilt
          ? ['ROLLED_BACK', 'STALE_REVISION', 'ROLLED_BACK']
          : ['ROLLED_BACK', 'ROLLED_BACK', 'ROLLED_BACK', 'NOT_FOUND'],
      )
      expect(results[0]?.path).toEqual(['input', 'decisions', '0', 'workItemId'])
      expect(await footprint()).toEqual(before)
    }
    // Nothing was kept of the key: what was corrected works with it.
    const results = await many('olga', decisions, { mode: 'ATOMIC', idempotencyKey: 'atomic' })
    expect(codes(results)).toEqual(decisions.map(() => 'WorkItemSuccess'))
    expect(await Promise.all(accounts.map((a) => statusOf(a)))).toEqual(['APPLIED', 'APPLIED'])
  })

  test('the same item twice is nothing', async () => {
    const [account = ''] = await waiting(1)
    const approve = { ...(await itemOf(account)), outcome: 'APPROVED' }
    const before = await footprint()
    expect(codes(await many('olga', [approve, approve], { mode: 'ATOMIC' }))).toEqual(['ROLLED_BACK', 'WRONG_STATE'])
    expect(await footprint()).toEqual(before)
  })
})

describe('a key', () => {
  test('gives the same answers again, refusals too, and does nothing', async () => {
    const [account = '', other = ''] = await waiting(2)
    const [item, second] = [await itemOf(account), await itemOf(other)]
    const decisions = [
      { ...item, outcome: 'APPROVED' },
      { ...second, outcome: 'REJECTED' },
      { ...item, outcome: 'APPROVED' },
    ]
    const input = { decisions, idempotencyKey: 'again' }
    const first = await runWhole('olga', 'decideMany', input)
    expect(codes(first.data.decideMany?.results ?? [])).toEqual(['WorkItemSuccess', 'REASON_REQUIRED', 'WRONG_STATE'])
    expect(first.extensions).toBeUndefined()
    const before = await footprint()
    expect(await runWhole('olga', 'decideMany', input)).toEqual({ data: first.data, extensions: { replayed: true } })
    expect(codes(await many('olga', decisions.slice(0, 2), { idempotencyKey: 'again' }))).toEqual([
      'IDEMPOTENCY_KEY_REUSED',
      'IDEMPOTENCY_KEY_REUSED',
    ])
    expect(await footprint()).toEqual(before)
  })

  test('is not kept of a call that did nothing', async () => {
    const [account = ''] = await waiting(1)
    const item = await itemOf(account)
    const before = await footprint()
    const nothing = { workItemId: 'x', revision: 1, outcome: 'APPROVED' }
    for (const decisions of [[nothing], [{ ...item, outcome: 'REJECTED' }, nothing]])
      expect(codes(await many('olga', decisions, { idempotencyKey: 'nothing' })).at(-1)).toEqual('NOT_FOUND')
    expect(await footprint()).toEqual(before)
    const corrected = [{ ...item, outcome: 'REJECTED', comment: 'No.' }]
    expect(codes(await many('olga', corrected, { idempotencyKey: 'nothing' }))).toEqual(['WorkItemSuccess'])
  })
})

test('two calls about the same items at the same moment decide each once', async () => {
  const accounts = await waiting(6, '8')
  const items = await Promise.all(accounts.map((account) => itemOf(account)))
  const decisions = items.map((item) => ({ ...item, outcome: 'APPROVED' }))
  const answers = await Promise.all([many('olga', decisions), many('olga', [...decisions].reverse())])
  const all = codes(answers.flat())
  expect(all.filter((code) => code === 'WorkItemSuccess')).toHaveLength(6)
  expect(all.filter((code) => code === 'WRONG_STATE')).toHaveLength(6)
})

test('none, or more than 200, are refused as a whole, and nobody is asked anything twice by it', async () => {
  const [account = ''] = await waiting(1)
  const approve = { ...(await itemOf(account)), outcome: 'APPROVED' }
  const before = await footprint()
  const whole = { __typename: 'ValidationError', path: ['input', 'decisions'] }
  expect(await many('olga', [])).toMatchObject([{ ...whole, code: 'INVALID_VALUE' }])
  const tooMany = await many(
    'olga',
    Array.from({ length: 201 }, () => approve),
  )
  expect(tooMany).toHaveLength(201)
  for (const one of [tooMany[0], tooMany[200]]) expect(one).toMatchObject({ ...whole, code: 'LIMIT_EXCEEDED' })
  expect(codes(await many('olga', [approve, approve], { idempotencyKey: ' ' }))).toEqual([
    'INVALID_VALUE',
    'INVALID_VALUE',
  ])
  expect(await footprint()).toEqual(before)
  const results = await many(
    'olga',
    Array.from({ length: 200 }, () => approve),
  )
  expect(codes(results).filter((code) => code === 'WorkItemSuccess')).toHaveLength(1)
  const { node } = await read<{ node: { status: string } }>(
    'olga',
    'query ($id: ID!) { node(id: $id) { ... on WorkItem { status } } }',
    { id: approve.workItemId },
  )
  expect(node.status).toBe('DECIDED')
})
