// A file on its way in: received, planned, looked at, carried out (DOMAIN section 11). What may be done with it, and when.
import type { EntityBehavior } from './company.ts'
import { hasRole } from './directory.ts'
import { DomainError, ok, refused, type Problem, type Result } from './errors.ts'
import type { DomainEvent } from './events.ts'
import { rowOutcomes, type RowOutcome } from './import.ts'
import { mayEdit, notPermitted } from './permit.ts'
import type { Context } from './state.ts'

/** PLANNING: received, or being planned; PLANNED: to be looked at and committed; the last three are the end. */
export const importStatuses = ['PLANNING', 'PLANNED', 'RUNNING', 'DONE', 'FAILED', 'CANCELLED'] as const
export type ImportStatus = (typeof importStatuses)[number]
export type OutcomeCounts = Readonly<Partial<Record<RowOutcome, number>>>

/** What an empty cell, and a text that stands for nothing, means: the field is left alone, or cleared. */
export type EmptyMeaning = 'LEAVE' | 'CLEAR'

/** How the rows of a file are read, settled when its header has been read. */
export type Layout = {
  readonly format: 'CSV' | 'JSONL'
  /** Of a CSV, as the file has it. */
  readonly header: readonly string[] | null
  /**
   * For each column of a CSV where its values go (`account`, `creditLimit`, `addresses[2].city`), or null for one that is not read;
   * of JSON lines what the request says of their keys, the others are known by their names.
   */
  readonly columns: readonly { readonly key: string; readonly field: string | null }[]
  /** Values that every row has. */
  readonly constants?: readonly { readonly field: string; readonly value: string | number | boolean }[]
  /** Texts that stand for nothing, e.g. `NULL`. */
  readonly nulls: readonly string[]
  readonly empty: EmptyMeaning
  /** How the file is written: found out, or said by the request. */
  readonly encoding?: string
  readonly delimiter?: string
  /** Refused rows that were fetched, corrected and sent again: an apostrophe before what looks like a formula is not part of it. */
  readonly escaped?: boolean
}

export type ImportJob = {
  readonly companyId: string
  readonly id: string
  readonly createdById: string
  readonly createdAt: string
  readonly name: string | null
  readonly behavior: EntityBehavior
  readonly status: ImportStatus
  readonly layout: Layout | null
  readonly unattended: boolean
  readonly rows: number
  readonly processed: number
  readonly counts: OutcomeCounts
  readonly planDigest: string | null
  readonly setupVersion: number | null
  readonly failure: Problem | null
  readonly contentHash: string | null
  readonly bytes: number
  /** With which the upload was sent. */
  readonly idempotencyKey: string | null
  readonly updatedAt: string
  /** Null until all rows are here. */
  readonly uploadedAt: string | null
  readonly startedAt: string | null
  readonly finishedAt: string | null
}

/** How many rows came to what; only outcomes that there are. */
export const countsOf = (rows: readonly { readonly outcome: RowOutcome }[]): OutcomeCounts => {
  const counts: Partial<Record<RowOutcome, number>> = {}
  for (const { outcome } of rows) counts[outcome] = (counts[outcome] ?? 0) + 1
  return counts
}

export const addCounts = (one: OutcomeCounts, other: OutcomeCounts): OutcomeCounts =>
  Object.fromEntries(
    rowOutcomes.flatMap((outcome) => {
      const sum = (one[outcome] ?? 0) + (other[outcome] ?? 0)
      return sum === 0 ? [] : [[outcome, sum]]
    }),
  )

type Asking = Pick<Context, 'actor' | 'company' | 'now'>
type Next = { readonly job: ImportJob; readonly events: readonly DomainEvent[] }

const statusNames: Record<ImportStatus, string> = {
  PLANNING: 'still being planned',
  PLANNED: 'planned and waits to be committed',
  RUNNING: 'being carried out',
  DONE: 'done',
  FAILED: 'at an end because it failed',
  CANCELLED: 'cancelled',
}
const wrongState = (job: ImportJob, message: string): DomainError =>
  new DomainError('WRONG_STATE', message, { detail: { importId: job.id } })

const isOver = (job: ImportJob): boolean =>
  job.status === 'DONE' || job.status === 'FAILED' || job.status === 'CANCELLED'

/** Rows of a job whose outcomes hold: those of a plan all together, those of a commit as far as it has come. */
export const rowsDone = (job: ImportJob): number =>
  job.status === 'PLANNED' || job.status === 'DONE' ? job.rows : job.processed

/** Is the job as far as `decideCommit` needs it? Who has uploaded a file answers for it, and nobody else commits it. */
export const mayCommit = (job: ImportJob, { actor, company }: Asking): DomainError | null => {
  const refusal = mayEdit({ actor, company })
  if (refusal !== null) return refusal
  if (job.createdById !== actor.id)
    return notPermitted('Only who has uploaded a file commits it: its changes are proposed in their name.')
  if (job.status !== 'PLANNED')
    return wrongState(job, `This import is ${statusNames[job.status]}; only one that is planned can be committed.`)
  return null
}

export const planChanged = (): DomainError =>
  new DomainError(
    'PLAN_CHANGED',
    'Customers or the set-up have changed since the plan was made, and it would now come to something else. Look at the new plan, then commit that.',
    { at: ['planDigest'] },
  )

const otherDigest = (): DomainError =>
  new DomainError(
    'PLAN_CHANGED',
    'This is not the digest of this plan: look at the plan of this import, read `planDigest` of it, then commit that.',
    { at: ['planDigest'] },
  )

const startedEvent = (job: ImportJob): DomainEvent => ({
  type: 'ImportStarted',
  data: { importId: job.id, name: job.name, rows: job.rows, behavior: job.behavior },
})
const started = (job: ImportJob, { company, now }: Omit<Asking, 'actor'>): Next => {
  const next: ImportJob = {
    ...job,
    status: 'RUNNING',
    behavior: company.parameters.entityBehavior,
    processed: 0,
    counts: {},
    startedAt: now,
    updatedAt: now,
  }
  return { job: next, events: [startedEvent(next)] }
}

/** Begins to carry a plan out. Errors: NOT_PERMITTED, WRONG_STATE, PLAN_CHANGED (another digest). */
export const decideCommit = (job: ImportJob, planDigest: string, ctx: Asking): Result<Next> => {
  const refusal = mayCommit(job, ctx)
  if (refusal !== null) return refused(refusal)
  return job.planDigest === planDigest ? ok(started(job, ctx)) : refused(otherDigest())
}

/** Ends a job that is not over; what it has written stays. Errors: NOT_PERMITTED, WRONG_STATE. */
export const decideCancel = (job: ImportJob, { actor, company, now }: Asking): Result<Next> => {
  if (job.createdById !== actor.id && !hasRole(actor, 'ADMINISTRATOR'))
    return refused(notPermitted(`This takes who has uploaded the file, or an administrator of ${company.code}.`))
  if (isOver(job))
    return refused(wrongState(job, `This import is ${statusNames[job.status]}; there is nothing to cancel.`))
  const next: ImportJob = { ...job, status: 'CANCELLED', updatedAt: now, finishedAt: now }
  const data = {
    importId: job.id,
    name: job.name,
    processed: job.status === 'RUNNING' ? job.processed : 0,
    counts: job.status === 'RUNNING' ? job.counts : {},
  }
  return ok({ job: next, events: [{ type: 'ImportCancelled', data }] })
}

/** All rows are here: it is planned, or carried out at once where nobody is to look at a plan. */
export const received = (
  job: ImportJob,
  file: Pick<ImportJob, 'layout' | 'contentHash' | 'bytes' | 'rows'>,
  ctx: Omit<Asking, 'actor'>,
): Next => {
  const here: ImportJob = { ...job, ...file, uploadedAt: ctx.now, updatedAt: ctx.now }
  return here.unattended ? started(here, ctx) : { job: here, events: [] }
}

/** Begins the plan anew. */
export const replanned = (job: ImportJob, now: string): ImportJob => ({
  ...job,
  status: 'PLANNING',
  processed: 0,
  counts: {},
  planDigest: null,
  updatedAt: now,
})

export const advanced = (job: ImportJob, rows: number, counts: OutcomeCounts, now: string): ImportJob => ({
  ...job,
  processed: job.processed + rows,
  counts: addCounts(job.counts, counts),
  updatedAt: now,
})

export const planned = (
  job: ImportJob,
  plan: { digest: string; counts: OutcomeCounts; setupVersion: number },
  now: string,
): ImportJob => ({
  ...job,
  status: 'PLANNED',
  processed: job.rows,
  counts: plan.counts,
  planDigest: plan.digest,
  setupVersion: plan.setupVersion,
  updatedAt: now,
})

export const done = (job: ImportJob, counts: OutcomeCounts, now: string): Next => {
  const next: ImportJob = { ...job, status: 'DONE', processed: job.rows, counts, updatedAt: now, finishedAt: now }
  const data = { importId: job.id, name: job.name, rows: job.rows, counts }
  return { job: next, events: [{ type: 'ImportFinished', data }] }
}

/** It cannot go on; what it has written stays. */
export const failed = (job: ImportJob, failure: Problem, now: string): Next => {
  const next: ImportJob = { ...job, status: 'FAILED', failure, updatedAt: now, finishedAt: now }
  const data = { importId: job.id, name: job.name, processed: job.processed, counts: job.counts, failure: failure.code }
  return { job: next, events: job.startedAt === null ? [] : [{ type: 'ImportFinished', data }] }
}

export const brokenOff: Problem = {
  code: 'INVALID_VALUE',
  message: 'The upload broke off before its end; nothing of it was kept. Send the file again.',
}

export const notCommitted: Problem = {
  code: 'WRONG_STATE',
  message: 'Nobody has committed this plan for 30 days; send the file again to have it planned anew.',
}
