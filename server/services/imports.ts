// Imports of up to 500 rows in one call. The planner decides each row; a dry run shows the plan, a real one carries it out.
import { normalAccount } from '../domain/create.ts'
import { invalid } from '../domain/errors.ts'
import type { DomainEvent } from '../domain/events.ts'
import type { ImportRow, RowPlan } from '../domain/import.ts'
import { countsOf } from '../domain/import-job.ts'
import { mayEdit } from '../domain/permit.ts'
import { plannedValues, type PlannedValue } from '../domain/planned-values.ts'
import { lockAccounts } from '../store/customer-locks.ts'
import type { App, Viewer } from './app.ts'
import { command, companyIdByCode, notFound, type Replayed } from './command.ts'
import { carryOutRows, eventsOf, planOf } from './import-rows.ts'

export type ImportInput = {
  readonly company: string
  readonly rows: readonly ImportRow[]
  readonly dryRun?: boolean | null
  readonly idempotencyKey?: string | null
}
export type RowResult = Pick<RowPlan, 'outcome' | 'written' | 'proposed' | 'proposalId' | 'errors'> & {
  /** Place in the call, from 1. */
  readonly row: number
  readonly account: string
  /** Of a dry run: what it would write and propose. */
  readonly values?: readonly PlannedValue[]
}
export type ImportAnswer = { readonly companyId: string; readonly rows: readonly RowResult[] } & Replayed

const maxRows = 500

const results = (input: ImportInput, plans: readonly RowPlan[]): RowResult[] =>
  plans.map(({ outcome, written, proposed, proposalId, errors }, i) => ({
    row: i + 1,
    account: input.rows[i]?.account ?? '',
    outcome,
    written,
    proposed,
    proposalId,
    errors: errors.map((e) => ({ ...e, at: ['rows', String(i), ...(e.at ?? [])] })),
  }))

/**
 * Imports rows, all in one transaction, one outcome each. What is wrong with a row is in its errors and does not stop the others.
 * Errors of the call: LIMIT_EXCEEDED, NOT_PERMITTED, NOT_FOUND (company).
 */
export const importCustomers = async (app: App, viewer: Viewer, sent: ImportInput): Promise<ImportAnswer> => {
  const input = { ...sent, rows: sent.rows.map((row) => ({ ...row, account: normalAccount(row.account) })) }
  const companyId = companyIdByCode(viewer, input.company)
  if (input.rows.length > maxRows)
    throw invalid([
      {
        code: 'LIMIT_EXCEEDED',
        message: `One call takes at most ${maxRows} rows; this one has ${input.rows.length}. Send them in several calls.`,
        at: ['rows'],
      },
    ])
  if (input.dryRun === true) {
    const company = await app.setup.company(app.db, companyId)
    const actor = company?.directory.people.get(viewer.userId)
    if (company === null || actor === undefined) throw notFound('company', 'company')
    const refusal = mayEdit({ company, actor })
    if (refusal !== null) throw refusal
    const who = { company, actor, now: app.clock().toISOString() }
    const { states, plans } = await planOf(app.db, who, input.rows, { importId: null })
    const rows = results(input, plans).map((row, i): RowResult => {
      const [state, plan] = [states.get(row.account), plans[i]]
      // Ids of what would be made mean nothing to anybody.
      const proposalId = row.proposalId === state?.proposal?.id ? row.proposalId : null
      return { ...row, proposalId, values: plan === undefined ? [] : plannedValues(plan, state?.customer ?? null) }
    })
    return { companyId, rows }
  }
  return command(
    app,
    viewer,
    { mutation: 'importCustomers', companyId, idempotencyKey: input.idempotencyKey, input },
    async (scope) => {
      const refusal = mayEdit(scope)
      if (refusal !== null) throw refusal
      await lockAccounts(
        scope.tx,
        companyId,
        input.rows.map((r) => r.account),
      )
      const planned = await planOf(scope.tx, scope, input.rows, { importId: null })
      const events: DomainEvent[] = [
        { type: 'ImportStarted', data: { rows: input.rows.length, behavior: scope.company.parameters.entityBehavior } },
      ]
      await carryOutRows(scope, input.rows, planned)
      for (const event of eventsOf(input.rows, planned)) events.push(event)
      events.push({ type: 'ImportFinished', data: { rows: input.rows.length, counts: countsOf(planned.plans) } })
      await scope.append(events)
      return { companyId, rows: results(input, planned.plans) }
    },
  )
}
