// Keys of service accounts from one end to the other: made and shown once, used, listed, expired, revoked.
import { describe, expect, test } from 'vitest'
import { startTestApp, until, type Answer } from '../helpers/app.ts'
import { closeCode, openEvents, openSocket, settled, subscribers } from '../helpers/live.ts'
import { approvalQueue, proposalStatus } from './live-commands.ts'
import { apiKey, operationsOf, type ApiKey, type Input, type Result } from './operations.ts'

let ahead = 0
const app = await startTestApp({ clock: () => new Date(Date.now() + ahead), heartbeatMs: 60_000 })
const { sql, run, runWhole, read, userId, footprint } = operationsOf(app)
const company = 'USMF'
const cora = await userId('cora')
const partner = await userId('Partner')
const minuteMs = 60_000

let made = 0
/** An account of its own with one key. */
const create = async (more: Input = {}, roles = ['INTEGRATION']): Promise<Result & { key: string }> => {
  const account = { name: `Account ${(made += 1)}`, roles, managerId: await userId('mia') }
  const result = await run('adam', 'createApiKey', { company, name: 'K', account, responsibleId: cora, ...more })
  if (result.key === null || result.key === undefined) throw new Error(`no key: ${JSON.stringify(result)}`)
  return { ...result, key: result.key }
}
const ask = <T = Record<string, unknown>>(key: string, query: string, variables: Input = {}): Promise<Answer<T>> =>
  app.send<T>(null, query, variables, { authorization: `ApiKey ${key}` })
const me = '{ viewer { user { name } memberships { company { code } roles } } }'
const codes = ({ errors }: Answer<unknown>) => errors?.map(({ extensions }) => extensions?.code)
const keyOf = async (id: string): Promise<ApiKey> =>
  (await read<{ node: ApiKey }>('adam', `query ($id: ID!) { node(id: $id) { ... on ApiKey { ${apiKey} } } }`, { id }))
    .node
const listed = async (user: string, args = 'company: "USMF"') =>
  (await read<{ apiKeys: ApiKey[] | null }>(user, `{ apiKeys(${args}) { ${apiKey} } }`)).apiKeys
const withKey = (key: string) => ({ url: app.url, token: () => Promise.resolve(key) })

describe('a new key', () => {
  test('signs its new account in, which may do what its roles say and no more, in its one company', async () => {
    const { key, apiKey: about } = await create({ expiresAt: '2027-11-01T00:00:00Z' })
    expect(key).toMatch(/^csk_[0-9A-Za-z]{49}$/)
    expect(about).toMatchObject({
      name: 'K',
      hint: key.slice(-4),
      account: { responsible: { name: 'Cora Novak' } },
      roles: ['INTEGRATION'],
      createdBy: { name: 'Adam Wright' },
      expiresAt: '2027-11-01T00:00:00.000Z',
      lastUsedAt: null,
      revokedAt: null,
      revokedBy: null,
      active: true,
    })
    for (const headers of [{ authorization: `Bearer ${key}` }, { 'x-api-key': key }])
      expect((await app.send(null, me, {}, headers)).data).toEqual({
        viewer: {
          user: { name: about.account.name },
          memberships: [{ company: { code: company }, roles: ['INTEGRATION'] }],
        },
      })
    const update = `mutation ($company: String!, $account: String!) {
      updateCustomer(input: { company: $company, account: $account, set: { website: "https://key.example" } }) { __typename ... on UserError { code } } }`
    const writes = async (by: string, inCompany: string, account: string) =>
      (await ask<Record<string, Result>>(by, update, { company: inCompany, account })).data.updateCustomer
    expect(await writes(key, company, 'US-060')).toEqual({ __typename: 'UpdateCustomerSuccess' })
    expect(await writes(key, 'DEMF', 'DE-001')).toMatchObject({ code: 'NOT_FOUND' })
    const reader = await create({}, ['READER'])
    expect(await writes(reader.key, company, 'US-060')).toMatchObject({ code: 'NOT_PERMITTED' })
    expect((await ask(reader.key, '{ customer(company: "USMF", account: "US-060") { website } }')).data).toEqual({
      customer: { website: 'https://key.example' },
    })
    expect((await ask(key, '{ apiKeys(company: "USMF") { id } }')).data).toEqual({ apiKeys: null })
  })

  test('is shown once: a replay has null in its place, and nothing that is kept holds it', async () => {
    const account = { name: 'Once', roles: ['READER'] }
    const input = { company, name: 'Once', account, responsibleId: cora, idempotencyKey: 'once' }
    const first = await run('adam', 'createApiKey', input)
    expect(first.key).toMatch(/^csk_/)
    const again = await runWhole('adam', 'createApiKey', input)
    expect(again.extensions).toEqual({ replayed: true })
    expect(again.data.createApiKey).toMatchObject({ key: null, apiKey: { id: first.apiKey.id } })
    const [kept] = await sql`select
      (select string_agg(t::text, ' ') from api_keys t) || (select string_agg(t::text, ' ') from idempotency_keys t)
        || (select string_agg(t::text, ' ') from events t) as everything`
    expect(String(kept?.everything)).toContain('KeyChanged')
    expect(String(kept?.everything)).not.toContain(String(first.key).slice(4, 40))
    const [event] = await sql`select string_agg(data::text, ' ') as told from events where type = 'KeyChanged'`
    expect(String(event?.told)).not.toMatch(/hash|csk_/)
  })

  test('is not shown again to somebody who is no administrator any more, nor is what is known of it', async () => {
    const tess = await userId('tess')
    const roles = (held: string[]) => run('adam', 'setMember', { company, userId: tess, roles: held })
    await roles(['ADMINISTRATOR'])
    const account = { name: 'By Tess', roles: ['READER'] }
    const input = { company, name: 'K', account, responsibleId: cora, idempotencyKey: 'tess' }
    const { apiKey: about } = await run('tess', 'createApiKey', input)
    const revoke = { keyId: about.id, idempotencyKey: 'tess revokes' }
    expect((await run('tess', 'revokeApiKey', revoke)).apiKey.active).toBe(false)
    await roles(['READER'])
    for (const answer of [await run('tess', 'createApiKey', input), await run('tess', 'revokeApiKey', revoke)])
      expect(answer).toMatchObject({ __typename: 'NotPermittedError', code: 'NOT_PERMITTED' })
  })

  test('joins others of its account, so that one can be exchanged for another', async () => {
    const one = await create()
    const two = await run('adam', 'createApiKey', { company, name: 'Two', userId: one.apiKey.account.id })
    expect(two.apiKey.account).toEqual(one.apiKey.account)
    await run('adam', 'revokeApiKey', { keyId: one.apiKey.id })
    expect(codes(await ask(one.key, me))).toEqual(['UNAUTHENTICATED'])
    expect(codes(await ask(String(two.key), me))).toBeUndefined()
  })

  test('is refused with a code and a place, and leaves nothing behind', async () => {
    const before = await footprint()
    const account = { name: 'Refused', roles: ['INTEGRATION'] }
    const good = { company, name: 'K', account, responsibleId: cora }
    const foreign = await userId('dieter', 'DEMF')
    for (const [input, code, path] of [
      [{ ...good, company: 'NONE' }, 'NOT_FOUND', 'company'],
      [{ ...good, name: '' }, 'INVALID_VALUE', 'name'],
      [{ ...good, responsibleId: foreign }, 'INVALID_VALUE', 'responsibleId'],
      [{ ...good, responsibleId: 'x' }, 'NOT_FOUND', 'responsibleId'],
      [{ company, name: 'K', userId: foreign }, 'NOT_FOUND', 'userId'],
      [{ company, name: 'K', userId: cora }, 'INVALID_VALUE', 'userId'],
      [{ ...good, userId: partner }, 'INVALID_VALUE', 'userId'],
      [{ ...good, account: { ...account, roles: ['ADMINISTRATOR'] } }, 'INVALID_VALUE', 'account.roles'],
      [{ ...good, account: { ...account, name: 'Partner' } }, 'ALREADY_EXISTS', 'account.name'],
      [{ ...good, expiresAt: '2020-01-01T00:00:00Z' }, 'INVALID_VALUE', 'expiresAt'],
    ] as const) {
      const answer = await run('adam', 'createApiKey', input)
      expect([input, answer.code, answer.path?.join('.')]).toEqual([input, code, `input.${path}`])
    }
    // Of a company that is not theirs nobody learns anything; nor does a member who is no administrator.
    expect(await run('dieter', 'createApiKey', good)).toMatchObject({ code: 'NOT_FOUND', path: ['input', 'company'] })
    expect(await run('clara', 'createApiKey', good)).toMatchObject({ code: 'NOT_PERMITTED' })
    expect(await footprint()).toEqual(before)
  })
})

describe('the keys of a company', () => {
  test('are for its administrators alone, each by its id too', async () => {
    const { apiKey: about } = await create()
    const [newest] = (await listed('adam')) ?? []
    expect(newest).toEqual(about)
    expect((await listed('adam'))?.at(-1)).toMatchObject({
      name: 'Partner',
      hint: '-key',
      account: { name: 'Partner' },
    })
    expect(await listed('adam', 'company: "DEMF"')).toEqual([])
    expect(await listed('adam', 'company: "NONE"')).toBeNull()
    for (const user of ['clara', 'audrey', 'dieter', 'partner']) {
      expect(await listed(user)).toBeNull()
      expect(await read(user, 'query ($id: ID!) { node(id: $id) { id } }', { id: about.id })).toEqual({ node: null })
      const code = user === 'dieter' ? 'NOT_FOUND' : 'NOT_PERMITTED'
      expect(await run(user, 'revokeApiKey', { keyId: about.id })).toMatchObject({ code })
    }
    expect(await run('adam', 'revokeApiKey', { keyId: cora })).toMatchObject({
      code: 'NOT_FOUND',
      path: ['input', 'keyId'],
    })
  })

  test('are told apart by whether they open anything', async () => {
    const { key, apiKey: about } = await create()
    const has = async (active: boolean) =>
      (await listed('adam', `company: "USMF", active: ${active}`))?.some(({ id }) => id === about.id)
    expect([await has(true), await has(false)]).toEqual([true, false])
    const member = (active: boolean) => run('adam', 'setMember', { company, userId: about.account.id, active })
    await member(false)
    expect([await has(true), await has(false)]).toEqual([false, true])
    expect(codes(await ask(key, me))).toEqual(['UNAUTHENTICATED'])
    await member(true)
    expect(codes(await ask(key, me))).toBeUndefined()
  })

  test('are in the log, made and revoked, by the ids that the API gives', async () => {
    const { apiKey: about } = await create()
    await run('adam', 'revokeApiKey', { keyId: about.id })
    await settled(app)
    const { events } = await read<{ events: { edges: { node: { data: Input; actor: { name: string } } }[] } }>(
      'audrey',
      '{ events(company: "USMF", filter: { types: [KEY_CHANGED] }, first: 1000) { edges { node { data actor { name } } } } }',
    )
    const own = events.edges.map(({ node }) => node).filter(({ data }) => data.keyId === about.id)
    const state = { name: 'K', hint: about.hint, expiresAt: null }
    const [before, after] = [
      { ...state, revoked: false },
      { ...state, revoked: true },
    ]
    const ids = { keyId: about.id, userId: about.account.id }
    expect(own).toEqual([
      { data: { ...ids, old: null, new: before }, actor: { name: 'Adam Wright' } },
      { data: { ...ids, old: before, new: after }, actor: { name: 'Adam Wright' } },
    ])
  })
})

describe('a key that is used', () => {
  test('says when, to the minute, and is written at most once a minute', async () => {
    const { key, apiKey: about } = await create()
    const used = async (after: string) => {
      const answered = await Promise.all(Array.from({ length: 5 }, () => ask(key, me)))
      expect(answered.flatMap(codes)).toEqual(answered.map(() => undefined))
      return until('the use to be noted', async () => {
        const { lastUsedAt } = await keyOf(about.id)
        return lastUsedAt !== null && lastUsedAt > after ? lastUsedAt : undefined
      })
    }
    const writes = async () =>
      (await sql`select xmin::text as x from api_keys where hint = ${about.hint} and name = 'K'`)[0]?.x as string
    const first = await used('')
    expect(first).toMatch(/:00\.000Z$/)
    expect(Math.abs(Date.parse(first) - Date.now())).toBeLessThan(2 * minuteMs)
    const written = await writes()
    await ask(key, me)
    const now = (await keyOf(about.id)).lastUsedAt
    if (now === first) expect(await writes()).toBe(written)
    ahead += 2 * minuteMs
    expect(Date.parse(await used(first)) - Date.parse(first)).toBeGreaterThanOrEqual(2 * minuteMs)
    ahead = 0
  })

  test('and is none, or of nobody, is told what everybody is told', async () => {
    const { key } = await create()
    for (const wrong of [
      key.slice(0, -1),
      `${key.slice(0, -1)}${key.endsWith('0') ? '1' : '0'}`,
      key.slice(4),
      'csk_x',
    ])
      expect(codes(await ask(wrong, me))).toEqual(['UNAUTHENTICATED'])
  })
})

describe('a key that ends', () => {
  test('by its time opens nothing from then on, and is listed as ended', async () => {
    const { key, apiKey: about } = await create({ expiresAt: new Date(Date.now() + minuteMs).toISOString() })
    expect(codes(await ask(key, me))).toBeUndefined()
    ahead = 2 * minuteMs
    try {
      expect(codes(await ask(key, me))).toEqual(['UNAUTHENTICATED'])
      expect(await keyOf(about.id)).toMatchObject({ active: false, revokedAt: null })
      expect(await closeCode(app.url, { params: { authorization: `ApiKey ${key}` } })).toBe(4403)
    } finally {
      ahead = 0
    }
  })

  test('by its time closes what it has open at that moment', async () => {
    const { key } = await create({ expiresAt: new Date(Date.now() + 3_000).toISOString() })
    const socket = await openSocket(withKey(key), 'account')
    const stream = socket.subscribe(approvalQueue)
    const headers = { authorization: `ApiKey ${key}` }
    const events = await openEvents(app, null, approvalQueue, { headers })
    await Promise.all([stream.next(), events.next()])
    expect(await socket.closed).toBe(4403)
    await events.end()
  })

  test('by being revoked closes its sockets and streams, and none of another key of the same account', async () => {
    const one = await create()
    const other = await run('adam', 'createApiKey', { company, name: 'Other', userId: one.apiKey.account.id })
    const open = async (key: string) => {
      const socket = await openSocket(withKey(key), 'account')
      const headers = { authorization: `ApiKey ${key}` }
      const variables = { company }
      return {
        socket,
        streams: [socket.subscribe(proposalStatus, variables)],
        events: [
          await openEvents(app, null, approvalQueue, { headers }),
          await openEvents(app, null, proposalStatus, { headers, variables }),
        ],
      }
    }
    const [lost, kept] = [await open(one.key), await open(String(other.key))]
    for (const stream of [lost, kept].flatMap(({ streams, events }) => [...streams, ...events])) await stream.next()
    const idle = await openSocket(withKey(one.key), 'account')
    await until('the socket to be open', () => (idle.connections() === 1 ? true : undefined))
    const revoked = await run('adam', 'revokeApiKey', { keyId: one.apiKey.id })
    expect(revoked.apiKey).toMatchObject({ active: false, revokedBy: { name: 'Adam Wright' } })
    expect(codes(await ask(one.key, me))).toEqual(['UNAUTHENTICATED'])
    expect(await Promise.all([lost.socket.closed, idle.closed])).toEqual([4403, 4403])
    for (const stream of lost.events) await stream.end()
    await expect.poll(() => subscribers(app)).toBe(3)
    await run('clara', 'updateCustomer', { company, account: 'US-061', set: { creditLimit: '61.00' } })
    for (const stream of [kept.streams[0], kept.events[1]])
      await stream?.until<{ proposal?: { customer: { account: string } } }>(
        'the change',
        ({ proposal }) => proposal?.customer.account === 'US-061',
      )
    // It stays so, whoever revokes it again.
    const again = await run('adam', 'revokeApiKey', { keyId: one.apiKey.id })
    expect(again.apiKey.revokedAt).toBe(revoked.apiKey.revokedAt)
    expect(await closeCode(app.url, { params: { authorization: `ApiKey ${one.key}` } })).toBe(4403)
    await kept.socket.close()
    await Promise.all(kept.events.map((stream) => stream.stop()))
    await expect.poll(() => subscribers(app)).toBe(0)
  })
})
