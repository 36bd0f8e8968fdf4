// Loading what a command is decided on, locked in the one order that everybody keeps: customer, then proposal, then items.
import type { Reader } from '../db/connect.ts'
import type { Company } from '../domain/company.ts'
import type { Customer } from '../domain/customer.ts'
import type { Person } from '../domain/directory.ts'
import type { Proposal } from '../domain/proposal.ts'
import type { Context, State, WithProposal } from '../domain/state.ts'
import type { RunnableVersion } from '../domain/workflow/workflow.ts'
import { findAccounts, loadCustomer, saveCustomer } from '../store/customers.ts'
import { newId } from '../store/ids.ts'
import { findProposal, loadOpenProposal, loadProposal } from '../store/proposals.ts'
import { saveProposal } from '../store/save-proposal.ts'
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

/** The context of a decision: the versions that the proposal runs or has last run on are at hand. */
export const contextOf = async (
  app: App,
  reader: Reader,
  who: { readonly company: Company; readonly actor: Person; readonly now: string },
  state: State,
  namedAccounts: readonly unknown[] = [],
): Promise<Context> => {
  const versions = new Map<string, RunnableVersion>()
  const run = state.proposal?.runs.at(-1)
  const needed = run === undefined ? null : await app.setup.version(reader, who.company, run.workflowId, run.version)
  if (needed !== null) versions.set(`${needed.workflowId} ${needed.version}`, needed)
  for (const { activeVersion } of who.company.workflows)
    if (activeVersion !== null) versions.set(`${activeVersion.workflowId} ${activeVersion.version}`, activeVersion)
  return {
    ...who,
    newId,
    newSalt,
    accounts: await knownAccounts(reader, who.company.id, state, namedAccounts),
    runnable: (workflowId, version) => versions.get(`${workflowId} ${version}`),
  }
}

/** A customer with its open proposal, locked. Null: there is no such customer. */
export const lockCustomer = async (
  { tx, company }: Pick<Scope, 'tx' | 'company'>,
  account: string,
): Promise<State | null> => {
  const customer = await loadCustomer(tx, company.id, { account }, { forUpdate: true })
  if (customer === null) return null
  return { customer, proposal: await loadOpenProposal(tx, company.id, customer.id, { forUpdate: true }) }
}

/** A proposal with its customer, locked; throws NOT_FOUND. */
export const lockProposal = async (
  { tx, company }: Pick<Scope, 'tx' | 'company'>,
  proposalId: string,
  at = 'proposalId',
): Promise<WithProposal> => {
  const found = await findProposal(tx, company.id, proposalId)
  const customer =
    found === null ? null : await loadCustomer(tx, company.id, { id: found.customerId }, { forUpdate: true })
  const proposal = customer === null ? null : await loadProposal(tx, company.id, proposalId, { forUpdate: true })
  if (customer === null || proposal === null) throw notFound('proposal', at)
  return { customer, proposal }
}

/** Saves what differs, the proposal first: the gate looks for it when the customer is written. */
export const saveState = async (tx: Scope['tx'], before: State, after: State): Promise<void> => {
  const proposalBefore: Proposal | null = before.proposal?.id === after.proposal?.id ? before.proposal : null
  if (after.proposal !== null && after.proposal !== before.proposal)
    await saveProposal(tx, proposalBefore, after.proposal)
  const customerBefore: Customer = before.customer
  if (after.customer !== customerBefore) await saveCustomer(tx, customerBefore, after.customer)
}
