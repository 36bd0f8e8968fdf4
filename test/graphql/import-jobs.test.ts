// Imports of files over the API: what there is, what becomes of each row, committing, cancelling, and watching one go on.
import { expect, test } from 'vitest'
import { encodeId } from '../../server/graphql/ids.ts'
import { startTestApp, until } from '../helpers/app.ts'
import { follow, openEvents } from '../helpers/live.ts'
import { demoIssuer } from '../../server/auth/demo.ts'
import { accountLookup, viewerOf } from '../../server/services/viewer.ts'
import { upload } from '../services/import-files.ts'
import type { ImportRow } from '../../server/domain/import.ts'

const app = await startTestApp()
const { services } = app
const viewer = async (user: string) => {
  const account = await accountLookup(services.db).userBySubject(demoIssuer, user)
  if (account === null) throw new Error('no such user')
  return viewerOf(services.db, account, null)
}

/** Sends a file as clara; the node id of the import. */
const sent = async (rows: readonly ImportRow[], unattended = false): Promise<string> => {
  const { companyId, id } = await upload(services, await viewer('clara'), rows, { unattended })
  return encodeId('ImportJob', companyId, id)
}

type Row = { row: number; account: string; outcome: string; errors: { code: string; path: string[] | null }[] }
type Job = {
  id: string
  status: string
  rows: number
  processed: number
  planDigest: string | null
  counts: { outcome: string; count: number }[]
  refusedRowsUrl: string | null
  results: { edges: { cursor: string; node: Row }[]; pageInfo: { hasNextPage: boolean } }
}
const fields = `id status rows processed planDigest counts { outcome count } refusedRowsUrl createdBy { name } company { code }
  results(first: 2) { edges { cursor node { row account outcome errors { code path } } } pageInfo { hasNextPage } }`
const jobAs = async (user: string, id: string): Promise<Job | null> =>
  (
    await app.ask<{ node: Job | null }>(user, `query ($id: ID!) { node(id: $id) { ... on ImportJob { ${fields} } } }`, {
      id,
    })
  ).node
const reaches = (id: string, status: string): Promise<Job> =>
  until(`the import to be ${status}`, async () => {
    const job = await jobAs('clara', id)
    return job?.status === status ? job : undefined
  })

const result = `__typename ... on ImportSuccess { job { id status } } ... on WrongImportStateError { job { status } }
  ... on UserError { code message path }`
type Result = { __typename: string; code?: string; job?: { status: string } }
const commit = async (
  user: string,
  importId: string,
  planDigest: string | null,
  idempotencyKey: string | null = null,
) =>
  (
    await app.ask<{ commitImport: Result }>(
      user,
      `mutation ($input: CommitImportInput!) { commitImport(input: $input) { ${result} } }`,
      { input: { importId, planDigest, idempotencyKey } },
    )
  ).commitImport
const cancel = async (user: string, importId: string) =>
  (
    await app.ask<{ cancelImport: Result }>(
      user,
      `mutation ($input: ImportIdInput!) { cancelImport(input: $input) { ${result} } }`,
      { input: { importId } },
    )
  ).cancelImport

test('a file is planned in the background, looked at page by page, committed, and watched to its end', async () => {
  const rows = [
    { account: 'JOB-1', set: { name: 'One' } },
    { account: 'US-031', set: { phone: '+1 555 31' } },
    { account: 'US-032', set: { email: 'nowhere' } },
  ]
  const id = await sent(rows)
  const stream = await follow(
    app,
    'clara',
    'subscription ($id: ID!) { importProgress(id: $id) { status processed } }',
    { id },
  )
  await stream.until<{ status: string }>('the plan', ({ status }) => status === 'PLANNED')
  const planned = await reaches(id, 'PLANNED')
  expect(planned).toMatchObject({
    rows: 3,
    createdBy: { name: 'Clara Keller' },
    company: { code: 'USMF' },
    counts: [
      { outcome: 'CREATED', count: 1 },
      { outcome: 'UPDATED', count: 1 },
      { outcome: 'INVALID', count: 1 },
    ],
    refusedRowsUrl: `/imports/${id}/refused.csv`,
  })
  expect(planned.results.edges.map(({ node }) => [node.row, node.account, node.outcome])).toEqual([
    [1, 'JOB-1', 'CREATED'],
    [2, 'US-031', 'UPDATED'],
  ])
  expect(planned.results.pageInfo.hasNextPage).toBe(true)
  const { node } = await app.ask<{ node: { results: Job['results'] } }>(
    'cora',
    `query ($id: ID!, $after: Cursor) { node(id: $id) { ... on ImportJob {
      results(after: $after, outcome: INVALID) { edges { node { row outcome errors { code path } } } pageInfo { hasNextPage } } } } }`,
    { id, after: planned.results.edges[1]?.cursor },
  )
  expect(node.results).toEqual({
    edges: [{ node: { row: 3, outcome: 'INVALID', errors: [{ code: 'INVALID_VALUE', path: ['set', 'email'] }] } }],
    pageInfo: { hasNextPage: false },
  })
  expect(await commit('clara', id, 'not this one')).toMatchObject({
    __typename: 'PlanChangedError',
    code: 'PLAN_CHANGED',
  })
  expect(await commit('clara', id, planned.planDigest, 'once')).toMatchObject({ __typename: 'ImportSuccess' })
  expect(await commit('clara', id, planned.planDigest, 'once')).toMatchObject({ __typename: 'ImportSuccess' })
  const done = await reaches(id, 'DONE')
  expect(done.counts).toEqual(planned.counts)
  await stream.until<{ status: string }>('the end of the import', ({ status }) => status === 'DONE')
  await stream.end()
  expect(await commit('clara', id, planned.planDigest)).toMatchObject({
    __typename: 'WrongImportStateError',
    code: 'WRONG_STATE',
    job: { status: 'DONE' },
  })
  expect(await cancel('clara', id)).toMatchObject({ __typename: 'WrongImportStateError' })
})

test('imports are listed for members of the company, and are nobody else’s', async () => {
  const id = await sent([{ account: 'US-033', set: {} }])
  await reaches(id, 'PLANNED')
  const list = (user: string) =>
    app.ask<{ importJobs: { edges: { node: { id: string; name: string } }[] } | null }>(
      user,
      '{ importJobs(company: "USMF", first: 1) { edges { node { id name } } } }',
    )
  expect((await list('cora')).importJobs?.edges).toEqual([{ node: { id, name: 'customers.jsonl' } }])
  expect((await list('dieter')).importJobs).toBeNull()
  expect(await jobAs('dieter', id)).toBeNull()
  expect(await commit('dieter', id, 'x')).toMatchObject({ __typename: 'NotFoundError' })
  expect(await commit('colin', id, 'x')).toMatchObject({ __typename: 'NotPermittedError' })
  expect(await cancel('cora', id)).toMatchObject({ __typename: 'NotPermittedError' })
  const events = await openEvents(app, 'dieter', 'subscription ($id: ID!) { importProgress(id: $id) { id } }', {
    variables: { id },
  })
  expect(await events.refusal()).toMatchObject([
    { message: expect.stringContaining('There is no such import') as string },
  ])
  expect(await cancel('adam', id)).toMatchObject({ __typename: 'ImportSuccess', job: { status: 'CANCELLED' } })
})

test('a watcher whose import is cancelled is told and let go', async () => {
  const id = await sent([{ account: 'US-034', set: {} }])
  await reaches(id, 'PLANNED')
  const stream = await follow(app, 'colin', 'subscription ($id: ID!) { importProgress(id: $id) { status } }', { id })
  expect(await stream.next()).toEqual({ status: 'PLANNED' })
  await cancel('clara', id)
  expect(await stream.next()).toEqual({ status: 'CANCELLED' })
  await stream.end()
})
