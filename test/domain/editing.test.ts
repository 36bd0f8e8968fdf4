// DOMAIN section 3, a rule each.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RawEdit } from '../../server/domain/edit.ts'
import type { RecordValue } from '../../server/domain/values.ts'
import { bankAccount, customer, editOf, iban, World } from './world.ts'

const change = (id: string, set: Record<string, unknown>): RawEdit => ({ bankAccounts: { change: [{ id, set }] } })
const add = (...items: Record<string, unknown>[]): RawEdit => ({ bankAccounts: { add: items } })
const remove = (...ids: string[]): RawEdit => ({ bankAccounts: { remove: ids } })
const draft = (set: Record<string, unknown> = { creditLimit: '100' }): World => {
  const world = new World()
  world.edit('clara', set)
  return world
}

describe('an edit', () => {
  it('writes what is not governed at once and proposes what is, leaving the customer its value', () => {
    const world = new World()
    const { events } = world.edit('clara', { phone: '+49 30 1234567', creditLimit: '150000' })
    expect(world.customer.values).toMatchObject({ phone: '+49 30 1234567', creditLimit: '50000.00' })
    expect(world.customer.version).toBe(2)
    expect(world.proposal).toMatchObject({ status: 'DRAFT', revision: 1 })
    expect(world.change('creditLimit')).toMatchObject({ base: '50000.00', proposed: '150000.00', authorIds: ['clara'] })
    expect(events.map((e) => e.type)).toEqual(['CustomerUpdated', 'ChangeProposed'])
  })

  it('writes everything when approvals are off, even while a proposal is open', () => {
    const world = draft()
    world.company = { ...world.company, parameters: { ...world.company.parameters, enabled: false } }
    world.edit('colin', { creditLimit: '70000' })
    expect(world.customer.values.creditLimit).toBe('70000.00')
    expect(world.fields).toEqual(['creditLimit'])
  })

  it('joins the open proposal', () => {
    const world = draft()
    const { id } = world.proposal
    world.edit('colin', { name: 'Contoso West' })
    expect(world.proposal).toMatchObject({ id, revision: 2 })
    expect(world.fields).toEqual(['creditLimit', 'name'])
  })

  it('of the same field replaces the value, keeps base and salt, and adds an author', () => {
    const world = draft()
    const before = world.change('creditLimit')
    world.edit('colin', { creditLimit: '200' })
    const after = world.change('creditLimit')
    expect(after).toMatchObject({ id: before.id, salt: before.salt, base: '50000.00', proposed: '200.00' })
    expect(after.authorIds).toEqual(['clara', 'colin'])
    expect(after.digest).not.toBe(before.digest)
  })

  it('back to the current value takes the change out, and with the last one closes the proposal', () => {
    const world = draft({ creditLimit: '100', name: 'Contoso West' })
    world.edit('colin', { creditLimit: '50000' })
    expect(world.fields).toEqual(['name'])
    const { events } = world.edit('clara', { name: 'Contoso Retail' })
    expect(world.status).toBe('DISCARDED')
    expect(events.map((e) => e.type)).toEqual(['ChangeDiscarded', 'ProposalDiscarded'])
  })

  it('back to the current value makes no author of whoever does only that', () => {
    const world = draft({ creditLimit: '100', name: 'Contoso West' })
    world.edit('colin', { creditLimit: '50000' })
    expect(world.proposal.involved.map((i) => i.userId)).toEqual(['clara'])
  })

  it('that closes a proposal withdraws its return item with an event', () => {
    const world = draft({ creditLimit: '60000' })
    world.submit('clara')
    world.reject('mia')
    const { events } = world.edit('clara', { creditLimit: '50000' })
    expect(world.status).toBe('DISCARDED')
    expect(events.map((e) => e.type)).toContain('WorkItemWithdrawn')
    expect(world.proposal.items.some((i) => i.status === 'OPEN')).toBe(false)
  })

  it('to what is there or proposed already is no change', () => {
    const world = draft()
    const { proposal, customer: record } = world.state
    world.edit('colin', { creditLimit: '100.00', name: 'Contoso Retail', phone: null })
    expect(world.state).toEqual({ proposal, customer: record })
  })

  it('after the proposal is closed begins another', () => {
    const world = draft()
    const first = world.proposal.id
    world.do('clara', { kind: 'DISCARD_PROPOSAL', expectedRevision: null })
    world.edit('clara', { creditLimit: '200' })
    expect(world.proposal.id).not.toBe(first)
    expect(world.status).toBe('DRAFT')
  })

  it('on a stale version is refused, with the customer named', () => {
    const world = new World()
    const result = world.try('clara', editOf({ set: { creditLimit: '1' } }, { expectedVersion: 7 }))
    expect(result).toMatchObject({ ok: false, error: { code: 'STALE_VERSION', detail: { customerId: 'us-001' } } })
  })

  it('takes the role of a clerk or an integration', () => {
    const edit = editOf({ set: { phone: '1' } })
    const world = new World()
    for (const who of ['cora', 'adam', 'audrey']) expect(world.refusal(who, edit)).toBe('NOT_PERMITTED')
    expect(world.refusal('gone', edit)).toBe('INACTIVE')
    for (const who of ['clara', 'partner']) expect(world.refusal(who, edit)).toBeNull()
  })

  it('names every value that is wrong, and writes nothing of the rest', () => {
    const world = new World()
    const set = { phone: '+49 1', creditLimit: '-1', nme: 'x', paymentTerms: 'N31' }
    const result = world.try('clara', editOf({ set }))
    expect(result.ok ? [] : result.error.detail.problems).toMatchObject([
      { code: 'INVALID_VALUE', at: ['set', 'creditLimit'] },
      { code: 'UNKNOWN_FIELD', at: ['set', 'nme'] },
    ])
    const code = world.try('clara', editOf({ set: { phone: '+49 1', paymentTerms: 'N31' } }))
    expect(code).toMatchObject({ ok: false, error: { code: 'INVALID_VALUE', at: ['set', 'paymentTerms'] } })
    expect(world.customer.values.phone).toBeNull()
  })

  it('is validated as the whole record would stand with everything proposed', () => {
    const world = new World()
    world.do('clara', editOf(add({ code: 'NEW' })))
    world.edit('clara', { defaultBankAccount: 'NEW' })
    const child = world.change('bankAccounts').recordId ?? ''
    expect(world.refusal('clara', editOf(remove(child)))).toBe('INVALID_VALUE')
    expect(world.refusal('clara', editOf({ set: { defaultBankAccount: 'NONE' } }))).toBe('INVALID_VALUE')
  })

  it('takes a reason of bounded length, in characters that can be stored', () => {
    const world = new World()
    const edit = (reason: string) => editOf({ set: { creditLimit: '1' } }, { reason })
    expect(world.refusal('clara', edit('x'.repeat(4001)))).toBe('LIMIT_EXCEEDED')
    expect(world.refusal('clara', edit('a\u0000b'))).toBe('INVALID_VALUE')
    world.do('clara', edit('  better rating  '))
    expect(world.change('creditLimit').reason).toBe('better rating')
  })
})

describe('the credit limit check mark', () => {
  it('goes with a change of the credit limit, belongs to its digest and stays until it is said otherwise', () => {
    const world = new World()
    world.edit('clara', { creditLimit: '100' }, { creditCheck: true })
    const marked = world.change('creditLimit')
    expect(marked.creditCheck).toBe(true)
    world.edit('clara', { creditLimit: '100' })
    expect(world.change('creditLimit')).toEqual(marked)
    world.edit('clara', { creditLimit: '100' }, { creditCheck: false })
    expect(world.change('creditLimit').digest).not.toBe(marked.digest)
  })

  it('is refused without a credit limit', () => {
    const edit = editOf({ set: { name: 'Contoso West' } }, { creditCheck: true })
    expect(new World().refusal('clara', edit)).toBe('INVALID_VALUE')
  })
})

describe('child records', () => {
  it('changed: one change for each field', () => {
    const world = new World()
    world.do('clara', editOf(change('b1', { iban: iban.second, holder: 'Contoso' })))
    expect(world.fields).toEqual(['bankAccounts.iban', 'bankAccounts.holder'])
    expect(world.change('bankAccounts.iban')).toMatchObject({ recordId: 'b1', operation: 'SET', base: iban.first })
  })

  it('added and removed: one change about the whole record', () => {
    const world = new World()
    world.do('clara', editOf({ bankAccounts: { add: [{ code: 'NEW', iban: iban.second }], remove: ['b1'] } }))
    const [removed, added] = world.proposal.changes
    expect(added).toMatchObject({ field: 'bankAccounts', operation: 'ADD', base: null, proposed: { code: 'NEW' } })
    expect(removed).toMatchObject({ field: 'bankAccounts', operation: 'REMOVE', recordId: 'b1', proposed: null })
    expect((removed?.base as RecordValue).iban).toBe(iban.first)
  })

  it('are governed as a whole as soon as one field is, and field by field when changed', () => {
    const world = new World({ governed: ['bankAccounts.iban'] })
    world.do('clara', editOf(change('b1', { name: 'First bank', iban: iban.second })))
    expect(world.customer.children.bankAccounts[0]?.values.name).toBe('First bank')
    expect(world.fields).toEqual(['bankAccounts.iban'])
    world.do('clara', editOf(add({ code: 'NEW', name: 'Second bank' })))
    expect(world.fields).toEqual(['bankAccounts.iban', 'bankAccounts'])
  })

  it('that are proposed have an id from the start, are edited by it and go by it', () => {
    const world = new World()
    world.do('clara', editOf(add({ code: 'NEW' })))
    const first = world.change('bankAccounts')
    world.do('colin', editOf(change(first.recordId ?? '', { iban: iban.second })))
    const second = world.change('bankAccounts')
    expect(second).toMatchObject({ id: first.id, recordId: first.recordId, authorIds: ['clara', 'colin'] })
    expect(second.proposed).toMatchObject({ code: 'NEW', iban: iban.second })
    world.do('clara', editOf(remove(first.recordId ?? '')))
    expect(world.status).toBe('DISCARDED')
  })

  it('keep their code for life', () => {
    const world = new World()
    expect(world.refusal('clara', editOf(change('b1', { code: 'OTHER' })))).toBe('INVALID_VALUE')
    expect(world.refusal('clara', editOf(change('b1', { code: 'MAIN', iban: iban.second })))).toBeNull()
  })

  it('have codes that are unique within the customer', () => {
    const world = new World()
    expect(world.refusal('clara', editOf(add({ code: 'MAIN' })))).toBe('INVALID_VALUE')
    expect(world.refusal('clara', editOf(add({ code: 'A' }, { code: 'A' })))).toBe('INVALID_VALUE')
    expect(world.refusal('clara', editOf({ bankAccounts: { remove: ['b1'], add: [{ code: 'MAIN' }] } }))).toBeNull()
  })

  it('that are removed take the changes of their fields with them, and take no further ones', () => {
    const world = new World()
    world.do('clara', editOf(change('b1', { iban: iban.second, name: 'Bank' })))
    world.do('clara', editOf(remove('b1')))
    expect(world.proposal.changes.map((c) => c.operation)).toEqual(['REMOVE'])
    expect(world.refusal('clara', editOf(change('b1', { iban: iban.second })))).toBe('INVALID_VALUE')
  })

  it('that are not the customer’s, or are named twice in one edit, are refused', () => {
    const world = new World()
    expect(world.refusal('clara', editOf(change('b9', { iban: iban.second })))).toBe('INVALID_VALUE')
    expect(world.refusal('clara', editOf(remove('b9')))).toBe('INVALID_VALUE')
    expect(world.refusal('clara', editOf(remove('b1', 'b1')))).toBe('INVALID_VALUE')
    const both = { change: [{ id: 'b1', set: { name: 'x' } }], remove: ['b1'] }
    expect(world.refusal('clara', editOf({ bankAccounts: both }))).toBe('INVALID_VALUE')
  })
})

describe('entity behaviours', () => {
  it('ALLOW_WITHOUT_APPROVAL writes governed fields and records that, whatever is proposed', () => {
    const world = draft()
    const { events } = world.writeDirectly({ creditLimit: '70000' })
    expect(world.customer.values.creditLimit).toBe('70000.00')
    expect(events).toMatchObject([{ type: 'CustomerUpdated', data: { withoutApproval: true } }])
    expect(world.change('creditLimit').base).toBe('50000.00')
  })

  it('ALLOW_WITHOUT_APPROVAL knows nothing of a child that is only proposed', () => {
    const world = new World()
    world.do('clara', editOf(add({ code: 'NEW' })))
    const edit = editOf(change(world.change('bankAccounts').recordId ?? '', { iban: iban.second }), { mode: 'WRITE' })
    expect(world.refusal('partner', edit)).toBe('INVALID_VALUE')
  })

  it('REJECT_CHANGES refuses whole what would change a governed field and names the fields', () => {
    const world = new World()
    const edit = editOf({ set: { phone: '+49 1', creditLimit: '1', name: 'Contoso Retail' } }, { mode: 'REJECT' })
    const result = world.try('partner', edit)
    expect(result).toMatchObject({
      ok: false,
      error: { code: 'CHANGES_REJECTED', detail: { fields: ['creditLimit'] } },
    })
    expect(world.refusal('partner', editOf({ set: { phone: '+49 1' } }, { mode: 'REJECT' }))).toBeNull()
  })
})

describe('discarding', () => {
  it('takes some changes out, and with the last one the proposal', () => {
    const world = draft({ creditLimit: '100', name: 'Contoso West' })
    const discard = (field: string): void => {
      const changeIds = [world.change(field).id]
      world.do('colin', { kind: 'DISCARD_CHANGES', changeIds, expectedRevision: world.proposal.revision })
    }
    discard('name')
    expect(world.proposal).toMatchObject({ status: 'DRAFT', revision: 2 })
    discard('creditLimit')
    expect(world.proposal).toMatchObject({ status: 'DISCARDED', revision: 3 })
    expect(world.proposal.involved.map((i) => i.userId)).toEqual(['clara'])
  })

  it('of what is not there, of nothing, or of an older revision is refused', () => {
    const world = draft()
    const discard = (changeIds: string[], expectedRevision: number | null = null) =>
      world.refusal('clara', { kind: 'DISCARD_CHANGES', changeIds, expectedRevision })
    expect(discard(['none'])).toBe('INVALID_VALUE')
    expect(discard([])).toBe('INVALID_VALUE')
    expect(discard([world.change('creditLimit').id], 7)).toBe('STALE_REVISION')
  })

  it('of a whole proposal leaves its changes to the history', () => {
    const world = draft()
    world.do('colin', { kind: 'DISCARD_PROPOSAL', expectedRevision: 1 })
    expect(world.proposal).toMatchObject({ status: 'DISCARDED', revision: 1 })
    expect(world.fields).toEqual(['creditLimit'])
  })
})

describe('any edits in order', () => {
  type Edit =
    | { readonly set: Record<string, unknown> }
    | { readonly add: string }
    | { readonly change: string; readonly values: Record<string, unknown> }
    | { readonly remove: string }
  const code = fc.constantFrom('MAIN', 'X1', 'X2')
  const edits: fc.Arbitrary<Edit[]> = fc.array(
    fc.oneof(
      fc.record({
        set: fc.record(
          {
            creditLimit: fc.constantFrom('50000', '1', '200000.5'),
            name: fc.constantFrom('Contoso Retail', 'Contoso West'),
            phone: fc.constantFrom(null, '+49 1'),
            defaultBankAccount: fc.constantFrom(null, 'MAIN', 'X1'),
          },
          { requiredKeys: [] },
        ),
      }),
      fc.record({ add: code }),
      fc.record({
        change: code,
        values: fc.record(
          { iban: fc.constantFrom(iban.first, iban.second), name: fc.constantFrom(null, 'Bank') },
          { requiredKeys: [] },
        ),
      }),
      fc.record({ remove: code }),
    ),
    { maxLength: 12 },
  )
  const idOf = (world: World, wanted: string): string => {
    const open = world.state.proposal?.status === 'DRAFT' ? world.proposal.changes : []
    const adding = open.find((c) => c.operation === 'ADD' && (c.proposed as RecordValue).code === wanted)
    return adding?.recordId ?? world.customer.children.bankAccounts.find((b) => b.values.code === wanted)?.id ?? 'none'
  }
  const rawOf = (world: World, edit: Edit): RawEdit => {
    if ('set' in edit) return edit
    if ('add' in edit) return add({ code: edit.add, iban: iban.first })
    return 'change' in edit ? change(idOf(world, edit.change), edit.values) : remove(idOf(world, edit.remove))
  }
  const recordOf = (world: World): unknown => ({
    values: world.customer.values,
    bankAccounts: world.customer.children.bankAccounts
      .map((b) => b.values)
      .toSorted((a, b) => (a.code < b.code ? -1 : 1)),
  })

  it('leave the same record whether they are approved together or written one by one', () => {
    let applied = 0
    fc.assert(
      fc.property(edits, (list) => {
        const start = {
          ...customer(),
          children: { bankAccounts: [bankAccount('b1', 'MAIN')], addresses: [], contacts: [] },
        }
        const proposed = new World({ customer: start })
        const written = new World({ customer: start, parameters: { enabled: false } })
        for (const edit of list) {
          // A record that is proposed for removal is out of reach until that change is discarded; written, it is gone.
          const one = proposed.try('clara', editOf(rawOf(proposed, edit)))
          const two = written.try('clara', editOf(rawOf(written, edit)))
          expect([edit, one.ok]).toEqual([edit, two.ok || ('remove' in edit && one.ok)])
        }
        if (proposed.state.proposal?.status === 'DRAFT') {
          proposed.submit('clara')
          while (proposed.status === 'PENDING') proposed.approve(proposed.asked[0] ?? '')
          expect(proposed.status).toBe('APPLIED')
          applied++
        }
        expect(recordOf(proposed)).toEqual(recordOf(written))
      }),
      { numRuns: 200 },
    )
    expect(applied).toBeGreaterThan(100)
  }, 60_000)
})
