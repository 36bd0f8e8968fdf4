// A workflow that asks a webhook, by the API alone: saved with it, refused without it, and shown on the route while it waits.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, describe, expect, test } from 'vitest'
import { decodeId, encodeId } from '../../server/graphql/ids.ts'
import { findCompanyByCode } from '../../server/store/companies.ts'
import { saveWebhook } from '../../server/services/webhooks.ts'
import { accountLookup, viewerOf } from '../../server/services/viewer.ts'
import { demoIssuer } from '../../server/auth/demo.ts'
import { startTestApp, until } from '../helpers/app.ts'
import { operationsOf, type Input } from './operations.ts'

const heard: { proposalId: string; changes: { id: string }[]; proposed: { bankAccounts: { id: string }[] } }[] = []
const held: (() => void)[] = []
const receiver = createServer((request, response) => {
  const parts: Buffer[] = []
  request.on('data', (part: Buffer) => parts.push(part))
  request.on('end', () => {
    heard.push((JSON.parse(Buffer.concat(parts).toString()) as { data: (typeof heard)[number] }).data)
    held.push(() => response.end(JSON.stringify({ outcome: 'risky', comment: 'Rated C' })))
  })
})
await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`
const app = await startTestApp({ webhooksAllowPrivate: true })
afterAll(() => {
  receiver.closeAllConnections()
  receiver.close()
})
const { run, read, submitted, answer, userId } = operationsOf(app)
const { services } = app
const company = await findCompanyByCode(services.db, 'USMF')
const adam = await accountLookup(services.db).userBySubject(demoIssuer, 'adam')
if (company === null || adam === null) throw new Error('the demo world has adam')
const { webhookId: bare } = await saveWebhook(services, await viewerOf(services.db, adam, null), {
  ...{ company: 'USMF', name: 'Bureau', url, types: [], active: true },
})
const webhookId = encodeId('Webhook', company.id, bare)
const olga = await userId('olga')

const ask = (name: string) => ({ approval: { name, steps: [{ name, assign: [{ to: { users: [olga] } }] }] } })
const definition = (automated: Input) => ({ elements: [{ automated: { name: 'Credit', ...automated } }, ask('Last')] })
const outcomes = [
  { name: 'fine', elements: [] },
  { name: 'risky', elements: [ask('Risk')] },
]
const save = (automated: Input, more: Input = {}) =>
  run('adam', 'saveWorkflow', { company: 'USMF', name: 'Bureau first', definition: definition(automated), ...more })

type Route = {
  name: string
  kind: string
  status: string
  decisions: { automatic: boolean; actor: unknown; choice: string | null; comment: string | null }[]
  branches: { name: string; taken: boolean | null }[]
}
type Seen = {
  status: string
  route: Route[]
  blockers: { code: string; message: string; since: string | null; dueAt: string | null }[]
}
const look = async (user: string, id: string): Promise<Seen> =>
  (
    await read<{ node: Seen }>(
      user,
      `{ node(id: "${id}") { ... on Proposal { status blockers { code message since dueAt }
        route { name kind status decisions { automatic actor { name } choice comment } branches { name taken } } } } }`,
    )
  ).node

describe('a workflow with a webhook', () => {
  test('is saved, and comes back as it was given', async () => {
    const { workflow } = await save({ webhookId, outcomes })
    expect(workflow.versions[0]?.definition).toMatchObject({
      elements: [{ automated: { webhookId, check: null, outcomes: [{ name: 'fine' }, { name: 'risky' }] } }, {}],
    })
  })

  test('is refused, with the place, when the webhook is not the company’s, or more is said than goes together', async () => {
    const elsewhere = encodeId('Webhook', '00000000-0000-4000-8000-000000000000', bare)
    const wrong = async (automated: Input): Promise<string[]> => {
      const { problems } = await save(automated, { name: 'Refused' })
      return problems.filter((p) => p.severity === 'ERROR').map((p) => String(p.path))
    }
    for (const unknown of [elsewhere, encodeId('Workflow', company.id, bare), 'no id'])
      expect(await wrong({ webhookId: unknown })).toEqual(['elements.0.automated.webhookId'])
    expect(await wrong({ webhookId, check: 'IBAN' })).toEqual(['elements.0.automated'])
    expect(await wrong({ webhookId, outcomes: [outcomes[0], outcomes[0]] })).toEqual([
      'elements.0.automated.outcomes.1.name',
    ])
  })

  test('shows whom it waits for, and by whom and how it was answered', async () => {
    const { workflows } = await read<{ workflows: { id: string; name: string }[] }>(
      'adam',
      '{ workflows(company: "USMF") { id name } }',
    )
    const [{ id: workflowId, name } = { id: '', name: '' }] = workflows
    expect(await save({ webhookId, outcomes }, { workflowId, name, activate: true })).toMatchObject({
      workflow: { activeVersion: { version: 2 } },
    })

    const { id } = await submitted('clara', 'US-120', { set: { creditLimit: '3000000' } })
    await until('the request', () => (held.length === 1 ? true : undefined))
    const waiting = await look('cora', id)
    expect(waiting).toMatchObject({
      status: 'PENDING',
      blockers: [{ code: 'WAITING_FOR_SYSTEM', message: 'Waits for the answer of "Bureau" at "Credit".' }],
      route: [
        { kind: 'AUTOMATED', status: 'RUNNING', decisions: [], branches: [{ taken: null }, { taken: null }] },
        { status: 'TO_COME' },
      ],
    })
    expect(waiting.blockers[0]?.dueAt).not.toBeNull()
    const [question] = heard
    expect(question?.proposalId).toBe(id)
    expect(decodeId(question?.changes[0]?.id ?? '')?.type).toBe('ProposedChange')
    expect(decodeId(question?.proposed.bankAccounts[0]?.id ?? '')?.type).toBe('BankAccount')

    held[0]?.()
    await until('the answer', async () => ((await look('cora', id)).route[0]?.branches[1]?.taken ? true : undefined))
    expect((await look('cora', id)).route[0]).toMatchObject({
      decisions: [{ automatic: true, actor: null, choice: 'risky', comment: 'Rated C' }],
      branches: [{ taken: false }, { taken: true }],
    })
    const { node } = await read<{ node: { history: { edges: { node: { type: string; data: Input } }[] } } }>(
      'audrey',
      `{ node(id: "${id}") { ... on Proposal { history(first: 50) { edges { node { type data } } } } } }`,
    )
    const said = node.history.edges.find(({ node: { type } }) => type === 'AUTOMATIC_ACTION')
    expect(said?.node.data).toMatchObject({ webhookId, webhook: 'Bureau', outcome: 'risky', comment: 'Rated C' })
    await answer('olga', 'US-120')
    await answer('olga', 'US-120')
    expect((await look('cora', id)).status).toBe('APPLIED')
  })
})
