// What Node.js and PostgreSQL can do at most: node:http, postgres.js and one statement written by hand, and the very
// bytes of the answer put together from its rows. No sign-in, no GraphQL, no rules. Started by child.ts.
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import postgres from 'postgres'
import { serve } from './child.ts'
import type { ReadVariables } from './request.ts'

const sql = postgres(process.argv[2] ?? '', { max: 10, connection: { TimeZone: 'UTC' }, onnotice: () => undefined })

type Row = {
  readonly company: string
  readonly id: string
  readonly account: string
  readonly name: string
  readonly creditLimit: string
  readonly version: number
  /** The five of the proposal and its change are null together where there is none. */
  readonly proposal: string | null
  readonly status: keyof typeof reviewStatus
  readonly revision: number
  readonly change: string | null
  readonly field: string
  readonly operation: string
  /** JSON as text. */
  readonly base: string | null
  readonly proposed: string | null
}

const reviewStatus = {
  DRAFT: 'CHANGES_NOT_SUBMITTED',
  PENDING: 'CHANGES_PENDING_APPROVAL',
  CHANGES_REQUESTED: 'CHANGES_REQUESTED',
  REJECTED: 'CHANGES_REJECTED',
  CONFLICTED: 'CHANGES_CONFLICTED',
  FAULTED: 'CHANGES_FAULTED',
} as const

/** A row for each change; customers without any have one row. One more customer than asked tells whether more follow. */
const select = ({ company, first }: ReadVariables): Promise<readonly Row[]> => sql<Row[]>`
  select
    c.company_id company, c.id, c.account, c.name, c.credit_limit "creditLimit", c.version,
    p.id proposal, p.status, p.revision, ch.id change, ch.field, ch.operation, ch.base::text, ch.proposed::text
  from (
    select company_id, id, account, name, credit_limit, version from customers
    where company_id = (select id from companies where code = ${company})
    order by account
    limit ${first}::int + 1
  ) c
  left join proposals p on p.company_id = c.company_id and p.customer_id = c.id
    and p.status not in ('APPLIED', 'DISCARDED', 'SCHEDULED')
  left join changes ch on ch.company_id = p.company_id and ch.proposal_id = p.id
  order by c.account, ch.place`

const base64 = (text: string): string => Buffer.from(text).toString('base64url')

// The database could join these texts itself: that took it two and a half times as long as the rows and all of this do.
const read = async (variables: ReadVariables): Promise<string> => {
  const rows = await select(variables)
  let edges = ''
  let count = 0
  let last: Row | undefined
  const close = (): string => (last === undefined ? '' : last.proposal === null ? '}}' : ']}}}')
  for (const row of rows) {
    if (row.account === last?.account) {
      edges += ','
    } else {
      if (count === variables.first) break
      edges += count === 0 ? customer(row) : `${close()},${customer(row)}`
      count += 1
    }
    if (row.change !== null) edges += change(row)
    last = row
  }
  const more = rows.at(-1)?.account !== last?.account
  const cursor = last === undefined ? 'null' : `"${base64(JSON.stringify(['ACCOUNT', last.account]))}"`
  return `{"data":{"customers":{"edges":[${edges}${close()}],"pageInfo":{"hasNextPage":${more},"endCursor":${cursor}}}}}`
}

const customer = (row: Row): string =>
  `{"node":{"id":"${base64(`Customer:${row.company}:${row.id}`)}","account":${JSON.stringify(row.account)},` +
  `"name":${JSON.stringify(row.name)},"creditLimit":"${row.creditLimit}","version":${row.version},` +
  `"reviewStatus":"${row.proposal === null ? 'NO_CHANGES' : reviewStatus[row.status]}","proposal":` +
  (row.proposal === null
    ? 'null'
    : `{"id":"${base64(`Proposal:${row.company}:${row.proposal}`)}","status":"${row.status}",` +
      `"revision":${row.revision},"changes":[`)

const change = (row: Row): string =>
  `{"id":"${base64(`ProposedChange:${row.company}:${row.proposal}:${row.change}`)}","field":{"name":"${row.field}"},` +
  `"operation":"${row.operation}","original":${row.operation === 'ADD' ? 'null' : `{"raw":${row.base}}`},` +
  `"proposed":${row.operation === 'REMOVE' ? 'null' : `{"raw":${row.proposed}}`}}`

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

const server = createServer((request, response) => {
  bodyOf(request)
    .then((body) => read((JSON.parse(body) as { variables: ReadVariables }).variables))
    .then(
      (answer) => {
        response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' })
        response.end(answer)
      },
      (error: unknown) => {
        console.error(error)
        response.writeHead(500).end()
      },
    )
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const { port } = server.address() as AddressInfo
await serve({ url: `http://127.0.0.1:${port}/graphql` }, async () => {
  server.closeAllConnections()
  await sql.end()
})
