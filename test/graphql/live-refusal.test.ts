// The live queues of those who are still asked when one of them leaves a change out: what they decide on is less than before.
import { expect, test } from 'vitest'
import { startTestApp } from '../helpers/app.ts'
import { settled } from '../helpers/live.ts'
import type { QueueMessage } from './live-commands.ts'
import { queueWorldOf, type Person } from './queue-world.ts'

const app = await startTestApp()
await settled(app)
const world = await queueWorldOf(app)
const { ids, must, workflowFor, queueOf, itemOf, opened, arrival } = world
await queueOf('Desk', ['tess'])

const approval = (name: string, to: object, more: object = {}) => ({
  approval: { name, partial: true, steps: [{ name, assign: [{ to, policy: 'ALL' }], ...more }] },
})
const users = (...people: Person[]) => ({ users: people.map((person) => ids[person]) })
let next = 20
/** A proposal of two changes of which all these are asked at once; olga about the limit alone. */
const asked = async (): Promise<string> => {
  const about = `US-0${(next += 1)}`
  const branches = [
    approval('Several', users('cora', 'carl', 'mia')),
    approval('Desk', { queue: 'Desk' }),
    approval('Limit', users('olga'), { guards: ['creditLimit'] }),
  ]
  await workflowFor(about, {
    parallel: { name: 'All', branches: branches.map((element, n) => ({ name: String(n), elements: [element] })) },
  })
  await world.submitted('clara', about, { set: { creditLimit: '301000', name: `Renamed ${about}` } })
  return about
}
/** What somebody decides on. */
const wholeItem = async (user: Person, about: string) => {
  const found = (await world.queue(user)).find(({ proposal }) => proposal.customer.account === about)
  if (found === undefined) throw new Error(`${user} has nothing about ${about}`)
  return found
}
/** Cora approves without the name. */
const refuse = async (about: string): Promise<void> => {
  const { id, changes, proposal } = await wholeItem('cora', about)
  const changeId = changes.find(({ field }) => field.name === 'name')?.id
  await must('cora', 'approve', {
    workItemId: id,
    revision: proposal.revision,
    refuse: [{ changeId, reason: 'Not its name.' }],
  })
}

test('a change that one leaves out changes the items of the others before their eyes, at seats, in queues and of who is away', async () => {
  const away = {
    from: new Date(Date.now() - 60_000).toISOString(),
    until: new Date(Date.now() + 3_600_000).toISOString(),
  }
  await must('adam', 'setAbsence', { company: 'USMF', userId: ids.mia, standInId: ids.colin, ...away })
  const [cora, carl, tess, colin, olga] = await Promise.all([
    opened('cora'),
    opened('carl'),
    opened('tess'),
    opened('colin'),
    opened('olga'),
  ])
  const about = await asked()
  const others = [carl, tess, colin]
  const before = await Promise.all(others.map((stream) => arrival(stream, about)))
  await arrival(olga, about)
  await arrival(cora, about)
  await refuse(about)
  for (const [n, stream] of others.entries()) {
    // That an absence begins is told as well, in its own time.
    let item = await arrival(stream, about)
    while (item.proposal.revision === 1) item = await arrival(stream, about)
    expect(item).toMatchObject({ id: before[n]!.id, proposal: { revision: 2 } })
    expect(item.version).toBeGreaterThan(before[n]!.version)
  }
  const { node } = await world.read<{ node: { changes: unknown[] } }>(
    'carl',
    'query ($id: ID!) { node(id: $id) { ... on WorkItem { changes { field { name } refusal { reason } } } } }',
    { id: before[0]!.id },
  )
  expect(node.changes).toEqual([
    { field: { name: 'creditLimit' }, refusal: null },
    { field: { name: 'name' }, refusal: { reason: 'Not its name.' } },
  ])
  // Whoever is not asked about that change hears nothing: their next message is about something else.
  const other = await asked()
  const messages: QueueMessage[] = []
  for (const stream of [olga, cora]) {
    for (;;) {
      const message = await stream.next<QueueMessage>()
      messages.push(message)
      if ((message.upserts ?? []).some(({ proposal }) => proposal.customer.account === other)) break
    }
  }
  const upserted = messages.flatMap(({ upserts = [] }) => upserts.map(({ proposal }) => proposal.customer.account))
  expect(upserted).toEqual([other, other])
  await Promise.all([cora, carl, tess, colin, olga].map((stream) => stream.stop()))
})

test('who comes back after it was left out gets the item again', async () => {
  const carl = await opened('carl')
  const about = await asked()
  const { cursor, version } = await arrival(carl, about)
  await carl.stop()
  await refuse(about)
  const again = await opened('carl', null, cursor)
  expect((await arrival(again, about)).version).toBeGreaterThan(version)
  await again.stop()
  expect((await itemOf('carl', about)).version).toBeGreaterThan(version)
})
