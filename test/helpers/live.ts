// Readers of live streams over WebSocket and server-sent events. Both wait for messages, never for time, and show everything
// that they have received when one does not come.
import { sql } from 'drizzle-orm'
import { createClient, type Client } from 'graphql-ws'
import { afterAll } from 'vitest'
import { WebSocket } from 'ws'
import { until, type TestApp } from './app.ts'

export type Failure = { message: string; path?: (string | number)[]; extensions: { code: string; requestId?: string } }
export type LiveMessage = { __typename: string; cursor: string }
type Result = { data?: Record<string, unknown> | null; errors?: Failure[] }
type Entry = { kind: 'next'; result: Result; id?: string } | { kind: 'refused'; errors: Failure[] } | { kind: 'end' }

export type Stream = {
  /** The next message; fails on errors and on the end. */
  next<M = LiveMessage>(): Promise<M>
  /** The first message that fits, skipping those before it. */
  until<M = LiveMessage>(what: string, fits: (message: M) => boolean): Promise<M>
  /** The errors with which the stream was refused or broke. */
  refusal(): Promise<Failure[]>
  /** Resolves when the server has ended the stream; what came before is skipped. */
  end(): Promise<void>
  /** Ids of the server-sent events, by which the reader goes on. */
  ids(): string[]
  /** Messages that came and were not taken. */
  waiting<M = LiveMessage>(): M[]
  stop(): Promise<void>
}

const patienceMs = 30_000
const short = (value: unknown): string => JSON.stringify(value)?.slice(0, 2_000) ?? String(value)

/** What both kinds of stream share: entries in the order in which they came, and waiting for them. */
const reader = (label: string, stop: () => Promise<void> | void) => {
  const all: Entry[] = []
  let taken = 0
  let wake: () => void = () => undefined
  const dump = (): string => all.map((entry, n) => `${n < taken ? '  ' : '> '}${short(entry)}`).join('\n')
  const fail = (what: string): Error => new Error(`${label}: ${what}. Received (> not taken yet):\n${dump()}`)

  const take = async (what: string): Promise<Entry> => {
    const deadline = Date.now() + patienceMs
    for (;;) {
      const entry = all[taken]
      if (entry !== undefined) {
        taken += 1
        return entry
      }
      const left = deadline - Date.now()
      if (left <= 0) throw fail(`waited in vain for ${what}`)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left)
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }
  const messageOf = (entry: Entry, what: string): unknown => {
    if (entry.kind !== 'next') throw fail(`${entry.kind} in place of ${what}`)
    const { data, errors } = entry.result
    if (errors !== undefined || data === undefined || data === null) throw fail(`an error in place of ${what}`)
    return Object.values(data)[0]
  }

  const stream: Stream = {
    next: async <M>() => messageOf(await take('a message'), 'a message') as M,
    async until<M>(what: string, fits: (message: M) => boolean) {
      for (;;) {
        const message = messageOf(await take(what), what) as M
        if (fits(message)) return message
      }
    },
    async refusal() {
      const entry = await take('a refusal')
      if (entry.kind === 'refused') return entry.errors
      if (entry.kind === 'next' && entry.result.errors !== undefined) return entry.result.errors
      throw fail('it was not refused')
    },
    async end() {
      while ((await take('the end')).kind !== 'end');
    },
    ids: () => all.flatMap((entry) => (entry.kind === 'next' && entry.id !== undefined ? [entry.id] : [])),
    waiting: <M>() => all.slice(taken).map((entry) => messageOf(entry, 'a message') as M),
    stop: async () => stop(),
  }
  const put = (entry: Entry): void => {
    all.push(entry)
    wake()
  }
  return { stream, put }
}

export type LiveSocket = {
  subscribe(query: string, variables?: object): Stream
  /** Resolves with the code when the socket is closed. */
  readonly closed: Promise<number>
  /** Every connection that was made. */
  readonly connections: () => number
  close(): Promise<void>
}

/** One socket of the official client; it is not opened again when it drops. */
export const openSocket = async (app: Pick<TestApp, 'url' | 'token'>, user: string): Promise<LiveSocket> => {
  const params = { authorization: user === 'partner' ? 'ApiKey demo-partner-key' : `Bearer ${await app.token(user)}` }
  const { promise: closed, resolve } = Promise.withResolvers<number>()
  let connections = 0
  const client: Client = createClient({
    url: `${app.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: params,
    lazy: false,
    retryAttempts: 0,
    onNonLazyError: () => undefined,
    on: {
      connected: () => (connections += 1),
      closed: (event) => resolve((event as { code: number }).code),
    },
  })
  afterAll(() => client.dispose())
  return {
    subscribe(query, variables = {}) {
      const { stream, put } = reader(`${user} over a socket`, () => unsubscribe())
      const unsubscribe = client.subscribe(
        { query, variables: { ...variables } },
        {
          next: (result) => put({ kind: 'next', result: result as Result }),
          error: (error) => put({ kind: 'refused', errors: error as Failure[] }),
          complete: () => put({ kind: 'end' }),
        },
      )
      return stream
    },
    closed,
    connections: () => connections,
    close: async () => client.dispose(),
  }
}

/** A stream on a socket of its own. */
export const follow = async (
  app: Pick<TestApp, 'url' | 'token'>,
  user: string,
  query: string,
  variables?: object,
): Promise<Stream> => {
  const socket = await openSocket(app, user)
  const stream = socket.subscribe(query, variables)
  return { ...stream, stop: () => socket.close() }
}

export type EventsOptions = { headers?: Record<string, string>; method?: 'GET' | 'POST'; variables?: object }

/** A stream of server-sent events. */
export const openEvents = async (
  app: TestApp,
  user: string | null,
  query: string,
  { headers = {}, method = 'POST', variables = {} }: EventsOptions = {},
): Promise<Stream> => {
  const abort = new AbortController()
  afterAll(() => abort.abort())
  const authorization = user === null ? {} : { authorization: `Bearer ${await app.token(user)}` }
  const accepted = { accept: 'text/event-stream', ...authorization, ...headers }
  const search = new URLSearchParams({ query, variables: JSON.stringify(variables) }).toString()
  const response =
    method === 'GET'
      ? await fetch(`${app.url}/graphql?${search}`, { headers: accepted, signal: abort.signal })
      : await fetch(`${app.url}/graphql`, {
          method,
          headers: { 'content-type': 'application/json', ...accepted },
          body: JSON.stringify({ query, variables }),
          signal: abort.signal,
        })
  const { stream, put } = reader(`${user ?? 'nobody'} over server-sent events`, () => abort.abort())
  const { body } = response
  if (body === null || response.headers.get('content-type') !== 'text/event-stream') {
    const text = await response.text()
    throw new Error(`no stream of events: ${response.status} ${short(text)}`)
  }
  void read(body, put)
  return stream
}

const read = async (body: ReadableStream<Uint8Array>, put: (entry: Entry) => void): Promise<void> => {
  let text = ''
  try {
    for await (const chunk of body.pipeThrough(new TextDecoderStream() as never) as unknown as AsyncIterable<string>) {
      text += chunk
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const lines = text.slice(0, end).split('\n')
        text = text.slice(end + 2)
        const field = (name: string): string | undefined =>
          lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2)
        if (field('event') === 'complete') put({ kind: 'end' })
        if (field('event') !== 'next') continue
        const id = field('id')
        put({ kind: 'next', result: JSON.parse(field('data') ?? '') as Result, ...(id !== undefined && { id }) })
      }
    }
  } catch (error) {
    if (!(error instanceof Error && error.name === 'AbortError')) put({ kind: 'refused', errors: [error as never] })
  }
}

/** The close code of a bare socket that speaks the protocol as it is told to. */
export const closeCode = (
  url: string,
  { params, origin, send }: { params?: unknown; origin?: string; send?: (socket: WebSocket) => void } = {},
): Promise<number> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
      ...(origin !== undefined && { origin }),
    })
    const timer = setTimeout(() => {
      socket.terminate()
      reject(new Error('the socket was not closed'))
    }, patienceMs)
    const done = (code: number): void => {
      clearTimeout(timer)
      resolve(code)
    }
    socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload: params })))
    socket.on('message', (data) => {
      const { type } = JSON.parse((data as Buffer).toString()) as { type: string }
      if (type !== 'connection_ack') return
      if (send === undefined) socket.close(1000)
      else send(socket)
    })
    socket.on('unexpected-response', (_request, response) => done(response.statusCode ?? 0))
    socket.on('close', done)
    socket.on('error', () => undefined)
  })

/** The gauge of live subscriptions, as Prometheus would read it. */
export const subscribers = async (app: TestApp): Promise<number> => {
  const text = await (await fetch(`${app.url}/metrics`)).text()
  return Number(/^countersign_subscribers (\d+)$/m.exec(text)?.[1])
}

/** Waits until everything that was committed has its position: what a test follows from now on is its own. */
export const settled = async (app: TestApp): Promise<void> => {
  await until('all events to be sealed', async () => {
    const rows = await app.services.db.execute(sql`select 1 from events where position is null limit 1`)
    return rows.length === 0 ? true : undefined
  })
}
