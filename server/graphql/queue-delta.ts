// What events have changed in the viewer's queue. Nothing is remembered of what a reader holds: the items that the events touch are
// looked at as they are now, and are told as being in the queue or as having left it.
import { isMember, viewerOf, type Context } from './context.ts'
import { closedDeparture, openDeparture, type Departure } from './queue-departure.ts'
import type { Followed } from './queue-followed.ts'
import type { Follow } from './stream.ts'
import { aboutOf, queueFilter, timeOf, type FilterArgs } from './work-item-lists.ts'
import type { Company } from '../domain/company.ts'
import { isGiven } from '../domain/given.ts'
import { isBefore } from '../domain/instant.ts'
import type { SealedEvent } from '../domain/log.ts'
import { awayBefore, isInForce, standInsAfter } from '../domain/stand-ins.ts'
import { queueMembers, touchedItems, touchedQueues, touchedUsers } from '../live/topics.ts'
import { keyText } from '../store/prepared.ts'
import { countQueue, type QueueFilter, type QueueRow, type QueueScope } from '../store/queue.ts'
import { findImports, findItems, type Where } from '../store/queue-items.ts'

export type Removed = Departure & { readonly row: QueueRow; readonly version: number }
export type Delta = {
  readonly upserts: readonly QueueRow[]
  readonly removed: readonly Removed[]
  readonly totalCount: number
  /** Of which items came, changed or left, whether or not the filter shows them. */
  readonly imports: readonly ImportKey[]
}
type ImportKey = { readonly companyId: string; readonly importId: string }

/** Of one place; a membership that comes back can bring a whole queue. */
const mostAtOnce = 1000

/** Is the row in the queue of the filter's person, and as what? Asked of open items. */
const scopeOf = ({ userId, seats }: QueueFilter, { item }: QueueRow): QueueScope | null => {
  if (item.assigneeId === userId) return seats.handedOver.includes(item.id) ? null : 'MINE'
  if (item.assigneeId !== null) return seats.standingIn.includes(item.id) ? 'STANDING_IN' : null
  return item.queueId !== null && seats.queueIds.includes(item.queueId) ? 'QUEUES' : null
}

const isIn = (filter: QueueFilter, scope: QueueScope | null, { item }: QueueRow): boolean => {
  if (scope === null || (isGiven(filter.scope) && !filter.scope.includes(scope))) return false
  const isOverdue = item.dueAt !== null && !isBefore(filter.now, item.dueAt)
  return !isGiven(filter.overdue) || filter.overdue === isOverdue
}

/** May somebody hold the item from before these events? Others need not hear that it has left. */
const mayBeHeld = (
  filter: QueueFilter,
  followed: Followed,
  { companyId, item }: QueueRow,
  events: readonly SealedEvent[],
): boolean => {
  if (filter.overdue === true && (item.dueAt === null || isBefore(filter.now, item.dueAt))) return false
  const people = [item.assigneeId, ...events.flatMap((e) => touchedUsers(e))].filter((id) => id !== null)
  const queues = [item.queueId, ...events.flatMap(touchedQueues)].filter((id) => id !== null)
  const unclaimed =
    item.assigneeId === null ||
    events.some(({ type, data }) => type === 'WorkItemClaimed' || data.from === null || data.assigneeId === null)
  const held: Record<QueueScope, boolean> = {
    MINE: people.includes(filter.userId),
    STANDING_IN: item.kind !== 'RETURN' && followed.people(companyId).some((userId) => people.includes(userId)),
    QUEUES: unclaimed && followed.queues(companyId).some((queueId) => queues.includes(queueId)),
  }
  return (filter.scope ?? (['MINE', 'STANDING_IN', 'QUEUES'] as const)).some((scope) => held[scope])
}

/** Events after which somebody else may sit at items that no event names. */
const shifts: ReadonlySet<SealedEvent['type']> = new Set([
  'AbsenceSet',
  'AbsenceBegan',
  'AbsenceEnded',
  'MembershipChanged',
  'UserDeactivated',
])

/** Does the event change nothing yet? An absence is told of again when it begins. */
const isToCome = ({ data: { from } }: SealedEvent, now: string): boolean =>
  typeof from === 'string' && isBefore(now, from)

/** Whose items a person can only have been given by the event: nothing of theirs is lost by it. */
const gainedBy = (company: Company, { data }: SealedEvent, viewerId: string, now: string): readonly string[] => {
  const { from, until, standInId, userId } = data
  if (typeof from !== 'string' || typeof until !== 'string' || !isInForce({ from, until }, now)) return []
  if (typeof standInId !== 'string' || typeof userId !== 'string' || userId === viewerId) return []
  const { absences } = company.directory
  const gains = standInId === viewerId || standInsAfter(standInId, absences, now).has(viewerId)
  return gains ? [userId, ...awayBefore(userId, absences, now)] : []
}

type Found = {
  readonly rows: readonly QueueRow[]
  readonly imports?: readonly ImportKey[]
  readonly because?: SealedEvent
  readonly gained?: readonly string[]
}

/** What the events have changed in the queue; `follow` is told first what to follow from now on. */
export const deltaOf = async (
  context: Context,
  args: FilterArgs | null | undefined,
  followed: Followed,
  events: readonly SealedEvent[],
  follow: Follow,
): Promise<Delta> => {
  const { db } = context.app
  const { userId } = viewerOf(context)
  const last = events.at(-1)?.at
  // Another process's clock may be ahead: what it has told of has happened.
  const clock = timeOf(context)
  const now = last !== undefined && isBefore(clock, last) ? last : clock
  const companies = new Map((await followed.renew(context, now, follow)).map((company) => [company.id, company]))
  const filter = await queueFilter(context, args, now)
  const about = aboutOf(context, args)
  const hidden = about.withoutImports === true
  const find = (where: Where, companyIds = about.companyIds) =>
    findItems(db, { ...about, companyIds }, where, mostAtOnce)
  // What the events name is few: items of imports among them are told apart below.
  const findNamed = (where: Where, companyIds = about.companyIds) =>
    findItems(db, { ...about, withoutImports: null, companyIds }, where, mostAtOnce)

  const searches: Promise<Found>[] = []
  const search = (rows: Promise<QueueRow[]>, more: Omit<Found, 'rows'> = {}): void => {
    searches.push(rows.then((found) => ({ rows: found, ...more })))
  }
  /** As `search`, of a place at which there may be far more than the events name: of imports only which ones. */
  const searchWide = (where: Where, companyIds: readonly string[], more: Omit<Found, 'rows'>): void => {
    const both = Promise.all([find(where, companyIds), findImports(db, companyIds, where)])
    searches.push(both.then(([rows, imports]) => ({ rows, imports, ...more })))
  }
  const inCompany = (companyId: string): string[] => about.companyIds.filter((id) => id === companyId)
  search(findNamed({ ids: touchedItems(events) }))
  // Where people are away a seat that comes or goes can move another one of the same step.
  const withAbsences = about.companyIds.filter((id) => (companies.get(id)?.directory.absences.length ?? 0) > 0)
  const proposalIds = events.flatMap((e) => (e.workItemId !== null && e.proposalId !== null ? e.proposalId : []))
  if (filter.seats.handedOver.length + filter.seats.standingIn.length > 0 || withAbsences.length > 0)
    search(findNamed({ proposalIds: [...new Set(proposalIds)] }, withAbsences))
  const lost = new Set<string>()
  for (const event of events) {
    const { companyId } = event
    const company = companies.get(companyId)
    const own = event.type === 'MembershipChanged' && event.data.userId === userId
    if (own && !isMember(context, companyId)) lost.add(companyId)
    if (company === undefined) continue
    if (own) searchWide({ unclaimedIn: filter.seats.queueIds }, inCompany(companyId), { because: event })
    if (event.type === 'QueueSaved' && queueMembers(event).includes(userId) && typeof event.data.queueId === 'string')
      searchWide({ unclaimedIn: [event.data.queueId] }, inCompany(companyId), { because: event })
    if (!shifts.has(event.type) || isToCome(event, now)) continue
    const isAway = standInsAfter(userId, company.directory.absences, now).size > 0
    const mine = isAway || event.data.userId === userId ? [userId] : []
    searchWide({ assigneeIds: [...mine, ...followed.people(companyId)] }, inCompany(companyId), {
      because: event,
      gained: gainedBy(company, event, userId, now),
    })
  }

  const upserts = new Map<string, QueueRow>()
  const removed = new Map<string, Removed>()
  const imports = new Map<string, ImportKey>()
  const wide = { ...filter, scope: null, overdue: null }
  for (const { rows, because, gained = [], imports: there = [] } of await Promise.all(searches)) {
    for (const each of there) imports.set(each.importId, each)
    for (const row of rows) {
      const { companyId, proposalId, item } = row
      if (upserts.has(item.id) || removed.has(item.id)) continue
      const told = events.filter((event) => event.workItemId === item.id)
      const scope = item.status === 'OPEN' ? scopeOf(filter, row) : null
      if (row.importId !== null && (scope !== null || mayBeHeld(wide, followed, row, told)))
        imports.set(row.importId, { companyId, importId: row.importId })
      if (row.importId !== null && hidden) continue
      if (isIn(filter, scope, row)) {
        upserts.set(item.id, row)
        continue
      }
      if (gained.includes(item.assigneeId ?? '') || !mayBeHeld(filter, followed, row, told)) continue
      if (item.status !== 'OPEN') {
        const decisions = await context.loaders.decisions.load(keyText(companyId, proposalId))
        const how = closedDeparture(userId, item, told.at(-1), decisions)
        removed.set(item.id, { row, version: item.version, ...how })
        continue
      }
      const how: Departure =
        scope === null
          ? openDeparture(userId, item, told, because)
          : { reason: 'FILTER', byId: told.at(-1)?.actorId ?? null, outcome: null }
      // That it leaves is a change to this reader, also where the item itself is as it was.
      const changed = told.some((event) => event.type !== 'WorkItemOverdue')
      removed.set(item.id, { row, version: changed ? item.version : item.version + 1, ...how })
    }
  }
  for (const gone of await lostWith(context, [...lost], hidden, events, followed)) removed.set(gone.row.item.id, gone)
  return {
    upserts: [...upserts.values()],
    removed: [...removed.values()],
    totalCount: await countQueue(db, filter),
    imports: [...imports.values()],
  }
}

/** What a reader may hold of companies that they are no longer a member of, whatever they filter by. */
const lostWith = async (
  context: Context,
  companyIds: readonly string[],
  hidden: boolean,
  events: readonly SealedEvent[],
  followed: Followed,
): Promise<Removed[]> => {
  if (companyIds.length === 0) return []
  const { userId } = viewerOf(context)
  const found: QueueRow[] = []
  for (const companyId of companyIds) {
    const about = { companyIds: [companyId], withoutImports: hidden ? (true as const) : null }
    const find = (where: Where) => findItems(context.app.db, about, where, mostAtOnce)
    const touched = await find({ ids: touchedItems(events) })
    // Seats that were closed with the membership are nobody's any more, and still have to leave this queue.
    found.push(...touched.filter(({ item }) => item.assigneeId === userId))
    found.push(...(await find({ assigneeIds: [userId, ...followed.people(companyId)] })))
    found.push(...(await find({ unclaimedIn: followed.queues(companyId) })))
  }
  return found.map((row) => ({
    row,
    version: row.item.status === 'OPEN' ? row.item.version + 1 : row.item.version,
    reason: 'ACCESS_LOST',
    byId: null,
    outcome: null,
  }))
}
