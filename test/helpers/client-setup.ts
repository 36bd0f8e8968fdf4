// Builds the client once, before the files that open it or start whole servers begin side by side. Projects run their set-ups at
// the same time in one process, each with a copy of this module, so what is shared lives on globalThis.
import pino from 'pino'
import { buildClient } from '../../server/client-build.ts'

const place = Symbol.for('countersign.test-client')
const shared = globalThis as typeof globalThis & { [place]?: Promise<string> }

export default async function setup(): Promise<void> {
  await (shared[place] ??= buildClient(pino({ level: 'fatal' })))
}
