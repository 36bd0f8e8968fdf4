// Who has changed a value meanwhile, and when: a conflict points to the line of the log that wrote what stands there now.
import { expect, test } from 'vitest'
import { startWorld } from './world.ts'

const { ask, statements } = await startWorld()

type Conflict = {
  kind: string
  change: { field: { name: string }; operation: string }
  event: { type: string; actor: { name: string } | null; proposal: { id: string } | null; at: string } | null
}
type Customer = {
  bankAccounts: { id: string; code: string }[]
  proposal: { id: string; conflicts: Conflict[] } | null
}
const company = 'USMF'
const done = async (user: string, mutation: string, type: string, input: object): Promise<void> => {
  const answer = await ask(
    user,
    `mutation ($i: ${type}!) { ${mutation}(input: $i) { __typename ... on UserError { message } } }`,
    {
      i: { company, ...input },
    },
  )
  expect(JSON.stringify(answer)).not.toMatch(/Error"/)
}
const edit = (user: string, account: string, input: object) =>
  done(user, 'updateCustomer', 'UpdateCustomerInput', { account, ...input })
const enable = (enabled: boolean) => done('adam', 'setApprovalParameters', 'SetApprovalParametersInput', { enabled })
const read = async (user: string, account: string): Promise<Customer> =>
  (
    await ask<{ customer: Customer }>(
      user,
      `query ($a: String!) { customer(company: "USMF", account: $a) { bankAccounts { id code } proposal { id conflicts {
        kind change { field { name } operation } event { type at actor { name } proposal { id } } } } } }`,
      { a: account },
    )
  ).customer
const made = async (account: string): Promise<string[]> => {
  await done('clara', 'createCustomer', 'CreateCustomerInput', {
    account,
    set: { name: account, creditLimit: '10' },
    bankAccounts: [
      { code: 'A', accountNumber: '1' },
      { code: 'B', accountNumber: '2' },
      { code: 'C', accountNumber: '3' },
    ],
  })
  return (await read('clara', account)).bankAccounts.sort((a, b) => (a.code < b.code ? -1 : 1)).map(({ id }) => id)
}
const said = ({ proposal }: Customer): Record<string, unknown> =>
  Object.fromEntries(
    (proposal?.conflicts ?? []).map(({ kind, change, event }) => [
      `${change.operation} ${change.field.name}`,
      [kind, event?.type, event?.actor?.name],
    ]),
  )

test('a conflict tells who wrote the value that stands there now', async () => {
  const account = 'CONFLICT-1'
  const [a, b, c] = await made(account)
  await enable(false)
  await edit('colin', account, { set: { creditLimit: '20', paymentTerms: 'Net10' } })
  await enable(true)
  await edit('clara', account, {
    set: { creditLimit: '500', paymentTerms: 'COD' },
    bankAccounts: {
      add: [{ code: 'NEW', accountNumber: '4' }],
      change: [
        { id: a, set: { name: 'Mine' } },
        { id: b, set: { name: 'Mine' } },
      ],
      remove: [c],
    },
  })
  expect(said(await read('clara', account))).toEqual({})
  await enable(false)
  await edit('colin', account, {
    set: { creditLimit: '30' },
    bankAccounts: { add: [{ code: 'NEW', accountNumber: '5' }] },
  })
  await edit('mia', account, { set: { creditLimit: '40' }, bankAccounts: { remove: [b] } })
  await edit('colin', account, { set: { paymentTerms: 'COD' } })
  await edit('mia', account, {
    bankAccounts: {
      change: [
        { id: a, set: { name: 'Theirs' } },
        { id: c, set: { name: 'Other' } },
      ],
    },
  })
  await edit('colin', account, { set: { phone: '+1 555 0100' } })
  await enable(true)
  const [colin, mia] = ['Colin', 'Mia'].map((name) => expect.stringMatching(new RegExp(`^${name}`)) as string)
  for (const user of ['clara', 'adam'])
    expect(said(await read(user, account))).toEqual({
      'SET creditLimit': ['CHANGED', 'CUSTOMER_UPDATED', mia],
      'SET paymentTerms': ['ALREADY_APPLIED', 'CUSTOMER_UPDATED', colin],
      'SET bankAccounts.name': [expect.any(String), 'CUSTOMER_UPDATED', mia],
      'ADD bankAccounts': ['CHANGED', 'CUSTOMER_UPDATED', colin],
      'REMOVE bankAccounts': ['CHANGED', 'CUSTOMER_UPDATED', mia],
    })
})

test('of many proposals it takes as many statements as of one', async () => {
  const accounts = ['CONFLICT-2', 'CONFLICT-3', 'CONFLICT-4']
  for (const account of accounts) {
    await made(account)
    await edit('clara', account, { set: { creditLimit: '500' } })
  }
  await enable(false)
  for (const account of accounts) await edit('colin', account, { set: { creditLimit: '30' } })
  await enable(true)
  const counted = async (search: string): Promise<number> => {
    const query = `{ customers(company: "USMF", filter: { search: "${search}" }) { edges { node { proposal { conflicts { event { actor { name } } } } } } } }`
    await ask('clara', query)
    statements.length = 0
    expect(JSON.stringify(await ask('clara', query))).toContain('Colin')
    return statements.length
  }
  expect(await counted('CONFLICT-')).toBe(await counted('CONFLICT-2'))
})
