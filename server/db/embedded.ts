// A PostgreSQL of one's own in a data folder, for trying Countersign and for its tests: loopback only, a port that was
// free, a random password that only the owner of the folder can read.
import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import postgres from 'postgres'
import { StartupError } from '../startup-error.ts'
import { findPostgres, type Postgres } from './postgres-binaries.ts'

export type Embedded = {
  databaseUrl: string
  /** Ends every session and waits until the server has gone. */
  stop(): Promise<void>
}

export type EmbeddedOptions = {
  /** Absolute. Made when it is not there. */
  dataDir: string
  /** The database that is made in it. */
  database?: string
  initFlags?: string[]
  /** Server settings of this start. */
  settings?: Record<string, string>
}

const user = 'countersign'
// Held open as long as the process lives: whoever starts on the same folder can tell a neighbour at work from a server
// that a killed process left behind. A pid file cannot, since pids are used again.
const ownerName = 'countersign owner'

/** Starts PostgreSQL on `dataDir`, taking over what a killed process left there. StartupError when it cannot. */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const { dataDir, database = 'countersign' } = options
  await mkdir(dataDir, { recursive: true }).catch((cause: unknown) => {
    throw new StartupError(`The data folder ${dataDir} cannot be made: set DATA_DIR to a folder you may write.`, {
      cause,
    })
  })
  const binaries = await findPostgres(dataDir)
  const cluster = join(dataDir, 'postgres')
  const password = await readPassword(dataDir)
  await initialise(binaries, dataDir, password, options.initFlags ?? [])
  await clearLeftovers(binaries, dataDir, password)
  const port = await startServer(binaries, dataDir, options.settings ?? {})
  const owner = await connectOwner(port, password)
  const known = await owner`select 1 from pg_database where datname = ${database}`
  if (known.length === 0) await owner`create database ${owner(database)}`
  return {
    databaseUrl: urlOf(port, password, database),
    stop: async () => {
      await owner.end({ timeout: 1 })
      await binaries.run('pg_ctl', ['stop', '-D', cluster, '-m', 'fast', '-w'])
    },
  }
}

/** Ends a server that a killed process left running in `dataDir`; does nothing when somebody works with it. */
export async function stopAbandoned(dataDir: string): Promise<void> {
  const binaries = await findPostgres(dataDir)
  await clearLeftovers(binaries, dataDir, await readPassword(dataDir))
}

const urlOf = (port: number, password: string, database: string): string =>
  `postgres://${user}:${password}@127.0.0.1:${port}/${database}`

async function readPassword(dataDir: string): Promise<string> {
  const file = join(dataDir, 'password')
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch (cause) {
    if (!isMissing(cause)) throw belongsToAnother(dataDir, cause)
  }
  const password = randomBytes(24).toString('base64url')
  await writeFile(file, password, { mode: 0o600 })
  return password
}

const belongsToAnother = (dataDir: string, cause: unknown): StartupError =>
  new StartupError(
    `The data folder ${dataDir} belongs to another user: start as that user, or set DATA_DIR to another folder.`,
    { cause },
  )

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT'

async function initialise(binaries: Postgres, dataDir: string, password: string, flags: string[]): Promise<void> {
  const cluster = join(dataDir, 'postgres')
  const { output } = await binaries.run('postgres', ['--version'])
  const major = /\(PostgreSQL\) (\d+)/.exec(output)?.[1]
  if (major === undefined) throw new StartupError(`The embedded PostgreSQL does not run here: ${lastLine(output)}`)
  const found = await readFile(join(cluster, 'PG_VERSION'), 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return undefined
    throw belongsToAnother(dataDir, error)
  })
  if (found?.trim() === major) return
  if (found !== undefined) {
    throw new StartupError(
      `${dataDir} was made by PostgreSQL ${found.trim()}, this is PostgreSQL ${major}: set DATA_DIR to another folder, or dump and reload it with pg_dump.`,
    )
  }
  // Made beside its place and moved there when it is whole, so that an interrupted first start leaves nothing half made.
  const unfinished = join(dataDir, 'postgres.new')
  const passwordFile = join(dataDir, 'password.init')
  await rm(unfinished, { recursive: true, force: true })
  await mkdir(unfinished, { mode: 0o700 })
  await writeFile(passwordFile, password, { mode: 0o600 })
  await Promise.all([binaries.own(unfinished), binaries.own(passwordFile)])
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
  const access = [`--username=${user}`, `--pwfile=${passwordFile}`, '--auth=scram-sha-256']
  const made = await binaries.run('initdb', [`--pgdata=${unfinished}`, ...access, ...locale, ...flags])
  await rm(passwordFile, { force: true })
  if (made.code !== 0) {
    throw new StartupError(`PostgreSQL could not be set up in ${dataDir}: ${lastLine(made.output)}`)
  }
  await rename(unfinished, cluster)
}

async function clearLeftovers(binaries: Postgres, dataDir: string, password: string): Promise<void> {
  const cluster = join(dataDir, 'postgres')
  const pidFile = join(cluster, 'postmaster.pid')
  const [pid, , , port] = await readFile(pidFile, 'utf8').then(
    (text) => text.split('\n'),
    () => [],
  )
  if (pid === undefined || !(await isRunning(binaries, cluster))) return
  if (!(await isPostgres(Number(pid)))) {
    // After a restart of the machine the number may be anybody's, and PostgreSQL would not start because of it.
    await rm(pidFile, { force: true })
    return
  }
  if (await hasOwner(Number(port), password)) {
    throw new StartupError(
      `Another Countersign is running on ${dataDir}: stop it, or set DATA_DIR (and PORT) to something else.`,
    )
  }
  await binaries.run('pg_ctl', ['stop', '-D', cluster, '-m', 'fast', '-w'])
}

const isRunning = async (binaries: Postgres, cluster: string): Promise<boolean> =>
  (await binaries.run('pg_ctl', ['status', '-D', cluster])).code === 0

async function isPostgres(pid: number): Promise<boolean> {
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined)
  // Where there is no /proc to ask, PostgreSQL's own check has to do.
  return command === undefined || command.includes('postgres')
}

async function hasOwner(port: number, password: string): Promise<boolean> {
  const sql = postgres(urlOf(port, password, 'postgres'), { max: 1, connect_timeout: 5, onnotice: () => undefined })
  try {
    // The session of a process that was killed this very moment may still be there for a little.
    for (let attempt = 0; attempt < 10; attempt++) {
      const found = await sql`select 1 from pg_stat_activity where application_name = ${ownerName}`
      if (found.length === 0) return false
      await sleep(100)
    }
    return true
  } catch {
    return false
  } finally {
    await sql.end({ timeout: 1 })
  }
}

async function startServer(binaries: Postgres, dataDir: string, settings: Record<string, string>): Promise<number> {
  const cluster = join(dataDir, 'postgres')
  const logFile = join(cluster, 'server.log')
  await rm(logFile, { force: true })
  let reason = ''
  // Two things pass by themselves: somebody took the port between the look and the start, and the last children of a
  // server that was killed still hold its memory.
  for (let attempt = 0; attempt < 20; attempt++) {
    const port = await freePort()
    const all = { listen_addresses: '127.0.0.1', unix_socket_directories: '', ...settings }
    const flags = Object.entries(all).map(([name, value]) => `-c ${name}=${value}`)
    const options = `-p ${port} ${flags.join(' ')}`
    const started = await binaries.run('pg_ctl', ['start', '-D', cluster, '-w', '-l', logFile, '-o', options])
    if (started.code === 0) return port
    const log = await readFile(logFile, 'utf8').catch(() => '')
    reason = log.split('\n').findLast((line) => line.includes('FATAL:')) ?? lastLine(started.output)
    if (!/shared memory block|could not create any TCP\/IP sockets/.test(reason)) break
    await sleep(250)
  }
  throw new StartupError(`PostgreSQL did not start on ${dataDir}: ${reason.replace(/^.*FATAL:\s*/, '')}`)
}

async function connectOwner(port: number, password: string): Promise<postgres.Sql> {
  const sql = postgres(urlOf(port, password, 'postgres'), {
    max: 1,
    max_lifetime: null,
    connection: { application_name: ownerName },
    onnotice: () => undefined,
  })
  await sql`select 1`
  return sql
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => {
        if (address !== null && typeof address === 'object') resolve(address.port)
        else reject(new Error('the system named no free port'))
      })
    })
  })
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? ''
