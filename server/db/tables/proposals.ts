// Proposals with everything that belongs to them. `place` keeps the order in which parts came: ids order nothing.
import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  foreignKey,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
  uuid,
  type PgColumn,
} from 'drizzle-orm/pg-core'
import type { Problem } from '../../domain/errors.ts'
import type { RecordName } from '../../domain/fields.ts'
import type {
  Change,
  ChangeRef,
  Decision,
  Involvement,
  ProposalStatus,
  Refusal,
  Run,
  RunEnd,
  WorkItem,
} from '../../domain/proposal.ts'
import type { Value } from '../../domain/values.ts'
import { instant, json, transactionId } from './columns.ts'
import { customers } from './customers.ts'

export const proposals = pgTable(
  'proposals',
  {
    companyId: uuid().notNull(),
    id: uuid().notNull(),
    customerId: uuid().notNull(),
    status: text().$type<ProposalStatus>().notNull(),
    revision: integer().notNull(),
    version: integer().notNull(),
    effectiveAt: instant(),
    createdAt: instant().notNull(),
    createdById: uuid().notNull(),
    updatedAt: instant().notNull(),
    importId: uuid(),
    revertsId: uuid(),
    /** When the system next has something to do about it: a limit runs out, or the effective time comes. */
    dueAt: instant(),
    /** When a webhook that the run waits for is to be asked, or asked again. */
    callDueAt: instant(),
    /** Only where the status is FAULTED. */
    fault: json<Problem>(),
    /** Only where the status is APPLIED or DISCARDED. */
    closedAt: instant(),
    /** The transaction that applied it: written by a trigger, read by the gate. */
    appliedXid: transactionId(),
  },
  (t) => [
    primaryKey({ columns: [t.companyId, t.id] }),
    foreignKey({
      name: 'proposals_customer',
      columns: [t.companyId, t.customerId],
      foreignColumns: [customers.companyId, customers.id],
    }),
    uniqueIndex('proposals_one_open')
      .on(t.companyId, t.customerId)
      .where(sql`${t.status} not in ('APPLIED', 'DISCARDED', 'SCHEDULED')`),
    index('proposals_scheduled')
      .on(t.companyId, t.customerId)
      .where(sql`${t.status} = 'SCHEDULED'`),
    index('proposals_due')
      .on(t.dueAt)
      .where(sql`${t.dueAt} is not null`),
    index('proposals_calling')
      .on(t.callDueAt)
      .where(sql`${t.callDueAt} is not null`),
    index('proposals_by_import')
      .on(t.companyId, t.importId)
      .where(sql`${t.importId} is not null`),
    index('proposals_by_customer').on(t.companyId, t.customerId, t.updatedAt),
    index('proposals_by_update').on(t.companyId, t.updatedAt, t.id),
    index('proposals_by_status').on(t.companyId, t.status, t.updatedAt, t.id),
  ],
)

const part = {
  companyId: uuid().notNull(),
  id: uuid().notNull(),
  proposalId: uuid().notNull(),
  place: bigint({ mode: 'number' }).generatedAlwaysAsIdentity(),
}

const ofProposal = (name: string, t: { companyId: PgColumn; proposalId: PgColumn }) =>
  foreignKey({ name, columns: [t.companyId, t.proposalId], foreignColumns: [proposals.companyId, proposals.id] })

export const changes = pgTable(
  'changes',
  {
    ...part,
    record: text().$type<RecordName>().notNull(),
    recordId: uuid(),
    field: text().notNull(),
    operation: text().$type<Change['operation']>().notNull(),
    base: json<Value>(),
    proposed: json<Value>(),
    creditCheck: boolean().notNull(),
    salt: text().notNull(),
    digest: text().notNull(),
    authorIds: uuid().array().notNull(),
    source: text().$type<Change['source']>().notNull(),
    proposedAt: instant().notNull(),
    reason: text(),
    refusal: json<Refusal>(),
  },
  (t) => [
    primaryKey({ columns: [t.companyId, t.id] }),
    ofProposal('changes_proposal', t),
    index('changes_by_proposal').on(t.companyId, t.proposalId),
  ],
)

export const involvements = pgTable(
  'involvements',
  {
    companyId: uuid().notNull(),
    proposalId: uuid().notNull(),
    userId: uuid().notNull(),
    as: text().$type<Involvement['as']>().notNull(),
    place: bigint({ mode: 'number' }).generatedAlwaysAsIdentity(),
  },
  (t) => [
    primaryKey({ columns: [t.companyId, t.proposalId, t.userId, t.as] }),
    ofProposal('involvements_proposal', t),
    index('involvements_by_user').on(t.companyId, t.userId),
  ],
)

export const runs = pgTable(
  'runs',
  {
    companyId: uuid().notNull(),
    id: uuid().notNull(),
    proposalId: uuid().notNull(),
    number: integer().notNull(),
    workflowId: uuid().notNull(),
    version: integer().notNull(),
    submittedById: uuid().notNull(),
    submittedAt: instant().notNull(),
    comment: text(),
    parameters: json<Run['parameters']>().notNull(),
    pinned: json<Run['pinned']>().notNull().default({}),
    elements: json<Run['elements']>().notNull(),
    steps: json<Run['steps']>().notNull(),
    /** The three are null while it runs: how it ended, in which element, when. */
    endHow: text().$type<RunEnd>(),
    endAt: text(),
    endOn: instant(),
  },
  (t) => [
    primaryKey({ columns: [t.companyId, t.id] }),
    ofProposal('runs_proposal', t),
    unique('runs_number').on(t.companyId, t.proposalId, t.number),
    index('runs_by_workflow')
      .on(t.companyId, t.workflowId)
      .where(sql`${t.endHow} is null`),
  ],
)

/** What has no limit comes last. */
export const byDue = (dueAt: PgColumn) => sql`coalesce(${dueAt}, timestamptz 'infinity')`

export const workItems = pgTable(
  'work_items',
  {
    ...part,
    runId: uuid().notNull(),
    /** The proposal's, so that a queue can leave out what is decided as a batch. */
    importId: uuid(),
    kind: text().$type<WorkItem['kind']>().notNull(),
    elementPath: text().notNull(),
    stepPath: text().notNull(),
    step: text().notNull(),
    subject: text().notNull(),
    instructions: text(),
    assigneeId: uuid(),
    queueId: uuid(),
    heldByIds: uuid()
      .array()
      .notNull()
      .default(sql`'{}'`),
    assignments: integer().array().notNull(),
    status: text().$type<WorkItem['status']>().notNull(),
    decidedById: uuid(),
    version: integer().notNull(),
    createdAt: instant().notNull(),
    closedAt: instant(),
    dueAt: instant(),
    escalationLevel: integer().notNull().default(0),
    choices: text()
      .array()
      .notNull()
      .default(sql`'{}'`),
    changes: json<readonly ChangeRef[]>().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.companyId, t.id] }),
    ofProposal('work_items_proposal', t),
    index('work_items_by_proposal').on(t.companyId, t.proposalId),
    index('work_items_open_by_assignee')
      .on(t.assigneeId, byDue(t.dueAt), t.createdAt, t.id)
      .where(sql`${t.status} = 'OPEN'`),
    index('work_items_in_queue')
      .on(t.queueId, byDue(t.dueAt), t.createdAt, t.id)
      .where(sql`${t.status} = 'OPEN' and ${t.assigneeId} is null`),
    // The queue without what comes from imports: a hundred thousand of those beside fifty others are never looked at.
    index('work_items_flat_by_assignee')
      .on(t.assigneeId, byDue(t.dueAt), t.createdAt, t.id)
      .where(sql`${t.status} = 'OPEN' and ${t.importId} is null`),
    index('work_items_flat_in_queue')
      .on(t.queueId, byDue(t.dueAt), t.createdAt, t.id)
      .where(sql`${t.status} = 'OPEN' and ${t.assigneeId} is null and ${t.importId} is null`),
    index('work_items_open_of_import')
      .on(t.companyId, t.importId, t.assigneeId, byDue(t.dueAt), t.createdAt, t.id)
      .where(sql`${t.status} = 'OPEN' and ${t.importId} is not null`),
    index('work_items_open')
      .on(t.companyId, byDue(t.dueAt), t.createdAt, t.id)
      .where(sql`${t.status} = 'OPEN'`),
  ],
)

export const decisions = pgTable(
  'decisions',
  {
    ...part,
    runId: uuid().notNull(),
    workItemId: uuid(),
    elementPath: text().notNull(),
    stepPath: text(),
    step: text(),
    actorId: uuid(),
    onBehalfOfId: uuid(),
    automatic: boolean().notNull(),
    outcome: text().$type<Decision['outcome']>().notNull(),
    choice: text(),
    comment: text(),
    revision: integer().notNull(),
    effectiveAt: instant(),
    at: instant().notNull(),
    changes: json<readonly ChangeRef[]>().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.companyId, t.id] }),
    ofProposal('decisions_proposal', t),
    index('decisions_by_proposal').on(t.companyId, t.proposalId),
  ],
)

export const comments = pgTable(
  'comments',
  {
    ...part,
    authorId: uuid().notNull(),
    text: text().notNull(),
    at: instant().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.companyId, t.id] }),
    ofProposal('comments_proposal', t),
    index('comments_by_proposal').on(t.companyId, t.proposalId),
  ],
)
