// DOMAIN section 9: what becomes of an approved proposal on the record as it is at that moment.
import { describe, expect, it } from 'vitest'
import { conflictsOf } from '../../server/domain/conflict.ts'
import { editOf, iban, World } from './world.ts'

/** Approved by everybody but the last, who decides after `meanwhile`. */
const approved = (set: Record<string, unknown>, meanwhile: (world: World) => void): World => {
  const world = new World()
  world.edit('clara', set)
  world.submit('clara')
  world.approve('mia')
  meanwhile(world)
  world.approve('cora')
  return world
}

describe('applying', () => {
  it('writes everything in one version, closes the proposal and says what was written', () => {
    const world = new World()
    world.edit('clara', { creditLimit: '60000', paymentTerms: 'N60' }, { creditCheck: true })
    world.submit('clara')
    world.approve('mia', 'cora')
    expect(world.customer).toMatchObject({ version: 2, values: { creditLimit: '60000.00', paymentTerms: 'N60' } })
    expect(world.status).toBe('APPLIED')
    const event = world.events.at(-1)
    expect(event).toMatchObject({ type: 'ProposalApplied', data: { customerVersion: 2, runCreditLimitCheck: true } })
    expect(event?.values?.map((v) => v.value)).toEqual(['50000.00', '60000.00', 'N30', 'N60'])
  })

  it('writes children added, changed and removed', () => {
    const world = new World()
    world.editChildren('clara', { add: [{ code: 'NEW', iban: iban.second }], remove: ['b1'] })
    world.submit('clara')
    world.approve('mia', 'tess')
    expect(world.customer.children.bankAccounts.map((b) => b.values)).toMatchObject([
      { code: 'NEW', iban: iban.second },
    ])
  })

  it('holds everything back when one base differs', () => {
    const world = approved({ creditLimit: '60000', paymentTerms: 'N60' }, (w) =>
      w.writeDirectly({ creditLimit: '55000' }),
    )
    expect(world.status).toBe('CONFLICTED')
    expect(world.customer.values).toMatchObject({ creditLimit: '55000.00', paymentTerms: 'N30' })
    const event = world.events.at(-1)
    expect(event).toMatchObject({
      type: 'ProposalConflicted',
      data: { changes: [{ field: 'creditLimit', kind: 'CHANGED' }] },
    })
    expect(event?.values?.map((v) => v.value)).toEqual(['50000.00', '55000.00', '60000.00'])
  })

  it('leaves out what is in the record already', () => {
    const world = approved({ creditLimit: '60000', paymentTerms: 'N60' }, (w) =>
      w.writeDirectly({ paymentTerms: 'N60' }),
    )
    expect(world.status).toBe('APPLIED')
    expect(world.events.at(-1)).toMatchObject({
      data: { changes: [{ field: 'creditLimit' }], alreadyApplied: [world.change('paymentTerms').id] },
    })
  })

  it('writes nothing more when all of it is in the record already', () => {
    const world = approved({ creditLimit: '60000' }, (w) => w.writeDirectly({ creditLimit: '60000' }))
    expect(world.status).toBe('APPLIED')
    expect(world.customer.version).toBe(2)
  })

  it('is not disturbed by changes of other fields', () => {
    const world = approved({ creditLimit: '60000' }, (w) => {
      w.edit('colin', { phone: '+49 1' })
      w.writeDirectly({ name: 'Contoso West' })
    })
    expect(world.status).toBe('APPLIED')
    expect(world.customer.values).toMatchObject({ name: 'Contoso West', phone: '+49 1', creditLimit: '60000.00' })
  })

  it('stops with a fault when a code has gone out of use', () => {
    const world = approved({ paymentTerms: 'N60' }, (w) => {
      const references = new Map(w.company.references)
      references.set('PAYMENT_TERMS', new Map())
      w.company = { ...w.company, references }
    })
    expect(world.proposal).toMatchObject({
      status: 'FAULTED',
      fault: { code: 'INVALID_VALUE', at: ['set', 'paymentTerms'] },
    })
    expect(world.customer.values.paymentTerms).toBe('N30')
    expect(world.recall('adam').state.proposal?.status).toBe('DRAFT')
  })

  it('stops with a fault when the whole record would not be valid', () => {
    const world = new World()
    world.edit('clara', { defaultBankAccount: 'MAIN' })
    world.submit('clara')
    world.approve('mia')
    world.do('partner', editOf({ bankAccounts: { remove: ['b1'] } }, { mode: 'WRITE' }))
    world.approve('tess')
    expect(world.proposal).toMatchObject({ status: 'FAULTED', fault: { at: ['set', 'defaultBankAccount'] } })
  })
})

describe('a submit', () => {
  it('on a record that changed meanwhile is refused with the fields', () => {
    const world = new World()
    world.edit('clara', { creditLimit: '60000', paymentTerms: 'N60' })
    world.writeDirectly({ creditLimit: '55000' })
    const result = world.try('clara', { kind: 'SUBMIT', expectedRevision: null, comment: null })
    expect(result).toMatchObject({ ok: false, error: { code: 'CONFLICT' } })
    expect(result.ok ? '' : result.error.message).toContain('Credit limit')
  })

  it('drops what is in the record already', () => {
    const world = new World()
    world.edit('clara', { creditLimit: '60000', paymentTerms: 'N60' })
    world.writeDirectly({ paymentTerms: 'N60' })
    world.submit('clara')
    expect(world.proposal).toMatchObject({ status: 'PENDING', revision: 2 })
    expect(world.fields).toEqual(['creditLimit'])
  })
})

describe('a rebase', () => {
  const conflicted = (): World =>
    approved({ creditLimit: '60000', paymentTerms: 'N60' }, (w) => w.writeDirectly({ creditLimit: '55000' }))

  it('of what is kept moves its base, lets its approvals lapse and submits again; the rebaser is a party', () => {
    const world = conflicted()
    const before = world.change('creditLimit')
    world.do('colin', world.rebase(['creditLimit']))
    expect(world.change('creditLimit')).toMatchObject({ id: before.id, base: '55000.00', proposed: '60000.00' })
    expect(world.change('creditLimit').digest).not.toBe(before.digest)
    expect(world.proposal).toMatchObject({ status: 'PENDING', revision: 2 })
    expect(world.proposal.involved).toContainEqual({ userId: 'colin', as: 'REBASER' })
    expect(world.asked).toEqual(['mia'])
    world.approve('mia', 'cora')
    expect(world.customer.values).toMatchObject({ creditLimit: '60000.00', paymentTerms: 'N60' })
  })

  it('that only drops makes no author, and asks again who saw what is gone', () => {
    const world = conflicted()
    world.do('colin', world.rebase([], ['creditLimit']))
    expect(world.fields).toEqual(['paymentTerms'])
    expect(world.proposal.involved.filter((i) => i.userId === 'colin').map((i) => i.as)).toEqual(['SUBMITTER'])
    expect(world.asked).toEqual(['mia'])
  })

  it('that drops everything discards the proposal', () => {
    const world = conflicted()
    world.do('clara', world.rebase([], ['creditLimit', 'paymentTerms']))
    expect(world.status).toBe('DISCARDED')
  })

  it('with nothing in the way any more goes on with the approvals that it has', () => {
    const world = conflicted()
    world.writeDirectly({ creditLimit: '50000' })
    world.do('clara', world.rebase([]))
    expect(world.status).toBe('APPLIED')
    expect(world.proposal.decisions).toHaveLength(2)
  })

  it('that finds all of it in the record closes the proposal as applied', () => {
    const world = conflicted()
    world.writeDirectly({ creditLimit: '60000', paymentTerms: 'N60' })
    world.do('clara', world.rebase([]))
    expect(world.status).toBe('APPLIED')
  })

  it('of a record that is gone can only drop', () => {
    const world = new World()
    world.do('clara', editOf({ bankAccounts: { change: [{ id: 'b1', set: { iban: iban.second } }] } }))
    world.do('partner', editOf({ bankAccounts: { remove: ['b1'] } }, { mode: 'WRITE' }))
    expect(conflictsOf(world.customer, world.proposal.changes)[0]?.kind).toBe('RECORD_REMOVED')
    expect(world.refusal('clara', world.rebase(['bankAccounts.iban']))).toBe('INVALID_VALUE')
    expect(world.refusal('clara', world.rebase([]))).toBe('INVALID_VALUE')
    world.do('clara', world.rebase([], ['bankAccounts.iban']))
    expect(world.status).toBe('DISCARDED')
  })

  it('in an editable state only moves bases', () => {
    const world = new World()
    world.edit('clara', { creditLimit: '60000' })
    world.writeDirectly({ creditLimit: '55000' })
    world.do('colin', world.rebase(['creditLimit']))
    expect(world.proposal).toMatchObject({ status: 'DRAFT', revision: 2, runs: [] })
  })

  it('is for the revision and the customer version that were looked at, and names every conflict once', () => {
    const world = conflicted()
    const rebase = world.rebase(['creditLimit'])
    expect(world.refusal('clara', { ...rebase, expectedRevision: 7 })).toBe('STALE_REVISION')
    expect(world.refusal('clara', { ...rebase, expectedCustomerVersion: 7 })).toBe('STALE_VERSION')
    expect(world.refusal('clara', world.rebase([]))).toBe('INVALID_VALUE')
    expect(world.refusal('clara', world.rebase(['creditLimit'], ['creditLimit']))).toBe('INVALID_VALUE')
    expect(world.refusal('clara', { ...rebase, drop: ['none'] })).toBe('INVALID_VALUE')
  })

  it('that cannot be submitted is refused whole', () => {
    const world = conflicted()
    world.changePerson('mia', { active: false })
    world.changePerson('olga', { active: false })
    const before = world.state
    expect(world.refusal('clara', world.rebase(['creditLimit']))).toBe('NO_ELIGIBLE_APPROVER')
    expect(world.state).toBe(before)
  })
})

describe('a new record whose code somebody else has taken meanwhile', () => {
  it('is a conflict that can only be dropped', () => {
    const world = new World()
    world.do('clara', editOf({ bankAccounts: { add: [{ code: 'PX', name: 'Ours' }] } }))
    world.do(
      'partner',
      editOf({ bankAccounts: { add: [{ code: 'PX', name: 'Theirs' }] } }, { mode: 'WRITE', source: 'INTEGRATION' }),
    )
    const [conflict] = conflictsOf(world.customer, world.proposal.changes)
    expect(conflict).toMatchObject({ kind: 'CHANGED', current: { code: 'PX', name: 'Theirs' } })
  })
})
