// Bad input: each a typed error with a code, a place and a sentence, and nothing written.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startTestApp } from '../helpers/app.ts'
import { operationsOf, type Result } from './operations.ts'

const app = await startTestApp()
const { run, runWhole, update, itemOf, customerOf, footprint, read, whole, userId } = operationsOf(app)

/** Makes sure of the sentence, then leaves what is to be compared. */
const said = ({ __typename, code, path, message }: Result) => {
  expect(message).toMatch(/^\S.{10,}[.:]?/)
  expect(message).not.toMatch(/undefined|null|\[object|select |Error:/)
  return [__typename, code, path?.join('.')]
}

let before: Record<string, string> = {}
describe('a value that cannot be taken', () => {
  beforeEach(async () => (before = await footprint()))
  afterEach(async () => expect(await footprint()).toEqual(before))

  const invalid = (path: string) => ['ValidationError', 'INVALID_VALUE', path]
  test.each([
    ['a bad decimal', { creditLimit: '12,5' }, 'creditLimit'],
    ['a decimal in words of a machine', { creditLimit: '1e5' }, 'creditLimit'],
    ['no number at all', { creditLimit: 'NaN' }, 'creditLimit'],
    ['a negative limit', { creditLimit: '-0.01' }, 'creditLimit'],
    ['too many digits behind the point', { creditLimit: '1.005' }, 'creditLimit'],
    ['too many digits before it', { creditLimit: '9'.repeat(19) }, 'creditLimit'],
    ['a number of a thousand digits', { creditLimit: '9'.repeat(1000) }, 'creditLimit'],
    ['a code that does not exist', { paymentTerms: 'Net31' }, 'paymentTerms'],
    ['a code in the wrong case', { paymentTerms: 'net30' }, 'paymentTerms'],
    ['a bank account that the customer has not', { defaultBankAccount: 'NOPE' }, 'defaultBankAccount'],
    ['an account to invoice that does not exist', { invoiceAccount: 'US-999' }, 'invoiceAccount'],
    ['an account of the other company', { invoiceAccount: 'DE-001' }, 'invoiceAccount'],
    ['a required field cleared', { name: null }, 'name'],
    ['a required field of blanks', { name: ' \t ' }, 'name'],
    ['a name that is too long', { name: 'x'.repeat(101) }, 'name'],
    ['a name of a megabyte', { name: 'x'.repeat(1_000_000) }, 'name'],
    ['a NUL in a name', { name: 'a\u0000b' }, 'name'],
    ['a NUL in a field that is not governed', { website: 'https://a\u0000.example' }, 'website'],
    ['a NUL in a code', { paymentTerms: 'Net30\u0000' }, 'paymentTerms'],
    ['a control character', { name: 'a\u0007b' }, 'name'],
    ['a name that is turned around', { name: 'ACME \u202eDTL' }, 'name'],
    ['a name with a space that nobody sees', { name: 'AC\u200bME' }, 'name'],
    ['half a character', { name: 'a\ud800b' }, 'name'],
    ['an e-mail that is none', { email: 'a@b' }, 'email'],
    ['an address that runs a script', { website: 'javascript:alert(1)' }, 'website'],
    ['an unknown currency', { currency: 'XXQ' }, 'currency'],
    ['an option that there is not', { holdStatus: 'MAYBE' }, 'holdStatus'],
    ['a negative number of days', { cashDiscountBaseDays: -1 }, 'cashDiscountBaseDays'],
  ])('%s', async (_what, set, field) => {
    expect(said(await update('clara', 'US-001', { set }))).toEqual(invalid(`input.set.${field}`))
  })

  test.each([
    ['an IBAN with a wrong digit', { add: [{ code: 'A', iban: 'DE89370400440532013001' }] }, 'add.0.iban'],
    ['a record without its code', { add: [{ iban: 'DE89370400440532013000' }] }, undefined],
    ['two records of one code', { add: [{ code: 'A' }, { code: 'A' }] }, undefined],
    ['a code that is too long', { add: [{ code: 'ABCDEFGHIJK' }] }, 'add.0.code'],
    ['a NUL in a code', { add: [{ code: 'A\u0000' }] }, 'add.0.code'],
  ])('in a bank account: %s', async (_what, bankAccounts, path) => {
    const answer = said(await update('clara', 'US-001', { bankAccounts }))
    expect(answer.slice(0, 2)).toEqual(['ValidationError', 'INVALID_VALUE'])
    if (path !== undefined) expect(answer[2]).toBe(`input.bankAccounts.${path}`)
    else expect(answer[2]).toMatch(/^input\.bankAccounts/)
  })

  test('several at once are all named, each at its place', async () => {
    const answer = await update('clara', 'US-001', { set: { creditLimit: 'x', email: 'y', website: 'z' } })
    expect(answer.problems.map(({ path }) => (path as string[]).join('.'))).toEqual([
      'input.set.creditLimit',
      'input.set.email',
      'input.set.website',
    ])
  })

  test('a field that there is not is refused before anything runs', async () => {
    const answer = await runWhole('clara', 'updateCustomer', {
      company: 'USMF',
      account: 'US-001',
      set: { limit: '1' },
    })
    expect(answer.errors).toMatchObject([{ extensions: { code: 'BAD_REQUEST' } }])
    expect(answer.errors?.[0]?.message).toContain('limit')
    const values = await whole(
      'clara',
      '{ customer(company: "USMF", account: "US-001") { values(fields: ["limit"]) { raw } } }',
    )
    expect(values.errors).toMatchObject([{ extensions: { code: 'BAD_REQUEST' }, path: ['customer', 'values'] }])
    const switched = await run('adam', 'setFieldApproval', {
      company: 'USMF',
      enable: ['creditLimit', 'limit', 'bankAccounts.code'],
    })
    expect(switched.problems).toMatchObject([
      { code: 'UNKNOWN_FIELD', path: ['input', 'enable', '1'] },
      { code: 'INVALID_VALUE', path: ['input', 'enable', '2'] },
    ])
  })

  test('a variable left out where it is required is a bad request; where it is optional, it leaves things alone', async () => {
    const document =
      'mutation ($account: String!, $name: String) { updateCustomer(input: { company: "USMF", account: $account, set: { website: $name } }) { __typename ... on UpdateCustomerSuccess { written } } }'
    expect((await whole('clara', document, {})).errors).toMatchObject([{ extensions: { code: 'BAD_REQUEST' } }])
    expect((await whole('clara', document, { account: null })).errors).toMatchObject([
      { extensions: { code: 'BAD_REQUEST' } },
    ])
    expect(await read('clara', document, { account: 'US-001' })).toMatchObject({ updateCustomer: { written: [] } })
  })

  test('texts that no database can hold are answered, not stumbled over', async () => {
    for (const bad of ['\u0000', 'a\u0000b', '\ud800', 'x'.repeat(100_000), '%', "';--", '🦊', '\u202eevil']) {
      const answer = await whole<Record<string, unknown>>(
        'clara',
        `query ($t: String!, $i: ID!) { customer(company: "USMF", account: $t) { id } company(code: $t) { id } node(id: $i) { id } nodes(ids: [$i]) { id }
          customers(company: "USMF", filter: { search: $t, customerGroup: [$t] }) { totalCount edges { node { id } } } users(company: "USMF", search: $t) { edges { node { id } } }
          proposals(company: "USMF", filter: { account: $t, field: $t, author: $i, submittedBy: $i }) { totalCount edges { node { id } } }
          approvalQueue(filter: { company: $t, account: $t, search: $t, field: $t, workflowId: $i }) { totalCount edges { node { id } } } }`,
        { t: bad, i: bad },
      )
      expect([bad.slice(0, 9), answer.errors]).toEqual([bad.slice(0, 9), undefined])
      expect(answer.data).toMatchObject({
        customer: null,
        company: null,
        node: null,
        nodes: [null],
        customers: { totalCount: 0 },
        users: { edges: [] },
        proposals: { totalCount: 0 },
        approvalQueue: { totalCount: 0 },
      })
      const log = await whole(
        'audrey',
        'query ($t: String!, $i: ID!) { events(company: "USMF", filter: { account: $t, proposalId: $i, actor: $i }) { edges { node { id } } } }',
        { t: bad, i: bad },
      )
      expect([bad.slice(0, 9), log]).toEqual([bad.slice(0, 9), { data: { events: { edges: [] } } }])
      expect(said(await update('clara', bad, { set: { creditLimit: '1' } }))).toEqual([
        'NotFoundError',
        'NOT_FOUND',
        'input.account',
      ])
      expect(said(await run('clara', 'submitProposal', { proposalId: bad }))).toEqual([
        'NotFoundError',
        'NOT_FOUND',
        'input.proposalId',
      ])
    }
  })

  test('keys, accounts and comments are bounded', async () => {
    const set = { creditLimit: '1' }
    for (const idempotencyKey of ['', '  ', 'k'.repeat(10_000), 'a\u0000b', '\ud800']) {
      expect(said(await update('clara', 'US-001', { set, idempotencyKey }))).toEqual(invalid('input.idempotencyKey'))
    }
    for (const account of ['', ' ', 'a'.repeat(21), 'a\u0000', 'a\nb', '\ud800']) {
      expect(said(await run('clara', 'createCustomer', { company: 'USMF', account, set: { name: 'N' } }))).toEqual(
        invalid('input.account'),
      )
    }
    const limit = ['ValidationError', 'LIMIT_EXCEEDED']
    expect(said(await update('clara', 'US-001', { set, reason: 'x'.repeat(5_000) })).slice(0, 2)).toEqual(limit)
    expect(said(await update('clara', 'US-001', { set, reason: 'x\u0000' }))).toEqual(invalid('input.reason'))
    const { proposal } = (await customerOf('clara', 'US-007', 'proposal { id }')) as { proposal: { id: string } }
    expect(
      said(await run('clara', 'addComment', { proposalId: proposal.id, text: 'x'.repeat(5_000) })).slice(0, 2),
    ).toEqual(limit)
    expect(said(await run('clara', 'addComment', { proposalId: proposal.id, text: '\u0000' }))).toEqual(
      invalid('input.text'),
    )
    expect(said(await run('clara', 'addComment', { proposalId: proposal.id, text: ' ' }))).toEqual(
      invalid('input.text'),
    )
  })

  test('a reason is missed where one is needed, and a revision must be the one that there is', async () => {
    const item = await itemOf('mia', 'US-010')
    const answer = { workItemId: item.id, revision: item.proposal.revision }
    for (const mutation of ['reject', 'requestChange']) {
      expect(said(await run('mia', mutation, { ...answer, comment: ' ' }))).toEqual([
        'ValidationError',
        'REASON_REQUIRED',
        'input.comment',
      ])
      expect(said(await run('mia', mutation, { ...answer, comment: 'x\u0000' }))).toEqual(invalid('input.comment'))
    }
    expect(said(await run('mia', 'requestChange', { ...answer, comment: 'x', to: await userId('cora') }))).toEqual(
      invalid('input.to'),
    )
    for (const revision of [0, -1, 2, 2_147_483_647]) {
      expect(await run('mia', 'approve', { ...answer, revision })).toMatchObject({
        __typename: 'StaleRevisionError',
        code: 'STALE_REVISION',
        path: ['input', 'revision'],
        about: { revision: 1 },
      })
    }
  })
})

describe('an id', () => {
  test('of another company, of another type, or of nothing, is not there for anybody', async () => {
    const foreign = (await customerOf(
      'dieter',
      'DE-001',
      'id bankAccounts { id } contacts { id } company { id }',
      'DEMF',
    )) as { id: string; bankAccounts: { id: string }[]; contacts: { id: string }[]; company: { id: string } }
    const own = (await customerOf('clara', 'US-001', 'id bankAccounts { id }')) as {
      id: string
      bankAccounts: { id: string }[]
    }
    const before = await footprint()
    const bank = foreign.bankAccounts[0]?.id ?? ''
    const dieter = await userId('dieter', 'DEMF')
    for (const id of [foreign.id, foreign.company.id, bank, foreign.contacts[0]?.id, dieter, 'x', ''])
      expect(await read('clara', 'query ($id: ID!) { node(id: $id) { id } nodes(ids: [$id]) { id } }', { id })).toEqual(
        { node: null, nodes: [null] },
      )
    const missing = ['NotFoundError', 'NOT_FOUND']
    for (const id of [bank, own.id, own.bankAccounts[0]?.id.slice(0, -1), 'garbage', '🦊']) {
      expect(said(await update('clara', 'US-001', { bankAccounts: { remove: [id] } }))).toEqual([
        ...missing,
        'input.bankAccounts.remove.0',
      ])
      expect(said(await update('clara', 'US-001', { bankAccounts: { change: [{ id, set: { name: 'X' } }] } }))).toEqual(
        [...missing, 'input.bankAccounts.change.0.id'],
      )
    }
    // A bank account of another customer of one's own company.
    const other = (await customerOf('clara', 'US-002', 'bankAccounts { id }')) as { bankAccounts: { id: string }[] }
    expect(
      said(await update('clara', 'US-001', { bankAccounts: { remove: [other.bankAccounts[0]?.id] } })).slice(1),
    ).toEqual(['INVALID_VALUE', 'input.bankAccounts.remove.0'])
    for (const [mutation, field, rest] of [
      ['submitProposal', 'proposalId', {}],
      ['discardProposal', 'proposalId', {}],
      ['recallProposal', 'proposalId', { comment: 'x' }],
      ['addComment', 'proposalId', { text: 'x' }],
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
      ['delegate', 'workItemId', { to: await userId('olga') }],
      ['reassign', 'workItemId', { to: await userId('olga') }],
      ['claim', 'workItemId', {}],
      ['release', 'workItemId', {}],
      ['moveToQueue', 'workItemId', { queueId: 'x' }],
    ] as const)
      for (const id of [foreign.id, own.id, dieter, 'x'.repeat(100_000), ''])
        expect(said(await run('clara', mutation, { [field]: id, ...rest }))).toEqual([...missing, `input.${field}`])
    expect(said(await run('clara', 'updateCustomer', { company: 'DEMF', account: 'DE-001', set: {} }))).toEqual([
      ...missing,
      'input.company',
    ])
    expect(await footprint()).toEqual(before)
  })
})
