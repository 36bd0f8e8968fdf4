// The sides of a comparison: a server, its subscribers, and how events come to it.
import { startChild, startServer, type Child, type Server } from '../child.ts'
import type { Memory } from '../memory.ts'
import type { Connect, Latencies, Received } from './generator.ts'
import type { Pace } from './pace.ts'
import { messageOf, proposalStatus } from './subscription.ts'
import { signIns } from './tokens.ts'

/** Ends what was begun, the last first. */
export type Ends = (() => Promise<unknown>)[]

export type Side = {
  readonly name: string
  readonly server: Server
  readonly subscribers: Child
  /** Makes so many events at once; answers when the commit or, in memory, the first began. */
  readonly burst: (events: number) => Promise<number>
  /** Makes one event after the other; answers of each when. */
  readonly paced: (pace: Pace) => Promise<number[]>
  /** Opens sockets until there are so many. */
  readonly connect: (count: number) => Promise<void>
}

const start = async (
  ends: Ends,
  file: string,
  args: readonly string[],
  execArgv?: readonly string[],
): Promise<Server> => {
  const server = await startServer(file, args, execArgv)
  ends.push(() => server.stop())
  return server
}

export const startGenerator = async (ends: Ends): Promise<Child> => {
  const generator = await startChild('live/generator.ts')
  ends.push(() => generator.stop())
  return generator
}

export const startWriter = async (ends: Ends, url: string): Promise<Child> => {
  const writer = await startChild('live/writer.ts', [url])
  ends.push(() => writer.stop())
  return writer
}

/** Countersign, and the tokens with which people sign in to it. */
export const startCountersign = async (
  ends: Ends,
  url: string,
  execArgv: readonly string[],
): Promise<{ server: Server; tokens: readonly string[] }> => {
  const { args, tokens } = await signIns()
  return { server: await start(ends, 'live/countersign.ts', [url, ...args], execArgv), tokens }
}

export const countersignSide = async (
  ends: Ends,
  url: string,
  writer: Child,
  execArgv: readonly string[],
): Promise<Side> => {
  const { server, tokens } = await startCountersign(ends, url, execArgv)
  const subscribers = await startGenerator(ends)
  return {
    name: 'Countersign',
    server,
    subscribers,
    burst: (events) => writer.ask('burst', { events }),
    paced: (pace) => writer.ask('paced', pace),
    connect: (count) =>
      subscribers.ask('connect', {
        ...proposalStatus,
        url: server.url,
        tokens,
        count,
        first: 'Snapshot',
      } satisfies Connect),
  }
}

/** A server that has its events in memory: `bare.ts` or `stock.ts`. */
export const memorySide = async (ends: Ends, name: string, file: string): Promise<Side> => {
  const server = await start(ends, file, [])
  const subscribers = await startGenerator(ends)
  return {
    name,
    server,
    subscribers,
    burst: (events) => server.ask('burst', { events }),
    paced: (pace) => server.ask('paced', pace),
    connect: async (count) => {
      await subscribers.ask('connect', { ...proposalStatus, url: server.url, tokens: [''], count } satisfies Connect)
      // It begins without a message: the server says when everybody is there.
      await until(async () => (await server.ask<number>('subscribed')) === count)
    },
  }
}

/** What Countersign sends for an event: the others send the same. Needs one socket that is connected. */
export const sampleFrame = async (countersign: Side): Promise<string> => {
  await countersign.subscribers.ask('arm', { timed: 0 })
  await countersign.burst(1)
  return (await received(countersign, 1)).sample
}

export const imitate = async (bare: Side | undefined, stock: Side | undefined, frame: string): Promise<void> => {
  await bare?.server.ask('frame', frame)
  await stock?.server.ask('message', messageOf(frame))
}

/** Waits for so many messages in all; throws when they do not come or when others do. */
export const received = async (
  { name, subscribers }: Pick<Side, 'name' | 'subscribers'>,
  total: number,
): Promise<Received> => {
  const result = await subscribers.ask<Received>('receive', { total })
  if (result.count !== total || result.faultCount > 0) {
    const faults = result.faultCount === 0 ? '' : `, and ${result.faultCount} others: ${result.faults.join(' | ')}`
    throw new Error(`${name}: ${result.count} of ${total} messages came${faults}`)
  }
  return result
}

/** Latencies of events that are made one after the other, over all sockets. */
export const latenciesOf = async (side: Side, sockets: number, pace: Pace): Promise<Latencies> => {
  await side.subscribers.ask('arm', { timed: pace.events })
  const starts = await side.paced(pace)
  await received(side, sockets * pace.events)
  return side.subscribers.ask<Latencies>('latencies', { starts })
}

export const rssOf = async (server: Server): Promise<number> => (await server.ask<Memory>('memory')).rss

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Waits for a condition, asked every 50 ms; throws after a minute. */
export const until = async (holds: () => Promise<boolean>): Promise<void> => {
  const started = performance.now()
  while (!(await holds())) {
    if (performance.now() - started > 60_000) throw new Error('what was waited for has not come about')
    await sleep(50)
  }
}
