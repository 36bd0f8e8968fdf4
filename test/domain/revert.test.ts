// DOMAIN section 9, revert: an applied proposal proposed backwards.
import { describe, expect, it } from 'vitest'
import { proposalActions } from '../../server/domain/actions.ts'
import { conflictsOf } from '../../server/domain/conflict.ts'
import type { RawEdit } from '../../server/domain/edit.ts'
import { demoPeople, editOf, iban, World } from './world.ts'
import { approval, assignment, step, workflow } from './workflow/definitions.ts'

const clerks = demoPeople.map((p) => (p.id === 'carl' ? { ...p, roles: ['CLERK' as const] } : p))
const everybody = step({ assign: [assignment({ users: ['cora', 'carl', 'colin', 'clara'] })] })
const definition = workflow(approval({ partial: true, steps: [everybody] }))
const revert = { kind: 'REVERT', reason: 'It was wrong' } as const
const applied = (edit: RawEdit): World => {
  const world = new World({ definition, people: clerks })
  world.do('clara', editOf(edit))
  world.submit('clara')
  world.approve('cora')
  expect(world.status).toBe('APPLIED')
  return world
}
const limits: RawEdit = { set: { creditLimit: '60000', paymentTerms: 'N60' } }
const inverse = (world: World): unknown[] =>
  world.proposal.changes.map((c) => [c.operation, c.field, c.base, c.proposed])

describe('a revert', () => {
  it('proposes the inverse of each change, linked to what it takes back', () => {
    const world = applied(limits)
    const { id } = world.proposal
    world.do('colin', revert)
    expect(world.proposal).toMatchObject({ status: 'DRAFT', revision: 1, revertsId: id, runs: [] })
    expect(inverse(world)).toEqual([
      ['SET', 'creditLimit', '60000.00', '50000.00'],
      ['SET', 'paymentTerms', 'N60', 'N30'],
    ])
    expect(world.proposal.changes[0]).toMatchObject({ source: 'REVERT', reason: 'It was wrong', authorIds: ['colin'] })
    expect(world.events.slice(-2).map((e) => e.type)).toEqual(['ChangeProposed', 'ChangeProposed'])
  })
  it('is an ordinary proposal: it is submitted, approved and applied', () => {
    const world = applied(limits)
    world.do('colin', revert)
    world.submit('colin')
    world.approve('cora')
    expect(world.status).toBe('APPLIED')
    expect(world.customer).toMatchObject({ version: 3, values: { creditLimit: '50000.00', paymentTerms: 'N30' } })
  })
  it('can be taken back itself', () => {
    const world = applied({ set: { creditLimit: '60000' } })
    for (const limit of ['50000.00', '60000.00']) {
      world.do('colin', revert)
      world.submit('colin')
      world.approve('cora')
      expect(world.customer.values.creditLimit).toBe(limit)
    }
  })
  it('makes whoever made it a party; the author of what is taken back is none', () => {
    const world = applied(limits)
    world.do('colin', revert)
    expect(world.proposal.involved).toEqual([{ userId: 'colin', as: 'REVERTER' }])
    world.submit('carl')
    expect(world.asked).toEqual(['cora', 'clara'])
  })
  it('shows what was changed since as conflict, to be kept or dropped by a rebase', () => {
    const world = applied(limits)
    world.writeDirectly({ creditLimit: '70000' })
    world.do('colin', revert)
    expect(conflictsOf(world.customer, world.proposal.changes)).toMatchObject([
      { kind: 'CHANGED', change: { field: 'creditLimit' }, current: '70000.00' },
    ])
    expect(world.refusal('colin', { kind: 'SUBMIT', expectedRevision: null, comment: null })).toBe('CONFLICT')
    world.do('colin', world.rebase([], ['creditLimit']))
    world.submit('colin')
    world.approve('cora')
    expect(world.customer.values).toMatchObject({ creditLimit: '70000.00', paymentTerms: 'N30' })
  })
  it('leaves out what has been taken back already', () => {
    const world = applied(limits)
    world.writeDirectly({ creditLimit: '50000' })
    world.do('colin', revert)
    expect(world.fields).toEqual(['paymentTerms'])
  })
  it('of what is all as it was before is refused', () => {
    const world = applied(limits)
    world.writeDirectly({ creditLimit: '50000', paymentTerms: 'N30' })
    expect(world.refusal('colin', revert)).toBe('INVALID_VALUE')
  })
  it('takes back what was applied, not what was refused', () => {
    const world = new World({ definition })
    world.do('clara', editOf(limits))
    world.submit('clara')
    world.refuse('cora', 'paymentTerms')
    // Somebody else has set it since.
    world.writeDirectly({ paymentTerms: 'N60' })
    world.do('colin', revert)
    expect(world.fields).toEqual(['creditLimit'])
  })
})

describe('a revert of records', () => {
  it('removes what was added, adds what was removed with the same id, and sets fields back', () => {
    const added = applied({ bankAccounts: { add: [{ code: 'NEW', iban: iban.second }], remove: ['b1'] } })
    added.do('colin', revert)
    expect(added.proposal.changes.map((c) => c.operation).toSorted()).toEqual(['ADD', 'REMOVE'])
    added.submit('colin')
    added.approve('cora')
    expect(added.customer.children.bankAccounts.map((b) => [b.id, b.values.code])).toEqual([['b1', 'MAIN']])
    const set = applied({ bankAccounts: { change: [{ id: 'b1', set: { iban: iban.second } }] } })
    set.do('colin', revert)
    expect(inverse(set)).toEqual([['SET', 'bankAccounts.iban', iban.second, iban.first]])
  })
  it('that have gone meanwhile has nothing left to take back of them', () => {
    const world = applied({
      bankAccounts: { add: [{ code: 'NEW', iban: iban.second }] },
      set: { name: 'Contoso West' },
    })
    const added = world.customer.children.bankAccounts.find((b) => b.values.code === 'NEW')
    world.do('partner', editOf({ bankAccounts: { remove: [added?.id ?? ''] } }, { mode: 'WRITE' }))
    world.do('colin', revert)
    expect(world.fields).toEqual(['name'])
  })
  it('that would not leave a valid record is refused', () => {
    const world = applied({ bankAccounts: { add: [{ code: 'NEW', iban: iban.second }] } })
    world.writeDirectly({ defaultBankAccount: 'NEW' })
    expect(world.refusal('colin', revert)).toBe('INVALID_VALUE')
  })
})

describe('a revert is refused', () => {
  it('of what was not applied', () => {
    const world = new World({ definition })
    world.do('clara', editOf(limits))
    expect(world.refusal('colin', revert)).toBe('WRONG_STATE')
  })
  it('to who may not edit', () => {
    const world = applied(limits)
    for (const who of ['cora', 'adam', 'audrey']) expect(world.refusal(who, revert)).toBe('NOT_PERMITTED')
  })
  it('beside another proposal that is open, which it names', () => {
    const world = applied(limits)
    const first = world.proposal
    world.edit('clara', { name: 'Contoso West' })
    world.others = [world.proposal]
    const open = world.proposal.id
    world.state = { ...world.state, proposal: first }
    expect(world.errorOf('colin', revert)).toMatchObject({ code: 'PENDING_PROPOSAL', detail: { proposalId: open } })
  })
  it('of fields that a scheduled proposal holds', () => {
    const world = applied(limits)
    const first = world.proposal
    world.edit('clara', { creditLimit: '80000' })
    world.schedule('2026-12-01T00:00:00Z')
    world.submit('clara')
    world.approve('cora')
    expect(world.status).toBe('SCHEDULED')
    world.setAside()
    world.state = { ...world.state, proposal: first }
    expect(world.refusal('colin', revert)).toBe('PENDING_PROPOSAL')
    // Whoever looks at it is told so before.
    const said = proposalActions(world.as('colin'), first).find(({ action }) => action === 'REVERT')
    expect(said).toMatchObject({ allowed: false, reason: 'PENDING_PROPOSAL' })
    expect(said?.message).toContain('holds Credit limit')
  })
})
