// Who has an item: delegate, reassign, claim, release, move to another queue (DOMAIN section 6). The number of seats never changes.
import type { CommandOf } from './decide.ts'
import { itemOf, noSuchItem } from './decide-answer.ts'
import { DomainError, ok, refused, type Result } from './errors.ts'
import type { DomainEvent } from './events.ts'
import {
  mayClaim,
  mayDelegate,
  mayMove,
  mayReassign,
  mayRelease,
  mayTakeOver,
  sitterAfter,
  sittingAt,
  takersOf,
} from './permit-item.ts'
import type { Proposal, WorkItem } from './proposal.ts'
import { said } from './run.ts'
import type { Context, Outcome, WithProposal } from './state.ts'
import { readText } from './text.ts'

type Decided = Result<Outcome<WithProposal>>
type HandOver = CommandOf<'DELEGATE' | 'REASSIGN' | 'CLAIM' | 'RELEASE' | 'MOVE'>

const changed = (
  { customer, proposal }: WithProposal,
  item: WorkItem,
  next: Partial<WorkItem>,
  type: DomainEvent['type'],
  data: DomainEvent['data'],
  comment: string | null,
  ctx: Context,
): Outcome<WithProposal> => {
  const items = proposal.items.map((i) => (i.id === item.id ? { ...i, ...next, version: i.version + 1 } : i))
  const after: Proposal = { ...proposal, items, comments: said(proposal, comment, ctx), updatedAt: ctx.now }
  const about = { runId: item.runId, path: item.stepPath, step: item.step }
  const event: DomainEvent = {
    type,
    proposalId: proposal.id,
    workItemId: item.id,
    data: { ...about, ...data, comment },
  }
  return { state: { customer, proposal: after }, events: [event] }
}

/** To another person: by whoever sits, or by an administrator. */
const toPerson = (
  state: WithProposal,
  item: WorkItem,
  command: CommandOf<'DELEGATE' | 'REASSIGN'>,
  comment: string | null,
  ctx: Context,
): Decided => {
  const { proposal } = state
  const { toId } = command
  if (toId === ctx.actor.id) {
    const message =
      command.kind === 'REASSIGN'
        ? 'An administrator cannot give an item to themselves; name somebody else.'
        : 'This item is yours already; name somebody else.'
    return refused(new DomainError('NOT_PERMITTED', message, { at: ['to'] }))
  }
  const refusal = mayTakeOver(ctx, proposal, item, toId, command.kind)
  if (refusal !== null) return refused(refusal)
  // Who is away hands the seat on at once: nobody gets it back that way.
  if (sitterAfter(ctx, proposal, item, toId) === ctx.actor.id) {
    const message = 'You stand in for them, so that the item would be yours; name somebody else.'
    return refused(new DomainError('NOT_PERMITTED', message, { at: ['to'] }))
  }
  const { standInId } = sittingAt(ctx, proposal, item)
  const before = [item.assigneeId, command.kind === 'DELEGATE' ? standInId : null].filter((id) => id !== null)
  const next = { assigneeId: toId, heldByIds: [...new Set([...item.heldByIds, ...before])] }
  const type = command.kind === 'DELEGATE' ? 'WorkItemDelegated' : 'WorkItemReassigned'
  const { assigneeId: from, queueId } = item
  const data = { from, to: toId, assigneeId: toId, ...(queueId !== null && { queueId }) }
  return ok(changed(state, item, next, type, data, comment, ctx))
}

/** Hands an item over. Errors: NOT_FOUND, NOT_ASSIGNED, NOT_OFFERED, NOT_PERMITTED, ALREADY_ASKED, IS_AUTHOR, NOT_MEMBER, INACTIVE, ABSENT, WRONG_STATE, INVALID_VALUE. */
export const handOver = (state: WithProposal, command: HandOver, ctx: Context): Decided => {
  const { proposal } = state
  const item = itemOf(proposal, command.workItemId)
  if (item === undefined) return refused(noSuchItem)
  const may = { DELEGATE: mayDelegate, REASSIGN: mayReassign, CLAIM: mayClaim, RELEASE: mayRelease, MOVE: mayMove }
  const refusal = may[command.kind](ctx, proposal, item)
  if (refusal !== null) return refused(refusal)
  const text = readText('comment' in command ? command.comment : null, 'comment')
  if (!text.ok) return text
  switch (command.kind) {
    case 'DELEGATE':
    case 'REASSIGN':
      return toPerson(state, item, command, text.value, ctx)
    case 'CLAIM': {
      const assigneeId = ctx.actor.id
      return ok(
        changed(state, item, { assigneeId }, 'WorkItemClaimed', { assigneeId, queueId: item.queueId }, null, ctx),
      )
    }
    case 'RELEASE': {
      const data = { from: item.assigneeId, assigneeId: null, queueId: item.queueId }
      return ok(changed(state, item, { assigneeId: null }, 'WorkItemReleased', data, null, ctx))
    }
    case 'MOVE': {
      const queue = ctx.company.directory.queues.get(command.queueId)
      const wrong = (message: string): Decided =>
        refused(new DomainError('INVALID_VALUE', message, { at: ['queueId'] }))
      if (queue === undefined) return wrong(`There is no such queue in ${ctx.company.code}; name one of its queues.`)
      if (queue.memberIds.length === 0) return wrong(`The queue "${queue.name}" has no members; name another one.`)
      if (takersOf(ctx, proposal, item, queue.memberIds).length === 0)
        return wrong(`Nobody of the queue "${queue.name}" may decide this; name another one.`)
      if (queue.id === item.queueId && item.assigneeId === null) return wrong('The item lies in this queue already.')
      const data = { from: item.assigneeId, assigneeId: null, fromQueueId: item.queueId, queueId: queue.id }
      const next = { assigneeId: null, queueId: queue.id }
      return ok(changed(state, item, next, 'WorkItemMoved', data, text.value, ctx))
    }
    default:
      return command satisfies never
  }
}
