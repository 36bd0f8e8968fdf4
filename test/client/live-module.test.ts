// The module by which pages follow streams, against a real server behind a line that fails in every way that lines do.
import { afterEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import {
  createLive,
  type Live,
  type LiveOptions,
  type RefusalError,
  type Sight,
  type Status,
} from '../../client/src/lib/live/live.ts'
import { startTestApp, until } from '../helpers/app.ts'
import { settled } from '../helpers/live.ts'
import {
  approvalQueue,
  commandsOf,
  proposalStatus,
  type ProposalMessage,
  type QueueMessage,
} from '../graphql/live-commands.ts'
import { openLine, type Line } from './line.ts'

const halfDay = 12 * 60 * 60 * 1000
let moved = 0
const app = await startTestApp({ clock: () => new Date(Date.now() + moved), heartbeatMs: 200 })
await settled(app)
const { edit, queue, propose } = commandsOf(app)
const company = { company: 'USMF' }
const quick = { first: 20, most: 200, settle: 100, pingEvery: 100, pongWithin: 200, connectWithin: 500 }

let limit = 700_000
const write = (account: string): Promise<string> => edit('clara', account, { creditLimit: String((limit += 1)) })

const kept: Live[] = []
afterEach(() => {
  for (const live of kept.splice(0)) live.dispose()
})

type Reader = {
  live: Live
  statuses: Status[]
  isLive: () => Promise<unknown>
  /** Does something and waits until the reader has noticed that its connection is gone. */
  loses: (act: () => unknown) => Promise<void>
}
const open = (line: Pick<Line, 'url'>, options: Partial<LiveOptions> = {}, user = 'clara'): Reader => {
  const statuses: Status[] = []
  const live = createLive({
    url: `${line.url}/graphql`,
    token: () => app.token(user),
    onStatus: (status) => statuses.push(status),
    webSocketImpl: WebSocket,
    ...options,
    times: { ...quick, ...options.times },
  })
  kept.push(live)
  const losses = (): number => statuses.filter((status) => status === 'reconnecting').length
  return {
    live,
    statuses,
    isLive: () => until('live', () => live.status === 'live' || undefined),
    async loses(act) {
      const before = losses()
      await act()
      await until('the loss to be noticed', () => losses() > before || undefined)
    },
  }
}

type Followed<M> = { messages: M[]; refusals: (readonly RefusalError[])[]; stop: () => void }
const followed = <M extends ProposalMessage | QueueMessage>(
  { live }: Reader,
  document: string,
  variables: object,
): Followed<M> => {
  const messages: M[] = []
  const refusals: (readonly RefusalError[])[] = []
  const stop = live.follow<M>(document, variables, {
    next: (message) => messages.push(message),
    refused: (errors) => refusals.push(errors),
  })
  return { messages, refusals, stop }
}
const changes = (reader: Reader): Followed<ProposalMessage> => followed(reader, proposalStatus, company)
const positions = ({ messages }: Followed<ProposalMessage>): number[] =>
  messages.flatMap(({ event }) => (event ? [Number(event.position)] : []))
const begun = (stream: Followed<ProposalMessage>) =>
  until('the snapshot', () => stream.messages.some(({ proposals }) => proposals) || undefined)
/** Positions of everything that happened to proposals after one. */
const sealed = async (after: number): Promise<number[]> => {
  await settled(app)
  const { events } = await app.ask<{ events: { edges: { node: { position: string; proposal: object | null } }[] } }>(
    'adam',
    '{ events(company: "USMF", first: 1000) { edges { node { position proposal { id } } } } }',
  )
  const all = events.edges.flatMap(({ node }) => (node.proposal === null ? [] : [Number(node.position)]))
  return all.filter((position) => position > after).sort((a, b) => a - b)
}
const head = async (): Promise<number> => (await sealed(0)).at(-1) ?? 0

test('a burst on a line that is cut again and again arrives whole, each event once and in order', async () => {
  const line = await openLine(app.url)
  const reader = open(line)
  const stream = changes(reader)
  await begun(stream)
  const before = await head()
  let done = false
  const writing = Promise.all(Array.from({ length: 30 }, (_, n) => write(`US-0${n + 45}`))).then(() => (done = true))
  let cuts = 0
  while (!done || cuts < 6) {
    const seen = positions(stream).length
    await until('more of it', () => positions(stream).length > seen || done || undefined)
    await reader.isLive()
    await reader.loses(() => line.cut())
    cuts += 1
  }
  await writing
  const expected = await sealed(before)
  expect(expected.length).toBeGreaterThanOrEqual(30)
  await until('all of it', () => positions(stream).length >= expected.length || undefined)
  await write('US-045')
  const all = await sealed(before)
  await until('what follows', () => positions(stream).length >= all.length || undefined)
  expect(positions(stream)).toEqual(all)
  expect(stream.messages.filter(({ __typename }) => __typename === 'ProposalStatusSnapshot')).toHaveLength(1)
  expect(line.made()).toBeGreaterThan(6)
})

test('each stream goes on behind its own last message', async () => {
  const line = await openLine(app.url)
  const reader = open(line, {}, 'mia')
  const proposals = changes(reader)
  const items = followed<QueueMessage>(reader, approvalQueue, {})
  await begun(proposals)
  await until('the queue', () => items.messages.some(({ complete }) => complete) || undefined)
  const before = await head()
  await reader.loses(() => line.close())
  const id = await propose('clara', 'US-021', { creditLimit: String((limit += 1)) })
  line.restore()
  const arrived = ({ upserts }: QueueMessage) => upserts?.some(({ proposal }) => proposal.id === id)
  await until('the item', () => items.messages.some(arrived) || undefined)
  const expected = await sealed(before)
  await until('its events', () => positions(proposals).length >= expected.length || undefined)
  expect(positions(proposals)).toEqual(expected)
  expect(items.messages.filter(({ complete }) => complete)).toHaveLength(1)
  expect((await queue('mia')).some(({ proposal }) => proposal.id === id)).toBe(true)
})

test('a line that goes silent is given up, and what it brings late is not handed over', async () => {
  const line = await openLine(app.url)
  const reader = open(line, { times: { offlineAfter: 60_000 } })
  const stream = changes(reader)
  await begun(stream)
  const before = await head()
  line.stall()
  await write('US-046')
  await write('US-047')
  await until('that it was noticed', () => reader.live.status === 'reconnecting' || undefined)
  expect(line.open()).toBeGreaterThan(0)
  line.restore()
  const expected = await sealed(before)
  await until('what was missed', () => positions(stream).length >= expected.length || undefined)
  line.release()
  await write('US-048')
  const all = await sealed(before)
  await until('what follows', () => positions(stream).length >= all.length || undefined)
  expect(positions(stream)).toEqual(all)
  expect(reader.statuses).toEqual(['live', 'reconnecting', 'live'])
})

test('after a sign-in that has ended another token is asked for, and the stream goes on', async () => {
  const line = await openLine(app.url)
  const issue = async (): Promise<string> => {
    const body = JSON.stringify({ user: 'clara' })
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(`${app.url}/demo/token`, { method: 'POST', headers, body })
    return ((await response.json()) as { token: string }).token
  }
  moved = 2_000 - halfDay
  const brief = await issue()
  moved = 0
  const asked: boolean[] = []
  const token = (expired: boolean): string | Promise<string> => {
    asked.push(expired)
    return expired ? issue() : brief
  }
  const reader = open(line, { token })
  const stream = changes(reader)
  await begun(stream)
  const before = await head()
  await until('the end of the sign-in', () => asked.length > 1 || undefined)
  await write('US-049')
  const expected = await sealed(before)
  await until('what was missed', () => positions(stream).length >= expected.length || undefined)
  expect(positions(stream)).toEqual(expected)
  expect(asked).toEqual([false, true])
})

test('a stream that the server will never take is told once, and the others go on', async () => {
  const line = await openLine(app.url)
  const reader = open(line)
  const stream = changes(reader)
  await begun(stream)
  const wrong = followed(reader, proposalStatus, { company: 'NONE' })
  await until('the refusal', () => wrong.refusals[0])
  expect(wrong.refusals[0]).toMatchObject([{ extensions: { code: 'BAD_REQUEST' } }])
  await reader.loses(() => line.cut())
  await reader.isLive()
  const before = await head()
  await write('US-050')
  const expected = await sealed(before)
  await until('what follows', () => positions(stream).length >= expected.length || undefined)
  expect(wrong.refusals).toHaveLength(1)
  expect(wrong.messages).toEqual([])
})

test('live, reconnecting and offline are told as they are', async () => {
  const line = await openLine(app.url)
  const reader = open(line, { times: { offlineAfter: 300 } })
  expect(reader.live.status).toBe('reconnecting')
  const stream = changes(reader)
  await begun(stream)
  // Live for longer than its patience lasts.
  const begin = Date.now()
  await until('more to be heard', () => Number(reader.live.heard) > begin + 400 || undefined)
  expect(reader.statuses).toEqual(['live'])
  line.close()
  await until('patience to end', () => reader.live.status === 'offline' || undefined)
  line.restore()
  await reader.isLive()
  expect(reader.statuses).toEqual(['live', 'reconnecting', 'offline', 'live'])
})

test('what the browser says of the network is believed until a connection shows otherwise', async () => {
  const line = await openLine(app.url)
  let tell: (sight: Sight) => void = () => undefined
  let online = true
  const surroundings = {
    online: () => online,
    watch(onSight: (sight: Sight) => void) {
      tell = onSight
      return () => undefined
    },
  }
  // Without being told it would wait for longer than the test.
  const reader = open(line, { surroundings, times: { first: 600_000, most: 600_000, pingEvery: 600_000 } })
  const stream = changes(reader)
  await begun(stream)
  online = false
  tell('offline')
  expect(reader.live.status).toBe('offline')
  await until('the socket to end', () => line.open() === 0 || undefined)
  online = true
  tell('online')
  expect(reader.live.status).toBe('reconnecting')
  await reader.isLive()

  // A tab that was asleep asks at once whether its line is still there.
  line.stall()
  tell('seen')
  await until('that it was noticed', () => reader.live.status === 'reconnecting' || undefined)
  line.restore()
  tell('seen')
  await reader.isLive()
  expect(stream.messages.filter(({ __typename }) => __typename === 'ProposalStatusSnapshot')).toHaveLength(1)
})

test('nothing is handed over after a stop, not even what has arrived with the message that led to it', async () => {
  const line = await openLine(app.url)
  const reader = open(line, { times: { pingEvery: 60_000 } })
  const elsewhere = changes(open(app))
  const stays = changes(reader)
  const inside: ProposalMessage[] = []
  const stop = reader.live.follow<ProposalMessage>(proposalStatus, company, {
    next(message) {
      inside.push(message)
      if (message.event) stop()
    },
  })
  const stopped = changes(reader)
  for (const stream of [elsewhere, stays, stopped]) await begun(stream)
  await until('the snapshot', () => inside[0])
  const before = await head()
  // All of it arrives at once.
  line.stall()
  await Promise.all([write('US-051'), write('US-052'), write('US-053')])
  const expected = await sealed(before)
  await until('the events', () => positions(elsewhere).length >= expected.length || undefined)
  stopped.stop()
  const silent = stopped.messages.length
  line.release()
  await until('the events', () => positions(stays).length >= expected.length || undefined)
  expect(stopped.messages).toHaveLength(silent)
  expect(inside.filter(({ event }) => event)).toHaveLength(1)
  expect(positions(stays)).toEqual(expected)
})

test('after its end it is silent, and its socket closed', async () => {
  const line = await openLine(app.url)
  const reader = open(line)
  const stream = changes(reader)
  await begun(stream)
  const before = stream.messages.length
  reader.live.dispose()
  await until('the socket to end', () => line.open() === 0 || undefined)
  await write('US-054')
  await settled(app)
  expect(stream.messages).toHaveLength(before)
  expect(reader.statuses).toEqual(['live'])
  expect(line.made()).toBe(1)
})

test('a server that restarts is found again, and one that never answers is given up while it connects', async () => {
  const line = await openLine(app.url)
  const reader = open(line)
  const stream = changes(reader)
  await begun(stream)
  const before = await head()
  await reader.loses(() => app.stop())
  line.stall()
  const made = line.made()
  await until('attempts that were given up', () => line.made() > made + 1 || undefined)
  line.restore()
  await app.startAgain()
  await write('US-055')
  const expected = await sealed(before)
  await until('what was missed', () => positions(stream).length >= expected.length || undefined)
  expect(positions(stream)).toEqual(expected)
})

test('a document without a way to go on is refused before anything is sent', async () => {
  const { live } = open(app)
  const handler = { next: () => undefined }
  for (const [document, wanted] of [
    ['subscription { approvalQueue { __typename ... on LiveMessage { cursor } } }', /after/],
    ['subscription ($after: Cursor) { approvalQueue(after: $after) { ... on LiveMessage { cursor } } }', /__typename/],
    ['subscription ($after: Cursor) { approvalQueue(after: $after) { __typename } }', /cursor/],
  ] as const) {
    expect(() => live.follow(document, {}, handler)).toThrow(wanted)
  }
})
