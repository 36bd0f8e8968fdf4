// Locks for work on many customers at once.
import { sql } from 'drizzle-orm'
import type { Reader, Tx } from '../db/connect.ts'
import { soughtText } from './sought-text.ts'

export type LockedAccount = { readonly account: string; readonly id: string; readonly version: number }

/**
 * Locks the customers with these accounts, always in the order of their accounts, so that two imports never wait for each other in a
 * circle. Answers those that there are.
 */
export const lockAccounts = async (
  tx: Tx,
  companyId: string,
  accounts: readonly string[],
): Promise<readonly LockedAccount[]> =>
  tx.execute<LockedAccount>(sql`
    select account, id, version from customers
    where company_id = ${companyId} and account = any(${sql.param([...new Set(accounts.map(soughtText))])}::text[])
    order by account
    for update`)

/**
 * Which unclosed proposals each customer has, and how far each has come, as a text that is another when any of them is; customers
 * without any are left out. `proposalsMark` in services/import-rows.ts writes the same.
 */
export const unclosedProposals = async (
  reader: Reader,
  companyId: string,
  customerIds: readonly string[],
): Promise<ReadonlyMap<string, string>> => {
  const rows = await reader.execute<{ id: string; mark: string }>(sql`
    select customer_id as id, string_agg(id || ':' || version, ' ' order by id) as mark from proposals
    where company_id = ${companyId} and customer_id = any(${sql.param([...customerIds])}::uuid[])
      and status not in ('APPLIED', 'DISCARDED')
    group by 1`)
  return new Map(rows.map(({ id, mark }) => [id, mark]))
}

/** Locks proposals after their customers, always in the order of their ids. */
export const lockProposals = async (tx: Tx, companyId: string, ids: readonly string[]): Promise<void> => {
  await tx.execute(sql`
    select id from proposals
    where company_id = ${companyId} and id = any(${sql.param([...new Set(ids)])}::uuid[])
    order by id
    for update`)
}
