// Imports meet proposals: what is joined, left alone, refused or tried again, and that a dry run knows it beforehand.
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { startTestApp } from '../helpers/app.ts'
import { operationsOf, type Input, type Row } from '../graphql/operations.ts'

const app = await startTestApp()
const { run, update, submitted, answer, customerOf, proposalOf, queue, userId, footprint } = operationsOf(app)

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

describe('a row for a customer with an open proposal', () => {
  test('of somebody else is REFUSED with its id, unless all of it is proposed there already', async () => {
    const theirs = await update('clara', 'US-120', { set: { creditLimit: '777', name: 'Proposed' } })
    const refused = await one('partner', {
      account: 'US-120',
      set: { creditLimit: '778', website: 'https://x.example' },
    })
    expect(refused).toMatchObject({
      outcome: 'REFUSED',
      written: [],
      proposal: { id: theirs.proposal?.id, status: 'DRAFT' },
      errors: [{ code: 'OPEN_PROPOSAL', path: ['input', 'rows', '0', 'account'] }],
    })
    expect(await one('partner', { account: 'US-120', set: { creditLimit: '777' } })).toMatchObject({
      outcome: 'UNCHANGED',
      proposal: { status: 'DRAFT' },
    })
    expect(await one('partner', { account: 'US-120', set: { website: 'https://x.example' } })).toMatchObject({
      outcome: 'UPDATED',
      proposal: null,
    })
    expect(await one('partner', { account: 'US-120', set: { creditLimit: '777', phone: '+1 555' } })).toMatchObject({
      outcome: 'UPDATED',
      written: ['phone'],
    })
    expect(await proposalOf('clara', theirs.proposal?.id ?? '')).toMatchObject({ revision: 1, status: 'DRAFT' })
  })

  test("that is the caller's own draft is joined", async () => {
    await behave('CREATE_CHANGE_PROPOSALS', false)
    const first = await one('partner', {
      account: 'US-121',
      set: { creditLimit: '777' },
      bankAccounts: [{ code: 'NEW', iban: 'DE89370400440532013000' }],
    })
    const second = await one('partner', {
      account: 'US-121',
      set: { creditLimit: '888' },
      bankAccounts: [{ code: 'NEW', name: 'Named' }],
    })
    expect(second).toMatchObject({ outcome: 'PROPOSED', proposal: { id: first.proposal?.id, status: 'DRAFT' } })
    const { changes } = await proposalOf('clara', first.proposal?.id ?? '')
    expect(changes.map((c) => c.proposed?.raw)).toMatchObject(
      expect.arrayContaining([
        '888.00',
        expect.objectContaining({ code: 'NEW', iban: 'DE89370400440532013000', name: 'Named' }),
      ]),
    )
    expect(changes).toHaveLength(2)
    await update('clara', 'US-121', { set: { name: 'Hers too' } })
    expect(await one('partner', { account: 'US-121', set: { creditLimit: '999' } })).toMatchObject({
      outcome: 'REFUSED',
    })
  })

  test('whose submit is refused stays a draft, says why, and is tried again by the same row', async () => {
    const manager = await run('adam', 'setMember', { company, userId: await userId('mia'), active: false })
    expect(manager.user).toBeDefined()
    await run('adam', 'setMember', { company, userId: await userId('olga'), active: false })
    const row = { account: 'US-122', set: { creditLimit: '7777777' } }
    const first = await one('clara', row)
    expect(first).toMatchObject({
      outcome: 'PROPOSED',
      proposal: { status: 'DRAFT' },
      errors: [{ code: 'NO_ELIGIBLE_APPROVER' }],
    })
    expect(await one('clara', row)).toMatchObject({
      outcome: 'UNCHANGED',
      proposal: { id: first.proposal?.id, status: 'DRAFT' },
      errors: [{ code: 'NO_ELIGIBLE_APPROVER' }],
    })
    for (const name of ['olga', 'mia'])
      await run('adam', 'setMember', { company, userId: await userId(name), active: true })
    expect(await one('clara', row)).toMatchObject({
      outcome: 'PROPOSED',
      proposal: { id: first.proposal?.id, status: 'PENDING' },
      errors: [],
    })
    expect(await one('clara', row)).toMatchObject({ outcome: 'UNCHANGED', errors: [] })
  })

  test('that was rejected is not sent again', async () => {
    const { id } = await submitted('clara', 'US-123', { set: { creditLimit: '7777777' } })
    await answer('mia', 'US-123', 'reject', { comment: 'no' })
    expect(await one('clara', { account: 'US-123', set: { creditLimit: '7777777' } })).toMatchObject({
      outcome: 'UNCHANGED',
      proposal: { id, status: 'REJECTED' },
    })
    expect(await one('clara', { account: 'US-123', set: { creditLimit: '7777778' } })).toMatchObject({
      outcome: 'REFUSED',
      proposal: { id, status: 'REJECTED' },
    })
  })
})

const value = fc.record(
  {
    creditLimit: fc.constantFrom('100', '200', '300', '-1'),
    paymentTerms: fc.constantFrom('COD', 'Net90', null),
    website: fc.constantFrom('https://a.example', 'https://b.example', null),
    invoiceAccount: fc.constantFrom('P-1', 'P-4', 'P-9', null),
    name: fc.constantFrom('One', 'Two'),
  },
  { requiredKeys: [] },
)
const bank = fc.record(
  {
    code: fc.constantFrom('A', 'B'),
    name: fc.constantFrom('One', 'Two', null),
    iban: fc.constantFrom('DE89370400440532013000', 'NL91ABNA0417164300'),
  },
  { requiredKeys: ['code'] },
)
const account = fc.constantFrom('P-1', 'P-2', 'P-3', 'P-4', 'P-5')
const user = fc.constantFrom('clara', 'colin', 'partner')
const row = fc.record(
  { account, set: value, bankAccounts: fc.array(bank, { maxLength: 2 }) },
  { requiredKeys: ['account'] },
)
const act = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('import' as const),
      user,
      rows: fc.array(row, { minLength: 1, maxLength: 4 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('edit' as const), user, account, set: value }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('submitProposal' as const, 'recallProposal' as const, 'discardProposal' as const),
      account,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reject' as const), account }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('behave' as const),
      behavior: fc.constantFrom('ALLOW_WITHOUT_APPROVAL', 'REJECT_CHANGES', 'CREATE_CHANGE_PROPOSALS'),
      auto: fc.boolean(),
    }),
  },
)

test('a dry run says of every row what the import then does, whatever has been proposed, submitted or sent back before', async () => {
  const outcomes = new Map<string, number>()
  const openOf = async (of: string) =>
    ((await customerOf('clara', of, 'proposal { id }'))?.proposal as { id: string } | null | undefined)?.id
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 3, maxLength: 8 }), async (acts) => {
      for (const a of acts) {
        if (a.do === 'behave') await behave(a.behavior, a.auto)
        else if (a.do === 'edit') await update(a.user, a.account, { set: a.set })
        else if (a.do === 'reject') {
          const item = (await queue('mia')).find((i) => i.proposal.customer.account === a.account)
          if (item) await run('mia', 'reject', { workItemId: item.id, revision: item.proposal.revision, comment: 'no' })
        } else if (a.do !== 'import') {
          const proposalId = await openOf(a.account)
          if (proposalId !== undefined)
            await run('clara', a.do, { proposalId, ...(a.do === 'recallProposal' && { comment: 'x' }) })
        } else {
          const before = await footprint()
          const dry = await importRows(a.user, a.rows, { dryRun: true })
          expect(await footprint()).toEqual(before)
          const real = await importRows(a.user, a.rows)
          const isNew = ({ outcome }: Row) => outcome === 'PROPOSED'
          expect(dry.map((r) => (isNew(r) ? { ...r, proposal: null } : r))).toEqual(
            real.map((r) => (isNew(r) ? { ...r, proposal: null } : r)),
          )
          for (const { outcome } of real) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
          // Sent again, nothing of it changes any more.
          const again = await importRows(a.user, a.rows)
          expect(again.filter((r) => r.outcome === 'CREATED' || r.outcome === 'UPDATED')).toEqual([])
        }
      }
    }),
    { numRuns: 15, endOnFailure: true },
  )
  expect(outcomes.size).toBeGreaterThan(3)
}, 60_000)
