// A whole application whose clock is ahead: `node sweeping-process.ts <database url> <milliseconds ahead> <milliseconds between sweeps>`.
import pino from 'pino'
import { createApp } from '../../server/app.ts'

const [databaseUrl = '', aheadMs = '0', sweepMs = '1000'] = process.argv.slice(2)
const app = createApp({
  databaseUrl,
  port: 0,
  host: '127.0.0.1',
  allowedOrigins: [],
  auth: { verify: undefined, demo: undefined },
  clientDir: undefined,
  clock: () => new Date(Date.now() + Number(aheadMs)),
  log: pino({ level: 'warn' }, pino.destination({ dest: 2, sync: true })),
  sweepMs: Number(sweepMs),
})
process.on('SIGTERM', () => void app.stop())
const { url } = await app.start()
process.stdout.write(`running at ${url}\n`)
