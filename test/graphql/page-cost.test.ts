// What a page of customers costs in statements and columns: as much of each row as is asked for, whatever way it is asked.
import { describe, expect, test } from 'vitest'
import { startWorld } from './world.ts'

const { ask, statements } = await startWorld()
type Page = { customers: { edges: { node: Record<string, unknown> }[] } }
const page = (fields: string) => `{ customers(company: "USMF", first: 10) { edges { node { account ${fields} } } } }`
const changesOf = (fields: string) => page(`proposal { id changes { id ${fields} } }`)
/** What is read from a table for a page. */
const reads = async (query: string, table: string): Promise<string[]> => {
  await ask('clara', query)
  statements.length = 0
  await ask('clara', query)
  return statements.filter((text) => text.includes(`from "${table}"`))
}
const rows = async (query: string) => (await ask<Page>('clara', query)).customers.edges.map(({ node }) => node)

for (const account of ['US-001', 'US-004']) {
  const input = { company: 'USMF', account, set: { creditLimit: '777000.00' }, reason: 'Asked for by the customer' }
  const done = await ask(
    'clara',
    'mutation ($i: UpdateCustomerInput!) { updateCustomer(input: $i) { ... on UpdateCustomerSuccess { proposal { id } } } }',
    { i: input },
  )
  expect(done).toMatchObject({ updateCustomer: { proposal: { id: expect.any(String) as string } } })
}

describe('of a page of customers', () => {
  test('what lists show is read without the rest of the row', async () => {
    const [line = '', ...others] = await reads(page('name creditLimit reviewStatus updatedAt'), 'customers')
    expect(others).toEqual([])
    expect(line).not.toContain('"credit_rating"')
  })

  test('any other field, by a fragment or an alias too, is read with the page and not once more', async () => {
    for (const fields of [
      'creditRating',
      'rating: creditRating',
      '... on Customer { creditRating }',
      'values(fields: ["creditRating"]) { raw }',
    ]) {
      const [whole = '', ...others] = await reads(page(fields), 'customers')
      expect([fields, others]).toEqual([fields, []])
      expect(whole).toContain('"credit_rating"')
    }
  })

  test('a field is the same whether it comes with the page or by itself', async () => {
    const { __type } = await ask<{
      __type: { fields: { name: string; args: unknown[]; type: { kind: string; ofType: { kind: string } | null } }[] }
    }>('clara', '{ __type(name: "Customer") { fields { name args { name } type { kind ofType { kind } } } } }')
    const scalars = __type.fields.filter(
      ({ args, type }) => args.length === 0 && (type.kind === 'SCALAR' || type.ofType?.kind === 'SCALAR'),
    )
    expect(scalars.length).toBeGreaterThan(20)
    const all = scalars.map(({ name }) => name).join(' ')
    const whole = await rows(page(all))
    for (const { name } of scalars)
      expect((await rows(page(name))).map((row) => row[name])).toEqual(whole.map((row) => row[name]))
  })
})

describe('of changes in a page', () => {
  test('what is mostly shown is read without salts and authors', async () => {
    const [shown = '', ...others] = await reads(
      changesOf('field { name } operation original { raw } proposed { raw } digest delta'),
      'changes',
    )
    expect(others).toEqual([])
    expect(shown).not.toMatch(/"salt"|"author_ids"/)
  })

  test('whatever else is asked of them is read at once with all of it', async () => {
    for (const fields of [
      'source',
      'reason',
      'authors { name }',
      'proposedAt',
      'creditCheck',
      'refusal { reason }',
      '... on ProposedChange { source }',
    ]) {
      const [whole = '', ...others] = await reads(changesOf(fields), 'changes')
      expect([fields, others]).toEqual([fields, []])
      expect(whole).toContain('"author_ids"')
    }
  })

  test('each says the same in a narrow page as in a wide one', async () => {
    const fields = ['operation', 'digest', 'delta', 'source', 'reason', 'proposedAt', 'creditCheck', 'authors { name }']
    type Row = { proposal: { changes: object[] } | null }
    const of = async (asked: string) =>
      (await rows(changesOf(asked))).flatMap((row) => (row as Row).proposal?.changes ?? [])
    const whole = await of(fields.join(' '))
    expect(whole).toContainEqual(expect.objectContaining({ reason: 'Asked for by the customer', source: 'PERSON' }))
    for (const field of fields)
      for (const [n, change] of (await of(field)).entries()) expect(whole[n]).toMatchObject(change)
  })

  test('both may be asked in one operation, under two names', async () => {
    const narrow = 'edges { node { account proposal { changes { id digest } } } }'
    const { few, all } = await ask<{ few: object; all: object }>(
      'clara',
      `{ few: customers(company: "USMF", first: 10) { ${narrow} } all: customers(company: "USMF", first: 10) { edges { node { account creditRating proposal { changes { id digest source } } } } } }`,
    )
    expect(all).toMatchObject(few)
  })
})
