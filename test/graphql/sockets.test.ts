// What sockets and server-sent events do when something is wrong with an operation, a caller or the line.
import { connect } from 'node:net'
import { createClient } from 'graphql-ws'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { startTestApp, until } from '../helpers/app.ts'
import { closeCode, follow, openEvents, openSocket, settled, subscribers } from '../helpers/live.ts'
import { approvalQueue, commandsOf, proposalStatus, type ProposalMessage } from './live-commands.ts'

const hour = 60 * 60 * 1000
let moved = 0
const allowed = 'https://partner.example'
const app = await startTestApp({ clock: () => new Date(Date.now() + moved), allowedOrigins: [allowed] })
await settled(app)
const { edit } = commandsOf(app)
const complaints: unknown[] = []
vi.spyOn(console, 'error').mockImplementation((...complaint) => void complaints.push(complaint))
// Nothing that a caller does is an error of the server's.
afterEach(() => expect(complaints).toEqual([]))

let limit = 500_000
const write = (account: string): Promise<string> => edit('clara', account, { creditLimit: String((limit += 1)) })
const nobody = (): Promise<unknown> => expect.poll(() => subscribers(app), { timeout: 5_000 }).toBe(0)
const code = async (user: string, origin?: string): Promise<number> =>
  closeCode(app.url, { params: { authorization: `Bearer ${await app.token(user)}` }, ...(origin && { origin }) })

const costly = Array.from({ length: 120 }, (_, n) => `a${n}: history(first: 100) { edges { node { id } } }`).join(' ')
const wrong: [string, string, object, string][] = [
  ['no GraphQL', 'subscription {', {}, 'BAD_REQUEST'],
  ['nothing at all', '', {}, 'BAD_REQUEST'],
  ['an unknown field', 'subscription { nothing }', {}, 'BAD_REQUEST'],
  ['a query', '{ viewer { openWorkItems } }', {}, 'BAD_REQUEST'],
  [
    'a mutation',
    'mutation { updateCustomer(input: { company: "USMF", account: "US-041", set: { phone: "1" } }) { __typename } }',
    {},
    'BAD_REQUEST',
  ],
  ['a fragment alone', 'fragment f on Query { viewer { openWorkItems } }', {}, 'BAD_REQUEST'],
  [
    'two operations and no name',
    'subscription a { approvalQueue { __typename } } subscription b { approvalQueue { __typename } }',
    {},
    'BAD_REQUEST',
  ],
  [
    'a variable left out',
    'subscription ($c: String!) { proposalStatus(company: $c) { __typename } }',
    {},
    'BAD_REQUEST',
  ],
  [
    'a variable of another type',
    'subscription ($c: String) { proposalStatus(company: $c) { __typename } }',
    { c: { a: 1 } },
    'BAD_REQUEST',
  ],
  [
    'a filter that there is not',
    'subscription ($f: QueueFilter) { approvalQueue(filter: $f) { __typename } }',
    { f: { colour: 'red' } },
    'BAD_REQUEST',
  ],
  ["another company's", 'subscription { proposalStatus(company: "DEMF") { __typename } }', {}, 'BAD_REQUEST'],
  [
    'too much',
    `subscription { proposalStatus(company: "USMF") { ... on ProposalStatusSnapshot { proposals { ${costly} } } } }`,
    {},
    'TOO_COMPLEX',
  ],
]

describe('an operation that is wrong', () => {
  test('is told so alone: the socket and its other stream go on', async () => {
    const socket = await openSocket(app, 'clara')
    const good = socket.subscribe(proposalStatus, { company: 'USMF' })
    await good.next()
    for (const [name, query, variables, expected] of wrong) {
      const bad = socket.subscribe(query, variables)
      const failures = await bad.refusal()
      expect([name, failures.map(({ extensions }) => extensions.code)]).toEqual([name, [expected]])
    }
    await write('US-041')
    expect(await good.next<ProposalMessage>()).toMatchObject({ event: { type: 'CHANGE_PROPOSED' } })
    expect(socket.connections()).toBe(1)
    await socket.close()
    expect(await socket.closed).toBe(1000)
    await nobody()
  })

  // Queries and mutations are welcome over HTTP.
  test.each(wrong.filter(([name]) => name !== 'a query' && name !== 'a mutation'))(
    '%s, over server-sent events',
    async (_name, query, variables, expected) => {
      const response = await fetch(`${app.url}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'text/event-stream',
          authorization: `Bearer ${await app.token('clara')}`,
        },
        body: JSON.stringify({ query, variables }),
      })
      expect(await response.text()).toContain(`"code":"${expected}"`)
      await nobody()
    },
  )

  test('beyond as many as a socket carries is refused, and there is room again when one ends', async () => {
    const socket = await openSocket(app, 'clara')
    const streams = Array.from({ length: 50 }, () => socket.subscribe('subscription { approvalQueue { __typename } }'))
    await Promise.all(streams.map((stream) => stream.next()))
    const more = socket.subscribe('subscription { approvalQueue { __typename } }')
    expect(await more.refusal()).toMatchObject([{ extensions: { code: 'RATE_LIMITED' } }])
    expect(await subscribers(app)).toBe(50)
    await streams[0]?.stop()
    await expect.poll(() => subscribers(app)).toBe(49)
    const again = socket.subscribe('subscription { approvalQueue { __typename } }')
    expect(await again.next()).toMatchObject({ __typename: 'QueueSnapshot' })
    await socket.close()
    await nobody()
  })
})

describe('a caller', () => {
  test.each([
    ['without parameters', undefined],
    ['with none that counts', {}],
    ['with nonsense', { authorization: 'Bearer nonsense' }],
    ['with no text', { authorization: 7 }],
    ['with a key that nobody has', { authorization: 'ApiKey nobody' }],
  ])('%s is refused with 4403', async (_name, params) => {
    expect(await closeCode(app.url, { params })).toBe(4403)
  })

  test('who is refused is told so by the official client, which gives up after its retries', async () => {
    const client = createClient({
      url: `${app.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: 'Bearer nonsense' },
      retryAttempts: 1,
      retryWait: () => Promise.resolve(),
    })
    const failure = await new Promise((resolve) => {
      client.subscribe({ query: approvalQueue }, { next: resolve, error: resolve, complete: () => resolve('complete') })
    })
    expect(failure).toMatchObject({ code: 4403 })
    await client.dispose()
  })

  test('who asks before signing in is refused with 4401', async () => {
    const closed = new Promise<number>((resolve) => {
      const socket = new WebSocket(`${app.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
      socket.on('open', () =>
        socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: approvalQueue } })),
      )
      socket.on('close', resolve)
    })
    expect(await closed).toBe(4401)
  })

  test('may be a page of this server or of an allowed origin, and of no other', async () => {
    expect(await code('clara', new URL(app.url).origin)).toBe(1000)
    expect(await code('clara', allowed)).toBe(1000)
    for (const origin of ['https://evil.example', 'null', `${allowed}.evil.example`, 'http://localhost']) {
      expect([origin, await code('clara', origin)]).toEqual([origin, 403])
    }
  })

  test('who hangs up while being refused harms nobody', async () => {
    const { hostname, port } = new URL(app.url)
    const lines = [
      'GET /graphql HTTP/1.1',
      `Host: ${hostname}:${port}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      'Origin: https://evil.example',
    ]
    for (let n = 0; n < 20; n++) {
      const line = connect(Number(port), '127.0.0.1')
      line.on('error', () => undefined)
      await new Promise<void>((resolve) => line.once('connect', () => resolve()))
      line.write(`${lines.join('\r\n')}\r\n\r\n`)
      if (n % 2 === 0) await new Promise((resolve) => setImmediate(resolve))
      line.resetAndDestroy()
    }
    expect((await fetch(`${app.url}/health/live`)).status).toBe(200)
  })

  test('is let go when the sign-in ends, over both ways', async () => {
    moved = -12 * hour + 1_500
    const socket = await openSocket(app, 'colin')
    moved = 0
    const stream = socket.subscribe(approvalQueue)
    const events = await openEvents(app, 'colin', approvalQueue)
    await Promise.all([stream.next(), events.next()])
    expect(await socket.closed).toBe(4403)
    await events.end()
    await nobody()
  })
})

describe('a message', () => {
  test('that is too large closes its socket alone', async () => {
    const stream = await follow(app, 'clara', proposalStatus, { company: 'USMF' })
    await stream.next()
    const params = { authorization: `Bearer ${await app.token('clara')}` }
    const query = `subscription { approvalQueue { __typename } } # ${'x'.repeat(70_000)}`
    const subscribe = JSON.stringify({ id: '1', type: 'subscribe', payload: { query } })
    expect(await closeCode(app.url, { params, send: (socket) => socket.send(subscribe) })).toBe(1009)
    await write('US-042')
    await stream.next()
    await stream.stop()
  })

  test.each([
    ['is no JSON', 'nonsense'],
    ['is none of the protocol', JSON.stringify({ type: 'hello' })],
    ['has no query', JSON.stringify({ id: '1', type: 'subscribe', payload: {} })],
  ])('that %s closes its socket with 4400', async (_name, text) => {
    const params = { authorization: `Bearer ${await app.token('clara')}` }
    expect(await closeCode(app.url, { params, send: (socket) => socket.send(text) })).toBe(4400)
  })
})

describe('a reader that goes', () => {
  test('is forgotten: by complete, by closing the socket, by hanging up, and by aborting the request', async () => {
    const socket = await openSocket(app, 'clara')
    const [one, two] = [socket.subscribe(approvalQueue), socket.subscribe(proposalStatus, { company: 'USMF' })]
    const events = await openEvents(app, 'mia', approvalQueue)
    const byGet = await openEvents(app, 'mia', approvalQueue, { method: 'GET' })
    await Promise.all([one, two, events, byGet].map((stream) => stream.next()))
    expect(await subscribers(app)).toBe(4)
    await one.stop()
    await expect.poll(() => subscribers(app)).toBe(3)
    await events.stop()
    await expect.poll(() => subscribers(app)).toBe(2)
    await byGet.stop()
    await expect.poll(() => subscribers(app)).toBe(1)
    await socket.close()
    await nobody()
  })

  test('before its stream has even begun is forgotten too', async () => {
    const params = { authorization: `Bearer ${await app.token('clara')}` }
    const send = (socket: WebSocket): void => {
      for (let n = 0; n < 30; n++) {
        socket.send(JSON.stringify({ id: `${n}`, type: 'subscribe', payload: { query: approvalQueue } }))
        if (n % 3 !== 0) socket.send(JSON.stringify({ id: `${n}`, type: 'complete' }))
      }
      setTimeout(() => socket.terminate(), 30)
    }
    expect(await closeCode(app.url, { params, send })).toBe(1006)
    const aborts = Array.from({ length: 10 }, async (_, n) => {
      const abort = new AbortController()
      const asked = fetch(`${app.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...params },
        body: JSON.stringify({ query: approvalQueue }),
        signal: abort.signal,
      }).catch(() => undefined)
      setTimeout(() => abort.abort(), n * 3)
      await asked
    })
    await Promise.all(aborts)
    // A later stream shows that the earlier ones have been dealt with.
    const later = await follow(app, 'mia', approvalQueue)
    await later.next()
    await later.stop()
    await nobody()
  })
})

test('a stop tells sockets to come back and ends streams, and waits for nobody who does not listen', async () => {
  const socket = await openSocket(app, 'clara')
  const events = await openEvents(app, 'mia', approvalQueue)
  await Promise.all([socket.subscribe(approvalQueue).next(), events.next()])
  // A peer that has vanished behind its open line: it answers nothing, not even the end.
  const deaf = new WebSocket(`${app.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
  await new Promise((resolve) => deaf.once('open', resolve))
  deaf.pause()
  const began = performance.now()
  await app.stop()
  expect(performance.now() - began).toBeLessThan(8_000)
  expect(await socket.closed).toBe(1012)
  await until('the end of the server', async () =>
    fetch(`${app.url}/health/live`).then(
      () => undefined,
      () => true,
    ),
  )
  deaf.terminate()
})
