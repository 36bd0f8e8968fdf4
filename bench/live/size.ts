// What one event costs the server and the database with 10,000 and with 1,000,000 customers.
import { median, whole } from '../report.ts'
import { atMost, table, type Outcome, type Part, type Setting } from './part.ts'
import { countersignSide, received, startWriter, type Side } from './sides.ts'
import { openLiveWorld } from './world.ts'
import postgres from 'postgres'

const sockets = 100
const role = 'bench_writer'

type Round = { readonly server: number; readonly database: number }
type World = {
  readonly size: number
  readonly side: Side
  /** Milliseconds that the database has worked for the server. */
  readonly worked: () => Promise<number>
  readonly rounds: Round[]
}

const run = async ({ cluster, quick, execArgv, ends }: Setting): Promise<Outcome> => {
  const sizes = quick ? [1_000, 10_000] : [10_000, 1_000_000]
  const rounds = quick ? 2 : 9
  const pace = { events: quick ? 20 : 100, everyMs: 20 }
  await addRole(cluster)
  const worlds: World[] = []
  for (const size of sizes) {
    const url = await openLiveWorld(cluster, size)
    const own = asWriter(url)
    const writer = await startWriter(ends, own)
    const side = await countersignSide(ends, url, writer, execArgv)
    await side.connect(sockets)
    const sql = postgres(own, { max: 1, onnotice: () => undefined })
    ends.push(() => sql.end())
    worlds.push({ size, side, worked: () => workOf(sql), rounds: [] })
  }
  for (let n = 0; n <= rounds; n++) {
    for (const world of worlds) {
      const { side, worked } = world
      const measureNow = async (): Promise<Round> => ({ server: await side.server.cpu(), database: await worked() })
      await side.subscribers.ask('arm', { timed: 0 })
      const before = await measureNow()
      await side.paced(pace)
      await received(side, sockets * pace.events)
      const after = await measureNow()
      const per = (pick: (round: Round) => number): number => (pick(after) - pick(before)) / pace.events
      // The first warms up.
      if (n > 0) world.rounds.push({ server: per((round) => round.server), database: per((round) => round.database) })
    }
  }

  const of = (world: World | undefined, pick: (round: Round) => number): number => median(world?.rounds.map(pick) ?? [])
  const together = (round: Round): number => round.server + round.database
  const [small, large] = worlds
  const names = sizes.map(whole)
  return {
    figures: [
      atMost(`cost of an event, ${names[1]} customers to ${names[0]}`, of(large, together) / of(small, together), 1.2),
    ],
    lines: [
      ...table(
        ['customers', 'server CPU ms per event', 'database ms per event', 'together', 'least–most'],
        worlds.map((world) => {
          const all = world.rounds.map(together)
          return [
            whole(world.size),
            of(world, (round) => round.server).toFixed(2),
            of(world, (round) => round.database).toFixed(2),
            of(world, together).toFixed(2),
            `${Math.min(...all).toFixed(2)}–${Math.max(...all).toFixed(2)}`,
          ]
        }),
      ),
      '',
      `An event on its way to ${sockets} subscribers of \`proposalStatus\`, one each ${pace.everyMs} ms, medians of ${rounds} rounds of ` +
        `${pace.events}. The database's part is the time of all statements of the server's process (\`pg_stat_statements\`), polls ` +
        `included; what writes the event signs in as somebody else and is not in it.`,
    ],
  }
}

/** Somebody else than the server for the database, so that it can tell who caused what. */
const addRole = async (cluster: string): Promise<void> => {
  const sql = postgres(cluster, { max: 1, onnotice: () => undefined })
  try {
    const known = await sql`select 1 from pg_roles where rolname = ${role}`
    if (known.length === 0) await sql.unsafe(`create role ${role} superuser login`)
    await sql.unsafe(`alter role ${role} password '${new URL(cluster).password}'`)
  } finally {
    await sql.end()
  }
}

const asWriter = (databaseUrl: string): string => {
  const url = new URL(databaseUrl)
  url.username = role
  return url.href
}

const workOf = async (sql: postgres.Sql): Promise<number> => {
  const [row] = await sql<{ ms: number }[]>`
    select coalesce(sum(total_exec_time), 0)::float8 ms from pg_stat_statements
    where dbid = (select oid from pg_database where datname = current_database())
      and userid <> (select oid from pg_roles where rolname = ${role})`
  return row?.ms ?? 0
}

export const size: Part = { title: 'Many customers', run }
