// A submit: everything up to the first question, the same for the preview, and the run that it starts (DOMAIN sections 5 and 6).
import { dropApplied } from './apply.ts'
import { alreadyAppliedProposal, withdrawOpen } from './closing.ts'
import type { Company } from './company.ts'
import { conflictsOf } from './conflict.ts'
import { DomainError, invalid, ok, refused, type Result } from './errors.ts'
import type { DomainEvent } from './events.ts'
import { labelsOf } from './fields.ts'
import { liveChanges, type Proposal, type Run } from './proposal.ts'
import { project, validateRecord } from './record.ts'
import { said, sceneOf, settle } from './run.ts'
import type { Context, Outcome, WithProposal } from './state.ts'
import { uncoveredElement } from './workflow/coverage.ts'
import { groupsOf } from './workflow/eligibility.ts'
import { advance, foresee, type Walk } from './workflow/interpreter.ts'
import type { RunnableVersion, Workflow } from './workflow/workflow.ts'

type Chosen = { readonly workflow: Workflow; readonly version: RunnableVersion }

/**
 * The workflow that a submit picks (DOMAIN section 5): the only active one; else the first by rank whose condition holds; else the
 * default. One without a condition is there for others to run, unless it is the default: `true` is the condition that always holds.
 */
export const chooseWorkflow = ({ customer, proposal }: WithProposal, ctx: Context): Result<Chosen> => {
  const active = ctx.company.workflows
    .filter((w) => w.activeVersion !== null)
    .toSorted((a, b) => a.rank - b.rank || (a.id < b.id ? -1 : 1))
  const chosen = (workflow: Workflow | undefined): Result<Chosen> =>
    workflow === undefined || workflow.activeVersion === null
      ? refused(
          new DomainError(
            'NO_WORKFLOW',
            active.length === 0
              ? `No workflow of ${ctx.company.code} is active; an administrator has to activate one.`
              : `No active workflow of ${ctx.company.code} is for these changes; an administrator has to mark one as the default, or give one a condition that holds.`,
          ),
        )
      : ok({ workflow, version: workflow.activeVersion })
  if (active.length <= 1) return chosen(active[0])
  const input = {
    customer,
    proposed: project(customer, liveChanges(proposal)),
    changes: liveChanges(proposal),
    submitter: ctx.actor,
    submitterGroups: groupsOf(ctx.actor, ctx.company.directory),
    now: ctx.now,
  }
  for (const workflow of active) {
    if (workflow.activationCondition === null) continue
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

/**
 * The company as it would be for a submit if this version of one of its workflows were active and the default, and no other workflow
 * were chosen. The others stay what they are for whoever runs them as subworkflows. A workflow that is not there changes nothing.
 */
export const asIfChosen = (company: Company, version: RunnableVersion): Company => ({
  ...company,
  workflows: company.workflows.map((workflow) =>
    workflow.id === version.workflowId
      ? {
          ...workflow,
          ...version.settings,
          ...{ isDefault: true, activation: null, activationCondition: null, activeVersion: version },
        }
      : { ...workflow, isDefault: false, activation: null, activationCondition: null },
  ),
})

/** The active versions of every workflow that a version comes through, at whatever depth: what a run pins at its submit. */
const pinsOf = (version: RunnableVersion, ctx: Context): Result<Readonly<Record<string, number>>> => {
  const pinned: Record<string, number> = {}
  const open = [version]
  for (let next = open.pop(); next !== undefined; next = open.pop())
    for (const element of next.elements.values()) {
      if (!('subworkflow' in element) || element.subworkflow.workflowId in pinned) continue
      const { name, workflowId } = element.subworkflow
      const active = ctx.company.workflows.find((w) => w.id === workflowId)?.activeVersion
      if (!active)
        return refused(
          new DomainError(
            'NO_WORKFLOW',
            `The workflow that "${name}" runs is not active; an administrator has to activate it or change "${version.settings.name}".`,
          ),
        )
      pinned[workflowId] = active.version
      open.push(active)
    }
  return ok(pinned)
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
  const conflicts = conflictsOf(state.customer, liveChanges(state.proposal))
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
  const isEmpty = liveChanges(proposal).length === 0
  if (isEmpty && conflicts.length === 0)
    return refused(
      new DomainError(
        'INVALID_VALUE',
        'Every change of this proposal has been refused; edit one of these fields again, or discard the proposal.',
      ),
    )
  if (isEmpty) {
    const applied = conflicts.map((c) => c.change.id)
    const closed = alreadyAppliedProposal(proposal, applied, state.customer.version, ctx.now)
    return ok({
      alreadyApplied: { state: { ...state, proposal: closed.proposal }, events: [...dropped.events, ...closed.events] },
    })
  }
  const [first, ...more] = validateRecord(
    project(state.customer, liveChanges(proposal)),
    state.customer,
    ctx.company,
    ctx.accounts,
  )
  if (first !== undefined) return refused(invalid([first, ...more]))
  const chosen = chooseWorkflow({ ...state, proposal }, ctx)
  if (!chosen.ok) return chosen
  const pinned = pinsOf(chosen.value.version, ctx)
  if (!pinned.ok) return pinned
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
    pinned: pinned.value,
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
    `Nobody may decide the step "${step}": everybody it names has a hand in these changes or in the workflow, is away without anybody who could stand in, is inactive or not a member. An administrator has to change the workflow or its people.`,
    { detail: { step } },
  )

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
