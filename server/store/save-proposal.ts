// Writing a proposal: what differs between two states of it, table by table. Aggregates are immutable and an unchanged
// part keeps its reference, so that a difference is seen without comparing values.
import { and, eq, getTableColumns, sql, type SQL } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import type { Tx } from '../db/connect.ts'
import { changes, comments, decisions, involvements, proposals, runs, workItems } from '../db/tables/proposals.ts'
import { nextDue } from '../domain/due.ts'
import type { Proposal, Run } from '../domain/proposal.ts'
import { explaining, StaleWrite } from './errors.ts'

/**
 * Saves a new proposal, or what differs from `before`, if the row is still at `before.version`; StaleWrite otherwise.
 * A second open proposal for the customer is an OPEN_PROPOSAL.
 */
export const saveProposal = (tx: Tx, before: Proposal | null, after: Proposal): Promise<void> =>
  explaining(async () => {
    if (before === after) return
    await saveHead(tx, before, after)
    await saveParts(tx, before, after)
  })

const saveHead = async (tx: Tx, before: Proposal | null, after: Proposal): Promise<void> => {
  const row = {
    companyId: after.companyId,
    id: after.id,
    customerId: after.customerId,
    status: after.status,
    revision: after.revision,
    version: after.version,
    effectiveAt: after.effectiveAt,
    createdAt: after.createdAt,
    createdById: after.createdById,
    updatedAt: after.updatedAt,
    importId: after.importId,
    revertsId: after.revertsId,
    dueAt: nextDue(after),
    fault: after.status === 'FAULTED' ? after.fault : null,
    closedAt: after.status === 'APPLIED' || after.status === 'DISCARDED' ? after.closedAt : null,
  }
  if (before === null) {
    await tx.insert(proposals).values(row)
    return
  }
  const written = await tx
    .update(proposals)
    .set(row)
    .where(
      and(
        eq(proposals.companyId, before.companyId),
        eq(proposals.id, before.id),
        eq(proposals.version, before.version),
      ),
    )
    .returning({ id: proposals.id })
  if (written.length !== 1) throw new StaleWrite('proposals')
}

const saveParts = async (tx: Tx, before: Proposal | null, after: Proposal): Promise<void> => {
  const of = { companyId: after.companyId, proposalId: after.id }
  const change = differences(before?.changes, after.changes)
  if (change.removed.length > 0) {
    const ids = change.removed.map(({ id }) => id)
    await tx
      .delete(changes)
      .where(and(eq(changes.companyId, after.companyId), sql`${changes.id} = any(${sql.param(ids)})`))
  }
  const changed = change.written.map((part) => ({ ...of, ...part, authorIds: [...part.authorIds] }))
  if (changed.length > 0) {
    await tx
      .insert(changes)
      .values(changed)
      .onConflictDoUpdate({ target: [changes.companyId, changes.id], set: replaced(changes) })
  }

  const known = new Set(before?.involved.map(({ userId, as }) => `${userId} ${as}`))
  const involved = after.involved.filter(({ userId, as }) => !known.has(`${userId} ${as}`))
  if (involved.length > 0) await tx.insert(involvements).values(involved.map((part) => ({ ...of, ...part })))

  const run = differences(before?.runs, after.runs)
  if (run.written.length > 0) {
    await tx
      .insert(runs)
      .values(run.written.map((part) => ({ ...of, ...runColumns(part) })))
      .onConflictDoUpdate({ target: [runs.companyId, runs.id], set: replaced(runs) })
  }

  const item = differences(before?.items, after.items)
  if (item.written.length > 0) {
    await tx
      .insert(workItems)
      .values(
        item.written.map((part) => ({
          ...of,
          ...part,
          assignments: [...part.assignments],
          heldByIds: [...part.heldByIds],
          choices: [...part.choices],
        })),
      )
      .onConflictDoUpdate({ target: [workItems.companyId, workItems.id], set: replaced(workItems) })
  }

  const decision = differences(before?.decisions, after.decisions)
  if (decision.written.length > 0)
    await tx.insert(decisions).values(decision.written.map((part) => ({ ...of, ...part })))

  const comment = differences(before?.comments, after.comments)
  if (comment.written.length > 0) await tx.insert(comments).values(comment.written.map((part) => ({ ...of, ...part })))
  // Of what belongs to the history nothing is ever taken back.
  if ([run, item, decision, comment].some(({ removed }) => removed.length > 0)) {
    throw new Error(`proposal ${after.id} has lost a part of its history`)
  }
}

const runColumns = ({ end, ...run }: Run) => ({
  ...run,
  endHow: end?.how ?? null,
  endAt: end?.at ?? null,
  endOn: end?.on ?? null,
})

type Part = { readonly id: string }

/** Which parts are new or another object than before, and which are gone. */
const differences = <T extends Part>(
  before: readonly T[] = [],
  after: readonly T[],
): { written: T[]; removed: T[] } => {
  if (before === after) return { written: [], removed: [] }
  const then = new Map(before.map((part) => [part.id, part]))
  const now = new Set(after.map((part) => part.id))
  return {
    written: after.filter((part) => then.get(part.id) !== part),
    removed: before.filter((part) => !now.has(part.id)),
  }
}

/** `set column = excluded.column` for what an insert found there already; where a row belongs and its place stay. */
const replaced = (table: PgTable): Record<string, SQL> =>
  Object.fromEntries(
    Object.entries(getTableColumns(table))
      .filter(([name]) => !['companyId', 'id', 'proposalId', 'place'].includes(name))
      .map(([name]) => [name, sql.raw(`excluded."${snakeCase(name)}"`)]),
  )

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
