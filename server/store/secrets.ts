// Keys that all processes on one database share, so that what one of them has sealed another can open.
import { sql } from 'drizzle-orm'
import type { Db } from '../db/connect.ts'

/** The secret of that name; made by `make` when there is none. Whoever comes first wins, everybody gets the same. */
export const readSecret = async (db: Db, name: string, make: () => string): Promise<string> => {
  await db.execute(sql`insert into secrets (name, value) values (${name}, ${make()}) on conflict do nothing`)
  const [row] = await db.execute<{ value: string }>(sql`select value from secrets where name = ${name}`)
  if (!row) throw new Error(`the secret ${name} was removed while it was being read`)
  return row.value
}
