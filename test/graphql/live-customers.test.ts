// The stream of what is written to a customer's record, over real sockets: with approval and without.
import { expect, test } from 'vitest'
import { startTestApp } from '../helpers/app.ts'
import { follow, openEvents, settled, type LiveMessage, type Stream } from '../helpers/live.ts'
import { commandsOf } from './live-commands.ts'

const app = await startTestApp()
await settled(app)
const { edit, submit, approve, member, userId } = commandsOf(app)

type Message = LiveMessage & {
  customer?: { account: string; version: number; creditRating: string | null; taxExemptNumber: string | null }
  event?: { type: string; position: string; actor: { name: string } | null; data: Record<string, unknown> }
}
const customerWrites = `subscription ($company: String!, $account: String!, $after: Cursor) {
  customerWrites(company: $company, account: $account, after: $after) {
    __typename ... on LiveMessage { cursor }
    ... on CustomerWritesSnapshot { customer { account version creditRating taxExemptNumber } }
    ... on CustomerWritten {
      event { type position actor { name } data }
      customer { account version creditRating taxExemptNumber }
    }
  } }`
const of = (account: string, more: object = {}) => ({
  company: account.startsWith('DE') ? 'DEMF' : 'USMF',
  account,
  ...more,
})
/** Writes without approval. */
const write = async (account: string, set: object): Promise<void> => {
  const { updateCustomer } = await app.ask<{ updateCustomer: { written?: string[] } }>(
    account.startsWith('DE') ? 'dieter' : 'clara',
    `mutation ($input: UpdateCustomerInput!) { updateCustomer(input: $input) {
      ... on UpdateCustomerSuccess { written } ... on UserError { code message } } }`,
    { input: of(account, { set }) },
  )
  if (updateCustomer.written === undefined) throw new Error(JSON.stringify(updateCustomer))
}
test('what is written without approval is told to who follows the record, event by event, and nothing else', async () => {
  const socket = await follow(app, 'cora', customerWrites, of('US-041'))
  const events = await openEvents(app, 'olga', customerWrites, { variables: of('US-041') })
  const first = await socket.next<Message>()
  expect(first).toMatchObject({ __typename: 'CustomerWritesSnapshot', customer: { account: 'US-041' } })
  expect((await events.next<Message>()).customer).toEqual(first.customer)

  await edit('clara', 'US-041', { creditLimit: '91000.00' })
  await write('US-042', { creditRating: 'D' })
  await write('US-041', { creditRating: 'C' })
  await write('US-041', { creditRating: 'B' })
  for (const stream of [socket, events]) {
    const told = [await stream.next<Message>(), await stream.next<Message>()]
    const before = first.customer?.version ?? 0
    expect(told.map(({ event }) => [event?.type, event?.actor?.name])).toEqual([
      ['CUSTOMER_UPDATED', 'Clara Keller'],
      ['CUSTOMER_UPDATED', 'Clara Keller'],
    ])
    expect(told.at(-1)?.customer).toMatchObject({ account: 'US-041', version: before + 2, creditRating: 'B' })
    expect(new Set(told.map(({ cursor }) => cursor)).size).toBe(2)
    await stream.stop()
  }
})

test('what had to be approved is told when it is written, and not before', async () => {
  const stream = await follow(app, 'clara', customerWrites, of('US-043'))
  await stream.next()
  const proposalId = await edit('clara', 'US-043', { paymentTerms: 'Net60', creditLimit: '20000.00' })
  await submit('clara', proposalId)
  await approve('mia', proposalId)
  await approve('cora', proposalId)
  expect(await stream.next<Message>()).toMatchObject({
    __typename: 'CustomerWritten',
    event: { type: 'PROPOSAL_APPLIED', actor: { name: 'Cora Novak' } },
  })
  expect(stream.waiting()).toEqual([])
  await stream.stop()
})

const ways: [string, string, (account: string, after: string) => Promise<Stream>][] = [
  ['a socket', 'US-044', (account, after) => follow(app, 'clara', customerWrites, of(account, { after }))],
  [
    'server-sent events and Last-Event-ID',
    'US-045',
    (account, after) =>
      openEvents(app, 'clara', customerWrites, { variables: of(account), headers: { 'last-event-id': after } }),
  ],
]
test.each(ways)(
  'who comes back by %s is told what was written while nobody followed, once; with the cursor of another customer a snapshot',
  async (_name, account, open) => {
    const stream = await follow(app, 'clara', customerWrites, of(account))
    const { cursor } = await stream.next<Message>()
    await stream.stop()
    await write(account, { creditRating: 'E' })
    await write('US-047', { creditRating: 'D' })
    await write(account, { creditRating: 'D' })
    await settled(app)
    const again = await open(account, cursor)
    const missed = [await again.next<Message>(), await again.next<Message>()]
    expect(missed.map(({ event }) => event?.type)).toEqual(['CUSTOMER_UPDATED', 'CUSTOMER_UPDATED'])
    expect(Number(missed[1]?.event?.position)).toBeGreaterThan(Number(missed[0]?.event?.position))
    await write(account, { creditRating: 'C' })
    expect((await again.next<Message>()).customer?.creditRating).toBe('C')
    await again.stop()

    const other = await open('US-048', cursor)
    expect((await other.next()).__typename).toBe('Resync')
    expect(await other.next<Message>()).toMatchObject({
      __typename: 'CustomerWritesSnapshot',
      customer: { account: 'US-048' },
    })
    await other.stop()
  },
)

test('what a reader may not see is masked in record and event, and who loses access hears no more', async () => {
  const clerk = await follow(app, 'dieter', customerWrites, of('DE-001'))
  const reader = await follow(app, 'olga', customerWrites, of('DE-001'))
  await Promise.all([clerk.next(), reader.next()])
  await write('DE-001', { taxExemptNumber: 'DE999000111' })
  expect(JSON.stringify(await clerk.next())).toContain('DE999000111')
  const shown = await reader.next<Message>()
  expect(shown).toMatchObject({ event: { type: 'CUSTOMER_UPDATED' }, customer: { taxExemptNumber: null } })
  expect(JSON.stringify(shown)).not.toContain('DE999000111')

  await member({ company: 'DEMF', userId: await userId('adam', 'Olga Petrova'), roles: ['READER'], active: false })
  await write('DE-001', { creditRating: 'D' })
  await reader.end()
  expect((await clerk.next<Message>()).customer?.creditRating).toBe('D')
  await clerk.stop()
})

test.each([
  ['a customer that is not there', 'clara', { company: 'USMF', account: 'nobody' }],
  ['a customer of a company of others', 'clara', { company: 'DEMF', account: 'DE-001' }],
])('%s is refused', async (_name, user, variables) => {
  const stream = await follow(app, user, customerWrites, variables)
  expect(await stream.refusal()).toMatchObject([{ extensions: { code: 'BAD_REQUEST' } }])
})
