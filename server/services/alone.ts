// What a use case finds where no process runs around it: a seed, a bench, a test of the rules. News travel and work begins when a
// process next looks; endpoints of partners are really asked.
import type { App } from './app.ts'
import { createSender } from './webhook-sender.ts'

export const alone: Pick<App, 'wake' | 'enqueue' | 'othersWork' | 'sender'> = {
  wake: () => undefined,
  enqueue: async () => undefined,
  othersWork: () => false,
  sender: createSender({ allowPrivate: false, timeoutMs: 10_000 }),
}
