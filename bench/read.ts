// Reading a page of customers with their proposals and changes, beside the least that could answer the same.
import { writeFile } from 'node:fs/promises'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import autocannon from 'autocannon'
import postgres from 'postgres'
import { startServer, type Server } from './child.ts'
import { machine, median, whole } from './report.ts'
import { requestBody } from './request.ts'
import { customerCount, openWorld, pageSize } from './world.ts'

const connections = 20
const root = join(import.meta.dirname, '..')

type Side = { readonly name: string; readonly server: Server; readonly rounds: Round[] }
type Round = {
  readonly perSecond: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
  /** Milliseconds of the server's processor time for a request. */
  readonly cpu: number
}

/** `--quick`: short rounds, nothing is written. `--profile`: a CPU profile of Countersign below .cache/profiles. */
export const benchRead = async (options: ReadonlySet<string>): Promise<void> => {
  const quick = options.has('--quick') || options.has('--profile')
  const profiling = options.has('--profile') ? ['--cpu-prof', `--cpu-prof-dir=${join(root, '.cache/profiles')}`] : []
  const ends: (() => Promise<void>)[] = []
  try {
    const world = await openWorld()
    ends.push(() => world.stop())
    const start = async (name: string, file: string, execArgv: readonly string[] = []): Promise<Side> => {
      const server = await startServer(file, [world.databaseUrl], execArgv)
      ends.push(() => server.stop())
      return { name, server, rounds: [] }
    }
    const limit = await start('node:http, postgres.js, one statement', 'limit.ts')
    const countersign = await start('Countersign', 'countersign.ts', profiling)

    // Of the last minute, before the bench itself makes any.
    const othersLoad = loadavg()[0] ?? 0
    const bytes = await sameAnswer(limit, countersign)
    await measure(
      [limit, countersign],
      quick ? { rounds: 3, seconds: 2, warmUp: 2 } : { rounds: 7, seconds: 5, warmUp: 5 },
    )
    const statements = await countStatements(world.databaseUrl, countersign)
    await sameAnswer(limit, countersign)

    const report = [
      ...table(limit, countersign),
      '',
      `The answer has ${bytes.toLocaleString('en')} bytes. Countersign runs ${statements.length} statements for it:`,
      '',
      ...statements.map((text) => `* \`${text}\``),
      '',
      await machineOf(world.databaseUrl, othersLoad),
    ]
    console.log(report.join('\n'))
    if (!quick) await writeFile(join(import.meta.dirname, 'results/read.md'), `${heading}\n\n${report.join('\n')}\n`)
  } finally {
    for (let end = ends.pop(); end !== undefined; end = ends.pop()) await end()
  }
}

const heading = `# Reading ${pageSize} customers with their proposals and changes out of ${customerCount.toLocaleString('en')}`

const headersOf = ({ token }: Server): Record<string, string> => ({
  'content-type': 'application/json',
  accept: 'application/json',
  ...(token !== undefined && { authorization: token }),
})

const ask = async (server: Server): Promise<string> => {
  const response = await fetch(server.url, { method: 'POST', headers: headersOf(server), body: requestBody })
  if (response.status !== 200) throw new Error(`answered ${response.status}: ${await response.text()}`)
  return response.text()
}

/** Figures of different answers would compare nothing. */
const sameAnswer = async (one: Side, other: Side): Promise<number> => {
  const [a, b] = await Promise.all([ask(one.server), ask(other.server)])
  if (a !== b) throw new Error(`the answers differ:\n${one.name}: ${a}\n${other.name}: ${b}`)
  const changes = a.split('"operation"').length - 1
  if (changes !== pageSize * 3) throw new Error(`the answer has ${changes} changes`)
  return Buffer.byteLength(a)
}

/** Turn by turn, so that whatever else the machine does hits both sides alike. */
const measure = async (
  sides: readonly Side[],
  { rounds, seconds, warmUp }: { readonly rounds: number; readonly seconds: number; readonly warmUp: number },
): Promise<void> => {
  for (const { server } of sides) await load(server, warmUp)
  for (let n = 0; n < rounds; n++) for (const side of sides) side.rounds.push(await load(side.server, seconds))
}

const load = async (server: Server, duration: number): Promise<Round> => {
  const headers = headersOf(server)
  const before = await server.cpu()
  const result = await autocannon({
    url: server.url,
    method: 'POST',
    headers,
    body: requestBody,
    connections,
    duration,
  })
  const failed = result.errors + result.timeouts + result.non2xx
  if (failed > 0) throw new Error(`${failed} requests failed`)
  const { requests, latency } = result
  return {
    perSecond: requests.total / result.duration,
    p50: latency.p50,
    p99: latency.p99,
    cpu: ((await server.cpu()) - before) / requests.total,
  }
}

const table = (limit: Side, other: Side): string[] => {
  const most = median(limit.rounds.map((round) => round.perSecond))
  const line = ({ name, rounds }: Side): string => {
    const all = rounds.map((round) => round.perSecond)
    const spread = `${whole(Math.min(...all))}–${whole(Math.max(...all))}`
    const latency = `${median(rounds.map((r) => r.p50))} / ${median(rounds.map((r) => r.p99))}`
    const cpu = median(rounds.map((r) => r.cpu)).toFixed(2)
    return `| ${name} | ${whole(median(all))} | ${spread} | ${latency} | ${cpu} | ${(median(all) / most).toFixed(2)} |`
  }
  return [
    `| ${connections} connections, median of ${other.rounds.length} rounds | requests/s | least–most | ms p50 / p99 | server CPU ms | ratio |`,
    '|---|---|---|---|---|---|',
    line(limit),
    line(other),
  ]
}

/** What one request makes the database do. Counted apart from the rounds: counting costs time. */
const countStatements = async (databaseUrl: string, { server }: Side): Promise<string[]> => {
  const requests = 100
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => undefined })
  try {
    await sql`select pg_stat_statements_reset()`
    for (let n = 0; n < requests; n++) await ask(server)
    const rows = await sql<{ query: string; calls: number; ms: number }[]>`
      select query, calls::int, mean_exec_time ms from pg_stat_statements
      where dbid = (select oid from pg_database where datname = current_database()) and calls >= ${requests / 2}
      order by total_exec_time desc`
    return rows.flatMap(({ query, calls, ms }) => {
      const [, verb = '', table = ''] = /^\s*(\w+).*?\bfrom\s+(\S+)/s.exec(query) ?? []
      const text = `${verb} … from ${table.replaceAll('"', '')}, ${ms.toFixed(2)} ms`
      return Array.from({ length: Math.round(calls / requests) }, () => text)
    })
  } finally {
    await sql.end()
  }
}

const machineOf = async (databaseUrl: string, othersLoad: number): Promise<string> => {
  const sql = postgres(databaseUrl, { max: 1 })
  const [row] = await sql<{ version: string }[]>`select current_setting('server_version') as version`
  await sql.end()
  const versions = `Node.js ${process.versions.node}, PostgreSQL ${row?.version ?? 'unknown'}`
  return machine([`load generator and database on the same machine; ${versions}`], othersLoad)
}
