// Readers of proposalStatus on bare lines, which can be cut at any time and can stop reading, as no well-behaved client does.
import { request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { until } from '../helpers/app.ts'

export type Message = {
  readonly __typename: string
  readonly cursor: string
  readonly event?: { readonly position: string }
  readonly proposal?: { readonly id: string }
}
type Result = { readonly data?: { readonly proposalStatus: Message } | null; readonly errors?: unknown }
export type Way = 'socket' | 'events'

export type Line = {
  /** Resolves when it is over, whoever ended it. */
  readonly closed: Promise<void>
  /** Takes nothing any more out of the system's buffers. */
  pause(): void
  resume(): void
  /** Ends it without a word. */
  cut(): void
}

const authorization = 'ApiKey demo-partner-key'
/** Of the whole company, or of one customer; `more`: what else to select of each event. */
export const statusOf = (account: string | null, more = '', after: string | null = null): object => ({
  query: `subscription ($account: String, $after: Cursor) {
    proposalStatus(company: "USMF", account: $account, after: $after) {
      __typename ... on LiveMessage { cursor } ... on ProposalStatusChanged { event { position ${more} } proposal { id } }
    } }`,
  variables: { account, after },
})

type Open = (url: string, payload: object, heard: (result: Result) => void) => Line

const openSocket: Open = (url, payload, heard) => {
  const { promise: closed, resolve } = Promise.withResolvers<void>()
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
  const send = (message: object): void => socket.send(JSON.stringify(message))
  socket.on('open', () => send({ type: 'connection_init', payload: { authorization } }))
  socket.on('message', (data) => {
    const message = JSON.parse((data as Buffer).toString()) as { type: string; payload?: unknown }
    if (message.type === 'connection_ack') send({ id: '1', type: 'subscribe', payload })
    else if (message.type === 'ping') send({ type: 'pong' })
    else if (message.type === 'next') heard(message.payload as Result)
    else if (message.type === 'error') heard({ errors: message.payload })
    else if (message.type === 'complete') socket.terminate()
  })
  socket.on('error', () => undefined)
  socket.on('close', () => resolve())
  return { closed, pause: () => socket.pause(), resume: () => socket.resume(), cut: () => socket.terminate() }
}

const openEvents: Open = (url, payload, heard) => {
  const { promise: closed, resolve } = Promise.withResolvers<void>()
  const headers = { 'content-type': 'application/json', accept: 'text/event-stream', authorization }
  const asked = request(`${url}/graphql`, { method: 'POST', headers, agent: false })
  let text = ''
  asked.on('response', (response) => {
    response.setEncoding('utf8')
    response.on('data', (chunk: string) => {
      const blocks = (text + chunk).split('\n\n')
      text = blocks.pop() ?? ''
      for (const block of blocks) {
        const data = block.split('\n').find((line) => line.startsWith('data: '))
        if (block.startsWith('event: next')) heard(JSON.parse(data?.slice(6) ?? '') as Result)
      }
    })
    response.on('error', () => undefined)
  })
  asked.on('error', () => undefined)
  asked.on('close', () => resolve())
  asked.end(JSON.stringify(payload))
  return {
    closed,
    pause: () => void asked.socket?.pause(),
    resume: () => void asked.socket?.resume(),
    cut: () => void asked.destroy(),
  }
}

/** One line; it is not opened again. */
export const openLine = (way: Way, ...args: Parameters<Open>): Line => {
  const line = (way === 'socket' ? openSocket : openEvents)(...args)
  onTestFinished(() => line.cut())
  return line
}

export type Change = { readonly position: number; readonly proposalId: string; readonly at: number }

export type Reader = {
  readonly changes: readonly Change[]
  /** What must not come: a resync, or a second snapshot. */
  readonly faults: readonly string[]
  /** What it was refused, or told when its line broke. */
  readonly errors: readonly unknown[]
  /** How often it has opened a line. */
  readonly lines: () => number
  readonly stop: () => Promise<void>
}

type ReaderOptions = {
  readonly way: Way
  /** Where to open the next line. */
  readonly url: () => string
  /** Of this customer; of the whole company when left out. */
  readonly account?: string
  /** What else to select of each event. */
  readonly more?: string
  /** When a line is cut; not at all when left out. */
  readonly patience?: () => { readonly ms: number; readonly from: 'opening' | 'first message' }
}

/** Reads on and on, over as many lines as it takes, each behind the last message of the one before. Resolves with the snapshot. */
export const startReader = async ({ way, url, account, more, patience }: ReaderOptions): Promise<Reader> => {
  const changes: Change[] = []
  const faults: string[] = []
  const refusals: unknown[] = []
  let cursor: string | null = null
  let [lines, stopped] = [0, false]
  let line: Line | undefined
  const follow = async (): Promise<void> => {
    while (!stopped) {
      lines += 1
      let cut = false
      const resumed = cursor !== null
      const wait = patience?.()
      let timer: NodeJS.Timeout | undefined
      const cutLater = (): void => {
        timer ??= setTimeout(() => {
          cut = true
          line?.cut()
        }, wait?.ms)
      }
      line = openLine(way, url(), statusOf(account ?? null, more, cursor), ({ data, errors }) => {
        if (cut || stopped) return
        if (wait) cutLater()
        const message = data?.proposalStatus
        if (message === undefined || errors !== undefined) return void refusals.push(errors)
        cursor = message.cursor
        const { event, proposal, __typename } = message
        if (event && proposal)
          changes.push({ position: Number(event.position), proposalId: proposal.id, at: performance.now() })
        else if (__typename !== 'Heartbeat' && (resumed || __typename !== 'ProposalStatusSnapshot'))
          faults.push(__typename)
      })
      if (wait?.from === 'opening') cutLater()
      await line.closed
      clearTimeout(timer)
      if (!cut && !stopped) await delay(20)
    }
  }
  const following = follow()
  const stop = async (): Promise<void> => {
    stopped = true
    line?.cut()
    await following
  }
  onTestFinished(stop)
  await until('the snapshot', () => (cursor === null ? undefined : true), 30_000)
  return { changes, faults, errors: refusals, lines: () => lines, stop }
}
