// Branches of a parallel run beside each other: in whatever order they are answered, the run comes to the same.
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import type { Proposal, StepFact, WorkItem } from '../../server/domain/proposal.ts'
import { everything, type Taste } from './generated-definitions.ts'
import { lifeOf, scenario } from './generated.ts'
import type { Life } from './life.ts'
import { answerCommand, taker } from './moves.ts'
import { editOf } from './world.ts'

vi.setConfig({ testTimeout: 90_000 })
const times = Number(process.env.RUNS ?? 1)

/** A number that stays the same for the same text. */
const hash = (text: string): number => [...text].reduce((sum, c) => (sum * 31 + c.charCodeAt(0)) % 9973, 7)

/** Everybody answers as they always would; `order` says which step goes next. Within a step the seats answer one after another. */
const answerAll = (life: Life, order: (count: number) => number, against: number): Proposal => {
  for (let turn = 0; turn < 300; turn++) {
    const proposal = life.current
    if (proposal === null) throw new Error('There is no proposal')
    if (proposal.status !== 'PENDING') return proposal
    const first = new Map<string, { readonly item: WorkItem; readonly who: string }>()
    for (const item of proposal.items) {
      if (item.status !== 'OPEN' || item.kind === 'RETURN' || first.has(item.stepPath)) continue
      const unclaimed = item.queueId !== null && item.assigneeId === null
      const who = unclaimed ? taker(life, proposal, item) : life.sitterAt(proposal, item)
      if (who !== null) first.set(item.stepPath, { item, who })
    }
    const waiting = [...first.values()]
    const next = waiting[order(waiting.length)]
    if (next === undefined) return proposal
    const { item, who } = next
    if (item.queueId !== null && item.assigneeId === null) {
      life.do(who, { kind: 'CLAIM', workItemId: item.id })
      continue
    }
    const mind = hash(`${item.stepPath} ${who}`)
    life.do(who, answerCommand(proposal, item, mind % 10 < against ? 'AGAINST' : 'FOR', mind))
  }
  throw new Error('It never ends')
}

/** How it went, without ids and times. */
const resultOf = (life: Life, proposal: Proposal): unknown => {
  const run = proposal.runs.at(-1)
  const items = new Map(proposal.items.map((i) => [i.id, i]))
  const step = (fact: StepFact): unknown =>
    fact.kind === 'ASKED'
      ? [
          fact.outcome,
          fact.assignments.map((a) => a.items.map((id) => [items.get(id)?.assigneeId, items.get(id)?.status])),
        ]
      : fact.kind
  const sorted = <T>(facts: Readonly<Record<string, T>>, see: (fact: T) => unknown): unknown =>
    Object.entries(facts)
      .map(([path, fact]) => [path, see(fact)])
      .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))
  return {
    status: proposal.status,
    customer: life.customer.values,
    elements: sorted(run?.elements ?? {}, ({ outcome, taken }) => [outcome, taken]),
    steps: sorted(run?.steps ?? {}, step),
    answers: proposal.decisions.map((d) => `${d.stepPath} ${d.actorId} ${d.outcome} ${d.choice}`).sort(),
  }
}

describe('the branches of a parallel', () => {
  it('give the same result in any order of answers', () => {
    const taste: Taste = { ...everything, limits: false, partial: false }
    const seen = { different: 0, statuses: new Set<string>() }
    const orders = fc.array(fc.nat({ max: 7 }), { minLength: 12, maxLength: 12 })
    fc.assert(
      fc.property(scenario(1, taste), orders, fc.constantFrom(0, 0, 1, 3), (each, picks, against) => {
        const parallel = {
          parallel: { name: 'P', branches: each.elements.map((e, i) => ({ name: `${i}`, elements: [e, each.other] })) },
        }
        const life = lifeOf({ ...each, elements: [parallel] })
        life.do('clara', editOf({ set: { creditLimit: '9000000', paymentTerms: 'N60' } }))
        if (!life.try('clara', { kind: 'SUBMIT', expectedRevision: null, comment: null }).ok) return
        const other = life.fork()
        let turn = 0
        const inOrder = answerAll(life, () => 0, against)
        const mixed = answerAll(other, (count) => (picks[turn++ % picks.length] ?? 0) % Math.max(1, count), against)
        seen.statuses.add(inOrder.status)
        if (
          JSON.stringify(inOrder.decisions.map((d) => d.stepPath)) !==
          JSON.stringify(mixed.decisions.map((d) => d.stepPath))
        )
          seen.different++
        expect(mixed.status).toBe(inOrder.status)
        // A rejection ends the run wherever the others are by then.
        if (inOrder.status !== 'REJECTED' && inOrder.status !== 'FAULTED')
          expect(resultOf(other, mixed)).toEqual(resultOf(life, inOrder))
      }),
      { numRuns: 150 * times },
    )
    expect(seen.different).toBeGreaterThan(10)
    for (const status of ['APPLIED', 'REJECTED']) expect([...seen.statuses]).toContain(status)
  })
})
