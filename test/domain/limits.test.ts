// DOMAIN section 10: what happens when time runs out. The clock stands still unless a test lets time pass.
import { describe, expect, it } from 'vitest'
import { nextDue, whenDue } from '../../server/domain/due.ts'
import { World, type Setup } from './world.ts'
import { approval, assignment, step, workflow, type Json } from './workflow/definitions.ts'

const hours = (amount: number): Json => ({ amount, unit: 'HOURS' })
const by = (name: string, ids: readonly string[], more: Json = {}): Json =>
  step({ name, assign: [assignment({ users: ids }, { policy: 'ALL' })], ...more })
const to = (id: string, amount = 2): Json => ({ to: { users: [id] }, timeLimit: hours(amount) })
const limited = (more: Json, who: readonly string[] = ['cora', 'carl']): Json =>
  approval({ name: 'Limited', steps: [by('Limited', who, { timeLimit: hours(2), ...more })] })
const last = approval({ name: 'Last', steps: [by('Last', ['olga'])] })

const submitted = (definition: Json, setup: Setup = {}): World => {
  const world = new World({ definition, ...setup })
  world.edit('clara', { creditLimit: '60000' })
  world.submit('clara')
  return world
}
/** Lets time pass and has the sweep look. */
const later = (world: World, amount: number): void => {
  world.wait(amount)
  world.tick()
}
const sayings = (world: World): (string | null)[] =>
  world.open().map((item) => whenDue(world.as('olga'), world.proposal, item))

describe('a step with a limit', () => {
  it('is due so long after it started, as its items say', () => {
    const world = submitted(workflow(last, limited({ finally: { verdict: 'APPROVE' } })))
    world.wait(10)
    world.approve('olga')
    const [item] = world.open()
    expect(item?.dueAt).toBe(new Date(Date.parse(item?.createdAt ?? '') + 2 * 3_600_000).toISOString())
    expect(nextDue(world.proposal)).toBe(item?.dueAt)
  })
  it('does nothing before it is due', () => {
    const world = submitted(workflow(limited({ finally: { verdict: 'APPROVE' } })))
    const before = world.proposal
    later(world, 1.5)
    expect(world.proposal).toBe(before)
  })
  it.each([
    ['APPROVE', 'APPLIED', 'system APPROVED'],
    ['REJECT', 'REJECTED', 'system REJECTED'],
  ])('ends with %s by the system', (verdict, status, answer) => {
    const world = submitted(workflow(limited({ finally: { verdict } })))
    later(world, 3)
    expect(world.status).toBe(status)
    expect(world.answers).toEqual([answer])
    expect(world.proposal.decisions[0]).toMatchObject({ automatic: true, actorId: null })
    expect(world.proposal.items.slice(0, 2).map((i) => i.status)).toEqual(['WITHDRAWN', 'WITHDRAWN'])
    expect(world.happened.filter((t) => t === 'WorkItemOverdue')).toHaveLength(2)
  })
  it('without a final action stays open, overdue, and acts no more', () => {
    const world = submitted(workflow(limited({})))
    expect(sayings(world)).toEqual(Array(2).fill('It stays open and is shown as overdue.'))
    later(world, 3)
    expect(world.asked).toEqual(['cora', 'carl'])
    expect(world.blockers[0]?.message).toContain('It is overdue.')
    expect(nextDue(world.proposal)).toBeNull()
    const { proposal } = world
    later(world, 30)
    expect(world.proposal).toBe(proposal)
    world.approve('cora', 'carl')
    expect(world.status).toBe('APPLIED')
  })
  it('that was decided in time is left alone', () => {
    const world = submitted(workflow(limited({ finally: { verdict: 'REJECT' } }), last))
    world.approve('cora', 'carl')
    later(world, 30)
    expect(world.asked).toEqual(['olga'])
    expect(nextDue(world.proposal)).toBeNull()
  })
  it('goes by the answers that decided it, even if they come after the limit and before the sweep', () => {
    const world = submitted(workflow(limited({ finally: { verdict: 'REJECT' } })))
    world.approve('cora')
    world.wait(3)
    world.approve('carl')
    expect(world.status).toBe('APPLIED')
  })
  it('counts in working time where it says so, by the company’s calendar', () => {
    const limit = { amount: 2, unit: 'HOURS', workingTime: true }
    // It begins on a Sunday; the first opening hours are those of Monday, 09:00 to 17:00 UTC.
    const world = submitted(workflow(limited({ timeLimit: limit, finally: { verdict: 'APPROVE' } })))
    expect(nextDue(world.proposal)).toBe('2026-11-23T11:00:00.000Z')
  })
})

describe('final actions', () => {
  const task = (finally_: string): Json => ({
    task: { name: 'Call', step: by('Call', ['mia'], { timeLimit: hours(2), finally: { task: finally_ } }) },
  })
  it('complete a task', () => {
    const world = submitted(workflow(task('COMPLETE'), last))
    expect(sayings(world)).toEqual(['The system completes it.'])
    later(world, 3)
    expect(world.answers).toEqual(['system COMPLETED'])
    expect(world.asked).toEqual(['olga'])
  })
  it('return a task', () => {
    const world = submitted(workflow(task('RETURN'), last))
    expect(sayings(world)).toEqual(['The system returns it.'])
    later(world, 3)
    expect(world.answers).toEqual(['system RETURNED'])
    expect(world.status).toBe('REJECTED')
  })
  it('choose an outcome', () => {
    const outcomes = [
      { name: 'fast', elements: [] },
      { name: 'slow', elements: [approval({ name: 'Slow' })] },
    ]
    const way = {
      name: 'Way',
      step: by('Way', ['mia'], { timeLimit: hours(2), finally: { choice: 'slow' } }),
      outcomes,
    }
    const world = submitted(workflow({ decision: way }, last))
    expect(sayings(world)).toEqual(['The system chooses "slow".'])
    later(world, 3)
    expect(world.answers).toEqual(['system CHOSEN'])
    expect(world.proposal.decisions[0]?.choice).toBe('slow')
    expect(world.asked).toEqual(['cora', 'carl'])
  })
})

describe('an escalation path', () => {
  const path = [to('tess'), to('olga', 4)]
  it('is asked entry by entry, each once, then the system acts', () => {
    const world = submitted(workflow(limited({ escalation: path, finally: { verdict: 'REJECT' } })))
    expect(sayings(world)).toEqual(['It goes to tess.', 'It goes to tess.'])
    later(world, 3)
    expect(world.open()).toMatchObject([{ assigneeId: 'tess', escalationLevel: 1 }])
    expect(sayings(world)).toEqual(['It goes to olga.'])
    later(world, 3)
    expect(world.open()).toMatchObject([{ assigneeId: 'olga', escalationLevel: 2 }])
    expect(sayings(world)).toEqual(['The system rejects it.'])
    later(world, 3)
    expect(world.asked).toEqual(['olga'])
    later(world, 3)
    expect(world.status).toBe('REJECTED')
    expect(world.happened.filter((t) => t === 'WorkItemEscalated')).toHaveLength(2)
    expect(world.proposal.items.filter((i) => i.stepPath !== '').map((i) => i.status)).toEqual(
      Array(4).fill('WITHDRAWN'),
    )
  })
  it('withdraws the open seats: who sat there cannot answer any more, and one answer decides', () => {
    const world = submitted(workflow(limited({ escalation: path })))
    const late = world.answerOf('carl', 'APPROVE')
    world.approve('cora')
    later(world, 3)
    expect(world.refusal('carl', late)).toBe('WRONG_STATE')
    world.approve('tess')
    expect(world.status).toBe('APPLIED')
    expect(world.answers).toEqual(['cora APPROVED', 'tess APPROVED'])
  })
  it('asks one of a group: policy single', () => {
    const world = submitted(
      workflow(limited({ escalation: [{ to: { group: 'credit' }, timeLimit: hours(2) }] }, ['mia'])),
    )
    later(world, 3)
    expect(world.asked).toEqual(['cora', 'carl'])
    world.approve('carl')
    expect(world.status).toBe('APPLIED')
  })
  it('passes over entries with nobody who may decide', () => {
    const world = submitted(workflow(limited({ escalation: [to('clara'), to('gone'), to('olga')] })))
    later(world, 3)
    expect(world.open()).toMatchObject([{ assigneeId: 'olga', escalationLevel: 3 }])
  })
  it('passes over who has answered already', () => {
    const world = submitted(workflow(limited({ escalation: [to('cora'), to('olga')] })))
    world.approve('cora')
    later(world, 3)
    expect(world.asked).toEqual(['olga'])
  })
  it('with nobody in it leaves the step to its final action at once', () => {
    const world = submitted(workflow(limited({ escalation: [to('clara')], finally: { verdict: 'APPROVE' } })))
    later(world, 3)
    expect(world.status).toBe('APPLIED')
  })
  it('may end in a queue', () => {
    const escalation = [{ to: { queue: 'desk' }, timeLimit: hours(2) }]
    const world = submitted(workflow(limited({ escalation })), { queues: { desk: ['tess'] } })
    later(world, 3)
    expect(world.open()).toMatchObject([{ assigneeId: null, queueId: 'desk' }])
  })
})

describe('downtime', () => {
  it('is caught up: the next of the path has its time from then on', () => {
    const world = submitted(workflow(limited({ escalation: [to('tess'), to('olga')], finally: { verdict: 'REJECT' } })))
    later(world, 1000)
    expect(world.asked).toEqual(['tess'])
    expect(nextDue(world.proposal)).toBe(new Date(Date.parse(world.now) + 2 * 3_600_000).toISOString())
  })
  it('has each limit act once, however often the sweep looks', () => {
    const world = submitted(workflow(limited({ escalation: [to('tess')], finally: { verdict: 'REJECT' } })))
    world.wait(3)
    for (const _ of [1, 2, 3]) world.tick()
    expect(world.asked).toEqual(['tess'])
    expect(world.happened.filter((t) => t === 'WorkItemEscalated')).toHaveLength(1)
  })
  it('has every limit act that ran out in it, in whatever branch', () => {
    const branches = [
      { name: 'One', elements: [limited({ finally: { verdict: 'APPROVE' } }, ['cora'])] },
      { name: 'Two', elements: [limited({ finally: { verdict: 'APPROVE' }, timeLimit: hours(9) }, ['carl'])] },
    ]
    const world = submitted(workflow({ parallel: { name: 'Both', branches } }))
    later(world, 100)
    expect(world.status).toBe('APPLIED')
  })
})

describe('a timed approval', () => {
  it('is never kept over a resubmission', () => {
    const world = submitted(workflow(limited({ finally: { verdict: 'APPROVE' } }), last))
    later(world, 3)
    expect(world.asked).toEqual(['olga'])
    world.recall('clara')
    world.submit('clara')
    expect(world.asked).toEqual(['cora', 'carl'])
  })
  it('leaves the votes that were given before it to a recall', () => {
    const world = submitted(workflow(limited({ finally: { verdict: 'APPROVE' } }), last))
    world.approve('cora')
    later(world, 3)
    world.recall('clara')
    world.submit('clara')
    expect(world.asked).toEqual(['carl'])
  })
  it('of a task or a choice is not kept either', () => {
    const task = { name: 'Call', step: by('Call', ['mia'], { timeLimit: hours(2), finally: { task: 'COMPLETE' } }) }
    const world = submitted(workflow({ task }, last))
    later(world, 3)
    world.recall('clara')
    world.submit('clara')
    expect(world.askedSteps).toEqual(['Call'])
  })
})

describe('an element’s own limit', () => {
  const own = (onTimeLimit: string, more: Json = {}): Json =>
    approval({
      name: 'Own',
      timeLimit: hours(10),
      onTimeLimit,
      steps: [by('One', ['cora'], { timeLimit: hours(2), finally: { verdict: 'REJECT' } }), by('Two', ['carl'])],
      ...more,
    })
  it('beats those of its steps', () => {
    const world = submitted(workflow(own('APPROVE')))
    expect(sayings(world)).toEqual(['The system approves it.'])
    later(world, 5)
    expect(world.asked).toEqual(['cora'])
    later(world, 6)
    expect(world.status).toBe('APPLIED')
    expect(world.answers).toEqual(['system APPROVED', 'system APPROVED'])
  })
  it('runs over all of its steps', () => {
    const world = submitted(workflow(own('REJECT')))
    world.wait(8)
    world.approve('cora')
    expect(nextDue(world.proposal)).toBe(world.open()[0]?.dueAt)
    later(world, 3)
    expect(world.status).toBe('REJECTED')
    expect(world.answers).toEqual(['cora APPROVED', 'system REJECTED'])
  })
  it('lives over a return, and stands still from the return to the resubmission', () => {
    const world = submitted(workflow(own('REJECT')))
    world.wait(6)
    world.requestChange('cora')
    world.wait(100)
    world.submit('clara')
    later(world, 3)
    expect(world.asked).toEqual(['cora'])
    later(world, 2)
    expect(world.status).toBe('REJECTED')
  })
  it('lives over a recall as well; a cancelled run keeps nothing of it', () => {
    const left = (kind: 'RECALL' | 'CANCEL'): number => {
      const world = submitted(workflow(own('REJECT')))
      world.wait(6)
      world.do('adam', { kind, comment: 'Wait' })
      world.wait(50)
      world.submit('clara')
      return Math.round((Date.parse(nextDue(world.proposal) ?? '') - Date.parse(world.now)) / 3_600_000)
    }
    expect([left('RECALL'), left('CANCEL')]).toEqual([4, 10])
  })
  it('stands still over a return that happened before the element was come to again', () => {
    const world = submitted(workflow(last, own('REJECT')))
    world.approve('olga')
    world.wait(6)
    world.requestChange('cora')
    world.edit('clara', { creditLimit: '70000' })
    world.submit('clara')
    world.wait(50)
    world.requestChange('olga')
    world.submit('clara')
    world.approve('olga')
    expect(Math.round((Date.parse(nextDue(world.proposal) ?? '') - Date.parse(world.now)) / 3_600_000)).toBe(4)
  })
  it('does not undo an answer that decides and came before the system looked', () => {
    const world = submitted(workflow(own('REJECT')))
    world.wait(8)
    world.approve('cora')
    world.wait(3)
    world.approve('carl')
    expect(world.status).toBe('APPLIED')
  })
  it('that has run out and sent the proposal back begins anew when it is submitted again', () => {
    const world = submitted(workflow(own('REJECT')))
    later(world, 11)
    expect(world.status).toBe('REJECTED')
    world.submit('clara')
    later(world, 5)
    expect(world.status).toBe('PENDING')
    world.approve('cora', 'carl')
    expect(world.status).toBe('APPLIED')
  })
  it('of an element that nobody has come to yet has not begun', () => {
    const world = submitted(workflow(last, own('REJECT')))
    expect(nextDue(world.proposal)).toBeNull()
  })
  it('a step’s limit begins anew with each run', () => {
    const world = submitted(workflow(limited({ finally: { verdict: 'REJECT' } })))
    world.wait(1.5)
    world.requestChange('cora')
    world.submit('clara')
    later(world, 1.5)
    expect(world.status).toBe('PENDING')
  })
})

describe('a limit of something that waits for nobody now', () => {
  it.each(['recall', 'reject'] as const)('does nothing after a %s', (how) => {
    const world = submitted(workflow(limited({ finally: { verdict: 'APPROVE' } })))
    if (how === 'recall') world.recall('clara')
    else world.reject('cora')
    expect(nextDue(world.proposal)).toBeNull()
    const { proposal } = world
    later(world, 100)
    expect(world.proposal).toBe(proposal)
  })
})
