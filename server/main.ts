// The process: environment → database → client → application → signals.
import './production.ts'
import { createApp } from './app.ts'
import { authSettings } from './auth/settings.ts'
import { buildClient } from './client-build.ts'
import { systemClock } from './clock.ts'
import { startEmbedded } from './db/embedded.ts'
import { migrate } from './db/migrate.ts'
import { reachDatabase } from './db/reach.ts'
import { seedDemo } from './demo/seed.ts'
import { readOperations } from './operations-file.ts'
import { readEnv, type Env } from './env.ts'
import { createLog, type Log } from './log.ts'
import { StartupError } from './startup-error.ts'
import { welcome } from './welcome.ts'

/** What is to be ended, the last begun first. */
const started: (() => Promise<void>)[] = []

async function stop(): Promise<void> {
  for (let end = started.pop(); end !== undefined; end = started.pop()) await end()
}

async function openDatabase(env: Env): Promise<string> {
  const { databaseUrl } = env
  if (databaseUrl !== undefined) {
    await reachDatabase(databaseUrl)
    await migrate(databaseUrl)
    return databaseUrl
  }
  const embedded = await startEmbedded({ dataDir: env.dataDir })
  started.push(() => embedded.stop())
  await migrate(embedded.databaseUrl)
  await seedDemo(embedded.databaseUrl, systemClock)
  return embedded.databaseUrl
}

async function start(env: Env, log: Log): Promise<string> {
  const demo = env.databaseUrl === undefined && env.issuer === undefined
  const auth = await authSettings(env.issuer, demo, systemClock, log)
  // Both to their end, whatever becomes of the other: what has started by then is stopped with the rest.
  const [database, client] = await Promise.allSettled([openDatabase(env), buildClient(log)])
  if (database.status === 'rejected') throw database.reason
  if (client.status === 'rejected') throw client.reason
  const app = createApp({
    databaseUrl: database.value,
    port: env.port,
    host: env.host,
    allowedOrigins: env.allowedOrigins,
    auth,
    operations: readOperations(env),
    rateLimits: env.rateLimits,
    clientDir: client.value,
    webhooksAllowPrivate: env.webhooksAllowPrivate,
    importMaxBytes: env.importMaxBytes,
    clock: systemClock,
    threads: true,
    log,
  })
  started.push(() => app.stop())
  const { url } = await app.start().catch((error: unknown) => {
    throw listenProblem(error, env) ?? error
  })
  return url
}

function listenProblem(cause: unknown, { host, port }: Env): StartupError | undefined {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  if (code === 'EADDRINUSE') {
    return new StartupError(`Port ${port} is in use: stop what uses it, or set PORT to another one.`, { cause })
  }
  if (code === 'EACCES') return new StartupError(`Port ${port} may not be used: set PORT to one above 1023.`, { cause })
  if (code === 'EADDRNOTAVAIL') return new StartupError(`HOST ${host} is no address of this machine.`, { cause })
  return undefined
}

function fail(error: unknown): void {
  if (error instanceof StartupError) process.stderr.write(`${error.message}\n`)
  else process.stderr.write(`Countersign could not start. ${error instanceof Error ? error.stack : String(error)}\n`)
}

/** Resolves when somebody asks the process to end. */
function untilAsked(): Promise<void> {
  let askedAt: number | undefined
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        // One Ctrl-C arrives twice, from the terminal and from npm. A later one is from somebody who does not wait.
        if (askedAt !== undefined && performance.now() - askedAt > 1_000) process.exit(130)
        askedAt ??= performance.now()
        resolve()
      })
    }
  })
}

async function main(): Promise<number> {
  const asked = untilAsked()
  let code = 0
  try {
    const env = readEnv()
    const starting = start(env, createLog(env.logLevel))
    const first = await Promise.race([starting, asked])
    if (first !== undefined) process.stdout.write(welcome(first, env))
    await asked
    await starting
  } catch (error) {
    fail(error)
    code = 1
  }
  await stop().catch((error: unknown) => {
    fail(error)
    code = 1
  })
  return code
}

process.exit(await main())
