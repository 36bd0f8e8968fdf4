// Answers to work items and who has them. Which proposal an item belongs to is looked up first; then the locks are taken in the usual order.
import type { Command } from '../domain/decide.ts'
import { findWorkItem } from '../store/proposals.ts'
import type { App, Viewer } from './app.ts'
import { command, notFound, type Replayed } from './command.ts'
import { decideOn } from './proposals.ts'

type Item = { readonly companyId: string; readonly workItemId: string; readonly idempotencyKey?: string | null }
type Target = Item & { readonly revision: number; readonly comment?: string | null }
type Answer = { readonly companyId: string; readonly workItemId: string; readonly proposalId: string } & Replayed

const answer = (app: App, viewer: Viewer, mutation: string, input: Item, what: Command): Promise<Answer> =>
  command(
    app,
    viewer,
    {
      mutation,
      companyId: input.companyId,
      idempotencyKey: input.idempotencyKey,
      input,
      by: { what: 'work item', at: 'workItemId' },
    },
    async (scope) => {
      const item = await findWorkItem(scope.tx, input.companyId, input.workItemId)
      if (item === null) throw notFound('work item', 'workItemId')
      await decideOn(app, scope, item.proposalId, what, 'workItemId')
      return { companyId: input.companyId, workItemId: input.workItemId, proposalId: item.proposalId }
    },
  )

const common = (input: Target) => ({
  workItemId: input.workItemId,
  revision: input.revision,
  comment: input.comment ?? null,
})

type Refuse = readonly { readonly changeId: string; readonly reason: string }[]

/**
 * A vote for exactly the revision named, without the changes that are refused. Errors: STALE_REVISION, WRONG_STATE, NOT_ASSIGNED,
 * IS_AUTHOR, ABSENT, NOT_OFFERED, INVALID_VALUE, REASON_REQUIRED (of a refusal), NOT_FOUND.
 */
export const approve = (
  app: App,
  viewer: Viewer,
  input: Target & { readonly refuse?: Refuse | null },
): Promise<Answer> =>
  answer(app, viewer, 'approve', input, { kind: 'APPROVE', ...common(input), refuse: input.refuse ?? [] })

/** A vote against, with a reason. Errors as approve, and REASON_REQUIRED. */
export const reject = (app: App, viewer: Viewer, input: Target): Promise<Answer> =>
  answer(app, viewer, 'reject', input, { kind: 'REJECT', ...common(input) })

/** Sends the proposal back at once, with a reason. Errors as reject. */
export const requestChange = (
  app: App,
  viewer: Viewer,
  input: Target & { readonly to?: string | null },
): Promise<Answer> =>
  answer(app, viewer, 'requestChange', input, { kind: 'REQUEST_CHANGE', ...common(input), toId: input.to ?? null })

/** Says that a task is done. Errors as approve. */
export const completeTask = (app: App, viewer: Viewer, input: Target): Promise<Answer> =>
  answer(app, viewer, 'completeTask', input, { kind: 'COMPLETE', ...common(input) })

/** Gives a task back, with a reason: the proposal is rejected. Errors as reject. */
export const returnTask = (app: App, viewer: Viewer, input: Target): Promise<Answer> =>
  answer(app, viewer, 'returnTask', input, { kind: 'RETURN', ...common(input) })

/** Picks one of the outcomes of a decision. Errors as approve, and INVALID_VALUE. */
export const choose = (app: App, viewer: Viewer, input: Target & { readonly choice: string }): Promise<Answer> =>
  answer(app, viewer, 'choose', input, { kind: 'CHOOSE', ...common(input), choice: input.choice })

type ToPerson = Item & { readonly to: string; readonly comment?: string | null }

/** Hands the seat over. Errors: NOT_ASSIGNED, NOT_OFFERED, ALREADY_ASKED, IS_AUTHOR, NOT_MEMBER, INACTIVE, ABSENT, WRONG_STATE, NOT_FOUND. */
export const delegate = (app: App, viewer: Viewer, input: ToPerson): Promise<Answer> =>
  answer(app, viewer, 'delegate', input, {
    kind: 'DELEGATE',
    workItemId: input.workItemId,
    toId: input.to,
    comment: input.comment ?? null,
  })

/** An administrator gives the seat to somebody else, never to themself. Errors as delegate, and NOT_PERMITTED. */
export const reassign = (app: App, viewer: Viewer, input: ToPerson): Promise<Answer> =>
  answer(app, viewer, 'reassign', input, {
    kind: 'REASSIGN',
    workItemId: input.workItemId,
    toId: input.to,
    comment: input.comment ?? null,
  })

/** Takes an item from its queue. Errors: NOT_ASSIGNED, IS_AUTHOR, ALREADY_ASKED, NOT_OFFERED, WRONG_STATE, NOT_FOUND. */
export const claim = (app: App, viewer: Viewer, input: Item): Promise<Answer> =>
  answer(app, viewer, 'claim', input, { kind: 'CLAIM', workItemId: input.workItemId })

/** Gives an item back to its queue. Errors: NOT_ASSIGNED, NOT_OFFERED, WRONG_STATE, NOT_FOUND. */
export const release = (app: App, viewer: Viewer, input: Item): Promise<Answer> =>
  answer(app, viewer, 'release', input, { kind: 'RELEASE', workItemId: input.workItemId })

/** Moves an item to another queue. Errors as release, and INVALID_VALUE. */
export const moveToQueue = (
  app: App,
  viewer: Viewer,
  input: Item & { readonly queueId: string; readonly comment?: string | null },
): Promise<Answer> =>
  answer(app, viewer, 'moveToQueue', input, {
    kind: 'MOVE',
    workItemId: input.workItemId,
    queueId: input.queueId,
    comment: input.comment ?? null,
  })
