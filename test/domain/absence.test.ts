// DOMAIN section 10, absence: who sits is computed from the clock, for what is open already as for what comes.
import { describe, expect, it } from 'vitest'
import { itemActions } from '../../server/domain/actions.ts'
import { sittingAt } from '../../server/domain/permit-item.ts'
import { World, demoPeople, type Setup } from './world.ts'
import { approval, assignedTo, assignment, step, workflow, type Json } from './workflow/definitions.ts'

const submitted = (definition: Json, before: (world: World) => void = () => undefined, setup: Setup = {}): World => {
  const world = new World({ definition, ...setup })
  before(world)
  world.edit('clara', { creditLimit: '60000' })
  world.submit('clara')
  return world
}
const all = (...users: string[]): Json => assignedTo({ users }, { policy: 'ALL' })
/** Who may answer each open item now. */
const sitting = (world: World): (string | null)[] =>
  world.open().map((item) => sittingAt(world.as('olga'), world.proposal, item).userId)
/** Answers the item that lies at the seat of somebody else. */
const answerFor = (world: World, who: string, seat: string) => world.answer(who, 'APPROVE', world.open(seat)[0])

describe('a queue', () => {
  it('of which everybody is away is passed over like one without members, even where others stand in for them', () => {
    const away = (w: World) => {
      w.away('cora', 'tess')
      w.away('carl', 'olga')
    }
    const queues = { desk: ['cora', 'carl'] }
    expect(() => submitted(assignedTo({ queue: 'desk' }), away, { queues })).toThrow('Nobody may decide')
    const one = submitted(assignedTo({ queue: 'desk' }), (w) => w.away('cora', 'tess'), { queues })
    expect(one.asked).toEqual([null])
  })
})

describe('somebody who is away', () => {
  it('has a stand-in for items that are open already, who answers in their place; the record names both', () => {
    const world = submitted(all('cora'))
    world.away('cora', 'tess')
    expect(sitting(world)).toEqual(['tess'])
    expect(world.asked).toEqual(['cora'])
    world.do('tess', answerFor(world, 'tess', 'cora'))
    expect(world.status).toBe('APPLIED')
    expect(world.proposal.decisions).toMatchObject([{ actorId: 'tess', onBehalfOfId: 'cora', outcome: 'APPROVED' }])
    expect(world.events.find((e) => e.type === 'DecisionRecorded')).toMatchObject({ onBehalfOfId: 'cora' })
    expect(world.proposal.items[0]).toMatchObject({ assigneeId: 'cora', decidedById: 'tess' })
  })
  it('has one for items that come later, and the seat stays theirs', () => {
    const world = submitted(all('cora'), (w) => w.away('cora', 'tess'))
    expect(world.asked).toEqual(['cora'])
    expect(sitting(world)).toEqual(['tess'])
  })
  it('cannot answer meanwhile, and is told who stands in', () => {
    const world = submitted(all('cora'))
    world.away('cora', 'tess')
    const error = world.errorOf('cora', world.answerOf('cora', 'APPROVE'))
    expect(error?.code).toBe('ABSENT')
    expect(error?.message).toContain('tess stands in for you')
  })
  it('has it back by itself when they return', () => {
    const world = submitted(all('cora'))
    world.away('cora', 'tess', 5)
    world.wait(6)
    expect(sitting(world)).toEqual(['cora'])
    expect(world.refusal('tess', answerFor(world, 'tess', 'cora'))).toBe('NOT_ASSIGNED')
    world.approve('cora')
    expect(world.proposal.decisions).toMatchObject([{ actorId: 'cora', onBehalfOfId: null }])
  })
  it('is not away before the absence begins', () => {
    const absence = { id: 'a', userId: 'cora', standInId: 'tess', workflowId: null }
    const from = '2026-11-23T00:00:00.000Z'
    const world = submitted(all('cora'), () => undefined, {
      absences: [{ ...absence, from, until: '2026-11-24T00:00:00.000Z' }],
    })
    expect(sitting(world)).toEqual(['cora'])
    world.wait(12)
    expect(sitting(world)).toEqual(['tess'])
    world.wait(24)
    expect(sitting(world)).toEqual(['cora'])
  })
  it('has their stand-in hand the seat on, which both have then held', () => {
    const world = submitted(all('cora'))
    world.away('cora', 'tess')
    world.do('tess', world.handOf('DELEGATE', 'olga', world.open('cora')[0]))
    expect(world.proposal.items[0]).toMatchObject({ assigneeId: 'olga', heldByIds: ['cora', 'tess'] })
    for (const who of ['cora', 'tess'])
      expect(world.refusal('olga', world.handOf('DELEGATE', who))).toBe('ALREADY_ASKED')
    world.approve('olga')
    expect(world.proposal.decisions).toMatchObject([{ actorId: 'olga', onBehalfOfId: null }])
  })
  it('sees that they cannot answer, and the stand-in sees that they can', () => {
    const world = submitted(all('cora'))
    world.away('cora', 'tess')
    const allowed = (who: string): string[] => {
      const [item] = world.open()
      if (item === undefined) return []
      return itemActions(world.as(who), world.proposal, item).flatMap((a) => (a.allowed ? a.action : []))
    }
    expect(allowed('cora')).toEqual(['COMMENT'])
    expect(allowed('tess')).toEqual(['APPROVE', 'REJECT', 'REQUEST_CHANGE', 'DELEGATE', 'COMMENT'])
  })
  it('is waited for in the name of who stands in', () => {
    const world = submitted(all('cora'))
    world.away('cora', 'tess')
    expect(world.blockers).toMatchObject([{ code: 'WAITING_FOR_PEOPLE', waitingForIds: ['tess'] }])
  })
  it('has one for tasks and choices as well; an author may stand in at a task', () => {
    const outcomes = [
      { name: 'yes', elements: [] },
      { name: 'no', elements: [] },
    ]
    const asks = step({ name: 'Ask', assign: [assignment({ users: ['cora'] })] })
    const world = submitted(
      workflow({ task: { name: 'Ask', step: asks } }, { decision: { name: 'Ask', step: asks, outcomes } }, approval()),
    )
    world.away('cora', 'colin')
    world.edit('colin', { phone: '+49 1' })
    world.do('colin', world.answer('colin', 'COMPLETE', world.open()[0]))
    world.do('colin', { ...world.answer('colin', 'CHOOSE', world.open()[0]), choice: 'yes' })
    expect(world.answers).toEqual(['colin COMPLETED', 'colin CHOSEN'])
    const file = submitted(workflow({ task: { name: 'Ask', step: asks } }, approval()))
    file.away('cora', 'clara')
    file.do('clara', file.answer('clara', 'COMPLETE', file.open()[0]))
    expect(file.askedSteps).toEqual(['Credit'])
  })
})

describe('a chain of stand-ins', () => {
  it('is followed to the first who is there', () => {
    const world = submitted(all('cora'))
    world.away('cora', 'carl')
    world.away('carl', 'tess')
    expect(sitting(world)).toEqual(['tess'])
    world.do('tess', answerFor(world, 'tess', 'cora'))
    expect(world.proposal.decisions).toMatchObject([{ actorId: 'tess', onBehalfOfId: 'cora' }])
  })
  it.each([
    ['an author', 'clara'],
    ['inactive', 'gone'],
    ['of no role that decides', 'audrey'],
    ['unknown', 'nobody'],
  ])('passes over who is %s: the seat stays with the absent person, with a blocker', (_, standIn) => {
    const world = submitted(all('cora'))
    world.away('cora', standIn)
    expect(sitting(world)).toEqual(['cora'])
    expect(world.blockers.map((b) => b.code)).toEqual(['WAITING_FOR_PEOPLE', 'STAND_IN_EXCLUDED'])
    expect(world.blockers[1]?.message).toContain('cora is away')
    expect(world.refusal(standIn === 'nobody' ? 'tess' : standIn, answerFor(world, 'cora', 'cora'))).not.toBeNull()
    world.approve('cora')
    expect(world.status).toBe('APPLIED')
  })
  it('goes on behind somebody who is not eligible and away as well', () => {
    const world = submitted(all('cora'))
    world.away('cora', 'clara')
    world.away('clara', 'tess')
    expect(sitting(world)).toEqual(['tess'])
  })
  it('that is a circle ends: the seat stays', () => {
    const world = submitted(all('cora'))
    world.away('cora', 'tess')
    world.away('tess', 'cora')
    expect(sitting(world)).toEqual(['cora'])
    expect(world.blockers.map((b) => b.code)).toContain('STAND_IN_EXCLUDED')
  })
  it('that comes to somebody who is asked in the step passes over them: nobody sits twice', () => {
    const world = submitted(all('cora', 'carl'))
    world.away('cora', 'carl')
    expect(sitting(world)).toEqual(['cora', 'carl'])
    world.approve('carl')
    expect(sitting(world)).toEqual(['cora'])
    expect(world.refusal('carl', answerFor(world, 'carl', 'cora'))).toBe('NOT_ASSIGNED')
  })
  it('of two that meet at one person gives them one seat', () => {
    const world = submitted(all('cora', 'carl'))
    world.away('cora', 'tess')
    world.away('carl', 'tess')
    expect(sitting(world)).toEqual(['tess', 'carl'])
    world.do('tess', answerFor(world, 'tess', 'cora'))
    expect(sitting(world)).toEqual(['carl'])
    expect(world.refusal('tess', answerFor(world, 'tess', 'carl'))).toBe('NOT_ASSIGNED')
    expect(world.blockers.map((b) => b.code)).toContain('STAND_IN_EXCLUDED')
    world.approve('carl')
    expect(world.status).toBe('APPLIED')
  })
})

describe('an absence from one workflow', () => {
  it('covers its items and no others', () => {
    const world = submitted(all('cora'))
    world.away('cora', 'tess', 24, 'w2')
    expect(sitting(world)).toEqual(['cora'])
    world.away('carl', 'tess', 24, 'w1')
    const other = submitted(all('carl'), (w) => w.away('carl', 'tess', 24, 'w1'))
    expect(sitting(other)).toEqual(['tess'])
  })
  it('goes before one from all', () => {
    const world = submitted(all('cora'))
    world.away('cora', 'carl')
    world.away('cora', 'tess', 24, 'w1')
    expect(sitting(world)).toEqual(['tess'])
  })
})

describe('whom a step asks', () => {
  const away = (world: World): void => world.away('cora', 'clara')
  it('is nobody who is away without anybody to stand in, as the route says', () => {
    const world = submitted(all('cora', 'carl'), away)
    expect(world.asked).toEqual(['carl'])
    expect(world.route[0]?.steps[0]?.assignments[0]?.excluded).toEqual([{ userId: 'cora', reason: 'ABSENT' }])
  })
  it('is whoever a hierarchy finds above them', () => {
    const climb = assignedTo({ hierarchy: { levels: 1 } })
    expect(submitted(climb, (w) => w.away('mia', 'clara')).asked).toEqual(['olga'])
    expect(submitted(climb, (w) => w.away('mia', 'tess')).asked).toEqual(['mia'])
  })
  it('is checked at the submit: a step whose people are all away without stand-ins is a refusal', () => {
    expect(() => submitted(all('cora'), away)).toThrow('Nobody may decide the step')
  })
  it('is no final approver and no owner who is away without anybody to stand in', () => {
    const definition = workflow(
      approval({ name: 'First', steps: [step({ assign: [assignment({ users: ['mia'] })] })] }),
      approval({
        name: 'Second',
        finalApproverId: 'tess',
        steps: [step({ name: 'Second', assign: [assignment({ users: ['cora'] })] })],
      }),
    )
    const asked = (...people: string[]): (string | null)[] => {
      const world = submitted(definition)
      for (const who of ['cora', ...people]) world.away(who, 'clara')
      world.approve('mia')
      return world.asked
    }
    expect(asked()).toEqual(['tess'])
    expect(asked('tess')).toEqual(['adam'])
    expect(asked('tess', 'adam')).toEqual([null])
  })
  it('is no entry of an escalation path who is away without anybody to stand in', () => {
    const timeLimit = { amount: 2, unit: 'HOURS' }
    const escalation = [
      { to: { users: ['tess'] }, timeLimit },
      { to: { users: ['olga'] }, timeLimit },
    ]
    const world = submitted(workflow(approval({ steps: [step({ timeLimit, escalation })] })))
    world.away('tess', 'clara')
    world.wait(3)
    world.tick()
    expect(world.asked).toEqual(['olga'])
  })
})

describe('what a stand-in has answered', () => {
  const clerks = demoPeople.map((p) => (p.id === 'tess' ? { ...p, roles: ['CLERK' as const] } : p))
  const voted = (): World => {
    const world = submitted(all('cora', 'carl'), (w) => w.away('cora', 'tess', 5), { people: clerks })
    world.do('tess', answerFor(world, 'tess', 'cora'))
    return world
  }
  it('fills the seat of the person they stood in for, over a recall and over the return', () => {
    const world = voted()
    world.recall('clara')
    world.wait(10)
    world.submit('clara')
    expect(world.asked).toEqual(['carl'])
    world.approve('carl')
    expect(world.status).toBe('APPLIED')
  })
  it('lapses when the stand-in becomes an author', () => {
    const world = voted()
    world.recall('clara')
    world.wait(10)
    world.edit('tess', { creditLimit: '60001' })
    world.edit('clara', { creditLimit: '60000' })
    world.submit('clara')
    expect(world.asked).toEqual(['cora', 'carl'])
  })
  it('of one workflow does not hide that of all where its own stand-in cannot sit', () => {
    const world = submitted(all('cora'))
    world.away('cora', 'tess')
    world.away('cora', 'clara', 24, 'w1')
    expect(sitting(world)).toEqual(['tess'])
  })
})

describe('whoever was asked in a step and has handed their seat on', () => {
  it('does not come to another seat of it as a stand-in, nor back to their own', () => {
    const world = submitted(all('carl', 'tess'))
    world.delegate('carl', 'mia')
    world.away('tess', 'carl')
    expect(sitting(world)).toEqual(['mia', 'tess'])
    const item = world.open('tess')[0]
    const actions = item === undefined ? [] : itemActions(world.as('carl'), world.proposal, item)
    expect(actions.find((a) => a.action === 'APPROVE')).toMatchObject({ allowed: false, reason: 'NOT_ASSIGNED' })
    expect(world.refusal('carl', answerFor(world, 'carl', 'tess'))).toBe('NOT_ASSIGNED')
    expect(world.blockers.map((b) => b.code)).toEqual(['WAITING_FOR_PEOPLE', 'STAND_IN_EXCLUDED'])
    world.away('mia', 'carl')
    expect(sitting(world)).toEqual(['mia', 'tess'])
  })
  it('is passed over for the next in the chain', () => {
    const world = submitted(all('carl', 'tess'))
    world.delegate('carl', 'mia')
    world.away('tess', 'carl')
    world.away('carl', 'cora')
    expect(sitting(world)).toEqual(['mia', 'cora'])
  })
  it('is nobody for whom a seat could be given to somebody who is away', () => {
    const world = submitted(all('carl', 'tess'))
    world.delegate('carl', 'mia')
    world.away('cora', 'carl')
    const toCora = world.handOf('REASSIGN', 'cora', world.open('tess')[0])
    expect(world.refusal('adam', toCora)).toBe('ABSENT')
    expect(world.refusal('adam', world.handOf('REASSIGN', 'cora', world.open('mia')[0]))).toBe('ABSENT')
  })
})
