// Who may do what, and why not: the one set of predicates behind decide (which refuses) and actions (which explains).
import type { Company } from './company.ts'
import { hasRole, type Person, type Role } from './directory.ts'
import { DomainError } from './errors.ts'
import { currentRun, isEditable, isOpen, liveChanges, type Proposal, type ProposalStatus } from './proposal.ts'
import { lockedByScheduled, type Other } from './scheduled.ts'
import { wrongState, type Context } from './state.ts'

type Refusal = DomainError | null
export type Asking = Pick<Context, 'actor' | 'company' | 'runnable' | 'now'> & { readonly others: readonly Other[] }

const roleNames: Record<Role, string> = {
  READER: 'reader',
  CLERK: 'clerk',
  ADMINISTRATOR: 'administrator',
  AUDITOR: 'auditor',
  INTEGRATION: 'integration',
}
export const stateNames: Record<ProposalStatus, string> = {
  DRAFT: 'not submitted yet',
  PENDING: 'pending approval',
  CHANGES_REQUESTED: 'sent back with a request for changes',
  REJECTED: 'rejected',
  SCHEDULED: 'approved and scheduled',
  CONFLICTED: 'stopped because the customer changed meanwhile',
  FAULTED: 'stopped by an error',
  APPLIED: 'applied already',
  DISCARDED: 'discarded already',
}
export const notPermitted = (message: string): DomainError => new DomainError('NOT_PERMITTED', message)

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

export const mayEdit = (ctx: Pick<Context, 'actor' | 'company'>): Refusal =>
  needRole(ctx.actor, ctx.company, 'CLERK', 'INTEGRATION')
export const mayAdminister = (ctx: Pick<Context, 'actor' | 'company'>): Refusal =>
  needRole(ctx.actor, ctx.company, 'ADMINISTRATOR')

export const mayComment = (ctx: Pick<Context, 'actor' | 'company'>): Refusal =>
  needRole(ctx.actor, ctx.company, 'READER', 'CLERK', 'INTEGRATION', 'ADMINISTRATOR')

/** The owner of the workflow as the version says on which the proposal runs. */
const ownerOf = (
  proposal: Proposal,
  { runnable, company }: Pick<Context, 'runnable' | 'company'>,
): string | undefined => {
  const run = currentRun(proposal)
  if (run === undefined) return undefined
  return (
    runnable(run.workflowId, run.version)?.settings.ownerId ??
    company.workflows.find((w) => w.id === run.workflowId)?.ownerId
  )
}

/** Who could recall a proposal, as names for a sentence. */
const recallers = (proposal: Proposal, ctx: Pick<Context, 'runnable' | 'company'>): string => {
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
  ctx: Pick<Context, 'runnable' | 'company'>,
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
export const mayEditCustomer = (
  ctx: Pick<Context, 'actor' | 'company' | 'runnable'>,
  proposal: Proposal | null,
): Refusal =>
  mayEdit(ctx) ?? (proposal === null || !isOpen(proposal) || isEditable(proposal) ? null : lockedBy(proposal, ctx))

export const maySubmit = (ctx: Pick<Context, 'actor' | 'company'>, proposal: Proposal): Refusal => {
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

export const mayDiscard = (ctx: Pick<Context, 'actor' | 'company'>, proposal: Proposal): Refusal => {
  const role = mayEdit(ctx)
  if (role !== null) return role
  if (isEditable(proposal) || proposal.status === 'CONFLICTED') return null
  if (!isOpen(proposal)) return wrongState(proposal, `The proposal is ${stateNames[proposal.status]}.`)
  return wrongState(proposal, `The proposal is ${stateNames[proposal.status]}; recall it before discarding changes.`)
}

export const mayRebase = (ctx: Pick<Context, 'actor' | 'company'>, proposal: Proposal): Refusal => {
  const role = mayEdit(ctx)
  if (role !== null) return role
  if (isEditable(proposal) || proposal.status === 'CONFLICTED') return null
  return wrongState(proposal, `The proposal is ${stateNames[proposal.status]}; there is nothing to rebase.`)
}

/** Runs that somebody can still end: what is asked, stopped, or waits for its time. */
const canEnd = (ctx: Asking, proposal: Proposal, word: string): Refusal => {
  const { status } = proposal
  if (
    currentRun(proposal) === undefined ||
    (status !== 'PENDING' && status !== 'FAULTED' && status !== 'CONFLICTED' && status !== 'SCHEDULED')
  )
    return wrongState(proposal, `The proposal is ${stateNames[status]}; there is nothing to ${word}.`)
  // Back in DRAFT it would be a second open proposal.
  if (status === 'SCHEDULED' && ctx.others.some((p) => p.status !== 'SCHEDULED'))
    return wrongState(
      proposal,
      'Another proposal for this customer is open, and there can be one at a time: have that one decided or discard it, then this one can be taken back.',
    )
  return null
}

export const mayRecall = (ctx: Asking, proposal: Proposal): Refusal => {
  const { actor, company } = ctx
  if (!actor.active)
    return new DomainError('INACTIVE', `Your membership in ${company.code} is not active; ask an administrator.`)
  const refusal = canEnd(ctx, proposal, 'recall')
  if (refusal !== null) return refusal
  // Submitters who have lost the role that let them submit cannot act on it any more.
  if (actor.id === currentRun(proposal)?.submittedById && hasRole(actor, 'CLERK', 'INTEGRATION')) return null
  if (actor.id === ownerOf(proposal, ctx) || hasRole(actor, 'ADMINISTRATOR')) return null
  return notPermitted(`Only ${recallers(proposal, ctx)} can recall this proposal.`)
}

export const mayCancel = (ctx: Asking, proposal: Proposal): Refusal =>
  mayAdminister(ctx) ?? canEnd(ctx, proposal, 'cancel')

export const mayResume = (ctx: Asking, proposal: Proposal): Refusal =>
  mayAdminister(ctx) ??
  (proposal.status === 'FAULTED'
    ? null
    : wrongState(proposal, `The proposal is ${stateNames[proposal.status]}; there is no error to go on from.`))

/** Setting the time from which it may be applied. */
export const maySchedule = (ctx: Asking, proposal: Proposal): Refusal => {
  const role = mayEdit(ctx)
  if (role !== null) return role
  if (isEditable(proposal)) return null
  const rest = isOpen(proposal) ? '; recall it to set another time.' : '.'
  return wrongState(proposal, `The proposal is ${stateNames[proposal.status]}${rest}`)
}

/** Proposing an applied proposal backwards. */
export const mayRevert = (ctx: Asking, proposal: Proposal): Refusal => {
  const role = mayEdit(ctx)
  if (role !== null) return role
  if (proposal.status !== 'APPLIED')
    return wrongState(
      proposal,
      `The proposal is ${stateNames[proposal.status]}; only one that was applied can be reverted.`,
    )
  const open = ctx.others.find((p) => p.status !== 'SCHEDULED' && p.id !== proposal.id)
  if (open !== undefined)
    return new DomainError(
      'PENDING_PROPOSAL',
      'Another proposal for this customer is open; have it decided or discard it first.',
      { detail: { proposalId: open.id } },
    )
  return lockedByScheduled(liveChanges(proposal), ctx)
}
