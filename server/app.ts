// The application: everything put together, started and stopped as one. No module globals; two of them can run in a process.
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { createAdmission } from './admission.ts'
import type { AuthSettings } from './auth/settings.ts'
import { createRateLimits, noRateLimits, type RateLimitSettings } from './auth/rate-limits.ts'
import { createAuthenticate } from './auth/viewer.ts'
import type { Clock } from './clock.ts'
import { connect } from './db/connect.ts'
import { demoUsers } from './demo/users.ts'
import { createUploads } from './files/upload.ts'
import { eventPayload } from './graphql/event-payload.ts'
import { callPayload } from './graphql/call-payload.ts'
import { decodeId, encodeId } from './graphql/ids.ts'
import type { PersistedOperations } from './graphql/persisted.ts'
import { attachSockets } from './graphql/ws.ts'
import { createYogaApp, type GraphqlOptions } from './graphql/yoga.ts'
import { createHttp } from './http.ts'
import { importInThread } from './import-thread.ts'
import { createBoss } from './jobs/boss.ts'
import { startDeliveries } from './jobs/deliveries.ts'
import { startStranded } from './jobs/stranded.ts'
import { startSweep } from './jobs/sweep.ts'
import { startCalls } from './jobs/calls.ts'
import { jobHandlers } from './jobs/handlers.ts'
import { startUpkeep } from './jobs/upkeep.ts'
import { startLive } from './live/live.ts'
import type { Log } from './log.ts'
import { createMetrics } from './metrics.ts'
import type { App } from './services/app.ts'
import { createKeyUse } from './services/key-use.ts'
import { createRights } from './services/rights.ts'
import { createSetupCache } from './services/setup-cache.ts'
import { accountLookup } from './services/viewer.ts'
import { createSender } from './services/webhook-sender.ts'
import { sequencerInThread } from './sequencer-thread.ts'
import { paceOf } from './pace.ts'
import { ping } from './store/ping.ts'

/** How long requests that are under way may take to finish when the process is told to stop. */
const graceMs = 1000

export type AppOptions = {
  readonly databaseUrl: string
  /** 0: any free one. */
  readonly port: number
  readonly host: string
  /** Origins besides the server's own from which a browser may call. */
  readonly allowedOrigins: readonly string[]
  readonly auth: AuthSettings
  /** Operations that are known by their hash; none when left out. */
  readonly operations?: PersistedOperations
  /** How often callers may ask; left out: as often as they like. */
  readonly rateLimits?: RateLimitSettings
  /** The built client; undefined serves the API alone. */
  readonly clientDir: string | undefined
  readonly clock: Clock
  readonly log: Log
  /** How often a quiet stream says that it is alive; 20 seconds when left out. */
  readonly heartbeatMs?: number
  /** How often it is looked for what is due; a second when left out. */
  readonly sweepMs?: number
  /** Whether endpoints of partners may lie in one's own network, and be asked over plain HTTP; not when left out. */
  readonly webhooksAllowPrivate?: boolean
  /** How long an endpoint of a partner may take to answer; 15 seconds when left out. */
  readonly webhookTimeoutMs?: number
  /** The sequencer and imports have threads of their own, and the system's clock. */
  readonly threads?: boolean
  /** How often it is looked for what is to be delivered; by itself when left out. */
  readonly deliveriesMs?: number
  /** How many bytes a file may have that is imported, unpacked; 2 GiB when left out. */
  readonly importMaxBytes?: number
}

export type RunningApp = {
  /** Where it answers. */
  readonly url: string
  /** For tests and benches: what the services are called with. */
  readonly services: App
}

/** `start` rejects with what the system says when the address cannot be had; `stop` lets what is under way finish. */
export const createApp = (options: AppOptions): { start(): Promise<RunningApp>; stop(): Promise<void> } => {
  const { databaseUrl, clock, log } = options
  /** What is to be ended, the last begun first. */
  const begun: (() => Promise<unknown>)[] = []

  const stop = async (): Promise<void> => {
    for (let end = begun.pop(); end !== undefined; end = begun.pop()) await end()
  }

  const begin = async (): Promise<RunningApp> => {
    const pool = connect(databaseUrl)
    begun.push(() => pool.close())
    const metrics = createMetrics(() => live.size())
    const onSealed = (count: number): void => metrics.sealed.inc(count)
    const live = await startLive({
      db: pool.db,
      connect: () => connect(databaseUrl, { max: 1, lasting: true, like: pool }).sql,
      log,
      clock,
      ...(options.heartbeatMs !== undefined && { heartbeatMs: options.heartbeatMs }),
      onSealed,
      ...(options.threads === true && { sequencer: () => sequencerInThread(databaseUrl, { log, onSealed }) }),
    })
    begun.push(() => live.stop())
    const pace = paceOf()
    const committed = (): void => live.outbox.wake()
    const boss = createBoss(
      databaseUrl,
      () =>
        jobHandlers(app, options.threads === true ? importInThread(databaseUrl, pace.shared, committed) : undefined),
      log,
    )
    begun.push(() => boss.stop())
    const app: App = {
      db: pool.db,
      clock,
      setup: createSetupCache(),
      wake: () => {
        pace.note()
        committed()
      },
      othersWork: () => false,
      enqueue: boss.enqueue,
      sender: createSender({
        allowPrivate: options.webhooksAllowPrivate ?? false,
        timeoutMs: options.webhookTimeoutMs ?? 15_000,
      }),
    }
    const upkeep = startUpkeep(app, log)
    begun.push(() => upkeep.stop())
    const stranded = startStranded(app, boss, log)
    begun.push(() => stranded.stop())
    const sweep = startSweep(app, log, options.sweepMs)
    begun.push(() => sweep.stop())
    const calls = startCalls(app, log, callPayload, options.sweepMs)
    begun.push(() => calls.stop())
    live.hub.watch((events) => {
      if (events.some(({ type }) => type === 'ElementStarted' || type === 'ProposalResumed')) calls.wake()
    })
    const deliveries = startDeliveries(app, log, eventPayload, options.deliveriesMs)
    begun.push(() => deliveries.stop())

    const keyUse = createKeyUse(pool.db, clock, log)
    begun.push(() => keyUse.settled())
    const authenticate = createAuthenticate(accountLookup(pool.db, clock, keyUse.used), options.auth.verify)
    const rateLimits = options.rateLimits === undefined ? noRateLimits : createRateLimits(options.rateLimits)
    const rights = createRights(pool.db, clock)
    live.hub.watch((events) => rights.heard(events))
    live.hub.watch((events) => deliveries.wake({ webhooks: events.some(({ type }) => type === 'WebhookChanged') }))
    const graphql: GraphqlOptions = {
      app,
      live,
      rights,
      authenticate,
      allowedOrigins: options.allowedOrigins,
      log,
      rateLimits,
      ...(options.operations && { operations: options.operations }),
    }
    const yoga = createYogaApp(graphql)
    const uploads = createUploads({
      app,
      admit: createAdmission(app, authenticate, rateLimits, rights),
      ids: {
        encode: ({ companyId, id }) => encodeId('ImportJob', companyId, id),
        decode: (text) => {
          const decoded = decodeId(text)
          return decoded?.type === 'ImportJob' ? { companyId: decoded.parts[0], id: decoded.own } : null
        },
      },
      allowedOrigins: options.allowedOrigins,
      maxBytes: options.importMaxBytes ?? 2 * 1024 ** 3,
      log,
    })
    begun.push(() => uploads.stop())
    const tokens = options.auth.demo
    const server = createHttp({
      graphql: yoga,
      uploads: uploads.handle,
      demo: tokens === undefined ? undefined : { tokens, users: () => demoUsers(pool.db) },
      clientDir: options.clientDir,
      ready: () => ping(pool.db),
      metrics,
      log,
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(options.port, options.host, () => {
        server.off('error', reject)
        resolve()
      })
    })
    const sockets = attachSockets(server, yoga, graphql)
    begun.push(async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      await sockets.stop()
      // What is being answered is let finish; streams over HTTP would never end by themselves.
      await Promise.race([closed, wait(graceMs, undefined, { ref: false })])
      server.closeAllConnections()
      await closed
    })
    const { port } = server.address() as AddressInfo
    const shown =
      options.host === '0.0.0.0' || options.host === '127.0.0.1' || options.host === '::' ? 'localhost' : options.host
    return { url: `http://${shown}:${port}`, services: app }
  }

  return {
    async start() {
      try {
        return await begin()
      } catch (error) {
        await stop()
        throw error
      }
    },
    stop,
  }
}
