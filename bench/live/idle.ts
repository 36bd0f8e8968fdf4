// 10,000 subscribers to whom nothing happens: the memory of the whole process, beside a bare `ws` server with as many.
import type { Memory } from '../memory.ts'
import { median, whole } from '../report.ts'
import { atMost, kilobytes, megabytes, table, type Outcome, type Part, type Setting } from './part.ts'
import { countersignSide, memorySide, sleep, startWriter, type Ends, type Side } from './sides.ts'
import { openLiveWorld } from './world.ts'

/** No further round begins later than this. */
const patienceMs = 100_000
/** Idle means that nothing has come for a while: time enough for a server to tidy up, if it does. */
const settlingMs = 25_000

type Round = { readonly empty: number; readonly rss: number; readonly collected: number }

const run = async ({ cluster, quick, execArgv, ends }: Setting): Promise<Outcome> => {
  const sockets = quick ? 500 : 10_000
  const most = quick ? 1 : 3
  const url = await openLiveWorld(cluster, quick ? 1_000 : 10_000)
  const writer = await startWriter(ends, url)

  // A process of its own for each round: what one has once held it does not give back.
  const measure = async (start: (own: Ends) => Promise<Side>): Promise<Round> => {
    const own: Ends = []
    try {
      const { server, connect } = await start(own)
      const { rss: empty } = await server.ask<Memory>('memory')
      await connect(sockets)
      await sleep(quick ? 500 : settlingMs)
      const { rss, collected } = await server.ask<Memory>('memory', true)
      return { empty, rss, collected: collected ?? rss }
    } finally {
      for (let end = own.pop(); end !== undefined; end = own.pop()) await end()
    }
  }
  const sides = [
    { name: 'Countersign', start: (own: Ends) => countersignSide(own, url, writer, execArgv) },
    { name: 'bare `ws`', start: (own: Ends) => memorySide(own, 'bare `ws`', 'live/bare.ts') },
    { name: 'Yoga with graphql-ws', start: (own: Ends) => memorySide(own, 'Yoga', 'live/stock.ts') },
  ].map((side) => ({ ...side, rounds: [] as Round[] }))
  const started = performance.now()
  let rounds = 0
  // Memory hardly differs from one round to the next: where signing in takes long, fewer do.
  while (rounds < most && performance.now() - started < patienceMs) {
    for (const side of sides) side.rounds.push(await measure(side.start))
    rounds += 1
  }

  const of = (side: (typeof sides)[number] | undefined, pick: (round: Round) => number): number =>
    median(side?.rounds.map(pick) ?? [])
  const [own, bare] = sides
  const ratio = of(own, (round) => round.rss) / of(bare, (round) => round.rss)
  return {
    figures: [atMost(`memory of the process, ${whole(sockets)} idle subscribers, to bare \`ws\``, ratio, 2)],
    lines: [
      ...table(
        [
          `${whole(sockets)} idle sockets`,
          'MB',
          'to bare `ws`',
          'MB without any',
          'kB per socket',
          'MB after a collection',
        ],
        sides.map((side) => {
          const [empty, rss] = [of(side, (round) => round.empty), of(side, (round) => round.rss)]
          return [
            side.name,
            megabytes(rss),
            (rss / of(bare, (round) => round.rss)).toFixed(2),
            megabytes(empty),
            kilobytes((rss - empty) / sockets),
            megabytes(of(side, (round) => round.collected)),
          ]
        }),
      ),
      '',
      `Resident memory of the server's process, median of ${rounds} processes of each side, ${settlingMs / 1000} seconds after the last socket had its ` +
        `first message. Garbage is in it, as in production; the last column is after everything that can be collected has been.`,
    ],
  }
}

export const idle: Part = { title: 'Idle subscribers', run }
