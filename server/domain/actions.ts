// What a viewer may do now and, for what they may not, why: the same predicates as decide.
import type { DomainError, ErrorCode } from './errors.ts'
import {
  mayCancel,
  mayComment,
  mayDiscard,
  mayEditCustomer,
  mayRebase,
  mayRecall,
  mayResume,
  mayRevert,
  maySchedule,
  maySubmit,
  type Asking,
} from './permit.ts'
import {
  answersOf,
  mayAnswer,
  mayClaim,
  mayDelegate,
  mayMove,
  mayReassign,
  mayRefuse,
  mayRelease,
} from './permit-item.ts'
import { isOpen, type Proposal, type WorkItem } from './proposal.ts'

export const actionNames = [
  'EDIT',
  'SUBMIT',
  'DISCARD',
  'SCHEDULE',
  'COMMENT',
  'RECALL',
  'REBASE',
  'REVERT',
  'APPROVE',
  'REJECT',
  'REQUEST_CHANGE',
  'REFUSE',
  'DELEGATE',
  'CLAIM',
  'RELEASE',
  'MOVE',
  'COMPLETE',
  'RETURN',
  'CHOOSE',
  'REASSIGN',
  'CANCEL',
  'RESUME',
] as const
export type Action = (typeof actionNames)[number]
export type AvailableAction = {
  readonly action: Action
  readonly allowed: boolean
  readonly reason: ErrorCode | null
  readonly message: string | null
}

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
  answer('SCHEDULE', maySchedule(ctx, proposal)),
  answer('COMMENT', mayComment(ctx)),
  answer('RECALL', mayRecall(ctx, proposal)),
  answer('REBASE', mayRebase(ctx, proposal)),
  answer('REVERT', mayRevert(ctx, proposal)),
  answer('CANCEL', mayCancel(ctx, proposal)),
  answer('RESUME', mayResume(ctx, proposal)),
]

/** Of a work item: what can be answered and who may hand it on; for a return, what can be done with the proposal that came back. */
export const itemActions = (ctx: Asking, proposal: Proposal, item: WorkItem): AvailableAction[] =>
  item.kind === 'RETURN'
    ? [...proposalActions(ctx, proposal), answer('REASSIGN', mayReassign(ctx, proposal, item))]
    : [
        ...answersOf(item.kind).map((action) => answer(action, mayAnswer(ctx, proposal, item, action))),
        ...(item.kind === 'APPROVAL' ? [answer('REFUSE', mayRefuse(ctx, proposal, item))] : []),
        answer('DELEGATE', mayDelegate(ctx, proposal, item)),
        ...(item.queueId === null
          ? []
          : [
              answer('CLAIM', mayClaim(ctx, proposal, item)),
              answer('RELEASE', mayRelease(ctx, proposal, item)),
              answer('MOVE', mayMove(ctx, proposal, item)),
            ]),
        answer('COMMENT', mayComment(ctx)),
        answer('REASSIGN', mayReassign(ctx, proposal, item)),
      ]
