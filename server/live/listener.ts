// Hears the database's notifications. They are hints: who needs certainty polls as well, and says so here (`relisten`)
// when the poll finds what should have been heard. The driver listens again after a dropped connection, but gives up
// when that first attempt fails, and does not notice a connection that is half open.
import { setTimeout as delay } from 'node:timers/promises'
import type { Sql } from 'postgres'
import type { Log } from '../log.ts'
import { createPause } from './pause.ts'

/** The channel on which every process says now and then that it is there. */
export const beatChannel = 'countersign_beat'

/** Opens a client of its own, straight to the database: LISTEN and session locks do not survive a transaction pooler. */
export type Connect = () => Sql

export type Listener = {
  /** Calls `heard` at each notification, and when listening begins: what was said before it may have been missed. */
  on(channel: string, heard: () => void): void
  /** Drops the connection and listens on a new one. */
  relisten(): void
  stop(): Promise<void>
}

const yes = (): boolean => true
const no = (): boolean => false

export type ListenerOptions = {
  readonly connect: Connect
  readonly log: Log
  readonly retryMs?: number
  /** Says something on `beatChannel` over another connection: what is not heard means that this one is dead. */
  readonly beat?: () => Promise<unknown>
  readonly beatMs?: number
  /** How long a beat may take to be heard. */
  readonly patienceMs?: number
}

export const startListener = ({
  connect,
  log,
  retryMs = 1000,
  beat,
  beatMs = 10_000,
  patienceMs = 5_000,
}: ListenerOptions): Listener => {
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

  const on = (channel: string, heard: () => void): void => {
    channels.set(channel, heard)
    begun.push(listen(client, channel, heard))
  }

  /** Beats until stopped. The poll catches what a dead connection does not say; this ends it. */
  const heartbeat = createPause()
  const beating = async (say: () => Promise<unknown>): Promise<void> => {
    let heard = 0
    on(beatChannel, () => {
      heard += 1
      heartbeat.wake()
    })
    while (!stopped) {
      await delay(beatMs, undefined, { ref: false, signal: stopping.signal }).catch(() => undefined)
      const before = heard
      // Over a connection that is dead as well it is not said at all, and proves nothing.
      const said = await Promise.race([say().then(yes, no), delay(patienceMs, false, { ref: false })])
      // Beats of other processes are heard as well, and prove the same.
      for (const end = Date.now() + patienceMs; heard === before && !stopped && Date.now() < end;)
        await heartbeat.wait(Math.max(1, end - Date.now()))
      if (heard !== before || stopped || !said) continue
      log.warn('notifications are not heard any more; listening again')
      relisten()
    }
  }
  const stopping = new AbortController()
  const beats = beat === undefined ? undefined : beating(beat)

  return {
    on,
    relisten,
    async stop() {
      stopped = true
      stopping.abort()
      heartbeat.wake()
      await beats
      clearTimeout(retry)
      await Promise.all([end(client, begun), ending])
    },
  }
}
