// What each queue of background work does: thin, each calls a service.
import type { App, Job } from '../services/app.ts'
import { runBatch } from '../services/batches.ts'
import { runImport } from '../services/import-run.ts'
import type { Handler } from './boss.ts'

/** `imports`: where they are done, if not in this thread. */
export const jobHandlers = (app: App, imports?: Handler): Readonly<Record<Job['queue'], Handler>> => ({
  imports: imports ?? (({ companyId, id }, ending) => runImport(app, companyId, id, ending)),
  batches: ({ companyId, id }, ending) => runBatch(app, companyId, id, ending),
})
