// DOMAIN section 5: what each kind of element does, and how they hold one another.
import { describe, expect, it } from 'vitest'
import { demoPeople, iban, runnable, workflowOf, World, type Setup } from './world.ts'
import { approval, assignment, step, workflow, type Json } from './workflow/definitions.ts'

/** One step that asks these people, all of them. */
const by = (name: string, ...users: string[]): Json =>
  step({ name, assign: [assignment({ users }, { policy: 'ALL' })] })
const ask = (name: string, ...users: string[]): Json => approval({ name, steps: [by(name, ...users)] })
const task = (name: string, ...users: string[]): Json => ({ task: { name, step: by(name, ...users) } })
const outcome = (name: string, ...elements: Json[]): Json => ({ name, elements })
const decision = (name: string, who: string, ...outcomes: Json[]): Json => ({
  decision: { name, step: by(name, who), outcomes },
})
const condition = (name: string, cases: readonly Json[], otherwise?: readonly Json[]): Json => ({
  condition: { name, cases, ...(otherwise !== undefined && { else: otherwise }) },
})
const when = (expression: string, ...elements: Json[]): Json => ({ name: null, when: expression, elements })
const parallel = (name: string, ...branches: Json[]): Json => ({ parallel: { name, branches } })
const check = (kind: string, ...outcomes: Json[]): Json => ({
  automated: { name: 'Check', check: kind, ...(outcomes.length > 0 && { outcomes }) },
})

const submitted = (definition: Json, set: Json = { creditLimit: '60000' }, setup: Setup = {}): World => {
  const world = new World({ definition, ...setup })
  world.edit('clara', set)
  world.submit('clara')
  return world
}
const last = ask('Last', 'olga')
const statuses = (world: World): string[] => world.route.map((e) => `${e.name} ${e.status}`)

describe('an approval', () => {
  it('asks its steps in order, each when the one before is decided', () => {
    const world = submitted(workflow(approval({ name: 'Two', steps: [by('One', 'mia'), by('Two', 'cora')] })))
    expect(world.asked).toEqual(['mia'])
    world.approve('mia')
    expect(world.asked).toEqual(['cora'])
    world.approve('cora')
    expect(world.status).toBe('APPLIED')
  })
  it('skips a step whose condition does not hold, and one with no change to guard', () => {
    const steps = [
      step({ name: 'Large', when: 'proposed.creditLimit > 100000', assign: [assignment({ users: ['cora'] })] }),
      step({ name: 'Name', guards: ['name'], assign: [assignment({ users: ['carl'] })] }),
      by('Rest', 'mia'),
    ]
    const world = submitted(workflow(approval({ name: 'All', steps })))
    expect(world.asked).toEqual(['mia'])
    expect(world.route[0]?.steps.map((s) => s.status)).toEqual(['SKIPPED', 'SKIPPED', 'RUNNING'])
  })
  it('all of whose steps are skipped is skipped, and covers nothing', () => {
    const none = approval({ name: 'None', steps: [step({ name: 'No', when: 'false' })], finalApproverId: 'tess' })
    const world = submitted(workflow(none))
    expect(world.proposal.runs[0]?.elements['elements.0']?.outcome).toBe('SKIPPED')
    expect(world.asked).toEqual(['tess'])
  })
  it('offers what it allows, and nothing else', () => {
    const only = approval({ name: 'Only', steps: [by('Only', 'mia')], allow: ['APPROVE'] })
    const world = submitted(workflow(only))
    expect(world.refusal('mia', world.answerOf('mia', 'REJECT'))).toBe('NOT_OFFERED')
    expect(world.refusal('mia', world.handOf('DELEGATE', 'cora'))).toBe('NOT_OFFERED')
    expect(world.refusal('mia', world.answer('mia', 'COMPLETE'))).toBe('NOT_OFFERED')
    world.approve('mia')
    expect(world.status).toBe('APPLIED')
  })
})

describe('a task', () => {
  const definition = workflow(task('Call the customer', 'mia', 'cora'), last)

  it('that is completed goes on to the next element', () => {
    const world = submitted(definition)
    expect(world.open().map((i) => [i.kind, i.assigneeId])).toEqual([
      ['TASK', 'mia'],
      ['TASK', 'cora'],
    ])
    world.complete('mia', 'cora')
    expect(world.asked).toEqual(['olga'])
    expect(statuses(world)).toEqual(['Call the customer DONE', 'Last RUNNING'])
  })
  it('that is returned ends the run as a reject does, with a reason', () => {
    const world = submitted(definition)
    expect(world.refusal('mia', { ...world.answer('mia', 'RETURN'), comment: ' ' })).toBe('REASON_REQUIRED')
    world.do('mia', world.answer('mia', 'RETURN'))
    expect(world.status).toBe('REJECTED')
    expect(world.open()).toEqual([])
    expect(world.proposal.items.at(-1)).toMatchObject({ kind: 'RETURN', assigneeId: 'clara', status: 'OPEN' })
  })
  it('covers no change: a run of tasks alone asks for what nothing covers', () => {
    const world = submitted(workflow(task('Call the customer', 'mia')))
    world.complete('mia')
    expect(world.askedSteps).toEqual(['Not covered by the workflow'])
    expect(world.asked).toEqual(['adam'])
  })
  it('may be done by an author', () => {
    const world = submitted(workflow(task('File the contract', 'clara'), last))
    world.complete('clara')
    expect(world.asked).toEqual(['olga'])
  })
  it('can be neither approved nor chosen', () => {
    const world = submitted(definition)
    expect(world.refusal('mia', world.answer('mia', 'APPROVE'))).toBe('NOT_OFFERED')
    expect(world.refusal('mia', world.chooseOf('mia', 'yes'))).toBe('NOT_OFFERED')
  })
})

describe('a decision', () => {
  const definition = workflow(
    decision(
      'How sure',
      'mia',
      outcome('sure'),
      outcome('unsure', ask('Look closer', 'cora')),
      outcome('lost', task('Ask around', 'carl'), ask('Look closest', 'tess')),
    ),
    last,
  )
  it.each([
    ['sure', ['Last']],
    ['unsure', ['Look closer']],
    ['lost', ['Ask around']],
  ])('for %s goes the way of that outcome, of however many', (choice, next) => {
    const world = submitted(definition)
    expect(world.open()[0]).toMatchObject({ kind: 'DECISION', choices: ['sure', 'unsure', 'lost'] })
    world.choose('mia', choice)
    expect(world.askedSteps).toEqual(next)
  })
  it('goes on behind its outcome when that is done', () => {
    const world = submitted(definition)
    world.choose('mia', 'lost')
    world.complete('carl')
    world.approve('tess')
    expect(world.asked).toEqual(['olga'])
  })
  it('takes one of its outcomes and nothing else', () => {
    const world = submitted(definition)
    expect(world.refusal('mia', world.chooseOf('mia', 'maybe'))).toBe('INVALID_VALUE')
    expect(world.refusal('mia', world.answer('mia', 'APPROVE'))).toBe('NOT_OFFERED')
  })
  it('is not for authors', () => {
    const world = submitted(
      workflow({
        decision: { name: 'Way', step: by('Way', 'clara', 'mia'), outcomes: [outcome('one'), outcome('two')] },
      }),
    )
    expect(world.asked).toEqual(['mia'])
  })
  it('that nobody has made yet stops no submit for want of people in one of its outcomes', () => {
    const world = submitted(
      workflow(decision('Way', 'mia', outcome('open'), outcome('closed', ask('Nobody', 'clara'))), last),
    )
    expect(world.status).toBe('PENDING')
    world.choose('mia', 'closed')
    expect(world.asked).toEqual(['adam'])
  })
  it('shows every outcome in the route, and which was taken once it is known', () => {
    const world = submitted(definition)
    expect(world.route[0]?.branches.map((b) => [b.name, b.taken])).toEqual([
      ['sure', null],
      ['unsure', null],
      ['lost', null],
    ])
    world.choose('mia', 'unsure')
    expect(world.route[0]?.branches.map((b) => b.taken)).toEqual([false, true, false])
  })
})

describe('a condition', () => {
  const over = (amount: number): string => `proposed.creditLimit > ${amount}`
  const cases = [when(over(100000), ask('Large', 'cora')), when(over(10000), ask('Middle', 'carl'))]
  it.each([
    ['200000', 'Large'],
    ['60000', 'Middle'],
    ['100', 'Small'],
  ])('for a limit of %s picks the first of its cases that holds, else the rest (%s)', (creditLimit, name) => {
    const world = submitted(workflow(condition('Size', cases, [ask('Small', 'tess')])), { creditLimit })
    expect(world.askedSteps).toEqual([name])
  })
  it('none of whose cases holds, and without a rest, is skipped', () => {
    const world = submitted(workflow(condition('Size', cases), last), { creditLimit: '100' })
    expect(statuses(world)).toEqual(['Size SKIPPED', 'Last RUNNING'])
  })
  it('is looked at once in a run, when the run comes to it', () => {
    const world = submitted(
      workflow(
        ask('First', 'mia'),
        condition('Group', [when("customer.customerGroup == '20'", ask('Twenty', 'cora'))], [ask('Other', 'carl')]),
      ),
    )
    world.writeDirectly({ customerGroup: '20' })
    world.approve('mia')
    expect(world.askedSteps).toEqual(['Twenty'])
    world.writeDirectly({ customerGroup: '10' })
    world.do('adam', { kind: 'PROCEED' })
    expect(world.askedSteps).toEqual(['Twenty'])
  })
})

describe('a parallel', () => {
  const definition = workflow(
    parallel('Both', outcome('Credit', ask('C1', 'cora'), ask('C2', 'carl')), outcome('Treasury', ask('T1', 'tess'))),
    last,
  )
  it('asks in all of its branches at once, and goes on when all have finished', () => {
    const world = submitted(definition)
    expect(world.asked).toEqual(['cora', 'tess'])
    world.approve('tess')
    expect(world.asked).toEqual(['cora'])
    world.approve('cora', 'carl')
    expect(world.asked).toEqual(['olga'])
    world.approve('olga')
    expect(world.status).toBe('APPLIED')
  })
  it.each(['REJECT', 'REQUEST_CHANGE'] as const)('in one of whose branches somebody says %s ends whole', (kind) => {
    const world = submitted(definition)
    world.do('tess', kind === 'REJECT' ? world.answerOf('tess', kind) : world.requestOf('tess'))
    expect(world.status).toBe(kind === 'REJECT' ? 'REJECTED' : 'CHANGES_REQUESTED')
    expect(world.open()).toEqual([])
    expect(world.proposal.runs[0]?.end?.at).toBe('elements.0.branches.1.elements.0')
  })
  it('may have a branch that needs nobody', () => {
    const world = submitted(workflow(parallel('Both', outcome('One', ask('One', 'cora')), outcome('Two')), last))
    world.approve('cora')
    expect(world.asked).toEqual(['olga'])
  })
  it('asks a person who is in two branches in each, with an item each', () => {
    const world = submitted(workflow(parallel('Both', outcome('A', ask('A', 'cora')), outcome('B', ask('B', 'cora')))))
    expect(world.open('cora')).toHaveLength(2)
    world.approve('cora')
    expect(world.status).toBe('PENDING')
    world.approve('cora')
    expect(world.status).toBe('APPLIED')
  })
  it('has branches that do not know of one another: the previous approver comes from before them', () => {
    const previous = approval({
      name: 'P',
      steps: [step({ name: 'P', assign: [assignment({ workflowUser: 'PREVIOUS_APPROVER' })] })],
    })
    const world = submitted(
      workflow(ask('First', 'mia'), parallel('Both', outcome('A', ask('A', 'cora')), outcome('B', previous))),
    )
    world.approve('mia')
    expect(world.asked).toEqual(['cora', 'mia'])
  })
})

describe('elements in elements', () => {
  it('are walked at whatever depth', () => {
    const deep = parallel(
      'Outer',
      outcome(
        'A',
        condition('Case', [
          when(
            'changes.creditLimit.changed',
            decision(
              'Way',
              'mia',
              outcome('on', parallel('Inner', outcome('X', ask('X', 'cora')), outcome('Y', task('Y', 'carl')))),
              outcome('off'),
            ),
          ),
        ]),
      ),
      outcome('B', ask('B', 'tess')),
    )
    const world = submitted(workflow(deep, last))
    expect(world.asked).toEqual(['mia', 'tess'])
    world.choose('mia', 'on')
    expect(world.asked).toEqual(['tess', 'cora', 'carl'])
    world.approve('tess', 'cora')
    world.complete('carl')
    expect(world.asked).toEqual(['olga'])
    const inner = 'elements.0.branches.0.elements.0.cases.0.elements.0.outcomes.0.elements.0.branches.0.elements.0'
    expect(world.proposal.runs[0]?.elements[inner]?.outcome).toBe('APPROVED')
  })
})

describe('an automated check', () => {
  const tax = { taxExemptNumber: 'DE136695976' }
  it('that is passed goes on', () => {
    expect(submitted(workflow(check('DUPLICATE_TAX_NUMBER'), last), tax).asked).toEqual(['olga'])
    expect(submitted(workflow(check('VAT_NUMBER'), last), tax).asked).toEqual(['olga'])
    expect(submitted(workflow(check('IBAN'), last)).asked).toEqual(['olga'])
  })
  it('that fails, without a branch for it, stops the run with a sentence, and goes on when that is mended', () => {
    const world = new World({ definition: workflow(check('DUPLICATE_TAX_NUMBER'), last) })
    world.sameTaxNumber = ['US-002']
    world.edit('clara', tax)
    world.submit('clara')
    expect(world.proposal).toMatchObject({ status: 'FAULTED', fault: { at: ['elements', '0', 'automated'] } })
    expect(world.blockers[0]?.message).toMatch(/^"Check" has failed: .*US-002/)
    world.sameTaxNumber = []
    world.do('adam', { kind: 'RESUME', comment: 'The other one has been corrected' })
    expect(world.asked).toEqual(['olga'])
  })
  it.each([
    [[], 'Good'],
    [['US-002'], 'Bad'],
  ])('with branches goes the way of its result', (same, next) => {
    const branches = [outcome('passed', ask('Good', 'cora')), outcome('failed', ask('Bad', 'carl'))]
    const world = new World({ definition: workflow(check('DUPLICATE_TAX_NUMBER', ...branches)) })
    world.sameTaxNumber = same
    world.edit('clara', tax)
    world.submit('clara')
    expect(world.askedSteps).toEqual([next])
  })
  it('that is passed goes on where only failing has a branch', () => {
    const branches = [outcome('failed', ask('Bad', 'carl'))]
    expect(submitted(workflow(check('VAT_NUMBER', ...branches), last), tax).asked).toEqual(['olga'])
  })
  it('looks at the record as it would be', () => {
    const world = new World({ definition: workflow(check('IBAN'), last) })
    world.editChildren('clara', { add: [{ code: 'NEW', iban: iban.second, bic: 'BNPAFRPP' }] })
    world.submit('clara')
    expect(world.status).toBe('FAULTED')
  })
})

describe('a subworkflow', () => {
  const run = (workflowId: string): Json => ({ subworkflow: { name: 'Other', workflowId } })
  const other = (number: number, ...elements: Json[]) =>
    workflowOf(runnable('w2', number, workflow(...elements)), { name: 'Second', rank: 2, isDefault: false })
  const main = (...elements: Json[]) =>
    workflowOf(runnable('w1', 1, workflow(...elements)), { rank: 3, isDefault: true })
  const started = (workflows: Setup['workflows'] & object, setup: Setup = {}): World =>
    submitted(workflow(last), { creditLimit: '60000' }, { workflows, ...setup })

  it('is run to its end, and then what comes behind it', () => {
    const world = started([main(run('w2'), last), other(1, ask('Inside', 'cora'), task('Then', 'carl'))])
    expect(world.open()[0]).toMatchObject({ elementPath: 'elements.0.workflow.elements.0', assigneeId: 'cora' })
    world.approve('cora')
    world.complete('carl')
    expect(world.asked).toEqual(['olga'])
  })
  it('covers what its approvals cover', () => {
    const world = started([main(run('w2')), other(1, ask('Inside', 'cora'))])
    world.approve('cora')
    expect(world.status).toBe('APPLIED')
  })
  it('in which somebody rejects ends the whole run, and only what was rejected starts afresh', () => {
    const world = started([main(ask('First', 'mia'), run('w2')), other(1, ask('A', 'cora'), ask('B', 'carl'))])
    world.approve('mia', 'cora')
    world.reject('carl')
    expect(world.status).toBe('REJECTED')
    expect(world.proposal.runs[0]?.end?.at).toBe('elements.1.workflow.elements.1')
    world.submit('clara')
    expect(world.asked).toEqual(['carl'])
  })
  it('keeps the version of the submit, even if another is activated before the run comes to it', () => {
    const world = started([main(ask('First', 'mia'), run('w2')), other(1, ask('Old', 'cora'))])
    const [first] = world.company.workflows
    world.company = { ...world.company, workflows: [...(first ? [first] : []), other(2, ask('New', 'carl'))] }
    world.approve('mia')
    expect(world.askedSteps).toEqual(['Old'])
    world.recall('clara')
    world.submit('clara')
    expect(world.askedSteps).toEqual(['New'])
  })
  it('that is not active when it is submitted is a refusal', () => {
    const world = new World({ workflows: [main(run('w2')), { ...other(1, last), activeVersion: null }] })
    world.edit('clara', { creditLimit: '60000' })
    expect(world.refusal('clara', { kind: 'SUBMIT', expectedRevision: null, comment: null })).toBe('NO_WORKFLOW')
  })
  it('may run another in its turn', () => {
    const third = workflowOf(runnable('w3', 1, workflow(ask('Deep', 'tess'))), { rank: 3, isDefault: false })
    const world = started([main(run('w2')), other(1, run('w3')), third])
    expect(world.open()[0]?.elementPath).toBe('elements.0.workflow.elements.0.workflow.elements.0')
    expect(world.proposal.runs[0]?.pinned).toEqual({ w2: 1, w3: 1 })
    world.approve('tess')
    expect(world.status).toBe('APPLIED')
  })
  it('excludes whoever saved or activated its version, too', () => {
    const [active] = [runnable('w2', 1, workflow(ask('Inside', 'cora', 'carl')), { createdById: 'carl' })]
    const world = started([main(run('w2')), workflowOf(active, { rank: 2, isDefault: false })])
    expect(world.asked).toEqual(['cora'])
  })
  it('asks its own owner where it has nobody', () => {
    const asksGone = approval({ name: 'Gone', steps: [by('Gone', 'tess')] })
    const people = demoPeople.map((p) => (p.id === 'olga' ? { ...p, roles: ['ADMINISTRATOR' as const] } : p))
    const owned = workflowOf(runnable('w2', 1, workflow(asksGone)), { rank: 2, isDefault: false, ownerId: 'olga' })
    const world = started([main(ask('First', 'mia'), run('w2')), owned], { people })
    world.changePerson('tess', { active: false })
    world.approve('mia')
    expect(world.asked).toEqual(['olga'])
  })
})
