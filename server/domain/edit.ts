// An edit becomes writes and changes: what is not governed is written, what is governed is proposed (DOMAIN section 3).
import { currentValue, findChild, type Customer } from './customer.ts'
import { changeDigest } from './digest.ts'
import { DomainError, invalid, ok, refused, type Problem, type Result } from './errors.ts'
import type { DomainEvent, EventValue } from './events.ts'
import {
  childFields,
  childRecords,
  customerFields,
  fieldName,
  findField,
  type ChildRecordName,
  type FieldDef,
} from './fields.ts'
import { isGoverned } from './governance.ts'
import { parsePatch } from './input.ts'
import { lockedBy, mayEdit } from './permit.ts'
import { isEditable, isOpen, type Change, type ChangeSource, type Proposal } from './proposal.ts'
import { completeRecord, project, validateRecord } from './record.ts'
import type { Context, State } from './state.ts'
import { sameValue, type RecordValue, type Scalar, type Value } from './values.ts'

type Raw = Readonly<Record<string, unknown>>
export type RawChildren = {
  readonly add?: readonly Raw[] | null
  readonly change?: readonly { readonly id: string; readonly set: Raw }[] | null
  readonly remove?: readonly string[] | null
}
/** As a caller sends it: an absent field is left alone, null clears it. */
export type RawEdit = { readonly set?: Raw | null } & { readonly [R in ChildRecordName]?: RawChildren | null }

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

type Target = {
  readonly record: Change['record']
  readonly recordId: string | null
  readonly field: string
  readonly operation: Change['operation']
  readonly proposed: Value
}
type Wish = Target & { readonly property: string | null; readonly at: readonly string[] }

const placeOf = (t: Pick<Target, 'record' | 'recordId' | 'field'>): string =>
  `${t.record} ${t.recordId ?? ''} ${t.field}`
const maxWishes = 2000

/** The edit as single wishes, parsed; problems name their place in the input. */
const readWishes = (
  edit: RawEdit,
  customer: Customer,
  pending: readonly Change[],
  newId: () => string,
): { wishes: Wish[]; problems: Problem[] } => {
  const wishes: Wish[] = []
  const problems: Problem[] = []
  const root = parsePatch(edit.set ?? {}, customerFields, ['set'])
  problems.push(...root.problems)
  for (const [property, value] of Object.entries(root.patch)) {
    wishes.push({
      record: 'customer',
      recordId: null,
      field: property,
      operation: 'SET',
      proposed: value,
      property,
      at: ['set', property],
    })
  }
  for (const record of childRecords) {
    const fields: Readonly<Record<string, FieldDef>> = childFields[record]
    const raw = edit[record]
    const unknown = (at: readonly string[]): void => {
      problems.push({
        code: 'INVALID_VALUE',
        message: `This customer has no such record under ${record}; read the customer again for its ids.`,
        at,
      })
    }
    for (const [i, item] of (raw?.change ?? []).entries()) {
      const at = [record, 'change', String(i)]
      const parsed = parsePatch(item.set, fields, [...at, 'set'])
      problems.push(...parsed.problems)
      const adding = pending.find((c) => c.operation === 'ADD' && c.record === record && c.recordId === item.id)
      const child = findChild(customer, record, item.id)
      if (adding !== undefined) {
        wishes.push({
          record,
          recordId: item.id,
          field: record,
          operation: 'ADD',
          proposed: { ...(adding.proposed as RecordValue), ...parsed.patch },
          property: null,
          at,
        })
      } else if (child === undefined) unknown([...at, 'id'])
      else if (pending.some((c) => c.operation === 'REMOVE' && c.record === record && c.recordId === item.id)) {
        problems.push({
          code: 'INVALID_VALUE',
          message: 'The record is proposed for removal; discard that change before editing it.',
          at: [...at, 'id'],
        })
      } else {
        for (const [property, value] of Object.entries(parsed.patch)) {
          if (property === 'code') {
            if (value !== child.values['code'])
              problems.push({
                code: 'INVALID_VALUE',
                message: 'A code cannot be changed: remove the record and add a new one.',
                at: [...at, 'set', 'code'],
              })
          } else
            wishes.push({
              record,
              recordId: item.id,
              field: fieldName(record, property),
              operation: 'SET',
              proposed: value,
              property,
              at: [...at, 'set', property],
            })
        }
      }
    }
    for (const [i, id] of (raw?.remove ?? []).entries()) {
      const there =
        findChild(customer, record, id) !== undefined ||
        pending.some((c) => c.operation === 'ADD' && c.record === record && c.recordId === id)
      if (!there) unknown([record, 'remove', String(i)])
      else
        wishes.push({
          record,
          recordId: id,
          field: record,
          operation: 'REMOVE',
          proposed: null,
          property: null,
          at: [record, 'remove', String(i)],
        })
    }
    for (const [i, item] of (raw?.add ?? []).entries()) {
      const parsed = parsePatch(item, fields, [record, 'add', String(i)])
      problems.push(...parsed.problems)
      wishes.push({
        record,
        recordId: newId(),
        field: record,
        operation: 'ADD',
        proposed: completeRecord(fields, parsed.patch),
        property: null,
        at: [record, 'add', String(i)],
      })
    }
  }
  return { wishes, problems }
}

/** The changes of a proposal while an edit goes over them. */
class Changes {
  readonly list: Map<string, Change>
  readonly events: DomainEvent[] = []
  readonly ctx: Context
  readonly customer: Customer
  readonly command: EditCommand
  readonly touched = new Set<string>()
  constructor(before: readonly Change[], customer: Customer, command: EditCommand, ctx: Context) {
    this.list = new Map(before.map((c) => [placeOf(c), c]))
    this.customer = customer
    this.command = command
    this.ctx = ctx
  }

  put(target: Target, base: Value): void {
    const place = placeOf(target)
    const existing = this.list.get(place)
    const creditCheck =
      target.field === 'creditLimit' ? (this.command.creditCheck ?? existing?.creditCheck ?? false) : false
    if (
      existing !== undefined &&
      existing.operation === target.operation &&
      existing.creditCheck === creditCheck &&
      sameValue(existing.proposed, target.proposed) &&
      sameValue(existing.base, base)
    )
      return
    const salt = existing?.salt ?? this.ctx.newSalt()
    const author = this.ctx.actor.id
    const content = {
      record: target.record,
      recordId: target.recordId,
      field: target.field,
      operation: target.operation,
      base,
      proposed: target.proposed,
      creditCheck,
      salt,
    }
    const change: Change = {
      id: existing?.id ?? this.ctx.newId(),
      ...content,
      digest: changeDigest({ companyId: this.customer.companyId, customerId: this.customer.id, ...content }),
      authorIds: [...new Set([...(existing?.authorIds ?? []), author])],
      source: this.command.source,
      proposedAt: this.ctx.now,
      reason: this.command.reason ?? existing?.reason ?? null,
    }
    this.list.set(place, change)
    this.touched.add(target.field)
    this.events.push(changeEvent(existing === undefined ? 'ChangeProposed' : 'ChangeReplaced', change))
  }

  drop(change: Change): void {
    this.list.delete(placeOf(change))
    this.touched.add(change.field)
    this.events.push(changeEvent('ChangeDiscarded', change))
  }

  wish(wish: Wish): void {
    const existing = this.list.get(placeOf(wish))
    if (wish.operation === 'SET') {
      const current = currentValue(this.customer, wish.record, wish.recordId, wish.property)
      if (!sameValue(current, wish.proposed)) this.put(wish, current)
      else if (existing !== undefined) this.drop(existing)
    } else if (wish.operation === 'ADD') this.put(wish, null)
    else if (existing?.operation === 'ADD') this.drop(existing)
    else if (existing === undefined) {
      for (const change of [...this.list.values()])
        if (change.record === wish.record && change.recordId === wish.recordId) this.drop(change)
      this.put(wish, currentValue(this.customer, wish.record, wish.recordId, null))
    }
  }
}

/** An event about one change, with its values. */
export const changeEvent = (
  type: 'ChangeProposed' | 'ChangeReplaced' | 'ChangeDiscarded',
  change: Change,
): DomainEvent => ({
  type,
  data: {
    changeId: change.id,
    field: change.field,
    recordId: change.recordId,
    operation: change.operation,
    digest: change.digest,
    source: change.source,
    reason: change.reason,
    creditCheck: change.creditCheck,
  },
  values: [
    { key: 'base', field: change.field, recordId: change.recordId, value: change.base },
    { key: 'proposed', field: change.field, recordId: change.recordId, value: change.proposed },
  ],
})

/** What was written, as the values of an event: `from.<n>` and `to.<n>`, in the order of `fields`. */
export const writtenValues = (customer: Customer, targets: readonly Target[]): EventValue[] =>
  targets.flatMap((t, i) => {
    const property = findField(t.field)?.property ?? null
    const from = currentValue(customer, t.record, t.recordId, property)
    return [
      { key: `from.${i}`, field: t.field, recordId: t.recordId, value: from },
      { key: `to.${i}`, field: t.field, recordId: t.recordId, value: t.proposed },
    ]
  })

const newProposal = (customer: Customer, command: EditCommand, ctx: Context): Proposal => ({
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
  importId: command.importId,
  changes: [],
  involved: [],
  runs: [],
  items: [],
  decisions: [],
  comments: [],
})

/** Closes a proposal with nothing left in it, with the items that were still open on it. */
export const closeEmpty = (proposal: Proposal, how: 'APPLIED' | 'DISCARDED', now: string): Proposal => ({
  ...proposal,
  status: how,
  closedAt: now,
  updatedAt: now,
  items: proposal.items.map((i) =>
    i.status === 'OPEN' ? { ...i, status: 'WITHDRAWN', closedAt: now, version: i.version + 1 } : i,
  ),
})

const isDifferent = (customer: Customer, t: Wish): boolean =>
  t.operation !== 'SET' || !sameValue(currentValue(customer, t.record, t.recordId, t.property), t.proposed)

/** Decides an edit. Nothing is written when any of it is refused. */
export const decideEdit = (state: State, command: EditCommand, ctx: Context): Result<EditOutcome> => {
  const { customer, proposal } = state
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
  const pending = proposal?.changes ?? []
  const { wishes, problems } = readWishes(command.edit, customer, pending, ctx.newId)
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
        `${ctx.company.code} takes no changes of ${fields.join(', ')} from a service account or a file; a person has to propose them.`,
        { detail: { fields } },
      ),
    )
  }
  const proposes = command.mode === 'PROPOSE'
  const writes = wishes.filter((w) => !(proposes && governed.includes(w)) && isDifferent(customer, w))
  const written =
    writes.length === 0 ? customer : { ...project(customer, writes), version: customer.version + 1, updatedAt: ctx.now }

  const changes = new Changes(pending, customer, command, ctx)
  if (proposes) for (const wish of governed) changes.wish(wish)
  const next = [...changes.list.values()]
  if (changes.touched.size > 0 && proposal !== null && !isEditable(proposal))
    return refused(lockedBy(proposal, ctx.company))

  const wrong = [
    ...(writes.length > 0 ? validateRecord(written, customer, ctx.company, ctx.accounts) : []),
    ...(changes.touched.size > 0 ? validateRecord(project(written, next), customer, ctx.company, ctx.accounts) : []),
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
  let after: Proposal | null = proposal
  if (changes.touched.size > 0) {
    const base = proposal !== null && isOpen(proposal) ? proposal : newProposal(customer, command, ctx)
    const involved = base.involved.some((i) => i.userId === ctx.actor.id && i.as === 'AUTHOR')
      ? base.involved
      : [...base.involved, { userId: ctx.actor.id, as: 'AUTHOR' as const }]
    const changed: Proposal = { ...base, changes: next, involved, revision: base.revision + 1, updatedAt: ctx.now }
    after = next.length === 0 ? closeEmpty(changed, 'DISCARDED', ctx.now) : changed
    events.push(
      ...changes.events.map((e) => ({ ...e, proposalId: changed.id, data: { ...e.data, revision: changed.revision } })),
    )
    if (next.length === 0)
      events.push({ type: 'ProposalDiscarded', proposalId: changed.id, data: { revision: changed.revision } })
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
