// A whole application that writes, holds transactions open and tells what memory it needs when told so by a line on its
// input: `node live-process.ts <database url> <milliseconds ahead>`. Answers are lines of JSON on its output.
import { createInterface } from 'node:readline'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import pino from 'pino'
import { createApp } from '../../server/app.ts'
import { startWriters } from './live-writers.ts'

const [databaseUrl = '', aheadMs = '0'] = process.argv.slice(2)
const app = createApp({
  databaseUrl,
  port: 0,
  host: '127.0.0.1',
  allowedOrigins: [],
  auth: { verify: undefined, demo: undefined },
  clientDir: undefined,
  clock: () => new Date(Date.now() + Number(aheadMs)),
  log: pino({ level: 'warn' }, pino.destination({ dest: 2, sync: true })),
})
process.on('SIGTERM', () => void app.stop().then(() => process.exit(0)))
const { url, services } = await app.start()

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
/** What is in use once garbage is gone, and what the system has given. */
const memory = (): object => {
  collect()
  const { heapUsed, external, rss } = process.memoryUsage()
  return { used: heapUsed + external, rss }
}

let writers: Awaited<ReturnType<typeof startWriters>> | undefined
const commands: Record<string, (amount: number) => unknown> = {
  write: async (count) => {
    writers = await startWriters(services, databaseUrl, count, 1_000_000 + Number(aheadMs) * 1_000_000)
    return {}
  },
  hold: async (seconds) => (await writers?.hold(seconds), {}),
  stop: () => writers?.stop(),
  memory,
}
createInterface({ input: process.stdin }).on('line', (line) => {
  const [id, name = '', amount] = line.split(' ')
  void Promise.resolve(commands[name]?.(Number(amount))).then(
    (answer) => process.stdout.write(`${JSON.stringify({ id, answer })}\n`),
    (error: unknown) => process.stdout.write(`${JSON.stringify({ id, error: String(error) })}\n`),
  )
})
process.stdout.write(`running at ${url}\n`)
