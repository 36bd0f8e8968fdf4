// An import that is looked at: read once, then as its stream tells, until it has ended.
import { ImportProgress, ImportQuery, type ImportJob, type ImportStatus } from '../documents/imports.ts'
import type { ResultOf, VariablesOf } from '../graphql.ts'
import { connection } from '../live/connection.svelte.ts'
import { Query } from '../query.svelte.ts'

const ends: readonly ImportStatus[] = ['DONE', 'FAILED', 'CANCELLED']
export const isOver = ({ status }: Pick<ImportJob, 'status'>): boolean => ends.includes(status)

/** Follows an import until it has ended or the answer is called. */
export const followImport = (id: string, onMove: (job: ImportJob) => void): (() => void) => {
  const stop = connection.watch(ImportProgress, { id }, (job) => {
    if (isOver(job)) stop()
    onMove(job)
  })
  return stop
}

/** Made while a component starts. */
export class FollowedImport {
  readonly query: Query<ResultOf<typeof ImportQuery>, VariablesOf<typeof ImportQuery>>
  #told = $state.raw<ImportJob | null>(null)

  constructor(id: string) {
    this.query = new Query(ImportQuery, () => ({ id }))
    $effect(() => followImport(id, (job) => (this.#told = job)))
  }

  /** As it is now; null: it is not there, or not read yet. */
  get job(): ImportJob | null {
    const node = this.query.data?.node
    return this.#told ?? (node?.__typename === 'ImportJob' ? node : null)
  }
}
