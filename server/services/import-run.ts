// Planning and carrying out an import, chunk by chunk in short transactions. Where it stands is in the job's row, which every chunk locks
// first: a process that dies loses nothing, and two at once do nothing twice.
import { setImmediate as breathe } from 'node:timers/promises'
import type { Tx } from '../db/connect.ts'
import type { Company } from '../domain/company.ts'
import type { Person } from '../domain/directory.ts'
import { DomainError, type Problem } from '../domain/errors.ts'
import type { DomainEvent } from '../domain/events.ts'
import {
  advanced,
  brokenOff,
  countsOf,
  done,
  failed,
  notCommitted,
  planned,
  type ImportJob,
} from '../domain/import-job.ts'
import { mayEdit } from '../domain/permit.ts'
import { isRetryable, StaleWrite } from '../store/errors.ts'
import { appendEvents } from '../store/events.ts'
import { forgetKey } from '../store/idempotency.ts'
import {
  analyzeImports,
  countResults,
  deleteRows,
  digestResults,
  listForgotten,
  listStranded,
  loadResults,
  lockImportJob,
  markDuplicates,
  rowsServed,
  saveImportJob,
  saveResults,
  type RowResult,
} from '../store/import-jobs.ts'
import type { App, Job } from './app.ts'
import { planAhead, planStaged, sameResult, type Ahead, type Phase, type Range, type Who } from './import-chunks.ts'

/** Rows of a chunk: enough for a statement's way to be shared, few enough for locks to be short. */
const chunk = 500
/** The same while others work: what they do waits for processor and disk as long as a chunk takes. */
const chunkBesideOthers = 200
const chunkOf = (app: App): number => (app.othersWork() ? chunkBesideOthers : chunk)
const maxAttempts = 5

/** Keeps what has come out otherwise than it is on record already: of a plan that holds, nothing is written a second time. */
const record = async (tx: Tx, job: ImportJob, results: readonly RowResult[], phase: Phase): Promise<void> => {
  const known =
    phase === 'PLAN' || job.unattended
      ? null
      : await loadResults(
          tx,
          job,
          results.map(({ row }) => row),
        )
  const isKnown = (result: RowResult): boolean => {
    const before = known?.get(result.row)
    return before?.proposalId === result.proposalId && before.wants === result.wants && sameResult(result, before)
  }
  await saveResults(tx, job, known === null ? results : results.filter((result) => !isKnown(result)))
}

/** What stops an import for good: who has uploaded it may not write any more. */
const refusalOf = (company: Company, actor: Person | undefined): Problem | null => {
  const refusal = actor === undefined ? null : mayEdit({ company, actor })
  if (actor !== undefined && refusal === null) return null
  const message = `Who uploaded this file may not import into ${company.code} any more; the rows that follow were not taken. Somebody who may can send them again.`
  return { code: refusal?.code ?? 'NOT_MEMBER', message }
}

const phaseOf = (job: ImportJob): Phase => (job.status === 'PLANNING' ? 'PLAN' : 'COMMIT')

/** What comes after so many rows, `size` of them at most; null: nothing. */
const rangeAfter = (job: ImportJob, after: number, size: number): Range | null =>
  after < job.rows ? { after, upTo: Math.min(after + size, job.rows) } : null

/**
 * Takes an import one chunk further. `ahead`: what has been planned for it; `begun` is told of the job when its chunk is begun. False:
 * there is nothing more to do.
 */
const step = (
  app: App,
  { companyId, id }: Pick<Job, 'companyId' | 'id'>,
  ahead: Ahead | null,
  begun: (job: ImportJob, next: Range | null) => void,
): Promise<boolean> =>
  app.db.transaction(async (tx) => {
    const job = await lockImportJob(tx, companyId, id)
    if (!job?.uploadedAt || (job.status !== 'PLANNING' && job.status !== 'RUNNING')) return false
    const company = await app.setup.company(tx, companyId)
    if (company === null) throw new Error('An import without its company')
    const now = app.clock().toISOString()
    const occasion = { companyId, actorId: job.createdById, at: now }
    const end = async (next: { readonly job: ImportJob; readonly events: readonly DomainEvent[] }): Promise<false> => {
      await saveImportJob(tx, next.job)
      await appendEvents(tx, occasion, next.events)
      return false
    }
    const actor = company.directory.people.get(job.createdById)
    const refusal = refusalOf(company, actor)
    if (refusal !== null || actor === undefined)
      return end(failed(job, refusal ?? { code: 'NOT_MEMBER', message: '' }, now))

    const phase = phaseOf(job)
    const who: Who = { company, actor, now }
    const size = chunkOf(app)
    const range = ahead?.range.after === job.processed ? ahead.range : rangeAfter(job, job.processed, size)
    if (range !== null) {
      if (range.after === 0 && (phase === 'PLAN' || job.unattended)) await markDuplicates(tx, job)
      else begun(job, rangeAfter(job, range.upTo, size))
      const fits = ahead?.range === range && ahead.phase === phase && ahead.setupVersion === company.setupVersion
      const results = await planStaged(tx, who, job, range, phase, { ahead: fits ? ahead : null })
      await record(tx, job, results, phase)
      await saveImportJob(tx, advanced(job, range.upTo - range.after, countsOf(results), now))
      return true
    }
    const served = await rowsServed(tx, job, chunk, phase === 'PLAN')
    if (served.length > 0) {
      const rows = served.map(({ row }) => row)
      // What a row of these makes is known when that has been planned, and only then.
      const known = new Set(phase === 'PLAN' ? served.flatMap(({ wants, first }) => (first ? [wants] : [])) : [])
      const results = await planStaged(tx, who, job, rows, phase, { known })
      await record(tx, job, results, phase)
      await saveImportJob(tx, { ...job, updatedAt: now })
      return true
    }
    const counts = await countResults(tx, job)
    if (phase === 'COMMIT') return end(done(job, counts, now))
    const plan = { digest: await digestResults(tx, job), counts, setupVersion: company.setupVersion }
    return end({ job: planned(job, plan, now), events: [] })
  })

const isPassing = (error: unknown): boolean =>
  isRetryable(error) || error instanceof StaleWrite || (error instanceof DomainError && error.code === 'OPEN_PROPOSAL')

/** Plans an import, or carries it out, to the end or until `ending`; what is left is begun where it stands. */
export const runImport = async (app: App, companyId: string, id: string, ending: AbortSignal): Promise<void> => {
  let next: Promise<Ahead | null> = Promise.resolve(null)
  try {
    for (let attempt = 1; !ending.aborted;) {
      const ahead = await next
      next = Promise.resolve(null)
      try {
        const more = await step(app, { companyId, id }, ahead, (job, range) => {
          // While others work, one thing at a time. What cannot be planned ahead is planned when its turn comes.
          if (range !== null && !app.othersWork()) next = planAhead(app, job, range, phaseOf(job)).catch(() => null)
        })
        app.wake()
        if (!more) return await analyzeImports(app.db, 'results')
        attempt = 1
      } catch (error) {
        if (!isPassing(error) || ++attempt > maxAttempts) throw error
      }
      // People's requests come in between.
      await breathe()
    }
  } finally {
    await next
  }
}

const strandedAfterMs = 10_000
/** Whoever receives a file says so each ten seconds, however little comes. The sender's next try waits for this end. */
const brokenAfterMs = 60_000

const ago = (app: Pick<App, 'clock'>, ms: number): string => new Date(app.clock().getTime() - ms).toISOString()

/** Imports that are on their way and that nobody moves: of a process that is gone. `atOnce`: without waiting for another to move them. */
export const strandedImports = async (app: Pick<App, 'db' | 'clock'>, atOnce: boolean): Promise<Job[]> => {
  const found = await listStranded(app.db, ago(app, atOnce ? 0 : strandedAfterMs), true)
  return found.map((job) => ({ queue: 'imports', ...job }))
}

/** Ends imports whose upload has broken off with the process that received it; returns how many. */
export const endBrokenUploads = async (app: Pick<App, 'db' | 'clock'>): Promise<number> => {
  const broken = await listStranded(app.db, ago(app, brokenAfterMs), false)
  for (const { companyId, id } of broken)
    await app.db.transaction(async (tx) => {
      const job = await lockImportJob(tx, companyId, id)
      if (job?.status !== 'PLANNING' || job.uploadedAt !== null) return
      await deleteRows(tx, job)
      await saveImportJob(tx, failed({ ...job, rows: 0 }, brokenOff, app.clock().toISOString()).job)
      if (job.idempotencyKey !== null) await forgetKey(tx, { userId: job.createdById, key: job.idempotencyKey })
    })
  return broken.length
}

const plansKeptMs = 30 * 24 * 60 * 60 * 1000

/** Ends plans that nobody has committed for so long: their rows are not kept for ever. Returns how many. */
export const endForgottenPlans = async (app: Pick<App, 'db' | 'clock'>): Promise<number> => {
  const forgotten = await listForgotten(app.db, ago(app, plansKeptMs))
  for (const { companyId, id } of forgotten)
    await app.db.transaction(async (tx) => {
      const job = await lockImportJob(tx, companyId, id)
      if (job?.status === 'PLANNED') await saveImportJob(tx, failed(job, notCommitted, app.clock().toISOString()).job)
    })
  return forgotten.length
}
