// Follows GraphQL subscriptions and never loses its place: a stream that was cut goes on behind the last message that it
// brought, each message is handed over once and in order, and the page is told whether what it shows is live. Knows no
// framework and nothing of this application; docs/client-live.md is its guide.
import { createPauses } from './pauses.ts'
import { openSocket, type Socket, type SocketTimes } from './socket.ts'
import { createStream, type Handler, type LiveMessage, type Stream, type StreamTimes } from './stream.ts'
import { surroundingsOf, type Surroundings } from './surroundings.ts'

export type { Handler, LiveMessage, RefusalError } from './stream.ts'
export type { Sight, Surroundings } from './surroundings.ts'

/** `offline`: the browser says so, or nothing was reached for a while. What is shown was true when last heard. */
export type Status = 'live' | 'reconnecting' | 'offline'

/** All in milliseconds. */
export type Times = StreamTimes &
  SocketTimes & {
    /** Without a connection for this long: offline. */
    offlineAfter: number
    /** A server that restarts is come back to within this time. */
    restart: number
  }

const usual: Times = {
  first: 500,
  // Never so slow that a person would reload instead.
  most: 8_000,
  steady: 10_000,
  settle: 2_000,
  pingEvery: 10_000,
  pongWithin: 5_000,
  connectWithin: 10_000,
  offlineAfter: 12_000,
  restart: 2_000,
}

export type LiveOptions = {
  /** Of the endpoint, with http or ws. */
  url: string
  /** A bearer token, asked for before each connection. `expired`: the server does not take the last one any more. */
  token: (expired: boolean) => string | Promise<string>
  /** Told when it is another; `reconnecting` is what it begins with. */
  onStatus?: (status: Status) => void
  /** For platforms without WebSocket: that of `ws`, for instance. */
  webSocketImpl?: unknown
  /** The browser's, if left out. */
  surroundings?: Surroundings
  times?: Partial<Times>
}

export type Live = {
  /**
   * Follows a subscription until the answer is called; no message is handed over after that. The document has one root
   * field, takes `$after: Cursor`, and selects `__typename` and `cursor`; throws a TypeError if it does not.
   */
  follow<M extends LiveMessage>(document: string, variables: object, handler: Handler<M>): () => void
  readonly status: Status
  /** When something was last heard; null before that. */
  readonly heard: Date | null
  /** Connects anew at once. */
  reconnect(): void
  /** Ends everything for good. */
  dispose(): void
}

/** The sign-in has ended, or was none. */
const expiry = [4401, 4403]
/** The server restarts, or asks to try again later. */
const restarting = [1012, 1013]

export const createLive = (options: LiveOptions): Live => {
  const { token, onStatus, webSocketImpl, surroundings = surroundingsOf() } = options
  const url = options.url.replace(/^http/, 'ws')
  const times = { ...usual, ...options.times }
  const pauses = createPauses(times)
  const streams = new Set<Stream>()
  let socket: Socket | null = null
  let up = false
  let expired = false
  let disposed = false
  /** Nothing was reached for a while. */
  let silent = false
  let denied = !surroundings.online()
  let heard: number | null = null
  let status: Status = 'reconnecting'
  let next: ReturnType<typeof setTimeout> | undefined
  let patience: ReturnType<typeof setTimeout> | undefined

  const tell = () => {
    const well = up && ![...streams].some((stream) => stream.troubled())
    const now: Status = denied || silent ? 'offline' : well ? 'live' : 'reconnecting'
    if (now === status || disposed) return
    status = now
    onStatus?.(now)
  }

  /** Without a socket from now on. */
  const drop = () => {
    clearTimeout(next)
    socket?.close()
    socket = null
    up = false
    for (const stream of streams) stream.lose()
    patience ??= setTimeout(() => {
      silent = true
      tell()
    }, times.offlineAfter)
  }

  const later = (pause: number) => {
    drop()
    next = setTimeout(connect, pause)
    tell()
  }

  const askToken = async () => {
    const given = await token(expired)
    expired = false
    return given
  }

  const connect = () => {
    drop()
    socket = openSocket({
      url,
      token: askToken,
      webSocketImpl,
      times,
      onHeard: () => {
        heard = Date.now()
      },
      onUp: () => {
        up = true
        silent = false
        // It is there, whatever the browser says.
        denied = false
        clearTimeout(patience)
        patience = undefined
        pauses.held()
        for (const stream of streams) if (socket) stream.open(socket)
        tell()
      },
      onDown: (code = 0) => {
        expired ||= expiry.includes(code)
        const pause = pauses.next()
        later(restarting.includes(code) ? Math.max(pause, Math.random() * times.restart) : pause)
      },
    })
    tell()
  }

  /** The next attempt, if one is waited for, is made now. */
  const hurry = () => {
    pauses.reset()
    connect()
  }

  const unwatch = surroundings.watch((sight) => {
    const started = socket !== null || next !== undefined
    if (sight === 'offline') denied = true
    if (sight === 'online') denied = false
    if (!started) tell()
    else if (sight === 'offline') later(pauses.next())
    else if (up) socket?.check()
    // An attempt of before may hang for long on a network that is no more.
    else if (sight === 'online' || socket === null) hurry()
    tell()
  })

  return {
    follow<M extends LiveMessage>(document: string, variables: object, handler: Handler<M>) {
      const stream: Stream = createStream({
        document,
        variables: { ...variables },
        handler,
        times,
        onAgain: () => {
          if (up && socket) stream.open(socket)
        },
        onExpired: () => {
          expired = true
          later(pauses.next())
        },
        onEnd: () => {
          streams.delete(stream)
        },
        onChange: tell,
      })
      if (disposed) return () => {}
      streams.add(stream)
      if (up && socket) stream.open(socket)
      else if (socket === null && next === undefined) connect()
      return () => {
        stream.lose()
        streams.delete(stream)
        tell()
      }
    },
    get status() {
      return status
    },
    get heard() {
      return heard === null ? null : new Date(heard)
    },
    reconnect: () => {
      if (!disposed) hurry()
    },
    dispose() {
      disposed = true
      unwatch()
      for (const stream of streams) stream.lose()
      streams.clear()
      drop()
      clearTimeout(patience)
    },
  }
}
