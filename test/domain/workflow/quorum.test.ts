// The table of DOMAIN section 7, a rule each, and that it is what a run goes by.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Policy, Quorum } from '../../../server/domain/workflow/definition.ts'
import { needed, verdict } from '../../../server/domain/workflow/quorum.ts'
import { person, World } from '../world.ts'
import { assignment, step, workflow, approval, type Json } from './definitions.ts'

type Rule = { readonly policy: Policy; readonly percent?: number; readonly quorum?: Quorum }
/** The verdict after each answer, + for and - against, until the step is decided: '..A' is approved at the third. */
const course = ({ policy, percent = 0, quorum = 'ANSWERS' }: Rule, n: number, answers: string): string => {
  let [course, approvals, rejections] = ['', 0, 0]
  for (const answer of answers) {
    if (answer === '+') approvals++
    else rejections++
    const result = verdict({ policy, percent: policy === 'PERCENT' ? percent : null, quorum }, n, approvals, rejections)
    course += result === null ? '.' : result === 'APPROVED' ? 'A' : 'R'
    if (result !== null) break
  }
  return course
}

const half: Rule = { policy: 'PERCENT', percent: 50 }
const approvals = (rule: Rule): Rule => ({ ...rule, quorum: 'APPROVALS' })

describe('a policy', () => {
  it.each<[string, Rule, number, string, string]>([
    ['single: the first answer, for', { policy: 'SINGLE' }, 3, '+', 'A'],
    ['single: the first answer, against', { policy: 'SINGLE' }, 3, '-', 'R'],
    ['majority of 3: two have answered, both for', { policy: 'MAJORITY' }, 3, '++', '.A'],
    ['majority of 3: two have answered, one against', { policy: 'MAJORITY' }, 3, '+-', '.R'],
    ['majority of 4: three have answered', { policy: 'MAJORITY' }, 4, '+++', '..A'],
    ['majority of 1 is that one', { policy: 'MAJORITY' }, 1, '+', 'A'],
    ['50 % of 3: decided at two', half, 3, '++', '.A'],
    ['50 % of 3: one of each → rejected', half, 3, '+-', '.R'],
    ['50 % of 3: a first answer against does not decide', half, 3, '-+', '.R'],
    ['1 % of 3: at least one', { policy: 'PERCENT', percent: 1 }, 3, '+', 'A'],
    ['100 % of 3: three, and one against rejects at the end', { policy: 'PERCENT', percent: 100 }, 3, '-++', '..R'],
    ['67 % of 3: rounded up to three', { policy: 'PERCENT', percent: 67 }, 3, '+++', '..A'],
    ['all: one reject rejects at once', { policy: 'ALL' }, 3, '+-', '.R'],
    ['all: approved when all have', { policy: 'ALL' }, 3, '+++', '..A'],
    ['50 % of 3, approvals: two approvals, whoever is against', approvals(half), 3, '-++', '..A'],
    ['50 % of 3, approvals: against when two cannot be reached', approvals(half), 3, '--', '.R'],
    [
      'majority of 4, approvals: against when three cannot be reached',
      approvals({ policy: 'MAJORITY' }),
      4,
      '+--',
      '..R',
    ],
    ['single, approvals: one approval among rejections', approvals({ policy: 'SINGLE' }), 3, '--+', '..A'],
    ['single, approvals: against when nobody is left', approvals({ policy: 'SINGLE' }), 2, '--', '.R'],
    ['all, approvals: one against cannot be made good', approvals({ policy: 'ALL' }), 3, '+-', '.R'],
  ])('%s', (_, rule, n, answers, expected) => {
    expect(course(rule, n, answers)).toBe(expected)
  })

  it('always comes to a verdict when everybody has answered, and never before half a quorum has', () => {
    const rule = fc.record({
      policy: fc.constantFrom<Policy>('SINGLE', 'MAJORITY', 'PERCENT', 'ALL'),
      quorum: fc.constantFrom<Quorum>('ANSWERS', 'APPROVALS'),
      percent: fc.integer({ min: 1, max: 100 }),
    })
    fc.assert(
      fc.property(rule, fc.array(fc.constantFrom('+', '-'), { minLength: 1, maxLength: 12 }), (r, answers) => {
        const all = course(r, answers.length, answers.join(''))
        expect(all).toMatch(/^\.*[AR]$/)
        if (all.endsWith('A')) {
          const percent = r.policy === 'PERCENT' ? r.percent : null
          const least = needed(r.policy, percent, answers.length)
          expect(answers.slice(0, all.length).filter((a) => a === '+').length).toBeGreaterThanOrEqual(least)
        }
      }),
    )
  })

  it('of nobody is never decided', () => {
    expect(verdict({ policy: 'ALL', percent: null, quorum: 'ANSWERS' }, 0, 0, 0)).toBeNull()
  })
})

const voters = ['ann', 'ben', 'cid', 'dan']
const asking = (...steps: Json[]): World => {
  const people = [
    ...voters.map((id) => person(id, ['READER'])),
    person('clara', ['CLERK']),
    person('adam', ['ADMINISTRATOR']),
  ]
  const world = new World({ people, groups: {}, definition: workflow(approval({ steps })) })
  world.edit('clara', { creditLimit: '60000' })
  world.submit('clara')
  return world
}
const users = (...ids: string[]): Json => ({ users: ids })

describe('a step', () => {
  it('with the policy of its assignment withdraws what is still open when it is decided', () => {
    const half = assignment(users('ann', 'ben', 'cid'), { policy: 'PERCENT', percent: 50 })
    const world = asking(step({ assign: [half] }))
    world.approve('ann')
    expect(world.asked).toEqual(['ben', 'cid'])
    world.approve('ben')
    expect(world.status).toBe('APPLIED')
    expect(world.proposal.items.map((i) => i.status)).toEqual(['DECIDED', 'DECIDED', 'WITHDRAWN'])
  })

  it('with 3 people at 50 % and one of each is rejected', () => {
    const world = asking(step({ assign: [assignment(users('ann', 'ben', 'cid'), { policy: 'PERCENT', percent: 50 })] }))
    world.approve('ann')
    world.reject('ben')
    expect(world.status).toBe('REJECTED')
  })

  it('with assignments joined by ALL is decided for when each is', () => {
    const world = asking(step({ join: 'ALL', assign: [assignment(users('ann', 'ben')), assignment(users('cid'))] }))
    world.approve('ann')
    expect(world.status).toBe('PENDING')
    world.approve('cid')
    expect(world.status).toBe('APPLIED')
  })

  it('with assignments joined by ALL is decided against by the first that is', () => {
    const world = asking(step({ join: 'ALL', assign: [assignment(users('ann', 'ben')), assignment(users('cid'))] }))
    world.reject('cid')
    expect(world.status).toBe('REJECTED')
  })

  it('with assignments joined by ANY is decided by the first that is', () => {
    const both = [assignment(users('ann', 'ben'), { policy: 'ALL' }), assignment(users('cid'))]
    const first = asking(step({ join: 'ANY', assign: both }))
    first.approve('ann')
    expect(first.status).toBe('PENDING')
    first.approve('cid')
    expect(first.status).toBe('APPLIED')
    const second = asking(step({ join: 'ANY', assign: both }))
    second.reject('ben')
    expect(second.status).toBe('REJECTED')
  })

  it('gives a person in two assignments one item, whose answer counts in both', () => {
    const all = { policy: 'ALL' }
    const world = asking(step({ assign: [assignment(users('ann', 'ben'), all), assignment(users('ben', 'cid'), all)] }))
    expect(world.open().map((i) => [i.assigneeId, i.assignments])).toEqual([
      ['ann', [0]],
      ['ben', [0, 1]],
      ['cid', [1]],
    ])
    world.approve('ben', 'ann', 'cid')
    expect(world.status).toBe('APPLIED')
  })

  it('seats its people once, when it starts: n does not change', () => {
    const world = asking(step({ assign: [assignment({ role: 'READER' }, { policy: 'MAJORITY' })] }))
    expect(world.asked).toEqual(voters)
    world.changePerson('dan', { roles: ['CLERK'] })
    world.approve('ann', 'ben')
    expect(world.status).toBe('PENDING')
    world.approve('cid')
    expect(world.status).toBe('APPLIED')
  })

  it('follows the one before it', () => {
    const world = asking(
      step({ name: 'One', assign: [assignment(users('ann'))] }),
      step({ name: 'Two', assign: [assignment(users('ben'))] }),
    )
    expect(world.askedSteps).toEqual(['One'])
    world.approve('ann')
    expect(world.askedSteps).toEqual(['Two'])
  })
})
