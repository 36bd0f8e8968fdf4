import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileVersion } from '../../../server/domain/workflow/compile.ts'
import { parseDefinition } from '../../../server/domain/workflow/parse.ts'
import { validateDefinition } from '../../../server/domain/workflow/validate.ts'
import { approval, assignedTo, assignment, inStep, parse, step, withStep, workflow, type Json } from './definitions.ts'
import { company, input, person } from './fixtures.ts'

describe('a definition is read', () => {
  it('with its defaults filled in, null and absent alike', () => {
    const short = parse(workflow(approval()))
    const spelled = parse(
      workflow(
        approval({
          allow: null,
          partial: null,
          automatic: null,
          finalApproverId: null,
          steps: [step({ when: ' ', guards: null, join: null })],
        }),
      ),
    )
    expect(spelled).toEqual(short)
    expect(short.elements[0]).toMatchObject({
      approval: {
        partial: false,
        steps: [{ when: null, join: 'ALL', assign: [{ policy: 'SINGLE', percent: null, quorum: 'ANSWERS' }] }],
      },
    })
  })

  it('whole, every kind of element, and reads again to the same', () => {
    const branch = { name: 'One', elements: [approval()] }
    const limit = { amount: 2, unit: 'DAYS', workingTime: true }
    const definition = parse(
      workflow(
        approval({ timeLimit: limit, onTimeLimit: 'REJECT' }),
        {
          task: {
            name: 'Call',
            step: step({ escalation: [{ to: { role: 'CLERK' }, timeLimit: limit }], finally: { task: 'RETURN' } }),
          },
        },
        { decision: { name: 'Which', step: step(), outcomes: [branch, branch] } },
        { condition: { name: 'Large?', cases: [{ when: 'true', elements: [approval()] }], else: [] } },
        { parallel: { name: 'Both', branches: [branch, branch] } },
        { automated: { name: 'Check', check: 'IBAN' } },
        { subworkflow: { name: 'Other', workflowId: 'w2' } },
      ),
    )
    expect(parse(definition as unknown as Json)).toEqual(definition)
    const hashes = compileVersion({
      workflowId: 'w',
      version: 1,
      definition,
      settings: { name: 'w', ownerId: 'adam', rank: 1, isDefault: true, activation: null },
      note: null,
      createdById: 'adam',
      createdAt: '',
      activatedByIds: [],
    }).elementHashes
    expect([...hashes.keys()]).toEqual([
      'elements.0',
      'elements.1',
      'elements.2',
      'elements.2.outcomes.0.elements.0',
      'elements.2.outcomes.1.elements.0',
      'elements.3',
      'elements.3.cases.0.elements.0',
      'elements.4',
      'elements.4.branches.0.elements.0',
      'elements.4.branches.1.elements.0',
      'elements.5',
      'elements.6',
    ])
    expect(hashes.get('elements.2.outcomes.0.elements.0')).toBe(hashes.get('elements.4.branches.1.elements.0'))
    expect(new Set(hashes.values()).size).toBe(8)
  })

  const nested = (depth: number): Json =>
    depth === 0 ? approval() : { parallel: { name: 'P', branches: [{ name: 'B', elements: [nested(depth - 1)] }] } }

  it.each<[string, unknown, string, string]>([
    ['nothing at all', null, '', 'with elements'],
    ['no elements', {}, 'elements', 'Give a list'],
    [
      'an element of two kinds',
      workflow({ ...approval(), task: { name: 'T', step: step() } }),
      'elements.0',
      'exactly one of approval',
    ],
    ['an element of no kind', workflow({}), 'elements.0', 'exactly one of approval'],
    ['an element of an unknown kind', workflow({ constructor: {} }), 'elements.0', 'exactly one of approval'],
    ['a step without a name', withStep({ name: '' }), `${inStep}.name`, 'empty'],
    ['a name of 101 characters', withStep({ name: 'x'.repeat(101) }), `${inStep}.name`, 'at most 100'],
    [
      'an assignee of two kinds',
      assignedTo({ group: 'credit', role: 'CLERK' }),
      `${inStep}.assign.0.to`,
      'exactly one of users',
    ],
    ['a role that there is not', assignedTo({ role: 'KING' }), `${inStep}.assign.0.to.role`, 'one of READER'],
    [
      'half a level',
      assignedTo({ hierarchy: { levels: 0.5 } }),
      `${inStep}.assign.0.to.hierarchy.levels`,
      'whole number',
    ],
    ['a member that there is not', withStep({ colour: 'red' }), inStep, 'no "colour"'],
    ['21 steps', workflow(approval({ steps: Array(21).fill(step()) })), 'elements.0.approval.steps', 'At most 20'],
    [
      '21 assignments',
      withStep({ assign: Array(21).fill(assignment({ group: 'credit' })) }),
      `${inStep}.assign`,
      'At most 20',
    ],
    ['201 elements', workflow(...(Array(201).fill(approval()) as Json[])), 'elements', 'at most 200'],
    ['201 elements in branches', workflow(...(Array(67).fill(nested(2)) as Json[])), 'elements', 'at most 200'],
    ['500 elements', workflow(...(Array(500).fill(approval()) as Json[])), 'elements', 'at most 200'],
    ['500 elements in branches', workflow(...(Array(100).fill(nested(4)) as Json[])), 'elements', 'at most 200'],
    ['21 levels', workflow(nested(20)), 'elements', 'deep'],
    ['30 levels', workflow(nested(29)), 'elements', 'deep'],
    ['20,000 levels', workflow(nested(5000)), 'elements', 'deep'],
  ])('or refused with the place: %s', (_what, definition, path, part) => {
    const parsed = parseDefinition(definition)
    if (parsed.ok) throw new Error('It was accepted')
    expect(parsed.problems[0]).toMatchObject({ path, severity: 'ERROR' })
    expect(parsed.problems[0]?.message).toContain(part)
  })

  it('after it has been counted: what is far too large is refused by its size alone, whatever else is wrong with it', () => {
    const wrong = { approval: { name: 7, colour: 'red', steps: [{ assign: 'nobody' }] } }
    const inBranches = {
      parallel: { name: 'P', branches: Array(50).fill({ name: '', elements: Array(50).fill(wrong) }) },
    }
    for (const [elements, count] of [
      [Array(20_000).fill(wrong), 20_000],
      [[wrong, inBranches], 2502],
      [{ hidden: Array(300).fill(wrong) }, 300],
    ] as const)
      expect(parseDefinition({ elements })).toEqual({
        ok: false,
        problems: [
          { path: 'elements', severity: 'ERROR', message: `There are ${count} elements; at most 200 are allowed.` },
        ],
      })
    const parsed = parseDefinition({ elements: Array(200).fill(wrong) })
    expect(!parsed.ok && parsed.problems.map(({ path }) => path)).toContain('elements.0.approval.name')
  })

  it('after its depth has been looked at: what is far too deep is refused by that alone, wherever it is', () => {
    const deep = (levels: number): unknown => {
      let value: unknown = 'end'
      for (let n = 0; n < levels; n++) value = n % 2 === 0 ? [value] : { inner: value }
      return value
    }
    const message = 'Elements are nested more than 20 deep; make the definition flatter.'
    for (const definition of [deep(100_000), { elements: [{ approval: { name: deep(100_000) } }] }])
      expect(parseDefinition(definition)).toEqual({
        ok: false,
        problems: [{ path: 'elements', severity: 'ERROR', message }],
      })
  })

  it('without ever throwing, whatever comes in', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.record({ elements: fc.array(fc.jsonValue()) })), (json) => {
        const parsed = parseDefinition(json)
        return parsed.ok
          ? Array.isArray(validateDefinition(parsed.definition, company, { activation: null, ownerId: 'olga' }))
          : parsed.problems.length > 0
      }),
    )
  })
})

it('compiles a version once for every expression, and one that does not compile is never true', () => {
  const definition = parse(
    withStep({ when: 'oops', assign: [assignment({ hierarchy: { until: 'manager.name == "olga"' } })] }),
  )
  const version = compileVersion({
    workflowId: 'w',
    version: 1,
    definition,
    settings: { name: 'w', ownerId: 'adam', rank: 1, isDefault: true, activation: null },
    note: null,
    createdById: 'adam',
    createdAt: '',
    activatedByIds: [],
  })
  expect(version.conditions.get('oops')?.evaluate(input('1.00', '2.00'))).toMatchObject({ ok: false })
  expect(version.managerConditions.get('manager.name == "olga"')?.evaluate(person('olga', ['READER']), [])).toEqual({
    ok: true,
    value: true,
  })
})
