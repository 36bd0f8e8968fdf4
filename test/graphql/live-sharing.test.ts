// Execute once: what many follow is resolved once for each kind of them, and everybody is told what they may be told all the same.
import { randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decodeId } from '../../server/graphql/ids.ts'
import { comment, openLog } from '../live/log-writer.ts'
import { startWorld, type Messages } from './world.ts'

const world = await startWorld()
const { ask, follow, statements, live } = world
const log = openLog(world.url, 2)
afterAll(() => log.close())

type Change = { field: { name: string }; proposed: { raw: string | null; masked: boolean } | null }
type Event = { type: string; data: { text?: string }; actor: { name: string } | null }
type Told = {
  __typename: string
  cursor: string
  event?: Event
  proposal?: { id: string; changes: Change[]; actions?: unknown }
}
type Message = { data?: { s: Told } | null; errors?: { message: string }[]; complete?: true; refused?: unknown }
type Reader = Messages<Message>

const told = 'changes { field { name } proposed { raw masked } } customer { account name } submittedBy { name }'
const document = (selection: string): string => `subscription ($company: String, $account: String, $after: Cursor) {
  s: proposalStatus(company: $company, account: $account, after: $after) {
    __typename ... on LiveMessage { cursor }
    ... on ProposalStatusSnapshot { proposals { id } }
    ... on ProposalStatusChanged { event { type data actor { name } } proposal { id ${selection} } }
  } }`
/** Nobody else follows the same. */
const ownDocument = (more = '', selection = told): string => `${document(`${selection} ${more}`)} # ${randomUUID()}`

/** The draft on US-007, about which nobody is asked. */
let draft: { companyId: string; proposalId: string; customerId: string }
beforeAll(async () => {
  const { customer } = await ask<{ customer: { id: string; proposal: { id: string } } }>(
    'clara',
    '{ customer(company: "USMF", account: "US-007") { id proposal { id } } }',
  )
  const [own, of] = [decodeId(customer.id), decodeId(customer.proposal.id)]
  draft = { companyId: of?.parts[0] ?? '', proposalId: of?.own ?? '', customerId: own?.own ?? '' }
})

/** Something happens that costs no statement of the application's. */
const happen = async (text: string, of: Partial<typeof draft> = {}): Promise<void> => {
  const { companyId, ...rest } = { ...draft, ...of }
  await log.write(companyId, [comment(text, rest)])
  live.outbox.wake()
}
const opened = async (user: string, query: string, more: object = {}): Promise<Reader> => {
  const reader = await follow<Message>(user, query, { company: 'USMF', account: null, ...more })
  await reader.until(({ data, refused }) => {
    if (refused !== undefined) throw new Error(`${user} was refused: ${JSON.stringify(refused)}`)
    return data?.s.__typename === 'ProposalStatusSnapshot'
  })
  return reader
}
const saying =
  (text: string) =>
  ({ data }: Message): boolean =>
    data?.s.event?.data.text === text
const heard = async (reader: Reader, text: string): Promise<Told> => (await reader.until(saying(text))).data!.s
/** Everybody has got what happened first, so everybody reads along from then on. */
const joined = async (readers: readonly Reader[]): Promise<void> => {
  const text = randomUUID()
  await happen(text)
  await Promise.all(readers.map((reader) => heard(reader, text)))
}
const costOf = async (readers: readonly Reader[]): Promise<number> => {
  await joined(readers)
  statements.length = 0
  const text = randomUUID()
  await happen(text)
  await Promise.all(readers.map((reader) => heard(reader, text)))
  return statements.length
}
const stopAll = (readers: readonly Reader[]): void => {
  for (const reader of readers) reader.stop()
}
const people = ['cora', 'carl', 'tess', 'olga']
const edit = async (user: string, account: string, input: object): Promise<string> => {
  const { updateCustomer } = await ask<{ updateCustomer: { proposal?: { id: string }; message?: string } }>(
    user,
    `mutation ($input: UpdateCustomerInput!) { updateCustomer(input: $input) {
      ... on UpdateCustomerSuccess { proposal { id } } ... on UserError { message } } }`,
    { input: { company: 'USMF', account, ...input } },
  )
  if (updateCustomer.proposal === undefined) throw new Error(updateCustomer.message)
  return updateCustomer.proposal.id
}

describe('one event', () => {
  test('costs fifty readers as many statements as one, whoever they are and wherever they went on from', async () => {
    const query = ownDocument()
    const first = await opened('cora', query)
    const one = await costOf([first])
    expect(one).toBeGreaterThan(0)
    const text = randomUUID()
    await happen(text)
    const { cursor } = await heard(first, text)
    const others = await Promise.all(
      Array.from({ length: 49 }, async (_, n) => {
        const user = people[n % people.length] ?? ''
        // Of the cora's some go on from where she was; the others' cursors are all different, too.
        return user === 'cora' && n % 8 === 0
          ? follow<Message>(user, query, { company: 'USMF', account: null, after: cursor })
          : opened(user, query)
      }),
    )
    const readers = [first, ...others]
    expect(await costOf(readers)).toBe(one)
    expect(await costOf(readers)).toBe(one)
    stopAll(readers)
  })

  test('costs another kind of readers its own telling, and readers of other operations theirs', async () => {
    const query = ownDocument()
    const reader = await opened('cora', query)
    const alone = await costOf([reader])
    const clerk = await opened('clara', query)
    const both = await costOf([reader, clerk])
    expect(both).toBeLessThanOrEqual(alone * 2)
    const more = await Promise.all(['colin', 'clara', 'carl', 'tess'].map((user) => opened(user, query)))
    expect(await costOf([reader, clerk, ...more])).toBe(both)
    stopAll([reader, clerk, ...more])
  })
})

describe('what is told', () => {
  test.each([
    ['cora first', ['cora', 'clara', 'carl', 'colin']],
    ['clara first', ['clara', 'cora', 'colin', 'carl']],
  ])('is masked by what each may see: %s', async (_order, users) => {
    const query = ownDocument()
    const readers: Reader[] = []
    for (const user of users) readers.push(await opened(user, query))
    await joined(readers)
    const number = `98-${String(1_000_000 + Math.floor(Math.random() * 8_000_000))}`
    await edit('clara', 'US-007', { set: { taxExemptNumber: number } })
    for (const [n, reader] of readers.entries()) {
      const { data } = await reader.until(
        ({ data: d }) => d?.s.proposal?.changes.some(({ field }) => field.name === 'taxExemptNumber') ?? false,
      )
      const change = data?.s.proposal?.changes.find(({ field }) => field.name === 'taxExemptNumber')
      const clerk = ['clara', 'colin'].includes(users[n] ?? '')
      expect([users[n], change?.proposed]).toMatchObject([
        users[n],
        clerk ? { raw: number, masked: false } : { raw: null, masked: true },
      ])
    }
    stopAll(readers)
  })

  test.each([
    ['tess', ['tess', 'cora', 'carl']],
    ['cora', ['cora', 'tess', 'carl']],
  ])(
    'shows who is asked what they are asked about, and nobody else of their roles, also if %s is the first',
    async (_first, users) => {
      const account = users[0] === 'tess' ? 'US-021' : 'US-022'
      const query = ownDocument()
      const readers: Reader[] = []
      for (const user of users) readers.push(await opened(user, query))
      await joined(readers)
      const { customer } = await ask<{ customer: { bankAccounts: { id: string }[] } }>(
        'clara',
        `{ customer(company: "USMF", account: "${account}") { bankAccounts { id } } }`,
      )
      const bankAccounts = { change: [{ id: customer.bankAccounts[0]?.id, set: { accountNumber: '7770001112' } }] }
      const proposalId = await edit('clara', account, { bankAccounts })
      await ask('clara', 'mutation ($i: SubmitProposalInput!) { submitProposal(input: $i) { __typename } }', {
        i: { proposalId },
      })
      const { approvalQueue } = await ask<{
        approvalQueue: { edges: { node: { id: string; proposal: { id: string; revision: number } } }[] }
      }>('mia', '{ approvalQueue(first: 50) { edges { node { id proposal { id revision } } } } }')
      const item = approvalQueue.edges.find(({ node }) => node.proposal.id === proposalId)?.node
      await ask('mia', 'mutation ($i: ApproveInput!) { approve(input: $i) { __typename } }', {
        i: { workItemId: item?.id, revision: item?.proposal.revision, comment: 'Yes.' },
      })
      // Whatever is told of it once tess has been asked.
      const text = randomUUID()
      await until('tess to be asked', async () => {
        const asked = await ask<{ approvalQueue: { edges: { node: { proposal: { id: string } } }[] } }>(
          'tess',
          '{ approvalQueue(first: 50) { edges { node { proposal { id } } } } }',
        )
        return asked.approvalQueue.edges.some(({ node }) => node.proposal.id === proposalId)
      })
      await happen(text, { proposalId: decodeId(proposalId)?.own ?? '' })
      for (const [n, reader] of readers.entries()) {
        const { proposal } = await heard(reader, text)
        const shown = JSON.stringify(proposal?.changes).includes('7770001112')
        expect([users[n], shown]).toEqual([users[n], users[n] === 'tess'])
      }
      stopAll(readers)
    },
  )

  test('is what each would be answered who asks, actions too, which are everybody’s own', async () => {
    const actions = 'actions { action allowed reason }'
    const users = ['clara', 'colin', 'mia', 'cora', 'carl', 'tess', 'olga', 'adam', 'audrey', 'partner']
    const query = ownDocument(actions)
    const readers = await Promise.all(users.map((user) => opened(user, query)))
    await joined(readers)
    const text = randomUUID()
    const { proposals } = await ask<{ proposals: { edges: { node: { id: string } }[] } }>(
      'clara',
      '{ proposals(company: "USMF", first: 50) { edges { node { id } } } }',
    )
    const seen = new Set<string>()
    for (const { node } of proposals.edges) {
      const own = `${text} ${node.id}`
      await happen(own, { proposalId: decodeId(node.id)?.own ?? '' })
      for (const [n, reader] of readers.entries()) {
        const { proposal } = await heard(reader, own)
        const answer = await ask<{ node: unknown }>(
          users[n] ?? '',
          `query ($id: ID!) { node(id: $id) { ... on Proposal { id ${told} ${actions} } } }`,
          { id: node.id },
        )
        expect([users[n], proposal]).toEqual([users[n], answer.node])
        seen.add(JSON.stringify(proposal?.actions))
      }
    }
    // Or else nothing has been proven.
    expect(seen.size).toBeGreaterThan(4)
    stopAll(readers)
  })

  test('is of other roles from the next event on for who is given them, and for nobody who reads along', async () => {
    const query = ownDocument()
    const [olga, cora] = [await opened('olga', query), await opened('cora', query)]
    await joined([olga, cora])
    const shows = async (reader: Reader): Promise<boolean | undefined> => {
      const text = randomUUID()
      await happen(text)
      const { proposal } = await heard(reader, text)
      return proposal?.changes.some(({ proposed }) => proposed?.masked === true)
    }
    await edit('clara', 'US-007', { set: { taxExemptNumber: '98-7654321' } })
    expect([await shows(olga), await shows(cora)]).toEqual([true, true])
    const setMember = (roles: string[]): Promise<unknown> =>
      ask(
        'adam',
        'mutation ($i: SetMemberInput!) { setMember(input: $i) { __typename ... on UserError { message } } }',
        { i: { company: 'USMF', userId: olgaId, roles } },
      )
    const { users } = await ask<{ users: { edges: { node: { id: string; name: string } }[] } }>(
      'adam',
      '{ users(company: "USMF", first: 50) { edges { node { id name } } } }',
    )
    const olgaId = users.edges.find(({ node }) => node.name.startsWith('Olga'))?.node.id
    await setMember(['READER', 'CLERK'])
    expect([await shows(olga), await shows(cora)]).toEqual([false, true])
    await setMember(['READER'])
    expect([await shows(olga), await shows(cora)]).toEqual([true, true])
    stopAll([olga, cora])
  })

  test('with an error in it is told to nobody who comes later', async () => {
    // Nothing in it is anybody's own, or it would be told to each alone anyway.
    const query = ownDocument('customer { contacts { name } }', 'status')
    const [one, two] = [await opened('cora', query), await opened('carl', query)]
    const before = randomUUID()
    await happen(before)
    const [{ cursor }] = [await heard(one, before), await heard(two, before)]
    const text = randomUUID()
    await log.db.execute(sql`alter table contacts rename to away`)
    try {
      await happen(text)
      for (const reader of [one, two]) {
        const { errors } = await reader.until((message) => message.errors !== undefined)
        expect(JSON.stringify(errors)).not.toMatch(/contacts.*exist|select/)
      }
    } finally {
      await log.db.execute(sql`alter table away rename to contacts`)
    }
    const again = await follow<Message>('cora', query, { company: 'USMF', account: null, after: cursor })
    const message = await again.next()
    expect(message.errors).toBeUndefined()
    expect(message.data?.s.event?.data.text).toBe(text)
    stopAll([one, two, again])
  })
})

describe('an operation', () => {
  test('with a default is another for who gives null in its place', async () => {
    const query = `subscription ($company: String, $account: String = "US-007") { s: proposalStatus(company: $company, account: $account) {
      __typename ... on LiveMessage { cursor } ... on ProposalStatusChanged { event { type data } proposal { id } } } }`
    const narrow = await follow<Message>('cora', query, { company: 'USMF' })
    await narrow.next()
    const wide = await follow<Message>('cora', query, { company: 'USMF', account: null })
    await wide.next()
    await joined([narrow, wide])
    const { customer } = await ask<{ customer: { id: string; proposal: { id: string } } }>(
      'clara',
      '{ customer(company: "USMF", account: "US-010") { id proposal { id } } }',
    )
    const [elsewhere, here] = [randomUUID(), randomUUID()]
    await happen(elsewhere, {
      customerId: decodeId(customer.id)?.own ?? '',
      proposalId: decodeId(customer.proposal.id)?.own ?? '',
    })
    await happen(here)
    expect((await wide.next()).data?.s.event?.data.text).toBe(elsewhere)
    expect((await narrow.next()).data?.s.event?.data.text).toBe(here)
    stopAll([narrow, wide])
  })
})

const until = async (what: string, holds: () => Promise<boolean>): Promise<void> => {
  for (const end = performance.now() + 10_000; performance.now() < end;) if (await holds()) return
  throw new Error(`waited in vain for ${what}`)
}

test('nobody is left behind', async () => {
  await expect.poll(() => live.size()).toBe(0)
  expect(world.logged.filter((line) => !line.includes('contacts'))).toEqual([])
})
