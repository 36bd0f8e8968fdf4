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

export type Follow = (topics: readonly Topic[]) => void

type Source<S, M> = {
  readonly topic: Topic
  readonly accept?: (event: SealedEvent) => boolean
  readonly field: string
  /** The arguments without `after`: a cursor of others does not fit. */
  readonly variables: unknown
  readonly after: string | null | undefined
  readonly perMessage?: number
  /** What to follow beside the topic while what came after this feed number is read again. */
  readonly topicsSince?: (context: Context, from: number) => Promise<readonly Topic[]>
  /** `follow`: what else to follow from now on, told before what depends on it is read. */
  readonly snapshot: (context: Context, follow: Follow) => AsyncIterable<S>
  /** Undefined: nothing of it is this reader's business. Null: the reader has lost access, the stream ends. */
  readonly onSnapshot: (snapshot: S, cursor: () => string, context: Context) => Promise<M | null> | M | null
  readonly onEvents: (
    events: readonly SealedEvent[],
    cursor: () => string,
    context: Context,
    follow: Follow,
  ) => Promise<M | undefined | null>
}

/** Opens a stream of deliveries. Roles are read anew for each message, so that what is taken away is gone at once. */
export const openDeliveries = <S, M>(
  context: Context,
  source: Source<S, M>,
): LiveStream<Delivery<M | ResyncModel | HeartbeatModel>> => {
  const { topic, topicsSince, accept, field, variables, after, perMessage, snapshot, onSnapshot, onEvents } = source
  const follow: Follow = (topics) => stream.follow(topics)
  const stream = context.live.openStream<S>({
    topic,
    ...(topicsSince && { topicsSince: async (from: number) => topicsSince(await renewed(context), from) }),
    ...(accept && { accept }),
    ...(perMessage !== undefined && { perMessage }),
    // A reader that connects again sends its first request again, and the id of the last event that it has beside it.
    after: context.resumeAfter ?? after,
    cursors: context.live.cursors.for({ field, variables, personId: viewerOf(context).userId }),
    async *snapshot() {
      yield* snapshot(await renewed(context), follow)
    },
  })
  const messageOf = (m: StreamMessage<S>, now: Context) => {
    switch (m.kind) {
      case 'snapshot':
        return onSnapshot(m.snapshot, m.cursor, now)
      case 'events':
        return onEvents(m.events, m.cursor, now, follow)
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
