// Answers to a work item: approve (whole or in part), reject, request change, complete, return, choose (DOMAIN section 6).
import { correctorFor } from './correcting.ts'
import { reasonRequired, type CommandOf } from './decide.ts'
import { DomainError, invalid, ok, refused, type Problem, type Result } from './errors.ts'
import type { DomainEvent } from './events.ts'
import { findField } from './fields.ts'
import { mayAnswer, mayRefuse, sittingAt, type Answer } from './permit-item.ts'
import { liveChanges, type Change, type Decision, type Proposal, type Refusal, type WorkItem } from './proposal.ts'
import { project, validateRecord } from './record.ts'
import { proceed, sendBack } from './run.ts'
import { checkRevision, type Context, type Outcome, type WithProposal } from './state.ts'
import { readText } from './text.ts'
import { refusedOf } from './workflow/carry.ts'

type Decided = Result<Outcome<WithProposal>>
type AnswerCommand = CommandOf<Answer>

const outcomes: Readonly<Record<Answer, Decision['outcome']>> = {
  APPROVE: 'APPROVED',
  REJECT: 'REJECTED',
  REQUEST_CHANGE: 'CHANGE_REQUESTED',
  COMPLETE: 'COMPLETED',
  RETURN: 'RETURNED',
  CHOOSE: 'CHOSEN',
}
/** Answers against, which need a reason. */
const against: Readonly<Partial<Record<Answer, string>>> = {
  REJECT: 'A rejection',
  REQUEST_CHANGE: 'A request for changes',
  RETURN: 'Returning a task',
}

export const itemOf = (proposal: Proposal, workItemId: string): WorkItem | undefined =>
  proposal.items.find((i) => i.id === workItemId)
export const noSuchItem = new DomainError('NOT_FOUND', 'There is no such work item, or it is not yours to see.', {
  at: ['workItemId'],
})

/** Records an answer to an item, for what is not refused of it; what follows from it is the run's to say. */
const record = (
  state: WithProposal,
  item: WorkItem,
  answer: Pick<Decision, 'outcome' | 'choice' | 'comment'>,
  refused: ReadonlyMap<string, string>,
  ctx: Context,
): Outcome<WithProposal> => {
  const { proposal } = state
  const { assigneeId } = item
  const onBehalfOfId = sittingAt(ctx, proposal, item).standInId === null ? null : assigneeId
  const changes = refused.size === 0 ? item.changes : item.changes.filter((c) => refused.get(c.id) !== c.digest)
  const decision: Decision = {
    id: ctx.newId(),
    runId: item.runId,
    workItemId: item.id,
    elementPath: item.elementPath,
    stepPath: item.stepPath,
    step: item.step,
    actorId: ctx.actor.id,
    onBehalfOfId,
    automatic: false,
    ...answer,
    revision: proposal.revision,
    effectiveAt: proposal.effectiveAt,
    at: ctx.now,
    changes,
  }
  const items = proposal.items.map((i) =>
    i.id === item.id
      ? { ...i, status: 'DECIDED' as const, decidedById: ctx.actor.id, closedAt: ctx.now, version: i.version + 1 }
      : i,
  )
  const event: DomainEvent = {
    type: 'DecisionRecorded',
    proposalId: proposal.id,
    workItemId: item.id,
    ...(onBehalfOfId !== null && { onBehalfOfId }),
    data: {
      runId: item.runId,
      decisionId: decision.id,
      path: item.stepPath,
      step: item.step,
      outcome: answer.outcome,
      ...(answer.choice !== null && { choice: answer.choice }),
      comment: answer.comment,
      revision: proposal.revision,
      assigneeId,
      changes: changes.map((c) => c.id),
      digests: changes.map((c) => c.digest),
    },
  }
  const decisions = [...proposal.decisions, decision]
  return { state: { ...state, proposal: { ...proposal, items, decisions, updatedAt: ctx.now } }, events: [event] }
}

const then = (before: Outcome<WithProposal>, next: Outcome<WithProposal>): Outcome<WithProposal> => ({
  ...next,
  events: [...before.events, ...next.events],
})

/** The changes that are refused with those named: an atomic group stands or falls together. */
const withGroups = (named: readonly Change[], live: readonly Change[]): ReadonlySet<string> => {
  const groupOf = (c: Change): string | null => {
    const group = c.operation === 'SET' ? findField(c.field)?.def?.atomicGroup : undefined
    return group === undefined ? null : `${c.record} ${c.recordId ?? ''} ${group}`
  }
  const groups = new Set(named.map(groupOf).filter((g) => g !== null))
  const ids = new Set(named.map((c) => c.id))
  return new Set(live.filter((c) => ids.has(c.id) || groups.has(groupOf(c) ?? '')).map((c) => c.id))
}

type Refusing = { readonly refusals: ReadonlyMap<string, Refusal>; readonly all: boolean }

/** What an approval leaves out: each named once, of what is decided on, with a reason, and leaving a valid record. */
const readRefusals = (
  { customer, proposal }: WithProposal,
  item: WorkItem,
  refuse: NonNullable<CommandOf<'APPROVE'>['refuse']>,
  ctx: Context,
): Result<Refusing> => {
  const live = liveChanges(proposal)
  const about = new Map(item.changes.map((c) => [c.id, c.digest]))
  const named = new Map<string, string>()
  const problems: Problem[] = []
  for (const [i, { changeId, reason }] of refuse.entries()) {
    const at = (member: string): string[] => ['refuse', String(i), member]
    const change = live.find((c) => c.id === changeId && about.get(c.id) === c.digest)
    if (change === undefined || named.has(changeId)) {
      const message =
        change === undefined
          ? 'This is not among the changes that this item decides on; read it again.'
          : 'This change is refused twice; name it once.'
      problems.push({ code: 'INVALID_VALUE', message, at: at('changeId') })
      continue
    }
    const text = readText(reason, 'reason')
    if (!text.ok) problems.push({ code: text.error.code, message: text.error.message, at: at('reason') })
    else if (text.value === null)
      problems.push({ code: 'REASON_REQUIRED', message: 'Refusing a change needs a reason.', at: at('reason') })
    else named.set(changeId, text.value)
  }
  const [first, ...more] = problems
  if (first !== undefined) return refused(invalid([first, ...more]))
  const gone = withGroups(
    live.filter((c) => named.has(c.id)),
    live,
  )
  const reasons = [...named.values()].join(' ')
  const refusals = new Map(
    [...gone].map((id): [string, Refusal] => [
      id,
      { byId: ctx.actor.id, reason: named.get(id) ?? reasons, at: ctx.now },
    ]),
  )
  const left = live.filter((c) => !gone.has(c.id))
  if (left.length === 0) return ok({ refusals, all: true })
  const [wrong] = validateRecord(project(customer, left), customer, ctx.company, ctx.accounts)
  if (wrong === undefined) return ok({ refusals, all: false })
  const message = `Without these changes the record would not be valid: ${wrong.message}`
  return refused(new DomainError('INVALID_VALUE', message, { at: ['refuse'] }))
}

/** Takes refused changes out: the revision rises, answers that were given stay, and who is still asked about them is told. */
const takeOut = (
  before: Outcome<WithProposal>,
  refusals: ReadonlyMap<string, Refusal>,
  now: string,
): Outcome<WithProposal> => {
  const { proposal } = before.state
  const revision = proposal.revision + 1
  const changes = proposal.changes.map((c) => ({ ...c, refusal: refusals.get(c.id) ?? c.refusal }))
  const isAbout = (item: WorkItem, change: Change | undefined): boolean =>
    item.status === 'OPEN' && item.changes.some((c) => c.id === change?.id && c.digest === change.digest)
  const gone = proposal.changes.filter((c) => refusals.has(c.id))
  const items = proposal.items.map((item) =>
    gone.some((change) => isAbout(item, change)) ? { ...item, version: item.version + 1 } : item,
  )
  const events = [...refusals].map(([changeId, { reason }]): DomainEvent => {
    const change = gone.find((c) => c.id === changeId)
    const asked = items.filter((item) => isAbout(item, change))
    return {
      type: 'ChangeRefused',
      proposalId: proposal.id,
      data: {
        changeId,
        field: change?.field ?? '',
        recordId: change?.recordId ?? null,
        reason,
        revision,
        workItemIds: asked.map(({ id }) => id),
        assigneeIds: asked.flatMap(({ assigneeId }) => assigneeId ?? []),
        queueIds: asked.flatMap(({ assigneeId, queueId }) => (assigneeId === null ? (queueId ?? []) : [])),
      },
    }
  })
  return then(before, {
    state: { ...before.state, proposal: { ...proposal, changes, items, revision, updatedAt: now } },
    events,
  })
}

const approve = (
  state: WithProposal,
  item: WorkItem,
  command: CommandOf<'APPROVE'>,
  comment: string | null,
  ctx: Context,
): Decided => {
  const { proposal } = state
  const refuse = command.refuse ?? []
  if (refuse.length === 0) {
    const answer = { outcome: 'APPROVED' as const, choice: null, comment }
    const recorded = record(state, item, answer, refusedOf(proposal.changes), ctx)
    return ok(then(recorded, proceed(recorded.state, ctx)))
  }
  const may = mayRefuse(ctx, proposal, item)
  if (may !== null) return refused(may)
  const refusing = readRefusals(state, item, refuse, ctx)
  if (!refusing.ok) return refusing
  const { refusals, all } = refusing.value
  if (all) {
    // Nothing would be left to approve: it is a rejection, where those are offered.
    const mayReject = mayAnswer(ctx, proposal, item, 'REJECT')
    if (mayReject !== null) return refused(mayReject)
    const reasons = [...new Set([...refusals.values()].map((r) => r.reason))].join(' ')
    const answer = { outcome: 'REJECTED' as const, choice: null, comment: comment ?? reasons }
    const recorded = record(state, item, answer, refusedOf(proposal.changes), ctx)
    return ok(then(recorded, proceed(recorded.state, ctx)))
  }
  const out = new Map(
    proposal.changes.flatMap((c) => (refusals.has(c.id) || c.refusal !== null ? [[c.id, c.digest]] : [])),
  )
  const recorded = record(state, item, { outcome: 'APPROVED', choice: null, comment }, out, ctx)
  const reduced = takeOut(recorded, refusals, ctx.now)
  return ok(then(reduced, proceed(reduced.state, ctx)))
}

/** Why changes cannot be requested of an author. */
const cannotCorrect = (userId: string, { company }: Context): DomainError => {
  const person = company.directory.people.get(userId)
  const who = person?.kind === 'SERVICE' ? `Whoever answers for ${person.name}` : (person?.name ?? 'This author')
  const message = person?.active
    ? `${who} may not edit and submit changes in ${company.code}; name another author.`
    : 'This author is not an active member any more; name another one.'
  return new DomainError('INVALID_VALUE', message, { at: ['to'] })
}

/** Answers an item. Errors: NOT_FOUND, NOT_ASSIGNED, IS_AUTHOR, NOT_OFFERED, ABSENT, WRONG_STATE, STALE_REVISION, REASON_REQUIRED, INVALID_VALUE. */
export const answerItem = (state: WithProposal, command: AnswerCommand, ctx: Context): Decided => {
  const { proposal } = state
  const item = itemOf(proposal, command.workItemId)
  if (item === undefined) return refused(noSuchItem)
  const refusal = mayAnswer(ctx, proposal, item, command.kind)
  // Whoever looked at older content is told so rather than that the item is gone.
  const stale =
    refusal === null || refusal.code === 'WRONG_STATE' ? checkRevision(proposal, command.revision, 'revision') : null
  if (stale !== null) return refused(stale)
  if (refusal !== null) return refused(refusal)
  const text = readText(command.comment, 'comment')
  if (!text.ok) return text
  if (command.kind === 'APPROVE') return approve(state, item, command, text.value, ctx)
  const needsReason = against[command.kind]
  if (text.value === null && needsReason !== undefined) return refused(reasonRequired(needsReason))
  const choice = command.kind === 'CHOOSE' ? command.choice : null
  if (choice !== null && !item.choices.includes(choice))
    return refused(
      new DomainError('INVALID_VALUE', `There is no outcome "${choice}"; choose one of ${item.choices.join(', ')}.`, {
        at: ['choice'],
      }),
    )
  const to = command.kind === 'REQUEST_CHANGE' ? command.toId : null
  if (to !== null && !proposal.involved.some((i) => i.userId === to))
    return refused(
      new DomainError('INVALID_VALUE', 'Changes can be requested of the submitter or of an author of this proposal.', {
        at: ['to'],
      }),
    )
  if (to !== null && correctorFor(ctx.company, to) === null) return refused(cannotCorrect(to, ctx))
  const answer = { outcome: outcomes[command.kind], choice, comment: text.value }
  const recorded = record(state, item, answer, refusedOf(proposal.changes), ctx)
  return ok(
    then(
      recorded,
      command.kind === 'REQUEST_CHANGE'
        ? sendBack(recorded.state, 'CHANGES_REQUESTED', item.elementPath, text.value, to, ctx)
        : proceed(recorded.state, ctx),
    ),
  )
}
