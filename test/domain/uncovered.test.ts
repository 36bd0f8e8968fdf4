// Whom the last step asks: the final approver of the last approval element that the run has come by (DOMAIN section 6, coverage).
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { previewSubmit } from '../../server/domain/explain.ts'
import type { RouteElement } from '../../server/domain/workflow/route.ts'
import { runnable, workflowOf, World } from './world.ts'
import { approval, assignment, step, workflow, type Json } from './workflow/definitions.ts'

const limit = (name: string, finalApproverId: string | null = null, who = 'mia'): Json =>
  approval({
    name,
    steps: [step({ name, guards: ['creditLimit'], assign: [assignment({ users: [who] })] })],
    finalApproverId,
  })
const when = (condition: string, elements: Json[], otherwise: Json[] | null = null): Json => ({
  condition: { name: 'If', cases: [{ name: null, when: condition, elements }], else: otherwise },
})
const branch = (name: string, ...elements: Json[]): Json => ({ name, elements })
const parallel = (...branches: Json[]): Json => ({ parallel: { name: 'Both', branches } })
const sub: Json = { subworkflow: { name: 'Other', workflowId: 'w2' } }
const choice = (...outcomes: Json[]): Json => ({
  decision: { name: 'Way', step: step({ name: 'Way', assign: [assignment({ users: ['olga'] })] }), outcomes },
})

const worldOf = (elements: readonly Json[], inside: readonly Json[] = [limit('Inside')]): World => {
  const other = workflowOf(runnable('w2', 1, workflow(...inside)), { isDefault: false, ownerId: 'olga' })
  const world = new World({ workflows: [workflowOf(runnable('w1', 1, workflow(...elements))), other] })
  world.edit('clara', { creditLimit: '60000', name: 'Contoso West' })
  return world
}
/** Whom the preview's last step asks. */
const foreseenBy = (route: readonly RouteElement[]): readonly string[] =>
  route.find(({ kind }) => kind === 'UNCOVERED')?.steps[0]?.assignments[0]?.peopleIds ?? []
/** Whom it asks once everybody else has approved. */
const askedAfterAll = (world: World): (string | null)[] => {
  for (let turn = 0; turn < 100 && world.open()[0]?.elementPath !== 'uncovered'; turn++) {
    const [item] = world.open()
    if (item === undefined) break
    if (item.kind === 'DECISION') world.choose('olga', 'yes')
    else world.do(item.assigneeId ?? 'nobody', world.answer('', 'APPROVE', item))
  }
  return world.asked
}
const asks = (elements: readonly Json[], inside?: readonly Json[]): readonly (string | null)[] => {
  const world = worldOf(elements, inside)
  const preview = foreseenBy(previewSubmit(world.found, world.as('clara')).route)
  world.submit('clara')
  expect(foreseenBy(world.route)).toEqual(preview)
  expect(askedAfterAll(world)).toEqual(preview)
  return preview
}

const base = limit('Base', 'tess')
describe('what no step covers is asked of the final approver', () => {
  it.each<[string, Json[], Json[], string]>([
    [
      'of the last on the way, not of a case that does not hold',
      [base, when('false', [limit('B', 'cora')])],
      [],
      'tess',
    ],
    ['of the case that holds', [base, when('true', [limit('B', 'cora')])], [], 'cora'],
    ['of the else', [base, when('false', [limit('B', 'carl')], [limit('C', 'cora')])], [], 'cora'],
    ['of a subworkflow', [base, sub], [limit('B', 'cora')], 'cora'],
    ['before a subworkflow whose way has none', [base, sub], [when('false', [limit('B', 'cora')])], 'tess'],
    [
      'of the last of the branches that run at once',
      [parallel(branch('a', base), branch('b', limit('B', 'cora')))],
      [],
      'cora',
    ],
    ['of none: then it is the owner', [base, when('true', [limit('B')])], [], 'adam'],
    ['of none on the way: then it is the owner', [when('false', [base])], [], 'adam'],
  ])('%s', (_what, elements, inside, expected) => {
    expect(asks(elements, inside)).toEqual([expected])
  })
  it('of the outcome that is chosen', () => {
    const elements = [base, choice(branch('yes', limit('B', 'cora')), branch('no', limit('C', 'carl')))]
    const world = worldOf(elements)
    world.submit('clara')
    expect(foreseenBy(world.route)).toEqual(['tess'])
    expect(askedAfterAll(world)).toEqual(['cora'])
  })
  it('of an outcome, foreseen where each of them has the same', () => {
    expect(asks([base, choice(branch('yes', limit('B', 'cora')), branch('no', limit('C', 'cora')))])).toEqual(['cora'])
  })

  type Tree =
    | { readonly final: string | null }
    | { readonly holds: boolean; readonly then: readonly Tree[]; readonly otherwise: readonly Tree[] }
    | { readonly branches: readonly [readonly Tree[], readonly Tree[]] }
  const final = fc.record({ final: fc.constantFrom('tess', 'cora', 'carl', null) })
  const trees = (depth: number): fc.Arbitrary<readonly Tree[]> => fc.array(tree(depth), { maxLength: 3 })
  const tree = (depth: number): fc.Arbitrary<Tree> =>
    depth === 0
      ? final
      : fc.oneof(
          final,
          fc.record({ holds: fc.boolean(), then: trees(depth - 1), otherwise: trees(depth - 1) }),
          fc.record({ branches: fc.tuple(trees(depth - 1), trees(depth - 1)) }),
        )
  let names = 0
  const elementsOf = (all: readonly Tree[]): Json[] =>
    all.map((each) => {
      names += 1
      if ('final' in each) return limit(`Limit ${names}`, each.final)
      if ('branches' in each)
        return parallel(...each.branches.map((some, i) => branch(`Branch ${i}`, ...elementsOf(some))))
      return when(String(each.holds), elementsOf(each.then), elementsOf(each.otherwise))
    })
  /** The approvals on the way, in the order of the definition. */
  const onTheWay = (all: readonly Tree[]): (string | null)[] =>
    all.flatMap((each) => {
      if ('final' in each) return [each.final]
      if ('branches' in each) return each.branches.flatMap(onTheWay)
      return onTheWay(each.holds ? each.then : each.otherwise)
    })
  it('of the last on the way, whatever the definition, as the preview says', () => {
    fc.assert(
      fc.property(trees(2), trees(2), (elements, inside) => {
        const [first, second] = [elementsOf(elements), elementsOf(inside)]
        const all = [...onTheWay(elements), ...onTheWay(inside)]
        expect(asks([...first, sub], second)).toEqual([all.at(-1) ?? 'adam'])
      }),
      { numRuns: 60 },
    )
  })
})
