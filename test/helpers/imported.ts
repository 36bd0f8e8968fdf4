// An import that is done, without a file: its rows are planned and carried out as those of a file are, and its items wait as a batch.
import type { ImportRow } from '../../server/domain/import.ts'
import { countsOf } from '../../server/domain/import-job.ts'
import type { App, Viewer } from '../../server/services/app.ts'
import { command } from '../../server/services/command.ts'
import { carryOutRows, eventsOf, planOf } from '../../server/services/import-rows.ts'
import { lockAccounts } from '../../server/store/customer-locks.ts'
import { newId } from '../../server/store/ids.ts'
import { insertImportJob } from '../../server/store/import-jobs.ts'

/** Carries rows out for somebody as an import of its own; answers its id, and the proposals in the order of the rows. */
export const imported = async (
  app: App,
  viewer: Viewer,
  companyId: string,
  rows: readonly ImportRow[],
): Promise<{ importId: string; proposalIds: string[] }> => {
  const importId = newId()
  const call = { mutation: 'importFile', companyId, input: { importId } }
  return command(app, viewer, call, async (scope) => {
    const { tx, now, actor, company } = scope
    const accounts = rows.map(({ account }) => account)
    await lockAccounts(tx, companyId, accounts)
    const planned = await planOf(tx, scope, rows, { importId })
    const proposalIds = planned.plans.flatMap(({ proposalId }) => proposalId ?? [])
    await insertImportJob(tx, {
      ...{ companyId, id: importId, createdById: actor.id, createdAt: now, name: 'customers.csv' },
      ...{ behavior: company.parameters.entityBehavior, status: 'DONE', layout: null, unattended: true },
      ...{ rows: rows.length, processed: rows.length, counts: countsOf(planned.plans) },
      ...{
        planDigest: null,
        setupVersion: null,
        failure: null,
        contentHash: null,
        bytes: 0,
        idempotencyKey: null,
        updatedAt: now,
      },
      ...{ uploadedAt: now, startedAt: now, finishedAt: now },
    })
    await carryOutRows(scope, rows, planned)
    await scope.append(eventsOf(rows, planned))
    return { importId, proposalIds }
  })
}
