// Looks after imports whose process has gone: those under way go on, those that were being received end.
import type { Log } from '../log.ts'
import type { App } from '../services/app.ts'
import { endBrokenUploads, strandedImports } from '../services/import-run.ts'
import type { Boss } from './boss.ts'
import { repeat, type Repeated } from './sweep.ts'

const everyMs = 10_000

/** Now, and then every ten seconds. */
export const startImports = (app: App, boss: Pick<Boss, 'resume'>, log: Log): Repeated => {
  let first = true
  return repeat('looking after imports', everyMs, log, async () => {
    const atOnce = first
    first = false
    await boss.resume(await strandedImports(app, atOnce))
    await endBrokenUploads(app)
  })
}
