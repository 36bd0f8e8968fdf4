// How many decisions one core makes: approvals through the demo world's workflow, in memory. Conditions are compiled, proposals
// edited, digested and submitted before the clock starts.
import { writeFile } from 'node:fs/promises'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { decide, type Command } from '../server/domain/decide.ts'
import type { Decision } from '../server/domain/proposal.ts'
import { sceneOf } from '../server/domain/run.ts'
import type { Context, State, WithProposal } from '../server/domain/state.ts'
import { advance } from '../server/domain/workflow/interpreter.ts'
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
  const alone: Round[] = []
  for (let n = 0; n < warmUp + rounds; n++) {
    const round = decideAll(submitted(proposals))
    const walked = walkAll(submitted(proposals))
    if (n < warmUp) continue
    measured.push(round)
    alone.push(walked)
  }
  const { decisions, events } = measured[0] ?? { decisions: 0, events: 0 }
  const report = [
    `| one core, median of ${rounds} rounds | decisions/s | least–most | CPU µs per decision | goal |`,
    '|---|---|---|---|---|',
    row('the interpreter alone: from an answer to whom it asks next', alone, whole(goal)),
    row('`decide` whole: permission, answer, interpreter; the last one validates and applies', measured, ''),
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

const row = (name: string, rounds: readonly Round[], aim: string): string => {
  const perSecond = rounds.map((round) => (round.decisions * 1000) / round.ms)
  const spread = `${whole(Math.min(...perSecond))}–${whole(Math.max(...perSecond))}`
  const cpu = median(rounds.map((round) => (round.cpu * 1000) / round.decisions)).toFixed(1)
  return `| ${name} | ${whole(median(perSecond))} | ${spread} | ${cpu} | ${aim} |`
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

/** A proposal with one more of its items approved: what an answer leaves before the interpreter takes the run on. */
const answered = (state: State): WithProposal | null => {
  const { customer, proposal } = state
  const item = proposal?.items.find(({ status }) => status === 'OPEN')
  const actorId = item?.assigneeId ?? null
  if (proposal === null || item === undefined || actorId === null) return null
  const { now, newId } = contextOf(actorId)
  const decision: Decision = {
    id: newId(),
    runId: item.runId,
    workItemId: item.id,
    elementPath: item.elementPath,
    stepPath: item.stepPath,
    step: item.step,
    actorId,
    onBehalfOfId: null,
    automatic: false,
    outcome: 'APPROVED',
    choice: null,
    comment: null,
    revision: proposal.revision,
    effectiveAt: null,
    at: now,
    changes: item.changes,
  }
  const decided = { ...item, status: 'DECIDED' as const, decidedById: actorId, closedAt: now }
  const items = proposal.items.map((each) => (each === item ? decided : each))
  return { customer, proposal: { ...proposal, items, decisions: [...proposal.decisions, decision] } }
}

/** The same answers, with the clock running only while the interpreter walks. */
const walkAll = (states: State[]): Round => {
  let [decisions, events, ms, cpu] = [0, 0, 0, 0]
  const context = contextOf('clara')
  let open = states
  while (open.length > 0) {
    const scenes = open.flatMap((state) => {
      const next = answered(state)
      const run = next?.proposal.runs.at(-1)
      const version = run === undefined ? undefined : context.runnable(run.workflowId, run.version)
      if (next === null || run === undefined || version === undefined) throw new Error('nobody is asked')
      return [sceneOf(next, run, version, context)]
    })
    const before = process.cpuUsage()
    const started = performance.now()
    const walks = scenes.map(advance)
    ms += performance.now() - started
    const { user, system } = process.cpuUsage(before)
    cpu += (user + system) / 1000
    decisions += walks.length
    open = walks.flatMap((walk, n): State[] => {
      events += walk.events.length
      const scene = scenes[n]
      if (scene === undefined || walk.progress.kind === 'APPROVED') return []
      if (walk.progress.kind !== 'WAITING') throw new Error(`a run has come to ${walk.progress.kind}`)
      const { items, decisions, run } = walk
      return [{ customer: scene.customer, proposal: { ...scene.proposal, items, decisions, runs: [run] } }]
    })
  }
  return { decisions, events, ms, cpu }
}
