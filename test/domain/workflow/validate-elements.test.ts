// The rules of each kind of element, a row each.
import { expect, it } from 'vitest'
import { approval, assignment, step, workflow, type Json } from './definitions.ts'
import { other, problemsOf, sentence, toDo, trusting, type Row } from './problems.ts'

const decision = (more: Json = {}, of: Json = {}): Json => ({
  decision: {
    name: 'Which way',
    step: step(of),
    outcomes: [
      { name: 'fast', elements: [] },
      { name: 'slow', elements: [] },
    ],
    ...more,
  },
})
const task = (to: Json, more: Json = {}): Json => ({
  task: { name: 'Call', step: step({ assign: [assignment(to)], ...more }) },
})
const condition = (more: Json = {}): Json => ({
  condition: { name: 'Large?', cases: [{ when: 'true', elements: [] }], ...more },
})
const parallel = (...branches: Json[]): Json => ({ parallel: { name: 'Both', branches } })
const automated = (more: Json = {}): Json => ({ automated: { name: 'Check', check: 'IBAN', ...more } })
const asked = (to: Json): Json => approval({ name: 'Asked', steps: [step({ assign: [assignment(to)] })] })
const after = (element: Json): Json => workflow(approval(), element)
const named = (name: string): Json => ({ name, elements: [] })
const two = [assignment({ group: 'credit' }), assignment({ users: ['olga'] })]

const allowed: [string, Json][] = [
  ['a task, of whoever makes the workflow too', task({ users: ['adam'] })],
  ['a task of the submitter', task({ workflowUser: 'SUBMITTER' })],
  ['a task of the owner', task({ workflowUser: 'OWNER' })],
  ['a decision of one of several', decision({}, { assign: two, join: 'ANY' })],
  ['a condition with an else and empty branches', condition({ else: [] })],
  ['a condition without else', condition()],
  [
    'parallel branches, one of which does nothing',
    parallel(named('a'), { name: 'b', elements: [task({ role: 'CLERK' })] }),
  ],
  ['a check that goes on or stops', automated()],
  ['a check with both its outcomes', automated({ outcomes: [named('passed'), named('failed')] })],
  ['another workflow', { subworkflow: { name: 'Other', workflowId: 'w2' } }],
  ['a queue', asked({ queue: 'desk' })],
  ['the owner', asked({ workflowUser: 'OWNER' })],
  ['who approved before', asked({ workflowUser: 'PREVIOUS_APPROVER' })],
  ['partial approval and delegating', approval({ name: 'Part', partial: true, allow: ['APPROVE', 'DELEGATE'] })],
]
it.each(allowed)('%s is in order', (_what, element) => {
  const inCompany = { ...trusting, workflows: [other('w2', workflow(approval()))] }
  expect(problemsOf(after(element), { in: inCompany })).toEqual([])
  const strict = { ...inCompany, parameters: { ...inCompany.parameters, authorsMayNotApprove: true } }
  expect(problemsOf(after(element), { in: strict, makers: ['adam'] })).toEqual([])
})

const rows: Row[] = [
  [
    'a decision has two outcomes or more',
    after(decision({ outcomes: [named('only')] })),
    'ERROR',
    'elements.1.decision.outcomes',
    'two outcomes',
  ],
  [
    'outcomes have names of their own',
    after(decision({ outcomes: [named('a'), named('a')] })),
    'ERROR',
    'elements.1.decision.outcomes.1.name',
    'name of its own',
  ],
  [
    'a decision takes one answer',
    after(decision({}, { assign: [assignment({ group: 'credit' }, { policy: 'ALL' })] })),
    'ERROR',
    'elements.1.decision.step.assign.0.policy',
    'use SINGLE',
  ],
  [
    'assignments of a decision are joined by ANY',
    after(decision({}, { assign: two })),
    'ERROR',
    'elements.1.decision.step.join',
    'use ANY',
  ],
  [
    'a decision ends with an outcome',
    after(decision({}, { timeLimit: { amount: 1, unit: 'DAYS' }, finally: { verdict: 'APPROVE' } })),
    'ERROR',
    'elements.1.decision.step.finally.verdict',
    'choice',
  ],
  [
    'a decision ends with one of its outcomes',
    after(decision({}, { timeLimit: { amount: 1, unit: 'DAYS' }, finally: { choice: 'slo' } })),
    'ERROR',
    'elements.1.decision.step.finally.choice',
    'did you mean "slow"',
  ],
  [
    'a task ends as done or sent back',
    after(task({ group: 'credit' }, { timeLimit: { amount: 1, unit: 'DAYS' }, finally: { choice: 'x' } })),
    'ERROR',
    'elements.1.task.step.finally.choice',
    'COMPLETE or RETURN',
  ],
  ['a condition has a case', after(condition({ cases: [] })), 'ERROR', 'elements.1.condition.cases', 'add one'],
  [
    'conditions of cases type-check',
    after(condition({ cases: [{ when: 'proposed.creditLimit', elements: [] }] })),
    'ERROR',
    'elements.1.condition.cases.0.when',
    'true or false',
  ],
  [
    'cases are told apart',
    after(
      condition({
        cases: [
          { name: 'a', when: 'true', elements: [] },
          { name: 'a', when: 'true', elements: [] },
        ],
      }),
    ),
    'WARNING',
    'elements.1.condition.cases.1.name',
    'name of its own',
  ],
  [
    'two branches or more are parallel',
    after(parallel(named('a'))),
    'ERROR',
    'elements.1.parallel.branches',
    'two or more',
  ],
  [
    'branches have names of their own',
    after(parallel(named('a'), named('a'))),
    'ERROR',
    'elements.1.parallel.branches.1.name',
    'name of its own',
  ],
  [
    'an automated element does something',
    after(automated({ check: null })),
    'ERROR',
    'elements.1.automated',
    'built-in check',
  ],
  [
    'it checks or asks a webhook',
    after(automated({ webhookId: 'w' })),
    'ERROR',
    'elements.1.automated',
    'remove check or webhookId',
  ],
  [
    'the webhook is there',
    after(automated({ check: null, webhookId: 'x' })),
    'ERROR',
    'elements.1.automated.webhookId',
    'no such webhook',
  ],
  [
    'the webhook is switched on',
    after(automated({ check: null, webhookId: 'off' })),
    'ERROR',
    'elements.1.automated.webhookId',
    'switched off',
  ],
  [
    'a check has passed or failed',
    after(automated({ outcomes: [named('maybe')] })),
    'ERROR',
    'elements.1.automated.outcomes.0.name',
    '"passed" or "failed"',
  ],
  [
    'a check has passed once',
    after(automated({ outcomes: [named('passed'), named('passed')] })),
    'ERROR',
    'elements.1.automated.outcomes.1.name',
    'name of its own',
  ],
  [
    'what is nested is looked into',
    after(parallel({ name: 'a', elements: [condition({ else: [asked({ group: 'credits' })] })] }, named('b'))),
    'ERROR',
    'elements.1.parallel.branches.0.elements.0.condition.else.0.approval.steps.0.assign.0.to.group',
    'did you mean "credit"',
  ],
  [
    'elements of a branch are told apart',
    after(parallel({ name: 'a', elements: [automated(), automated()] }, named('b'))),
    'WARNING',
    'elements.1.parallel.branches.0.elements.1.automated.name',
    'name of its own',
  ],
  [
    'a queue is known',
    after(asked({ queue: 'desks' })),
    'ERROR',
    'elements.1.approval.steps.0.assign.0.to.queue',
    'did you mean "desk"',
  ],
  [
    'a queue has members',
    after(asked({ queue: 'nobody' })),
    'ERROR',
    'elements.1.approval.steps.0.assign.0.to',
    'has no members; add one',
  ],
  [
    'somebody of a queue can decide',
    after(asked({ queue: 'left' })),
    'ERROR',
    'elements.1.approval.steps.0.assign.0.to',
    'add one',
  ],
  [
    'somebody of a queue is no maker',
    after(asked({ queue: 'single' })),
    'ERROR',
    'elements.1.approval.steps.0.assign.0.to',
    'add one',
    { makers: ['cora'] },
  ],
  [
    'somebody can be asked to do a task',
    after(task({ users: ['audrey'] })),
    'ERROR',
    'elements.1.task.step.assign.0.to',
    'Name somebody else',
  ],
  [
    'the submitter decides nothing',
    after(asked({ workflowUser: 'SUBMITTER' })),
    'ERROR',
    'elements.1.approval.steps.0.assign.0.to.workflowUser',
    'make it a task',
  ],
  [
    'the submitter chooses nothing',
    after(decision({}, { assign: [assignment({ workflowUser: 'SUBMITTER' })] })),
    'ERROR',
    'elements.1.decision.step.assign.0.to.workflowUser',
    'make it a task',
  ],
  [
    'a previous approver can be there',
    workflow(asked({ workflowUser: 'PREVIOUS_APPROVER' })),
    'WARNING',
    'elements.0.approval.steps.0.assign.0.to.workflowUser',
    'put an approval before',
  ],
  [
    'an approval does not come before itself in another case',
    workflow({
      condition: {
        name: 'C',
        cases: [{ when: 'true', elements: [approval()] }],
        else: [asked({ workflowUser: 'PREVIOUS_APPROVER' })],
      },
    }),
    'WARNING',
    'elements.0.condition.else.0.approval.steps.0.assign.0.to.workflowUser',
    'put an approval before',
  ],
  [
    'a final approver can decide',
    workflow(approval({ finalApproverId: 'audrey' })),
    'WARNING',
    'elements.0.approval.finalApproverId',
    'name somebody else',
  ],
  [
    'a final approver is no maker',
    workflow(approval({ finalApproverId: 'carl' })),
    'WARNING',
    'elements.0.approval.finalApproverId',
    'name somebody else',
    { makers: ['carl'] },
  ],
  [
    'a decision names somebody who can decide',
    after(decision({}, { assign: [assignment({ users: ['carl'] })] })),
    'ERROR',
    'elements.1.decision.step.assign.0.to',
    'Name somebody else',
    { makers: ['carl'] },
  ],
]
it.each(rows)('%s', (_rule, definition, severity, path, part, wanted) => {
  const problems = problemsOf(definition, wanted)
  expect(problems).toEqual([{ path, severity, message: expect.stringContaining(part) as string }])
  expect(problems[0]?.message).toMatch(sentence)
  expect(problems[0]?.message).toMatch(toDo)
})

it('whoever made the workflow is not the owner that it asks, nor the service account whose responsible person they are', () => {
  const owner = problemsOf(after(asked({ workflowUser: 'OWNER' })), { makers: ['olga'] })
  expect(owner.map(({ path, severity }) => [path, severity])).toEqual([
    ['ownerId', 'WARNING'],
    ['elements.1.approval.steps.0.assign.0.to.workflowUser', 'ERROR'],
  ])
  const people = new Map(trusting.directory.people)
  people.set('bot', { ...people.get('cora')!, id: 'bot', kind: 'SERVICE', responsibleId: 'carl' })
  const inCompany = {
    ...trusting,
    directory: { ...trusting.directory, people },
    parameters: { ...trusting.parameters, authorsMayNotApprove: true },
  }
  const found = problemsOf(after(asked({ users: ['carl'] })), { in: inCompany, makers: ['bot'] })
  expect(found.map(({ path }) => path)).toEqual(['elements.1.approval.steps.0.assign.0.to'])
})

it('a second step of the first approval may ask who approved in the first step', () => {
  const steps = [step({ name: 'A' }), step({ assign: [assignment({ workflowUser: 'PREVIOUS_APPROVER' })] })]
  expect(problemsOf(workflow(approval({ steps })))).toEqual([])
})

it('where authors may approve, the submitter may be asked', () => {
  expect(problemsOf(after(asked({ workflowUser: 'SUBMITTER' })), { in: trusting })).toEqual([])
})
