// What would be: who a submit would ask, and what a condition says about a customer. Neither writes anything.
import type { Company } from '../domain/company.ts'
import type { Customer } from '../domain/customer.ts'
import { hasRole, type Person } from '../domain/directory.ts'
import { decideEdit, type EditCommand, type RawEdit } from '../domain/edit.ts'
import { DomainError, type Problem } from '../domain/errors.ts'
import { previewSubmit, type Preview } from '../domain/explain.ts'
import { mayEdit } from '../domain/permit.ts'
import { isOpen, type Proposal } from '../domain/proposal.ts'
import { project } from '../domain/record.ts'
import { asIfChosen } from '../domain/start.ts'
import type { Context, State } from '../domain/state.ts'
import { maskNamed, readsSensitive, sensitivePlace, whyNotTried, withoutSensitive } from '../domain/visibility.ts'
import { compileCondition } from '../domain/workflow/conditions.ts'
import { groupsOf } from '../domain/workflow/eligibility.ts'
import type { RunnableVersion } from '../domain/workflow/workflow.ts'
import { loadCustomer } from '../store/customers.ts'
import { loadOpenProposal, loadUnclosed } from '../store/proposals.ts'
import type { App, Viewer } from './app.ts'
import { companyIdByCode, notFound, unwrap } from './command.ts'
import { contextOf } from './loading.ts'
import { invalidWorkflow, problemsOf as problemsOfVersion } from './workflow-problems.ts'

type Tried = { readonly company: string; readonly account: string } & RawEdit
export type PreviewInput = Tried & {
  /** As if this member submitted. */
  readonly submitterId?: string | null
  /** As if this version were active and the default, and no other workflow were chosen; it need never have been active. */
  readonly workflowVersion?: { readonly workflowId: string; readonly version: number } | null
}
export type Previewed = Preview & {
  /** The one that `workflow` names. */
  readonly version: RunnableVersion | null
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

/** A version to look ahead by. Errors: NOT_FOUND where no workflow of the company has it, INVALID_WORKFLOW where it could not be activated. */
const versionToTry = async (
  app: App,
  company: Company,
  { workflowId, version }: NonNullable<PreviewInput['workflowVersion']>,
): Promise<RunnableVersion> => {
  const workflow = company.workflows.find(({ id }) => id === workflowId)
  const found = workflow === undefined ? null : await app.setup.version(app.db, company, workflowId, version)
  if (found === null) throw notFound('version of a workflow', 'workflowVersionId')
  // The set-up may have changed since it was saved: workflows that run each other without end are never walked.
  const problems = workflow?.activeVersion?.version === version ? [] : problemsOfVersion(found, company)
  if (problems.some(({ severity }) => severity === 'ERROR'))
    throw new DomainError('INVALID_WORKFLOW', invalidWorkflow(problems).message, { at: ['workflowVersionId'] })
  return found
}

const readState = async (
  app: App,
  viewer: Viewer,
  input: Tried & Pick<PreviewInput, 'workflowVersion'>,
): Promise<{ ctx: Context; state: State }> => {
  const companyId = companyIdByCode(viewer, input.company)
  const company = await app.setup.company(app.db, companyId)
  const customer = company === null ? null : await loadCustomer(app.db, companyId, { account: input.account })
  if (company === null || customer === null) throw notFound('customer', 'account')
  const version = input.workflowVersion ? await versionToTry(app, company, input.workflowVersion) : null
  const state: State = { customer, proposal: await loadOpenProposal(app.db, companyId, customer.id) }
  const actor = company.directory.people.get(viewer.userId)
  if (actor === undefined) throw notFound('company', 'company')
  const ctx = await contextOf(
    app,
    app.db,
    { company, actor, now: app.clock().toISOString() },
    state,
    [input.set?.invoiceAccount],
    await loadUnclosed(app.db, companyId, customer.id, state.proposal?.id),
    version === null ? [] : [version],
  )
  return { ctx: version === null ? ctx : { ...ctx, company: asIfChosen(company, version) }, state }
}

const problemsOf = (error: DomainError): Problem[] => [
  ...(error.detail.problems ?? [{ code: error.code, message: error.message, ...(error.at && { at: error.at }) }]),
]

/** Somebody as if they might edit and submit: looking ahead takes no right to either. */
const inMind = (person: Person): Person => ({ ...person, active: true, roles: ['CLERK'] })

/** As whose submit it is looked at: the one who is named, the viewer, or for who may not submit whoever made the proposal. */
const submitterOf = (ctx: Context, { proposal }: State, named: string | null): Person => {
  const { people } = ctx.company.directory
  if (named !== null) {
    const person = people.get(named)
    if (person === undefined) throw notFound('member', 'submitterId')
    return person
  }
  if (mayEdit(ctx) === null) return ctx.actor
  const author = proposal === null || !isOpen(proposal) ? undefined : people.get(proposal.createdById)
  return author !== undefined && hasRole(author, 'CLERK', 'INTEGRATION') ? author : inMind(ctx.actor)
}

/**
 * Why nobody looks ahead for somebody who may not read what is sensitive: by what the route would be, such values could be guessed
 * at. Null: they can.
 */
const whyNotForeseen = ({ workflows }: Company, input: RawEdit): DomainError | null => {
  const place = sensitivePlace(input)
  const refusal = (message: string, at?: readonly string[]): DomainError =>
    new DomainError('NOT_PERMITTED', message, at === undefined ? {} : { at })
  if (place !== null) return refusal('Your roles do not let you try bank and tax data; leave them out.', place)
  const asking = workflows.find(
    ({ activation, activeVersion }) =>
      activeVersion !== null &&
      [activation ?? '', ...activeVersion.conditions.keys()].some((text) => whyNotTried(text, []) !== null),
  )
  return asking === undefined
    ? null
    : refusal(
        `A condition of "${asking.name}" asks about bank or tax data, which your roles do not let you see; somebody who may see them, such as a clerk, can look ahead.`,
      )
}

/**
 * Who would be asked, and what stands in the way, of the open proposal with the given edits on top; by the workflows in use, or by one
 * version as if it alone were (DOMAIN sections 5 and 6). Writes nothing. For the eyes of every member: who may not submit sees what
 * would come of it if they could. Errors: NOT_FOUND of what is named, INVALID_WORKFLOW of a version that could not be activated; what
 * the edits or the submit would be refused for is in `errors`.
 */
export const previewSubmission = async (app: App, viewer: Viewer, input: PreviewInput): Promise<Previewed> => {
  const { ctx: own, state } = await readState(app, viewer, input)
  const ctx = { ...own, actor: submitterOf(own, state, input.submitterId ?? null) }
  const nothing = {
    workflow: null,
    version: null,
    route: [],
    blockers: [],
    company: ctx.company,
    customer: state.customer,
    proposal: state.proposal,
  }
  const hidden = readsSensitive(own.actor.roles) ? null : whyNotForeseen(ctx.company, input)
  if (hidden !== null) return { ...nothing, errors: problemsOf(hidden) }
  const edited = decideEdit(state, editOf(input), ctx)
  if (!edited.ok) return { ...nothing, errors: problemsOf(edited.error) }
  const { customer, proposal } = edited.value.state
  if (proposal === null || !isOpen(proposal)) return { ...nothing, errors: [] }
  const preview = previewSubmit({ customer, proposal }, ctx)
  const chosen = ctx.company.workflows.find(({ id }) => id === preview.workflow?.workflowId)
  return { ...preview, version: chosen?.activeVersion ?? null, company: ctx.company, customer, proposal }
}

export type ConditionInput = Tried & { readonly expression: string }
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
  const mind = { ...ctx, actor: inMind(ctx.actor) }
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
