// An import in a thread of its own: planning thousands of rows must not stand in the way of people's requests, which the process's first
// thread answers. The thread has its own connections and its own memory, and ends with the import.
import { once } from 'node:events'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { systemClock } from './clock.ts'
import { connect } from './db/connect.ts'
import type { Handler } from './jobs/boss.ts'
import { giveBackNow } from './memory.ts'
import { paceOf, type SharedPace } from './pace.ts'
import type { App } from './services/app.ts'
import { alone } from './services/alone.ts'
import { runImport } from './services/import-run.ts'
import { createSetupCache } from './services/setup-cache.ts'

type Task = {
  readonly kind: 'import'
  readonly databaseUrl: string
  readonly pace: SharedPace
  readonly companyId: string
  readonly id: string
}

/** Megabytes: a chunk needs few, and garbage is to be collected early. */
const resourceLimits = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 16 }

/** Does an import in a thread, at a pace that lets others work. `committed` is called whenever it has committed something. */
export const importInThread =
  (databaseUrl: string, pace: SharedPace, committed: () => void): Handler =>
  async ({ companyId, id }, ending) => {
    const task: Task = { kind: 'import', databaseUrl, pace, companyId, id }
    // What the upload has left behind and what the thread loads would be there at once.
    giveBackNow()
    const thread = new Worker(new URL(import.meta.url), { workerData: task, resourceLimits })
    thread.on('message', committed)
    const end = (): void => thread.postMessage('end')
    ending.addEventListener('abort', end)
    try {
      // An error in the thread rejects this.
      const [code] = (await once(thread, 'exit')) as [number]
      if (code !== 0) throw new Error(`the thread of an import ended with ${code}`)
    } finally {
      ending.removeEventListener('abort', end)
    }
  }

const work = async ({ databaseUrl, pace, companyId, id }: Task): Promise<void> => {
  giveBackNow()
  const ending = new AbortController()
  const port = parentPort
  port?.on('message', () => ending.abort())
  // Does not keep the thread from ending.
  port?.unref()
  const connection = connect(databaseUrl, { max: 2 })
  const wake = (): void => port?.postMessage('committed')
  const { busy: othersWork } = paceOf(Date.now, pace)
  const app: App = { ...alone, db: connection.db, clock: systemClock, setup: createSetupCache(), wake, othersWork }
  try {
    await runImport(app, companyId, id, ending.signal)
  } finally {
    await connection.close()
  }
}

const isTask = (data: unknown): data is Task =>
  typeof data === 'object' && data !== null && 'kind' in data && data.kind === 'import'
if (!isMainThread && isTask(workerData)) await work(workerData)
