// Approvals belong to content; a resubmission is a replay (DOMAIN section 6): the cases that people ask about.
import { describe, expect, it } from 'vitest'
import { routeNow } from '../../server/domain/explain.ts'
import { demoPeople, World, type Setup } from './world.ts'
import { approval, assignment, step, workflow, type Json } from './workflow/definitions.ts'

const demo = (set: Json): World => {
  const world = new World()
  world.edit('clara', set)
  world.submit('clara')
  return world
}
const again = (world: World, who = 'clara'): void => {
  world.submit(who)
}
const all = (...users: string[]): Json => assignment({ users }, { policy: 'ALL' })
const element = (name: string, assign: Json, more: Json = {}): Json =>
  approval({ name, steps: [step({ name, assign: [assign], ...more })] })

/** cora, carl and tess are clerks here, so that approvers can become authors. */
const clerks = demoPeople.map((p) =>
  ['cora', 'carl', 'tess'].includes(p.id) ? { ...p, roles: ['CLERK' as const] } : p,
)
const submitted = (definition: Json, set: Json = { creditLimit: '60000' }, setup: Setup = {}): World => {
  const world = new World({ people: clerks, definition, ...setup })
  world.edit('clara', set)
  world.submit('clara')
  return world
}

describe('an approval is for exactly what was seen', () => {
  it('submit 100, get it back, make it 9,000,000: the director is asked', () => {
    const large = { when: 'changes.creditLimit.changed && proposed.creditLimit > 1000000' }
    const definition = workflow(
      element('Manager', assignment({ users: ['mia'] })),
      element('Director', assignment({ group: 'directors' }), large),
      element('Credit', all('cora')),
    )
    const world = submitted(definition, { creditLimit: '100' })
    world.approve('mia')
    expect(world.askedSteps).toEqual(['Credit'])
    world.requestChange('cora')
    world.edit('clara', { creditLimit: '9000000' })
    again(world)
    expect(world.askedSteps).toEqual(['Manager'])
    world.approve('mia')
    expect(world.asked).toEqual(['olga'])
    world.approve('olga', 'cora')
    expect(world.status).toBe('APPLIED')
  })

  it('in the demo workflow the same asks the manager, then everybody of the credit group', () => {
    const world = demo({ creditLimit: '100' })
    expect(world.askedSteps).toEqual(['Credit'])
    world.requestChange('cora')
    world.edit('clara', { creditLimit: '9000000' })
    again(world)
    expect(world.asked).toEqual(['mia'])
    world.approve('mia')
    expect(world.askedSteps).toEqual(['Credit, large'])
    world.approve('cora')
    expect(world.asked).toEqual(['carl'])
    expect(world.customer.values.creditLimit).toBe('50000.00')
    world.approve('carl')
    expect(world.customer.values.creditLimit).toBe('9000000.00')
  })

  it('name beside a lower credit limit: somebody looks at the name', () => {
    const world = demo({ creditLimit: '100', name: 'Contoso West' })
    expect(world.asked).toEqual(['mia'])
    expect(world.open()[0]?.changes.map((c) => c.id)).toEqual([world.change('name').id])
    const [automatic] = world.proposal.decisions
    expect(automatic?.changes.map((c) => c.id)).toEqual([world.change('creditLimit').id])
  })

  it('clear the effective time after approval: asked again; a later one is approved already', () => {
    const world = new World()
    world.edit('clara', { creditLimit: '60000' })
    world.schedule('2026-12-01T00:00:00Z')
    world.submit('clara')
    world.approve('mia')
    world.recall('clara')
    world.schedule('2027-01-01T00:00:00Z')
    again(world)
    expect(world.askedSteps).toEqual(['Credit'])
    world.recall('clara')
    world.schedule(null)
    again(world)
    expect(world.askedSteps).toEqual(['Manager'])
  })

  it('a change that is gone, like one that is new, has the step asked again, and only that step', () => {
    const definition = workflow(
      element('Limit', all('cora'), { guards: ['creditLimit', 'paymentTerms'] }),
      element('Name', all('carl'), { guards: ['name'] }),
    )
    const world = submitted(definition, { creditLimit: '60000', paymentTerms: 'N60', name: 'Contoso West' })
    world.approve('cora')
    world.recall('clara')
    world.edit('clara', { paymentTerms: 'N30' })
    again(world)
    expect(world.askedSteps).toEqual(['Limit'])
    world.approve('cora')
    world.requestChange('carl')
    world.edit('clara', { name: 'Contoso East' })
    again(world)
    expect(world.askedSteps).toEqual(['Name'])
  })
})

describe('a recall', () => {
  it('keeps the single votes of an element that was still running', () => {
    const world = submitted(workflow(element('Both', all('cora', 'carl'))))
    world.approve('cora')
    world.recall('clara')
    expect(world.status).toBe('DRAFT')
    again(world)
    expect(world.asked).toEqual(['carl'])
    expect(world.proposal.items.filter((i) => i.runId === world.proposal.runs[1]?.id)).toHaveLength(2)
    world.approve('carl')
    expect(world.status).toBe('APPLIED')
  })

  it('keeps decided elements, shown as kept in the route', () => {
    const world = demo({ creditLimit: '60000' })
    world.approve('mia')
    world.recall('adam')
    again(world)
    expect(world.askedSteps).toEqual(['Credit'])
    const route = routeNow({ customer: world.customer, proposal: world.proposal }, world.as('clara'))
    expect(route?.map((e) => [e.name, e.status])).toEqual([
      ['Manager', 'KEPT'],
      ['Specialists', 'RUNNING'],
    ])
  })

  it('is open to the submitter, the owner and administrators, and needs a comment', () => {
    const world = demo({ creditLimit: '60000' })
    for (const who of ['colin', 'mia', 'olga'])
      expect(world.refusal(who, { kind: 'RECALL', comment: 'x' })).toBe('NOT_PERMITTED')
    for (const who of ['clara', 'adam', 'wanda'])
      expect(world.refusal(who, { kind: 'RECALL', comment: 'x' })).toBeNull()
    expect(world.refusal('clara', { kind: 'RECALL', comment: '  ' })).toBe('REASON_REQUIRED')
  })

  it('between two approvals leaves nothing to approve: the item is withdrawn', () => {
    const world = demo({ creditLimit: '60000' })
    const approve = world.answerOf('mia', 'APPROVE')
    world.recall('clara')
    expect(world.refusal('mia', approve)).toBe('WRONG_STATE')
    world.edit('clara', { creditLimit: '70000' })
    expect(world.refusal('mia', approve)).toBe('STALE_REVISION')
  })
})

describe('a reject', () => {
  const definition = workflow(element('First', all('mia')), element('Second', all('cora', 'carl')))
  it('starts its element afresh and keeps the earlier one', () => {
    const world = submitted(definition)
    world.approve('mia', 'cora')
    world.reject('carl')
    expect(world.status).toBe('REJECTED')
    expect(world.proposal.items.at(-1)).toMatchObject({ kind: 'RETURN', assigneeId: 'clara', status: 'OPEN' })
    again(world)
    expect(world.asked).toEqual(['cora', 'carl'])
    expect(world.proposal.items.filter((i) => i.kind === 'RETURN').map((i) => i.status)).toEqual(['WITHDRAWN'])
  })
  it('of an element that was kept before starts that afresh too', () => {
    const world = submitted(
      workflow(
        approval({ steps: [step({ assign: [all('mia')] }), step({ assign: [all('cora')] })] }),
        element('Last', all('carl')),
      ),
    )
    world.approve('mia', 'cora')
    world.recall('clara')
    again(world)
    expect(world.asked).toEqual(['carl'])
    world.requestChange('carl')
    again(world)
    expect(world.asked).toEqual(['carl'])
  })
  it('that does not decide is kept by a recall as well', () => {
    const world = submitted(
      workflow(element('Majority', assignment({ users: ['cora', 'carl', 'tess'] }, { policy: 'MAJORITY' }))),
    )
    world.reject('cora')
    expect(world.status).toBe('PENDING')
    world.recall('clara')
    again(world)
    expect(world.asked).toEqual(['carl', 'tess'])
    world.approve('carl')
    expect(world.status).toBe('REJECTED')
  })
  it('needs a reason, and so does a request for change', () => {
    const world = submitted(definition)
    const blank = { ...world.answerOf('mia', 'REJECT'), comment: ' ' } as const
    expect(world.refusal('mia', blank)).toBe('REASON_REQUIRED')
    expect(world.refusal('mia', { ...world.requestOf('mia'), comment: null })).toBe('REASON_REQUIRED')
  })
})

describe('a request for change', () => {
  it('sends back at once, whatever the policy', () => {
    const world = submitted(
      workflow(
        element(
          'Majority',
          assignment({ users: ['cora', 'carl', 'tess'] }, { policy: 'MAJORITY', quorum: 'APPROVALS' }),
        ),
      ),
    )
    world.approve('cora')
    world.requestChange('carl')
    expect(world.status).toBe('CHANGES_REQUESTED')
    expect(world.open()).toEqual([])
    again(world)
    expect(world.asked).toEqual(['cora', 'carl', 'tess'])
  })
  it('goes to the submitter, or to another author by choice, and to nobody else', () => {
    const world = new World()
    world.edit('colin', { name: 'Contoso West' })
    world.submit('clara')
    expect(world.refusal('mia', world.requestOf('mia', 'tess'))).toBe('INVALID_VALUE')
    world.requestChange('mia', 'colin')
    expect(world.proposal.items.at(-1)).toMatchObject({ kind: 'RETURN', assigneeId: 'colin' })
  })
  it('is refused where the element does not offer it', () => {
    const world = submitted(
      workflow(approval({ steps: [step({ assign: [all('mia')] })], allow: ['APPROVE', 'REJECT'] })),
    )
    expect(world.refusal('mia', world.requestOf('mia'))).toBe('NOT_OFFERED')
  })
})

describe('a voter who becomes an author', () => {
  it('loses the vote; where the others are not enough they are asked', () => {
    const world = submitted(
      workflow(
        element('Majority', assignment({ users: ['cora', 'carl', 'tess'] }, { policy: 'MAJORITY' }), {
          guards: ['creditLimit'],
        }),
        element('Rest', all('olga')),
      ),
    )
    world.approve('cora', 'carl')
    world.requestChange('olga')
    world.edit('cora', { name: 'Contoso West' })
    again(world)
    expect(world.asked).toEqual(['tess'])
    world.approve('tess', 'olga')
    expect(world.status).toBe('APPLIED')
  })
  it('leaves the votes of the others, which may be enough', () => {
    const world = submitted(
      workflow(element('Both', all('cora', 'carl'), { guards: ['creditLimit'] }), element('Rest', all('olga'))),
    )
    world.approve('cora', 'carl')
    world.requestChange('olga')
    world.edit('cora', { name: 'Contoso West' })
    again(world)
    expect(world.asked).toEqual(['olga'])
  })
  it('who was the only one has the step asked of others', () => {
    const world = submitted(
      workflow(
        element('One', assignment({ users: ['cora', 'carl'] }), { guards: ['creditLimit'] }),
        element('Rest', all('olga')),
      ),
    )
    world.approve('cora')
    world.requestChange('olga')
    world.edit('cora', { name: 'Contoso West' })
    again(world)
    expect(world.asked).toEqual(['carl'])
  })
})

describe('what is never kept', () => {
  it('another workflow keeps nothing, not even when the first is picked again', () => {
    const one = workflow(element('First', all('mia')), element('Second', all('cora')))
    const world = submitted(one)
    world.approve('mia')
    const [first] = world.company.workflows
    const other = new World({ definition: one }).company.workflows.map((w) => ({
      ...w,
      id: 'w2',
      activeVersion: w.activeVersion && { ...w.activeVersion, workflowId: 'w2' },
    }))
    const pick = (workflows: typeof other): void => {
      world.recall('clara')
      world.company = { ...world.company, workflows }
      again(world)
    }
    pick([...other, ...(first ? [{ ...first, activeVersion: null }] : [])])
    expect(world.proposal.runs.at(-1)?.workflowId).toBe('w2')
    expect(world.asked).toEqual(['mia'])
    pick([...(first ? [first] : []), ...other.map((w) => ({ ...w, activeVersion: null }))])
    expect(world.proposal.runs.at(-1)?.workflowId).toBe('w1')
    expect(world.asked).toEqual(['mia'])
    world.recall('clara')
    again(world)
    expect(world.asked).toEqual(['mia'])
  })

  it('an element that is defined otherwise in a new version is asked again; one that is the same is not', () => {
    const second = element('Second', all('cora'))
    const world = submitted(workflow(element('First', all('mia')), second, element('Third', all('carl'))))
    world.approve('mia', 'cora')
    world.recall('clara')
    world.activate(
      workflow(
        approval({
          name: 'First',
          steps: [step({ name: 'First', assign: [all('mia')], instructions: 'Look closely' })],
        }),
        second,
        element('Third', all('carl')),
      ),
    )
    again(world)
    expect(world.asked).toEqual(['mia'])
    world.approve('mia')
    expect(world.asked).toEqual(['carl'])
  })

  it('an automatic approval: its condition is looked at anew', () => {
    const world = demo({ creditLimit: '100' })
    expect(world.askedSteps).toEqual(['Credit'])
    world.recall('clara')
    const manager = element('Manager', all('mia'))
    world.activate(workflow(manager, element('Credit', all('cora'))))
    again(world)
    expect(world.asked).toEqual(['mia'])
  })

  it('a run keeps the version that it was submitted on', () => {
    const world = submitted(workflow(element('First', all('mia')), element('Second', all('cora'))))
    world.activate(workflow(element('First', all('mia')), element('Second', all('carl'))))
    world.approve('mia')
    expect(world.asked).toEqual(['cora'])
    world.approve('cora')
    expect(world.status).toBe('APPLIED')
  })
})

describe('an answer', () => {
  it('given twice is refused the second time', () => {
    const world = demo({ creditLimit: '60000' })
    const approve = world.answerOf('mia', 'APPROVE')
    world.do('mia', approve)
    expect(world.refusal('mia', approve)).toBe('WRONG_STATE')
    expect(world.proposal.decisions).toHaveLength(1)
  })
  it('at the same instant as another’s that decided the step is told so', () => {
    const world = demo({ creditLimit: '60000' })
    world.approve('mia')
    const approve = world.answerOf('carl', 'APPROVE')
    world.approve('cora')
    expect(world.status).toBe('APPLIED')
    expect(world.refusal('carl', approve)).toBe('WRONG_STATE')
  })
  it('for another revision is refused', () => {
    const world = demo({ creditLimit: '60000' })
    for (const off of [-1, 1]) {
      const approve = world.answerOf('mia', 'APPROVE')
      const revision = world.proposal.revision + off
      expect(world.refusal('mia', { ...approve, revision })).toBe('STALE_REVISION')
    }
  })
  it('to an item that is another’s, or none, is refused', () => {
    const world = demo({ creditLimit: '60000' })
    const approve = world.answerOf('mia', 'APPROVE')
    expect(world.refusal('cora', approve)).toBe('NOT_ASSIGNED')
    expect(world.refusal('mia', { ...approve, workItemId: 'none' })).toBe('NOT_FOUND')
  })
})
