// Any definition that can be read is judged: without a throw, in little time, and every problem has a place and says what to do.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseDefinition } from '../../../server/domain/workflow/parse.ts'
import { validateDefinition } from '../../../server/domain/workflow/validate.ts'
import { approval, assignment, parse, step, workflow, type Json } from './definitions.ts'
import { company, other, problemsOf, sentence } from './problems.ts'

const oneOf = (...values: unknown[]) => fc.constantFrom(...values)
const maybe = (value: fc.Arbitrary<unknown>) => fc.option(value, { nil: null })
const words = oneOf('one', 'two', 'passed', 'failed', 'credit')
const people = oneOf('cora', 'olga', 'gone', 'audrey', 'adam', 'nobody')
const condition = oneOf('true', 'proposed.creditLimit > 5', 'changes.name.changed', 'oops', '1 + 1', 'true && (')
const limit = fc.record({
  amount: oneOf(-1, 0, 1, 1000, 1001),
  unit: oneOf('HOURS', 'DAYS', 'WEEKS', 'MONTHS'),
  workingTime: fc.boolean(),
  calendar: maybe(oneOf('Berlin', 'Moon')),
})
const assignee: fc.Arbitrary<unknown> = fc.oneof(
  fc.record({ users: fc.array(people, { maxLength: 3 }) }),
  fc.record({ group: oneOf('credit', 'empty', 'none') }),
  fc.record({ role: oneOf('CLERK', 'AUDITOR', 'INTEGRATION') }),
  fc.record({ queue: oneOf('desk', 'nobody', 'left', 'none') }),
  fc.record({ workflowUser: oneOf('SUBMITTER', 'OWNER', 'PREVIOUS_APPROVER') }),
  fc.record({
    hierarchy: fc.record({
      startUserId: maybe(people),
      levels: maybe(oneOf(-1, 0, 1, 9)),
      until: maybe(oneOf('manager.name == "olga"', 'oops', 'manager.groups.size() / 0 == 1')),
      take: oneOf('ALL', 'LAST'),
    }),
  }),
)
const aStep = fc.record({
  name: words,
  subject: maybe(oneOf('{{customer.name}}', '{{nothing}}')),
  guards: maybe(fc.array(oneOf('name', 'creditLimit', 'bankAccounts', 'nothing'), { maxLength: 3 })),
  when: maybe(condition),
  assign: fc.array(
    fc.record({
      to: assignee,
      policy: oneOf('SINGLE', 'MAJORITY', 'PERCENT', 'ALL'),
      percent: maybe(oneOf(0, 1, 100, 101)),
      quorum: oneOf('ANSWERS', 'APPROVALS'),
    }),
    { maxLength: 3 },
  ),
  join: oneOf('ALL', 'ANY'),
  timeLimit: maybe(limit),
  escalation: maybe(fc.array(fc.record({ to: assignee, timeLimit: limit }), { maxLength: 2 })),
  finally: maybe(oneOf({ verdict: 'APPROVE' }, { verdict: 'REJECT' }, { task: 'RETURN' }, { choice: 'one' })),
})
const tree = fc.letrec<{ elements: unknown[]; element: unknown; branch: unknown }>((tie) => ({
  elements: fc.array(tie('element'), { maxLength: 3, depthIdentifier: 'tree' }),
  branch: fc.record({ name: words, elements: tie('elements') }),
  element: fc.oneof(
    { depthIdentifier: 'tree', maxDepth: 4 },
    fc.record({
      approval: fc.record({
        name: words,
        steps: fc.array(aStep, { maxLength: 2 }),
        allow: maybe(fc.uniqueArray(oneOf('APPROVE', 'REJECT', 'REQUEST_CHANGE', 'DELEGATE'))),
        partial: fc.boolean(),
        automatic: maybe(
          fc.array(
            fc.record({ when: condition, then: oneOf('APPROVE', 'REJECT'), fields: oneOf([], ['creditLimit'], ['x']) }),
            { maxLength: 2 },
          ),
        ),
        timeLimit: maybe(limit),
        onTimeLimit: maybe(oneOf('APPROVE', 'REJECT')),
        finalApproverId: maybe(people),
      }),
    }),
    fc.record({ task: fc.record({ name: words, step: aStep }) }),
    fc.record({ subworkflow: fc.record({ name: words, workflowId: oneOf('own', 'b', 'c', 'idle', 'none') }) }),
    fc.record({
      decision: fc.record({ name: words, step: aStep, outcomes: fc.array(tie('branch'), { maxLength: 3 }) }),
    }),
    fc.record({
      condition: fc.record({
        name: words,
        cases: fc.array(fc.record({ name: maybe(words), when: condition, elements: tie('elements') }), {
          maxLength: 3,
        }),
        else: maybe(tie('elements')),
      }),
    }),
    fc.record({ parallel: fc.record({ name: words, branches: fc.array(tie('branch'), { maxLength: 3 }) }) }),
    fc.record({
      automated: fc.record({
        name: words,
        check: maybe(oneOf('IBAN', 'VAT_NUMBER')),
        webhookId: maybe(oneOf('w')),
        outcomes: maybe(fc.array(tie('branch'), { maxLength: 3 })),
      }),
    }),
  ),
}))

const inCompany = {
  ...company,
  workflows: [
    other('own', workflow(approval())),
    other('b', workflow({ subworkflow: { name: 'C', workflowId: 'c' } })),
    other('c', workflow(approval({ steps: [step({ when: 'changes.name.changed' })] })), ['cora']),
    other('idle', null),
  ],
}

/** Does the path lead to a place of the definition, or to one that could be there? */
const leadsSomewhere = (definition: unknown, path: string): boolean => {
  let at: unknown = definition
  const parts = path.split('.')
  for (const [index, part] of parts.entries()) {
    if (at === null || typeof at !== 'object') return false
    const next = (at as Json)[part]
    if (next === undefined || next === null) return index === parts.length - 1
    at = next
  }
  return true
}

it('every problem has its place and its sentence, whatever the definition', () => {
  fc.assert(
    fc.property(
      tree.elements,
      fc.constantFrom('own', null),
      fc.subarray(['adam', 'cora', 'olga']),
      (elements, id, makers) => {
        const parsed = parseDefinition({ elements })
        if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
        const problems = validateDefinition(
          parsed.definition,
          inCompany,
          { id, activation: null, ownerId: 'olga' },
          makers,
        )
        for (const { path, message } of problems) {
          expect(message).toMatch(sentence)
          if (path !== 'ownerId') expect([path, leadsSomewhere(parsed.definition, path)]).toEqual([path, true])
        }
        // What is judged twice is judged alike.
        expect(
          validateDefinition(parsed.definition, inCompany, { id, activation: null, ownerId: 'olga' }, makers),
        ).toEqual(problems)
      },
    ),
    { numRuns: 300 },
  )
})

it('the largest definition is judged in little time, a condition in each of its steps, and not told of without end', () => {
  const steps = (element: number) =>
    Array.from({ length: 20 }, (_, i) =>
      step({
        name: `S${i}`,
        guards: ['nothing'],
        when: `proposed.creditLimit > ${element % 10} && customer.name != "${'x'.repeat(400)}"`,
        assign: Array.from({ length: 5 }, () => assignment({ users: ['gone', 'nobody'] })),
      }),
    )
  const definition = workflow(...Array.from({ length: 200 }, (_, i) => approval({ name: `E${i}`, steps: steps(i) })))
  const read = parse(definition)
  const before = performance.now()
  const problems = validateDefinition(read, company, { activation: null, ownerId: 'olga' })
  expect(performance.now() - before).toBeLessThan(2000)
  expect(problems.length).toBe(300)
})

it('subworkflows that multiply are looked at once each', () => {
  const twice = (i: number) =>
    other(
      `w${i}`,
      workflow(
        ...Array.from({ length: 20 }, (_, n) =>
          i < 30 ? { subworkflow: { name: `n${n}`, workflowId: `w${i + 1}` } } : approval({ name: `n${n}` }),
        ),
      ),
    )
  const workflows = Array.from({ length: 30 }, (_, i) => twice(i + 1))
  const problems = problemsOf(workflow({ subworkflow: { name: 'All', workflowId: 'w1' } }), {
    in: { ...company, workflows },
  })
  expect(problems.map(({ path }) => path)).toEqual(['elements', 'elements'])
})
