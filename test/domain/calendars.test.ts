// DOMAIN section 10: working time is counted when a limit begins. A calendar that changes moves no limit that runs, only those that
// begin, or go on, after it.
import { describe, expect, it } from 'vitest'
import { nextDue } from '../../server/domain/due.ts'
import type { Calendar } from '../../server/domain/workflow/calendar.ts'
import { World } from './world.ts'
import { approval, assignment, step, workflow, type Json } from './workflow/definitions.ts'

// The world's clock begins on Sunday, 2026-11-22, at noon.
const daily = { from: '09:00', to: '17:00' }
const office: Calendar = {
  id: 'c1',
  name: 'Office',
  zone: 'UTC',
  week: [daily, daily, daily, daily, daily, null, null],
  holidays: [],
  isDefault: true,
}
const hours = (amount: number): Json => ({ amount, unit: 'HOURS', workingTime: true })
const by = (name: string, who: string, more: Json = {}): Json =>
  step({ name, assign: [assignment({ users: [who] })], ...more })
const limited = (name: string, who: string, more: Json = {}): Json =>
  by(name, who, { timeLimit: hours(4), finally: { verdict: 'REJECT' }, ...more })
const submitted = (definition: Json): World => {
  const world = new World({ definition, calendars: [office] })
  world.edit('clara', { creditLimit: '60000' })
  world.submit('clara')
  return world
}
const change = (world: World, more: Partial<Calendar>): void => {
  world.company = { ...world.company, calendars: [{ ...office, ...more }] }
}
/** The sweep looks at this time. */
const at = (world: World, time: string): void => {
  world.wait((Date.parse(time) - Date.parse(world.now)) / 3_600_000)
  world.tick()
}

describe('a calendar that changes while a limit of a step runs', () => {
  const definition = workflow(approval({ steps: [limited('One', 'cora'), limited('Two', 'carl')] }))

  it.each<[string, Partial<Calendar>]>([
    ['closes for the day', { holidays: ['2026-11-23'] }],
    ['opens earlier and on every day', { week: Array<typeof daily>(7).fill({ from: '00:00', to: '24:00' }) }],
    ['moves to another zone', { zone: 'Asia/Tokyo' }],
    ['is not the default any more', { isDefault: false }],
  ])('leaves it as it is, when it %s: it acts at its time and not before', (_, more) => {
    const world = submitted(definition)
    const due = '2026-11-23T13:00:00.000Z'
    expect(nextDue(world.proposal)).toBe(due)
    change(world, more)
    world.do('adam', { kind: 'PROCEED' })
    expect([nextDue(world.proposal), world.open()[0]?.dueAt]).toEqual([due, due])
    at(world, '2026-11-23T12:58:00.000Z')
    expect(world.asked).toEqual(['cora'])
    at(world, due)
    expect(world.answers).toEqual(['system REJECTED'])
  })
  it('is what the limit of the next step is counted in', () => {
    const world = submitted(definition)
    change(world, { holidays: ['2026-11-23'] })
    world.approve('cora')
    expect(nextDue(world.proposal)).toBe('2026-11-24T13:00:00.000Z')
  })
  it('is what the limit of the next escalation is counted in', () => {
    const escalation = [{ to: { users: ['tess'] }, timeLimit: hours(4) }]
    const world = submitted(workflow(approval({ steps: [limited('One', 'cora', { escalation })] })))
    change(world, { holidays: ['2026-11-24'] })
    at(world, '2026-11-23T16:00:00.000Z')
    expect(world.asked).toEqual(['tess'])
    // An hour of Monday is left, nothing on Tuesday; the other three are Wednesday's, to the minute in which it went on.
    expect(nextDue(world.proposal)).toBe(world.now.replace('23T16', '25T12'))
  })
  it('is what a step that is asked again has its limit counted in', () => {
    const world = submitted(definition)
    change(world, { holidays: ['2026-11-23'] })
    world.requestChange('cora')
    world.submit('clara')
    expect(nextDue(world.proposal)).toBe('2026-11-24T13:00:00.000Z')
  })
})

describe('a calendar that changes while an element’s own limit', () => {
  const own = approval({
    name: 'Own',
    timeLimit: hours(8),
    onTimeLimit: 'REJECT',
    steps: [by('One', 'cora'), by('Two', 'carl')],
  })

  it('runs leaves it as it is, over all of its steps', () => {
    const world = submitted(workflow(own))
    const due = '2026-11-23T17:00:00.000Z'
    expect(nextDue(world.proposal)).toBe(due)
    change(world, { holidays: ['2026-11-23'] })
    world.approve('cora')
    expect([nextDue(world.proposal), world.open()[0]?.dueAt]).toEqual([due, due])
    at(world, due)
    expect(world.status).toBe('REJECTED')
  })
  it('stands still has what was left of it counted in the days that are open then', () => {
    const world = submitted(workflow(own))
    at(world, '2026-11-23T11:00:00.000Z')
    world.requestChange('cora')
    const left = Date.parse('2026-11-23T17:00:00.000Z') - Date.parse(world.now)
    change(world, { holidays: ['2026-11-24'] })
    at(world, '2026-11-24T10:00:00.000Z')
    world.submit('clara')
    expect(Date.parse(nextDue(world.proposal) ?? '') - Date.parse('2026-11-25T09:00:00.000Z')).toBe(left)
  })
})
