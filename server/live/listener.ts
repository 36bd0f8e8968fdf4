// Hears the database's notifications. They are hints: who needs certainty polls as well, and says so here (`relisten`)
// when the poll finds what should have been heard. The driver listens again after a dropped connection, but gives up
// when that first attempt fails, and does not notice a connection that is half open.
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

  const listen = (on: Sql, channel: string, heard: () => void): void => {
    on.listen(channel, heard, heard).catch((error: unknown) => {
      if (stopped || on !== client) return
      log.warn({ err: error, channel }, 'cannot listen; polling until it works again')
      clearTimeout(retry)
      retry = setTimeout(relisten, retryMs)
    })
  }

  const relisten = (): void => {
    if (stopped) return
    const old = client
    client = connect()
    for (const [channel, heard] of channels) listen(client, channel, heard)
    void old.end({ timeout: 0 }).catch(() => undefined)
  }

  return {
    on(channel, heard) {
      channels.set(channel, heard)
      listen(client, channel, heard)
    },
    relisten,
    async stop() {
      stopped = true
      clearTimeout(retry)
      await client.end({ timeout: 1 })
    },
  }
}
