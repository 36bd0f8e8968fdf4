// Applying: all or nothing, on the record as it is at that moment (DOMAIN section 9).
import { conflictsOf } from './conflict.ts'
import type { DomainEvent } from './events.ts'
import { currentRun, liveChanges, type Change, type Proposal } from './proposal.ts'
import { project, validateRecord } from './record.ts'
import type { Context, Outcome, WithProposal } from './state.ts'
import { writtenValues } from './changes.ts'

/** Takes out changes that the record holds already; the revision rises, since the content is another. */
export const dropApplied = (
  proposal: Proposal,
  dropped: readonly Change[],
): { proposal: Proposal; events: DomainEvent[] } => {
  if (dropped.length === 0) return { proposal, events: [] }
  const gone = new Set(dropped.map((c) => c.id))
  const next: Proposal = {
    ...proposal,
    changes: proposal.changes.filter((c) => !gone.has(c.id)),
    revision: proposal.revision + 1,
  }
  return {
    proposal: next,
    events: dropped.map((c) => ({
      type: 'ChangeDiscarded',
      proposalId: proposal.id,
      data: {
        changeId: c.id,
        field: c.field,
        recordId: c.recordId,
        operation: c.operation,
        digest: c.digest,
        why: 'ALREADY_APPLIED',
        revision: next.revision,
      },
    })),
  }
}

/**
 * Writes an approved proposal. Bases that differ hold everything back (CONFLICTED); a record that would not be valid stops it
 * (FAULTED). The run has to be approved to its end before; the caller answers for that.
 */
export const apply = (
  { customer, proposal }: WithProposal,
  ctx: Pick<Context, 'now' | 'company' | 'accounts'>,
): Outcome<WithProposal> => {
  const { now } = ctx
  const at = { proposalId: proposal.id }
  const live = liveChanges(proposal)
  const conflicts = conflictsOf(customer, live)
  const applied = new Set(conflicts.filter((c) => c.kind === 'ALREADY_APPLIED').map((c) => c.change.id))
  // What was changed meanwhile may be written over if the company says so, except where there is nothing to write over.
  const overwrite = currentRun(proposal)?.parameters.conflictPolicy === 'OVERWRITE'
  const overwritten = conflicts.filter((c) => c.kind === 'CHANGED' && c.change.operation !== 'ADD' && overwrite)
  const differing = conflicts.filter((c) => c.kind !== 'ALREADY_APPLIED' && !overwritten.includes(c))
  if (differing.length > 0) {
    const event: DomainEvent = {
      type: 'ProposalConflicted',
      ...at,
      data: {
        revision: proposal.revision,
        customerVersion: customer.version,
        changes: differing.map((c) => ({
          changeId: c.change.id,
          field: c.change.field,
          recordId: c.change.recordId,
          kind: c.kind,
        })),
      },
      values: differing.flatMap((c, i) => [
        { key: `base.${i}`, field: c.change.field, recordId: c.change.recordId, value: c.change.base },
        { key: `current.${i}`, field: c.change.field, recordId: c.change.recordId, value: c.current },
        { key: `proposed.${i}`, field: c.change.field, recordId: c.change.recordId, value: c.change.proposed },
      ]),
    }
    return { state: { customer, proposal: { ...proposal, status: 'CONFLICTED', updatedAt: now } }, events: [event] }
  }
  const writes = live.filter((c) => !applied.has(c.id))
  const next = project(customer, writes)
  const [problem] = validateRecord(next, customer, ctx.company, ctx.accounts)
  if (problem !== undefined) {
    const fault = {
      code: problem.code,
      message: `The changes cannot be applied: ${problem.message}`,
      ...(problem.at && { at: problem.at }),
    }
    return {
      state: { customer, proposal: { ...proposal, status: 'FAULTED', fault, updatedAt: now } },
      events: [
        {
          type: 'ProposalFaulted',
          ...at,
          data: { code: fault.code, message: fault.message, path: [...(fault.at ?? [])] },
        },
      ],
    }
  }
  const written = writes.length === 0 ? customer : { ...next, version: customer.version + 1, updatedAt: now }
  const event: DomainEvent = {
    type: 'ProposalApplied',
    ...at,
    data: {
      revision: proposal.revision,
      customerVersion: written.version,
      changes: writes.map((c) => ({
        changeId: c.id,
        field: c.field,
        recordId: c.recordId,
        operation: c.operation,
        digest: c.digest,
      })),
      alreadyApplied: [...applied],
      ...(overwritten.length > 0 && { overwritten: overwritten.map((c) => c.change.id) }),
      runCreditLimitCheck: writes.some((c) => c.creditCheck),
    },
    values: [
      ...writtenValues(customer, writes),
      ...overwritten.map(({ change }, i) => ({
        key: `base.${i}`,
        field: change.field,
        recordId: change.recordId,
        value: change.base,
      })),
    ],
  }
  return {
    state: { customer: written, proposal: { ...proposal, status: 'APPLIED', closedAt: now, updatedAt: now } },
    events: [event],
  }
}
