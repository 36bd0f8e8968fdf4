// From a commit to 1,000 clients, one write each 100 ms, beside the shortest way there is: NOTIFY in the transaction, LISTEN
// in a process that sends the same bytes to all.
import { median, whole } from '../report.ts'
import type { Latencies } from './generator.ts'
import { atMost, milliseconds, table, type Outcome, type Part, type Setting } from './part.ts'
import {
  countersignSide,
  imitate,
  latenciesOf,
  memorySide,
  received,
  sampleFrame,
  startWriter,
  type Side,
} from './sides.ts'
import { openLiveWorld } from './world.ts'

const channel = 'bench_committed'

const run = async ({ cluster, quick, execArgv, ends }: Setting): Promise<Outcome> => {
  const sockets = quick ? 100 : 1_000
  const rounds = quick ? 2 : 5
  const pace = { events: quick ? 20 : 100, everyMs: 100 }
  const url = await openLiveWorld(cluster, quick ? 1_000 : 10_000)
  const writer = await startWriter(ends, url)
  // In a database of its own: Countersign would tell its subscribers of these events as well, in the midst of the other's.
  const bareUrl = await openLiveWorld(cluster, quick ? 1_000 : 10_000, 'bare')
  const bareWriter = await startWriter(ends, bareUrl)
  const countersign = await countersignSide(ends, url, writer, execArgv)
  const memory = await memorySide(ends, 'NOTIFY, LISTEN, bare `ws`', 'live/bare.ts')
  const bare: Side = { ...memory, paced: (paced) => bareWriter.ask('notified', { ...paced, channel }) }
  await bare.server.ask('listen', { url: bareUrl, channel })
  await countersign.connect(sockets)
  await bare.connect(sockets)
  await imitate(bare, undefined, await sampleFrame(countersign))
  await received(countersign, sockets)

  const sides = [countersign, bare].map((side) => ({ side, rounds: [] as Latencies[] }))
  for (const { side } of sides) await latenciesOf(side, sockets, { ...pace, events: 10 })
  for (let n = 0; n < rounds; n++) {
    for (const { side, rounds } of sides) rounds.push(await latenciesOf(side, sockets, pace))
  }

  const of = (n: number, pick: (round: Latencies) => number): number => median(sides[n]?.rounds.map(pick) ?? [])
  const p99 = (round: Latencies): number => round.p99
  const worst = (rounds: readonly Latencies[]): string =>
    `${milliseconds(Math.min(...rounds.map(p99)))}–${milliseconds(Math.max(...rounds.map(p99)))}`
  return {
    figures: [atMost(`p99 from commit to ${whole(sockets)} clients, to the bare way`, of(0, p99) / of(1, p99), 3)],
    lines: [
      ...table(
        [
          `${whole(sockets)} subscribers, one write each ${pace.everyMs} ms`,
          'ms p50',
          'ms p99',
          'least–most p99',
          'ms at most',
        ],
        sides.map(({ side, rounds }, n) => [
          side.name,
          milliseconds(of(n, (round) => round.p50)),
          milliseconds(of(n, p99)),
          worst(rounds),
          milliseconds(Math.max(...rounds.map((round) => round.most))),
        ]),
      ),
      '',
      `Medians of ${rounds} rounds of ${pace.events} writes, over every subscriber. The clock starts when the writer, a process ` +
        `of its own, sends its COMMIT. Both transactions write the same event, each to a database of its own.`,
    ],
  }
}

export const latency: Part = { title: 'From commit to client', run }
