// How the module by which pages follow streams takes what a server says when it ends something: against a server that says
// exactly what a test wants said.
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import {
  createLive,
  type Live,
  type LiveMessage,
  type RefusalError,
  type Status,
} from '../../client/src/lib/live/live.ts'
import { until } from '../helpers/app.ts'

type Asked = {
  /** The cursor that was named. */
  after: unknown
  at: number
  next(message: LiveMessage): void
  /** A result as it is. */
  result(result: object): void
  refuse(code: string): void
  complete(): void
  close(code: number): void
}
type Script = { asked: Asked[]; tokens: string[]; url: string; end(): void }

const ended: (() => void)[] = []
afterEach(() => ended.splice(0).forEach((end) => end()))

/** A server that does with each subscription what it is told to. */
const serve = async (answer: (asked: Asked, number: number) => void): Promise<Script> => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'graphql-transport-ws' })
  await new Promise((resolve) => server.once('listening', resolve))
  const asked: Asked[] = []
  const tokens: string[] = []
  server.on('connection', (socket) => {
    const say = (message: object): void => socket.send(JSON.stringify(message))
    socket.on('message', (data) => {
      const { type, id, payload } = JSON.parse((data as Buffer).toString()) as {
        type: string
        id: string
        payload: { authorization: string; variables: { after?: string } }
      }
      if (type === 'ping') say({ type: 'pong' })
      if (type === 'connection_init') {
        tokens.push(payload.authorization)
        say({ type: 'connection_ack' })
      }
      if (type !== 'subscribe') return
      const one: Asked = {
        after: payload.variables.after,
        at: Date.now(),
        next: (message) => say({ id, type: 'next', payload: { data: { message } } }),
        result: (result) => say({ id, type: 'next', payload: result }),
        refuse: (code) => say({ id, type: 'error', payload: [{ message: 'No.', extensions: { code } }] }),
        complete: () => say({ id, type: 'complete' }),
        close: (closing) => socket.close(closing),
      }
      asked.push(one)
      answer(one, asked.length)
    })
  })
  const end = (): void => {
    server.clients.forEach((client) => client.terminate())
    server.close()
  }
  afterAll(end)
  const { port } = server.address() as AddressInfo
  return { asked, tokens, url: `ws://127.0.0.1:${port}`, end }
}

const document =
  'subscription ($after: Cursor) { message: approvalQueue(after: $after) { __typename ... on LiveMessage { cursor } } }'
const said = (cursor: string, __typename = 'QueueDelta'): LiveMessage => ({ __typename, cursor })

type Reader = { live: Live; cursors: string[]; refusals: string[]; statuses: Status[]; renewals: boolean[] }
const read = ({ url }: Script, times = {}): Reader => {
  const cursors: string[] = []
  const refusals: string[] = []
  const statuses: Status[] = []
  const renewals: boolean[] = []
  const live = createLive({
    url,
    token: (expired) => `token ${renewals.push(expired)}`,
    onStatus: (status) => statuses.push(status),
    webSocketImpl: WebSocket,
    times: { first: 20, most: 100, settle: 60, restart: 20, ...times },
  })
  ended.push(() => live.dispose())
  const refused = (errors: readonly RefusalError[]): void => void refusals.push(errors[0]?.extensions?.code ?? '')
  live.follow(document, {}, { next: ({ cursor }) => cursors.push(cursor!), refused })
  return { live, cursors, refusals, statuses, renewals }
}
const askedAgain = (script: Script, times: number) =>
  until(`${times} requests`, () => (script.asked.length >= times ? script.asked : undefined))

test.each([1000, 1001, 1011, 1012, 1013, 4400, 4429, 4500])(
  'a socket that is closed with %i is opened again, behind the last message',
  async (code) => {
    const script = await serve((asked, n) => {
      asked.next(said(String(n)))
      if (n < 3) asked.close(code)
    })
    const { cursors, renewals } = read(script)
    await until('the third message', () => cursors[2])
    expect(script.asked.map(({ after }) => after)).toEqual([undefined, '1', '2'])
    expect(cursors).toEqual(['1', '2', '3'])
    expect(renewals).toEqual([false, false, false])
  },
)

test.each([4401, 4403])('a socket that is closed with %i is opened with another token', async (code) => {
  const script = await serve((asked, n) => (n === 1 ? asked.close(code) : asked.next(said('1'))))
  const { cursors, renewals } = read(script)
  await until('the message', () => cursors[0])
  expect(renewals).toEqual([false, true])
  expect(script.tokens).toEqual(['Bearer token 1', 'Bearer token 2'])
})

test('so is one on which a stream is told that nobody was recognised', async () => {
  const script = await serve((asked, n) => (n === 1 ? asked.refuse('UNAUTHENTICATED') : asked.next(said('1'))))
  const { cursors, renewals, refusals } = read(script)
  await until('the message', () => cursors[0])
  expect(renewals).toEqual([false, true])
  expect(refusals).toEqual([])
})

test('a token that cannot be had is asked for again', async () => {
  const script = await serve((asked) => asked.next(said('1')))
  let asked = 0
  const live = createLive({
    url: script.url,
    token: () => ((asked += 1) < 3 ? Promise.reject(new Error('unreachable')) : 'token'),
    webSocketImpl: WebSocket,
    times: { first: 5, most: 5 },
  })
  ended.push(() => live.dispose())
  live.follow(document, {}, { next: () => undefined })
  await until('live', () => live.status === 'live' || undefined)
  expect(asked).toBe(3)
})

test.each(['complete', 'RATE_LIMITED', 'INTERNAL'])(
  'a stream that ends with %s is opened again on the same socket, and until then the page is not told that it is live',
  async (ending) => {
    const script = await serve((asked, n) => {
      if (n !== 2) asked.next(said(String(n)))
      else if (ending === 'complete') asked.complete()
      else asked.refuse(ending)
      if (n === 1) asked.complete()
    })
    const { live, cursors, statuses, refusals } = read(script)
    await until('the third', () => (cursors.length === 2 && live.status === 'live') || undefined)
    expect(script.asked.map(({ after }) => after)).toEqual([undefined, '1', '1'])
    expect(statuses).toEqual(['live', 'reconnecting', 'live'])
    expect(script.tokens).toHaveLength(1)
    expect(refusals).toEqual([])
  },
)

test('a stream on which nothing happens after it was opened again is well', async () => {
  const script = await serve((asked, n) => {
    if (n > 1) return
    asked.next(said('1'))
    asked.complete()
  })
  const { live } = read(script)
  await askedAgain(script, 2)
  await until('live', () => live.status === 'live' || undefined)
  expect(script.asked).toHaveLength(2)
})

test.each(['BAD_REQUEST', 'TOO_COMPLEX'])('a stream that is refused with %s is not asked for again', async (code) => {
  const script = await serve((asked) => asked.refuse(code))
  const { live, refusals } = read(script)
  await until('the refusal', () => refusals[0])
  live.reconnect()
  await until('another connection', () => (script.tokens.length === 2 && live.status === 'live') || undefined)
  expect(refusals).toEqual([code])
  expect(script.asked).toHaveLength(1)
})

test('a message that could not be told is asked for again', async () => {
  const failure = { data: null, errors: [{ message: 'Something went wrong here.', extensions: { code: 'INTERNAL' } }] }
  const script = await serve((asked, n) => {
    if (n === 1) asked.next(said('1'))
    if (n < 3) asked.result(failure)
    else asked.next(said('2'))
  })
  const { cursors } = read(script)
  await until('the message', () => cursors[1])
  expect(script.asked.map(({ after }) => after)).toEqual([undefined, '1', '1'])
  expect(cursors).toEqual(['1', '2'])
})

test('whoever was told to forget begins anew, not behind the notice', async () => {
  const script = await serve((asked, n) => {
    if (n === 1) asked.next(said('1'))
    if (n === 2) asked.next(said('2', 'Resync'))
    if (n < 3) asked.close(1001)
    else asked.next(said('3', 'QueueSnapshot'))
  })
  const { cursors } = read(script)
  await until('the snapshot', () => cursors[2])
  expect(script.asked.map(({ after }) => after)).toEqual([undefined, '1', undefined])
  expect(cursors).toEqual(['1', '2', '3'])
})

test('many who lost the same server come back spread over the time that a restart is given', async () => {
  const script = await serve((asked, n) => {
    asked.next(said(String(n)))
  })
  const readers = Array.from({ length: 20 }, () => read(script, { first: 1, most: 1, restart: 500 }))
  await askedAgain(script, 20)
  script.asked.forEach((asked) => asked.close(1012))
  const closed = Date.now()
  const back = (await askedAgain(script, 40)).slice(20).map(({ at }) => at - closed)
  expect(Math.max(...back) - Math.min(...back)).toBeGreaterThan(100)
  await until('all of them live', () => readers.every(({ live }) => live.status === 'live') || undefined)
  expect(script.asked).toHaveLength(40)
})

test('a server that accepts and ends at once is asked less and less often', async () => {
  // The longest pauses that can be drawn: up to 8, 16, 32, 64, 128 and 256 ms.
  const chance = vi.spyOn(Math, 'random').mockReturnValue(0.999)
  ended.push(() => chance.mockRestore())
  const script = await serve((asked) => asked.close(1011))
  read(script, { first: 8, most: 100_000 })
  const asked = await askedAgain(script, 7)
  expect(asked[6]!.at - asked[0]!.at).toBeGreaterThan(450)
})

test('a handler that throws is not silenced, and the messages after it are told', async () => {
  const script = await serve((asked) => {
    asked.next(said('1'))
    asked.next(said('2'))
  })
  const told: string[] = []
  const thrown: unknown[] = []
  const listeners = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException')
  process.once('uncaughtException', (error) => thrown.push(error))
  const live = createLive({ url: script.url, token: () => 'token', webSocketImpl: WebSocket })
  ended.push(() => live.dispose())
  live.follow(
    document,
    {},
    {
      next({ cursor }) {
        told.push(cursor!)
        if (cursor === '1') throw new Error('mine')
      },
    },
  )
  await until('both', () => (told.length === 2 && thrown.length === 1) || undefined)
  listeners.forEach((listener) => process.on('uncaughtException', listener))
  expect(thrown).toMatchObject([{ message: 'mine' }])
  expect(script.asked).toHaveLength(1)
})
