// Proposals: the changes open for one customer, and their way through the workflow.
import type { GraphQLResolveInfo } from 'graphql'
import { AvailableActionRef, othersOf, proposalActions } from './actions.ts'
import { BlockerRef, RouteElementRef, routeModel } from './route.ts'
import { builder } from './builder.ts'
import { asked } from './asked.ts'
import { asksShown, ConflictRef, conflictModels } from './change.ts'
import { companyOf, viewerOf, type Context } from './context.ts'
import { UserErrorItem } from './error-codes.ts'
import { EventConnection, eventsOf } from './event.ts'
import { encodeId } from './ids.ts'
import { oncePerProposal } from './once.ts'
import { soon } from './soon.ts'
import { forwardArgs, pageComplexity } from './pages.ts'
import {
  CommentRef,
  CompanyRef,
  CustomerRef,
  DecisionRef,
  ImportJobRef,
  NodeRef,
  ProposalRef,
  ProposedChangeRef,
  UserRef,
  WorkflowVersionRef,
  WorkItemRef,
  type ChangeModel,
} from './refs.ts'
import { maybePerson, personIn } from './user.ts'
import { versionIn } from './workflow-lookup.ts'
import type { ProposalStatus as Status, Run } from '../domain/proposal.ts'
import { blockersOfProposal } from '../services/explain.ts'
import { keyText } from '../store/prepared.ts'
import type { ProposalHead, ShownChange } from '../store/proposals.ts'

export const ProposalStatus = builder.enumType('ProposalStatus', {
  description: 'Where a proposal stands.',
  values: {
    DRAFT: { description: 'Being edited; nobody has been asked.' },
    PENDING: { description: 'Submitted and locked; waiting for approval.' },
    CHANGES_REQUESTED: { description: 'Sent back for other values; can be edited.' },
    REJECTED: { description: 'Rejected; can be edited and submitted again, or discarded.' },
    SCHEDULED: { description: 'Approved; applies at `effectiveAt`. Can be recalled until then.' },
    CONFLICTED: { description: 'Approved, but the record has changed meanwhile: rebase or discard.' },
    FAULTED: { description: 'Stopped by an error: see `fault`.' },
    APPLIED: { description: 'Written to the customer; closed.' },
    DISCARDED: { description: 'Closed without effect.' },
  } as const satisfies Record<Status, { description: string }>,
})

/** Each list of fields stands for all proposals of a request: it is looked at once. */
const shownOf = new WeakMap<readonly unknown[], boolean>()
const showsOnly = (info: GraphQLResolveInfo): boolean => {
  let shown = shownOf.get(info.fieldNodes)
  if (shown === undefined) shownOf.set(info.fieldNodes, (shown = asksShown(asked(info, []), '')))
  return shown
}

const keyOf = (proposal: ProposalHead): string => keyText(proposal.companyId, proposal.id)
const lastRun = async (context: Context, proposal: ProposalHead): Promise<Run | undefined> =>
  (await context.loaders.runs.load(keyOf(proposal))).at(-1)

const blockersOf = oncePerProposal(async (context, companyId, { customer, proposal }) => {
  const [company, others] = await Promise.all([companyOf(context, companyId), othersOf(context, proposal)])
  const blockers = await blockersOfProposal(context.app, viewerOf(context), company, customer, proposal, others)
  return blockers.map((blocker) => ({ companyId, blocker }))
})

ProposalRef.implement({
  description:
    'The changes that are proposed together for one customer. Nothing of it is in the record before it is APPLIED.',
  interfaces: [NodeRef],
  fields: (t) => ({
    id: t.id({ description: 'Node id.', resolve: (p) => encodeId('Proposal', p.companyId, p.id) }),
    company: t.field({
      type: CompanyRef,
      description: 'The company of its customer.',
      resolve: (p, _args, context) => companyOf(context, p.companyId),
    }),
    customer: t.field({
      type: CustomerRef,
      description: 'The customer that it is about, as it is now.',
      resolve: async (p, _args, context) => {
        const customer = await context.loaders.customer.load(keyText(p.companyId, p.customerId))
        if (customer === null) throw new Error('a proposal has no customer')
        return customer
      },
    }),
    status: t.field({ type: ProposalStatus, description: 'Where it stands.', resolve: (p) => p.status }),
    revision: t.exposeInt('revision', {
      description:
        'Number of its content: rises with every change that comes, moves or goes. A decision names the one that was looked at.',
    }),
    changes: t.field({
      type: [ProposedChangeRef],
      description: 'What is proposed.',
      resolve: (p, _args, { loaders }, info) =>
        soon<readonly ShownChange[], ChangeModel[]>(
          (showsOnly(info) ? loaders.shownChanges : loaders.changes).load(keyOf(p)),
          (changes) => changes.map((change) => ({ companyId: p.companyId, proposalId: p.id, change })),
        ),
    }),
    effectiveAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Not to be applied before this time; null: as soon as it is approved.',
      resolve: (p) => p.effectiveAt,
    }),
    import: t.field({
      type: ImportJobRef,
      nullable: true,
      description: 'The import that it comes from; null for one of a person, of another system, or of a call.',
      resolve: ({ companyId, importId }, _args, context) =>
        importId === null ? null : context.loaders.importJob.load(keyText(companyId, importId)),
    }),
    reverts: t.field({
      type: ProposalRef,
      nullable: true,
      description: 'The applied proposal that this one takes back.',
      resolve: (p, _args, context) =>
        p.revertsId === null ? null : context.loaders.proposal.load(keyText(p.companyId, p.revertsId)),
    }),
    createdAt: t.field({
      type: 'DateTime',
      description: 'When its first change was proposed.',
      resolve: (p) => p.createdAt,
    }),
    updatedAt: t.field({
      type: 'DateTime',
      description: 'When anything last happened to it.',
      resolve: (p) => p.updatedAt,
    }),
    submittedBy: t.field({
      type: UserRef,
      nullable: true,
      description: 'Who submitted it last; null before the first submit.',
      resolve: async (p, _args, context) =>
        maybePerson(context, p.companyId, (await lastRun(context, p))?.submittedById ?? null),
    }),
    submittedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it was last submitted; null before the first submit.',
      resolve: async (p, _args, context) => (await lastRun(context, p))?.submittedAt ?? null,
    }),
    closedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it was applied or discarded; null while it is open.',
      resolve: (p) => p.closedAt,
    }),
    workflow: t.field({
      type: WorkflowVersionRef,
      nullable: true,
      description: 'The version of the workflow that it runs on, or has last run on.',
      resolve: async (p, _args, context) => {
        const run = await lastRun(context, p)
        return run === undefined ? null : versionIn(context, p.companyId, run.workflowId, run.version)
      },
    }),
    route: t.field({
      type: [RouteElementRef],
      nullable: true,
      complexity: { field: 20, multiplier: 3 },
      description:
        'What has been asked, answered, skipped and is still to come, in order; before submit, what would be. Null when no workflow can be told.',
      resolve: (p, _args, context) => routeModel(context, p.companyId, p.id),
    }),
    workItems: t.field({
      type: [WorkItemRef],
      nullable: true,
      description: 'Everybody who is or was asked.',
      args: {
        open: t.arg.boolean({ description: 'True: only those who have not answered yet; false: only the others.' }),
      },
      resolve: async (p, args, context) =>
        (await context.loaders.items.load(keyOf(p)))
          .filter((item) => typeof args.open !== 'boolean' || (item.status === 'OPEN') === args.open)
          .map((item) => ({ companyId: p.companyId, proposalId: p.id, item })),
    }),
    decisions: t.field({
      type: [DecisionRef],
      nullable: true,
      description: 'What was answered, by people and automatically, oldest first.',
      resolve: async (p, _args, context) =>
        (await context.loaders.decisions.load(keyOf(p))).map((decision) => ({
          companyId: p.companyId,
          proposalId: p.id,
          decision,
        })),
    }),
    comments: t.field({
      type: [CommentRef],
      nullable: true,
      description: 'What people said about it, oldest first.',
      resolve: async (p, _args, context) =>
        (await context.loaders.comments.load(keyOf(p))).map((comment) => ({
          companyId: p.companyId,
          proposalId: p.id,
          comment,
        })),
    }),
    conflicts: t.field({
      type: [ConflictRef],
      nullable: true,
      description: 'Changes whose record has moved since they were proposed; empty once it is closed.',
      resolve: (p, _args, context) => (p.closedAt === null ? conflictModels(context, p) : []),
    }),
    blockers: t.field({
      type: [BlockerRef],
      nullable: true,
      complexity: { field: 5, multiplier: 2 },
      description: 'What it waits for, as codes and sentences; empty once it is closed.',
      resolve: async (p, _args, context) => (await blockersOf(context, p.companyId, p.id)) ?? [],
    }),
    fault: t.field({
      type: UserErrorItem,
      nullable: true,
      description: 'Why it was stopped; null unless it is FAULTED.',
      resolve: (p) => p.fault,
    }),
    actions: t.field({
      type: [AvailableActionRef],
      description: 'What you may do with it now and, for what you may not, why.',
      resolve: (p, _args, context) => proposalActions(context, p.companyId, p.id),
    }),
    history: t.field({
      type: EventConnection,
      nullable: true,
      complexity: pageComplexity,
      description: 'What has happened to it, newest first.',
      args: forwardArgs(),
      resolve: (p, args, context) =>
        eventsOf(context, { companyId: p.companyId, proposalId: p.id }, args, { newestFirst: true, unsealed: true }),
    }),
  }),
})

CommentRef.implement({
  description: 'What somebody said about a proposal.',
  fields: (t) => ({
    id: t.id({
      description: 'Its id.',
      resolve: ({ companyId, comment }) => encodeId('Comment', companyId, comment.id),
    }),
    author: t.field({
      type: UserRef,
      description: 'Who said it.',
      resolve: ({ companyId, comment }, _args, context) => personIn(context, companyId, comment.authorId),
    }),
    text: t.string({ description: 'What they said.', resolve: ({ comment }) => comment.text }),
    at: t.field({ type: 'DateTime', description: 'When.', resolve: ({ comment }) => comment.at }),
  }),
})
