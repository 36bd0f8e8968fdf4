// What a workflow's own questions to webhooks bring about: a request begins, is answered, or fails (DOMAIN section 5). Given by the
// system; of a question that is not asked any more nothing follows, however late an answer comes.
import type { CommandOf } from './decide.ts'
import { DomainError, ok, refused, type Result } from './errors.ts'
import type { DomainEvent } from './events.ts'
import { isBefore } from './instant.ts'
import { elementOf } from './permit-item.ts'
import { currentRun, liveChanges, type Decision, type Proposal, type WebhookCall } from './proposal.ts'
import { proceed } from './run.ts'
import type { Context, Outcome, WithProposal } from './state.ts'
import { answersOf, asksWebhook, begun, failed, openCalls, type AskingElement } from './workflow/calls.ts'
import { refs } from './workflow/coverage.ts'

type Decided = Result<Outcome<WithProposal>>

/** The element that asks, as the version says on which the proposal runs. */
export const askingAt = (
  ctx: Pick<Context, 'runnable'>,
  proposal: Proposal,
  elementPath: string,
): AskingElement['automated'] | null => {
  const runId = currentRun(proposal)?.id ?? ''
  const element = elementOf(ctx, proposal, { runId, elementPath })
  return element !== undefined && asksWebhook(element) ? element.automated : null
}

const withCall = (proposal: Proposal, path: string, call: WebhookCall): Proposal => ({
  ...proposal,
  runs: proposal.runs.map((run, i) => {
    const fact = run.elements[path]
    return i < proposal.runs.length - 1 || fact === undefined
      ? run
      : { ...run, elements: { ...run.elements, [path]: { ...fact, call } } }
  }),
})

type Answered = CommandOf<'CALL_ANSWERED'>

/** Puts an answer on record: a decision of the system, with who has given it. */
const record = (
  state: WithProposal,
  path: string,
  call: WebhookCall,
  { outcome, comment }: Answered,
  ctx: Context,
): Outcome<WithProposal> => {
  const { proposal } = state
  const runId = currentRun(proposal)?.id ?? ''
  const changes = refs(liveChanges(proposal))
  const decision: Decision = {
    id: ctx.newId(),
    runId,
    workItemId: null,
    elementPath: path,
    stepPath: null,
    step: null,
    actorId: null,
    onBehalfOfId: null,
    automatic: true,
    outcome: 'CHOSEN',
    choice: outcome,
    comment,
    revision: proposal.revision,
    effectiveAt: proposal.effectiveAt,
    at: ctx.now,
    changes,
  }
  const event: DomainEvent = {
    type: 'AutomaticAction',
    proposalId: proposal.id,
    actorId: null,
    data: {
      runId,
      path,
      webhookId: call.webhookId,
      webhook: ctx.company.webhooks.get(call.webhookId)?.name ?? null,
      outcome,
      comment,
      attempts: call.attempts,
      decisionId: decision.id,
      revision: proposal.revision,
      changes: changes.map((c) => c.id),
      digests: changes.map((c) => c.digest),
    },
  }
  const answer = { outcome, comment, decisionId: decision.id }
  const answered = withCall(proposal, path, { ...call, nextAt: null, failure: null, answer })
  return {
    state: {
      ...state,
      proposal: { ...answered, decisions: [...proposal.decisions, decision], updatedAt: ctx.now },
    },
    events: [event],
  }
}

/**
 * CALL_BEGIN notes that a request is under way, if it is due; CALL_ANSWERED takes an answer, which has to name one of the outcomes
 * (INVALID_VALUE); CALL_FAILED has it made again later or, in the end, stops the run. All of them leave alone what is not asked any more.
 */
export const decideCall = (
  state: WithProposal,
  command: CommandOf<'CALL_BEGIN' | 'CALL_ANSWERED' | 'CALL_FAILED'>,
  ctx: Context,
): Decided => {
  const { proposal } = state
  const nothing = ok({ state, events: [] })
  const found = openCalls(proposal).find(({ call }) => call.id === command.callId)
  if (found === undefined) return nothing
  const { path, call } = found
  const put = (next: WebhookCall): WithProposal => ({ ...state, proposal: withCall(proposal, path, next) })
  switch (command.kind) {
    case 'CALL_BEGIN': {
      if (call.nextAt === null || isBefore(ctx.now, call.nextAt)) return nothing
      // Without the webhook nothing can be asked: the run says so.
      if (ctx.company.webhooks.get(call.webhookId)?.active !== true) return ok(proceed(state, ctx))
      return ok({ state: put(begun(call, ctx.now, command.leaseMs)), events: [] })
    }
    case 'CALL_ANSWERED': {
      const element = askingAt(ctx, proposal, path)
      if (element === null || !answersOf(element).includes(command.outcome))
        return refused(
          new DomainError('INVALID_VALUE', 'This is none of the outcomes of the element.', { at: ['outcome'] }),
        )
      const recorded = record(state, path, call, command, ctx)
      const then = proceed(recorded.state, ctx)
      return ok({ ...then, events: [...recorded.events, ...then.events] })
    }
    case 'CALL_FAILED': {
      // A later request is under way already: it will say.
      if (command.attempt !== call.attempts) return nothing
      const next = failed(call, command.failure, ctx.now)
      return next.nextAt === null ? ok(proceed(put(next), ctx)) : ok({ state: put(next), events: [] })
    }
    default:
      return command satisfies never
  }
}
