// Proposals about which time alone has something to say.
import { sql } from 'drizzle-orm'
import type { Reader, Tx } from '../db/connect.ts'

export type Due = { readonly companyId: string; readonly proposalId: string }

/**
 * The proposal that has been due longest by `now`, its customer locked as every command locks it first; null: none, or another process has
 * all of them in hand. One that waits for its time while another proposal is open is not due. `but`: ids to leave alone.
 */
export const lockDue = async (tx: Tx, now: string, but: readonly string[]): Promise<Due | null> => {
  const [row] = await tx.execute<{ companyId: string; proposalId: string }>(sql`
    select p.company_id as "companyId", p.id as "proposalId"
    from proposals p join customers c on c.company_id = p.company_id and c.id = p.customer_id
    where p.due_at <= ${now}::timestamptz and p.id <> all(${sql.param([...but])}::uuid[])
      and (p.status <> 'SCHEDULED' or not exists (
        select from proposals o
        where o.company_id = p.company_id and o.customer_id = p.customer_id
          and o.status not in ('APPLIED', 'DISCARDED', 'SCHEDULED')))
    order by p.due_at
    limit 1
    for update of c skip locked`)
  return row ?? null
}

/** Is any proposal due by `now`? Cheap enough to ask each second. */
export const isAnythingDue = async (reader: Reader, now: string): Promise<boolean> => {
  const rows = await reader.execute(sql`select 1 from proposals where due_at <= ${now}::timestamptz limit 1`)
  return rows.length > 0
}
