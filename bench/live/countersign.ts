// Countersign as it runs in production, without the client; started by child.ts. It believes the tokens of a key that the
// bench holds: thousands of signatures made here would show in its memory.
import '../../server/production.ts'
import { importJWK, type JWK } from 'jose'
import { createApp } from '../../server/app.ts'
import { createVerifier } from '../../server/auth/tokens.ts'
import { systemClock } from '../../server/clock.ts'
import { createLog } from '../../server/log.ts'
import { serve } from '../child.ts'
import { memory } from '../memory.ts'

const [databaseUrl = '', issuer = '', audience = '', key = ''] = process.argv.slice(2)
const log = createLog('warn')
const publicKey = await importJWK(JSON.parse(key) as JWK, 'ES256')
const verify = createVerifier({ issuer, audience, keys: async () => publicKey, clock: systemClock, log })
const app = createApp({
  databaseUrl,
  port: 0,
  host: '127.0.0.1',
  allowedOrigins: [],
  auth: { verify, demo: undefined },
  clientDir: undefined,
  clock: systemClock,
  log,
})
const { url } = await app.start()
await serve({ url: `${url}/graphql` }, () => app.stop(), { memory })
