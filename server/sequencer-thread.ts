// The sequencer in a thread of its own: an import has thousands of events hashed each second, which must not stand in the way of people's
// requests. The first thread answers those.
import { once } from 'node:events'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { connect } from './db/connect.ts'
import { createPause } from './live/pause.ts'
import { startSequencer, type Sequencer, type SequencerHooks } from './live/sequencer.ts'
import { createLog, type Log } from './log.ts'
import { giveBackNow } from './memory.ts'

type Task = { readonly kind: 'sequencer'; readonly databaseUrl: string; readonly logLevel: string }
/** What the thread is asked. */
type Asked = 'wake' | 'stop'
/** What it tells: that it has taken or lost the lead, or how many events it has sealed. */
type Told = { readonly leads: boolean } | { readonly sealed: number }

/** Megabytes: a batch needs few, and garbage is to be collected early. */
const resourceLimits = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 16 }
const restartMs = 1000
/** How long it may take to finish its batch. */
const graceMs = 5000

/** A sequencer in a thread, which is begun anew when it ends by itself. */
export const sequencerInThread = (
  databaseUrl: string,
  { log, onSealed }: { readonly log: Log; readonly onSealed?: (count: number) => void },
): Sequencer => {
  const task: Task = { kind: 'sequencer', databaseUrl, logLevel: log.level }
  const turn = createPause()
  let thread: Worker | undefined
  let leading = false
  let stopped = false

  const take = (told: Told): void => {
    if ('leads' in told) leading = told.leads
    else onSealed?.(told.sealed)
  }
  const ask = (what: Asked): void => thread?.postMessage(what)

  const run = async (): Promise<void> => {
    while (!stopped) {
      thread = new Worker(new URL(import.meta.url), { workerData: task, resourceLimits })
      thread.on('message', take)
      // An error in the thread rejects this.
      await once(thread, 'exit').catch((error: unknown) =>
        log.warn({ err: error }, 'the thread that numbers events was lost; beginning it again'),
      )
      leading = false
      if (!stopped) await turn.wait(restartMs)
    }
  }
  const running = run()

  return {
    wake: () => ask('wake'),
    leads: () => leading,
    async stop() {
      stopped = true
      ask('stop')
      turn.wake()
      const force = setTimeout(() => void thread?.terminate(), graceMs)
      await running
      clearTimeout(force)
    },
  }
}

const work = async ({ databaseUrl, logLevel }: Task): Promise<void> => {
  giveBackNow()
  const tell = (told: Told): void => parentPort?.postMessage(told)
  const hooks: SequencerHooks = { onLead: (leads) => tell({ leads }), onSealed: (sealed) => tell({ sealed }) }
  const open = () => connect(databaseUrl, { max: 1, lasting: true }).sql
  const sequencer = startSequencer({ connect: open, log: createLog(logLevel), ...hooks })
  await new Promise<void>((resolve) => {
    parentPort?.on('message', (asked: Asked) => {
      if (asked === 'wake') sequencer.wake()
      else resolve()
    })
  })
  await sequencer.stop()
  parentPort?.close()
}

const isTask = (data: unknown): data is Task =>
  typeof data === 'object' && data !== null && 'kind' in data && data.kind === 'sequencer'
if (!isMainThread && isTask(workerData)) await work(workerData)
