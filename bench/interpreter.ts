// How many decisions one core makes: approvals through the demo world's workflow, in memory. Conditions are compiled, proposals
// edited, digested and submitted before the clock starts.
import { writeFile } from 'node:fs/promises'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { decide, type Command } from '../server/domain/decide.ts'
import type { Context, State } from '../server/domain/state.ts'
import { contextOf, customerOf, edits } from './company.ts'
import { machine, median, whole } from './report.ts'

/** The goal: decisions per second on one core. */
const goal = 50_000

/** `--quick`: few short rounds, nothing is written. */
export const benchInterpreter = async (options: ReadonlySet<string>): Promise<void> => {
  const quick = options.has('--quick')
  const [proposals, rounds, warmUp] = quick ? [1000, 5, 2] : [4000, 15, 3]
  const othersLoad = loadavg()[0] ?? 0
  const measured: Round[] = []
  for (let n = 0; n < warmUp + rounds; n++) {
    const round = decideAll(submitted(proposals))
    if (n >= warmUp) measured.push(round)
  }
  const { decisions, events } = measured[0] ?? { decisions: 0, events: 0 }
  const perSecond = measured.map((round) => (round.decisions * 1000) / round.ms)
  const least = whole(Math.min(...perSecond))
  const most = whole(Math.max(...perSecond))
  const cpu = median(measured.map((round) => (round.cpu * 1000) / round.decisions)).toFixed(1)
  const report = [
    `| one core, median of ${rounds} rounds | decisions/s | least–most | CPU µs per decision | goal |`,
    '|---|---|---|---|---|',
    `| approvals, the last of each proposal applies it | ${whole(median(perSecond))} | ${least}–${most} | ${cpu} | ${whole(goal)} |`,
    '',
    `A round takes ${whole(proposals)} submitted proposals to their end by ${whole(decisions)} decisions, which leave ${whole(events)} events.`,
    '',
    machine([`one process, no database; Node.js ${process.versions.node}`], othersLoad),
  ]
  console.log(report.join('\n'))
  if (quick) return
  const heading = '# Decisions on proposals in the workflow of the demo world'
  await writeFile(join(import.meta.dirname, 'results/interpreter.md'), `${heading}\n\n${report.join('\n')}\n`)
}

type Round = {
  readonly decisions: number
  readonly events: number
  readonly ms: number
  /** Milliseconds of processor time, the collector's threads included. */
  readonly cpu: number
}

/** What a command leaves; one that is refused would measure something else. */
const must = (state: State, command: Command, context: Context): { state: State; events: number } => {
  const result = decide(state, command, context)
  if (!result.ok) throw new Error(`${command.kind}: ${result.error.message}`)
  return { state: result.value.state, events: result.value.events.length }
}

/** Proposals that wait for their first decision, of each kind as many. */
const submitted = (count: number): State[] =>
  Array.from({ length: count }, (_, n) => {
    const clara = contextOf('clara')
    const { state } = must({ customer: customerOf(n), proposal: null }, edits(n), clara)
    return must(state, { kind: 'SUBMIT', expectedRevision: null, comment: null }, clara).state
  })

/** Answers one item of each proposal after the other until nothing is left to answer, and says how long that took. */
const decideAll = (states: State[]): Round => {
  let [decisions, events, open] = [0, 0, states.length]
  const before = process.cpuUsage()
  const started = performance.now()
  while (open > 0) {
    open = 0
    for (const [n, state] of states.entries()) {
      const { proposal } = state
      const item = proposal?.items.find(({ status }) => status === 'OPEN')
      if (proposal === null || item?.assigneeId === undefined || item.assigneeId === null) continue
      const command: Command = { kind: 'APPROVE', workItemId: item.id, revision: proposal.revision, comment: null }
      const next = must(state, command, contextOf(item.assigneeId))
      states[n] = next.state
      events += next.events
      decisions++
      open++
    }
  }
  const ms = performance.now() - started
  const { user, system } = process.cpuUsage(before)
  const stuck = states.find(({ proposal }) => proposal?.status !== 'APPLIED')
  if (stuck !== undefined) throw new Error(`a proposal is ${stuck.proposal?.status ?? 'gone'} and nobody is asked`)
  return { decisions, events, ms, cpu: (user + system) / 1000 }
}
