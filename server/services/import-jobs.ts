// What people and partners do with an import: look at its plan, commit it, cancel it, fetch what was refused.
import type { Company } from '../domain/company.ts'
import type { Problem } from '../domain/errors.ts'
import type { RowOutcome } from '../domain/import.ts'
import {
  decideCancel,
  decideCommit,
  mayCommit,
  planChanged,
  replanned,
  rowsDone,
  type ImportJob,
} from '../domain/import-job.ts'
import type { Reader } from '../db/connect.ts'
import { readsSensitive } from '../domain/visibility.ts'
import { forgetKey } from '../store/idempotency.ts'
import {
  loadImportJobs,
  loadResults,
  lockImportJob,
  readRefused,
  rowsMoved,
  saveImportJob,
} from '../store/import-jobs.ts'
import type { App, Viewer } from './app.ts'
import { command, notFound, unwrap, type Replayed, type Scope } from './command.ts'
import { planStaged, sameResult } from './import-chunks.ts'

export type ImportAnswer = { readonly companyId: string; readonly importId: string } & Replayed

const by = { what: 'import', at: 'importId' }

const locked = async ({ tx, company }: Pick<Scope, 'tx' | 'company'>, importId: string): Promise<ImportJob> => {
  const job = await lockImportJob(tx, company.id, importId)
  if (job === null) throw notFound('import', 'importId')
  return job
}

/** So many rows are planned again while a commit waits; more are planned again in the background. */
const mostAgain = 2000
const chunk = 500

/** Would the plan come to something else by now? What has not moved since is not looked at again. */
const hasChanged = async (app: App, scope: Scope, job: ImportJob): Promise<boolean> => {
  const everything = job.setupVersion !== scope.company.setupVersion
  if (everything && job.rows > mostAgain) return true
  const moved = everything
    ? Array.from({ length: job.rows }, (_, n) => n + 1)
    : await rowsMoved(scope.tx, job, mostAgain + 1)
  if (moved.length > mostAgain) return true
  for (let from = 0; from < moved.length; from += chunk) {
    const rows = moved.slice(from, from + chunk)
    const before = await loadResults(scope.tx, job, rows)
    const results = await planStaged(scope.tx, scope, job, rows, 'PLAN')
    if (!results.every((result) => sameResult(result, before.get(result.row)))) return true
  }
  return false
}

/**
 * Carries out an import as its plan says, in the background. Errors: NOT_FOUND, NOT_PERMITTED, WRONG_STATE, PLAN_CHANGED: then it is
 * planned anew, and waits to be committed with the new plan's digest.
 */
export const commitImport = async (
  app: App,
  viewer: Viewer,
  input: {
    readonly companyId: string
    readonly importId: string
    readonly planDigest: string
    readonly idempotencyKey?: string | null
  },
): Promise<ImportAnswer> => {
  const { companyId, importId, planDigest, idempotencyKey } = input
  const answer = { companyId, importId }
  const call = { mutation: 'commitImport', companyId, idempotencyKey, input: { importId, planDigest }, by }
  let outdated = false
  try {
    return await command(app, viewer, call, async (scope) => {
      outdated = false
      const job = await locked(scope, importId)
      const { job: next, events } = unwrap(decideCommit(job, planDigest, scope))
      outdated = await hasChanged(app, scope, job)
      if (outdated) throw planChanged()
      await saveImportJob(scope.tx, next)
      await scope.append(events)
      await app.enqueue(scope.tx, { queue: 'imports', companyId, id: importId })
      return answer
    })
  } catch (error) {
    if (outdated) await planAnew(app, viewer, companyId, importId)
    throw error
  }
}

const planAnew = (app: App, viewer: Viewer, companyId: string, importId: string): Promise<object> =>
  command(app, viewer, { mutation: 'commitImport', companyId, input: importId, by }, async (scope) => {
    const job = await locked(scope, importId)
    if (mayCommit(job, scope) === null) {
      await saveImportJob(scope.tx, replanned(job, scope.now))
      await app.enqueue(scope.tx, { queue: 'imports', companyId, id: importId })
    }
    return {}
  })

/** Ends an import; what it has written stays written. Errors: NOT_FOUND, NOT_PERMITTED, WRONG_STATE. */
export const cancelImport = (
  app: App,
  viewer: Viewer,
  input: { readonly companyId: string; readonly importId: string; readonly idempotencyKey?: string | null },
): Promise<ImportAnswer> => {
  const { companyId, importId, idempotencyKey } = input
  return command(
    app,
    viewer,
    { mutation: 'cancelImport', companyId, idempotencyKey, input: { importId }, by },
    async (scope) => {
      const { job, events } = unwrap(decideCancel(await locked(scope, importId), scope))
      await saveImportJob(scope.tx, job)
      // Whoever is still sending it may be gone; the same call may be made again.
      if (job.uploadedAt === null && job.idempotencyKey !== null)
        await forgetKey(scope.tx, { userId: job.createdById, key: job.idempotencyKey })
      await scope.append(events)
      return { companyId, importId }
    },
  )
}

export type RefusedRow = {
  readonly row: number
  readonly content: readonly string[] | Readonly<Record<string, unknown>>
  readonly outcome: RowOutcome
  readonly errors: readonly Problem[]
}
export type RefusedRows = {
  readonly job: ImportJob
  readonly company: Company
  /** Whether the viewer may see sensitive values: the file's as well. */
  readonly seesSensitive: boolean
  /** In order, some at a time. */
  readonly rows: AsyncIterable<readonly RefusedRow[]>
}

const readAtOnce = 1000

async function* refusedOf(reader: Reader, job: ImportJob): AsyncGenerator<readonly RefusedRow[]> {
  let after = 0
  for (;;) {
    const rows = await readRefused(reader, job, after, rowsDone(job), readAtOnce)
    if (rows.length > 0) yield rows
    after = rows.at(-1)?.row ?? after
    if (rows.length < readAtOnce) return
  }
}

/** The rows of an import that were not taken, as they were sent. Errors: NOT_FOUND. */
export const refusedRows = async (
  app: App,
  viewer: Viewer,
  companyId: string,
  importId: string,
): Promise<RefusedRows> => {
  const membership = viewer.memberships.get(companyId)
  if (membership === undefined) throw notFound('import', 'importId')
  const [job] = await loadImportJobs(app.db, [{ companyId, id: importId }])
  const company = await app.setup.company(app.db, companyId)
  if (job === null || job === undefined || company === null) throw notFound('import', 'importId')
  return { job, company, seesSensitive: readsSensitive(membership.roles), rows: refusedOf(app.db, job) }
}
