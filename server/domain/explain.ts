// What a proposal waits for, in codes and sentences; and what a submit would do, without doing it.
import { conflictsOf } from './conflict.ts'
import { labelsOf } from './fields.ts'
import type { Company } from './company.ts'
import type { DomainError, Problem } from './errors.ts'
import { maySubmit } from './permit.ts'
import { currentRun, isOpen, type Proposal, type Run } from './proposal.ts'
import { foreseeStart, noEligible, prepare, withoutApprover } from './run.ts'
import type { Context, WithProposal } from './state.ts'
import { foresee, type Walk } from './workflow/interpreter.ts'
import { routeOf, type RouteElement } from './workflow/route.ts'

export type BlockerCode =
  | 'WAITING_FOR_PEOPLE'
  | 'NOT_SUBMITTED'
  | 'CHANGES_REQUESTED'
  | 'NO_ELIGIBLE_APPROVER'
  | 'NO_WORKFLOW'
  | 'CONFLICT'
  | 'FAULT'
export type Blocker = {
  readonly code: BlockerCode
  readonly message: string
  readonly waitingForIds: readonly string[]
  readonly since: string | null
}

const names = (ids: readonly string[], company: Company): string => {
  const list = ids.map((id) => company.directory.people.get(id)?.name ?? 'somebody unknown')
  return list.length < 2 ? (list[0] ?? 'nobody') : `${list.slice(0, -1).join(', ')} and ${list.at(-1)}`
}

const waiting = (proposal: Proposal, company: Company): Blocker[] => {
  const blockers: Blocker[] = []
  const open = proposal.items.filter((i) => i.status === 'OPEN' && i.kind === 'APPROVAL')
  for (const [path, items] of Map.groupBy(open, (i) => i.stepPath)) {
    const ids = items.map((i) => i.assigneeId).filter((id) => id !== null)
    const step = items[0]?.step ?? path
    const since = items[0]?.createdAt ?? null
    if (ids.length === 0) {
      blockers.push({
        code: 'NO_ELIGIBLE_APPROVER',
        message: `Nobody may decide the step "${step}". Recall the proposal, or have an administrator change the workflow or its people.`,
        waitingForIds: [],
        since,
      })
      continue
    }
    const inactive = ids.filter((id) => company.directory.people.get(id)?.active !== true)
    const note = inactive.length > 0 ? ` ${names(inactive, company)} cannot decide: not an active member any more.` : ''
    blockers.push({
      code: 'WAITING_FOR_PEOPLE',
      message: `Waiting for ${names(ids, company)} at "${step}".${note}`,
      waitingForIds: ids,
      since,
    })
  }
  return blockers
}

/** What stands between the proposal and its end, now. */
export const blockersOf = ({ customer, proposal }: WithProposal, company: Company): Blocker[] => {
  const run = currentRun(proposal)
  const returned = proposal.items.filter((i) => i.kind === 'RETURN' && i.status === 'OPEN')
  const backWith = returned.map((i) => i.assigneeId).filter((id) => id !== null)
  const conflicts = (): Blocker[] => {
    const fields = conflictsOf(customer, proposal.changes)
      .filter((c) => c.kind !== 'ALREADY_APPLIED')
      .map((c) => c.change.field)
    return fields.length === 0
      ? []
      : [
          {
            code: 'CONFLICT',
            message: `The customer changed meanwhile in ${labelsOf(fields)}: compare and rebase.`,
            waitingForIds: [],
            since: null,
          },
        ]
  }
  switch (proposal.status) {
    case 'DRAFT':
      return [
        {
          code: 'NOT_SUBMITTED',
          message: 'The changes have not been submitted for approval yet.',
          waitingForIds: [...new Set(proposal.changes.flatMap((c) => c.authorIds))],
          since: proposal.updatedAt,
        },
        ...conflicts(),
      ]
    case 'CHANGES_REQUESTED':
      return [
        {
          code: 'CHANGES_REQUESTED',
          message: `${names(backWith, company)} is asked to correct the changes and submit them again.`,
          waitingForIds: backWith,
          since: run?.end?.on ?? null,
        },
        ...conflicts(),
      ]
    case 'REJECTED':
      return [
        {
          code: 'NOT_SUBMITTED',
          message: 'The changes were rejected: correct and submit them again, or discard them.',
          waitingForIds: backWith,
          since: run?.end?.on ?? null,
        },
        ...conflicts(),
      ]
    case 'PENDING':
      return [...waiting(proposal, company), ...conflicts()]
    case 'CONFLICTED':
      return conflicts()
    case 'FAULTED':
      return [{ code: 'FAULT', message: proposal.fault.message, waitingForIds: [], since: proposal.updatedAt }]
    case 'APPLIED':
    case 'DISCARDED':
      return []
    default:
      return proposal satisfies never
  }
}

export type Preview = {
  readonly workflow: { readonly workflowId: string; readonly version: number } | null
  readonly route: readonly RouteElement[]
  readonly blockers: readonly Blocker[]
  readonly errors: readonly Problem[]
}

const toProblems = (error: DomainError): Problem[] => [
  ...(error.detail.problems ?? [{ code: error.code, message: error.message, ...(error.at && { at: error.at }) }]),
]

/** What would stop a run that a submit starts: nobody to ask, or a condition that fails. */
const foreseenBlockers = (foreseen: Walk, lacking: string | undefined): Blocker[] => {
  const blocker = (code: BlockerCode, message: string): Blocker => ({ code, message, waitingForIds: [], since: null })
  const { progress } = foreseen
  return [
    ...(lacking === undefined ? [] : [blocker('NO_ELIGIBLE_APPROVER', noEligible(lacking).message)]),
    ...(progress.kind === 'FAULTED' ? [blocker('FAULT', progress.fault.message)] : []),
  ]
}

/** What a submit of this proposal by the actor would do: the very steps of a submit, up to the first question. */
export const previewSubmit = (state: WithProposal, ctx: Context): Preview => {
  const refusal = maySubmit(ctx, state.proposal)
  const errors = refusal === null ? [] : toProblems(refusal)
  const prepared = prepare(state, null, ctx)
  if (!prepared.ok)
    return {
      workflow: null,
      route: [],
      blockers:
        prepared.error.code === 'NO_WORKFLOW'
          ? [{ code: 'NO_WORKFLOW', message: prepared.error.message, waitingForIds: [], since: null }]
          : [],
      errors: [...errors, ...toProblems(prepared.error)],
    }
  if ('alreadyApplied' in prepared.value) return { workflow: null, route: [], blockers: [], errors }
  const start = prepared.value
  const foreseen = foreseeStart(start, ctx)
  const lacking = withoutApprover(foreseen)
  if (lacking !== undefined) errors.push(...toProblems(noEligible(lacking.step)))
  return {
    workflow: { workflowId: start.run.workflowId, version: start.run.version },
    route: routeOf({ run: null, foreseen, proposal: start.state.proposal, runs: false }, start.chosen.version),
    blockers: foreseenBlockers(foreseen, lacking?.step),
    errors,
  }
}

/** The route of a proposal: of its current run, or before a submit what would be. Null when no workflow can be told. */
export const routeNow = (state: WithProposal, ctx: Context): RouteElement[] | null => {
  const { customer, proposal } = state
  const run = currentRun(proposal)
  if (run === undefined || (proposal.status === 'DRAFT' && isOpen(proposal))) {
    if (!isOpen(proposal)) return null
    const preview = previewSubmit(state, ctx)
    return preview.workflow === null ? null : [...preview.route]
  }
  const version = ctx.runnable(run.workflowId, run.version)
  if (version === undefined) return null
  const runs = run.end === null && proposal.status === 'PENDING'
  const foreseen = runs
    ? foresee({
        proposal,
        run,
        customer,
        company: ctx.company,
        version,
        ownerId: version.settings.ownerId,
        now: ctx.now,
        newId: ctx.newId,
      })
    : asItWas(proposal, run)
  return routeOf({ run, foreseen, proposal, runs }, version)
}

/** A run that has ended foresees nothing more. */
const asItWas = (proposal: Proposal, run: Run): Walk => ({
  progress: { kind: 'WAITING' },
  run,
  items: proposal.items,
  decisions: proposal.decisions,
  events: [],
  fellBack: [],
})
