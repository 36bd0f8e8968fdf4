// DOMAIN sections 5 and 7: whom an assignment asks, how several are joined, and when they are decided. Hierarchies that climb past
// people are in eligibility.test.ts as well.
import { describe, expect, it } from 'vitest'
import { demoPeople, World, type Setup } from './world.ts'
import { approval, assignedTo, assignment, step, withStep, workflow, type Json } from './workflow/definitions.ts'

const submitted = (definition: Json, setup: Setup = {}): World => {
  const world = new World({ definition, ...setup })
  world.edit('clara', { creditLimit: '60000' })
  world.submit('clara')
  return world
}
const queues = { desk: ['cora', 'carl', 'clara'], empty: ['clara'] }
const users = (...ids: string[]): Json => ({ users: ids })
const three = users('cora', 'carl', 'tess')

describe('an assignment asks', () => {
  it.each<[string, Json, readonly (string | null)[]]>([
    ['the users that it names', users('cora', 'tess'), ['cora', 'tess']],
    ['each user once, however often it names them', users('cora', 'tess', 'cora'), ['cora', 'tess']],
    ['every member of a group', { group: 'credit' }, ['cora', 'carl']],
    ['everybody who has a role', { role: 'READER' }, ['cora', 'carl', 'tess', 'olga']],
    [
      'everybody with a role who may decide: not authors, not who saved the workflow',
      { role: 'ADMINISTRATOR' },
      ['adam'],
    ],
    ['the managers above the submitter, a level each', { hierarchy: { levels: 2 } }, ['mia', 'olga']],
    ['the managers above a named person', { hierarchy: { startUserId: 'tess', levels: 1 } }, ['olga']],
    ['managers until a condition holds', { hierarchy: { until: "manager.name == 'olga'" } }, ['mia', 'olga']],
    ['only the last of them', { hierarchy: { until: "manager.name == 'olga'", take: 'LAST' } }, ['olga']],
    ['whom there are, where there are fewer levels', { hierarchy: { levels: 9 } }, ['mia', 'olga']],
    ['the owner of the workflow', { workflowUser: 'OWNER' }, ['adam']],
    ['a queue: one seat that nobody has yet', { queue: 'desk' }, [null]],
  ])('%s', (_, to, asked) => {
    expect(submitted(assignedTo(to, { policy: 'ALL' }), { queues }).asked).toEqual(asked)
  })

  it('the submitter, who may do a task', () => {
    const file = { task: { name: 'File', step: step({ assign: [assignment({ workflowUser: 'SUBMITTER' })] }) } }
    expect(submitted(workflow(file, approval())).asked).toEqual(['clara'])
  })
  it('the submitter for an approval only where authors may approve', () => {
    const definition = assignedTo({ workflowUser: 'SUBMITTER' })
    expect(submitted(definition, { parameters: { authorsMayNotApprove: false } }).asked).toEqual(['clara'])
    expect(() => submitted(definition)).toThrow('Nobody may decide the step "Credit"')
  })
  it('who approved last before it', () => {
    const previous = step({ name: 'Previous', assign: [assignment({ workflowUser: 'PREVIOUS_APPROVER' })] })
    const skipped = step({ name: 'Skipped', when: 'false', assign: [assignment(users('tess'))] })
    const world = submitted(
      workflow(
        approval({ steps: [step({ assign: [assignment(users('olga'))] })] }),
        approval({
          steps: [step({ assign: [assignment(users('cora', 'carl', 'tess'), { policy: 'MAJORITY' })] }), skipped],
        }),
        approval({ name: 'Again', steps: [previous] }),
      ),
    )
    world.approve('olga', 'carl', 'tess')
    expect(world.asked).toEqual(['carl', 'tess'])
  })
  it('who approved last before it, also when that approval was kept from an earlier run', () => {
    const previous = step({ name: 'Previous', assign: [assignment({ workflowUser: 'PREVIOUS_APPROVER' })] })
    const world = submitted(workflow(approval(), approval({ name: 'Again', steps: [previous] })))
    world.approve('carl')
    world.recall('clara')
    world.submit('clara')
    expect(world.asked).toEqual(['carl'])
  })
  it('a queue with nobody in it who may decide as little as a group without anybody', () => {
    expect(() => submitted(assignedTo({ queue: 'empty' }), { queues })).toThrow('Nobody may decide')
    expect(() => submitted(assignedTo({ queue: 'unknown' }), { queues })).toThrow('Nobody may decide')
  })
  it('whoever is there when the step starts, and nobody who comes later', () => {
    const world = submitted(assignedTo({ role: 'READER' }, { policy: 'ALL' }))
    world.changePerson('colin', { roles: ['READER'] })
    world.do('adam', { kind: 'PROCEED' })
    expect(world.asked).not.toContain('colin')
  })
  it('of a hierarchy nobody twice, and nobody who may not decide, counting only who is asked', () => {
    const people = demoPeople.map((p) => (p.id === 'mia' ? { ...p, active: false } : p))
    expect(submitted(assignedTo({ hierarchy: { levels: 1 } }), { people }).asked).toEqual(['olga'])
  })
})

describe('several assignments', () => {
  const joined = (join: 'ALL' | 'ANY', ...assign: Json[]): World => submitted(withStep({ join, assign }))
  const all = (...ids: string[]): Json => assignment(users(...ids), { policy: 'ALL' })

  it('joined by ALL must each be decided for', () => {
    const world = joined('ALL', assignment({ group: 'credit' }), all('tess', 'olga'))
    world.approve('cora', 'tess')
    expect(world.status).toBe('PENDING')
    world.approve('olga')
    expect(world.status).toBe('APPLIED')
  })
  it('joined by ALL are decided against by the first that is', () => {
    const world = joined('ALL', assignment({ group: 'credit' }), all('tess', 'olga'))
    world.reject('cora')
    expect(world.status).toBe('REJECTED')
  })
  it.each([
    ['approved', 'APPLIED'],
    ['rejected', 'REJECTED'],
  ])('joined by ANY are decided by the first that is %s', (verdict, status) => {
    const world = joined('ANY', all('cora', 'carl'), all('tess'))
    world.approve('cora')
    expect(world.status).toBe('PENDING')
    if (verdict === 'approved') world.approve('tess')
    else world.reject('tess')
    expect(world.status).toBe(status)
    expect(world.open()).toEqual([])
  })
  it('in which a person is twice have one item of theirs, whose answer counts in both', () => {
    const world = joined('ALL', all('cora', 'carl'), all('cora', 'tess'))
    expect(world.open().map((i) => [i.assigneeId, i.assignments])).toEqual([
      ['cora', [0, 1]],
      ['carl', [0]],
      ['tess', [1]],
    ])
    world.approve('carl', 'tess')
    expect(world.status).toBe('PENDING')
    world.approve('cora')
    expect(world.status).toBe('APPLIED')
  })
  it('that name the same queue have one item', () => {
    const desk = assignment({ queue: 'desk' })
    const world = submitted(withStep({ assign: [desk, desk] }), { queues })
    expect(world.open().map((i) => i.assignments)).toEqual([[0, 1]])
  })
  it('without anybody among them ask the final approver, once', () => {
    const assign = [all('clara'), all('cora'), all('colin', 'clara')]
    const people = demoPeople.map((p) => (p.id === 'colin' ? { ...p, active: false } : p))
    const world = submitted(workflow(approval({ steps: [step({ assign })], finalApproverId: 'tess' })), { people })
    expect(world.open().map((i) => [i.assigneeId, i.assignments])).toEqual([
      ['tess', [0, 2]],
      ['cora', [1]],
    ])
  })
})

describe('completion policies', () => {
  const asked = (policy: string, more: Json = {}): World => submitted(assignedTo(three, { policy, ...more }))
  const vote = (world: World, answers: string): void => {
    for (const [i, answer] of [...answers].entries()) {
      const who = ['cora', 'carl', 'tess'][i] ?? ''
      if (answer === 'a') world.approve(who)
      else world.reject(who)
    }
  }
  // a: approves, r: rejects; in the order of the seats.
  it.each<[string, string, Json, string, string]>([
    ['single: the first answer decides', 'SINGLE', {}, 'a', 'APPLIED'],
    ['single: the first answer decides against', 'SINGLE', {}, 'r', 'REJECTED'],
    ['majority: one of three is not enough', 'MAJORITY', {}, 'a', 'PENDING'],
    ['majority: two of three are', 'MAJORITY', {}, 'aa', 'APPLIED'],
    ['majority: any reject among them rejects', 'MAJORITY', {}, 'ar', 'REJECTED'],
    ['majority: a reject alone does not decide', 'MAJORITY', {}, 'r', 'PENDING'],
    ['50 percent of three is two', 'PERCENT', { percent: 50 }, 'a', 'PENDING'],
    ['50 percent of three, two approve', 'PERCENT', { percent: 50 }, 'aa', 'APPLIED'],
    ['50 percent of three, one of each rejects', 'PERCENT', { percent: 50 }, 'ra', 'REJECTED'],
    ['1 percent is still one', 'PERCENT', { percent: 1 }, 'a', 'APPLIED'],
    ['100 percent is everybody, and rejects only then', 'PERCENT', { percent: 100 }, 'ra', 'PENDING'],
    ['all: one reject rejects at once', 'ALL', {}, 'r', 'REJECTED'],
    ['all: two of three wait for the third', 'ALL', {}, 'aa', 'PENDING'],
    ['all: three approve', 'ALL', {}, 'aaa', 'APPLIED'],
    [
      'approvals, majority: a reject does not decide while it can be won',
      'MAJORITY',
      { quorum: 'APPROVALS' },
      'ra',
      'PENDING',
    ],
    ['approvals, majority: two of three, whoever rejects', 'MAJORITY', { quorum: 'APPROVALS' }, 'ara', 'APPLIED'],
    ['approvals, majority: two rejects cannot be made up', 'MAJORITY', { quorum: 'APPROVALS' }, 'rr', 'REJECTED'],
    ['approvals, single: somebody may still approve', 'SINGLE', { quorum: 'APPROVALS' }, 'rra', 'APPLIED'],
    ['approvals, single: nobody left rejects', 'SINGLE', { quorum: 'APPROVALS' }, 'rrr', 'REJECTED'],
  ])('%s', (_, policy, more, answers, status) => {
    const world = asked(policy, more)
    vote(world, answers)
    expect(world.status).toBe(status)
  })
  it('withdraw the other items when the step is decided', () => {
    const world = asked('MAJORITY')
    vote(world, 'aa')
    expect(world.proposal.items.map((i) => i.status)).toEqual(['DECIDED', 'DECIDED', 'WITHDRAWN'])
  })
  it('count seats, whose number stays when somebody loses their role', () => {
    const world = asked('MAJORITY')
    world.changePerson('tess', { roles: ['AUDITOR'] })
    world.do('adam', { kind: 'PROCEED' })
    world.approve('cora')
    expect(world.status).toBe('PENDING')
  })
  it('count the seats that are left when somebody is deactivated', () => {
    const world = asked('ALL')
    vote(world, 'aa')
    world.changePerson('tess', { active: false })
    world.do('adam', { kind: 'PROCEED' })
    expect(world.status).toBe('APPLIED')
  })
  it('hold for tasks: completed counts for, returned against', () => {
    const both = {
      task: { name: 'Both', step: step({ assign: [assignment(three, { policy: 'PERCENT', percent: 50 })] }) },
    }
    const world = submitted(workflow(both, approval()))
    world.complete('cora')
    expect(world.askedSteps).toEqual(['Credit'])
    world.do('carl', world.answer('carl', 'RETURN'))
    expect(world.status).toBe('REJECTED')
  })
})

describe('what an item says', () => {
  it('is the subject and the instructions of its step, with the values filled in', () => {
    const world = new World({
      definition: withStep({
        subject: '{{customer.account}}: {{proposed.creditLimit}} instead of {{customer.creditLimit}}',
        instructions: '{{submitter.name}} says: {{lastComment}}',
      }),
    })
    world.edit('clara', { creditLimit: '60000' })
    world.do('clara', { kind: 'SUBMIT', expectedRevision: null, comment: 'New contract' })
    const [item] = world.open()
    expect(item?.subject).toMatch(/^US-001: 60,?000/)
    expect(item?.instructions).toBe('clara says: New contract')
  })
})
