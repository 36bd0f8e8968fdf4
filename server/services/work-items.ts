// Answers to work items. Which proposal an item belongs to is looked up first; then the locks are taken in the usual order.
import type { Command } from '../domain/decide.ts'
import { findWorkItem } from '../store/proposals.ts'
import type { App, Viewer } from './app.ts'
import { command, notFound, type Replayed } from './command.ts'
import { decideOn } from './proposals.ts'

type Target = {
  readonly companyId: string
  readonly workItemId: string
  readonly revision: number
  readonly comment?: string | null
  readonly idempotencyKey?: string | null
}
type Answer = { readonly companyId: string; readonly workItemId: string; readonly proposalId: string } & Replayed

const answer = (app: App, viewer: Viewer, mutation: string, input: Target, what: Command): Promise<Answer> =>
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

/** A vote for exactly the revision named. Errors: STALE_REVISION, WRONG_STATE, NOT_ASSIGNED, IS_AUTHOR, NOT_OFFERED, NOT_FOUND. */
export const approve = (app: App, viewer: Viewer, input: Target): Promise<Answer> =>
  answer(app, viewer, 'approve', input, { kind: 'APPROVE', ...common(input) })

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
