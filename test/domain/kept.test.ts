// What a resubmission passes through without asking (DOMAIN section 6), for elements of every kind. The cases of approvals by
// themselves are in resubmission.test.ts.
import { describe, expect, it } from 'vitest'
import { runnable, workflowOf, World, type Setup } from './world.ts'
import { approval, assignment, step, workflow, type Json } from './workflow/definitions.ts'

const by = (name: string, ...users: string[]): Json =>
  step({ name, assign: [assignment({ users }, { policy: 'ALL' })] })
const ask = (name: string, ...users: string[]): Json => approval({ name, steps: [by(name, ...users)] })
const task = (name: string, ...users: string[]): Json => ({ task: { name, step: by(name, ...users) } })
const branch = (name: string, ...elements: Json[]): Json => ({ name, elements })
const decide = (who: string, ...outcomes: Json[]): Json => ({
  decision: { name: 'Way', step: by('Way', who), outcomes },
})
const parallel = (...branches: Json[]): Json => ({ parallel: { name: 'Both', branches } })

const submitted = (definition: Json, setup: Setup = {}): World => {
  const world = new World({ definition, ...setup })
  world.edit('clara', { creditLimit: '60000', paymentTerms: 'N60' })
  world.submit('clara')
  return world
}
const again = (world: World, set: Json | null = null): void => {
  if (set !== null) world.edit('clara', set)
  world.submit('clara')
}
const last = ask('Last', 'olga')
const statuses = (world: World): string[] => world.route.map((e) => `${e.name} ${e.status}`)

describe('a completed task', () => {
  const done = (): World => {
    const world = submitted(workflow(task('Call', 'mia', 'cora'), last))
    world.complete('mia', 'cora')
    return world
  }
  it.each(['recall', 'reject', 'request change'])('is kept over a %s that happens behind it', (how) => {
    const world = done()
    if (how === 'recall') world.recall('clara')
    else if (how === 'reject') world.reject('olga')
    else world.requestChange('olga')
    again(world)
    expect(statuses(world)).toEqual(['Call KEPT', 'Last RUNNING'])
  })
  it('is asked again when a change is new or different', () => {
    const world = done()
    world.requestChange('olga')
    again(world, { creditLimit: '70000' })
    expect(world.askedSteps).toEqual(['Call'])
    const other = done()
    other.requestChange('olga')
    again(other, { name: 'Contoso West' })
    expect(other.askedSteps).toEqual(['Call'])
  })
  it('is kept when a change is gone', () => {
    const world = done()
    world.requestChange('olga')
    again(world, { paymentTerms: 'N30' })
    expect(world.askedSteps).toEqual(['Last'])
  })
  it('half of it is kept over a recall', () => {
    const world = submitted(workflow(task('Call', 'mia', 'cora'), last))
    world.complete('mia')
    world.recall('clara')
    again(world)
    expect(world.asked).toEqual(['cora'])
    world.complete('cora')
    expect(world.askedSteps).toEqual(['Last'])
  })
  it('half of it is not, when somebody returns it: it starts afresh', () => {
    const world = submitted(workflow(task('Call', 'mia', 'cora'), last))
    world.complete('mia')
    world.do('cora', world.answer('cora', 'RETURN'))
    expect(world.proposal.runs[0]?.end).toMatchObject({ how: 'REJECTED', at: 'elements.0' })
    again(world)
    expect(world.asked).toEqual(['mia', 'cora'])
  })
  it('before a return is kept, and so is an approval', () => {
    const world = submitted(workflow(ask('First', 'tess'), task('Call', 'mia'), task('Write', 'cora'), last))
    world.approve('tess')
    world.complete('mia')
    world.do('cora', world.answer('cora', 'RETURN'))
    again(world)
    expect(world.askedSteps).toEqual(['Write'])
  })
  it('by somebody who has become an author is kept: they may do tasks', () => {
    const world = submitted(workflow(task('Call', 'colin'), last))
    world.complete('colin')
    world.requestChange('olga')
    world.submit('colin')
    expect(world.askedSteps).toEqual(['Last'])
  })
})

describe('a chosen decision', () => {
  const chosen = (): World => {
    const world = submitted(
      workflow(decide('mia', branch('short'), branch('long', ask('A', 'cora'), ask('B', 'carl'))), last),
    )
    world.choose('mia', 'long')
    world.approve('cora')
    return world
  }
  it('is kept, with its outcome, and what was decided in it', () => {
    const world = chosen()
    world.recall('clara')
    again(world)
    expect(world.askedSteps).toEqual(['B'])
    expect(world.route[0]?.branches.map((b) => b.taken)).toEqual([false, true])
  })
  it('stays when somebody rejects in its outcome: only the innermost element starts afresh', () => {
    const world = chosen()
    world.reject('carl')
    again(world)
    expect(world.askedSteps).toEqual(['B'])
  })
  it('is asked again when a change is new or different, and may go another way', () => {
    const world = chosen()
    world.recall('clara')
    again(world, { creditLimit: '70000' })
    expect(world.askedSteps).toEqual(['Way'])
    world.choose('mia', 'short')
    expect(world.askedSteps).toEqual(['Last'])
  })
  it('by somebody who has become an author is asked of somebody else', () => {
    const world = submitted(
      workflow(
        {
          decision: {
            name: 'Way',
            step: step({ name: 'Way', assign: [assignment({ users: ['mia', 'cora'] })] }),
            outcomes: [branch('one'), branch('two')],
          },
        },
        last,
      ),
    )
    world.choose('mia', 'one')
    world.requestChange('olga')
    world.submit('mia')
    expect(world.asked).toEqual(['cora'])
  })
})

describe('branches of a parallel', () => {
  const definition = workflow(
    parallel(branch('One', ask('A', 'cora'), ask('B', 'carl')), branch('Two', ask('T', 'tess', 'mia'))),
    last,
  )
  it('are judged one by one: a reject in one leaves what was decided in the other', () => {
    const world = submitted(definition)
    world.approve('cora', 'tess', 'mia')
    world.reject('carl')
    again(world)
    expect(world.askedSteps).toEqual(['B'])
  })
  it('an element that was still running when another branch rejected keeps no single votes', () => {
    const world = submitted(definition)
    world.approve('tess')
    world.reject('cora')
    again(world)
    expect(world.asked).toEqual(['cora', 'tess', 'mia'])
  })
  it('a recall keeps those of every branch', () => {
    const world = submitted(definition)
    world.approve('tess', 'cora')
    world.recall('clara')
    again(world)
    expect(world.asked).toEqual(['carl', 'mia'])
  })
  it('what each is about decides for itself: a change asks only the branch that guards it', () => {
    const guarded = (name: string, who: string, field: string): Json =>
      approval({ name, steps: [step({ name, guards: [field], assign: [assignment({ users: [who] })] })] })
    const world = submitted(
      workflow(
        parallel(
          branch('One', guarded('Limit', 'cora', 'creditLimit')),
          branch('Two', guarded('Terms', 'tess', 'paymentTerms')),
        ),
        last,
      ),
    )
    world.approve('cora', 'tess')
    world.requestChange('olga')
    again(world, { creditLimit: '70000' })
    expect(world.askedSteps).toEqual(['Limit'])
  })
})

describe('a cancelled run', () => {
  it('keeps nothing: no approvals, votes, tasks or choices, not even those of runs before it', () => {
    const world = submitted(
      workflow(task('Call', 'mia'), decide('cora', branch('a'), branch('b')), ask('First', 'carl'), last),
    )
    world.complete('mia')
    world.choose('cora', 'a')
    world.recall('clara')
    again(world)
    world.approve('carl')
    world.do('adam', { kind: 'CANCEL', comment: 'From the start, please' })
    expect(world.status).toBe('DRAFT')
    expect(world.open()).toEqual([])
    again(world)
    expect(world.askedSteps).toEqual(['Call'])
    world.complete('mia')
    expect(world.askedSteps).toEqual(['Way'])
    world.choose('cora', 'b')
    expect(world.asked).toEqual(['carl'])
  })
  it('is an administrator’s to cancel, with a comment', () => {
    const world = submitted(workflow(last))
    expect(world.refusal('clara', { kind: 'CANCEL', comment: 'x' })).toBe('NOT_PERMITTED')
    expect(world.refusal('adam', { kind: 'CANCEL', comment: null })).toBe('REASON_REQUIRED')
  })
})

describe('conditions and checks', () => {
  it('are looked at anew: the route is that of the values as they are now', () => {
    const size = {
      condition: {
        name: 'Size',
        cases: [{ name: null, when: 'proposed.creditLimit > 100000', elements: [ask('Large', 'cora')] }],
        else: [ask('Small', 'carl')],
      },
    }
    const world = submitted(workflow(ask('First', 'mia'), size))
    world.approve('mia')
    expect(world.askedSteps).toEqual(['Small'])
    world.requestChange('carl')
    again(world, { creditLimit: '200000' })
    world.approve('mia')
    expect(world.askedSteps).toEqual(['Large'])
  })
  it('a check runs again', () => {
    const check = { automated: { name: 'Check', check: 'DUPLICATE_TAX_NUMBER' } }
    const world = new World({ definition: workflow(check, last) })
    world.edit('clara', { taxExemptNumber: 'DE136695976' })
    world.submit('clara')
    world.recall('clara')
    world.sameTaxNumber = ['US-002']
    world.submit('clara')
    expect(world.status).toBe('FAULTED')
  })
})

describe('an answer at a seat that was handed on', () => {
  it('is kept over a recall for whose seat it was', () => {
    const world = submitted(workflow(ask('Both', 'cora', 'carl')))
    world.delegate('cora', 'tess')
    world.approve('tess')
    world.recall('clara')
    again(world)
    expect(world.asked).toEqual(['carl'])
    world.approve('carl')
    expect(world.status).toBe('APPLIED')
  })
  it('is not kept when its giver has come to a seat of their own', () => {
    const group = approval({
      name: 'Credit',
      steps: [step({ assign: [assignment({ group: 'credit' }, { policy: 'ALL' })] })],
    })
    const world = submitted(workflow(group))
    world.delegate('cora', 'tess')
    world.approve('tess')
    world.recall('clara')
    const { directory } = world.company
    const credit = { id: 'credit', name: 'credit', memberIds: ['cora', 'carl', 'tess'] }
    world.company = {
      ...world.company,
      directory: { ...directory, groups: new Map([...directory.groups, ['credit', credit]]) },
    }
    again(world)
    expect(world.asked).toEqual(['cora', 'carl', 'tess'])
  })
})

describe('over a recall, in an element that was still running', () => {
  const hours = (amount: number): Json => ({ amount, unit: 'HOURS' })
  const queues = { desk: ['cora'], other: ['carl'], third: ['mia'] }
  const desk = step({ assign: [assignment({ queue: 'desk' }), assignment({ users: ['tess'] })] })
  const move = (world: World, queueId: string) => {
    const workItemId = world.open().find((item) => item.queueId !== null)?.id ?? 'none'
    return { kind: 'MOVE' as const, workItemId, queueId, comment: null }
  }
  const claim = (world: World) =>
    world.queueOf(
      'CLAIM',
      world.open().find((item) => item.queueId !== null && item.assigneeId === null),
    )

  it.each([['other'], ['third', 'other']])('the answer at a seat that went over %s is kept', (...way) => {
    const world = submitted(workflow(approval({ steps: [desk] })), { queues })
    world.do('cora', claim(world))
    let who = 'cora'
    for (const queueId of way) {
      world.do(who, move(world, queueId))
      who = queueId === 'other' ? 'carl' : 'mia'
      world.do(who, claim(world))
    }
    world.approve('carl')
    world.recall('clara')
    again(world)
    expect(world.asked).toEqual(['tess'])
    world.recall('clara')
    again(world)
    expect(world.asked).toEqual(['tess'])
  })
  it('the answer at a seat that went to another queue is kept while the rest has gone on to somebody else', () => {
    const escalation = { timeLimit: hours(2), escalation: [{ to: { users: ['olga'] }, timeLimit: hours(2) }] }
    const assign = [assignment({ queue: 'desk' }), assignment({ users: ['tess'] })]
    const world = submitted(workflow(approval({ steps: [step({ assign, ...escalation })] })), { queues })
    world.do('cora', move(world, 'other'))
    world.do('carl', claim(world))
    world.approve('carl')
    world.wait(3)
    world.tick()
    expect(world.asked).toEqual(['olga'])
    world.recall('clara')
    again(world)
    expect(world.asked).toEqual(['tess'])
  })
  const escalated = (...users: string[]): World => {
    const first = step({
      name: 'S0',
      assign: [assignment({ users }, { policy: 'ALL' })],
      timeLimit: hours(2),
      escalation: [{ to: { users: ['cora'] }, timeLimit: hours(2) }],
    })
    const world = submitted(workflow(approval({ steps: [first, by('S1', 'tess')] })))
    if (users.length > 1) world.approve('mia')
    world.wait(3)
    world.tick()
    world.approve('cora')
    return world
  }
  it.each([[['carl']], [['carl', 'mia']]])('a step of %j that was approved after an escalation is kept', (users) => {
    const world = escalated(...users)
    expect(world.askedSteps).toEqual(['S1'])
    world.recall('clara')
    again(world)
    expect(world.asked).toEqual(['tess'])
    world.recall('clara')
    again(world)
    expect(world.asked).toEqual(['tess'])
    world.approve('tess')
    expect(world.status).toBe('APPLIED')
  })
  it('such a step is asked again of its own people when a change is different, and after a reject', () => {
    const changed = escalated('carl')
    changed.recall('clara')
    again(changed, { creditLimit: '70000' })
    expect(changed.asked).toEqual(['carl'])
    const rejected = escalated('carl')
    rejected.reject('tess')
    again(rejected)
    expect(rejected.asked).toEqual(['carl'])
  })
})

describe('a subworkflow', () => {
  const run = { subworkflow: { name: 'Other', workflowId: 'w2' } }
  const other = (version: number, ...elements: Json[]) =>
    workflowOf(runnable('w2', version, workflow(...elements)), { rank: 2, isDefault: false })
  it('keeps what was decided in it, as far as its active version defines it the same', () => {
    const main = workflowOf(runnable('w1', 1, workflow(run, last)), { rank: 3, isDefault: true })
    const world = submitted(workflow(last), { workflows: [main, other(1, ask('A', 'cora'), ask('B', 'carl'))] })
    world.approve('cora', 'carl')
    world.recall('clara')
    again(world)
    expect(world.askedSteps).toEqual(['Last'])
    world.recall('clara')
    world.company = { ...world.company, workflows: [main, other(2, ask('A', 'cora'), ask('B', 'carl', 'tess'))] }
    again(world)
    expect(world.asked).toEqual(['carl', 'tess'])
  })
})
