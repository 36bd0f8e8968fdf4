// The one way to a database handle.
import { createConnection, type Socket } from 'node:net'
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import { askForTypes, outliving } from './lost-connections.ts'

export type Db = PostgresJsDatabase<Record<string, never>>
export type Tx = Parameters<Parameters<Db['transaction']>[0]>[0]
/** Whatever can read: a store function that only reads takes either. */
export type Reader = Db | Tx

export type Connection = {
  readonly db: Db
  /** The driver beneath, for what Drizzle has no word for. Its parsers are Drizzle's: times and dates come as text. */
  readonly sql: postgres.Sql
  close(): Promise<void>
}

type Where = { readonly host: readonly string[]; readonly port: readonly number[]; readonly path?: string | false }

/**
 * Sockets that send what they are given at once. The driver's own wait, after a statement of more than a kilobyte, until the database
 * has acknowledged its first part, which that delays for forty milliseconds because it waits for the rest. Hosts take turns, as in the
 * driver.
 */
const promptSockets = (): ((where: Where) => Socket) => {
  let turn = 0
  return ({ host: hosts, port: ports, path }) => {
    if (typeof path === 'string') return createConnection(path)
    const at = turn++ % hosts.length
    const [host, port] = [hosts[at] ?? 'localhost', ports[at] ?? 5432]
    // The name is what a certificate is compared with.
    return Object.assign(createConnection({ host, port, noDelay: true }), { host, port })
  }
}

/**
 * Opens a pool of at most `max` connections (10); nothing is connected before the first query. A connection that dies
 * rejects what was being done on it, and the pool goes on. `lasting` ones are never renewed: a session that holds a lock or
 * listens must not change under its owner, who looks after it and begins no transaction on it. They take what they know of
 * the database's types from `like`.
 */
export function connect(
  databaseUrl: string,
  options: { max?: number; lasting?: boolean; like?: Connection } = {},
): Connection {
  const lasting = options.lasting === true
  const pool = postgres(databaseUrl, {
    max: options.max ?? 10,
    ...(lasting && { max_lifetime: null }),
    connect_timeout: 10,
    // Known to the driver, and not to its types.
    ...({ socket: promptSockets() } as object),
    connection: { TimeZone: 'UTC', application_name: 'countersign' },
    onnotice: () => undefined,
  })
  askForTypes(pool, options.like?.sql)
  const sql = lasting ? pool : outliving(pool)
  return { db: drizzle(sql, { casing: 'snake_case' }), sql, close: () => sql.end({ timeout: 5 }) }
}

/** The driver beneath a handle, for what Drizzle has no word for: COPY. Of a transaction, its own connection. */
export const driverOf = (reader: Reader): postgres.Sql => {
  const { session } = reader._ as { readonly session: object }
  if (!('client' in session)) throw new Error('this handle has no driver beneath')
  return session.client as postgres.Sql
}
