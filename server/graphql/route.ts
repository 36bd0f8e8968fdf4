// A proposal's way through the workflow as a person reads it, and what it waits for.
import { builder } from './builder.ts'
import { companyOf, viewerOf, type Context } from './context.ts'
import { ErrorCodeRef } from './error-codes.ts'
import { oncePerProposal } from './once.ts'
import { DecisionRef, UserRef, WorkItemRef, WorkQueueRef, type DecisionModel } from './refs.ts'
import { peopleIn, personIn } from './user.ts'
import { maybeQueue } from './work-queue.ts'
import type { ErrorCode } from '../domain/errors.ts'
import type { Blocker, BlockerCode as Code } from '../domain/explain.ts'
import type {
  RouteAssignment,
  RouteBranch,
  RouteElement,
  RouteStatus as Status,
  RouteStep,
} from '../domain/workflow/route.ts'
import { routeOfProposal } from '../services/explain.ts'
import { keyText } from '../store/prepared.ts'

/** `proposalId`: null where the route belongs to a submit that has not happened to any stored proposal. */
type Of<K extends string, T> = { readonly companyId: string; readonly proposalId: string | null } & Readonly<
  Record<K, T>
>
export type RouteElementModel = Of<'element', RouteElement>

export const Policy = builder.enumType('Policy', {
  description: 'When an assignment is decided. A reject among the answers that decide it decides against.',
  values: {
    SINGLE: { description: 'The first answer decides.' },
    MAJORITY: { description: 'More than half have answered.' },
    PERCENT: { description: 'The given share has answered.' },
    ALL: { description: 'All must approve; one reject decides at once.' },
  } as const,
})
export const Quorum = builder.enumType('Quorum', {
  description: 'What a policy counts.',
  values: {
    ANSWERS: { description: 'Answers of either kind.' },
    APPROVALS: { description: 'Approvals; decided against as soon as enough of them cannot be reached.' },
  } as const,
})
const ElementKind = builder.enumType('ElementKind', {
  description: 'What an element of a route does.',
  values: {
    APPROVAL: { description: 'Asks people for approval in one or more steps.' },
    TASK: { description: 'Asks a person or a queue to do something, and to complete or return it.' },
    DECISION: { description: 'A person picks one of its outcomes; its elements follow.' },
    CONDITION: { description: 'The system picks the first case whose condition holds.' },
    PARALLEL: { description: 'All its branches at once; goes on when all have finished.' },
    AUTOMATED: { description: 'The system checks something, or asks another system.' },
    SUBWORKFLOW: { description: 'Runs another workflow and waits for it.' },
    UNCOVERED: { description: 'Asks a last person about what nothing else has covered.' },
  } as const satisfies Record<RouteElement['kind'], { description: string }>,
})
const RouteStatus = builder.enumType('RouteStatus', {
  description: 'How far an element or step has come.',
  values: {
    TO_COME: { description: 'Will be asked.' },
    RUNNING: { description: 'Is being asked.' },
    APPROVED: { description: 'Decided for.' },
    REJECTED: { description: 'Decided against.' },
    SKIPPED: { description: 'Passed over: nothing for it to guard, or its condition does not hold.' },
    KEPT: { description: 'Answered in an earlier run; the answer still holds.' },
    DONE: { description: 'Finished, of what approves nothing: a task, a choice, a check, a condition.' },
  } as const satisfies Record<Status, { description: string }>,
})

const ExclusionRef = builder
  .objectRef<{ readonly companyId: string; readonly userId: string; readonly reason: ErrorCode }>('Exclusion')
  .implement({
    description: 'Somebody whom a step would have asked but may not.',
    fields: (t) => ({
      user: t.field({
        type: UserRef,
        description: 'Who.',
        resolve: (e, _args, context) => personIn(context, e.companyId, e.userId),
      }),
      reason: t.field({ type: ErrorCodeRef, description: 'Why not.', resolve: (e) => e.reason }),
    }),
  })

const RouteAssignmentRef = builder.objectRef<Of<'assignment', RouteAssignment>>('RouteAssignment').implement({
  description: 'Some of the people of a step, and how many of them have to answer.',
  fields: (t) => ({
    policy: t.field({
      type: Policy,
      description: 'When it is decided.',
      resolve: ({ assignment }) => assignment.policy,
    }),
    percent: t.int({
      nullable: true,
      description: 'Of PERCENT: the share.',
      resolve: ({ assignment }) => assignment.percent,
    }),
    quorum: t.field({
      type: Quorum,
      description: 'What the policy counts.',
      resolve: ({ assignment }) => assignment.quorum,
    }),
    needed: t.int({ description: 'How many answers decide it.', resolve: ({ assignment }) => assignment.needed }),
    given: t.int({ description: 'How many have been given.', resolve: ({ assignment }) => assignment.given }),
    people: t.field({
      type: [UserRef],
      description: 'Who is asked.',
      resolve: ({ companyId, assignment }, _args, context) => peopleIn(context, companyId, assignment.peopleIds),
    }),
    queue: t.field({
      type: WorkQueueRef,
      nullable: true,
      description: 'The queue that is asked; null: people are.',
      resolve: ({ companyId, assignment }, _args, context) => maybeQueue(context, companyId, assignment.queueId),
    }),
    excluded: t.field({
      type: [ExclusionRef],
      description: 'Who would have been asked, but may not.',
      resolve: ({ companyId, assignment }) => assignment.excluded.map((e) => ({ companyId, ...e })),
    }),
  }),
})

const decisionsBy = async (
  context: Context,
  companyId: string,
  proposalId: string | null,
  ids: readonly string[],
): Promise<DecisionModel[]> => {
  if (proposalId === null || ids.length === 0) return []
  const all = await context.loaders.decisions.load(keyText(companyId, proposalId))
  return all.filter((d) => ids.includes(d.id)).map((decision) => ({ companyId, proposalId, decision }))
}

const RouteStepRef = builder.objectRef<Of<'step', RouteStep>>('RouteStep').implement({
  description: 'One step of an approval; the one step of a task or a decision.',
  fields: (t) => ({
    path: t.string({
      description: 'Its path in the definition, e.g. elements.1.steps.0.',
      resolve: ({ step }) => step.path,
    }),
    name: t.string({ description: 'Its name in the workflow.', resolve: ({ step }) => step.name }),
    status: t.field({ type: RouteStatus, description: 'How far it has come.', resolve: ({ step }) => step.status }),
    guards: t.stringList({
      description: 'Names of the fields that it decides on.',
      resolve: ({ step }) => [...step.guards],
    }),
    assignments: t.field({
      type: [RouteAssignmentRef],
      complexity: { field: 1, multiplier: 2 },
      description: 'Who is asked, and how many of them have to answer.',
      resolve: ({ companyId, proposalId, step }) =>
        step.assignments.map((assignment) => ({ companyId, proposalId, assignment })),
    }),
    items: t.field({
      type: [WorkItemRef],
      complexity: { field: 1, multiplier: 3 },
      description: 'Its work items; none while it is still to come.',
      resolve: async ({ companyId, proposalId, step }, _args, context) => {
        if (proposalId === null || step.itemIds.length === 0) return []
        const items = await context.loaders.items.load(keyText(companyId, proposalId))
        return items.filter((item) => step.itemIds.includes(item.id)).map((item) => ({ companyId, proposalId, item }))
      },
    }),
    decisions: t.field({
      type: [DecisionRef],
      complexity: { field: 1, multiplier: 3 },
      description: 'What has been answered.',
      resolve: ({ companyId, proposalId, step }, _args, context) =>
        decisionsBy(context, companyId, proposalId, step.decisionIds),
    }),
    dueAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When time runs out for those who are asked now; null: no limit.',
      resolve: ({ step }) => step.dueAt,
    }),
  }),
})

export const RouteElementRef = builder.objectRef<RouteElementModel>('RouteElement')
const RouteBranchRef = builder.objectRef<Of<'branch', RouteBranch>>('RouteBranch').implement({
  description: 'One of the sequences that an element holds.',
  fields: (t) => ({
    name: t.string({ description: 'Its name in the workflow.', resolve: ({ branch }) => branch.name }),
    taken: t.boolean({
      nullable: true,
      description: 'Whether the proposal goes this way; null: not known yet.',
      resolve: ({ branch }) => branch.taken,
    }),
    elements: t.field({
      type: [RouteElementRef],
      complexity: { field: 1, multiplier: 2 },
      description: 'Its elements, in order.',
      resolve: ({ companyId, proposalId, branch }) =>
        branch.elements.map((element) => ({ companyId, proposalId, element })),
    }),
  }),
})

RouteElementRef.implement({
  description: 'One element of the way that a proposal takes.',
  fields: (t) => ({
    path: t.string({
      description: 'Its path in the definition, e.g. elements.1.',
      resolve: ({ element }) => element.path,
    }),
    name: t.string({ description: 'Its name in the workflow.', resolve: ({ element }) => element.name }),
    kind: t.field({ type: ElementKind, description: 'What it does.', resolve: ({ element }) => element.kind }),
    status: t.field({
      type: RouteStatus,
      description: 'How far it has come.',
      resolve: ({ element }) => element.status,
    }),
    steps: t.field({
      type: [RouteStepRef],
      complexity: { field: 1, multiplier: 3 },
      description: 'Its steps, in order.',
      resolve: ({ companyId, proposalId, element }) => element.steps.map((step) => ({ companyId, proposalId, step })),
    }),
    branches: t.field({
      type: [RouteBranchRef],
      complexity: { field: 1, multiplier: 2 },
      description: 'Of an element that holds others: its branches, the taken one and the others.',
      resolve: ({ companyId, proposalId, element }) =>
        element.branches.map((branch) => ({ companyId, proposalId, branch })),
    }),
    decisions: t.field({
      type: [DecisionRef],
      complexity: { field: 1, multiplier: 2 },
      description: 'What the element itself answered automatically, or another system did that it asks.',
      resolve: ({ companyId, proposalId, element }, _args, context) =>
        decisionsBy(context, companyId, proposalId, element.decisionIds),
    }),
  }),
})

/** The route of a proposal as it stands; null when no workflow can be told. */
export const routeModel = oncePerProposal(
  async (context, companyId, { customer, proposal }): Promise<RouteElementModel[] | null> => {
    const company = await companyOf(context, companyId)
    const route = await routeOfProposal(context.app, viewerOf(context), company, customer, proposal)
    return route?.map((element) => ({ companyId, proposalId: proposal.id, element })) ?? null
  },
)

const BlockerCode = builder.enumType('BlockerCode', {
  description: 'What stands between a proposal and its end. Later versions may add codes.',
  values: {
    WAITING_FOR_PEOPLE: { description: 'People have been asked and have not answered.' },
    WAITING_FOR_QUEUE: { description: 'Nobody has taken it from its queue yet.' },
    WAITING_FOR_SYSTEM: { description: 'Another system has been asked and has not answered.' },
    SCHEDULED: { description: 'Approved; it is applied at its time.' },
    NOT_SUBMITTED: { description: 'Nobody has submitted it, or submitted it again.' },
    CHANGES_REQUESTED: { description: 'Somebody has been asked to correct it.' },
    NO_ELIGIBLE_APPROVER: { description: 'A step has nobody who may decide.' },
    NO_WORKFLOW: { description: 'No active workflow applies.' },
    STAND_IN_EXCLUDED: { description: 'Who is asked is away, and who stands in may not decide.' },
    CONFLICT: { description: 'The customer has changed meanwhile.' },
    FAULT: { description: 'It was stopped by an error.' },
    OTHER_PROPOSAL: { description: 'Its time has come or will come, but another proposal for the customer is open.' },
  } as const satisfies Record<Code, { description: string }>,
})

export const BlockerRef = builder
  .objectRef<{ readonly companyId: string; readonly blocker: Blocker }>('Blocker')
  .implement({
    description: 'Something that a proposal waits for.',
    fields: (t) => ({
      code: t.field({ type: BlockerCode, description: 'What, for programs.', resolve: ({ blocker }) => blocker.code }),
      message: t.string({
        description: 'What, as a sentence for a person.',
        resolve: ({ blocker }) => blocker.message,
      }),
      waitingFor: t.field({
        type: [UserRef],
        description: 'Whose turn it is.',
        resolve: ({ companyId, blocker }, _args, context) => peopleIn(context, companyId, blocker.waitingForIds),
      }),
      since: t.field({
        type: 'DateTime',
        nullable: true,
        description: 'Since when, where that can be said.',
        resolve: ({ blocker }) => blocker.since,
      }),
      queue: t.field({
        type: WorkQueueRef,
        nullable: true,
        description: 'The queue that it lies in, if it waits for somebody to take it.',
        resolve: ({ companyId, blocker }, _args, context) => maybeQueue(context, companyId, blocker.queueId),
      }),
      dueAt: t.field({
        type: 'DateTime',
        nullable: true,
        description: 'When time runs out, or when it is applied; null: no time is set.',
        resolve: ({ blocker }) => blocker.dueAt,
      }),
    }),
  })
