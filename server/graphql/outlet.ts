// Writes the messages of one operation to its socket, past the library that otherwise turns each into text for each reader. What a
// reader does not take waits here, by reference: the text belongs to all of its readers.
import { setInterval, clearInterval } from 'node:timers'
import type { WebSocket } from 'ws'

export type Outlet = {
  /** Writes a message, or lets it wait while the reader is behind; false: too much waits already, and it was not taken. */
  write(pieces: readonly string[], tag: string): boolean
  /** Writes a message and resolves when there is room for the next. */
  send(pieces: readonly string[], tag: string): Promise<void>
  /** What is written meanwhile leaves as one: a burst costs a reader one call of the system instead of one for each message. */
  together<T>(write: () => T): T
  /** Forgets what waits. */
  clear(): void
}

/** Bytes that a socket holds before its reader is behind. */
const highWater = 128_000
/** Messages that wait for a reader that is behind. */
const room = 1_000
const lookAgainMs = 20

/** Looks after the readers that are behind. */
export type Drain = { add(flush: () => boolean): void; stop(): void }

/** `flush` is called again and again until it answers that nothing is left to do. */
export const createDrain = (): Drain => {
  const behind = new Set<() => boolean>()
  let timer: ReturnType<typeof setInterval> | undefined
  const look = (): void => {
    for (const flush of behind) if (flush()) behind.delete(flush)
    if (behind.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
  return {
    add(flush) {
      behind.add(flush)
      timer ??= setInterval(look, lookAgainMs)
    },
    stop() {
      behind.clear()
      clearInterval(timer)
    },
  }
}

type Waiting = { readonly pieces: readonly string[]; readonly tag: string; readonly sent?: () => void }

const none: Waiting[] = []

type Corkable = { cork(): void; uncork(): void }

/** `connection`: what the socket writes to; `id`: the operation's own on this socket, as graphql-transport-ws has it. */
export const createOutlet = (socket: WebSocket, connection: Corkable, id: string, drain: Drain): Outlet =>
  new SocketOutlet(socket, connection, id, drain)

/** A class, as there are ten thousands of them. */
class SocketOutlet implements Outlet {
  readonly #socket: WebSocket
  readonly #connection: Corkable
  readonly #head: string
  readonly #drain: Drain
  #waiting: Waiting[] = none
  #flushing: (() => boolean) | undefined

  constructor(socket: WebSocket, connection: Corkable, id: string, drain: Drain) {
    this.#socket = socket
    this.#connection = connection
    this.#head = `{"id":${JSON.stringify(id)},"type":"next","payload":`
    this.#drain = drain
  }

  write(pieces: readonly string[], tag: string): boolean {
    if (!this.#isOpen()) return true
    if (this.#waiting.length >= room) return false
    if (this.#waiting.length > 0 || this.#isBehind()) this.#later({ pieces, tag })
    else this.#put(pieces, tag)
    return true
  }

  send(pieces: readonly string[], tag: string): Promise<void> {
    if (!this.#isOpen()) return Promise.resolve()
    if (this.#waiting.length === 0 && !this.#isBehind()) {
      this.#put(pieces, tag)
      return Promise.resolve()
    }
    return new Promise((sent) => this.#later({ pieces, tag, sent }))
  }

  together<T>(write: () => T): T {
    this.#connection.cork()
    try {
      return write()
    } finally {
      this.#connection.uncork()
    }
  }

  clear(): void {
    for (const { sent } of this.#waiting) sent?.()
    this.#waiting = none
  }

  #isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN
  }
  #isBehind(): boolean {
    return this.#socket.bufferedAmount > highWater
  }
  #put(pieces: readonly string[], tag: string): void {
    this.#socket.send(`${this.#head}${pieces.join(tag)}}`)
  }
  #later(message: Waiting): void {
    if (this.#waiting.length === 0) {
      this.#waiting = [message]
      // The same function each time: who is behind again and again is looked after once.
      this.#drain.add((this.#flushing ??= () => this.#flush()))
    } else this.#waiting.push(message)
  }
  #flush(): boolean {
    let taken = 0
    for (const { pieces, tag, sent } of this.#waiting) {
      if (this.#isOpen()) {
        if (this.#isBehind()) break
        this.#put(pieces, tag)
      }
      sent?.()
      taken += 1
    }
    this.#waiting = taken === this.#waiting.length ? none : this.#waiting.slice(taken)
    return this.#waiting.length === 0
  }
}
