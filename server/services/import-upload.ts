// Receiving a file: the job, its rows as they come, and the moment when all are here. Each piece is committed by itself: nothing is
// held open while a slow line sends.
import { createHash } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { normalAccount } from '../domain/create.ts'
import { DomainError, type Problem } from '../domain/errors.ts'
import { failed, received, type ImportJob, type Layout } from '../domain/import-job.ts'
import { mayEdit } from '../domain/permit.ts'
import { readText } from '../domain/text.ts'
import { appendEvents } from '../store/events.ts'
import { forgetKey } from '../store/idempotency.ts'
import { newId } from '../store/ids.ts'
import {
  analyzeImports,
  countUnfinished,
  deleteRows,
  insertImportJob,
  loadImportJobs,
  lockImportJob,
  saveImportJob,
  stageRows,
  touchImportJob,
  type StagedRow,
} from '../store/import-jobs.ts'
import type { App, Viewer } from './app.ts'
import { command, companyIdByCode, unwrap } from './command.ts'

export type { StagedRow } from '../store/import-jobs.ts'

export type UploadInput = {
  readonly company: string
  /** Of the file. */
  readonly name: string | null
  /** As the request gives them: the same key with others is another call. */
  readonly options: unknown
  /** Carry the file out as soon as it is here. */
  readonly unattended: boolean
  readonly idempotencyKey: string | null
}
export type Received = {
  readonly layout: Layout
  /** Hex SHA-256 of what was sent. */
  readonly contentHash: string
  readonly bytes: number
  readonly rows: number
}
export type Upload = {
  readonly companyId: string
  readonly id: string
  /** The same call has been made before: read what is sent, keep nothing of it, and `finish`. */
  readonly replayed: boolean
  write(rows: readonly StagedRow[]): Promise<void>
  /** All rows are here. Errors: IDEMPOTENCY_KEY_REUSED (the key belongs to another file), INVALID_VALUE (no rows), WRONG_STATE. */
  finish(file: Received): Promise<void>
  /** It broke off, or cannot be read: no row of it is kept. The same call may be made again. */
  fail(problem: Problem): Promise<void>
  /** Calls when nothing more is taken of it, though nothing comes: the import has ended meanwhile. */
  whenOver(tell: (error: DomainError) => void): void
}
type Sending = Pick<Upload, 'write' | 'finish' | 'fail' | 'whenOver'>

/** Imports of one company that may be on their way at once. */
const mostUnfinished = 20
/** Of these, files that one person or service account may be sending at once: nobody takes the room of all. */
const mostSending = 5
/** Plans of one company that may wait to be committed. */
const mostPlanned = 200
const longestWaitMs = 60_000
const aliveMs = 10_000

const mutation = 'POST /imports'

/** Begins to receive a file. Errors: NOT_FOUND (company), NOT_PERMITTED, LIMIT_EXCEEDED, IDEMPOTENCY_KEY_REUSED, INVALID_VALUE. */
export const beginUpload = async (app: App, viewer: Viewer, input: UploadInput): Promise<Upload> => {
  const companyId = companyIdByCode(viewer, input.company)
  const { idempotencyKey, ...sent } = input
  const begun = await command(app, viewer, { mutation, companyId, idempotencyKey, input: sent }, async (scope) => {
    const refusal = mayEdit(scope)
    if (refusal !== null) throw refusal
    const name = unwrap(readText(input.name, 'name'))
    const { unfinished, sending, planned } = await countUnfinished(scope.tx, companyId, scope.actor.id)
    if (planned >= mostPlanned)
      throw new DomainError(
        'LIMIT_EXCEEDED',
        `${mostPlanned} imports of ${scope.company.code} wait to be committed; commit or cancel some of them.`,
      )
    if (sending >= mostSending)
      throw new DomainError(
        'LIMIT_EXCEEDED',
        `${mostSending} of your files for ${scope.company.code} are being sent; wait until one of them is here, or cancel its import.`,
      )
    if (unfinished >= mostUnfinished)
      throw new DomainError(
        'LIMIT_EXCEEDED',
        `${mostUnfinished} imports of ${scope.company.code} are on their way; wait until one of them has ended, or cancel one.`,
      )
    const job: ImportJob = {
      companyId,
      id: newId(),
      createdById: scope.actor.id,
      createdAt: scope.now,
      name: name === null ? null : name.slice(0, 255),
      behavior: scope.company.parameters.entityBehavior,
      status: 'PLANNING',
      layout: null,
      unattended: input.unattended,
      rows: 0,
      processed: 0,
      counts: {},
      planDigest: null,
      setupVersion: null,
      failure: null,
      contentHash: null,
      bytes: 0,
      idempotencyKey: idempotencyKey ?? null,
      updatedAt: scope.now,
      uploadedAt: null,
      startedAt: null,
      finishedAt: null,
    }
    await insertImportJob(scope.tx, job)
    return { id: job.id }
  })
  const key = { companyId, id: begun.id }
  return begun.replayed === true
    ? { ...key, replayed: true, ...repeated(app, key) }
    : { ...key, replayed: false, ...receiving(app, viewer, key, idempotencyKey) }
}

/** It has ended otherwise than by its upload; then its key has been freed with it. */
const isGivenUp = (job: Pick<ImportJob, 'status'>): boolean => job.status === 'FAILED' || job.status === 'CANCELLED'

/** The rows of a call that has been made before come to nothing; that they are the same ones is made sure of. */
const repeated = (app: App, key: { companyId: string; id: string }): Sending => ({
  write: () => Promise.resolve(),
  fail: () => Promise.resolve(),
  whenOver: () => undefined,
  async finish({ contentHash }) {
    // The first may still be on its way.
    for (let waited = 0; waited < longestWaitMs; waited += 100) {
      const [job] = await loadImportJobs(app.db, [key])
      if (job === null || job === undefined || (job.contentHash === null && isGivenUp(job)))
        throw new DomainError(
          'WRONG_STATE',
          `The first upload with this idempotency key ${job?.status === 'CANCELLED' ? 'was cancelled' : 'broke off'}; send the file again.`,
        )
      if (job.contentHash === contentHash) return
      if (job.contentHash !== null)
        throw new DomainError(
          'IDEMPOTENCY_KEY_REUSED',
          'This idempotency key was used for another file; use a new key for a new file.',
          { at: ['idempotencyKey'] },
        )
      await wait(100)
    }
    throw new DomainError(
      'WRONG_STATE',
      'The first upload with this idempotency key is still on its way; ask again later.',
    )
  },
})

/** Why nothing more is taken of an upload: its import has ended meanwhile. */
const over = (job: ImportJob | null, importId: string): DomainError =>
  new DomainError(
    'WRONG_STATE',
    job?.status === 'FAILED'
      ? 'This upload was taken for broken off; send the file again.'
      : 'The import has been cancelled; send the file again to begin another.',
    { detail: { importId } },
  )

const receiving = (
  app: App,
  viewer: Viewer,
  key: { companyId: string; id: string },
  idempotencyKey: string | null,
): Sending => {
  let rows = 0
  let tellOver: (error: DomainError) => void = () => undefined
  const now = (): string => app.clock().toISOString()
  const look = async (): Promise<void> => {
    if (await touchImportJob(app.db, key, now())) return
    const [job = null] = await loadImportJobs(app.db, [key])
    tellOver(over(job, key.id))
  }
  // A line that sends little is not one that is gone; and who sends little does not hear by its rows that nobody takes them any more.
  const alive = setInterval(() => void look().catch(() => undefined), aliveMs)
  alive.unref()
  const fail = (problem: Problem): Promise<void> => {
    clearInterval(alive)
    return app.db.transaction(async (tx) => {
      const job = await lockImportJob(tx, key.companyId, key.id)
      if (job?.uploadedAt !== null) return
      await deleteRows(tx, key)
      if (job.status === 'PLANNING') await saveImportJob(tx, failed({ ...job, rows: 0 }, problem, now()).job)
      // One that has been given up has lost its key already; whose it is by now, it is not this one's to take back.
      if (idempotencyKey !== null && !isGivenUp(job))
        await forgetKey(tx, { userId: viewer.userId, key: idempotencyKey })
    })
  }
  return {
    async write(batch) {
      await app.db.transaction(async (tx) => {
        const job = await lockImportJob(tx, key.companyId, key.id)
        if (job?.status !== 'PLANNING') throw over(job, key.id)
        await stageRows(
          tx,
          key,
          batch.map((row) => ({ ...row, account: row.account === null ? null : normalAccount(row.account) })),
        )
        await saveImportJob(tx, { ...job, rows: rows + batch.length, updatedAt: now() })
      })
      rows += batch.length
    },
    async finish(file) {
      if (file.rows === 0) {
        const problem: Problem = {
          code: 'INVALID_VALUE',
          message: 'The file holds no rows beneath its header; nothing can be imported.',
        }
        await fail(problem)
        throw new DomainError(problem.code, problem.message)
      }
      clearInterval(alive)
      await analyzeImports(app.db, 'rows')
      await app.db.transaction(async (tx) => {
        const job = await lockImportJob(tx, key.companyId, key.id)
        const company = await app.setup.company(tx, key.companyId)
        if (job?.status !== 'PLANNING') throw over(job, key.id)
        if (company === null) throw new Error('An upload without its company')
        const next = received(job, file, { company, now: now() })
        await saveImportJob(tx, next.job)
        await appendEvents(tx, { companyId: key.companyId, actorId: job.createdById, at: now() }, next.events)
        await app.enqueue(tx, { queue: 'imports', ...key })
      })
      app.wake()
    },
    fail,
    whenOver(tell) {
      tellOver = tell
    },
  }
}

/** A hash of what is sent, as `Received.contentHash` has it. */
export const contentHasher = () => createHash('sha256')
