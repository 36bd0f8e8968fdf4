// Proposals whose workflow has a request to make.
import { sql } from 'drizzle-orm'
import type { Reader, Tx } from '../db/connect.ts'
import type { Due } from './due.ts'

/**
 * The proposal that has had a request to make longest by `now`, without the ids in `but`, its customer locked as every command locks it
 * first; null: none, or others have all of them in hand. Somebody else may have made the request since.
 */
export const lockCall = async (tx: Tx, now: string, but: readonly string[]): Promise<Due | null> => {
  const [row] = await tx.execute<Due>(sql`
    select p.company_id as "companyId", p.customer_id as "customerId", p.id as "proposalId"
    from proposals p join customers c on c.company_id = p.company_id and c.id = p.customer_id
    where p.call_due_at <= ${now}::timestamptz and p.id <> all(${sql.param([...but])}::uuid[])
    order by p.call_due_at
    limit 1
    for update of c skip locked`)
  return row ?? null
}

/** Is there any request to make? Cheap enough to ask each second: the index holds those that wait and nothing else. */
export const isAnyCallDue = async (reader: Reader, now: string, but: readonly string[]): Promise<boolean> => {
  const rows = await reader.execute(sql`
    select 1 from proposals p
    where p.call_due_at <= ${now}::timestamptz and p.id <> all(${sql.param([...but])}::uuid[]) limit 1`)
  return rows.length > 0
}
