// Who may do what, and why not: the one set of predicates behind decide (which refuses) and actions (which explains).
import type { Company } from './company.ts'
import { hasRole, type Person, type Role } from './directory.ts'
import { DomainError } from './errors.ts'
import { currentRun, isEditable, isOpen, type Proposal, type ProposalStatus, type WorkItem } from './proposal.ts'
import { wrongState, type Context } from './state.ts'
import type { ApprovalAction } from './workflow/definition.ts'
import { excludedFrom, whyNotEligible } from './workflow/eligibility.ts'

type Refusal = DomainError | null
type Asking = Pick<Context, 'actor' | 'company' | 'runnable'>

const roleNames: Record<Role, string> = {
  READER: 'reader',
  CLERK: 'clerk',
  ADMINISTRATOR: 'administrator',
  AUDITOR: 'auditor',
  INTEGRATION: 'integration',
}
const stateNames: Record<ProposalStatus, string> = {
  DRAFT: 'not submitted yet',
  PENDING: 'pending approval',
  CHANGES_REQUESTED: 'sent back with a request for changes',
  REJECTED: 'rejected',
  CONFLICTED: 'stopped because the customer changed meanwhile',
  FAULTED: 'stopped by an error',
  APPLIED: 'applied already',
  DISCARDED: 'discarded already',
}
const notPermitted = (message: string): DomainError => new DomainError('NOT_PERMITTED', message)

/** Holds when the actor is an active member with one of the roles (the role table of DOMAIN section 2). */
export const needRole = (actor: Person, company: Pick<Company, 'code'>, ...any: readonly Role[]): Refusal => {
  if (!actor.active)
    return new DomainError('INACTIVE', `Your membership in ${company.code} is not active; ask an administrator.`)
  if (hasRole(actor, ...any)) return null
  const names = any.map((r) => roleNames[r])
  const taking =
    names.length === 1
      ? `the role ${names.join('')}`
      : `one of the roles ${names.join(', ').replace(/, ([^,]*)$/, ' or $1')}`
  return notPermitted(`This takes ${taking} in ${company.code}; ask an administrator.`)
}

export const mayEdit = (ctx: Asking): Refusal => needRole(ctx.actor, ctx.company, 'CLERK', 'INTEGRATION')
export const mayAdminister = (ctx: Pick<Context, 'actor' | 'company'>): Refusal =>
  needRole(ctx.actor, ctx.company, 'ADMINISTRATOR')

export const mayComment = (ctx: Asking): Refusal =>
  needRole(ctx.actor, ctx.company, 'READER', 'CLERK', 'INTEGRATION', 'ADMINISTRATOR')

/** Who could recall a proposal, as names for a sentence. */
/** The owner of the workflow as the version says on which the proposal runs. */
const ownerOf = (
  proposal: Proposal,
  { runnable, company }: Pick<Asking, 'runnable' | 'company'>,
): string | undefined => {
  const run = currentRun(proposal)
  if (run === undefined) return undefined
  return (
    runnable(run.workflowId, run.version)?.settings.ownerId ??
    company.workflows.find((w) => w.id === run.workflowId)?.ownerId
  )
}

const recallers = (proposal: Proposal, ctx: Pick<Asking, 'runnable' | 'company'>): string => {
  const { company } = ctx
  const run = currentRun(proposal)
  const submitter = run === undefined ? undefined : company.directory.people.get(run.submittedById)?.name
  const owner = ownerOf(proposal, ctx)
  const ownerName = owner === undefined ? undefined : company.directory.people.get(owner)?.name
  return [...new Set([submitter, ownerName].filter((n) => n !== undefined)), 'an administrator']
    .join(', ')
    .replace(/, ([^,]*)$/, ' or $1')
}

/** The refusal of an edit that meets a locked proposal (DOMAIN section 3). `at`: the first value of the edit that does. */
export const lockedBy = (
  proposal: Proposal,
  ctx: Pick<Asking, 'runnable' | 'company'>,
  at?: readonly string[],
): DomainError => {
  const rest =
    proposal.status === 'CONFLICTED'
      ? 'Resolve the conflicts or discard the changes first.'
      : `${recallers(proposal, ctx)} can recall it; then it can be edited.`
  return new DomainError(
    'PENDING_PROPOSAL',
    `The proposal for this customer is ${stateNames[proposal.status]} and locked. ${rest}`,
    { ...(at && { at }), detail: { proposalId: proposal.id } },
  )
}

/** Editing governed fields of a customer. */
export const mayEditCustomer = (ctx: Asking, proposal: Proposal | null): Refusal =>
  mayEdit(ctx) ?? (proposal === null || !isOpen(proposal) || isEditable(proposal) ? null : lockedBy(proposal, ctx))

export const maySubmit = (ctx: Asking, proposal: Proposal): Refusal => {
  const role = mayEdit(ctx)
  if (role !== null) return role
  if (isEditable(proposal)) return null
  return wrongState(
    proposal,
    proposal.status === 'CONFLICTED'
      ? 'The customer changed meanwhile: rebase the changes; that submits them again.'
      : `The proposal is ${stateNames[proposal.status]}; it cannot be submitted.`,
  )
}

export const mayDiscard = (ctx: Asking, proposal: Proposal): Refusal => {
  const role = mayEdit(ctx)
  if (role !== null) return role
  if (isEditable(proposal) || proposal.status === 'CONFLICTED') return null
  if (!isOpen(proposal)) return wrongState(proposal, `The proposal is ${stateNames[proposal.status]}.`)
  return wrongState(proposal, `The proposal is ${stateNames[proposal.status]}; recall it before discarding changes.`)
}

export const mayRebase = (ctx: Asking, proposal: Proposal): Refusal => {
  const role = mayEdit(ctx)
  if (role !== null) return role
  if (isEditable(proposal) || proposal.status === 'CONFLICTED') return null
  return wrongState(proposal, `The proposal is ${stateNames[proposal.status]}; there is nothing to rebase.`)
}

export const mayRecall = (ctx: Asking, proposal: Proposal): Refusal => {
  const { actor, company } = ctx
  const run = currentRun(proposal)
  const owner = ownerOf(proposal, ctx)
  if (!actor.active)
    return new DomainError('INACTIVE', `Your membership in ${company.code} is not active; ask an administrator.`)
  if (
    run === undefined ||
    (proposal.status !== 'PENDING' && proposal.status !== 'FAULTED' && proposal.status !== 'CONFLICTED')
  ) {
    return wrongState(proposal, `The proposal is ${stateNames[proposal.status]}; there is nothing to recall.`)
  }
  // Submitters who have lost the role that let them submit cannot act on it any more.
  if (actor.id === run.submittedById && hasRole(actor, 'CLERK', 'INTEGRATION')) return null
  if (actor.id === owner || hasRole(actor, 'ADMINISTRATOR')) return null
  return notPermitted(`Only ${recallers(proposal, ctx)} can recall this proposal.`)
}

/** The element that an item belongs to, as its run's version defines it. */
const allowedActions = (ctx: Asking, proposal: Proposal, item: WorkItem): readonly ApprovalAction[] | null => {
  const run = proposal.runs.find((r) => r.id === item.runId)
  const version = run === undefined ? undefined : ctx.runnable(run.workflowId, run.version)
  const index = /^elements\.(\d+)$/.exec(item.elementPath)?.[1]
  const element = index === undefined ? undefined : version?.definition.elements[Number(index)]
  return element !== undefined && 'approval' in element ? element.approval.allow : null
}

/** May the actor answer this item so? The revision and the reason are looked at by the command itself. */
export const mayAnswer = (
  ctx: Asking,
  proposal: Proposal,
  item: WorkItem,
  action: 'APPROVE' | 'REJECT' | 'REQUEST_CHANGE',
): Refusal => {
  const { actor, company } = ctx
  const run = proposal.runs.find((r) => r.id === item.runId)
  if (item.kind === 'RETURN')
    return wrongState(proposal, 'These changes came back to be corrected: edit, submit or discard them.')
  if (item.assigneeId !== actor.id) {
    const assignee =
      item.assigneeId === null ? 'nobody yet' : (company.directory.people.get(item.assigneeId)?.name ?? 'somebody else')
    return new DomainError('NOT_ASSIGNED', `This item is assigned to ${assignee}, not to you.`)
  }
  if (item.status === 'DECIDED') return wrongState(proposal, 'This item has been decided already.')
  if (item.status === 'WITHDRAWN' || run?.end !== null || proposal.status !== 'PENDING') {
    return wrongState(
      proposal,
      `This item has been withdrawn: the proposal is ${stateNames[proposal.status]}${proposal.status === 'PENDING' ? ' and others have decided the step' : ''}.`,
    )
  }
  const version = ctx.runnable(run.workflowId, run.version)
  if (version === undefined) return wrongState(proposal, 'The workflow version of this run is not available.')
  const why = whyNotEligible(
    actor.id,
    excludedFrom(proposal, version, company.directory, run.parameters),
    company.directory,
  )
  if (why === 'IS_AUTHOR')
    return new DomainError(
      'IS_AUTHOR',
      'You had a hand in these changes or in the workflow, so somebody else has to decide on them.',
    )
  if (why === 'INACTIVE')
    return new DomainError('INACTIVE', `Your membership in ${company.code} is not active; ask an administrator.`)
  if (why !== null) return notPermitted(`Your roles in ${company.code} do not let you decide; ask an administrator.`)
  const allow = allowedActions(ctx, proposal, item)
  if (allow !== null && !allow.includes(action))
    return new DomainError('NOT_OFFERED', 'The workflow does not offer this action here; choose another one.')
  return null
}
