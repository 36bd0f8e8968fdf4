// The rules of limits, escalation and final actions, a row each.
import { expect, it } from 'vitest'
import { approval, step, withStep, workflow, type Json } from './definitions.ts'
import { company, problemsOf, sentence, toDo, type Row } from './problems.ts'

const days = (amount: number, more: Json = {}): Json => ({ amount, unit: 'DAYS', ...more })
const escalation = (to: Json, limit: Json = days(1)): Json[] => [{ to, timeLimit: limit }]
const reject = { verdict: 'REJECT' }
const inStep = 'elements.0.approval.steps.0'
const inTask = (more: Json): Json => workflow(approval(), { task: { name: 'T', step: step(more) } })

it.each<[string, Json]>([
  ['a limit with a final action', withStep({ timeLimit: days(1), finally: reject })],
  ['a limit with somebody to ask next', withStep({ timeLimit: days(1000), escalation: escalation({ role: 'CLERK' }) })],
  [
    'working time of a calendar',
    withStep({ timeLimit: days(2, { workingTime: true, calendar: 'Berlin' }), finally: reject }),
  ],
  ['an element with its own limit', workflow(approval({ timeLimit: days(3), onTimeLimit: 'REJECT' }))],
  ['a task that is sent back', inTask({ timeLimit: days(1), finally: { task: 'RETURN' } })],
  [
    'a task that escalates to who may not decide',
    inTask({ timeLimit: days(1), escalation: escalation({ users: ['adam'] }) }),
  ],
])('%s is in order', (_what, definition) => {
  expect(problemsOf(definition, { makers: ['adam'] })).toEqual([])
})

const rows: Row[] = [
  [
    'a limit is not zero',
    withStep({ timeLimit: days(0), finally: reject }),
    'ERROR',
    `${inStep}.timeLimit.amount`,
    '1 to 1000',
  ],
  [
    'a limit is not negative',
    withStep({ timeLimit: days(-1), finally: reject }),
    'ERROR',
    `${inStep}.timeLimit.amount`,
    '1 to 1000',
  ],
  [
    'a limit is not absurd',
    withStep({ timeLimit: days(1001), finally: reject }),
    'ERROR',
    `${inStep}.timeLimit.amount`,
    '1 to 1000',
  ],
  [
    "an element's limit is not zero",
    workflow(approval({ timeLimit: days(0), onTimeLimit: 'REJECT' })),
    'ERROR',
    'elements.0.approval.timeLimit.amount',
    '1 to 1000',
  ],
  [
    'a limit of an escalation is not zero',
    withStep({ timeLimit: days(1), escalation: escalation({ role: 'CLERK' }, days(0)) }),
    'ERROR',
    `${inStep}.escalation.0.timeLimit.amount`,
    '1 to 1000',
  ],
  [
    'a calendar is known',
    withStep({ timeLimit: days(1, { calendar: 'Berlim' }), finally: reject }),
    'ERROR',
    `${inStep}.timeLimit.calendar`,
    'did you mean "Berlin"',
  ],
  [
    'calendars that there are are listed',
    withStep({ timeLimit: days(1, { calendar: 'Moon base' }), finally: reject }),
    'ERROR',
    `${inStep}.timeLimit.calendar`,
    'use one of Berlin',
  ],
  [
    'without calendars none can be named',
    withStep({ timeLimit: days(1, { calendar: 'Berlin' }), finally: reject }),
    'ERROR',
    `${inStep}.timeLimit.calendar`,
    'make the calendar first',
    { in: { ...company, calendars: [] } },
  ],
  [
    'an escalation needs a limit',
    withStep({ escalation: escalation({ role: 'CLERK' }) }),
    'ERROR',
    `${inStep}.escalation`,
    'give the step a timeLimit',
  ],
  [
    'a final action needs a limit',
    withStep({ finally: reject }),
    'ERROR',
    `${inStep}.finally`,
    'give the step a timeLimit',
  ],
  [
    'something follows from a limit',
    withStep({ timeLimit: days(1) }),
    'WARNING',
    `${inStep}.timeLimit`,
    'add an escalation path or a final action',
  ],
  [
    'an empty path is no escalation',
    withStep({ timeLimit: days(1), escalation: [] }),
    'WARNING',
    `${inStep}.timeLimit`,
    'add an escalation path or a final action',
  ],
  [
    'an approval ends with a verdict',
    withStep({ timeLimit: days(1), finally: { task: 'RETURN' } }),
    'ERROR',
    `${inStep}.finally.task`,
    'verdict',
  ],
  [
    'an escalation names a known group',
    withStep({ timeLimit: days(1), escalation: escalation({ group: 'credits' }) }),
    'ERROR',
    `${inStep}.escalation.0.to.group`,
    'did you mean "credit"',
  ],
  [
    'an escalation names somebody who can decide',
    withStep({ timeLimit: days(1), escalation: escalation({ users: ['adam'] }) }),
    'ERROR',
    `${inStep}.escalation.0.to`,
    'Name somebody else',
    { makers: ['adam'] },
  ],
  [
    'an escalation does not ask the submitter',
    withStep({ timeLimit: days(1), escalation: escalation({ workflowUser: 'SUBMITTER' }) }),
    'ERROR',
    `${inStep}.escalation.0.to.workflowUser`,
    'name somebody else',
  ],
  [
    "an element's limit says what follows",
    workflow(approval({ timeLimit: days(1) })),
    'ERROR',
    'elements.0.approval.timeLimit',
    'give onTimeLimit',
  ],
  [
    'a verdict at the limit needs the limit',
    workflow(approval({ onTimeLimit: 'REJECT' })),
    'ERROR',
    'elements.0.approval.onTimeLimit',
    'give the element a timeLimit',
  ],
  [
    "an element's limit overrides the step's",
    workflow(approval({ timeLimit: days(1), onTimeLimit: 'REJECT', steps: [step({ timeLimit: days(2) })] })),
    'WARNING',
    `${inStep}.timeLimit`,
    'remove one of the two',
  ],
]
it.each(rows)('%s', (_rule, definition, severity, path, part, wanted) => {
  const problems = problemsOf(definition, wanted)
  expect(problems).toEqual([{ path, severity, message: expect.stringContaining(part) as string }])
  expect(problems[0]?.message).toMatch(sentence)
  expect(problems[0]?.message).toMatch(toDo)
})
