// Hears the database's notifications. They are hints: who needs certainty polls as well, and says so here (`relisten`)
// when the poll finds what should have been heard. The driver listens again after a dropped connection, but gives up
// when that first attempt fails, and does not notice a connection that is half open.
import { setTimeout as delay } from 'node:timers/promises'
import type { Sql } from 'postgres'
import type { Log } from '../log.ts'

/** Opens a client of its own, straight to the database: LISTEN and session locks do not survive a transaction pooler. */
export type Connect = () => Sql

export type Listener = {
  /** Calls `heard` at each notification, and when listening begins: what was said before it may have been missed. */
  on(channel: string, heard: () => void): void
  /** Drops the connection and listens on a new one. */
  relisten(): void
  stop(): Promise<void>
}

export const startListener = ({
  connect,
  log,
  retryMs = 1000,
}: {
  connect: Connect
  log: Log
  retryMs?: number
}): Listener => {
  const channels = new Map<string, () => void>()
  let retry: NodeJS.Timeout | undefined
  let stopped = false
  let client = connect()
  let begun: Promise<void>[] = []
  let ending: Promise<void> = Promise.resolve()

  const listen = (on: Sql, channel: string, heard: () => void): Promise<void> =>
    on.listen(channel, heard, heard).then(
      () => undefined,
      (error: unknown) => {
        if (stopped || on !== client) return
        log.warn({ err: error, channel }, 'cannot listen; polling until it works again')
        clearTimeout(retry)
        retry = setTimeout(relisten, retryMs)
      },
    )

  /** The driver leaves a connection open for good that is ended while it is being made: so it is made first. */
  const end = async (old: Sql, made: readonly Promise<void>[]): Promise<void> => {
    await Promise.race([Promise.all(made), delay(2000, undefined, { ref: false })])
    await old.end({ timeout: 1 })
  }

  const relisten = (): void => {
    if (stopped) return
    const [old, made] = [client, begun]
    client = connect()
    begun = [...channels].map(([channel, heard]) => listen(client, channel, heard))
    ending = Promise.all([ending, end(old, made)]).then(
      () => undefined,
      () => undefined,
    )
  }

  return {
    on(channel, heard) {
      channels.set(channel, heard)
      begun.push(listen(client, channel, heard))
    },
    relisten,
    async stop() {
      stopped = true
      clearTimeout(retry)
      await Promise.all([end(client, begun), ending])
    },
  }
}
