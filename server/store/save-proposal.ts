// Writing a proposal: what differs between two states of it, table by table. Aggregates are immutable and an unchanged
// part keeps its reference, so that a difference is seen without comparing values.
import { and, sql } from 'drizzle-orm'
import type { Tx } from '../db/connect.ts'
import { changes, comments, decisions, involvements, proposals, runs, workItems } from '../db/tables/proposals.ts'
import { nextDue } from '../domain/due.ts'
import type { Proposal, Run } from '../domain/proposal.ts'
import { nextCall } from '../domain/workflow/calls.ts'
import { insertRows, propertiesOf, updateRows } from './bulk.ts'
import { explaining, StaleWrite } from './errors.ts'

/** Two states of a proposal; before null: it is new. */
export type SavedProposal = { readonly before: Proposal | null; readonly after: Proposal }

/**
 * Saves a new proposal, or what differs from `before`, if the row is still at `before.version`; StaleWrite otherwise.
 * A second open proposal for the customer is an OPEN_PROPOSAL.
 */
export const saveProposal = (tx: Tx, before: Proposal | null, after: Proposal): Promise<void> =>
  saveProposals(tx, [{ before, after }])

/** As `saveProposal` for many, in a fixed number of statements. */
export const saveProposals = (tx: Tx, all: readonly SavedProposal[]): Promise<void> =>
  explaining(async () => {
    const differing = all.filter(({ before, after }) => before !== after)
    if (differing.length === 0) return
    await saveHeads(tx, differing)
    await saveParts(tx, differing)
  })

const headOf = (after: Proposal) => ({
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
  callDueAt: nextCall(after),
  fault: after.status === 'FAULTED' ? after.fault : null,
  closedAt: after.status === 'APPLIED' || after.status === 'DISCARDED' ? after.closedAt : null,
})
const headKey = ['companyId', 'id']
const headContent = propertiesOf(proposals).filter((property) => !headKey.includes(property))

const saveHeads = async (tx: Tx, all: readonly SavedProposal[]): Promise<void> => {
  await insertRows(
    tx,
    proposals,
    all.filter(({ before }) => before === null).map(({ after }) => headOf(after)),
  )
  const known = all.flatMap(({ before, after }) =>
    before === null ? [] : [{ ...headOf(after), versionBefore: before.version }],
  )
  const written = await updateRows(tx, proposals, known, { key: headKey, set: headContent, versioned: true })
  if (written !== known.length) throw new StaleWrite('proposals')
}

/** What of a proposal's parts of one kind is new or another object than before, each with where it belongs. */
const partsOf = <T extends Part>(
  all: readonly SavedProposal[],
  of: (proposal: Proposal) => readonly T[],
  /** Of what belongs to the history nothing is ever taken back. */
  history = true,
): { written: (T & Place)[]; removed: T[] } => {
  const written: (T & Place)[] = []
  const removed: T[] = []
  for (const { before, after } of all) {
    const place = { companyId: after.companyId, proposalId: after.id }
    const difference = differences(before === null ? undefined : of(before), of(after))
    for (const part of difference.written) written.push({ ...part, ...place })
    removed.push(...difference.removed)
    if (history && removed.length > 0) throw new Error(`proposal ${after.id} has lost a part of its history`)
  }
  return { written, removed }
}

const onceMore = { replacing: ['companyId', 'id'], keeping: ['proposalId'] }

const saveParts = async (tx: Tx, all: readonly SavedProposal[]): Promise<void> => {
  const change = partsOf(all, (p) => p.changes, false)
  if (change.removed.length > 0) {
    const ids = change.removed.map(({ id }) => id)
    const companyIds = [...new Set(all.map(({ after }) => after.companyId))]
    await tx
      .delete(changes)
      .where(
        and(
          sql`${changes.companyId} = any(${sql.param(companyIds)}::uuid[])`,
          sql`${changes.id} = any(${sql.param(ids)}::uuid[])`,
        ),
      )
  }
  await insertRows(tx, changes, change.written, onceMore)

  const involved = all.flatMap(({ before, after }) => {
    const known = new Set(before?.involved.map(({ userId, as }) => `${userId} ${as}`))
    const added = after.involved.filter(({ userId, as }) => !known.has(`${userId} ${as}`))
    return added.map((part) => ({ companyId: after.companyId, proposalId: after.id, ...part }))
  })
  await insertRows(tx, involvements, involved)

  const run = partsOf(all, (p) => p.runs)
  await insertRows(
    tx,
    runs,
    run.written.map((part) => ({ ...part, ...runEnd(part) })),
    onceMore,
  )
  const imports = new Map(all.map(({ after }) => [after.id, after.importId]))
  const item = partsOf(all, (p) => p.items)
  await insertRows(
    tx,
    workItems,
    item.written.map((part) => ({ ...part, importId: imports.get(part.proposalId) ?? null })),
    onceMore,
  )
  await insertRows(tx, decisions, partsOf(all, (p) => p.decisions).written)
  await insertRows(tx, comments, partsOf(all, (p) => p.comments).written)
}

const runEnd = ({ end }: Run) => ({ endHow: end?.how ?? null, endAt: end?.at ?? null, endOn: end?.on ?? null })

type Part = { readonly id: string }
type Place = { readonly companyId: string; readonly proposalId: string }

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
