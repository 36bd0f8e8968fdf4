// Proposals about which time alone has something to say.
import { sql, type SQL } from 'drizzle-orm'
import type { Reader, Tx } from '../db/connect.ts'

export type Due = { readonly companyId: string; readonly customerId: string; readonly proposalId: string }

/**
 * What can be taken up of `proposals p` by `now`, without the ids in `but`. One that waits for another proposal of its customer cannot.
 * Not as `not exists`: with very much due the planner would read every proposal there is to answer that for a few.
 */
const takable = (now: string, but: readonly string[]): SQL => sql`
  p.due_at <= ${now}::timestamptz and p.id <> all(${sql.param([...but])}::uuid[])
  and (p.status <> 'SCHEDULED' or (
    select o.id from proposals o
    where o.company_id = p.company_id and o.customer_id = p.customer_id
      and o.status not in ('APPLIED', 'DISCARDED', 'SCHEDULED')
    limit 1) is null)`

/**
 * The proposal that has been due longest by `now`, its customer locked as every command locks it first; null: none, or others have all of
 * them in hand. What is known of it is from before the lock: somebody else may have acted on it since.
 */
export const lockDue = async (tx: Tx, now: string, but: readonly string[]): Promise<Due | null> => {
  const [row] = await tx.execute<Due>(sql`
    select p.company_id as "companyId", p.customer_id as "customerId", p.id as "proposalId"
    from proposals p join customers c on c.company_id = p.company_id and c.id = p.customer_id
    where ${takable(now, but)}
    order by p.due_at
    limit 1
    for update of c skip locked`)
  return row ?? null
}

/** Is there any proposal to take up? Cheap enough to ask each second. */
export const isAnythingDue = async (reader: Reader, now: string, but: readonly string[]): Promise<boolean> => {
  const rows = await reader.execute(sql`select 1 from proposals p where ${takable(now, but)} limit 1`)
  return rows.length > 0
}
