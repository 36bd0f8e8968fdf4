// What a viewer may do now and, for what they may not, why: the same predicates as decide.
import type { DomainError, ErrorCode } from './errors.ts'
import { isOpen, type Proposal, type WorkItem } from './proposal.ts'
import { mayAnswer, mayComment, mayDiscard, mayEditCustomer, mayRebase, mayRecall, maySubmit } from './permit.ts'
import type { Context } from './state.ts'

export const actionNames = [
  'EDIT',
  'SUBMIT',
  'DISCARD',
  'COMMENT',
  'RECALL',
  'REBASE',
  'APPROVE',
  'REJECT',
  'REQUEST_CHANGE',
] as const
export type Action = (typeof actionNames)[number]
export type AvailableAction = {
  readonly action: Action
  readonly allowed: boolean
  readonly reason: ErrorCode | null
  readonly message: string | null
}

type Asking = Pick<Context, 'actor' | 'company' | 'runnable'>

const answer = (action: Action, refusal: DomainError | null): AvailableAction => ({
  action,
  allowed: refusal === null,
  reason: refusal?.code ?? null,
  message: refusal?.message ?? null,
})

/** Of a customer: editing its governed fields. Fields that are not governed need the role alone. */
export const customerActions = (ctx: Asking, openProposal: Proposal | null): AvailableAction[] => [
  answer('EDIT', mayEditCustomer(ctx, openProposal)),
]

export const proposalActions = (ctx: Asking, proposal: Proposal): AvailableAction[] => [
  answer('EDIT', isOpen(proposal) ? mayEditCustomer(ctx, proposal) : maySubmit(ctx, proposal)),
  answer('SUBMIT', maySubmit(ctx, proposal)),
  answer('DISCARD', mayDiscard(ctx, proposal)),
  answer('COMMENT', mayComment(ctx)),
  answer('RECALL', mayRecall(ctx, proposal)),
  answer('REBASE', mayRebase(ctx, proposal)),
]

/** Of a work item: what can be answered; for a return, what can be done with the proposal that came back. */
export const itemActions = (ctx: Asking, proposal: Proposal, item: WorkItem): AvailableAction[] =>
  item.kind === 'RETURN'
    ? proposalActions(ctx, proposal)
    : [
        answer('APPROVE', mayAnswer(ctx, proposal, item, 'APPROVE')),
        answer('REJECT', mayAnswer(ctx, proposal, item, 'REJECT')),
        answer('REQUEST_CHANGE', mayAnswer(ctx, proposal, item, 'REQUEST_CHANGE')),
        answer('COMMENT', mayComment(ctx)),
      ]
