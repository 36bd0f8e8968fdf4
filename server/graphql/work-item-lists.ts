// Lists of work items: the viewer's queue over all their companies, and all items of a company for its administrators.
import { builder } from './builder.ts'
import { companyIdOf, rolesIn, viewerOf, type Context } from './context.ts'
import { decodeId } from './ids.ts'
import { connectionOf, connectionType, forwardArgs, pageArgs, pageComplexity, pageOf } from './pages.ts'
import { WorkItemRef } from './refs.ts'
import { WorkItemKind, WorkItemStatus } from './work-item.ts'
import type { Company } from '../domain/company.ts'
import { isGiven } from '../domain/given.ts'
import type { WorkItemKind as Kind } from '../domain/proposal.ts'
import { seatsOf, stuckIn } from '../services/queue.ts'
import {
  countQueue,
  listQueue,
  queueOrder,
  queuePlace,
  type ItemFilter,
  type QueueFilter as Filter,
  type QueueScope as Scope,
} from '../store/queue.ts'
import { countCompanyItems, listCompanyItems, type CompanyItemFilter } from '../store/queue-items.ts'

const QueueScope = builder.enumType('QueueScope', {
  description: 'Why an item is in your queue.',
  values: {
    MINE: { description: 'It is assigned to you.' },
    STANDING_IN: { description: 'It is assigned to somebody who is away, and you stand in for them.' },
    QUEUES: { description: 'It lies in a queue that you are a member of, and nobody has claimed it yet.' },
  } as const satisfies Record<Scope, { description: string }>,
})

const BatchMode = builder.enumType('BatchMode', {
  description: 'What becomes of items that come from imports, which `approvalBatches` shows as one entry an import.',
  values: {
    HIDE: { description: 'They are left out, unless `importId` names their import.' },
    SHOW: { description: 'They are among the others, one by one.' },
  } as const,
})

export const QueueFilterInput = builder.inputType('QueueFilter', {
  description: 'Which work items; all that is given must hold.',
  fields: (t) => ({
    company: t.string({ description: 'Of the company with this code.' }),
    kind: t.field({ type: [WorkItemKind], description: 'Of any of these kinds.' }),
    scope: t.field({ type: [QueueScope], description: 'In your queue for any of these reasons.' }),
    overdue: t.boolean({
      description: 'true: whose time has run out; false: those with time left, or without a limit.',
    }),
    account: t.string({ description: 'About this customer.' }),
    search: t.string({ description: "Part of the customer's account or name, or of the subject." }),
    field: t.string({
      description: 'About a change of this field, or of a field of this record: creditLimit, bankAccounts.',
    }),
    workflowId: t.id({ description: 'Asked by this workflow.' }),
    importId: t.id({ description: 'That come from this import, whatever `batches` says.' }),
    batches: t.field({
      type: BatchMode,
      defaultValue: 'HIDE',
      description: 'What becomes of items that come from imports.',
    }),
  }),
})

export type FilterArgs = {
  company?: string | null | undefined
  kind?: Kind[] | null | undefined
  scope?: Scope[] | null | undefined
  overdue?: boolean | null | undefined
  account?: string | null | undefined
  search?: string | null | undefined
  field?: string | null | undefined
  workflowId?: string | null | undefined
  importId?: string | null | undefined
  batches?: 'HIDE' | 'SHOW' | null | undefined
}

/** Nothing has the id that is all zeros: what a filter by something unknown finds. */
const nothing = '00000000-0000-0000-0000-000000000000'
const idIn = (type: 'User' | 'Workflow' | 'ImportJob', id: string | null | undefined): string | null => {
  if (!isGiven(id)) return null
  const decoded = decodeId(id)
  return decoded?.type === type ? decoded.own : nothing
}

/** What the arguments say that items are about; another's company simply holds nothing of the viewer's. */
export const aboutOf = (context: Context, args: FilterArgs | null | undefined): ItemFilter => {
  const { company, kind, account, search, field, workflowId, importId, batches } = args ?? {}
  const hidden = !isGiven(importId) && batches !== 'SHOW'
  const companies = [...viewerOf(context).memberships].filter(([, m]) => !isGiven(company) || m.code === company)
  return {
    companyIds: companies.map(([companyId]) => companyId),
    kind,
    account,
    search,
    field,
    workflowId: idIn('Workflow', workflowId),
    importId: idIn('ImportJob', importId),
    withoutImports: hidden ? true : null,
  }
}

/** Companies as they have set themselves up; at hand without a query as long as they have not changed it. */
export const companiesOf = async (context: Context, companyIds: readonly string[]): Promise<Company[]> => {
  const found = await Promise.all(companyIds.map(async (id) => context.loaders.company.load(id)))
  return found.filter((company) => company !== null)
}

export const timeOf = (context: Context): string => context.app.clock().toISOString()

/** The viewer's queue as the store asks for it. */
export const queueFilter = async (
  context: Context,
  args: FilterArgs | null | undefined,
  now = timeOf(context),
): Promise<Filter> => {
  const { userId } = viewerOf(context)
  const about = aboutOf(context, args)
  const seats = await seatsOf(context.app, await companiesOf(context, about.companyIds), userId, now, about)
  return { ...about, userId, seats, scope: args?.scope, overdue: args?.overdue, now }
}

const WorkItemConnection = connectionType('WorkItem', WorkItemRef, 'work items', true)

builder.queryField('approvalQueue', (t) =>
  t.field({
    type: WorkItemConnection,
    nullable: true,
    complexity: pageComplexity,
    description:
      'The open work items that wait for you, over all your companies: yours, those of people for whom you stand in, and those that nobody has claimed yet in your queues. What falls due first comes first, what has no limit last. Those of imports are in `approvalBatches` instead, unless the filter asks for them.',
    args: { filter: t.arg({ type: QueueFilterInput, description: 'Which ones.' }), ...pageArgs },
    resolve: async (_root, args, context) => {
      const page = pageOf(args, queueOrder)
      const filter = await queueFilter(context, args.filter)
      const { db } = context.app
      const rows = await listQueue(db, filter, page)
      return connectionOf(
        page,
        queueOrder,
        rows,
        queuePlace,
        (row) => row,
        () => countQueue(db, filter),
      )
    },
  }),
)

const WorkItemFilter = builder.inputType('WorkItemFilter', {
  description: 'Which work items of a company; all that is given must hold.',
  fields: (t) => ({
    assignee: t.id({ description: 'Assigned to this user.' }),
    unassigned: t.boolean({
      description:
        'true: nobody who may decide was found, or it lies in a queue of which no member may take it; false: all others.',
    }),
    overdue: t.boolean({ description: 'true: open, and its time has run out; false: all others.' }),
    status: t.field({ type: [WorkItemStatus], description: 'In any of these states; by default those that are open.' }),
    account: t.string({ description: 'About this customer.' }),
  }),
})

builder.queryField('workItems', (t) =>
  t.field({
    type: WorkItemConnection,
    nullable: true,
    complexity: pageComplexity,
    description:
      'All work items of a company, by default those that are open, by due time: what waits, for whom, and what is overdue or unassigned. For its administrators.',
    args: {
      company: t.arg.string({ required: true, description: 'Code of the company.' }),
      filter: t.arg({ type: WorkItemFilter, description: 'Which ones.' }),
      ...forwardArgs(),
    },
    resolve: async (_root, { company, filter, ...args }, context) => {
      const companyId = companyIdOf(context, company)
      if (companyId === null || !rolesIn(context, companyId).includes('ADMINISTRATOR')) return null
      const page = pageOf(args, queueOrder)
      const { assignee, unassigned, overdue, status, account } = filter ?? {}
      const now = timeOf(context)
      const known = isGiven(unassigned) ? await context.loaders.company.load(companyId) : null
      const which: CompanyItemFilter = {
        companyId,
        assigneeId: idIn('User', assignee),
        unassigned,
        overdue,
        status,
        account,
        now,
        ...(known !== null && { stuck: await stuckIn(context.app, known, now) }),
      }
      const { db } = context.app
      return connectionOf(
        page,
        queueOrder,
        await listCompanyItems(db, which, page),
        queuePlace,
        (row) => row,
        () => countCompanyItems(db, which),
      )
    },
  }),
)
