// Imports of some hundred rows, and writes by a service account: what becomes of each row under each entity behaviour.
import { afterEach, describe, expect, test } from 'vitest'
import { startTestApp } from '../helpers/app.ts'
import { operationsOf, type Input, type Row } from '../graphql/operations.ts'

const app = await startTestApp()
const { sql, run, customerOf, footprint } = operationsOf(app)

const company = 'USMF'
const importRows = async (user: string, rows: readonly Input[], more: Input = {}): Promise<Row[]> =>
  (await run(user, 'importCustomers', { company, rows, ...more })).rows
const one = async (user: string, row: Input): Promise<Row> => {
  const [dry] = await importRows(user, [row], { dryRun: true })
  const [real] = await importRows(user, [row])
  const comparable = (r: Row | undefined) => r && { ...r, proposal: null }
  expect(comparable(dry)).toEqual(comparable(real))
  if (real === undefined) throw new Error('no outcome')
  return real
}
const behave = (entityBehavior: string, autoSubmit = true) =>
  run('adam', 'setApprovalParameters', { company, entityBehavior, autoSubmit })
afterEach(() => behave('CREATE_CHANGE_PROPOSALS'))

const bankOf = async (account: string, code: string) => {
  const { bankAccounts } = (await customerOf('clara', account, 'bankAccounts { id code name iban accountNumber }')) as {
    bankAccounts: { id: string; code: string; name: string; iban: string | null; accountNumber: string | null }[]
  }
  return bankAccounts.find((b) => b.code === code)
}

describe('a row', () => {
  test('without a customer makes one, governed fields and children too, under every behaviour', async () => {
    for (const [n, behavior] of ['ALLOW_WITHOUT_APPROVAL', 'REJECT_CHANGES', 'CREATE_CHANGE_PROPOSALS'].entries()) {
      await behave(behavior)
      const row = {
        account: `MADE-${n}`,
        set: { name: 'Made', creditLimit: '10' },
        bankAccounts: [{ code: 'A', accountNumber: '1' }],
        contacts: [{ code: 'C', name: 'N' }],
      }
      const made = await one('clara', row)
      expect(made).toMatchObject({ outcome: 'CREATED', proposal: null, errors: [] })
      expect(made.written.toSorted()).toEqual(['bankAccounts', 'contacts', 'creditLimit', 'name'])
      expect(await one('clara', row)).toMatchObject({ outcome: 'UNCHANGED', written: [], proposed: [], errors: [] })
    }
  })

  test('under ALLOW_WITHOUT_APPROVAL is written whole, and recorded as such', async () => {
    await behave('ALLOW_WITHOUT_APPROVAL')
    const row = {
      account: 'US-101',
      set: { creditLimit: '123', website: 'https://a.example' },
      bankAccounts: [
        { code: 'MAIN', name: 'Renamed' },
        { code: 'NEW', iban: 'DE89370400440532013000' },
      ],
    }
    expect(await one('partner', row)).toMatchObject({
      outcome: 'UPDATED',
      proposed: [],
      proposal: null,
      written: ['creditLimit', 'website', 'bankAccounts.name', 'bankAccounts'],
    })
    expect(await customerOf('clara', 'US-101', 'creditLimit website version')).toEqual({
      creditLimit: '123.00',
      website: 'https://a.example',
      version: 2,
    })
    expect(await bankOf('US-101', 'MAIN')).toMatchObject({ name: 'Renamed' })
    expect(await bankOf('US-101', 'NEW')).toMatchObject({ iban: 'DE89370400440532013000' })
    expect(
      await sql`select d.kind from direct_writes d join customers c on c.id = d.customer_id where c.account = 'US-101'`,
    ).toMatchObject([{ kind: 'IMPORT' }])
    expect(await one('partner', row)).toMatchObject({ outcome: 'UNCHANGED' })
  })

  test('under REJECT_CHANGES is refused whole when it would change something governed, with an error for each field', async () => {
    await behave('REJECT_CHANGES')
    const before = await footprint()
    const refused = await one('partner', {
      account: 'US-102',
      set: { creditLimit: '1', name: 'N', website: 'https://b.example' },
      bankAccounts: [{ code: 'MAIN', name: 'X' }],
    })
    expect(refused).toMatchObject({ outcome: 'REFUSED', written: [], proposed: [], proposal: null })
    expect(refused.errors.map((e) => [e.code, e.path.join('.')]).sort()).toEqual([
      ['CHANGES_REJECTED', 'input.rows.0.bankAccounts'],
      ['CHANGES_REJECTED', 'input.rows.0.set.creditLimit'],
      ['CHANGES_REJECTED', 'input.rows.0.set.name'],
    ])
    const { events, ...rest } = await footprint()
    expect({ ...rest, events: before.events }).toEqual(before)
    expect(Number(events) - Number(before.events)).toBe(2)
    const { creditLimit } = await customerOf('clara', 'US-102', 'creditLimit')
    expect(
      await one('partner', { account: 'US-102', set: { creditLimit, website: 'https://b.example' } }),
    ).toMatchObject({ outcome: 'UPDATED', written: ['website'] })
  })

  test('under CREATE_CHANGE_PROPOSALS writes what is free, proposes and submits the rest', async () => {
    const row = {
      account: 'US-103',
      set: { creditLimit: '1234567', website: 'https://c.example' },
      bankAccounts: [{ code: 'NEW', iban: 'DE89370400440532013000' }],
      addresses: [{ code: 'OFFICE', city: 'Springfield' }],
    }
    const done = await one('clara', row)
    expect(done).toMatchObject({
      outcome: 'PROPOSED',
      written: ['website', 'addresses.city'],
      proposed: ['creditLimit', 'bankAccounts'],
      proposal: { status: 'PENDING' },
      errors: [],
    })
    const before = await footprint()
    const again = await one('clara', row)
    expect(again).toMatchObject({ outcome: 'UNCHANGED', proposal: { id: done.proposal?.id }, errors: [] })
    expect({ ...(await footprint()), events: '' }).toEqual({ ...before, events: '' })
    await behave('CREATE_CHANGE_PROPOSALS', false)
    expect(await one('clara', { account: 'US-104', set: { creditLimit: '1234567' } })).toMatchObject({
      outcome: 'PROPOSED',
      proposal: { status: 'DRAFT' },
    })
  })

  test('that is wrong is INVALID at its own place, and the others go on', async () => {
    const rows = [
      { account: 'US-105', set: { website: 'https://d.example' } },
      { account: 'US-106', set: { creditLimit: 'x', email: 'y' } },
      {
        account: 'US-107',
        bankAccounts: [
          { code: 'MAIN', name: 'ok' },
          { code: 'MAIN', name: 'twice' },
        ],
      },
      { account: 'US-108', bankAccounts: [{ code: 'FIRST' }, { code: 'MAIN', iban: 'DE1' }] },
      { account: 'US-109', contacts: [{ name: 'no code' }] },
      { account: 'US-110' },
      { account: 'US-110', set: { website: 'https://e.example' } },
      { account: ' US-111', set: { name: 'N' } },
      { account: '', set: { name: 'N' } },
      { account: 'UN\u0000', set: { name: 'N' } },
      { account: 'UNNAMED', set: {} },
      { account: 'US-112', set: { website: 'https://f.example' } },
    ]
    const dry = await importRows('clara', rows, { dryRun: true })
    const real = await importRows('clara', rows)
    expect(real).toEqual(dry)
    expect(real.map((r) => r.outcome)).toEqual(['UPDATED', ...Array.from({ length: 10 }, () => 'INVALID'), 'UPDATED'])
    expect(real.map((r) => r.errors.map((e) => e.path.slice(1).join('.')))).toEqual([
      [],
      ['rows.1.set.creditLimit', 'rows.1.set.email'],
      ['rows.2.bankAccounts.1.code'],
      ['rows.3.bankAccounts.1.iban'],
      ['rows.4.contacts.0.code'],
      ['rows.5.account'],
      ['rows.6.account'],
      ['rows.7.account'],
      ['rows.8.account'],
      ['rows.9.account'],
      ['rows.10.set.name'],
      [],
    ])
  })

  test('finds its child records by code as they are stored, whatever way the code is written', async () => {
    const row = (code: string) => ({ account: 'US-113', addresses: [{ code, city: 'Köln' }] })
    expect(await one('clara', row('Büro'.normalize('NFD')))).toMatchObject({
      outcome: 'UPDATED',
      written: ['addresses'],
    })
    for (const code of ['Büro'.normalize('NFD'), 'Büro'.normalize('NFC'), ' Büro '])
      expect(await one('clara', row(code))).toMatchObject({ outcome: 'UNCHANGED' })
  })

  test('may name a customer to invoice that another row makes, before it or behind it', async () => {
    const rows = [
      { account: 'LAST', set: { name: 'L', invoiceAccount: 'PAID' } },
      { account: 'PAID', set: { name: 'Q', invoiceAccount: 'PAYER' } },
      { account: 'US-114', set: { invoiceAccount: 'LAST' } },
      { account: 'PAYER', set: { name: 'P' } },
      { account: 'LOST', set: { name: 'L', invoiceAccount: 'NOWHERE' } },
      { account: 'ROUND-1', set: { name: 'R', invoiceAccount: 'ROUND-2' } },
      { account: 'ROUND-2', set: { name: 'R', invoiceAccount: 'ROUND-1' } },
    ]
    const outcomes = ['CREATED', 'CREATED', 'UPDATED', 'CREATED', 'INVALID', 'INVALID', 'INVALID']
    expect((await importRows('clara', rows, { dryRun: true })).map((r) => r.outcome)).toEqual(outcomes)
    expect((await importRows('clara', rows)).map((r) => r.outcome)).toEqual(outcomes)
    expect((await importRows('clara', rows)).map((r) => r.outcome)).toEqual(
      outcomes.map((o) => (o === 'INVALID' ? o : 'UNCHANGED')),
    )
  })
})

test('more than 500 rows are refused as a whole; 500 are taken', async () => {
  const rows = (n: number) =>
    Array.from({ length: n }, (_, i) => ({
      account: `MANY-${i}`,
      set: { name: `Many ${i}`, creditLimit: '1' },
      contacts: [{ code: 'C', name: 'N' }],
    }))
  const before = await footprint()
  for (const dryRun of [true, false])
    expect(await run('clara', 'importCustomers', { company, rows: rows(501), dryRun })).toMatchObject({
      __typename: 'ValidationError',
      code: 'LIMIT_EXCEEDED',
      path: ['input', 'rows'],
    })
  expect(await footprint()).toEqual(before)
  const done = await importRows('clara', rows(500))
  expect(new Set(done.map((r) => r.outcome))).toEqual(new Set(['CREATED']))
  expect(await importRows('clara', [])).toEqual([])
})
