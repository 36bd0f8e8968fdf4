// What the feed costs those who write: commits per second of 16 writers, with a Countersign process that numbers and reads
// their events and without any.
import { median, whole } from '../report.ts'
import type { Commits } from './writer.ts'
import { atLeast, milliseconds, table, type Outcome, type Part, type Setting } from './part.ts'
import { startCountersign, startWriter, until, type Ends } from './sides.ts'
import { openLiveWorld } from './world.ts'

const writers = 16

const run = async ({ cluster, quick, execArgv, ends }: Setting): Promise<Outcome> => {
  const ms = quick ? 1_000 : 4_000
  const rounds = quick ? 2 : 7
  const url = await openLiveWorld(cluster, quick ? 1_000 : 10_000)
  const writer = await startWriter(ends, url)
  const write = (tell: boolean): Promise<number> => writer.ask('commits', { writers, ms, tell } satisfies Commits)
  const sealed = (): Promise<boolean> => writer.ask<number>('unsealed').then((count) => count === 0)

  const off: number[] = []
  const on: number[] = []
  const behind: number[] = []
  const writeWithout = async (): Promise<number> => {
    const rate = await write(false)
    await writer.ask('discardUnsealed')
    return rate
  }
  const writeWith = async (): Promise<number> => {
    const own: Ends = []
    try {
      await startCountersign(own, url, execArgv)
      await writer.ask('burst', { events: 1 })
      await until(sealed)
      // A process that has just started compiles what it runs; one that numbers events all day has done so long ago.
      await write(true)
      await until(sealed)
      const rate = await write(true)
      const ended = performance.now()
      await until(sealed)
      behind.push(performance.now() - ended)
      return rate
    } finally {
      for (let end = own.pop(); end !== undefined; end = own.pop()) await end()
    }
  }
  await writer.ask('discardUnsealed')
  await writeWithout()
  for (let n = 0; n < rounds; n++) {
    // The one first, then the other: what grows while it is measured is no advantage of either.
    if (n % 2 === 0) off.push(await writeWithout())
    on.push(await writeWith())
    if (n % 2 === 1) off.push(await writeWithout())
  }

  const line = (name: string, rates: readonly number[]): string[] => [
    name,
    whole(median(rates)),
    `${whole(Math.min(...rates))}–${whole(Math.max(...rates))}`,
    (median(rates) / median(off)).toFixed(2),
  ]
  return {
    figures: [atLeast('commits per second with the feed on, of those with it off', median(on) / median(off), 0.85)],
    lines: [
      ...table(
        [`${writers} writers`, 'commits/s', 'least–most', 'ratio'],
        [line('feed off', off), line('feed on', on)],
      ),
      '',
      `Medians of ${rounds} rounds of ${ms / 1000} s in turn. A transaction touches a proposal and writes one event. Off: no ` +
        `Countersign process is there. On: one numbers the events and reads them, without subscribers, on the same cores; the ` +
        `last event was numbered ${milliseconds(median(behind))} ms (median) after the writers had stopped, looked at each 50 ms.`,
    ],
  }
}

export const commits: Part = { title: 'What writers pay', run }
