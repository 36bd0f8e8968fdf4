// The rules of ways through a definition: each passes an approval, and what is governed is covered by people.
import { describe, expect, it } from 'vitest'
import { approval, assignment, step, workflow, type Json } from './definitions.ts'
import { company, other, problemsOf, sentence, toDo, type Row } from './problems.ts'

const condition = (then: Json[], otherwise: Json[] | null = null): Json => ({
  condition: { name: 'Large?', cases: [{ name: 'large', when: 'true', elements: then }], else: otherwise },
})
const branch = (name: string, ...elements: Json[]): Json => ({ name, elements })
const decision = (...outcomes: Json[]): Json => ({ decision: { name: 'Which', step: step(), outcomes } })
const parallel = (...branches: Json[]): Json => ({ parallel: { name: 'Both', branches } })
const automated = (...outcomes: Json[]): Json => ({ automated: { name: 'Check', check: 'IBAN', outcomes } })
const task: Json = { task: { name: 'Call', step: step() } }
const sub: Json = { subworkflow: { name: 'Other', workflowId: 'w2' } }
const other2 = (...elements: Json[]) => ({ ...company, workflows: [other('w2', workflow(...elements))] })
const guarding = (name: string, ...guards: string[]): Json => approval({ name, steps: [step({ guards })] })
const rest = guarding('Rest', 'name', 'bankAccounts')
const days = { amount: 1, unit: 'DAYS' }

it.each<[string, Json, typeof company?]>([
  ['an approval behind a branch', workflow(condition([task]), approval())],
  ['an approval in every case', workflow(condition([approval()], [approval()]))],
  ['an approval in every outcome', workflow(decision(branch('a', approval()), branch('b', approval())))],
  ['an approval in one of parallel branches', workflow(parallel(branch('a', approval()), branch('b', task)))],
  ['an approval where a check has passed: it stops when it fails', workflow(automated(branch('passed', approval())))],
  [
    'fields shared out over parallel branches',
    workflow(parallel(branch('a', rest), branch('b', guarding('B', 'creditLimit')))),
  ],
  [
    'fields guarded again in each case',
    workflow(rest, condition([guarding('A', 'creditLimit')], [guarding('B', 'creditLimit')])),
  ],
  ['an approval in another workflow', workflow(sub), other2(approval())],
])('%s is enough', (_what, definition, inCompany) => {
  expect(problemsOf(definition, { in: inCompany ?? company })).toEqual([])
})

const bare: Row[] = [
  ['tasks approve nothing', workflow(task), 'ERROR', 'elements', 'add an approval'],
  [
    'a missing else goes round the approval',
    workflow(condition([approval()])),
    'ERROR',
    'elements.0.condition.else',
    'When no case of "Large?" holds',
  ],
  [
    'an empty else does',
    workflow(condition([approval()], [])),
    'ERROR',
    'elements.0.condition.else',
    'When no case of "Large?" holds',
  ],
  [
    'a case does',
    workflow(condition([], [approval()])),
    'ERROR',
    'elements.0.condition.cases.0.elements',
    'When case "large" is taken',
  ],
  [
    'an outcome does',
    workflow(decision(branch('fast', task), branch('slow', approval()))),
    'ERROR',
    'elements.0.decision.outcomes.0.elements',
    'When outcome "fast" is taken',
  ],
  [
    'a check that has failed does',
    workflow(automated(branch('passed', approval()), branch('failed'))),
    'ERROR',
    'elements.0.automated.outcomes.1.elements',
    'When "Check" has failed',
  ],
  [
    'a check that has passed does',
    workflow(automated(branch('failed', approval()))),
    'ERROR',
    'elements.0.automated.outcomes',
    'When "Check" has passed',
  ],
  [
    'no parallel branch is sure to approve',
    workflow(parallel(branch('a', condition([approval()])), branch('b', task))),
    'ERROR',
    'elements.0.parallel.branches.0.elements.0.condition.else',
    'When no case',
  ],
  [
    'a gap deep inside is found there',
    workflow(condition([decision(branch('fast'), branch('slow', approval()))], [approval()])),
    'ERROR',
    'elements.0.condition.cases.0.elements.0.decision.outcomes.0.elements',
    '"fast"',
  ],
  [
    'another workflow can end without',
    workflow(sub),
    'ERROR',
    'elements.0.subworkflow.workflowId',
    'without an approval',
    { in: other2(condition([approval()])) },
  ],
]
const few = 'What no step covers is asked of'
const open: Row[] = [
  [
    'a field that nothing guards',
    workflow(rest),
    'WARNING',
    'elements',
    'No step guards Credit limit (creditLimit) in every case',
  ],
  [
    'a field that one case leaves out',
    workflow(rest, condition([guarding('A', 'creditLimit')])),
    'WARNING',
    'elements.1.condition.else',
    'When no case of "Large?" holds, no step guards Credit limit (creditLimit)',
  ],
  [
    'a field that one outcome leaves out',
    workflow(rest, decision(branch('fast', task), branch('slow', guarding('A', 'creditLimit')))),
    'WARNING',
    'elements.1.decision.outcomes.0.elements',
    few,
  ],
  [
    'a field that is guarded under a condition inside of a case',
    workflow(
      rest,
      condition(
        [approval({ name: 'A', steps: [step({ when: 'changes.name.changed' })] })],
        [guarding('B', 'creditLimit')],
      ),
    ),
    'WARNING',
    'elements.1.condition.cases.0.elements',
    'Credit limit (creditLimit)',
  ],
  [
    'a record as a whole, of which one field is governed',
    workflow(guarding('A', 'name', 'creditLimit', 'bankAccounts.iban')),
    'WARNING',
    'elements',
    'Bank accounts (bankAccounts)',
  ],
  [
    'a field that another workflow leaves out',
    workflow(rest, sub),
    'WARNING',
    'elements',
    'creditLimit',
    { in: other2(guarding('A', 'name')) },
  ],
  [
    'a field that another workflow may leave out',
    workflow(rest, sub),
    'WARNING',
    'elements.1.subworkflow.workflowId',
    'creditLimit',
    { in: other2(approval({ steps: [step({ when: 'true' })] })) },
  ],
]
const alone: Row[] = [
  [
    'only an automatic action approves a field',
    workflow(
      approval({
        name: 'A',
        steps: [step({ guards: ['name', 'bankAccounts'] })],
        automatic: [{ when: 'true', then: 'APPROVE', fields: ['creditLimit'] }],
      }),
    ),
    'WARNING',
    'elements.0.approval.automatic.0.fields',
    'Add a step',
  ],
  [
    'only a step that time may approve guards a field',
    workflow(
      rest,
      approval({
        name: 'A',
        steps: [step({ timeLimit: days, finally: { verdict: 'APPROVE' }, guards: ['creditLimit'] })],
      }),
    ),
    'WARNING',
    'elements.1.approval.steps.0.finally',
    'Credit limit (creditLimit). Reject',
  ],
  [
    'only an element that time may approve guards it',
    workflow(rest, approval({ name: 'A', timeLimit: days, onTimeLimit: 'APPROVE' })),
    'WARNING',
    'elements.1.approval.onTimeLimit',
    'Credit limit (creditLimit). Reject',
  ],
]
describe.each([
  ['a way to the end that passes no approval', bare],
  ['a governed field that some way leaves uncovered', open],
  ['what no person approves', alone],
])('%s', (_what, rows) => {
  it.each(rows)('%s', (_rule, definition, severity, path, part, wanted) => {
    const problems = problemsOf(definition, wanted)
    expect(problems).toEqual([{ path, severity, message: expect.stringContaining(part) as string }])
    expect(problems[0]?.message).toMatch(sentence)
    expect(problems[0]?.message).toMatch(toDo)
  })
})

it('a step that time may approve is no cover alone, but beside another it is', () => {
  const timed = step({ name: 'Timed', timeLimit: days, finally: { verdict: 'APPROVE' } })
  expect(problemsOf(workflow(approval({ steps: [timed, step()] })))).toEqual([])
  const rejects = step({ timeLimit: days, finally: { verdict: 'REJECT' } })
  expect(problemsOf(workflow(approval({ steps: [rejects] })))).toEqual([])
})

it('a way round two elements is told of in both', () => {
  const of = (name: string) => ({ condition: { name, cases: [{ when: 'true', elements: [approval()] }] } })
  expect(problemsOf(workflow(of('One'), of('Two'))).map(({ path }) => path)).toEqual([
    'elements.0.condition.else',
    'elements.1.condition.else',
  ])
})

it('somebody may have approved in a branch beside', () => {
  const previous = approval({
    name: 'P',
    steps: [step({ assign: [assignment({ workflowUser: 'PREVIOUS_APPROVER' })] })],
  })
  expect(problemsOf(workflow(parallel(branch('a', previous), branch('b', approval()))))).toEqual([])
})
