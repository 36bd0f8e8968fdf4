// What a plan says is what a commit does, over random files and states; and the same file again changes nothing.
import fc from 'fast-check'
import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { entityBehaviors, type EntityBehavior } from '../../server/domain/company.ts'
import { DomainError } from '../../server/domain/errors.ts'
import type { ImportRow } from '../../server/domain/import.ts'
import { updateCustomer } from '../../server/services/customers.ts'
import { scheduleProposal, submitProposal } from '../../server/services/proposals.ts'
import { setApprovalParameters } from '../../server/services/setup.ts'
import type { ListedResult } from '../../server/store/import-jobs.ts'
import { findFlaw } from '../../server/store/evidence.ts'
import { days, startServices } from '../helpers/services.ts'
import { commit, resultsOf, run, upload } from './import-files.ts'

const services = await startServices()
const { app, db, companyId, as } = services
const runs = Number(process.env.RUNS ?? 15)
const [adam, colin] = [await as('adam'), await services.idOf('colin')]
// Colin approves, so what he proposes himself cannot be submitted.
await services.runs([
  { approval: { name: 'Approval', steps: [{ name: 'Step', assign: [{ to: { users: [colin] } }] }] } },
])

/** Mostly what can be taken: of a row with many faults nothing is seen of the other rules. */
const mostly = <T>(good: readonly T[], ...bad: readonly T[]) =>
  fc.oneof({ weight: 20, arbitrary: fc.constantFrom(...good) }, { weight: 1, arbitrary: fc.constantFrom(...bad) })
const value = {
  name: mostly(['Blue', 'Green'], ''),
  phone: mostly(['+1 555 1', '+1 555 2'], 'x'.repeat(99)),
  creditLimit: mostly(['100', '90000', '250000.00'], '-1'),
  paymentTerms: mostly(['Net30', 'Net90'], 'NetNever'),
  invoiceAccount: mostly(['K-0', 'K-1', 'K-2', 'N-0'], 'NOBODY'),
}
const set = fc.record(value, { requiredKeys: [] })
const bank = fc.record({
  code: fc.constantFrom('A', 'B'),
  name: fc.constantFrom('Bank', 'Other bank'),
  iban: mostly(['DE89370400440532013000', 'GB82WEST12345698765432'], 'nonsense'),
})
const bankAccounts = fc.option(fc.uniqueArray(bank, { selector: ({ code }) => code, maxLength: 2 }), {
  nil: undefined,
  freq: 2,
})
// Of each round: eight customers that there are, three that there are not.
const known = ['K-0', 'K-1', 'K-2', 'K-3', 'K-4', 'K-5', 'K-6', 'K-7']
const row = fc.oneof(
  {
    weight: 5,
    // `echo`: it says what somebody has just proposed, or a part of it.
    arbitrary: fc.record({ account: fc.constantFrom(...known), set, bankAccounts, echo: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      account: fc.constantFrom('N-0', 'N-1', 'N-2'),
      set: fc.record(value, { requiredKeys: ['name'] }),
      bankAccounts,
      echo: fc.constant(false),
    }),
  },
)
const file = fc
  .tuple(
    fc.uniqueArray(row, { selector: ({ account }) => account, minLength: 6, maxLength: 11, size: 'max' }),
    fc.option(row, { freq: 2 }),
  )
  .map(([rows, one]) => (one === null ? rows : [...rows, one]))
const move = fc.record({
  who: fc.constantFrom('clara', 'clara', 'colin'),
  account: fc.constantFrom(...known),
  set: fc.record({ creditLimit: fc.constantFrom('100', '90000'), paymentTerms: fc.constantFrom('Net30', 'Net90') }),
  then: fc.constantFrom('leave', 'submit', 'schedule'),
})
type Move = Parameters<Parameters<typeof move.map>[0]>[0]

/** Somebody edits a customer; what cannot be done does not matter. */
const moved = async (m: Move, account: string): Promise<void> => {
  const viewer = await as(m.who)
  try {
    const { proposalId } = await updateCustomer(app, viewer, { company: 'USMF', account, set: { ...m.set } })
    if (proposalId === null || m.then === 'leave') return
    const effectiveAt = new Date(Date.now() + days(2)).toISOString()
    if (m.then === 'schedule') await scheduleProposal(app, viewer, { companyId, proposalId, effectiveAt })
    await submitProposal(app, viewer, { companyId, proposalId })
    if (m.then === 'schedule') await services.approved('colin', proposalId)
  } catch (error) {
    // A locked proposal, an edit that takes back its own, nobody to approve it: part of the game.
    if (!(error instanceof DomainError)) throw error
  }
}

/** Without what is new with each import, and without the proposals that it makes. */
const comparable = ({ row: number, account: of, outcome, written, proposed, errors }: ListedResult) => ({
  row: number,
  of,
  outcome,
  written,
  proposed,
  errors,
})
/** What there is of customers, proposals and the log. */
const footprint = () =>
  db.execute(sql`
    select (select count(*)::int from events) as events, (select count(*)::int from direct_writes) as direct,
      (select array_agg(array[account, version::text] order by account) from customers) as customers,
      (select array_agg(array[id::text, version::text, status] order by id) from proposals) as proposals`)
const versions = () =>
  db.execute(sql`select account, version from customers where company_id = ${companyId} order by account`)

const seen = new Set<string>()

let round = 0
test('a plan writes nothing and says what its commit does, and the same file comes to nothing the second time', async () => {
  await fc.assert(
    fc.asyncProperty(
      file,
      fc.array(move, { minLength: 4, maxLength: 7 }),
      fc.oneof(
        { weight: 3, arbitrary: fc.constant<EntityBehavior>('CREATE_CHANGE_PROPOSALS') },
        { weight: 2, arbitrary: fc.constantFrom<EntityBehavior>(...entityBehaviors) },
      ),
      mostly([true], false),
      fc.constantFrom('clara', 'colin'),
      async (rows, moves, entityBehavior, autoSubmit, who) => {
        const first = 21 + ((round * known.length) % 120)
        round += 1
        // Customers of a round are its own, the new ones too.
        const own = (account: string): string =>
          account.startsWith('N-')
            ? `${account}-${round}`
            : account.startsWith('K-')
              ? `US-${String(first + Number(account.slice(2))).padStart(3, '0')}`
              : account
        for (const m of moves) await moved(m, own(m.account))
        await setApprovalParameters(app, adam, { company: 'USMF', entityBehavior, autoSubmit })
        const sent = rows.map(({ account, set: given, bankAccounts: banks, echo }): ImportRow => {
          const said = echo ? moves.find((m) => m.account === account)?.set : undefined
          const { invoiceAccount, ...rest } = given
          const values = said ?? {
            ...rest,
            ...(invoiceAccount !== undefined && { invoiceAccount: own(invoiceAccount) }),
          }
          return { account: own(account), set: values, ...(banks && said === undefined && { bankAccounts: banks }) }
        })
        const viewer = await as(who)
        const before = await footprint()
        const key = await upload(app, viewer, sent)
        await run(app, key)
        const planned = await resultsOf(app, key)
        expect(await footprint()).toEqual(before)
        const job = await commit(app, viewer, key)
        const came = await resultsOf(app, key)
        expect(came.map(comparable)).toEqual(planned.map(comparable))
        expect(job.status).toBe('DONE')
        const counts = Object.values(job.counts).reduce((sum, n) => sum + n, 0)
        expect(counts).toBe(rows.length)
        for (const { outcome } of came) seen.add(outcome)

        const after = await versions()
        const again = await upload(app, viewer, sent)
        await run(app, again)
        const plannedAgain = await resultsOf(app, again)
        await commit(app, viewer, again)
        const cameAgain = await resultsOf(app, again)
        expect(cameAgain.map(comparable)).toEqual(plannedAgain.map(comparable))
        expect(cameAgain.filter(({ outcome }) => outcome === 'CREATED' || outcome === 'UPDATED')).toEqual([])
        // What is proposed a second time is what could not be submitted, or was closed in between, the first time.
        expect(await versions()).toEqual(after)
      },
    ),
    // What is smaller would meet other customers and proposals.
    { numRuns: runs, endOnFailure: true },
  )
  // Files in which nothing comes of most rows would say little.
  if (runs >= 10) expect(seen.size).toBeGreaterThan(4)
  expect(await findFlaw(db, companyId)).toBeNull()
}, 60_000)
