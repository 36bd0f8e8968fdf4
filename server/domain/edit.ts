// An edit becomes writes and changes: what is not governed is written, what is governed is proposed (DOMAIN section 3).
import { discardedProposal } from './closing.ts'
import { Changes, writtenValues } from './changes.ts'
import { currentValue, type Customer } from './customer.ts'
import { concerns } from './conflict.ts'
import { DomainError, invalid, ok, refused, type Result } from './errors.ts'
import type { DomainEvent } from './events.ts'
import { labelsOf, type ChildRecordName } from './fields.ts'
import { isGoverned } from './governance.ts'
import { lockedBy, mayEdit } from './permit.ts'
import { isEditable, isOpen, type ChangeSource, type Proposal } from './proposal.ts'
import { project, validateRecord } from './record.ts'
import type { Context, State } from './state.ts'
import { lockedByScheduled } from './scheduled.ts'
import { readText } from './text.ts'
import { sameValue } from './values.ts'
import { readWishes, type Wish } from './wishes.ts'

type Raw = Readonly<Record<string, unknown>>
export type RawChildren = {
  readonly add?: readonly Raw[] | null
  readonly change?: readonly { readonly id: string; readonly set: Raw }[] | null
  readonly remove?: readonly string[] | null
}
/** As a caller sends it: an absent field is left alone, null clears it. */
export type RawEdit = { readonly set?: Raw | null } & Readonly<Partial<Record<ChildRecordName, RawChildren | null>>>

/** What to do with governed fields: propose them, write them as well, or refuse the edit (entity behaviours, DOMAIN section 2). */
export type EditMode = 'PROPOSE' | 'WRITE' | 'REJECT'
export type EditCommand = {
  readonly edit: RawEdit
  readonly expectedVersion: number | null
  readonly reason: string | null
  /** Run a credit limit check when applied; null: not said. */
  readonly creditCheck: boolean | null
  readonly source: ChangeSource
  readonly mode: EditMode
  readonly importId: string | null
}
export type EditOutcome = {
  readonly state: State
  readonly events: readonly DomainEvent[]
  /** Full catalogue names. */
  readonly written: readonly string[]
  readonly proposed: readonly string[]
  /** Governed fields were written past the proposals: to be recorded as such. */
  readonly direct: boolean
}

const maxWishes = 2000

/** A proposal that nothing has been proposed in yet. */
export const emptyProposal = (customer: Customer, importId: string | null, ctx: Context): Proposal => ({
  status: 'DRAFT',
  id: ctx.newId(),
  companyId: customer.companyId,
  customerId: customer.id,
  revision: 0,
  version: 0,
  effectiveAt: null,
  createdAt: ctx.now,
  createdById: ctx.actor.id,
  updatedAt: ctx.now,
  importId,
  revertsId: null,
  changes: [],
  involved: [],
  runs: [],
  items: [],
  decisions: [],
  comments: [],
})

const isDifferent = (customer: Customer, t: Wish): boolean =>
  t.operation !== 'SET' || !sameValue(currentValue(customer, t.record, t.recordId, t.property), t.proposed)

/** Decides an edit. Nothing is written when any of it is refused. */
export const decideEdit = (state: State, command: EditCommand, ctx: Context): Result<EditOutcome> => {
  const { customer } = state
  // A closed proposal is history: the next edit begins another.
  const proposal = state.proposal !== null && isOpen(state.proposal) ? state.proposal : null
  const refusal = mayEdit(ctx)
  if (refusal !== null) return refused(refusal)
  if (command.expectedVersion !== null && command.expectedVersion !== customer.version) {
    return refused(
      new DomainError(
        'STALE_VERSION',
        `The customer has changed since you read it (version ${command.expectedVersion}, now ${customer.version}). Look at the current record and edit again.`,
        { at: ['expectedVersion'], detail: { customerId: customer.id } },
      ),
    )
  }
  const reason = readText(command.reason, 'reason')
  if (!reason.ok) return reason
  const proposes = command.mode === 'PROPOSE'
  const pending = proposal?.changes ?? []
  // What is written past the proposals meets the record alone, not what is proposed for it.
  const met = command.mode === 'WRITE' ? [] : pending.filter((c) => isGoverned(ctx.company, c.field))
  const { wishes, problems } = readWishes(command.edit, customer, met, ctx.newId)
  if (wishes.length > maxWishes)
    problems.unshift({ code: 'LIMIT_EXCEEDED', message: `One edit takes at most ${maxWishes} values.`, at: [] })
  if (command.creditCheck !== null && !wishes.some((w) => w.field === 'creditLimit'))
    problems.push({
      code: 'INVALID_VALUE',
      message: 'A credit limit check belongs to a change of the credit limit: set creditLimit in the same edit.',
      at: ['runCreditLimitCheck'],
    })
  const [first, ...more] = problems
  if (first !== undefined) return refused(invalid([first, ...more]))

  const governed = wishes.filter((w) => isGoverned(ctx.company, w.field))
  const differing = governed.filter((w) => isDifferent(customer, w))
  if (command.mode === 'REJECT' && differing.length > 0) {
    const fields = [...new Set(differing.map((w) => w.field))]
    return refused(
      new DomainError(
        'CHANGES_REJECTED',
        `${ctx.company.code} takes no changes of ${labelsOf(fields)} from a service account or a file; a person has to propose them.`,
        { ...(differing[0] && { at: differing[0].at }), detail: { fields } },
      ),
    )
  }
  const writes = wishes.filter((w) => !(proposes && governed.includes(w)) && isDifferent(customer, w))
  const written =
    writes.length === 0 ? customer : { ...project(customer, writes), version: customer.version + 1, updatedAt: ctx.now }

  const changes = new Changes(pending, customer, { ...command, reason: reason.value }, ctx)
  if (proposes) for (const wish of governed) changes.wish(wish)
  const next = [...changes.list.values()]
  // Naming a field that is proposed touches it, whatever the value: nobody is told that a locked proposal took their edit.
  const touching = proposes ? governed.find((w) => isDifferent(customer, w) || changes.had(w)) : undefined
  if (touching !== undefined && proposal !== null && !isEditable(proposal))
    return refused(lockedBy(proposal, ctx, touching.at))
  const held = proposes
    ? lockedByScheduled(
        governed.filter((w) => isDifferent(customer, w)),
        ctx,
      )
    : null
  if (held !== null) return refused(held)

  const wrong = [
    ...(writes.length > 0 ? validateRecord(written, customer, ctx.company, ctx.accounts) : []),
    ...(changes.touched.size > 0
      ? validateRecord(
          project(
            written,
            next.filter((c) => c.refusal === null),
          ),
          customer,
          ctx.company,
          ctx.accounts,
        )
      : []),
  ]
  const unique = [...new Map(wrong.map((p) => [p.message, p])).values()]
  const [wrongFirst, ...wrongMore] = unique
  if (wrongFirst !== undefined) return refused(invalid([wrongFirst, ...wrongMore]))

  const events: DomainEvent[] = []
  const writtenFields = [...new Set(writes.map((w) => w.field))]
  const direct = command.mode === 'WRITE' && differing.length > 0
  if (writes.length > 0) {
    events.push({
      type: 'CustomerUpdated',
      // Whoever watches the proposal hears of a conflict when it arises.
      ...(proposal !== null && concerns(customer, written, pending) && { proposalId: proposal.id }),
      data: {
        version: written.version,
        fields: writes.map((w) => w.field),
        operations: writes.map((w) => w.operation),
        records: writes.map((w) => w.recordId),
        withoutApproval: direct,
        source: command.source,
      },
      values: writtenValues(customer, writes),
    })
  }
  let after = state.proposal
  if (changes.touched.size > 0) {
    const base = proposal ?? emptyProposal(customer, command.importId, ctx)
    const involved =
      !changes.authored || base.involved.some((i) => i.userId === ctx.actor.id && i.as === 'AUTHOR')
        ? base.involved
        : [...base.involved, { userId: ctx.actor.id, as: 'AUTHOR' as const }]
    const changed: Proposal = { ...base, changes: next, involved, revision: base.revision + 1, updatedAt: ctx.now }
    after = changed
    events.push(
      ...changes.events.map((e) => ({ ...e, proposalId: changed.id, data: { ...e.data, revision: changed.revision } })),
    )
    if (next.length === 0) {
      const closed = discardedProposal(changed, ctx.now)
      after = closed.proposal
      events.push(...closed.events)
    }
  }
  const kept = new Set(next.map((c) => c.field))
  return ok({
    state: { customer: written, proposal: after },
    events,
    written: writtenFields,
    proposed: [...changes.touched].filter((f) => kept.has(f)),
    direct,
  })
}
