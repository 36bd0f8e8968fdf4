// The services over a database with the demo world: no server, no jobs, and a clock that a test moves.
import { afterAll } from 'vitest'
import { demoIssuer } from '../../server/auth/demo.ts'
import { connect, type Connection, type Db } from '../../server/db/connect.ts'
import type { Proposal } from '../../server/domain/proposal.ts'
import { alone } from '../../server/services/alone.ts'
import type { App, Viewer } from '../../server/services/app.ts'
import { updateCustomer } from '../../server/services/customers.ts'
import { scheduleProposal, submitProposal } from '../../server/services/proposals.ts'
import { createSetupCache } from '../../server/services/setup-cache.ts'
import { accountLookup, viewerOf } from '../../server/services/viewer.ts'
import { approve } from '../../server/services/work-items.ts'
import { saveWorkflow } from '../../server/services/workflows.ts'
import { findCompanyByCode } from '../../server/store/companies.ts'
import { loadProposal } from '../../server/store/proposals.ts'
import { createTestDatabase } from './postgres.ts'

export const minutes = (n: number): number => n * 60_000
export const days = (n: number): number => n * minutes(24 * 60)

/** One process's view of it: a pool, a set-up cache and a clock of its own. */
export type Process = { readonly app: App; readonly statements: string[] }

export type Services = Process & {
  readonly db: Db
  readonly url: string
  readonly companyId: string
  /** How far the clock of every process is ahead of the real one, in milliseconds. */
  readonly time: { ahead: number }
  /** Another process on the same database, whose clock is so far off. */
  readonly another: (offMs?: number) => Process
  /** A demo user with their memberships as of now. */
  readonly as: (user: string) => Promise<Viewer>
  readonly idOf: (user: string) => Promise<string>
  /** What is submitted from now on runs this, in the shape of WorkflowDefinitionInput. */
  readonly runs: (elements: readonly object[]) => Promise<void>
  /** Proposes an edit of an account of USMF and submits it; answers the proposal's id. */
  readonly submitted: (user: string, account: string, set: object, effectiveAt?: string) => Promise<string>
  readonly proposal: (id: string) => Promise<Proposal>
  /** The open items of a person on a proposal are approved. */
  readonly approved: (user: string, proposalId: string) => Promise<void>
}

/** Call it at the top of a test file; everything is closed when the file is done. */
export const startServices = async (): Promise<Services> => {
  const { url } = await createTestDatabase({ demo: true })
  const time = { ahead: 0 }
  const pools: Connection[] = []
  afterAll(async () => {
    await Promise.all(pools.map((pool) => pool.close()))
  })
  const another = (offMs = 0): Process & { db: Db } => {
    const connection = connect(url)
    pools.push(connection)
    const statements: string[] = []
    connection.sql.options.debug = (_: number, statement: string) => void statements.push(statement)
    const clock = (): Date => new Date(Date.now() + time.ahead + offMs)
    const app = { db: connection.db, clock, setup: createSetupCache(), ...alone }
    return { app, db: connection.db, statements }
  }
  const { app, db, statements } = another()
  const company = await findCompanyByCode(db, 'USMF')
  if (company === null) throw new Error('the demo world has no USMF')
  const companyId = company.id
  const accountOf = async (user: string) => {
    const account = await accountLookup(db).userBySubject(demoIssuer, user)
    if (account === null) throw new Error(`there is no demo user ${user}`)
    return account
  }
  const as = async (user: string): Promise<Viewer> => viewerOf(db, await accountOf(user), null)
  const proposal = async (id: string): Promise<Proposal> => {
    const found = await loadProposal(db, companyId, id)
    if (found === null) throw new Error('no such proposal')
    return found
  }
  return {
    ...{ app, db, url, companyId, time, statements, another, as, proposal },
    idOf: async (user) => (await accountOf(user)).user.id,
    async runs(elements) {
      const known = (await app.setup.company(db, companyId))?.workflows.find((w) => w.isDefault)
      const input = { company: 'USMF', name: known?.name ?? 'Default', definition: { elements } }
      await saveWorkflow(app, await as('adam'), { ...input, workflowId: known?.id ?? null, activate: true })
    },
    async submitted(user, account, set, effectiveAt) {
      const viewer = await as(user)
      const { proposalId } = await updateCustomer(app, viewer, { company: 'USMF', account, set: { ...set } })
      if (proposalId === null) throw new Error(`nothing was proposed for ${account}`)
      if (effectiveAt !== undefined) await scheduleProposal(app, viewer, { companyId, proposalId, effectiveAt })
      await submitProposal(app, viewer, { companyId, proposalId })
      return proposalId
    },
    proposal,
    async approved(user, proposalId) {
      const viewer = await as(user)
      const { items, revision } = await proposal(proposalId)
      const mine = items.filter((item) => item.status === 'OPEN' && item.assigneeId === viewer.userId)
      for (const { id: workItemId } of mine) await approve(app, viewer, { companyId, workItemId, revision })
    },
  }
}
