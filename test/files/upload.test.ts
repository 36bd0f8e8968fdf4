// Files over HTTP against the running application: who may send one, what comes of it, and what is left of one that breaks off.
import { createHash } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import postgres from 'postgres'
import { afterAll, describe, expect, test } from 'vitest'
import { startTestApp, until } from '../helpers/app.ts'

const app = await startTestApp({ allowedOrigins: ['https://partner.example'] })
const sql = postgres(app.databaseUrl, { max: 1, onnotice: () => undefined })
afterAll(() => sql.end())

type Answer = { status: number; id: string; code: string; message: string; path?: string[]; headers: Headers }
type Options = { user?: string | null; query?: string; headers?: Record<string, string>; method?: string }

const authorization = async (user: string): Promise<string> =>
  user === 'partner' ? 'ApiKey demo-partner-key' : `Bearer ${await app.token(user)}`

const send = async (body: string | Buffer, options: Options = {}): Promise<Answer> => {
  const { user = 'clara', query = 'company=USMF&name=file.csv', headers = {}, method = 'POST' } = options
  const response = await fetch(`${app.url}/imports?${query}`, {
    method,
    headers: {
      'content-type': 'text/csv',
      ...(user !== null && { authorization: await authorization(user) }),
      ...headers,
    },
    body: typeof body === 'string' ? body : new Uint8Array(body),
  })
  const answer = (await response.json()) as Omit<Answer, 'status' | 'headers'>
  // Whatever is wrong is said in a sentence.
  if (response.status !== 202) expect(answer.message).toMatch(/^[A-Z0-9"/].{10,}[.?]$/s)
  return { ...answer, status: response.status, headers: response.headers }
}
const optionsOf = (options: object): Record<string, string> => ({ 'import-options': JSON.stringify(options) })

type Job = {
  status: string
  rows: number
  counts: Record<string, number>
  failure: { code: string; message: string } | null
}
const jobOf = async (id: string): Promise<Job> => {
  const own = Buffer.from(id, 'base64url').toString().split(':').at(-1) ?? ''
  const [job] = await sql<Job[]>`select status, rows, counts, failure from import_jobs where id = ${own}`
  return job!
}
const ended = (id: string): Promise<Job> =>
  until('the end of the import', async () => {
    const job = await jobOf(id)
    return ['PLANNED', 'DONE', 'FAILED'].includes(job.status) ? job : undefined
  })
const lastJob = async (): Promise<Job & { staged: number }> => {
  const [job] = await sql<(Job & { staged: number })[]>`
    select status, rows, counts, failure,
      (select count(*)::int from import_rows r where r.import_id = j.id) as staged
    from import_jobs j order by created_at desc, id desc limit 1`
  return job!
}
const jobs = async (): Promise<number> => (await sql`select 1 from import_jobs`).length

const refusedOf = async (id: string, user = 'clara'): Promise<{ status: number; text: string; headers: Headers }> => {
  const response = await fetch(`${app.url}/imports/${id}/refused.csv`, {
    headers: { authorization: await authorization(user) },
  })
  return {
    status: response.status,
    text: Buffer.from(await response.arrayBuffer()).toString(),
    headers: response.headers,
  }
}

describe('a file', () => {
  test('is taken from a person and from a partner, planned, and carried out at once where it says so', async () => {
    const planned = await send('Customer account;Credit limit;City\nUS-001;75000;Springfield\nUP-1;5;Berlin\n')
    expect(planned).toMatchObject({ status: 202, id: expect.any(String) as string })
    expect(await ended(planned.id)).toMatchObject({ status: 'PLANNED', rows: 2, failure: null })

    const file = gzipSync('id,companyName,note\nUP-2,Café,x\nUP-3,"Two\nlines",NULL\n')
    const done = await send(file, {
      user: 'partner',
      headers: {
        'content-encoding': 'gzip',
        ...optionsOf({
          columns: { id: 'account', companyName: 'name', note: null },
          constants: { currency: 'EUR' },
          null: ['NULL'],
          commit: true,
        }),
      },
    })
    expect(done.status).toBe(202)
    expect(await ended(done.id)).toMatchObject({ status: 'DONE', rows: 2, counts: { CREATED: 2 } })
    expect(await sql`select account, name, currency from customers where account like 'UP-%' order by 1`).toEqual([
      { account: 'UP-2', name: 'Café', currency: 'EUR' },
      expect.objectContaining({ account: 'UP-3' }),
    ])
  })

  test('of JSON lines is taken in both shapes', async () => {
    const lines = [
      { account: 'UJ-1', set: { name: 'Nested' }, addresses: [{ code: 'HQ', city: 'Berlin' }] },
      { account: 'UJ-2', name: 'Flat', 'addresses.city': 'Paris', country: 'France' },
      { account: 'UJ-3', nonsense: 1 },
    ]
    const sent = await send(lines.map((line) => JSON.stringify(line)).join('\r\n'), {
      headers: { 'content-type': 'application/x-ndjson', ...optionsOf({ commit: true }) },
    })
    expect(await ended(sent.id)).toMatchObject({ status: 'DONE', rows: 3, counts: { CREATED: 2, INVALID: 1 } })
    expect(
      await sql`select c.account, a.code, a.city, a.country from addresses a join customers c on c.id = a.customer_id
        where c.account like 'UJ-%' order by 1`,
    ).toEqual([
      { account: 'UJ-1', code: 'HQ', city: 'Berlin', country: null },
      { account: 'UJ-2', code: 'MAIN', city: 'Paris', country: 'FR' },
    ])
    const { text } = await refusedOf(sent.id)
    expect(text.split('\r\n')).toEqual([
      '\uFEFFaccount,nonsense,row,outcome,why',
      'UJ-3,1,3,INVALID,"There is no field ""nonsense""; see customerFields for the names."',
      '',
    ])
  })

  test('sent again with its key is the same import, and another file with it is refused', async () => {
    const headers = { 'idempotency-key': 'key-1' }
    const first = await send('account,name\nUK-1,One\n', { headers })
    const again = await send(gzipSync('account,name\nUK-1,One\n'), {
      headers: { ...headers, 'content-encoding': 'gzip' },
    })
    expect([first.status, again.status, again.id]).toEqual([202, 202, first.id])
    expect(await send('account,name\nUK-1,Other\n', { headers })).toMatchObject({
      status: 409,
      code: 'IDEMPOTENCY_KEY_REUSED',
    })
    expect(
      await send('account,name\nUK-1,One\n', { headers: { ...headers, ...optionsOf({ empty: 'CLEAR' }) } }),
    ).toMatchObject({
      status: 409,
      code: 'IDEMPOTENCY_KEY_REUSED',
    })
  })
})

describe('who may not', () => {
  test('is told before anything is begun, even while still sending', async () => {
    const before = await jobs()
    const large = 'account,name\n' + 'X,y\n'.repeat(2_000_000)
    expect(await send(large, { user: null })).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' })
    expect(await send(large, { user: 'cora' })).toMatchObject({ status: 403, code: 'NOT_PERMITTED' })
    expect(await send(large, { query: 'company=DEMF' })).toMatchObject({
      status: 404,
      code: 'NOT_FOUND',
      path: ['company'],
    })
    expect(await send('x', { query: '' })).toMatchObject({ status: 400, code: 'BAD_REQUEST' })
    expect(await send('x', { headers: { 'content-type': 'application/pdf' } })).toMatchObject({ status: 415 })
    expect(await send('x', { headers: { 'content-encoding': 'br' } })).toMatchObject({ status: 415 })
    expect(await send('x', { headers: { 'content-type': 'text/csv; charset=klingon' } })).toMatchObject({ status: 415 })
    expect(await send('x', { headers: optionsOf({ colums: {} }) })).toMatchObject({
      status: 400,
      code: 'INVALID_VALUE',
    })
    expect(await send('x', { method: 'PUT' })).toMatchObject({ status: 405 })
    expect(await jobs()).toBe(before)
  })

  test('and asks first is not asked for the file', async () => {
    const authorized = await authorization('cora')
    const asked = await new Promise<{ status: number | undefined; continued: boolean }>((resolve, reject) => {
      let continued = false
      const call = httpRequest(`${app.url}/imports?company=USMF`, {
        method: 'POST',
        headers: {
          authorization: authorized,
          'content-type': 'text/csv',
          expect: '100-continue',
          'content-length': '9999999',
        },
      })
      call.on('continue', () => (continued = true))
      call.on('response', (response) => {
        resolve({ status: response.statusCode, continued })
        call.destroy()
      })
      call.on('error', reject)
      call.flushHeaders()
    })
    expect(asked).toEqual({ status: 403, continued: false })
  })
})

test('who sends everything before listening hears the answer nevertheless', async () => {
  const token = await authorization('cora')
  const socket = connect(Number(new URL(app.url).port), '127.0.0.1').pause()
  const body = 'account,name\n' + 'X,y\n'.repeat(5_000_000)
  const head = `POST /imports?company=USMF HTTP/1.1\r\nHost: x\r\nAuthorization: ${token}\r\nContent-Type: text/csv\r\nContent-Length: ${body.length}\r\n\r\n`
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.write(head + body, () => resolve())
  })
  let answer = ''
  for await (const chunk of socket) answer += String(chunk)
  expect(answer).toMatch(/^HTTP\/1\.1 403 /)
  expect(answer).toMatch(/NOT_PERMITTED/)
})

describe('a file that cannot be read', () => {
  test.each([
    ['with an unknown column', 'account,colour\nA,red\n', 400, 'UNKNOWN_FIELD', '"colour"'],
    ['with a column twice', 'account,name,name\nA,b,c\n', 400, 'INVALID_VALUE', '"name"'],
    ['without an account', 'name\nA\n', 400, 'INVALID_VALUE', 'account'],
    [
      'with 1,000 columns',
      Array.from({ length: 1000 }, (_, n) => `c${n}`).join() + '\n',
      413,
      'LIMIT_EXCEEDED',
      '1000',
    ],
    ['with a quote that stays open', 'account,name\nA,"x\n', 422, 'INVALID_VALUE', 'line 2'],
    ['without rows', 'account,name\n', 422, 'INVALID_VALUE', 'no rows'],
    ['with nothing in it', '\n', 422, 'INVALID_VALUE', 'empty'],
    ['that is a bomb', gzipSync('account,name\n' + '\n'.repeat(30_000_000)), 413, 'LIMIT_EXCEEDED', 'unfolds'],
    [
      'that is a packet cut off',
      gzipSync('account,name\n'.repeat(99)).subarray(0, 40),
      422,
      'INVALID_VALUE',
      'cut off',
    ],
    ['with 10 MB in a cell', 'account,name\nA,' + 'x'.repeat(10_000_000), 422, 'INVALID_VALUE', 'line 2'],
  ])('%s is refused with a sentence, and none of it is kept', async (_, body, status, code, part) => {
    const answer = await send(body)
    expect(answer).toMatchObject({ status, code, message: expect.stringContaining(part) as string })
    expect(await lastJob()).toMatchObject({
      status: 'FAILED',
      rows: 0,
      staged: 0,
      failure: { code, message: answer.message },
    })
  })

  test('because the connection breaks off leaves a failed import without rows, and its key free', async () => {
    const token = await authorization('clara')
    const { port } = new URL(app.url)
    const socket = connect(Number(port), '127.0.0.1')
    socket.write(
      `POST /imports?company=USMF HTTP/1.1\r\nHost: x\r\nAuthorization: ${token}\r\nContent-Type: text/csv\r\n` +
        `Idempotency-Key: broken\r\nContent-Length: 50000000\r\n\r\naccount,name\n${'B,c\n'.repeat(100_000)}`,
    )
    await until('rows', async () => ((await lastJob()).staged > 0 ? true : undefined))
    socket.destroy()
    await until('the failure', async () => ((await lastJob()).status === 'FAILED' ? true : undefined))
    expect(await lastJob()).toMatchObject({
      staged: 0,
      rows: 0,
      failure: { code: 'INVALID_VALUE', message: expect.stringContaining('broke off') as string },
    })
    expect(await send('account,name\nUB-1,One\n', { headers: { 'idempotency-key': 'broken' } })).toMatchObject({
      status: 202,
    })
  })
})

describe('refused rows', () => {
  const file = [
    'account,name,creditLimit,IBAN,note',
    'UR-1,Fine,1,,ok',
    'UR-2,=HYPERLINK(1),"1.234,50",DE00,"a;b"',
    'UR-3,Short',
    'UR-4,"  @x ""y""\nz",-12.50,,+1',
    '',
  ].join('\n')

  test('come back as they were sent, with a reason, safe to open, and can be sent again', async () => {
    const { id } = await send(file, { headers: optionsOf({ columns: { note: null } }) })
    expect(await ended(id)).toMatchObject({ status: 'PLANNED', counts: { CREATED: 1, INVALID: 3 } })
    const { status, text, headers } = await refusedOf(id)
    expect(status).toBe(200)
    expect(headers.get('content-disposition')).toBe('attachment; filename="file-refused.csv"')
    const lines = text.split('\r\n')
    expect(lines[0]).toBe('\uFEFFaccount,name,creditLimit,IBAN,note,row,outcome,why')
    expect(lines[1]).toMatch(/^UR-2,'=HYPERLINK\(1\),"1\.234,50",DE00,"a;b",2,INVALID,"?.*Credit limit.*IBAN/)
    expect(lines[2]).toMatch(/^UR-3,Short,,,,3,INVALID,"This row has 2 cells/)
    expect(lines[3]).toMatch(/^UR-4,"' {2}@x ""y""\nz",-12\.50,,'\+1,4,INVALID,/)
    // The cells that one of them lacked are there by now.
    const again = await send(text, { headers: optionsOf({ columns: { note: null } }) })
    expect(await ended(again.id)).toMatchObject({ status: 'PLANNED', rows: 3, counts: { INVALID: 2, CREATED: 1 } })
    expect((await refusedOf(again.id)).text.split('\r\n')[1]).toMatch(/^UR-2,'=HYPERLINK\(1\),/)
  })

  test('are there without their text for who asks with HEAD', async () => {
    const { id } = await send(file, { headers: optionsOf({ columns: { note: null } }) })
    await ended(id)
    const head = async (of: string, user: string) =>
      fetch(`${app.url}/imports/${of}/refused.csv`, {
        method: 'HEAD',
        headers: { authorization: await authorization(user) },
      })
    const found = await head(id, 'clara')
    expect([found.status, await found.text()]).toEqual([200, ''])
    const { headers } = await refusedOf(id)
    for (const name of ['content-type', 'content-disposition', 'cache-control'])
      expect(found.headers.get(name)).toBe(headers.get(name))
    expect((await head(id, 'dieter')).status).toBe(404)
    const other = await fetch(`${app.url}/imports/${id}/refused.csv`, { method: 'DELETE' })
    expect([other.status, other.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS'])
  })

  test('hide bank data from who may not see them, and all of what nobody has read', async () => {
    const { id } = await send(file, { headers: optionsOf({ columns: { note: null } }) })
    await ended(id)
    const { text } = await refusedOf(id, 'cora')
    const [, second, third] = text.split('\r\n')
    expect(second).toMatch(/^UR-2,'=HYPERLINK\(1\),"1\.234,50",\*\*\*,\*\*\*,2,/)
    expect(third).toMatch(/^\*\*\*,\*\*\*,,,,3,/)
  })

  test('of an import of others, or of none, are not there', async () => {
    const { id } = await send(file, { headers: optionsOf({ columns: { note: null } }) })
    expect((await refusedOf(id, 'dieter')).status).toBe(404)
    expect((await refusedOf('SW1wb3J0Sm9i')).status).toBe(404)
    const response = await fetch(`${app.url}/imports/${id}/refused.csv`)
    expect(response.status).toBe(401)
  })
})

test('a page of an allowed origin may ask and send; another is not told that it may', async () => {
  const preflight = (origin: string) =>
    fetch(`${app.url}/imports?company=USMF`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'import-options' },
    })
  const allowed = await preflight('https://partner.example')
  expect(allowed.status).toBe(204)
  expect(allowed.headers.get('access-control-allow-origin')).toBe('https://partner.example')
  expect(allowed.headers.get('access-control-allow-headers')).toContain('import-options')
  expect((await preflight('https://other.example')).headers.get('access-control-allow-origin')).toBeNull()
})

test('what is known of a file is what was sent', async () => {
  const content = 'account,name\nUH-1,Café\n'
  const { id } = await send(Buffer.from(content, 'latin1'))
  await ended(id)
  const own = Buffer.from(id, 'base64url').toString().split(':').at(-1) ?? ''
  const [job] = await sql`select content_hash, bytes, name, layout from import_jobs where id = ${own}`
  expect(job).toMatchObject({
    content_hash: createHash('sha256').update(Buffer.from(content, 'latin1')).digest('hex'),
    bytes: String(content.length),
    name: 'file.csv',
    layout: {
      encoding: 'windows-1252',
      delimiter: ',',
      columns: [
        { key: 'account', field: 'account' },
        { key: 'name', field: 'name' },
      ],
    },
  })
})
