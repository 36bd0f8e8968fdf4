// What the sequencer reads and writes, and the log in the order of the feed (ARCHITECTURE section 5).
import { sql, type SQL } from 'drizzle-orm'
import type { Sql } from 'postgres'
import type { Reader } from '../db/connect.ts'
import { writeTypes } from '../domain/as-of.ts'
import type { EventType } from '../domain/events.ts'
import { isSealed, type EventContent, type Head, type Seal, type SealedEvent } from '../domain/log.ts'
import { contentColumns, selectEvents } from './events.ts'

/** Any number will do that nothing else in the database locks. */
const sequencerLock = 7_246_018_356

/** The channel on which the sequencer says that it has sealed. */
export const sealedChannel = 'countersign_sealed'
/** The channel on which other processes say that they have committed. */
export const committedChannel = 'countersign_committed'

/** Tries to become the sequencer, on a session that stays: returns that session's process id, or null if another leads. */
export const takeLead = async (session: Sql): Promise<number | null> => {
  const [row] = await session<{ led: boolean; pid: number }[]>`
    select pg_try_advisory_lock(${sequencerLock}) as led, pg_backend_pid() as pid,
      -- A leader that vanishes without a word must not keep the lock for the two hours of the system's default.
      set_config('tcp_keepalives_idle', '5', false), set_config('tcp_keepalives_interval', '2', false),
      set_config('tcp_keepalives_count', '3', false)`
  if (!row?.led) return null
  await session`insert into feed_head (number) values (0) on conflict do nothing`
  return row.pid
}

export type Unsealed = {
  /** Of the session that read: another than the one that took the lead means that the lead is gone. */
  readonly pid: number
  readonly feed: number
  readonly rows: readonly { readonly id: string; readonly content: EventContent }[]
  readonly heads: ReadonlyMap<string, Head>
}

/** The oldest committed events without a seal, with the heads they follow, in one trip. */
export const readUnsealed = async (session: Sql, limit: number): Promise<Unsealed> => {
  type Row = EventContent & { pid: number; number: string; row: string | null; head: string | null; headHash: string }
  const rows = await session.unsafe<Row[]>(unsealedText, [limit], { prepare: true })
  const [first] = rows
  if (!first) throw new Error('feed_head has no row: it was removed while the sequencer was running')
  const heads = new Map<string, Head>()
  const unsealed = rows.flatMap(({ pid: _pid, number: _number, row, head, headHash, ...content }) => {
    if (row === null) return []
    if (head !== null) heads.set(content.companyId, { position: Number(head), hash: headHash })
    return [{ id: row, content }]
  })
  return { pid: first.pid, feed: Number(first.number), rows: unsealed, heads }
}

const unsealedText = `
  select pg_backend_pid() as pid, f.number, e.*, h.position as head, h.hash as "headHash"
  from feed_head f
  left join lateral (
    select e.id as row, ${contentColumns} from events e where e.position is null order by e.id limit $1
  ) e on true
  left join log_heads h on h.company_id = e."companyId"
  order by e.row`

/**
 * Writes a batch's seals and tells all processes, in one statement that commits alone. Fenced on the feed number: a
 * sequencer whose lock is gone and who does not know writes nothing. Returns how many events were sealed.
 */
export const writeSeals = async (
  session: Sql,
  batch: Unsealed,
  seals: readonly Seal[],
  heads: ReadonlyMap<string, Head>,
): Promise<number> => {
  const parameters = [
    batch.feed,
    batch.feed + seals.length,
    [...heads.keys()],
    [...heads.values()].map((head) => head.position),
    [...heads.values()].map((head) => head.hash),
    batch.rows.map(({ content }) => content.companyId),
    batch.rows.map(({ id }) => id),
    seals.map((s) => s.position),
    seals.map((s) => s.previousHash),
    seals.map((s) => s.hash),
    seals.map((s) => s.feed),
  ]
  const [row] = await session.unsafe<{ sealed: number }[]>(sealText, parameters, { prepare: true })
  return row?.sealed ?? 0
}

const sealText = `
  with fence as (
    update feed_head set number = $2::bigint where number = $1::bigint returning number
  ), heads as (
    insert into log_heads (company_id, position, hash)
    select h.* from unnest($3::uuid[], $4::bigint[], $5::text[]) as h where exists (select 1 from fence)
    on conflict (company_id) do update set position = excluded.position, hash = excluded.hash
  ), sealed as (
    update events e
    set position = s.position, previous_hash = s.previous_hash, hash = s.hash, feed = s.feed
    from unnest($6::uuid[], $7::bigint[], $8::bigint[], $9::text[], $10::text[], $11::bigint[])
      as s(company_id, id, position, previous_hash, hash, feed)
    where e.company_id = s.company_id and e.id = s.id and e.position is null and exists (select 1 from fence)
    returning 1
  )
  select (select count(*)::int from sealed) as sealed, pg_notify('${sealedChannel}', '') from fence`

/** Tells the sequencer, wherever it is, that something was committed. Not inside the transaction that wrote it. */
export const notifyCommitted = (reader: Reader): Promise<void> => notifyOn(reader, committedChannel)

export const notifyOn = async (reader: Reader, channel: string): Promise<void> => {
  await reader.execute(sql`select pg_notify(${channel}, '')`)
}

/** The feed number of the last sealed event; 0 when there is none. */
export const readFeedHead = async (reader: Reader): Promise<number> => {
  const [row] = await reader.execute<{ number: string }>(sql`select number from feed_head`)
  return Number(row?.number ?? 0)
}

type Named = 'companyId' | 'customerId' | 'recordId' | 'proposalId' | 'queueId' | 'userId'
type Of<N extends Named> = Readonly<Record<N, string>> & Readonly<Partial<Record<Exclude<Named, N>, never>>>

/** The record of a customer, whose id this is: what is written to it. */
export type RecordTopic = Of<'companyId' | 'recordId'>
/**
 * Whose events: all of a company's, those of a customer or a proposal, writes of a customer's record, those of a queue's items, or those
 * in which a person is named.
 */
export type Topic =
  | Of<'companyId'>
  | Of<'companyId' | 'customerId'>
  | RecordTopic
  | Of<'companyId' | 'proposalId'>
  | Of<'companyId' | 'queueId'>
  | Of<'userId'>

const isRecord = (topic: Topic): topic is RecordTopic => topic.recordId !== undefined

/**
 * News for those who follow live. That a customer was made or written, where no proposal is concerned by it, is news only to who follows
 * that record: an import does it a million times.
 */
const isNews = (records: readonly RecordTopic[]): SQL => {
  const always = sql`e.proposal_id is not null or e.type not in ('CustomerCreated', 'CustomerUpdated')`
  const ids = records.map(({ recordId }) => recordId)
  return ids.length === 0 ? sql`(${always})` : sql`(${always} or e.customer_id = any(${sql.param(ids)}::uuid[]))`
}

/**
 * Sealed news beyond a feed number and up to another in the order of the feed, at most `limit`: what is news to everybody, and what was
 * written to these records.
 */
export const readFeed = async (
  reader: Reader,
  after: number,
  upTo: number,
  limit: number,
  records: readonly RecordTopic[],
): Promise<SealedEvent[]> =>
  readNews(reader, sql`e.feed > ${after} and e.feed <= ${upTo} and ${isNews(records)}`, limit)

/** Sealed news beyond a feed number of these topics: no fewer than what touches one of them. */
export const readFeedOf = async (
  reader: Reader,
  after: number,
  limit: number,
  topics: readonly Topic[],
): Promise<SealedEvent[]> => {
  const touching = sql.join(concerns(topics), sql` or `)
  return readNews(reader, sql`e.feed > ${after} and ${isNews(topics.filter(isRecord))} and (${touching})`, limit)
}

const readNews = async (reader: Reader, where: SQL, limit: number): Promise<SealedEvent[]> => {
  const events = await selectEvents(reader, where, sql`e.feed`, limit)
  return events.filter(isSealed)
}

const personKeys = ['assigneeId', 'userId', 'standInId', 'from', 'to'] as const
const queueKeys = ['queueId', 'fromQueueId'] as const

const names = (keys: readonly string[], ids: readonly string[]): SQL =>
  sql.join(
    keys.map((key) => sql`e.data->>${sql.raw(`'${key}'`)} = any(${sql.param(ids)}::text[])`),
    sql` or `,
  )

/** As `names`, in a list of them. */
const lists = (key: string, ids: readonly string[]): SQL =>
  sql`(e.type = 'ChangeRefused' and e.data->${sql.raw(`'${key}'`)} ?| ${sql.param(ids)}::text[])`

/** People and queues are looked for all at once: a subscriber may follow dozens of them. */
const concerns = (topics: readonly Topic[]): SQL[] => {
  const people = topics.flatMap(({ userId }) => userId ?? [])
  const queues = topics.flatMap(({ queueId }) => queueId ?? [])
  const others = topics.flatMap((topic) => {
    if (topic.userId !== undefined || topic.queueId !== undefined) return []
    const company = sql`e.company_id = ${topic.companyId}`
    if (topic.customerId !== undefined) return [sql`(${company} and e.customer_id = ${topic.customerId})`]
    if (topic.recordId !== undefined)
      return [
        sql`(${company} and e.customer_id = ${topic.recordId} and e.type = any(${sql.param(writeTypes)}::text[]))`,
      ]
    if (topic.proposalId !== undefined) return [sql`(${company} and e.proposal_id = ${topic.proposalId})`]
    return [company]
  })
  return [
    ...(people.length === 0
      ? []
      : [names(personKeys, people), lists('assigneeIds', people), sql`e.type = 'QueueSaved'`]),
    ...(queues.length === 0 ? [] : [names(queueKeys, queues), lists('queueIds', queues)]),
    ...others,
  ]
}

const shifts: readonly EventType[] = ['QueueSaved', 'AbsenceSet', 'AbsenceBegan', 'AbsenceEnded']

/** Sealed events of these companies by which queues and stand-ins have changed, beyond a feed number in its order. */
export const readShifts = async (
  reader: Reader,
  after: number,
  companyIds: readonly string[],
  limit: number,
): Promise<SealedEvent[]> => {
  const where = sql`e.feed > ${after} and e.company_id = any(${sql.param(companyIds)}::uuid[])
    and e.type = any(${sql.param(shifts)}::text[])`
  return (await selectEvents(reader, where, sql`e.feed`, limit)).filter(isSealed)
}
