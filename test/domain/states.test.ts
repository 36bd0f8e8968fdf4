// The table of DOMAIN section 4: what each command does in each state, a row each; and how each state is reached.
import { describe, expect, it } from 'vitest'
import type { Command } from '../../server/domain/decide.ts'
import type { ErrorCode } from '../../server/domain/errors.ts'
import type { ProposalStatus } from '../../server/domain/proposal.ts'
import { editOf, runnable, workflowOf, World, type Setup } from './world.ts'
import { approval, step, withStep, workflow } from './workflow/definitions.ts'

const draft = (setup: Setup = {}): World => {
  const world = new World(setup)
  world.edit('clara', { creditLimit: '60000', paymentTerms: 'N60' })
  return world
}
const pending = (): World => {
  const world = draft()
  world.submit('clara')
  return world
}
/** N60 is retired, so that a record with it would not be valid any more. */
const retire = (world: World): void => {
  const terms = new Map(world.company.references.get('PAYMENT_TERMS'))
  terms.set('N60', { code: 'N60', name: 'N60', active: false })
  world.company = {
    ...world.company,
    references: new Map(world.company.references).set('PAYMENT_TERMS', terms),
  }
}
const conflicted = (): World => {
  const world = pending()
  world.approve('mia')
  world.writeDirectly({ creditLimit: '70000' })
  world.approve('cora')
  return world
}
const faulted = (): World => {
  const world = pending()
  world.approve('mia')
  retire(world)
  world.approve('cora')
  return world
}
const scheduled = (): World => {
  const world = draft()
  world.schedule('2026-12-01T00:00:00Z')
  world.submit('clara')
  world.approve('mia', 'cora')
  return world
}
const closed = (end: (world: World) => void): World => {
  const world = pending()
  end(world)
  return world
}

const inState: Record<ProposalStatus, () => World> = {
  DRAFT: draft,
  PENDING: pending,
  CHANGES_REQUESTED: () => closed((w) => w.requestChange('mia')),
  REJECTED: () => closed((w) => w.reject('mia')),
  SCHEDULED: scheduled,
  CONFLICTED: conflicted,
  FAULTED: faulted,
  APPLIED: () => closed((w) => w.approve('mia', 'cora')),
  DISCARDED: () => {
    const world = draft()
    world.do('clara', { kind: 'DISCARD_PROPOSAL', expectedRevision: null })
    return world
  },
}

type Name =
  | 'edit'
  | 'submit'
  | 'schedule'
  | 'recall'
  | 'cancel'
  | 'resume'
  | 'discard'
  | 'rebase'
  | 'revert'
  | 'comment'
  | 'approve'
  | 'reject'
  | 'request change'
  | 'time'
const commands: Record<Name, (world: World) => [who: string, command: Command]> = {
  // A field that the proposal holds.
  edit: () => ['colin', editOf({ set: { creditLimit: '65000' } })],
  submit: () => ['clara', { kind: 'SUBMIT', expectedRevision: null, comment: null }],
  schedule: () => ['clara', { kind: 'SCHEDULE', effectiveAt: '2026-12-24T00:00:00Z', expectedRevision: null }],
  recall: () => ['clara', { kind: 'RECALL', comment: 'Wait' }],
  cancel: () => ['adam', { kind: 'CANCEL', comment: 'Never mind' }],
  resume: () => ['adam', { kind: 'RESUME', comment: 'Mended' }],
  discard: () => ['clara', { kind: 'DISCARD_PROPOSAL', expectedRevision: null }],
  rebase: (w) => ['clara', w.rebase(w.status === 'CONFLICTED' ? ['creditLimit'] : [])],
  revert: () => ['clara', { kind: 'REVERT', reason: 'It was wrong' }],
  time: () => ['olga', { kind: 'TIME' }],
  comment: () => ['cora', { kind: 'COMMENT', text: 'Please' }],
  approve: (w) => ['mia', answer(w, 'APPROVE')],
  reject: (w) => ['mia', answer(w, 'REJECT')],
  'request change': (w) => ['mia', { ...answer(w, 'REJECT'), kind: 'REQUEST_CHANGE', toId: null }],
}
/** An answer to mia's item, whether it is still open or not. */
const answer = <K extends 'APPROVE' | 'REJECT'>(world: World, kind: K) => ({
  kind,
  workItemId: world.proposal.items.find((i) => i.assigneeId === 'mia')?.id ?? 'none',
  revision: world.proposal.revision,
  comment: 'Because',
})

// A state: the proposal is in it afterwards. A code: refused with it.
type Cell = ProposalStatus | ErrorCode
const table: Record<ProposalStatus, Record<Name, Cell>> = {
  DRAFT: {
    edit: 'DRAFT',
    submit: 'PENDING',
    schedule: 'DRAFT',
    recall: 'WRONG_STATE',
    cancel: 'WRONG_STATE',
    resume: 'WRONG_STATE',
    discard: 'DISCARDED',
    rebase: 'DRAFT',
    revert: 'WRONG_STATE',
    time: 'DRAFT',
    comment: 'DRAFT',
    approve: 'NOT_FOUND',
    reject: 'NOT_FOUND',
    'request change': 'NOT_FOUND',
  },
  PENDING: {
    edit: 'PENDING_PROPOSAL',
    submit: 'WRONG_STATE',
    schedule: 'WRONG_STATE',
    recall: 'DRAFT',
    cancel: 'DRAFT',
    resume: 'WRONG_STATE',
    discard: 'WRONG_STATE',
    rebase: 'WRONG_STATE',
    revert: 'WRONG_STATE',
    time: 'PENDING',
    comment: 'PENDING',
    approve: 'PENDING',
    reject: 'REJECTED',
    'request change': 'CHANGES_REQUESTED',
  },
  CHANGES_REQUESTED: {
    edit: 'CHANGES_REQUESTED',
    submit: 'PENDING',
    schedule: 'CHANGES_REQUESTED',
    recall: 'WRONG_STATE',
    cancel: 'WRONG_STATE',
    resume: 'WRONG_STATE',
    discard: 'DISCARDED',
    rebase: 'CHANGES_REQUESTED',
    revert: 'WRONG_STATE',
    time: 'CHANGES_REQUESTED',
    comment: 'CHANGES_REQUESTED',
    approve: 'WRONG_STATE',
    reject: 'WRONG_STATE',
    'request change': 'WRONG_STATE',
  },
  REJECTED: {
    edit: 'REJECTED',
    submit: 'PENDING',
    schedule: 'REJECTED',
    recall: 'WRONG_STATE',
    cancel: 'WRONG_STATE',
    resume: 'WRONG_STATE',
    discard: 'DISCARDED',
    rebase: 'REJECTED',
    revert: 'WRONG_STATE',
    time: 'REJECTED',
    comment: 'REJECTED',
    approve: 'WRONG_STATE',
    reject: 'WRONG_STATE',
    'request change': 'WRONG_STATE',
  },
  SCHEDULED: {
    edit: 'PENDING_PROPOSAL',
    submit: 'WRONG_STATE',
    schedule: 'WRONG_STATE',
    recall: 'DRAFT',
    cancel: 'DRAFT',
    resume: 'WRONG_STATE',
    discard: 'WRONG_STATE',
    rebase: 'WRONG_STATE',
    revert: 'WRONG_STATE',
    time: 'SCHEDULED',
    comment: 'SCHEDULED',
    approve: 'WRONG_STATE',
    reject: 'WRONG_STATE',
    'request change': 'WRONG_STATE',
  },
  CONFLICTED: {
    edit: 'PENDING_PROPOSAL',
    submit: 'WRONG_STATE',
    schedule: 'WRONG_STATE',
    recall: 'DRAFT',
    cancel: 'DRAFT',
    resume: 'WRONG_STATE',
    discard: 'DISCARDED',
    rebase: 'PENDING',
    revert: 'WRONG_STATE',
    time: 'CONFLICTED',
    comment: 'CONFLICTED',
    approve: 'WRONG_STATE',
    reject: 'WRONG_STATE',
    'request change': 'WRONG_STATE',
  },
  FAULTED: {
    edit: 'PENDING_PROPOSAL',
    submit: 'WRONG_STATE',
    schedule: 'WRONG_STATE',
    recall: 'DRAFT',
    cancel: 'DRAFT',
    resume: 'FAULTED',
    discard: 'WRONG_STATE',
    rebase: 'WRONG_STATE',
    revert: 'WRONG_STATE',
    time: 'FAULTED',
    comment: 'FAULTED',
    approve: 'WRONG_STATE',
    reject: 'WRONG_STATE',
    'request change': 'WRONG_STATE',
  },
  APPLIED: {
    edit: 'DRAFT',
    submit: 'WRONG_STATE',
    schedule: 'WRONG_STATE',
    recall: 'WRONG_STATE',
    cancel: 'WRONG_STATE',
    resume: 'WRONG_STATE',
    discard: 'WRONG_STATE',
    rebase: 'WRONG_STATE',
    revert: 'DRAFT',
    time: 'APPLIED',
    comment: 'APPLIED',
    approve: 'WRONG_STATE',
    reject: 'WRONG_STATE',
    'request change': 'WRONG_STATE',
  },
  DISCARDED: {
    edit: 'DRAFT',
    submit: 'WRONG_STATE',
    schedule: 'WRONG_STATE',
    recall: 'WRONG_STATE',
    cancel: 'WRONG_STATE',
    resume: 'WRONG_STATE',
    discard: 'WRONG_STATE',
    rebase: 'WRONG_STATE',
    revert: 'WRONG_STATE',
    time: 'DISCARDED',
    comment: 'DISCARDED',
    approve: 'NOT_FOUND',
    reject: 'NOT_FOUND',
    'request change': 'NOT_FOUND',
  },
}

for (const [state, row] of Object.entries(table) as [ProposalStatus, Record<Name, Cell>][]) {
  describe(state, () => {
    it.each(Object.entries(row) as [Name, Cell][])('%s → %s', (name, expected) => {
      const world = inState[state]()
      expect(world.status).toBe(state)
      const before = world.proposal
      const [who, command] = commands[name](world)
      const result = world.try(who, command)
      expect(result.ok ? world.status : result.error.code).toBe(expected)
      // A closed proposal is not opened again: an edit begins the next one, and so does a revert.
      const closed = state === 'APPLIED' || state === 'DISCARDED'
      const begins = result.ok && closed && (name === 'edit' || name === 'revert')
      if (world.state.proposal !== null) expect(world.proposal.id === before.id).toBe(!begins)
    })
  })
}

describe('a submit', () => {
  it('that needs nobody is applied at once', () => {
    const always = { when: 'changes.creditLimit.changed', then: 'APPROVE', fields: ['creditLimit', 'paymentTerms'] }
    const world = draft({ definition: workflow(approval({ steps: [step()], automatic: [always] })) })
    world.submit('clara')
    expect(world.status).toBe('APPLIED')
    expect(world.proposal.decisions).toMatchObject([{ automatic: true, actorId: null, outcome: 'APPROVED' }])
  })

  it('that an automatic action rejects comes back to the submitter', () => {
    const never = { when: 'changes.creditLimit.changed', then: 'REJECT', fields: ['creditLimit'] }
    const world = draft({ definition: workflow(approval({ automatic: [never] })) })
    world.submit('clara')
    expect(world.status).toBe('REJECTED')
    expect(world.proposal.items).toMatchObject([{ kind: 'RETURN', assigneeId: 'clara', status: 'OPEN' }])
  })

  it('of changes that are all in the record already closes the proposal as applied, with its content gone', () => {
    const world = draft()
    world.writeDirectly({ creditLimit: '60000', paymentTerms: 'N60' })
    const version = world.customer.version
    const { events } = world.submit('clara')
    expect(world.status).toBe('APPLIED')
    expect(world.customer.version).toBe(version)
    expect(events.map((e) => e.type)).toEqual(['ChangeDiscarded', 'ChangeDiscarded', 'ProposalApplied'])
  })

  it('by a service account brings a rejection back to the responsible person', () => {
    const world = new World()
    world.do('partner', editOf({ set: { creditLimit: '60000' } }, { source: 'INTEGRATION' }))
    world.submit('partner')
    world.reject('mia')
    expect(world.proposal.items.at(-1)).toMatchObject({ kind: 'RETURN', assigneeId: 'adam' })
  })

  it('keeps its comment, trimmed, and refuses one that is too long', () => {
    const world = draft()
    const submit = (comment: string): Command => ({ kind: 'SUBMIT', expectedRevision: 1, comment })
    expect(world.refusal('clara', submit('x'.repeat(4001)))).toBe('LIMIT_EXCEEDED')
    world.do('clara', submit('  New contract '))
    expect(world.proposal.runs[0]?.comment).toBe('New contract')
  })

  it('of an older revision is refused', () => {
    expect(draft().refusal('clara', { kind: 'SUBMIT', expectedRevision: 0, comment: null })).toBe('STALE_REVISION')
  })
})

describe('the workflow of a submit', () => {
  const large = 'changes.creditLimit.changed && proposed.creditLimit > 100000'
  const world = (...workflows: Setup['workflows'] & object): World => draft({ workflows })
  const one = (id: string, more: Partial<Parameters<typeof workflowOf>[1]> = {}) =>
    workflowOf(runnable(id, 1, withStep({})), { name: id, isDefault: false, ...more })
  const chosen = (w: World): string => {
    const result = w.try('clara', { kind: 'SUBMIT', expectedRevision: null, comment: null })
    return result.ok ? (w.proposal.runs[0]?.workflowId ?? '') : result.error.code
  }

  it('is the only active one, whatever its condition', () => {
    expect(chosen(world(one('a', { activation: large }), one('b', { activeVersion: null })))).toBe('a')
  })
  it('is the first by rank whose condition holds', () => {
    const some = [one('a', { rank: 2, activation: 'true' }), one('b', { rank: 1, activation: large })]
    expect(chosen(world(...some, one('c', { rank: 3, activation: 'true' })))).toBe('a')
  })
  it('is never one without a condition that is not the default, whatever its rank', () => {
    const small = '!(proposed.creditLimit > 100000)'
    expect(chosen(world(one('helper', { rank: 0 }), one('b', { activation: small })))).toBe('b')
    expect(chosen(world(one('helper', { rank: 0 }), one('b', { isDefault: true, rank: 9 })))).toBe('b')
    const none = world(one('helper', { rank: 0 }), one('b', { activation: large }))
    const error = none.errorOf('clara', { kind: 'SUBMIT', expectedRevision: null, comment: null })
    expect(error?.code).toBe('NO_WORKFLOW')
    expect(error?.message).toContain('mark one as the default')
    expect(chosen(world(one('helper')))).toBe('helper')
  })
  it('is else the default', () => {
    expect(chosen(world(one('a', { activation: large }), one('b', { isDefault: true, rank: 0 })))).toBe('b')
  })
  it('is else refused for want of one', () => {
    expect(chosen(world())).toBe('NO_WORKFLOW')
    expect(chosen(world(one('a', { activation: large }), one('b', { activation: large })))).toBe('NO_WORKFLOW')
  })
  it('is refused when a condition of one fails', () => {
    const rating = "customer.creditRating.startsWith('A')"
    expect(chosen(world(one('a', { activation: rating }), one('b', { isDefault: true })))).toBe('CONDITION_FAILED')
  })
})
