// What reading a queue costs in statements: one more than knowing who asks, unless somebody is away whom it concerns.
import { expect, test } from 'vitest'
import { startWorld } from './world.ts'

const { ask, statements } = await startWorld()
const list = '{ approvalQueue(first: 20) { edges { node { id subject step dueAt } } } }'
const counted = async (user: string, query = list): Promise<number> => {
  await ask(user, query)
  statements.length = 0
  await ask(user, query)
  return statements.length
}
const idOf = async (name: string): Promise<string> => {
  const { users } = await ask<{ users: { edges: { node: { id: string; name: string } }[] } }>(
    'adam',
    '{ users(company: "USMF", first: 50) { edges { node { id name } } } }',
  )
  return users.edges.find(({ node }) => node.name.startsWith(name))?.node.id ?? ''
}
const settled = (data: unknown): void => expect(JSON.stringify(data)).not.toMatch(/Error"/)

test('a queue is one statement more than who asks, and its number another', async () => {
  const asking = await counted('mia', '{ viewer { memberships { roles } } }')
  expect(await counted('mia')).toBe(asking + 1)
  expect(await counted('mia', '{ viewer { openWorkItems } }')).toBe(asking + 1)
  expect(await counted('mia', list.replace('edges', 'totalCount edges'))).toBe(asking + 2)
})

test('queues and absences of others cost nothing, one’s own absence a number that does not grow', async () => {
  const usual = await counted('mia')
  const [mia, cora, olga, tess] = await Promise.all(['Mia', 'Cora', 'Olga', 'Tess'].map(idOf))
  const members = { company: 'USMF', name: 'Desk', memberIds: [mia, cora] }
  settled(await ask('adam', 'mutation ($i: SaveGroupInput!) { saveQueue(input: $i) { __typename } }', { i: members }))
  const hours = (n: number) => new Date(Date.now() + n * 3_600_000).toISOString()
  const awayNow = (userId = '', standInId = '') =>
    ask('adam', 'mutation ($i: SetAbsenceInput!) { setAbsence(input: $i) { __typename } }', {
      i: { company: 'USMF', userId, standInId, from: hours(-1), until: hours(1) },
    })
  settled(await awayNow(tess, olga))
  expect(await counted('mia')).toBe(usual)
  settled(await awayNow(mia, olga))
  const standingIn = await counted('olga')
  expect(standingIn).toBeLessThanOrEqual(usual + 12)
  const { customers } = await ask<{ customers: { edges: { node: { account: string; proposal: object | null } }[] } }>(
    'clara',
    '{ customers(company: "USMF", first: 40) { edges { node { account proposal { id } } } } }',
  )
  const free = customers.edges.flatMap(({ node }) => (node.proposal === null ? [node.account] : [])).slice(0, 6)
  for (const account of free) {
    const { updateCustomer } = await ask<{ updateCustomer: { proposal: { id: string } } }>(
      'clara',
      'mutation ($i: UpdateCustomerInput!) { updateCustomer(input: $i) { ... on UpdateCustomerSuccess { proposal { id } } } }',
      { i: { company: 'USMF', account, set: { creditLimit: '990000.00' } } },
    )
    const submit = 'mutation ($i: SubmitProposalInput!) { submitProposal(input: $i) { __typename } }'
    settled(await ask('clara', submit, { i: { proposalId: updateCustomer.proposal.id } }))
  }
  const { approvalQueue } = await ask<{ approvalQueue: { edges: unknown[] } }>('olga', list)
  expect(approvalQueue.edges.length).toBeGreaterThanOrEqual(free.length)
  expect(await counted('olga')).toBe(standingIn)
})

test('what is unassigned is found by one statement more, whatever lies in queues that somebody can take', async () => {
  const unassigned = (name: string) =>
    `{ workItems(company: "${name}", first: 20, filter: { unassigned: true }) { edges { node { id subject } } } }`
  const usual = await counted('adam', unassigned('USMF').replace('filter: { unassigned: true }', ''))
  expect(await counted('adam', unassigned('USMF'))).toBe(usual + 1)
})

test('what is told of items of one proposal is worked out once for all of them', async () => {
  const [olga, carl] = await Promise.all(['Olga', 'Carl'].map(idOf))
  const approval = (name: string, userId = '') => ({
    approval: { name, steps: [{ name, assign: [{ to: { users: [userId] } }] }] },
  })
  const { customers } = await ask<{ customers: { edges: { node: { account: string; proposal: object | null } }[] } }>(
    'clara',
    '{ customers(company: "USMF", first: 60) { edges { node { account proposal { id } } } } }',
  )
  const free = customers.edges.flatMap(({ node }) => (node.proposal === null ? [node.account] : []))
  const told = async (account: string, items: number): Promise<number> => {
    // A check that looks among all customers: each look is a statement.
    const elements = [
      { automated: { name: 'Check', check: 'DUPLICATE_TAX_NUMBER', outcomes: [{ name: 'failed', elements: [] }] } },
      {
        parallel: {
          name: 'All',
          branches: Array.from({ length: items }, (_, n) => ({ name: `${n}`, elements: [approval(`${n}`, carl)] })),
        },
      },
    ]
    const save = 'mutation ($i: SaveWorkflowInput!) { saveWorkflow(input: $i) { __typename } }'
    const activation = `customer.account == "${account}"`
    const workflow = { company: 'USMF', name: account, ownerId: olga, activation, activate: true }
    settled(await ask('adam', save, { i: { ...workflow, definition: { elements } } }))
    const { updateCustomer } = await ask<{ updateCustomer: { proposal: { id: string } } }>(
      'clara',
      'mutation ($i: UpdateCustomerInput!) { updateCustomer(input: $i) { ... on UpdateCustomerSuccess { proposal { id } } } }',
      { i: { company: 'USMF', account, set: { taxExemptNumber: `T-${account}` } } },
    )
    const submit = 'mutation ($i: SubmitProposalInput!) { submitProposal(input: $i) { __typename } }'
    settled(await ask('clara', submit, { i: { proposalId: updateCustomer.proposal.id } }))
    const query = `{ approvalQueue(first: 50, filter: { account: "${account}" }) { edges { node {
      whenDue actions { action allowed } proposal { blockers { code } route { status } } } } } }`
    const { approvalQueue } = await ask<{ approvalQueue: { edges: unknown[] } }>('carl', query)
    expect(approvalQueue.edges).toHaveLength(items)
    return counted('carl', query)
  }
  expect(await told(free[0] ?? '', 8)).toBe(await told(free[1] ?? '', 2))
})
