// DOMAIN section 6: what is rejected or sent back comes to somebody who can still correct it.
import { describe, expect, it } from 'vitest'
import { itemActions } from '../../server/domain/actions.ts'
import type { WorkItem } from '../../server/domain/proposal.ts'
import { demoPeople, person, World } from './world.ts'
import { assignedTo, type Json } from './workflow/definitions.ts'

const definition: Json = assignedTo({ users: ['tess'] })
/** Changes of these people, in their order, submitted by the first. */
const submitted = (first: string, ...others: string[]): World => {
  const bot = person('bot', ['INTEGRATION'], { kind: 'SERVICE', responsibleId: 'mia' })
  const world = new World({ definition, people: [...demoPeople, bot] })
  world.edit(first, { creditLimit: '60000' })
  for (const [n, who] of others.entries()) world.edit(who, { name: `Contoso ${n}` })
  world.submit(first)
  return world
}
const leave = (world: World, ...people: string[]): void => {
  for (const who of people) world.changePerson(who, { active: false })
}
/** With whom the changes lie to be corrected. */
const backWith = (world: World): (string | null)[] =>
  world.proposal.items.filter((i) => i.kind === 'RETURN' && i.status === 'OPEN').map((i) => i.assigneeId)

describe('changes that are rejected', () => {
  it('come back to their submitter while they are there, whoever else is an author', () => {
    const world = submitted('clara', 'colin')
    world.reject('tess')
    expect(backWith(world)).toEqual(['clara'])
  })
  it('come to another author when the submitter has left, as the item and both events say', () => {
    const world = submitted('clara', 'mia', 'colin')
    leave(world, 'clara')
    world.reject('tess')
    expect(backWith(world)).toEqual(['mia'])
    expect(world.events.find((e) => e.type === 'ProposalRejected')?.data).toMatchObject({ to: 'mia' })
    expect(world.events.findLast((e) => e.type === 'WorkItemAssigned')?.data).toMatchObject({ assigneeId: 'mia' })
    expect(world.blockers[0]?.waitingForIds).toEqual(['mia'])
  })
  it('come to the next author when the one before has left as well', () => {
    const world = submitted('clara', 'mia', 'colin')
    leave(world, 'clara', 'mia')
    world.reject('tess')
    expect(backWith(world)).toEqual(['colin'])
  })
  it('come to nobody when every author has left, and anybody who may edit takes them up', () => {
    const world = submitted('clara')
    leave(world, 'clara')
    world.reject('tess')
    expect(backWith(world)).toEqual([null])
    expect(world.blockers[0]).toMatchObject({
      waitingForIds: ['colin', 'mia'],
      message: expect.stringContaining('somebody with the role clerk has to (colin and mia)') as string,
    })
    world.edit('colin', { creditLimit: '55000' })
    world.submit('colin')
    expect(world.asked).toEqual(['tess'])
    expect(backWith(world)).toEqual([])
  })
  it('of a service account come to its responsible person, and when that one has left to another author', () => {
    const world = submitted('bot', 'colin')
    world.reject('tess')
    expect(backWith(world)).toEqual(['mia'])
    const other = submitted('bot', 'colin')
    leave(other, 'mia')
    other.reject('tess')
    expect(backWith(other)).toEqual(['colin'])
  })
  it('of a person come to who answers for a service account that is an author too', () => {
    const world = submitted('clara', 'bot')
    leave(world, 'clara')
    world.reject('tess')
    expect(backWith(world)).toEqual(['mia'])
  })
})

describe('changes that somebody wants changed', () => {
  it('come to the author named, and never to one who has left: that is refused at its place', () => {
    const world = submitted('clara', 'colin', 'mia')
    leave(world, 'colin')
    expect(world.errorOf('tess', world.requestOf('tess', 'colin'))).toMatchObject({ code: 'INVALID_VALUE', at: ['to'] })
    world.requestChange('tess', 'mia')
    expect(backWith(world)).toEqual(['mia'])
  })
  it('come to another author when the submitter has left', () => {
    const world = submitted('clara', 'colin')
    leave(world, 'clara')
    world.requestChange('tess')
    expect(backWith(world)).toEqual(['colin'])
    expect(world.blockers[0]?.message).toContain('colin is asked to correct the changes')
  })
})

describe('changes that came back', () => {
  const returned = (world: World): WorkItem | undefined =>
    world.proposal.items.findLast((i) => i.kind === 'RETURN' && i.status === 'OPEN')
  const give = (world: World, toId: string) => world.handOf('REASSIGN', toId, returned(world))
  const may = (world: World, who: string): string[] => {
    const item = returned(world)
    if (item === undefined) return []
    return itemActions(world.as(who), world.proposal, item).flatMap((a) => (a.allowed ? a.action : []))
  }

  it.each(['reject', 'requestChange'] as const)(
    'by a %s come to nobody who could not edit and submit them: neither an administrator nor who has lost the role',
    (how) => {
      // adam answers for partner, and administers.
      const world = submitted('partner', 'colin', 'mia')
      world.changePerson('colin', { roles: ['READER'] })
      world[how]('tess')
      expect(backWith(world)).toEqual(['mia'])
      expect(may(world, 'mia')).toEqual(expect.arrayContaining(['EDIT', 'SUBMIT', 'DISCARD']))
      expect(world.blockers[0]?.waitingForIds).toEqual(['mia'])
    },
  )
  it.each([
    ['who has lost the role', 'colin', 'colin may not edit and submit changes in'],
    ['for whom an administrator answers', 'partner', 'Whoever answers for partner may not edit and submit changes in'],
    ['who has left', 'mia', 'This author is not an active member any more'],
  ])('are not requested of an author %s', (_, to, message) => {
    const world = submitted('clara', 'colin', 'partner', 'mia')
    world.changePerson('colin', { roles: ['READER'] })
    leave(world, 'mia')
    expect(world.errorOf('tess', world.requestOf('tess', to))).toMatchObject({
      code: 'INVALID_VALUE',
      at: ['to'],
      message: expect.stringContaining(message) as string,
    })
    world.requestChange('tess', 'clara')
    expect(backWith(world)).toEqual(['clara'])
  })
  it('to nobody are assigned by an administrator to somebody who may edit and submit', () => {
    const world = submitted('mia')
    world.changePerson('mia', { roles: ['READER'] })
    world.reject('tess')
    expect(backWith(world)).toEqual([null])
    expect(world.blockers[0]?.message).toBe(
      'The changes were rejected: correct and submit them again, or discard them. Whoever proposed the changes may not correct them: somebody with the role clerk has to (clara and colin); an administrator can reassign the item.',
    )
    expect([may(world, 'adam').includes('REASSIGN'), may(world, 'clara').includes('REASSIGN')]).toEqual([true, false])
    expect(world.refusal('clara', give(world, 'colin'))).toBe('NOT_PERMITTED')
    for (const [to, code] of [
      ['tess', 'NOT_PERMITTED'],
      ['mia', 'NOT_PERMITTED'],
      ['partner', 'NOT_PERMITTED'],
      ['adam', 'NOT_PERMITTED'],
      ['wanda', 'NOT_PERMITTED'],
      ['gone', 'INACTIVE'],
      ['nobody', 'NOT_MEMBER'],
    ])
      expect([to, world.errorOf('adam', give(world, to ?? ''))]).toMatchObject([to, { code, at: ['to'] }])
    world.do('adam', give(world, 'colin'))
    expect(backWith(world)).toEqual(['colin'])
    expect(world.events.at(-1)).toMatchObject({ type: 'WorkItemReassigned', data: { from: null, to: 'colin' } })
    expect(world.blockers[0]?.waitingForIds).toEqual(['colin'])
    expect(world.refusal('adam', give(world, 'colin'))).toBe('ALREADY_ASKED')
    const late = give(world, 'clara')
    world.edit('colin', { creditLimit: '55000' })
    world.submit('colin')
    expect(world.refusal('adam', late)).toBe('WRONG_STATE')
  })
  it('of a service account come to its responsible person also where nobody may correct them, who assigns them on', () => {
    const world = submitted('partner')
    world.requestChange('tess')
    expect(backWith(world)).toEqual(['adam'])
    expect(may(world, 'adam')).toEqual(['COMMENT', 'REASSIGN'])
    expect(world.blockers[0]).toMatchObject({
      waitingForIds: ['clara', 'colin', 'mia'],
      message: expect.stringContaining('adam may not correct them: somebody with the role clerk has to') as string,
    })
    world.do('adam', give(world, 'colin'))
    world.edit('colin', { creditLimit: '55000' })
    world.submit('colin')
    expect(world.asked).toEqual(['tess'])
    const other = submitted('partner')
    leave(other, 'adam')
    other.requestChange('tess')
    expect(backWith(other)).toEqual([null])
  })
  it('to somebody who cannot correct them any more say so, and whoever can', () => {
    const world = submitted('clara')
    world.requestChange('tess')
    leave(world, 'clara')
    expect(world.blockers[0]).toMatchObject({
      code: 'CHANGES_REQUESTED',
      waitingForIds: ['colin', 'mia'],
      message:
        'clara may not correct them: somebody with the role clerk has to (colin and mia); an administrator can reassign the item.',
    })
    leave(world, 'colin', 'mia')
    expect(world.blockers[0]).toMatchObject({
      waitingForIds: [],
      message: 'clara may not correct them: an administrator has to give somebody the role clerk.',
    })
  })
  it('are nobody’s to name one by one where many could correct them', () => {
    const many = ['c1', 'c2', 'c3', 'c4'].map((id) => person(id, ['CLERK']))
    const world = new World({ definition, people: [...demoPeople, ...many] })
    world.edit('partner', { creditLimit: '60000' })
    world.submit('partner')
    world.reject('tess')
    expect(world.blockers[0]).toMatchObject({ waitingForIds: [] })
    expect(world.blockers[0]?.message).toContain('somebody with the role clerk has to; an administrator')
  })
})
