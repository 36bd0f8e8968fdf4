// One socket through everything that can be wrong with its operations, to the end of the sign-in: its stream goes on.
import { afterAll, expect, test, vi } from 'vitest'
import { startTestApp } from '../helpers/app.ts'
import { closeCode, follow, openSocket, settled, subscribers, type Stream } from '../helpers/live.ts'
import { commandsOf, proposalStatus, type ProposalMessage } from '../graphql/live-commands.ts'

// As many streams as a person may have are too many for a test; the number is the only thing that changes.
vi.mock('../../server/graphql/limits.ts', async (original) => {
  const actual = await original<typeof import('../../server/graphql/limits.ts')>()
  return { ...actual, limits: { ...actual.limits, operationsPerSocket: 4, streamsPerPerson: 6 } }
})

const hour = 60 * 60 * 1000
let moved = 0
const app = await startTestApp({ clock: () => new Date(Date.now() + moved) })
await settled(app)
const { edit } = commandsOf(app)
const complaints: unknown[] = []
vi.spyOn(console, 'error').mockImplementation((...complaint) => void complaints.push(complaint))
// Nothing that a caller does is an error of the server's.
afterAll(() => expect(complaints).toEqual([]))

let limit = 600_000
const write = (): Promise<string> => edit('clara', 'US-041', { creditLimit: String((limit += 1)) })
const costly = Array.from({ length: 120 }, (_, n) => `a${n}: history(first: 100) { edges { node { id } } }`).join(' ')
const quiet = 'subscription { approvalQueue { __typename } }'
const wrong: readonly (readonly [string, string, string])[] = [
  ['a syntax error', 'subscription { proposalStatus(', 'BAD_REQUEST'],
  [
    'a mutation',
    'mutation { updateCustomer(input: { company: "USMF", account: "US-041", set: { phone: "1" } }) { __typename } }',
    'BAD_REQUEST',
  ],
  [
    'a subscription that is too complex',
    `subscription { proposalStatus(company: "USMF") { ... on ProposalStatusSnapshot { proposals { ${costly} } } } }`,
    'TOO_COMPLEX',
  ],
]
const codesOf = async (stream: Stream): Promise<string[]> =>
  (await stream.refusal()).map(({ extensions }) => extensions.code)

const isNoHeartbeat = ({ __typename }: ProposalMessage): boolean => __typename !== 'Heartbeat'
/** The next event of a stream and no other: none was lost, and it is the same stream. */
const follower = (live: Stream) => {
  let last: ProposalMessage | undefined
  return {
    last: () => ({ cursor: last?.cursor ?? '', position: Number(last?.event?.position) }),
    async goesOn(after: string): Promise<void> {
      await write()
      const message = await live.until<ProposalMessage>('an event', isNoHeartbeat)
      expect([after, message.event?.type]).toEqual([after, expect.stringMatching(/^CHANGE_(PROPOSED|REPLACED)$/)])
      if (last) expect(Number(message.event?.position)).toBe(Number(last.event?.position) + 1)
      last = message
    },
  }
}

test('a stream outlives a syntax error, a mutation, too much at once and one subscription too many beside it', async () => {
  const socket = await openSocket(app, 'clara')
  const live = socket.subscribe(proposalStatus, { company: 'USMF' })
  await live.next()
  const reader = follower(live)
  await reader.goesOn('the beginning')
  for (const [what, query, code] of wrong) {
    expect([what, await codesOf(socket.subscribe(query))]).toEqual([what, [code]])
    await reader.goesOn(what)
  }
  const more = Array.from({ length: 3 }, () => socket.subscribe(quiet))
  await Promise.all(more.map((stream) => stream.next()))
  expect(await codesOf(socket.subscribe(quiet))).toEqual(['RATE_LIMITED'])
  await reader.goesOn('one more than the socket carries')
  const other = await openSocket(app, 'clara')
  const last = [other.subscribe(quiet), other.subscribe(quiet)]
  await Promise.all(last.map((stream) => stream.next()))
  expect(await codesOf(other.subscribe(quiet))).toEqual(['RATE_LIMITED'])
  await reader.goesOn('one more than the person may have')
  expect([socket.connections(), other.connections()]).toEqual([1, 1])
  await Promise.all([socket.close(), other.close()])
  expect(await Promise.all([socket.closed, other.closed])).toEqual([1000, 1000])
  await expect.poll(() => subscribers(app)).toBe(0)
})

test('a stream ends with the sign-in, with 4403, and goes on where it was with the next', async () => {
  moved = 4_000 - 12 * hour
  const socket = await openSocket(app, 'colin')
  moved = 0
  const live = socket.subscribe(proposalStatus, { company: 'USMF' })
  await live.next()
  const reader = follower(live)
  await reader.goesOn('the beginning')
  expect(await socket.closed).toBe(4403)
  await expect.poll(() => subscribers(app)).toBe(0)
  await write()
  expect(await closeCode(app.url, { params: { authorization: `Bearer ${await app.token('colin')}` } })).toBe(4403)
  // Time is put back: what has run out is as good as a new one.
  moved = -hour
  const resumed = await follow(app, 'colin', proposalStatus, { company: 'USMF', after: reader.last().cursor })
  expect(await resumed.until<ProposalMessage>('an event', isNoHeartbeat)).toMatchObject({
    event: { position: String(reader.last().position + 1) },
  })
  await resumed.stop()
})
