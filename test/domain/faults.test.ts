// FAULTED (DOMAIN sections 4, 5 and 9): what stops a run, and that it goes on from there.
import { describe, expect, it } from 'vitest'
import { previewSubmit } from '../../server/domain/explain.ts'
import { customer, World, type Setup } from './world.ts'
import { approval, assignment, step, withStep, workflow, type Json } from './workflow/definitions.ts'

const draft = (setup: Setup = {}): World => {
  const world = new World(setup)
  world.edit('clara', { creditLimit: '60000', paymentTerms: 'N60' })
  return world
}
const ask = (name: string, ...users: string[]): Json =>
  approval({ name, steps: [step({ name, assign: [assignment({ users })] })] })
const resume = { kind: 'RESUME', comment: 'Mended' } as const
/** True once the customer has a rating; without one it fails. */
const rated = "customer.creditRating.startsWith('A')"
/** Gives the customer a rating past the proposal: that field is not governed. */
const rate = (world: World): void => {
  world.writeDirectly({ creditRating: 'A1' })
}

describe('a condition that fails at run time', () => {
  const failing = withStep({ when: "customer.creditRating.startsWith('A')" })

  it('stops the run with its path, and the preview shows it before', () => {
    const world = draft({ definition: failing })
    const preview = previewSubmit({ customer: world.customer, proposal: world.proposal }, world.as('clara'))
    const fault = { code: 'CONDITION_FAILED', at: ['elements', '0', 'approval', 'steps', '0', 'when'] }
    expect(preview.errors).toEqual([])
    expect(preview.blockers).toMatchObject([{ code: 'FAULT' }])
    world.submit('clara')
    expect(world.proposal).toMatchObject({ status: 'FAULTED', fault })
    expect(world.recall('clara').state.proposal).toMatchObject({ status: 'DRAFT' })
    expect(world.proposal).not.toHaveProperty('fault')
  })

  it('is never true: nobody is asked and nothing passes by it', () => {
    const action = {
      when: "customer.creditRating == 'A' || customer.creditRating.size() > 0",
      then: 'APPROVE',
      fields: ['creditLimit', 'paymentTerms'],
    }
    const world = draft({ definition: workflow(approval({ automatic: [action] })) })
    world.submit('clara')
    expect(world.proposal).toMatchObject({
      status: 'FAULTED',
      fault: { at: ['elements', '0', 'approval', 'automatic', '0', 'when'] },
    })
    expect(world.proposal.decisions).toEqual([])
  })

  it('stops a run that had got further, and leaves what was answered to the next one', () => {
    const rated = step({ name: 'Rated', when: "customer.creditRating.startsWith('A')" })
    const manager = approval({ name: 'Manager', steps: [step({ assign: [assignment({ users: ['mia'] })] })] })
    const world = draft({ definition: workflow(manager, approval({ steps: [rated] })), customer: customer() })
    world.submit('clara')
    world.approve('mia')
    expect(world.status).toBe('FAULTED')
    world.edit('clara', { creditRating: 'B1' })
    world.recall('adam')
    world.submit('clara')
    expect(world.status).toBe('APPLIED')
    expect(world.proposal.decisions).toHaveLength(1)
  })
})

describe('a run that stopped by an error', () => {
  it('goes on from there when it is resumed, and nobody is asked twice', () => {
    const branches = [
      { name: 'One', elements: [ask('One', 'cora')] },
      { name: 'Two', elements: [ask('Two', 'mia'), approval({ steps: [step({ name: 'Rated', when: rated })] })] },
    ]
    const world = draft({ definition: workflow({ parallel: { name: 'Both', branches } }) })
    world.submit('clara')
    world.approve('mia')
    expect(world.proposal).toMatchObject({ status: 'FAULTED', fault: { code: 'CONDITION_FAILED' } })
    const [cora] = world.open('cora')
    rate(world)
    world.do('adam', resume)
    expect(world.status).toBe('PENDING')
    expect(world.open('cora')[0]).toBe(cora)
    expect(world.askedSteps).toEqual(['One', 'Rated'])
    world.approve('carl', 'cora')
    expect(world.status).toBe('APPLIED')
    expect(world.answers).toEqual(['mia APPROVED', 'carl APPROVED', 'cora APPROVED'])
  })

  it('stops again where what stopped it is still so', () => {
    const world = draft({ definition: withStep({ when: rated }) })
    world.submit('clara')
    world.do('adam', resume)
    expect(world.proposal).toMatchObject({ status: 'FAULTED', fault: { code: 'CONDITION_FAILED' } })
    expect(world.happened.filter((type) => type === 'ElementStarted')).toHaveLength(1)
    expect(world.happened.filter((type) => type === 'ProposalFaulted')).toHaveLength(2)
  })

  it('answers nothing twice by an automatic action', () => {
    const always = { when: 'changes.creditLimit.changed', then: 'APPROVE', fields: ['creditLimit'] }
    const failing = { when: rated, then: 'APPROVE', fields: ['paymentTerms'] }
    const world = draft({ definition: workflow(approval({ automatic: [always, failing] })) })
    world.submit('clara')
    expect(world.status).toBe('FAULTED')
    rate(world)
    world.do('adam', resume)
    expect(world.status).toBe('APPLIED')
    expect(world.proposal.decisions).toHaveLength(2)
  })

  it('takes no answers meanwhile, and says that it waits for an administrator', () => {
    const branches = [
      { name: 'One', elements: [ask('One', 'cora')] },
      { name: 'Two', elements: [approval({ steps: [step({ name: 'Rated', when: rated })] })] },
    ]
    const world = draft({ definition: workflow({ parallel: { name: 'Both', branches } }) })
    world.submit('clara')
    expect(world.refusal('cora', world.answerOf('cora', 'APPROVE'))).toBe('WRONG_STATE')
    expect(world.blockers).toMatchObject([{ code: 'FAULT' }])
  })

  it('is resumed by an administrator only, with a comment that everybody reads', () => {
    const world = draft({ definition: withStep({ when: rated }) })
    world.submit('clara')
    expect(world.refusal('clara', resume)).toBe('NOT_PERMITTED')
    expect(world.refusal('adam', { ...resume, comment: ' ' })).toBe('REASON_REQUIRED')
    rate(world)
    world.do('adam', resume)
    expect(world.proposal.comments).toMatchObject([{ authorId: 'adam', text: 'Mended' }])
    expect(world.happened).toContain('ProposalResumed')
  })

  it('can be recalled and corrected as well, and keeps what was answered', () => {
    const world = draft({ definition: workflow(ask('First', 'mia'), approval({ steps: [step({ when: rated })] })) })
    world.submit('clara')
    world.approve('mia')
    world.recall('clara')
    rate(world)
    world.submit('clara')
    expect(world.asked).toEqual(['cora', 'carl'])
  })

  it('stands still in time: its limits go on when it does', () => {
    const limited = step({
      name: 'Limited',
      assign: [assignment({ users: ['cora'] })],
      timeLimit: { amount: 2, unit: 'HOURS' },
      finally: { verdict: 'REJECT' },
    })
    const branches = [
      { name: 'One', elements: [approval({ name: 'Limited', steps: [limited] })] },
      { name: 'Two', elements: [approval({ steps: [step({ name: 'Rated', when: rated })] })] },
    ]
    const world = draft({ definition: workflow({ parallel: { name: 'Both', branches } }) })
    world.submit('clara')
    world.wait(5)
    world.tick()
    expect(world.status).toBe('FAULTED')
    rate(world)
    world.do('adam', resume)
    expect(world.status).toBe('PENDING')
    world.wait(3)
    world.tick()
    expect(world.status).toBe('REJECTED')
    expect(world.answers).toEqual(['system REJECTED'])
  })
})

describe('a fault while applying', () => {
  const setTerms = (world: World, active: boolean): void => {
    const terms = new Map(world.company.references.get('PAYMENT_TERMS'))
    terms.set('N60', { code: 'N60', name: 'N60', active })
    const references = new Map(world.company.references).set('PAYMENT_TERMS', terms)
    world.company = { ...world.company, references }
  }
  const stopped = (): World => {
    const world = draft({ definition: withStep({}) })
    world.submit('clara')
    setTerms(world, false)
    world.approve('cora')
    return world
  }

  it('leaves the record as it is, and says what is wrong', () => {
    const world = stopped()
    expect(world.proposal).toMatchObject({ status: 'FAULTED', fault: { code: 'INVALID_VALUE' } })
    expect(world.customer.version).toBe(1)
    expect(world.blockers[0]?.message).toContain('cannot be applied')
  })
  it('is over when it is resumed and the record would be valid', () => {
    const world = stopped()
    setTerms(world, true)
    world.do('adam', resume)
    expect(world.status).toBe('APPLIED')
    expect(world.customer.values.paymentTerms).toBe('N60')
    expect(world.answers).toEqual(['cora APPROVED'])
  })
  it('stops again while it would not be', () => {
    const world = stopped()
    world.do('adam', resume)
    expect(world.proposal).toMatchObject({ status: 'FAULTED', fault: { code: 'INVALID_VALUE' } })
  })
  it('that a recall takes back is corrected, and only what is new is asked again', () => {
    const world = stopped()
    world.recall('clara')
    setTerms(world, true)
    world.submit('clara')
    expect(world.status).toBe('APPLIED')
  })
})
