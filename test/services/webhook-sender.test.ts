// What a request to a partner is and what it cannot be made to do: a real receiver, and names that lie.
import type { lookup } from 'node:dns'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { isPrivateAddress, urlProblem } from '../../server/services/webhook-address.ts'
import { answerLimit, createSender, type Outgoing } from '../../server/services/webhook-sender.ts'

const secrets = ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD']

type Heard = { request: IncomingMessage; body: string }
const heard: Heard[] = []
let answer: RequestListener
let base: string

const server = createServer((request, response) => {
  const parts: Buffer[] = []
  request.on('data', (part: Buffer) => parts.push(part))
  request.on('end', () => {
    heard.push({ request, body: Buffer.concat(parts).toString() })
    answer(request, response)
  })
})

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(resolve))
})
beforeEach(() => {
  heard.length = 0
  answer = (_request, response) => response.end('{"ok":true}')
})

const outgoing = (url: string): Outgoing => ({
  url,
  secrets,
  id: '0190a5a4-0000-7000-8000-000000000001',
  timestamp: new Date(),
  body: JSON.stringify({ type: 'Test', name: 'Müller' }),
})
const sender = createSender({ allowPrivate: true, timeoutMs: 2_000 })
const careful = createSender({ allowPrivate: false, timeoutMs: 2_000 })

/** As a name server would answer that says what it is told to. */
const leadingTo = (...addresses: string[]): typeof lookup =>
  ((_name: string, _options: unknown, callback: (error: null, found: unknown) => void) => {
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )
  }) as unknown as typeof lookup

it('a request can be verified with each of the live secrets, and with no other', async () => {
  const sent = outgoing(`${base}/hooks?of=us`)
  expect(await sender.send(sent)).toMatchObject({ status: 200, body: '{"ok":true}' })
  const [{ request, body }] = heard as [Heard]
  expect(request).toMatchObject({ method: 'POST', url: '/hooks?of=us' })
  expect(request.headers).toMatchObject({ 'content-type': 'application/json', 'webhook-id': sent.id })
  const headers = request.headers as Record<string, string>
  for (const secret of secrets) expect(new Webhook(secret).verify(body, headers)).toEqual(JSON.parse(sent.body))
  const other = new Webhook('whsec_' + Buffer.alloc(24).toString('base64'))
  expect(() => other.verify(body, headers)).toThrow('No matching signature')
  expect(request.headers.connection).toBe('close')
})

it('a redirect is a failure that says so, and is not followed', async () => {
  answer = (_request, response) => response.writeHead(302, { location: `${base}/elsewhere` }).end()
  expect(await sender.send(outgoing(base))).toMatchObject({
    status: 302,
    error: expect.stringContaining('redirect') as string,
  })
  expect(heard).toHaveLength(1)
})

it('an answer that does not come, or does not end, is given up in time', async () => {
  const hasty = createSender({ allowPrivate: true, timeoutMs: 200 })
  answer = () => undefined
  expect(await hasty.send(outgoing(base))).toMatchObject({ error: 'The endpoint did not answer within 200 ms.' })
  answer = (_request, response) => response.write('a beginning')
  expect(await hasty.send(outgoing(base))).toMatchObject({ error: 'The endpoint did not answer within 200 ms.' })
})

it('of a huge answer only the beginning is read', async () => {
  answer = (_request, response) => {
    const more = (): void => {
      while (!response.destroyed && response.write('x'.repeat(16_384)));
      if (!response.destroyed) response.once('drain', more)
    }
    more()
  }
  expect(await sender.send(outgoing(base))).toMatchObject({ status: 200, body: 'x'.repeat(answerLimit) })
})

it('a receiver that is not there, hangs up or speaks no HTTP is a sentence', async () => {
  expect(await sender.send(outgoing('http://127.0.0.1:1/'))).toMatchObject({
    error: 'The endpoint refused the connection.',
  })
  answer = (request) => request.socket.destroy()
  expect(await sender.send(outgoing(base))).toMatchObject({
    error: expect.stringContaining('closed the connection') as string,
  })
  answer = (request) => request.socket.end('what?\r\n\r\n')
  expect(await sender.send(outgoing(base))).toMatchObject({ error: 'The answer is not HTTP.' })
})

it('a receiver that wants to speak another protocol is a sentence as well', async () => {
  answer = (request) =>
    request.socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n')
  expect(await sender.send(outgoing(base))).toMatchObject({
    error: 'The endpoint answered with 101, another protocol, instead of an answer.',
  })
})

it.each([
  'http://partner.example/',
  'ftp://partner.example/',
  'https://user:word@partner.example/',
  'https://localhost/',
  'https://some.localhost./',
  'https://127.0.0.1/',
  'https://2130706433/',
  'https://0x7f.1/',
  'https://10.1.2.3/',
  'https://172.31.255.255/',
  'https://192.168.0.1/',
  'https://100.64.0.1/',
  'https://169.254.169.254/latest/meta-data',
  'https://0.0.0.0/',
  'https://224.0.0.1/',
  'https://255.255.255.255/',
  'https://[::1]/',
  'https://[::]/',
  'https://[::ffff:127.0.0.1]/',
  'https://[::ffff:8.8.8.8]/',
  'https://[64:ff9b::a9fe:a9fe]/',
  'https://[2002:7f00:1::]/',
  'https://[fe80::1]/',
  'https://[fd00::1]/',
  'https://[ff02::1]/',
  'not a url',
])('%s is refused before anything is asked', async (url) => {
  expect(urlProblem(url, false)).not.toBeNull()
  const lookedUp: string[] = []
  const resolve = ((name: string) => lookedUp.push(name)) as unknown as typeof lookup
  const result = await createSender({ allowPrivate: false, timeoutMs: 500, resolve }).send(outgoing(url))
  expect(result).toMatchObject({ error: expect.stringMatching(/^The URL of the endpoint (is|must|leads)/) as string })
  expect(lookedUp).toEqual([])
})

it.each(['8.8.8.8', '93.184.216.34', '2606:2800:220:1::1', '2a00:1450:4001:81b::200e'])('%s is public', (address) => {
  expect(isPrivateAddress(address)).toBe(false)
})

it('a name that leads to a private address is refused in the connection, whatever it led to before', async () => {
  const port = new URL(base).port
  for (const addresses of [['127.0.0.1'], ['::ffff:127.0.0.1'], ['8.8.8.8', '127.0.0.1'], ['169.254.169.254']]) {
    const fooled = createSender({ allowPrivate: false, timeoutMs: 2_000, resolve: leadingTo(...addresses) })
    expect(await fooled.send(outgoing(`https://partner.example:${port}/`))).toMatchObject({
      error: 'The endpoint leads to a private address, which is not allowed here.',
    })
  }
  expect(heard).toEqual([])
  expect(await careful.send(outgoing('https://name.invalid/'))).toMatchObject({
    error: expect.stringContaining('The name of the endpoint') as string,
  })
})
