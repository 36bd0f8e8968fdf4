// What an item says will happen when it falls due (DOMAIN section 10): who may not answer is not named, because nobody asks them then.
import { describe, expect, it } from 'vitest'
import { whenDue } from '../../server/domain/due.ts'
import { World, type Setup } from './world.ts'
import { approval, assignment, step, workflow, type Json } from './workflow/definitions.ts'

const timeLimit: Json = { amount: 2, unit: 'HOURS' }
const to = (...users: string[]): Json => ({ to: { users }, timeLimit })
const limited = (escalation: readonly Json[], more: Json = {}): Json =>
  step({ name: 'Limited', assign: [assignment({ users: ['cora'] })], timeLimit, escalation, ...more })

const submitted = (definition: Json, setup: Setup = {}): World => {
  const world = new World({ definition, ...setup })
  world.edit('clara', { creditLimit: '60000' })
  world.submit('clara')
  return world
}
/** What each open item says. */
const sayings = (world: World): (string | null)[] =>
  world.open().map((item) => whenDue(world.as('olga'), world.proposal, item))
const pass = (world: World): void => {
  world.wait(3)
  world.tick()
}

describe('what happens when an item falls due', () => {
  it.each([
    ['an author', 'clara'],
    ['who saved the workflow', 'wanda'],
    ['somebody who has left', 'gone'],
    ['somebody unknown', 'nobody'],
    ['somebody whose roles decide nothing', 'audrey'],
  ])('passes over %s (%s), as the clock does', (_, who) => {
    const world = submitted(workflow(approval({ steps: [limited([to(who), to(who, 'tess'), to('olga')])] })))
    expect(sayings(world)).toEqual(['It goes to tess.'])
    pass(world)
    expect(world.asked).toEqual(['tess'])
    expect(sayings(world)).toEqual(['It goes to olga.'])
  })
  it('is the final action when nobody of the path may answer', () => {
    const definition = workflow(
      approval({ steps: [limited([to('clara'), to('gone')], { finally: { verdict: 'REJECT' } })] }),
    )
    const world = submitted(definition)
    expect(sayings(world)).toEqual(['The system rejects it.'])
    pass(world)
    expect(world.answers).toEqual(['system REJECTED'])
  })
  it('is that it stays, when nobody of the path may answer and nothing else is said', () => {
    const world = submitted(workflow(approval({ steps: [limited([to('clara')])] })))
    expect(sayings(world)).toEqual(['It stays open and is shown as overdue.'])
    pass(world)
    expect(world.asked).toEqual(['cora'])
  })
  it('changes with who may answer: somebody who leaves is passed over from then on', () => {
    const world = submitted(workflow(approval({ steps: [limited([to('tess'), to('olga')])] })))
    expect(sayings(world)).toEqual(['It goes to tess.'])
    world.changePerson('tess', { active: false })
    expect(sayings(world)).toEqual(['It goes to olga.'])
    pass(world)
    expect(world.asked).toEqual(['olga'])
  })
  it('passes over who has answered in the step, but not who is still asked in it', () => {
    const assign = [assignment({ users: ['cora', 'carl'] }, { policy: 'ALL' })]
    const definition = workflow(approval({ steps: [limited([to('cora'), to('carl')], { assign })] }))
    const world = submitted(definition)
    expect(sayings(world)).toEqual(['It goes to cora.', 'It goes to cora.'])
    world.approve('cora')
    expect(sayings(world)).toEqual(['It goes to carl.'])
    pass(world)
    expect(world.asked).toEqual(['carl'])
  })
  it('passes over who is away, unless somebody stands in for them', () => {
    const world = submitted(workflow(approval({ steps: [limited([to('tess'), to('olga')])] })))
    world.away('tess', 'carl', 1)
    expect(sayings(world)).toEqual(['It goes to tess.'])
    world.wait(1)
    world.away('tess', 'clara')
    expect(sayings(world)).toEqual(['It goes to olga.'])
    pass(world)
    expect(world.asked).toEqual(['olga'])
  })
  it.each(['group', 'queue'])(
    'passes over a %s of which nobody may answer, and names one of which somebody may',
    (kind) => {
      const lists = { useless: ['clara', 'gone', 'audrey'], mixed: ['clara', 'tess'] }
      const entry = (name: string): Json => ({ to: { [kind]: name }, timeLimit })
      const definition = workflow(approval({ steps: [limited(['useless', 'unknown', 'mixed'].map(entry))] }))
      const world = submitted(definition, { groups: lists, queues: lists })
      expect(sayings(world)).toEqual([`It goes to the ${kind} mixed.`])
      pass(world)
      expect(world.open()).toMatchObject([kind === 'group' ? { assigneeId: 'tess' } : { queueId: 'mixed' }])
      expect(sayings(world)).toEqual(['It stays open and is shown as overdue.'])
    },
  )
  it('of a task may name an author, who may do those', () => {
    const world = submitted(workflow({ task: { name: 'Call', step: limited([to('clara')]) } }, approval()))
    expect(sayings(world)).toEqual(['It goes to clara.'])
    pass(world)
    expect(world.asked).toEqual(['clara'])
  })
  it.each<[string, Json, string, readonly string[]]>([
    ['a role', { role: 'CLERK' }, 'It goes to everybody with the role clerk.', ['colin', 'mia']],
    ['a role of which nobody may answer', { role: 'AUDITOR' }, 'It goes to olga.', ['olga']],
    ['a hierarchy', { hierarchy: { levels: 2 } }, 'It goes to mia, olga.', ['mia', 'olga']],
    ['the last of one', { hierarchy: { levels: 2, take: 'LAST' } }, 'It goes to olga.', ['olga']],
    ['a hierarchy of nobody', { hierarchy: { startUserId: 'olga' } }, 'It goes to olga.', ['olga']],
    ['the submitter, who may not answer', { workflowUser: 'SUBMITTER' }, 'It goes to olga.', ['olga']],
    ['the owner', { workflowUser: 'OWNER' }, 'It goes to carl.', ['carl']],
  ])('names whoever is asked by an entry for %s', (_, entry, saying, asked) => {
    const definition = workflow(approval({ steps: [limited([{ to: entry, timeLimit }, to('olga')])] }))
    const world = submitted(definition, { ownerId: 'carl' })
    expect(sayings(world)).toEqual([saying])
    pass(world)
    expect(world.asked).toEqual(asked)
  })
  it('of whoever approved before says what comes if they may not answer', () => {
    const first = step({ name: 'First', assign: [assignment({ users: ['mia'] })] })
    const entry = { to: { workflowUser: 'PREVIOUS_APPROVER' }, timeLimit }
    const world = submitted(
      workflow(approval({ steps: [first, limited([entry], { finally: { verdict: 'REJECT' } })] })),
    )
    world.approve('mia')
    expect(sayings(world)).toEqual([
      'It goes to whoever approved at the step before; if they may not answer: the system rejects it.',
    ])
    pass(world)
    expect(world.asked).toEqual(['mia'])
    expect(sayings(world)).toEqual(['The system rejects it.'])
  })
})
