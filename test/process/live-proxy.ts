// A balancer of TCP connections that hands them out in turn, and whose lines can go dead without a word.
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'

export type Proxy = {
  readonly port: number
  /** The ports from which it speaks to its targets. */
  lines(): number[]
  /** From now on what comes on the line from this port is lost, and its end too: it is half open at both sides. */
  swallow(port: number): void
}

type Pair = { readonly near: Socket; readonly far: Socket; dead: boolean }

/** In front of these ports of this machine. Who does not answer is passed over. */
export const startProxy = async (targets: readonly number[]): Promise<Proxy> => {
  const pairs = new Set<Pair>()
  let turn = 0
  const forward = (pair: Pair, from: Socket, to: Socket): void => {
    from.on('data', (chunk) => {
      if (pair.dead || to.destroyed) return
      if (!to.write(chunk)) {
        from.pause()
        to.once('drain', () => from.resume())
      }
    })
    from.on('error', () => undefined)
    from.on('close', () => {
      if (pair.dead) return
      pairs.delete(pair)
      to.destroy()
    })
  }
  const dial = (near: Socket, left: number): void => {
    const port = targets[turn++ % targets.length] ?? 0
    const far = connect(port, '127.0.0.1')
    const refused = (): void => {
      if (left > 1) dial(near, left - 1)
      else near.destroy()
    }
    far.once('error', refused)
    far.once('connect', () => {
      far.off('error', refused)
      const pair: Pair = { near, far, dead: false }
      pairs.add(pair)
      forward(pair, near, far)
      forward(pair, far, near)
      near.resume()
    })
  }
  const server = createServer((near) => {
    near.pause()
    near.on('error', () => undefined)
    dial(near, targets.length)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    for (const { near, far } of pairs) [near, far].forEach((socket) => socket.destroy())
    server.close()
    await once(server, 'close')
  })
  return {
    port: (server.address() as AddressInfo).port,
    lines: () => [...pairs].flatMap(({ far, dead }) => (dead || far.localPort === undefined ? [] : [far.localPort])),
    swallow(port) {
      for (const pair of pairs) if (pair.far.localPort === port) pair.dead = true
    },
  }
}
