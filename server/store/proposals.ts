// Proposals with all their parts: read in one go for a command, or part by part for many at once.
import { and, eq, getTableColumns, sql } from 'drizzle-orm'
import type { Reader } from '../db/connect.ts'
import { customers } from '../db/tables/customers.ts'
import { changes, comments, decisions, involvements, proposals, runs, workItems } from '../db/tables/proposals.ts'
import type { Problem } from '../domain/errors.ts'
import type {
  Change,
  Comment,
  Decision,
  Involvement,
  Proposal,
  ProposalStatus,
  Run,
  WorkItem,
} from '../domain/proposal.ts'
import { batch, groupRows, keyText, prepareRows, preparedFor, type Key } from './prepared.ts'

/** A proposal without its parts. */
export type ProposalHead = Omit<
  Proposal,
  'status' | 'fault' | 'closedAt' | 'changes' | 'involved' | 'runs' | 'items' | 'decisions' | 'comments'
> & {
  readonly status: ProposalStatus
  /** Only where the status is FAULTED. */
  readonly fault: Problem | null
  /** Only where the status is APPLIED or DISCARDED. */
  readonly closedAt: string | null
}

/** A change as far as mostly shown: what is proposed for what, and what an approval is bound to. */
export type ShownChange = Pick<
  Change,
  'id' | 'record' | 'recordId' | 'field' | 'operation' | 'base' | 'proposed' | 'digest'
>

/** What is read of `proposals` for a ProposalHead. */
export const headColumns = {
  id: proposals.id,
  companyId: proposals.companyId,
  customerId: proposals.customerId,
  status: proposals.status,
  revision: proposals.revision,
  version: proposals.version,
  effectiveAt: proposals.effectiveAt,
  createdAt: proposals.createdAt,
  createdById: proposals.createdById,
  updatedAt: proposals.updatedAt,
  importId: proposals.importId,
  revertsId: proposals.revertsId,
  fault: proposals.fault,
  closedAt: proposals.closedAt,
}
/** The one that edits join: approved ones that wait for their time are apart. */
const isOpen = sql`${proposals.status} not in ('APPLIED', 'DISCARDED', 'SCHEDULED')`
/** What is read of `changes` for a ShownChange. */
const shownColumns = {
  companyId: changes.companyId,
  proposalId: changes.proposalId,
  id: changes.id,
  record: changes.record,
  recordId: changes.recordId,
  field: changes.field,
  operation: changes.operation,
  base: changes.base,
  proposed: changes.proposed,
  digest: changes.digest,
}
const isNotClosed = sql`${proposals.status} not in ('APPLIED', 'DISCARDED')`

type PartTable =
  typeof changes | typeof involvements | typeof runs | typeof workItems | typeof decisions | typeof comments
const ofBatch = (t: PartTable) =>
  and(sql`${t.companyId} = any(${sql.placeholder('companies')})`, sql`${t.proposalId} = any(${sql.placeholder('ids')})`)

const statements = preparedFor((reader) => ({
  heads: prepareRows(
    reader,
    headColumns,
    reader
      .select(headColumns)
      .from(proposals)
      .where(
        and(
          sql`${proposals.companyId} = any(${sql.placeholder('companies')})`,
          sql`${proposals.id} = any(${sql.placeholder('ids')})`,
        ),
      ),
    'proposal_heads',
  ),
  open: prepareRows(
    reader,
    headColumns,
    reader
      .select(headColumns)
      .from(proposals)
      .where(
        and(
          sql`${proposals.companyId} = any(${sql.placeholder('companies')})`,
          sql`${proposals.customerId} = any(${sql.placeholder('ids')})`,
          isOpen,
        ),
      ),
    'open_proposals',
  ),
  changes: prepareRows(
    reader,
    getTableColumns(changes),
    reader.select().from(changes).where(ofBatch(changes)).orderBy(changes.place),
    'changes',
  ),
  shownChanges: prepareRows(
    reader,
    shownColumns,
    reader.select(shownColumns).from(changes).where(ofBatch(changes)).orderBy(changes.place),
    'shown_changes',
  ),
  involved: reader
    .select()
    .from(involvements)
    .where(ofBatch(involvements))
    .orderBy(involvements.place)
    .prepare('involved'),
  runs: reader.select().from(runs).where(ofBatch(runs)).orderBy(runs.number).prepare('runs'),
  items: reader.select().from(workItems).where(ofBatch(workItems)).orderBy(workItems.place).prepare('items'),
  decisions: reader.select().from(decisions).where(ofBatch(decisions)).orderBy(decisions.place).prepare('decisions'),
  comments: reader.select().from(comments).where(ofBatch(comments)).orderBy(comments.place).prepare('comments'),
}))

/** Proposals without parts, one answer for each key in its order. */
export const loadProposalHeads = async (reader: Reader, keys: readonly Key[]): Promise<(ProposalHead | null)[]> => {
  const rows = await statements(reader).heads.execute(batch(keys))
  const found = new Map(rows.map((row) => [keyText(row.companyId, row.id), row]))
  return keys.map((key) => found.get(keyText(key.companyId, key.id)) ?? null)
}

/** The open proposal of each customer, without parts, one answer for each customer's key in its order. */
export const loadOpenProposalHeads = async (
  reader: Reader,
  customers: readonly Key[],
): Promise<(ProposalHead | null)[]> => {
  const rows = await statements(reader).open.execute(batch(customers))
  const found = new Map(rows.map((row) => [keyText(row.companyId, row.customerId), row]))
  return customers.map((key) => found.get(keyText(key.companyId, key.id)) ?? null)
}

type PartRow = { companyId: string; proposalId: string }

/** Reads one kind of part: one list for each proposal's key in its order, oldest first. */
const partReader =
  <R extends PartRow, T>(
    read: (reader: Reader, parameters: ReturnType<typeof batch>) => Promise<R[]>,
    part: (row: R) => T,
  ) =>
  async (reader: Reader, keys: readonly Key[]): Promise<T[][]> => {
    const rows = groupRows(await read(reader, batch(keys)), (row) => keyText(row.companyId, row.proposalId))
    return keys.map((key) => (rows.get(keyText(key.companyId, key.id)) ?? []).map(part))
  }

/** What only places a row: the domain keeps a part inside its proposal. */
const content = <R extends PartRow & { place: number }>(row: R): Omit<R, 'companyId' | 'proposalId' | 'place'> => {
  const { companyId: _company, proposalId: _proposal, place: _place, ...part } = row
  return part
}

const runOf = (row: typeof runs.$inferSelect): Run => {
  const { companyId: _company, proposalId: _proposal, endHow, endAt, endOn, ...run } = row
  return { ...run, end: endHow === null || endOn === null ? null : { how: endHow, at: endAt, on: endOn } }
}

/** Written out because pages read hundreds of them, and leaving properties out of a copy is slow. */
const changeOf = (row: typeof changes.$inferSelect): Change => ({
  id: row.id,
  record: row.record,
  recordId: row.recordId,
  field: row.field,
  operation: row.operation,
  base: row.base,
  proposed: row.proposed,
  creditCheck: row.creditCheck,
  salt: row.salt,
  digest: row.digest,
  authorIds: row.authorIds,
  source: row.source,
  proposedAt: row.proposedAt,
  reason: row.reason,
  refusal: row.refusal,
})

/** Its import is its proposal's. */
const itemOf = ({ importId: _import, ...row }: typeof workItems.$inferSelect): WorkItem => content(row)

export const loadChanges = partReader((reader, p) => statements(reader).changes.execute(p), changeOf)
/** Changes as far as mostly shown: half of what loadChanges reads. */
export const loadShownChanges = partReader(
  (reader, p) => statements(reader).shownChanges.execute(p),
  (row): ShownChange => row,
)
const loadInvolved = partReader(
  (reader, p) => statements(reader).involved.execute(p),
  (row): Involvement => content(row),
)
export const loadRuns = partReader((reader, p) => statements(reader).runs.execute(p), runOf)
export const loadWorkItems = partReader((reader, p) => statements(reader).items.execute(p), itemOf)
export const loadDecisions = partReader(
  (reader, p) => statements(reader).decisions.execute(p),
  (row): Decision => content(row),
)
export const loadComments = partReader(
  (reader, p) => statements(reader).comments.execute(p),
  (row): Comment => content(row),
)

type Parts = Pick<Proposal, 'changes' | 'involved' | 'runs' | 'items' | 'decisions' | 'comments'>

const assemble = ({ status, fault, closedAt, ...head }: ProposalHead, parts: Parts): Proposal => {
  const whole = { ...head, ...parts }
  switch (status) {
    case 'FAULTED':
      if (fault === null) throw new Error(`proposal ${head.id} is faulted without a fault`)
      return { ...whole, status, fault }
    case 'APPLIED':
    case 'DISCARDED':
      if (closedAt === null) throw new Error(`proposal ${head.id} is closed without a time`)
      return { ...whole, status, closedAt }
    default:
      return { ...whole, status }
  }
}

const withParts = async (reader: Reader, heads: readonly ProposalHead[]): Promise<Proposal[]> => {
  if (heads.length === 0) return []
  const [changes, involved, runs, items, decisions, comments] = await Promise.all([
    loadChanges(reader, heads),
    loadInvolved(reader, heads),
    loadRuns(reader, heads),
    loadWorkItems(reader, heads),
    loadDecisions(reader, heads),
    loadComments(reader, heads),
  ])
  return heads.map((head, n) =>
    assemble(head, {
      changes: changes[n] ?? [],
      involved: involved[n] ?? [],
      runs: runs[n] ?? [],
      items: items[n] ?? [],
      decisions: decisions[n] ?? [],
      comments: comments[n] ?? [],
    }),
  )
}

/** Whole proposals, one answer for each key in its order. */
export const loadProposals = async (reader: Reader, keys: readonly Key[]): Promise<(Proposal | null)[]> => {
  const heads = await loadProposalHeads(reader, keys)
  const whole = await withParts(
    reader,
    heads.filter((head) => head !== null),
  )
  const found = new Map(whole.map((proposal) => [keyText(proposal.companyId, proposal.id), proposal]))
  return keys.map((key) => found.get(keyText(key.companyId, key.id)) ?? null)
}

type Locking = { readonly forUpdate?: boolean }

const loadOne = async (
  reader: Reader,
  where: ReturnType<typeof and>,
  { forUpdate }: Locking,
): Promise<Proposal | null> => {
  const one = reader.select(headColumns).from(proposals).where(where)
  const [head] = await (forUpdate === true ? one.for('update') : one)
  if (head === undefined) return null
  // After the lock is held: what is read now is what stands until the end.
  const [proposal] = await withParts(reader, [head])
  return proposal ?? null
}

/** One whole proposal. `forUpdate` locks it; its customer has to be locked before (ARCHITECTURE section 4). */
export const loadProposal = (
  reader: Reader,
  companyId: string,
  id: string,
  options: Locking = {},
): Promise<Proposal | null> => loadOne(reader, and(eq(proposals.companyId, companyId), eq(proposals.id, id)), options)

/** The one open proposal of a customer, whole; null where none is open. */
export const loadOpenProposal = (
  reader: Reader,
  companyId: string,
  customerId: string,
  options: Locking = {},
): Promise<Proposal | null> =>
  loadOne(reader, and(eq(proposals.companyId, companyId), eq(proposals.customerId, customerId), isOpen), options)

/** The proposals of a customer that are not closed, whole: the open one and those that wait for their time; `but`: without this one. */
export const loadUnclosed = async (
  reader: Reader,
  companyId: string,
  customerId: string,
  but: string | null = null,
): Promise<Proposal[]> => {
  const heads = await reader
    .select(headColumns)
    .from(proposals)
    .where(
      and(
        eq(proposals.companyId, companyId),
        eq(proposals.customerId, customerId),
        isNotClosed,
        but === null ? undefined : sql`${proposals.id} <> ${but}`,
      ),
    )
    .orderBy(proposals.createdAt, proposals.id)
  return withParts(reader, heads)
}

/** Proposals without parts that wait for their time, one list for each customer's key in its order, the earliest first. */
export const loadScheduledHeads = async (reader: Reader, customers: readonly Key[]): Promise<ProposalHead[][]> => {
  const { companies, ids } = batch(customers)
  const rows = await reader
    .select(headColumns)
    .from(proposals)
    .where(
      and(
        sql`${proposals.companyId} = any(${sql.param(companies)})`,
        sql`${proposals.customerId} = any(${sql.param(ids)})`,
        sql`${proposals.status} = 'SCHEDULED'`,
      ),
    )
    .orderBy(proposals.effectiveAt, proposals.id)
  const found = groupRows(rows, (row) => keyText(row.companyId, row.customerId))
  return customers.map((key) => found.get(keyText(key.companyId, key.id)) ?? [])
}

/** Whose proposal it is, to lock the customer before it. */
export const findProposal = async (
  reader: Reader,
  companyId: string,
  id: string,
): Promise<{ readonly customerId: string } | null> => {
  const [row] = await reader
    .select({ customerId: proposals.customerId })
    .from(proposals)
    .where(and(eq(proposals.companyId, companyId), eq(proposals.id, id)))
  return row ?? null
}

/** Where a work item belongs, to lock customer and proposal before it. */
export type ItemPlace = { readonly proposalId: string; readonly customerId: string; readonly account: string }

/** The places of work items by their ids; of one that is not there, none. */
export const findWorkItems = async (
  reader: Reader,
  companyId: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, ItemPlace>> => {
  const rows = await reader
    .select({
      id: workItems.id,
      proposalId: workItems.proposalId,
      customerId: proposals.customerId,
      account: customers.account,
    })
    .from(workItems)
    .innerJoin(proposals, and(eq(proposals.companyId, workItems.companyId), eq(proposals.id, workItems.proposalId)))
    .innerJoin(customers, and(eq(customers.companyId, proposals.companyId), eq(customers.id, proposals.customerId)))
    .where(and(eq(workItems.companyId, companyId), sql`${workItems.id} = any(${sql.param([...ids])}::uuid[])`))
  return new Map(rows.map(({ id, ...place }) => [id, place]))
}

export const findWorkItem = async (reader: Reader, companyId: string, id: string): Promise<ItemPlace | null> =>
  (await findWorkItems(reader, companyId, [id])).get(id) ?? null
