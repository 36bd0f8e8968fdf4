// What a proposal waits for, in codes and sentences; and what a submit would do, without doing it.
import { conflictsOf } from './conflict.ts'
import { correctors, mayCorrect } from './correcting.ts'
import { askingAt } from './decide-call.ts'
import { labelsOf } from './fields.ts'
import type { Company } from './company.ts'
import { hasRole } from './directory.ts'
import type { DomainError, Problem } from './errors.ts'
import { isBefore, spoken } from './instant.ts'
import { maySubmit, type Asking } from './permit.ts'
import { sittingAt, takersOf, whyStuck } from './permit-item.ts'
import { currentRun, isOpen, liveChanges, type Proposal, type Run, type WorkItem } from './proposal.ts'
import { sceneOf } from './run.ts'
import { foreseeStart, noEligible, prepare, withoutApprover } from './start.ts'
import type { Context, WithProposal } from './state.ts'
import { openCalls } from './workflow/calls.ts'
import { foresee, type Walk } from './workflow/interpreter.ts'
import { routeOf, type RouteElement } from './workflow/route.ts'
import type { RunnableVersion } from './workflow/workflow.ts'

export type BlockerCode =
  | 'WAITING_FOR_PEOPLE'
  | 'WAITING_FOR_QUEUE'
  | 'WAITING_FOR_SYSTEM'
  | 'SCHEDULED'
  | 'NOT_SUBMITTED'
  | 'CHANGES_REQUESTED'
  | 'NO_ELIGIBLE_APPROVER'
  | 'NO_WORKFLOW'
  | 'STAND_IN_EXCLUDED'
  | 'CONFLICT'
  | 'FAULT'
  | 'OTHER_PROPOSAL'
export type Blocker = {
  readonly code: BlockerCode
  readonly message: string
  readonly waitingForIds: readonly string[]
  readonly queueId: string | null
  readonly since: string | null
  readonly dueAt: string | null
}

const blocker = (code: BlockerCode, message: string, more: Partial<Blocker> = {}): Blocker => ({
  code,
  message,
  waitingForIds: [],
  queueId: null,
  since: null,
  dueAt: null,
  ...more,
})

const names = (ids: readonly string[], company: Company): string => {
  const list = ids.map((id) => company.directory.people.get(id)?.name ?? 'somebody unknown')
  return list.length < 2 ? (list[0] ?? 'nobody') : `${list.slice(0, -1).join(', ')} and ${list.at(-1)}`
}

/** What one step waits for: people, its queue, somebody who is away, or nobody at all. */
const waitingAt = (proposal: Proposal, items: readonly WorkItem[], ctx: Asking): Blocker[] => {
  const { company } = ctx
  const [first] = items
  if (first === undefined) return []
  const about = { since: first.createdAt, dueAt: first.dueAt }
  const overdue = first.dueAt !== null && !isBefore(ctx.now, first.dueAt) ? ' It is overdue.' : ''
  const blockers: Blocker[] = []
  for (const item of items) {
    if (item.assigneeId !== null || item.queueId === null) continue
    const queue = company.directory.queues.get(item.queueId)
    const takers = takersOf(ctx, proposal, item, queue?.memberIds ?? [])
    const note =
      takers.length > 0 ? '' : ' None of its members may take it: an administrator has to add one or reassign the item.'
    blockers.push(
      blocker(
        'WAITING_FOR_QUEUE',
        `Waiting at "${item.step}" for somebody of the queue "${queue?.name ?? ''}" to take it.${overdue}${note}`,
        { ...about, queueId: item.queueId, waitingForIds: takers },
      ),
    )
  }
  const seats = items
    .filter((item) => item.assigneeId !== null)
    .map((item) => ({ item, at: sittingAt(ctx, proposal, item) }))
  const ids = seats.map(({ at }) => at.userId).filter((id) => id !== null)
  if (ids.length > 0) {
    const stuck = seats.flatMap(({ item, at }) => {
      const why = at.userId === null ? null : whyStuck(ctx, proposal, item, at.userId)
      return why === null ? [] : [` ${names([at.userId ?? ''], company)} ${why}; an administrator can reassign it.`]
    })
    const message = `Waiting for ${names(ids, company)} at "${first.step}".${overdue}${stuck.join('')}`
    blockers.push(blocker('WAITING_FOR_PEOPLE', message, { ...about, waitingForIds: ids }))
  }
  for (const { item, at } of seats)
    if (at.stranded && item.assigneeId !== null)
      blockers.push(
        blocker(
          'STAND_IN_EXCLUDED',
          `${names([item.assigneeId], company)} is away, and nobody can stand in at "${item.step}". An administrator can reassign it.`,
          { ...about, waitingForIds: [item.assigneeId] },
        ),
      )
  if (items.some((item) => item.assigneeId === null && item.queueId === null))
    blockers.push(
      blocker(
        'NO_ELIGIBLE_APPROVER',
        `Nobody may decide the step "${first.step}". An administrator can assign it to somebody; or recall the proposal and change the workflow or its people.`,
        about,
      ),
    )
  return blockers
}

/** What other systems are asked, and what has come of it so far. */
const waitingForSystems = (proposal: Proposal, ctx: Asking): Blocker[] =>
  openCalls(proposal).map(({ path, call: { webhookId, failure, nextAt, attempts, since, deadline } }) => {
    const webhook = ctx.company.webhooks.get(webhookId)?.name ?? ''
    const asked = `Waits for the answer of "${webhook}" at "${askingAt(ctx, proposal, path)?.name ?? ''}".`
    const again = nextAt === null ? '' : ` It is asked again on ${spoken(nextAt)}.`
    const so = failure === null ? '' : ` The last of ${attempts} requests has failed. ${failure}${again}`
    return blocker('WAITING_FOR_SYSTEM', `${asked}${so}`, { since, dueAt: deadline })
  })

const waiting = (proposal: Proposal, ctx: Asking): Blocker[] => {
  const open = proposal.items.filter((i) => i.status === 'OPEN' && i.kind !== 'RETURN')
  const steps = [...Map.groupBy(open, (i) => i.stepPath).values()]
  return [...steps.flatMap((items) => waitingAt(proposal, items, ctx)), ...waitingForSystems(proposal, ctx)]
}

/** More people than these are not named one by one. */
const few = 5

/** With whom changes lie that came back; where that is nobody who may correct them, who else could, with a note that says so. */
const backWith = (
  proposal: Proposal,
  company: Company,
): { readonly ids: readonly string[]; readonly note: string | null } => {
  const assigned = proposal.items
    .filter((i) => i.kind === 'RETURN' && i.status === 'OPEN')
    .flatMap((i) => i.assigneeId ?? [])
  const able = assigned.filter((id) => mayCorrect(company, id))
  if (able.length > 0) return { ids: able, note: null }
  const others = correctors(company)
  const ids = others.length > few ? [] : others
  const why = assigned.length > 0 ? names(assigned, company) : 'Whoever proposed the changes'
  const who =
    others.length === 0
      ? 'an administrator has to give somebody the role clerk.'
      : `somebody with the role clerk has to${ids.length === 0 ? '' : ` (${names(ids, company)})`}; an administrator can reassign the item.`
  return { ids, note: `${why} may not correct them: ${who}` }
}

/** Who can resume. */
const administratorsOf = ({ directory }: Company): string[] =>
  [...directory.people.values()].filter((person) => hasRole(person, 'ADMINISTRATOR')).map((person) => person.id)

/** What stands between the proposal and its end, now. */
export const blockersOf = ({ customer, proposal }: WithProposal, ctx: Asking): Blocker[] => {
  const { company } = ctx
  const run = currentRun(proposal)
  const back = backWith(proposal, company)
  const sent = { waitingForIds: back.ids, since: run?.end?.on ?? null }
  const conflicts = (): Blocker[] => {
    const fields = conflictsOf(customer, liveChanges(proposal))
      .filter((c) => c.kind !== 'ALREADY_APPLIED')
      .map((c) => c.change.field)
    const message = `The customer changed meanwhile in ${labelsOf(fields)}: compare and rebase.`
    return fields.length === 0 ? [] : [blocker('CONFLICT', message)]
  }
  switch (proposal.status) {
    case 'DRAFT':
      return [
        blocker('NOT_SUBMITTED', 'The changes have not been submitted for approval yet.', {
          waitingForIds: [...new Set(proposal.changes.flatMap((c) => c.authorIds))],
          since: proposal.updatedAt,
        }),
        ...conflicts(),
      ]
    case 'CHANGES_REQUESTED':
      return [
        blocker(
          'CHANGES_REQUESTED',
          back.note ?? `${names(back.ids, company)} is asked to correct the changes and submit them again.`,
          sent,
        ),
        ...conflicts(),
      ]
    case 'REJECTED':
      return [
        blocker(
          'NOT_SUBMITTED',
          ['The changes were rejected: correct and submit them again, or discard them.', back.note]
            .filter((text) => text !== null)
            .join(' '),
          sent,
        ),
        ...conflicts(),
      ]
    case 'PENDING':
      return [...waiting(proposal, ctx), ...conflicts()]
    case 'SCHEDULED': {
      const other = ctx.others.find((p) => p.status !== 'SCHEDULED')
      const about = { since: run?.end?.on ?? proposal.updatedAt, dueAt: proposal.effectiveAt }
      return [
        blocker('SCHEDULED', `Approved; applies on ${spoken(proposal.effectiveAt ?? '')}.`, about),
        ...(other === undefined
          ? []
          : [
              blocker(
                'OTHER_PROPOSAL',
                'Another proposal for this customer is open; this one is applied when that one is closed.',
              ),
            ]),
        ...conflicts(),
      ]
    }
    case 'CONFLICTED':
      return conflicts()
    case 'FAULTED':
      return [
        blocker(
          'FAULT',
          `${proposal.fault.message} Recall the proposal to correct it; or an administrator resumes it once the cause is gone.`,
          { since: proposal.updatedAt, waitingForIds: administratorsOf(company) },
        ),
      ]
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
      blockers: prepared.error.code === 'NO_WORKFLOW' ? [blocker('NO_WORKFLOW', prepared.error.message)] : [],
      errors: [...errors, ...toProblems(prepared.error)],
    }
  if ('alreadyApplied' in prepared.value) return { workflow: null, route: [], blockers: [], errors }
  const start = prepared.value
  const foreseen = foreseeStart(start, ctx)
  const lacking = withoutApprover(foreseen)
  if (lacking !== undefined) errors.push(...toProblems(noEligible(lacking.step)))
  return {
    workflow: { workflowId: start.run.workflowId, version: start.run.version },
    route: routeOf(
      {
        ...{ run: null, foreseen, runs: false, ahead: true },
        proposal: start.state.proposal,
        subworkflow: pinnedBy(start.run, ctx),
      },
      start.chosen.version,
    ),
    blockers: foreseenBlockers(foreseen, lacking?.step),
    errors,
  }
}

/** The route of a proposal: of its current run, or before a submit what would be. Null when no workflow can be told. */
export const routeNow = (state: WithProposal, ctx: Context): RouteElement[] | null => {
  const { proposal } = state
  const run = currentRun(proposal)
  if (run === undefined || (proposal.status === 'DRAFT' && isOpen(proposal))) {
    if (!isOpen(proposal)) return null
    const preview = previewSubmit(state, ctx)
    return preview.workflow === null ? null : [...preview.route]
  }
  const version = ctx.runnable(run.workflowId, run.version)
  if (version === undefined) return null
  const runs = run.end === null && proposal.status === 'PENDING'
  const foreseen = runs ? foresee(sceneOf(state, run, version, ctx)) : asItWas(proposal, run)
  const ahead = runs || proposal.status === 'FAULTED'
  return routeOf({ run, foreseen, proposal, runs, ahead, subworkflow: pinnedBy(run, ctx) }, version)
}

/** The versions of subworkflows that a run has pinned. */
const pinnedBy =
  (run: Run, ctx: Pick<Context, 'runnable'>) =>
  (workflowId: string): RunnableVersion | undefined =>
    ctx.runnable(workflowId, run.pinned[workflowId] ?? 0)

/** A run that has ended foresees nothing more. */
const asItWas = (proposal: Proposal, run: Run): Walk => ({
  progress: { kind: 'WAITING' },
  run,
  items: proposal.items,
  decisions: proposal.decisions,
  events: [],
  fellBack: [],
})
