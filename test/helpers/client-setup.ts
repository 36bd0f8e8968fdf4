// Builds the client once, before the files that open it begin side by side.
import pino from 'pino'
import { buildClient } from '../../server/client-build.ts'

export default async function setup(): Promise<void> {
  await buildClient(pino({ level: 'fatal' }))
}
