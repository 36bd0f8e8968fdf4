// A WebSocket client (RFC 6455) that does next to nothing, so that the load generator is not what is measured: no events,
// no copies, no decompression, no check of UTF-8. Frames come as places in a buffer that is used again for every read.
import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'

export type TextHandler = (buffer: Buffer, from: number, to: number) => void
export type LiveSocket = { send(text: string): void; close(): void }

type Options = {
  readonly url: URL
  /** A text message. The buffer is valid during the call only. */
  readonly onText: TextHandler
  readonly onOpen: () => void
  /** Ended by the other side, with what it said. Not called after `close`. */
  readonly onEnd: (reason: string) => void
}

const textFrame = 0x1
const closeFrame = 0x8
const pingFrame = 0x9
const pongFrame = 0xa

const received = Buffer.allocUnsafe(256 * 1024)

export const openSocket = ({ url, onText, onOpen, onEnd }: Options): LiveSocket => {
  let isOpen = false
  let closed = false
  /** The beginning of what has not come to its end yet. */
  let rest: Buffer | undefined
  const end = (reason: string): void => {
    if (closed) return
    closed = true
    socket.destroy()
    onEnd(reason)
  }

  const readHead = (buffer: Buffer): number => {
    const length = buffer.indexOf('\r\n\r\n')
    if (length === -1) return 0
    const head = buffer.toString('latin1', 0, length)
    if (!head.startsWith('HTTP/1.1 101 ')) end(head.split('\r\n')[0] ?? '')
    isOpen = true
    onOpen()
    return length + 4
  }

  /** Handles what is whole; returns where the rest begins. */
  const readFrames = (buffer: Buffer, from: number): number => {
    let at = from
    while (!closed && buffer.length - at >= 2) {
      let length = (buffer[at + 1] ?? 0) & 0x7f
      let head = 2
      if (length === 126) {
        if (buffer.length - at < 4) break
        length = buffer.readUInt16BE(at + 2)
        head = 4
      } else if (length === 127) {
        if (buffer.length - at < 10) break
        length = Number(buffer.readBigUInt64BE(at + 2))
        head = 10
      }
      const next = at + head + length
      if (next > buffer.length) break
      const kind = (buffer[at] ?? 0) & 0xf
      if (kind === textFrame) onText(buffer, at + head, next)
      else if (kind === pingFrame) write(socket, pongFrame, buffer.subarray(at + head, next))
      else if (kind === closeFrame) end(closeText(buffer.subarray(at + head, next)))
      at = next
    }
    return at
  }

  const read = (count: number): boolean => {
    const chunk = received.subarray(0, count)
    const buffer = rest === undefined ? chunk : Buffer.concat([rest, chunk])
    const at = readFrames(buffer, isOpen ? 0 : readHead(buffer))
    rest = at === buffer.length ? undefined : Buffer.from(buffer.subarray(at))
    return true
  }

  const socket = connect({
    host: url.hostname,
    port: Number(url.port),
    noDelay: true,
    onread: { buffer: received, callback: read },
  })
  socket.on('connect', () => {
    const key = randomBytes(16).toString('base64')
    const lines = [
      `GET ${url.pathname} HTTP/1.1`,
      `host: ${url.host}`,
      'connection: Upgrade',
      'upgrade: websocket',
      'sec-websocket-version: 13',
      `sec-websocket-key: ${key}`,
      'sec-websocket-protocol: graphql-transport-ws',
    ]
    socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  })
  socket.on('error', (error) => end(error.message))
  socket.on('close', () => end('the connection was cut'))
  return {
    send: (text) => write(socket, textFrame, Buffer.from(text)),
    close() {
      closed = true
      write(socket, closeFrame, Buffer.from([1000 >> 8, 1000 & 0xff]))
      socket.end()
    },
  }
}

const closeText = (payload: Buffer): string =>
  payload.length < 2 ? 'closed' : `${payload.readUInt16BE(0)} ${payload.toString('utf8', 2)}`

/** A client has to mask what it sends; a mask of zeros leaves it as it is. */
const write = (socket: Socket, kind: number, payload: Buffer): void => {
  const long = payload.length > 125
  const head = Buffer.alloc(long ? 8 : 6)
  head[0] = 0x80 | kind
  head[1] = 0x80 | (long ? 126 : payload.length)
  if (long) head.writeUInt16BE(payload.length, 2)
  socket.write(Buffer.concat([head, payload]))
}
