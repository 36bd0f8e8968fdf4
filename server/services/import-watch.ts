// Watching an import go on: its row is read a few times a second for as long as somebody watches, once for all who do.
import type { ImportJob } from '../domain/import-job.ts'
import { loadImportJobs } from '../store/import-jobs.ts'
import { keyText } from '../store/prepared.ts'
import type { App } from './app.ts'

const everyMs = 300

type Told = (job: ImportJob | null) => void
type Watched = { job: ImportJob | null | undefined; readonly watchers: Set<Told>; timer: NodeJS.Timeout | undefined }

const watched = new WeakMap<App['db'], Map<string, Watched>>()

const isOver = (job: ImportJob): boolean => ['DONE', 'FAILED', 'CANCELLED'].includes(job.status)
const hasMoved = (one: ImportJob, other: ImportJob): boolean =>
  one.status !== other.status ||
  one.processed !== other.processed ||
  one.rows !== other.rows ||
  one.updatedAt !== other.updatedAt

const look = async (app: Pick<App, 'db'>, companyId: string, id: string, entry: Watched): Promise<void> => {
  const [job = null] = await loadImportJobs(app.db, [{ companyId, id }])
  const before = entry.job
  entry.job = job
  if (before === undefined || job === null || before === null || hasMoved(job, before))
    for (const tell of entry.watchers) tell(job)
}

/** Tells of the job as it is, and whenever it has moved; null: it is not there. A failing database is waited for. Call what it gives back to end. */
const follow = (app: Pick<App, 'db'>, companyId: string, id: string, tell: Told): (() => void) => {
  const all = watched.get(app.db) ?? new Map<string, Watched>()
  watched.set(app.db, all)
  const key = keyText(companyId, id)
  const entry = all.get(key) ?? { job: undefined, watchers: new Set<Told>(), timer: undefined }
  const again = (): void => {
    if (entry.watchers.size === 0) return
    look(app, companyId, id, entry)
      .catch(() => undefined)
      .finally(() => {
        if (entry.watchers.size === 0) return
        entry.timer = setTimeout(again, everyMs)
        entry.timer.unref()
      })
  }
  entry.watchers.add(tell)
  if (all.get(key) === undefined) {
    all.set(key, entry)
    again()
  } else if (entry.job !== undefined) tell(entry.job)
  return () => {
    entry.watchers.delete(tell)
    if (entry.watchers.size > 0) return
    clearTimeout(entry.timer)
    if (all.get(key) === entry) all.delete(key)
  }
}

/**
 * A job as it is, then again whenever it has moved, until it has ended. A slow reader gets the latest alone. Hand-written: a
 * generator's own `return` would wait for the next change.
 */
export class ImportWatch implements AsyncIterableIterator<ImportJob, void> {
  #latest: ImportJob | null | undefined
  #waiting: (() => void) | undefined
  #ended = false
  readonly #unfollow: () => void

  constructor(app: Pick<App, 'db'>, companyId: string, id: string) {
    this.#unfollow = follow(app, companyId, id, (job) => {
      this.#latest = job
      this.#waiting?.()
    })
  }

  async next(): Promise<IteratorResult<ImportJob, void>> {
    while (this.#latest === undefined && !this.#ended)
      await new Promise<void>((resolve) => {
        this.#waiting = resolve
      })
    const job = this.#latest
    this.#latest = undefined
    if (this.#ended || job === undefined || job === null) return this.return()
    if (isOver(job)) this.#end()
    return { done: false, value: job }
  }

  async return(): Promise<IteratorResult<ImportJob, void>> {
    this.#end()
    return { done: true, value: undefined }
  }

  async throw(error: unknown): Promise<never> {
    this.#end()
    throw error
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #end(): void {
    this.#ended = true
    this.#unfollow()
    this.#waiting?.()
  }
}
