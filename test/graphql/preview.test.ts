// New customers, and what a preview says before anything is submitted.
import { describe, expect, test } from 'vitest'
import { startTestApp } from '../helpers/app.ts'
import { operationsOf } from './operations.ts'

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
