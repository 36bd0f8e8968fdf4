// Brings a database to the schema of this version. Any number of processes may start at once: one migrates, the others wait.
import { fileURLToPath } from 'node:url'
import { drizzle } from 'drizzle-orm/postgres-js'
import { migrate as applyMigrations } from 'drizzle-orm/postgres-js/migrator'
import postgres from 'postgres'

const folder = fileURLToPath(new URL('./migrations', import.meta.url))

/** Any number will do that nothing else in the database locks. */
const migrationLock = 7_246_018_355

/** Applies the migrations that are missing, all of them in one transaction. */
export async function migrate(databaseUrl: string): Promise<void> {
  // The lock belongs to the session, hence a client of one connection.
  const sql = postgres(databaseUrl, { max: 1, connect_timeout: 10, onnotice: () => undefined })
  try {
    await sql`select pg_advisory_lock(${migrationLock})`
    await applyMigrations(drizzle(sql, { casing: 'snake_case' }), { migrationsFolder: folder })
  } finally {
    await sql.end({ timeout: 5 })
  }
}
