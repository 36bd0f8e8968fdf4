// How a service says that it has committed something. Called after the transaction, never inside it: a NOTIFY in a
// writer's transaction takes a lock over the whole database (4,800 commits a second fall to 1,750).
import type { Log } from '../log.ts'
import type { Sequencer } from './sequencer.ts'

export type Outbox = {
  /** Call after the commit. Never fails and need not be awaited: if it is lost, the sequencer's poll comes by. */
  wake(): void
}

/** `notify` reaches the sequencer of another process; what is asked for while one is under way becomes one more. */
export const createOutbox = ({
  sequencer,
  notify,
  log,
}: {
  sequencer: Pick<Sequencer, 'wake' | 'leads'>
  notify: () => Promise<unknown>
  log: Log
}): Outbox & { settled(): Promise<void> } => {
  let again = false
  let sending: Promise<void> | undefined

  const send = async (): Promise<void> => {
    do {
      again = false
      await notify().catch((error: unknown) => log.warn({ err: error }, 'could not tell the sequencer'))
    } while (again)
    sending = undefined
  }

  return {
    wake() {
      if (sequencer.leads()) sequencer.wake()
      else if (sending) again = true
      else sending = send()
    },
    /** Resolves when nothing is under way: before the pool is closed. */
    settled: async () => sending,
  }
}
