// A proposal's way through its workflow: start a run, take it on after an answer, end it (DOMAIN section 6).
import { apply, dropApplied } from './apply.ts'
import { conflictsOf } from './conflict.ts'
import { labelsOf } from './fields.ts'
import { DomainError, invalid, ok, refused, type Result } from './errors.ts'
import type { DomainEvent } from './events.ts'
import { alreadyAppliedProposal, withdrawOpen } from './closing.ts'
import { currentRun, type Proposal, type Run, type RunEnd, type WorkItem } from './proposal.ts'
import { project, validateRecord } from './record.ts'
import type { Context, Outcome, WithProposal } from './state.ts'
import { groupsOf } from './workflow/eligibility.ts'
import { uncoveredElement } from './workflow/coverage.ts'
import { advance, foresee, type Scene, type Walk } from './workflow/interpreter.ts'
import type { RunnableVersion, Workflow } from './workflow/workflow.ts'

type Chosen = { readonly workflow: Workflow; readonly version: RunnableVersion }

/** The workflow that a submit picks (DOMAIN section 5): the only active one; else the first by rank whose condition holds; else the default. */
export const chooseWorkflow = ({ customer, proposal }: WithProposal, ctx: Context): Result<Chosen> => {
  const active = ctx.company.workflows
    .filter((w) => w.activeVersion !== null)
    .toSorted((a, b) => a.rank - b.rank || (a.id < b.id ? -1 : 1))
  const chosen = (workflow: Workflow | undefined): Result<Chosen> =>
    workflow === undefined || workflow.activeVersion === null
      ? refused(
          new DomainError(
            'NO_WORKFLOW',
            `No workflow of ${ctx.company.code} is active for these changes; an administrator has to activate one.`,
          ),
        )
      : ok({ workflow, version: workflow.activeVersion })
  if (active.length <= 1) return chosen(active[0])
  const input = {
    customer,
    proposed: project(customer, proposal.changes),
    changes: proposal.changes,
    submitter: ctx.actor,
    submitterGroups: groupsOf(ctx.actor, ctx.company.directory),
    now: ctx.now,
  }
  for (const workflow of active) {
    if (workflow.isDefault && workflow.activation === null) continue
    if (workflow.activationCondition === null) return chosen(workflow)
    const result = workflow.activationCondition.evaluate(input)
    if (!result.ok)
      return refused(
        new DomainError(
          'CONDITION_FAILED',
          `The activation condition of the workflow "${workflow.name}" failed: ${result.message} An administrator has to correct it.`,
        ),
      )
    if (result.value) return chosen(workflow)
  }
  return chosen(active.find((w) => w.isDefault))
}

const sceneOf = (state: WithProposal, run: Run, version: RunnableVersion, ctx: Context): Scene => ({
  proposal: state.proposal,
  run,
  customer: state.customer,
  company: ctx.company,
  version,
  ownerId: version.settings.ownerId,
  now: ctx.now,
  newId: ctx.newId,
})

const endRun = (proposal: Proposal, how: RunEnd, at: string | null, on: string): readonly Run[] =>
  proposal.runs.map((r) => (r.end === null ? { ...r, end: { how, at, on } } : r))

/** The item that brings changes back to whoever submitted them (a service account's to its responsible person). */
const returnItem = (proposal: Proposal, run: Run, ctx: Context, toId: string, subject: string): WorkItem => {
  const person = ctx.company.directory.people.get(toId)
  return {
    id: ctx.newId(),
    runId: run.id,
    kind: 'RETURN',
    elementPath: '',
    stepPath: '',
    step: 'Correct and submit again',
    subject,
    instructions: null,
    assigneeId: person?.kind === 'SERVICE' ? person.responsibleId : toId,
    assignments: [],
    status: 'OPEN',
    decidedById: null,
    version: 1,
    createdAt: ctx.now,
    closedAt: null,
    changes: proposal.changes.map(({ id, digest }) => ({ id, digest })),
  }
}

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
    runs: endRun(proposal, how, elementPath, ctx.now),
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
const settle = (state: WithProposal, walk: Walk, ctx: Context): Outcome<WithProposal> => {
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
      const done = apply({ ...state, proposal: { ...walked, runs: endRun(walked, 'APPROVED', null, ctx.now) } }, ctx)
      return { ...done, events: [...walk.events, ...done.events] }
    }
    case 'REJECTED': {
      const back = sendBack({ ...state, proposal: walked }, 'REJECTED', progress.elementPath, null, null, ctx)
      return { ...back, events: [...walk.events, ...back.events] }
    }
    case 'FAULTED': {
      const { fault } = progress
      return {
        state: { ...state, proposal: { ...walked, status: 'FAULTED', fault } },
        events: [
          ...walk.events,
          {
            type: 'ProposalFaulted',
            proposalId: walked.id,
            data: { code: fault.code, message: fault.message, path: [...(fault.at ?? [])] },
          },
        ],
      }
    }
    default:
      return progress satisfies never
  }
}

/** Takes the current run on after an answer. */
export const proceed = (state: WithProposal, ctx: Context): Outcome<WithProposal> => {
  const run = currentRun(state.proposal)
  const version = run === undefined ? undefined : ctx.runnable(run.workflowId, run.version)
  if (run === undefined || version === undefined) throw new Error('A running proposal has lost its workflow version')
  return settle(state, advance(sceneOf(state, run, version, ctx)), ctx)
}

export type Start = {
  readonly state: WithProposal
  readonly run: Run
  readonly chosen: Chosen
  readonly events: readonly DomainEvent[]
}

/**
 * Everything up to the first question: bases compared, the record validated, the workflow chosen, the run made. The preview goes
 * the same way (DOMAIN section 6, submit). Null run: all changes are in the record already.
 */
export const prepare = (
  state: WithProposal,
  comment: string | null,
  ctx: Context,
): Result<Start | { readonly alreadyApplied: Outcome<WithProposal> }> => {
  const conflicts = conflictsOf(state.customer, state.proposal.changes)
  const differing = conflicts.filter((c) => c.kind !== 'ALREADY_APPLIED')
  if (differing.length > 0) {
    const fields = labelsOf(differing.map((c) => c.change.field))
    return refused(
      new DomainError(
        'CONFLICT',
        `The customer changed meanwhile in ${fields}. Compare the values, then rebase: keep or drop each of these changes.`,
        { detail: { proposalId: state.proposal.id } },
      ),
    )
  }
  const dropped = dropApplied(
    state.proposal,
    conflicts.map((c) => c.change),
  )
  const proposal = dropped.proposal
  if (proposal.changes.length === 0) {
    const applied = conflicts.map((c) => c.change.id)
    const closed = alreadyAppliedProposal(proposal, applied, state.customer.version, ctx.now)
    return ok({
      alreadyApplied: { state: { ...state, proposal: closed.proposal }, events: [...dropped.events, ...closed.events] },
    })
  }
  const [first, ...more] = validateRecord(
    project(state.customer, proposal.changes),
    state.customer,
    ctx.company,
    ctx.accounts,
  )
  if (first !== undefined) return refused(invalid([first, ...more]))
  const chosen = chooseWorkflow({ ...state, proposal }, ctx)
  if (!chosen.ok) return chosen
  const { parameters } = ctx.company
  const run: Run = {
    id: ctx.newId(),
    number: proposal.runs.length + 1,
    workflowId: chosen.value.workflow.id,
    version: chosen.value.version.version,
    submittedById: ctx.actor.id,
    submittedAt: ctx.now,
    comment,
    parameters: { authorsMayNotApprove: parameters.authorsMayNotApprove, conflictPolicy: parameters.conflictPolicy },
    elements: {},
    steps: {},
    end: null,
  }
  // Who submits is a party from this moment on: the same people are excluded in the preview and in the run.
  const involved = proposal.involved.some((i) => i.userId === ctx.actor.id && i.as === 'SUBMITTER')
    ? proposal.involved
    : [...proposal.involved, { userId: ctx.actor.id, as: 'SUBMITTER' as const }]
  const next: Proposal = { ...proposal, involved, runs: [...proposal.runs, run] }
  return ok({ state: { ...state, proposal: next }, run, chosen: chosen.value, events: dropped.events })
}

/** Walks the whole route of a start without recording any of it. */
export const foreseeStart = (start: Start, ctx: Context): Walk =>
  foresee(sceneOf(start.state, start.run, start.chosen.version, ctx))

/** The first step of a foreseen route that would surely run and has nobody eligible of its own. */
export const withoutApprover = (walk: Walk): Walk['fellBack'][number] | undefined =>
  walk.fellBack.find((f) => f.to === 'UNASSIGNED' || (f.to === 'OWNER' && !f.stepPath.startsWith(uncoveredElement)))

export const noEligible = (step: string): DomainError =>
  new DomainError(
    'NO_ELIGIBLE_APPROVER',
    `Nobody may decide the step "${step}": everybody it names has a hand in these changes or in the workflow, is inactive or not a member. An administrator has to change the workflow or its people.`,
    { detail: { step } },
  )

/** What was said with a command is among the comments: whoever decides reads it there. The command's own event tells of it. */
const said = (proposal: Proposal, text: string | null, ctx: Context): Proposal['comments'] =>
  text === null
    ? proposal.comments
    : [...proposal.comments, { id: ctx.newId(), authorId: ctx.actor.id, text, at: ctx.now }]

/** Starts a run, or closes the proposal when there is nothing left to ask for. */
export const begin = (state: WithProposal, comment: string | null, ctx: Context): Result<Outcome<WithProposal>> => {
  const prepared = prepare(state, comment, ctx)
  if (!prepared.ok) return prepared
  if ('alreadyApplied' in prepared.value) return ok(prepared.value.alreadyApplied)
  const start = prepared.value
  const { run, chosen } = start
  const foreseen = foreseeStart(start, ctx)
  const lacking = withoutApprover(foreseen)
  if (lacking !== undefined) return refused(noEligible(lacking.step))
  const withdrawn = withdrawOpen(start.state.proposal.items, ctx.now, 'RESUBMITTED')
  const proposal: Proposal = {
    ...start.state.proposal,
    status: 'PENDING',
    items: withdrawn.items,
    comments: said(start.state.proposal, comment, ctx),
    updatedAt: ctx.now,
  }
  const at = { proposalId: proposal.id }
  const outcome = settle(
    { ...state, proposal },
    advance(sceneOf({ ...state, proposal }, run, chosen.version, ctx)),
    ctx,
  )
  return ok({
    ...outcome,
    events: [
      ...start.events,
      ...withdrawn.events.map((e) => ({ ...e, ...at })),
      {
        type: run.number === 1 ? 'ProposalSubmitted' : 'ProposalResubmitted',
        ...at,
        data: { runId: run.id, revision: proposal.revision, comment },
      },
      {
        type: 'WorkflowSelected',
        ...at,
        data: { runId: run.id, workflowId: run.workflowId, version: run.version, name: chosen.workflow.name },
      },
      ...outcome.events,
    ],
  })
}

/** Ends a run by recall: what was answered is left for the resubmission. */
export const recall = (state: WithProposal, comment: string, ctx: Context): Outcome<WithProposal> => {
  const { proposal } = state
  const withdrawn = withdrawOpen(proposal.items, ctx.now, 'RECALLED')
  const {
    id,
    companyId,
    customerId,
    revision,
    version,
    effectiveAt,
    createdAt,
    createdById,
    importId,
    changes,
    involved,
    decisions,
  } = proposal
  const next: Proposal = {
    id,
    companyId,
    customerId,
    revision,
    version,
    effectiveAt,
    createdAt,
    createdById,
    importId,
    changes,
    involved,
    decisions,
    comments: said(proposal, comment, ctx),
    status: 'DRAFT',
    items: withdrawn.items,
    runs: endRun(proposal, 'RECALLED', null, ctx.now),
    updatedAt: ctx.now,
  }
  return {
    state: { ...state, proposal: next },
    events: [
      ...withdrawn.events.map((e) => ({ ...e, proposalId: id })),
      {
        type: 'ProposalRecalled',
        proposalId: id,
        data: { runId: currentRun(proposal)?.id ?? null, comment, revision },
      },
    ],
  }
}
