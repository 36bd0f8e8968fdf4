// The subscribers: a process that holds any number of sockets, speaks graphql-transport-ws by hand and only counts what
// comes and when. Started by child.ts.
import { serve } from '../child.ts'
import { openSocket, type LiveSocket } from './socket.ts'
import { now } from './time.ts'

export type Connect = {
  readonly url: string
  /** Socket n signs in with the n-th, from the beginning again after the last. */
  readonly tokens: readonly string[]
  /** How many there are to be in all. */
  readonly count: number
  readonly query: string
  readonly variables: Readonly<Record<string, unknown>>
  /** What a message has in it that is counted. */
  readonly mark: string
  /** What the message has in it with which a subscription begins; left out: it begins without any. */
  readonly first?: string
}
export type Received = {
  readonly count: number
  /** When the last one came. */
  readonly last: number
  /** The first that was counted. */
  readonly sample: string
  /** What went wrong, the first few, and how often. */
  readonly faults: readonly string[]
  readonly faultCount: number
}
export type Latencies = { readonly p50: number; readonly p99: number; readonly most: number; readonly count: number }

/** So many sign in at the same time. */
const atOnce = 32
const patienceMs = 60_000

type Subscriber = { readonly socket: LiveSocket; counted: number }

const subscribers: Subscriber[] = []
let mark = Buffer.from('')
let count = 0
let last = 0
let sample = ''
let faults: string[] = []
let faultCount = 0
/** When the n-th counted message came to each socket; empty when nobody asks. */
let arrivals = new Float64Array(0)
let perSocket = 0
let wanted = Number.POSITIVE_INFINITY
let whenThere: (() => void) | undefined

const fault = (text: string): void => {
  faultCount += 1
  if (faults.length < 3) faults.push(text.slice(0, 300))
}

const countMessage = (n: number, subscriber: Subscriber, buffer: Buffer, from: number, to: number): void => {
  count += 1
  last = now()
  if (subscriber.counted < perSocket) arrivals[n * perSocket + subscriber.counted] = last
  subscriber.counted += 1
  if (sample === '') sample = buffer.toString('utf8', from, to)
  if (count >= wanted) whenThere?.()
}

/** Resolves when the subscription has begun. */
const open = (n: number, options: Connect): Promise<void> =>
  new Promise((resolve, reject) => {
    const { query, variables, first } = options
    const url = new URL(options.url)
    if (url.hostname === 'localhost') url.hostname = '127.0.0.1'
    const rare = (text: string): void => {
      if (text.includes('"type":"connection_ack"')) {
        subscriber.socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query, variables } }))
        if (first === undefined) resolve()
      } else if (text.includes('"type":"ping"')) subscriber.socket.send('{"type":"pong"}')
      else if (first !== undefined && text.includes(first)) resolve()
      else if (!text.includes('Heartbeat"') && !text.includes('Snapshot"')) {
        fault(text)
        reject(new Error(text))
      }
    }
    const socket = openSocket({
      url,
      onText(buffer, from, to) {
        const at = buffer.indexOf(mark, from)
        if (at !== -1 && at < to) countMessage(n, subscriber, buffer, from, to)
        else rare(buffer.toString('utf8', from, to))
      },
      onOpen() {
        const authorization = options.tokens[n % options.tokens.length]
        socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization } }))
      },
      onEnd(reason) {
        fault(reason)
        reject(new Error(reason))
      },
    })
    const subscriber: Subscriber = { socket, counted: 0 }
    subscribers[n] = subscriber
  })

const connectUpTo = async (options: Connect): Promise<void> => {
  mark = Buffer.from(options.mark)
  let next = subscribers.length
  const work = async (): Promise<void> => {
    while (next < options.count) await open(next++, options)
  }
  await Promise.all(Array.from({ length: atOnce }, work))
}

const disconnectDownTo = ({ count: remaining }: { readonly count: number }): void => {
  for (const { socket } of subscribers.splice(remaining)) socket.close()
}

/** From now on messages are counted anew; of so many from the beginning the time is kept. */
const arm = ({ timed }: { readonly timed: number }): void => {
  count = 0
  last = 0
  sample = ''
  faults = []
  faultCount = 0
  perSocket = timed
  arrivals = new Float64Array(subscribers.length * timed).fill(Number.NaN)
  for (const subscriber of subscribers) subscriber.counted = 0
}

const receive = async ({ total, waitMs = patienceMs }: { total: number; waitMs?: number }): Promise<Received> => {
  wanted = total
  if (count < total)
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, waitMs)
      whenThere = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  wanted = Number.POSITIVE_INFINITY
  whenThere = undefined
  return { count, last, sample, faults, faultCount }
}

/** From when each message began its way to when it came, over all sockets. */
const latencies = ({ starts }: { readonly starts: readonly number[] }): Latencies => {
  const times = arrivals
    .map((at, n) => at - (starts[n % perSocket] ?? Number.NaN))
    .filter((ms) => !Number.isNaN(ms))
    .sort()
  const at = (share: number): number =>
    times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN
  return { p50: at(0.5), p99: at(0.99), most: at(1), count: times.length }
}

await serve({}, async () => subscribers.forEach(({ socket }) => socket.close()), {
  connect: connectUpTo,
  disconnect: disconnectDownTo,
  arm,
  receive,
  latencies,
})
