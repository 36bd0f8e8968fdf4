// Registered operations are named by their hash, by whatever way they come in; where only they are taken, nothing else is.
import { createHash } from 'node:crypto'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { readOperations } from '../../server/operations-file.ts'
import { startTestApp } from '../helpers/app.ts'

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
const query = '{ viewer { user { name } } }'
const subscription = 'subscription { proposalStatus(company: "USMF") { __typename } }'
const documents = new Map([query, subscription].map((text) => [sha256(text), text]))
const free = await startTestApp({ operations: { documents, only: false } })
const strict = await startTestApp({ operations: { documents, only: true } })

type Body = { query?: string; documentId?: string; extensions?: object }
const byHash = (text: string): Body => ({ extensions: { persistedQuery: { version: 1, sha256Hash: sha256(text) } } })
type App = typeof free
const authorization = async (app: App): Promise<string> => `Bearer ${await app.token('clara')}`
const firstEvent = async (response: Response): Promise<string> => {
  const reader = response.body?.getReader()
  const decoder = new TextDecoder()
  let text = ''
  while (reader && !text.includes('data: ')) {
    const { value, done } = await reader.read()
    if (done) break
    text += decoder.decode(value, { stream: true })
  }
  await reader?.cancel()
  return text
}
type Way = (app: App, body: Body) => Promise<string>
const post: Way = async (app, body) => {
  const headers = { 'content-type': 'application/json', authorization: await authorization(app) }
  return (await fetch(`${app.url}/graphql`, { method: 'POST', headers, body: JSON.stringify(body) })).text()
}
const get: Way = async (app, { extensions, ...rest }) => {
  const search = new URLSearchParams({ ...rest, ...(extensions && { extensions: JSON.stringify(extensions) }) })
  const headers = { authorization: await authorization(app) }
  return (await fetch(`${app.url}/graphql?${search.toString()}`, { headers })).text()
}
const events: Way = async (app, body) => {
  const headers = {
    accept: 'text/event-stream',
    'content-type': 'application/json',
    authorization: await authorization(app),
  }
  return firstEvent(await fetch(`${app.url}/graphql`, { method: 'POST', headers, body: JSON.stringify(body) }))
}
const socket: Way = async (app, body) => {
  const params = { authorization: await authorization(app) }
  return new Promise((resolve, reject) => {
    const connection = new WebSocket(`${app.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
    connection.on('open', () => connection.send(JSON.stringify({ type: 'connection_init', payload: params })))
    connection.on('close', (code) => reject(new Error(`closed with ${code}`)))
    connection.on('message', (data: Buffer) => {
      const text = data.toString()
      if (text.includes('connection_ack'))
        connection.send(JSON.stringify({ id: '1', type: 'subscribe', payload: body }))
      else {
        resolve(text)
        connection.terminate()
      }
    })
  })
}
const ways: [string, Way, string, RegExp][] = [
  ['POST', post, query, /Clara/],
  ['GET', get, query, /Clara/],
  ['server-sent events', events, subscription, /ProposalStatusSnapshot/],
  ['a socket', socket, subscription, /ProposalStatusSnapshot/],
]

describe.each(ways)('over %s', (_name, way, text, answer) => {
  test('a registered operation is named by its hash', async () => {
    expect(await way(free, byHash(text))).toMatch(answer)
    expect(await way(strict, byHash(text))).toMatch(answer)
    expect(await way(strict, { documentId: `sha256:${sha256(text)}` })).toMatch(answer)
  })
  test('a hash that nobody has registered is refused', async () => {
    expect(await way(free, byHash('{ viewer { openWorkItems } }'))).toMatch(
      /BAD_REQUEST.*No operation|No operation.*BAD_REQUEST/s,
    )
  })
  test('a text is taken, but for where only registered ones are', async () => {
    const other = text.replace('{', '{ __typename')
    const another = text === query ? other : 'subscription { approvalQueue { __typename } }'
    expect(await way(free, { query: another })).not.toContain('"errors"')
    expect(await way(strict, { query: another })).toMatch(/Only registered/)
    expect(await way(strict, { query: text })).toMatch(answer)
  })
})

describe('the file', () => {
  const fileOf = async (content: string): Promise<string> => {
    const file = join(await mkdtemp(join(tmpdir(), 'operations-')), 'operations.json')
    await writeFile(file, content)
    return file
  }
  const read = (operationsFile: string) => readOperations({ operationsFile, operationsOnly: true })

  test('holds texts by their hashes, as build tools write them', async () => {
    const found = read(await fileOf(JSON.stringify({ [sha256(query)]: query, [`sha256:${sha256('{ a }')}`]: '{ a }' })))
    expect(found).toEqual({
      documents: new Map([
        [sha256(query), query],
        [sha256('{ a }'), '{ a }'],
      ]),
      only: true,
    })
  })
  test.each([
    ['that is no JSON', '{', 'is not JSON'],
    ['that is a list', '[]', 'has to be one JSON object'],
    ['whose hash is another text’s', JSON.stringify({ [sha256('x')]: query }), 'which is not its SHA-256'],
  ])('%s is refused at the start', async (_name, content, why) => {
    const file = await fileOf(content)
    expect(() => read(file)).toThrow(why)
  })
  test('that is not there is refused at the start', () => {
    expect(() => read('/nowhere/operations.json')).toThrow('cannot be read')
  })
})
