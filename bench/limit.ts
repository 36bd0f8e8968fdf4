// What Node.js and PostgreSQL can do at most: node:http, postgres.js and one statement written by hand that makes the
// very bytes of the answer. No sign-in, no GraphQL, no rules. Started by child.ts.
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import postgres from 'postgres'
import { serve } from './child.ts'
import type { ReadVariables } from './request.ts'

const sql = postgres(process.argv[2] ?? '', { max: 10, connection: { TimeZone: 'UTC' }, onnotice: () => undefined })

/** Base64url of a text, as ids and cursors are written. */
const base64 = (text: postgres.Fragment) =>
  sql`translate(encode(convert_to(${text}, 'UTF8'), 'base64'), E'+/=\n', '-_')`

// Texts joined together are faster than PostgreSQL's JSON functions, and those would put blanks between the parts.
const read = async ({ company, first }: ReadVariables): Promise<string> => {
  const [row] = await sql<{ body: string }[]>`
    with found as (
      select c.company_id, c.id, c.account, c.name, c.credit_limit, c.version
      from customers c
      where c.company_id = (select id from companies where code = ${company})
      order by c.account
      limit ${first}::int + 1
    ), page as (select * from found order by account limit ${first}::int), edges as (
      select
        page.account,
        '{"node":{"id":"' || ${base64(sql`'Customer:' || page.company_id || ':' || page.id`)}
        || '","account":' || to_json(page.account) || ',"name":' || to_json(page.name)
        || ',"creditLimit":"' || page.credit_limit || '","version":' || page.version
        || ',"reviewStatus":"' || case p.status
          when 'DRAFT' then 'CHANGES_NOT_SUBMITTED'
          when 'PENDING' then 'CHANGES_PENDING_APPROVAL'
          when 'REJECTED' then 'CHANGES_REJECTED'
          when 'CHANGES_REQUESTED' then 'CHANGES_REQUESTED'
          when 'CONFLICTED' then 'CHANGES_CONFLICTED'
          when 'FAULTED' then 'CHANGES_FAULTED'
          else 'NO_CHANGES' end
        || '","proposal":' || coalesce(
          '{"id":"' || ${base64(sql`'Proposal:' || p.company_id || ':' || p.id`)}
          || '","status":"' || p.status || '","revision":' || p.revision || ',"changes":['
          || (
            select coalesce(string_agg(
              '{"id":"' || ${base64(sql`'ProposedChange:' || ch.company_id || ':' || ch.proposal_id || ':' || ch.id`)}
              || '","field":{"name":"' || ch.field || '"},"operation":"' || ch.operation
              || '","original":' || case ch.operation when 'ADD' then 'null'
                else '{"raw":' || coalesce(ch.base::text, 'null') || '}' end
              || ',"proposed":' || case ch.operation when 'REMOVE' then 'null'
                else '{"raw":' || coalesce(ch.proposed::text, 'null') || '}' end
              || '}', ',' order by ch.place), '')
            from changes ch where ch.company_id = p.company_id and ch.proposal_id = p.id
          ) || ']}', 'null') || '}}' as edge
      from page
      left join proposals p on p.company_id = page.company_id and p.customer_id = page.id
        and p.status not in ('APPLIED', 'DISCARDED')
    )
    select '{"data":{"customers":{"edges":[' || coalesce(string_agg(edge, ',' order by account), '')
      || '],"pageInfo":{"hasNextPage":' || case when (select count(*) from found) > ${first}::int then 'true' else 'false' end
      || ',"endCursor":' || coalesce('"' || ${base64(sql`'["ACCOUNT",' || to_json(max(account)) || ']'`)} || '"', 'null')
      || '}}}}' as body
    from edges`
  return row?.body ?? ''
}

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
