// Workflows: saving, versions, activation, and conditions tried before they go live.
import { describe, expect, test } from 'vitest'
import { startTestApp } from '../helpers/app.ts'
import { operationsOf, type Input } from './operations.ts'

const app = await startTestApp()
const { run, read, whole, submitted, footprint, userId } = operationsOf(app)
const company = 'USMF'

type Version = { id: string; version: number; definition: { elements: Input[] }; problems: unknown[] }
const workflowsOf = async () =>
  (
    await read<{
      workflows: { id: string; name: string; running: number; activeVersion: Version; versions: Version[] }[]
    }>(
      'adam',
      '{ workflows(company: "USMF") { id name running activeVersion { id version definition problems { path } } versions { id version definition problems { path } } } }',
    )
  ).workflows
const [standard] = await workflowsOf()
if (standard === undefined) throw new Error('the demo world has a workflow')
const original = standard.activeVersion.definition
const approval = (step: Input, more: Input = {}) => ({
  elements: [
    { approval: { name: 'A', steps: [{ name: 'S', assign: [{ to: { group: 'credit' } }], ...step }], ...more } },
  ],
})
/** `levels` elements inside of each other; made from the inside, as a test must not need the stack that it is about. */
const nested = (levels: number) => {
  let elements: Input[] = approval({}).elements
  for (let level = 1; level < levels; level++)
    elements = [{ parallel: { name: 'P', branches: [{ name: 'B', elements }] } }]
  return { elements }
}
const save = (definition: unknown, more: Input = {}) =>
  run('adam', 'saveWorkflow', { company, name: 'Tried', definition, ...more })

describe('a definition', () => {
  test('comes back in the shape that it is saved in, and can be saved again as it is', async () => {
    const again = await save(original, { name: 'A copy' })
    expect(again.workflow.versions[0]?.definition).toEqual(original)
    expect(again.workflow.activeVersion).toBeNull()
    const step = {
      subject: '{{customer.name}}',
      instructions: 'x',
      guards: ['creditLimit', 'bankAccounts'],
      when: 'proposed.creditLimit > 5',
      join: 'ANY',
      assign: [
        { to: { role: 'CLERK' }, policy: 'PERCENT', percent: 50, quorum: 'APPROVALS' },
        {
          to: {
            hierarchy: {
              startUserId: await userId('clara'),
              until: 'manager.groups.exists(g, g == "directors")',
              take: 'LAST',
            },
          },
        },
      ],
    }
    const full = approval(step, {
      allow: ['APPROVE', 'REJECT'],
      finalApproverId: await userId('olga'),
      automatic: [{ when: 'changes.name.changed', then: 'REJECT', fields: ['name'] }],
    })
    const saved = await save(full, { name: 'Full' })
    expect(saved).toMatchObject({ __typename: 'WorkflowSuccess' })
    const [version] = saved.workflow.versions
    expect(version?.definition).toMatchObject(full)
    const next = await save(version?.definition, { name: 'Full', workflowId: saved.workflow.id, expectedVersion: 1 })
    expect(next.workflow.versions.map((v) => v.version)).toEqual([2, 1])
    expect(next.workflow.versions[0]?.definition).toEqual(version?.definition)
  })

  const person = Buffer.from('User:00000000-0000-4000-8000-000000000000').toString('base64url')
  const at = 'elements.0.approval'
  test.each<[string, unknown, string]>([
    ['names nobody', approval({ assign: [] }), `${at}.steps.0.assign`],
    ['names an empty list of people', approval({ assign: [{ to: { users: [] } }] }), `${at}.steps.0.assign.0.to.users`],
    [
      'names somebody unknown',
      approval({ assign: [{ to: { users: [person] } }] }),
      `${at}.steps.0.assign.0.to.users.0`,
    ],
    [
      'names somebody by garbage',
      approval({ assign: [{ to: { users: ['x'] } }] }),
      `${at}.steps.0.assign.0.to.users.0`,
    ],
    [
      'names a group that there is not',
      approval({ assign: [{ to: { group: 'credits' } }] }),
      `${at}.steps.0.assign.0.to.group`,
    ],
    [
      'names a role that nobody can decide by',
      approval({ assign: [{ to: { role: 'AUDITOR' } }] }),
      `${at}.steps.0.assign.0.to`,
    ],
    ['has no elements', { elements: [] }, 'elements'],
    ['has no steps', { elements: [{ approval: { name: 'A', steps: [] } }] }, `${at}.steps`],
    ['guards a field that there is not', approval({ guards: ['limit'] }), `${at}.steps.0.guards.0`],
    ['has a placeholder that there is not', approval({ subject: '{{customer.nothing}}' }), `${at}.steps.0.subject`],
    ['has a condition that is no CEL', approval({ when: 'proposed.creditLimit >' }), `${at}.steps.0.when`],
    [
      'has a condition that does not type-check',
      approval({ when: 'proposed.creditLimit > "x"' }),
      `${at}.steps.0.when`,
    ],
    ['has a condition that comes to a number', approval({ when: 'proposed.creditLimit' }), `${at}.steps.0.when`],
    [
      'has a condition that would run long',
      approval({ when: 'proposed.bankAccounts.all(a, proposed.bankAccounts.all(b, a.iban == b.iban))' }),
      `${at}.steps.0.when`,
    ],
    ['has a condition with a pattern', approval({ when: 'customer.name.matches("(a+)+$")' }), `${at}.steps.0.when`],
    [
      'has a condition that is too large',
      approval({ when: Array.from({ length: 300 }, () => 'true').join(' && ') }),
      `${at}.steps.0.when`,
    ],
    [
      'has a per cent of 0',
      approval({ assign: [{ to: { group: 'credit' }, policy: 'PERCENT', percent: 0 }] }),
      `${at}.steps.0.assign.0.percent`,
    ],
    [
      'has a time limit of zero',
      approval({ timeLimit: { amount: 0, unit: 'DAYS' } }),
      `${at}.steps.0.timeLimit.amount`,
    ],
    ['has a limit without a verdict', approval({}, { timeLimit: { amount: 1, unit: 'DAYS' } }), `${at}.timeLimit`],
    [
      'asks a queue that there is not',
      approval({ assign: [{ to: { queue: 'q' } }] }),
      `${at}.steps.0.assign.0.to.queue`,
    ],
    [
      'approves nothing',
      { elements: [{ task: { name: 'T', step: { name: 'S', assign: [{ to: { group: 'credit' } }] } } }] },
      'elements',
    ],
    [
      'runs a workflow that there is not',
      { elements: [{ subworkflow: { name: 'S', workflowId: 'x' } }] },
      'elements.0.subworkflow.workflowId',
    ],
    ['asks a webhook', { elements: [{ automated: { name: 'A', webhookId: 'x' } }] }, 'elements.0.automated.webhookId'],
    [
      'goes round the approval',
      { elements: [{ condition: { name: 'C', cases: [{ when: 'true', elements: approval({}).elements }] } }] },
      'elements.0.condition.else',
    ],
    ['has 500 elements', { elements: Array.from({ length: 500 }, () => approval({}).elements[0]) }, 'elements'],
    ['is nested 30 deep', nested(30), 'elements'],
    ['is nested 190 deep', nested(190), 'elements'],
    ['has a condition of 10 kB', approval({ when: `customer.name == "${'x'.repeat(10_000)}"` }), `${at}.steps.0.when`],
    [
      'has a condition of 10 kB in parts',
      approval({ when: Array.from({ length: 700 }, () => '(1 + 2 == 3)').join('&&') }),
      `${at}.steps.0.when`,
    ],
    [
      'has a condition in 900 parentheses',
      approval({ when: `${'('.repeat(900)}true${')'.repeat(900)}` }),
      `${at}.steps.0.when`,
    ],
    ['has a condition with a thousand signs', approval({ when: `${'!'.repeat(9000)}true` }), `${at}.steps.0.when`],
    ['has a NUL in a name', approval({ name: 'a\u0000b' }), `${at}.steps.0.name`],
    ['has a NUL in an instruction', approval({ instructions: 'a\u0000b' }), `${at}.steps.0.instructions`],
    ['has a NUL inside of a condition', approval({ when: 'customer.name == "a\u0000"' }), `${at}.steps.0.when`],
    [
      'has an instruction of a megabyte',
      approval({ instructions: 'x'.repeat(1_000_000) }),
      `${at}.steps.0.instructions`,
    ],
  ])('that %s is refused, with the problem at its place, and not saved', async (_what, definition, path) => {
    const before = await footprint()
    const refused = await save(definition, { activate: true })
    expect(refused).toMatchObject({
      __typename: 'InvalidWorkflowError',
      code: 'INVALID_WORKFLOW',
      path: ['input', 'definition'],
    })
    expect(refused.problems.filter((p) => p.severity === 'ERROR').map((p) => p.path)).toContain(path)
    for (const { message } of refused.problems) expect(message).toMatch(/^\S.{10,}[.?]$/s)
    expect(await footprint()).toEqual(before)
  })

  test('nested 3,000 deep is refused before anybody reads it', async () => {
    const before = await footprint()
    const { errors } = await whole(
      'adam',
      'mutation ($input: SaveWorkflowInput!) { saveWorkflow(input: $input) { __typename } }',
      { input: { company, name: 'Deep', definition: nested(3000) } },
    )
    expect(errors).toMatchObject([
      { message: expect.stringContaining('1000 levels') as string, extensions: { code: 'TOO_COMPLEX' } },
    ])
    expect(await footprint()).toEqual(before)
  })

  test('is held against the name, the owner, the rank and the activation as well', async () => {
    const good = approval({})
    for (const [more, path] of [
      [{ name: ' ' }, 'name'],
      [{ name: 'a\u0000' }, 'name'],
      [{ name: standard.name }, 'name'],
      [{ rank: -1 }, 'rank'],
      [{ ownerId: person }, 'ownerId'],
      [{ activation: 'changes.' }, 'activation'],
      [{ isDefault: true }, 'isDefault'],
      [{ note: 'x'.repeat(10_000) }, 'note'],
      [{ note: 'a\u0000' }, 'note'],
      [{ activation: 'customer.name == "a\u0000"' }, 'activation'],
    ] as const) {
      const refused = await save(good, more)
      expect([refused.path, refused.__typename, refused.problems.map((p) => p.path)]).toEqual([
        ['input', path],
        'InvalidWorkflowError',
        expect.arrayContaining([path]),
      ])
    }
  })

  test('that somebody else has saved meanwhile is not saved over', async () => {
    const { workflow } = await save(approval({}), { name: 'Contended' })
    await save(approval({ name: 'Other' }), { name: 'Contended', workflowId: workflow.id, expectedVersion: 1 })
    const before = await footprint()
    expect(await save(approval({}), { name: 'Contended', workflowId: workflow.id, expectedVersion: 1 })).toMatchObject({
      __typename: 'StaleVersionOfWorkflowError',
      code: 'STALE_VERSION',
      path: ['input', 'expectedVersion'],
      workflow: { versions: [{ version: 2 }, { version: 1 }] },
    })
    for (const version of [0, 3, -1])
      expect(await run('adam', 'activateWorkflow', { workflowId: workflow.id, version })).toMatchObject({
        code: 'NOT_FOUND',
        path: ['input', 'version'],
      })
    expect(await footprint()).toEqual(before)
  })
})

test('a condition can be tried on a customer, with edits and without, and an error of it is no answer', async () => {
  const tried = async (expression: string, set?: Input, user = 'cora') =>
    (
      await read<{ evaluateCondition: { valid: boolean; value: boolean | null; error: string | null } }>(
        user,
        'query ($input: EvaluateConditionInput!) { evaluateCondition(input: $input) { valid value error } }',
        { input: { company, account: 'US-001', expression, ...(set && { set }) } },
      )
    ).evaluateCondition
  const before = await footprint()
  expect(await tried('customer.creditLimit == 50000')).toEqual({ valid: true, value: true, error: null })
  expect(
    await tried('changes.creditLimit.changed && changes.creditLimit.percent > 50', { creditLimit: '90000' }),
  ).toMatchObject({ value: true })
  expect(await tried('changes.creditLimit.delta < 0', { creditLimit: '90000' })).toMatchObject({ value: false })
  expect(await tried('proposed.name == "X"', { name: 'X' })).toMatchObject({ value: true })
  expect(await tried('customer.nothing == 1')).toMatchObject({
    valid: false,
    value: null,
    error: expect.stringContaining('nothing') as string,
  })
  expect(await tried('x'.repeat(20_000))).toMatchObject({ valid: false })
  expect(await tried('a\u0000')).toMatchObject({ valid: false })
  expect(await tried('true', { creditLimit: '-1' })).toMatchObject({
    value: null,
    error: expect.stringContaining('Credit limit') as string,
  })
  expect(await tried('1 / int(customer.creditLimit - customer.creditLimit) > 0')).toMatchObject({
    value: null,
    error: expect.any(String) as string,
  })
  expect(await footprint()).toEqual(before)
})

test('a condition is tried with edits on the record alone while the proposal of the customer is locked', async () => {
  await submitted('clara', 'US-003', { set: { creditLimit: '7777777' } })
  const tried = async (expression: string, set?: Input) =>
    (
      await read<{ evaluateCondition: { value: boolean | null; error: string | null } }>(
        'adam',
        'query ($input: EvaluateConditionInput!) { evaluateCondition(input: $input) { value error } }',
        { input: { company, account: 'US-003', expression, ...(set && { set }) } },
      )
    ).evaluateCondition
  expect(await tried('proposed.creditLimit == 7777777')).toEqual({ value: true, error: null })
  expect(await tried('proposed.creditLimit == 5', { creditLimit: '5' })).toEqual({ value: true, error: null })
  expect(await tried('changes.fields.size() == 1', { paymentTerms: 'COD' })).toEqual({ value: true, error: null })
})
