// Imports of 10,000, 100,000 and 1,000,000 rows under each entity behaviour, beside the least that could write the same.
import { readFile, writeFile } from 'node:fs/promises'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { connect } from '../../server/db/connect.ts'
import type { EntityBehavior } from '../../server/domain/company.ts'
import { alone } from '../../server/services/alone.ts'
import { createSetupCache } from '../../server/services/setup-cache.ts'
import { setApprovalParameters } from '../../server/services/setup.ts'
import { startServer, type Server } from '../child.ts'
import { copyOf, keptDatabase, startPostgres } from '../kept.ts'
import type { Memory } from '../memory.ts'
import { machine, median, whole } from '../report.ts'
import { company, fillWith, signIn } from '../world.ts'
import { runLimit } from './limit.ts'
import { measureOthers, othersTable, type Others } from './others.ts'
import { accountOf, fileOf, type Governed } from './rows.ts'

type Kind = { readonly behavior: EntityBehavior; readonly governed: Governed; readonly what: string }
const kinds: readonly Kind[] = [
  { behavior: 'ALLOW_WITHOUT_APPROVAL', governed: 'all', what: 'ALLOW_WITHOUT_APPROVAL' },
  { behavior: 'CREATE_CHANGE_PROPOSALS', governed: 'tenth', what: 'CREATE_CHANGE_PROPOSALS, one row in ten governed' },
  { behavior: 'REJECT_CHANGES', governed: 'tenth', what: 'REJECT_CHANGES, one row in ten governed' },
]

type Figures = {
  readonly rows: number
  readonly kind: Kind
  /** Milliseconds. */
  readonly limit: number
  readonly upload: number
  readonly plan: number
  readonly commit: number
  /** Of an import that nobody looks at first, from the first byte to the end. */
  readonly unattended: number
  /** Bytes that the server's process had at most, and after the first tenth. */
  readonly peak: number
}

type Job = {
  readonly id: string
  readonly status: string
  readonly processed: number
  readonly planDigest: string | null
  readonly counts: readonly { readonly outcome: string; readonly count: number }[]
  readonly failure: { readonly message: string } | null
}

export const graphql = async <T>(server: Server, query: string, variables: object): Promise<T> => {
  const response = await fetch(server.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: server.token ?? '' },
    body: JSON.stringify({ query, variables }),
  })
  const answer = (await response.json()) as { data: T | null; errors?: unknown }
  if (answer.data === null || answer.errors !== undefined) throw new Error(JSON.stringify(answer))
  return answer.data
}

export const send = async (server: Server, count: number, governed: Governed, options: object): Promise<string> => {
  const url = new URL(server.url)
  url.pathname = '/imports'
  url.search = `?company=${company}&name=bench.csv`
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'text/csv',
      authorization: server.token ?? '',
      'import-options': JSON.stringify(options),
    },
    body: fileOf(count, governed) as never,
    duplex: 'half',
  } as RequestInit)
  if (response.status !== 202) throw new Error(`the upload was answered ${response.status}: ${await response.text()}`)
  return ((await response.json()) as { id: string }).id
}

const jobQuery = `query ($id: ID!) { node(id: $id) { ... on ImportJob {
  id status processed planDigest counts { outcome count } failure { message } } } }`
export const jobOf = async (server: Server, id: string): Promise<Job> =>
  (await graphql<{ node: Job }>(server, jobQuery, { id })).node

export const settled = async (
  server: Server,
  id: string,
  watch: () => Promise<unknown> = async () => undefined,
): Promise<Job> => {
  for (;;) {
    const job = await jobOf(server, id)
    if (job.failure !== null) throw new Error(job.failure.message)
    if (job.status !== 'PLANNING' && job.status !== 'RUNNING') return job
    await watch()
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

const commitMutation = `mutation ($input: CommitImportInput!) { commitImport(input: $input) {
  __typename ... on UserError { code message } } }`
const commit = async (server: Server, { id, planDigest }: Job): Promise<void> => {
  const { commitImport } = await graphql<{ commitImport: { __typename: string } }>(server, commitMutation, {
    input: { importId: id, planDigest },
  })
  if (commitImport.__typename !== 'ImportSuccess') throw new Error(JSON.stringify(commitImport))
}

/** Another entity behaviour than the demo world's. */
const behave = async (url: string, entityBehavior: EntityBehavior): Promise<void> => {
  const connection = connect(url, { max: 1 })
  try {
    const { db } = connection
    const app = { db, clock: () => new Date(), setup: createSetupCache(), ...alone }
    await setApprovalParameters(app, await signIn(db, 'adam'), { company, entityBehavior })
  } finally {
    await connection.close()
  }
}

const round = async (
  cluster: string,
  world: string,
  rows: number,
  kind: Kind,
  execArgv: readonly string[],
): Promise<Figures> => {
  const fresh = async (): Promise<string> => {
    const url = await copyOf(cluster, world, 'work')
    await behave(url, kind.behavior)
    return url
  }
  const limit = await runLimit(await fresh(), company, rows, kind.governed)
  const database = await fresh()
  const times: number[] = []
  let peak = 0
  const served = async <T>(url: string, work: (server: Server) => Promise<T>): Promise<T> => {
    const server = await startServer('countersign.ts', [url], execArgv)
    try {
      return await work(server)
    } finally {
      await server.stop()
    }
  }
  const expected = (job: Job): void => {
    const governed = kind.governed === 'all' ? rows : Math.floor(rows / 10)
    const other = { ALLOW_WITHOUT_APPROVAL: 'UPDATED', CREATE_CHANGE_PROPOSALS: 'PROPOSED', REJECT_CHANGES: 'REFUSED' }
    const count = job.counts.find(({ outcome }) => outcome === other[kind.behavior])?.count ?? 0
    if (job.status !== 'DONE' || count !== governed) throw new Error(`not as expected: ${JSON.stringify(job)}`)
  }
  await served(database, async (server) => {
    // A server that has been up for a while has given back what it took to start.
    if (rows > 10_000) await new Promise((resolve) => setTimeout(resolve, 12_000))
    const watch = async (): Promise<void> => {
      const { rss } = await server.ask<Memory>('memory')
      peak = Math.max(peak, rss)
    }
    let at = performance.now()
    const lap = (): void => {
      const now = performance.now()
      times.push(now - at)
      at = now
    }
    const id = await send(server, rows, kind.governed, {})
    lap()
    const plan = await settled(server, id, watch)
    lap()
    await commit(server, plan)
    expected(await settled(server, id, watch))
    lap()
  })
  const [upload = 0, plan = 0, committed = 0] = times
  const unattended = await served(await fresh(), async (server) => {
    const at = performance.now()
    expected(await settled(server, await send(server, rows, kind.governed, { commit: true })))
    return performance.now() - at
  })
  const figures = { rows, kind, limit, upload, plan, commit: committed, unattended, peak }
  console.log(lineOf(figures))
  return figures
}

const perSecond = (rows: number, ms: number): string => whole((rows / ms) * 1000)
const lineOf = ({ rows, kind, limit, upload, plan, commit: committed, unattended, peak }: Figures): string => {
  const all = upload + plan + committed
  const cells = [
    whole(rows),
    kind.what,
    perSecond(rows, limit),
    `${perSecond(rows, all)} (${(limit / all).toFixed(2)})`,
    `${perSecond(rows, unattended)} (${(limit / unattended).toFixed(2)})`,
    perSecond(rows, upload + plan),
    perSecond(rows, committed),
    `${whole(peak / 1e6)} MB`,
  ]
  return `| ${cells.join(' | ')} |`
}
const head = [
  '| rows | behaviour | limit, rows/s | upload, preview, commit | without preview | upload and preview alone | commit alone | memory at most |',
  '|---:|---|---:|---:|---:|---:|---:|---:|',
]

const medianOf = (rounds: readonly Figures[]): Figures => {
  const [first] = rounds
  if (first === undefined) throw new Error('nothing was measured')
  const of = (pick: (figures: Figures) => number): number => median(rounds.map(pick))
  return {
    ...first,
    limit: of((f) => f.limit),
    upload: of((f) => f.upload),
    plan: of((f) => f.plan),
    commit: of((f) => f.commit),
    unattended: of((f) => f.unattended),
    peak: Math.max(...rounds.map((f) => f.peak)),
  }
}

const sizes = [10_000, 100_000]

/**
 * `--rows=n,…`: these sizes alone, in one round, written nowhere; a million takes most of an hour. `--quick`: one round of 10,000.
 * `--profile`: as quick, with CPU profiles.
 */
export const benchImport = async (options: ReadonlySet<string>): Promise<void> => {
  const given = [...options].find((option) => option.startsWith('--rows='))
  const quick = options.has('--quick') || options.has('--profile')
  const wanted = given !== undefined ? given.slice('--rows='.length).split(',').map(Number) : quick ? [10_000] : sizes
  const profiling = options.has('--profile')
    ? ['--cpu-prof', `--cpu-prof-dir=${join(import.meta.dirname, '../../.cache/profiles')}`]
    : []
  const cluster = await startPostgres()
  try {
    const othersLoad = loadavg()[0] ?? 0
    const lines: string[] = []
    console.log(head.join('\n'))
    for (const rows of wanted) {
      // Each row is of a customer that is there: the demo world's are beside them.
      const size = Math.max(rows, 100_000) + 200
      const name = `import_${size}`
      await keptDatabase(cluster.databaseUrl, {
        name,
        file: import.meta.filename.replace('import.ts', 'rows.ts'),
        size,
        fill: (url) => fillWith(url, size),
      })
      for (const kind of kinds) {
        const rounds: Figures[] = []
        const times = quick || given !== undefined || rows > 10_000 ? 1 : 3
        for (let n = 0; n < times; n++) rounds.push(await round(cluster.databaseUrl, name, rows, kind, profiling))
        lines.push(lineOf(medianOf(rounds)))
      }
    }
    const others: Others[] = []
    for (let n = 0; n < 3 && !quick && given === undefined; n++) {
      const url = await copyOf(cluster.databaseUrl, `import_${100_200}`, 'work')
      await behave(url, 'CREATE_CHANGE_PROPOSALS')
      others.push(await measureOthers(url, 100_000, accountOf))
    }
    const report = [
      ...head,
      ...lines,
      '',
      ...(others.length === 0 ? [] : [...othersTable(others), '']),
      machine([`Node.js ${process.version}`], othersLoad),
    ]
    console.log(report.join('\n'))
    if (quick || given !== undefined) return
    const file = join(import.meta.dirname, '../results/import.md')
    // What people have written about the figures stays below them.
    const [, ...about] = (await readFile(file, 'utf8')).split('\n## ')
    await writeFile(file, [`# Importing customers\n\n${report.join('\n')}\n`, ...about].join('\n## '))
  } finally {
    await cluster.stop()
  }
}
