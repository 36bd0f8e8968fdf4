// The API over the demo world on a port of its own, and callers that sign in as its people.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { sql } from 'drizzle-orm'
import { createClient, type Client } from 'graphql-ws'
import postgres from 'postgres'
import { afterAll } from 'vitest'
import { WebSocket } from 'ws'
import { createDemoTokens } from '../../server/auth/demo.ts'
import { createAuthenticate } from '../../server/auth/viewer.ts'
import { connect, type Db } from '../../server/db/connect.ts'
import { seedDemo } from '../../server/demo/seed.ts'
import { attachSockets } from '../../server/graphql/ws.ts'
import { createYogaApp } from '../../server/graphql/yoga.ts'
import { startLive } from '../../server/live/live.ts'
import { createLog } from '../../server/log.ts'
import { createRights } from '../../server/services/rights.ts'
import { alone } from '../../server/services/alone.ts'
import { createSetupCache } from '../../server/services/setup-cache.ts'
import { accountLookup } from '../../server/services/viewer.ts'
import { createTestDatabase } from '../helpers/postgres.ts'

export type Failure = { message: string; extensions: Record<string, unknown>; path?: unknown[] }
export type Answer<D> = { data: D; errors?: Failure[]; extensions?: Record<string, unknown> }
export type Variables = Record<string, unknown>

/** A stream's messages as they come: `next` waits for one, `until` for one that fits and forgets those before it. */
export type Messages<M> = { next(): Promise<M>; until(fits: (message: M) => boolean): Promise<M>; stop(): void }

const mailbox = <M>(stop: () => void) => {
  const waiting: M[] = []
  let wake: () => void = () => {}
  const next = async (): Promise<M> => {
    while (waiting.length === 0) await new Promise<void>((resolve) => (wake = resolve))
    return waiting.shift()!
  }
  const messages: Messages<M> = {
    next,
    async until(fits) {
      for (;;) {
        const message = await next()
        if (fits(message)) return message
      }
    },
    stop,
  }
  return {
    messages,
    put(message: M) {
      waiting.push(message)
      wake()
    },
  }
}

/** Starts the API over a database with the demo world; all of it ends with the test file. */
export async function startWorld() {
  const { url } = await createTestDatabase()
  const now = { clock: () => new Date() }
  const clock = (): Date => now.clock()
  await seedDemo(url, clock)
  const statements: string[] = []
  const logged: string[] = []
  const log = createLog('error', { write: (line) => void logged.push(line) })
  const connection = connect(url)
  const broken = { reads: false }
  const counted = countStatements(connection.db, statements, broken)
  const one = () => postgres(url, { max: 1, onnotice: () => undefined })
  // The feed reads by itself now and then: on a handle of its own, so that what is counted is the requests' alone.
  const reading = connect(url)
  const live = await startLive({ db: reading.db, connect: one, log, clock, pollMs: 200 })
  // The demo world's own events are old news: what a test follows begins behind them.
  while ((await unsealed(connection.db)) > 0) await new Promise((resolve) => setTimeout(resolve, 20))
  const app = { db: counted, clock, setup: createSetupCache(), ...alone, wake: () => live.outbox.wake() }
  const tokens = await createDemoTokens(clock, log)
  const rights = createRights(connection.db, clock)
  live.hub.watch((events) => rights.heard(events))
  const options = {
    app,
    live,
    rights,
    log,
    allowedOrigins: ['https://partner.example'],
    authenticate: createAuthenticate(accountLookup(connection.db), tokens.verify),
  }
  const yoga = createYogaApp(options)
  const server = createServer((request, response) => void yoga(request, response))
  const sockets = attachSockets(server, yoga, options)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const address = `127.0.0.1:${port}`
  const clients: Client[] = []
  afterAll(async () => {
    await Promise.all(clients.map(async (client) => client.dispose()))
    await sockets.stop()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await live.stop()
    await reading.close()
    await connection.close()
  })

  const authorization = async (user: string): Promise<string> =>
    user === 'partner' ? 'ApiKey demo-partner-key' : `Bearer ${await tokens.issue(user)}`
  const post = async (user: string | null, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`http://${address}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...headers,
        ...(user !== null && { authorization: await authorization(user) }),
      },
      body: JSON.stringify(body),
    })
  /** An operation's whole answer. */
  const send = async <D = Record<string, unknown>>(
    user: string | null,
    query: string,
    variables: Variables = {},
  ): Promise<Answer<D>> => (await (await post(user, { query, variables })).json()) as Answer<D>
  /** An operation's data; errors are thrown. */
  const ask = async <D = Record<string, unknown>>(
    user: string,
    query: string,
    variables: Variables = {},
  ): Promise<D> => {
    const { data, errors } = await send<D>(user, query, variables)
    if (errors)
      throw new Error(
        errors.map((e) => `${e.message} ${JSON.stringify(e.path ?? [])} ${JSON.stringify(e.extensions)}`).join('\n'),
      )
    return data
  }
  const socket = async (user: string): Promise<Client> => {
    const client = createClient({
      url: `ws://${address}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: await authorization(user) },
      retryAttempts: 0,
    })
    clients.push(client)
    return client
  }
  /** Follows a stream over a socket of its own. */
  const follow = async <M>(user: string, query: string, variables: Variables = {}): Promise<Messages<M>> => {
    const client = await socket(user)
    const box = mailbox<M>(() => unsubscribe())
    const unsubscribe = client.subscribe(
      { query, variables },
      {
        next: (message) => box.put(message as M),
        error: (error) => box.put({ refused: error } as M),
        complete: () => box.put({ complete: true } as M),
      },
    )
    return box.messages
  }
  /** Makes every read of a customer fail, as a database out of reach would. */
  const breakReads = (on: boolean): void => {
    broken.reads = on
  }
  return {
    breakReads,
    url,
    address,
    db: connection.db,
    now,
    tokens,
    live,
    statements,
    logged,
    authorization,
    post,
    send,
    ask,
    socket,
    follow,
  }
}

const unsealed = async (db: Db): Promise<number> => {
  const [row] = await db.execute<{ n: number }>(sql`select count(*)::int as n from events where position is null`)
  return row?.n ?? 0
}

/** The same handle, noting each statement that is sent through it. */
function countStatements(db: Db, statements: string[], broken: { reads: boolean }): Db {
  const session = (
    db as unknown as {
      _: { session: { prepareQuery: (...args: unknown[]) => { execute: (...args: unknown[]) => unknown } } }
    }
  )._.session
  const prepare = session.prepareQuery.bind(session)
  session.prepareQuery = (...args) => {
    const prepared = prepare(...args)
    const execute = prepared.execute.bind(prepared)
    prepared.execute = (...values) => {
      const text = (args[0] as { sql: string }).sql
      statements.push(text)
      if (broken.reads && text.includes('from "customers"'))
        throw new Error('deliberately broken: select secret from customers where iban = 1')
      return execute(...values)
    }
    return prepared
  }
  return db
}
