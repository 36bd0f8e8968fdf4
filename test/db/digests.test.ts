// An approval is bound to the digest of a change (DOMAIN section 1), so the database keeps a digest that is its content's: it
// computes the same as the domain, and refuses raw SQL that changes the one without the other.
import { sql, type SQL } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import type { Change } from '../../server/domain/proposal.ts'
import type { Value } from '../../server/domain/values.ts'
import { newId } from '../../server/store/ids.ts'
import { saveProposal } from '../../server/store/save-proposal.ts'
import {
  aChange,
  anApproval,
  aProposal,
  aRun,
  connectTest,
  createWorld,
  refusalOf,
  storedCustomer,
} from '../store/fixtures.ts'

const { db } = await connectTest()
const world = await createWorld(db, { fields: ['creditLimit'] })

/** How saving a proposal with this change is refused; null when it is kept. */
const saving = async (parts: Partial<Change>, forged: Partial<Change> = {}) => {
  const customer = await storedCustomer(db, world)
  const change = { ...aChange(world, customer, parts), ...forged }
  return refusalOf(db, (tx) => saveProposal(tx, null, aProposal(world, customer, [change])))
}

/** An approved change of the credit limit that has been saved. */
const approved = async () => {
  const customer = await storedCustomer(db, world)
  const change = aChange(world, customer)
  const decisions = [anApproval(world, aRun(world), [change])]
  await db.transaction((tx) => saveProposal(tx, null, { ...aProposal(world, customer, [change]), decisions }))
  return change
}

const refusalOfSql = (...statements: SQL[]) =>
  refusalOf(db, async (tx) => {
    for (const statement of statements) await tx.execute(statement)
  })

describe('the digest that the database computes', () => {
  const values: [string, Value][] = [
    ['nothing', null],
    ['a decimal', '50000.00'],
    ['a whole number', 14],
    ['a negative number', -3],
    ['zero', 0],
    ['yes', true],
    ['no', false],
    ['an empty text', ''],
    ['a text that looks like null', 'null'],
    ['quotes', `"double" and 'single'`],
    ['backslashes', 'C:\\new\\u0041/x'],
    ['line ends and tabs', 'a\nb\r\nc\td\be\f'],
    ['other control characters', '\u0001\u001f\u007f\u0085'],
    ['line and paragraph separators', 'a\u2028b\u2029c\ufeff'],
    ['letters beyond ASCII', 'Grüße, Ærø, 東京, e\u0301'],
    ['an emoji', 'Boxes 📦👩‍🚀'],
    ['markup', '<b>&amp;</b>'],
    ['an empty record', {}],
    [
      'a record',
      { name: 'Bank "A"\n', iban: null, code: 'MAIN', days: 14, primary: true, Bic: 'X', a_b: '1', aB: '📦', a: '' },
    ],
  ]

  it.each(values)('is the domain’s for %s', async (_what, value) => {
    expect(await saving({ field: 'name', base: null, proposed: value })).toBeNull()
    expect(await saving({ field: 'name', base: value, proposed: null, salt: 'a"b\\c' })).toBeNull()
  })

  it.each<[string, Partial<Change>]>([
    ['a credit check on a credit limit', { creditCheck: true }],
    ['a credit check where there is none', { field: 'name', creditCheck: true }],
    ['a child’s field', { record: 'bankAccounts', recordId: newId(), field: 'bankAccounts.iban' }],
    ['a removal', { record: 'contacts', recordId: newId(), field: 'contacts', operation: 'REMOVE', proposed: null }],
  ])('is the domain’s for %s', async (_what, parts) => {
    expect(await saving(parts)).toBeNull()
  })

  it.each<[string, Partial<Change>]>([
    ['another digest', { digest: 'f'.repeat(64) }],
    ['another value', { proposed: '60000.01' }],
    ['a value of another type', { proposed: 60000 }],
    ['another record', { recordId: newId() }],
    ['another field', { field: 'name' }],
    ['another operation', { operation: 'REMOVE' }],
  ])('refuses a change that is saved with %s', async (_what, forged) => {
    expect(await saving({}, forged)).toBe('CS003')
  })
})

describe('a change that was approved', () => {
  it.each([
    ['what it proposes', sql`proposed = '"70000.00"'`],
    ['what it was made on', sql`base = '"1.00"'`],
    ['what it was made on, to nothing', sql`base = null`],
    ['its salt', sql`salt = 'other'`],
    ['its credit check', sql`credit_check = true`],
    ['its field', sql`field = 'name'`],
    ['its digest', sql`digest = repeat('0', 64)`],
  ])('does not change under its digest: %s', async (_what, set) => {
    const { id } = await approved()
    expect(await refusalOfSql(sql`update changes set ${set} where id = ${id}`)).toBe('CS003')
  })

  it('is not put back with other content under its digest', async () => {
    const { id } = await approved()
    const columns = sql`company_id, id, proposal_id, record, record_id, field, operation, base`
    const rest = sql`credit_check, salt, digest, author_ids, source, proposed_at, reason`
    const replace = (proposed: SQL) => [
      sql`create temporary table kept on commit drop as select * from changes where id = ${id}`,
      sql`delete from changes where id = ${id}`,
      sql`insert into changes (${columns}, proposed, ${rest}) select ${columns}, ${proposed}, ${rest} from kept`,
    ]
    expect(await refusalOfSql(...replace(sql`'"70000.00"'::jsonb`))).toBe('CS003')
    expect(await refusalOfSql(...replace(sql`proposed`))).toBeNull()
  })

  it('is not moved to another customer, by itself or with its proposal', async () => {
    const { id } = await approved()
    const other = await approved()
    const theirs = sql`(select proposal_id from changes where id = ${other.id})`
    expect(await refusalOfSql(sql`update changes set proposal_id = ${theirs} where id = ${id}`)).toBe('CS003')
    const { id: customerId } = await storedCustomer(db, world)
    const moved = sql`update proposals set customer_id = ${customerId} where id = ${theirs}`
    expect(await refusalOfSql(moved)).toBe('CS003')
  })

  it('is not freed by a temporary table that hides the changes', async () => {
    const { id } = await approved()
    expect(
      await refusalOfSql(
        sql`update changes set proposed = '"70000.00"' where id = ${id}`,
        sql`create temporary table changes (like public.changes) on commit drop`,
      ),
    ).toBe('CS003')
  })

  it('may be told of in other words, and leave', async () => {
    const { id } = await approved()
    expect(await refusalOfSql(sql`update changes set reason = 'Because' where id = ${id}`)).toBeNull()
    expect(
      await refusalOfSql(
        sql`update changes set salt = 'x' where id = ${id}`,
        sql`delete from changes where id = ${id}`,
      ),
    ).toBeNull()
  })
})
