// What ends while a file comes in, the key of its sender or the import: nothing of the file is kept, and its sender is told at once.
import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { encodeId } from '../../server/graphql/ids.ts'
import { startTestApp, until } from '../helpers/app.ts'
import { operationsOf, type Input } from '../graphql/operations.ts'

let ahead = 0
const app = await startTestApp({ clock: () => new Date(Date.now() + ahead) })
const { sql, run, userId } = operationsOf(app)
const company = 'USMF'
const responsibleId = await userId('cora')

let made = 0
const create = async (more: Input = {}): Promise<{ key: string; id: string }> => {
  const account = { name: `Sender ${(made += 1)}`, roles: ['INTEGRATION'], managerId: await userId('mia') }
  const { key, apiKey } = await run('adam', 'createApiKey', { company, name: 'K', account, responsibleId, ...more })
  return { key: String(key), id: apiKey.id }
}

type Heard = { status: number | undefined; connection: string | undefined; code: string; message: string }
/** Begins to send a file, and stops in the middle of it. */
const beginning = async (key: string, headers: Record<string, string> = {}) => {
  const call = httpRequest(`${app.url}/imports?company=USMF&name=${key.slice(-8)}`, {
    method: 'POST',
    headers: {
      authorization: `ApiKey ${key}`,
      'content-type': 'text/csv',
      'import-options': '{"commit":true}',
      ...headers,
    },
  })
  const heard = once(call, 'response').then(async ([response]: IncomingMessage[]): Promise<Heard> => {
    let text = ''
    for await (const chunk of response!) text += String(chunk)
    const { code = '', message = '' } = JSON.parse(text) as Partial<Heard>
    return { status: response!.statusCode, connection: response!.headers.connection, code, message }
  })
  // Of one that is broken off here nobody listens to the answer.
  heard.catch(() => undefined)
  call.on('error', () => undefined)
  call.write(`account,name\n${Array.from({ length: 1500 }, (_, n) => `US-X${made}-${n},One\n`).join('')}`)
  const job = async () => {
    const [found] = await sql`
      select company_id, id, status, rows, failure, (select count(*)::int from import_rows r where r.import_id = j.id) as staged
      from import_jobs j where name = ${key.slice(-8)} order by created_at desc, id desc limit 1`
    return found
  }
  await until('rows of the file', async () => (((await job())?.staged ?? 0) > 0 ? true : undefined))
  return { call, heard, job }
}
const over = {
  status: 401,
  connection: 'close',
  code: 'UNAUTHENTICATED',
  message: expect.stringContaining('nothing of it was kept') as string,
}
const nothingKept = { status: 'FAILED', rows: 0, staged: 0, failure: { code: 'NOT_PERMITTED' } }

describe('an upload ends with the key that it was begun with', () => {
  test('when that is revoked, though its sender is silent', async () => {
    const { key, id } = await create()
    const { call, heard, job } = await beginning(key, { 'idempotency-key': 'revoked' })
    await run('adam', 'revokeApiKey', { keyId: id })
    // Before the rest has come.
    await until('the end of the upload', async () => ((await job())?.status === 'FAILED' ? true : undefined), 5000)
    call.end('US-X,One\n')
    expect(await heard).toMatchObject(over)
    expect(await job()).toMatchObject(nothingKept)
    expect(await sql`select 1 from customers where account like ${`US-X${made}-%`}`).toEqual([])
    expect(await sql`select 1 from idempotency_keys where key = 'revoked'`).toEqual([])
  })

  test('when that expires, though its sender is silent', async () => {
    const { key } = await create({ expiresAt: new Date(Date.now() + 2500).toISOString() })
    const { call, heard, job } = await beginning(key)
    await until('the end of the upload', async () => ((await job())?.status === 'FAILED' ? true : undefined), 6000)
    expect(await job()).toMatchObject(nothingKept)
    call.end()
    expect(await heard).toMatchObject(over)
  })

  test('at the latest when the file is whole, where nobody has told of it', async () => {
    const { key } = await create({ expiresAt: new Date(Date.now() + 600_000).toISOString() })
    const { call, heard, job } = await beginning(key)
    ahead = 700_000
    call.end()
    expect(await heard).toMatchObject(over)
    ahead = 0
    expect(await job()).toMatchObject(nothingKept)
  })
})

describe('an upload whose import is cancelled', () => {
  afterEach(() => void vi.useRealTimers())

  test('is told so though its sender is silent, and its key is free at once', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const { key } = await create()
    const { call, heard, job } = await beginning(key, { 'idempotency-key': 'cancelled' })
    const importId = encodeId('ImportJob', String((await job())?.company_id), String((await job())?.id))
    await app.ask('adam', 'mutation ($input: ImportIdInput!) { cancelImport(input: $input) { __typename } }', {
      input: { importId },
    })
    expect(await sql`select 1 from idempotency_keys where key = 'cancelled'`).toEqual([])
    vi.advanceTimersByTime(10_000)
    // Before the rest has come.
    await until('the end of the upload', async () => ((await job())?.staged === 0 ? true : undefined), 5000)
    call.end('US-X,One\n')
    expect(await heard).toEqual({
      status: 409,
      connection: 'close',
      code: 'WRONG_STATE',
      message: expect.stringContaining('has been cancelled') as string,
    })
    expect(await job()).toMatchObject({ status: 'CANCELLED', staged: 0 })
  })
})

test('a second try whose first one has broken off is told to come again', async () => {
  const { key } = await create()
  const headers = { 'idempotency-key': 'again' }
  const first = await beginning(key, headers)
  // As the process leaves it that finds it given up; its key is not free yet.
  await sql`update import_jobs set status = 'FAILED', finished_at = now(),
    failure = '{"code":"INVALID_VALUE","message":"Broken off."}' where id = ${String((await first.job())?.id)}`
  const answer = await fetch(`${app.url}/imports?company=USMF&name=${key.slice(-8)}`, {
    method: 'POST',
    headers: {
      authorization: `ApiKey ${key}`,
      'content-type': 'text/csv',
      'import-options': '{"commit":true}',
      ...headers,
    },
    body: 'account,name\nUS-Y,One\n',
  })
  expect(answer.status).toBe(409)
  expect(answer.headers.get('retry-after')).toBe('5')
  expect(await answer.json()).toMatchObject({ code: 'WRONG_STATE' })
  first.call.destroy()
})
