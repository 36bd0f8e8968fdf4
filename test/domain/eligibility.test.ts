// DOMAIN section 8: who may not decide, and who is asked when nobody of a step may. Section 5: whom hierarchies find.
import { describe, expect, it } from 'vitest'
import { blockersOf, previewSubmit, routeNow } from '../../server/domain/explain.ts'
import { demoPeople, editOf, World, type Setup } from './world.ts'
import { approval, assignedTo, assignment, step, workflow, type Json } from './workflow/definitions.ts'

const clerks = demoPeople.map((p) => (['cora', 'carl'].includes(p.id) ? { ...p, roles: ['CLERK' as const] } : p))
/** A step that asks all of these, joined so that each has a seat; carl decides when nobody else may. */
const asking = (...users: string[]): Json =>
  workflow(approval({ steps: [step({ assign: [assignment({ users }, { policy: 'ALL' })] })], finalApproverId: 'tess' }))
const submitted = (setup: Setup, prepare: (world: World) => void = () => undefined): World => {
  const world = new World({ people: clerks, ...setup })
  world.edit('clara', { creditLimit: '60000' })
  prepare(world)
  world.submit('clara')
  return world
}
const everybody = asking('clara', 'colin', 'cora', 'carl', 'adam', 'wanda', 'olga')

describe('excluded from deciding', () => {
  it('is whoever added a change', () => {
    const world = submitted({ definition: everybody }, (w) => w.edit('cora', { name: 'Contoso West' }))
    expect(world.asked).not.toContain('cora')
    expect(world.asked).not.toContain('clara')
  })
  it('is whoever replaced one, even when their value is replaced again', () => {
    const world = submitted({ definition: everybody }, (w) => {
      w.edit('cora', { creditLimit: '70000' })
      w.edit('clara', { creditLimit: '80000' })
    })
    expect(world.asked).not.toContain('cora')
  })
  it('is whoever submitted or resubmitted it', () => {
    const world = new World({ people: clerks, definition: everybody })
    world.edit('clara', { creditLimit: '60000' })
    world.submit('cora')
    world.recall('cora')
    world.submit('carl')
    expect(world.asked).toEqual(['colin', 'adam', 'olga'])
  })
  it('is whoever rebased it', () => {
    const world = submitted({ definition: everybody }, (w) => {
      w.writeDirectly({ creditLimit: '55000' })
      w.do('cora', w.rebase(['creditLimit']))
    })
    expect(world.asked).not.toContain('cora')
  })
  it('is the responsible person of a service account that did', () => {
    const world = submitted({ definition: everybody }, (w) => {
      w.do('partner', editOf({ set: { name: 'Contoso West' } }, { source: 'INTEGRATION' }))
    })
    expect(world.asked).not.toContain('adam')
  })
  it('is whoever saved or activated the version that runs', () => {
    const version = { createdById: 'carl', activatedByIds: ['olga'] }
    const world = submitted({ definition: everybody, version })
    expect(world.asked).toEqual(['colin', 'cora', 'adam', 'wanda'])
    expect(submitted({ definition: everybody }).asked).not.toContain('wanda')
  })
  it('is nobody who only discarded, commented, recalled or decided', () => {
    const world = new World({ people: clerks, definition: everybody })
    world.edit('clara', { creditLimit: '60000', name: 'Contoso West' })
    world.do('cora', { kind: 'COMMENT', text: 'Why?' })
    world.do('cora', { kind: 'DISCARD_CHANGES', changeIds: [world.change('name').id], expectedRevision: null })
    world.submit('clara')
    world.requestChange('carl')
    world.submit('clara')
    world.recall('adam')
    world.submit('clara')
    expect(world.asked).toEqual(['colin', 'cora', 'carl', 'adam', 'olga'])
  })
  it('is nobody when the company lets authors approve, as it was at the submit', () => {
    const world = submitted({ definition: asking('clara', 'cora'), parameters: { authorsMayNotApprove: false } })
    expect(world.asked).toEqual(['clara', 'cora'])
    world.company = { ...world.company, parameters: { ...world.company.parameters, authorsMayNotApprove: true } }
    world.approve('clara', 'cora')
    expect(world.status).toBe('APPLIED')
  })
  it('is who is inactive, unknown, or holds no role that decides', () => {
    const world = submitted({ definition: asking('gone', 'nobody', 'audrey', 'cora') })
    expect(world.asked).toEqual(['cora'])
    const [assigned] =
      routeNow({ customer: world.customer, proposal: world.proposal }, world.as('clara'))?.[0]?.steps[0]?.assignments ??
      []
    expect(assigned?.excluded).toEqual([
      { userId: 'gone', reason: 'INACTIVE' },
      { userId: 'nobody', reason: 'NOT_MEMBER' },
      { userId: 'audrey', reason: 'NOT_PERMITTED' },
    ])
  })
  it('is refused as an author or as inactive, even in a seat from before', () => {
    const world = submitted({ definition: asking('cora', 'carl') })
    const cora = world.answerOf('cora', 'APPROVE')
    world.changePerson('cora', { active: false })
    expect(world.refusal('cora', cora)).toBe('INACTIVE')
    world.changePerson('cora', { active: true, roles: ['AUDITOR'] })
    expect(world.refusal('cora', cora)).toBe('NOT_PERMITTED')
    expect(world.refusal('carl', cora)).toBe('NOT_ASSIGNED')
  })
})

describe('when a step has nobody', () => {
  const nobody = (finalApproverId: string | null): Json =>
    workflow(
      approval({ name: 'First', steps: [step({ assign: [assignment({ users: ['olga'] })] })] }),
      approval({ steps: [step({ name: 'Second', assign: [assignment({ users: ['clara'] })] })], finalApproverId }),
    )

  it('the final approver of its element is asked', () => {
    const world = submitted({ definition: nobody('tess') })
    world.approve('olga')
    expect(world.asked).toEqual(['tess'])
  })
  it.each([null, 'clara', 'gone'])(
    'and no final approver who may decide (%s), the submit is refused, naming the step',
    (id) => {
      const world = new World({ definition: nobody(id) })
      world.edit('clara', { creditLimit: '60000' })
      const before = world.state
      const result = world.try('clara', { kind: 'SUBMIT', expectedRevision: null, comment: null })
      expect(result).toMatchObject({ ok: false, error: { code: 'NO_ELIGIBLE_APPROVER', detail: { step: 'Second' } } })
      expect(world.state).toBe(before)
      const preview = previewSubmit({ customer: world.customer, proposal: world.proposal }, world.as('clara'))
      expect(preview.errors).toMatchObject([{ code: 'NO_ELIGIBLE_APPROVER' }])
      expect(preview.blockers).toMatchObject([{ code: 'NO_ELIGIBLE_APPROVER' }])
    },
  )
  it('shows nobody at that step of a draft’s route, not the owner, who is not asked by a submit', () => {
    const people = (world: World) => world.route.map((e) => e.steps.map((s) => s.assignments.map((a) => a.peopleIds)))
    const definition = workflow(
      approval({
        steps: [
          step({ name: 'Both', assign: [assignment({ users: ['clara'] }), assignment({ users: ['cora', 'adam'] })] }),
        ],
      }),
      approval({ steps: [step({ name: 'Second', assign: [assignment({ users: ['gone'] })] })] }),
    )
    const world = new World({ definition, ownerId: 'adam' })
    world.edit('clara', { creditLimit: '60000' })
    expect(routeNow(world.found, world.as('clara'))).toEqual(previewSubmit(world.found, world.as('clara')).route)
    expect(people(world)).toEqual([[[[], ['cora', 'adam']]], [[[]]]])
    expect(world.route[1]?.steps[0]?.assignments[0]).toMatchObject({
      excluded: [{ userId: 'gone', reason: 'INACTIVE' }],
    })
  })
  it('shows the owner where a run is under way, or may come to the step or not', () => {
    const nobody = approval({
      name: 'Nobody',
      steps: [step({ name: 'Nobody', assign: [assignment({ users: ['gone'] })] })],
    })
    const outcomes = ['one', 'two'].map((name) => ({ name, elements: [nobody] }))
    const decision = { name: 'Way', step: step({ name: 'Way', assign: [assignment({ users: ['mia'] })] }), outcomes }
    const world = new World({ definition: workflow(approval(), { decision }), ownerId: 'adam' })
    world.edit('clara', { creditLimit: '60000' })
    const shown = () => world.route[1]?.branches.map((b) => b.elements[0]?.steps[0]?.assignments[0]?.peopleIds)
    expect(shown()).toEqual([['adam'], ['adam']])
    world.submit('clara')
    world.approve('cora')
    expect(shown()).toEqual([['adam'], ['adam']])
    world.choose('mia', 'one')
    expect(world.asked).toEqual(['adam'])
  })
  const lost = (ownerId: string): World => {
    const definition = workflow(
      approval({ name: 'First', steps: [step({ assign: [assignment({ users: ['olga'] })] })] }),
      approval({ steps: [step({ name: 'Second', assign: [assignment({ users: ['tess'] })] })] }),
    )
    const world = submitted({ definition, ownerId })
    world.changePerson('tess', { active: false })
    world.approve('olga')
    return world
  }
  it('later, the workflow’s owner is asked', () => {
    expect(lost('adam').asked).toEqual(['adam'])
  })
  it('later, and the owner may not either, the item stays unassigned, with a blocker', () => {
    const world = lost('wanda')
    expect(world.asked).toEqual([null])
    expect(world.status).toBe('PENDING')
    const blockers = blockersOf({ customer: world.customer, proposal: world.proposal }, world.as('adam'))
    expect(blockers).toMatchObject([{ code: 'NO_ELIGIBLE_APPROVER', waitingForIds: [] }])
    expect(blockers[0]?.message).toContain('"Second"')
    expect(world.recall('clara').state.proposal?.status).toBe('DRAFT')
  })
  it('joined by ANY, an assignment without people is no hindrance beside one with some', () => {
    const assign = [assignment({ users: ['clara'] }), assignment({ users: ['cora'] })]
    const world = submitted({ definition: workflow(approval({ steps: [step({ join: 'ANY', assign })] })) })
    expect(world.asked).toEqual(['cora'])
    world.approve('cora')
    expect(world.status).toBe('APPLIED')
  })
  it('and no assignment at all, the run stops with a fault and is never approved', () => {
    const world = submitted({ definition: workflow(approval({ steps: [step({ assign: [] })] })) })
    expect(world.proposal).toMatchObject({ status: 'FAULTED', fault: { code: 'INVALID_WORKFLOW' } })
  })
})

describe('what no step covers', () => {
  const guarded = (finalApproverId: string | null): Json =>
    workflow(approval({ steps: [step({ guards: ['creditLimit'] })], finalApproverId }))
  const withName = (world: World): void => {
    world.edit('clara', { name: 'Contoso West' })
  }

  it('is asked of the last final approver, after everything else, about just that', () => {
    const world = submitted({ definition: guarded('tess') }, withName)
    world.approve('cora')
    expect(world.asked).toEqual(['tess'])
    expect(world.open()[0]?.changes.map((c) => c.id)).toEqual([world.change('name').id])
    world.approve('tess')
    expect(world.status).toBe('APPLIED')
  })
  it('is else asked of the owner', () => {
    const world = submitted({ definition: guarded(null) }, withName)
    world.approve('cora')
    expect(world.asked).toEqual(['adam'])
  })
  it.each<[string, readonly (string | null)[], string]>([
    ['the last of two approval elements has one', ['tess', 'olga'], 'olga'],
    ['only the first of them has one: then it is the owner', ['tess', null], 'adam'],
    ['only the last of them has one', [null, 'olga'], 'olga'],
    ['that of the last may not decide: then it is the owner', ['tess', 'clara'], 'adam'],
  ])('is asked of the final approver of the last approval element: %s', (_, approvers, expected) => {
    const elements = approvers.map((finalApproverId, n) =>
      approval({
        name: `Part ${n}`,
        steps: [step({ name: `Part ${n}`, guards: ['creditLimit'], assign: [assignment({ users: ['cora'] })] })],
        finalApproverId,
      }),
    )
    const file = { task: { name: 'File', step: step({ name: 'File', assign: [assignment({ users: ['mia'] })] }) } }
    const world = submitted({ definition: workflow(...elements, file) }, withName)
    world.approve('cora', 'cora')
    world.complete('mia')
    expect(world.asked).toEqual([expected])
    expect(world.open()[0]).toMatchObject({ elementPath: 'uncovered', changes: [{ id: world.change('name').id }] })
    world.approve(expected)
    expect(world.status).toBe('APPLIED')
  })
  it('is foreseen in the route', () => {
    const world = submitted({ definition: guarded(null) }, withName)
    const route = routeNow({ customer: world.customer, proposal: world.proposal }, world.as('clara'))
    expect(route?.map((e) => [e.kind, e.status])).toEqual([
      ['APPROVAL', 'RUNNING'],
      ['UNCOVERED', 'TO_COME'],
    ])
  })
  it('is refused at the submit when neither may decide', () => {
    const world = new World({ people: clerks, definition: guarded('clara'), ownerId: 'wanda' })
    world.edit('clara', { name: 'Contoso West' })
    expect(world.refusal('clara', { kind: 'SUBMIT', expectedRevision: null, comment: null })).toBe(
      'NO_ELIGIBLE_APPROVER',
    )
  })
})

describe('a hierarchy', () => {
  const climb = (hierarchy: Json, people = clerks): (string | null)[] =>
    submitted({ people, definition: assignedTo({ hierarchy }, { policy: 'ALL' }) }).asked

  it('climbs as many levels as it says, from the submitter or from a named person', () => {
    expect(climb({ levels: 1 })).toEqual(['mia'])
    expect(climb({ levels: 2 })).toEqual(['mia', 'olga'])
    expect(climb({ startUserId: 'cora', levels: 1 })).toEqual(['olga'])
  })
  it('ends where its condition holds', () => {
    expect(climb({ until: "manager.name == 'mia'" })).toEqual(['mia'])
    expect(climb({ until: "manager.groups.exists(g, g == 'directors')" })).toEqual(['mia', 'olga'])
  })
  it('takes all, or only the last', () => {
    expect(climb({ levels: 2, take: 'LAST' })).toEqual(['olga'])
  })
  it('climbs past who may not decide, without counting them', () => {
    expect(
      climb(
        { levels: 1 },
        clerks.map((p) => (p.id === 'mia' ? { ...p, active: false } : p)),
      ),
    ).toEqual(['olga'])
  })
  it('ends in a circle', () => {
    expect(
      climb(
        { levels: 5 },
        clerks.map((p) => (p.id === 'olga' ? { ...p, managerId: 'mia' } : p)),
      ),
    ).toEqual(['mia', 'olga'])
  })
  it('whose condition fails stops the run', () => {
    const failing = { hierarchy: { until: "manager.email.startsWith('a')" } }
    const world = submitted({ definition: assignedTo(failing) })
    expect(world.proposal).toMatchObject({ status: 'FAULTED', fault: { code: 'CONDITION_FAILED' } })
  })
})

describe('the seat of somebody who is deactivated', () => {
  const all = (more: Record<string, unknown> = {}) =>
    workflow(
      approval({ steps: [step({ assign: [assignment({ users: ['cora', 'carl'] }, { policy: 'ALL' })] })], ...more }),
    )

  it('closes, and those who are left decide', () => {
    const world = new World({ definition: all() })
    world.edit('clara', { creditLimit: '100' })
    world.submit('clara')
    world.approve('carl')
    world.changePerson('cora', { active: false })
    world.do('adam', { kind: 'PROCEED' })
    expect(world.status).toBe('APPLIED')
  })

  it('asks the final approver when nobody is left', () => {
    const world = new World({ definition: all({ finalApproverId: 'olga' }) })
    world.edit('clara', { creditLimit: '100' })
    world.submit('clara')
    for (const who of ['cora', 'carl']) world.changePerson(who, { active: false })
    world.do('adam', { kind: 'PROCEED' })
    const open = world.proposal.items.filter((i) => i.status === 'OPEN')
    expect(open.map((i) => i.assigneeId)).toEqual(['olga'])
    expect(world.status).toBe('PENDING')
  })
})
