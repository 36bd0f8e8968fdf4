// Files for imports, as if they had been uploaded: JSON lines in the shape of CustomerRowInput.
import { createHash } from 'node:crypto'
import type { ImportRow } from '../../server/domain/import.ts'
import type { ImportJob, Layout } from '../../server/domain/import-job.ts'
import type { App, Viewer } from '../../server/services/app.ts'
import { commitImport } from '../../server/services/import-jobs.ts'
import { runImport } from '../../server/services/import-run.ts'
import { beginUpload, type Upload } from '../../server/services/import-upload.ts'
import { listResults, loadImportJobs, type ListedResult } from '../../server/store/import-jobs.ts'

export const never = new AbortController().signal
const layout: Layout = { format: 'JSONL', header: null, columns: [], nulls: [], empty: 'LEAVE' }

export const hashOf = (rows: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(rows)).digest('hex')

export type FileOptions = { readonly unattended?: boolean; readonly idempotencyKey?: string; readonly company?: string }

export const begin = (app: App, viewer: Viewer, options: FileOptions = {}): Promise<Upload> =>
  beginUpload(app, viewer, {
    company: options.company ?? 'USMF',
    name: 'customers.jsonl',
    options: {},
    unattended: options.unattended ?? false,
    idempotencyKey: options.idempotencyKey ?? null,
  })

/** Sends a file whole; it is neither planned nor carried out yet. */
export const upload = async (
  app: App,
  viewer: Viewer,
  rows: readonly ImportRow[],
  options: FileOptions = {},
): Promise<Upload> => {
  const sent = await begin(app, viewer, options)
  for (let from = 0; from < rows.length; from += 1000)
    await sent.write(
      rows.slice(from, from + 1000).map((content, n) => ({
        row: from + n + 1,
        account: content.account,
        content,
        problem: null,
      })),
    )
  await sent.finish({ layout, contentHash: hashOf(rows), bytes: 1, rows: rows.length })
  return sent
}

type Key = { readonly companyId: string; readonly id: string }

export const jobOf = async (app: App, { companyId, id }: Key): Promise<ImportJob> => {
  const [job] = await loadImportJobs(app.db, [{ companyId, id }])
  if (job === undefined || job === null) throw new Error('no such import')
  return job
}

/** An import of these files takes fewer steps than this; one that does not move would take them for ever. */
const mostSteps = 60

/** Plans an import, or carries it out, to the end; fails where it comes to none. */
export const run = async (app: App, key: Key): Promise<ImportJob> => {
  const ending = new AbortController()
  let steps = 0
  const wake = (): void => {
    if ((steps += 1) >= mostSteps) ending.abort()
    app.wake()
  }
  await runImport({ ...app, wake }, key.companyId, key.id, ending.signal)
  const job = await jobOf(app, key)
  if (ending.signal.aborted)
    throw new Error(`after ${mostSteps} steps it is ${job.status}, with ${job.processed} of ${job.rows} rows`)
  return job
}

export const commit = async (app: App, viewer: Viewer, key: Key): Promise<ImportJob> => {
  const { planDigest } = await jobOf(app, key)
  await commitImport(app, viewer, { companyId: key.companyId, importId: key.id, planDigest: planDigest ?? '' })
  return run(app, key)
}

export const resultsOf = async (app: App, key: Key): Promise<ListedResult[]> => {
  const found: ListedResult[] = []
  for (;;) {
    const after = found.at(-1)
    const from = after === undefined ? null : [String(after.row)]
    const page = await listResults(app.db, key, { upTo: 1e9, outcomes: null }, { limit: 1000, backward: false, from })
    found.push(...page.slice(0, 1000))
    if (page.length <= 1000) return found
  }
}

/** Plans, commits and carries a file out; the results as planned and as they came. */
export const imported = async (
  app: App,
  viewer: Viewer,
  rows: readonly ImportRow[],
  options: FileOptions = {},
): Promise<{ key: Key; planned: ListedResult[]; came: ListedResult[]; job: ImportJob }> => {
  const key = await upload(app, viewer, rows, options)
  await run(app, key)
  const planned = await resultsOf(app, key)
  const job = await commit(app, viewer, key)
  return { key, planned, came: await resultsOf(app, key), job }
}
