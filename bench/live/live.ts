// The live feed at work, part by part, beside what it could cost at least and what it costs elsewhere.
import { readFile, writeFile } from 'node:fs/promises'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { startPostgres } from '../kept.ts'
import { machine } from '../report.ts'
import { commits } from './commits.ts'
import { fanout } from './fanout.ts'
import { idle } from './idle.ts'
import { latency } from './latency.ts'
import { table, type Figure, type Outcome, type Part, type Setting } from './part.ts'
import { picture } from './picture.ts'
import { queue } from './queue.ts'
import type { Ends } from './sides.ts'
import { size } from './size.ts'

const parts: Readonly<Record<string, Part>> = { fanout, queue, idle, latency, commits, size }
const results = join(import.meta.dirname, '../results')
const root = join(import.meta.dirname, '../..')

type Measured = Outcome & { readonly machine: string }
type Results = Readonly<Record<string, Measured>>

/**
 * `--part=a,b`: these alone; what was measured of the others before stays in the report. `--quick`: small and short, nothing is
 * written. `--profile`: as --quick, with CPU profiles of Countersign below .cache/profiles. `--sockets=2000`: fanout with so many
 * alone, in full length also with --quick; nothing is written.
 */
export const benchLive = async (options: ReadonlySet<string>): Promise<void> => {
  const quick = options.has('--quick') || options.has('--profile')
  const execArgv = options.has('--profile') ? ['--cpu-prof', `--cpu-prof-dir=${join(root, '.cache/profiles')}`] : []
  const listed = (name: string): readonly string[] | undefined =>
    [...options]
      .find((option) => option.startsWith(`--${name}=`))
      ?.slice(name.length + 3)
      .split(',')
  const sockets = listed('sockets')?.map(Number) ?? []
  const names = listed('part') ?? (sockets.length > 0 ? ['fanout'] : Object.keys(parts))
  const unknown = names.find((name) => !Object.hasOwn(parts, name))
  if (unknown !== undefined) throw new Error(`there is no part ${unknown}: there are ${Object.keys(parts).join(', ')}`)

  const postgres = await startPostgres()
  let failed = 0
  try {
    for (const name of names) {
      const part = parts[name]
      if (part === undefined) continue
      // Of the last minute, before the part itself makes any.
      const othersLoad = loadavg()[0] ?? 0
      const started = performance.now()
      try {
        const outcome = await runPart(part, { cluster: postgres.databaseUrl, quick, sockets, execArgv })
        const measured = { ...outcome, machine: machineOf(othersLoad) }
        console.log(`\n${[`## ${part.title}`, '', ...measured.lines, '', ...figures(measured.figures)].join('\n')}`)
        console.log(`\n${name} took ${((performance.now() - started) / 1000).toFixed(0)} s.`)
        // After each part, so that what was measured is not lost when a later one fails.
        if (!quick && sockets.length === 0) await save({ ...(await saved()), [name]: measured })
      } catch (error) {
        failed += 1
        console.error(`\n${name} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
      }
    }
  } finally {
    await postgres.stop()
  }
  if (failed > 0) process.exitCode = 1
}

const runPart = async (part: Part, setting: Omit<Setting, 'ends'>): Promise<Outcome> => {
  const ends: Ends = []
  try {
    return await part.run({ ...setting, ends })
  } finally {
    for (let end = ends.pop(); end !== undefined; end = ends.pop()) await end()
  }
}

const machineOf = (othersLoad: number): string =>
  machine([`clients, writers and database on the same machine; Node.js ${process.versions.node}`], othersLoad)

const saved = async (): Promise<Results> => {
  const text = await readFile(join(results, 'live.json'), 'utf8').catch(() => '{}')
  return JSON.parse(text) as Results
}

const save = async (all: Results): Promise<void> => {
  const measured = Object.entries(parts).flatMap(([name, part]) => {
    const result = all[name]
    return result === undefined ? [] : [{ ...result, name, title: part.title }]
  })
  const report = [
    '# The live feed',
    '',
    ...figures(measured.flatMap((part) => part.figures)),
    ...measured.flatMap(({ title, lines, name, machine }) => [
      '',
      `## ${title}`,
      '',
      ...(name === 'fanout' ? ['![Deliveries per second by number of sockets](live.svg)', ''] : []),
      ...lines,
      '',
      machine,
    ]),
  ]
  await writeFile(join(results, 'live.json'), `${JSON.stringify(all, null, 2)}\n`)
  await writeFile(join(results, 'live.md'), `${report.join('\n')}\n`)
  const { points, machine: where } = all.fanout ?? {}
  if (points !== undefined)
    await writeFile(join(results, 'live.svg'), picture(points, where?.split(';')[1]?.trim() ?? ''))
}

const figures = (all: readonly Figure[]): string[] =>
  table(
    ['', 'measured', 'goal', ''],
    all.map(({ what, value, goal, atLeast }) => [
      what,
      value.toFixed(2),
      `${atLeast ? '≥' : '≤'} ${goal}`,
      (atLeast ? value >= goal : value <= goal) ? 'reached' : 'missed',
    ]),
  )
