// Lists: pages that stay put while rows come and go, and cursors, moments and documents that somebody made up.
import { describe, expect, test } from 'vitest'
import { startTestApp } from '../helpers/app.ts'
import { operationsOf } from './operations.ts'

const app = await startTestApp()
const { run, update, read, whole, customerOf } = operationsOf(app)

type Page = {
  customers: {
    totalCount: number
    edges: { cursor: string; node: { account: string } }[]
    pageInfo: { endCursor: string; startCursor: string; hasNextPage: boolean; hasPreviousPage: boolean }
  }
}
const page = async (args: string, variables: Record<string, unknown> = {}) =>
  (
    await read<Page>(
      'cora',
      `query ${'c' in variables ? '($c: Cursor)' : ''} { customers(company: "USMF", ${args}) { totalCount edges { cursor node { account } } pageInfo { endCursor startCursor hasNextPage hasPreviousPage } } }`,
      variables,
    )
  ).customers
const accountsOf = ({ edges }: Page['customers']) => edges.map(({ node }) => node.account)

describe('a page of customers', () => {
  test('goes on behind the last one, whatever has come before it meanwhile', async () => {
    const first = await page('first: 3')
    expect(accountsOf(first)).toEqual(['US-001', 'US-002', 'US-003'])
    await run('clara', 'createCustomer', { company: 'USMF', account: 'US-0015', set: { name: 'Between' } })
    const next = await page('first: 2, after: $c', { c: first.pageInfo.endCursor })
    expect(accountsOf(next)).toEqual(['US-004', 'US-005'])
    expect(next).toMatchObject({ totalCount: 201, pageInfo: { hasNextPage: true, hasPreviousPage: true } })
    expect(accountsOf(await page('last: 2, before: $c', { c: next.pageInfo.startCursor }))).toEqual([
      'US-002',
      'US-003',
    ])
    expect(accountsOf(await page('last: 2'))).toEqual(['US-199', 'US-200'])
    expect(await page('last: 2')).toMatchObject({ pageInfo: { hasNextPage: false, hasPreviousPage: true } })
  })

  test('is the whole of what a filter finds: search, state and group together', async () => {
    await update('clara', 'US-042', { set: { creditLimit: '4242' } })
    const { customerGroup } = (await customerOf('cora', 'US-042', 'customerGroup { code }')) as {
      customerGroup: { code: string }
    }
    const filter = (group: string, status = 'CHANGES_NOT_SUBMITTED') =>
      `filter: { search: "us-04", customerGroup: ["${group}"], reviewStatus: [${status}] }`
    expect(await page(filter(customerGroup.code))).toMatchObject({
      totalCount: 1,
      edges: [{ node: { account: 'US-042' } }],
    })
    expect(await page(filter('nope'))).toMatchObject({ totalCount: 0, edges: [] })
    expect((await page(filter(customerGroup.code, 'NO_CHANGES'))).edges.map(({ node }) => node.account)).not.toContain(
      'US-042',
    )
    expect(await page('filter: { reviewStatus: [] }')).toMatchObject({ totalCount: 0 })
    expect(await page('filter: { search: "  us-042 " }')).toMatchObject({ totalCount: 1 })
    expect((await page('orderBy: UPDATED_DESC, first: 1')).edges).toMatchObject([{ node: { account: 'US-0015' } }])
  })
})

const refused = [{ extensions: { code: 'BAD_REQUEST' } }]
const cursor = (...parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString('base64url')
const zero = '00000000-0000-0000-0000-000000000000'

describe('what somebody made up', () => {
  test('a cursor is refused, or begins somewhere, and never fails', async () => {
    const broken: [string, string][] = [
      ['ACCOUNT', ''],
      ['ACCOUNT', 'x'.repeat(100_000)],
      ['ACCOUNT', cursor('ACCOUNT')],
      ['ACCOUNT', cursor('ACCOUNT', 'a\u0000')],
      ['ACCOUNT', cursor('ACCOUNT', { $ne: 1 })],
      ['ACCOUNT', cursor('NAME', 'a', zero)],
      ['NAME', cursor('NAME', 'a', 'b')],
      ['CREDIT_LIMIT_DESC', cursor('CREDIT_LIMIT', 'NaN', zero)],
      ['UPDATED_DESC', cursor('CUSTOMER_UPDATED', '2026-13-45T00:00:00.000Z', zero)],
      ['UPDATED_DESC', cursor('CUSTOMER_UPDATED', '0000-01-01T00:00:00.000Z', zero)],
      ['UPDATED_DESC', cursor('CUSTOMER_UPDATED', 'infinity', zero)],
    ]
    for (const [orderBy, c] of broken) {
      const answer = await whole(
        'cora',
        `query ($c: Cursor) { customers(company: "USMF", orderBy: ${orderBy}, after: $c) { edges { cursor } } }`,
        { c },
      )
      expect([orderBy, c.slice(0, 60), answer.errors]).toMatchObject([orderBy, c.slice(0, 60), refused])
    }
    const odd = await whole(
      'cora',
      'query ($c: Cursor) { customers(company: "USMF", after: $c, first: 1) { edges { node { account } } } }',
      { c: cursor('ACCOUNT', "US-001'; drop table customers; --") },
    )
    expect(odd).toMatchObject({ data: { customers: { edges: [{ node: { account: 'US-0015' } }] } } })
  })

  test('a moment is refused when there is none such', async () => {
    const ask = (from: string) =>
      whole(
        'audrey',
        'query ($from: DateTime) { events(company: "USMF", first: 1, filter: { from: $from }) { edges { node { position } } } }',
        { from },
      )
    for (const from of [
      '',
      'now',
      'infinity',
      '2026-02-30T00:00:00Z',
      '2026-13-01T00:00:00Z',
      '2026-01-01T24:00:01Z',
      '0000-01-01T00:00:00Z',
      '2026-01-01',
      '2026-01-01T00:00:00+99:00',
    ])
      expect([from, (await ask(from)).errors]).toMatchObject([from, refused])
    for (const from of [
      '2000-02-29T00:00:00Z',
      '2026-01-01T00:00:00.123456Z',
      '2026-01-01T00:00:00+02:00',
      '9999-12-31T23:59:59.999999999Z',
      '0001-01-01T00:00:00Z',
    ])
      expect([from, (await ask(from)).errors]).toEqual([from, undefined])
  })

  test('a number is refused when it is none of ours', async () => {
    for (const first of [0, -1, 101, 2_147_483_648, 1.5, '1', null])
      for (const field of [
        'customers(company: "USMF", first: $n)',
        'users(company: "USMF", first: $n)',
        'approvalQueue(first: $n)',
        'proposals(company: "USMF", first: $n)',
      ]) {
        const answer = await whole('cora', `query ($n: Int) { ${field} { pageInfo { hasNextPage } } }`, { n: first })
        if (first === null) expect(answer.errors).toBeUndefined()
        else expect([field, first, answer.errors]).toMatchObject([field, first, refused])
      }
    const answer = await whole(
      'clara',
      'mutation ($v: Int) { updateCustomer(input: { company: "USMF", account: "US-001", expectedVersion: $v }) { ... on UserError { code } } }',
      { v: -2_147_483_648 },
    )
    expect(answer).toMatchObject({ data: { updateCustomer: { code: 'STALE_VERSION' } } })
  })

  test('a document that multiplies itself is refused as too complex, by aliases, by nesting and by ids', async () => {
    const codes = async (user: string, query: string) =>
      new Set((await whole(user, query)).errors?.map(({ extensions }) => extensions?.code))
    const tooComplex = new Set(['TOO_COMPLEX'])
    const heavy = 'customers(company: "USMF", first: 100) { edges { node { values { raw } } } }'
    const aliases = `{ ${Array.from({ length: 60 }, (_, n) => `a${n}: ${heavy}`).join(' ')} }`
    expect(await codes('cora', aliases)).toEqual(tooComplex)
    const mutations = `mutation { ${Array.from({ length: 310 }, (_, n) => `a${n}: importCustomers(input: { company: "USMF", rows: [] }) { __typename }`).join(' ')} }`
    expect(await codes('clara', mutations)).toEqual(tooComplex)
    const nested = `{ viewer { user { ${'manager { '.repeat(20)} id ${'} '.repeat(20)} } } }`
    expect(await codes('cora', nested)).toEqual(tooComplex)
    expect(
      (
        await whole('cora', 'query ($i: [ID!]!) { nodes(ids: $i) { id } }', {
          i: Array.from({ length: 101 }, () => 'x'),
        })
      ).errors,
    ).toMatchObject(refused)
    const looks = await whole<{ __schema: { types: unknown[] } }>(
      'cora',
      '{ __schema { types { name fields { name type { name ofType { name } } } } } }',
    )
    expect(looks.data.__schema.types.length).toBeGreaterThan(100)
  })
})
