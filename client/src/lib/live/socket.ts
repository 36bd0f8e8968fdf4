// One socket from its opening to its end, over graphql-ws. The client of that library would connect again by itself, but
// with its own idea of what is hopeless, with requests that never change and under the ids of before, so that a late
// message of an old socket is taken for one of the new. Here every connection has a client of its own that is thrown away.
import { createClient, type Client } from 'graphql-ws'

export type SocketTimes = {
  /** How often a silent line is asked whether it is there. */
  pingEvery: number
  /** How long it has to answer. */
  pongWithin: number
  /** How long all that comes before the first message may take, with the asking for the token. */
  connectWithin: number
}

export type Sink = {
  next(result: { data?: unknown; errors?: unknown }): void
  /** Errors of the operation; whatever else comes here is told as the socket's end as well. */
  error(errors: unknown): void
  complete(): void
}

export type Socket = {
  subscribe(payload: { query: string; variables: Record<string, unknown> }, sink: Sink): () => void
  /** Asks now whether the line is there. */
  check(): void
  /** Ends it; `onDown` is not called. */
  close(): void
}

export type SocketOptions = {
  url: string
  token: () => string | Promise<string>
  /** Something of the kind of WebSocket, where the platform has none. */
  webSocketImpl: unknown
  times: SocketTimes
  onUp: () => void
  /** Something was heard. */
  onHeard: () => void
  /** It has failed or ended, with the code if it was given one. Called once. */
  onDown: (code: number | undefined) => void
}

type Listened = { addEventListener(name: string, listener: () => void): void }

/** A socket of `ws` that is given up while it connects tells an error that nobody listens to any more: Node would stop. */
const forgiving = (impl: unknown): unknown =>
  typeof impl !== 'function'
    ? impl
    : new Proxy(impl, {
        construct(target, args: unknown[], newTarget) {
          const made = Reflect.construct(target, args, newTarget) as Listened
          made.addEventListener('error', () => {})
          return made
        },
      })

/** Connects at once. */
export const openSocket = (options: SocketOptions): Socket => {
  const { url, token, webSocketImpl, times, onUp, onHeard, onDown } = options
  let client: Client | undefined
  let line: { send(text: string): void } | undefined
  let asked = false
  let over = false

  const discard = () => {
    over = true
    clearTimeout(timer)
    // Its promise is about the closing, which nobody waits for.
    client?.dispose()?.catch(() => undefined)
  }
  const end = (code?: number) => {
    if (over) return
    discard()
    client?.terminate()
    onDown(code)
  }
  let timer = setTimeout(end, times.connectWithin)

  const check = () => {
    if (over || line === undefined || asked) return
    asked = true
    clearTimeout(timer)
    timer = setTimeout(end, times.pongWithin)
    line.send('{"type":"ping"}')
  }
  const heard = () => {
    if (over) return
    onHeard()
    if (line === undefined) return
    asked = false
    clearTimeout(timer)
    timer = setTimeout(check, times.pingEvery)
  }

  const start = (given: string) => {
    if (over) return
    client = createClient({
      url,
      ...(webSocketImpl !== undefined && { webSocketImpl: forgiving(webSocketImpl) }),
      connectionParams: { authorization: `Bearer ${given}` },
      lazy: false,
      retryAttempts: 0,
      onNonLazyError: () => {},
      on: {
        connected: (opened) => {
          line = opened as { send(text: string): void }
          heard()
          if (!over) onUp()
        },
        message: heard,
        error: () => end(),
        closed: (event) => end((event as { code?: number }).code),
      },
    })
  }
  void (async () => token())().then(start, () => end())

  return {
    subscribe: (payload, sink) => client?.subscribe(payload, sink) ?? (() => {}),
    check,
    close: () => {
      if (over) return
      // What has not opened yet would be waited for.
      const unfinished = line === undefined
      discard()
      if (unfinished) client?.terminate()
    },
  }
}
