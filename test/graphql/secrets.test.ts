// What is not the viewer's: another company's things answer byte for byte like what never existed, and no question can be
// put so that its answer tells a value that the viewer may not see.
import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { startTestApp } from '../helpers/app.ts'
import { operationsOf, type Input } from './operations.ts'

const app = await startTestApp()
const { run, read, whole, update, submitted, customerOf, userId } = operationsOf(app)

const decode = (id: string) => Buffer.from(id, 'base64url').toString().split(':')
const encode = (parts: readonly string[]) => Buffer.from(parts.join(':')).toString('base64url')

describe("another company's things", () => {
  test('answer every command byte for byte like what never existed', async () => {
    const olga = await userId('olga')
    await run('adam', 'setApprovalParameters', { company: 'DEMF', enabled: true })
    await run('adam', 'setFieldApproval', { company: 'DEMF', enable: ['creditLimit'] })
    const definition = {
      elements: [{ approval: { name: 'A', steps: [{ name: 'S', assign: [{ to: { users: [olga] } }] }] } }],
    }
    const made = await run('adam', 'saveWorkflow', {
      company: 'DEMF',
      name: 'W',
      ownerId: olga,
      definition,
      activate: true,
    })
    expect(made.workflow.activeVersion).toEqual({ version: 1 })
    const edited = await run('dieter', 'updateCustomer', {
      company: 'DEMF',
      account: 'DE-001',
      set: { creditLimit: '123456' },
    })
    const sent = await run('dieter', 'submitProposal', { proposalId: edited.proposal?.id })
    const { approvalQueue } = await read<{ approvalQueue: { edges: { node: { id: string } }[] } }>(
      'olga',
      '{ approvalQueue(filter: { company: "DEMF" }) { edges { node { id } } } }',
    )
    const foreign = {
      proposalId: sent.proposal?.id ?? '',
      workItemId: approvalQueue.edges[0]?.node.id ?? '',
      workflowId: made.workflow.id,
      changeId: sent.proposal?.changes[0]?.id ?? '',
    }
    const ownCompany = decode(((await customerOf('clara', 'US-001', 'id')) as { id: string }).id)[1] ?? ''
    /** As the id, of the same company, of one's own, and of none: nothing of it exists. */
    const likes = (id: string): string[] => {
      const [type = '', company = '', ...rest] = decode(id)
      const nothing = rest.map(() => randomUUID())
      return [
        encode([type, company, ...nothing]),
        encode([type, ownCompany, ...nothing]),
        encode([type, randomUUID(), ...rest]),
      ]
    }
    const commands: [string, keyof typeof foreign, Input][] = [
      ['submitProposal', 'proposalId', {}],
      ['recallProposal', 'proposalId', { comment: 'x' }],
      ['discardProposal', 'proposalId', {}],
      ['discardChanges', 'proposalId', { changeIds: [] }],
      ['addComment', 'proposalId', { text: 'x' }],
      ['rebaseProposal', 'proposalId', { keep: [], drop: [], expectedRevision: 1, expectedCustomerVersion: 1 }],
      ['approve', 'workItemId', { revision: 1 }],
      ['reject', 'workItemId', { revision: 1, comment: 'x' }],
      ['requestChange', 'workItemId', { revision: 1, comment: 'x' }],
      ['scheduleProposal', 'proposalId', { effectiveAt: null }],
      ['revertProposal', 'proposalId', {}],
      ['cancelRun', 'proposalId', { comment: 'x' }],
      ['resumeRun', 'proposalId', { comment: 'x' }],
      ['completeTask', 'workItemId', { revision: 1 }],
      ['returnTask', 'workItemId', { revision: 1, comment: 'x' }],
      ['choose', 'workItemId', { revision: 1, choice: 'x' }],
      ['delegate', 'workItemId', { to: olga }],
      ['reassign', 'workItemId', { to: olga }],
      ['claim', 'workItemId', {}],
      ['release', 'workItemId', {}],
    ]
    for (const [mutation, field, rest] of commands) {
      const answers = new Set<string>()
      for (const id of [foreign[field], ...likes(foreign[field])])
        answers.add(JSON.stringify(await run('clara', mutation, { [field]: id, ...rest })))
      expect([mutation, answers.size, [...answers][0]]).toEqual([mutation, 1, expect.stringContaining(`"NOT_FOUND"`)])
      expect([...answers][0]).toContain(`"path":["input","${field}"]`)
    }
    const decided = new Set<string>()
    for (const workItemId of [foreign.workItemId, ...likes(foreign.workItemId)])
      for (const mode of ['BEST_EFFORT', 'ATOMIC']) {
        const decisions = [{ workItemId, revision: 1, outcome: 'APPROVED' }]
        decided.add(JSON.stringify(await run('clara', 'decideMany', { decisions, mode })))
      }
    expect([decided.size, [...decided][0]]).toEqual([1, expect.stringContaining('"NOT_FOUND"')])
    // A sole administrator of the one company, who may activate there.
    await run('adam', 'setMember', { company: 'USMF', userId: await userId('audrey'), roles: ['ADMINISTRATOR'] })
    const activate = await Promise.all(
      [foreign.workflowId, ...likes(foreign.workflowId)].map((workflowId) =>
        run('audrey', 'activateWorkflow', { workflowId, version: 1 }),
      ),
    )
    expect(new Set(activate.map((a) => JSON.stringify(a))).size).toBe(1)
    await run('adam', 'setMember', { company: 'USMF', userId: await userId('audrey'), roles: ['AUDITOR'] })
    const versionId = made.workflow.versions[0]?.id ?? ''
    for (const id of [...Object.values(foreign), versionId]) {
      expect(await read('olga', 'query ($id: ID!) { node(id: $id) { id } }', { id })).toEqual({ node: { id } })
      expect(await read('clara', 'query ($id: ID!) { node(id: $id) { id } }', { id })).toEqual({ node: null })
      for (const like of likes(id).slice(0, 1))
        expect(await read('olga', 'query ($id: ID!) { node(id: $id) { id } }', { id: like })).toEqual({ node: null })
    }
    const company = (code: string) =>
      Promise.all([
        run('clara', 'updateCustomer', { company: code, account: 'DE-001', set: { website: 'https://x.example' } }),
        run('clara', 'importCustomers', { company: code, rows: [], dryRun: true }),
        run('clara', 'saveGroup', { company: code, name: 'x', memberIds: [] }),
        whole(
          'clara',
          `{ customers(company: "${code}") { totalCount } events(company: "${code}") { edges { cursor } } customerFields(company: "${code}") { name } referenceValues(company: "${code}", kind: PAYMENT_TERMS) { code } groups(company: "${code}") { id } previewSubmission(input: { company: "${code}", account: "DE-001" }) { errors { code } } evaluateCondition(input: { company: "${code}", account: "DE-001", expression: "true" }) { valid } }`,
        ),
      ])
    expect(JSON.stringify(await company('DEMF'))).toBe(JSON.stringify(await company('NOPE')))
  })
})

describe('who may not read bank and tax data', () => {
  type Bank = { id: string; code: string; accountNumber: string }
  const secretsOf = async (account: string) =>
    (await customerOf('clara', account, 'taxExemptNumber bankAccounts { id code accountNumber }')) as {
      taxExemptNumber: string
      bankAccounts: Bank[]
    }

  test('cannot try one value after another until the answer differs', async () => {
    await update('clara', 'US-080', { set: { creditLimit: '80' } })
    await submitted('clara', 'US-081', { set: { taxExemptNumber: 'PROPOSED-81' } })
    for (const account of ['US-079', 'US-080', 'US-010', 'US-081']) {
      const { taxExemptNumber, bankAccounts } = await secretsOf(account)
      const [bank] = bankAccounts
      const guesses = [
        [
          { set: { taxExemptNumber } },
          { set: { taxExemptNumber: 'PROPOSED-81' } },
          { set: { taxExemptNumber: 'WRONG' } },
        ],
        [bank?.accountNumber, '12345'].map((accountNumber) => ({
          bankAccounts: { change: [{ id: bank?.id, set: { accountNumber } }] },
        })),
      ]
      const questions: [string, string, Input][] = [
        [
          'EvaluateConditionInput',
          'evaluateCondition(input: $input) { valid value error }',
          { expression: 'changes.fields.size() > 0' },
        ],
        [
          'EvaluateConditionInput',
          'evaluateCondition(input: $input) { valid value error }',
          { expression: 'changes.taxExemptNumber.changed' },
        ],
        [
          'EvaluateConditionInput',
          'evaluateCondition(input: $input) { valid value error }',
          { expression: 'proposed.taxExemptNumber == customer.taxExemptNumber' },
        ],
        [
          'PreviewSubmissionInput',
          'previewSubmission(input: $input) { route { name } blockers { code } errors { code message path } }',
          {},
        ],
        [
          'UpdateCustomerInput',
          'updateCustomer(input: $input) { __typename ... on UserError { code message path } }',
          {},
        ],
      ]
      for (const user of ['cora', 'adam'])
        for (const [type, field, rest] of questions)
          for (const family of guesses) {
            const answers = new Set<string>()
            for (const guess of family) {
              const document = `${type.startsWith('Update') ? 'mutation' : 'query'} ($input: ${type}!) { ${field} }`
              answers.add(
                JSON.stringify(await whole(user, document, { input: { company: 'USMF', account, ...rest, ...guess } })),
              )
            }
            expect([account, user, field.slice(0, 12), rest, [...answers]]).toEqual([
              account,
              user,
              field.slice(0, 12),
              rest,
              [expect.any(String)],
            ])
          }
    }
  })

  test('cannot read them by an expression, and is not told about them by a search or a filter', async () => {
    const { taxExemptNumber, bankAccounts } = await secretsOf('US-082')
    const condition = async (user: string, expression: string) =>
      (
        await read<{ evaluateCondition: { valid: boolean; value: boolean | null } }>(
          user,
          'query ($e: String!) { evaluateCondition(input: { company: "USMF", account: "US-082", expression: $e }) { valid value error } }',
          { e: expression },
        )
      ).evaluateCondition
    const expressions = [
      `customer.taxExemptNumber == "${taxExemptNumber}"`,
      `customer.bankAccounts.exists(b, b.accountNumber == "${bankAccounts[0]?.accountNumber}")`,
    ]
    for (const expression of expressions) {
      expect(await condition('clara', expression)).toMatchObject({ valid: true, value: true })
      for (const user of ['cora', 'adam'])
        expect(await condition(user, expression)).toEqual({
          valid: true,
          value: null,
          error: expect.stringMatching(/^Your roles do not let you see (Tax exempt|Account) number, which /) as string,
        })
    }
    expect(await condition('cora', 'customer["taxExemptNumber"] == "1"')).toMatchObject({ value: null })
    expect(await condition('cora', 'customer.name != "customer.iban"')).toMatchObject({ value: true, error: null })
    for (const secret of [taxExemptNumber, bankAccounts[0]?.accountNumber])
      for (const user of ['cora', 'clara'])
        expect(
          await read(
            user,
            'query ($s: String!) { customers(company: "USMF", filter: { search: $s }) { totalCount } approvalQueue(filter: { search: $s }) { totalCount } }',
            { s: secret },
          ),
        ).toEqual({ customers: { totalCount: 0 }, approvalQueue: { totalCount: 0 } })
  })

  test('does not find them anywhere in what can be read of a company', async () => {
    const secret = { tax: 'TAX-90-SECRET', iban: 'DE89370400440532013000' }
    const { id } = await submitted('clara', 'US-090', {
      set: { taxExemptNumber: secret.tax },
      bankAccounts: { add: [{ code: 'S', iban: secret.iban, holder: 'HOLDER-90' }] },
      reason: 'see letter',
    })
    const value = 'raw display masked'
    const everything = `query ($id: ID!) {
      customer(company: "USMF", account: "US-090") { taxExemptNumber maskedFields values { ${value} } bankAccounts { iban holder bic accountNumber maskedFields } history(first: 50) { edges { node { type data values { key value { ${value} } } } } } }
      node(id: $id) { ... on Proposal { changes { digest original { ${value} } proposed { ${value} } current { ${value} } delta } conflicts { base { ${value} } current { ${value} } } fault { message } blockers { message } comments { text }
        route { name steps { name items { subject instructions } } } workItems { subject instructions changes { proposed { ${value} } } } decisions { comment changes { proposed { ${value} } } } history(first: 50) { edges { node { data } } } } }
      proposals(company: "USMF", first: 20) { edges { node { changes { proposed { ${value} } } } } } events(company: "USMF", first: 300, filter: { account: "US-090" }) { edges { node { data values { value { ${value} } } } } } }`
    for (const user of ['cora', 'tess', 'olga', 'adam'])
      expect(JSON.stringify(await read(user, everything, { id }))).not.toMatch(/TAX-90|DE8937|HOLDER-90/)
    for (const user of ['clara', 'audrey', 'partner'])
      expect(JSON.stringify(await read(user, everything, { id }))).toMatch(/TAX-90.*|DE8937.*/)
  })
})
