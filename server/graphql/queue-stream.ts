// The viewer's queue as a stream: a snapshot in pages, then what enters, changes and leaves.
import { builder } from './builder.ts'
import { isMember, viewerOf, type Context } from './context.ts'
import { encodeId } from './ids.ts'
import { deltaOf, type Delta, type Removed } from './queue-delta.ts'
import { removalReasons, type RemovalReason as Reason } from './queue-departure.ts'
import { createFollowed } from './queue-followed.ts'
import { UserRef, WorkItemRef, type WorkItemModel } from './refs.ts'
import {
  Heartbeat,
  LiveMessage,
  openDeliveries,
  Resync,
  type Delivery,
  type HeartbeatModel,
  type ResyncModel,
} from './stream.ts'
import { maybePerson } from './user.ts'
import { Outcome } from './work-item.ts'
import { queueFilter, QueueFilterInput, timeOf } from './work-item-lists.ts'
import type { SealedEvent } from '../domain/log.ts'
import { touchedQueues, touchedUsers } from '../live/topics.ts'
import { countQueue, listQueue, queuePlace, type QueueFilter, type QueueRow } from '../store/queue.ts'

type Snapshot = { readonly items: readonly WorkItemModel[]; readonly totalCount: number; readonly complete: boolean }
type SnapshotModel = Snapshot & { readonly __typename: 'QueueSnapshot'; readonly cursor: () => string }
type DeltaModel = Delta & { readonly __typename: 'QueueDelta'; readonly cursor: () => string }

const RemovalReason = builder.enumType('RemovalReason', {
  description: 'Why an item has left the queue. Later versions may add reasons.',
  values: Object.fromEntries(
    Object.entries(removalReasons).map(([reason, description]) => [reason, { description }]),
  ) as Record<Reason, { description: string }>,
})

const RemovedItem = builder.objectRef<Removed>('RemovedItem').implement({
  description:
    'An item that has left the queue. The messages of a stream come in order: apply each. Of pages that were read elsewhere, keep out what is not newer than this version.',
  fields: (t) => ({
    id: t.id({
      description: 'Node id of the work item.',
      resolve: ({ row }) => encodeId('WorkItem', row.companyId, row.proposalId, row.item.id),
    }),
    version: t.exposeInt('version', {
      description:
        'Higher than that of the item before it left, also where only who sits at it or what you filter by is different.',
    }),
    reason: t.field({ type: RemovalReason, description: 'Why.', resolve: ({ reason }) => reason }),
    by: t.field({
      type: UserRef,
      nullable: true,
      description: 'Who did it.',
      resolve: ({ row, byId }, _args, context) =>
        isMember(context, row.companyId) ? maybePerson(context, row.companyId, byId) : null,
    }),
    outcome: t.field({
      type: Outcome,
      nullable: true,
      description: 'What was decided, if anything was.',
      resolve: ({ outcome }) => outcome,
    }),
  }),
})
const QueueSnapshot = builder.objectRef<SnapshotModel>('QueueSnapshot').implement({
  description:
    'What waits now, in pages of 100, until `complete`. Only the cursor of the last page can be gone on from.',
  interfaces: [LiveMessage],
  fields: (t) => ({
    items: t.field({
      type: [WorkItemRef],
      description: 'The items of this page: what falls due first comes first, what has no limit last.',
      resolve: ({ items }) => [...items],
    }),
    totalCount: t.exposeInt('totalCount', { description: 'How many wait in all.' }),
    complete: t.exposeBoolean('complete', { description: 'This is the last page; what follows are deltas.' }),
  }),
})
const QueueDelta = builder.objectRef<DeltaModel>('QueueDelta').implement({
  description: 'What has changed in the queue.',
  interfaces: [LiveMessage],
  fields: (t) => ({
    upserts: t.field({
      type: [WorkItemRef],
      description:
        'Items that came, came back or changed. The messages of a stream come in order: apply each, also an item that has left before.',
      resolve: ({ upserts }) => [...upserts],
    }),
    removed: t.field({
      type: [RemovedItem],
      description: 'Items that have left, also some that you may never have seen.',
      resolve: ({ removed }) => [...removed],
    }),
    totalCount: t.exposeInt('totalCount', { description: 'How many wait in all.' }),
    changedBatches: t.field({
      type: ['ID'],
      description:
        'Node ids of imports of which items came, changed or left, also while the filter hides them: ask for `approvalBatches` again. After a snapshot ask for them anew.',
      resolve: ({ imports }) => imports.map(({ companyId, importId }) => encodeId('ImportJob', companyId, importId)),
    }),
  }),
})
type Message = SnapshotModel | DeltaModel | ResyncModel | HeartbeatModel
const QueueMessage = builder.unionType('QueueMessage', {
  description: 'A message of `approvalQueue`.',
  types: [QueueSnapshot, QueueDelta, Resync, Heartbeat],
  resolveType: (message) => message.__typename,
})

const pageSize = 100
async function* pages(context: Context, filter: QueueFilter): AsyncGenerator<Snapshot> {
  const { db } = context.app
  let from: readonly string[] | null = null
  for (;;) {
    const rows: QueueRow[] = await listQueue(db, filter, { limit: pageSize, backward: false, from })
    const items = rows.slice(0, pageSize)
    const complete = rows.length <= pageSize
    yield { items, totalCount: await countQueue(db, filter), complete }
    const last = items.at(-1)
    if (complete || last === undefined) return
    from = queuePlace(last)
  }
}

/**
 * An item is looked at as it is now, so of what happened to it while the reader was behind the last of a kind is enough, unless it
 * names others: whose queue it has left is only in the event.
 */
const coalesced = (event: SealedEvent): string | null =>
  event.workItemId === null
    ? null
    : [event.workItemId, event.type, ...touchedUsers(event), ...touchedQueues(event)].join(' ')

builder.subscriptionField('approvalQueue', (t) =>
  t.field({
    type: QueueMessage,
    description:
      'Your queue: a snapshot, then what enters, changes and leaves. With `after`: what was missed, then what comes.',
    args: {
      filter: t.arg({ type: QueueFilterInput, description: 'Which items.' }),
      after: t.arg({ type: 'Cursor', description: 'Go on behind this message of an earlier stream.' }),
    },
    subscribe: (_root, { filter, after }, context) => {
      const { userId } = viewerOf(context)
      const followed = createFollowed()
      return openDeliveries<Snapshot, SnapshotModel | DeltaModel>(context, {
        topic: { userId },
        topicsSince: (now, from) => followed.since(now, from),
        field: 'approvalQueue',
        variables: { filter: filter ?? null },
        after,
        perMessage: Infinity,
        key: coalesced,
        async *snapshot(now, follow) {
          const time = timeOf(now)
          await followed.renew(now, time, follow)
          yield* pages(now, await queueFilter(now, filter, time))
        },
        onSnapshot: (found, cursor) => ({ __typename: 'QueueSnapshot', cursor, ...found }),
        async onEvents(events, cursor, now, follow) {
          const delta = await deltaOf(now, filter, followed, events, follow)
          const silent = [delta.upserts, delta.removed, delta.imports].every((changed) => changed.length === 0)
          return silent ? undefined : { __typename: 'QueueDelta', cursor, ...delta }
        },
      })
    },
    resolve: (delivery: Delivery<Message>) => delivery.message,
  }),
)
