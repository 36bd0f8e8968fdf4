// The record as it stood is made again from the events alone (DOMAIN section 9).
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { apply } from '../../server/domain/apply.ts'
import {
  afterWrite,
  stoodChildren,
  writeTypes,
  type StoodCustomer,
  type WriteEvent,
} from '../../server/domain/as-of.ts'
import { decideCreate } from '../../server/domain/create.ts'
import type { Customer } from '../../server/domain/customer.ts'
import { decideEdit, type EditMode, type RawEdit } from '../../server/domain/edit.ts'
import type { DomainEvent } from '../../server/domain/events.ts'
import { childRecords, type ChildRecordName } from '../../server/domain/fields.ts'
import { planRows, type ImportRow } from '../../server/domain/import.ts'
import type { Proposal } from '../../server/domain/proposal.ts'
import type { Value } from '../../server/domain/values.ts'
import { iban, World } from './world.ts'

/** An event as the log gives it back: values in any order, none erased. */
const logged = (event: DomainEvent): WriteEvent => ({
  type: event.type,
  data: event.data,
  values: [...(event.values ?? [])]
    .reverse()
    .map(({ key, field, recordId = null, value }) => ({ key, field, recordId, value, erased: false })),
})
const replay = (events: readonly WriteEvent[]): StoodCustomer | null =>
  events
    .filter(({ type }) => writeTypes.some((t) => t === type))
    .reduce<StoodCustomer | null>((stood, event) => afterWrite(stood, event), null)

type Plain = { version: number; values: unknown; children: { record: string; code: string; values: unknown }[] }
const plainStood = (stood: StoodCustomer | null): Plain | null =>
  stood && {
    version: stood.version,
    values: stood.own.values,
    children: stoodChildren(stood).map(({ record, code, values }) => ({ record, code, values })),
  }
const plain = ({ version, values, children }: Customer): Plain => ({
  version,
  values,
  children: childRecords.flatMap((record) =>
    children[record]
      .map((c) => ({ record, code: c.values.code, values: c.values }))
      .sort((a, b) => (a.code < b.code ? -1 : 1)),
  ),
})

const sets = [
  { creditLimit: '60000' },
  { name: 'Contoso West', phone: '+49 30 1234567' },
  { paymentTerms: 'N60', holdStatus: 'ALL' },
  { phone: null, paymentTerms: null },
  { taxExemptNumber: 'DE129274202' },
  { name: 'Contoso East', creditLimit: '1' },
  {},
]
const childSets: Readonly<Record<ChildRecordName, readonly Readonly<Record<string, string>>[]>> = {
  bankAccounts: [{ iban: iban.second }, { name: 'Second', bic: 'DEUTDEFF' }, { iban: iban.first, holder: 'C' }],
  addresses: [{ city: 'Berlin' }, { street: 'Main Street 1', city: 'Ulm' }],
  contacts: [{ name: 'Ann' }, { email: 'ann@example.com', name: 'Ann B' }],
}
const required: Readonly<Record<ChildRecordName, Readonly<Record<string, string>>>> = {
  bankAccounts: { iban: iban.first },
  addresses: { country: 'DE' },
  contacts: { name: 'Zoe' },
}

const pick = fc.nat({ max: 11 })
const record = fc.constantFrom(...childRecords)
const mode = fc.constantFrom<EditMode>('PROPOSE', 'WRITE')
const move = fc.oneof(
  fc.record({ kind: fc.constant('EDIT' as const), set: pick, mode, record, add: pick, change: pick, remove: pick }),
  fc.record({ kind: fc.constant('ROW' as const), set: pick, mode, record, code: pick }),
  fc.record({ kind: fc.constant('APPLY' as const) }),
)
type Move = typeof move extends fc.Arbitrary<infer M> ? M : never
const at = <T>(list: readonly T[], n: number): T | undefined => list[n % (list.length + 1)]

const editOf = (customer: Customer, m: Extract<Move, { kind: 'EDIT' }>): RawEdit => {
  const ids = customer.children[m.record].map((c) => c.id)
  const [changed, removed] = [at(ids, m.change), at(ids, m.remove)]
  return {
    set: at(sets, m.set) ?? null,
    [m.record]: {
      add:
        m.add < 5
          ? [
              { ...required[m.record], code: `N${m.add}` },
              { ...required[m.record], code: `M${m.add}` },
            ]
          : [],
      change:
        changed === undefined || changed === removed
          ? []
          : [{ id: changed, set: at(childSets[m.record], m.change) ?? { code: `C${m.change}` } }],
      remove: removed === undefined ? [] : [removed],
    },
  }
}
const rowOf = (m: Extract<Move, { kind: 'ROW' }>): ImportRow => ({
  account: 'US-009',
  set: at(sets, m.set) ?? null,
  [m.record]: [{ ...required[m.record], ...at(childSets[m.record], m.set), code: `N${m.code}` }],
})

type Life = { customer: Customer; events: { at: string; event: DomainEvent }[]; notes: { at: string; was: Plain }[] }

/** A customer to whom all this happens; whatever is refused leaves no trace. */
const live = (moves: readonly Move[], seen: Record<string, number> = {}): Life => {
  const world = new World({ governed: ['creditLimit', 'paymentTerms', 'bankAccounts', 'contacts'] })
  const first = world.as('clara')
  const made = decideCreate(
    {
      account: 'US-009',
      set: { name: 'New', creditLimit: '10' },
      bankAccounts: [
        { code: 'Z', iban: iban.first },
        { code: 'A', iban: iban.second },
      ],
      contacts: [{ code: 'c', name: 'Kim' }],
    },
    'PERSON',
    first,
  )
  if (!made.ok) throw made.error
  let { customer } = made.value
  let proposal: Proposal | null = null
  const life: Life = { customer, events: [], notes: [] }
  const note = (now: string, events: readonly DomainEvent[]): void => {
    life.events.push(...events.map((event) => ({ at: now, event })))
    life.notes.push({ at: now, was: plain(customer) })
    for (const { type, data } of events) {
      seen[type] = (seen[type] ?? 0) + 1
      for (const o of Array.isArray(data.operations) ? data.operations : [])
        seen[String(o)] = (seen[String(o)] ?? 0) + 1
    }
  }
  note(first.now, made.value.events)
  for (const m of moves) {
    const ctx = world.as('clara')
    const how = { expectedVersion: null, reason: null, creditCheck: null, source: 'PERSON' as const, importId: null }
    if (m.kind === 'APPLY') {
      if (proposal === null) continue
      const { state, events } = apply({ customer, proposal }, ctx)
      customer = state.customer
      if (state.proposal.status === 'APPLIED') proposal = null
      note(ctx.now, events)
    } else if (m.kind === 'EDIT') {
      const edited = decideEdit({ customer, proposal }, { ...how, edit: editOf(customer, m), mode: m.mode }, ctx)
      if (!edited.ok) continue
      customer = edited.value.state.customer
      proposal = edited.value.state.proposal
      if (proposal?.status === 'DISCARDED') proposal = null
      note(ctx.now, edited.value.events)
    } else {
      const [plan] = planRows(
        [rowOf(m)],
        new Map([['US-009', { customer, proposal }]]),
        { mode: m.mode, importId: null },
        ctx,
      )
      if (plan === undefined || plan.next === null || 'created' in plan.next) continue
      customer = plan.next.state.customer
      proposal = plan.next.state.proposal
      note(ctx.now, plan.events)
    }
  }
  return { ...life, customer }
}

describe('a record as of a moment', () => {
  it('is what it was, whatever has been written, proposed, applied and imported since', () => {
    const seen: Record<string, number> = {}
    fc.assert(
      fc.property(fc.array(move, { maxLength: 25 }), (moves) => {
        const { events, notes } = live(moves, seen)
        for (const { at, was } of notes) {
          const until = events.filter((e) => e.at <= at).map(({ event }) => logged(event))
          expect(plainStood(replay(until))).toEqual(was)
        }
      }),
      { numRuns: 150 },
    )
    const often = ['CustomerCreated', 'CustomerUpdated', 'ProposalApplied', 'ADD', 'REMOVE', 'SET'].map(
      (k) => seen[k] ?? 0,
    )
    expect(Math.min(...often)).toBeGreaterThan(20)
  })

  it('is nothing before the customer was made', () => {
    expect(replay([])).toBeNull()
    expect(replay([{ type: 'CustomerUpdated', data: { version: 2 }, values: [] }])).toBeNull()
  })

  const created = (values: WriteEvent['values']): WriteEvent => ({
    type: 'CustomerCreated',
    data: { version: 1 },
    values,
  })
  const value = (key: string, field: string, value: Value, recordId: string | null = null) => ({
    key,
    field,
    recordId,
    value,
    erased: false,
  })

  it('gives fields that the catalogue has got since their initial value, and leaves out those it has lost', () => {
    const stood = replay([
      created([
        value('customer', 'customer', { name: 'Old', pager: '1' }),
        value('bankAccounts.b1', 'bankAccounts', { code: 'B', swift: 'X' }, 'b1'),
      ]),
      {
        type: 'CustomerUpdated',
        data: { version: 2 },
        values: [value('to.0', 'pager', '2'), value('to.1', 'name', 'N')],
      },
    ])
    expect(stood).toMatchObject({ version: 2, own: { values: { name: 'N', holdStatus: 'NO', phone: null } } })
    expect(stood?.own.values).not.toHaveProperty('pager')
    expect(stood?.children.bankAccounts[0]?.values).toMatchObject({ code: 'B', iban: null })
    expect(stood?.children.bankAccounts[0]?.values).not.toHaveProperty('swift')
  })

  const child = { code: 'B', iban: iban.first }
  const kept = [created([value('customer', 'customer', { name: 'K' }), value('b', 'bankAccounts', child, 'b1')])]
  const write = (version: number, ...values: WriteEvent['values']): WriteEvent => ({
    type: 'CustomerUpdated',
    data: { version },
    values,
  })
  const gone = (key: string, field: string, recordId: string | null = null) => ({
    ...value(key, field, null, recordId),
    erased: true,
  })

  it('says which values have been erased since, until they were written anew', () => {
    const erased = replay([...kept, write(2, gone('to.0', 'name'), gone('to.1', 'bankAccounts.iban', 'b1'))])
    expect(erased?.own.values.name).toBeNull()
    expect([...(erased?.own.erased ?? [])]).toEqual(['name'])
    expect(erased?.children.bankAccounts).toMatchObject([{ id: 'b1', values: { code: 'B', iban: null } }])
    expect([...(erased?.children.bankAccounts[0]?.erased ?? [])]).toEqual(['iban'])
    const again = afterWrite(erased, write(3, value('to.0', 'name', 'L')))
    expect(again?.own.values.name).toBe('L')
    expect(again?.own.erased.size).toBe(0)
  })

  it('knows of an erased record that it was there, and when it was removed', () => {
    const added = replay([...kept, write(2, gone('to.0', 'bankAccounts', 'b2'))])
    expect(added === null ? [] : stoodChildren(added).map(({ code, erased }) => [code, erased.has('iban')])).toEqual([
      ['', true],
      ['B', false],
    ])
    const removed = afterWrite(added, write(3, gone('to.0', 'bankAccounts', 'b2')))
    expect(removed?.children.bankAccounts.map(({ id }) => id)).toEqual(['b1'])
    const all = replay([created([gone('customer', 'customer'), gone('b', 'bankAccounts', 'b1')])])
    expect(all).toMatchObject({
      version: 1,
      own: { values: { name: null } },
      children: { bankAccounts: [{ id: 'b1' }] },
    })
    expect(all?.own.erased.has('name')).toBe(true)
  })
})
