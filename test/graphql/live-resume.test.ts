// Going on where an earlier stream ended, over sockets and server-sent events: nothing missed, nothing twice.
import { describe, expect, test } from 'vitest'
import { startTestApp } from '../helpers/app.ts'
import { follow, openEvents, settled, type Stream } from '../helpers/live.ts'
import {
  approvalQueue,
  commandsOf,
  proposalStatus,
  type ProposalMessage,
  type QueueMessage,
  type Removal,
} from './live-commands.ts'

const hour = 60 * 60 * 1000
let moved = 0
const app = await startTestApp({ clock: () => new Date(Date.now() + moved), heartbeatMs: 250 })
await settled(app)
const { edit, propose, recall, queue } = commandsOf(app)

const company = { company: 'USMF' }
let limit = 400_000
const write = (account: string): Promise<string> => edit('clara', account, { creditLimit: String((limit += 1)) })

/** The positions of the next changes, heartbeats left out. */
const positions = async (stream: Stream, count: number): Promise<number[]> => {
  const found: number[] = []
  while (found.length < count) {
    const { event } = await stream.until<ProposalMessage>('a change', (m) => m.__typename !== 'Heartbeat')
    if (event === undefined) throw new Error('a snapshot in place of a change')
    found.push(Number(event.position))
  }
  return found
}
const sealed = async (): Promise<number[]> => {
  await settled(app)
  const { events } = await app.ask<{ events: { edges: { node: { position: string; proposal: object | null } }[] } }>(
    'adam',
    '{ events(company: "USMF", first: 1000) { edges { node { position proposal { id } } } } }',
  )
  return events.edges.flatMap(({ node }) => (node.proposal === null ? [] : [Number(node.position)]))
}
const kinds = async (stream: Stream, count: number): Promise<string[]> => {
  const found: string[] = []
  while (found.length < count) {
    found.push((await stream.until('a message', (m) => m.__typename !== 'Heartbeat')).__typename)
  }
  return found
}

type Open = (user: string, query: string, variables: object, after: string | null) => Promise<Stream>
const ways: [string, Open][] = [
  ['a socket', (user, query, variables, after) => follow(app, user, query, { ...variables, after })],
  [
    'server-sent events and Last-Event-ID',
    (user, query, variables, after) =>
      openEvents(app, user, query, { variables, ...(after !== null && { headers: { 'last-event-id': after } }) }),
  ],
  [
    'server-sent events by GET',
    (user, query, variables, after) =>
      openEvents(app, user, query, { method: 'GET', variables: { ...variables, after } }),
  ],
]

describe.each(ways)('over %s', (_way, open) => {
  test('changes that were missed come first, each once, and then those that follow', async () => {
    const first = await open('clara', proposalStatus, company, null)
    await first.next()
    await write('US-041')
    const { cursor, event } = await first.until<ProposalMessage>('the change', (m) => m.event !== undefined)
    await first.stop()
    await propose('clara', 'US-042', { creditLimit: String((limit += 1)) }).then((id) => recall('clara', id))
    const second = await open('clara', proposalStatus, company, cursor)
    await write('US-043')
    const expected = (await sealed()).filter((position) => position > Number(event?.position))
    expect(await positions(second, expected.length)).toEqual(expected)
    await second.stop()
  })

  test('a burst that is cut in its middle is read to its end, each change once', async () => {
    const accounts = Array.from({ length: 25 }, (_, n) => `US-0${n + 45}`)
    const begin = Math.max(...(await sealed()))
    let stream = await open('clara', proposalStatus, company, null)
    await stream.next()
    const writing = Promise.all(accounts.map((account) => write(account)))
    const read: number[] = []
    for (let n = 0; n < accounts.length; n++) {
      const change = await stream.until<ProposalMessage>('a change', (m) => m.event !== undefined)
      read.push(Number(change.event?.position))
      if (n % 4 !== 3) continue
      await stream.stop()
      stream = await open('clara', proposalStatus, company, change.cursor)
    }
    await writing
    await stream.stop()
    const expected = (await sealed()).filter((position) => position > begin)
    expect(expected.length).toBeGreaterThanOrEqual(accounts.length)
    expect(read).toEqual(expected.slice(0, read.length))
  })

  test('a queue tells what has come and gone meanwhile, and ends as it is', async () => {
    const gone = await propose('clara', 'US-071', { creditLimit: String((limit += 1)) })
    await settled(app)
    const first = await open('mia', approvalQueue, {}, null)
    const snapshot = await first.until<QueueMessage>('all', (m) => m.complete === true)
    await first.stop()
    const item = snapshot.items?.find(({ proposal }) => proposal.id === gone)
    await recall('clara', gone)
    const come = await propose('clara', 'US-072', { creditLimit: String((limit += 1)) })
    await settled(app)
    const second = await open('mia', approvalQueue, {}, snapshot.cursor)
    // One message, or two when this process had not read all of it yet; nothing else before, and nothing after.
    const upserts: string[] = []
    const removed: Removal[] = []
    const told = async (until: number): Promise<number | undefined> => {
      for (;;) {
        const delta = await second.next<QueueMessage>()
        if (delta.__typename === 'Heartbeat') continue
        expect(delta.__typename).toBe('QueueDelta')
        upserts.push(...(delta.upserts ?? []).map(({ proposal }) => proposal.id))
        removed.push(...(delta.removed ?? []))
        if (upserts.length + removed.length >= until) return delta.totalCount
      }
    }
    expect(await told(2)).toBe((await queue('mia')).length)
    expect(upserts).toEqual([come])
    expect(removed).toMatchObject([{ id: item?.id, reason: 'WITHDRAWN' }])
    await recall('clara', come)
    await told(3)
    expect(upserts).toEqual([come])
    expect(removed).toHaveLength(2)
    await second.stop()
  })

  test("another person's, another stream's, another filter's and a damaged cursor lead to a resync and a snapshot", async () => {
    const own = await open('clara', proposalStatus, company, null)
    const { cursor } = await own.next()
    await own.stop()
    const middle = Math.floor(cursor.length / 2)
    const damaged = `${cursor.slice(0, middle)}${cursor[middle] === 'A' ? 'B' : 'A'}${cursor.slice(middle + 1)}`
    const tries: [string, string, object, string][] = [
      ['colin', proposalStatus, company, cursor],
      ['clara', proposalStatus, { company: 'USMF', account: 'US-007' }, cursor],
      ['clara', approvalQueue, {}, cursor],
      ['clara', proposalStatus, company, damaged],
      ['clara', proposalStatus, company, 'nonsense'],
      ['clara', proposalStatus, company, cursor.slice(0, -2)],
    ]
    for (const [user, query, variables, after] of tries) {
      const stream = await open(user, query, variables, after)
      const snapshot = query === approvalQueue ? 'QueueSnapshot' : 'ProposalStatusSnapshot'
      expect(await kinds(stream, 2)).toEqual(['Resync', snapshot])
      await stream.stop()
    }
    const queueStream = await open('mia', approvalQueue, { filter: { company: 'USMF' } }, null)
    const filtered = (await queueStream.until<QueueMessage>('all', (m) => m.complete === true)).cursor
    await queueStream.stop()
    const other = await open('mia', approvalQueue, { filter: { company: 'DEMF' } }, filtered)
    expect(await kinds(other, 2)).toEqual(['Resync', 'QueueSnapshot'])
    await other.stop()
  })

  test('the snapshot after a resync can be gone on from', async () => {
    const again = await open('clara', proposalStatus, company, 'nonsense')
    await again.next()
    const { cursor } = await again.next()
    await again.stop()
    await write('US-044')
    const resumed = await open('clara', proposalStatus, company, cursor)
    expect(await resumed.next<ProposalMessage>()).toMatchObject({ proposal: { customer: { account: 'US-044' } } })
    await resumed.stop()
  })
})

test('a heartbeat moves the cursor: what came before it is not told again', async () => {
  const stream = await follow(app, 'clara', proposalStatus, { company: 'USMF', account: 'US-073' })
  await stream.next()
  await write('US-074')
  await settled(app)
  await stream.until('a heartbeat', (m) => m.__typename === 'Heartbeat')
  const { cursor } = await stream.until('the next one', (m) => m.__typename === 'Heartbeat')
  await stream.stop()
  await write('US-073')
  const resumed = await follow(app, 'clara', proposalStatus, { company: 'USMF', account: 'US-073', after: cursor })
  expect(await resumed.next<ProposalMessage>()).toMatchObject({ proposal: { customer: { account: 'US-073' } } })
  await resumed.stop()
})

test('a reader that reconnects with both is past what its first request named: Last-Event-ID is the newer', async () => {
  const first = await openEvents(app, 'clara', proposalStatus, { variables: company })
  const { cursor: old } = await first.next()
  await write('US-075')
  await first.until<ProposalMessage>('the change', (m) => m.event !== undefined)
  await first.stop()
  await write('US-076')
  const again = await openEvents(app, 'clara', proposalStatus, {
    method: 'GET',
    variables: { ...company, after: old },
    headers: { 'last-event-id': first.ids().at(-1) ?? '' },
  })
  expect(await again.next<ProposalMessage>()).toMatchObject({ proposal: { customer: { account: 'US-076' } } })
  await again.stop()
})

test('an empty Last-Event-ID is none', async () => {
  const stream = await openEvents(app, 'clara', proposalStatus, {
    variables: company,
    headers: { 'last-event-id': '' },
  })
  expect((await stream.next()).__typename).toBe('ProposalStatusSnapshot')
  await stream.stop()
})

test('a cursor is good for 72 hours and no longer', async () => {
  const stream = await follow(app, 'partner', proposalStatus, company)
  const { cursor } = await stream.next()
  await stream.stop()
  await write('US-077')
  moved = 71 * hour
  const inTime = await follow(app, 'partner', proposalStatus, { ...company, after: cursor })
  expect(await inTime.next<ProposalMessage>()).toMatchObject({ proposal: { customer: { account: 'US-077' } } })
  await inTime.stop()
  moved = 73 * hour
  const late = await follow(app, 'partner', proposalStatus, { ...company, after: cursor })
  expect(await kinds(late, 2)).toEqual(['Resync', 'ProposalStatusSnapshot'])
  await late.stop()
})

test('who comes back after a while gets what they missed with the proposal as it is by then', async () => {
  const version = `subscription ($account: String!, $after: Cursor) {
    proposalStatus(company: "USMF", account: $account, after: $after) {
      __typename ... on LiveMessage { cursor } ... on ProposalStatusChanged { proposal { customer { version } } } } }`
  type Told = { __typename: string; cursor: string; proposal?: { customer: { version: number } } }
  const account = 'US-078'
  moved = 0
  const stream = await follow(app, 'clara', version, { account })
  const { cursor } = await stream.next<Told>()
  await edit('clara', account, { creditLimit: '61000.00' })
  const first = await stream.until<Told>('the change', ({ proposal }) => proposal !== undefined)
  const update = 'mutation ($i: UpdateCustomerInput!) { updateCustomer(input: $i) { __typename } }'
  const input = { company: 'USMF', account, set: { website: 'https://www.example.com' } }
  expect(await app.ask('clara', update, { i: input })).toMatchObject({
    updateCustomer: { __typename: 'UpdateCustomerSuccess' },
  })
  // Others have been told the same a moment ago, and so may they be who come within it.
  moved = 6_000
  const again = await follow(app, 'clara', version, { account, after: cursor })
  const second = await again.until<Told>('the change', ({ proposal }) => proposal !== undefined)
  expect(second.proposal?.customer.version).toBe((first.proposal?.customer.version ?? 0) + 1)
  await Promise.all([stream.stop(), again.stop()])
})
