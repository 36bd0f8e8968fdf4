// Commands on a proposal. Each loads, decides, saves and records; the rules are the domain's.
import { decide, type Command } from '../domain/decide.ts'
import { DomainError, refused, type Result } from '../domain/errors.ts'
import type { App, Viewer } from './app.ts'
import { command, unwrap, type Replayed, type Scope } from './command.ts'
import { contextOf, lockProposal, saveState } from './loading.ts'

type Target = { readonly companyId: string; readonly proposalId: string; readonly idempotencyKey?: string | null }
type Answer = { readonly companyId: string; readonly proposalId: string } & Replayed

/** A refusal that is about no single value is about what the input names. */
const placed = <T>(result: Result<T>, at: string): Result<T> => {
  if (result.ok || result.error.at !== undefined) return result
  const { code, message, detail } = result.error
  return refused(new DomainError(code, message, { at: [at], detail }))
}

/** Decides a command on a proposal within a transaction, and saves what follows; answers the proposal that it has led to. */
export const decideOn = async (
  app: App,
  scope: Scope,
  proposalId: string,
  what: Command,
  at = 'proposalId',
): Promise<string> => {
  const { state: before, others } = await lockProposal(scope, proposalId, at)
  const ctx = await contextOf(app, scope.tx, scope, before, [], others)
  const { state, events } = unwrap(placed(decide(before, what, ctx), at))
  await saveState(scope.tx, before, state)
  await scope.append(events, before.customer.id)
  return state.proposal?.id ?? proposalId
}

const run = (app: App, viewer: Viewer, mutation: string, input: Target, what: Command): Promise<Answer> =>
  command(
    app,
    viewer,
    {
      mutation,
      companyId: input.companyId,
      idempotencyKey: input.idempotencyKey,
      input,
      by: { what: 'proposal', at: 'proposalId' },
    },
    async (scope) => {
      const proposalId = await decideOn(app, scope, input.proposalId, what)
      return { companyId: input.companyId, proposalId }
    },
  )

/** Takes changes out; with the last one the proposal closes as DISCARDED. Errors: WRONG_STATE, STALE_REVISION, INVALID_VALUE, NOT_PERMITTED, NOT_FOUND. */
export const discardChanges = (
  app: App,
  viewer: Viewer,
  input: Target & { readonly changeIds: readonly string[]; readonly expectedRevision?: number | null },
): Promise<Answer> =>
  run(app, viewer, 'discardChanges', input, {
    kind: 'DISCARD_CHANGES',
    changeIds: input.changeIds,
    expectedRevision: input.expectedRevision ?? null,
  })

/** Discards the whole proposal. Errors as discardChanges. */
export const discardProposal = (
  app: App,
  viewer: Viewer,
  input: Target & { readonly expectedRevision?: number | null },
): Promise<Answer> =>
  run(app, viewer, 'discardProposal', input, {
    kind: 'DISCARD_PROPOSAL',
    expectedRevision: input.expectedRevision ?? null,
  })

/** Starts the workflow. Errors: CONFLICT, NO_WORKFLOW, NO_ELIGIBLE_APPROVER, CONDITION_FAILED, INVALID_VALUE, WRONG_STATE, STALE_REVISION, NOT_PERMITTED, NOT_FOUND. */
export const submitProposal = (
  app: App,
  viewer: Viewer,
  input: Target & { readonly expectedRevision?: number | null; readonly comment?: string | null },
): Promise<Answer> =>
  run(app, viewer, 'submitProposal', input, {
    kind: 'SUBMIT',
    expectedRevision: input.expectedRevision ?? null,
    comment: input.comment ?? null,
  })

/** Ends the run and makes the proposal editable. Errors: REASON_REQUIRED, WRONG_STATE, NOT_PERMITTED, NOT_FOUND. */
export const recallProposal = (
  app: App,
  viewer: Viewer,
  input: Target & { readonly comment: string },
): Promise<Answer> => run(app, viewer, 'recallProposal', input, { kind: 'RECALL', comment: input.comment })

/** Moves bases to the current values, or drops changes. Errors: STALE_REVISION, STALE_VERSION, WRONG_STATE, INVALID_VALUE, and those of a submit. */
export const rebaseProposal = (
  app: App,
  viewer: Viewer,
  input: Target & {
    readonly keep: readonly string[]
    readonly drop: readonly string[]
    readonly expectedRevision: number
    readonly expectedCustomerVersion: number
  },
): Promise<Answer> =>
  run(app, viewer, 'rebaseProposal', input, {
    kind: 'REBASE',
    keep: input.keep,
    drop: input.drop,
    expectedRevision: input.expectedRevision,
    expectedCustomerVersion: input.expectedCustomerVersion,
  })

/** Says something about a proposal, open or closed. Errors: INVALID_VALUE, LIMIT_EXCEEDED, NOT_PERMITTED, NOT_FOUND. */
export const addComment = (app: App, viewer: Viewer, input: Target & { readonly text: string }): Promise<Answer> =>
  run(app, viewer, 'addComment', input, { kind: 'COMMENT', text: input.text })

/** Sets the time from which the proposal may be applied; null: at once. Errors: INVALID_VALUE, STALE_REVISION, WRONG_STATE, NOT_PERMITTED, NOT_FOUND. */
export const scheduleProposal = (
  app: App,
  viewer: Viewer,
  input: Target & { readonly effectiveAt: string | null; readonly expectedRevision?: number | null },
): Promise<Answer> =>
  run(app, viewer, 'scheduleProposal', input, {
    kind: 'SCHEDULE',
    effectiveAt: input.effectiveAt,
    expectedRevision: input.expectedRevision ?? null,
  })

/** Proposes an applied proposal backwards; answers the new one. Errors: PENDING_PROPOSAL, WRONG_STATE, INVALID_VALUE, NOT_PERMITTED, NOT_FOUND. */
export const revertProposal = (
  app: App,
  viewer: Viewer,
  input: Target & { readonly reason?: string | null },
): Promise<Answer> => run(app, viewer, 'revertProposal', input, { kind: 'REVERT', reason: input.reason ?? null })

/** An administrator ends a run and keeps nothing of it. Errors: REASON_REQUIRED, WRONG_STATE, NOT_PERMITTED, NOT_FOUND. */
export const cancelRun = (app: App, viewer: Viewer, input: Target & { readonly comment: string }): Promise<Answer> =>
  run(app, viewer, 'cancelRun', input, { kind: 'CANCEL', comment: input.comment })

/** An administrator goes on with a faulted run from where it stopped. Errors as cancelRun. */
export const resumeRun = (app: App, viewer: Viewer, input: Target & { readonly comment: string }): Promise<Answer> =>
  run(app, viewer, 'resumeRun', input, { kind: 'RESUME', comment: input.comment })
