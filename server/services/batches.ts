// Imports as batches: what waits for somebody out of each, and deciding all of it (DOMAIN section 11). Every such decision is a record of
// what was looked at, carried out in short transactions that move it on: in the call where it is small, else in the background. A
// process that dies leaves nothing half done, and another goes on behind it.
import {
  batchChanged,
  batchCommand,
  batchDigest,
  digestOfLines,
  readBatchAnswer,
  type BatchAnswer,
} from '../domain/batch.ts'
import type { Company } from '../domain/company.ts'
import { DomainError, type Problem } from '../domain/errors.ts'
import { notPermitted } from '../domain/permit.ts'
import type { DecisionOutcome } from '../domain/proposal.ts'
import { whyNotEligible } from '../domain/workflow/eligibility.ts'
import {
  insertBatchDecision,
  listBatchFields,
  listBatches,
  listBatchItems,
  listUnfinishedBatches,
  loadBatchDecisionItems,
  loadBatchDecisions,
  lockBatchDecision,
  saveBatchProgress,
  type BatchDecision,
  type BatchFieldRow,
  type BatchFilter,
  type BatchRow,
} from '../store/batches.ts'
import { newId } from '../store/ids.ts'
import { loadImportJobs } from '../store/import-jobs.ts'
import type { Key } from '../store/prepared.ts'
import { findWorkItems } from '../store/proposals.ts'
import { findUser } from '../store/users.ts'
import type { App, Job, Viewer } from './app.ts'
import { command, notFound, unwrap, type Replayed, type Scope } from './command.ts'
import { decideAll } from './decide-all.ts'
import { seatsOf } from './queue.ts'
import { viewerOf } from './viewer.ts'

export type { BatchDecision, BatchFieldRow }

/** More items than this are decided in the background. */
export const mostInCall = 500
/** Decided in one transaction: few enough that nobody waits long for a customer. */
const chunk = 50
/** Refusals that are kept of one decision; of more their number is enough. */
export const mostFailures = 1000
/** Who has not moved for so long is taken for dead. */
const restMs = 10_000

const nobody: ReadonlySet<string> = new Set()

const rootOf = ({ directory }: Company, userId: string): string => directory.people.get(userId)?.responsibleId ?? userId
/** Whose hand in changes or rules keeps somebody from deciding: theirs, of who answers for them, and of accounts that they answer for. */
const kinOf = (company: Company, userId: string): string[] =>
  [...company.directory.people.keys(), userId].filter((id) => rootOf(company, id) === rootOf(company, userId))

const filterOf = async <I extends string | null>(
  app: App,
  companies: readonly Company[],
  userId: string,
  now: string,
  importId: I,
): Promise<BatchFilter & { readonly importId: I }> => {
  const origin = importId === null ? ({ onlyImports: true } as const) : { importId }
  const may = companies.filter(({ directory }) => whyNotEligible(userId, nobody, directory) === null)
  return {
    companyIds: companies.map(({ id }) => id),
    importId,
    userId,
    seats: await seatsOf(app, companies, userId, now, origin),
    kin: companies.flatMap((company) =>
      kinOf(company, userId).map((each) => ({ companyId: company.id, userId: each })),
    ),
    mayIn: may.map(({ id }) => id),
  }
}

export type Batch = Omit<BatchRow, 'lines'> & { readonly digest: string }

/** What waits for somebody out of imports, one entry an import, the one that has waited longest first; and its fields when asked for. */
export const waitingBatches = async (
  app: App,
  companies: readonly Company[],
  userId: string,
  now: string,
): Promise<{ readonly batches: readonly Batch[]; readonly fields: (sample: number) => Promise<BatchFieldRow[]> }> => {
  if (companies.length === 0) return { batches: [], fields: () => Promise.resolve([]) }
  const filter = await filterOf(app, companies, userId, now, null)
  const found = await listBatches(app.db, filter, now)
  return {
    batches: found.map(({ lines, ...batch }) => ({ ...batch, digest: digestOfLines(lines) })),
    fields: (sample) => listBatchFields(app.db, filter, sample),
  }
}

export type DecideBatchInput = {
  readonly companyId: string
  readonly importId: string
  /** What `waitingBatches` has said of it. */
  readonly digest: string
  readonly outcome: DecisionOutcome
  readonly comment?: string | null
  readonly idempotencyKey?: string | null
}

const noSuchImport = notFound('import', 'importId')

/** Why nothing of an import can be decided as a whole by somebody. */
const whyNone = ({ parameters }: Company, kin: BatchFilter['kin'], uploadedById: string): DomainError =>
  parameters.authorsMayNotApprove && kin.some(({ userId }) => userId === uploadedById)
    ? new DomainError('IS_AUTHOR', 'This import is yours, so somebody else has to decide on its changes.')
    : batchChanged

/** Records the decision as it was meant, for exactly what was looked at. */
const record = async (
  { company, actor, now, tx }: Scope,
  input: DecideBatchInput,
  answer: BatchAnswer,
  filter: BatchFilter & { readonly importId: string },
): Promise<BatchDecision> => {
  const [job = null] = await loadImportJobs(tx, [{ companyId: company.id, id: input.importId }])
  if (job === null) throw noSuchImport
  const rows = await listBatchItems(tx, filter)
  if (rows.length === 0) throw whyNone(company, filter.kin, job.createdById)
  if (batchDigest(rows) !== input.digest) throw batchChanged
  const decision: BatchDecision = {
    companyId: company.id,
    id: newId(),
    importId: input.importId,
    actorId: actor.id,
    digest: input.digest,
    ...answer,
    ...{ total: rows.length, processed: 0, decided: 0, failed: [] },
    ...{ createdAt: now, updatedAt: now, finishedAt: null },
  }
  await insertBatchDecision(
    tx,
    decision,
    rows.map(({ workItemId, revision }) => ({ workItemId, revision })),
  )
  return decision
}

export const findBatchDecision = async (app: Pick<App, 'db'>, key: Key): Promise<BatchDecision | null> =>
  (await loadBatchDecisions(app.db, [key]))[0] ?? null

/**
 * Approves or rejects all that somebody can decide of an import, as it was when they looked at it: `digest`. Up to `mostInCall` items are
 * decided before this answers, more in the background. Each is decided by the rules of its own; one that is refused does not stop the
 * others. Errors: PLAN_CHANGED, IS_AUTHOR, INVALID_VALUE, REASON_REQUIRED, LIMIT_EXCEEDED, NOT_FOUND, IDEMPOTENCY_KEY_REUSED.
 */
export const decideBatch = async (
  app: App,
  viewer: Viewer,
  input: DecideBatchInput,
): Promise<{ readonly decision: BatchDecision } & Replayed> => {
  const { companyId, importId, idempotencyKey, outcome, comment } = input
  // Read outside of the transaction, which would otherwise wait for a second connection while it holds one.
  const company = viewer.memberships.has(companyId) ? await app.setup.company(app.db, companyId) : null
  const now = app.clock().toISOString()
  const filter = company === null ? null : await filterOf(app, [company], viewer.userId, now, importId)
  const by = { what: 'import', at: 'importId' }
  const { id, replayed } = await command(
    app,
    viewer,
    { mutation: 'decideBatch', companyId, idempotencyKey, input, by },
    async (scope) => {
      const answer = unwrap(readBatchAnswer(outcome, comment ?? null))
      if (filter === null) throw noSuchImport
      const decision = await record(scope, input, answer, filter)
      if (decision.total > mostInCall) await app.enqueue(scope.tx, { queue: 'batches', companyId, id: decision.id })
      return { companyId, id: decision.id }
    },
  )
  const decision = await findBatchDecision(app, { companyId, id })
  if (decision === null) throw new Error('a decision on a batch is not there any more')
  const again = replayed === true ? { replayed } : {}
  if (decision.total > mostInCall || decision.finishedAt !== null) return { decision, ...again }
  // An earlier call with this key may have got as far as its first items: it is gone on behind them.
  await runBatch(app, companyId, id, new AbortController().signal)
  return { decision: (await findBatchDecision(app, { companyId, id })) ?? decision, ...again }
}

const problemOf = ({ code, message }: DomainError, proposalId: string | null, workItemId: string): Problem => ({
  code,
  message,
  at: ['items', ...(proposalId === null ? [] : [proposalId]), workItemId],
})

/** The decision with some more of its items done. */
const movedOn = (
  before: BatchDecision,
  done: { readonly processed: number; readonly decided: number; readonly failed: readonly Problem[] },
  now: string,
): BatchDecision => {
  const processed = before.processed + done.processed
  return {
    ...before,
    processed,
    decided: before.decided + done.decided,
    failed: [...before.failed, ...done.failed].slice(0, mostFailures),
    updatedAt: now,
    finishedAt: processed < before.total ? null : now,
  }
}

type Items = Awaited<ReturnType<typeof loadBatchDecisionItems>>

/** Decides the next items, or waits until another has done them; answers whether there is nothing left. */
const runChunk = (app: App, actor: Viewer, key: Key, items: Items): Promise<{ readonly done: boolean }> =>
  command(app, actor, { mutation: 'decideBatch', companyId: key.companyId, input: key }, async (scope) => {
    const decision = await lockBatchDecision(scope.tx, key)
    if (decision?.finishedAt !== null) return { done: true }
    const next = items.slice(decision.processed, decision.processed + chunk)
    const answers = next.map((item) => ({ workItemId: item.workItemId, command: batchCommand(decision, item) }))
    const outcomes = await decideAll(app, scope, answers)
    const failed = outcomes.flatMap(({ refusal, proposalId, workItemId }) =>
      refusal === null ? [] : [problemOf(refusal, proposalId, workItemId)],
    )
    const done = { processed: next.length, decided: next.length - failed.length, failed }
    const after = movedOn(decision, done, scope.now)
    await saveBatchProgress(scope.tx, after)
    return { done: after.finishedAt !== null }
  })

/** Who decided is no member of the company any more: what is left of it fails. */
const giveUp = (app: App, key: Key, items: Items): Promise<void> =>
  app.db.transaction(async (tx) => {
    const decision = await lockBatchDecision(tx, key)
    if (decision?.finishedAt !== null) return
    const refusal = notPermitted('Whoever decided on this batch is not a member of the company any more.')
    const rest = items.slice(decision.processed)
    const named = rest.slice(0, mostFailures).map(({ workItemId }) => workItemId)
    const places = await findWorkItems(tx, key.companyId, named)
    const failed = named.map((each) => problemOf(refusal, places.get(each)?.proposalId ?? null, each))
    const done = { processed: rest.length, decided: 0, failed }
    await saveBatchProgress(tx, movedOn(decision, done, app.clock().toISOString()))
  })

/**
 * Carries a decision on a batch out, or on from where it was left: in transactions of a few items, as the person who decided and with
 * their rights of that moment, until it is done or `ending` aborts. Several may run it at once: each item is decided once.
 */
export const runBatch = async (app: App, companyId: string, id: string, ending: AbortSignal): Promise<void> => {
  const key = { companyId, id }
  const decision = await findBatchDecision(app, key)
  if (decision?.finishedAt !== null) return
  const [items, user] = [await loadBatchDecisionItems(app.db, key), await findUser(app.db, decision.actorId)]
  for (let done = false; !done && !ending.aborted;) {
    const actor = user === null ? null : await viewerOf(app.db, { user, companyId: null }, null)
    if (actor?.memberships.has(companyId) !== true) return giveUp(app, key, items)
    done = (await runChunk(app, actor, key, items)).done
  }
}

/** Decisions that are not through and that nobody has moved for ten seconds: a process may have died over them. */
export const unfinishedBatches = async (app: Pick<App, 'db' | 'clock'>): Promise<Job[]> => {
  const before = new Date(app.clock().getTime() - restMs).toISOString()
  const found = await listUnfinishedBatches(app.db, before)
  return found.map((key) => ({ queue: 'batches', ...key }))
}
