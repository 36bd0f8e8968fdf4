// Rows on their way into customers: what they are planned on, read in a fixed number of statements, and carrying a plan out in another
// fixed number. A call of a few hundred rows and a chunk of a large file are the same.
import type { Reader } from '../db/connect.ts'
import type { Company } from '../domain/company.ts'
import { normalAccount } from '../domain/create.ts'
import type { Person } from '../domain/directory.ts'
import { DomainError } from '../domain/errors.ts'
import type { DomainEvent } from '../domain/events.ts'
import { planRows, type ImportRow, type RowPlan, type Surroundings } from '../domain/import.ts'
import type { Proposal } from '../domain/proposal.ts'
import type { Context, State } from '../domain/state.ts'
import { normalTaxNumber } from '../domain/workflow/checks.ts'
import {
  accountsByTaxNumber,
  findAccounts,
  insertCustomers,
  insertDirectWrites,
  loadCustomersByAccount,
} from '../store/customers.ts'
import { StaleWrite } from '../store/errors.ts'
import { newId } from '../store/ids.ts'
import { loadOpenProposalHeads, loadProposals, loadScheduledHeads } from '../store/proposals.ts'
import { newSalt, type Scope } from './command.ts'
import { modeOf } from './customers.ts'
import { looksForTaxNumbers, saveStates } from './loading.ts'

type Who = { readonly company: Company; readonly actor: Person; readonly now: string }

export type Planned = {
  /** The customers that there are, with their open proposals, by account. */
  readonly states: ReadonlyMap<string, State>
  /** One for each row, in order. */
  readonly plans: readonly RowPlan[]
  /** Which unclosed proposals a customer has, and how far each has come; null: none. */
  readonly proposalsMark: (customerId: string) => string | null
}

/** The customers of the rows with their open proposals, by account. */
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
  const loaded =
    open.length === 0
      ? []
      : await loadProposals(
          reader,
          open.map(({ id }) => ({ companyId, id })),
        )
  const proposals = new Map(loaded.filter((p) => p !== null).map((p) => [p.customerId, p]))
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

const isText = (value: unknown): value is string => typeof value === 'string'

/** The tax number that a customer would have: what the row says, else what is there. */
const taxNumberOf = (row: ImportRow, { customer }: State): string | null => {
  const said = row.set?.taxExemptNumber
  const number = isText(said) ? said : customer.values.taxExemptNumber
  return number === null ? null : normalTaxNumber(number)
}

/** Who else has the tax numbers of the rows; read only where a workflow looks for it. */
const loadSameTaxNumbers = async (
  reader: Reader,
  company: Company,
  rows: readonly ImportRow[],
  states: ReadonlyMap<string, State>,
): Promise<ReadonlyMap<string, readonly string[]>> => {
  const versions = company.workflows.flatMap((w) => w.activeVersion ?? [])
  if (!versions.some(looksForTaxNumbers)) return new Map()
  const numbers = rows.flatMap((row) => {
    const state = states.get(row.account)
    return state === undefined ? [] : (taxNumberOf(row, state) ?? [])
  })
  return numbers.length === 0 ? new Map() : accountsByTaxNumber(reader, company.id, numbers)
}

const contextFor = async (
  reader: Reader,
  who: Who,
  rows: readonly ImportRow[],
  states: ReadonlyMap<string, State>,
  known: ReadonlySet<string>,
): Promise<Context> => {
  const pending = [...states.values()].flatMap(({ proposal }) => proposal?.changes ?? [])
  const named = [
    ...rows.map((r) => r.set?.invoiceAccount),
    ...pending.filter((c) => c.field === 'invoiceAccount').map((c) => c.proposed),
  ]
    .filter(isText)
    .map((account) => normalAccount(account.trim()))
  const active = who.company.workflows.flatMap((w) => w.activeVersion ?? [])
  const there = named.length === 0 ? new Set<string>() : await findAccounts(reader, who.company.id, named)
  return {
    ...who,
    newId,
    newSalt,
    accounts: known.size === 0 ? there : there.union(known),
    others: [],
    sameTaxNumber: [],
    runnable: (workflowId, version) => active.find((v) => v.workflowId === workflowId && v.version === version),
  }
}

/** What the company's parameters make of rows. `known`: accounts that will exist, though they are not there yet. */
export const planOf = async (
  reader: Reader,
  who: Who,
  rows: readonly ImportRow[],
  options: { readonly importId: string | null; readonly known?: ReadonlySet<string> },
): Promise<Planned> => {
  const { company } = who
  const states = await loadStates(reader, company.id, rows)
  const scheduled = await loadScheduled(reader, company.id, states)
  const sameNumbers = await loadSameTaxNumbers(reader, company, rows, states)
  const ctx = await contextFor(reader, who, rows, states, options.known ?? new Set())
  const around = (row: ImportRow, state: State): Surroundings => {
    const number = sameNumbers.size === 0 ? null : taxNumberOf(row, state)
    const accounts = number === null ? [] : (sameNumbers.get(number) ?? [])
    return {
      others: scheduled.get(state.customer.id) ?? [],
      sameTaxNumber: accounts.filter((account) => account !== state.customer.account),
    }
  }
  const terms = { mode: modeOf(company.parameters), importId: options.importId }
  const plans = planRows(rows, states, terms, ctx, around)
  const open = new Map([...states.values()].map(({ customer, proposal }) => [customer.id, proposal]))
  return {
    states,
    plans,
    proposalsMark(id) {
      const unclosed = [open.get(id) ?? [], scheduled.get(id) ?? []].flat()
      if (unclosed.length === 0) return null
      return unclosed
        .map((proposal) => `${proposal.id}:${proposal.version}`)
        .sort()
        .join(' ')
    },
  }
}

/** What will have happened when a plan has been carried out, in the order of the rows. */
export const eventsOf = (rows: readonly ImportRow[], { states, plans }: Planned): DomainEvent[] =>
  plans.flatMap(({ next, events }, i) => {
    const customerId = next === null || 'created' in next ? undefined : states.get(rows[i]?.account ?? '')?.customer.id
    return customerId === undefined ? events : events.map((event) => ({ customerId, ...event }))
  })

/** Carries out what was planned on states that are locked; what has happened is for the caller to append. */
export const carryOutRows = async (
  { tx, company, actor }: Pick<Scope, 'tx' | 'company' | 'actor'>,
  rows: readonly ImportRow[],
  { states, plans }: Planned,
): Promise<void> => {
  const created = []
  const direct = []
  const saved = []
  for (const [i, { next, direct: past }] of plans.entries()) {
    if (next === null) continue
    if ('created' in next) {
      created.push(next.created)
      continue
    }
    const before = states.get(rows[i]?.account ?? '')
    if (before === undefined) throw new Error('A row without a customer has been planned as an update')
    const customerId = before.customer.id
    if (past) direct.push({ companyId: company.id, customerId, actorId: actor.id, kind: 'IMPORT' as const })
    saved.push({ before, after: next.state })
  }
  await insertCustomers(tx, created).catch((error: unknown) => {
    // Somebody else has created one since: all of it is planned again.
    throw error instanceof DomainError && error.code === 'ALREADY_EXISTS' ? new StaleWrite('customers') : error
  })
  await insertDirectWrites(tx, direct)
  await saveStates(tx, saved)
}
