// The stream of what becomes of proposals, over real sockets: what banners are made of.
import { describe, expect, test } from 'vitest'
import { startTestApp } from '../helpers/app.ts'
import { follow, openEvents, settled, subscribers, type Stream } from '../helpers/live.ts'
import { commandsOf, proposalStatus, type ProposalMessage } from './live-commands.ts'

const app = await startTestApp()
await settled(app)
const { edit, submit, approve, member, userId } = commandsOf(app)

const changesUntil = async (stream: Stream, type: string): Promise<ProposalMessage[]> => {
  const seen: ProposalMessage[] = []
  while (seen.at(-1)?.event?.type !== type) seen.push(await stream.next<ProposalMessage>())
  return seen
}
const typesOf = (messages: ProposalMessage[]): (string | undefined)[] => messages.map(({ event }) => event?.type)
const positionsOf = (messages: ProposalMessage[]): number[] => messages.map(({ event }) => Number(event?.position))

const life = [
  'CHANGE_PROPOSED',
  'PROPOSAL_SUBMITTED',
  'WORKFLOW_SELECTED',
  'ELEMENT_STARTED',
  'WORK_ITEM_ASSIGNED',
  'DECISION_RECORDED',
  'ELEMENT_COMPLETED',
  'ELEMENT_STARTED',
  'PROPOSAL_APPLIED',
]

describe('what becomes of a proposal', () => {
  test('is told event by event, in order, by company, by customer and by proposal, with a cursor each', async () => {
    const byCompany = await follow(app, 'clara', proposalStatus, { company: 'USMF' })
    const byCustomer = await follow(app, 'clara', proposalStatus, { company: 'USMF', account: 'US-031' })
    const overEvents = await openEvents(app, 'clara', proposalStatus, {
      variables: { company: 'USMF', account: 'US-031' },
    })
    const snapshot = await byCompany.next<ProposalMessage>()
    expect(snapshot.__typename).toBe('ProposalStatusSnapshot')
    expect(snapshot.proposals?.map(({ customer }) => customer.account).sort()).toEqual(['US-007', 'US-010', 'US-015'])
    expect(snapshot.counts).toEqual([
      { status: 'DRAFT', count: 1 },
      { status: 'PENDING', count: 2 },
    ])
    for (const stream of [byCustomer, overEvents]) {
      expect(await stream.next()).toMatchObject({ __typename: 'ProposalStatusSnapshot', proposals: [], counts: [] })
    }

    const proposalId = await edit('clara', 'US-031', { creditLimit: '90000.00' })
    // Committed is not told yet: a stream that begins before the edit has its place in the log would hear of it.
    await settled(app)
    const byProposal = await follow(app, 'colin', proposalStatus, { proposalId })
    expect(await byProposal.next<ProposalMessage>()).toMatchObject({
      proposals: [{ id: proposalId, status: 'DRAFT' }],
      counts: [{ status: 'DRAFT', count: 1 }],
    })
    await submit('clara', proposalId)
    await approve('mia', proposalId)
    await approve('cora', proposalId)

    const seen = await changesUntil(byCustomer, 'PROPOSAL_APPLIED')
    const order = typesOf(seen)
    const places = life.reduce<number[]>((found, type) => [...found, order.indexOf(type, (found.at(-1) ?? -1) + 1)], [])
    expect([order, places]).toEqual([order, [...places].sort((a, b) => a - b)])
    expect(places).not.toContain(-1)
    expect(positionsOf(seen)).toEqual([...new Set(positionsOf(seen))].sort((a, b) => a - b))
    expect(new Set(seen.map(({ cursor }) => cursor)).size).toBe(seen.length)
    expect(seen.at(-1)).toMatchObject({
      event: { actor: { name: 'Cora Novak' } },
      proposal: { id: proposalId, status: 'APPLIED', customer: { creditLimit: '90000.00' } },
    })

    expect(typesOf(await changesUntil(byCompany, 'PROPOSAL_APPLIED'))).toEqual(order)
    expect(typesOf(await changesUntil(overEvents, 'PROPOSAL_APPLIED'))).toEqual(order)
    const later = typesOf(await changesUntil(byProposal, 'PROPOSAL_APPLIED'))
    expect(later).toEqual(order.slice(order.indexOf('PROPOSAL_SUBMITTED')))
    for (const stream of [byCompany, byCustomer, byProposal, overEvents]) await stream.stop()
  })

  test('of another customer is not told', async () => {
    const stream = await follow(app, 'clara', proposalStatus, { company: 'USMF', account: 'US-032' })
    await stream.next()
    await edit('clara', 'US-033', { creditLimit: '1.00' })
    await edit('clara', 'US-032', { creditLimit: '2.00' })
    expect(await stream.next<ProposalMessage>()).toMatchObject({ proposal: { customer: { account: 'US-032' } } })
    await stream.stop()
  })

  test('is told to each in their own words: what the reader may not see stays masked in snapshot, event and change', async () => {
    const customer = await app.ask<{ customer: { bankAccounts: { id: string }[] } }>(
      'clara',
      '{ customer(company: "USMF", account: "US-034") { bankAccounts { id } } }',
    )
    const clerk = await follow(app, 'clara', proposalStatus, { company: 'USMF', account: 'US-034' })
    const reader = await follow(app, 'olga', proposalStatus, { company: 'USMF', account: 'US-034' })
    await Promise.all([clerk.next(), reader.next()])
    const bankAccounts = {
      change: [{ id: customer.customer.bankAccounts[0]?.id, set: { accountNumber: '5550001112' } }],
    }
    await edit('clara', 'US-034', {}, { bankAccounts })
    expect(JSON.stringify(await clerk.next())).toContain('5550001112')
    const shown = await reader.next<ProposalMessage>()
    expect(shown.proposal?.changes[0]?.proposed).toMatchObject({ raw: null, masked: true })
    expect(shown.event?.type).toBe('CHANGE_PROPOSED')
    const again = await follow(app, 'olga', proposalStatus, { company: 'USMF', account: 'US-034' })
    const snapshot = await again.next<ProposalMessage>()
    expect(snapshot.proposals).toHaveLength(1)
    expect(JSON.stringify([shown, snapshot])).not.toContain('555000111')
    for (const stream of [clerk, reader, again]) await stream.stop()
  })
})

describe('a stream of proposals is refused at once and alike', () => {
  test.each([
    ['nothing named', {}],
    ['a customer without company', { account: 'US-001' }],
    ['company and proposal', { company: 'USMF', proposalId: 'x' }],
    ['customer and proposal', { account: 'US-001', proposalId: 'x' }],
  ])('%s', async (_name, variables) => {
    const stream = await follow(app, 'clara', proposalStatus, variables)
    expect(await stream.refusal()).toMatchObject([{ extensions: { code: 'BAD_REQUEST' } }])
    await stream.end()
    await stream.stop()
  })

  test("another company's and what is not there", async () => {
    const { customer } = await app.ask<{ customer: { proposal: { id: string } } }>(
      'clara',
      '{ customer(company: "USMF", account: "US-007") { proposal { id } } }',
    )
    const asked: [string, object][] = [
      ['clara', { company: 'DEMF' }],
      ['clara', { company: 'NONE' }],
      ['clara', { company: 'DEMF', account: 'DE-001' }],
      ['clara', { company: 'USMF', account: 'DE-001' }],
      ['dieter', { proposalId: customer.proposal.id }],
      ['dieter', { proposalId: `${customer.proposal.id.slice(0, -4)}AAAA` }],
    ]
    const refusals: string[] = []
    for (const [user, variables] of asked) {
      const stream = await follow(app, user, proposalStatus, variables)
      const [failure] = await stream.refusal()
      refusals.push(`${failure?.extensions.code} ${failure?.message}`)
      await stream.stop()
      const overEvents = await openEvents(app, user, proposalStatus, { variables })
      expect((await overEvents.refusal())[0]?.message).toBe(failure?.message)
      await overEvents.end()
    }
    expect(new Set(refusals)).toEqual(new Set([refusals[0]]))
  })
})

test('who loses the membership reads nothing more: the stream ends with the next event', async () => {
  const colin = await userId('adam', 'Colin Baker')
  const stream = await follow(app, 'colin', proposalStatus, { company: 'USMF' })
  await stream.next()
  await member({ company: 'USMF', userId: colin, active: false })
  await edit('clara', 'US-035', { creditLimit: '3.00' })
  await stream.end()
  await member({ company: 'USMF', userId: colin, active: true })
  await stream.stop()
})

test('who becomes a clerk while following sees from the next event on what clerks see', async () => {
  const olga = await userId('adam', 'Olga Petrova')
  const stream = await follow(app, 'olga', proposalStatus, { company: 'USMF', account: 'US-036' })
  await stream.next()
  const set = { taxExemptNumber: '12-3456789' }
  await edit('clara', 'US-036', set)
  expect((await stream.next<ProposalMessage>()).proposal?.changes[0]?.proposed?.masked).toBe(true)
  await member({ company: 'USMF', userId: olga, roles: ['READER', 'CLERK'] })
  await edit('clara', 'US-036', { creditLimit: '4.00' })
  const shown = await stream.until<ProposalMessage>(
    'the credit limit',
    ({ proposal }) => proposal?.changes.length === 2,
  )
  expect(JSON.stringify(shown.proposal?.changes)).toContain('12-3456789')
  await member({ company: 'USMF', userId: olga, roles: ['READER'] })
  await stream.stop()
})

test('streams that have ended leave nobody behind', async () => {
  await expect.poll(() => subscribers(app), { timeout: 5_000 }).toBe(0)
})
