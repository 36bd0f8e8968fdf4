// Time as a party of its own: what has fallen due is given to the same rules as everything else (DOMAIN section 10).
import { decide } from '../domain/decide.ts'
import { systemActor } from '../domain/directory.ts'
import { nextDue } from '../domain/due.ts'
import { isBefore } from '../domain/instant.ts'
import { isAnythingDue, lockDue, type Due } from '../store/due.ts'
import { isOutOfReach, isRetryable, StaleWrite } from '../store/errors.ts'
import { appendEvents } from '../store/events.ts'
import type { App } from './app.ts'
import { unwrap } from './command.ts'
import { contextOf, lockProposal, saveState } from './loading.ts'

/** A proposal that could not be taken up, and when (milliseconds since 1970) it is tried again. */
export type Stuck = Pick<Due, 'companyId' | 'proposalId'> & { readonly error: unknown; readonly again: number }
export type Swept = { readonly acted: number; readonly stuck: readonly Stuck[] }

export type Sweep = {
  /** Lets everything act that is due now. `ending`, asked between two proposals, stops it early. */
  readonly run: (ending?: () => boolean) => Promise<Swept>
}

const firstRestMs = 1000
const longestRestMs = 5 * 60 * 1000
const maxAttempts = 4

type Took = { readonly due: Due; readonly acted: boolean; readonly stillDue: boolean }
type Failed = { readonly due: Due; readonly error: unknown }

/** Takes up the one proposal that has been due longest, in a transaction of its own; null: nothing is left to take up. */
const takeUp = async (app: App, but: readonly string[]): Promise<Took | Failed | null> => {
  const taken: { due: Due | null } = { due: null }
  try {
    return await app.db.transaction(async (tx) => {
      const now = app.clock().toISOString()
      const due = await lockDue(tx, now, but)
      if (due === null) return null
      taken.due = due
      const company = await app.setup.company(tx, due.companyId)
      if (company === null) throw new Error('A proposal without its company')
      const { state: before, others } = await lockProposal({ tx, company }, due.proposalId)
      const ctx = await contextOf(app, tx, { company, actor: systemActor, now }, before, [], others)
      const { state, events } = unwrap(decide(before, { kind: 'TIME' }, ctx))
      await saveState(tx, before, state)
      const ofCustomer = events.map((e) => ({ customerId: before.customer.id, ...e }))
      await appendEvents(tx, { companyId: company.id, actorId: null, at: now }, ofCustomer)
      const next = state.proposal === null ? null : nextDue(state.proposal)
      return { due, acted: state.proposal !== before.proposal, stillDue: next !== null && !isBefore(now, next) }
    })
  } catch (error) {
    // Not this proposal's fault: without a database there is nothing to go on with.
    if (taken.due === null || isOutOfReach(error)) throw error
    return { due: taken.due, error }
  }
}

/** What stopped it may be gone the next time, but it must not cost every sweep: it rests twice as long after each failure. */
const createInfirmary = () => {
  const resting = new Map<string, { readonly restMs: number; readonly until: number }>()
  return {
    ids: (now: number): string[] => [...resting].flatMap(([id, { until }]) => (until > now ? [id] : [])),
    failed(id: string, now: number): number {
      const before = resting.get(id)
      const restMs = before === undefined ? firstRestMs : Math.min(before.restMs * 2, longestRestMs)
      resting.set(id, { restMs, until: now + restMs })
      return now + restMs
    },
    /** What was to be tried again by then and has not failed is well, or not due any more. */
    forget(now: number): void {
      for (const [id, { until }] of resting) if (until <= now) resting.delete(id)
    },
  }
}

/**
 * The sweep of one process. Any number of processes may sweep at once: a proposal that another one has in hand is passed by, and one
 * that has acted is not due any more. Each acts in its own transaction; one that fails is left to rest and holds up nobody.
 */
export const createSweep = (app: App): Sweep => {
  const infirmary = createInfirmary()
  return {
    async run(ending = () => false) {
      const start = app.clock()
      const stuck: Stuck[] = []
      const passedBy = infirmary.ids(start.getTime())
      let acted = 0
      let attempts = 0
      const fail = ({ companyId, proposalId }: Due, error: unknown): void => {
        const again = infirmary.failed(proposalId, app.clock().getTime())
        stuck.push({ companyId, proposalId, error, again })
        passedBy.push(proposalId)
      }
      let found = await isAnythingDue(app.db, start.toISOString(), passedBy)
      try {
        while (found && !ending()) {
          const took = await takeUp(app, passedBy)
          if (took === null) {
            found = false
            continue
          }
          if ('error' in took) {
            const another = isRetryable(took.error) || took.error instanceof StaleWrite
            if (another && ++attempts < maxAttempts) continue
            fail(took.due, took.error)
          } else if (took.stillDue && took.acted) {
            // Taken up again at once it would never end.
            fail(took.due, new Error('It is still due after it has acted'))
          } else if (!took.acted) {
            passedBy.push(took.due.proposalId)
          }
          if (!('error' in took) && took.acted) acted += 1
          attempts = 0
        }
      } finally {
        if (acted > 0) app.wake()
      }
      if (!found) infirmary.forget(start.getTime())
      return { acted, stuck }
    },
  }
}
