// The route as it is shown: what still comes is told apart from what never will, also behind a fault (DOMAIN sections 4 and 5).
import { describe, expect, it } from 'vitest'
import type { RouteElement } from '../../server/domain/workflow/route.ts'
import { previewSubmit } from '../../server/domain/explain.ts'
import { World } from './world.ts'
import { approval, assignment, step, workflow, type Json } from './workflow/definitions.ts'

const ask = (name: string, who: string, more: Json = {}): Json =>
  approval({ name, steps: [step({ name, assign: [assignment({ users: [who] })], ...more })] })
/** Fails while the customer has no rating. */
const rated = "customer.creditRating.startsWith('A')"
const drafted = (definition: Json): World => {
  const world = new World({ definition })
  world.edit('clara', { creditLimit: '60000' })
  return world
}
const submitted = (definition: Json): World => {
  const world = drafted(definition)
  world.submit('clara')
  return world
}
/** Each element and step with its status, what lies in branches indented. */
const shown = (elements: readonly RouteElement[], depth = ''): string[] =>
  elements.flatMap((e) => [
    `${depth}${e.name} ${e.status}${e.steps.map((s) => ` ${s.status}`).join('')}`,
    ...e.branches.flatMap((b) => shown(b.elements, `${depth}  `)),
  ])

describe('the route behind a fault', () => {
  const over = (amount: number, ...elements: Json[]): Json => ({ when: `proposed.creditLimit > ${amount}`, elements })
  const size: Json = {
    condition: { name: 'Size', cases: [over(99000, ask('Large', 'cora')), over(1, ask('Small', 'carl'))], else: [] },
  }
  const definition = workflow(ask('First', 'mia'), ask('Rated', 'cora', { when: rated }), size, ask('Last', 'olga'))

  it('still comes: what was answered stays, and the rest is shown as it waits', () => {
    const world = submitted(definition)
    world.approve('mia')
    expect(world.status).toBe('FAULTED')
    expect(shown(world.route)).toEqual([
      'First APPROVED APPROVED',
      'Rated TO_COME TO_COME',
      'Size TO_COME',
      '  Large TO_COME TO_COME',
      '  Small TO_COME TO_COME',
      'Last TO_COME TO_COME',
    ])
  })
  it('is what comes once the fault is mended', () => {
    const world = submitted(definition)
    world.approve('mia')
    world.writeDirectly({ creditRating: 'A1' })
    world.do('adam', { kind: 'RESUME', comment: 'Mended' })
    expect(shown(world.route)).toEqual([
      'First APPROVED APPROVED',
      'Rated RUNNING RUNNING',
      'Size TO_COME',
      '  Large SKIPPED SKIPPED',
      '  Small TO_COME TO_COME',
      'Last TO_COME TO_COME',
    ])
  })
  it('leaves out the branch that has not been taken, whose elements never come', () => {
    const world = submitted(workflow(size, ask('Rated', 'cora', { when: rated })))
    world.approve('carl')
    expect(world.status).toBe('FAULTED')
    expect(shown(world.route)).toEqual([
      'Size DONE',
      '  Large SKIPPED SKIPPED',
      '  Small APPROVED APPROVED',
      'Rated TO_COME TO_COME',
    ])
  })
  it('is foreseen to come, before a submit and while what precedes it is asked', () => {
    const world = drafted(definition)
    const expected = ['Rated TO_COME TO_COME', 'Size TO_COME', 'Last TO_COME TO_COME']
    const outer = (route: readonly RouteElement[]): string[] => shown(route).filter((line) => !line.startsWith(' '))
    const preview = previewSubmit({ customer: world.customer, proposal: world.proposal }, world.as('clara'))
    expect(outer(preview.route)).toEqual(['First TO_COME TO_COME', ...expected])
    world.submit('clara')
    expect(outer(world.route)).toEqual(['First RUNNING RUNNING', ...expected])
  })
})

describe('the route of a run that has ended', () => {
  it('shows nothing behind its end as still to come, neither elements nor their steps', () => {
    const first = approval({
      name: 'First',
      steps: ['mia', 'tess'].map((who) => step({ name: who, assign: [assignment({ users: [who] })] })),
    })
    const world = submitted(workflow(first, ask('Last', 'olga')))
    world.reject('mia')
    expect(shown(world.route)).toEqual(['First REJECTED REJECTED SKIPPED', 'Last SKIPPED SKIPPED'])
  })
})
