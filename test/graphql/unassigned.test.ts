// What lies where nobody can take it: administrators find it as unassigned, exactly where the blockers say that it is so.
import { expect, test } from 'vitest'
import { startTestApp } from '../helpers/app.ts'
import type { Input } from './operations.ts'
import { asks, queueWorldOf, type Person } from './queue-world.ts'

const app = await startTestApp()
const world = await queueWorldOf(app)
const { ids, must, read, workflowFor, queueOf, propose } = world
const both = (queue: string) => ({
  approval: {
    name: 'Both',
    steps: [{ name: 'Step', assign: [{ to: { users: [ids.cora] } }, { to: { queue } }], join: 'ALL' }],
  },
})
const task = (queue: string) => ({ task: { name: 'Task', step: { name: 'Step', assign: [{ to: { queue } }] } } })
const found = async (unassigned: boolean) => {
  const items = await world.companyItems('adam', { unassigned }, 'first: 100')
  if (items === null) throw new Error('not for an administrator')
  expect(items.totalCount).toBe(items.edges.length)
  return world
    .accountsOf(items)
    .filter((account) => account.startsWith('US-12'))
    .sort()
}
/** Accounts of which a blocker says that nobody of the queue can take what lies there. */
const blocked = async (): Promise<string[]> => {
  const { workItems } = await read<{
    workItems: { edges: { node: { proposal: { customer: { account: string }; blockers: Blocker[] } } }[] }
  }>(
    'adam',
    '{ workItems(company: "USMF", first: 100) { edges { node { proposal { customer { account } blockers { code waitingFor { id } } } } } } }',
  )
  const proposals = workItems.edges
    .map(({ node }) => node.proposal)
    .filter(({ blockers }) => blockers.some((b) => b.code === 'WAITING_FOR_QUEUE' && b.waitingFor.length === 0))
  return [...new Set(proposals.map(({ customer }) => customer.account))].sort()
}
type Blocker = { code: string; waitingFor: { id: string }[] }

const queues: readonly (readonly [account: string, elements: (queue: string) => Input, after: readonly Person[]])[] = [
  ['US-120', (queue) => asks({ queue }), ['carl', 'clara']],
  // Its author alone is left.
  ['US-121', (queue) => asks({ queue }), ['clara']],
  // Nobody who may ever decide.
  ['US-122', (queue) => asks({ queue }), ['audrey']],
  ['US-123', (queue) => asks({ queue }), []],
  // Whoever saved and activated the workflow.
  ['US-124', (queue) => asks({ queue }), ['adam', 'clara']],
  // Somebody who is asked in the step already.
  ['US-125', both, ['cora']],
  // A task may be done by its author.
  ['US-126', task, ['clara']],
  // Somebody for whom another one stands in.
  ['US-127', (queue) => asks({ queue }), ['olga']],
]
const stuck = ['US-121', 'US-122', 'US-123', 'US-124', 'US-125', 'US-127']

test('is unassigned, and nothing else that lies in a queue is', async () => {
  const made = new Map<string, string>()
  for (const [account, elements] of queues) {
    made.set(account, await queueOf(`Queue ${account}`, ['carl', 'clara']))
    await workflowFor(account, elements(`Queue ${account}`), asks({ users: [ids.tess] }))
    await propose(account)
  }
  expect(await found(true)).toEqual([])
  for (const [account, , members] of queues) await queueOf(`Queue ${account}`, members, made.get(account))
  const hours = (n: number) => new Date(Date.now() + n * 3_600_000).toISOString()
  const absence = { company: 'USMF', userId: ids.olga, standInId: ids.tess, from: hours(-1), until: hours(1) }
  await must('adam', 'setAbsence', absence)
  expect(await found(true)).toEqual(stuck)
  expect(await found(true)).toEqual(await blocked())
  const others = await found(false)
  expect(others).toEqual(expect.arrayContaining(['US-120', 'US-126']))
  // Beside its queue the step asks somebody: that item is theirs.
  expect(others.filter((account) => stuck.includes(account))).toEqual(['US-125'])

  await queueOf('Queue US-121', ['clara', 'carl'], made.get('US-121'))
  expect(await found(true)).toEqual(stuck.filter((account) => account !== 'US-121'))
})
