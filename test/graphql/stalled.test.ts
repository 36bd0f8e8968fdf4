// Connections whose peers have stopped reading, over real TCP: how fast they read is all that counts.
import { createServer, type Server, type ServerResponse } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, expect, test, vi } from 'vitest'
import { endStalled } from '../../server/graphql/socket-keeping.ts'

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const end of open.splice(0).reverse()) await end()
})

const stalledMs = 300
const lookMs = 25
/** More than the system takes off our hands for somebody who does not read. */
const much = 16_000_000

const serve = async (
  answer: (response: ServerResponse) => void,
  givenMs = stalledMs,
): Promise<{ server: Server; port: number }> => {
  const server = createServer((_request, response) => answer(response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push(() => new Promise((resolve) => server.close(resolve)))
  open.push(endStalled(server, givenMs, lookMs))
  return { server, port: (server.address() as AddressInfo).port }
}
/** A peer that asks, and then reads so many bytes each few milliseconds; none: it does not read. */
const peer = async (port: number, bytesPerRead: number | null) => {
  const socket: Socket = connect({ port, host: '127.0.0.1' })
  open.push(() => socket.destroy())
  const state = { closed: false, read: 0 }
  socket.on('error', () => undefined)
  socket.on('close', () => (state.closed = true))
  await new Promise((resolve) => socket.once('connect', resolve))
  socket.pause()
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
  const reading = setInterval(() => {
    if (bytesPerRead === null) return
    for (let n = 0; n < bytesPerRead;) {
      const chunk = socket.read() as Buffer | null
      if (chunk === null) break
      n += chunk.length
      state.read += chunk.length
    }
  }, 10)
  open.push(() => clearInterval(reading))
  return { socket, state }
}
/** How many connections the server has. */
const connections = (server: Server): Promise<number> =>
  new Promise((resolve) => server.getConnections((_error, count) => resolve(count)))
const gone = (server: Server) => vi.waitFor(async () => expect(await connections(server)).toBe(0), { timeout: 5_000 })

test('who stops reading is let go, whether much was written at once or bit by bit', async () => {
  for (const pieces of [1, 1_000]) {
    const { server, port } = await serve((response) => {
      for (let n = 0; n < pieces; n++) response.write(Buffer.alloc(much / pieces))
    })
    await peer(port, null)
    await vi.waitFor(async () => expect(await connections(server)).toBe(1))
    await gone(server)
  }
})

test('who stops reading in the middle is let go', async () => {
  const { server, port } = await serve((response) => void response.write(Buffer.alloc(much)))
  const { socket, state } = await peer(port, 1_000_000)
  await vi.waitFor(() => expect(state.read).toBeGreaterThan(1_000_000))
  const read = socket.read.bind(socket)
  socket.read = () => null
  await gone(server)
  socket.read = read
})

test.each([
  ['in one piece', 1],
  ['bit by bit', 500],
])('who reads slowly what was written %s is not', async (_how, pieces) => {
  const length = 20_000_000
  const givenMs = 800
  const { port } = await serve((response) => {
    for (let n = 0; n < pieces; n++) response.write(Buffer.alloc(length / pieces))
    response.end()
  }, givenMs)
  // So slow that it takes longer than one who does not read would be given.
  const { state } = await peer(port, 250_000)
  const began = performance.now()
  await vi.waitFor(() => expect(state.closed || state.read > length).toBe(true), { timeout: 15_000 })
  expect(state.read).toBeGreaterThan(length)
  expect(performance.now() - began).toBeGreaterThan(givenMs)
})

test('who has nothing to read is not, however long that lasts', async () => {
  let written: (() => void) | undefined
  const { server, port } = await serve((response) => {
    response.write('x')
    written = () => response.write('y')
  })
  const { state } = await peer(port, 1_000)
  await wait(stalledMs * 3)
  const before = state.read
  written?.()
  await vi.waitFor(() => expect(state.read).toBeGreaterThan(before))
  expect(await connections(server)).toBe(1)
})

test('nobody is when it has been told to look no more', async () => {
  const server = createServer((_request, response) => void response.write(Buffer.alloc(much)))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push(() => new Promise((resolve) => server.close(resolve)))
  const stop = endStalled(server, stalledMs, lookMs)
  await peer((server.address() as AddressInfo).port, null)
  await vi.waitFor(async () => expect(await connections(server)).toBe(1))
  stop()
  await wait(stalledMs * 3)
  expect(await connections(server)).toBe(1)
})
