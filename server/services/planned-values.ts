// The values of an import's plan, for the rows that somebody looks at: planned anew by the same planner, never stored.
import { normalAccount } from '../domain/create.ts'
import type { ImportJob } from '../domain/import-job.ts'
import { plannedValues, type PlannedValue } from '../domain/planned-values.ts'
import { readRows } from '../store/import-jobs.ts'
import type { App } from './app.ts'
import { readStaged } from './import-chunks.ts'
import { planOf } from './import-rows.ts'

/**
 * By row, the values that it would write or propose now, in a fixed number of statements; null where the import is not waiting to be
 * committed. A row that is not among the `usable` ones, or that cannot be read, has none.
 */
export const valuesOfRows = async (
  app: App,
  job: ImportJob,
  usable: readonly number[],
): Promise<ReadonlyMap<number, readonly PlannedValue[]> | null> => {
  if (job.status !== 'PLANNED') return null
  const company = await app.setup.company(app.db, job.companyId)
  const actor = company?.directory.people.get(job.createdById)
  if (company === null || actor === undefined) return null
  const staged = usable.length === 0 ? [] : await readRows(app.db, job, usable)
  const found = readStaged(job, staged).flatMap(({ staged: { row: n }, row }) => (row === null ? [] : [{ n, row }]))
  const rows = found.map(({ row }) => row)
  // What usable rows point to is there, or another row makes it.
  const named = rows.map(({ set }) => set?.invoiceAccount).filter((account) => typeof account === 'string')
  const known = new Set(named.map((account) => normalAccount(account.trim())))
  const who = { company, actor, now: app.clock().toISOString() }
  const { states, plans } = await planOf(app.db, who, rows, { importId: job.id, known })
  return new Map(
    found.map(({ n, row }, i) => {
      const plan = plans[i]
      return [n, plan === undefined ? [] : plannedValues(plan, states.get(row.account)?.customer ?? null)]
    }),
  )
}
