// A customer as it stood, over the API: who sees what of it, and that it is what was there (DOMAIN section 9).
import { describe, expect, test } from 'vitest'
import { childFields, childRecords } from '../../server/domain/fields.ts'
import { recordsAsOf } from '../../server/services/as-of.ts'
import { connect } from '../../server/db/connect.ts'
import { startTestApp } from '../helpers/app.ts'
import { operationsOf, type Input } from './operations.ts'
import { startWorld } from './world.ts'

let moved = 60_000
const app = await startTestApp({ clock: () => new Date(Date.now() + moved) })
const { sql, run, read, whole, update, submitted, queue, answer, customerOf } = operationsOf(app)

type Shown = { field: { name: string }; raw: unknown; display: string | null; masked: boolean }
type Snapshot = {
  at: string
  version: number
  values: Shown[]
  records: { record: string; code: string; values: Shown[] }[]
}
const value = 'field { name } raw display masked'
const snapshot = `at version values { ${value} } records { record code values { ${value} } }`
const asOf = async (user: string, account: string, at: string, company = 'USMF'): Promise<Snapshot | null> =>
  (
    await read<{ customer: { asOf: Snapshot | null } }>(
      user,
      `query ($c: String!, $a: String!, $at: DateTime!) { customer(company: $c, account: $a) { asOf(at: $at) { ${snapshot} } } }`,
      { c: company, a: account, at },
    )
  ).customer.asOf

/** The live record in the shape of a snapshot. */
const now = async (user: string, account: string): Promise<{ updatedAt: string; was: Omit<Snapshot, 'at'> }> => {
  const children = childRecords.map((r) => `${r} { ${Object.keys(childFields[r]).join(' ')} }`).join(' ')
  const live = await customerOf(user, account, `version updatedAt values { ${value} } ${children}`)
  const records = childRecords.flatMap((record) =>
    (live[record] as Record<string, unknown>[])
      .map((child) => ({ record, code: String(child.code), child }))
      .sort((a, b) => (a.code < b.code ? -1 : 1)),
  )
  return {
    updatedAt: live.updatedAt as string,
    was: { version: live.version as number, values: live.values as Shown[], records: records as never },
  }
}
const rawOnly = (seen: Snapshot | null) =>
  seen && {
    version: seen.version,
    values: seen.values,
    records: seen.records.map(({ record, code, values }) => ({
      record,
      code,
      child: Object.fromEntries(values.map(({ field, raw }) => [field.name.slice(record.length + 1), raw])),
    })),
  }
const earlier = (at: string, ms = 1): string => new Date(Date.parse(at) - ms).toISOString()

const company = 'USMF'
const iban = ['DE89370400440532013000', 'DE02120300000000202051'] as const
const create = async (account: string, more: Input = {}): Promise<void> => {
  const made = await run('clara', 'createCustomer', { company, account, set: { name: account }, ...more })
  expect(made.__typename).toBe('CreateCustomerSuccess')
}
const idsOf = async (account: string, record: string): Promise<Record<string, string>> => {
  const found = (await customerOf('clara', account, `${record} { id code }`))[record] as { id: string; code: string }[]
  return Object.fromEntries(found.map(({ id, code }) => [code, id]))
}
const approveAll = async (account: string): Promise<void> => {
  const people = ['mia', 'olga', 'cora', 'carl', 'tess']
  for (let round = 0; round < 6; round++)
    for (const user of people)
      if ((await queue(user)).some((item) => item.proposal.customer.account === account)) await answer(user, account)
}

describe('a customer as of a moment', () => {
  test('is what it was after each write, by whatever way it came', async () => {
    const account = 'ASOF-1'
    const notes: { at: string; was: unknown }[] = []
    const step = async (what: () => Promise<unknown>): Promise<void> => {
      moved += 5_000
      await what()
      const { updatedAt, was } = await now('clara', account)
      expect(was.version).toBe(notes.length + 1)
      notes.push({ at: updatedAt, was })
    }
    await step(() =>
      create(account, {
        bankAccounts: [
          { code: 'Z', iban: iban[0] },
          { code: 'A', iban: iban[1] },
        ],
        contacts: [{ code: 'K', name: 'Kim' }],
      }),
    )
    await step(() => update('clara', account, { set: { website: 'https://one.example', language: 'de-DE' } }))
    await step(async () => {
      const { A: changed } = await idsOf(account, 'bankAccounts')
      await submitted('clara', account, {
        set: { creditLimit: '2000' },
        bankAccounts: {
          add: [{ code: 'N', iban: iban[0] }],
          change: [{ id: changed, set: { name: 'Second bank' } }],
        },
      })
      await approveAll(account)
    })
    await step(() =>
      run('clara', 'importCustomers', {
        company,
        rows: [{ account, set: { website: null, email: 'a@b.example' }, addresses: [{ code: 'H', city: 'Ulm' }] }],
      }),
    )
    await step(async () => {
      const { K: removed } = await idsOf(account, 'contacts')
      await update('clara', account, { contacts: { remove: [removed], add: [{ code: 'L', name: 'Lou' }] } })
    })
    for (const [n, { at, was }] of notes.entries()) {
      expect([n, rawOnly(await asOf('clara', account, at))]).toEqual([n, was])
      const before = notes[n - 1]?.was ?? null
      expect([n, rawOnly(await asOf('clara', account, earlier(at)))]).toEqual([n, before])
    }
    expect(notes.map(({ was }) => (was as Snapshot).records.map(({ code }) => code).join(''))).toEqual([
      'AZK',
      'AZK',
      'ANZK',
      'ANZHK',
      'ANZHL',
    ])
    // Now and in times to come it is what it is.
    const last = notes.at(-1)?.was
    expect(rawOnly(await asOf('clara', account, new Date(Date.now() + moved).toISOString()))).toEqual(last)
    expect(rawOnly(await asOf('clara', account, '9999-12-31T23:59:59Z'))).toEqual(last)
  })

  test('is nothing before it was made', async () => {
    expect(await asOf('clara', 'US-001', '2001-01-01T00:00:00Z')).toBeNull()
    expect(await asOf('clara', 'US-001', '0001-01-01T00:00:00Z')).toBeNull()
  })

  test('follows the log where the clocks of two processes differ', async () => {
    const account = 'ASOF-2'
    await create(account)
    moved += 60_000
    await update('clara', account, { set: { website: 'https://first.example' } })
    moved -= 30_000
    await update('clara', account, { set: { language: 'de-DE' } })
    const { updatedAt, was } = await now('clara', account)
    expect(rawOnly(await asOf('clara', account, updatedAt))).toEqual(was)
    expect(await asOf('clara', account, earlier(updatedAt))).toMatchObject({ version: 1 })
    moved += 30_000
  })

  test('reads a history of any length, a page at a time', async () => {
    const account = 'ASOF-3'
    await create(account)
    for (let n = 0; n < 7; n++) await update('clara', account, { set: { phone: `+49 30 00000${n}` } })
    const [row] = await sql<{ id: string; companyId: string }[]>`
      select id, company_id as "companyId" from customers where account = ${account}`
    const connection = connect(app.databaseUrl)
    const at = new Date(Date.now() + moved).toISOString()
    const asked = [
      { companyId: row!.companyId, id: row!.id, at },
      { companyId: row!.companyId, id: row!.id, at: '2001-01-01T00:00:00Z' },
      { companyId: row!.companyId, id: row!.id, at },
    ]
    for (const limit of [1, 3, 4, 8, 500]) {
      const [last, none, again] = await recordsAsOf(connection.db, asked, limit)
      expect([limit, last?.version, last?.own.values.phone]).toEqual([limit, 8, '+49 30 000006'])
      expect(none).toBeNull()
      expect(again).toEqual(last)
    }
    await connection.close()
  })
})

describe('what a snapshot shows', () => {
  const sensitive = ({ values, records }: Snapshot): Shown[] =>
    [...values, ...records.flatMap((r) => r.values)].filter(({ field }) =>
      ['taxExemptNumber', 'bankAccounts.iban', 'bankAccounts.accountNumber', 'bankAccounts.bic'].includes(field.name),
    )
  const at = '9000-01-01T00:00:00Z'

  test('hides bank and tax data from who may not see it', async () => {
    await create('ASOF-4', {
      set: { name: 'Four', taxExemptNumber: 'DE129274202' },
      bankAccounts: [{ code: 'B', iban: iban[0], accountNumber: '1', bic: 'DEUTDEFF' }],
    })
    const clerk = await asOf('clara', 'ASOF-4', at)
    expect(sensitive(clerk!).map(({ raw, masked }) => [raw, masked])).toEqual([
      ['DE129274202', false],
      [iban[0], false],
      ['1', false],
      ['DEUTDEFF', false],
    ])
    const reader = await asOf('cora', 'ASOF-4', at)
    expect(sensitive(reader!).map(({ raw, display, masked }) => [raw, display, masked])).toEqual(
      Array.from({ length: 4 }, () => [null, null, true]),
    )
    expect(reader!.values.find(({ field }) => field.name === 'name')).toMatchObject({ raw: 'Four', masked: false })
    expect(reader!.records).toMatchObject([{ record: 'bankAccounts', code: 'B' }])
  })

  test('shows what was erased from the log to nobody, and what was written since', async () => {
    await create('ASOF-5', { bankAccounts: [{ code: 'B', iban: iban[0] }] })
    await update('clara', 'ASOF-5', { set: { phone: '+49 30 1' } })
    const erased = (await now('clara', 'ASOF-5')).updatedAt
    moved += 5_000
    await update('clara', 'ASOF-5', { set: { phone: '+49 30 2' } })
    await sql`
      update event_contents v set contents = (
        select coalesce(jsonb_object_agg(key, value), '{}') from jsonb_each(v.contents)
        where key not like 'bankAccounts.%' and (key <> 'to.0' or value ->> 'value' <> '+49 30 1'))
      from events e, customers c
      where c.account = 'ASOF-5' and e.company_id = c.company_id and e.customer_id = c.id and v.event_id = e.event_id
        and v.company_id = e.company_id`
    const phone = (seen: Snapshot | null) => seen?.values.find(({ field }) => field.name === 'phone')
    const then = await asOf('clara', 'ASOF-5', erased)
    expect(phone(then)).toMatchObject({ raw: null, display: null, masked: true })
    expect(then?.records).toMatchObject([{ record: 'bankAccounts', code: '' }])
    expect(then?.records[0]?.values.every(({ raw, masked }) => raw === null && masked)).toBe(true)
    expect(phone(await asOf('clara', 'ASOF-5', at))).toMatchObject({ raw: '+49 30 2', masked: false })
  })

  test('is for members of its company', async () => {
    const document =
      'query ($id: ID!, $at: DateTime!) { customer(company: "USMF", account: "US-001") { asOf(at: $at) { version } } node(id: $id) { ... on Customer { asOf(at: $at) { version } } } }'
    const { id } = (await customerOf('clara', 'US-001', 'id')) as { id: string }
    expect(await read('dieter', document, { id, at })).toEqual({ customer: null, node: null })
    expect(await read('cora', document, { id, at })).toMatchObject({
      customer: { asOf: { version: 1 } },
      node: { asOf: { version: 1 } },
    })
  })

  test('names fields in the order asked for, and no others', async () => {
    const ask = (fields: string[]) =>
      whole<{ customer: { asOf: Snapshot } | null }>(
        'clara',
        'query ($at: DateTime!, $fields: [String!]) { customer(company: "USMF", account: "US-001") { asOf(at: $at) { values(fields: $fields) { field { name } } } } }',
        { at, fields },
      )
    const named = (await ask(['name', 'creditLimit'])).data.customer?.asOf.values.map(({ field }) => field.name)
    expect(named).toEqual(['name', 'creditLimit'])
    expect((await ask(['pager'])).errors?.[0]?.extensions?.code).toBe('BAD_REQUEST')
    expect((await ask(['bankAccounts.iban'])).errors?.[0]?.extensions?.code).toBe('BAD_REQUEST')
  })
})

describe('a moment', () => {
  const ask = (at: string) =>
    whole<{ customer: { asOf: { at: string } } }>(
      'clara',
      'query ($at: DateTime!) { customer(company: "USMF", account: "US-001") { asOf(at: $at) { at } } }',
      { at },
    )

  test.each([
    ['2200-01-01T02:00:00+02:00', '2200-01-01T00:00:00.000Z'],
    ['2200-01-01t00:00:00.5z', '2200-01-01T00:00:00.500Z'],
    ['2200-01-01T00:00:00.1234567Z', '2200-01-01T00:00:00.123456Z'],
    ['2200-12-31T23:30:00.000000-01:00', '2201-01-01T00:30:00.000Z'],
  ])('%s is answered in UTC', async (at, shown) => {
    expect((await ask(at)).data.customer.asOf.at).toBe(shown)
  })

  test.each([
    'yesterday',
    '',
    '2026-01-01',
    '2026-02-30T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '0000-01-01T00:00:00Z',
    '0001-01-01T00:00:00+14:00',
    '9999-12-31T23:59:59-14:00',
    '12026-01-01T00:00:00Z',
  ])('"%s" is refused', async (at) => {
    const { errors } = await ask(at)
    expect(errors?.map(({ extensions }) => extensions?.code)).toEqual(['BAD_REQUEST'])
  })
})

describe('many at once', () => {
  test('take a fixed number of statements, and no more than a request may cost', async () => {
    const world = await startWorld()
    const page = (first: number, asked: string) =>
      `{ customers(company: "USMF", first: ${first}) { edges { node { ${asked} } } } }`
    const one = 'asOf(at: "9000-01-01T00:00:00Z") { version values { raw } records { code values { raw } } }'
    const cost = async (first: number): Promise<number> => {
      world.statements.length = 0
      const { customers } = await world.ask<{ customers: { edges: { node: { asOf: Snapshot } }[] } }>(
        'clara',
        page(first, one),
      )
      expect(customers.edges.map(({ node }) => node.asOf.version > 0 && node.asOf.values.length > 0)).not.toContain(
        false,
      )
      // The log is read by other parts too, whenever they like.
      return world.statements.filter((text) => text.includes('join events e')).length
    }
    expect(await cost(1)).toBe(2)
    expect(await cost(20)).toBe(2)
    const many = Array.from({ length: 6 }, (_, n) => `a${n}: asOf(at: "9000-01-01T00:00:00Z") { version }`).join(' ')
    expect((await world.send('clara', page(100, many))).errors?.[0]?.extensions.code).toBe('TOO_COMPLEX')
  })
})
