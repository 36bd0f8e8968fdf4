import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { startWorld, type Answer, type Failure } from './world.ts'

const world = await startWorld()
const { address, ask, send, post, follow, authorization, statements } = world

const codes = ({ errors = [] }: Pick<Answer<unknown>, 'errors'>): unknown[] =>
  errors.map(({ extensions }) => extensions.code)

/** An operation by GET. */
const get = async (user: string, query: string, accept = 'application/json'): Promise<Response> =>
  fetch(`http://${address}/graphql?query=${encodeURIComponent(query)}`, {
    headers: { authorization: await authorization(user), accept },
  })

/** The messages of a stream over server-sent events, with their ids. */
const events = async (user: string, query: string, headers: Record<string, string> = {}) => {
  const response = await post(user, { query }, { accept: 'text/event-stream', ...headers })
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  const next = async (): Promise<{
    id?: string
    data: Answer<Record<string, { __typename: string; cursor: string }>>
  }> => {
    for (;;) {
      const end = text.indexOf('\n\n')
      if (end >= 0) {
        const block = text.slice(0, end)
        text = text.slice(end + 2)
        const line = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1]
        if (line('event') !== 'next') continue
        const id = line('id')
        return { ...(id !== undefined && { id }), data: JSON.parse(line('data') ?? '') as never }
      }
      const { value, done } = await reader.read()
      if (done) throw new Error('the stream has ended')
      text += value
    }
  }
  return { next, stop: () => reader.cancel() }
}

const deep = `{ node(id: "x") { ... on Customer ${'{ proposal { customer '.repeat(9)} { id } ${'} }'.repeat(9)} } }`
const many = `{ ${Array.from({ length: 3000 }, (_, n) => `a${n}: __typename`).join(' ')} }`
const wide = `{ viewer { ${Array.from({ length: 100 }, () => '...w').join(' ')} } } fragment w on Viewer { ${Array.from({ length: 50 }, (_, n) => `a${n}: openWorkItems`).join(' ')} }`
const doubling = `{ viewer { ...f0 } } ${Array.from({ length: 25 }, (_, n) => `fragment f${n} on Viewer { ...f${n + 1} b${n}: user { id } ...f${n + 1} }`).join(' ')} fragment f25 on Viewer { openWorkItems }`
const costly =
  '{ customers(company: "USMF", first: 100) { edges { node { proposals(first: 100) { edges { node { history(first: 100) { edges { node { id } } } } } } } } } }'

describe('a request that is too large is refused with its code', () => {
  test.each([
    ['more fields than allowed', wide, 'TOO_COMPLEX'],
    ['deeper than allowed', deep, 'TOO_COMPLEX'],
    ['fragments that double each other', doubling, 'TOO_COMPLEX'],
    ['more tokens than allowed', many, 'BAD_REQUEST'],
    ['costs more than allowed', costly, 'TOO_COMPLEX'],
  ])('%s, by POST and by GET', async (_name, query, code) => {
    const answer = await send('clara', query)
    expect(codes(answer)).toContain(code)
    if (query.length < 5000)
      expect(codes((await (await get('clara', query)).json()) as Answer<unknown>)).toContain(code)
  })

  test('over a socket and over server-sent events as well', async () => {
    const items = Array.from(
      { length: 90 },
      (_, n) => `a${n}: proposal { customer { proposals(first: 100) { edges { node { id } } } } }`,
    ).join(' ')
    const query = `subscription { approvalQueue { ... on QueueSnapshot { items { ${items} } } } }`
    const stream = await follow<{ errors: Failure[] }>('mia', query)
    expect(codes(await stream.next())).toEqual(['TOO_COMPLEX'])
    const sse = await post('mia', { query }, { accept: 'text/event-stream' })
    expect(await sse.text()).toContain('TOO_COMPLEX')
  })

  test('a body beyond the limit is not read', async () => {
    const response = await post('clara', { query: '{ __typename }', variables: { a: 'x'.repeat(2_100_000) } })
    expect(response.status).toBe(413)
  })

  test('a body that does not say how long it is, is read up to the limit', async () => {
    const piece = new TextEncoder().encode(' '.repeat(100_000))
    const sent = async (pieces: number): Promise<number> => {
      const body = new Blob([
        ...Array.from({ length: pieces }, () => piece),
        new TextEncoder().encode('{"query":"{ __typename }"}'),
      ]).stream()
      const headers = { authorization: await authorization('clara'), 'content-type': 'application/json' }
      const options: RequestInit & { duplex: 'half' } = { method: 'POST', headers, body, duplex: 'half' }
      return (await fetch(`http://${address}/graphql`, options)).status
    }
    expect(await sent(3)).toBe(200)
    expect(await sent(20)).toBe(413)
  })

  test('a body that breaks off leaves the server as it was', async () => {
    const [host, port] = address.split(':')
    const socket = connect(Number(port), host)
    socket.write('POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{')
    await once(socket, 'connect')
    socket.destroy()
    await once(socket, 'close')
    expect((await post('clara', { query: '{ __typename }' })).status).toBe(200)
  })
})

describe('a request that makes no sense is told so', () => {
  test.each([
    ['no GraphQL', '{ viewer '],
    ['an unknown field', '{ viewer { nothing } }'],
    ['a missing argument', '{ customer(company: "USMF") { id } }'],
    ['a cursor of another list', '{ customers(company: "USMF", after: "abc") { edges { cursor } } }'],
    ['a page of nothing', '{ customers(company: "USMF", first: 0) { edges { cursor } } }'],
    ['a page beyond the limit', '{ customers(company: "USMF", first: 101) { edges { cursor } } }'],
    ['two directions at once', '{ customers(company: "USMF", first: 1, last: 1) { edges { cursor } } }'],
    [
      'a number where text is exact',
      'mutation { updateCustomer(input: { company: "USMF", account: "US-001", set: { creditLimit: true } }) { __typename } }',
    ],
    [
      'a field that there is not',
      '{ customer(company: "USMF", account: "US-001") { values(fields: ["nothing"]) { raw } } }',
    ],
  ])('%s', async (_name, query) => {
    expect(codes(await send('clara', query))).toEqual(['BAD_REQUEST'])
  })

  test('a stream of nothing in particular is refused before it opens', async () => {
    for (const args of [
      '',
      '(account: "US-001")',
      '(company: "DEMF")',
      '(proposalId: "x")',
      '(company: "USMF", account: "nobody")',
    ]) {
      const stream = await follow<{ errors: Failure[] }>(
        'clara',
        `subscription { proposalStatus${args} { __typename } }`,
      )
      expect([args, codes(await stream.next())]).toEqual([args, ['BAD_REQUEST']])
    }
  })

  test('a query over a socket is refused, and the socket goes on', async () => {
    const client = await world.socket('clara')
    const first = (query: string) =>
      new Promise<unknown>((resolve) => {
        const stop = client.subscribe(
          { query },
          {
            next: (m) => {
              resolve(m)
              stop()
            },
            error: resolve,
            complete: () => {},
          },
        )
      })
    expect(await first('{ viewer { openWorkItems } }')).toMatchObject([{ extensions: { code: 'BAD_REQUEST' } }])
    expect(await first('subscription { nothing }')).toMatchObject([{ extensions: { code: 'BAD_REQUEST' } }])
    expect(await first('subscription {')).toMatchObject([{ extensions: { code: 'BAD_REQUEST' } }])
    expect(await first('subscription { approvalQueue { __typename } }')).toMatchObject({
      data: { approvalQueue: { __typename: 'QueueSnapshot' } },
    })
  })

  test('a mutation by GET is refused', async () => {
    const response = await get('clara', 'mutation { discardProposal(input: { proposalId: "x" }) { __typename } }')
    expect(response.status).toBe(405)
  })
})

describe('who is not signed in', () => {
  test('gets nothing, and an error with its code, from every root', async () => {
    const answer = await send<Record<string, unknown>>(
      null,
      '{ viewer { openWorkItems } node(id: "x") { id } customers(company: "USMF") { totalCount } }',
    )
    expect(answer.data).toEqual({ viewer: null, node: null, customers: null })
    expect(codes(answer)).toEqual(['UNAUTHENTICATED', 'UNAUTHENTICATED', 'UNAUTHENTICATED'])
    expect(codes(await send(null, 'mutation { discardProposal(input: { proposalId: "x" }) { __typename } }'))).toEqual([
      'UNAUTHENTICATED',
    ])
    expect(
      await (
        await post(null, { query: 'subscription { approvalQueue { __typename } }' }, { accept: 'text/event-stream' })
      ).text(),
    ).toContain('UNAUTHENTICATED')
  })

  test('may look at the schema', async () => {
    expect(
      (await send<{ __schema: { queryType: { name: string } } }>(null, '{ __schema { queryType { name } } }')).data
        .__schema.queryType.name,
    ).toBe('Query')
  })

  const closing = (params: unknown, options: { origin?: string } = {}) =>
    new Promise<number | undefined>((resolve) => {
      const socket = new WebSocket(`ws://${address}/graphql`, 'graphql-transport-ws', options)
      socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload: params })))
      socket.on('message', () => socket.close(1000))
      socket.on('unexpected-response', (_request, response) => resolve(response.statusCode))
      socket.on('close', (code) => resolve(code))
      socket.on('error', () => {})
    })

  test('cannot open a socket, nor can a page of another origin', async () => {
    expect(await closing({})).toBe(4403)
    expect(await closing({ authorization: 'Bearer nonsense' })).toBe(4403)
    const good = { authorization: await authorization('clara') }
    expect(await closing(good)).toBe(1000)
    expect(await closing(good, { origin: 'https://evil.example' })).toBe(403)
    expect(await closing(good, { origin: 'https://partner.example' })).toBe(1000)
    expect(await closing(good, { origin: `http://${address}` })).toBe(1000)
  })
})

test('a socket and a stream end with the sign-in that opened them', async () => {
  const real = world.now.clock
  const clock = (): Date => new Date(real().getTime() - 12 * 60 * 60 * 1000 + 1500)
  world.now.clock = clock
  const header = await authorization('clara')
  world.now.clock = real
  const closed = new Promise<number>((resolve) => {
    const socket = new WebSocket(`ws://${address}/graphql`, 'graphql-transport-ws')
    socket.on('open', () =>
      socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: header } })),
    )
    socket.on('close', resolve)
  })
  const response = await fetch(`http://${address}/graphql`, {
    method: 'POST',
    headers: { authorization: header, accept: 'text/event-stream', 'content-type': 'application/json' },
    body: JSON.stringify({ query: 'subscription { approvalQueue { __typename } }' }),
  })
  expect(await response.text()).toContain('event: complete')
  expect(await closed).toBe(4403)
})

describe('server-sent events', () => {
  const query =
    'subscription { approvalQueue { __typename ... on LiveMessage { cursor } ... on QueueDelta { upserts { id } } } }'

  test('carry their cursor as id, by which a reader goes on', async () => {
    const stream = await events('mia', query)
    const first = await stream.next()
    expect(first.data.data.approvalQueue).toMatchObject({ __typename: 'QueueSnapshot', cursor: first.id })
    await stream.stop()
    const { updateCustomer } = await ask<{ updateCustomer: { proposal: { id: string } } }>(
      'clara',
      'mutation { updateCustomer(input: { company: "USMF", account: "US-030", set: { creditLimit: "8000000.00" } }) { ... on UpdateCustomerSuccess { proposal { id } } } }',
    )
    await ask('clara', 'mutation($id: ID!) { submitProposal(input: { proposalId: $id }) { __typename } }', {
      id: updateCustomer.proposal.id,
    })
    const resumed = await events('mia', query, { 'last-event-id': first.id ?? '' })
    expect((await resumed.next()).data.data.approvalQueue).toMatchObject({ __typename: 'QueueDelta' })
    await resumed.stop()
    await expect.poll(() => world.live.size()).toBe(0)
  })
})

describe('reading', () => {
  test('a page of customers with their proposals and changes takes a fixed, small number of statements', async () => {
    const query = (first: number) =>
      `{ customers(company: "USMF", first: ${first}) { edges { node { id account name creditLimit proposal { id status changes { id operation proposed { raw display } } } } } } }`
    const count = async (first: number): Promise<number> => {
      await ask('clara', query(first))
      statements.length = 0
      await ask('clara', query(first))
      return statements.length
    }
    const few = await count(20)
    expect(await count(100)).toBe(few)
    // Memberships, the version of the set-up, customers, open proposals, changes, and the sign-in's user.
    expect(few).toBeLessThanOrEqual(6)
  })

  test('pages follow each other without gap or double, in both directions', async () => {
    type Page = {
      customers: {
        edges: { node: { account: string } }[]
        pageInfo: { endCursor: string; startCursor: string; hasNextPage: boolean; hasPreviousPage: boolean }
      }
    }
    for (const orderBy of ['ACCOUNT', 'NAME', 'CREDIT_LIMIT_DESC', 'UPDATED_DESC']) {
      const read = (args: string, cursor: string | null) =>
        ask<Page>(
          'clara',
          `query($c: Cursor) { customers(company: "USMF", orderBy: ${orderBy}, ${args}) { edges { node { account } } pageInfo { endCursor startCursor hasNextPage hasPreviousPage } } }`,
          { c: cursor },
        )
      const forward: string[] = []
      for (let cursor: string | null = null; ;) {
        const { edges, pageInfo }: Page['customers'] = (await read('first: 60, after: $c', cursor)).customers
        forward.push(...edges.map(({ node }) => node.account))
        if (!pageInfo.hasNextPage) break
        cursor = pageInfo.endCursor
      }
      expect([orderBy, new Set(forward).size, forward.length]).toEqual([orderBy, 200, 200])
      const backward: string[] = []
      for (let cursor: string | null = null; ;) {
        const { edges, pageInfo }: Page['customers'] = (await read('last: 70, before: $c', cursor)).customers
        backward.unshift(...edges.map(({ node }) => node.account))
        if (!pageInfo.hasPreviousPage) break
        cursor = pageInfo.startCursor
      }
      expect(backward).toEqual(forward)
    }
  })

  test('filters find what they say', async () => {
    const found = async (filter: string) =>
      (
        await ask<{ customers: { totalCount: number } }>(
          'clara',
          `{ customers(company: "USMF", filter: ${filter}) { totalCount } }`,
        )
      ).customers.totalCount
    expect(await found('{ search: "us-00" }')).toBe(9)
    expect(await found('{ search: "%" }')).toBe(0)
    expect(await found('{ reviewStatus: [CHANGES_PENDING_APPROVAL, CHANGES_NOT_SUBMITTED] }')).toBe(4)
    expect(await found('{ reviewStatus: [NO_CHANGES] }')).toBe(196)
    const proposals = async (filter: string) =>
      (
        await ask<{ proposals: { totalCount: number } }>(
          'clara',
          `{ proposals(company: "USMF", filter: ${filter}) { totalCount edges { node { id } } } }`,
        )
      ).proposals.totalCount
    expect(await proposals('{ status: [DRAFT] }')).toBe(1)
    expect(await proposals('{ account: "US-010" }')).toBe(1)
    expect(await proposals('{ field: "creditLimit" }')).toBeGreaterThan(1)
    expect(await proposals('{ author: "x" }')).toBe(0)
  })
})

test('an error of ours is masked, and logged with the id that the caller is told', async () => {
  world.breakReads(true)
  const answer = await send('clara', '{ customer(company: "USMF", account: "US-001") { name } }')
  world.breakReads(false)
  expect(codes(answer)).toEqual(['INTERNAL'])
  const requestId = String(answer.errors?.[0]?.extensions.requestId)
  expect(world.logged.join('')).toContain(requestId)
  expect(JSON.stringify(answer)).not.toMatch(/select|customers where|deliberately/)
})
