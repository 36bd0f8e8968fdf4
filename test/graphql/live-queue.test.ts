// The approver's queue as a stream, over real sockets: it fills, changes and empties before their eyes.
import postgres from 'postgres'
import { describe, expect, test } from 'vitest'
import { startTestApp, until } from '../helpers/app.ts'
import { follow, openEvents, openSocket, settled, subscribers, type Stream } from '../helpers/live.ts'
import { approvalQueue, commandsOf, type QueueItem, type QueueMessage, type Removal } from './live-commands.ts'

const app = await startTestApp()
await settled(app)
const { edit, submit, approve, reject, requestChange, recall, propose, queue, member, userId } = commandsOf(app)

const opened = async (user: string, filter: object | null = null): Promise<Stream> => {
  const stream = await follow(app, user, approvalQueue, { filter })
  await stream.until<QueueMessage>('the whole snapshot', ({ complete }) => complete === true)
  return stream
}
const arrival = async (stream: Stream, proposalId: string): Promise<QueueMessage & { item: QueueItem }> => {
  const of = ({ upserts = [] }: QueueMessage) => upserts.find(({ proposal }) => proposal.id === proposalId)
  const message = await stream.until<QueueMessage>(`an item of ${proposalId}`, (m) => of(m) !== undefined)
  return { ...message, item: of(message)! }
}
const departure = async (stream: Stream, { id }: { id: string }): Promise<QueueMessage & { removal: Removal }> => {
  const of = ({ removed = [] }: QueueMessage) => removed.find((removal) => removal.id === id)
  const message = await stream.until<QueueMessage>(`${id} leaving`, (m) => of(m) !== undefined)
  return { ...message, removal: of(message)! }
}
const large = { creditLimit: '250000.00' }
const small = { creditLimit: '90000.00' }

/** Customers for whom both are a rise: a fall would be approved by the workflow itself. */
const { customers } = await app.ask<{
  customers: { edges: { node: { account: string; creditLimit: string; proposal: object | null } }[] }
}>('clara', '{ customers(company: "USMF", first: 80) { edges { node { account creditLimit proposal { id } } } } }')
const free = customers.edges.flatMap(({ node }) =>
  node.proposal === null && Number(node.creditLimit) < 90_000 ? [node.account] : [],
)
const account = (): string => {
  const next = free.shift()
  if (next === undefined) throw new Error('no customer is left')
  return next
}

describe('a queue', () => {
  test('begins with what waits, and shows a new item within a second of the submit', async () => {
    const stream = await follow(app, 'mia', approvalQueue)
    expect(await stream.next<QueueMessage>()).toMatchObject({
      __typename: 'QueueSnapshot',
      complete: true,
      totalCount: 1,
      items: [{ status: 'OPEN', step: 'Manager', proposal: { customer: { account: 'US-010' } } }],
    })
    const about = account()
    const proposalId = await edit('clara', about, large)
    await submit('clara', proposalId)
    const submitted = performance.now()
    const { item, totalCount, removed } = await arrival(stream, proposalId)
    expect(performance.now() - submitted).toBeLessThan(1_000)
    expect(item).toMatchObject({ step: 'Manager', status: 'OPEN', proposal: { customer: { account: about } } })
    expect([totalCount, removed]).toEqual([2, []])
    await stream.stop()
  })

  test('loses what its owner decides: DECIDED, with the outcome and a higher version', async () => {
    const proposalId = await propose('clara', account(), small)
    const stream = await opened('mia')
    const before = (await queue('mia')).length
    const item = await approve('mia', proposalId)
    const { removal, totalCount } = await departure(stream, item)
    expect(removal).toMatchObject({ reason: 'DECIDED', outcome: 'APPROVED', by: { name: 'Mia Lindgren' } })
    expect(removal.version).toBeGreaterThan(item.version)
    expect(totalCount).toBe(before - 1)
    await stream.stop()
  })

  test.each([
    ['approves where one is enough', approve, 'APPROVED', small],
    ['rejects', reject, 'REJECTED', large],
    ['requests a change', requestChange, 'CHANGE_REQUESTED', large],
  ] as const)('loses what somebody else decides, who %s: with who and what', async (_how, answer, outcome, set) => {
    const proposalId = await propose('clara', account(), set)
    const cora = await opened('cora')
    await approve('mia', proposalId)
    const { item } = await arrival(cora, proposalId)
    const waiting = (await queue('cora')).length
    await answer('carl', proposalId)
    const { removal, totalCount } = await departure(cora, item)
    expect(removal).toMatchObject({ reason: 'DECIDED_BY_OTHER', outcome, by: { name: 'Carl Okafor' } })
    expect(removal.version).toBeGreaterThan(item.version)
    expect(totalCount).toBe(waiting - 1)
    await cora.stop()
  })

  test('keeps an item while a colleague of a step for all has answered', async () => {
    const proposalId = await propose('clara', account(), large)
    const cora = await opened('cora')
    await approve('mia', proposalId)
    const { item } = await arrival(cora, proposalId)
    await approve('carl', proposalId)
    await approve('cora', proposalId)
    const { removal } = await departure(cora, item)
    expect(removal).toMatchObject({ reason: 'DECIDED', outcome: 'APPROVED', by: { name: 'Cora Novak' } })
    await cora.stop()
  })

  test('loses what is taken back: WITHDRAWN', async () => {
    const stream = await opened('mia')
    const proposalId = await propose('clara', account(), large)
    const { item } = await arrival(stream, proposalId)
    await recall('clara', proposalId)
    const { removal } = await departure(stream, item)
    expect(removal).toMatchObject({ reason: 'WITHDRAWN', outcome: null, by: { name: 'Clara Keller' } })
    expect(removal.version).toBeGreaterThan(item.version)
    await stream.stop()
  })

  test('gets what comes back to its author, and again the question after a resubmit', async () => {
    const clara = await opened('clara')
    const mia = await opened('mia')
    const about = account()
    const proposalId = await propose('clara', about, large)
    const first = (await arrival(mia, proposalId)).item
    await requestChange('mia', proposalId)
    const back = (await arrival(clara, proposalId)).item
    expect((await departure(mia, first)).removal).toMatchObject({ reason: 'DECIDED', outcome: 'CHANGE_REQUESTED' })
    await edit('clara', about, small)
    await submit('clara', proposalId)
    await departure(clara, back)
    const second = (await arrival(mia, proposalId)).item
    expect(second.id).not.toBe(first.id)
    await Promise.all([clara.stop(), mia.stop()])
  })

  test('never shows a version that falls, whatever happens to its items', async () => {
    const stream = await opened('mia')
    await Promise.all(
      [account(), account(), account(), account()].map(async (about, n) => {
        const proposalId = await propose('clara', about, large)
        if (n % 2 === 0) await recall('clara', proposalId)
        else await approve('mia', proposalId)
      }),
    )
    const marker = await propose('clara', account(), large)
    const versions = new Map<string, number>()
    for (let seen = false; !seen;) {
      const message = await stream.next<QueueMessage>()
      for (const { id, version } of [...(message.upserts ?? []), ...(message.removed ?? [])]) {
        expect(version).toBeGreaterThanOrEqual(versions.get(id) ?? 0)
        versions.set(id, version)
      }
      seen = message.upserts?.some(({ proposal }) => proposal.id === marker) ?? false
    }
    expect(versions.size).toBeGreaterThanOrEqual(5)
    await stream.stop()
  })
})

describe('a filter', () => {
  const [fitting, other] = [account(), account()]
  let limit = 200_000
  test.each([
    ['company', { company: 'USMF' }, { company: 'DEMF' }],
    ['account', { account: fitting }, { account: other }],
    ['kind', { kind: ['APPROVAL'] }, { kind: ['RETURN'] }],
    ['search', { search: fitting.toLowerCase() }, { search: other.toLowerCase() }],
    ['field', { field: 'creditLimit' }, { field: 'name' }],
  ])('by %s lets through what fits, and nothing else', async (_name, fits, others) => {
    const one = await opened('mia', fits)
    const two = await opened('mia', others)
    const proposalId = await propose('clara', fitting, { creditLimit: String((limit += 1)) })
    const { item, totalCount } = await arrival(one, proposalId)
    const { approvalQueue: now } = await app.ask<{ approvalQueue: { totalCount: number } }>(
      'mia',
      'query ($filter: QueueFilter) { approvalQueue(filter: $filter) { totalCount } }',
      { filter: fits },
    )
    expect(totalCount).toBe(now.totalCount)
    await recall('clara', proposalId)
    await departure(one, item)
    expect(two.waiting()).toEqual([])
    await Promise.all([one.stop(), two.stop()])
  })
})

test('who loses the last membership loses the items at once, and then the socket; who is back sees what comes later', async () => {
  const socket = await openSocket(app, 'cora')
  const stream = socket.subscribe(approvalQueue)
  const proposalId = await propose('clara', account(), large)
  await approve('mia', proposalId)
  const { item } = await arrival(stream, proposalId)
  const cora = await userId('adam', 'Cora Novak')
  await member({ company: 'USMF', userId: cora, active: false })
  const { removal, totalCount } = await departure(stream, item)
  expect(removal).toMatchObject({ reason: 'ACCESS_LOST', outcome: null, by: null })
  expect(totalCount).toBe(0)
  await stream.end()
  expect(await socket.closed).toBe(4403)
  await member({ company: 'USMF', userId: cora, active: true })
  const again = await opened('cora')
  const next = await propose('clara', account(), large)
  await approve('mia', next)
  expect((await arrival(again, next)).item.id).not.toBe(item.id)
  await again.stop()
})

test('a long queue is shown in pages of a hundred until it is complete', async () => {
  const rows = Array.from({ length: 120 }, (_, n) => ({
    account: `US-${String(n + 81).padStart(3, '0')}`,
    set: { creditLimit: '990000.00' },
  }))
  await app.partner(
    `mutation ($input: ImportCustomersInput!) { importCustomers(input: $input) { __typename ... on UserError { message } } }`,
    { input: { company: 'USMF', rows } },
  )
  const total = (await app.ask<{ approvalQueue: { totalCount: number } }>('mia', '{ approvalQueue { totalCount } }'))
    .approvalQueue.totalCount
  expect(total).toBeGreaterThan(120)
  for (const open of [follow, openEvents] as const) {
    const stream =
      open === follow ? await follow(app, 'mia', approvalQueue) : await openEvents(app, 'mia', approvalQueue)
    const first = await stream.next<QueueMessage>()
    const last = await stream.next<QueueMessage>()
    expect([first.complete, last.complete]).toEqual([false, true])
    expect([first.items?.length, last.items?.length]).toEqual([100, total - 100])
    expect([first.totalCount, last.totalCount]).toEqual([total, total])
    expect(new Set([...(first.items ?? []), ...(last.items ?? [])].map(({ id }) => id)).size).toBe(total)
    await stream.stop()
    // A page is no place to go on from: the rest of them would be missing.
    const resumed = await follow(app, 'mia', approvalQueue, { after: first.cursor })
    expect((await resumed.next()).__typename).toBe('Resync')
    await resumed.stop()
  }
})

describe('an error of ours', () => {
  const query =
    'subscription { approvalQueue { ... on QueueSnapshot { complete } ... on QueueDelta { upserts { proposal { customer { contacts { name } } } } } } }'
  const broken = async (table: string, work: () => Promise<unknown>): Promise<void> => {
    const sql = postgres(app.databaseUrl, { max: 1, onnotice: () => undefined })
    await sql.unsafe(`alter table ${table} rename to away`)
    try {
      await work()
    } finally {
      await sql.unsafe(`alter table away rename to ${table}`)
      await sql.end()
    }
  }
  const touch = async (): Promise<void> => {
    const mia = await userId('adam', 'Mia Lindgren')
    await member({ company: 'USMF', userId: mia, active: true, roles: ['CLERK'] })
    await member({ company: 'USMF', userId: mia, active: true, roles: ['CLERK', 'READER'] })
  }
  const masked = { code: 'INTERNAL', requestId: expect.any(String) as unknown }

  test('in a message is masked, and the stream goes on', async () => {
    const stream = await follow(app, 'mia', query)
    await stream.until<QueueMessage>('the whole snapshot', ({ complete }) => complete === true)
    await broken('contacts', async () => {
      await touch()
      const [failure] = await stream.refusal()
      expect(failure?.extensions).toEqual(masked)
      expect(failure?.message).not.toMatch(/contacts|relation|select/)
    })
    await propose('clara', account(), large)
    await until('a message without errors', () => {
      try {
        return stream.waiting().length > 0 ? true : undefined
      } catch {
        return stream.refusal().then(() => undefined)
      }
    })
    await stream.stop()
  })

  test('between messages is masked and ends the stream, and no other', async () => {
    const stream = await follow(app, 'mia', query)
    await stream.until<QueueMessage>('the whole snapshot', ({ complete }) => complete === true)
    await broken('work_items', async () => {
      await touch()
      const [failure] = await stream.refusal()
      expect(failure?.extensions).toEqual(masked)
      expect(failure?.message).not.toMatch(/work_items|relation|select/)
      await stream.end()
    })
    await stream.stop()
  })
})

test('streams that have ended leave nobody behind', async () => {
  await expect.poll(() => subscribers(app), { timeout: 5_000 }).toBe(0)
})
