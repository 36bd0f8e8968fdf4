// A proposal's way through its workflow: take a run on after an answer, apply what is approved, end it (DOMAIN sections 6 and 9).
import { apply } from './apply.ts'
import { startClocks, stopClocks, withElementsStopped } from './clocks.ts'
import { withdrawOpen } from './closing.ts'
import { whoCorrects } from './correcting.ts'
import type { DomainEvent } from './events.ts'
import { isBefore } from './instant.ts'
import { currentRun, type Proposal, type Run, type RunEnd, type WorkItem } from './proposal.ts'
import type { Context, Outcome, WithProposal } from './state.ts'
import { advance, type Scene, type Walk } from './workflow/interpreter.ts'
import { withCallsAfresh } from './workflow/calls.ts'
import type { RunnableVersion } from './workflow/workflow.ts'

/** What the interpreter walks in. */
export const sceneOf = (state: WithProposal, run: Run, version: RunnableVersion, ctx: Context): Scene => ({
  proposal: state.proposal,
  run,
  customer: state.customer,
  company: ctx.company,
  version,
  runnable: ctx.runnable,
  now: ctx.now,
  newId: ctx.newId,
  sameTaxNumber: ctx.sameTaxNumber,
})

/** An element's own limit outlives a return: what is left of it is noted. */
const endRun = (proposal: Proposal, how: RunEnd, at: string | null, ctx: Context): readonly Run[] =>
  proposal.runs.map((r) => (r.end === null ? { ...withElementsStopped(r, ctx), end: { how, at, on: ctx.now } } : r))

/** The item that brings changes back to whoever submitted them and may still correct them (a service account's to its responsible person). */
const returnItem = (proposal: Proposal, run: Run, ctx: Context, toId: string, subject: string): WorkItem => ({
  id: ctx.newId(),
  runId: run.id,
  kind: 'RETURN',
  elementPath: '',
  stepPath: '',
  step: 'Correct and submit again',
  subject,
  instructions: null,
  assigneeId: whoCorrects(proposal, ctx.company, toId),
  queueId: null,
  heldByIds: [],
  assignments: [],
  status: 'OPEN',
  decidedById: null,
  version: 1,
  createdAt: ctx.now,
  closedAt: null,
  dueAt: null,
  escalationLevel: 0,
  choices: [],
  changes: proposal.changes.map(({ id, digest }) => ({ id, digest })),
})

/** Ends the run against the proposal: open items withdrawn, a return item for the submitter or the author named. */
export const sendBack = (
  state: WithProposal,
  how: 'REJECTED' | 'CHANGES_REQUESTED',
  elementPath: string,
  comment: string | null,
  to: string | null,
  ctx: Context,
): Outcome<WithProposal> => {
  const { proposal } = state
  const run = currentRun(proposal)
  if (run === undefined) return { state, events: [] }
  const withdrawn = withdrawOpen(proposal.items, ctx.now, how)
  const item = returnItem(
    proposal,
    run,
    ctx,
    to ?? run.submittedById,
    how === 'REJECTED' ? 'Changes rejected' : 'Changes requested',
  )
  const next: Proposal = {
    ...proposal,
    status: how,
    items: [...withdrawn.items, item],
    runs: endRun(proposal, how, elementPath, ctx),
    updatedAt: ctx.now,
  }
  const type = how === 'REJECTED' ? 'ProposalRejected' : 'ChangesRequested'
  return {
    state: { ...state, proposal: next },
    events: [
      ...withdrawn.events.map((e) => ({ ...e, proposalId: proposal.id })),
      {
        type,
        proposalId: proposal.id,
        data: { runId: run.id, path: elementPath, comment, to: item.assigneeId, revision: proposal.revision },
      },
      {
        type: 'WorkItemAssigned',
        proposalId: proposal.id,
        workItemId: item.id,
        data: { runId: run.id, path: '', step: item.step, assigneeId: item.assigneeId },
      },
    ],
  }
}

/** What a walk leaves: waiting, approved and applied, rejected, or stopped. */
export const settle = (state: WithProposal, walk: Walk, ctx: Context): Outcome<WithProposal> => {
  const walked: Proposal = {
    ...state.proposal,
    status: 'PENDING',
    runs: state.proposal.runs.map((r) => (r.id === walk.run.id ? walk.run : r)),
    items: walk.items,
    decisions: walk.decisions,
    updatedAt: ctx.now,
  }
  const { progress } = walk
  switch (progress.kind) {
    case 'WAITING':
      return { state: { ...state, proposal: walked }, events: walk.events }
    case 'APPROVED': {
      const approved: Proposal = { ...walked, runs: endRun(walked, 'APPROVED', null, ctx) }
      const done = applyInTime({ ...state, proposal: approved }, ctx)
      return { ...done, events: [...walk.events, ...done.events] }
    }
    case 'REJECTED': {
      const back = sendBack({ ...state, proposal: walked }, 'REJECTED', progress.elementPath, null, null, ctx)
      return { ...back, events: [...walk.events, ...back.events] }
    }
    case 'FAULTED': {
      const { fault } = progress
      // Nobody can answer until it is resumed, so that no time passes for them either.
      const { runs, items, events } = stopClocks(walked, walk.run, ctx)
      return {
        state: { ...state, proposal: { ...walked, runs, items, status: 'FAULTED', fault } },
        events: [
          ...walk.events,
          {
            type: 'ProposalFaulted',
            proposalId: walked.id,
            data: { code: fault.code, message: fault.message, path: [...(fault.at ?? [])] },
          },
          ...events,
        ],
      }
    }
    default:
      return progress satisfies never
  }
}

/** Is the time that a proposal waits for still to come? */
const isAhead = ({ effectiveAt }: Proposal, now: string): boolean => effectiveAt !== null && isBefore(now, effectiveAt)

/** Applies what is approved, at once or when its time has come; meanwhile it is SCHEDULED. */
export const applyInTime = (state: WithProposal, ctx: Context): Outcome<WithProposal> => {
  const { proposal } = state
  const otherOpen = ctx.others.some((p) => p.status !== 'SCHEDULED')
  if (!isAhead(proposal, ctx.now)) {
    // One proposal at a time: it waits until the other one is closed, with a blocker that says so.
    if (proposal.status === 'SCHEDULED' && otherOpen) return { state, events: [] }
    return apply(state, ctx)
  }
  return {
    state: { ...state, proposal: { ...proposal, status: 'SCHEDULED', updatedAt: ctx.now } },
    events: [
      {
        type: 'ProposalScheduled',
        proposalId: proposal.id,
        data: { revision: proposal.revision, effectiveAt: proposal.effectiveAt },
      },
    ],
  }
}

/** Takes the current run on after an answer. */
export const proceed = (state: WithProposal, ctx: Context): Outcome<WithProposal> => {
  const run = currentRun(state.proposal)
  const version = run === undefined ? undefined : ctx.runnable(run.workflowId, run.version)
  if (run === undefined || version === undefined) throw new Error('A running proposal has lost its workflow version')
  return settle(state, advance(sceneOf(state, run, version, ctx)), ctx)
}

/** What was said with a command is among the comments: whoever decides reads it there. The command's own event tells of it. */
export const said = (proposal: Proposal, text: string | null, ctx: Context): Proposal['comments'] =>
  text === null
    ? proposal.comments
    : [...proposal.comments, { id: ctx.newId(), authorId: ctx.actor.id, text, at: ctx.now }]

/** Ends a run by hand. A recall leaves what was answered for the resubmission, a cancelled run leaves nothing. */
export const endByHand = (
  state: WithProposal,
  how: 'RECALLED' | 'CANCELLED',
  comment: string,
  ctx: Context,
): Outcome<WithProposal> => {
  const { proposal } = state
  const withdrawn = withdrawOpen(proposal.items, ctx.now, how)
  const run = currentRun(proposal)
  const ended = endRun(proposal, how, null, ctx)
  const { fault: _fault, closedAt: _closedAt, ...rest } = { fault: null, closedAt: null, ...proposal }
  const next: Proposal = {
    ...rest,
    comments: said(proposal, comment, ctx),
    status: 'DRAFT',
    items: withdrawn.items,
    // A run that was approved to its end (scheduled, or stopped when it was applied) is taken back as well.
    runs:
      how === 'CANCELLED'
        ? ended.map((r) => (r.id === run?.id ? { ...r, end: { how, at: null, on: ctx.now } } : r))
        : ended,
    updatedAt: ctx.now,
  }
  return {
    state: { ...state, proposal: next },
    events: [
      ...withdrawn.events.map((e) => ({ ...e, proposalId: proposal.id })),
      {
        type: how === 'RECALLED' ? 'ProposalRecalled' : 'RunCancelled',
        proposalId: proposal.id,
        data: { runId: run?.id ?? null, comment, revision: proposal.revision },
      },
    ],
  }
}

/** Goes on with a faulted proposal from where it stopped: what has been established and answered stays, and so does what time was left. */
export const resume = (state: WithProposal, comment: string, ctx: Context): Outcome<WithProposal> => {
  const { proposal } = state
  const run = currentRun(proposal)
  const { fault: _fault, closedAt: _closedAt, ...rest } = { fault: null, closedAt: null, ...proposal }
  const resumed: Proposal = { ...rest, status: 'PENDING', comments: said(proposal, comment, ctx), updatedAt: ctx.now }
  const event: DomainEvent = {
    type: 'ProposalResumed',
    proposalId: proposal.id,
    data: { runId: run?.id ?? null, comment, revision: proposal.revision },
  }
  if (run?.end !== null) {
    const applied = applyInTime({ ...state, proposal: resumed }, ctx)
    return { ...applied, events: [event, ...applied.events] }
  }
  const { runs, items, events } = startClocks(resumed, withCallsAfresh(run, ctx.now), ctx)
  const outcome = proceed({ ...state, proposal: { ...resumed, runs, items } }, ctx)
  return { ...outcome, events: [event, ...events, ...outcome.events] }
}
