// Commands on the content of a proposal: discard, submit, rebase, schedule, comment (DOMAIN sections 3, 4, 6 and 9).
import { changeEvent } from './changes.ts'
import { alreadyAppliedProposal, discardedProposal } from './closing.ts'
import type { CommandOf } from './decide.ts'
import { changeDigest } from './digest.ts'
import { conflictsOf } from './conflict.ts'
import { labelOf } from './fields.ts'
import { DomainError, invalid, ok, refused, type Result } from './errors.ts'
import type { DomainEvent } from './events.ts'
import { isBefore } from './instant.ts'
import { mayComment, mayDiscard, mayRebase, maySchedule, maySubmit } from './permit.ts'
import { liveChanges, type Change, type Proposal } from './proposal.ts'
import { begin } from './start.ts'
import { readText } from './text.ts'
import { checkRevision, type Context, type Outcome, type State, type WithProposal } from './state.ts'

type Decided = Result<Outcome<WithProposal>>

export const discardChanges = (
  { customer, proposal }: WithProposal,
  command: CommandOf<'DISCARD_CHANGES'>,
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

export const discardProposal = (
  { customer, proposal }: WithProposal,
  command: CommandOf<'DISCARD_PROPOSAL'>,
  ctx: Context,
): Decided => {
  const refusal = mayDiscard(ctx, proposal) ?? checkRevision(proposal, command.expectedRevision)
  return refusal !== null ? refused(refusal) : ok(closed(customer, { ...proposal, updatedAt: ctx.now }, [], ctx.now))
}

export const submit = (state: WithProposal, command: CommandOf<'SUBMIT'>, ctx: Context): Decided => {
  const refusal = maySubmit(ctx, state.proposal) ?? checkRevision(state.proposal, command.expectedRevision)
  if (refusal !== null) return refused(refusal)
  const comment = readText(command.comment, 'comment')
  return comment.ok ? begin(state, comment.value, ctx) : comment
}

export const rebase = ({ customer, proposal }: WithProposal, command: CommandOf<'REBASE'>, ctx: Context): Decided => {
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
  const conflicts = new Map(conflictsOf(customer, liveChanges(proposal)).map((c) => [c.change.id, c]))
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

export const comment = ({ customer, proposal }: WithProposal, command: CommandOf<'COMMENT'>, ctx: Context): Decided => {
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

const farthestYears = 5

/** Sets or clears the time from which the proposal may be applied. It is content: votes hold as long as it does not become earlier. */
export const schedule = (
  { customer, proposal }: WithProposal,
  command: CommandOf<'SCHEDULE'>,
  ctx: Context,
): Decided => {
  const refusal = maySchedule(ctx, proposal) ?? checkRevision(proposal, command.expectedRevision)
  if (refusal !== null) return refused(refusal)
  const { effectiveAt } = command
  const wrong = (message: string): Decided =>
    refused(new DomainError('INVALID_VALUE', message, { at: ['effectiveAt'] }))
  if (effectiveAt !== null && !isBefore(ctx.now, effectiveAt))
    return wrong('The time is past already; give a later one, or null to apply it at once.')
  const farthest = `${Number(ctx.now.slice(0, 4)) + farthestYears}${ctx.now.slice(4)}`
  if (effectiveAt !== null && isBefore(farthest, effectiveAt))
    return wrong(`Give a time within the next ${farthestYears} years.`)
  if (effectiveAt === proposal.effectiveAt) return ok({ state: { customer, proposal }, events: [] })
  const next: Proposal = { ...proposal, effectiveAt, revision: proposal.revision + 1, updatedAt: ctx.now }
  return ok({
    state: { customer, proposal: next },
    events: [
      {
        type: 'EffectiveTimeChanged',
        proposalId: proposal.id,
        data: { old: proposal.effectiveAt, new: effectiveAt, revision: next.revision },
      },
    ],
  })
}
