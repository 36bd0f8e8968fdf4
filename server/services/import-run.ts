// Planning and carrying out an import, chunk by chunk in short transactions. Where it stands is in the job's row, which every chunk locks
// first: a process that dies loses nothing, and two at once do nothing twice.
import { setImmediate as breathe } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { Tx } from '../db/connect.ts'
import { compileLayout } from '../domain/columns.ts'
import type { Company } from '../domain/company.ts'
import type { Person } from '../domain/directory.ts'
import { DomainError, type Problem } from '../domain/errors.ts'
import type { DomainEvent } from '../domain/events.ts'
import type { ImportRow } from '../domain/import.ts'
import {
  advanced,
  brokenOff,
  countsOf,
  done,
  failed,
  planned,
  type ImportJob,
  type Layout,
} from '../domain/import-job.ts'
import { mayEdit } from '../domain/permit.ts'
import { lockAccounts } from '../store/customer-locks.ts'
import { isRetryable, StaleWrite } from '../store/errors.ts'
import { appendEvents } from '../store/events.ts'
import {
  analyzeImports,
  countResults,
  deleteRows,
  digestResults,
  listStranded,
  loadResults,
  lockImportJob,
  markDuplicates,
  notPlanned,
  readRows,
  rowsServed,
  saveImportJob,
  saveResults,
  type RowResult,
  type StagedRow,
} from '../store/import-jobs.ts'
import type { App, Job } from './app.ts'
import { carryOutRows, planOf, type Planned } from './import-rows.ts'

type Who = { readonly company: Company; readonly actor: Person; readonly now: string }
type Phase = 'PLAN' | 'COMMIT'

/** Rows of a chunk: enough for a statement's way to be shared, few enough for locks to be short. */
const chunk = 500
const maxAttempts = 5

/** Layouts are compiled once for a run. */
const compiled = new WeakMap<Layout, ReturnType<typeof compileLayout>>()
const readerOf = (layout: Layout): ReturnType<typeof compileLayout> => {
  let known = compiled.get(layout)
  if (known === undefined) compiled.set(layout, (known = compileLayout(layout)))
  return known
}

type Read = { readonly staged: StagedRow; readonly row: ImportRow | null; readonly problem: Problem | null }
const readStaged = (job: ImportJob, rows: readonly StagedRow[]): Read[] => {
  if (job.layout === null) throw new Error('An import whose rows are here has no layout')
  const read = readerOf(job.layout)
  return rows.map((staged) => {
    if (staged.problem !== null) return { staged, row: null, problem: staged.problem }
    const parsed = read(staged.content)
    return 'problem' in parsed
      ? { staged, row: null, problem: parsed.problem }
      : { staged, row: parsed.row, problem: null }
  })
}

const resultsOf = (
  read: readonly Read[],
  rows: readonly ImportRow[],
  { states, plans, proposalVersion }: Planned,
  phase: Phase,
): RowResult[] => {
  let n = 0
  return read.map(({ staged, problem }) => {
    if (problem !== null)
      return {
        row: staged.row,
        outcome: 'INVALID',
        written: [],
        proposed: [],
        proposalId: null,
        errors: [problem],
        wants: null,
        customerVersion: notPlanned,
        proposalVersion: null,
      }
    const plan = plans[n]
    const state = states.get(rows[n]?.account ?? '')
    n += 1
    if (plan === undefined) throw new Error('A row has not been planned')
    const { outcome, written, proposed, proposalId, errors, wants } = plan
    return {
      row: staged.row,
      outcome,
      written,
      proposed,
      // The id of what would be made means nothing to anybody.
      proposalId: phase === 'COMMIT' || proposalId === state?.proposal?.id ? proposalId : null,
      errors,
      wants,
      customerVersion: state?.customer.version ?? null,
      proposalVersion: state === undefined ? null : proposalVersion(state.customer.id),
    }
  })
}

type Chunk = { readonly results: RowResult[]; readonly events: readonly DomainEvent[] }

/** Plans rows by their numbers, or carries them out as well. `known`: accounts that other rows are planned to make. */
export const planStaged = async (
  tx: Tx,
  who: Who,
  job: ImportJob,
  which: Parameters<typeof readRows>[2],
  phase: Phase,
  known?: ReadonlySet<string>,
): Promise<Chunk> => {
  const read = readStaged(job, await readRows(tx, job, which))
  const rows = read.flatMap(({ row }) => row ?? [])
  if (phase === 'COMMIT')
    await lockAccounts(
      tx,
      job.companyId,
      rows.map(({ account }) => account),
    )
  const planned = await planOf(tx, who, rows, { importId: job.id, ...(known && { known }) })
  const events = phase === 'COMMIT' ? await carryOutRows({ tx, ...who }, rows, planned) : []
  return { results: resultsOf(read, rows, planned, phase), events }
}

/** Does a row come to the same? Ids of proposals and versions aside. */
export const sameResult = (one: RowResult, other: RowResult | undefined): boolean =>
  one.outcome === other?.outcome &&
  isDeepStrictEqual(
    [one.written, one.proposed, one.errors.map(plain)],
    [other.written, other.proposed, other.errors.map(plain)],
  )
const plain = ({ code, message, at }: Problem): unknown[] => [code, message, at ?? []]

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

/** Takes an import one chunk further; false: there is nothing more to do. */
const step = (app: App, { companyId, id }: Pick<Job, 'companyId' | 'id'>): Promise<boolean> =>
  app.db.transaction(async (tx) => {
    const job = await lockImportJob(tx, companyId, id)
    if (job === null || job.uploadedAt === null || (job.status !== 'PLANNING' && job.status !== 'RUNNING')) return false
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

    const phase: Phase = job.status === 'PLANNING' ? 'PLAN' : 'COMMIT'
    const who: Who = { company, actor, now }
    if (job.processed < job.rows) {
      if (job.processed === 0 && (phase === 'PLAN' || job.unattended)) await markDuplicates(tx, job)
      const range = { after: job.processed, upTo: Math.min(job.processed + chunk, job.rows) }
      const { results, events } = await planStaged(tx, who, job, range, phase)
      await record(tx, job, results, phase)
      await appendEvents(tx, occasion, events)
      await saveImportJob(tx, advanced(job, range.upTo - range.after, countsOf(results), now))
      return true
    }
    const served = await rowsServed(tx, job, chunk, phase === 'PLAN')
    if (served.length > 0) {
      const rows = served.map(({ row }) => row)
      const known = new Set(phase === 'PLAN' ? served.map(({ wants }) => wants) : [])
      const { results, events } = await planStaged(tx, who, job, rows, phase, known)
      await record(tx, job, results, phase)
      await appendEvents(tx, occasion, events)
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
  for (let attempt = 1; !ending.aborted;) {
    try {
      const more = await step(app, { companyId, id })
      app.wake()
      if (!more) await analyzeImports(app.db, 'results')
      if (!more) return
      attempt = 1
    } catch (error) {
      if (!isPassing(error) || ++attempt > maxAttempts) throw error
    }
    // People's requests come in between.
    await breathe()
  }
}

const strandedAfterMs = 10_000
const brokenAfterMs = 10 * 60 * 1000

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
      if (job === null || job.status !== 'PLANNING' || job.uploadedAt !== null) return
      await deleteRows(tx, job)
      await saveImportJob(tx, failed({ ...job, rows: 0 }, brokenOff, app.clock().toISOString()).job)
    })
  return broken.length
}
