// What a plan of an import shows of its rows before anybody commits it: each value that would be written or proposed, beside the present.
import { expect, test } from 'vitest'
import { demoIssuer } from '../../server/auth/demo.ts'
import type { ImportRow } from '../../server/domain/import.ts'
import { encodeId } from '../../server/graphql/ids.ts'
import { accountLookup, viewerOf } from '../../server/services/viewer.ts'
import { startTestApp, until } from '../helpers/app.ts'
import { upload } from '../services/import-files.ts'
import { operationsOf } from './operations.ts'

const app = await startTestApp()
const { run, read, footprint, customerOf } = operationsOf(app)
const { services } = app

type Shown = { raw: unknown; display: string | null; masked: boolean } | null
type Planned = { field: { name: string }; code: string | null; current: Shown; planned: Shown; proposed: boolean }
type Row = { row: number; outcome: string; values: Planned[] | null }
const rowFields = `row outcome values { field { name } code current { raw display masked } planned { raw display masked } proposed }`
const rowsOf = async (user: string, id: string, first = 20): Promise<Row[]> =>
  (
    await read<{ node: { results: { edges: { node: Row }[] } } }>(
      user,
      `query ($id: ID!, $n: Int) { node(id: $id) { ... on ImportJob { results(first: $n) { edges { node { ${rowFields} } } } } } }`,
      { id, n: first },
    )
  ).node.results.edges.map(({ node }) => node)
const statusOf = async (id: string): Promise<{ status: string; planDigest: string | null }> =>
  (
    await read<{ node: { status: string; planDigest: string | null } }>(
      'clara',
      'query ($id: ID!) { node(id: $id) { ... on ImportJob { status planDigest } } }',
      { id },
    )
  ).node
const reaches = (id: string, status: string) =>
  until(`the import to be ${status}`, async () => {
    const job = await statusOf(id)
    return job.status === status ? job : undefined
  })
const sent = async (rows: readonly ImportRow[]): Promise<string> => {
  const account = await accountLookup(services.db).userBySubject(demoIssuer, 'clara')
  if (account === null) throw new Error('there is no clara')
  const { companyId, id } = await upload(services, await viewerOf(services.db, account, null), rows)
  const node = encodeId('ImportJob', companyId, id)
  await reaches(node, 'PLANNED')
  return node
}
/** In short: field and code, what stands there, what would. */
const short = (rows: readonly Row[]): unknown[] =>
  rows.map(({ row, values }) => [
    row,
    (values ?? []).map(({ field, code, current, planned, proposed }) => [
      code === null ? field.name : `${field.name} ${code}`,
      current?.raw ?? null,
      planned?.raw ?? null,
      proposed ? 'proposed' : 'written',
    ]),
  ])

const made = await run('clara', 'createCustomer', {
  company: 'USMF',
  account: 'PLAN-0',
  set: { name: 'Plan', creditLimit: '5', phone: '+1 555 0100' },
  bankAccounts: [{ code: 'MAIN', name: 'Old', accountNumber: '42' }],
})
if (made.customer === undefined) throw new Error(JSON.stringify(made))

const rows: ImportRow[] = [
  {
    account: 'PLAN-0',
    set: { phone: '+1 555 0199', creditLimit: '7' },
    bankAccounts: [
      { code: 'MAIN', accountNumber: '43' },
      { code: 'SIDE', accountNumber: '44' },
    ],
  },
  { account: 'PLAN-1', set: { name: 'New', invoiceAccount: 'PLAN-2' }, contacts: [{ code: 'C', name: 'Carla' }] },
  { account: 'PLAN-2', set: { name: 'Newer' } },
  { account: 'US-033', set: {} },
  { account: 'US-034', set: { creditLimit: 'much' } },
]
const side = (accountNumber: string | null) => expect.objectContaining({ code: 'SIDE', accountNumber }) as unknown
const plan = (clear: boolean) => [
  [
    1,
    [
      ['phone', '+1 555 0100', '+1 555 0199', 'written'],
      ['creditLimit', '5.00', '7.00', 'proposed'],
      ['bankAccounts.accountNumber MAIN', clear ? '42' : null, clear ? '43' : null, 'proposed'],
      ['bankAccounts SIDE', null, side(clear ? '44' : null), 'proposed'],
    ],
  ],
  [
    2,
    [
      ['name', null, 'New', 'written'],
      ['invoiceAccount', null, 'PLAN-2', 'written'],
      ['contacts C', null, expect.objectContaining({ code: 'C', name: 'Carla' }) as unknown, 'written'],
    ],
  ],
  [3, [['name', null, 'Newer', 'written']]],
  [4, []],
  [5, []],
]

test('a plan shows the values of its rows, masked for who may not see them, until it is carried out', async () => {
  const id = await sent(rows)
  const before = await footprint()
  const shown = await rowsOf('clara', id)
  expect(shown.map(({ outcome }) => outcome)).toEqual(['PROPOSED', 'CREATED', 'CREATED', 'UNCHANGED', 'INVALID'])
  expect(short(shown)).toEqual(plan(true))
  const hidden = await rowsOf('cora', id)
  expect(short(hidden)).toEqual(plan(false))
  const number = hidden[0]?.values?.find(({ field }) => field.name === 'bankAccounts.accountNumber')
  expect([number?.current, number?.planned]).toMatchObject([
    { masked: true, display: null },
    { masked: true, display: null },
  ])
  expect(short(await rowsOf('clara', id, 1))).toEqual(plan(true).slice(0, 1))
  expect(await footprint()).toEqual(before)
  const { planDigest } = await statusOf(id)
  const commit = 'mutation ($i: CommitImportInput!) { commitImport(input: $i) { __typename } }'
  expect(await read('clara', commit, { i: { importId: id, planDigest } })).toEqual({
    commitImport: { __typename: 'ImportSuccess' },
  })
  await reaches(id, 'DONE')
  expect((await rowsOf('clara', id)).map(({ values }) => values)).toEqual(rows.map(() => null))
  const { proposal, phone } = await customerOf(
    'clara',
    'PLAN-0',
    'phone proposal { changes { field { name } proposed { raw } } }',
  )
  expect(phone).toBe('+1 555 0199')
  const proposed = (proposal as { changes: { field: { name: string }; proposed: { raw: unknown } }[] }).changes
  expect(proposed.map(({ field, proposed: value }) => [field.name, value.raw]).sort()).toEqual([
    ['bankAccounts', side('44')],
    ['bankAccounts.accountNumber', '43'],
    ['creditLimit', '7.00'],
  ])
})

test('a dry run of a call shows them too, and a real one does not', async () => {
  const input = { company: 'USMF', rows: [{ account: 'US-035', set: { phone: '+1 555 0135' } }] }
  const call = async (dryRun: boolean) =>
    (
      await read<{ importCustomers: { rows: Row[] } }>(
        'clara',
        `mutation ($i: ImportCustomersInput!) { importCustomers(input: $i) { ... on ImportCustomersSuccess { rows { ${rowFields} } } } }`,
        { i: { ...input, dryRun } },
      )
    ).importCustomers.rows
  expect(await call(true)).toMatchObject([
    { values: [{ field: { name: 'phone' }, planned: { raw: '+1 555 0135' }, proposed: false }] },
  ])
  expect(await call(false)).toMatchObject([{ outcome: 'UPDATED', values: null }])
})
