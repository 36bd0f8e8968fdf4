// A resubmission is a replay (DOMAIN section 6): its route is that of a fresh submission of the same values, less what is kept.
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import type { ChangeRef, Proposal, StepFact, WorkItem } from '../../server/domain/proposal.ts'
import { foreseeStart, prepare } from '../../server/domain/start.ts'
import type { Walk } from '../../server/domain/workflow/interpreter.ts'
import { scenario, simulate } from './generated.ts'
import { livingApprovals, Parties } from './oracle.ts'
import type { World } from './world.ts'

// A second on a quiet machine.
vi.setConfig({ testTimeout: 60_000 })

const routeFrom = (world: World, who: string, proposal: Proposal): Walk | null => {
  const ctx = world.as(who)
  const prepared = prepare({ customer: world.customer, proposal }, null, ctx)
  if (!prepared.ok || 'alreadyApplied' in prepared.value) return null
  return foreseeStart(prepared.value, ctx)
}
const key = (changes: readonly ChangeRef[]): string => changes.map((c) => `${c.id}=${c.digest}`).join()

/** What a step asks, without ids: whom in which assignments, about what; the rest as it is. */
const asks = (walk: Walk, path: string): unknown => {
  const fact: StepFact | undefined = walk.run.steps[path]
  if (fact?.kind !== 'ASKED') return fact
  const items = new Map(walk.items.map((i): [string, WorkItem] => [i.id, i]))
  return {
    changes: fact.changes,
    assignments: fact.assignments.map((a) => ({
      ...a,
      items: a.items.map((id) => [items.get(id)?.assigneeId, items.get(id)?.assignments]),
    })),
  }
}

describe('a resubmission', () => {
  it('has the route of a fresh submission of the same values, less what is kept', () => {
    const seen = { kept: 0, votes: 0, asked: 0 }
    const compare = (world: World, parties: Parties): void => {
      const proposal = world.state.proposal
      const editable = ['DRAFT', 'REJECTED', 'CHANGES_REQUESTED', 'CONFLICTED'].includes(proposal?.status ?? '')
      if (proposal === null || !editable || proposal.runs.length === 0) return
      const again = routeFrom(world, 'clara', proposal)
      const fresh = routeFrom(world, 'clara', { ...proposal, runs: [], items: [], decisions: [] })
      if (again === null || fresh === null) return expect(again).toBe(fresh)
      const submitted = { ...proposal, runs: [...proposal.runs, again.run] }
      const excluded = new Set(parties.excluded(world, submitted))
      if (world.company.parameters.authorsMayNotApprove) excluded.add('clara')
      const alive = livingApprovals(world, submitted, excluded)
      // A vote against that was kept may end the walk early; as far as it goes it is the same.
      const paths = Object.keys(again.progress.kind === 'REJECTED' ? again.run.steps : fresh.run.steps)
      for (const path of paths) {
        const [now, then] = [again.run.steps[path], fresh.run.steps[path]]
        if (now?.kind !== 'KEPT') expect([path, asks(again, path)]).toEqual([path, asks(fresh, path)])
        if (now?.kind === 'KEPT') {
          seen.kept++
          expect(then?.kind === 'ASKED' && key(then.changes)).toBe(key(now.changes))
          const votes = alive.filter((d) => d.stepPath === path && key(d.changes) === key(now.changes)).map((d) => d.id)
          expect(now.decisionIds.length).toBeGreaterThan(0)
          for (const id of now.decisionIds) expect(votes).toContain(id)
        } else if (now?.kind === 'ASKED') {
          seen.asked++
          seen.votes += Object.keys(now.kept).length
          const open = again.items.filter((i) => i.runId === again.run.id && i.stepPath === path && i.status === 'OPEN')
          const asked = open.map((i) => i.assigneeId)
          // Nobody is asked again who has approved exactly this and whose approval lives.
          for (const d of alive) {
            if (d.stepPath === path && key(d.changes) === key(now.changes)) expect(asked).not.toContain(d.actorId)
          }
        }
      }
      if (again.progress.kind !== 'REJECTED') {
        expect(Object.keys(again.run.steps)).toEqual(Object.keys(fresh.run.steps))
        const automatic = (walk: Walk): unknown =>
          Object.entries(walk.run.elements).map(([path, e]) => [path, e.automatic.map(({ decisionId: _, ...a }) => a)])
        expect(automatic(again)).toEqual(automatic(fresh))
      }
      return undefined
    }
    fc.assert(
      fc.property(scenario(3), (life) => {
        const parties = new Parties()
        simulate(life, (world, { who, result }) => {
          if (!result.ok) return
          parties.follow(world, who, result.value.events)
          compare(world, parties)
        })
      }),
      { numRuns: 250 },
    )
    expect(Math.min(seen.kept, seen.votes, seen.asked)).toBeGreaterThan(10)
  })
})
