// What a save of a workflow would say, without saving; and what a version was saved with beside its definition.
import { expect, test } from 'vitest'
import { startTestApp } from '../helpers/app.ts'
import { operationsOf, type Input } from './operations.ts'

const app = await startTestApp()
const { run, read, footprint, userId } = operationsOf(app)
const company = 'USMF'

type Checked = {
  __typename: string
  code?: string
  path?: string[]
  problems?: { path: string; severity: string; message: string }[]
}
const check = async (user: string, input: Input): Promise<Checked> =>
  (
    await read<{ saveWorkflow: Checked }>(
      user,
      `mutation ($input: SaveWorkflowInput!) { saveWorkflow(input: $input) { __typename
        ... on UserError { code path } ... on WorkflowChecked { problems { path severity message } }
        ... on InvalidWorkflowError { problems { path severity message } } } }`,
      { input: { company, dryRun: true, ...input } },
    )
  ).saveWorkflow
const asking = (group: string, more: Input = {}) => ({
  elements: [{ approval: { name: 'A', steps: [{ name: 'S', assign: [{ to: { group } }], ...more }] } }],
})
/** Guards one field alone: a warning says that the others are not covered. */
const partly = asking('credit', { guards: ['creditLimit'] })

test('a dry run answers what a save would, and writes nothing', async () => {
  const idempotencyKey = 'a key of a dry run'
  const before = await footprint()
  const good = { name: 'Tried', definition: partly, activation: 'false', activate: true, idempotencyKey }
  const warned = await check('adam', good)
  expect(warned.__typename).toBe('WorkflowChecked')
  expect(warned.problems?.map(({ severity }) => severity)).toContain('WARNING')
  const wrong = { name: 'Tried', definition: asking('nobody knows'), activation: 'customer.size > 1', idempotencyKey }
  const refused = await check('adam', wrong)
  expect(refused).toMatchObject({ __typename: 'InvalidWorkflowError', code: 'INVALID_WORKFLOW' })
  expect(await check('clara', good)).toMatchObject({ code: 'NOT_PERMITTED' })
  expect(await check('adam', { ...good, workflowId: await userId('adam') })).toMatchObject({
    code: 'NOT_FOUND',
    path: ['input', 'workflowId'],
  })
  expect(await footprint()).toEqual(before)
  expect(await run('adam', 'saveWorkflow', { company, ...wrong })).toMatchObject({ problems: refused.problems })
  expect(await footprint()).toEqual(before)
  const saved = await run('adam', 'saveWorkflow', { company, ...good })
  expect(saved).toMatchObject({ __typename: 'WorkflowSuccess', workflow: { versions: [{ version: 1 }] } })
  const again = { ...good, workflowId: saved.workflow.id }
  await run('adam', 'saveWorkflow', { company, ...again, idempotencyKey: 'another', expectedVersion: 1 })
  expect(await check('adam', { ...again, expectedVersion: 1 })).toMatchObject({
    __typename: 'StaleVersionOfWorkflowError',
  })
  expect((await check('adam', { ...again, expectedVersion: 2 })).problems).toEqual(warned.problems)
})

test('a version tells the settings that it was saved with, whatever has been saved since', async () => {
  const olga = await userId('olga')
  const first = { name: 'Early', ownerId: olga, rank: 7, activation: 'customer.account == "US-001"' }
  const saved = await run('adam', 'saveWorkflow', { company, ...first, definition: partly, activate: true })
  const later = { name: 'Late', rank: 3, activation: null, workflowId: saved.workflow.id }
  await run('adam', 'saveWorkflow', { company, ...later, definition: partly })
  const { node } = await read<{ node: { name: string; versions: unknown[] } }>(
    'clara',
    `query ($id: ID!) { node(id: $id) { ... on Workflow { name versions { version
      settings { name owner { id } rank isDefault activation } } } } }`,
    { id: saved.workflow.id },
  )
  expect(node).toEqual({
    name: 'Early',
    versions: [
      {
        version: 2,
        settings: { name: 'Late', owner: { id: olga }, rank: 3, isDefault: false, activation: null },
      },
      {
        version: 1,
        settings: {
          name: 'Early',
          owner: { id: olga },
          rank: 7,
          isDefault: false,
          activation: 'customer.account == "US-001"',
        },
      },
    ],
  })
})
