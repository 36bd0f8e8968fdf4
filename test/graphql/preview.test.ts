// New customers, and what a preview says before anything is submitted.
import { describe, expect, test } from 'vitest'
import { startTestApp } from '../helpers/app.ts'
import { operationsOf } from './operations.ts'
import { startWorld } from './world.ts'

const app = await startTestApp()
const { run, update, submitted, proposalOf, read, footprint, userId } = operationsOf(app)

describe('a new customer', () => {
  test('is written whole, governed fields and children too, and its account is taken then', async () => {
    const input = {
      company: 'USMF',
      account: 'NEW-1',
      set: { name: 'New & Co', creditLimit: '5.5', defaultBankAccount: 'A' },
      bankAccounts: [{ code: 'A', accountNumber: '42' }],
      contacts: [{ code: 'C', name: 'N' }],
    }
    expect(await run('clara', 'createCustomer', input)).toMatchObject({
      customer: { version: 1, creditLimit: '5.50', reviewStatus: 'NO_CHANGES' },
    })
    const before = await footprint()
    expect(await run('clara', 'createCustomer', input)).toMatchObject({
      __typename: 'AlreadyExistsError',
      code: 'ALREADY_EXISTS',
      path: ['input', 'account'],
    })
    expect(await run('clara', 'createCustomer', { ...input, account: ' NEW-2' })).toMatchObject({
      code: 'INVALID_VALUE',
      path: ['input', 'account'],
    })
    expect(await run('clara', 'createCustomer', { ...input, account: 'NEW-2', set: {} })).toMatchObject({
      code: 'INVALID_VALUE',
      path: ['input', 'set', 'name'],
    })
    expect(await footprint()).toEqual(before)
  })
})

test('a preview names the workflow, everybody who would be asked and what stands in the way, as the submit then does', async () => {
  type Route = {
    name: string
    status: string
    steps: { name: string; status: string; assignments: { people: { name: string }[] }[] }[]
  }[]
  const route = 'route { name status steps { name status assignments { people { name } } } }'
  const document = `query ($input: PreviewSubmissionInput!) { previewSubmission(input: $input) { workflow { version } ${route} errors { code message path } blockers { code } } }`
  const preview = async (input: object) =>
    (
      await read<{ previewSubmission: { route: Route; errors: { code: string }[] } }>('clara', document, {
        input: { company: 'USMF', ...input },
      })
    ).previewSubmission
  const asked = (r: Route) =>
    r.map((e) => [
      e.name,
      e.steps.map((s) => [s.name, s.status === 'SKIPPED', s.assignments.map((a) => a.people.map((p) => p.name))]),
    ])
  const edits = [
    { creditLimit: '90000' },
    { creditLimit: '900000', name: 'X' },
    { creditLimit: '0' },
    { paymentTerms: 'COD', taxExemptNumber: 'T1' },
  ]
  for (const [n, set] of edits.entries()) {
    const account = `US-05${n}`
    const before = await footprint()
    const said = await preview({ account, set })
    expect(await footprint()).toEqual(before)
    expect(said.errors).toEqual([])
    const { id } = await submitted('clara', account, { set })
    const real = await read<{ node: { route: Route } }>(
      'clara',
      `query ($id: ID!) { node(id: $id) { ... on Proposal { ${route} } } }`,
      { id },
    )
    expect(asked(said.route)).toEqual(asked(real.node.route))
  }
  expect((await preview({ account: 'US-060', set: { creditLimit: '-1' } })).errors).toMatchObject([
    { code: 'INVALID_VALUE', path: ['input', 'set', 'creditLimit'] },
  ])
  expect((await preview({ account: 'US-010', set: { creditLimit: '1' } })).errors).toMatchObject([
    { code: 'PENDING_PROPOSAL' },
  ])
  expect(
    await proposalOf('clara', (await update('clara', 'US-061', { set: { creditLimit: '1' } })).proposal?.id ?? ''),
  ).toMatchObject({ status: 'DRAFT' })
})

describe('a version that is saved and not active', () => {
  type Foreseen = {
    workflow: { id: string; version: number; workflow: { name: string; isDefault: boolean } } | null
    route: { name: string; steps: { assignments: { people: { name: string }[] }[] }[] }[]
    blockers: { code: string }[]
    errors: { code: string; path: string[] | null; message: string }[]
  }
  const document = `query ($input: PreviewSubmissionInput!) { previewSubmission(input: $input) {
    workflow { id version workflow { name isDefault } } route { name steps { assignments { people { name } } } }
    blockers { code } errors { code path message } } }`
  const inputOf = (input: object) => ({ input: { company: 'USMF', set: { creditLimit: '90000' }, ...input } })
  const preview = async (user: string, input: object): Promise<Foreseen> =>
    (await read<{ previewSubmission: Foreseen }>(user, document, inputOf(input))).previewSubmission
  const people = ({ route }: Foreseen) =>
    route.map(({ name, steps }) => [
      name,
      steps.flatMap((s) => s.assignments.flatMap((a) => a.people)).map((p) => p.name),
    ])
  const asking = (name: string, to: object) => ({ approval: { name, steps: [{ name, assign: [{ to }] }] } })
  const save = async (name: string, elements: object[], more: object = {}) => {
    const saved = await run('adam', 'saveWorkflow', { company: 'USMF', name, definition: { elements }, ...more })
    if (saved.__typename !== 'WorkflowSuccess') throw new Error(JSON.stringify(saved))
    return { workflowId: saved.workflow.id, workflowVersionId: saved.workflow.versions[0]!.id }
  }
  const notThere = { workflow: null, route: [], errors: [{ code: 'NOT_FOUND', path: ['input', 'workflowVersionId'] }] }

  test('shows whom it would ask as if it alone were in use; without it everything is as before', async () => {
    const edits = { account: 'US-073' }
    const inUse = await preview('clara', edits)
    expect(inUse.workflow).toMatchObject({ version: 1, workflow: { name: 'Customer changes' } })
    // Neither its own condition nor its rank lets a submit choose it.
    const { workflowVersionId } = await save('Later', [asking('Treasurers', { group: 'treasury' })], {
      activation: 'false',
      rank: 900,
    })
    const before = await footprint()
    for (const user of ['clara', 'adam']) {
      const said = await preview(user, { ...edits, workflowVersionId, submitterId: await userId('clara') })
      expect(said.workflow).toEqual({
        id: workflowVersionId,
        version: 1,
        workflow: { name: 'Later', isDefault: false },
      })
      expect(people(said)).toEqual([['Treasurers', ['Tess Moreau']]])
      expect(said.errors).toEqual([])
    }
    expect(await footprint()).toEqual(before)
    for (const none of [{}, { workflowVersionId: null }])
      expect(await preview('clara', { ...edits, ...none })).toEqual(inUse)
    // The one in use by itself says the same.
    expect(await preview('clara', { ...edits, workflowVersionId: inUse.workflow?.id })).toEqual(inUse)
  })

  test('takes what it runs as a subworkflow from what is in use', async () => {
    const [inUse] = (await read<{ workflows: { id: string }[] }>('clara', '{ workflows(company: "USMF") { id } }'))
      .workflows
    const { workflowVersionId } = await save('Around', [
      asking('Directors', { group: 'directors' }),
      { subworkflow: { name: 'The usual', workflowId: inUse?.id } },
    ])
    const said = await preview('clara', { account: 'US-073', workflowVersionId })
    expect(said.errors).toEqual([])
    expect(people(said)[0]).toEqual(['Directors', ['Olga Petrova']])
    expect(JSON.stringify(said.route)).toContain('The usual')
  })

  test('is not there in another company, nor by any other id, nor once it is deleted', async () => {
    const elements = [asking('A', { group: 'directors' })]
    const { workflowId, workflowVersionId } = await save('Short', elements)
    const parts = Buffer.from(workflowVersionId, 'base64url').toString()
    const second = Buffer.from(parts.replace(/:1$/, ':2')).toString('base64url')
    const foreign = (
      await save('Elsewhere', [asking('A', { users: [await userId('olga', 'DEMF')] })], { company: 'DEMF' })
    ).workflowVersionId
    for (const id of [foreign, second, workflowId, await userId('clara'), 'nothing'])
      expect(await preview('adam', { account: 'US-073', workflowVersionId: id })).toMatchObject(notThere)
    // Whose company it is not sees no more of it than of one that never was.
    expect(await preview('clara', { account: 'US-073', workflowVersionId: foreign })).toMatchObject(notThere)
    expect((await preview('clara', { account: 'US-073', workflowVersionId })).errors).toEqual([])
    await run('adam', 'deleteWorkflow', { workflowId })
    expect(await preview('clara', { account: 'US-073', workflowVersionId })).toMatchObject(notThere)
  })

  test('says that nobody may decide a step, and why it could not be activated any more', async () => {
    const nobody = await save('Nobody', [asking('Whoever before', { workflowUser: 'PREVIOUS_APPROVER' })])
    expect(await preview('clara', { account: 'US-073', ...nobody, workflowId: undefined })).toMatchObject({
      route: [{ name: 'Whoever before' }],
      blockers: [{ code: 'NO_ELIGIBLE_APPROVER' }],
      errors: [{ code: 'NO_ELIGIBLE_APPROVER' }],
    })
    // The one is saved to run the other, which then comes to run the first.
    const elements = [asking('A', { group: 'directors' })]
    const first = await save('First', elements, { activate: true })
    const other = await save('Second', elements, { activate: true })
    const runs = (workflowId: string) => [...elements, { subworkflow: { name: 'The other', workflowId } }]
    const { workflowVersionId } = await save('First', runs(other.workflowId), { workflowId: first.workflowId })
    expect((await preview('clara', { account: 'US-073', workflowVersionId })).errors).toEqual([])
    await save('Second', runs(first.workflowId), { workflowId: other.workflowId, activate: true })
    const said = await preview('clara', { account: 'US-073', workflowVersionId })
    expect(said).toMatchObject({
      workflow: null,
      route: [],
      errors: [{ code: 'INVALID_WORKFLOW', path: ['input', 'workflowVersionId'] }],
    })
    expect(said.errors[0]?.message).toContain('run each other without end')
    for (const workflowId of [other.workflowId, first.workflowId]) await run('adam', 'deleteWorkflow', { workflowId })
  })

  test('costs one more read at most, also where the changes have run on another version', async () => {
    const world = await startWorld()
    const { workflows } = await world.ask<{ workflows: { id: string; versions: { id: string }[] }[] }>(
      'clara',
      '{ workflows(company: "USMF") { id versions { id } } }',
    )
    const { saveWorkflow } = await world.ask<{ saveWorkflow: { workflow: { versions: { id: string }[] } } }>(
      'adam',
      `mutation ($input: SaveWorkflowInput!) { saveWorkflow(input: $input) {
        ... on WorkflowSuccess { workflow { versions { id } } } } }`,
      {
        input: {
          ...{ company: 'USMF', workflowId: workflows[0]?.id, name: 'Customer changes' },
          definition: { elements: [asking('Treasurers', { group: 'treasury' })] },
        },
      },
    )
    const workflowVersionId = saveWorkflow.workflow.versions[0]?.id
    const { updateCustomer } = await world.ask<{ updateCustomer: { proposal: { id: string } } }>(
      'clara',
      `mutation { updateCustomer(input: { company: "USMF", account: "US-073", set: { creditLimit: "80000" } }) {
        ... on UpdateCustomerSuccess { proposal { id } } } }`,
    )
    for (const done of [
      'submitProposal(input: { proposalId: $id })',
      'recallProposal(input: { proposalId: $id, comment: "Later" })',
    ])
      expect(
        await world.ask('clara', `mutation ($id: ID!) { done: ${done} { __typename } }`, updateCustomer.proposal),
      ).toEqual({ done: { __typename: 'ProposalSuccess' } })
    const cost = async (input: object): Promise<number> => {
      world.statements.length = 0
      const { previewSubmission } = await world.ask<{ previewSubmission: Foreseen }>(
        'clara',
        document,
        inputOf({ account: 'US-073', ...input }),
      )
      expect(previewSubmission.errors).toEqual([])
      return world.statements.length
    }
    await cost({})
    const usual = await cost({})
    expect(await cost({ workflowVersionId })).toBe(usual + 1)
    expect(await cost({ workflowVersionId })).toBe(usual)
  })
})

describe('somebody who may not submit', () => {
  type Preview = {
    workflow: { version: number } | null
    route: { name: string; steps: { name: string; assignments: { people: { name: string }[] }[] }[] }[]
    errors: { code: string; path: string[] | null; message: string }[]
  }
  const preview = async (user: string, input: object): Promise<Preview> =>
    (
      await read<{ previewSubmission: Preview }>(
        user,
        `query ($input: PreviewSubmissionInput!) { previewSubmission(input: $input) {
          workflow { version } route { name steps { name assignments { people { name } } } } errors { code path message } } }`,
        { input: { company: 'USMF', ...input } },
      )
    ).previewSubmission

  test('looks ahead as anybody who could: at edits, at a draft, and as if a certain member submitted', async () => {
    const edits = { account: 'US-070', set: { creditLimit: '90000' } }
    const asClara = await preview('clara', edits)
    const submitterId = await userId('clara')
    const before = await footprint()
    for (const user of ['adam', 'cora', 'audrey']) {
      expect(await preview(user, { ...edits, submitterId })).toEqual(asClara)
      const own = await preview(user, edits)
      expect([own.workflow, own.route.map(({ name }) => name)]).toEqual([{ version: 1 }, ['Manager', 'Specialists']])
      expect(own.errors.map(({ code }) => code)).not.toContain('NOT_PERMITTED')
    }
    expect(await footprint()).toEqual(before)
    await update('clara', 'US-070', { set: { creditLimit: '90000' } })
    expect(await preview('adam', { account: 'US-070' })).toEqual(asClara)
  })

  test('is told what a submit by a certain member would be refused for', async () => {
    const edits = { account: 'US-071', set: { creditLimit: '90000' } }
    expect((await preview('adam', { ...edits, submitterId: await userId('cora') })).errors).toMatchObject([
      { code: 'NOT_PERMITTED' },
    ])
    expect((await preview('adam', { ...edits, submitterId: await userId('dieter', 'DEMF') })).errors).toMatchObject([
      { code: 'NOT_FOUND', path: ['input', 'submitterId'] },
    ])
  })

  test('finds nothing out by it of bank and tax data that they may not see', async () => {
    const secret = { account: 'US-072', set: { taxExemptNumber: 'T-1' } }
    for (const user of ['adam', 'cora'])
      expect(await preview(user, secret)).toMatchObject({
        workflow: null,
        route: [],
        errors: [{ code: 'NOT_PERMITTED', path: ['input', 'set', 'taxExemptNumber'] }],
      })
    expect((await preview('audrey', secret)).workflow).toEqual({ version: 1 })
    await run('adam', 'saveWorkflow', {
      company: 'USMF',
      name: 'Guess',
      activation: 'customer.taxExemptNumber.startsWith("1")',
      definition: {
        elements: [{ approval: { name: 'A', steps: [{ name: 'A', assign: [{ to: { group: 'treasury' } }] }] } }],
      },
      activate: true,
    })
    const edits = { account: 'US-072', set: { creditLimit: '90000' } }
    expect(await preview('adam', edits)).toMatchObject({
      workflow: null,
      route: [],
      errors: [{ code: 'NOT_PERMITTED' }],
    })
    expect((await preview('clara', edits)).workflow).not.toBeNull()
  })
})
