// approvalQueue of many different approvers, ten of whom are touched by each event: what an event costs the server with 200
// and with 2,000 of them connected.
import { median } from '../report.ts'
import type { Connect, Received } from './generator.ts'
import { atMost, table, type Outcome, type Part, type Setting } from './part.ts'
import { sleep, startCountersign, startGenerator, startWriter } from './sides.ts'
import { approvalQueue } from './subscription.ts'
import { groupSize, openLiveWorld } from './world.ts'

type Round = {
  /** Milliseconds of the server's processor time for a command. */
  readonly perEvent: number
  /** Milliseconds of it in a second in which nothing happens. */
  readonly idle: number
}

const run = async ({ cluster, quick, execArgv, ends }: Setting): Promise<Outcome> => {
  const sizes = quick ? [20, 200] : [200, 2_000]
  const rounds = quick ? 2 : 5
  // Both halves of a pair in each round: half of the events submit, half recall.
  const pace = { events: quick ? 10 : 24, everyMs: 150 }
  const idleMs = quick ? 500 : 2_000
  const url = await openLiveWorld(cluster, quick ? 1_000 : 10_000)
  const writer = await startWriter(ends, url)
  const { server, tokens } = await startCountersign(ends, url, execArgv)
  const subscribers = await startGenerator(ends)
  const connect = async (count: number): Promise<void> => {
    await subscribers.ask('disconnect', { count })
    const first = '"complete":true'
    await subscribers.ask('connect', { ...approvalQueue, url: server.url, tokens, count, first } satisfies Connect)
    await sleep(quick ? 200 : 2_000)
  }
  const measure = async (): Promise<Round> => {
    const atFirst = await server.cpu()
    await sleep(idleMs)
    await subscribers.ask('arm', { timed: 0 })
    const before = await server.cpu()
    const commands = await writer.ask<number>('toggle', pace)
    // What comes to one queue at a time is one message: a few less than all is as it should be.
    const { count, faultCount, faults } = await subscribers.ask<Received>('receive', {
      total: commands * groupSize,
      waitMs: 2_000,
    })
    const after = await server.cpu()
    if (faultCount > 0 || count < (commands * groupSize) / 2)
      throw new Error(`${count} of ${commands * groupSize} messages came; ${faults.join(' | ')}`)
    return { perEvent: (after - before) / commands, idle: ((before - atFirst) * 1000) / idleMs }
  }

  const measured = new Map<number, Round[]>(sizes.map((size) => [size, []]))
  for (let n = 0; n <= rounds; n++) {
    for (const size of sizes) {
      await connect(size)
      const round = await measure()
      // The first of each warms up.
      if (n > 0) measured.get(size)?.push(round)
    }
  }

  const perEvent = (size: number | undefined): number =>
    median(measured.get(size ?? 0)?.map((round) => round.perEvent) ?? [])
  const ratio = perEvent(sizes[1]) / perEvent(sizes[0])
  return {
    figures: [atMost(`server CPU per event, ten touched: ${sizes[1]} approvers connected to ${sizes[0]}`, ratio, 1.3)],
    lines: [
      ...table(
        ['approvers connected', 'server CPU ms per event', 'least–most', 'CPU ms per idle second'],
        sizes.map((size) => {
          const all = measured.get(size) ?? []
          const costs = all.map((round) => round.perEvent)
          return [
            size.toLocaleString('en'),
            median(costs).toFixed(2),
            `${Math.min(...costs).toFixed(2)}–${Math.max(...costs).toFixed(2)}`,
            median(all.map((round) => round.idle)).toFixed(1),
          ]
        }),
      ),
      '',
      `Every event here is a command that asks ten people or no longer asks them: a proposal is submitted or recalled, one ` +
        `each ${pace.everyMs} ms, ${pace.events} in a round, medians of ${rounds} rounds. What an idle second costs is in it.`,
    ],
  }
}

export const queue: Part = { title: 'Queues of many approvers', run }
