// The changes of a proposal while an edit goes over them, and the events that tell of changes.
import { currentValue, type Customer } from './customer.ts'
import { changeDigest } from './digest.ts'
import type { EditCommand } from './edit.ts'
import type { DomainEvent, EventValue } from './events.ts'
import { findField } from './fields.ts'
import type { Change } from './proposal.ts'
import type { Context } from './state.ts'
import { sameValue, type Value } from './values.ts'
import type { Target, Wish } from './wishes.ts'

const placeOf = (t: Pick<Target, 'record' | 'recordId' | 'field'>): string =>
  `${t.record} ${t.recordId ?? ''} ${t.field}`

/** The changes of a proposal while an edit goes over them. */
export class Changes {
  readonly list: Map<string, Change>
  readonly events: DomainEvent[] = []
  readonly ctx: Context
  readonly customer: Customer
  readonly command: EditCommand
  readonly touched = new Set<string>()
  readonly before: ReadonlySet<string>
  constructor(before: readonly Change[], customer: Customer, command: EditCommand, ctx: Context) {
    this.list = new Map(before.map((c) => [placeOf(c), c]))
    this.before = new Set(this.list.keys())
    this.customer = customer
    this.command = command
    this.ctx = ctx
  }

  /** Was something proposed at this place when the edit came? */
  had(target: Target): boolean {
    return this.before.has(placeOf(target))
  }

  put(target: Target, base: Value): void {
    const place = placeOf(target)
    const existing = this.list.get(place)
    const creditCheck =
      target.field === 'creditLimit' ? (this.command.creditCheck ?? existing?.creditCheck ?? false) : false
    // Editing the field of a refused change again proposes it anew: whoever approved without it is asked about it.
    const refused = existing !== undefined && existing.refusal !== null
    if (
      !refused &&
      existing?.operation === target.operation &&
      existing.creditCheck === creditCheck &&
      sameValue(existing.proposed, target.proposed) &&
      sameValue(existing.base, base)
    )
      return
    const salt = refused ? this.ctx.newSalt() : (existing?.salt ?? this.ctx.newSalt())
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
      refusal: null,
    }
    this.list.set(place, change)
    this.touched.add(target.field)
    this.events.push(changeEvent(existing === undefined ? 'ChangeProposed' : 'ChangeReplaced', change))
  }

  /** Has the edit proposed anything? Who only takes changes out is no author of the proposal (DOMAIN section 8). */
  get authored(): boolean {
    return this.events.some((e) => e.type !== 'ChangeDiscarded')
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
    else if (existing?.refusal !== null) {
      for (const change of [...this.list.values()])
        if (change !== existing && change.record === wish.record && change.recordId === wish.recordId) this.drop(change)
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
