// The one door to a proposal: decide(state, command, context) answers what follows, or why not. Pure; services load and save.
import { changeEvent } from './changes.ts'
import { alreadyAppliedProposal, discardedProposal } from './closing.ts'
import { decideEdit, type EditCommand } from './edit.ts'
import { changeDigest } from './digest.ts'
import { conflictsOf } from './conflict.ts'
import { labelOf } from './fields.ts'
import { DomainError, invalid, ok, refused, type Result } from './errors.ts'
import type { DomainEvent } from './events.ts'
import { mayAnswer, mayComment, mayDiscard, mayRebase, mayRecall, maySubmit } from './permit.ts'
import type { Change, Decision, Proposal } from './proposal.ts'
import { begin, proceed, recall, sendBack } from './run.ts'
import { readText } from './text.ts'
import { staleRevision, type Context, type Outcome, type State, type WithProposal } from './state.ts'

export type Command =
  /** People have come or gone: the run looks again whom it waits for. Given by the system. */
  | { readonly kind: 'PROCEED' }
  | ({ readonly kind: 'EDIT' } & EditCommand)
  | {
      readonly kind: 'DISCARD_CHANGES'
      readonly changeIds: readonly string[]
      readonly expectedRevision: number | null
    }
  | { readonly kind: 'DISCARD_PROPOSAL'; readonly expectedRevision: number | null }
  | { readonly kind: 'SUBMIT'; readonly expectedRevision: number | null; readonly comment: string | null }
  | { readonly kind: 'RECALL'; readonly comment: string | null }
  | {
      readonly kind: 'REBASE'
      readonly keep: readonly string[]
      readonly drop: readonly string[]
      readonly expectedRevision: number
      readonly expectedCustomerVersion: number
    }
  | { readonly kind: 'COMMENT'; readonly text: string }
  | {
      readonly kind: 'APPROVE'
      readonly workItemId: string
      readonly revision: number
      readonly comment: string | null
    }
  | { readonly kind: 'REJECT'; readonly workItemId: string; readonly revision: number; readonly comment: string | null }
  | {
      readonly kind: 'REQUEST_CHANGE'
      readonly workItemId: string
      readonly revision: number
      readonly comment: string | null
      readonly toId: string | null
    }
type Of<K extends Command['kind']> = Extract<Command, { kind: K }>
type Decided = Result<Outcome<WithProposal>>

const reasonRequired = (what: string, say = 'what should be different'): DomainError =>
  new DomainError('REASON_REQUIRED', `${what} needs a reason: say in the comment ${say}.`, { at: ['comment'] })

const checkRevision = (
  proposal: Proposal,
  looked: number | null,
  at: 'revision' | 'expectedRevision' = 'expectedRevision',
): DomainError | null => (looked === null || looked === proposal.revision ? null : staleRevision(proposal, looked, at))

const discardChanges = (
  { customer, proposal }: WithProposal,
  command: Of<'DISCARD_CHANGES'>,
  ctx: Context,
): Decided => {
  const refusal = mayDiscard(ctx, proposal) ?? checkRevision(proposal, command.expectedRevision)
  if (refusal !== null) return refused(refusal)
  const wanted = new Set(command.changeIds)
  const gone = proposal.changes.filter((c) => wanted.has(c.id))
  if (wanted.size === 0)
    return refused(new DomainError('INVALID_VALUE', 'Name at least one change to discard.', { at: ['changeIds'] }))
  if (gone.length < wanted.size)
    return refused(
      new DomainError('INVALID_VALUE', 'Some of these changes are not in the proposal any more; read it again.', {
        at: ['changeIds'],
      }),
    )
  const changed: Proposal = {
    ...proposal,
    changes: proposal.changes.filter((c) => !wanted.has(c.id)),
    revision: proposal.revision + 1,
    updatedAt: ctx.now,
  }
  const events: DomainEvent[] = gone.map((c) => {
    const event = changeEvent('ChangeDiscarded', c)
    return { ...event, proposalId: proposal.id, data: { ...event.data, revision: changed.revision } }
  })
  if (changed.changes.length > 0) return ok({ state: { customer, proposal: changed }, events })
  return ok(closed(customer, changed, events, ctx.now))
}

const closed = (
  customer: State['customer'],
  proposal: Proposal,
  before: readonly DomainEvent[],
  now: string,
): Outcome<WithProposal> => {
  const discarded = discardedProposal(proposal, now)
  return { state: { customer, proposal: discarded.proposal }, events: [...before, ...discarded.events] }
}

const discardProposal = (
  { customer, proposal }: WithProposal,
  command: Of<'DISCARD_PROPOSAL'>,
  ctx: Context,
): Decided => {
  const refusal = mayDiscard(ctx, proposal) ?? checkRevision(proposal, command.expectedRevision)
  return refusal !== null ? refused(refusal) : ok(closed(customer, { ...proposal, updatedAt: ctx.now }, [], ctx.now))
}

const submit = (state: WithProposal, command: Of<'SUBMIT'>, ctx: Context): Decided => {
  const refusal = maySubmit(ctx, state.proposal) ?? checkRevision(state.proposal, command.expectedRevision)
  if (refusal !== null) return refused(refusal)
  const comment = readText(command.comment, 'comment')
  return comment.ok ? begin(state, comment.value, ctx) : comment
}

const rebase = ({ customer, proposal }: WithProposal, command: Of<'REBASE'>, ctx: Context): Decided => {
  const refusal = mayRebase(ctx, proposal) ?? checkRevision(proposal, command.expectedRevision)
  if (refusal !== null) return refused(refusal)
  if (customer.version !== command.expectedCustomerVersion) {
    return refused(
      new DomainError(
        'STALE_VERSION',
        `The customer has changed again (version ${command.expectedCustomerVersion}, now ${customer.version}). Look at the current values, then rebase.`,
        { at: ['expectedCustomerVersion'], detail: { customerId: customer.id, proposalId: proposal.id } },
      ),
    )
  }
  const conflicts = new Map(conflictsOf(customer, proposal.changes).map((c) => [c.change.id, c]))
  const keep = new Set(command.keep)
  const drop = new Set(command.drop)
  const known = new Set(proposal.changes.map((c) => c.id))
  const problems: { code: 'INVALID_VALUE'; message: string; at: string[] }[] = []
  for (const id of [...keep, ...drop])
    if (!known.has(id))
      problems.push({
        code: 'INVALID_VALUE',
        message: 'One of these changes is not in the proposal any more; read it again.',
        at: [keep.has(id) ? 'keep' : 'drop'],
      })
  for (const id of keep)
    if (drop.has(id))
      problems.push({ code: 'INVALID_VALUE', message: 'A change can be kept or dropped, not both.', at: ['keep'] })
  for (const [id, conflict] of conflicts) {
    if (conflict.kind !== 'ALREADY_APPLIED' && !keep.has(id) && !drop.has(id))
      problems.push({
        code: 'INVALID_VALUE',
        message: `Say of ${labelOf(conflict.change.field)} whether to keep or to drop it.`,
        at: ['keep'],
      })
    if (conflict.change.operation === 'ADD' && conflict.kind === 'CHANGED' && keep.has(id))
      problems.push({
        code: 'INVALID_VALUE',
        message: `The code is taken by a record that was added meanwhile: drop this change of ${labelOf(conflict.change.field)}, then edit that record or add one with another code.`,
        at: ['keep'],
      })
    if (conflict.kind === 'RECORD_REMOVED' && keep.has(id))
      problems.push({
        code: 'INVALID_VALUE',
        message: `The record of ${labelOf(conflict.change.field)} is gone; the change can only be dropped.`,
        at: ['keep'],
      })
  }
  const [first, ...more] = problems
  if (first !== undefined) return refused(invalid([first, ...more]))
  const events: DomainEvent[] = []
  const changes = proposal.changes.flatMap((change): Change[] => {
    const conflict = conflicts.get(change.id)
    if (drop.has(change.id) || conflict?.kind === 'ALREADY_APPLIED') {
      events.push({ ...changeEvent('ChangeDiscarded', change), proposalId: proposal.id })
      return []
    }
    if (conflict === undefined || !keep.has(change.id)) return [change]
    const moved = { ...change, base: conflict.current }
    return [{ ...moved, digest: changeDigest({ companyId: customer.companyId, customerId: customer.id, ...moved }) }]
  })
  const moved = changes.some((c) => !proposal.changes.includes(c))
  const content = moved || changes.length !== proposal.changes.length
  const involved =
    moved && !proposal.involved.some((i) => i.userId === ctx.actor.id && i.as === 'REBASER')
      ? [...proposal.involved, { userId: ctx.actor.id, as: 'REBASER' as const }]
      : proposal.involved
  const next: Proposal = {
    ...proposal,
    changes,
    involved,
    revision: proposal.revision + (content ? 1 : 0),
    updatedAt: ctx.now,
  }
  events.push({
    type: 'ProposalRebased',
    proposalId: proposal.id,
    data: { revision: next.revision, keep: [...keep], drop: [...drop], customerVersion: customer.version },
  })
  const applied = proposal.changes.filter((c) => conflicts.get(c.id)?.kind === 'ALREADY_APPLIED' && !drop.has(c.id))
  if (changes.length === 0 && applied.length > 0) {
    const ids = applied.map((c) => c.id)
    const done = alreadyAppliedProposal(next, ids, customer.version, ctx.now)
    return ok({ state: { customer, proposal: done.proposal }, events: [...events, ...done.events] })
  }
  if (changes.length === 0) return ok(closed(customer, next, events, ctx.now))
  if (proposal.status !== 'CONFLICTED') return ok({ state: { customer, proposal: next }, events })
  // After the last approval a rebase is a resubmission, with all of its checks (DOMAIN section 4).
  const begun = begin({ customer, proposal: next }, null, ctx)
  return begun.ok ? ok({ ...begun.value, events: [...events, ...begun.value.events] }) : begun
}

const comment = ({ customer, proposal }: WithProposal, command: Of<'COMMENT'>, ctx: Context): Decided => {
  const refusal = mayComment(ctx)
  if (refusal !== null) return refused(refusal)
  const text = readText(command.text, 'text')
  if (!text.ok) return text
  if (text.value === null)
    return refused(new DomainError('INVALID_VALUE', 'A comment needs some text.', { at: ['text'] }))
  const added = { id: ctx.newId(), authorId: ctx.actor.id, text: text.value, at: ctx.now }
  return ok({
    state: { customer, proposal: { ...proposal, comments: [...proposal.comments, added], updatedAt: ctx.now } },
    events: [{ type: 'CommentAdded', proposalId: proposal.id, data: { commentId: added.id, text: added.text } }],
  })
}

/** Records an answer to an item; what follows from it is the run's to say. */
const record = (
  state: WithProposal,
  command: Of<'APPROVE' | 'REJECT' | 'REQUEST_CHANGE'>,
  text: string | null,
  outcome: Decision['outcome'],
  ctx: Context,
): Outcome<WithProposal> => {
  const { proposal } = state
  const item = proposal.items.find((i) => i.id === command.workItemId)
  if (item === undefined) throw new Error('The item was looked up before')
  const decision: Decision = {
    id: ctx.newId(),
    runId: item.runId,
    workItemId: item.id,
    elementPath: item.elementPath,
    stepPath: item.stepPath,
    step: item.step,
    actorId: ctx.actor.id,
    onBehalfOfId: null,
    automatic: false,
    outcome,
    comment: text,
    revision: proposal.revision,
    effectiveAt: proposal.effectiveAt,
    at: ctx.now,
    changes: item.changes,
  }
  const items = proposal.items.map((i) =>
    i.id === item.id
      ? { ...i, status: 'DECIDED' as const, decidedById: ctx.actor.id, closedAt: ctx.now, version: i.version + 1 }
      : i,
  )
  const event: DomainEvent = {
    type: 'DecisionRecorded',
    proposalId: proposal.id,
    workItemId: item.id,
    data: {
      runId: item.runId,
      decisionId: decision.id,
      path: item.stepPath,
      step: item.step,
      outcome,
      comment: text,
      revision: proposal.revision,
      assigneeId: item.assigneeId,
      changes: item.changes.map((c) => c.id),
      digests: item.changes.map((c) => c.digest),
    },
  }
  return {
    state: {
      ...state,
      proposal: { ...proposal, items, decisions: [...proposal.decisions, decision], updatedAt: ctx.now },
    },
    events: [event],
  }
}

const answerItem = (
  state: WithProposal,
  command: Of<'APPROVE' | 'REJECT' | 'REQUEST_CHANGE'>,
  ctx: Context,
): Decided => {
  const { proposal } = state
  const item = proposal.items.find((i) => i.id === command.workItemId)
  if (item === undefined)
    return refused(
      new DomainError('NOT_FOUND', 'There is no such work item, or it is not yours to see.', { at: ['workItemId'] }),
    )
  const refusal = mayAnswer(ctx, proposal, item, command.kind)
  // Whoever looked at older content is told so rather than that the item is gone.
  const stale =
    refusal === null || refusal.code === 'WRONG_STATE' ? checkRevision(proposal, command.revision, 'revision') : null
  if (stale !== null) return refused(stale)
  if (refusal !== null) return refused(refusal)
  const text = readText(command.comment, 'comment')
  if (!text.ok) return text
  if (command.kind === 'APPROVE') {
    const recorded = record(state, command, text.value, 'APPROVED', ctx)
    const next = proceed(recorded.state, ctx)
    return ok({ ...next, events: [...recorded.events, ...next.events] })
  }
  if (text.value === null)
    return refused(reasonRequired(command.kind === 'REJECT' ? 'A rejection' : 'A request for changes'))
  if (command.kind === 'REJECT') {
    const recorded = record(state, command, text.value, 'REJECTED', ctx)
    const next = proceed(recorded.state, ctx)
    return ok({ ...next, events: [...recorded.events, ...next.events] })
  }
  const to = command.toId
  if (to !== null && !proposal.involved.some((i) => i.userId === to))
    return refused(
      new DomainError('INVALID_VALUE', 'Changes can be requested of the submitter or of an author of this proposal.', {
        at: ['to'],
      }),
    )
  const recorded = record(state, command, text.value, 'CHANGE_REQUESTED', ctx)
  const back = sendBack(recorded.state, 'CHANGES_REQUESTED', item.elementPath, text.value, to, ctx)
  return ok({ ...back, events: [...recorded.events, ...back.events] })
}

/** Decides a command. Refusals leave no trace; what follows is the whole next state and what has happened, in order. */
export const decide = (state: State, command: Command, ctx: Context): Result<Outcome> => {
  if (command.kind === 'EDIT') return decideEdit(state, command, ctx)
  const { customer, proposal } = state
  if (proposal === null)
    return refused(
      new DomainError('NOT_FOUND', 'There is no such proposal, or it is not yours to see.', { at: ['proposalId'] }),
    )
  const found: WithProposal = { customer, proposal }
  switch (command.kind) {
    case 'DISCARD_CHANGES':
      return discardChanges(found, command, ctx)
    case 'DISCARD_PROPOSAL':
      return discardProposal(found, command, ctx)
    case 'SUBMIT':
      return submit(found, command, ctx)
    case 'RECALL': {
      const refusal = mayRecall(ctx, proposal)
      if (refusal !== null) return refused(refusal)
      const text = readText(command.comment, 'comment')
      if (!text.ok) return text
      return text.value === null ? refused(reasonRequired('A recall', 'why')) : ok(recall(found, text.value, ctx))
    }
    case 'REBASE':
      return rebase(found, command, ctx)
    case 'COMMENT':
      return comment(found, command, ctx)
    case 'PROCEED':
      return ok(proposal.status === 'PENDING' ? proceed(found, ctx) : { state: found, events: [] })
    case 'APPROVE':
    case 'REJECT':
    case 'REQUEST_CHANGE':
      return answerItem(found, command, ctx)
    default:
      return command satisfies never
  }
}
