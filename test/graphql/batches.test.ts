// Imports as batches: out of the flat queue, shown as one entry each, decided as a whole or one by one.
import { describe, expect, test } from 'vitest'
import { demoIssuer } from '../../server/auth/demo.ts'
import type { ImportRow } from '../../server/domain/import.ts'
import { encodeId } from '../../server/graphql/ids.ts'
import { accountLookup, viewerOf } from '../../server/services/viewer.ts'
import { startTestApp } from '../helpers/app.ts'
import { imported } from '../helpers/imported.ts'
import { follow, settled } from '../helpers/live.ts'
import { operationsOf, type Input } from './operations.ts'

const app = await startTestApp()
await settled(app)
const { db } = app.services
const { read, run, sql, userId, update } = operationsOf(app)
const [{ id: companyId = '' } = {}] = await sql<{ id: string }[]>`select id from companies where code = 'USMF'`
const [cora, olga, tess] = await Promise.all(['cora', 'olga', 'tess'].map((name) => userId(name)))

const viewer = async (user: string) => {
  const account = await accountLookup(db, app.services.clock).userBySubject(demoIssuer, user)
  if (account === null) throw new Error(`no ${user}`)
  return viewerOf(db, account, null)
}
let next = 20
/** An import by clara that changes customers of its own: with the import's node id, and the accounts. */
const imports = async (count: number, set: Input = { creditLimit: '9000000.00' }, more: Partial<ImportRow> = {}) => {
  const accounts = Array.from({ length: count }, () => `US-0${next++}`)
  const rows = accounts.map((account) => ({ account, set, ...more }))
  const { importId, proposalIds } = await imported(app.services, await viewer('clara'), companyId, rows)
  expect(proposalIds).toHaveLength(count)
  return { id: encodeId('ImportJob', companyId, importId), importId, accounts, proposalIds }
}

type Sampled = { field: { name: string }; proposed: { raw: unknown; masked: boolean } | null }
type Batch = {
  import: { id: string; name: string }
  items: number
  others: number
  overdue: number
  oldest: string
  digest: string
  fields: { field: { name: string }; changes: number; sample: Sampled[] }[]
}
const batchFields = `import { id name } items others overdue oldest digest
  fields { field { name } changes sample { field { name } proposed { raw masked } } }`
const batches = async (user: string, company: string | null = null): Promise<Batch[]> =>
  (
    await read<{ approvalBatches: Batch[] }>(
      user,
      `query ($company: String) { approvalBatches(company: $company) { ${batchFields} } }`,
      { company },
    )
  ).approvalBatches
const batchOf = async (user: string, id: string): Promise<Batch> => {
  const found = (await batches(user)).find((batch) => batch.import.id === id)
  if (found === undefined) throw new Error(`${user} has nothing of this import`)
  return found
}
type Item = { id: string; kind: string; import: { id: string } | null; proposal: Listed }
type Listed = { id: string; revision: number; import: { id: string } | null; customer: { account: string } }
const queue = async (user: string, filter: Input | null = null): Promise<Item[]> =>
  (
    await read<{ approvalQueue: { edges: { node: Item }[] } }>(
      user,
      `query ($filter: QueueFilter) { approvalQueue(first: 100, filter: $filter) { edges { node {
        id kind import { id } proposal { id revision import { id } customer { account } } } } } }`,
      { filter },
    )
  ).approvalQueue.edges.map(({ node }) => node)
const accountsOf = (items: readonly Item[]) => items.map(({ proposal }) => proposal.customer.account).sort()

type Decided = {
  __typename: string
  code?: string
  path?: string[]
  decided: number
  failed: { code: string; message: string; path: string[] }[]
  job: { id: string } | null
}
const decideWhole = (user: string, input: Input) =>
  app.send<{ decideBatch: Decided }>(
    user,
    `mutation ($input: DecideBatchInput!) { decideBatch(input: $input) { __typename
      ... on UserError { code path } ... on DecideBatchSuccess { decided failed { code message path } job { id } } } }`,
    { input },
  )
const decide = async (user: string, input: Input): Promise<Decided> => {
  const { data, errors } = await decideWhole(user, input)
  if (errors !== undefined) throw new Error(JSON.stringify(errors))
  return data.decideBatch
}
const statuses = async (ids: readonly string[]): Promise<string[]> =>
  (
    await sql<{ status: string }[]>`select status from proposals where id = any(${ids as string[]}) order by status`
  ).map(({ status }) => status)

describe('what comes from an import', () => {
  test('is in no flat list or number unless it is asked for, and is found by its import', async () => {
    const before = await queue('mia')
    const one = await imports(3)
    const two = await imports(2)
    expect(await queue('mia')).toEqual(before)
    const { viewer: mia } = await read<{ viewer: { openWorkItems: number } }>('mia', '{ viewer { openWorkItems } }')
    expect(mia.openWorkItems).toBe(before.length)
    expect(await queue('mia', { batches: 'SHOW' })).toHaveLength(before.length + 5)
    const found = await queue('mia', { importId: one.id })
    expect(accountsOf(found)).toEqual(one.accounts)
    expect(found.map((item) => [item.import, item.proposal.import])).toEqual(
      one.accounts.map(() => [{ id: one.id }, { id: one.id }]),
    )
    expect(before.map((item) => item.import)).toEqual(before.map(() => null))
    const { proposals } = await read<{ proposals: { totalCount: number } }>(
      'mia',
      'query ($id: ID!) { proposals(company: "USMF", filter: { importId: $id }) { totalCount } }',
      { id: two.id },
    )
    expect(proposals.totalCount).toBe(2)
    expect(await queue('dieter', { importId: one.id })).toEqual([])
  })

  test('is one entry an import, the oldest first, with what it changes and what one may see of it', async () => {
    const one = await imports(
      7,
      { creditLimit: '8000000.00', name: 'Another' },
      {
        bankAccounts: [{ code: 'NEW', name: 'New', iban: 'DE89370400440532013000' }],
      },
    )
    const mine = (await batches('mia')).filter(({ items }) => items > 0)
    expect(mine.map(({ oldest }) => oldest)).toEqual(mine.map(({ oldest }) => oldest).sort())
    const batch = await batchOf('mia', one.id)
    expect(batch).toMatchObject({ import: { name: 'customers.csv' }, items: 7, others: 0, overdue: 0 })
    expect(batch.fields.map(({ field, changes, sample }) => [field.name, changes, sample.length])).toEqual([
      ['name', 7, 5],
      ['creditLimit', 7, 5],
      ['bankAccounts', 7, 5],
    ])
    expect(batch.fields[1]?.sample[0]).toMatchObject({ field: { name: 'creditLimit' }, proposed: { masked: false } })
    // Who is asked sees what they are asked about; who is not has no such batch.
    expect(await batches('cora')).toEqual([])
    expect(await batches('mia', 'DEMF')).toEqual([])
    expect((await batches('mia', 'USMF')).some((each) => each.import.id === one.id)).toBe(true)
  })

  test('comes and goes in the live queue as the import that it is of, never as an item', async () => {
    const stream = await follow(
      app,
      'mia',
      `subscription { approvalQueue { __typename ... on LiveMessage { cursor }
        ... on QueueSnapshot { complete totalCount items { id } }
        ... on QueueDelta { totalCount changedBatches upserts { id } removed { id } } } }`,
    )
    type Message = {
      complete?: boolean
      totalCount: number
      changedBatches?: string[]
      upserts: object[]
      removed: object[]
      cursor: string
      __typename: string
    }
    const { totalCount } = await stream.until<Message>('the snapshot', ({ complete }) => complete === true)
    expect(totalCount).toBe((await queue('mia')).length)
    const one = await imports(2)
    const touched = ({ changedBatches }: Message) => changedBatches?.includes(one.id) === true
    expect(await stream.until<Message>('the batch', touched)).toMatchObject({ totalCount, upserts: [], removed: [] })
    const { digest } = await batchOf('mia', one.id)
    // What came with the batch is all taken before it goes.
    while (stream.waiting().length > 0) await stream.next()
    await decide('mia', { importId: one.id, digest, outcome: 'APPROVED' })
    expect(await stream.until<Message>('the batch to go', touched)).toMatchObject({
      totalCount,
      upserts: [],
      removed: [],
    })
    expect((await batches('mia')).some((each) => each.import.id === one.id)).toBe(false)
    await stream.stop()
  })
})

describe('a batch is decided', () => {
  test('as a whole: each item by its own rules, once for a key', async () => {
    const { id, proposalIds } = await imports(4)
    const { digest } = await batchOf('mia', id)
    const input = { importId: id, digest, outcome: 'APPROVED', comment: 'As agreed.', idempotencyKey: `b-${id}` }
    const first = await decideWhole('mia', input)
    expect(first.data.decideBatch).toEqual({ __typename: 'DecideBatchSuccess', decided: 4, failed: [], job: null })
    const said = await sql`select distinct comment, outcome from decisions where proposal_id = any(${proposalIds})
      and actor_id is not null`
    expect([...said]).toEqual([{ comment: 'As agreed.', outcome: 'APPROVED' }])
    const again = await decideWhole('mia', input)
    expect(again.data).toEqual(first.data)
    expect(again.extensions).toMatchObject({ replayed: true })
    expect(await decide('mia', { ...input, outcome: 'REJECTED' })).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' })
    // The next step asks as a batch as well.
    expect((await batchOf('cora', id)).items).toBe(4)
  })

  test('against, with a reason: what comes back to its author waits as part of the import too', async () => {
    const { id, proposalIds, accounts } = await imports(2)
    const { digest } = await batchOf('mia', id)
    const without = await decide('mia', { importId: id, digest, outcome: 'REJECTED' })
    expect(without).toMatchObject({
      __typename: 'ValidationError',
      code: 'REASON_REQUIRED',
      path: ['input', 'comment'],
    })
    const other = await decide('mia', { importId: id, digest, outcome: 'COMPLETED', comment: 'x' })
    expect(other).toMatchObject({ __typename: 'ValidationError', code: 'INVALID_VALUE', path: ['input', 'outcome'] })
    const done = await decide('mia', { importId: id, digest, outcome: 'REJECTED', comment: 'Too much.' })
    expect(done).toMatchObject({ decided: 2, failed: [] })
    expect(await statuses(proposalIds)).toEqual(['REJECTED', 'REJECTED'])
    expect(await batchOf('clara', id)).toMatchObject({ items: 0, others: 2, fields: [] })
    const back = await queue('clara', { importId: id })
    expect([accountsOf(back), back.map(({ kind }) => kind)]).toEqual([accounts, ['RETURN', 'RETURN']])
  })

  test('only as it was looked at: one item that is different, gone or somebody else’s, and nothing is decided', async () => {
    const { id, proposalIds } = await imports(3)
    const { digest } = await batchOf('mia', id)
    const [item] = await queue('mia', { importId: id })
    const delegated = await run('mia', 'delegate', { workItemId: item?.id, to: olga })
    expect(delegated.code).toBeUndefined()
    const refused = { __typename: 'PlanChangedError', code: 'PLAN_CHANGED', path: ['input', 'digest'] }
    expect(await decide('mia', { importId: id, digest, outcome: 'APPROVED' })).toMatchObject(refused)
    expect(await statuses(proposalIds)).toEqual(['PENDING', 'PENDING', 'PENDING'])
    expect(
      await sql`select id from decisions where proposal_id = any(${proposalIds}) and actor_id is not null`,
    ).toEqual([])
    const [left] = await queue('mia', { importId: id })
    const now = (await batchOf('mia', id)).digest
    await run('clara', 'recallProposal', { proposalId: left?.proposal.id, comment: 'Not yet.' })
    expect(await decide('mia', { importId: id, digest: now, outcome: 'APPROVED' })).toMatchObject(refused)
    const rest = await batchOf('mia', id)
    expect(rest.items).toBe(1)
    expect(await decide('mia', { importId: id, digest: rest.digest, outcome: 'APPROVED' })).toMatchObject({
      decided: 1,
    })
    expect((await batchOf('olga', id)).items).toBe(1)
  })

  test('and one item that is refused does not stop the others', async () => {
    // To one of them a rejection is not offered.
    const only = (allow: string[]) => ({
      approval: { name: 'Only', allow, steps: [{ name: 'Only', assign: [{ to: { users: [tess] } }] }] },
    })
    const workflow = { company: 'USMF', ownerId: olga, activate: true, rank: 1 }
    for (const [rank, allow] of [
      ['no', ['APPROVE']],
      ['yes', ['APPROVE', 'REJECT']],
    ] as const)
      await run('adam', 'saveWorkflow', {
        ...workflow,
        name: `Only ${rank}`,
        rank: rank === 'no' ? 1 : 2,
        activation: `proposed.name == "${rank}"`,
        definition: { elements: [only([...allow])] },
      })
    const rows: ImportRow[] = ['no', 'yes', 'yes'].map((name) => ({ account: `US-0${next++}`, set: { name } }))
    const { importId } = await imported(app.services, await viewer('clara'), companyId, rows)
    const id = encodeId('ImportJob', companyId, importId)
    const { digest, items } = await batchOf('tess', id)
    expect(items).toBe(3)
    const refused = (await queue('tess', { importId: id })).find(
      (i) => i.proposal.customer.account === rows[0]?.account,
    )
    expect(await decide('tess', { importId: id, digest, outcome: 'REJECTED', comment: 'No.' })).toMatchObject({
      decided: 2,
      failed: [{ code: 'NOT_OFFERED', path: ['items', refused?.id] }],
    })
    expect(await queue('tess', { importId: id })).toHaveLength(1)
  })

  test('by nobody who had a hand in it, and by nobody of another company', async () => {
    const { id, importId } = await imports(2)
    const empty = '0'.repeat(64)
    expect(await decide('clara', { importId: id, digest: empty, outcome: 'APPROVED' })).toMatchObject({
      __typename: 'NotPermittedError',
      code: 'IS_AUTHOR',
    })
    const missing = { __typename: 'NotFoundError', code: 'NOT_FOUND', path: ['input', 'importId'] }
    const { digest } = await batchOf('mia', id)
    expect(await decide('dieter', { importId: id, digest, outcome: 'APPROVED' })).toMatchObject(missing)
    const elsewhere = encodeId('ImportJob', companyId, '01a20545-1a72-73b0-9040-4a25adc44142')
    expect(await decide('mia', { importId: elsewhere, digest, outcome: 'APPROVED' })).toMatchObject(missing)
    expect(await decide('mia', { importId: 'nonsense', digest, outcome: 'APPROVED' })).toMatchObject(missing)
    // Mia has edited one of them since it was submitted: it is not hers to decide, and not in what she decides as a whole.
    const [item] = await queue('mia', { importId: id })
    const account = item?.proposal.customer.account ?? ''
    await run('clara', 'recallProposal', { proposalId: item?.proposal.id, comment: 'Another one.' })
    await update('clara', account, { set: { creditLimit: '9100000.00' } })
    await sql`insert into involvements (company_id, proposal_id, user_id, "as")
      select company_id, proposal_id, assignee_id, 'AUTHOR' from work_items
      where import_id = ${importId} and status = 'OPEN' and company_id = ${companyId}`
    expect(await batchOf('mia', id)).toMatchObject({ items: 0, others: 1 })
  })

  test('of a queue only once it is claimed', async () => {
    await run('adam', 'saveQueue', { company: 'USMF', name: 'Desk', memberIds: [cora, tess] })
    await run('adam', 'saveWorkflow', {
      ...{
        company: 'USMF',
        ownerId: olga,
        activate: true,
        rank: 3,
        name: 'Desk',
        activation: 'proposed.name == "desk"',
      },
      definition: {
        elements: [{ approval: { name: 'A', steps: [{ name: 'S', assign: [{ to: { queue: 'Desk' } }] }] } }],
      },
    })
    const { id } = await imports(2, { name: 'desk' })
    expect(await batchOf('tess', id)).toMatchObject({ items: 0, others: 2 })
    const [item] = await queue('tess', { importId: id })
    await run('tess', 'claim', { workItemId: item?.id })
    const claimed = await batchOf('tess', id)
    expect(claimed).toMatchObject({ items: 1, others: 1 })
    expect(await decide('tess', { importId: id, digest: claimed.digest, outcome: 'APPROVED' })).toMatchObject({
      decided: 1,
    })
    expect(await batchOf('cora', id)).toMatchObject({ items: 0, others: 1 })
  })

  test('by who stands in for somebody, and not by who is away', async () => {
    const { id, proposalIds } = await imports(2)
    const hours = (n: number) => new Date(Date.now() + n * 3_600_000).toISOString()
    const away = { userId: await userId('mia'), standInId: olga, from: hours(-1), until: hours(1) }
    const before = await queue('olga')
    expect((await run('adam', 'setAbsence', away)).code).toBeUndefined()
    const { digest, items } = await batchOf('olga', id)
    expect(items).toBe(2)
    expect((await queue('olga')).length).toBeGreaterThan(before.length)
    expect((await queue('olga')).some((item) => item.import !== null)).toBe(false)
    expect(await batches('mia')).toEqual([])
    expect(await decide('mia', { importId: id, digest, outcome: 'APPROVED' })).toMatchObject({ code: 'PLAN_CHANGED' })
    expect(await decide('olga', { importId: id, digest, outcome: 'APPROVED' })).toMatchObject({
      decided: 2,
      failed: [],
    })
    const said = await sql`select distinct on_behalf_of_id is not null as for_mia from decisions
      where proposal_id = any(${proposalIds}) and actor_id is not null`
    expect([...said]).toEqual([{ for_mia: true }])
  })
})
