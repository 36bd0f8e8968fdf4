// One request's reads, batched: whatever a page asks of its rows is a fixed, small number of statements.
import DataLoader from 'dataloader'
import type { StoodCustomer } from '../domain/as-of.ts'
import type { Company } from '../domain/company.ts'
import type { Customer } from '../domain/customer.ts'
import type { ImportJob } from '../domain/import-job.ts'
import type { LoggedEvent } from '../domain/log.ts'
import type { Change, Comment, Decision, Proposal, Run, WorkItem } from '../domain/proposal.ts'
import type { WorkflowVersion } from '../domain/workflow/workflow.ts'
import type { App, Viewer } from '../services/app.ts'
import { recordsAsOf } from '../services/as-of.ts'
import { findWriters } from '../store/as-of.ts'
import type { Children } from '../store/children.ts'
import { loadChildren, loadCustomerHeads, loadCustomers, type CustomerHead } from '../store/customers.ts'
import { findEvents } from '../store/events.ts'
import { loadImportJobs } from '../store/import-jobs.ts'
import { findCustomerIds } from '../store/lists.ts'
import { keyText, type Key } from '../store/prepared.ts'
import { countInQueues, type QueueCounts } from '../store/queue-items.ts'
import {
  loadChanges,
  loadComments,
  loadDecisions,
  loadOpenProposalHeads,
  loadProposalHeads,
  loadProposals,
  loadRuns,
  loadScheduledHeads,
  loadShownChanges,
  loadWorkItems,
  type ProposalHead,
  type ShownChange,
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
  /** The same, as far as mostly shown. */
  readonly shownChanges: Loader<readonly ShownChange[]>
  readonly runs: Loader<readonly Run[]>
  readonly items: Loader<readonly WorkItem[]>
  readonly decisions: Loader<readonly Decision[]>
  readonly comments: Loader<readonly Comment[]>
  /** Of a workflow, the newest first. */
  readonly versions: Loader<readonly WorkflowVersion[]>
  readonly event: Loader<LoggedEvent | null>
  /**
   * The event that wrote a value last. The second part of the key is the customer's id, that of its child record and the field, with
   * blanks between; no record: the customer's own, no field: whatever of the record.
   */
  readonly writer: Loader<LoggedEvent | null>
  readonly importJob: Loader<ImportJob | null>
  readonly inQueue: Loader<QueueCounts>
}

/** An account may hold anything, a colon too; ids hold none. */
const keyOf = (text: string): Key => {
  const colon = text.indexOf(':')
  return { companyId: text.slice(0, colon), id: text.slice(colon + 1) }
}

/** `viewer`: who has been read for this very request, and with them which version of the set-up their companies have. */
export const createLoaders = (app: Pick<App, 'db' | 'setup'>, viewer: Viewer | null = null): Loaders =>
  new RequestLoaders(app, viewer)

/** Each is made when it is first asked for: a request needs few of them, and thousands of readers of streams none. */
class RequestLoaders implements Loaders {
  readonly #app: Pick<App, 'db' | 'setup'>
  readonly #viewer: Viewer | null
  #company?: Loader<Company | null>
  #customer?: Loader<CustomerHead | null>
  #customerByAccount?: Loader<CustomerHead | null>
  #children?: Loader<Children>
  #wholeCustomer?: Loader<Customer | null>
  #asOf?: Loader<StoodCustomer | null>
  #proposal?: Loader<ProposalHead | null>
  #openProposal?: Loader<ProposalHead | null>
  #scheduledProposals?: Loader<readonly ProposalHead[]>
  #wholeProposal?: Loader<Proposal | null>
  #changes?: Loader<readonly Change[]>
  #shownChanges?: Loader<readonly ShownChange[]>
  #runs?: Loader<readonly Run[]>
  #items?: Loader<readonly WorkItem[]>
  #decisions?: Loader<readonly Decision[]>
  #comments?: Loader<readonly Comment[]>
  #versions?: Loader<readonly WorkflowVersion[]>
  #event?: Loader<LoggedEvent | null>
  #writer?: Loader<LoggedEvent | null>
  #importJob?: Loader<ImportJob | null>
  #inQueue?: Loader<QueueCounts>

  constructor(app: Pick<App, 'db' | 'setup'>, viewer: Viewer | null) {
    this.#app = app
    this.#viewer = viewer
  }

  #keyed<T extends object | null>(read: (db: App['db'], keys: readonly Key[]) => Promise<readonly T[]>): Loader<T> {
    return loaderOf((texts) => read(this.#app.db, texts.map(keyOf)))
  }
  #setUp(id: string): Promise<Company | null> {
    const { db, setup } = this.#app
    return setup.company(db, id, this.#viewer?.memberships.get(id)?.setupVersion)
  }
  async #byAccount(texts: readonly string[]): Promise<(CustomerHead | null)[]> {
    const ids = await findCustomerIds(this.#app.db, texts.map(keyOf))
    const load = (id: string, text = '') => this.customer.load(keyText(keyOf(text).companyId, id))
    return Promise.all(ids.map(async (id, n) => (id === null ? null : load(id, texts[n]))))
  }
  /** What was found on the way to something else is not read again by its id. */
  #primed<T extends ProposalHead | null | readonly ProposalHead[]>(found: readonly T[]): readonly T[] {
    for (const head of found.flat() as (ProposalHead | null)[])
      if (head !== null) this.proposal.prime(keyText(head.companyId, head.id), head)
    return found
  }

  get company() {
    return (this.#company ??= loaderOf((ids) => Promise.all(ids.map((id) => this.#setUp(id)))))
  }
  get customer() {
    return (this.#customer ??= this.#keyed(loadCustomerHeads))
  }
  get customerByAccount() {
    return (this.#customerByAccount ??= loaderOf((texts) => this.#byAccount(texts)))
  }
  get children() {
    return (this.#children ??= this.#keyed(loadChildren))
  }
  get wholeCustomer() {
    return (this.#wholeCustomer ??= this.#keyed(loadCustomers))
  }
  get asOf() {
    return (this.#asOf ??= this.#keyed(recordsOf))
  }
  get proposal() {
    return (this.#proposal ??= this.#keyed(loadProposalHeads))
  }
  get openProposal() {
    return (this.#openProposal ??= this.#keyed(async (db, keys) => this.#primed(await loadOpenProposalHeads(db, keys))))
  }
  get scheduledProposals() {
    return (this.#scheduledProposals ??= this.#keyed(async (db, keys) =>
      this.#primed(await loadScheduledHeads(db, keys)),
    ))
  }
  get wholeProposal() {
    return (this.#wholeProposal ??= this.#keyed(loadProposals))
  }
  get changes() {
    return (this.#changes ??= this.#keyed(loadChanges))
  }
  get shownChanges() {
    return (this.#shownChanges ??= this.#keyed(loadShownChanges))
  }
  get runs() {
    return (this.#runs ??= this.#keyed(loadRuns))
  }
  get items() {
    return (this.#items ??= this.#keyed(loadWorkItems))
  }
  get decisions() {
    return (this.#decisions ??= this.#keyed(loadDecisions))
  }
  get comments() {
    return (this.#comments ??= this.#keyed(loadComments))
  }
  get versions() {
    return (this.#versions ??= this.#keyed(versionsOf))
  }
  get importJob() {
    return (this.#importJob ??= this.#keyed(loadImportJobs))
  }
  get inQueue() {
    return (this.#inQueue ??= this.#keyed(countInQueues))
  }
  get event() {
    return (this.#event ??= this.#keyed(eventsOf))
  }
  get writer() {
    return (this.#writer ??= this.#keyed(writersOf))
  }
}

const versionsOf = (db: App['db'], keys: readonly Key[]) =>
  Promise.all(keys.map(({ companyId, id }) => listVersions(db, companyId, id)))

const recordsOf = (db: App['db'], keys: readonly Key[]) =>
  recordsAsOf(
    db,
    keys.map(({ companyId, id: asked }) => {
      const [id = '', at = ''] = asked.split(' ')
      return { companyId, id, at }
    }),
  )

const writersOf = (db: App['db'], keys: readonly Key[]) =>
  findWriters(
    db,
    keys.map(({ companyId, id: place }) => {
      const [id = '', recordId = '', field = ''] = place.split(' ')
      const [record = ''] = field.split('.')
      return {
        companyId,
        id,
        fields: field === '' ? null : [field, record],
        recordId: recordId === '' ? null : recordId,
      }
    }),
  )

const eventsOf = async (db: App['db'], keys: readonly Key[]): Promise<readonly (LoggedEvent | null)[]> => {
  const found = await Promise.all(
    [...Map.groupBy(keys, ({ companyId }) => companyId)].map(([companyId, own]) =>
      findEvents(
        db,
        companyId,
        own.map(({ id }) => id),
      ),
    ),
  )
  const events = new Map(found.flat().map((event) => [keyText(event.companyId, event.id), event]))
  return keys.map(({ companyId, id }) => events.get(keyText(companyId, id)) ?? null)
}
