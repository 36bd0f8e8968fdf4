// The examples by which the documentation of Microsoft Dynamics 365 explains its workflow, played on this one (DOMAIN sections 6, 7, 10).
import { describe, expect, it } from 'vitest'
import { World } from './world.ts'
import { approval, assignment, step, workflow, type Json } from './workflow/definitions.ts'

const submitted = (definition: Json, set: Json = { creditLimit: '60000' }): World => {
  const world = new World({ definition })
  world.edit('clara', set)
  world.submit('clara')
  return world
}
const by = (name: string, who: string, more: Json = {}): Json =>
  step({ name, assign: [assignment({ users: [who] })], ...more })

describe('three people, of whom fifty percent decide', () => {
  const half = (): World =>
    submitted(
      workflow(
        approval({
          steps: [
            step({ assign: [assignment({ users: ['cora', 'carl', 'tess'] }, { policy: 'PERCENT', percent: 50 })] }),
          ],
        }),
      ),
    )
  it('have decided when two of them have approved: the third is asked no more', () => {
    const world = half()
    world.approve('cora')
    expect(world.asked).toEqual(['carl', 'tess'])
    world.approve('carl')
    expect(world.status).toBe('APPLIED')
    expect(world.open()).toEqual([])
  })
  it.each([
    ['approves first', ['cora', 'carl']],
    ['rejects first', ['carl', 'cora']],
  ])('have rejected when one of each has answered, whoever %s', (_, order) => {
    const world = half()
    for (const who of order) {
      if (who === 'cora') world.approve(who)
      else world.reject(who)
    }
    expect(world.status).toBe('REJECTED')
  })
})

describe('a document that was rejected and is resubmitted', () => {
  const element = (name: string, ...steps: Json[]): Json => approval({ name, steps })
  const definition = workflow(
    element('First', by('F', 'mia')),
    element('Second', by('S1', 'cora'), by('S2', 'carl')),
    element('Third', by('T', 'tess')),
  )
  it('starts the element that rejected it from its first step, and no other', () => {
    const world = submitted(definition)
    world.approve('mia', 'cora')
    world.reject('carl')
    world.submit('clara')
    expect(world.askedSteps).toEqual(['S1'])
    world.approve('cora', 'carl', 'tess')
    expect(world.status).toBe('APPLIED')
  })
  it('with other values is looked at again by everybody who saw the old ones', () => {
    const world = submitted(definition)
    world.approve('mia', 'cora')
    world.reject('carl')
    world.edit('clara', { creditLimit: '61000' })
    world.submit('clara')
    expect(world.askedSteps).toEqual(['F'])
  })
})

describe('a step that runs only when a condition is met', () => {
  const definition = workflow(
    approval({
      steps: [by('Always', 'mia'), by('Large', 'cora', { when: 'proposed.creditLimit > 100000' }), by('Last', 'carl')],
    }),
  )
  it('is skipped when it is not, and the next one asked', () => {
    const world = submitted(definition)
    world.approve('mia')
    expect(world.askedSteps).toEqual(['Last'])
    expect(world.route[0]?.steps.map((s) => s.status)).toEqual(['APPROVED', 'SKIPPED', 'RUNNING'])
  })
  it('is asked when it is', () => {
    const world = submitted(definition, { creditLimit: '200000' })
    world.approve('mia')
    expect(world.askedSteps).toEqual(['Large'])
  })
})

describe('an element with a limit of its own', () => {
  it('decides by it, whatever limits and escalations its steps have', () => {
    const hours = (amount: number): Json => ({ amount, unit: 'HOURS' })
    const limited = by('Step', 'mia', {
      timeLimit: hours(1),
      escalation: [{ to: { users: ['olga'] }, timeLimit: hours(1) }],
      finally: { verdict: 'REJECT' },
    })
    const world = submitted(workflow(approval({ steps: [limited], timeLimit: hours(8), onTimeLimit: 'APPROVE' })))
    world.wait(5)
    world.tick()
    expect(world.asked).toEqual(['mia'])
    world.wait(4)
    world.tick()
    expect(world.status).toBe('APPLIED')
  })
})

describe('somebody who delegates to somebody who delegates back', () => {
  it('is refused: the item would go in a circle', () => {
    const world = submitted(workflow(approval({ steps: [by('Step', 'mia')] })))
    world.delegate('mia', 'cora')
    expect(world.refusal('cora', world.handOf('DELEGATE', 'mia'))).toBe('ALREADY_ASKED')
  })
})
