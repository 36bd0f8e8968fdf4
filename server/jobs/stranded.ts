// Looks after background work whose process has gone: imports and decisions on batches go on, uploads that broke off end.
import type { Log } from '../log.ts'
import type { App } from '../services/app.ts'
import { unfinishedBatches } from '../services/batches.ts'
import { endBrokenUploads, strandedImports } from '../services/import-run.ts'
import type { Boss } from './boss.ts'
import { repeat, type Repeated } from './sweep.ts'

const everyMs = 10_000

/** Now, and then every ten seconds. */
export const startStranded = (app: App, boss: Pick<Boss, 'resume'>, log: Log): Repeated => {
  let first = true
  return repeat('looking after background work', everyMs, log, async () => {
    const atOnce = first
    first = false
    await boss.resume([...(await strandedImports(app, atOnce)), ...(await unfinishedBatches(app))])
    await endBrokenUploads(app)
  })
}
