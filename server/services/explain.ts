// Reading what the rules say about a customer, a proposal or an item for one viewer: actions, route, blockers, conflicts, previews.
import type { Reader } from '../db/connect.ts'
import { customerActions, itemActions, proposalActions, type AvailableAction } from '../domain/actions.ts'
import type { Company } from '../domain/company.ts'
import type { Customer } from '../domain/customer.ts'
import { hasRole, type Person } from '../domain/directory.ts'
import { whenDue } from '../domain/due.ts'
import { decideEdit, type EditCommand, type RawEdit } from '../domain/edit.ts'
import { DomainError, type Problem } from '../domain/errors.ts'
import { blockersOf, previewSubmit, routeNow, type Blocker, type Preview } from '../domain/explain.ts'
import type { Asking } from '../domain/permit.ts'
import { sittingAt } from '../domain/permit-item.ts'
import { isOpen, type Proposal, type WorkItem } from '../domain/proposal.ts'
import { project } from '../domain/record.ts'
import type { Context, State } from '../domain/state.ts'
import { maskNamed, readsSensitive, sensitivePlace, whyNotTried, withoutSensitive } from '../domain/visibility.ts'
import { compileCondition } from '../domain/workflow/conditions.ts'
import { groupsOf } from '../domain/workflow/eligibility.ts'
import type { RouteElement } from '../domain/workflow/route.ts'
import { loadCustomer } from '../store/customers.ts'
import { loadOpenProposal, loadUnclosed } from '../store/proposals.ts'
import type { App, Viewer } from './app.ts'
import { companyIdByCode, notFound, unwrap } from './command.ts'
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

export type PreviewInput = { readonly company: string; readonly account: string } & RawEdit
export type Previewed = Preview & {
  readonly company: Company
  readonly customer: Customer
  readonly proposal: Proposal | null
}

const editOf = (input: RawEdit): EditCommand => ({
  edit: input,
  expectedVersion: null,
  reason: null,
  creditCheck: null,
  source: 'PERSON',
  mode: 'PROPOSE',
  importId: null,
})

const readState = async (app: App, viewer: Viewer, input: PreviewInput): Promise<{ ctx: Context; state: State }> => {
  const companyId = companyIdByCode(viewer, input.company)
  const company = await app.setup.company(app.db, companyId)
  const customer = company === null ? null : await loadCustomer(app.db, companyId, { account: input.account })
  if (company === null || customer === null) throw notFound('customer', 'account')
  const state: State = { customer, proposal: await loadOpenProposal(app.db, companyId, customer.id) }
  const actor = company.directory.people.get(viewer.userId)
  if (actor === undefined) throw notFound('company', 'company')
  return {
    ctx: await contextOf(
      app,
      app.db,
      { company, actor, now: app.clock().toISOString() },
      state,
      [input.set?.invoiceAccount],
      await loadUnclosed(app.db, companyId, customer.id, state.proposal?.id),
    ),
    state,
  }
}

const problemsOf = (error: DomainError): Problem[] => [
  ...(error.detail.problems ?? [{ code: error.code, message: error.message, ...(error.at && { at: error.at }) }]),
]

/** Who would be asked, and what stands in the way, of the open proposal with the given edits on top. Writes nothing. */
export const previewSubmission = async (app: App, viewer: Viewer, input: PreviewInput): Promise<Previewed> => {
  const { ctx, state } = await readState(app, viewer, input)
  const nothing = {
    workflow: null,
    route: [],
    blockers: [],
    company: ctx.company,
    customer: state.customer,
    proposal: state.proposal,
  }
  const edited = decideEdit(state, editOf(input), ctx)
  if (!edited.ok) return { ...nothing, errors: problemsOf(edited.error) }
  const { customer, proposal } = edited.value.state
  if (proposal === null || !isOpen(proposal)) return { ...nothing, errors: [] }
  return { ...previewSubmit({ customer, proposal }, ctx), company: ctx.company, customer, proposal }
}

export type ConditionInput = PreviewInput & { readonly expression: string }
export type ConditionAnswer = { readonly valid: boolean; readonly value: boolean | null; readonly error: string | null }

/**
 * Tries a condition on a real customer with its open proposal and the given edits; where that is locked, with the edits alone. No
 * value where it asks about what the viewer may not see.
 */
export const evaluateCondition = async (app: App, viewer: Viewer, input: ConditionInput): Promise<ConditionAnswer> => {
  const { ctx, state } = await readState(app, viewer, input)
  const compiled = compileCondition(input.expression)
  if (!compiled.ok) return { valid: false, value: null, error: compiled.message }
  // A condition could be used to guess at values: who may not read them can neither try them nor sees them here.
  const clear = readsSensitive(ctx.actor.roles)
  const sensitive = clear ? null : sensitivePlace(input)
  if (sensitive !== null)
    throw new DomainError('NOT_PERMITTED', 'Your roles do not let you try bank and tax data; leave them out.', {
      at: sensitive,
    })
  // Trying takes no right to edit: the edit is laid over the record only in thought.
  const mind = { ...ctx, actor: { ...ctx.actor, active: true, roles: ['CLERK' as const] } }
  const onTop = decideEdit(state, editOf(input), mind)
  // A locked proposal takes no edits; they are then tried on the record alone.
  const isLocked = !onTop.ok && onTop.error.code === 'PENDING_PROPOSAL'
  const edited = unwrap(isLocked ? decideEdit({ ...state, proposal: null }, editOf(input), mind) : onTop)
  const customer = clear ? edited.state.customer : withoutSensitive(edited.state.customer)
  const all = edited.state.proposal?.changes ?? []
  const hidden = clear ? [] : all.filter((c) => maskNamed(c.field, c.proposed).masked)
  const changes = all.filter((c) => !hidden.includes(c))
  const why = clear
    ? null
    : whyNotTried(
        input.expression,
        hidden.map((c) => c.field),
      )
  if (why !== null) return { valid: true, value: null, error: why }
  const result = compiled.condition.evaluate({
    customer,
    proposed: project(customer, changes),
    changes,
    submitter: ctx.actor,
    submitterGroups: groupsOf(ctx.actor, ctx.company.directory),
    now: ctx.now,
  })
  return result.ok
    ? { valid: true, value: result.value, error: null }
    : { valid: true, value: null, error: result.message }
}
