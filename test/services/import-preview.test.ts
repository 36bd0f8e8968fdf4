// What a plan says is what a commit does, over random files and states; and the same file again changes nothing.
import fc from 'fast-check'
import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { entityBehaviors, type EntityBehavior } from '../../server/domain/company.ts'
import type { ImportRow } from '../../server/domain/import.ts'
import { updateCustomer } from '../../server/services/customers.ts'
import { scheduleProposal, submitProposal } from '../../server/services/proposals.ts'
import { setApprovalParameters } from '../../server/services/setup.ts'
import type { ListedResult } from '../../server/store/import-jobs.ts'
import { findFlaw } from '../../server/store/evidence.ts'
import { startServices } from '../helpers/services.ts'
import { imported } from './import-files.ts'

const services = await startServices()
const { app, db, companyId, as } = services
const runs = Number(process.env.RUNS ?? 12)

const known = ['US-021', 'US-022', 'US-023', 'US-024']
const account = fc.oneof(fc.constantFrom(...known), fc.constantFrom('N-1', 'N-2', 'N-3'))
const set = fc.record(
  {
    name: fc.constantFrom('Blue', 'Green', ''),
    phone: fc.constantFrom('+1 555 1', '+1 555 2', 'call me'),
    creditLimit: fc.constantFrom('100', '90000', '250000.00', '-1'),
    paymentTerms: fc.constantFrom('Net30', 'Net90', 'NetNever'),
    invoiceAccount: fc.constantFrom('US-021', 'N-1', 'N-2', 'NOBODY'),
    defaultBankAccount: fc.constantFrom('A', 'B'),
  },
  { requiredKeys: [] },
)
const bankAccounts = fc.option(
  fc.uniqueArray(
    fc.record({
      code: fc.constantFrom('A', 'B'),
      name: fc.constantFrom('Bank', 'Other bank'),
      iban: fc.constantFrom('DE89370400440532013000', 'GB82WEST12345698765432', 'nonsense'),
    }),
    { selector: ({ code }) => code, maxLength: 2 },
  ),
  { nil: undefined },
)
const file = fc.array(
  fc
    .record({ account, set, bankAccounts })
    .map(({ bankAccounts: banks, ...row }): ImportRow => ({ ...row, ...(banks && { bankAccounts: banks }) })),
  { minLength: 1, maxLength: 6 },
)
const move = fc.record({
  who: fc.constantFrom('clara', 'colin'),
  account: fc.constantFrom(...known),
  set,
  then: fc.constantFrom('leave', 'submit', 'schedule'),
})

/** Somebody edits a customer; what cannot be done does not matter. */
const moved = async (m: { who: string; account: string; set: object; then: string }, n: number): Promise<void> => {
  const viewer = await as(m.who)
  try {
    const { proposalId } = await updateCustomer(app, viewer, { company: 'USMF', account: m.account, set: { ...m.set } })
    if (proposalId === null || m.then === 'leave') return
    if (m.then === 'schedule')
      await scheduleProposal(app, viewer, { companyId, proposalId, effectiveAt: `2099-01-0${(n % 9) + 1}T00:00:00Z` })
    await submitProposal(app, viewer, { companyId, proposalId })
  } catch {
    // A locked proposal, a bad value: part of the game.
  }
}

/** Without what is new with each import, and without the proposals that it makes. */
const comparable = ({ row, account: of, outcome, written, proposed, errors }: ListedResult) => ({
  row,
  of,
  outcome,
  written,
  proposed,
  errors,
})

let round = 0
test('a plan says what its commit does, and the same file comes to nothing the second time', async () => {
  const adam = await as('adam')
  await fc.assert(
    fc.asyncProperty(
      file,
      fc.array(move, { maxLength: 4 }),
      fc.constantFrom<EntityBehavior>(...entityBehaviors),
      fc.boolean(),
      fc.constantFrom('clara', 'colin'),
      async (rows, moves, entityBehavior, autoSubmit, who) => {
        round += 1
        for (const [n, m] of moves.entries()) await moved(m, n)
        await setApprovalParameters(app, adam, { company: 'USMF', entityBehavior, autoSubmit })
        // New customers are new in each round.
        const own = (text: unknown): unknown =>
          typeof text === 'string' && text.startsWith('N-') ? `${text}-${round}` : text
        const sent = rows.map((row) => ({
          ...row,
          account: String(own(row.account)),
          set: {
            ...row.set,
            ...(row.set?.invoiceAccount !== undefined && { invoiceAccount: own(row.set.invoiceAccount) }),
          },
        }))
        const viewer = await as(who)
        const first = await imported(app, viewer, sent)
        expect(first.came.map(comparable)).toEqual(first.planned.map(comparable))
        expect(first.job.status).toBe('DONE')
        const counts = Object.values(first.job.counts).reduce((sum, n) => sum + n, 0)
        expect(counts).toBe(rows.length)
        const versions = () =>
          db.execute(sql`select account, version from customers where company_id = ${companyId} order by account`)
        const before = await versions()
        const again = await imported(app, viewer, sent)
        expect(again.came.map(comparable)).toEqual(again.planned.map(comparable))
        expect(again.came.filter(({ outcome }) => outcome === 'CREATED' || outcome === 'UPDATED')).toEqual([])
        // What is proposed a second time is what could not be submitted, or was closed in between, the first time.
        expect(await versions()).toEqual(before)
      },
    ),
    { numRuns: runs },
  )
  expect(await findFlaw(db, companyId)).toBeNull()
})
