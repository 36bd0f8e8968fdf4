// Does the database answer?
import { sql } from 'drizzle-orm'
import type { Reader } from '../db/connect.ts'

/** Rejects while it does not. */
export const ping = async (reader: Reader): Promise<void> => {
  await reader.execute(sql`select 1`)
}
