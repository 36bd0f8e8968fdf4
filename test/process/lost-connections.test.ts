// A server that loses every connection to its database, at work, again and again.
import postgres from 'postgres'
import { afterAll, expect, test } from 'vitest'
import { connect } from '../../server/db/connect.ts'
import { findFlaw } from '../../server/store/evidence.ts'
import { until, type Answer } from '../helpers/app.ts'
import { follow, type LiveMessage, type Stream } from '../helpers/live.ts'
import { createTestDatabase } from '../helpers/postgres.ts'
import { interrupt, start } from './server-process.ts'

const { url: databaseUrl } = await createTestDatabase({ demo: true })
const admin = postgres(databaseUrl, { max: 1, onnotice: () => undefined })
afterAll(() => admin.end())

const importing = `mutation ($input: ImportCustomersInput!) {
  importCustomers(input: $input) { __typename ... on UserError { message } }
}`
const followed = `subscription ($after: Cursor) {
  proposalStatus(company: "USMF", after: $after) {
    __typename ... on LiveMessage { cursor } ... on ProposalStatusChanged { proposal { customer { account } } }
  } }`
type Followed = LiveMessage & { proposal?: { customer: { account: string } } }
type Imported = Answer<{ importCustomers: { __typename: string; message?: string } } | null>

test('goes on answering, in requests and in streams that were open, and has written nothing by halves', async () => {
  const server = await start({ DATABASE_URL: databaseUrl })
  const importRows = async (accounts: readonly string[], set: object): Promise<Imported> => {
    const rows = accounts.map((account) => ({ account, set }))
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'ApiKey demo-partner-key' },
      body: JSON.stringify({ query: importing, variables: { input: { company: 'USMF', rows } } }),
    })
    return (await response.json()) as Imported
  }
  // As the client does: a stream that broke is opened again where it was.
  let cursor: string | null = null
  const open = (): Promise<Stream> =>
    follow({ url: server.url, token: () => Promise.reject(new Error('there are keys alone')) }, 'partner', followed, {
      after: cursor,
    })
  let stream = await open()
  const seen = async (account: string): Promise<void> => {
    for (;;) {
      const message = await stream.next<Followed>().catch(() => undefined)
      if (message === undefined) stream = (await stream.stop(), await open())
      else cursor = message.cursor
      if (message?.proposal?.customer.account === account) return
    }
  }
  const first = await stream.next<Followed>()
  cursor = first.cursor

  const refused: unknown[] = []
  for (let round = 0; round < 3; round += 1) {
    const batches = Array.from({ length: 12 }, (_, n) => [0, 1, 2, 3].map((k) => `LOST-${round}-${n}-${k}`))
    const answers = Promise.all(batches.map((accounts) => importRows(accounts, { name: 'Lost', creditLimit: '10' })))
    await until('writers at work', async () => {
      const busy = await admin`
        select 1 from pg_stat_activity where datname = current_database() and application_name = 'countersign'
          and state <> 'idle' and backend_xid is not null`
      return busy.length > 1 ? true : undefined
    })
    await admin`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name = 'countersign'`
    for (const { errors } of await answers) refused.push(...(errors ?? []).map(({ extensions }) => extensions?.code))
    expect((await importRows([`BACK-${round}`], { name: 'Back', creditLimit: '10' })).errors).toBeUndefined()
    await importRows([`BACK-${round}`], { creditLimit: '20' })
    await seen(`BACK-${round}`)
  }
  expect(refused.length).toBeGreaterThan(0)
  expect(new Set(refused)).toEqual(new Set(['INTERNAL']))
  expect((await fetch(`${server.url}/health/ready`)).status).toBe(200)

  const batches = await admin`
    select regexp_replace(account, '-[0-9]+$', '') as batch, count(*)::int as count from customers
    where account like 'LOST-%' group by 1 having count(*) <> 4`
  expect(batches).toEqual([])
  const connection = connect(databaseUrl, { max: 1 })
  const [company] = await admin<{ id: string }[]>`select id from companies where code = 'USMF'`
  expect(await findFlaw(connection.db, company!.id)).toBeNull()
  await connection.close()
  await stream.stop()
  expect(await interrupt(server)).toBe(0)
})
