// What a viewer is told that they may do is what would be carried out: `actions` and `decide` never differ.
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { itemActions, proposalActions, type Action, type AvailableAction } from '../../server/domain/actions.ts'
import { conflictsOf } from '../../server/domain/conflict.ts'
import type { Command } from '../../server/domain/decide.ts'
import type { DomainError } from '../../server/domain/errors.ts'
import { previewSubmit } from '../../server/domain/explain.ts'
import { isOpen, liveChanges, type Proposal, type WorkItem } from '../../server/domain/proposal.ts'
import { project, validateRecord } from '../../server/domain/record.ts'
import { scenario, simulate } from './generated.ts'
import type { Life } from './life.ts'
import { editOf } from './world.ts'

vi.setConfig({ testTimeout: 90_000 })
const times = Number(process.env.RUNS ?? 1)

const aboutProposal = (life: Life, proposal: Proposal, action: Action): Command | null => {
  const { customer } = life
  const { revision } = proposal
  switch (action) {
    case 'EDIT':
      // An edit meets the open proposal, whichever is looked at.
      return proposal.id === life.open?.id ? editOf({ set: { name: `Name ${revision}` } }) : null
    case 'SUBMIT':
      return { kind: 'SUBMIT', expectedRevision: revision, comment: null }
    case 'DISCARD':
      return { kind: 'DISCARD_PROPOSAL', expectedRevision: revision }
    case 'COMMENT':
      return { kind: 'COMMENT', text: 'Please' }
    case 'RECALL':
    case 'CANCEL':
    case 'RESUME':
      return { kind: action, comment: 'Wait' }
    case 'SCHEDULE':
      return { kind: 'SCHEDULE', effectiveAt: life.at(7), expectedRevision: revision }
    case 'REVERT':
      return { kind: 'REVERT', reason: null }
    case 'REBASE': {
      const conflicts = conflictsOf(customer, liveChanges(proposal))
      const keep = conflicts.filter((c) => c.kind === 'CHANGED' && c.change.operation !== 'ADD').map((c) => c.change.id)
      const drop = conflicts.map((c) => c.change.id).filter((id) => !keep.includes(id))
      return { kind: 'REBASE', keep, drop, expectedRevision: revision, expectedCustomerVersion: customer.version }
    }
    default:
      return null
  }
}
const aboutItem = (proposal: Proposal, item: WorkItem, action: Action, to: string): Command | null => {
  const answer = { workItemId: item.id, revision: proposal.revision, comment: 'Because' }
  switch (action) {
    case 'APPROVE':
    case 'REJECT':
    case 'COMPLETE':
    case 'RETURN':
      return { ...answer, kind: action }
    case 'REQUEST_CHANGE':
      return { ...answer, kind: action, toId: null }
    case 'CHOOSE':
      return { ...answer, kind: action, choice: item.choices[0] ?? 'none' }
    case 'DELEGATE':
    case 'REASSIGN':
      return { kind: action, workItemId: item.id, toId: to, comment: null }
    case 'CLAIM':
    case 'RELEASE':
      return { kind: action, workItemId: item.id }
    case 'MOVE':
      return { kind: action, workItemId: item.id, queueId: item.queueId === 'desk' ? 'back' : 'desk', comment: null }
    default:
      return null
  }
}

/** Of each role one at least, who has left or is a machine too. */
const viewers = ['clara', 'cora', 'carl', 'olga', 'adam', 'audrey', 'gone', 'partner']
const contents = ['CONFLICT', 'INVALID_VALUE', 'NO_ELIGIBLE_APPROVER', 'NO_WORKFLOW', 'PENDING_PROPOSAL']
const seen = new Set<string>()
const same = (who: string, { action, allowed, reason, message }: AvailableAction, error: DomainError | null): void => {
  seen.add(`${action} ${allowed}`)
  expect([action, who, error === null, error?.code ?? null]).toEqual([action, who, allowed, reason])
  if (!allowed) expect(message).toMatch(/[.]$/)
}

/** What a scheduled proposal holds is a matter of the values that an edit names. */
const held = ({ code }: DomainError): boolean => code === 'PENDING_PROPOSAL'

const agreeOnProposal = (life: Life, proposal: Proposal, who: string): void => {
  const { company, customer } = life
  const ctx = life.context(who, proposal)
  const errorOf = (command: Command): DomainError | null => {
    const result = life.ask(who, command, proposal)
    return result.ok ? null : result.error
  }
  const already = validateRecord(project(customer, liveChanges(proposal)), customer, company, ctx.accounts).length > 0
  for (const said of proposalActions(ctx, proposal)) {
    const { action, allowed } = said
    const command = aboutProposal(life, proposal, action)
    if (command === null) continue
    const error = errorOf(command)
    // What a submit meets in the content is the preview's to say, and it says exactly that.
    if (action === 'SUBMIT' && allowed) {
      const { errors } = previewSubmit({ customer, proposal }, ctx)
      expect([action, who, error !== null]).toEqual([action, who, errors.length > 0])
      if (error !== null) expect(contents).toContain(error.code)
    } else if (
      allowed &&
      error !== null &&
      (action === 'REBASE' || (action === 'REVERT' && !held(error)) || (action === 'EDIT' && (already || held(error))))
    )
      expect(contents).toContain(error.code)
    else same(who, said, error)
  }
}

const agreeOnItem = (life: Life, proposal: Proposal, item: WorkItem, who: string): void => {
  for (const said of itemActions(life.context(who, proposal), proposal, item)) {
    const { action, allowed } = said
    const hands = action === 'DELEGATE' || action === 'REASSIGN'
    // May it be handed on at all, then to somebody or, of everybody, to nobody: each refusal says that it is about them.
    for (const to of hands ? ['cora', 'carl', 'mia', 'adam'] : ['']) {
      const command = aboutItem(proposal, item, action, to)
      if (command === null) continue
      const result = life.ask(who, command, proposal)
      const error = result.ok ? null : result.error
      const aboutTo = (hands && error?.at?.[0] === 'to') || (action === 'MOVE' && error?.at?.[0] === 'queueId')
      if (allowed && aboutTo) continue
      same(who, said, error)
    }
  }
}

describe('actions', () => {
  it('say yes exactly when the command would be carried out, and otherwise give its reason', () => {
    const agree = (life: Life): void => {
      for (const who of viewers)
        for (const proposal of life.proposals.filter((p) => isOpen(p) || p.id === life.current?.id)) {
          agreeOnProposal(life, proposal, who)
          for (const item of proposal.items.slice(-8)) agreeOnItem(life, proposal, item, who)
        }
    }
    fc.assert(
      fc.property(scenario(8), (each) => {
        let turn = 0
        agree(simulate(each, (life) => void (turn++ % 6 === 3 && agree(life))))
      }),
      { numRuns: 45 * times },
    )
    const often = ['APPROVE', 'REJECT', 'DELEGATE', 'CLAIM', 'REASSIGN', 'RECALL', 'CANCEL', 'SCHEDULE']
    // Which ones come up differs from run to run; that hardly any does would say nothing about them.
    const both = often.filter((action) => seen.has(`${action} true`) && seen.has(`${action} false`))
    expect(both.length).toBeGreaterThan(3)
    if (times > 4)
      for (const action of ['MOVE', 'RELEASE', 'CHOOSE', 'RESUME', 'REBASE'])
        expect([...seen]).toContain(`${action} true`)
  })
})
