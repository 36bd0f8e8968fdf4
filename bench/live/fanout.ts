// proposalStatus of a company to 100 to 10,000 sockets: deliveries per second, processor time for each, time from commit
// to client; beside a bare `ws` server that sends the same bytes, and beside GraphQL Yoga with graphql-ws.
import { median, whole } from '../report.ts'
import type { Latencies } from './generator.ts'
import { atLeast, kilobytes, milliseconds, table, type Outcome, type Part, type Point, type Setting } from './part.ts'
import {
  countersignSide,
  imitate,
  latenciesOf,
  memorySide,
  received,
  rssOf,
  sampleFrame,
  sleep,
  startWriter,
  type Side,
} from './sides.ts'
import { openLiveWorld } from './world.ts'

type Plan = {
  readonly sockets: number
  /** Of one burst; a transaction for Countersign. */
  readonly events: number
  readonly burstsPerRound: number
  readonly rounds: number
  readonly paced: { readonly events: number; readonly everyMs: number }
}

/** About as many deliveries in each round; events so far apart that the slowest side has sent one before the next. */
const plans: readonly Plan[] = [
  { sockets: 100, events: 100, burstsPerRound: 4, rounds: 7, paced: { events: 30, everyMs: 100 } },
  { sockets: 1_000, events: 50, burstsPerRound: 1, rounds: 5, paced: { events: 30, everyMs: 200 } },
  { sockets: 2_000, events: 50, burstsPerRound: 1, rounds: 5, paced: { events: 20, everyMs: 400 } },
  { sockets: 5_000, events: 10, burstsPerRound: 1, rounds: 5, paced: { events: 12, everyMs: 900 } },
  { sockets: 10_000, events: 10, burstsPerRound: 1, rounds: 5, paced: { events: 8, everyMs: 1_800 } },
]
const quickPlans: readonly Plan[] = [
  { sockets: 50, events: 20, burstsPerRound: 1, rounds: 3, paced: { events: 5, everyMs: 100 } },
  { sockets: 300, events: 20, burstsPerRound: 1, rounds: 3, paced: { events: 5, everyMs: 100 } },
]

/** On a slow machine there are fewer rounds, but not less than so many. */
const leastRounds = 3
const patienceMs = 60_000

type Round = { readonly perSecond: number; readonly cpu: number; readonly generatorCpu: number }
type Row = {
  readonly side: string
  readonly rounds: Round[]
  readonly latencies: Latencies
  readonly perSocket: number
}

const run = async ({ cluster, quick, sockets, execArgv, ends }: Setting): Promise<Outcome> => {
  const url = await openLiveWorld(cluster, quick ? 1_000 : 10_000)
  const writer = await startWriter(ends, url)
  const countersign = await countersignSide(ends, url, writer, execArgv)
  const bare = await memorySide(ends, 'bare `ws`', 'live/bare.ts')
  const stock = await memorySide(ends, 'Yoga with graphql-ws', 'live/stock.ts')
  const sides = [countersign, bare, stock]
  const empty = new Map(await Promise.all(sides.map(async (side) => [side, await rssOf(side.server)] as const)))

  const results: { plan: Plan; rows: Row[] }[] = []
  let frame = ''
  const chosen =
    sockets.length > 0 ? plans.filter((plan) => sockets.includes(plan.sockets)) : quick ? quickPlans : plans
  for (const plan of chosen) {
    const held = new Map<Side, number>()
    for (const side of sides) {
      await side.connect(plan.sockets)
      if (side === countersign && frame === '') {
        frame = await firstFrame(countersign, plan.sockets)
        await imitate(bare, stock, frame)
      }
    }
    await sleep(quick ? 500 : 2_000)
    for (const side of sides) held.set(side, ((await rssOf(side.server)) - (empty.get(side) ?? 0)) / plan.sockets)
    results.push({ plan, rows: await measure(sides, plan, held) })
    console.log(`${plan.sockets} sockets: ${results.at(-1)?.rows.map(summary).join(' · ')}`)
  }
  return outcome(results, frame)
}

/** Everybody gets it, so everybody is waited for. */
const firstFrame = async (countersign: Side, sockets: number): Promise<string> => {
  const frame = await sampleFrame(countersign)
  await received(countersign, sockets)
  return frame
}

/** Turn by turn, so that whatever else the machine does hits all sides alike. One round of each warms up. */
const measure = async (sides: readonly Side[], plan: Plan, held: ReadonlyMap<Side, number>): Promise<Row[]> => {
  const rounds = new Map<Side, Round[]>(sides.map((side) => [side, []]))
  const started = performance.now()
  for (let n = 0; n <= plan.rounds; n++) {
    if (n > leastRounds && performance.now() - started > patienceMs) break
    for (const side of sides) {
      const round = await measureRound(side, plan)
      if (n > 0) rounds.get(side)?.push(round)
    }
  }
  const rows: Row[] = []
  for (const side of sides) {
    const latencies = await latenciesOf(side, plan.sockets, plan.paced)
    rows.push({ side: side.name, rounds: rounds.get(side) ?? [], latencies, perSocket: held.get(side) ?? Number.NaN })
  }
  return rows
}

const measureRound = async (side: Side, { sockets, events, burstsPerRound }: Plan): Promise<Round> => {
  const [before, generatorBefore] = await Promise.all([side.server.cpu(), side.subscribers.cpu()])
  let ms = 0
  for (let n = 0; n < burstsPerRound; n++) {
    await side.subscribers.ask('arm', { timed: 0 })
    const started = await side.burst(events)
    ms += (await received(side, sockets * events)).last - started
  }
  const deliveries = sockets * events * burstsPerRound
  return {
    perSecond: (deliveries * 1000) / ms,
    cpu: (((await side.server.cpu()) - before) * 1000) / deliveries,
    generatorCpu: (((await side.subscribers.cpu()) - generatorBefore) * 1000) / deliveries,
  }
}

const rate = ({ rounds }: Row): number => median(rounds.map((round) => round.perSecond))
const summary = (row: Row): string => `${row.side} ${whole(rate(row))}/s`

const outcome = (results: readonly { plan: Plan; rows: readonly Row[] }[], frame: string): Outcome => {
  const points = results.flatMap(({ plan, rows }): Point[] =>
    rows.map((row) => ({ side: row.side, sockets: plan.sockets, perSecond: rate(row) })),
  )
  const judged = results.find(({ plan }) => plan.sockets === 2_000) ?? results.at(-1)
  const [own = 0, bare = 0, stock = 0] = judged?.rows.map(rate) ?? []
  const where = `${whole(judged?.plan.sockets ?? 0)} subscribers, deliveries per second`
  const rows = results.flatMap(({ plan, rows }) => rows.map((row) => line(plan, row, rows)))
  return {
    points,
    figures: [
      atLeast(`${where}: of bare \`ws\``, own / bare, 0.7),
      atLeast(`${where}: of Yoga with graphql-ws`, own / stock, 3),
    ],
    lines: [
      ...table(
        [
          'sockets',
          '',
          'deliveries/s',
          'least–most',
          'of bare `ws`',
          'server CPU µs per delivery',
          'ms from commit p50 / p99',
          'kB per socket',
          'generator CPU µs',
        ],
        rows,
      ),
      '',
      `A message has ${frame.length} bytes: \`${frame.slice(0, 120)}…\`. A burst is one transaction of ` +
        `${results.map(({ plan }) => `${plan.events}`).join(', ')} events; medians of ` +
        `${results.map(({ rows }) => `${rows[0]?.rounds.length ?? 0}`).join(', ')} rounds.`,
    ],
  }
}

const line = ({ sockets }: Plan, row: Row, [, bare]: readonly Row[]): readonly string[] => {
  const all = row.rounds.map((round) => round.perSecond)
  const most = bare === undefined ? Number.NaN : rate(bare)
  return [
    whole(sockets),
    row.side,
    whole(median(all)),
    `${whole(Math.min(...all))}–${whole(Math.max(...all))}`,
    (median(all) / most).toFixed(2),
    median(row.rounds.map((round) => round.cpu)).toFixed(1),
    `${milliseconds(row.latencies.p50)} / ${milliseconds(row.latencies.p99)}`,
    sockets < 1_000 ? '' : kilobytes(row.perSocket),
    median(row.rounds.map((round) => round.generatorCpu)).toFixed(1),
  ]
}

export const fanout: Part = { title: 'Events to many subscribers', run }
