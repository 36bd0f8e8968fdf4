// What all subscriptions share: messages with a cursor, each resolved in a context of its own.
import { builder } from './builder.ts'
import { readingOf, renewed, viewerOf, type Context } from './context.ts'
import type { SharedSource, Shared } from './sharing.ts'
import type { SealedEvent } from '../domain/log.ts'
import { mapStream, type LiveStream, type StreamMessage } from '../live/stream.ts'
import type { Topic } from '../live/topics.ts'

/** What a stream hands to the executor: the message, and the context to resolve it in. */
export type Delivery<M> = { readonly message: M; readonly context: Context }
export const isDelivery = (value: unknown): value is Delivery<unknown> =>
  typeof value === 'object' && value !== null && 'message' in value && 'context' in value

/** A message that has been resolved already, for this reader and others. */
export type Resolved = { readonly resolved: Shared; readonly tag: string }
export const isResolved = (value: unknown): value is Resolved =>
  typeof value === 'object' && value !== null && 'resolved' in value && 'tag' in value

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
  /** Of two waiting events with the same key the later stands for both. */
  readonly key?: (event: SealedEvent) => string | null
  /** Everybody with the same roles in this company gets the same messages; what the source holds must be true for all of them. */
  readonly sharedIn?: string
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

/**
 * Opens a stream of deliveries. What the reader may see is asked anew for each message, so that what is taken away is gone at once;
 * who is a member of nothing any more reads no further.
 */
export const openDeliveries = <S, M extends object>(
  context: Context,
  source: Source<S, M>,
): LiveStream<Delivery<M | ResyncModel | HeartbeatModel>> => {
  const {
    topic,
    topicsSince,
    accept,
    field,
    variables,
    after,
    perMessage,
    key,
    sharedIn,
    snapshot,
    onSnapshot,
    onEvents,
  } = source
  const { sharing, identity, outlet } = context
  const reading = readingOf(context)
  const follow: Follow = (topics) => stream.follow(topics)
  const cursors = context.live.cursors.for({
    field,
    variables,
    personId: viewerOf(context).userId,
    shared: sharedIn !== undefined,
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
  const shared: SharedSource | null =
    sharedIn === undefined || sharing === null
      ? null
      : {
          companyId: sharedIn,
          topic,
          accept: accept ?? (() => true),
          cursors,
          messageOf: async (message, now) => messageOf(message as StreamMessage<S>, now),
        }
  const stream = context.live.openStream<S>({
    topic,
    ...(topicsSince && { topicsSince: async (from: number) => topicsSince(await renewed(reading), from) }),
    ...(accept && { accept }),
    ...(perMessage !== undefined && { perMessage }),
    ...(key && { key }),
    ...(shared !== null &&
      identity !== null &&
      outlet !== null && { join: (position: number) => sharing?.join(shared, identity, outlet, position) ?? null }),
    // A reader that connects again sends its first request again, and the id of the last event that it has beside it.
    after: context.resumeAfter ?? after,
    cursors,
    async *snapshot() {
      yield* snapshot(await renewed(reading), follow)
    },
  })
  const delivered = async (m: StreamMessage<S>, now: Context): Promise<object | undefined | null> => {
    const [event] = m.kind === 'events' ? m.events : []
    const at = m.kind === 'snapshot' ? m.at : null
    if (shared === null || sharing === null || (event === undefined && at === null)) {
      const message = await messageOf(m, now)
      return message === undefined || message === null ? message : { message, context: now }
    }
    const text =
      event !== undefined ? await sharing.textOf(shared, event, now) : await sharing.snapshotOf(shared, m, at ?? 0, now)
    return text === undefined || text === null ? text : ({ resolved: text, tag: cursors.tag } satisfies Resolved)
  }
  return mapStream(stream, async (m) => {
    const now = await renewed(reading)
    const delivery = await delivered(m, now)
    if (delivery === null || now.viewer?.memberships.size === 0) void stream.return()
    // The executor knows a message that has been resolved already from one that it has to resolve.
    return (delivery ?? undefined) as Delivery<M> | undefined
  })
}
