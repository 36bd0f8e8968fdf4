// A running application on a database of its own, and people who talk to it over real HTTP.
import pino from 'pino'
import { afterAll } from 'vitest'
import { createApp, type RunningApp } from '../../server/app.ts'
import type { RateLimitSettings } from '../../server/auth/rate-limits.ts'
import { createDemoTokens } from '../../server/auth/demo.ts'
import type { Clock } from '../../server/clock.ts'
import type { PersistedOperations } from '../../server/graphql/persisted.ts'
import { createTestDatabase } from './postgres.ts'

type Json = Record<string, unknown>
export type Answer<T> = {
  data: T
  errors?: { message: string; path?: (string | number)[]; extensions?: Json }[]
  extensions?: Json
}

export type TestApp = RunningApp & {
  databaseUrl: string
  /** A bearer token of a demo user. */
  token(user: string): Promise<string>
  /**
   * Sends an operation as a demo user (or as nobody) and gives back the whole answer. `T`, what is expected in `data`, is the
   * test's to know: a field that is not there fails where it is used.
   */
  send<T = Json>(
    user: string | null,
    query: string,
    variables?: Json,
    headers?: Record<string, string>,
  ): Promise<Answer<T>>
  /** As `send`, and fails with everything there is to know unless the answer is without errors; gives back `data`. */
  ask<T = Json>(user: string, query: string, variables?: Json): Promise<T>
  /** Ends it before the file does. */
  stop(): Promise<void>
  /** After `stop`: again on the same database, where it was or, with `elsewhere`, where nobody who saw it before looks. */
  startAgain(options?: { elsewhere?: boolean }): Promise<void>
  /** With the demo partner's API key. */
  partner<T = Json>(query: string, variables?: Json): Promise<T>
}

/**
 * Starts the application on a clone of the demo world. Call it at the top of a test file; it is stopped when the file is done.
 * A `clock` moves the server's time.
 */
export async function startTestApp(
  options: {
    clock?: Clock
    clientDir?: string
    heartbeatMs?: number
    allowedOrigins?: string[]
    webhooksAllowPrivate?: boolean
    operations?: PersistedOperations
    rateLimits?: RateLimitSettings
  } = {},
): Promise<TestApp> {
  const database = await createTestDatabase({ demo: true })
  const clock = options.clock ?? (() => new Date())
  const log = pino({ level: process.env.TEST_LOG ?? 'fatal' })
  const demo = await createDemoTokens(clock, log)
  const create = (port: number) =>
    createApp({
      databaseUrl: database.url,
      port,
      host: '127.0.0.1',
      allowedOrigins: options.allowedOrigins ?? [],
      webhooksAllowPrivate: options.webhooksAllowPrivate ?? false,
      auth: { verify: demo.verify, demo },
      clientDir: options.clientDir,
      clock,
      log,
      ...(options.operations && { operations: options.operations }),
      ...(options.rateLimits && { rateLimits: options.rateLimits }),
      ...(options.heartbeatMs !== undefined && { heartbeatMs: options.heartbeatMs }),
    })
  let app = create(0)
  // Registered after the database's own, so it runs before it: nothing is connected any more when that is dropped.
  afterAll(() => app.stop())
  let running = await app.start()
  const { url } = running
  const tokens = new Map<string, string>()
  const token = async (user: string): Promise<string> => {
    const known = tokens.get(user) ?? (await demo.issue(user))
    tokens.set(user, known)
    return known
  }

  const post = async <T>(
    authorization: string | null,
    query: string,
    variables: Json,
    headers: Record<string, string> = {},
  ): Promise<Answer<T>> => {
    const response = await fetch(`${running.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(authorization !== null && { authorization }), ...headers },
      body: JSON.stringify({ query, variables }),
    })
    return (await response.json()) as Answer<T>
  }

  const clean = <T>(who: string, query: string, variables: Json, answer: Answer<T>): T => {
    if (answer.errors === undefined) return answer.data
    throw new Error(
      `${who} was answered with errors: ${JSON.stringify(answer, null, 2)}\n${query}\n${JSON.stringify(variables)}`,
    )
  }

  return {
    url,
    get services() {
      return running.services
    },
    databaseUrl: database.url,
    stop: () => app.stop(),
    startAgain: async ({ elsewhere = false } = {}) => {
      app = create(elsewhere ? 0 : Number(new URL(url).port))
      running = await app.start()
    },
    token,
    send: async (user, query, variables = {}, headers = {}) =>
      post(user === null ? null : `Bearer ${await token(user)}`, query, variables, headers),
    ask: async <T>(user: string, query: string, variables: Json = {}) =>
      clean(user, query, variables, await post<T>(`Bearer ${await token(user)}`, query, variables)),
    partner: async <T>(query: string, variables: Json = {}) =>
      clean('partner', query, variables, await post<T>('ApiKey demo-partner-key', query, variables)),
  }
}

/** Waits until `check` answers something, looking again and again; fails with `what` after `timeoutMs`. */
export async function until<T>(
  what: string,
  check: () => Promise<T | undefined> | T | undefined,
  timeoutMs = 30_000,
): Promise<T> {
  const end = Date.now() + timeoutMs
  for (;;) {
    const found = await check()
    if (found !== undefined) return found
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
