// Goes on with every import that is on its way: `node importing-process.ts <database url>`. With `application` behind it, as a whole
// application that does imports in a thread of their own.
import pino from 'pino'
import { createApp } from '../../server/app.ts'
import { systemClock } from '../../server/clock.ts'
import { connect } from '../../server/db/connect.ts'
import { alone } from '../../server/services/alone.ts'
import { runImport, strandedImports } from '../../server/services/import-run.ts'
import { createSetupCache } from '../../server/services/setup-cache.ts'

const [databaseUrl = '', whole] = process.argv.slice(2)
if (whole === undefined) {
  const { db } = connect(databaseUrl, { max: 2 })
  const app = { db, clock: systemClock, setup: createSetupCache(), ...alone }
  process.stdout.write('begins\n')
  for (const { companyId, id } of await strandedImports(app, true))
    await runImport(app, companyId, id, new AbortController().signal)
  process.exit(0)
}
const app = createApp({
  databaseUrl,
  port: 0,
  host: '127.0.0.1',
  allowedOrigins: [],
  auth: { verify: undefined, demo: undefined },
  clientDir: undefined,
  clock: systemClock,
  threads: true,
  log: pino({ level: 'warn' }, pino.destination({ dest: 2, sync: true })),
})
process.on('SIGTERM', () => void app.stop())
const { url } = await app.start()
process.stdout.write(`begins at ${url}\n`)
