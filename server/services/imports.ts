// Imports of up to 500 rows in one call. The planner decides each row; a dry run shows the plan, a real one carries it out.
import type { Reader } from '../db/connect.ts'
import type { Company } from '../domain/company.ts'
import type { Person } from '../domain/directory.ts'
import { DomainError, invalid } from '../domain/errors.ts'
import type { DomainEvent } from '../domain/events.ts'
import { planRows, type ImportRow, type RowPlan } from '../domain/import.ts'
import { mayEdit } from '../domain/permit.ts'
import type { Proposal } from '../domain/proposal.ts'
import type { Context, State } from '../domain/state.ts'
import { findAccounts, insertCustomer, insertDirectWrite, loadCustomersByAccount } from '../store/customers.ts'
import { lockAccounts } from '../store/customer-locks.ts'
import { StaleWrite } from '../store/errors.ts'
import { newId } from '../store/ids.ts'
import { loadOpenProposalHeads, loadProposals, loadScheduledHeads } from '../store/proposals.ts'
import type { App, Viewer } from './app.ts'
import { command, companyIdByCode, newSalt, notFound, type Replayed, type Scope } from './command.ts'
import { modeOf } from './customers.ts'
import { saveState } from './loading.ts'

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
}
export type ImportAnswer = { readonly companyId: string; readonly rows: readonly RowResult[] } & Replayed

const maxRows = 500

type Who = { readonly company: Company; readonly actor: Person; readonly now: string }

/** The customers of the rows with their open proposals, by account: a fixed number of statements. */
const loadStates = async (
  reader: Reader,
  companyId: string,
  rows: readonly ImportRow[],
): Promise<Map<string, State>> => {
  const customers = await loadCustomersByAccount(
    reader,
    companyId,
    rows.map((r) => r.account),
  )
  const list = [...customers.values()]
  const heads = await loadOpenProposalHeads(
    reader,
    list.map(({ id }) => ({ companyId, id })),
  )
  const open = heads.filter((h) => h !== null)
  const proposals = new Map(
    (
      await loadProposals(
        reader,
        open.map(({ id }) => ({ companyId, id })),
      )
    )
      .filter((p) => p !== null)
      .map((p) => [p.customerId, p]),
  )
  return new Map(list.map((customer) => [customer.account, { customer, proposal: proposals.get(customer.id) ?? null }]))
}

/** Proposals of these customers that wait for their time, by customer. */
const loadScheduled = async (
  reader: Reader,
  companyId: string,
  states: ReadonlyMap<string, State>,
): Promise<ReadonlyMap<string, readonly Proposal[]>> => {
  const keys = [...states.values()].map(({ customer }) => ({ companyId, id: customer.id }))
  const heads = (await loadScheduledHeads(reader, keys)).flat()
  if (heads.length === 0) return new Map()
  const whole = await loadProposals(reader, heads)
  return Map.groupBy(
    whole.filter((p) => p !== null),
    (p) => p.customerId,
  )
}

const contextFor = async (
  reader: Reader,
  who: Who,
  rows: readonly ImportRow[],
  states: ReadonlyMap<string, State>,
): Promise<Context> => {
  const pending = [...states.values()].flatMap(({ proposal }) => proposal?.changes ?? [])
  const named = [
    ...rows.map((r) => r.set?.invoiceAccount),
    ...pending.filter((c) => c.field === 'invoiceAccount').map((c) => c.proposed),
  ].filter((a): a is string => typeof a === 'string')
  const active = who.company.workflows.flatMap((w) => w.activeVersion ?? [])
  return {
    ...who,
    newId,
    newSalt,
    accounts:
      named.length === 0
        ? new Set()
        : await findAccounts(
            reader,
            who.company.id,
            named.map((a) => a.trim()),
          ),
    others: [],
    sameTaxNumber: [],
    runnable: (workflowId, version) => active.find((v) => v.workflowId === workflowId && v.version === version),
  }
}

const plan = async (
  reader: Reader,
  who: Who,
  input: ImportInput,
): Promise<{ states: Map<string, State>; plans: RowPlan[] }> => {
  const states = await loadStates(reader, who.company.id, input.rows)
  const scheduled = await loadScheduled(reader, who.company.id, states)
  const ctx = await contextFor(reader, who, input.rows, states)
  const mode = modeOf(who.company.parameters)
  return { states, plans: planRows(input.rows, states, mode, ctx, (id) => scheduled.get(id) ?? []) }
}

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

/** Carries one row out; its events are left to be appended with those of the others. */
const carryOut = async (
  { tx, company, actor }: Scope,
  state: State | undefined,
  row: RowPlan,
): Promise<readonly DomainEvent[]> => {
  if (row.next === null) return []
  if ('created' in row.next) {
    await insertCustomer(tx, row.next.created).catch((error: unknown) => {
      // Somebody else has created it since: the whole call is planned again.
      throw error instanceof DomainError && error.code === 'ALREADY_EXISTS' ? new StaleWrite('customers') : error
    })
    return row.events
  }
  if (state === undefined) throw new Error('A row without a customer has been planned as an update')
  if (row.direct)
    await insertDirectWrite(tx, {
      companyId: company.id,
      customerId: state.customer.id,
      actorId: actor.id,
      kind: 'IMPORT',
    })
  await saveState(tx, state, row.next.state)
  return row.events.map((e) => ({ customerId: state.customer.id, ...e }))
}

const count = (plans: readonly RowPlan[]): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const { outcome } of plans) counts[outcome] = (counts[outcome] ?? 0) + 1
  return counts
}

/**
 * Imports rows, all in one transaction, one outcome each. What is wrong with a row is in its errors and does not stop the others.
 * Errors of the call: LIMIT_EXCEEDED, NOT_PERMITTED, NOT_FOUND (company).
 */
export const importCustomers = async (app: App, viewer: Viewer, input: ImportInput): Promise<ImportAnswer> => {
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
    const { states, plans } = await plan(app.db, { company, actor, now: app.clock().toISOString() }, input)
    // Ids of what would be made mean nothing to anybody.
    const isThere = ({ account, proposalId }: RowResult) => proposalId === states.get(account)?.proposal?.id
    return { companyId, rows: results(input, plans).map((r) => (isThere(r) ? r : { ...r, proposalId: null })) }
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
      const { states, plans } = await plan(scope.tx, scope, input)
      const events: DomainEvent[] = [
        { type: 'ImportStarted', data: { rows: input.rows.length, behavior: scope.company.parameters.entityBehavior } },
      ]
      for (const [i, row] of plans.entries())
        events.push(...(await carryOut(scope, states.get(input.rows[i]?.account ?? ''), row)))
      events.push({ type: 'ImportFinished', data: { rows: input.rows.length, counts: count(plans) } })
      await scope.append(events)
      return { companyId, rows: results(input, plans) }
    },
  )
}
