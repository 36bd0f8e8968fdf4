// How much lies in each queue: what the list of queues says of them, to whom, and at what cost.
import { expect, test } from 'vitest'
import { startWorld } from './world.ts'

const { ask, statements } = await startWorld()

type Counts = { name: string; waiting: number; claimed: number }
const list = '{ queues(company: "USMF") { name waiting claimed } }'
const counts = async (user = 'adam'): Promise<Record<string, [number, number]>> => {
  const { queues } = await ask<{ queues: Counts[] }>(user, list)
  return Object.fromEntries(queues.map(({ name, waiting, claimed }) => [name, [waiting, claimed]]))
}
const run = async (user: string, mutation: string, type: string, input: object, selection = '__typename') => {
  const document = `mutation ($i: ${type}!) { done: ${mutation}(input: $i) { __typename ${selection} } }`
  const { done } = await ask<{ done: Record<string, Record<string, string>> & { __typename: string } }>(
    user,
    document,
    { i: input },
  )
  expect(done.__typename).toMatch(/Success$/)
  return done
}
const { users } = await ask<{ users: { edges: { node: { id: string; name: string } }[] } }>(
  'adam',
  '{ users(company: "USMF", first: 50) { edges { node { id name } } } }',
)
const idOf = (name: string) => users.edges.find(({ node }) => node.name.startsWith(name))?.node.id ?? ''
const makeQueue = async (name: string, ...members: string[]): Promise<string> => {
  const input = { company: 'USMF', name, memberIds: members.map(idOf) }
  const made = await run('adam', 'saveQueue', 'SaveGroupInput', input, '... on QueueSuccess { queue { id } }')
  return made.queue?.id ?? ''
}
const { customers } = await ask<{ customers: { edges: { node: { account: string; proposal: object | null } }[] } }>(
  'clara',
  '{ customers(company: "USMF", first: 60) { edges { node { account proposal { id } } } } }',
)
const free = customers.edges.flatMap(({ node }) => (node.proposal === null ? [node.account] : []))

/** Proposes something about customers nobody has proposed anything about yet, and has a queue asked. */
const put = async (queue: string, n: number): Promise<void> => {
  const accounts = free.splice(0, n)
  const step = { name: 'Step', assign: [{ to: { queue } }] }
  await run('adam', 'saveWorkflow', 'SaveWorkflowInput', {
    company: 'USMF',
    name: `For ${accounts.join()}`,
    activation: accounts.map((account) => `customer.account == "${account}"`).join(' || '),
    definition: { elements: [{ approval: { name: 'Approval', steps: [step] } }] },
    activate: true,
  })
  for (const account of accounts) {
    const edit = { company: 'USMF', account, set: { creditLimit: '990000.00' } }
    const selection = '... on UpdateCustomerSuccess { proposal { id } }'
    const { proposal } = await run('clara', 'updateCustomer', 'UpdateCustomerInput', edit, selection)
    await run('clara', 'submitProposal', 'SubmitProposalInput', { proposalId: proposal?.id })
  }
}
const lyingIn = async (user: string) => {
  const { approvalQueue } = await ask<{
    approvalQueue: { edges: { node: { id: string; proposal: { revision: number } } }[] }
  }>(user, '{ approvalQueue(first: 50, filter: { scope: [QUEUES] }) { edges { node { id proposal { revision } } } } }')
  return approvalQueue.edges.map(({ node }) => ({ workItemId: node.id, revision: node.proposal.revision }))
}

test('a queue says what waits in it and what was claimed from it, for as long as that is open', async () => {
  await makeQueue('Desk', 'Cora', 'Carl')
  const officeId = await makeQueue('Office', 'Tess')
  expect(await counts()).toEqual({ Desk: [0, 0], Office: [0, 0] })
  await put('Desk', 3)
  expect(await counts()).toEqual({ Desk: [3, 0], Office: [0, 0] })

  const [first, second] = await lyingIn('cora')
  await run('cora', 'claim', 'WorkItemInput', { workItemId: first?.workItemId })
  await run('carl', 'claim', 'WorkItemInput', { workItemId: second?.workItemId })
  expect(await counts()).toEqual({ Desk: [1, 2], Office: [0, 0] })
  await run('cora', 'approve', 'ApproveInput', first!)
  expect(await counts()).toEqual({ Desk: [1, 1], Office: [0, 0] })
  await run('carl', 'moveToQueue', 'MoveToQueueInput', { workItemId: second?.workItemId, queueId: officeId })
  expect(await counts()).toEqual({ Desk: [1, 0], Office: [1, 0] })
})

test('whoever may read a queue is told, member of it or not, and nobody else', async () => {
  const told = await counts()
  for (const user of ['clara', 'audrey', 'olga', 'partner']) expect(await counts(user)).toEqual(told)
  expect(await ask('dieter', list)).toEqual({ queues: null })
})

test('however many queues are listed, what lies in all of them is one statement more', async () => {
  const cost = async (query: string): Promise<number> => {
    await ask('adam', query)
    statements.length = 0
    await ask('adam', query)
    return statements.length
  }
  const names = list.replace(' waiting claimed', '')
  const few = await cost(names)
  expect(await cost(list)).toBe(few + 1)
  for (let n = 1; n <= 8; n++) await makeQueue(`Another ${n}`, 'Cora')
  await put('Another 3', 2)
  expect(await counts()).toMatchObject({ 'Another 3': [2, 0], 'Another 4': [0, 0] })
  expect(await cost(names)).toBe(few)
  expect(await cost(list)).toBe(few + 1)
  // As many for whatever else leads to queues.
  const items = '{ workItems(company: "USMF", first: 50) { edges { node { id queue { name } } } } }'
  expect(await cost(items.replace('name', 'name waiting claimed'))).toBe((await cost(items)) + 1)
})
