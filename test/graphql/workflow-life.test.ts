// The life of workflows: taken out of use and deleted, as long as nothing needs them.
import { expect, test } from 'vitest'
import { startTestApp } from '../helpers/app.ts'
import { operationsOf, type Input, type Result } from './operations.ts'

const app = await startTestApp()
const { run, read, whole, submitted, footprint, proposalOf, sql } = operationsOf(app)
const company = 'USMF'

type Deed = 'deactivateWorkflow' | 'deleteWorkflow'
const documentOf = (deed: Deed) =>
  `mutation ($input: WorkflowIdInput!) { ${deed}(input: $input) { __typename ... on UserError { code message path }
    ... on WorkflowInUseError { running } ... on WorkflowSuccess { workflow { id name activeVersion { version } versions { version note } } } } }`
const does = async (deed: Deed, workflowId: string, user = 'adam', more: Input = {}) =>
  (await read<Record<Deed, Result & { running: number }>>(user, documentOf(deed), { input: { workflowId, ...more } }))[
    deed
  ]
const approval = { approval: { name: 'A', steps: [{ name: 'S', assign: [{ to: { group: 'credit' } }] }] } }
// Never picked by a submit: what is submitted here runs on the demo world's own.
const input = { company, activation: 'false', activate: true }
const save = async (name: string, elements: Input[], more: Input = {}) => {
  const saved = await run('adam', 'saveWorkflow', { ...input, name, definition: { elements }, ...more })
  if (saved.__typename !== 'WorkflowSuccess') throw new Error(JSON.stringify(saved))
  return saved.workflow.id
}
const named = async () =>
  (
    await read<{
      workflows: { id: string; name: string; running: number; activeVersion: { version: number } | null }[]
    }>('adam', '{ workflows(company: "USMF") { id name running activeVersion { version } } }')
  ).workflows
const eventsOf = async (workflowId: string) =>
  (
    await sql<{ type: string }[]>`
      select type from events where data ->> 'workflowId' = ${Buffer.from(workflowId, 'base64url').toString().split(':')[2] ?? ''} order by feed`
  ).map(({ type }) => type)

test('a workflow is taken out of use, and in use again', async () => {
  const id = await save('Seasonal', [approval], { note: 'For the winter' })
  expect(await does('deactivateWorkflow', id)).toMatchObject({
    __typename: 'WorkflowSuccess',
    workflow: { activeVersion: null, versions: [{ version: 1, note: 'For the winter' }] },
  })
  const before = await footprint()
  expect(await does('deactivateWorkflow', id)).toMatchObject({ __typename: 'WorkflowSuccess' })
  expect((await footprint()).events).toBe(before.events)
  expect(await run('adam', 'activateWorkflow', { workflowId: id, version: 1 })).toMatchObject({
    workflow: { activeVersion: { version: 1 } },
  })
  expect(await eventsOf(id)).toEqual(['WorkflowSaved', 'WorkflowActivated', 'WorkflowDeactivated', 'WorkflowActivated'])
})

test('a workflow is deleted once, its name is free again, and it can still be looked up', async () => {
  const id = await save('Short-lived', [approval])
  const key = { idempotencyKey: 'delete-once' }
  const first = await does('deleteWorkflow', id, 'adam', key)
  expect(first).toMatchObject({
    __typename: 'WorkflowSuccess',
    workflow: { id, name: 'Short-lived', activeVersion: null },
  })
  expect(await whole('adam', documentOf('deleteWorkflow'), { input: { workflowId: id, ...key } })).toMatchObject({
    data: { deleteWorkflow: first },
    extensions: { replayed: true },
  })
  expect((await named()).map(({ name }) => name)).not.toContain('Short-lived')
  expect(
    await read('adam', 'query ($id: ID!) { node(id: $id) { ... on Workflow { name versions { version } } } }', { id }),
  ).toEqual({
    node: { name: 'Short-lived', versions: [{ version: 1 }] },
  })
  const gone = { code: 'NOT_FOUND', path: ['input', 'workflowId'] }
  expect(await does('deleteWorkflow', id)).toMatchObject(gone)
  expect(await does('deactivateWorkflow', id)).toMatchObject(gone)
  expect(await run('adam', 'activateWorkflow', { workflowId: id, version: 1 })).toMatchObject(gone)
  expect(await eventsOf(id)).toEqual(['WorkflowSaved', 'WorkflowActivated', 'WorkflowDeactivated', 'WorkflowDeleted'])
  expect(await save('Short-lived', [approval])).not.toBe(id)
})

test('a workflow that an active version runs stays, until that version is gone', async () => {
  const inner = await save('Inner', [approval])
  const outer = await save('Outer', [{ subworkflow: { name: 'In', workflowId: inner } }])
  const before = await footprint()
  for (const deed of ['deactivateWorkflow', 'deleteWorkflow'] as const)
    expect(await does(deed, inner)).toMatchObject({
      __typename: 'WorkflowInUseError',
      code: 'WRONG_STATE',
      path: ['input', 'workflowId'],
      running: 0,
      message: expect.stringMatching(/run by "Outer"\. Activate a version without it/) as string,
    })
  expect(await footprint()).toEqual(before)
  await run('adam', 'saveWorkflow', {
    company,
    name: 'Outer',
    workflowId: outer,
    definition: { elements: [approval] },
    activate: true,
  })
  expect(await does('deactivateWorkflow', inner)).toMatchObject({ __typename: 'WorkflowSuccess' })
  // The older version names a workflow that is not active any more, and cannot be put back.
  expect(await run('adam', 'activateWorkflow', { workflowId: outer, version: 1 })).toMatchObject({
    __typename: 'InvalidWorkflowError',
    problems: expect.arrayContaining([
      expect.objectContaining({ path: 'elements.0.subworkflow.workflowId', severity: 'ERROR' }),
    ]) as unknown,
  })
  expect(await does('deleteWorkflow', inner)).toMatchObject({ __typename: 'WorkflowSuccess' })
})

test('two workflows that come to run each other at once do not', async () => {
  const [one, two] = [await save('One', [approval]), await save('Two', [approval])]
  const runs = (name: string, workflowId: string, other: string) =>
    run('adam', 'saveWorkflow', {
      company,
      name,
      workflowId,
      definition: { elements: [approval, { subworkflow: { name: 'Other', workflowId: other } }] },
      activate: true,
    })
  const answers = await Promise.all([runs('One', one, two), runs('Two', two, one)])
  expect(answers.map(({ __typename }) => __typename).sort()).toEqual(['InvalidWorkflowError', 'WorkflowSuccess'])
})

test('a workflow that something runs on is deactivated but not deleted, and is still shown once it is', async () => {
  const [standard] = await named()
  if (standard === undefined) throw new Error('the demo world has a workflow')
  const proposal = await submitted('clara', 'US-025', { set: { creditLimit: '2500000' } })
  const { running } = (await named())[0] ?? standard
  expect(running).toBeGreaterThan(0)
  expect(await does('deleteWorkflow', standard.id)).toMatchObject({
    __typename: 'WorkflowInUseError',
    code: 'WRONG_STATE',
    running,
  })
  expect(await does('deactivateWorkflow', standard.id)).toMatchObject({ __typename: 'WorkflowSuccess' })
  expect(await proposalOf('clara', proposal.id)).toMatchObject({ status: 'PENDING' })
  await sql`update runs set end_how = 'CANCELLED', end_on = now() where end_how is null`
  expect(await does('deleteWorkflow', standard.id)).toMatchObject({ __typename: 'WorkflowSuccess' })
  const shown = await read<{ node: unknown }>(
    'clara',
    'query ($id: ID!) { node(id: $id) { ... on Proposal { workflow { version workflow { id name } } } } }',
    { id: proposal.id },
  )
  expect(shown.node).toEqual({ workflow: { version: 1, workflow: { id: standard.id, name: standard.name } } })
})

test.each(['clara', 'cora', 'audrey', 'partner'])(
  '%s, who administers nothing, takes no workflow out of use',
  async (user) => {
    const id = await save(`Not of ${user}`, [approval])
    const before = await footprint()
    for (const deed of ['deactivateWorkflow', 'deleteWorkflow'] as const) {
      expect(await does(deed, id, user)).toMatchObject({ __typename: 'NotPermittedError', code: 'NOT_PERMITTED' })
      expect(await does(deed, 'garbage', user)).toMatchObject({ __typename: 'NotFoundError' })
    }
    expect(await footprint()).toEqual(before)
  },
)
