// What is sent by mistake or in bad faith, over HTTP: each is a clear error for its row or for the file, nothing is lost, nothing is
// done twice.
import postgres from 'postgres'
import { afterAll, describe, expect, test } from 'vitest'
import { startTestApp, until } from '../helpers/app.ts'

const app = await startTestApp()
const sql = postgres(app.databaseUrl, { max: 1, onnotice: () => undefined })
afterAll(() => sql.end())

type Answer = { status: number; id: string; code: string; message: string; path?: string[] }
type Sending = { user?: string; headers?: Record<string, string>; commit?: boolean }
const authorization = async (user: string): Promise<string> =>
  user === 'partner' ? 'ApiKey demo-partner-key' : `Bearer ${await app.token(user)}`
const send = async (body: string | Buffer, { user = 'clara', headers = {}, commit = false }: Sending = {}) => {
  const response = await fetch(`${app.url}/imports?company=USMF&name=bad.csv`, {
    method: 'POST',
    headers: {
      'content-type': 'text/csv',
      authorization: await authorization(user),
      'import-options': JSON.stringify({ commit }),
      ...headers,
    },
    body: typeof body === 'string' ? body : new Uint8Array(body),
  })
  return { ...((await response.json()) as Omit<Answer, 'status'>), status: response.status }
}

type Problem = { code: string; path: string[] | null; message: string }
type Row = { row: number; account: string | null; outcome: string; errors: Problem[] }
type Job = {
  status: string
  rows: number
  planDigest: string
  counts: { outcome: string; count: number }[]
  failure: { code: string; message: string } | null
  results: { edges: { node: Row }[] }
}
const jobOf = async (id: string): Promise<Job> =>
  (
    await app.ask<{ node: Job }>(
      'clara',
      `query ($id: ID!) { node(id: $id) { ... on ImportJob { status rows planDigest counts { outcome count } failure { code message }
        results(first: 100) { edges { node { row account outcome errors { code path message } } } } } } }`,
      { id },
    )
  ).node
const ended = (id: string, ...statuses: string[]): Promise<Job> =>
  until(`the import to be ${statuses.join(' or ')}`, async () => {
    const job = await jobOf(id)
    return statuses.includes(job.status) ? job : undefined
  })
const rowsOf = ({ results }: Job): Row[] => results.edges.map(({ node }) => node)
/** The only error of each row, or null. */
const errorsOf = (job: Job) =>
  rowsOf(job).map(({ errors: [error] }) => error && [error.code, error.path, error.message])
const sentence: unknown = expect.stringMatching(/^[A-Z0-9"].{20,}[.?]$/s)

/** Everything that an import could write. */
const footprint = () => sql`
  select (select count(*)::int from customers) as customers, (select sum(version)::int from customers) as versions,
    (select count(*)::int from proposals) as proposals, (select count(*)::int from events) as events,
    (select count(*)::int from import_rows) as staged`

describe('a file that cannot be read as a whole', () => {
  const mixed = Buffer.concat([Buffer.from('account,name\nB-1,Grün\nB-2,Gr'), Buffer.from([0xfc]), Buffer.from('n\n')])
  const utf16 = Buffer.from('account,name\nB-1,One\n', 'utf16le')
  test.each<[string, string | Buffer, Record<string, string>, number, string, RegExp, string[] | undefined]>([
    ['in two encodings', mixed, {}, 422, 'INVALID_VALUE', /UTF-8 until byte 29\b.*charset=/, undefined],
    [
      'in another encoding than it says',
      Buffer.from('account,name\nB-1,Gr\u00fcn\n', 'latin1'),
      { 'content-type': 'text/csv; charset=utf-8' },
      422,
      'INVALID_VALUE',
      /until byte 19/,
      undefined,
    ],
    ['in UTF-16 without a mark', utf16, {}, 400, 'INVALID_VALUE', /NUL bytes.*utf-16le/, ['columns']],
    [
      'that was cut off within a character',
      Buffer.from('account,name\nB-1,Grü\nB-2,Grü').subarray(0, -1),
      {},
      422,
      'INVALID_VALUE',
      /middle of a character, at byte 28: it was cut off/,
      undefined,
    ],
    [
      'with a column twice',
      'account,name,name\nB-1,b,c\n',
      {},
      400,
      'INVALID_VALUE',
      /"name" more/,
      ['columns', 'name'],
    ],
    [
      'with two columns for one field',
      'account,name,OrganizationName\nB-1,b,c\n',
      {},
      400,
      'INVALID_VALUE',
      /more than one column/,
      ['columns', 'name'],
    ],
    ['with an unknown column', 'account,colour\nB-1,b\n', {}, 400, 'UNKNOWN_FIELD', /"colour"/, ['columns', 'colour']],
    [
      'with 1,000 columns',
      `account,${Array.from({ length: 999 }, (_, n) => `c${n}`).join()}\nB-1\n`,
      {},
      413,
      'LIMIT_EXCEEDED',
      /1000 columns; 500/,
      ['columns'],
    ],
    [
      'with 10 MB in a line of JSON, behind rows that are here by then',
      `${'{"account":"B-1"}\n'.repeat(3000)}{"account":"B-2","name":"${'x'.repeat(10_000_000)}"}\n`,
      { 'content-type': 'application/x-ndjson' },
      422,
      'INVALID_VALUE',
      /^Line 3001 has more than/,
      undefined,
    ],
  ])('%s is refused, and so is its import; none of it is kept', async (_, body, headers, status, code, part, path) => {
    const before = await footprint()
    const answer = await send(body, { headers: { 'idempotency-key': 'bad', ...headers }, commit: true })
    expect(answer).toEqual({ status, code, message: sentence, ...(path && { path }) })
    expect(answer.message).toMatch(part)
    const [job] = await sql`select status, rows, failure from import_jobs order by created_at desc, id desc limit 1`
    expect(job).toMatchObject({ status: 'FAILED', rows: 0, failure: { code, message: answer.message } })
    expect(await footprint()).toEqual(before)
    // The call may be made again, with another file.
    expect(await sql`select 1 from idempotency_keys where key = 'bad'`).toEqual([])
  })
})

describe('rows that cannot be used', () => {
  test('are told one by one with their place and a sentence, and the others are taken', async () => {
    const file = [
      '\uFEFFaccount,name,creditLimit,invoiceAccount,note',
      'B-10,With a mark,1,,',
      'B-11,N\u0000UL,1,,',
      'B-\u000012,NUL,1,,',
      `B-13,${'x'.repeat(100_000)},1,,`,
      'B-14,Twice,1,,',
      'B-14,Twice again,1,,',
      'B-15,Theirs,1,DE-001,',
      'DE-001,Of another company,1,,',
      'B-16,Short',
      'B-17,"Long",1,,,more',
      'B-18,Amount,"1.234,50",,',
      ',Nobody,1,,',
      '=1+1,Formula,1,,',
      'B-19,Fine,1,B-10,',
      'DE-002,,1,,',
    ].join('\n')
    const theirs = () => sql`
      select c.name, c.version, c.phone from customers c join companies o on o.id = c.company_id where c.account = 'DE-001' and o.code = 'DEMF'`
    const before = await theirs()
    expect(before).toHaveLength(1)
    const { id, status } = await send(file, {
      headers: { 'import-options': JSON.stringify({ columns: { note: null } }) },
    })
    expect(status).toBe(202)
    const planned = await ended(id, 'PLANNED')
    const invalid = (path: string[] | null, part: RegExp) => [
      'INVALID_VALUE',
      path,
      expect.stringMatching(part) as string,
    ]
    expect(errorsOf(planned)).toEqual([
      undefined,
      invalid(['set', 'name'], /^Name holds NUL bytes/),
      invalid(['account'], /NUL bytes/),
      invalid(['set', 'name'], /^Name has 100000 characters/),
      invalid(['account'], /"B-14" .*more than once/),
      invalid(['account'], /"B-14" .*more than once/),
      // It is made by the row that follows, here: those of other companies do not exist.
      undefined,
      undefined,
      invalid(null, /2 cells, but the header has 5/),
      invalid(null, /6 cells, but the header has 5/),
      invalid(['set', 'creditLimit'], /^Credit limit/),
      invalid(['account'], /account/),
      undefined,
      undefined,
      invalid(['set', 'name'], /^There is no customer "DE-002" in USMF; a new one needs a name\.$/),
    ])
    for (const { errors, outcome } of rowsOf(planned)) {
      expect(outcome).toBe(errors.length === 0 ? 'CREATED' : 'INVALID')
      for (const { message } of errors) expect(message).toEqual(sentence)
    }
    const download = await fetch(`${app.url}/imports/${id}/refused.csv`, {
      headers: { authorization: await authorization('clara') },
    })
    const lines = (await download.text()).trim().split('\r\n')
    expect(lines).toHaveLength(1 + 10)
    for (const line of lines.slice(1)) expect(line).not.toMatch(/(^|,)"?[=+@\t\r]/)
    await app.ask('clara', 'mutation ($input: CommitImportInput!) { commitImport(input: $input) { __typename } }', {
      input: { importId: id, planDigest: planned.planDigest },
    })
    const done = await ended(id, 'DONE', 'FAILED')
    expect(rowsOf(done)).toEqual(rowsOf(planned))
    expect(await sql`select account from customers where account like 'B-1_' or account like '=%' order by 1`).toEqual(
      ['=1+1', 'B-10', 'B-15', 'B-19'].map((account) => ({ account })),
    )
    expect(await theirs()).toEqual(before)
  })

  test('for they point to a customer of another company are told that there is none', async () => {
    const { id } = await send('account,name,invoiceAccount\nB-20,Theirs,DE-002\n', { commit: true })
    const [row] = rowsOf(await ended(id, 'DONE'))
    expect(row).toMatchObject({
      outcome: 'INVALID',
      errors: [{ code: 'INVALID_VALUE', path: ['set', 'invoiceAccount'], message: sentence }],
    })
  })

  test('for a thousand keys, none of which is known, have a few of them in their reasons', async () => {
    const line = Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`c${n}`, n]))
    const { id } = await send(JSON.stringify({ account: 'B-21', ...line }), {
      headers: { 'content-type': 'application/x-ndjson' },
    })
    const [row] = rowsOf(await ended(id, 'PLANNED'))
    expect(row).toMatchObject({ outcome: 'INVALID', errors: [{ code: 'UNKNOWN_FIELD' }] })
    expect(JSON.stringify(row).length).toBeLessThan(20_000)
  })
})

test('more files than a company may have on their way are refused for now, and begin nothing', async () => {
  const [{ id: colleague = '' } = {}] = await sql<{ id: string }[]>`select id from users where name like 'Colin%'`
  await sql`insert into import_jobs select r.* from (select * from import_jobs limit 1) j, generate_series(1, 20) n,
    jsonb_populate_record(null::import_jobs, to_jsonb(j) || jsonb_build_object('id', md5('many' || n), 'name', 'many', 'status', 'PLANNING',
      'created_by_id', ${colleague}::text, 'updated_at', now(), 'uploaded_at', null, 'finished_at', null)) r`
  const before = await sql`select 1 from import_jobs`
  expect(await send('account,name\n'.padEnd(3_000_000, 'B-40,x\n'))).toEqual({
    status: 429,
    code: 'LIMIT_EXCEEDED',
    message: expect.stringMatching(/^20 imports of USMF are on their way; wait/) as string,
  })
  expect(await sql`select 1 from import_jobs`).toHaveLength(before.length)
  await sql`delete from import_jobs where name = 'many'`
  expect((await send('account,name\nB-40,x\n')).status).toBe(202)
})

test('a plan that has become stale is refused, writes nothing, and is made anew', async () => {
  const { id } = await send('account,phone,name\nUS-071,+1 555 71,\nB-30,,Thirty\n')
  const { planDigest } = await ended(id, 'PLANNED')
  const input = { company: 'USMF', account: 'US-071', set: { phone: '+1 555 71' } }
  await app.ask('colin', 'mutation ($input: UpdateCustomerInput!) { updateCustomer(input: $input) { __typename } }', {
    input,
  })
  const before = await footprint()
  const { commitImport } = await app.ask<{ commitImport: Problem & { __typename: string } }>(
    'clara',
    `mutation ($input: CommitImportInput!) { commitImport(input: $input) { __typename ... on UserError { code path message } } }`,
    { input: { importId: id, planDigest, idempotencyKey: 'stale' } },
  )
  expect(commitImport).toEqual({
    __typename: 'PlanChangedError',
    code: 'PLAN_CHANGED',
    path: ['input', 'planDigest'],
    message: sentence,
  })
  const anew = await until('another plan', async () => {
    const job = await jobOf(id)
    return job.status === 'PLANNED' && job.planDigest !== planDigest ? job : undefined
  })
  expect(rowsOf(anew).map(({ outcome }) => outcome)).toEqual(['UNCHANGED', 'CREATED'])
  expect(await footprint()).toEqual(before)
})

describe('the same file five times at once', () => {
  const file = (prefix: string, known: number) =>
    [
      'account,name,creditLimit',
      ...Array.from({ length: 200 }, (_, n) => `${prefix}-${n},Five ${n},5`),
      ...Array.from({ length: 5 }, (_, n) => `US-0${known + n},,${55_000 + n}`),
      '',
    ].join('\n')
  const five = (body: string, headers: Record<string, string> = {}) =>
    Promise.all(Array.from({ length: 5 }, () => send(body, { user: 'partner', headers, commit: true })))
  const once = async (prefix: string, known: number) => {
    const accounts = Array.from({ length: 5 }, (_, n) => `US-0${known + n}`)
    expect(
      await sql`select count(*)::int as n, count(distinct e.customer_id)::int as customers from events e
        join customers c on c.id = e.customer_id where e.type = 'CustomerCreated' and c.account like ${`${prefix}-%`}`,
    ).toEqual([{ n: 200, customers: 200 }])
    expect(
      await sql`select c.account, count(p.id)::int as n from customers c join proposals p on p.customer_id = c.id
        where c.account = any(${accounts}) group by 1 order by 1`,
    ).toEqual(accounts.map((account) => ({ account, n: 1 })))
  }
  const sum = (jobs: Job[]): Record<string, number> => {
    const all: Record<string, number> = {}
    for (const { outcome, count } of jobs.flatMap(({ counts }) => counts)) all[outcome] = (all[outcome] ?? 0) + count
    return all
  }

  test('with one key is one import, which all five are told of', async () => {
    const before = await sql`select 1 from import_jobs`
    const answers = await five(file('F1', 75), { 'idempotency-key': 'five' })
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202])
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1)
    expect(await sql`select 1 from import_jobs`).toHaveLength(before.length + 1)
    expect(sum([await ended(answers[0]!.id, 'DONE', 'FAILED')])).toEqual({ CREATED: 200, PROPOSED: 5 })
    await once('F1', 75)
  })

  test('without a key makes each customer and each proposal once', async () => {
    const answers = await five(file('F2', 80))
    expect(new Set(answers.map(({ id }) => id)).size).toBe(5)
    const jobs = await Promise.all(answers.map(({ id }) => ended(id, 'DONE', 'FAILED')))
    expect(jobs.map(({ status }) => status)).toEqual(Array(5).fill('DONE'))
    expect(sum(jobs)).toEqual({ CREATED: 200, PROPOSED: 5, UNCHANGED: 820 })
    await once('F2', 80)
  })
})
