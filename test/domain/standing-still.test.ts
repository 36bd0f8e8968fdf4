// DOMAIN section 10: limits that stand still, from a fault to the resume and from a return to the resubmission, and go on with what was
// left of them.
import { describe, expect, it } from 'vitest'
import { itemActions } from '../../server/domain/actions.ts'
import type { Command } from '../../server/domain/decide.ts'
import { nextDue, whenDue } from '../../server/domain/due.ts'
import type { Calendar } from '../../server/domain/workflow/calendar.ts'
import { World, type Setup } from './world.ts'
import { approval, assignment, step, workflow, type Json } from './workflow/definitions.ts'

const hours = (amount: number, more: Json = {}): Json => ({ amount, unit: 'HOURS', ...more })
const working = { workingTime: true }
const by = (name: string, who: string, more: Json = {}): Json =>
  step({ name, assign: [assignment({ users: [who] })], ...more })
const limited = (more: Json = {}): Json =>
  approval({ name: 'A', steps: [by('A', 'carl', { timeLimit: hours(2), finally: { verdict: 'APPROVE' }, ...more })] })
const own = (limit: Json): Json =>
  approval({ name: 'A', timeLimit: limit, onTimeLimit: 'APPROVE', steps: [by('A', 'carl'), by('A2', 'mia')] })
/** Fails for as long as the customer has no rating. */
const failing = { name: 'Rated', cases: [{ when: "customer.creditRating.startsWith('A')", elements: [] }] }
const beside = (a: Json): Json =>
  workflow({
    parallel: {
      name: 'Both',
      branches: [
        { name: 'A', elements: [a] },
        { name: 'B', elements: [approval({ name: 'B', steps: [by('B', 'tess')] }), { condition: failing }] },
      ],
    },
  })
const submitted = (a: Json, setup: Setup = {}): World => {
  const world = new World({ definition: beside(a), ...setup })
  world.edit('clara', { creditLimit: '60000' })
  world.submit('clara')
  return world
}
const stop = (world: World): void => {
  world.approve('tess')
  expect(world.status).toBe('FAULTED')
}
const goOn = (world: World): void => {
  world.writeDirectly({ creditRating: 'A1' })
  world.do('adam', { kind: 'RESUME', comment: 'Mended' })
}
/** Whole hours from now until something is due. */
const ahead = (world: World): number | null => {
  const due = nextDue(world.proposal)
  return due === null ? null : Math.round((Date.parse(due) - Date.parse(world.now)) / 3_600_000)
}
const later = (world: World, amount: number): void => {
  world.wait(amount)
  world.tick()
}
const office: Calendar = {
  id: 'c1',
  name: 'Office',
  zone: 'UTC',
  week: [...Array<{ from: string; to: string }>(5).fill({ from: '09:00', to: '17:00' }), null, null],
  holidays: [],
  isDefault: true,
}
const holidays = (world: World, ...days: string[]): void => {
  world.company = { ...world.company, calendars: [{ ...office, holidays: days }] }
}
/** Waits until this time. */
const at = (world: World, time: string): void => {
  world.wait((Date.parse(time) - Date.parse(world.now)) / 3_600_000)
}

describe('while a run is stopped by an error', () => {
  it('no limit of a step runs, and nobody is decided for at the resume', () => {
    const world = submitted(limited())
    stop(world)
    later(world, 3)
    expect(world.status).toBe('FAULTED')
    goOn(world)
    expect([world.status, ahead(world)]).toEqual(['PENDING', 2])
    expect(world.answers).toEqual(['tess APPROVED'])
    world.approve('carl')
    expect(world.status).toBe('APPLIED')
  })
  it('an element’s own limit stands still, for the steps that it comes to afterwards as well', () => {
    const world = submitted(own(hours(10)))
    world.wait(6)
    stop(world)
    world.wait(100)
    goOn(world)
    expect([world.status, ahead(world)]).toEqual(['PENDING', 4])
    world.approve('carl')
    expect(world.open('mia')[0]?.dueAt).toBe(nextDue(world.proposal))
    later(world, 5)
    expect(world.answers).toEqual(['tess APPROVED', 'carl APPROVED', 'system APPROVED'])
  })
  it('nothing is due, and afterwards items are due when their limits run out', () => {
    for (const a of [limited(), own(hours(2))]) {
      const world = submitted(a)
      const due = world.open('carl')[0]?.dueAt ?? null
      stop(world)
      expect([nextDue(world.proposal), world.open('carl')[0]?.dueAt]).toEqual([null, null])
      expect(world.events.at(-1)).toMatchObject({
        type: 'WorkItemDueChanged',
        actorId: null,
        data: { assigneeId: 'carl', from: due, dueAt: null },
      })
      world.wait(3)
      goOn(world)
      const [item] = world.open('carl')
      expect(item).toMatchObject({ version: 3, dueAt: nextDue(world.proposal) })
      expect(world.events.findLast(({ type }) => type.startsWith('WorkItem'))).toMatchObject({
        type: 'WorkItemDueChanged',
        data: { from: null, dueAt: item?.dueAt },
      })
    }
  })
  it('an escalation keeps what was left of its own limit', () => {
    const escalation = [{ to: { users: ['olga'] }, timeLimit: hours(8) }]
    const world = submitted(limited({ escalation }))
    later(world, 3)
    expect(world.open('olga')).toMatchObject([{ escalationLevel: 1 }])
    world.wait(5)
    stop(world)
    world.wait(50)
    goOn(world)
    expect([world.asked, ahead(world)]).toEqual([['olga'], 3])
    later(world, 4)
    expect(world.status).toBe('APPLIED')
  })
  it('what had run out before is due at the resume, and what nothing follows from stays overdue', () => {
    const world = submitted(limited({ finally: null }))
    later(world, 3)
    const due = world.open('carl')[0]?.dueAt
    stop(world)
    world.wait(5)
    goOn(world)
    expect([world.status, nextDue(world.proposal), world.open('carl')[0]?.dueAt]).toEqual(['PENDING', null, due])
  })
  it('time stands still from the first of several faults to the last resume', () => {
    const world = submitted(limited())
    stop(world)
    for (const _ of [1, 2]) {
      world.wait(3)
      world.do('adam', { kind: 'RESUME', comment: 'Again' })
      expect(world.status).toBe('FAULTED')
    }
    goOn(world)
    expect(ahead(world)).toBe(2)
  })
  it('a limit in working time keeps its working time, whatever the calendar says by then', () => {
    for (const a of [limited({ timeLimit: hours(8, working) }), own(hours(8, working))]) {
      const world = submitted(a, { calendars: [office] })
      at(world, '2026-11-23T10:59:00.000Z')
      stop(world)
      holidays(world, '2026-11-23', '2026-11-24', '2026-11-25')
      at(world, '2026-11-23T20:00:00.000Z')
      goOn(world)
      // An hour of Monday and the minutes are gone, six are left of it: all of them Thursday's.
      expect(nextDue(world.proposal)?.slice(0, 13)).toBe('2026-11-26T15')
    }
  })
  it('a recall leaves an element’s limit what it was when the run was stopped', () => {
    const world = submitted(own(hours(10)))
    world.wait(6)
    stop(world)
    world.wait(100)
    world.recall('clara')
    world.wait(100)
    world.edit('clara', { creditLimit: '70000' })
    world.submit('clara')
    expect(ahead(world)).toBe(4)
  })
  it('a limit that was stopped by an older version, without a note of what was left, goes on as it stood', () => {
    const world = submitted(limited())
    const due = nextDue(world.proposal)
    stop(world)
    const runs = world.proposal.runs.map((run) => ({
      ...run,
      steps: Object.fromEntries(
        Object.entries(run.steps).map(([path, { ...fact }]) => {
          if ('left' in fact) delete fact.left
          return [path, fact]
        }),
      ),
    }))
    world.state = { ...world.state, proposal: { ...world.proposal, runs } }
    goOn(world)
    expect(nextDue(world.proposal)).toBe(due)
  })
})

describe('what is said while a run is stopped by an error', () => {
  const message = (world: World, who: string, command: Command): string => world.errorOf(who, command)?.message ?? ''
  const why = /^The run is stopped by an error: .* It goes on when an administrator resumes it\.$/

  it('of every answer, and of handing items on, is that an administrator has to resume it', () => {
    const world = submitted(limited())
    stop(world)
    const [item] = world.open('carl')
    if (item === undefined) throw new Error('carl is not asked')
    for (const kind of ['APPROVE', 'REJECT', 'DELEGATE'])
      expect(itemActions(world.as('carl'), world.proposal, item).find((a) => a.action === kind)).toMatchObject({
        allowed: false,
        reason: 'WRONG_STATE',
        message: expect.stringMatching(why) as string,
      })
    expect(message(world, 'carl', world.answerOf('carl', 'APPROVE'))).toMatch(why)
    expect(message(world, 'adam', world.handOf('REASSIGN', 'olga', item))).toMatch(why)
    expect(message(world, 'olga', world.answer('olga', 'APPROVE', item))).toBe(
      'This item is assigned to carl, not to you.',
    )
  })
  it('of an item in a queue is the same, not that one has to claim it first', () => {
    const queued = approval({ name: 'A', steps: [step({ name: 'A', assign: [assignment({ queue: 'desk' })] })] })
    const world = submitted(queued, { queues: { desk: ['carl'] } })
    const [item] = world.open().filter(({ queueId }) => queueId !== null)
    expect(message(world, 'carl', world.answer('carl', 'APPROVE', item))).toContain('claim it first')
    stop(world)
    expect(message(world, 'carl', world.answer('carl', 'APPROVE', item))).toMatch(why)
    expect(message(world, 'carl', world.queueOf('CLAIM', item))).toMatch(why)
  })
  it('of its time is that it stands still, until it is resumed', () => {
    for (const [a, then] of [
      [limited(), 'The system approves it.'],
      [own(hours(2)), 'The system approves it.'],
      [limited({ timeLimit: null, finally: null }), null],
    ] as const) {
      const world = submitted(a)
      const saying = (): string | null => {
        const [item] = world.open('carl')
        return item === undefined ? '' : whenDue(world.as('carl'), world.proposal, item)
      }
      expect(saying()).toBe(then)
      stop(world)
      if (then === null) expect(saying()).toBeNull()
      else expect(saying()).toContain('Its time stands still')
      goOn(world)
      expect(saying()).toBe(then)
    }
  })
  it('of whom it waits for are the administrators who are active', () => {
    const world = submitted(limited())
    stop(world)
    expect(world.blockers).toMatchObject([{ code: 'FAULT', waitingForIds: ['adam', 'wanda'] }])
    world.changePerson('wanda', { active: false })
    expect(world.blockers).toMatchObject([{ code: 'FAULT', waitingForIds: ['adam'] }])
  })
  it('of an item that was withdrawn is that, whether the run is stopped or not', () => {
    const world = submitted(
      approval({
        name: 'A',
        steps: [step({ name: 'A', assign: [assignment({ users: ['carl', 'olga'] })] }), by('A2', 'mia')],
      }),
    )
    const late = world.answerOf('olga', 'APPROVE')
    world.approve('carl')
    const said = message(world, 'olga', late)
    expect(said).toBe('This item has been withdrawn: its step is decided, or others are asked instead.')
    stop(world)
    expect(message(world, 'olga', late)).toBe(said)
    world.recall('clara')
    expect(message(world, 'olga', late)).toBe('This item has been withdrawn: the proposal is not submitted yet.')
    world.submit('clara')
    expect(message(world, 'olga', { ...late, revision: world.proposal.revision })).toContain('submitted again since')
  })
})

describe('an element’s own limit in working time', () => {
  it('loses nothing over a return when the days that it was due in are closed meanwhile', () => {
    const world = submitted(own(hours(8, working)), { calendars: [office] })
    world.requestChange('carl')
    holidays(world, '2026-11-23')
    world.wait(1)
    world.submit('clara')
    expect(nextDue(world.proposal)).toBe('2026-11-24T17:00:00.000Z')
  })
  it('gains nothing either when there are more opening hours by then', () => {
    const world = submitted(own(hours(8, working)), { calendars: [office] })
    at(world, '2026-11-23T12:59:00.000Z')
    world.requestChange('carl')
    const left = Date.parse('2026-11-23T17:00:00.000Z') - Date.parse(world.now)
    const all = { from: '00:00', to: '24:00' }
    world.company = { ...world.company, calendars: [{ ...office, week: Array<typeof all>(7).fill(all) }] }
    world.submit('clara')
    expect(Date.parse(nextDue(world.proposal) ?? '') - Date.parse(world.now)).toBe(left)
  })
})
