// Who is waited for.
import { sql } from 'drizzle-orm'
import type { Reader } from '../db/connect.ts'

/** Proposals on which an item of this person is open, oldest first. */
export const proposalsAwaiting = async (reader: Reader, companyId: string, userId: string): Promise<string[]> => {
  const rows = await reader.execute<{ id: string }>(sql`
    select proposal_id as id from work_items
    where company_id = ${companyId} and assignee_id = ${userId} and status = 'OPEN' and kind <> 'RETURN'
    group by proposal_id
    order by min(created_at), proposal_id`)
  return rows.map(({ id }) => id)
}
