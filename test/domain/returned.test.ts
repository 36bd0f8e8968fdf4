// DOMAIN section 6: what is rejected or sent back comes to somebody who can still correct it.
import { describe, expect, it } from 'vitest'
import { demoPeople, person, World } from './world.ts'
import { assignedTo, type Json } from './workflow/definitions.ts'

const definition: Json = assignedTo({ users: ['tess'] })
/** Changes of these people, in their order, submitted by the first. */
const submitted = (first: string, ...others: string[]): World => {
  const bot = person('bot', ['INTEGRATION'], { kind: 'SERVICE', responsibleId: 'carl' })
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
    expect(world.blockers[0]?.waitingForIds).toEqual([])
    world.edit('colin', { creditLimit: '55000' })
    world.submit('colin')
    expect(world.asked).toEqual(['tess'])
    expect(backWith(world)).toEqual([])
  })
  it('of a service account come to its responsible person, and when that one has left to another author', () => {
    const world = submitted('bot', 'colin')
    world.reject('tess')
    expect(backWith(world)).toEqual(['carl'])
    const other = submitted('bot', 'colin')
    leave(other, 'carl')
    other.reject('tess')
    expect(backWith(other)).toEqual(['colin'])
  })
  it('of a person come to who answers for a service account that is an author too', () => {
    const world = submitted('clara', 'bot')
    leave(world, 'clara')
    world.reject('tess')
    expect(backWith(world)).toEqual(['carl'])
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
