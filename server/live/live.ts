// Puts the parts together for one process: sequencer, feed, hub, cursors and the outbox that services wake.
import type { Db } from '../db/connect.ts'
import type { Log } from '../log.ts'
import { committedChannel, notifyCommitted, notifyOn } from '../store/feed.ts'
import { readSecret } from '../store/secrets.ts'
import { createCursors, newCursorSecret, type Cursors } from './cursors.ts'
import { createPostgresFeed } from './feed.ts'
import { startHub, type Hub } from './hub.ts'
import { beatChannel, startListener, type Connect, type ListenerOptions } from './listener.ts'
import { createOutbox, type Outbox } from './outbox.ts'
import { startSequencer, type Sequencer } from './sequencer.ts'
import { openStream, type Following, type StreamMessage, type StreamOptions } from './stream.ts'

export type Live = {
  /** For services: `outbox.wake()` after each commit that appended events. */
  readonly outbox: Outbox
  /** For subscriptions: `cursors.for({ field, variables, personId })` is the `cursors` of `openStream`. */
  readonly cursors: Cursors
  /** For what is told to many at once, and for who has to hear of everything first. */
  readonly hub: Hub
  openStream<S>(options: StreamOptions<S>): Following<StreamMessage<S>>
  /** Subscribers of this process. */
  size(): number
  /** Ends all streams and connections; call it before the pool is closed. */
  stop(): Promise<void>
}

export type LiveOptions = {
  db: Db
  /** Opens a client of one connection, not through a transaction pooler. Two stay open per process. */
  connect: Connect
  log: Log
  clock: () => Date
  pollMs?: number
  heartbeatMs?: number
  queueLimit?: number
  /** How it is noticed that notifications are not heard any more. */
  listening?: Pick<ListenerOptions, 'beatMs' | 'patienceMs'>
  /** Starts the process's sequencer elsewhere than in this thread. */
  sequencer?: () => Sequencer
  onSealed?: (count: number) => void
}

export const startLive = async (options: LiveOptions): Promise<Live> => {
  const { db, connect, log, clock, pollMs = 1000, heartbeatMs = 20_000, queueLimit = 1000, onSealed } = options
  const cursors = createCursors(await readSecret(db, 'cursors', newCursorSecret), clock)
  const listener = startListener({ connect, log, beat: () => notifyOn(db, beatChannel), ...options.listening })
  const feed = createPostgresFeed({ db, listener, log, pollMs })
  const hub = await startHub({ feed, heartbeatMs, queueLimit })
  const sequencer = options.sequencer?.() ?? startSequencer({ connect, log, pollMs, ...(onSealed && { onSealed }) })
  listener.on(committedChannel, () => sequencer.wake())
  const outbox = createOutbox({ sequencer, notify: () => notifyCommitted(db), log })
  return {
    outbox,
    cursors,
    hub,
    openStream: (stream) => openStream(hub, feed, stream),
    size: () => hub.size(),
    async stop() {
      hub.stop()
      await Promise.all([feed.stop(), outbox.settled(), sequencer.stop(), listener.stop()])
    },
  }
}
