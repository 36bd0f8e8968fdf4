import type { WebSocket } from 'ws'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createDrain, createOutlet } from '../../server/graphql/outlet.ts'

// These are not among the timers that can be faked: here they are those that can.
vi.mock('node:timers', () => ({
  setInterval: (call: () => void, ms: number) => globalThis.setInterval(call, ms),
  clearInterval: (timer: ReturnType<typeof setInterval>) => globalThis.clearInterval(timer),
}))

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  // Nobody is behind at the end of a test, so nobody is looked after.
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

/** A socket that takes what it is told to take. */
const open = () => {
  const sent: string[] = []
  const socket = { OPEN: 1, readyState: 1, bufferedAmount: 0, send: (text: string) => void sent.push(text) }
  const drain = createDrain()
  const corks: string[] = []
  const connection = { cork: () => void corks.push('cork'), uncork: () => void corks.push('uncork') }
  const outlet = createOutlet(socket as unknown as WebSocket, connection, 'a"b', drain)
  const payloads = (): unknown[] => sent.map((text) => (JSON.parse(text) as { payload: { n: unknown } }).payload.n)
  const write = (n: number): boolean => outlet.write([`{"n":${n}}`], '')
  return { socket, sent, drain, outlet, payloads, write, corks, fall: () => (socket.bufferedAmount = 1_000_000) }
}
const look = (): Promise<unknown> => vi.advanceTimersByTimeAsync(20)

describe('an outlet', () => {
  test("writes at once to who is not behind: the operation's own message, with the reader's tag in each place", () => {
    const { outlet, sent } = open()
    expect(outlet.write(['{"data":{"a":"1', '","b":"2', '"}}'], 'tag')).toBe(true)
    expect(outlet.write(['{"data":null}'], 'tag')).toBe(true)
    expect(sent.map((text) => JSON.parse(text) as unknown)).toEqual([
      { id: 'a"b', type: 'next', payload: { data: { a: '1tag', b: '2tag' } } },
      { id: 'a"b', type: 'next', payload: { data: null } },
    ])
  })

  test('lets wait what comes to who is behind, and keeps the order when there is room again', async () => {
    const { socket, payloads, write, fall } = open()
    write(1)
    fall()
    expect([write(2), write(3)]).toEqual([true, true])
    await look()
    expect(payloads()).toEqual([1])
    socket.bufferedAmount = 0
    // What comes now must not pass what waits.
    expect(write(4)).toBe(true)
    expect(payloads()).toEqual([1])
    await look()
    expect(payloads()).toEqual([1, 2, 3, 4])
    write(5)
    expect(payloads()).toEqual([1, 2, 3, 4, 5])
  })

  test('writes no more in one go than there is room for', async () => {
    const { socket, sent, payloads, write, fall } = open()
    fall()
    for (const n of [1, 2, 3]) write(n)
    socket.send = (text) => {
      sent.push(text)
      socket.bufferedAmount += 80_000
    }
    socket.bufferedAmount = 0
    await look()
    expect(payloads()).toEqual([1, 2])
    await look()
    expect(payloads()).toEqual([1, 2])
    socket.bufferedAmount = 0
    await look()
    expect(payloads()).toEqual([1, 2, 3])
  })

  test('refuses what it has no room for, and has room again when it has been emptied', () => {
    const { outlet, write, fall } = open()
    fall()
    for (let n = 0; n < 1_000; n++) expect(write(n)).toBe(true)
    expect(write(1_000)).toBe(false)
    outlet.clear()
    expect(write(1_001)).toBe(true)
    outlet.clear()
    vi.advanceTimersByTime(20)
  })

  test('says when there is room for the next: at once to who is not behind, else when it has been written', async () => {
    const { socket, outlet, payloads, fall } = open()
    await outlet.send(['{"n":1}'], '')
    fall()
    const sent = vi.fn()
    void outlet.send(['{"n":2}'], '').then(sent)
    await look()
    expect([sent.mock.calls.length, payloads()]).toEqual([0, [1]])
    socket.bufferedAmount = 0
    await look()
    expect([sent.mock.calls.length, payloads()]).toEqual([1, [1, 2]])
  })

  test('writes nothing after it has been emptied, and keeps nobody waiting', async () => {
    const { socket, outlet, payloads, write, fall } = open()
    fall()
    write(1)
    const sent = vi.fn()
    void outlet.send(['{"n":2}'], '').then(sent)
    outlet.clear()
    socket.bufferedAmount = 0
    await look()
    expect([sent.mock.calls.length, payloads()]).toEqual([1, []])
  })

  test.each([
    ['closing', 2],
    ['closed', 3],
  ])('writes nothing to a socket that is %s, and keeps nobody waiting', async (_how, state) => {
    const { socket, outlet, payloads, write, fall } = open()
    fall()
    write(1)
    const sent = vi.fn()
    void outlet.send(['{"n":2}'], '').then(sent)
    socket.readyState = state
    expect(write(3)).toBe(true)
    await outlet.send(['{"n":4}'], '')
    await look()
    expect([sent.mock.calls.length, payloads()]).toEqual([1, []])
  })
})

test('what is written together leaves together, also if writing fails', () => {
  const { outlet, corks, write, payloads } = open()
  const told = outlet.together(() => [write(1), write(2), corks.length])
  expect(told).toEqual([true, true, 1])
  expect([payloads(), corks]).toEqual([
    [1, 2],
    ['cork', 'uncork'],
  ])
  expect(() =>
    outlet.together(() => {
      throw new Error('deliberately')
    }),
  ).toThrow('deliberately')
  expect(corks).toEqual(['cork', 'uncork', 'cork', 'uncork'])
})

describe('readers that are behind', () => {
  test('are looked after by one timer, and none is left when nobody is', async () => {
    const { socket, drain, payloads, write, fall } = open()
    const other = vi.fn(() => true)
    expect(vi.getTimerCount()).toBe(0)
    fall()
    write(1)
    drain.add(other)
    expect(vi.getTimerCount()).toBe(1)
    await look()
    expect([other.mock.calls.length, vi.getTimerCount()]).toEqual([1, 1])
    socket.bufferedAmount = 0
    await look()
    expect([other.mock.calls.length, vi.getTimerCount(), payloads()]).toEqual([1, 0, [1]])
    fall()
    write(2)
    expect(vi.getTimerCount()).toBe(1)
    drain.stop()
  })
})
