// Reading what the rules say about a customer, a proposal or an item for one viewer: actions, route, blockers, conflicts.
import type { Reader } from '../db/connect.ts'
import { customerActions, itemActions, proposalActions, type AvailableAction } from '../domain/actions.ts'
import type { Company } from '../domain/company.ts'
import type { Customer } from '../domain/customer.ts'
import { hasRole, type Person } from '../domain/directory.ts'
import { whenDue } from '../domain/due.ts'
import { blockersOf, routeNow, type Blocker } from '../domain/explain.ts'
import type { Asking } from '../domain/permit.ts'
import { sittingAt } from '../domain/permit-item.ts'
import type { Proposal, WorkItem } from '../domain/proposal.ts'
import type { Context, State } from '../domain/state.ts'
import type { RouteElement } from '../domain/workflow/route.ts'
import type { App, Viewer } from './app.ts'
import { contextOf } from './loading.ts'

const contexts = new WeakMap<Viewer, WeakMap<Proposal, Promise<Context>>>()

/** What is needed to explain something to somebody: null when they are no member. */
const asking = async (
  app: App,
  reader: Reader,
  viewer: Viewer,
  company: Company,
  state: State,
  others: Others,
): Promise<(Omit<Context, 'others'> & Asking) | null> => {
  const actor = company.directory.people.get(viewer.userId)
  if (actor === undefined || !viewer.memberships.has(company.id)) return null
  const read = () => contextOf(app, reader, { company, actor, now: app.clock().toISOString() }, state)
  if (state.proposal === null) return { ...(await read()), others }
  // Every item of a list asks for it: what one proposal is looked at against is read once, as long as nobody reads the proposal anew.
  const own = contexts.get(viewer) ?? new WeakMap<Proposal, Promise<Context>>()
  contexts.set(viewer, own)
  const known = own.get(state.proposal) ?? read()
  own.set(state.proposal, known)
  return { ...(await known), others }
}

/** The customer's other proposals that are not closed, as far as rules look at them. */
export type Others = Asking['others']

export const actionsOfCustomer = async (
  app: App,
  viewer: Viewer,
  company: Company,
  customer: Customer,
  proposal: Proposal | null,
): Promise<AvailableAction[]> => {
  const ctx = await asking(app, app.db, viewer, company, { customer, proposal }, [])
  return ctx === null ? [] : customerActions(ctx, proposal)
}

export const actionsOfProposal = async (
  app: App,
  viewer: Viewer,
  company: Company,
  customer: Customer,
  proposal: Proposal,
  others: Others,
): Promise<AvailableAction[]> => {
  const ctx = await asking(app, app.db, viewer, company, { customer, proposal }, others)
  return ctx === null ? [] : proposalActions(ctx, proposal)
}

export const actionsOfItem = async (
  app: App,
  viewer: Viewer,
  company: Company,
  customer: Customer,
  proposal: Proposal,
  item: WorkItem,
  others: Others,
): Promise<AvailableAction[]> => {
  const ctx = await asking(app, app.db, viewer, company, { customer, proposal }, others)
  return ctx === null ? [] : itemActions(ctx, proposal, item)
}

/** What stands between a proposal and its end, now. */
export const blockersOfProposal = async (
  app: App,
  viewer: Viewer,
  company: Company,
  customer: Customer,
  proposal: Proposal,
  others: Others,
): Promise<Blocker[]> => {
  const ctx = await asking(app, app.db, viewer, company, { customer, proposal }, others)
  return ctx === null ? [] : blockersOf({ customer, proposal }, ctx)
}

/** Who sits at an item now, and what happens when its time runs out. */
export const seatOfItem = async (
  app: App,
  viewer: Viewer,
  company: Company,
  customer: Customer,
  proposal: Proposal,
  item: WorkItem,
): Promise<{ readonly standInId: string | null; readonly whenDue: string | null }> => {
  const ctx = await asking(app, app.db, viewer, company, { customer, proposal }, [])
  if (ctx === null) return { standInId: null, whenDue: null }
  return {
    standInId: item.status === 'OPEN' ? sittingAt(ctx, proposal, item).standInId : null,
    whenDue: whenDue(ctx, proposal, item),
  }
}

/** The open items at which the viewer sits now in the place of somebody who is away. */
export const seatsStoodIn = async (
  app: App,
  viewer: Viewer,
  company: Company,
  customer: Customer,
  proposal: Proposal,
): Promise<WorkItem[]> => {
  const ctx = await asking(app, app.db, viewer, company, { customer, proposal }, [])
  if (ctx === null) return []
  return proposal.items.filter(
    (item) => item.status === 'OPEN' && sittingAt(ctx, proposal, item).standInId === viewer.userId,
  )
}

/** Before a submit the route is shown as for somebody who could submit: the viewer, else whoever made the proposal. */
const submitter = (company: Company, viewer: Viewer, proposal: Proposal): Person | undefined => {
  const own = company.directory.people.get(viewer.userId)
  return hasRole(own, 'CLERK', 'INTEGRATION') ? own : company.directory.people.get(proposal.createdById)
}

/** The route; null when none can be told (no workflow, or what was discarded before a submit). */
export const routeOfProposal = async (
  app: App,
  viewer: Viewer,
  company: Company,
  customer: Customer,
  proposal: Proposal,
): Promise<RouteElement[] | null> => {
  const actor = submitter(company, viewer, proposal)
  if (actor === undefined) return null
  const ctx = await contextOf(app, app.db, { company, actor, now: app.clock().toISOString() }, { customer, proposal })
  return routeNow({ customer, proposal }, ctx)
}
