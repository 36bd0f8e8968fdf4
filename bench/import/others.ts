// What people feel while a file is imported: how long their own changes take, and how late the live queue is.
import { createClient } from 'graphql-ws'
import WebSocket from 'ws'
import { startServer, type Server } from '../child.ts'
import { company } from '../world.ts'
import { graphql, jobOf, send } from './import.ts'

export type Others = {
  readonly quiet: Waits
  readonly importing: Waits
  /** Milliseconds from a change's answer until the stream told of it. */
  readonly live: { readonly quiet: number; readonly importing: number }
}
type Waits = { readonly count: number; readonly p50: number; readonly p99: number }

const quantile = (values: readonly number[], q: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))] ?? Number.NaN
const waitsOf = (values: readonly number[]): Waits => ({
  count: values.length,
  p50: quantile(values, 0.5),
  p99: quantile(values, 0.99),
})

const update = `mutation ($input: UpdateCustomerInput!) { updateCustomer(input: $input) {
  __typename ... on UpdateCustomerSuccess { proposal { id revision } } ... on UserError { code message } } }`
const status = `subscription { proposalStatus(company: "${company}") { __typename
  ... on ProposalStatusChanged { proposal { id revision } } } }`

/** Every 40 ms a change of a credit limit by a person, each of another customer, until `over`. */
const change = async (
  server: Server,
  from: number,
  accountOf: (n: number) => string,
  told: Map<string, number>,
  over: () => Promise<boolean>,
) => {
  const waits: number[] = []
  const late: number[] = []
  for (let n = from; !(await over()); n++) {
    const started = performance.now()
    const { updateCustomer } = await graphql<{ updateCustomer: { proposal?: { id: string } } }>(server, update, {
      input: { company, account: accountOf(n), set: { creditLimit: `${300_000 + n}.00` } },
    })
    const answered = performance.now()
    waits.push(answered - started)
    const id = updateCustomer.proposal?.id
    if (id === undefined) throw new Error(JSON.stringify(updateCustomer))
    while (!told.has(id)) {
      if (performance.now() - answered > 30_000) throw new Error('the stream has not told of a change for 30 seconds')
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    late.push(Math.max(0, (told.get(id) ?? 0) - answered))
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, 40 - (performance.now() - started))))
  }
  return { waits, late }
}

/** Rows of the file are of the first half of the customers, people's changes of the second. */
export const measureOthers = async (url: string, rows: number, accountOf: (n: number) => string): Promise<Others> => {
  const server = await startServer('countersign.ts', [url])
  const told = new Map<string, number>()
  const client = createClient({
    url: server.url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { authorization: server.token },
  })
  try {
    const end = client.subscribe<{ proposalStatus: { proposal?: { id: string } } }>(
      { query: status },
      {
        next: ({ data }) => {
          const id = data?.proposalStatus.proposal?.id
          if (id !== undefined) told.set(id, performance.now())
        },
        error: (error) => {
          throw error instanceof Error ? error : new Error(JSON.stringify(error))
        },
        complete: () => undefined,
      },
    )
    const until = (seconds: number) => {
      const stop = performance.now() + seconds * 1000
      return async () => performance.now() > stop
    }
    await change(server, 60_001, accountOf, told, until(5))
    const quiet = await change(server, 70_001, accountOf, told, until(20))
    const id = await send(server, rows / 2, 'tenth', { commit: true })
    const importing = await change(
      server,
      80_001,
      accountOf,
      told,
      async () => (await jobOf(server, id)).status !== 'RUNNING',
    )
    end()
    return {
      quiet: waitsOf(quiet.waits),
      importing: waitsOf(importing.waits),
      live: { quiet: quantile(quiet.late, 0.99), importing: quantile(importing.late, 0.99) },
    }
  } finally {
    await client.dispose()
    await server.stop()
  }
}

export const othersTable = (rounds: readonly Others[]): string[] => [
  "| a person's change of a credit limit | changes | p50, ms | p99, ms | told live, p99, ms |",
  '|---|---:|---:|---:|---:|',
  ...rounds.flatMap(linesOf),
]

const linesOf = ({ quiet, importing, live }: Others): string[] => [
  `| alone | ${quiet.count} | ${quiet.p50.toFixed(1)} | ${quiet.p99.toFixed(1)} | ${live.quiet.toFixed(1)} |`,
  `| beside an import | ${importing.count} | ${importing.p50.toFixed(1)} | ${importing.p99.toFixed(1)} (${(importing.p99 / quiet.p99).toFixed(2)} times) | ${live.importing.toFixed(1)} |`,
]
