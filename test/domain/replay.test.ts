// A resubmission is a replay (DOMAIN section 6): its route is that of a fresh submission of the same values, less what is kept, and what
// is kept is just what still holds.
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { isEditable, type Proposal, type StepFact, type WorkItem } from '../../server/domain/proposal.ts'
import { foreseeStart, prepare } from '../../server/domain/start.ts'
import type { Walk } from '../../server/domain/workflow/interpreter.ts'
import { everything, type Taste } from './generated-definitions.ts'
import { scenario, simulate } from './generated.ts'
import type { Life } from './life.ts'
import { Parties } from './oracle.ts'
import { Progress, stillHolds } from './oracle-replay.ts'

// Seconds on a quiet machine.
vi.setConfig({ testTimeout: 90_000 })
const times = Number(process.env.RUNS ?? 1)

const routeFrom = (life: Life, proposal: Proposal): Walk | null => {
  const ctx = life.context('clara', proposal)
  const prepared = prepare({ customer: life.customer, proposal }, null, ctx)
  if (!prepared.ok || 'alreadyApplied' in prepared.value) return null
  return foreseeStart(prepared.value, ctx)
}

/** What a step asks, without ids: whom in which assignments, about what; the rest as it is. */
const asks = (walk: Walk, path: string): unknown => {
  const fact: StepFact | undefined = walk.run.steps[path]
  if (fact?.kind !== 'ASKED') return fact
  const items = new Map(walk.items.map((i): [string, WorkItem] => [i.id, i]))
  return {
    changes: fact.changes,
    assignments: fact.assignments.map((a) => ({
      ...a,
      items: a.items.map((id) => [items.get(id)?.assigneeId, items.get(id)?.queueId, items.get(id)?.assignments]),
    })),
  }
}
const automatic = (walk: Walk, path: string): unknown =>
  walk.run.elements[path]?.automatic.map(({ decisionId: _, ...a }) => a)

const seen = { kept: 0, votes: 0, asked: 0, choices: 0, lapsed: 0 }

/** The route again against the route of the same values that nobody has seen before. */
const compareRoutes = (again: Walk, fresh: Walk, decides: boolean): void => {
  // What was kept against a step may end the walk early; as far as it goes it is the same.
  for (const path of Object.keys(again.run.steps)) {
    // What no outcome covers is known once one of them has been chosen.
    if (decides && path.startsWith('uncovered')) continue
    // Nor is the owner asked where a choice that is kept makes it sure that there is nobody: that refuses the submit.
    if (decides && again.fellBack.some((f) => f.stepPath === path && f.to === 'OWNER')) continue
    const [now, then] = [again.run.steps[path], fresh.run.steps[path]]
    if (now?.kind === 'KEPT') {
      expect([path, then?.kind === 'ASKED' && then.changes]).toEqual([path, now.changes])
    } else expect([path, asks(again, path)]).toEqual([path, asks(fresh, path)])
  }
  for (const path of Object.keys(again.run.elements))
    if (fresh.run.elements[path] !== undefined) expect(automatic(again, path)).toEqual(automatic(fresh, path))
  if (!decides && again.progress.kind !== 'REJECTED' && again.progress.kind !== 'FAULTED')
    expect(Object.keys(again.run.steps)).toEqual(Object.keys(fresh.run.steps))
}

/** What the route keeps against what still holds. */
const compareKept = (life: Life, again: Walk, proposal: Proposal, parties: Parties, progress: Progress): void => {
  const submitted = { ...proposal, runs: [...proposal.runs, again.run] }
  const excluded = new Set(parties.excluded(life, submitted))
  if (again.run.parameters.authorsMayNotApprove) excluded.add('clara')
  for (const [path, now] of Object.entries(again.run.steps)) {
    if (now.kind === 'SKIPPED') continue
    const holding = stillHolds(life, progress, submitted, path, now.changes, excluded)
    const ids = holding.map((h) => h.decision.id)
    if (now.kind === 'KEPT') {
      seen.kept++
      if (holding.some((h) => h.decision.outcome === 'CHOSEN')) seen.choices++
      expect(now.decisionIds).not.toEqual([])
      for (const id of now.decisionIds) expect([path, ids]).toEqual([path, expect.arrayContaining([id])])
      continue
    }
    seen.asked++
    if (holding.length === 0 && proposal.decisions.some((d) => d.stepPath === path)) seen.lapsed++
    const items = again.items.filter((i) => i.runId === again.run.id && i.stepPath === path)
    for (const item of items) {
      const keptId = now.kept[item.id]
      if (keptId !== undefined) {
        seen.votes++
        expect([path, ids]).toEqual([path, expect.arrayContaining([keptId])])
        continue
      }
      // Whoever is asked has given no answer that still holds, unless whoever gave it has come to a seat of their own.
      const own = holding.find((h) => h.seat !== null && h.seat === (item.queueId ?? item.assigneeId))
      const actor = own?.decision.actorId
      const twice = actor !== item.assigneeId && items.some((i) => i.assigneeId === actor || i.decidedById === actor)
      if (own !== undefined && !twice)
        expect([path, item.assigneeId, 'asked again']).toEqual([path, null, own.decision.id])
    }
    // A step that its answers decided in a run that nobody turned against is not asked again.
    const last = proposal.runs.findLast((r) => r.steps[path] !== undefined)
    const fact = last?.steps[path]
    const element = items[0]?.elementPath ?? ''
    const decided = fact?.kind === 'ASKED' && fact.outcome === 'APPROVED' && fact.timedById === undefined
    // Nor is one that whoever it was escalated to has decided, wherever in its element the run ended.
    const done = decided && ((fact.level ?? 0) > 0 || progress.isDone(last?.id ?? '', element))
    if (last === undefined || !done) continue
    const by = proposal.decisions.filter(
      (d) => d.runId === last.id && d.stepPath === path && !['REJECTED', 'RETURNED'].includes(d.outcome),
    )
    if (by.length > 0 && Object.keys(fact.kept).length === 0) expect(by.every((d) => ids.includes(d.id))).toBe(false)
  }
}

describe('a resubmission', () => {
  const replays = (taste: Taste, numRuns: number): void =>
    fc.assert(
      fc.property(scenario(7, taste), (each) => {
        const parties = new Parties()
        const progress = new Progress()
        simulate(each, (life, { who, result }) => {
          if (!result.ok) return
          parties.follow(life, who, result.value.events)
          progress.follow(result.value.events)
          const proposal = life.open
          if (
            proposal === null ||
            !(isEditable(proposal) || proposal.status === 'CONFLICTED') ||
            proposal.runs.length === 0
          )
            return
          const again = routeFrom(life, proposal)
          const fresh = routeFrom(life, { ...proposal, runs: [], items: [], decisions: [] })
          if (again === null || fresh === null) return expect(again).toBe(fresh)
          if (!taste.previous) compareRoutes(again, fresh, taste.decisions)
          compareKept(life, again, proposal, parties, progress)
        })
      }),
      { numRuns: numRuns * times },
    )

  it('has the route of a fresh submission of the same values, less what is kept', () => {
    replays({ ...everything, decisions: false, previous: false }, 120)
  })

  it('keeps just the answers that still hold, those of choices and tasks too', () => {
    replays({ ...everything, previous: false }, 120)
    replays(everything, 60)
    expect(Math.min(seen.kept, seen.votes, seen.asked, seen.lapsed)).toBeGreaterThan(3)
    if (times > 4) expect(seen.choices).toBeGreaterThan(3)
  })
})
