// Many work items at once, as a partner's nightly call makes them: customers of their own, each with a change that waits for one person.
import type { TestApp } from '../helpers/app.ts'
import { approval, people, saveWorkflow } from './workflows.ts'

const mostRows = 500
type Rows = { result: { rows?: { outcome: string }[]; message?: string } }

const write = async (app: TestApp, rows: readonly object[]): Promise<void> => {
  for (let from = 0; from < rows.length; from += mostRows) {
    const { result } = await app.partner<Rows>(
      `mutation($input: ImportCustomersInput!) { result: importCustomers(input: $input) {
        ... on UserError { message } ... on ImportCustomersSuccess { rows { outcome } } } }`,
      { input: { company: 'USMF', rows: rows.slice(from, from + mostRows) } },
    )
    const outcomes = new Set(result.rows?.map(({ outcome }) => outcome))
    if (outcomes.size !== 1) throw new Error(JSON.stringify(result).slice(0, 500))
  }
}

/** As many items for somebody, of the accounts `<prefix>-0001` on; each raises a credit limit. Answers the accounts. */
export const crowd = async (app: TestApp, user: string, prefix: string, count: number): Promise<string[]> => {
  const id = await people(app)
  const accounts = Array.from({ length: count }, (_, index) => `${prefix}-${String(index + 1).padStart(4, '0')}`)
  await saveWorkflow(app, `Of ${prefix}`, id('olga'), [], [approval('Credit', { users: [id(user)] })], {
    activation: `customer.account.startsWith("${prefix}-")`,
  })
  const given = { customerGroup: '10', currency: 'USD', creditLimit: '1000.00' }
  await write(
    app,
    accounts.map((account) => ({ account, set: { name: `Customer ${account}`, ...given } })),
  )
  await write(
    app,
    accounts.map((account, index) => ({ account, set: { creditLimit: `${2000 + index}.00` } })),
  )
  return accounts
}
