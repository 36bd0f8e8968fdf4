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

type Corkable = { cork(): void; uncork(): void }

/** `connection`: what the socket writes to; `id`: the operation's own on this socket, as graphql-transport-ws has it. */
export const createOutlet = (socket: WebSocket, connection: Corkable, id: string, drain: Drain): Outlet => {
  const head = `{"id":${JSON.stringify(id)},"type":"next","payload":`
  let waiting: Waiting[] = []

  const isOpen = (): boolean => socket.readyState === socket.OPEN
  const isBehind = (): boolean => socket.bufferedAmount > highWater
  const put = (pieces: readonly string[], tag: string): void => socket.send(`${head}${pieces.join(tag)}}`)

  const flush = (): boolean => {
    let taken = 0
    for (const { pieces, tag, sent } of waiting) {
      if (isOpen()) {
        if (isBehind()) break
        put(pieces, tag)
      }
      sent?.()
      taken += 1
    }
    waiting = waiting.slice(taken)
    return waiting.length === 0
  }
  const later = (message: Waiting): void => {
    waiting.push(message)
    if (waiting.length === 1) drain.add(flush)
  }

  return {
    write(pieces, tag) {
      if (!isOpen()) return true
      if (waiting.length >= room) return false
      if (waiting.length > 0 || isBehind()) later({ pieces, tag })
      else put(pieces, tag)
      return true
    },
    send(pieces, tag) {
      if (!isOpen()) return Promise.resolve()
      if (waiting.length === 0 && !isBehind()) {
        put(pieces, tag)
        return Promise.resolve()
      }
      return new Promise((sent) => later({ pieces, tag, sent }))
    },
    together(write) {
      connection.cork()
      try {
        return write()
      } finally {
        connection.uncork()
      }
    },
    clear() {
      for (const { sent } of waiting) sent?.()
      waiting = []
    },
  }
}
