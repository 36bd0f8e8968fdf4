// Countersign as it runs in production, without the client; started by child.ts.
import '../server/production.ts'
import { createApp } from '../server/app.ts'
import { createDemoTokens } from '../server/auth/demo.ts'
import { systemClock } from '../server/clock.ts'
import { createLog } from '../server/log.ts'
import { serve } from './child.ts'
import { memory } from './memory.ts'
import { reader } from './world.ts'

const databaseUrl = process.argv[2] ?? ''
const log = createLog('warn')
const demo = await createDemoTokens(systemClock, log)
const app = createApp({
  databaseUrl,
  port: 0,
  host: '127.0.0.1',
  allowedOrigins: [],
  auth: { verify: demo.verify, demo },
  clientDir: undefined,
  clock: systemClock,
  threads: true,
  log,
})
const { url } = await app.start()
await serve({ url: `${url}/graphql`, token: `Bearer ${await demo.issue(reader)}` }, () => app.stop(), {
  memory,
})
