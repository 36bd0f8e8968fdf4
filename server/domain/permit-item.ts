// Who may answer a work item, and who may hand it on: the predicates behind decide and actions.
import { mayCorrect } from './correcting.ts'
import { DomainError } from './errors.ts'
import { mayAdminister, notPermitted, stateNames, type Asking } from './permit.ts'
import { isEditable, type Proposal, type Run, type WorkItem } from './proposal.ts'
import { spoken } from './instant.ts'
import { absenceOf, askedIn, sittings, standInFor, type Seating, type Sitting } from './sitting.ts'
import { wrongState } from './state.ts'
import { versionsOf } from './workflow/book.ts'
import type { ApprovalAction, ApprovalElement, Element } from './workflow/definition.ts'
import { excludedFrom, whyNotEligible } from './workflow/eligibility.ts'
import type { RunnableVersion } from './workflow/workflow.ts'

type Refusal = DomainError | null
export type Answer = 'APPROVE' | 'REJECT' | 'REQUEST_CHANGE' | 'COMPLETE' | 'RETURN' | 'CHOOSE'

const offered: Readonly<Record<WorkItem['kind'], readonly Answer[]>> = {
  APPROVAL: ['APPROVE', 'REJECT', 'REQUEST_CHANGE'],
  TASK: ['COMPLETE', 'RETURN'],
  DECISION: ['CHOOSE'],
  RETURN: [],
}
/** What can be answered to an item of this kind. */
export const answersOf = (kind: WorkItem['kind']): readonly Answer[] => offered[kind]

const runOf = (proposal: Proposal, item: WorkItem): Run | undefined => proposal.runs.find((r) => r.id === item.runId)

/** The version that an item belongs to, the run's own or that of a subworkflow that the run has come to it by, and the path in there. */
export const versionAt = (
  { runnable }: Pick<Asking, 'runnable'>,
  proposal: Pick<Proposal, 'runs'>,
  item: Pick<WorkItem, 'runId' | 'elementPath'>,
): { readonly version: RunnableVersion; readonly path: string } | undefined => {
  const run = proposal.runs.find((r) => r.id === item.runId)
  if (run === undefined) return undefined
  const parts = item.elementPath.split('.workflow.')
  let version: RunnableVersion | undefined = runnable(run.workflowId, run.version)
  for (const path of parts.slice(0, -1)) {
    const element = version?.elements.get(path)
    if (element === undefined || !('subworkflow' in element)) return undefined
    const { workflowId } = element.subworkflow
    version = runnable(workflowId, run.pinned[workflowId] ?? 0)
  }
  return version === undefined ? undefined : { version, path: parts.at(-1) ?? '' }
}

/** The element that an item belongs to. */
export const elementOf = (
  ctx: Pick<Asking, 'runnable'>,
  proposal: Pick<Proposal, 'runs'>,
  item: Pick<WorkItem, 'runId' | 'elementPath'>,
): Element | undefined => {
  const at = versionAt(ctx, proposal, item)
  return at?.version.elements.get(at.path)
}

export const approvalOf = (
  ctx: Pick<Asking, 'runnable'>,
  proposal: Proposal,
  item: WorkItem,
): ApprovalElement | null => {
  const element = elementOf(ctx, proposal, item)
  return element !== undefined && 'approval' in element ? element.approval : null
}

/** Against what a seat of this item is looked at; null: the version of its run is not there. */
export const seatingOf = (ctx: Asking, proposal: Proposal, item: WorkItem): Seating | null => {
  const run = runOf(proposal, item)
  const version = run === undefined ? undefined : ctx.runnable(run.workflowId, run.version)
  if (run === undefined || version === undefined) return null
  const { directory } = ctx.company
  const excluded =
    item.kind === 'TASK'
      ? new Set<string>()
      : excludedFrom(proposal, versionsOf({ run, version, runnable: ctx.runnable }), directory, run.parameters)
  return { directory, workflowId: run.workflowId, excluded, now: ctx.now }
}

/** The items of an item's step in its run, itself among them. */
export const sameStep = (proposal: Proposal, item: WorkItem): WorkItem[] =>
  proposal.items.filter((i) => i.runId === item.runId && i.stepPath === item.stepPath)

/** Who sits at an item now (DOMAIN section 10), whether it is still open or was when it was closed. */
export const sittingAt = (ctx: Asking, proposal: Proposal, item: WorkItem): Sitting => {
  const nobodyElse = { userId: item.assigneeId, standInId: null, stranded: false }
  if (item.kind === 'RETURN' || ctx.company.directory.absences.length === 0) return nobodyElse
  const seating = seatingOf(ctx, proposal, item)
  if (seating === null) return nobodyElse
  const seats = sameStep(proposal, item).map((i) => (i.id === item.id ? { ...i, status: 'OPEN' as const } : i))
  return sittings(seats, seating).get(item.id) ?? nobodyElse
}

const nameOf = (ctx: Asking, userId: string | null): string =>
  userId === null ? 'nobody yet' : (ctx.company.directory.people.get(userId)?.name ?? 'somebody else')

/** Is the item one that can still be acted on? */
const isOpenStill = (proposal: Proposal, item: WorkItem): Refusal => {
  if (item.kind === 'RETURN')
    return wrongState(proposal, 'These changes came back to be corrected: edit, submit or discard them.')
  if (item.status === 'DECIDED') return wrongState(proposal, 'This item has been decided already.')
  const runs = runOf(proposal, item)?.end === null
  if (item.status === 'OPEN' && runs && proposal.status === 'FAULTED')
    return wrongState(
      proposal,
      `The run is stopped by an error: ${proposal.fault.message} It goes on when an administrator resumes it.`,
    )
  if (item.status === 'OPEN' && runs && proposal.status === 'PENDING') return null
  if (runs)
    return wrongState(proposal, 'This item has been withdrawn: its step is decided, or others are asked instead.')
  return wrongState(
    proposal,
    proposal.status === 'PENDING' || proposal.status === 'FAULTED'
      ? 'This item has been withdrawn: the changes have been submitted again since.'
      : `This item has been withdrawn: the proposal is ${stateNames[proposal.status]}.`,
  )
}

/** May the actor hold a seat of this item at all? */
const mayHold = (ctx: Asking, proposal: Proposal, item: WorkItem): Refusal => {
  const { actor, company } = ctx
  const seating = seatingOf(ctx, proposal, item)
  if (seating === null) return wrongState(proposal, 'The workflow version of this run is not available.')
  const why = whyNotEligible(actor.id, seating.excluded, company.directory)
  if (why === null) return null
  if (why === 'IS_AUTHOR')
    return new DomainError(
      'IS_AUTHOR',
      'You had a hand in these changes or in the workflow, so somebody else has to decide on them.',
    )
  if (why === 'INACTIVE')
    return new DomainError('INACTIVE', `Your membership in ${company.code} is not active; ask an administrator.`)
  return notPermitted(`Your roles in ${company.code} do not let you decide; ask an administrator.`)
}

/** Does the actor sit at this item, and is it still to be answered? */
const maySit = (ctx: Asking, proposal: Proposal, item: WorkItem): Refusal => {
  if (item.kind === 'RETURN') return isOpenStill(proposal, item)
  const { userId, standInId } = sittingAt(ctx, proposal, item)
  if (userId !== ctx.actor.id) {
    if (item.assigneeId === ctx.actor.id && standInId !== null)
      return new DomainError(
        'ABSENT',
        `You are away, and ${nameOf(ctx, standInId)} stands in for you; end your absence to answer yourself.`,
      )
    const queue = item.assigneeId === null ? ctx.company.directory.queues.get(item.queueId ?? '') : undefined
    if (queue === undefined)
      return new DomainError('NOT_ASSIGNED', `This item is assigned to ${nameOf(ctx, userId)}, not to you.`)
    return (
      isOpenStill(proposal, item) ??
      new DomainError('NOT_ASSIGNED', `This item lies in the queue "${queue.name}"; claim it first.`)
    )
  }
  return isOpenStill(proposal, item) ?? mayHold(ctx, proposal, item)
}

const notOffered = new DomainError('NOT_OFFERED', 'The workflow does not offer this action here; choose another one.')
const allows = (ctx: Asking, proposal: Proposal, item: WorkItem, action: ApprovalAction): boolean =>
  approvalOf(ctx, proposal, item)?.allow?.includes(action) ?? true

/** May the actor answer this item so? The revision and the reason are looked at by the command itself. */
export const mayAnswer = (ctx: Asking, proposal: Proposal, item: WorkItem, action: Answer): Refusal => {
  const refusal = maySit(ctx, proposal, item)
  if (refusal !== null) return refusal
  if (!offered[item.kind].includes(action)) return notOffered
  const isApproval = action === 'APPROVE' || action === 'REJECT' || action === 'REQUEST_CHANGE'
  return !isApproval || allows(ctx, proposal, item, action) ? null : notOffered
}

/** May the actor refuse named changes while approving? */
export const mayRefuse = (ctx: Asking, proposal: Proposal, item: WorkItem): Refusal =>
  mayAnswer(ctx, proposal, item, 'APPROVE') ??
  (approvalOf(ctx, proposal, item)?.partial === true
    ? null
    : new DomainError('NOT_OFFERED', 'Here the changes are approved or rejected together.', { at: ['refuse'] }))

export const mayDelegate = (ctx: Asking, proposal: Proposal, item: WorkItem): Refusal =>
  maySit(ctx, proposal, item) ?? (allows(ctx, proposal, item, 'DELEGATE') ? null : notOffered)

const alreadyAsked = (message: string, at?: string): DomainError =>
  new DomainError('ALREADY_ASKED', message, at === undefined ? {} : { at: [at] })

/** Has somebody a seat of this step, or have they answered in it? */
const isAsked = (proposal: Proposal, item: WorkItem, userId: string): boolean =>
  sameStep(proposal, item).some(
    (i) => i.status !== 'WITHDRAWN' && (i.assigneeId === userId || i.decidedById === userId),
  )

/** Or had they a seat that was handed on? */
const wasAsked = (proposal: Proposal, item: WorkItem, userId: string): boolean =>
  askedIn(sameStep(proposal, item)).has(userId)

const isMember = (ctx: Asking, queueId: string | null): boolean =>
  queueId !== null && ctx.company.directory.queues.get(queueId)?.memberIds.includes(ctx.actor.id) === true

export const mayClaim = (ctx: Asking, proposal: Proposal, item: WorkItem): Refusal => {
  if (item.queueId === null) return item.kind === 'RETURN' ? isOpenStill(proposal, item) : notOffered
  if (!isMember(ctx, item.queueId))
    return new DomainError('NOT_ASSIGNED', 'This item lies in a queue that you are not a member of.')
  const refusal = isOpenStill(proposal, item) ?? mayHold(ctx, proposal, item)
  if (refusal !== null) return refusal
  const seating = seatingOf(ctx, proposal, item)
  if (seating !== null && standInFor(ctx.actor.id, seating, new Set()) !== null)
    return new DomainError('ABSENT', 'You are away, and somebody stands in for you; end your absence to take items.')
  if (item.assigneeId === ctx.actor.id) return wrongState(proposal, 'You have this item already.')
  if (item.assigneeId !== null)
    return wrongState(proposal, `${nameOf(ctx, item.assigneeId)} has taken this item; take another one.`)
  return wasAsked(proposal, item, ctx.actor.id)
    ? alreadyAsked('You are asked in this step already; somebody else of the queue has to take this item.')
    : null
}

export const mayRelease = (ctx: Asking, proposal: Proposal, item: WorkItem): Refusal =>
  item.queueId === null && item.kind !== 'RETURN' ? notOffered : maySit(ctx, proposal, item)

/** To another queue: whoever has the item, and while nobody has, every member of its queue. */
export const mayMove = (ctx: Asking, proposal: Proposal, item: WorkItem): Refusal => {
  if (item.queueId !== null && item.assigneeId === null && isMember(ctx, item.queueId))
    return isOpenStill(proposal, item) ?? mayHold(ctx, proposal, item)
  return mayRelease(ctx, proposal, item)
}

/** Do changes that came back still wait for whoever corrects them? */
const isBackStill = (proposal: Proposal, item: WorkItem): Refusal =>
  item.status === 'OPEN' && isEditable(proposal)
    ? null
    : wrongState(proposal, 'These changes do not wait to be corrected any more.')

export const mayReassign = (ctx: Asking, proposal: Proposal, item: WorkItem): Refusal =>
  mayAdminister(ctx) ?? (item.kind === 'RETURN' ? isBackStill(proposal, item) : isOpenStill(proposal, item))

/** May somebody be given changes that came back: may they edit and submit? */
const mayTakeBack = ({ company }: Asking, item: WorkItem, userId: string): Refusal => {
  const at = ['to']
  const person = company.directory.people.get(userId)
  if (person === undefined)
    return new DomainError('NOT_MEMBER', `This person is not a member of ${company.code}; name a member.`, { at })
  if (!person.active)
    return new DomainError('INACTIVE', `${person.name} is not active any more; name somebody else.`, { at })
  if (!mayCorrect(company, userId))
    return new DomainError('NOT_PERMITTED', `${person.name} may not edit and submit changes; name a clerk.`, { at })
  return item.assigneeId === userId
    ? alreadyAsked(`${person.name} has this item already; name somebody else.`, 'to')
    : null
}

/**
 * May somebody be given this seat: eligible, present, and not asked in the step already? An administrator may give it back to who handed
 * it on, as long as nobody sits twice; a delegation never goes in a circle.
 */
export const mayTakeOver = (
  ctx: Asking,
  proposal: Proposal,
  item: WorkItem,
  userId: string,
  how: 'DELEGATE' | 'REASSIGN',
): Refusal => {
  if (item.kind === 'RETURN') return mayTakeBack(ctx, item, userId)
  const at = ['to']
  const seating = seatingOf(ctx, proposal, item)
  if (seating === null) return wrongState(proposal, 'The workflow version of this run is not available.')
  const { directory } = ctx.company
  const name = directory.people.get(userId)?.name ?? 'This person'
  const why = whyNotEligible(userId, seating.excluded, directory)
  if (why === 'NOT_MEMBER')
    return new DomainError('NOT_MEMBER', `This person is not a member of ${ctx.company.code}; name a member.`, { at })
  if (why === 'INACTIVE')
    return new DomainError('INACTIVE', `${name} is not active any more; name somebody else.`, { at })
  if (why === 'IS_AUTHOR')
    return new DomainError(
      'IS_AUTHOR',
      `${name} had a hand in these changes or in the workflow and may not decide on them; name somebody else.`,
      { at },
    )
  if (why !== null)
    return new DomainError('NOT_PERMITTED', `The roles of ${name} do not let them decide; name somebody else.`, { at })
  const taken = askedIn(sameStep(proposal, item))
  if (how === 'REASSIGN' ? isAsked(proposal, item, userId) : taken.has(userId))
    return alreadyAsked(`${name} is or was asked in this step already; name somebody else.`, 'to')
  const absence = absenceOf(userId, seating)
  // Whoever stands in for them would sit here; without anybody who can, the item would only lie.
  return absence !== undefined && standInFor(userId, seating, taken) === null
    ? new DomainError(
        'ABSENT',
        `${name} is away until ${spoken(absence.until)}, and nobody can stand in for them here; name somebody else.`,
        { at },
      )
    : null
}

/** Who would sit if the seat were given to somebody: they, or who stands in for them. */
export const sitterAfter = (ctx: Asking, proposal: Proposal, item: WorkItem, userId: string): string => {
  if (item.kind === 'RETURN') return userId
  const seating = seatingOf(ctx, proposal, item)
  return (seating === null ? null : standInFor(userId, seating, new Set())) ?? userId
}

/** Those of a queue's members who may take an item from it: eligible, not asked in the step already, and not away with a stand-in. */
export const takersOf = (
  ctx: Asking,
  proposal: Proposal,
  item: WorkItem,
  memberIds: readonly string[],
): readonly string[] => {
  const seating = seatingOf(ctx, proposal, item)
  if (seating === null) return []
  const { directory } = ctx.company
  return memberIds.filter(
    (id) =>
      whyNotEligible(id, seating.excluded, directory) === null &&
      standInFor(id, seating, new Set()) === null &&
      !wasAsked(proposal, item, id),
  )
}

/** Why whoever sits at an item cannot answer it any more, as a clause; null: they can. */
export const whyStuck = (ctx: Asking, proposal: Proposal, item: WorkItem, userId: string): string | null => {
  const seating = seatingOf(ctx, proposal, item)
  const why = seating === null ? null : whyNotEligible(userId, seating.excluded, seating.directory)
  if (why === null) return null
  if (why === 'IS_AUTHOR') return 'has a hand in these changes or in the workflow by now'
  return why === 'NOT_PERMITTED' ? 'has lost the role to decide' : 'is not an active member any more'
}
