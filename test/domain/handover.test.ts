// DOMAIN section 6: delegate, claim, release, move, reassign. Who sits changes, the number of seats never does.
import { describe, expect, it } from 'vitest'
import { itemActions } from '../../server/domain/actions.ts'
import type { Command } from '../../server/domain/decide.ts'
import { demoPeople, person, World, type Setup } from './world.ts'
import { approval, assignedTo, assignment, step, workflow, type Json } from './workflow/definitions.ts'

const submitted = (definition: Json, setup: Setup = {}): World => {
  const world = new World({ definition, ...setup })
  world.edit('clara', { creditLimit: '60000' })
  world.submit('clara')
  return world
}
const both = assignedTo({ group: 'credit' }, { policy: 'ALL' })
const delegate = (world: World, who: string, toId: string) => world.handOf('DELEGATE', toId, world.open(who)[0])

describe('a delegation', () => {
  it('hands the seat over for good: the other answers, and the number of seats stays', () => {
    const world = submitted(both)
    world.do('cora', { ...delegate(world, 'cora', 'tess'), comment: 'You know them' })
    expect(world.asked).toEqual(['tess', 'carl'])
    expect(world.refusal('cora', { ...world.answerOf('tess', 'APPROVE') })).toBe('NOT_ASSIGNED')
    world.approve('tess')
    expect(world.status).toBe('PENDING')
    world.approve('carl')
    expect(world.status).toBe('APPLIED')
    expect(world.answers).toEqual(['tess APPROVED', 'carl APPROVED'])
  })
  it('records both names and the comment, which everybody reads', () => {
    const world = submitted(both)
    world.do('cora', { ...delegate(world, 'cora', 'tess'), comment: 'You know them' })
    expect(world.events.at(-1)).toMatchObject({ type: 'WorkItemDelegated', data: { from: 'cora', to: 'tess' } })
    expect(world.proposal.items[0]).toMatchObject({ assigneeId: 'tess', heldByIds: ['cora'], version: 2 })
    expect(world.proposal.comments).toMatchObject([{ authorId: 'cora', text: 'You know them' }])
  })
  it.each<[string, string, string]>([
    ['to an author', 'clara', 'IS_AUTHOR'],
    ['to who saved the workflow', 'wanda', 'IS_AUTHOR'],
    ['to somebody unknown', 'nobody', 'NOT_MEMBER'],
    ['to somebody inactive', 'gone', 'INACTIVE'],
    ['to somebody whose roles decide nothing', 'audrey', 'NOT_PERMITTED'],
    ['to oneself', 'cora', 'NOT_PERMITTED'],
    ['to somebody who is asked in the step', 'carl', 'ALREADY_ASKED'],
  ])('%s (%s) is refused with %s', (_, toId, code) => {
    const world = submitted(both)
    expect(world.refusal('cora', delegate(world, 'cora', toId))).toBe(code)
  })
  it('to somebody who has answered in the step is refused', () => {
    const world = submitted(both)
    world.approve('carl')
    expect(world.refusal('cora', delegate(world, 'cora', 'carl'))).toBe('ALREADY_ASKED')
  })
  it('in a circle is refused, however long it is', () => {
    const world = submitted(both)
    world.delegate('cora', 'tess')
    expect(world.refusal('tess', delegate(world, 'tess', 'cora'))).toBe('ALREADY_ASKED')
    world.delegate('tess', 'olga')
    for (const who of ['cora', 'tess'])
      expect(world.refusal('olga', delegate(world, 'olga', who))).toBe('ALREADY_ASKED')
  })
  it('to somebody who is away is refused, unless somebody can stand in for them', () => {
    const world = submitted(both)
    world.away('tess', 'clara')
    expect(world.refusal('cora', delegate(world, 'cora', 'tess'))).toBe('ABSENT')
    const other = submitted(both)
    other.away('tess', 'olga')
    other.delegate('cora', 'tess')
    other.do('olga', other.answer('olga', 'APPROVE', other.open('tess')[0]))
    expect(other.proposal.decisions.at(-1)).toMatchObject({ actorId: 'olga', onBehalfOfId: 'tess' })
  })
  it('is for who sits there and nobody else', () => {
    const world = submitted(both)
    expect(world.refusal('tess', delegate(world, 'cora', 'olga'))).toBe('NOT_ASSIGNED')
    expect(world.refusal('adam', delegate(world, 'cora', 'olga'))).toBe('NOT_ASSIGNED')
    const done = delegate(world, 'cora', 'tess')
    world.approve('cora')
    expect(world.refusal('cora', done)).toBe('WRONG_STATE')
  })
  it('of a task may go to an author: they may do those', () => {
    const file = { task: { name: 'File', step: step({ assign: [assignment({ users: ['cora'] })] }) } }
    const world = submitted(workflow(file, approval()))
    world.delegate('cora', 'clara')
    world.complete('clara')
    expect(world.asked).toEqual(['cora', 'carl'])
  })
})

describe('no way round the rules', () => {
  it('an administrator does not get an item by standing in for whom they give it to', () => {
    const people = demoPeople.map((p) =>
      p.id === 'olga' ? { ...p, roles: [...p.roles, 'ADMINISTRATOR' as const] } : p,
    )
    const world = submitted(both, { people })
    world.away('tess', 'olga')
    const [item] = world.open('cora')
    const command = { kind: 'REASSIGN' as const, workItemId: item?.id ?? '', toId: 'tess', comment: null }
    expect(world.refusal('olga', command)).toBe('NOT_PERMITTED')
  })
  it('an author’s own service account does not decide for them', () => {
    const bot = { ...person('bot', ['INTEGRATION']), kind: 'SERVICE' as const, responsibleId: 'clara' }
    const people = [...demoPeople, bot]
    const world = submitted(
      workflow(approval({ steps: [step({ assign: [assignment({ users: ['bot', 'cora'] })] })] })),
      { people },
    )
    expect(world.asked).toEqual(['cora'])
  })
  it('nobody takes an item from a queue while somebody stands in for them', () => {
    const queued = workflow(approval({ steps: [step({ assign: [assignment({ queue: 'desk' })] })] }))
    const world = submitted(queued, { queues: { desk: ['cora', 'carl'] } })
    world.away('cora', 'tess')
    const workItemId = world.open()[0]?.id ?? ''
    expect(world.refusal('cora', { kind: 'CLAIM', workItemId })).toBe('ABSENT')
  })
  it('a queue of which nobody may take an item says so', () => {
    const twice = workflow(
      approval({ steps: [step({ assign: [assignment({ users: ['cora'] }), assignment({ queue: 'desk' })] })] }),
    )
    const world = submitted(twice, { queues: { desk: ['cora'], none: ['clara'] } })
    expect(world.blockers.find((b) => b.code === 'WAITING_FOR_QUEUE')).toMatchObject({ waitingForIds: [] })
    expect(world.blockers.map((b) => b.message).join(' ')).toContain('None of its members may take it')
  })
})

describe('a queue', () => {
  const queues = { desk: ['cora', 'carl', 'clara'], other: ['tess'], nobody: [] }
  const inQueue = (): World => submitted(assignedTo({ queue: 'desk' }), { queues })
  const claim = (world: World) => world.queueOf('CLAIM')
  const release = (world: World) => world.queueOf('RELEASE')
  const move = (world: World, queueId: string): Command => ({
    kind: 'MOVE',
    workItemId: world.open()[0]?.id ?? 'none',
    queueId,
    comment: null,
  })

  it('holds an item that nobody can answer until somebody of it claims it', () => {
    const world = inQueue()
    expect(world.open()[0]).toMatchObject({ assigneeId: null, queueId: 'desk' })
    expect(world.blockers).toMatchObject([{ code: 'WAITING_FOR_QUEUE', queueId: 'desk' }])
    const error = world.errorOf('cora', world.answer('cora', 'APPROVE', world.open()[0]))
    expect(error).toMatchObject({ code: 'NOT_ASSIGNED' })
    expect(error?.message).toContain('claim it first')
    world.do('cora', claim(world))
    expect(world.asked).toEqual(['cora'])
    world.approve('cora')
    expect(world.status).toBe('APPLIED')
  })
  it('says of an item that was answered, or is kept from before, that it has been, and not that nobody has it', () => {
    const two = [assignment({ queue: 'desk' }), assignment({ users: ['tess'] })]
    const world = submitted(workflow(approval({ steps: [step({ assign: two })] })), { queues })
    const item = () => world.proposal.items.findLast((i) => i.queueId !== null)
    world.do('cora', world.queueOf('CLAIM', item()))
    world.approve('cora')
    world.recall('clara')
    world.submit('clara')
    expect(item()).toMatchObject({ status: 'DECIDED', assigneeId: null, decidedById: 'cora' })
    for (const who of ['cora', 'carl', 'olga'])
      expect(world.errorOf(who, world.answer(who, 'APPROVE', item()))).toMatchObject({
        code: 'WRONG_STATE',
        message: 'This item has been decided already.',
      })
  })
  it('gives an item to the first of two who claim it', () => {
    const world = inQueue()
    const command = claim(world)
    world.do('cora', command)
    const error = world.errorOf('carl', command)
    expect(error?.code).toBe('WRONG_STATE')
    expect(error?.message).toContain('cora has taken this item')
    expect(world.refusal('cora', command)).toBe('WRONG_STATE')
  })
  it('gives nothing to who is not its member, nor to an author who is', () => {
    const world = inQueue()
    expect(world.refusal('tess', claim(world))).toBe('NOT_ASSIGNED')
    expect(world.refusal('clara', claim(world))).toBe('IS_AUTHOR')
  })
  it('gets an item back that is released, for anybody of it to claim', () => {
    const world = inQueue()
    world.do('cora', claim(world))
    expect(world.refusal('carl', release(world))).toBe('NOT_ASSIGNED')
    world.do('cora', release(world))
    expect(world.asked).toEqual([null])
    expect(world.refusal('cora', release(world))).toBe('NOT_ASSIGNED')
    world.do('carl', claim(world))
    world.approve('carl')
    expect(world.status).toBe('APPLIED')
    expect(world.happened.filter((t) => t.startsWith('WorkItem'))).toEqual([
      'WorkItemAssigned',
      'WorkItemClaimed',
      'WorkItemReleased',
      'WorkItemClaimed',
    ])
  })
  it('can be released and claimed by the same person again', () => {
    const world = inQueue()
    world.do('cora', claim(world))
    world.do('cora', release(world))
    world.do('cora', claim(world))
    expect(world.asked).toEqual(['cora'])
  })
  it('gives an item to another queue by its members, or by who has it', () => {
    const world = inQueue()
    world.do('carl', move(world, 'other'))
    expect(world.open()[0]).toMatchObject({ assigneeId: null, queueId: 'other' })
    expect(world.refusal('cora', claim(world))).toBe('NOT_ASSIGNED')
    world.do('tess', claim(world))
    expect(world.refusal('cora', move(world, 'desk'))).toBe('NOT_ASSIGNED')
    world.do('tess', move(world, 'desk'))
    expect(world.open()[0]).toMatchObject({ assigneeId: null, queueId: 'desk' })
    expect(world.events.at(-1)).toMatchObject({
      type: 'WorkItemMoved',
      data: { fromQueueId: 'other', queueId: 'desk' },
    })
  })
  it('takes no item that lies in it, none that is empty takes any, and an unknown one neither', () => {
    const world = inQueue()
    for (const queueId of ['desk', 'nobody', 'unknown'])
      expect(world.refusal('cora', move(world, queueId))).toBe('INVALID_VALUE')
  })
  it.each<[string, readonly string[]]>([
    ['authors of the changes or the workflow', ['clara', 'wanda']],
    ['people who have left', ['gone']],
    ['people whose roles decide nothing', ['audrey']],
    ['all of these', ['clara', 'gone', 'audrey']],
  ])('takes no item when its members are %s: it would lie there for ever', (_, members) => {
    const world = submitted(assignedTo({ queue: 'desk' }), { queues: { ...queues, useless: members } })
    const error = world.errorOf('cora', move(world, 'useless'))
    expect(error).toMatchObject({ code: 'INVALID_VALUE', at: ['queueId'] })
    expect(error?.message).toContain('Nobody of the queue "useless" may decide this')
    world.do('cora', claim(world))
    expect(world.refusal('cora', move(world, 'useless'))).toBe('INVALID_VALUE')
  })
  it('takes an item as soon as one of its members may decide', () => {
    const world = submitted(assignedTo({ queue: 'desk' }), { queues: { ...queues, mixed: ['clara', 'gone', 'tess'] } })
    world.do('cora', move(world, 'mixed'))
    expect(world.blockers).toMatchObject([{ code: 'WAITING_FOR_QUEUE', queueId: 'mixed', waitingForIds: ['tess'] }])
  })
  it('takes no item of a step in which all of its members are asked already', () => {
    const two = step({ assign: [assignment({ users: ['tess'] }), assignment({ queue: 'desk' })] })
    const world = submitted(workflow(approval({ steps: [two] })), { queues })
    const workItemId = world.open().find((i) => i.queueId !== null)?.id ?? 'none'
    const toOther = { kind: 'MOVE' as const, workItemId, queueId: 'other', comment: null }
    expect(world.refusal('cora', toOther)).toBe('INVALID_VALUE')
  })
  it('takes a task though its members are authors: they may do those', () => {
    const file = { task: { name: 'File', step: step({ assign: [assignment({ queue: 'desk' })] }) } }
    const world = submitted(workflow(file, approval()), { queues: { ...queues, authors: ['clara'] } })
    world.do('cora', move(world, 'authors'))
    world.do('clara', claim(world))
    world.complete('clara')
    expect(world.askedSteps).toEqual(['Credit'])
  })
  it('is waited for in the names of those who may claim, and of nobody who is away with a stand-in', () => {
    const world = submitted(assignedTo({ queue: 'desk' }), { queues: { ...queues, desk: ['cora', 'carl', 'clara'] } })
    world.away('cora', 'tess')
    const claimants = queues.desk.filter((who) => world.refusal(who, claim(world)) === null)
    expect(world.blockers.map((b) => b.waitingForIds)).toEqual([claimants])
    expect(claimants).toEqual(['carl'])
    world.away('carl', 'tess')
    expect(world.blockers).toMatchObject([{ code: 'WAITING_FOR_QUEUE', waitingForIds: [] }])
  })
  it('takes no item while all of its members are away with somebody standing in: nobody could claim it', () => {
    const world = inQueue()
    world.away('tess', 'olga', 5)
    expect(world.refusal('cora', move(world, 'other'))).toBe('INVALID_VALUE')
    world.wait(6)
    world.do('cora', move(world, 'other'))
    world.do('tess', claim(world))
  })
  it('that is left without anybody who may decide says so, to the item that lies in it', () => {
    const world = inQueue()
    world.do('cora', move(world, 'other'))
    world.changePerson('tess', { active: false })
    expect(world.blockers).toMatchObject([{ code: 'WAITING_FOR_QUEUE', waitingForIds: [] }])
    expect(world.blockers[0]?.message).toContain('None of its members may take it: an administrator has to')
    world.do('adam', world.handOf('REASSIGN', 'cora'))
    world.approve('cora')
    expect(world.status).toBe('APPLIED')
  })
  it('gets an item back from a claimant who is deactivated', () => {
    const world = inQueue()
    world.do('cora', claim(world))
    world.changePerson('cora', { active: false })
    world.do('adam', { kind: 'PROCEED' })
    expect(world.open()[0]).toMatchObject({ assigneeId: null, queueId: 'desk' })
    world.do('carl', claim(world))
    world.approve('carl')
    expect(world.status).toBe('APPLIED')
  })
  it('has items that their claimant can delegate beyond it', () => {
    const world = inQueue()
    world.do('cora', claim(world))
    world.delegate('cora', 'olga')
    world.approve('olga')
    expect(world.status).toBe('APPLIED')
  })
  it('gives nobody two seats of a step', () => {
    const two = step({ assign: [assignment({ users: ['cora'] }), assignment({ queue: 'desk' })] })
    const world = submitted(workflow(approval({ steps: [two] })), { queues })
    const item = world.open().find((i) => i.queueId !== null)
    expect(world.refusal('cora', world.queueOf('CLAIM', item))).toBe('ALREADY_ASKED')
    world.do('carl', world.queueOf('CLAIM', item))
    world.approve('cora', 'carl')
    expect(world.status).toBe('APPLIED')
  })
  it('is nothing that a seat of a person has to do with', () => {
    const world = submitted(both)
    expect(world.refusal('cora', claim(world))).toBe('NOT_OFFERED')
    expect(world.refusal('cora', release(world))).toBe('NOT_OFFERED')
    expect(world.refusal('cora', move(world, 'other'))).toBe('NOT_OFFERED')
  })
})

describe('a reassignment', () => {
  it('gives the seat to somebody else, by an administrator only', () => {
    const world = submitted(both)
    expect(world.refusal('cora', world.handOf('REASSIGN', 'tess'))).toBe('NOT_PERMITTED')
    world.do('adam', { ...world.handOf('REASSIGN', 'tess'), comment: 'cora is ill' })
    expect(world.asked).toEqual(['tess', 'carl'])
    expect(world.events.at(-1)).toMatchObject({ type: 'WorkItemReassigned', data: { from: 'cora', to: 'tess' } })
    world.approve('tess', 'carl')
    expect(world.status).toBe('APPLIED')
  })
  it('never goes to the administrator who makes it', () => {
    const world = submitted(both)
    expect(world.refusal('adam', world.handOf('REASSIGN', 'adam'))).toBe('NOT_PERMITTED')
  })
  it('is bound by who may decide, like a delegation', () => {
    const world = submitted(both)
    for (const [toId, code] of [
      ['clara', 'IS_AUTHOR'],
      ['gone', 'INACTIVE'],
      ['carl', 'ALREADY_ASKED'],
    ] as const)
      expect(world.refusal('adam', world.handOf('REASSIGN', toId))).toBe(code)
  })
  it('gives a seat back to who handed it on, as long as they sit nowhere else in the step', () => {
    const world = submitted(both)
    world.delegate('carl', 'tess')
    expect(world.refusal('tess', delegate(world, 'tess', 'carl'))).toBe('ALREADY_ASKED')
    world.do('adam', world.handOf('REASSIGN', 'carl', world.open('tess')[0]))
    expect(world.asked).toEqual(['cora', 'carl'])
    for (const item of world.open())
      expect(world.refusal('adam', world.handOf('REASSIGN', 'carl', item))).toBe('ALREADY_ASKED')
    world.do('adam', world.handOf('REASSIGN', 'tess', world.open('carl')[0]))
    world.do('adam', world.handOf('REASSIGN', 'carl', world.open('cora')[0]))
    expect(world.asked).toEqual(['carl', 'tess'])
    expect(world.refusal('adam', world.handOf('REASSIGN', 'carl', world.open('tess')[0]))).toBe('ALREADY_ASKED')
    world.approve('carl')
    expect(world.refusal('adam', world.handOf('REASSIGN', 'carl', world.open('tess')[0]))).toBe('ALREADY_ASKED')
    world.approve('tess')
    expect(world.status).toBe('APPLIED')
  })
  it('finds somebody for a seat that nobody has', () => {
    const gone = approval({ name: 'Gone', steps: [step({ name: 'Gone', assign: [assignment({ users: ['tess'] })] })] })
    const world = submitted(workflow(approval(), gone), { ownerId: 'wanda' })
    world.changePerson('tess', { active: false })
    world.approve('cora')
    expect(world.asked).toEqual([null])
    world.do('adam', world.handOf('REASSIGN', 'olga'))
    world.approve('olga')
    expect(world.status).toBe('APPLIED')
  })
  it('takes an item out of its queue', () => {
    const world = submitted(assignedTo({ queue: 'desk' }), { queues: { desk: ['cora'] } })
    world.do('adam', world.handOf('REASSIGN', 'tess'))
    world.approve('tess')
    expect(world.status).toBe('APPLIED')
  })
  it('is over with the item', () => {
    const world = submitted(both)
    const command = world.handOf('REASSIGN', 'tess')
    world.recall('clara')
    expect(world.refusal('adam', command)).toBe('WRONG_STATE')
  })
})

describe('what an item offers', () => {
  it('is what its viewer may do with it, queue and all', () => {
    const world = submitted(assignedTo({ queue: 'desk' }), { queues: { desk: ['cora', 'carl'] } })
    const allowed = (who: string): string[] => {
      const [item] = world.open()
      if (item === undefined) return []
      return itemActions(world.as(who), world.proposal, item).flatMap((a) => (a.allowed ? a.action : []))
    }
    expect(allowed('cora')).toEqual(['CLAIM', 'MOVE', 'COMMENT'])
    world.do('cora', world.queueOf('CLAIM'))
    expect(allowed('cora')).toEqual([
      ...['APPROVE', 'REJECT', 'REQUEST_CHANGE', 'DELEGATE'],
      ...['RELEASE', 'MOVE', 'COMMENT'],
    ])
    expect(allowed('carl')).toEqual(['COMMENT'])
    expect(allowed('adam')).toEqual(['COMMENT', 'REASSIGN'])
  })
})
