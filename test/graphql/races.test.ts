// What happens at the same instant: over HTTP, on connections of their own, decided by the locks of the database.
import { describe, expect, test } from 'vitest'
import { startTestApp } from '../helpers/app.ts'
import { operationsOf, type Result } from './operations.ts'

const app = await startTestApp()
const { sql, run, update, submitted, answer, itemOf, customerOf, proposalOf, runWhole } = operationsOf(app)

// Small limits, so that each raise below takes the same way through the workflow.
const rows = Array.from({ length: 100 }, (_, n) => ({
  account: `R-${100 + n}`,
  set: { name: `Race ${n}`, creditLimit: '1000' },
}))
await run('clara', 'importCustomers', { company: 'USMF', rows })

const codesOf = (results: readonly Result[]) => results.map((r) => r.code ?? 'done').sort()
const decisionsOn = async (proposalId: string) => {
  const own = Buffer.from(proposalId, 'base64url').toString().split(':')[2] ?? ''
  return sql<
    { outcome: string; step: string }[]
  >`select outcome, step from decisions where proposal_id = ${own} and not automatic`
}

describe('two answers at the same instant', () => {
  test('a double click on approve counts once and tells the second that it is decided', async () => {
    for (const account of ['R-100', 'R-101', 'R-102', 'R-103']) {
      const { id } = await submitted('clara', account, { set: { creditLimit: '90000' } })
      const item = await itemOf('mia', account)
      const input = { workItemId: item.id, revision: item.proposal.revision }
      const both = await Promise.all([
        run('mia', 'approve', input),
        run('mia', 'approve', input),
        run('mia', 'approve', input),
      ])
      expect(codesOf(both)).toEqual(['WRONG_STATE', 'WRONG_STATE', 'done'])
      expect(both.find((r) => r.code === 'WRONG_STATE')).toMatchObject({
        __typename: 'WrongStateError',
        path: ['input', 'workItemId'],
        about: { id },
      })
      expect(await decisionsOn(id)).toHaveLength(1)
    }
  })

  test('of two approvers of whom one is enough, exactly one decides', async () => {
    for (const account of ['R-110', 'R-111', 'R-112', 'R-113']) {
      const { id } = await submitted('clara', account, { set: { creditLimit: '90000' } })
      await answer('mia', account)
      const [cora, carl] = [await itemOf('cora', account), await itemOf('carl', account)]
      const vote = (user: string, item: typeof cora, mutation: string) =>
        run(user, mutation, { workItemId: item.id, revision: item.proposal.revision, comment: 'as I see it' })
      const both = await Promise.all([vote('cora', cora, 'approve'), vote('carl', carl, 'reject')])
      expect(codesOf(both)).toEqual(['WRONG_STATE', 'done'])
      const { status } = await proposalOf('clara', id)
      expect(status).toBe(both[0].code === undefined || both[0].code === null ? 'APPLIED' : 'REJECTED')
      expect((await decisionsOn(id)).filter((d) => d.step === 'Credit')).toHaveLength(1)
    }
  })

  test('of two approvers of whom both are needed, both count, and the last one applies', async () => {
    for (const account of ['R-120', 'R-121', 'R-122', 'R-123']) {
      const { id } = await submitted('clara', account, { set: { creditLimit: '990000' } })
      await answer('mia', account)
      const items = await Promise.all(['cora', 'carl'].map((user) => itemOf(user, account)))
      const both = await Promise.all(
        items.map((item, n) =>
          run(n === 0 ? 'cora' : 'carl', 'approve', { workItemId: item.id, revision: item.proposal.revision }),
        ),
      )
      expect(codesOf(both)).toEqual(['done', 'done'])
      expect(await proposalOf('clara', id)).toMatchObject({ status: 'APPLIED' })
      expect(await customerOf('clara', account, 'creditLimit version')).toEqual({
        creditLimit: '990000.00',
        version: 2,
      })
      expect((await decisionsOn(id)).filter((d) => d.step === 'Credit, large')).toHaveLength(2)
    }
  })
})

test('a recall at the moment of the last approval: exactly one of them wins, and the record agrees', async () => {
  for (const n of [0, 1, 2, 3, 4, 5]) {
    const account = `R-13${n}`
    const { creditLimit } = await customerOf('clara', account, 'creditLimit')
    const { id } = await submitted('clara', account, { set: { creditLimit: '91000' } })
    await answer('mia', account)
    const item = await itemOf('cora', account)
    const recall = () => run('clara', 'recallProposal', { proposalId: id, comment: 'wait' })
    const approve = () => run('cora', 'approve', { workItemId: item.id, revision: item.proposal.revision })
    const [first, second] = n % 2 === 0 ? [recall, approve] : [approve, recall]
    const results = await Promise.all([first(), second()])
    expect(codesOf(results)).toEqual(['WRONG_STATE', 'done'])
    const { status } = await proposalOf('clara', id)
    const now = await customerOf('clara', account, 'creditLimit version')
    if (status === 'APPLIED') expect(now).toEqual({ creditLimit: '91000.00', version: 2 })
    else {
      expect(status).toBe('DRAFT')
      expect(now).toEqual({ creditLimit, version: 1 })
      expect(
        await sql`select 1 from work_items where id = ${Buffer.from(item.id, 'base64url').toString().split(':')[3] ?? ''} and status = 'OPEN'`,
      ).toHaveLength(0)
    }
  }
})

describe('two edits at the same instant', () => {
  test('of different fields lose neither, also when both are the first of the customer', async () => {
    for (const account of ['R-140', 'R-141', 'R-142', 'R-143']) {
      const done = await Promise.all([
        update('clara', account, { set: { creditLimit: '81000', website: 'https://clara.example' } }),
        update('colin', account, { set: { name: 'By Colin', phone: '+1 555 0142' } }),
        update('mia', account, {
          set: { paymentTerms: 'COD', email: 'mia@example.com' },
          bankAccounts: { add: [{ code: 'NEW', accountNumber: '7' }] },
        }),
      ])
      expect(new Set(done.map((d) => d.proposal?.id)).size).toBe(1)
      const id = done[0].proposal?.id ?? ''
      const { changes, revision } = await proposalOf('clara', id)
      expect(changes.map((c) => c.field.name).sort()).toEqual(['bankAccounts', 'creditLimit', 'name', 'paymentTerms'])
      expect(revision).toBe(3)
      expect(await customerOf('clara', account, 'version website phone email')).toEqual({
        version: 4,
        website: 'https://clara.example',
        phone: '+1 555 0142',
        email: 'mia@example.com',
      })
    }
  })

  test('of the same version, where both say which they saw: one is taken, the other is told', async () => {
    const both = await Promise.all(
      ['clara', 'colin'].map((user) =>
        update(user, 'R-150', { set: { phone: user === 'clara' ? '+1 1' : '+1 2' }, expectedVersion: 1 }),
      ),
    )
    expect(codesOf(both)).toEqual(['STALE_VERSION', 'done'])
    expect(both.find((r) => r.code === 'STALE_VERSION')).toMatchObject({ customer: { version: 2 } })
  })

  test('a customer that two make at once is made once', async () => {
    const make = (user: string) =>
      run(user, 'createCustomer', { company: 'USMF', account: 'TWICE', set: { name: user } })
    expect(codesOf(await Promise.all([make('clara'), make('colin'), make('mia')]))).toEqual([
      'ALREADY_EXISTS',
      'ALREADY_EXISTS',
      'done',
    ])
  })

  test('an edit that joins while another submits is either in what is asked, or refused', async () => {
    for (const account of ['R-151', 'R-152', 'R-153', 'R-154']) {
      const { proposal } = await update('clara', account, { set: { creditLimit: '82000' } })
      const [sent, joined] = await Promise.all([
        run('clara', 'submitProposal', { proposalId: proposal?.id }),
        update('colin', account, { set: { name: 'Late' } }),
      ])
      const { changes } = await itemOf('mia', account)
      expect(sent.proposal?.status).toBe('PENDING')
      expect(changes.map((c) => c.field.name).includes('name')).toBe(joined.code === undefined)
      if (joined.code !== undefined) expect(joined.code).toBe('PENDING_PROPOSAL')
    }
  })
})

test('imports of the same customers from both ends at once wait for each other instead of failing', async () => {
  const accounts = Array.from({ length: 20 }, (_, n) => `R-1${60 + n}`)
  const edits = (user: string, list: string[]) =>
    list.map((account) => ({ account, set: { website: `https://${user}.example`, phone: '+1 555 0160' } }))
  const done = await Promise.all([
    run('clara', 'importCustomers', { company: 'USMF', rows: edits('clara', accounts) }),
    run('colin', 'importCustomers', { company: 'USMF', rows: edits('colin', accounts.toReversed()) }),
    run('partner', 'importCustomers', { company: 'USMF', rows: edits('partner', accounts) }),
    run('mia', 'importCustomers', { company: 'USMF', rows: [{ account: 'FRESH', set: { name: 'F' } }] }),
    run('clara', 'importCustomers', { company: 'USMF', rows: [{ account: 'FRESH', set: { name: 'F' } }] }),
  ])
  for (const { rows: results } of done.slice(0, 3))
    expect(results.map((r) => r.outcome)).toEqual(accounts.map(() => 'UPDATED'))
  expect(
    done
      .slice(3)
      .map((d) => d.rows[0]?.outcome)
      .sort(),
  ).toEqual(['CREATED', 'UNCHANGED'])
})

test('several commands in one document run one after the other, each on what the last has left', async () => {
  const { data, errors } = await app.send<
    Record<string, { written: string[]; customer: { version: number }; code: string }>
  >(
    'clara',
    `mutation { ${[1, 2, 3, 4, 5]
      .map(
        (n) =>
          `m${n}: updateCustomer(input: { company: "USMF", account: "R-190", expectedVersion: ${n === 4 ? 9 : n > 4 ? n - 1 : n}, set: { phone: "+1 555 ${n}" } }) { ... on UpdateCustomerSuccess { customer { version phone } } ... on UserError { code } }`,
      )
      .join(' ')} }`,
  )
  expect(errors).toBeUndefined()
  expect(data).toEqual({
    m1: { customer: { version: 2, phone: '+1 555 1' } },
    m2: { customer: { version: 3, phone: '+1 555 2' } },
    m3: { customer: { version: 4, phone: '+1 555 3' } },
    m4: { code: 'STALE_VERSION' },
    m5: { customer: { version: 5, phone: '+1 555 5' } },
  })
  const again = await runWhole('clara', 'updateCustomer', {
    company: 'USMF',
    account: 'R-190',
    set: { phone: '+1 555 5' },
  })
  expect(again.extensions).toBeUndefined()
})
