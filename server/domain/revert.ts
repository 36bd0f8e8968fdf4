// An applied proposal proposed backwards: an ordinary proposal with the inverse changes, linked to it (DOMAIN section 9).
import { changeEvent } from './changes.ts'
import { conflictsOf } from './conflict.ts'
import { findChild } from './customer.ts'
import type { CommandOf } from './decide.ts'
import { changeDigest } from './digest.ts'
import { emptyProposal } from './edit.ts'
import { DomainError, invalid, ok, refused, type Result } from './errors.ts'
import { mayRevert } from './permit.ts'
import { liveChanges, type Change, type Proposal } from './proposal.ts'
import { project, validateRecord } from './record.ts'
import type { Context, Outcome, WithProposal } from './state.ts'
import { readText } from './text.ts'

const inverse = { SET: 'SET', ADD: 'REMOVE', REMOVE: 'ADD' } as const

/** The change that takes another one back: its base is what that one wrote, so that whatever came after shows as conflict. */
const takeBack = (change: Change, reason: string | null, ctx: Context, customerId: string): Change => {
  const { record, recordId, field } = change
  const content = {
    ...{ record, recordId, field },
    operation: inverse[change.operation],
    base: change.proposed,
    proposed: change.base,
    creditCheck: false,
    salt: ctx.newSalt(),
  }
  return {
    id: ctx.newId(),
    ...content,
    digest: changeDigest({ companyId: ctx.company.id, customerId, ...content }),
    authorIds: [ctx.actor.id],
    source: 'REVERT',
    proposedAt: ctx.now,
    reason,
    refusal: null,
  }
}

/** Makes a draft with the inverse of what was applied. Errors: NOT_PERMITTED, WRONG_STATE, PENDING_PROPOSAL, INVALID_VALUE. */
export const revert = (
  { customer, proposal }: WithProposal,
  command: CommandOf<'REVERT'>,
  ctx: Context,
): Result<Outcome<WithProposal>> => {
  const refusal = mayRevert(ctx, proposal)
  if (refusal !== null) return refused(refusal)
  const reason = readText(command.reason, 'reason')
  if (!reason.ok) return reason
  const all = liveChanges(proposal).map((c) => takeBack(c, reason.value, ctx, customer.id))
  const conflicts = conflictsOf(customer, all)
  const back = new Set(conflicts.filter((c) => c.kind === 'ALREADY_APPLIED').map((c) => c.change))
  // A record that has gone meanwhile has nothing left to take back.
  for (const change of all)
    if (change.operation === 'REMOVE' && change.record !== 'customer')
      if (findChild(customer, change.record, change.recordId ?? '') === undefined) back.add(change)
  const changes = all.filter((c) => !back.has(c))
  if (changes.length === 0)
    return refused(
      new DomainError(
        'INVALID_VALUE',
        'The record is already as it was before this proposal; there is nothing to revert.',
      ),
    )
  if (conflicts.every((c) => back.has(c.change))) {
    const [first, ...more] = validateRecord(project(customer, changes), customer, ctx.company, ctx.accounts)
    if (first !== undefined) return refused(invalid([first, ...more]))
  }
  const next: Proposal = {
    ...emptyProposal(customer, null, ctx),
    revision: 1,
    revertsId: proposal.id,
    changes,
    involved: [{ userId: ctx.actor.id, as: 'REVERTER' }],
  }
  const events = changes.map((change) => {
    const event = changeEvent('ChangeProposed', change)
    return { ...event, proposalId: next.id, data: { ...event.data, revision: 1, revertsId: proposal.id } }
  })
  return ok({ state: { customer, proposal: next }, events })
}
