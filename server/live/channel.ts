// Readers of the same messages: the events of one topic are taken from the hub once for all of them. What a message looks like is for
// whoever opens the channel; here is who has got it already, and what happens when it cannot be handed over.
import { setTimeout as wait } from 'node:timers/promises'
import type { SealedEvent } from '../domain/log.ts'
import type { Log } from '../log.ts'
import type { Hub } from './hub.ts'
import type { Topic } from './topics.ts'
import type { Joined, Left } from './stream.ts'

export type Member = {
  /** Everything up to this feed number has been handed over. */
  position: number
}

export type Channel<M extends Member> = {
  /** From its position on; a member that has left gets nothing more. */
  join(member: M): Joined
  /** Ends one: it was too slow, or may not read any more. */
  dismiss(member: M, how: Left): void
}

export type ChannelOptions<M extends Member> = {
  readonly hub: Hub
  readonly topic: Topic
  readonly accept: (event: SealedEvent) => boolean
  readonly log: Log
  /** Hands over what members do not have yet and moves their positions. Called again with the same events if it fails. */
  readonly deliver: (events: readonly SealedEvent[], members: ReadonlySet<M>) => Promise<void>
  /** Nothing has come up to `position`. */
  readonly beat: (position: number, members: ReadonlySet<M>) => Promise<void>
  /** The last member has left; the channel is closed. */
  readonly onEmpty: () => void
}

const atOnce = 100
/** Many read from it, so it may be far behind before all of them start again. */
const room = 10_000
/** A database that restarts is back by then; what fails still is not the database's fault. */
const pauses = [100, 400, 1_000, 2_000, 4_000]

export const openChannel = <M extends Member>(options: ChannelOptions<M>): Channel<M> => {
  const { hub, topic, accept, log, deliver, beat, onEmpty } = options
  const members = new Map<M, (left: Left) => void>()
  const present = new Set<M>()
  const mailbox = hub.subscribe([topic], { accept, limit: room, internal: true })

  const dismiss = (member: M, how: Left): void => {
    const end = members.get(member)
    if (end === undefined) return
    members.delete(member)
    present.delete(member)
    end(how)
    if (members.size > 0) return
    mailbox.close()
    onEmpty()
  }
  const dismissAll = (how: Left): void => {
    for (const member of [...members.keys()]) dismiss(member, how)
  }

  const handOver = async (events: readonly SealedEvent[]): Promise<void> => {
    for (let tries = 0; ; tries += 1) {
      try {
        return await deliver(events, present)
      } catch (error) {
        const pause = pauses[tries]
        if (pause === undefined) return dismissAll({ kind: 'failed', error })
        log.warn({ err: error }, 'could not hand over events; trying again')
        await wait(pause, undefined, { ref: false })
      }
    }
  }

  const run = async (): Promise<void> => {
    for (;;) {
      const taken = await mailbox.take(atOnce)
      if (taken.kind === 'closed') return dismissAll({ kind: 'closed' })
      if (taken.kind === 'overflow') dismissAll({ kind: 'overflow' })
      else if (taken.kind === 'events') await handOver(taken.events)
      else
        await beat(taken.position, present).catch((error: unknown) =>
          log.warn({ err: error }, 'could not send a heartbeat'),
        )
    }
  }
  void run()

  return {
    join(member) {
      const { promise: left, resolve } = Promise.withResolvers<Left>()
      members.set(member, resolve)
      present.add(member)
      return { left, leave: () => dismiss(member, { kind: 'closed' }) }
    },
    dismiss,
  }
}
