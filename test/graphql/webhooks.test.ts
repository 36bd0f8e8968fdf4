// Endpoints of partners over the API: who may set them up, what is shown of their secrets, the log to look at, and pulling instead.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { runInNewContext } from 'node:vm'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { startTestApp, until } from '../helpers/app.ts'
import { operationsOf } from './operations.ts'

const app = await startTestApp({ webhooksAllowPrivate: true })
const { sql, footprint } = operationsOf(app)

type Heard = { headers: Record<string, string>; text: string; status: number }
const heard: Heard[] = []
let status = 200
const server = createServer((request, response) => {
  const parts: Buffer[] = []
  request.on('data', (part: Buffer) => parts.push(part))
  request.on('end', () => {
    heard.push({ headers: request.headers as Record<string, string>, text: Buffer.concat(parts).toString(), status })
    response.writeHead(status, { location: '/' }).end('thanks')
  })
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`
afterAll(() => {
  server.closeAllConnections()
  server.close()
})
beforeEach(() => {
  heard.length = 0
  status = 200
})

type Hook = { id: string; name: string; secrets: { expiresAt: string | null }[]; deletedAt: string | null }
type Result = {
  __typename: string
  code?: string
  message?: string
  path?: string[]
  secret?: string | null
  webhook?: Hook
  attempt?: { status: number | null; error: string | null; position: string | null }
}
const mutation = (name: string, input: string): string => `mutation ($input: ${input}!) { r: ${name}(input: $input) {
  __typename ... on UserError { code message path }
  ${
    name === 'testWebhook'
      ? '... on TestWebhookSuccess { webhook { id } attempt { status error position durationMs } }'
      : '... on WebhookSuccess { secret webhook { id name secrets { expiresAt } deletedAt } }'
  } } }`
const run = async (user: string, name: string, input: Record<string, unknown>): Promise<Result> => {
  const text = mutation(name, `${name[0]!.toUpperCase()}${name.slice(1)}Input`)
  if (user === 'partner') return (await app.partner<{ r: Result }>(text, { input })).r
  return (await app.ask<{ r: Result }>(user, text, { input })).r
}
const wanted = { company: 'USMF', name: 'Partner', url, types: ['COMMENT_ADDED'] }
const made = async (more: Record<string, unknown> = {}): Promise<{ id: string; secret: string }> => {
  const { webhook, secret } = await run('adam', 'saveWebhook', { ...wanted, ...more })
  return { id: webhook!.id, secret: secret! }
}
const comment = async (text: string): Promise<void> => {
  const { customer } = await app.ask<{ customer: { proposal: { id: string } } }>(
    'clara',
    '{ customer(company: "USMF", account: "US-007") { proposal { id } } }',
  )
  const input = { proposalId: customer.proposal.id, text }
  await app.ask('clara', 'mutation ($input: AddCommentInput!) { addComment(input: $input) { __typename } }', { input })
}
const log = `{ ... on Webhook { health { pending dead failures lastError lastSuccessAt }
  deliveries(first: 1) { edges { cursor node { status attempts position event { id type } lastStatus nextAt } } pageInfo { hasNextPage } }
  attempts(first: 10) { edges { node { status error position } } } } }`
type Log = {
  health: { pending: number; dead: number; failures: number; lastError: string | null; lastSuccessAt: string | null }
  deliveries: {
    edges: { cursor: string; node: { status: string; attempts: number; position: string; event: { id: string } } }[]
    pageInfo: { hasNextPage: boolean }
  }
  attempts: { edges: { node: { status: number | null; error: string | null; position: string | null } }[] }
}
const logOf = async (id: string): Promise<Log> =>
  (await app.ask<{ node: Log }>('adam', `query ($id: ID!) { node(id: $id) ${log} }`, { id })).node

describe('a secret', () => {
  it('is shown once, to who has it made, and nowhere ever after', async () => {
    const input = { ...wanted, idempotencyKey: 'once' }
    const first = await run('adam', 'saveWebhook', input)
    expect(first.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    const again = await run('adam', 'saveWebhook', input)
    expect(again).toEqual({ ...first, secret: null })
    const webhookId = first.webhook!.id
    const rotated = await run('adam', 'rotateWebhookSecret', { webhookId, keepOldHours: 1, idempotencyKey: 'turn' })
    expect(rotated.secret).not.toBe(first.secret)
    expect(rotated.webhook?.secrets).toEqual([{ expiresAt: null }, { expiresAt: expect.any(String) as string }])
    expect(await run('adam', 'rotateWebhookSecret', { webhookId, keepOldHours: 1, idempotencyKey: 'turn' })).toEqual({
      ...rotated,
      secret: null,
    })
    const { secret } = await run('adam', 'saveWebhook', { ...wanted, id: webhookId, name: 'Renamed' })
    expect(secret).toBeNull()
    const [kept] = await sql.unsafe<{ text: string }[]>(
      'select (select string_agg(e::text, chr(10)) from events e) || (select string_agg(k::text, chr(10)) from idempotency_keys k) as text',
    )
    expect(kept?.text).toContain('Renamed')
    for (const known of [first.secret, rotated.secret]) expect(kept?.text).not.toContain(known!.slice(6, 40))
    await run('adam', 'deleteWebhook', { webhookId })
    const [left] = await sql`select count(*)::int as n from webhook_secrets`
    expect(left).toEqual({ n: 0 })
  })
})

describe('a webhook', () => {
  it('is told what happens, signed, and its log says what came of it', async () => {
    const { id, secret } = await made()
    await comment('hello')
    const message = await until('the delivery', () => heard[0])
    const body = new Webhook(secret).verify(message.text, message.headers) as { type: string; data: { id: string } }
    expect(body).toMatchObject({ type: 'COMMENT_ADDED', data: { company: 'USMF', account: 'US-007' } })
    const seen = await until('its end', async () => {
      const found = await logOf(id)
      return found.deliveries.edges[0]?.node.status === 'PENDING' ? undefined : found
    })
    expect(seen.deliveries.edges[0]?.node).toMatchObject({
      status: 'DELIVERED',
      attempts: 1,
      event: { id: body.data.id },
    })
    expect(message.headers['webhook-id']).toBe(body.data.id)
    expect(seen.attempts.edges).toEqual([
      { node: { status: 200, error: null, position: seen.deliveries.edges[0]?.node.position } },
    ])
    status = 500
    await comment('more')
    const failed = await until('the failure', async () => {
      const found = await logOf(id)
      return found.health.failures > 0 ? found : undefined
    })
    expect(failed.health.lastError).toBe('The endpoint answered with status 500.')
    expect(failed.deliveries).toMatchObject({
      edges: [{ node: { status: 'PENDING' } }],
      pageInfo: { hasNextPage: true },
    })
    const next = await app.ask<{ node: Log }>(
      'adam',
      'query ($id: ID!, $after: Cursor) { node(id: $id) { ... on Webhook { deliveries(first: 5, after: $after) { edges { node { status } } } } } }',
      { id, after: failed.deliveries.edges[0]?.cursor },
    )
    expect(next.node.deliveries.edges).toEqual([{ node: { status: 'DELIVERED' } }])
    await run('adam', 'deleteWebhook', { webhookId: id })
    expect(await logOf(id)).toMatchObject({ health: { pending: 0, dead: 1 } })
    const listed = await app.ask<{ some: Hook[]; all: Hook[] }>(
      'adam',
      '{ some: webhooks(company: "USMF") { id } all: webhooks(company: "USMF", deleted: true) { id } }',
    )
    expect([listed.some, listed.all].map((list) => list.some((hook) => hook.id === id))).toEqual([false, true])
  })

  it('is tried with a signed message, and answers what came', async () => {
    const { id, secret } = await made({ active: false })
    const input = { webhookId: id, idempotencyKey: 'try' }
    expect((await run('adam', 'testWebhook', input)).attempt).toMatchObject({
      status: 200,
      error: null,
      position: null,
    })
    expect(new Webhook(secret).verify(heard[0]!.text, heard[0]!.headers)).toMatchObject({
      type: 'TEST',
      data: { company: 'USMF', webhook: 'Partner' },
    })
    expect((await run('adam', 'testWebhook', input)).attempt).toMatchObject({ status: 200 })
    expect(heard).toHaveLength(1)
    status = 301
    expect((await run('adam', 'testWebhook', { webhookId: id })).attempt).toMatchObject({
      status: 301,
      error: expect.stringContaining('redirect') as string,
    })
    await run('adam', 'deleteWebhook', { webhookId: id })
    expect(await run('adam', 'testWebhook', { webhookId: id })).toMatchObject({ __typename: 'NotFoundError' })
  })

  it.each([
    [{ name: ' ' }, ['input', 'name']],
    [{ url: 'not a url' }, ['input', 'url']],
    [{ url: 'ftp://partner.example/' }, ['input', 'url']],
    [{ url: 'https://me:secret@partner.example/' }, ['input', 'url']],
    [{ url: `https://partner.example/${'x'.repeat(2000)}` }, ['input', 'url']],
  ])('is refused with %j', async (more, path) => {
    const before = await footprint()
    const refusal = await run('adam', 'saveWebhook', { ...wanted, ...more })
    expect(refusal).toMatchObject({ __typename: 'ValidationError', code: 'INVALID_VALUE', path })
    expect(await footprint()).toEqual(before)
  })

  it('is told again from a position that the log has, and from no other', async () => {
    const { id } = await made()
    for (const fromPosition of ['0', '-1', 'x', '999999', '']) {
      const refusal = await run('adam', 'replayWebhook', { webhookId: id, fromPosition })
      expect(refusal).toMatchObject({ __typename: 'ValidationError', path: ['input', 'fromPosition'] })
    }
    await run('adam', 'replayWebhook', { webhookId: id, fromPosition: '1' })
    const { events } = await app.ask<{ events: { edges: { node: { id: string } }[] } }>(
      'adam',
      '{ events(company: "USMF", first: 1000, filter: { types: [COMMENT_ADDED] }) { edges { node { id } } } }',
    )
    const expected = events.edges.map(({ node }) => node.id).sort()
    await until('all comments of the log', () => (heard.length >= expected.length ? true : undefined))
    expect(heard.map(({ headers }) => headers['webhook-id']).sort()).toEqual(expected)
    await run('adam', 'deleteWebhook', { webhookId: id })
  })
})

describe('what is sent', () => {
  type Body = { type: string; data: Record<string, unknown> & { data: Record<string, unknown>; values: object } }
  const bodyOf = (type: string): Promise<Body> =>
    until(type, () => heard.map(({ text }) => JSON.parse(text) as Body).find((body) => body.type === type))
  const types = ['CUSTOMER_CREATED', 'PROPOSAL_APPLIED', 'IMPORT_FINISHED', 'WEBHOOK_CHANGED']

  it('of a new customer is the whole record but for bank and tax data, and tells that these are not shown', async () => {
    const { id } = await made({ types })
    const values = { name: 'Told of', taxExemptNumber: '12-3456789' }
    const row = { account: 'TOLD-1', set: values, bankAccounts: [{ code: 'B', iban: 'DE89370400440532013000' }] }
    const sent = await fetch(`${app.url}/imports?company=USMF`, {
      method: 'POST',
      headers: {
        'x-api-key': 'demo-partner-key',
        'content-type': 'application/x-ndjson',
        'import-options': '{"commit":true}',
      },
      body: JSON.stringify(row),
    })
    const { id: importId } = (await sent.json()) as { id: string }
    const { data } = await bodyOf('CUSTOMER_CREATED')
    const bank = Object.keys(data.values).find((key) => key.startsWith('bankAccounts.')) ?? ''
    expect(data).toMatchObject({
      account: 'TOLD-1',
      data: { account: 'TOLD-1', version: 1, source: 'IMPORT' },
      values: {
        customer: { name: 'Told of', creditLimit: '0.00', taxExemptNumber: null },
        [bank]: { code: 'B', iban: null },
      },
      masked: ['customer', bank],
    })
    expect(heard.map(({ text }) => text).join()).not.toMatch(/12-3456789|DE8937/)
    // The ids and names in it are those of the API.
    expect((await bodyOf('IMPORT_FINISHED')).data).toMatchObject({ data: { importId }, values: {}, masked: [] })
    expect((await bodyOf('WEBHOOK_CHANGED')).data.data).toMatchObject({
      webhookId: id,
      new: { types: [...types].sort() },
    })
    await run('adam', 'deleteWebhook', { webhookId: id })
    const events = `{ customer(company: "USMF", account: "TOLD-1") { history(first: 1) { edges { node { data } } } } }`
    type Told = { customer: { history: { edges: { node: { data: object } }[] } } }
    const told = async (user: string) => (await app.ask<Told>(user, events)).customer.history.edges[0]?.node.data
    expect(await told('cora')).toMatchObject({
      values: { customer: { name: 'Told of', taxExemptNumber: null } },
      masked: data.masked,
    })
    expect(await told('clara')).toMatchObject({ values: { customer: values } })
    expect(await told('clara')).not.toHaveProperty('masked')
  })

  it('has the members that the guide shows', async () => {
    const guide = readFileSync(join(import.meta.dirname, '../../docs/integrations.md'), 'utf8')
    const [, shown = ''] = /```js\n(\{\n {2}type: 'PROPOSAL_APPLIED'[\s\S]*?)```/.exec(guide) ?? []
    const example = runInNewContext(`(${shown})`) as Body
    const { id } = await made({ types })
    const edited = await app.ask<{ updateCustomer: { proposal: { id: string } } }>(
      'clara',
      'mutation { updateCustomer(input: { company: "USMF", account: "US-020", set: { creditLimit: "1.00" } }) { ... on UpdateCustomerSuccess { proposal { id } } } }',
    )
    const { proposal } = edited.updateCustomer
    await app.ask('clara', `mutation { submitProposal(input: { proposalId: "${proposal.id}" }) { __typename } }`)
    const { approvalQueue } = await app.ask<{ approvalQueue: { edges: { node: { id: string } }[] } }>(
      'cora',
      '{ approvalQueue(filter: { account: "US-020" }, first: 1) { edges { node { id } } } }',
    )
    const [item] = approvalQueue.edges
    await app.ask('cora', `mutation { approve(input: { workItemId: "${item?.node.id}", revision: 1 }) { __typename } }`)
    const body = await bodyOf('PROPOSAL_APPLIED')
    const keys = (of: object): string[] => Object.keys(of).sort()
    expect(keys(body)).toEqual(keys(example))
    expect(keys(body.data)).toEqual(keys(example.data))
    expect(keys(body.data.data)).toEqual(expect.arrayContaining(keys(example.data.data)))
    expect(keys(body.data.values)).toEqual(keys(example.data.values))
    await run('adam', 'deleteWebhook', { webhookId: id })
  })
})

describe('for others than administrators', () => {
  it.each(['cora', 'clara', 'partner', 'audrey', 'dieter'])('it is not there or refused: %s', async (user) => {
    const { id } = await made()
    const read = `query ($id: ID!) { webhooks(company: "USMF") { id } node(id: $id) { id } }`
    const seen = user === 'partner' ? await app.partner(read, { id }) : await app.ask(user, read, { id })
    expect(seen).toEqual({ webhooks: null, node: null })
    const before = await footprint()
    const expected = user === 'dieter' ? 'NotFoundError' : 'NotPermittedError'
    const of = { webhookId: id }
    const calls: [string, Record<string, unknown>][] = [
      ['saveWebhook', wanted],
      ['saveWebhook', { ...wanted, id }],
      ...['rotateWebhookSecret', 'deleteWebhook', 'replayWebhook', 'testWebhook'].map(
        (name): [string, Record<string, unknown>] => [name, of],
      ),
    ]
    for (const [name, input] of calls) {
      expect([name, (await run(user, name, { ...input, idempotencyKey: 'k' })).__typename]).toEqual([name, expected])
    }
    expect(await footprint()).toEqual(before)
    expect(heard).toEqual([])
    await run('adam', 'deleteWebhook', of)
  })

  it("another company's is not there, even for who administers both", async () => {
    const { id } = await made()
    const refusal = await run('adam', 'saveWebhook', { ...wanted, company: 'DEMF', id })
    expect(refusal).toMatchObject({ __typename: 'NotFoundError', path: ['input', 'id'] })
    await run('adam', 'deleteWebhook', { webhookId: id })
  })
})

describe('pulling', () => {
  type Page = {
    events: {
      edges: { cursor: string; node: { position: string; data: unknown } }[]
      pageInfo: { hasNextPage: boolean }
    }
  }
  const text = `query ($first: Int, $after: Cursor, $filter: EventFilter) { events(company: "USMF", first: $first, after: $after, filter: $filter) {
    edges { cursor node { id position type at actor { id name } customer { account } proposal { id } data } } pageInfo { hasNextPage endCursor } } }`
  const pull = (variables: Record<string, unknown>) => app.partner<Page>(text, variables)

  it('a partner reads a thousand events at a time, without a gap, from a cursor that stays valid or from a position', async () => {
    const { edges } = (await pull({ first: 1000 })).events
    expect(edges.map(({ node }) => Number(node.position))).toEqual(edges.map((_, n) => n + 1))
    const seen: string[] = []
    let after: string | undefined
    for (let more = true; more;) {
      const { events } = await pull({ first: 7, after })
      seen.push(...events.edges.map(({ node }) => node.position))
      after = events.edges.at(-1)?.cursor
      more = events.pageInfo.hasNextPage
    }
    expect(seen).toEqual(edges.map(({ node }) => node.position))
    await comment('later')
    const news = await until('the news', async () => {
      const { events } = await pull({ first: 1000, after })
      return events.edges.length > 0 ? events.edges : undefined
    })
    expect(news.map(({ node }) => Number(node.position))).toEqual([edges.length + 1])
    const fromPosition = String(edges.length)
    const { events } = await pull({ first: 2, filter: { fromPosition } })
    expect(events.edges.map(({ node }) => node.position)).toEqual([fromPosition, String(edges.length + 1)])
    await expect(pull({ filter: { fromPosition: 'x' } })).rejects.toThrow('A position is a whole number')
  })
})
