// Streams over plain HTTP by whoever asks for them, in whatever words.
import { request } from 'node:http'
import { expect, test } from 'vitest'
import { startTestApp } from '../helpers/app.ts'
import { settled, subscribers } from '../helpers/live.ts'
import { commandsOf } from './live-commands.ts'

const app = await startTestApp()
await settled(app)
const { edit } = commandsOf(app)
const query = `subscription { proposalStatus(company: "USMF") { __typename ... on LiveMessage { cursor }
  ... on ProposalStatusChanged { event { type } } } }`
let limit = 700_000

type Frame = { id: string | undefined; data: { data?: { proposalStatus: { __typename: string; cursor: string } } } }
/** The first two messages of a stream, with an event between them. */
const messages = async (accept: string | undefined): Promise<{ status: number; frames: Frame[] }> => {
  const authorization = `Bearer ${await app.token('cora')}`
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; frames: Frame[] }>()
  const headers = { 'content-type': 'application/json', authorization, ...(accept !== undefined && { accept }) }
  const asked = request(`${app.url}/graphql`, { method: 'POST', headers }, (response) => {
    const frames: Frame[] = []
    let text = ''
    response.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const frame = text.slice(0, end)
        text = text.slice(end + 2)
        const data = /^data: (.+)$/m.exec(frame)?.[1]
        if (data === undefined) continue
        frames.push({ id: /^id: (.+)$/m.exec(frame)?.[1], data: JSON.parse(data) as Frame['data'] })
        if (frames.length === 1) edit('clara', 'US-071', { creditLimit: String((limit += 1)) }).catch(reject)
        else asked.destroy()
      }
    })
    response.on('close', () => resolve({ status: response.statusCode ?? 0, frames }))
  })
  asked.on('error', () => undefined)
  asked.end(JSON.stringify({ query }))
  return promise
}

test.each([
  undefined,
  '*/*',
  'text/*',
  'text/event-stream',
  'Text/Event-Stream',
  'text/html, */*;q=0.8',
  'multipart/mixed, text/event-stream;q=0.5',
])('who takes %s gets the snapshot and what comes, each with its id', async (accept) => {
  const { status, frames } = await messages(accept)
  expect(status).toBe(200)
  expect(frames.map(({ data }) => data.data?.proposalStatus.__typename)).toEqual([
    'ProposalStatusSnapshot',
    'ProposalStatusChanged',
  ])
  for (const { id, data } of frames) expect(id).toBe(data.data?.proposalStatus.cursor)
})

test.each(['application/json', 'multipart/mixed', 'text/plain', 'text/event-stream-not'])(
  'who takes %s alone is told that it is not to be had',
  async (accept) => {
    expect(await messages(accept)).toEqual({ status: 406, frames: [] })
    await expect.poll(() => subscribers(app), { timeout: 5_000 }).toBe(0)
  },
)
