// Whether a database that somebody named can be used at all, and if not, what to do about it in one line.
import postgres from 'postgres'
import { StartupError } from '../startup-error.ts'

const oldestVersion = 15

const advice: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'its name cannot be looked up',
  ETIMEDOUT: 'it does not answer',
  CONNECT_TIMEOUT: 'it does not answer',
  ECONNRESET: 'it closes the connection; it may want sslmode=require',
  '28P01': 'the password is wrong',
  '28000': 'it does not let this user in from here',
  '3D000': 'there is no such database; create it first',
  '42501': 'the user may not do this',
}

/** A StartupError when the database cannot be reached or is too old. It names the place and never the password. */
export async function reachDatabase(databaseUrl: string): Promise<void> {
  const { hostname, port, pathname, username } = new URL(databaseUrl)
  const place = `${decodeURIComponent(username)}@${hostname}:${port || '5432'}${pathname}`
  const sql = postgres(databaseUrl, { max: 1, connect_timeout: 10, onnotice: () => undefined })
  try {
    const [row] = await sql<{ version: number }[]>`select current_setting('server_version_num')::int / 10000 as version`
    if (row === undefined || row.version < oldestVersion) {
      throw new StartupError(
        `The database ${place} is PostgreSQL ${row?.version ?? 'of unknown version'}: Countersign needs ${oldestVersion} or newer.`,
      )
    }
  } catch (error) {
    if (error instanceof StartupError) throw error
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    throw new StartupError(
      `The database ${place} is out of reach: ${advice[code] ?? code}. Check DATABASE_URL, or unset it to use an embedded one.`,
      { cause: error },
    )
  } finally {
    await sql.end({ timeout: 1 })
  }
}
