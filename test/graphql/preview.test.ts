// New customers, and what a preview says before anything is submitted.
import { describe, expect, test } from 'vitest'
import { startTestApp } from '../helpers/app.ts'
import { operationsOf } from './operations.ts'

const app = await startTestApp()
const { run, update, submitted, proposalOf, read, footprint } = operationsOf(app)

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
