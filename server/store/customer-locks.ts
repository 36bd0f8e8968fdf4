// Locks for work on many customers at once.
import { sql } from 'drizzle-orm'
import type { Tx } from '../db/connect.ts'
import { soughtText } from './sought-text.ts'

/** Locks the customers with these accounts, always in the order of their accounts, so that two imports never wait for each other in a circle. */
export const lockAccounts = async (tx: Tx, companyId: string, accounts: readonly string[]): Promise<void> => {
  await tx.execute(sql`
    select id from customers
    where company_id = ${companyId} and account = any(${sql.param([...new Set(accounts.map(soughtText))])}::text[])
    order by account
    for update`)
}

/** Locks proposals after their customers, always in the order of their ids. */
export const lockProposals = async (tx: Tx, companyId: string, ids: readonly string[]): Promise<void> => {
  await tx.execute(sql`
    select id from proposals
    where company_id = ${companyId} and id = any(${sql.param([...new Set(ids)])}::uuid[])
    order by id
    for update`)
}
