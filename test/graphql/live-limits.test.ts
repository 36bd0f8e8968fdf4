// The limits of a request are the same by whatever way it comes in, and so is what a request may do at all.
import { afterAll, describe, expect, test, vi } from 'vitest'
import { startTestApp } from '../helpers/app.ts'
import { follow, openSocket, settled, subscribers } from '../helpers/live.ts'

// As many streams as a person may have are too many for a test; the number is the only thing that changes.
vi.mock('../../server/graphql/limits.ts', async (original) => {
  const actual = await original<typeof import('../../server/graphql/limits.ts')>()
  return { ...actual, limits: { ...actual.limits, streamsPerPerson: 3 } }
})

const app = await startTestApp()
await settled(app)
const authorization = `Bearer ${await app.token('clara')}`

/** A selection on a proposal as a query and as a subscription. */
const asQuery = (selection: string, more = ''): string =>
  `{ customer(company: "USMF", account: "US-007") { proposal { ${selection} } } } ${more}`
const asSubscription = (selection: string, more = ''): string =>
  `subscription { proposalStatus(company: "USMF") { ... on ProposalStatusSnapshot { proposals { ${selection} } } } } ${more}`

type Way = (authorized: boolean, selection: string, more?: string) => Promise<string[]>
const codesIn = (text: string): string[] => [...text.matchAll(/"code":"([A-Z_]+)"/g)].map(([, code]) => code ?? '')
const over =
  (method: 'GET' | 'POST', accept: string, build: typeof asQuery): Way =>
  async (authorized, selection, more) => {
    const query = build(selection, more)
    const headers = { accept, ...(authorized && { authorization }) }
    const response =
      method === 'GET'
        ? await fetch(`${app.url}/graphql?${new URLSearchParams({ query }).toString()}`, { headers })
        : await fetch(`${app.url}/graphql`, {
            method,
            headers: { 'content-type': 'application/json', ...headers },
            body: JSON.stringify({ query }),
          })
    return codesIn(await response.text())
  }
const ways: [string, Way][] = [
  ['POST', over('POST', 'application/json', asQuery)],
  ['GET', over('GET', 'application/json', asQuery)],
  ['server-sent events', over('POST', 'text/event-stream', asSubscription)],
  ['server-sent events by GET', over('GET', 'text/event-stream', asSubscription)],
  [
    'a socket',
    async (_authorized, selection, more) => {
      const stream = await follow(app, 'clara', asSubscription(selection, more))
      const codes = (await stream.refusal()).map(({ extensions }) => extensions.code)
      await stream.stop()
      return codes
    },
  ],
]

const doubling = Array.from(
  { length: 12 },
  (_, n) => `fragment f${n} on Proposal { ...f${n + 1} a${n}: id ...f${n + 1} }`,
).join(' ')
const limits: [string, string, string, string][] = [
  ['tokens', 'a '.repeat(6_000), '', 'BAD_REQUEST'],
  ['fields', '...f0', `${doubling} fragment f12 on Proposal { id }`, 'TOO_COMPLEX'],
  ['depth', `${'customer { proposal { '.repeat(8)} id ${'} } '.repeat(8)}`, '', 'TOO_COMPLEX'],
  [
    'complexity',
    Array.from({ length: 80 }, (_, n) => `a${n}:history(first:100){edges{node{id type at hash position}}}`).join(' '),
    '',
    'TOO_COMPLEX',
  ],
  ['the schema', 'nothing', '', 'BAD_REQUEST'],
]

describe.each(ways)('by %s', (_name, way) => {
  test.each(limits)('the limit is that of %s', async (_limit, selection, more, code) => {
    const codes = await way(true, selection, more)
    expect(codes.length).toBeGreaterThan(0)
    expect(new Set(codes)).toEqual(new Set([code]))
  })
})

// A socket asks for the sign-in before the first operation.
test.each(ways.filter(([name]) => name !== 'a socket'))(
  'by %s nobody gets in without signing in',
  async (_name, way) => {
    expect(await way(false, 'id')).toEqual(['UNAUTHENTICATED'])
  },
)

test('nothing that was refused has left a reader behind', async () => {
  await expect.poll(() => subscribers(app)).toBe(0)
})

test('a person has so many streams and no more, however many are asked for at once', async () => {
  const socket = await openSocket(app, 'clara')
  afterAll(() => socket.close())
  // Looking for the customer takes a while, in which the others are asked for.
  const query = 'subscription { proposalStatus(company: "USMF", account: "US-001") { __typename } }'
  const asked = Array.from({ length: 12 }, () => socket.subscribe(query))
  const answers = await Promise.all(
    asked.map((stream) =>
      stream.next().then(
        () => 'open',
        () => 'refused',
      ),
    ),
  )
  expect(answers.filter((answer) => answer === 'open')).toHaveLength(3)
  const other = await follow(app, 'mia', 'subscription { approvalQueue { __typename } }')
  await other.next()
  await Promise.all([socket.close(), other.stop()])
  await expect.poll(() => subscribers(app)).toBe(0)
  const again = await follow(app, 'clara', 'subscription { approvalQueue { __typename } }')
  await again.next()
  await again.stop()
})

describe('a page that a browser of ours happens to open', () => {
  const command = `mutation { updateCustomer(input: { company: "USMF", account: "US-041", set: { phone: "+1 555 0100" } }) { __typename } }`
  const phone = async (): Promise<unknown> =>
    (
      await app.ask<{ customer: { phone: string } }>(
        'clara',
        '{ customer(company: "USMF", account: "US-041") { phone } }',
      )
    ).customer.phone

  test('cannot command by following a link: GET is for queries', async () => {
    const before = await phone()
    for (const accept of ['application/json', 'text/event-stream', '*/*']) {
      const search = new URLSearchParams({ query: command }).toString()
      const response = await fetch(`${app.url}/graphql?${search}`, { headers: { authorization, accept } })
      expect([accept, response.status]).toEqual([accept, 405])
      expect(await response.text()).not.toContain('UpdateCustomerSuccess')
    }
    expect(await phone()).toBe(before)
  })

  test.each([
    ['text/plain', JSON.stringify({ query: command })],
    ['application/x-www-form-urlencoded', new URLSearchParams({ query: command }).toString()],
    [
      'multipart/form-data; boundary=x',
      `--x\r\ncontent-disposition: form-data; name="query"\r\n\r\n${command}\r\n--x--`,
    ],
  ])('cannot command by a form: %s is not taken', async (type, body) => {
    const before = await phone()
    const response = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { authorization, 'content-type': type },
      body,
    })
    expect(response.status).toBe(415)
    expect(await phone()).toBe(before)
  })

  test('reads nothing from another origin', async () => {
    const response = await fetch(`${app.url}/graphql`, {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    })
    expect(response.headers.get('access-control-allow-origin')).toBeNull()
  })
})
