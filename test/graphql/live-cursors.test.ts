// Places in a stream that is read along with others: each reader's own, on any process; and bursts as one message.
import { describe, expect, test } from 'vitest'
import { startTestApp } from '../helpers/app.ts'
import { follow, settled, type LiveMessage, type Stream } from '../helpers/live.ts'
import { approvalQueue, commandsOf, proposalStatus, type ProposalMessage, type QueueMessage } from './live-commands.ts'

const app = await startTestApp({ heartbeatMs: 250 })
await settled(app)
const { edit } = commandsOf(app)
const company = { company: 'USMF' }
let limit = 600_000
const write = async (account: string): Promise<string> => {
  limit += 1
  await edit('clara', account, { creditLimit: String(limit) })
  return `${limit}.00`
}
/** The limits that the next messages propose, heartbeats left out. */
const limits = async (stream: Stream, count: number): Promise<unknown[]> => {
  const found: unknown[] = []
  while (found.length < count) {
    const message = await stream.until<ProposalMessage>('a change', (m) => m.__typename !== 'Heartbeat')
    if (message.event === undefined) found.push(message.__typename)
    else if (!['CHANGE_PROPOSED', 'CHANGE_REPLACED'].includes(message.event.type)) continue
    else found.push(message.proposal?.changes[0]?.proposed?.raw)
  }
  return found
}
const first = async (user: string, after: string): Promise<string> => {
  const stream = await follow(app, user, proposalStatus, { ...company, after })
  const message = await stream.until('a message', (m) => m.__typename !== 'Heartbeat')
  await stream.stop()
  return message.__typename
}

describe('a cursor of a reader who reads along', () => {
  test('is good for them, on another process too, and for nobody else, though all get the same message', async () => {
    const users = ['cora', 'carl', 'clara']
    const readers = await Promise.all(users.map((user) => follow(app, user, proposalStatus, company)))
    await Promise.all(readers.map((reader) => reader.next()))
    await write('US-061')
    for (const reader of readers) await limits(reader, 1)
    const seen = await write('US-061')
    const last = await Promise.all(
      readers.map((reader) =>
        reader.until<ProposalMessage>('it', (m) => m.proposal?.changes[0]?.proposed?.raw === seen),
      ),
    )
    const cursors = last.map(({ cursor }) => cursor)
    expect(new Set(cursors).size).toBe(3)
    const missed = await write('US-061')
    for (const reader of readers) expect(await limits(reader, 1)).toEqual([missed])
    await Promise.all(readers.map((reader) => reader.stop()))
    const check = async (): Promise<void> => {
      for (const [n, user] of users.entries()) {
        const own = await follow(app, user, proposalStatus, { ...company, after: cursors[n] })
        expect([user, await limits(own, 1)]).toEqual([user, [missed]])
        await own.stop()
        expect(await first(user, cursors[(n + 1) % users.length] ?? '')).toBe('Resync')
      }
      // Nor for another stream of one's own.
      const other = await follow(app, 'cora', proposalStatus, { ...company, account: 'US-061', after: cursors[0] })
      expect((await other.next()).__typename).toBe('Resync')
      await other.stop()
    }
    await check()
    await app.stop()
    await app.startAgain()
    await settled(app)
    await check()
  })

  test('moves with the heartbeats: what came before is not told again', async () => {
    const readers = await Promise.all(['cora', 'carl'].map((user) => follow(app, user, proposalStatus, company)))
    await Promise.all(readers.map((reader) => reader.next()))
    const before = await write('US-062')
    for (const reader of readers) expect(await limits(reader, 1)).toEqual([before])
    // Of another company: nothing to tell, but a place further on.
    await app.ask(
      'dieter',
      'mutation { updateCustomer(input: { company: "DEMF", account: "DE-001", set: { phone: "+49 30 5550100" } }) { __typename } }',
    )
    await settled(app)
    const isHeartbeat = ({ __typename }: LiveMessage): boolean => __typename === 'Heartbeat'
    const cursors: string[] = []
    for (const reader of readers) {
      const one = await reader.until<LiveMessage>('a heartbeat', isHeartbeat)
      const two = await reader.until<LiveMessage>('the next one', isHeartbeat)
      expect(two.cursor).not.toBe(one.cursor)
      cursors.push(two.cursor)
    }
    expect(new Set(cursors).size).toBe(2)
    const after = await write('US-062')
    for (const [n, user] of ['cora', 'carl'].entries()) {
      const resumed = await follow(app, user, proposalStatus, { ...company, after: cursors[n] })
      expect(await limits(resumed, 1)).toEqual([after])
      await resumed.stop()
      expect(await first(user, cursors[1 - n] ?? '')).toBe('Resync')
    }
    await Promise.all(readers.map((reader) => reader.stop()))
  })
})

test('a burst of items at one approver is a few messages, not one for each', async () => {
  const stream = await follow(app, 'mia', approvalQueue)
  const before = await stream.until<QueueMessage>('the snapshot', ({ complete }) => complete === true)
  const count = 100
  const rows = Array.from({ length: count }, (_, n) => ({
    account: `US-${String(n + 101).padStart(3, '0')}`,
    set: { creditLimit: '990000.00' },
  }))
  await app.partner(
    'mutation ($input: ImportCustomersInput!) { importCustomers(input: $input) { __typename ... on UserError { message } } }',
    { input: { ...company, rows } },
  )
  const arrived = new Set<string>()
  let messages = 0
  while (arrived.size < count) {
    const message = await stream.until<QueueMessage>('a delta', (m) => m.__typename !== 'Heartbeat')
    expect(message.__typename).toBe('QueueDelta')
    for (const { id } of message.upserts ?? []) arrived.add(id)
    messages += 1
    if (arrived.size === count) expect(message.totalCount).toBe((before.totalCount ?? 0) + count)
  }
  expect(messages).toBeLessThanOrEqual(count / 5)
  await stream.stop()
})
