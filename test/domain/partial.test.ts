// DOMAIN section 6, part of a proposal: an approver leaves named changes out.
import { describe, expect, it } from 'vitest'
import type { RawEdit } from '../../server/domain/edit.ts'
import { liveChanges } from '../../server/domain/proposal.ts'
import { editOf, iban, World, type Setup } from './world.ts'
import { approval, assignment, step, workflow, type Json } from './workflow/definitions.ts'

const by = (name: string, ids: readonly string[], more: Json = {}): Json =>
  step({ name, assign: [assignment({ users: ids }, { policy: 'ALL' })], ...more })
const partial = (...steps: Json[]): Json => approval({ name: 'Partial', partial: true, steps })
const both = workflow(partial(by('Both', ['cora', 'carl'])))
const submitted = (definition: Json = both, set: Json | RawEdit = {}, setup: Setup = {}): World => {
  const world = new World({ definition, ...setup })
  const edit: RawEdit = 'bankAccounts' in set ? set : { set: { creditLimit: '60000', paymentTerms: 'N60', ...set } }
  world.do('clara', editOf(edit))
  world.submit('clara')
  return world
}
const live = (world: World): string[] => liveChanges(world.proposal).map((c) => c.field)

describe('a refusal', () => {
  it('takes the change out at once, with its reason, and the rest goes on', () => {
    const world = submitted()
    world.refuse('cora', 'paymentTerms')
    expect(world.status).toBe('PENDING')
    expect(live(world)).toEqual(['creditLimit'])
    expect(world.change('paymentTerms').refusal).toMatchObject({ byId: 'cora', reason: 'No paymentTerms' })
    expect(world.happened).toContain('ChangeRefused')
    world.approve('carl')
    expect(world.status).toBe('APPLIED')
    expect(world.customer.values).toMatchObject({ creditLimit: '60000.00', paymentTerms: 'N30' })
  })
  it('raises the revision: who looked at the older one is told so', () => {
    const world = submitted()
    const looked = world.answerOf('carl', 'APPROVE')
    world.refuse('cora', 'paymentTerms')
    expect(world.proposal.revision).toBe(2)
    expect(world.refusal('carl', looked)).toBe('STALE_REVISION')
  })
  it('names the items that are still open about it, whose versions rise', () => {
    const world = submitted()
    const versionOf = (id: string): number | undefined =>
      world.proposal.items.find((i) => i.assigneeId === id && i.status !== 'WITHDRAWN')?.version
    expect(versionOf('carl')).toBe(1)
    world.refuse('cora', 'paymentTerms')
    const open = world.proposal.items.filter((i) => i.status === 'OPEN')
    expect(world.events.find((e) => e.type === 'ChangeRefused')?.data).toMatchObject({
      workItemIds: open.map((i) => i.id),
      assigneeIds: ['carl'],
      queueIds: [],
    })
    expect(versionOf('carl')).toBe(2)
  })
  it('is an approval of what is left, and of nothing else', () => {
    const world = submitted()
    world.refuse('cora', 'paymentTerms')
    const [decision] = world.proposal.decisions
    expect(decision).toMatchObject({ outcome: 'APPROVED', actorId: 'cora' })
    expect(decision?.changes.map((c) => c.id)).toEqual([world.change('creditLimit').id])
  })
  it('leaves the votes of others, which count the change as still there', () => {
    const world = submitted()
    world.approve('carl')
    world.refuse('cora', 'paymentTerms')
    expect(world.status).toBe('APPLIED')
    expect(world.customer.values.paymentTerms).toBe('N30')
  })
  it('leaves the elements that were decided before it', () => {
    const first = approval({ name: 'First', steps: [by('First', ['mia'])] })
    const world = submitted(
      workflow(first, partial(by('Second', ['cora'])), approval({ name: 'Third', steps: [by('Third', ['tess'])] })),
    )
    world.approve('mia')
    world.refuse('cora', 'paymentTerms')
    world.recall('clara')
    world.submit('clara')
    expect(world.asked).toEqual(['tess'])
    world.approve('tess')
    expect(world.customer.values).toMatchObject({ creditLimit: '60000.00', paymentTerms: 'N30' })
  })
  it('lasts over a resubmission, until somebody edits that field again', () => {
    const definition = workflow(
      partial(by('First', ['mia'])),
      approval({ name: 'Second', steps: [by('Second', ['cora'])] }),
    )
    const world = submitted(definition)
    world.refuse('mia', 'paymentTerms')
    world.requestChange('cora')
    world.submit('clara')
    expect(world.asked).toEqual(['cora'])
    expect(live(world)).toEqual(['creditLimit'])
    world.recall('clara')
    world.edit('clara', { paymentTerms: 'N60' })
    expect(live(world)).toEqual(['creditLimit', 'paymentTerms'])
    world.submit('clara')
    expect(world.asked).toEqual(['mia'])
    world.approve('mia', 'cora')
    expect(world.customer.values.paymentTerms).toBe('N60')
  })
  it('closes with the proposal: the next edit of the field begins another one', () => {
    const world = submitted()
    world.refuse('cora', 'paymentTerms')
    world.approve('carl')
    const { id } = world.proposal
    world.edit('clara', { paymentTerms: 'N60' })
    expect(world.proposal.id).not.toBe(id)
    expect(world.fields).toEqual(['paymentTerms'])
  })
  it('makes nobody an author', () => {
    const world = submitted()
    world.refuse('cora', 'paymentTerms')
    expect(world.proposal.involved.map((i) => i.userId)).not.toContain('cora')
    world.recall('clara')
    world.edit('clara', { name: 'Contoso West' })
    world.submit('clara')
    expect(world.asked).toEqual(['cora', 'carl'])
  })
  it('leaves nothing to ask of a step that guards only what is refused', () => {
    const steps = [
      by('Terms', ['cora'], { guards: ['paymentTerms'] }),
      by('Rest', ['carl'], { guards: ['creditLimit'] }),
    ]
    const branches = steps.map((s, i) => ({ name: `Branch ${i}`, elements: [partial(s)] }))
    const world = submitted(workflow({ parallel: { name: 'Both', branches } }, partial(by('Last', ['tess']))))
    world.refuse('cora', 'paymentTerms')
    expect(world.asked).toEqual(['carl'])
    world.approve('carl', 'tess')
    expect(world.status).toBe('APPLIED')
  })
  it('withdraws the items of others that were about nothing else', () => {
    const branches = [
      { name: 'One', elements: [partial(by('All', ['cora']))] },
      { name: 'Two', elements: [partial(by('Terms', ['carl'], { guards: ['paymentTerms'] }))] },
    ]
    const world = submitted(workflow({ parallel: { name: 'Both', branches } }))
    expect(world.asked).toEqual(['cora', 'carl'])
    world.refuse('cora', 'paymentTerms')
    expect(world.status).toBe('APPLIED')
    expect(world.proposal.items.map((i) => i.status)).toEqual(['DECIDED', 'WITHDRAWN'])
  })
  it('has conditions that come later look at the values without it', () => {
    const large = approval({ name: 'Large', steps: [by('Large', ['tess'], { when: 'changes.creditLimit.changed' })] })
    const world = submitted(workflow(partial(by('First', ['mia'])), large))
    world.refuse('mia', 'creditLimit')
    expect(world.status).toBe('APPLIED')
    expect(world.customer.values).toMatchObject({ creditLimit: '50000.00', paymentTerms: 'N60' })
  })
})

describe('changes that make sense only together', () => {
  const set = { bankAccounts: { change: [{ id: 'b1', set: { iban: iban.second, bic: 'COBADEFF', name: 'Main' } }] } }
  it('are refused together, with the reason of the one that was named', () => {
    const world = submitted(both, set)
    world.refuse('cora', 'bankAccounts.iban')
    expect(live(world)).toEqual(['bankAccounts.name'])
    expect(world.change('bankAccounts.bic').refusal?.reason).toBe('No bankAccounts.iban')
  })
  it('are those of one record only', () => {
    const world = submitted(both, {
      bankAccounts: { change: [{ id: 'b1', set: { iban: iban.second } }], add: [{ code: 'NEW', iban: iban.second }] },
    })
    world.refuse('cora', 'bankAccounts.iban')
    expect(live(world)).toEqual(['bankAccounts'])
  })
})

describe('refusing everything that is left', () => {
  it('is a reject, with the reasons as its comment', () => {
    const world = submitted(both)
    world.refuse('cora', 'creditLimit', 'paymentTerms')
    expect(world.status).toBe('REJECTED')
    expect(world.proposal.decisions).toMatchObject([
      { outcome: 'REJECTED', comment: 'No creditLimit No paymentTerms', actorId: 'cora' },
    ])
    expect(live(world)).toEqual(['creditLimit', 'paymentTerms'])
  })
  it('is a reject like any other: it counts by the policy of the step', () => {
    const majority = step({
      assign: [assignment({ users: ['cora', 'carl', 'tess'] }, { policy: 'MAJORITY', quorum: 'APPROVALS' })],
    })
    const world = submitted(workflow(partial(majority)))
    world.refuse('cora', 'creditLimit', 'paymentTerms')
    expect(world.status).toBe('PENDING')
    world.approve('carl', 'tess')
    expect(world.status).toBe('APPLIED')
  })
  it('of a proposal that somebody has refused another part of is one too', () => {
    const world = submitted()
    world.refuse('cora', 'paymentTerms')
    world.refuse('carl', 'creditLimit')
    expect(world.status).toBe('REJECTED')
  })
  it('is not offered where rejecting is not', () => {
    const only = approval({ name: 'Only', partial: true, allow: ['APPROVE'], steps: [by('Only', ['cora'])] })
    const world = submitted(workflow(only))
    expect(world.refusal('cora', world.refuseOf('cora', 'creditLimit', 'paymentTerms'))).toBe('NOT_OFFERED')
    expect(world.refusal('cora', world.refuseOf('cora', 'creditLimit'))).toBeNull()
  })
})

describe('a refusal is refused', () => {
  const whole = workflow(approval({ steps: [by('Whole', ['cora'])] }))
  it('where the element takes the proposal as a whole', () => {
    const world = submitted(whole)
    expect(world.refusal('cora', world.refuseOf('cora', 'creditLimit'))).toBe('NOT_OFFERED')
  })
  it('without a reason, for a change that is not there, and twice for one that is', () => {
    const world = submitted()
    const command = world.refuseOf('cora', 'creditLimit')
    const [one] = command.refuse ?? []
    if (one === undefined) throw new Error('There is no refusal')
    expect(world.refusal('cora', { ...command, refuse: [{ ...one, reason: ' ' }] })).toBe('REASON_REQUIRED')
    expect(world.refusal('cora', { ...command, refuse: [{ ...one, changeId: 'none' }] })).toBe('INVALID_VALUE')
    expect(world.refusal('cora', { ...command, refuse: [one, one] })).toBe('INVALID_VALUE')
  })
  it('for a change that is not this step’s to decide', () => {
    const world = submitted(workflow(partial(by('Terms', ['cora'], { guards: ['paymentTerms'] }))))
    expect(world.refusal('cora', world.refuseOf('cora', 'creditLimit'))).toBe('INVALID_VALUE')
  })
  it('when the record that is left would not be valid', () => {
    const world = submitted(both, {
      set: { defaultBankAccount: 'NEW' },
      bankAccounts: { add: [{ code: 'NEW', iban: iban.second }] },
    })
    expect(world.refusal('cora', world.refuseOf('cora', 'bankAccounts'))).toBe('INVALID_VALUE')
    expect(world.refusal('cora', world.refuseOf('cora', 'defaultBankAccount'))).toBeNull()
  })
})

describe('a proposal with refused changes', () => {
  it('of which nothing else is left cannot be submitted; it can be discarded', () => {
    const world = submitted()
    world.refuse('cora', 'paymentTerms')
    world.requestChange('carl')
    world.edit('clara', { creditLimit: '50000' })
    expect(world.refusal('clara', { kind: 'SUBMIT', expectedRevision: null, comment: null })).toBe('INVALID_VALUE')
    world.do('clara', { kind: 'DISCARD_PROPOSAL', expectedRevision: null })
    expect(world.status).toBe('DISCARDED')
  })
  it('may have the removal of a record refused, which is proposed again like any other', () => {
    const world = submitted(both, { bankAccounts: { remove: ['b1'], add: [{ code: 'NEW', iban: iban.second }] } })
    const remove = world.proposal.changes.find((c) => c.operation === 'REMOVE')
    const command = {
      ...world.answer('cora', 'APPROVE'),
      refuse: [{ changeId: remove?.id ?? '', reason: 'Still used' }],
    }
    world.do('cora', command)
    world.requestChange('carl')
    world.editChildren('clara', { change: [{ id: 'b1', set: { name: 'Main' } }] })
    expect(world.change('bankAccounts.name').proposed).toBe('Main')
    world.editChildren('clara', { remove: ['b1'] })
    expect(liveChanges(world.proposal).map((c) => c.operation)).toEqual(expect.arrayContaining(['REMOVE', 'ADD']))
    expect(liveChanges(world.proposal)).toHaveLength(2)
  })
})
