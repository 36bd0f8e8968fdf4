// The least that can be done: `ws` alone sends the same bytes to all who have subscribed. It knows no GraphQL and signs
// nobody in. Started by child.ts.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import postgres from 'postgres'
import { WebSocketServer, type WebSocket } from 'ws'
import { serve } from '../child.ts'
import { memory } from '../memory.ts'
import { publishing } from './pace.ts'

let frame = Buffer.from('')
const subscribed = new Set<WebSocket>()

const server = createServer()
const sockets = new WebSocketServer({ server, path: '/graphql', perMessageDeflate: false })
sockets.on('connection', (socket) => {
  socket.on('message', (data: Buffer) => {
    const { type } = JSON.parse(data.toString()) as { readonly type: string }
    if (type === 'connection_init') socket.send('{"type":"connection_ack"}')
    if (type === 'subscribe') subscribed.add(socket)
  })
  socket.on('close', () => subscribed.delete(socket))
})

const broadcast = (): void => {
  for (const socket of subscribed) socket.send(frame, { binary: false })
}

let listening: postgres.Sql | undefined
/** From now on each NOTIFY on the channel is an event. */
const listen = async ({ url, channel }: { readonly url: string; readonly channel: string }): Promise<void> => {
  listening = postgres(url, { max: 1, onnotice: () => undefined })
  await listening.listen(channel, broadcast)
}

await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 4096, resolve))
const { port } = server.address() as AddressInfo
const stop = async (): Promise<void> => {
  await listening?.end()
  for (const socket of sockets.clients) socket.terminate()
  server.close()
}
await serve({ url: `http://127.0.0.1:${port}/graphql` }, stop, {
  memory,
  subscribed: () => subscribed.size,
  frame(text: string) {
    frame = Buffer.from(text)
  },
  ...publishing(broadcast),
  listen,
})
