import { describe, expect, it } from 'vitest'
import { validateDefinition } from '../../../server/domain/workflow/validate.ts'
import type { WorkflowProblem } from '../../../server/domain/workflow/workflow.ts'
import { approval, assignedTo, assignment, inStep, parse, step, withStep, workflow, type Json } from './definitions.ts'
import { company } from './fixtures.ts'

const self = { activation: null, ownerId: 'olga' }
const validate = (definition: Json, own: { activation: string | null; ownerId: string } = self): WorkflowProblem[] =>
  validateDefinition(parse(definition), company, own)
describe('validation', () => {
  it('finds nothing wrong with a workflow that can run', () => {
    const manager = step({
      name: 'Manager',
      subject: 'Limit {{proposed.creditLimit}}',
      assign: [assignment({ hierarchy: { levels: 1 } })],
    })
    const credit = step({
      guards: ['creditLimit', 'bankAccounts'],
      when: 'proposed.creditLimit > 100000',
      assign: [
        assignment({ group: 'credit' }, { policy: 'PERCENT', percent: 50, quorum: 'APPROVALS' }),
        assignment({ users: ['olga'] }),
      ],
      join: 'ANY',
    })
    const automatic = [{ when: 'changes.creditLimit.delta < 0', then: 'APPROVE', fields: ['creditLimit'] }]
    const definition = workflow(
      approval({ name: 'Manager', steps: [manager], automatic, allow: ['APPROVE', 'REJECT', 'REQUEST_CHANGE'] }),
      approval({ steps: [credit], finalApproverId: 'olga' }),
    )
    expect(validate(definition, { activation: 'source == "PERSON"', ownerId: 'adam' })).toEqual([])
  })

  it.each<[string, Json, string, string]>([
    ['no elements', workflow(), 'elements', 'no elements'],
    ['no approval on the way', workflow({ task: { name: 'Call', step: step() } }), 'elements', 'no approval'],
    ['an approval without steps', workflow(approval({ steps: [] })), 'elements.0.approval.steps', 'no steps'],
    ['a step that names nobody', withStep({ assign: [] }), `${inStep}.assign`, 'names nobody'],
    ['an assignment that names nobody', assignedTo({ users: [] }), `${inStep}.assign.0.to.users`, 'names nobody'],
    [
      'somebody who is no member',
      assignedTo({ users: ['olga', 'nobody'] }),
      `${inStep}.assign.0.to.users.1`,
      'not a member',
    ],
    ['somebody who has left', assignedTo({ users: ['gone'] }), `${inStep}.assign.0.to.users.0`, 'not active'],
    ['an auditor alone', assignedTo({ users: ['audrey'] }), `${inStep}.assign.0.to`, 'auditor'],
    ['an unknown group', assignedTo({ group: 'credits' }), `${inStep}.assign.0.to.group`, 'did you mean "credit"'],
    ['a group of nobody active', assignedTo({ group: 'empty' }), `${inStep}.assign.0.to`, 'no active member'],
    ['a role that nobody holds', assignedTo({ role: 'INTEGRATION' }), `${inStep}.assign.0.to`, 'INTEGRATION'],
    ['a hierarchy without end', assignedTo({ hierarchy: {} }), `${inStep}.assign.0.to.hierarchy`, 'no end'],
    [
      'a hierarchy of no levels',
      assignedTo({ hierarchy: { levels: 0 } }),
      `${inStep}.assign.0.to.hierarchy.levels`,
      'at least 1',
    ],
    [
      'a hierarchy until nonsense',
      assignedTo({ hierarchy: { until: 'manger.name == "x"' } }),
      `${inStep}.assign.0.to.hierarchy.until`,
      '"manager"',
    ],
    [
      'a hierarchy from nobody',
      assignedTo({ hierarchy: { startUserId: 'nobody', levels: 1 } }),
      `${inStep}.assign.0.to.hierarchy.startUserId`,
      'not a member',
    ],
    [
      'a hierarchy above the top',
      assignedTo({ hierarchy: { startUserId: 'olga', levels: 1 } }),
      `${inStep}.assign.0.to`,
      'no manager',
    ],
    [
      'PERCENT without a per cent',
      assignedTo({ group: 'credit' }, { policy: 'PERCENT' }),
      `${inStep}.assign.0.percent`,
      '1 to 100',
    ],
    [
      '0 per cent',
      assignedTo({ group: 'credit' }, { policy: 'PERCENT', percent: 0 }),
      `${inStep}.assign.0.percent`,
      '1 to 100',
    ],
    [
      '101 per cent',
      assignedTo({ group: 'credit' }, { policy: 'PERCENT', percent: 101 }),
      `${inStep}.assign.0.percent`,
      '1 to 100',
    ],
    [
      'a per cent of ALL',
      assignedTo({ group: 'credit' }, { policy: 'ALL', percent: 50 }),
      `${inStep}.assign.0.percent`,
      'takes no per cent',
    ],
    ['guards of nothing', withStep({ guards: [] }), `${inStep}.guards`, 'no field'],
    [
      'an unknown field',
      withStep({ guards: ['name', 'creditLimt'] }),
      `${inStep}.guards.1`,
      'did you mean "creditLimit"',
    ],
    [
      'a condition that does not type-check',
      withStep({ when: 'proposed.creditLimit > "x"' }),
      `${inStep}.when`,
      'go together',
    ],
    [
      'a condition that would run long',
      withStep({ when: 'customer.name.matches("(a+)+")' }),
      `${inStep}.when`,
      'run long',
    ],
    [
      'an unknown placeholder',
      withStep({ subject: '{{proposed.creditLimt}}' }),
      `${inStep}.subject`,
      'proposed.creditLimit',
    ],
    [
      'an unknown placeholder in the instructions',
      withStep({ instructions: '{{x.y.z}}' }),
      `${inStep}.instructions`,
      '{{x.y.z}}',
    ],
    [
      'an element where nobody may approve',
      workflow(approval({ allow: ['REQUEST_CHANGE'] })),
      'elements.0.approval.allow',
      'allow APPROVE',
    ],
    [
      'a final approver who has left',
      workflow(approval({ finalApproverId: 'gone' })),
      'elements.0.approval.finalApproverId',
      'not active',
    ],
    [
      'an automatic action for no field',
      workflow(approval({ automatic: [{ when: 'true', then: 'APPROVE', fields: [] }] })),
      'elements.0.approval.automatic.0.fields',
      'no field',
    ],
    [
      'an automatic action for an unknown field',
      workflow(approval({ automatic: [{ when: 'true', then: 'REJECT', fields: ['x'] }] })),
      'elements.0.approval.automatic.0.fields.0',
      'no field "x"',
    ],
    [
      'an automatic action on nonsense',
      workflow(approval({ automatic: [{ when: '1 + 1', then: 'REJECT', fields: ['name'] }] })),
      'elements.0.approval.automatic.0.when',
      'true or false',
    ],
  ])('finds %s', (_what, definition, path, part) => {
    const problem = validate(definition).find((each) => each.path === path && each.severity === 'ERROR')
    expect(problem?.message ?? JSON.stringify(validate(definition))).toContain(part)
  })

  it('judges the activation and the owner too', () => {
    const problems = validate(workflow(approval()), { activation: 'customer.nam == "x"', ownerId: 'gone' })
    expect(problems.map(({ path, severity }) => [path, severity])).toEqual([
      ['activation', 'ERROR'],
      ['ownerId', 'ERROR'],
    ])
  })

  it('finds a step whose only people may not decide because they save or activate the workflow, and warns of such an owner', () => {
    const definition = parse(workflow(approval({ steps: [step({ assign: [assignment({ users: ['cora'] })] })] })))
    const own = { activation: null, ownerId: 'cora' }
    const found = validateDefinition(definition, company, own, ['cora']).map(({ path, severity }) => [path, severity])
    expect(found).toContainEqual(['ownerId', 'WARNING'])
    expect(found).toContainEqual([`${inStep}.assign.0.to`, 'ERROR'])
  })

  const warnings = (definition: Json) =>
    validate(definition).map(({ path, severity, message }) => [severity, path, message])
  it('warns of governed fields that no step guards in every case, records as a whole included', () => {
    const iban = step({ name: 'Treasury', guards: ['bankAccounts.iban'] })
    expect(
      warnings(workflow(approval({ steps: [step({ when: 'changes.name.changed', guards: ['name'] }), iban] }))),
    ).toEqual([
      [
        'WARNING',
        'elements',
        expect.stringMatching(
          /Name \(name\), Credit limit \(creditLimit\), Bank accounts \(bankAccounts\) in every case/,
        ),
      ],
    ])
  })

  it('warns when only an automatic action approves a field', () => {
    const automatic = [{ when: 'true', then: 'APPROVE', fields: ['creditLimit'] }]
    const guards = ['name', 'bankAccounts']
    expect(warnings(workflow(approval({ automatic, steps: [step({ guards })] })))).toEqual([
      ['WARNING', 'elements.0.approval.automatic.0.fields', expect.stringContaining('Credit limit (creditLimit)')],
    ])
  })

  it('warns of two elements or two steps of one name', () => {
    const steps = [step(), step()]
    expect(warnings(workflow(approval({ steps }), approval()))).toEqual([
      ['WARNING', 'elements.0.approval.steps.1.name', expect.stringContaining('"Credit"')],
      ['WARNING', 'elements.1.approval.name', expect.stringContaining('"Specialists"')],
    ])
  })
})
