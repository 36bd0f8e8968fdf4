// A line between a client and a server that can be cut, that can go silent without closing, and that can come back.
import { createServer, connect, type AddressInfo, type Socket } from 'node:net'
import { afterAll } from 'vitest'

export type Line = {
  /** The server as seen through the line. */
  readonly url: string
  /** How many connections were made so far. */
  readonly made: () => number
  /** How many are open, also the silent ones. */
  readonly open: () => number
  /** Ends all connections, without a word. */
  cut(): void
  /** Nothing gets through any more, in neither direction, and nobody is told; new connections are as silent. */
  stall(): void
  /** New connections get through again; those that went silent stay so. */
  restore(): void
  /** What the silent connections have held back arrives. */
  release(): void
  /** New connections are refused, and the others cut. */
  close(): void
}

export const openLine = async (target: string): Promise<Line> => {
  const { hostname, port } = new URL(target)
  const pairs = new Set<readonly [Socket, Socket]>()
  let made = 0
  let mode: 'through' | 'silent' | 'closed' = 'through'
  const server = createServer((near) => {
    if (mode === 'closed') return void near.destroy()
    made += 1
    const far = connect(Number(port), hostname)
    const pair = [near, far] as const
    pairs.add(pair)
    for (const [from, to] of [pair, [far, near] as const]) {
      from.on('data', (data) => to.write(data))
      from.on('end', () => to.end())
      from.on('error', () => to.destroy())
      from.on('close', () => {
        to.destroy()
        pairs.delete(pair)
      })
      if (mode === 'silent') from.pause()
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const each = (act: (socket: Socket) => void): void => [...pairs].flat().forEach(act)
  const cut = (): void => each((socket) => socket.destroy())
  afterAll(() => {
    cut()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    made: () => made,
    open: () => pairs.size,
    cut,
    stall() {
      mode = 'silent'
      each((socket) => socket.pause())
    },
    restore() {
      mode = 'through'
    },
    release: () => each((socket) => socket.resume()),
    close() {
      mode = 'closed'
      cut()
    },
  }
}
