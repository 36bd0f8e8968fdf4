// What all subscriptions share: messages with a cursor, each resolved in a context of its own.
import { builder } from './builder.ts'
import { renewed, viewerOf, type Context } from './context.ts'
import type { SealedEvent } from '../domain/log.ts'
import { mapStream, type LiveStream, type StreamMessage } from '../live/stream.ts'
import type { Topic } from '../live/topics.ts'

/** What a stream hands to the executor: the message, and the context to resolve it in. */
export type Delivery<M> = { readonly message: M; readonly context: Context }
export const isDelivery = (value: unknown): value is Delivery<unknown> =>
  typeof value === 'object' && value !== null && 'message' in value && 'context' in value

type Cursored<N extends string> = { readonly __typename: N; readonly cursor: () => string }
export type ResyncModel = Cursored<'Resync'>
export type HeartbeatModel = Cursored<'Heartbeat'>

export const LiveMessage = builder.interfaceRef<Cursored<string>>('LiveMessage').implement({
  description: 'A message of a stream.',
  resolveType: (message) => message.__typename as never,
  fields: (t) => ({
    cursor: t.field({
      type: 'Cursor',
      description:
        'Give it as `after` to go on behind this message. It is good for you, this field and these arguments only, for 72 hours.',
      resolve: (message) => message.cursor(),
    }),
  }),
})
export const Resync = builder.objectRef<ResyncModel>('Resync').implement({
  description:
    'The cursor cannot be gone on from, or this reader was too slow: forget what you have, a snapshot follows.',
  interfaces: [LiveMessage],
})
export const Heartbeat = builder.objectRef<HeartbeatModel>('Heartbeat').implement({
  description: 'Nothing has happened for a while; the stream is alive.',
  interfaces: [LiveMessage],
})

type Source<S, M> = {
  readonly topic: Topic
  readonly accept?: (event: SealedEvent) => boolean
  readonly field: string
  /** The arguments without `after`: a cursor of others does not fit. */
  readonly variables: unknown
  readonly after: string | null | undefined
  readonly perMessage?: number
  readonly snapshot: (context: Context) => AsyncIterable<S>
  /** Undefined: nothing of it is this reader's business. Null: the reader has lost access, the stream ends. */
  readonly onSnapshot: (snapshot: S, cursor: () => string, context: Context) => Promise<M | null> | M | null
  readonly onEvents: (
    events: readonly SealedEvent[],
    cursor: () => string,
    context: Context,
  ) => Promise<M | undefined | null>
}

/** Opens a stream of deliveries. Roles are read anew for each message, so that what is taken away is gone at once. */
export const openDeliveries = <S, M>(
  context: Context,
  source: Source<S, M>,
): LiveStream<Delivery<M | ResyncModel | HeartbeatModel>> => {
  const { topic, accept, field, variables, after, perMessage, snapshot, onSnapshot, onEvents } = source
  const stream = context.live.openStream<S>({
    topic,
    ...(accept && { accept }),
    ...(perMessage !== undefined && { perMessage }),
    // A reader that connects again sends its first request again, and the id of the last event that it has beside it.
    after: context.resumeAfter ?? after,
    cursors: context.live.cursors.for({ field, variables, personId: viewerOf(context).userId }),
    async *snapshot() {
      yield* snapshot(await renewed(context))
    },
  })
  const messageOf = (m: StreamMessage<S>, now: Context) => {
    switch (m.kind) {
      case 'snapshot':
        return onSnapshot(m.snapshot, m.cursor, now)
      case 'events':
        return onEvents(m.events, m.cursor, now)
      case 'resync':
        return { __typename: 'Resync', cursor: m.cursor } as const
      case 'heartbeat':
        return { __typename: 'Heartbeat', cursor: m.cursor } as const
      default:
        return m satisfies never
    }
  }
  return mapStream(stream, async (m) => {
    const now = await renewed(context)
    const message = await messageOf(m, now)
    if (message === null) void stream.return()
    return message === undefined || message === null ? undefined : { message, context: now }
  })
}
