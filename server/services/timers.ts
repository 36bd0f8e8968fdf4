// Time as a party of its own: what has fallen due is given to the same rules as everything else (DOMAIN section 10).
import { decide } from '../domain/decide.ts'
import { systemActor } from '../domain/directory.ts'
import { appendEvents } from '../store/events.ts'
import { isAnythingDue, lockDue } from '../store/due.ts'
import type { App } from './app.ts'
import { unwrap } from './command.ts'
import { contextOf, lockProposal, saveState } from './loading.ts'

type Took = { readonly proposalId: string; readonly acted: boolean }

/** Takes up the one proposal that has been due longest, in a transaction of its own; null: nothing is left to take up. */
const takeUp = async (app: App, but: readonly string[]): Promise<Took | null> => {
  let failing: string | undefined
  try {
    return await app.db.transaction(async (tx) => {
      const now = app.clock().toISOString()
      const due = await lockDue(tx, now, but)
      if (due === null) return null
      failing = due.proposalId
      const company = await app.setup.company(tx, due.companyId)
      if (company === null) throw new Error('A proposal without its company')
      const { state: before, others } = await lockProposal({ tx, company }, due.proposalId)
      const ctx = await contextOf(app, tx, { company, actor: systemActor, now }, before, [], others)
      const { state, events } = unwrap(decide(before, { kind: 'TIME' }, ctx))
      await saveState(tx, before, state)
      const ofCustomer = events.map((e) => ({ customerId: before.customer.id, ...e }))
      await appendEvents(tx, { companyId: company.id, actorId: null, at: now }, ofCustomer)
      return { proposalId: due.proposalId, acted: state.proposal !== before.proposal }
    })
  } catch (error) {
    throw failing === undefined ? error : new SweepError(failing, error)
  }
}

/** What stopped one proposal; the sweep goes on with the others. */
class SweepError extends Error {
  readonly proposalId: string
  constructor(proposalId: string, cause: unknown) {
    super('A proposal that is due could not be taken up', { cause })
    this.proposalId = proposalId
  }
}

export type Swept = { readonly acted: number; readonly failures: readonly Error[] }

/**
 * Lets everything act that is due now, each proposal in its own transaction. Any number of processes may do so at once: a proposal that
 * another one has in hand is passed by, and one that has acted is not due any more.
 */
export const sweep = async (app: App): Promise<Swept> => {
  const failures: Error[] = []
  const done: string[] = []
  let acted = 0
  if (!(await isAnythingDue(app.db, app.clock().toISOString()))) return { acted, failures }
  for (;;) {
    try {
      const took = await takeUp(app, done)
      if (took === null) break
      if (took.acted) acted += 1
      else done.push(took.proposalId)
    } catch (error) {
      if (!(error instanceof SweepError)) throw error
      failures.push(error)
      done.push(error.proposalId)
    }
  }
  if (acted > 0) app.wake()
  return { acted, failures }
}
