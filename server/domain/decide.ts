// The one door to a proposal: decide(state, command, context) answers what follows, or why not. Pure; services load and save.
import { comment, discardChanges, discardProposal, rebase, schedule, submit } from './decide-content.ts'
import { answerItem } from './decide-answer.ts'
import { decideCall } from './decide-call.ts'
import { handOver } from './decide-handover.ts'
import { nextDue } from './due.ts'
import { decideEdit, type EditCommand } from './edit.ts'
import { DomainError, ok, refused, type Result } from './errors.ts'
import { isBefore } from './instant.ts'
import { mayCancel, mayRecall, mayResume } from './permit.ts'
import { revert } from './revert.ts'
import { applyInTime, endByHand, proceed, resume } from './run.ts'
import { readText } from './text.ts'
import type { Context, Outcome, State, WithProposal } from './state.ts'

type Said = { readonly comment: string | null }
type OnItem = Said & { readonly workItemId: string; readonly revision: number }

export type Command =
  /** People have come or gone: the run looks again whom it waits for. Given by the system. */
  | { readonly kind: 'PROCEED' }
  /** Time has passed: limits that have run out act, what is scheduled is applied. Given by the system. */
  | { readonly kind: 'TIME' }
  | ({ readonly kind: 'EDIT' } & EditCommand)
  | {
      readonly kind: 'DISCARD_CHANGES'
      readonly changeIds: readonly string[]
      readonly expectedRevision: number | null
    }
  | { readonly kind: 'DISCARD_PROPOSAL'; readonly expectedRevision: number | null }
  | ({ readonly kind: 'SUBMIT'; readonly expectedRevision: number | null } & Said)
  | ({ readonly kind: 'RECALL' | 'CANCEL' | 'RESUME' } & Said)
  | {
      readonly kind: 'REBASE'
      readonly keep: readonly string[]
      readonly drop: readonly string[]
      readonly expectedRevision: number
      readonly expectedCustomerVersion: number
    }
  | {
      readonly kind: 'SCHEDULE'
      /** Not before this time; null: at once. */
      readonly effectiveAt: string | null
      readonly expectedRevision: number | null
    }
  /** Of an applied proposal: a new one with the inverse changes. */
  | { readonly kind: 'REVERT'; readonly reason: string | null }
  | { readonly kind: 'COMMENT'; readonly text: string }
  | ({
      readonly kind: 'APPROVE'
      /** Changes left out, with their reasons. */
      readonly refuse?: readonly { readonly changeId: string; readonly reason: string }[]
    } & OnItem)
  | ({ readonly kind: 'REJECT' | 'COMPLETE' | 'RETURN' } & OnItem)
  | ({ readonly kind: 'REQUEST_CHANGE'; readonly toId: string | null } & OnItem)
  | ({ readonly kind: 'CHOOSE'; readonly choice: string } & OnItem)
  | ({ readonly kind: 'DELEGATE' | 'REASSIGN'; readonly workItemId: string; readonly toId: string } & Said)
  | { readonly kind: 'CLAIM' | 'RELEASE'; readonly workItemId: string }
  | ({ readonly kind: 'MOVE'; readonly workItemId: string; readonly queueId: string } & Said)
  /** A webhook that the workflow asks: a request begins; nothing heard of it after `leaseMs`, another one may. Given by the system. */
  | { readonly kind: 'CALL_BEGIN'; readonly callId: string; readonly leaseMs: number }
  | {
      readonly kind: 'CALL_ANSWERED'
      readonly callId: string
      /** One of the outcomes that may be named. */
      readonly outcome: string
      readonly comment: string | null
    }
  /** `attempt`: which request it was. `failure`: why it brought no answer, as a sentence. */
  | { readonly kind: 'CALL_FAILED'; readonly callId: string; readonly attempt: number; readonly failure: string }
export type CommandOf<K extends Command['kind']> = Extract<Command, { kind: K }>
type Decided = Result<Outcome<WithProposal>>

export const reasonRequired = (what: string, say = 'what should be different'): DomainError =>
  new DomainError('REASON_REQUIRED', `${what} needs a reason: say in the comment ${say}.`, { at: ['comment'] })

const ended = { RECALL: 'RECALLED', CANCEL: 'CANCELLED' } as const
const words = { RECALL: 'A recall', CANCEL: 'Cancelling', RESUME: 'Going on after an error' } as const

const steer = (
  state: WithProposal,
  { kind, comment: said }: CommandOf<'RECALL' | 'CANCEL' | 'RESUME'>,
  ctx: Context,
): Decided => {
  const may = { RECALL: mayRecall, CANCEL: mayCancel, RESUME: mayResume }[kind]
  const refusal = may(ctx, state.proposal)
  if (refusal !== null) return refused(refusal)
  const text = readText(said, 'comment')
  if (!text.ok) return text
  if (text.value === null) return refused(reasonRequired(words[kind], 'why'))
  return ok(kind === 'RESUME' ? resume(state, text.value, ctx) : endByHand(state, ended[kind], text.value, ctx))
}

const timePasses = (state: WithProposal, ctx: Context): Outcome<WithProposal> => {
  const due = nextDue(state.proposal)
  if (due === null || isBefore(ctx.now, due)) return { state, events: [] }
  return state.proposal.status === 'SCHEDULED' ? applyInTime(state, ctx) : proceed(state, ctx)
}

/** Decides a command. Refusals leave no trace; what follows is the whole next state and what has happened, in order. */
export const decide = (state: State, command: Command, ctx: Context): Result<Outcome> => {
  if (command.kind === 'EDIT') return decideEdit(state, command, ctx)
  const { customer, proposal } = state
  if (proposal === null)
    return refused(
      new DomainError('NOT_FOUND', 'There is no such proposal, or it is not yours to see.', { at: ['proposalId'] }),
    )
  const found: WithProposal = { customer, proposal }
  switch (command.kind) {
    case 'DISCARD_CHANGES':
      return discardChanges(found, command, ctx)
    case 'DISCARD_PROPOSAL':
      return discardProposal(found, command, ctx)
    case 'SUBMIT':
      return submit(found, command, ctx)
    case 'RECALL':
    case 'CANCEL':
    case 'RESUME':
      return steer(found, command, ctx)
    case 'REBASE':
      return rebase(found, command, ctx)
    case 'SCHEDULE':
      return schedule(found, command, ctx)
    case 'REVERT':
      return revert(found, command, ctx)
    case 'COMMENT':
      return comment(found, command, ctx)
    case 'PROCEED':
      return ok(proposal.status === 'PENDING' ? proceed(found, ctx) : { state: found, events: [] })
    case 'TIME':
      return ok(timePasses(found, ctx))
    case 'APPROVE':
    case 'REJECT':
    case 'REQUEST_CHANGE':
    case 'COMPLETE':
    case 'RETURN':
    case 'CHOOSE':
      return answerItem(found, command, ctx)
    case 'DELEGATE':
    case 'REASSIGN':
    case 'CLAIM':
    case 'RELEASE':
    case 'MOVE':
      return handOver(found, command, ctx)
    case 'CALL_BEGIN':
    case 'CALL_ANSWERED':
    case 'CALL_FAILED':
      return decideCall(found, command, ctx)
    default:
      return command satisfies never
  }
}
