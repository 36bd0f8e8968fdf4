// One stream that is followed: it knows the cursor of the last message that was handed over, and begins behind it each time.
import { createPauses, type PauseTimes } from './pauses.ts'
import type { Socket } from './socket.ts'

/** What every message has, the cursor unless its handler takes each as a whole; the rest is what the document selects. */
export type LiveMessage = { __typename: string; cursor?: string }
export type RefusalError = { message: string; extensions?: { code?: string } }

export type Handler<M extends LiveMessage> = {
  /** Each message once and in order. After `Resync` what was known is forgotten: a snapshot follows. */
  next(message: M): void
  /** The server will never take it as it is: told once, and nothing follows. */
  refused?(errors: readonly RefusalError[]): void
  /** Each message holds all there is: there is no place to go on from, and the document asks for no cursor. */
  whole?: true
}

export type StreamTimes = PauseTimes & {
  /** A stream that was opened again is well when it has not been refused for this long. */
  settle: number
}

export type StreamOptions<M extends LiveMessage> = {
  document: string
  /** `after`, if given, is the cursor to begin behind. */
  variables: Record<string, unknown>
  handler: Handler<M>
  times: StreamTimes
  /** Time to open it again, if there is a socket. */
  onAgain: () => void
  /** The server does not take the token of this socket any more. */
  onExpired: () => void
  /** It was refused for good. */
  onEnd: () => void
  /** It has begun or ceased to be in trouble. */
  onChange: () => void
}

export type Stream = {
  /** Begins behind the last message, on a socket that is up. */
  open(socket: Socket): void
  /** The socket is gone: what it may still bring is not heard. */
  lose(): void
  /** Ended by the server and not well again yet, while the socket may be. */
  troubled(): boolean
}

/** Another attempt would be answered alike. */
const hopeless = ['BAD_REQUEST', 'TOO_COMPLEX']

const codesOf = (errors: readonly RefusalError[]) => errors.map(({ extensions }) => extensions?.code ?? '')

/** Throws a TypeError for a document that could not be gone on with after a lost connection. */
const checkDocument = (document: string, whole: boolean) => {
  for (const [wanted, pattern, always] of [
    ['take $after: Cursor and pass it on as after', /\bafter:\s*\$after\b/, false],
    ['select __typename', /\b__typename\b/, true],
    ['select cursor of every message', /\bcursor\b/, false],
  ] as const) {
    if (whole && !always) continue
    if (!pattern.test(document)) throw new TypeError(`A document to follow has to ${wanted}.`)
  }
}

export const createStream = <M extends LiveMessage>(options: StreamOptions<M>): Stream => {
  const { document: query, handler, times, onAgain, onExpired, onEnd, onChange } = options
  const { whole = false } = handler
  checkDocument(query, whole)
  const { after, ...variables } = options.variables
  let cursor = typeof after === 'string' ? after : undefined
  let release: (() => void) | null = null
  let run = 0
  let trouble = false
  let timer: ReturnType<typeof setTimeout> | undefined
  const pauses = createPauses(times)

  const lose = () => {
    run += 1
    clearTimeout(timer)
    release?.()
    release = null
  }

  const ended = (errors: readonly RefusalError[]) => {
    lose()
    const codes = codesOf(errors)
    if (codes.some((code) => hopeless.includes(code))) {
      onEnd()
      handler.refused?.(errors)
      return
    }
    if (codes.includes('UNAUTHENTICATED')) {
      onExpired()
      return
    }
    trouble = true
    timer = setTimeout(onAgain, pauses.next())
    onChange()
  }

  const recover = () => {
    if (!trouble) return
    trouble = false
    onChange()
  }

  const take = (message: M) => {
    // Whoever has forgotten everything begins anew, not behind the notice: what follows it would be missing.
    cursor = whole || message.__typename === 'Resync' ? undefined : message.cursor
    pauses.held()
    recover()
    try {
      handler.next(message)
    } catch (error) {
      // The handler's own fault: it must not end the socket, and must not go unseen.
      queueMicrotask(() => {
        throw error
      })
    }
  }

  return {
    open(socket) {
      lose()
      const mine = run
      // Where nothing has happened nothing is told; what was not refused by then has been taken.
      timer = setTimeout(recover, times.settle)
      const errorsOf = (errors: unknown) => (Array.isArray(errors) ? (errors as RefusalError[]) : [])
      release = socket.subscribe(
        { query, variables: cursor === undefined ? variables : { ...variables, after: cursor } },
        {
          next({ data, errors }) {
            if (mine !== run) return
            const [message] = Object.values((data ?? {}) as Record<string, M | null>)
            // What could not be told is asked for again.
            if (message) take(message)
            else ended(errorsOf(errors))
          },
          error: (errors) => {
            if (mine === run) ended(errorsOf(errors))
          },
          complete: () => {
            if (mine === run) ended([])
          },
        },
      )
    },
    lose,
    troubled: () => trouble,
  }
}
