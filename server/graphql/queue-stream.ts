// The viewer's queue as a stream: a snapshot in pages, then what enters, changes and leaves.
import { builder } from './builder.ts'
import { isMember, viewerOf, type Context } from './context.ts'
import { encodeId } from './ids.ts'
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
import { Outcome, queueFilter, QueueFilterInput } from './work-item.ts'
import type { SealedEvent } from '../domain/log.ts'
import type { DecisionOutcome } from '../domain/proposal.ts'
import { touchedItems } from '../live/topics.ts'
import { keyText } from '../store/prepared.ts'
import { countQueue, listQueue, queuePlace, type QueueFilter, type QueueRow } from '../store/queue.ts'

type Snapshot = { readonly items: readonly WorkItemModel[]; readonly totalCount: number; readonly complete: boolean }
type SnapshotModel = Snapshot & { readonly __typename: 'QueueSnapshot'; readonly cursor: () => string }
type Reason = 'DECIDED' | 'DECIDED_BY_OTHER' | 'WITHDRAWN' | 'ACCESS_LOST'
type Removed = {
  readonly row: QueueRow
  readonly reason: Reason
  readonly byId: string | null
  readonly outcome: DecisionOutcome | null
}
type DeltaModel = {
  readonly __typename: 'QueueDelta'
  readonly cursor: () => string
  readonly upserts: readonly WorkItemModel[]
  readonly removed: readonly Removed[]
  readonly totalCount: number
}

const RemovalReason = builder.enumType('RemovalReason', {
  description: 'Why an item has left the queue. Later versions may add reasons.',
  values: {
    DECIDED: { description: 'You have answered it.' },
    DECIDED_BY_OTHER: { description: 'Somebody else has decided the step, or sent the proposal back.' },
    WITHDRAWN: { description: 'Nobody needs the answer any more.' },
    ACCESS_LOST: { description: 'You are no longer a member of the company.' },
  } as const satisfies Record<Reason, { description: string }>,
})

const RemovedItem = builder.objectRef<Removed>('RemovedItem').implement({
  description:
    'An item that has left the queue. Apply it only when its version is higher than that of the item you hold.',
  fields: (t) => ({
    id: t.id({
      description: 'Node id of the work item.',
      resolve: ({ row }) => encodeId('WorkItem', row.companyId, row.proposalId, row.item.id),
    }),
    version: t.int({ description: 'Version of the item as it left.', resolve: ({ row }) => row.item.version }),
    reason: t.field({ type: RemovalReason, description: 'Why.', resolve: ({ reason }) => reason }),
    by: t.field({
      type: UserRef,
      nullable: true,
      description: 'Who did it.',
      resolve: ({ row, byId, reason }, _args, context) =>
        reason === 'ACCESS_LOST' ? null : maybePerson(context, row.companyId, byId),
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
      description: 'The items of this page, the longest waiting first.',
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
      description: 'Items that came or changed. Apply those with a higher version than what you hold.',
      resolve: ({ upserts }) => [...upserts],
    }),
    removed: t.field({
      type: [RemovedItem],
      description: 'Items that have left, also some that you may never have seen.',
      resolve: ({ removed }) => [...removed],
    }),
    totalCount: t.exposeInt('totalCount', { description: 'How many wait in all.' }),
  }),
})
type Message = SnapshotModel | DeltaModel | ResyncModel | HeartbeatModel
const QueueMessage = builder.unionType('QueueMessage', {
  description: 'A message of `approvalQueue`.',
  types: [QueueSnapshot, QueueDelta, Resync, Heartbeat],
  resolveType: (message) => message.__typename,
})

const pageSize = 100
/** Of one delta; a membership that comes back can bring a whole queue. */
const mostAtOnce = 1000

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

/** How an item that is no longer open has left, from the last event about it. */
const departure = async (context: Context, row: QueueRow, events: readonly SealedEvent[]): Promise<Removed> => {
  const { companyId, proposalId, item } = row
  const last = events.findLast((event) => event.workItemId === item.id)
  const decisions = await context.loaders.decisions.load(keyText(companyId, proposalId))
  if (item.status === 'DECIDED') {
    const mine = item.decidedById === viewerOf(context).userId
    const outcome = decisions.find((d) => d.workItemId === item.id)?.outcome ?? null
    return { row, reason: mine ? 'DECIDED' : 'DECIDED_BY_OTHER', byId: item.decidedById, outcome }
  }
  const why = last?.data.why
  const byId = last?.actorId ?? null
  if (why === 'REJECTED') return { row, reason: 'DECIDED_BY_OTHER', byId, outcome: 'REJECTED' }
  if (why === 'CHANGES_REQUESTED') return { row, reason: 'DECIDED_BY_OTHER', byId, outcome: 'CHANGE_REQUESTED' }
  if (why !== 'STEP_DECIDED') return { row, reason: 'WITHDRAWN', byId, outcome: null }
  const deciding = decisions.findLast((d) => d.runId === item.runId && d.stepPath === item.stepPath)
  return { row, reason: 'DECIDED_BY_OTHER', byId: deciding?.actorId ?? byId, outcome: deciding?.outcome ?? null }
}

const rowsOf = (context: Context, filter: QueueFilter): Promise<QueueRow[]> =>
  listQueue(context.app.db, filter, { limit: mostAtOnce, backward: false, from: null })

/** What the events have changed in the queue. */
const deltaOf = async (
  context: Context,
  filter: QueueFilter,
  all: QueueFilter,
  events: readonly SealedEvent[],
): Promise<Omit<DeltaModel, '__typename' | 'cursor'>> => {
  const moved = [
    ...new Set(events.filter((event) => event.type === 'MembershipChanged').map((event) => event.companyId)),
  ]
  const lost = moved.filter((companyId) => !isMember(context, companyId))
  const regained = moved.filter((companyId) => filter.companyIds.includes(companyId))
  const ids = touchedItems(events)
  const [touched, left, closed, back, totalCount] = await Promise.all([
    rowsOf(context, { ...filter, ids, anyStatus: true }),
    lost.length === 0 ? [] : rowsOf(context, { ...all, companyIds: lost }),
    // Seats that were closed with the membership: they are nobody's any more, and still have to leave this queue.
    lost.length === 0 ? [] : rowsOf(context, { ...all, companyIds: lost, ids, anyStatus: true }),
    regained.length === 0 ? [] : rowsOf(context, { ...filter, companyIds: regained }),
    countQueue(context.app.db, filter),
  ])
  const open = touched.filter(({ item }) => item.status === 'OPEN')
  const gone = touched.filter(({ item }) => item.status !== 'OPEN')
  const upserts = new Map([...open, ...back].map((row) => [row.item.id, row]))
  return {
    upserts: [...upserts.values()],
    removed: [
      ...(await Promise.all(gone.map((row) => departure(context, row, events)))),
      ...new Map([...left, ...closed].map((row) => [row.item.id, row]))
        .values()
        .map((row): Removed => ({ row, reason: 'ACCESS_LOST', byId: null, outcome: null })),
    ],
    totalCount,
  }
}

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
      return openDeliveries<Snapshot, SnapshotModel | DeltaModel>(context, {
        topic: { userId },
        field: 'approvalQueue',
        variables: { filter: filter ?? null },
        after,
        perMessage: Infinity,
        snapshot: (now) => pages(now, queueFilter(now, filter)),
        onSnapshot: (found, cursor) => ({ __typename: 'QueueSnapshot', cursor, ...found }),
        async onEvents(events, cursor, now) {
          const delta = await deltaOf(now, queueFilter(now, filter), queueFilter(now, null), events)
          const silent = delta.upserts.length === 0 && delta.removed.length === 0
          return silent ? undefined : { __typename: 'QueueDelta', cursor, ...delta }
        },
      })
    },
    resolve: (delivery: Delivery<Message>) => delivery.message,
  }),
)
