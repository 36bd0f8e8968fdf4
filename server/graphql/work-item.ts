// Work items and decisions: who is asked, and what was answered.
import { isLive } from '../domain/workflow/carry.ts'
import { AvailableActionRef, itemActions, wholeState } from './actions.ts'
import { builder } from './builder.ts'
import { companyOf, viewerOf, type Context } from './context.ts'
import { encodeId } from './ids.ts'
import {
  DecisionRef,
  ImportJobRef,
  NodeRef,
  ProposalRef,
  ProposedChangeRef,
  UserRef,
  WorkItemRef,
  WorkQueueRef,
  type ChangeModel,
  type WorkItemModel,
} from './refs.ts'
import { maybePerson } from './user.ts'
import { maybeQueue } from './work-queue.ts'
import { isBefore } from '../domain/instant.ts'
import type { ChangeRef, DecisionOutcome, WorkItem, WorkItemKind as Kind } from '../domain/proposal.ts'
import { seatOfItem } from '../services/explain.ts'
import { keyText } from '../store/prepared.ts'

export const WorkItemKind = builder.enumType('WorkItemKind', {
  description: 'What is asked.',
  values: {
    APPROVAL: { description: 'To approve or reject changes.' },
    TASK: { description: 'To do something, and to complete or return it.' },
    DECISION: { description: 'To choose one of several outcomes.' },
    RETURN: { description: 'To correct changes that came back.' },
  } as const satisfies Record<Kind, { description: string }>,
})
export const WorkItemStatus = builder.enumType('WorkItemStatus', {
  description: 'Whether an answer is still wanted.',
  values: {
    OPEN: { description: 'Waiting for an answer.' },
    DECIDED: { description: 'Answered.' },
    WITHDRAWN: { description: 'No answer is wanted any more.' },
  } as const satisfies Record<WorkItem['status'], { description: string }>,
})
export const Outcome = builder.enumType('Outcome', {
  description: 'What was answered.',
  values: {
    APPROVED: { description: 'For the changes.' },
    REJECTED: { description: 'Against the changes.' },
    CHANGE_REQUESTED: { description: 'Sent back with a request for other values.' },
    COMPLETED: { description: 'The task is done.' },
    RETURNED: { description: 'The task was given back, which rejects the changes.' },
    CHOSEN: { description: 'One of the outcomes of a decision was picked: see `choice`.' },
  } as const satisfies Record<DecisionOutcome, { description: string }>,
})

/** The changes of a proposal that are still there among those that an item or a decision was about. */
const stillThere = async (
  context: Context,
  companyId: string,
  proposalId: string,
  refs: readonly ChangeRef[],
): Promise<ChangeModel[]> => {
  const ids = new Set(refs.map((ref) => ref.id))
  const changes = await context.loaders.changes.load(keyText(companyId, proposalId))
  return changes.filter((change) => ids.has(change.id)).map((change) => ({ companyId, proposalId, change }))
}

const proposalOf = async (context: Context, companyId: string, proposalId: string) => {
  const proposal = await context.loaders.proposal.load(keyText(companyId, proposalId))
  if (proposal === null) throw new Error('a work item has no proposal')
  return proposal
}

type Seat = Awaited<ReturnType<typeof seatOfItem>>
const seats = new WeakMap<WorkItem, Promise<Seat>>()
/** Who sits and what time will do, worked out once for each item that was read. */
const seatOf = (context: Context, { companyId, proposalId, item }: WorkItemModel): Promise<Seat> => {
  const read = async (): Promise<Seat> => {
    const state = await wholeState(context, companyId, proposalId)
    if (state === null) return { standInId: null, whenDue: null }
    const company = await companyOf(context, companyId)
    return seatOfItem(context.app, viewerOf(context), company, state.customer, state.proposal, item)
  }
  const known = seats.get(item) ?? read()
  seats.set(item, known)
  return known
}

WorkItemRef.implement({
  description:
    'One person or queue being asked: a seat of a step, a task, a choice, or a proposal that came back to its author.',
  interfaces: [NodeRef],
  fields: (t) => ({
    id: t.id({
      description: 'Node id.',
      resolve: ({ companyId, proposalId, item }) => encodeId('WorkItem', companyId, proposalId, item.id),
    }),
    proposal: t.field({
      type: ProposalRef,
      description: 'The proposal that it is about.',
      resolve: ({ companyId, proposalId }, _args, context) => proposalOf(context, companyId, proposalId),
    }),
    kind: t.field({ type: WorkItemKind, description: 'What is asked.', resolve: ({ item }) => item.kind }),
    elementPath: t.string({
      description: "Path of the workflow's element, e.g. elements.0.",
      resolve: ({ item }) => item.elementPath,
    }),
    step: t.string({ description: 'Name of the step.', resolve: ({ item }) => item.step }),
    subject: t.string({ description: 'What it is about, in a line.', resolve: ({ item }) => item.subject }),
    instructions: t.string({
      nullable: true,
      description: 'What the workflow tells whoever decides.',
      resolve: ({ item }) => item.instructions,
    }),
    assignee: t.field({
      type: UserRef,
      nullable: true,
      description: 'Whose seat it is; null: it lies in its queue, or nobody who may decide was found.',
      resolve: ({ companyId, item }, _args, context) => maybePerson(context, companyId, item.assigneeId),
    }),
    standIn: t.field({
      type: UserRef,
      nullable: true,
      description: 'Who sits now, if that is somebody else because the assignee is away.',
      resolve: async (model, _args, context) =>
        maybePerson(context, model.companyId, (await seatOf(context, model)).standInId),
    }),
    queue: t.field({
      type: WorkQueueRef,
      nullable: true,
      description: 'The queue that it lies in or was taken from.',
      resolve: ({ companyId, item }, _args, context) => maybeQueue(context, companyId, item.queueId),
    }),
    status: t.field({
      type: WorkItemStatus,
      description: 'Whether an answer is still wanted.',
      resolve: ({ item }) => item.status,
    }),
    decidedBy: t.field({
      type: UserRef,
      nullable: true,
      description: 'Who answered.',
      resolve: ({ companyId, item }, _args, context) => maybePerson(context, companyId, item.decidedById),
    }),
    version: t.int({
      description: 'Rises with every change of the item: of two answers, the one with the higher version is newer.',
      resolve: ({ item }) => item.version,
    }),
    createdAt: t.field({ type: 'DateTime', description: 'When it was asked.', resolve: ({ item }) => item.createdAt }),
    dueAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When time runs out for it; null: no limit, or its time stands still.',
      resolve: ({ item }) => item.dueAt,
    }),
    whenDue: t.string({
      nullable: true,
      description: 'What the system does when it falls due, as a sentence; null: no limit, or no longer open.',
      resolve: async (model, _args, context) => (await seatOf(context, model)).whenDue,
    }),
    overdue: t.boolean({
      description: 'Its time has run out and it is still open.',
      resolve: ({ item }, _args, { app }) =>
        item.status === 'OPEN' && item.dueAt !== null && !isBefore(app.clock().toISOString(), item.dueAt),
    }),
    escalationLevel: t.int({
      description: "0: asked by the step itself; n: by the n-th entry of the step's escalation path.",
      resolve: ({ item }) => item.escalationLevel,
    }),
    choices: t.stringList({
      nullable: true,
      description: 'Of a decision: the outcomes to choose from; null of anything else.',
      resolve: ({ item }) => (item.kind === 'DECISION' ? [...item.choices] : null),
    }),
    import: t.field({
      type: ImportJobRef,
      nullable: true,
      description: 'The import that it comes from, as its proposal does.',
      resolve: async ({ companyId, proposalId }, _args, context) => {
        const { importId } = await proposalOf(context, companyId, proposalId)
        return importId === null ? null : context.loaders.importJob.load(keyText(companyId, importId))
      },
    }),
    changes: t.field({
      type: [ProposedChangeRef],
      description: 'The changes that it decides on, as far as they are still proposed.',
      resolve: ({ companyId, proposalId, item }, _args, context) =>
        stillThere(context, companyId, proposalId, item.changes),
    }),
    actions: t.field({
      type: [AvailableActionRef],
      description: 'What you may do with it now and, for what you may not, why.',
      resolve: ({ companyId, proposalId, item }, _args, context) => itemActions(context, companyId, proposalId, item),
    }),
  }),
})

DecisionRef.implement({
  description:
    'What was answered to a work item, or automatically. It never changes, and holds for exactly the changes that it was given for.',
  fields: (t) => ({
    id: t.id({
      description: 'Its id.',
      resolve: ({ companyId, decision }) => encodeId('Decision', companyId, decision.id),
    }),
    actor: t.field({
      type: UserRef,
      nullable: true,
      description: 'Who answered; null for automatic actions and for timers.',
      resolve: ({ companyId, decision }, _args, context) => maybePerson(context, companyId, decision.actorId),
    }),
    onBehalfOf: t.field({
      type: UserRef,
      nullable: true,
      description: 'For whom, where that is somebody else.',
      resolve: ({ companyId, decision }, _args, context) => maybePerson(context, companyId, decision.onBehalfOfId),
    }),
    automatic: t.boolean({
      description:
        'The workflow itself answered: an automatic action, a limit that ran out, or another system that it asks.',
      resolve: ({ decision }) => decision.automatic,
    }),
    outcome: t.field({ type: Outcome, description: 'What was answered.', resolve: ({ decision }) => decision.outcome }),
    choice: t.string({
      nullable: true,
      description: 'Of CHOSEN: the outcome that was picked.',
      resolve: ({ decision }) => decision.choice,
    }),
    comment: t.string({
      nullable: true,
      description: 'What was said with it.',
      resolve: ({ decision }) => decision.comment,
    }),
    revision: t.int({
      description: 'The revision of the proposal that was looked at.',
      resolve: ({ decision }) => decision.revision,
    }),
    at: t.field({ type: 'DateTime', description: 'When.', resolve: ({ decision }) => decision.at }),
    workItem: t.field({
      type: WorkItemRef,
      nullable: true,
      description: 'The work item that was answered; null for automatic actions and for timers.',
      resolve: async ({ companyId, proposalId, decision }, _args, context) => {
        const items = await context.loaders.items.load(keyText(companyId, proposalId))
        const item = items.find(({ id }) => id === decision.workItemId)
        return item === undefined ? null : { companyId, proposalId, item }
      },
    }),
    elementPath: t.string({
      description: "Path of the workflow's element, e.g. elements.0.",
      resolve: ({ decision }) => decision.elementPath,
    }),
    step: t.string({
      nullable: true,
      description: 'Name of the step; null for automatic actions.',
      resolve: ({ decision }) => decision.step,
    }),
    changes: t.field({
      type: [ProposedChangeRef],
      nullable: true,
      description: 'The changes that it was given for, as far as they are still proposed.',
      resolve: ({ companyId, proposalId, decision }, _args, context) =>
        stillThere(context, companyId, proposalId, decision.changes),
    }),
    live: t.boolean({
      description: 'False once one of the changes that it was given for is different or gone.',
      resolve: async ({ companyId, proposalId, decision }, _args, context) => {
        const key = keyText(companyId, proposalId)
        const [head, changes] = await Promise.all([
          context.loaders.proposal.load(key),
          context.loaders.changes.load(key),
        ])
        return head !== null && isLive(decision, { effectiveAt: head.effectiveAt, changes })
      },
    }),
  }),
})
