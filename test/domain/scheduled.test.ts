// DOMAIN sections 3, 4 and 9: a proposal with an effective time, from setting it to applying it.
import { describe, expect, it } from 'vitest'
import type { Command } from '../../server/domain/decide.ts'
import { nextDue } from '../../server/domain/due.ts'
import { editOf, iban, World, type Setup } from './world.ts'
import { approval, assignment, step, workflow, type Json } from './workflow/definitions.ts'

const by = (name: string, ...users: string[]): Json =>
  approval({ name, steps: [step({ name, assign: [assignment({ users }, { policy: 'ALL' })] })] })
const definition = workflow(by('First', 'mia'), by('Second', 'cora'))
const at = '2026-12-01T00:00:00.000Z'
const hoursTo = (world: World, when = at): number => (Date.parse(when) - Date.parse(world.now)) / 3_600_000
const reach = (world: World, when = at): void => world.wait(Math.ceil(hoursTo(world, when)))

const scheduled = (setup: Setup = {}, set: Json = { creditLimit: '60000' }): World => {
  const world = new World({ definition, ...setup })
  world.edit('clara', set)
  world.schedule(at)
  world.submit('clara')
  world.approve('mia', 'cora')
  expect(world.status).toBe('SCHEDULED')
  return world
}

describe('an effective time', () => {
  const draft = (): World => {
    const world = new World({ definition })
    world.edit('clara', { creditLimit: '60000' })
    return world
  }
  const schedule = (effectiveAt: string | null, expectedRevision: number | null = null): Command => ({
    kind: 'SCHEDULE',
    effectiveAt,
    expectedRevision,
  })
  it('is set in an editable state and raises the revision, with an event', () => {
    const world = draft()
    world.schedule(at)
    expect(world.proposal).toMatchObject({ status: 'DRAFT', effectiveAt: at, revision: 2 })
    expect(world.events.at(-1)).toMatchObject({
      type: 'EffectiveTimeChanged',
      data: { old: null, new: at, revision: 2 },
    })
    world.schedule(null)
    expect(world.proposal).toMatchObject({ effectiveAt: null, revision: 3 })
  })
  it('that is the same is no change', () => {
    const world = draft()
    world.schedule(at)
    expect(world.schedule(at).events).toEqual([])
    expect(world.proposal.revision).toBe(2)
  })
  it('lies ahead, and not further than five years', () => {
    const world = draft()
    expect(world.refusal('clara', schedule('2026-11-01T00:00:00Z'))).toBe('INVALID_VALUE')
    expect(world.refusal('clara', schedule('2031-12-01T00:00:00Z'))).toBe('INVALID_VALUE')
    expect(world.refusal('clara', schedule('2031-11-01T00:00:00Z'))).toBeNull()
  })
  it('is for the revision that was looked at, and by who may edit', () => {
    const world = draft()
    expect(world.refusal('clara', schedule(at, 0))).toBe('STALE_REVISION')
    expect(world.refusal('cora', schedule(at))).toBe('NOT_PERMITTED')
  })
  it('makes nobody an author', () => {
    const world = draft()
    world.schedule(at, 'mia')
    world.submit('clara')
    expect(world.asked).toEqual(['mia'])
  })
  it('that is over when the last approval comes holds nothing back', () => {
    const world = draft()
    world.schedule(at)
    world.submit('clara')
    reach(world)
    world.approve('mia', 'cora')
    expect(world.status).toBe('APPLIED')
  })
  it.each<[string, string | null, readonly string[]]>([
    ['the same', at, ['cora']],
    ['later', '2027-01-01T00:00:00.000Z', ['cora']],
    ['earlier', '2026-11-30T00:00:00.000Z', ['mia']],
    ['at once', null, ['mia']],
  ])('set anew to %s: votes hold unless it is earlier', (_, next, asked) => {
    const world = draft()
    world.schedule(at)
    world.submit('clara')
    world.approve('mia')
    world.recall('clara')
    world.schedule(next)
    world.submit('clara')
    expect(world.asked).toEqual(asked)
  })
  it('leaves tasks that were completed: they are about changes alone', () => {
    const task = { task: { name: 'Call', step: step({ assign: [assignment({ users: ['mia'] })] }) } }
    const world = new World({ definition: workflow(task, by('Second', 'cora')) })
    world.edit('clara', { creditLimit: '60000' })
    world.schedule(at)
    world.submit('clara')
    world.complete('mia')
    world.recall('clara')
    world.schedule(null)
    world.submit('clara')
    expect(world.askedSteps).toEqual(['Second'])
  })
})

describe('a scheduled proposal', () => {
  it('waits for its time after the last approval, and says so', () => {
    const world = scheduled()
    expect(world.customer.values.creditLimit).toBe('50000.00')
    expect(world.blockers).toMatchObject([{ code: 'SCHEDULED', dueAt: at }])
    expect(nextDue(world.proposal)).toBe(at)
    world.tick()
    expect(world.status).toBe('SCHEDULED')
  })
  it('is applied at its time, once', () => {
    const world = scheduled()
    reach(world)
    world.tick()
    expect(world.status).toBe('APPLIED')
    expect(world.customer).toMatchObject({ version: 2, values: { creditLimit: '60000.00' } })
    expect(world.tick().events).toEqual([])
    expect(world.happened.filter((t) => t === 'ProposalApplied')).toHaveLength(1)
  })
  it('is applied after downtime as well', () => {
    const world = scheduled()
    world.wait(5000)
    world.tick()
    expect(world.status).toBe('APPLIED')
  })
  it('waits for another proposal that is open by then, with a blocker, until that one closes', () => {
    const world = scheduled()
    world.setAside()
    world.edit('colin', { name: 'Contoso West' })
    world.takeUp()
    reach(world)
    expect(world.tick().events).toEqual([])
    expect(world.status).toBe('SCHEDULED')
    expect(world.blockers.map((b) => b.code)).toEqual(['SCHEDULED', 'OTHER_PROPOSAL'])
    world.takeUp()
    world.do('colin', { kind: 'DISCARD_PROPOSAL', expectedRevision: null })
    world.takeUp()
    world.tick()
    expect(world.status).toBe('APPLIED')
  })
  it('does not wait for another that is scheduled', () => {
    const world = scheduled()
    world.setAside()
    world.edit('clara', { name: 'Contoso West' })
    world.schedule('2026-12-24T00:00:00.000Z')
    world.submit('clara')
    world.approve('mia', 'cora')
    expect(world.status).toBe('SCHEDULED')
    world.takeUp()
    reach(world)
    world.tick()
    expect(world.status).toBe('APPLIED')
    expect(world.customer.values).toMatchObject({ creditLimit: '60000.00', name: 'Contoso Retail' })
  })
  it('can be recalled, and what was approved is kept', () => {
    const world = scheduled()
    world.recall('clara')
    expect(world.status).toBe('DRAFT')
    world.submit('clara')
    expect(world.status).toBe('SCHEDULED')
    expect(world.proposal.decisions).toHaveLength(2)
  })
  it('can be cancelled, and nothing is kept', () => {
    const world = scheduled()
    world.do('adam', { kind: 'CANCEL', comment: 'Never mind' })
    expect(world.happened).toContain('RunCancelled')
    world.submit('clara')
    expect(world.asked).toEqual(['mia'])
  })
  it('can be neither recalled nor cancelled beside another that is open: there would be two', () => {
    const world = scheduled()
    world.setAside()
    world.edit('colin', { name: 'Contoso West' })
    world.takeUp()
    expect(world.refusal('clara', { kind: 'RECALL', comment: 'x' })).toBe('WRONG_STATE')
    expect(world.refusal('adam', { kind: 'CANCEL', comment: 'x' })).toBe('WRONG_STATE')
  })
  it('holds its fields: an edit of them is refused whole, of others it begins another proposal', () => {
    const world = scheduled({}, { creditLimit: '60000', paymentTerms: 'N60' })
    const { id } = world.proposal
    world.setAside()
    const error = world.errorOf('colin', editOf({ set: { paymentTerms: 'N60', name: 'Contoso West' } }))
    expect(error).toMatchObject({ code: 'PENDING_PROPOSAL', at: ['set', 'paymentTerms'], detail: { proposalId: id } })
    expect(error?.message).toContain('2026-12-01 00:00 UTC')
    world.edit('colin', { name: 'Contoso West' })
    expect(world.proposal.id).not.toBe(id)
    expect(world.fields).toEqual(['name'])
  })
  it('lets go of what was refused in it', () => {
    const partial = workflow(approval({ partial: true, steps: [step({ assign: [assignment({ users: ['mia'] })] })] }))
    const world = new World({ definition: partial })
    world.edit('clara', { creditLimit: '60000', paymentTerms: 'N60' })
    world.schedule(at)
    world.submit('clara')
    world.refuse('mia', 'paymentTerms')
    expect(world.status).toBe('SCHEDULED')
    world.setAside()
    expect(world.refusal('colin', editOf({ set: { paymentTerms: 'N60' } }))).toBeNull()
    expect(world.refusal('colin', editOf({ set: { creditLimit: '1' } }))).toBe('PENDING_PROPOSAL')
  })
})

describe('at its time', () => {
  it('a customer that changed meanwhile is a conflict, and nothing is written', () => {
    const world = scheduled({}, { creditLimit: '60000', paymentTerms: 'N60' })
    world.writeDirectly({ creditLimit: '55000' })
    expect(world.blockers.map((b) => b.code)).toEqual(['SCHEDULED', 'CONFLICT'])
    reach(world)
    world.tick()
    expect(world.status).toBe('CONFLICTED')
    expect(world.customer.values).toMatchObject({ creditLimit: '55000.00', paymentTerms: 'N30' })
    world.do('clara', world.rebase(['creditLimit']))
    expect(world.asked).toEqual(['mia'])
    world.approve('mia', 'cora')
    expect(world.status).toBe('APPLIED')
  })
  it('with OVERWRITE it is applied, and the event says what was overwritten', () => {
    const world = scheduled({ parameters: { conflictPolicy: 'OVERWRITE' } })
    world.writeDirectly({ creditLimit: '55000' })
    reach(world)
    world.tick()
    expect(world.status).toBe('APPLIED')
    expect(world.customer.values.creditLimit).toBe('60000.00')
    expect(world.events.at(-1)).toMatchObject({
      type: 'ProposalApplied',
      data: { overwritten: [world.change('creditLimit').id] },
    })
  })
  it('the policy is that of the submit', () => {
    const world = scheduled()
    world.company = { ...world.company, parameters: { ...world.company.parameters, conflictPolicy: 'OVERWRITE' } }
    world.writeDirectly({ creditLimit: '55000' })
    reach(world)
    world.tick()
    expect(world.status).toBe('CONFLICTED')
  })
  it('a record that would not be valid any more is a fault', () => {
    const world = scheduled({}, { paymentTerms: 'N60' })
    const references = new Map(world.company.references)
    references.set('PAYMENT_TERMS', new Map())
    world.company = { ...world.company, references }
    reach(world)
    world.tick()
    expect(world.status).toBe('FAULTED')
    expect(world.recall('clara').state.proposal?.status).toBe('DRAFT')
  })
  it('what is in the record already closes it as applied, without writing', () => {
    const world = scheduled()
    world.writeDirectly({ creditLimit: '60000' })
    const { version } = world.customer
    reach(world)
    world.tick()
    expect(world.status).toBe('APPLIED')
    expect(world.customer.version).toBe(version)
  })
})

describe('records that a scheduled proposal holds', () => {
  const holding = (edit: Parameters<typeof editOf>[0]): World => {
    const world = new World({ definition })
    world.do('clara', editOf(edit))
    world.schedule(at)
    world.submit('clara')
    world.approve('mia', 'cora')
    world.setAside()
    return world
  }
  const set = (field: Json): Command => editOf({ bankAccounts: { change: [{ id: 'b1', set: field }] } })
  const remove = editOf({ bankAccounts: { remove: ['b1'] } })
  it('are held by a field: it cannot be set, nor the record removed; another field can be set', () => {
    const world = holding({ bankAccounts: { change: [{ id: 'b1', set: { iban: iban.second } }] } })
    expect(world.refusal('colin', set({ iban: 'FR1420041010050500013M02606' }))).toBe('PENDING_PROPOSAL')
    expect(world.refusal('colin', remove)).toBe('PENDING_PROPOSAL')
    expect(world.refusal('colin', set({ name: 'Main' }))).toBeNull()
  })
  it('are held by their removal: none of their fields can be set', () => {
    const world = holding({ bankAccounts: { remove: ['b1'] } })
    expect(world.refusal('colin', set({ name: 'Main' }))).toBe('PENDING_PROPOSAL')
    expect(world.refusal('colin', editOf({ bankAccounts: { add: [{ code: 'NEW', iban: iban.second }] } }))).toBeNull()
  })
})
