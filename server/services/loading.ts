// Loading what a command is decided on, locked in the one order that everybody keeps: customer, then proposal, then items.
import type { Reader } from '../db/connect.ts'
import type { Company } from '../domain/company.ts'
import type { Person } from '../domain/directory.ts'
import { liveChanges, type Proposal } from '../domain/proposal.ts'
import { project } from '../domain/record.ts'
import type { Context, State, WithProposal } from '../domain/state.ts'
import { normalTaxNumber } from '../domain/workflow/checks.ts'
import type { RunnableVersion } from '../domain/workflow/workflow.ts'
import { accountsWithTaxNumber, findAccounts, loadCustomer, saveCustomers } from '../store/customers.ts'
import { newId } from '../store/ids.ts'
import { findProposal, loadOpenProposal, loadProposal, loadUnclosed } from '../store/proposals.ts'
import { saveProposals } from '../store/save-proposal.ts'
import type { App } from './app.ts'
import { newSalt, notFound, type Scope } from './command.ts'

/** Accounts that the record, its changes or an edit point to, as far as they exist. */
const knownAccounts = async (
  reader: Reader,
  companyId: string,
  state: State,
  named: readonly unknown[],
): Promise<ReadonlySet<string>> => {
  const changes = state.proposal?.changes.filter((c) => c.field === 'invoiceAccount').map((c) => c.proposed) ?? []
  const wanted = [...named, ...changes].filter((a): a is string => typeof a === 'string').map((a) => a.trim())
  return wanted.length === 0 ? new Set() : findAccounts(reader, companyId, wanted)
}

/** Does a version look for other customers with the same tax number? */
export const looksForTaxNumbers = ({ elements }: RunnableVersion): boolean => {
  for (const element of elements.values())
    if ('automated' in element && element.automated.check === 'DUPLICATE_TAX_NUMBER') return true
  return false
}

const sameTaxNumber = async (
  reader: Reader,
  { customer, proposal }: State,
  versions: Iterable<RunnableVersion>,
): Promise<readonly string[]> => {
  if (proposal === null || ![...versions].some(looksForTaxNumbers)) return []
  const number = project(customer, liveChanges(proposal)).values.taxExemptNumber
  return number === null ? [] : accountsWithTaxNumber(reader, customer, normalTaxNumber(number))
}

/**
 * The context of a decision: the versions that the proposal runs or has last run on are at hand, those of subworkflows too. `others`: the
 * customer's other proposals that are not closed, where they matter. `more`: versions to be at hand that are not active.
 */
export const contextOf = async (
  app: App,
  reader: Reader,
  who: { readonly company: Company; readonly actor: Person; readonly now: string },
  state: State,
  namedAccounts: readonly unknown[] = [],
  others: readonly Proposal[] = [],
  more: readonly RunnableVersion[] = [],
): Promise<Context> => {
  const versions = new Map(more.map((version) => [`${version.workflowId} ${version.version}`, version]))
  const run = state.proposal?.runs.at(-1)
  const wanted = run === undefined ? [] : [[run.workflowId, run.version] as const, ...Object.entries(run.pinned)]
  for (const [workflowId, version] of wanted) {
    const needed = await app.setup.version(reader, who.company, workflowId, version)
    if (needed !== null) versions.set(`${needed.workflowId} ${needed.version}`, needed)
  }
  for (const { activeVersion } of who.company.workflows)
    if (activeVersion !== null) versions.set(`${activeVersion.workflowId} ${activeVersion.version}`, activeVersion)
  return {
    ...who,
    newId,
    newSalt,
    accounts: await knownAccounts(reader, who.company.id, state, namedAccounts),
    others,
    sameTaxNumber: await sameTaxNumber(reader, state, versions.values()),
    runnable: (workflowId, version) => versions.get(`${workflowId} ${version}`),
  }
}

export type Locked<S extends State> = {
  readonly state: S
  /** The customer's other proposals that are not closed. */
  readonly others: readonly Proposal[]
}

/** A customer with its open proposal, locked. Null: there is no such customer. */
export const lockCustomer = async (
  { tx, company }: Pick<Scope, 'tx' | 'company'>,
  account: string,
): Promise<Locked<State> | null> => {
  const customer = await loadCustomer(tx, company.id, { account }, { forUpdate: true })
  if (customer === null) return null
  const proposal = await loadOpenProposal(tx, company.id, customer.id, { forUpdate: true })
  // The lock on the customer keeps these still.
  return { state: { customer, proposal }, others: await loadUnclosed(tx, company.id, customer.id, proposal?.id) }
}

/** A proposal with its customer, locked; throws NOT_FOUND. */
export const lockProposal = async (
  { tx, company }: Pick<Scope, 'tx' | 'company'>,
  proposalId: string,
  at = 'proposalId',
): Promise<Locked<WithProposal>> => {
  const found = await findProposal(tx, company.id, proposalId)
  const customer =
    found === null ? null : await loadCustomer(tx, company.id, { id: found.customerId }, { forUpdate: true })
  const proposal = customer === null ? null : await loadProposal(tx, company.id, proposalId, { forUpdate: true })
  if (customer === null || proposal === null) throw notFound('proposal', at)
  // Others matter only to what waits for its time, and to a new proposal beside an applied one.
  const matters = proposal.status === 'SCHEDULED' || proposal.status === 'APPLIED'
  const others = matters ? await loadUnclosed(tx, company.id, customer.id, proposal.id) : []
  return { state: { customer, proposal }, others }
}

export type SavedState = { readonly before: State; readonly after: State }

/** Saves what differs, the proposals first: the gate looks for them when the customers are written. A fixed number of statements. */
export const saveStates = async (tx: Scope['tx'], all: readonly SavedState[]): Promise<void> => {
  await saveProposals(
    tx,
    all.flatMap(({ before, after }) => {
      const { proposal } = after
      if (proposal === null || proposal === before.proposal) return []
      const known: Proposal | null = before.proposal?.id === proposal.id ? before.proposal : null
      return [{ before: known, after: { ...proposal, version: (known?.version ?? 0) + 1 } }]
    }),
  )
  await saveCustomers(
    tx,
    all.map(({ before, after }) => ({ before: before.customer, after: after.customer })),
  )
}
export const saveState = (tx: Scope['tx'], before: State, after: State): Promise<void> =>
  saveStates(tx, [{ before, after }])
