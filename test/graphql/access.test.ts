import { describe, expect, test } from 'vitest'
import { startWorld } from './world.ts'

const world = await startWorld()
const { ask, send, follow } = world

const refused = '__typename ... on UserError { code message path }'
const bank = '{ "code": "NEW", "iban": "DE89370400440532013000", "bic": "COBADEFFXXX" }'
const encode = (text: string): string => Buffer.from(text).toString('base64url')
const decode = (id: string): string => Buffer.from(id, 'base64url').toString()

type Change = {
  id: string
  field: { name: string }
  proposed: { raw: Record<string, unknown> | string | null; display: string | null; masked: boolean }
  current: { raw: unknown; masked: boolean } | null
  original: { masked: boolean } | null
}
type Seen = {
  customer: {
    id: string
    taxExemptNumber: string | null
    maskedFields: string[]
    bankAccounts: { id: string; iban: string | null; maskedFields: string[] }[]
    proposal: { id: string; changes: Change[] } | null
  }
}
const changes =
  'changes { id field { name } proposed { raw display masked } current { raw masked } original { masked } }'
const view = (
  account: string,
) => `{ customer(company: "USMF", account: "${account}") { id taxExemptNumber maskedFields values(fields: ["taxExemptNumber"]) { raw display masked }
  bankAccounts { id iban maskedFields } proposal { id ${changes} } } }`
const see = (user: string, account: string) => ask<Seen>(user, view(account))

describe('bank and tax data', () => {
  test('are for clerks, auditors and service accounts, and masked for everybody else', async () => {
    for (const user of ['clara', 'audrey', 'partner']) {
      const { customer } = await see(user, 'US-001')
      expect([user, customer.maskedFields]).toEqual([user, []])
      expect(customer.bankAccounts.some(({ iban }) => iban !== null)).toBe(true)
    }
    for (const user of ['cora', 'adam', 'olga']) {
      const { customer } = await see(user, 'US-001')
      expect(customer).toMatchObject({
        taxExemptNumber: null,
        maskedFields: ['taxExemptNumber'],
        values: [{ raw: null, display: null, masked: true }],
      })
      expect(customer.bankAccounts.every(({ iban }) => iban === null)).toBe(true)
      expect(customer.bankAccounts[0]?.maskedFields).toEqual(['holder', 'iban', 'accountNumber', 'bic'])
    }
  })

  test('of a change are shown to whoever is asked about it, in nothing else, and not in the log', async () => {
    const { updateCustomer } = await ask<{ updateCustomer: { proposal: { id: string } } }>(
      'clara',
      `mutation($add: [BankAccountFieldsInput!]) { updateCustomer(input: { company: "USMF", account: "US-040", set: { taxExemptNumber: "DE129273398" }, bankAccounts: { add: $add } }) {
        ${refused} ... on UpdateCustomerSuccess { proposal { id } } } }`,
      { add: [JSON.parse(bank)] },
    )
    const added = (seen: Seen) =>
      seen.customer.proposal?.changes.find((change) => change.field.name === 'bankAccounts')?.proposed
    const tax = (seen: Seen) =>
      seen.customer.proposal?.changes.find((change) => change.field.name === 'taxExemptNumber')?.proposed
    expect(added(await see('audrey', 'US-040'))).toMatchObject({
      raw: { iban: 'DE89370400440532013000' },
      masked: false,
    })
    const before = await see('tess', 'US-040')
    expect(added(before)).toMatchObject({ raw: { code: 'NEW', iban: null, bic: null }, masked: true })
    expect(added(before)?.display).not.toContain('DE89')
    expect(tax(before)).toEqual({ raw: null, display: null, masked: true })

    const id = updateCustomer.proposal.id
    await ask('clara', `mutation($id: ID!) { submitProposal(input: { proposalId: $id }) { ${refused} } }`, { id })
    type Queue = { approvalQueue: { edges: { node: { id: string; proposal: { id: string; revision: number } } }[] } }
    const approve = async (user: string): Promise<void> => {
      const { approvalQueue } = await ask<Queue>(
        user,
        '{ approvalQueue { edges { node { id proposal { id revision } } } } }',
      )
      const { node } = approvalQueue.edges.find((edge) => edge.node.proposal.id === id)!
      const input = { workItemId: node.id, revision: node.proposal.revision }
      expect(
        await ask(user, `mutation($input: ApproveInput!) { approve(input: $input) { ${refused} } }`, { input }),
      ).toEqual({ approve: { __typename: 'WorkItemSuccess' } })
    }
    await approve('mia')
    // Treasury is asked about the bank account, and then olga about the tax number.
    const tess = await see('tess', 'US-040')
    expect(added(tess)).toMatchObject({ raw: { iban: 'DE89370400440532013000' }, masked: false })
    expect(tax(tess)).toEqual({ raw: null, display: null, masked: true })
    expect(tess.customer).toMatchObject({ taxExemptNumber: null, maskedFields: ['taxExemptNumber'] })
    await approve('tess')
    const olga = await see('olga', 'US-040')
    expect(added(olga)).toMatchObject({ raw: { iban: null }, masked: true })
    expect(tax(olga)).toEqual({ raw: 'DE129273398', display: 'DE129273398', masked: false })

    const history =
      '{ customer(company: "USMF", account: "US-040") { history(first: 100) { edges { node { type data values { key value { raw display masked } } } } } } }'
    for (const user of ['cora', 'adam', 'tess'])
      expect(JSON.stringify(await ask(user, history))).not.toMatch(/DE89370400440532013000|COBADEFFXXX|DE129273398/)
    expect(JSON.stringify(await ask('audrey', history))).toMatch(/DE89370400440532013000.*/)
    expect(
      JSON.stringify(
        await ask(
          'adam',
          '{ events(company: "USMF", first: 1000) { edges { node { data values { value { raw } } } } } }',
        ),
      ),
    ).not.toMatch(/DE89370400440532013000|DE129273398/)
  })

  test('do not show in the stream either', async () => {
    type Message = { data: { proposalStatus: { event?: { type: string } } } }
    const stream = `subscription { proposalStatus(company: "USMF", account: "US-041") { __typename ... on ProposalStatusChanged { event { type data values { value { raw } } } proposal { ${changes} } } } }`
    const [cora, audrey] = await Promise.all([follow<Message>('cora', stream), follow<Message>('audrey', stream)])
    await Promise.all([cora.next(), audrey.next()])
    await ask(
      'clara',
      `mutation { updateCustomer(input: { company: "USMF", account: "US-041", set: { taxExemptNumber: "DE811907980" } }) { ${refused} } }`,
    )
    const proposed = ({ data }: Message) => data.proposalStatus.event?.type === 'CHANGE_PROPOSED'
    expect(JSON.stringify(await cora.until(proposed))).not.toContain('DE811907980')
    expect(JSON.stringify(await audrey.until(proposed))).toContain('DE811907980')
    cora.stop()
    audrey.stop()
  })
})

describe("another company's things", () => {
  test('are not there, by whatever way one looks, and answer like what never existed', async () => {
    const { customer } = await ask<{
      customer: { id: string; bankAccounts: { id: string }[]; addresses: { id: string }[] }
    }>('dieter', '{ customer(company: "DEMF", account: "DE-001") { id bankAccounts { id } addresses { id } } }')
    const [, company = '', own = ''] = decode(customer.id).split(':')
    const foreign = [
      customer.id,
      customer.bankAccounts[0]?.id,
      customer.addresses[0]?.id,
      encode(`Company:${company}`),
      encode(`Proposal:${company}:${own}`),
    ].filter((id) => id !== undefined)
    const nonsense = [
      'x',
      '',
      encode('Customer'),
      encode(`Customer:${company}`),
      encode(`Nothing:${company}:${own}`),
      encode(`Customer:${company}:1`),
      `${customer.id}=`,
      encode(`Customer:${company.toUpperCase()}:${own}`),
    ]
    const ids = [...foreign, ...nonsense]
    expect(await ask('clara', 'query($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids })).toEqual({
      nodes: ids.map(() => null),
    })
    expect(
      await ask('dieter', 'query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }', { ids: foreign.slice(0, 2) }),
    ).toMatchObject({ nodes: [{ __typename: 'Customer' }, { __typename: 'BankAccount' }] })
    expect(
      await ask(
        'clara',
        '{ company(code: "DEMF") { id } customer(company: "DEMF", account: "DE-001") { id } customers(company: "DEMF") { totalCount } users(company: "DEMF") { edges { cursor } } workflows(company: "DEMF") { id } }',
      ),
    ).toEqual({
      company: null,
      customer: null,
      customers: null,
      users: null,
      workflows: null,
    })
    const command = `mutation($id: ID!) { discardProposal(input: { proposalId: $id }) { ${refused} } }`
    const answers = await Promise.all(
      [encode(`Proposal:${company}:${own}`), 'x', customer.id].map((id) =>
        ask<{ discardProposal: { code: string; path: string[] } }>('clara', command, { id }),
      ),
    )
    for (const { discardProposal } of answers)
      expect(discardProposal).toMatchObject({ __typename: 'NotFoundError', code: 'NOT_FOUND' })
    expect(
      await ask(
        'clara',
        `mutation { updateCustomer(input: { company: "DEMF", account: "DE-001", set: { name: "Mine" } }) { ${refused} } }`,
      ),
    ).toMatchObject({
      updateCustomer: { __typename: 'NotFoundError', path: ['input', 'company'] },
    })
  })

  test("a child record's id of another customer is not one's own", async () => {
    const { customer } = await see('clara', 'US-002')
    const id = customer.bankAccounts[0]?.id
    expect(
      await ask(
        'clara',
        `mutation($id: ID!) { updateCustomer(input: { company: "USMF", account: "US-003", bankAccounts: { remove: [$id] } }) { ${refused} } }`,
        { id },
      ),
    ).toMatchObject({
      updateCustomer: {
        code: 'INVALID_VALUE',
        path: ['input', 'bankAccounts', 'remove', '0'],
      },
    })
  })
})

describe('roles', () => {
  test("the company's log is for administrators, auditors and service accounts", async () => {
    const query = '{ events(company: "USMF", first: 2) { edges { node { position type } } } }'
    for (const user of ['adam', 'audrey', 'partner'])
      expect(await ask(user, query)).toMatchObject({
        events: { edges: [{ node: { position: '1' } }, { node: { position: '2' } }] },
      })
    for (const user of ['clara', 'cora']) expect(await ask(user, query)).toEqual({ events: null })
  })

  test('an event of the log alone is no node for who may not read the log', async () => {
    const { events } = await ask<{ events: { edges: { node: { id: string } }[] } }>(
      'adam',
      '{ events(company: "USMF", filter: { types: [WORKFLOW_SAVED] }) { edges { node { id } } } }',
    )
    const id = events.edges[0]?.node.id
    expect(await ask('adam', 'query($id: ID!) { node(id: $id) { __typename } }', { id })).toEqual({
      node: { __typename: 'Event' },
    })
    expect(await ask('clara', 'query($id: ID!) { node(id: $id) { __typename } }', { id })).toEqual({ node: null })
  })

  test('who may not edit is told why, in the same words before and after trying', async () => {
    const { customer } = await ask<{
      customer: { actions: { action: string; allowed: boolean; reason: string; message: string }[] }
    }>('cora', '{ customer(company: "USMF", account: "US-050") { actions { action allowed reason message } } }')
    const edit = customer.actions.find(({ action }) => action === 'EDIT')
    expect(edit).toMatchObject({ allowed: false, reason: 'NOT_PERMITTED' })
    expect(
      await ask(
        'cora',
        `mutation { updateCustomer(input: { company: "USMF", account: "US-050", set: { creditLimit: "1" } }) { ${refused} } }`,
      ),
    ).toMatchObject({
      updateCustomer: { __typename: 'NotPermittedError', code: 'NOT_PERMITTED', message: edit?.message },
    })
  })

  test('somebody who is taken out of a company is out of its streams with the next event', async () => {
    type Message = { complete?: boolean; data?: { approvalQueue?: { removed?: { reason: string }[] } } }
    const { users } = await ask<{ users: { edges: { node: { id: string; name: string } }[] } }>(
      'adam',
      '{ users(company: "USMF", search: "carl") { edges { node { id name } } } }',
    )
    const carl = users.edges[0]?.node.id
    const status = await follow<Message>('carl', 'subscription { proposalStatus(company: "USMF") { __typename } }')
    const queue = await follow<Message>(
      'carl',
      'subscription { approvalQueue { __typename ... on QueueDelta { removed { id reason } totalCount } } }',
    )
    await Promise.all([status.next(), queue.next()])
    expect(
      await ask(
        'adam',
        `mutation($id: ID!) { setMember(input: { company: "USMF", userId: $id, active: false }) { ${refused} } }`,
        { id: carl },
      ),
    ).toEqual({ setMember: { __typename: 'UserSuccess' } })
    const delta = await queue.until(({ data }) => (data?.approvalQueue?.removed?.length ?? 0) > 0)
    expect(delta).toMatchObject({ data: { approvalQueue: { totalCount: 0, removed: [{ reason: 'ACCESS_LOST' }] } } })
    await ask(
      'clara',
      `mutation { updateCustomer(input: { company: "USMF", account: "US-051", set: { creditLimit: "1.00" } }) { ${refused} } }`,
    )
    expect(await status.until(({ complete }) => complete === true)).toEqual({ complete: true })
    expect((await send('carl', '{ customers(company: "USMF") { totalCount } viewer { openWorkItems } }')).data).toEqual(
      { customers: null, viewer: { openWorkItems: 0 } },
    )
    queue.stop()
  })
})
