// What a preview shows is what happens: the same definition, foreseen by one walk and then really asked and answered step by step.
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { previewSubmit } from '../../server/domain/explain.ts'
import { isEditable, type Proposal, type WorkItem } from '../../server/domain/proposal.ts'
import { openCalls } from '../../server/domain/workflow/calls.ts'
import type { RouteElement, RouteStep } from '../../server/domain/workflow/route.ts'
import { everything, type Taste } from './generated-definitions.ts'
import { scenario, simulate } from './generated.ts'
import type { Life } from './life.ts'
import { answerCommand, callAnswer, taker } from './moves.ts'

vi.setConfig({ testTimeout: 90_000 })
const times = Number(process.env.RUNS ?? 1)

const stepsOf = (route: readonly RouteElement[]): RouteStep[] =>
  route.flatMap((e) => [...e.steps, ...e.branches.flatMap((b) => (b.taken === false ? [] : stepsOf(b.elements)))])

/** Whom a step asks: in each assignment its people, or its queue. */
const asks = (assignments: readonly (readonly (string | null)[])[]): string =>
  JSON.stringify(assignments.map((seats) => seats.filter((seat) => seat !== null).sort()))

/** Everybody answers for; what is asked is noted as it is asked. Null: it did not come to its end by that. */
const approveAll = (life: Life, id: string, asked: Map<string, string>): Proposal => {
  for (let turn = 0; turn < 200; turn++) {
    const proposal = life.proposals.find((p) => p.id === id)
    const run = proposal?.runs.at(-1)
    if (proposal === undefined || run === undefined) throw new Error('There is no run')
    const items = new Map(proposal.items.map((i) => [i.id, i]))
    for (const [path, fact] of Object.entries(run.steps))
      if (fact.kind === 'ASKED' && !asked.has(path)) {
        const seatOf = (item: WorkItem | undefined): string | null => item?.queueId ?? item?.assigneeId ?? null
        asked.set(path, asks(fact.assignments.map((a) => a.items.map((i) => seatOf(items.get(i))))))
      }
    const open = proposal.items.filter((i) => i.status === 'OPEN' && i.kind !== 'RETURN')
    if (proposal.status !== 'PENDING') return proposal
    const moved = open.some((item) => {
      if (item.queueId !== null && item.assigneeId === null) {
        const who = taker(life, proposal, item)
        return who !== null && life.try(who, { kind: 'CLAIM', workItemId: item.id }, proposal).ok
      }
      const who = life.sitterAt(proposal, item)
      return who !== null && life.try(who, answerCommand(proposal, item, 'FOR', turn), proposal).ok
    })
    const [call] = openCalls(proposal)
    if (!moved && call !== undefined) life.do(null, callAnswer(life, proposal, call, turn), proposal)
    else if (!moved) return proposal
  }
  throw new Error('It never ends')
}

const compare = (life: Life, taste: Taste, seen: Set<string>): void => {
  const proposal = life.open
  if (proposal === null || !isEditable(proposal)) return
  // Limits that have run out while it was back act at once; nobody foresees the clock.
  if (proposal.runs.some((r) => Object.values(r.elements).some((e) => e.dueAt))) return
  const preview = previewSubmit({ customer: life.customer, proposal }, life.context('clara', proposal))
  const real = life.fork()
  const result = real.try('clara', { kind: 'SUBMIT', expectedRevision: null, comment: null }, proposal)
  expect([result.ok, result.ok ? [] : [result.error.code]]).toEqual([
    preview.errors.length === 0,
    result.ok ? [] : preview.errors.slice(0, 1).map((e) => e.code),
  ])
  if (!result.ok) return void seen.add(result.error.code)
  if (preview.workflow === null) return
  const asked = new Map<string, string>()
  const after = approveAll(real, proposal.id, asked)
  seen.add(after.status)
  const faults = preview.blockers.some((b) => b.code === 'FAULT')
  if (!taste.decisions) expect(after.status === 'FAULTED').toBe(faults)
  const foreseen = new Map(
    stepsOf(preview.route).map((s) => [
      s.path,
      s.status === 'SKIPPED' || s.status === 'KEPT'
        ? s.status
        : asks(s.assignments.map((a) => (a.queueId === null ? a.peopleIds : [a.queueId]))),
    ]),
  )
  for (const [path, whom] of asked) {
    // What an outcome that is chosen leaves uncovered, and whose final approver comes last, nobody can tell before the choice.
    if (path.startsWith('uncovered') && taste.decisions) continue
    expect([path, foreseen.get(path)]).toEqual([path, whom])
    seen.add('asked')
  }
  if (taste.decisions || (after.status !== 'APPLIED' && after.status !== 'SCHEDULED')) return
  const toCome = [...foreseen].filter(([, whom]) => whom !== 'SKIPPED' && whom !== 'KEPT' && whom !== '[]')
  expect(toCome.map(([path]) => path).sort()).toEqual([...asked.keys()].sort())
}

const agrees = (taste: Taste, numRuns: number): ReadonlySet<string> => {
  const seen = new Set<string>()
  fc.assert(
    fc.property(scenario(6, taste), (each) => {
      let turn = 0
      simulate(each, (life) => void (turn++ % 3 === 0 && compare(life, taste, seen)))
    }),
    { numRuns: numRuns * times },
  )
  return seen
}

describe('the preview and the real run', () => {
  // Parts that are refused, limits, and whoever approved before make of one route another while it is gone.
  const plain: Taste = { ...everything, partial: false, limits: true, previous: false }

  it('agree in every step and everybody asked, where nobody has to choose', () => {
    const seen = agrees({ ...plain, decisions: false }, 100)
    for (const what of ['asked', 'APPLIED', 'REJECTED', 'NO_ELIGIBLE_APPROVER']) expect([...seen]).toContain(what)
  })

  it('agree in what is asked, whatever is chosen', () => {
    expect([...agrees(plain, 100)]).toContain('asked')
  })
})
