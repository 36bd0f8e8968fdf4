// How many sockets a person may have, and what becomes of them when the person is a member no more.
import postgres from 'postgres'
import { describe, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { startTestApp } from '../helpers/app.ts'
import { follow, openEvents, openSocket, settled, subscribers, type LiveSocket } from '../helpers/live.ts'
import { approvalQueue, commandsOf, proposalStatus, type ProposalMessage } from './live-commands.ts'

// As many sockets as a person may have are too many for a test; the number is the only thing that changes.
vi.mock('../../server/graphql/limits.ts', async (original) => {
  const actual = await original<typeof import('../../server/graphql/limits.ts')>()
  return { ...actual, limits: { ...actual.limits, socketsPerPerson: 3 } }
})

const app = await startTestApp({ heartbeatMs: 500 })
await settled(app)
const { edit, member, userId } = commandsOf(app)
const query = 'subscription { approvalQueue { __typename } }'

/** Does a new socket of theirs carry a stream? Else the code that it was closed with. */
const opens = async (user: string): Promise<number | LiveSocket> => {
  const socket = await openSocket(app, user)
  const stream = socket.subscribe(query)
  const opened = stream.next().then(
    () => socket,
    () => socket.closed,
  )
  return Promise.race([opened, socket.closed])
}
const closeAll = async (sockets: readonly (number | LiveSocket)[]): Promise<void> => {
  for (const socket of sockets) if (typeof socket !== 'number') await socket.close()
}

describe('a person', () => {
  test('has so many sockets and no more, until one is closed; others have their own', async () => {
    const sockets = [await opens('clara'), await opens('clara'), await opens('clara')]
    expect(sockets.filter((socket) => typeof socket === 'number')).toEqual([])
    expect(await opens('clara')).toBe(4429)
    const other = await opens('mia')
    expect(other).toBeTypeOf('object')
    await closeAll(sockets.splice(0, 1))
    await expect.poll(() => subscribers(app)).toBe(3)
    sockets.push(await opens('clara'), other)
    expect(sockets.filter((socket) => typeof socket === 'number')).toEqual([])
    await closeAll(sockets)
    await expect.poll(() => subscribers(app)).toBe(0)
  })

  test('who hangs up while signing in, again and again, is not taken to have sockets', async () => {
    const payload = { authorization: `Bearer ${await app.token('clara')}` }
    const hangUp = (after: number): Promise<unknown> =>
      new Promise((resolve) => {
        const socket = new WebSocket(`${app.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
        socket.on('close', resolve)
        socket.on('error', () => undefined)
        socket.on('open', () => {
          socket.send(JSON.stringify({ type: 'connection_init', payload }), () =>
            setTimeout(() => socket.terminate(), after),
          )
        })
      })
    for (let n = 0; n < 12; n++) await hangUp(n % 4)
    const sockets: (number | LiveSocket)[] = []
    for (let n = 0; n < 3; n++) sockets.push(await opens('clara'))
    expect(sockets.filter((socket) => typeof socket === 'number')).toEqual([])
    await closeAll(sockets)
  })
})

describe('a person who is a member of nothing any more', () => {
  test('loses every socket, with 4403, and every stream of server-sent events; nobody else does', async () => {
    const carl = await userId('adam', 'Carl Okafor')
    const [one, two, others] = [
      await openSocket(app, 'carl'),
      await openSocket(app, 'carl'),
      await openSocket(app, 'cora'),
    ]
    const idle = await openSocket(app, 'carl')
    const streams = [one.subscribe(approvalQueue), two.subscribe(proposalStatus, { company: 'USMF' })]
    const events = [
      await openEvents(app, 'carl', approvalQueue),
      await openEvents(app, 'carl', proposalStatus, { variables: { company: 'USMF' } }),
    ]
    const other = others.subscribe(proposalStatus, { company: 'USMF' })
    for (const stream of [...streams, ...events, other]) await stream.next()
    await member({ company: 'USMF', userId: carl, active: false })
    expect(await Promise.all([one.closed, two.closed, idle.closed])).toEqual([4403, 4403, 4403])
    for (const stream of [...streams, ...events]) await stream.end()
    // Nor does a new one get in.
    expect(await (await openSocket(app, 'carl')).closed).toBe(4403)
    await edit('clara', 'US-050', { creditLimit: '12.00' })
    await other.until<ProposalMessage>('the change', ({ proposal }) => proposal?.customer.account === 'US-050')
    await member({ company: 'USMF', userId: carl, active: true })
    const back = await follow(app, 'carl', proposalStatus, { company: 'USMF' })
    await back.next()
    await Promise.all([back.stop(), others.close()])
    await expect.poll(() => subscribers(app), { timeout: 5_000 }).toBe(0)
  })

  test('of one company alone keeps the socket, and the streams of the other', async () => {
    const olga = await userId('adam', 'Olga Petrova')
    const socket = await openSocket(app, 'olga')
    const [lost, kept] = [
      socket.subscribe(proposalStatus, { company: 'DEMF' }),
      socket.subscribe(proposalStatus, { company: 'USMF' }),
    ]
    await Promise.all([lost.next(), kept.next()])
    await member({ company: 'DEMF', userId: olga, active: false })
    await lost.end()
    await edit('clara', 'US-051', { creditLimit: '13.00' })
    await kept.until<ProposalMessage>('the change', ({ proposal }) => proposal?.customer.account === 'US-051')
    expect(socket.connections()).toBe(1)
    await member({ company: 'DEMF', userId: olga, active: true })
    await socket.close()
    expect(await socket.closed).toBe(1000)
  })
})

describe('who is given rights', () => {
  /** While this runs, what is committed is not heard of by anybody. */
  const unheard = async (work: () => Promise<void>): Promise<void> => {
    const sql = postgres(app.databaseUrl, { max: 1, onnotice: () => undefined })
    try {
      await settled(app)
      await sql.begin(async (held) => {
        await held`select 1 from log_heads for update`
        await work()
      })
    } finally {
      await sql.end()
    }
  }

  test.each([
    ['a socket', follow],
    ['server-sent events', openEvents],
  ] as const)('has them in a stream over %s that is opened then, before the log has told of it', async (way, open) => {
    const cora = await userId('adam', 'Cora Novak')
    const variables = { company: 'USMF' }
    const start = () =>
      open === follow
        ? follow(app, 'cora', proposalStatus, variables)
        : openEvents(app, 'cora', proposalStatus, { variables })
    // What they are is known to the process, and out of date in a moment.
    const before = await start()
    await before.next()
    await member({ company: 'USMF', userId: cora, active: false })
    await before.end()
    await settled(app)
    await unheard(async () => {
      await member({ company: 'USMF', userId: cora, active: true })
      const stream = await start()
      expect([way, (await stream.next<ProposalMessage>()).__typename]).toEqual([way, 'ProposalStatusSnapshot'])
      await stream.stop()
    })
    await before.stop()
    await expect.poll(() => subscribers(app), { timeout: 5_000 }).toBe(0)
  })
})
