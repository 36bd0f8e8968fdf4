// One request's reads, batched: whatever a page asks of its rows is a fixed, small number of statements.
import DataLoader from 'dataloader'
import type { StoodCustomer } from '../domain/as-of.ts'
import type { Company } from '../domain/company.ts'
import type { Customer } from '../domain/customer.ts'
import type { LoggedEvent } from '../domain/log.ts'
import type { Change, Comment, Decision, Proposal, Run, WorkItem } from '../domain/proposal.ts'
import type { WorkflowVersion } from '../domain/workflow/workflow.ts'
import type { App, Viewer } from '../services/app.ts'
import { recordsAsOf } from '../services/as-of.ts'
import type { Children } from '../store/children.ts'
import { loadChildren, loadCustomerHeads, loadCustomers, type CustomerHead } from '../store/customers.ts'
import { findEvents } from '../store/events.ts'
import { findCustomerIds } from '../store/lists.ts'
import { keyText, type Key } from '../store/prepared.ts'
import {
  loadChanges,
  loadComments,
  loadDecisions,
  loadOpenProposalHeads,
  loadProposalHeads,
  loadProposals,
  loadRuns,
  loadScheduledHeads,
  loadWorkItems,
  type ProposalHead,
} from '../store/proposals.ts'
import type { Soon } from './soon.ts'
import { listVersions } from '../store/workflows.ts'

/**
 * What has been read before in this request is there at once, without a promise: an answer has hundreds of fields, and a
 * promise for each costs more than reading what they show.
 */
export type Loader<T> = { load(key: string): Soon<T>; prime(key: string, value: T): void }

const loaderOf = <T extends object | null>(read: (keys: readonly string[]) => Promise<readonly T[]>): Loader<T> => {
  const known = new Map<string, T>()
  const batched = new DataLoader<string, T>(
    async (keys) => {
      const found = await read(keys)
      for (const [n, key] of keys.entries()) known.set(key, found[n] as T)
      return found
    },
    { maxBatchSize: 1000 },
  )
  return {
    load: (key) => {
      const value = known.get(key)
      return value === undefined ? batched.load(key) : value
    },
    prime: (key, value) => void known.set(key, value),
  }
}

/** All keys are `keyText(companyId, id)`; of what belongs to a customer or proposal, that one's. */
export type Loaders = {
  /** By the company's id alone. */
  readonly company: Loader<Company | null>
  readonly customer: Loader<CustomerHead | null>
  /** The second part of the key is the account. */
  readonly customerByAccount: Loader<CustomerHead | null>
  readonly children: Loader<Children>
  readonly wholeCustomer: Loader<Customer | null>
  /** The second part of the key is the customer's id and the moment, with a blank between. */
  readonly asOf: Loader<StoodCustomer | null>
  readonly proposal: Loader<ProposalHead | null>
  /** Of a customer. */
  readonly openProposal: Loader<ProposalHead | null>
  /** Of a customer: approved ones that wait for their time, the earliest first. */
  readonly scheduledProposals: Loader<readonly ProposalHead[]>
  readonly wholeProposal: Loader<Proposal | null>
  readonly changes: Loader<readonly Change[]>
  readonly runs: Loader<readonly Run[]>
  readonly items: Loader<readonly WorkItem[]>
  readonly decisions: Loader<readonly Decision[]>
  readonly comments: Loader<readonly Comment[]>
  /** Of a workflow, the newest first. */
  readonly versions: Loader<readonly WorkflowVersion[]>
  readonly event: Loader<LoggedEvent | null>
}

/** An account may hold anything, a colon too; ids hold none. */
const keyOf = (text: string): Key => {
  const colon = text.indexOf(':')
  return { companyId: text.slice(0, colon), id: text.slice(colon + 1) }
}

/** `viewer`: who has been read for this very request, and with them which version of the set-up their companies have. */
export const createLoaders = ({ db, setup }: Pick<App, 'db' | 'setup'>, viewer: Viewer | null = null): Loaders => {
  const loader = <T extends object | null>(read: (keys: readonly Key[]) => Promise<readonly T[]>): Loader<T> =>
    loaderOf((texts) => read(texts.map(keyOf)))
  const customer = loader((keys) => loadCustomerHeads(db, keys))
  const proposal = loader((keys) => loadProposalHeads(db, keys))
  return {
    company: loaderOf((ids) =>
      Promise.all(ids.map((id) => setup.company(db, id, viewer?.memberships.get(id)?.setupVersion))),
    ),
    customer,
    proposal,
    customerByAccount: loaderOf(async (texts) => {
      const ids = await findCustomerIds(db, texts.map(keyOf))
      return Promise.all(
        ids.map(async (id, n) => (id === null ? null : customer.load(keyText(keyOf(texts[n] ?? '').companyId, id)))),
      )
    }),
    children: loader((keys) => loadChildren(db, keys)),
    wholeCustomer: loader((keys) => loadCustomers(db, keys)),
    asOf: loader((keys) =>
      recordsAsOf(
        db,
        keys.map(({ companyId, id: asked }) => {
          const [id = '', at = ''] = asked.split(' ')
          return { companyId, id, at }
        }),
      ),
    ),
    openProposal: loader(async (keys) => {
      const heads = await loadOpenProposalHeads(db, keys)
      for (const head of heads) if (head !== null) proposal.prime(keyText(head.companyId, head.id), head)
      return heads
    }),
    scheduledProposals: loader(async (keys) => {
      const lists = await loadScheduledHeads(db, keys)
      for (const head of lists.flat()) proposal.prime(keyText(head.companyId, head.id), head)
      return lists
    }),
    wholeProposal: loader((keys) => loadProposals(db, keys)),
    changes: loader((keys) => loadChanges(db, keys)),
    runs: loader((keys) => loadRuns(db, keys)),
    items: loader((keys) => loadWorkItems(db, keys)),
    decisions: loader((keys) => loadDecisions(db, keys)),
    comments: loader((keys) => loadComments(db, keys)),
    versions: loader((keys) => Promise.all(keys.map(({ companyId, id }) => listVersions(db, companyId, id)))),
    event: loader(async (keys) => {
      const byCompany = Map.groupBy(keys, ({ companyId }) => companyId)
      const found = await Promise.all(
        [...byCompany].map(([companyId, own]) =>
          findEvents(
            db,
            companyId,
            own.map(({ id }) => id),
          ),
        ),
      )
      const events = new Map(found.flat().map((event) => [keyText(event.companyId, event.id), event]))
      return keys.map(({ companyId, id }) => events.get(keyText(companyId, id)) ?? null)
    }),
  }
}
