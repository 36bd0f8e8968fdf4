// Who asks too often is told when to come again, over HTTP and sockets, and nobody else notices.
import { describe, expect, test } from 'vitest'
import { startTestApp } from '../helpers/app.ts'
import { closeCode, follow, openSocket } from '../helpers/live.ts'
import { approvalQueue } from './live-commands.ts'
import { operationsOf } from './operations.ts'

const limits = { key: 8, person: 1_000, address: 5 }
const app = await startTestApp({ rateLimits: limits })
const { run, userId } = operationsOf(app)
const cora = await userId('cora')
const query = '{ viewer { user { name } } }'

const create = async (name: string): Promise<string> => {
  const account = { name, roles: ['READER'] }
  const made = await run('adam', 'createApiKey', { company: 'USMF', name, account, responsibleId: cora })
  if (made.key === null) throw new Error('no key')
  return `ApiKey ${made.key}`
}
const post = (authorization: string | null, body: object = { query }, headers: Record<string, string> = {}) =>
  fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers, ...(authorization !== null && { authorization }) },
    body: JSON.stringify(body),
  })
/** Asks for as long as it may; answers how often that was. */
const useUp = async (authorization: string | null): Promise<number> => {
  for (let n = 0; n < 50; n += 1) if ((await post(authorization)).status === 429) return n
  throw new Error('there is no limit')
}
const isTold = async (response: Response, sentence: RegExp) => {
  expect([response.status, response.headers.get('content-type')]).toEqual([429, 'application/json; charset=utf-8'])
  const seconds = Number(response.headers.get('retry-after'))
  expect(seconds).toBeGreaterThan(0)
  expect(seconds).toBeLessThanOrEqual(60)
  expect(await response.json()).toEqual({
    errors: [{ message: expect.stringMatching(sentence) as string, extensions: { code: 'RATE_LIMITED' } }],
  })
}

describe('an API key over its limit', () => {
  test('is told so however it asks, while other keys and people go on', async () => {
    const [busy, other] = [await create('Busy'), await create('Other')]
    const first = await post(busy)
    expect(first.headers.get('ratelimit-policy')).toBe('"key";q=8;w=60')
    expect(first.headers.get('ratelimit')).toMatch(/^"key";r=7;t=\d+$/)
    expect(first.headers.has('retry-after')).toBe(false)
    expect(await useUp(busy)).toBe(limits.key - 1)
    const sentence =
      /^This API key has asked 8 times within a minute, which is the limit: come again in \d+ seconds?\.$/
    const search = new URLSearchParams({ query }).toString()
    for (const ask of [
      () => post(busy),
      () => post(busy, { query: 'nonsense' }),
      () => post(busy, { query: approvalQueue }, { accept: 'text/event-stream' }),
      () => fetch(`${app.url}/graphql?${search}`, { headers: { authorization: busy } }),
    ])
      await isTold(await ask(), sentence)
    const going = await post(other)
    expect([going.status, going.headers.get('ratelimit')]).toEqual([200, expect.stringMatching(/r=7;/)])
    const person = await post(`Bearer ${await app.token('clara')}`)
    expect([person.status, person.headers.get('ratelimit-policy')]).toEqual([200, '"person";q=1000;w=60'])
    expect(await person.json()).toEqual({ data: { viewer: { user: { name: 'Clara Keller' } } } })
  })

  test('keeps its socket and what it follows, and is told in the answer of each further operation', async () => {
    const key = await create('Follower')
    const socket = await openSocket({ url: app.url, token: () => Promise.resolve(key.slice('ApiKey '.length)) }, 'key')
    const stream = socket.subscribe(approvalQueue)
    await stream.next()
    expect(await useUp(key)).toBe(limits.key - 2)
    const [refusal] = await socket.subscribe(approvalQueue).refusal()
    expect(refusal?.extensions.code).toBe('RATE_LIMITED')
    expect(refusal?.message).toMatch(/come again in \d+ seconds?\.$/)
    expect([socket.connections(), stream.waiting()]).toEqual([1, []])
    // Another socket is told to come back later, which is no end for a client.
    expect(await closeCode(app.url, { params: { authorization: key } })).toBe(1013)
    const person = await follow(app, 'mia', approvalQueue)
    await person.next()
    await Promise.all([person.stop(), socket.close()])
    expect(await socket.closed).toBe(1000)
  })
})

test('who does not sign in has the budget of the address, and whoever does from there has one of their own', async () => {
  expect((await post('ApiKey nonsense')).headers.get('ratelimit-policy')).toBe('"address";q=5;w=60')
  expect(await useUp('Bearer nonsense')).toBe(limits.address - 1)
  await isTold(await post(null), /^Callers from your address who have not signed in have asked 5 times/)
  expect(await closeCode(app.url, { params: { authorization: 'ApiKey nonsense' } })).toBe(1013)
  expect((await post(`Bearer ${await app.token('clara')}`)).status).toBe(200)
  expect((await post('ApiKey demo-partner-key')).status).toBe(200)
})
