// Writing events and reading them back (DOMAIN section 12). Who appends gives no position: that is the sequencer's.
import { sql, type SQL } from 'drizzle-orm'
import type { Reader, Tx } from '../db/connect.ts'
import type { DomainEvent, EventType, EventValue } from '../domain/events.ts'
import { commit, shownValues, type Commitment, type EventContent, type LoggedEvent } from '../domain/log.ts'
import type { Value } from '../domain/values.ts'
import { copyInto, copyLines } from './copy.ts'
import { newId } from './ids.ts'
import { randomHex } from './random.ts'

/** Whose log, who acted (null: the system), and when (RFC 3339). An event may name another actor. */
export type Occasion = { readonly companyId: string; readonly actorId: string | null; readonly at: string }

/** Events made ready to be appended: ids and salts drawn, values committed to, everything as the text that is sent. */
export type ReadyEvents = {
  readonly ids: readonly string[]
  /** What the statements take. */
  readonly append: (tx: Tx) => Promise<void>
}

const none: ReadyEvents = { ids: [], append: () => Promise.resolve() }

/** Makes events ready, which takes the processor longer than the database: it need not be done in the transaction. */
export const readyEvents = (
  occasion: Occasion,
  events: readonly DomainEvent[],
  newSalt: () => string = randomHex,
): ReadyEvents => {
  if (events.length === 0) return none
  const written = events.map((event) => ({ event, id: newId(), values: salted(event.values ?? [], newSalt) }))
  const rows = written.map(({ event, id, values }, n) => ({
    n,
    event_id: id,
    type: event.type,
    actor_id: event.actorId === undefined ? occasion.actorId : event.actorId,
    on_behalf_of_id: event.onBehalfOfId,
    customer_id: event.customerId,
    proposal_id: event.proposalId,
    work_item_id: event.workItemId,
    data: event.data,
    commitments: Object.fromEntries(values.map((v) => [v.key, v.commitment])),
  }))
  const contents = written.flatMap(({ id, values }) =>
    values.length === 0
      ? []
      : [{ event_id: id, contents: Object.fromEntries(values.map(({ key, value, salt }) => [key, { value, salt }])) }],
  )
  const ids = written.map(({ id }) => id)
  return { ids, append: rows.length >= many ? copied(occasion, rows, contents) : spelledOut(occasion, rows, contents) }
}

/** Appends what has happened, in this order, in the transaction in which it happened; returns the events' ids. */
export const appendEvents = async (
  tx: Tx,
  occasion: Occasion,
  events: readonly DomainEvent[],
  newSalt?: () => string,
): Promise<readonly string[]> => {
  const { ids, append } = readyEvents(occasion, events, newSalt)
  await append(tx)
  return ids
}

type ContentRow = { readonly event_id: string; readonly contents: object }
type EventRow = Readonly<Record<(typeof copiedColumns)[number], string | null | undefined>> & {
  readonly n: number
  readonly data: object
  readonly commitments: object
}

const copied = (occasion: Occasion, rows: readonly EventRow[], contents: readonly ContentRow[]) => {
  const contentLines = copyLines(
    contents.map((row) => [occasion.companyId, row.event_id, JSON.stringify(row.contents)]),
  )
  const eventLines = copyLines(
    rows.map((row) => [
      ...[occasion.companyId, occasion.at],
      ...copiedColumns.map((column) => row[column]),
      ...[JSON.stringify(row.data), JSON.stringify(row.commitments)],
    ]),
  )
  return async (tx: Tx): Promise<void> => {
    await copyInto(tx, 'event_contents', ['company_id', 'event_id', 'contents'], contentLines)
    await copyInto(tx, 'events', ['company_id', 'at', ...copiedColumns, 'data', 'commitments'], eventLines)
  }
}

/** One statement and two parameters whatever the number: thousands of values pass no limit on parameters. */
const spelledOut = (occasion: Occasion, rows: readonly EventRow[], contents: readonly ContentRow[]) => {
  const [eventText, contentText] = [JSON.stringify(rows), JSON.stringify(contents)]
  return async (tx: Tx): Promise<void> => {
    await tx.execute(sql`
    with kept as (
      insert into event_contents (company_id, event_id, contents)
      select ${occasion.companyId}::uuid, v.*
      from json_to_recordset(${contentText}::text::json) as v(event_id uuid, contents jsonb)
    )
    insert into events (company_id, at, event_id, type, actor_id, on_behalf_of_id, customer_id, proposal_id,
      work_item_id, data, commitments)
    select ${occasion.companyId}::uuid, ${occasion.at}::timestamptz, e.event_id, e.type, e.actor_id, e.on_behalf_of_id,
      e.customer_id, e.proposal_id, e.work_item_id, e.data, e.commitments
    from json_to_recordset(${eventText}::text::json)
      as e(n int, event_id uuid, type text, actor_id uuid, on_behalf_of_id uuid, customer_id uuid, proposal_id uuid,
        work_item_id uuid, data jsonb, commitments jsonb)
    order by e.n`)
  }
}

/** From so many events on they are copied in: an import's chunk, a decision on a batch. */
const many = 100
const copiedColumns = [
  'event_id',
  'type',
  'actor_id',
  'on_behalf_of_id',
  'customer_id',
  'proposal_id',
  'work_item_id',
] as const

type Salted = { key: string; commitment: Commitment; value: EventValue['value']; salt: string }

const salted = (values: readonly EventValue[], newSalt: () => string): Salted[] =>
  values.map(({ key, field, recordId = null, value }) => {
    const salt = newSalt()
    return { key, commitment: { field, recordId, digest: commit(salt, value) }, value, salt }
  })

/** Which events of one company; all that is given must hold. */
export type EventQuery = {
  readonly companyId: string
  readonly customerId?: string | undefined
  readonly proposalId?: string | undefined
  readonly actorId?: string | undefined
  readonly types?: readonly EventType[] | undefined
  /** At this position or later. */
  readonly fromPosition?: number | undefined
  /** RFC 3339; `from` is in, `until` is out. */
  readonly from?: string | undefined
  readonly until?: string | undefined
}

/** A page by keyset: `after` is the id of the last event seen. */
export type EventPage = {
  readonly limit: number
  readonly after?: string | undefined
  readonly newestFirst?: boolean
  /** With those that have no position yet: for a history that shows at once what one has just done. */
  readonly unsealed?: boolean
}

/** Events in order of position, unsealed ones as the newest; an unknown `after` gives an empty page. */
export const readEvents = async (reader: Reader, query: EventQuery, page: EventPage): Promise<LoggedEvent[]> => {
  const where = conditions(query)
  if (!page.unsealed) where.push(sql`e.position is not null`)
  if (page.after !== undefined) {
    const [seen] = await reader.execute<{ id: string; position: string | null }>(
      sql`select id, position from events where company_id = ${query.companyId} and event_id = ${page.after}`,
    )
    if (!seen) return []
    where.push(beyond(seen, page.newestFirst ?? false))
  }
  const order = page.newestFirst
    ? sql`e.position desc nulls first, e.id desc`
    : sql`e.position asc nulls last, e.id asc`
  return selectEvents(reader, sql.join(where, sql` and `), order, page.limit)
}

const conditions = (query: EventQuery): SQL[] => {
  const where = [sql`e.company_id = ${query.companyId}`]
  if (query.customerId !== undefined) where.push(sql`e.customer_id = ${query.customerId}`)
  if (query.proposalId !== undefined) where.push(sql`e.proposal_id = ${query.proposalId}`)
  if (query.actorId !== undefined) where.push(sql`e.actor_id = ${query.actorId}`)
  if (query.types !== undefined) where.push(sql`e.type = any(${sql.param(query.types)}::text[])`)
  if (query.fromPosition !== undefined) where.push(sql`e.position >= ${query.fromPosition}`)
  if (query.from !== undefined) where.push(sql`e.at >= ${query.from}::timestamptz`)
  if (query.until !== undefined) where.push(sql`e.at < ${query.until}::timestamptz`)
  return where
}

const beyond = ({ id, position }: { id: string; position: string | null }, newestFirst: boolean): SQL => {
  if (position !== null)
    return newestFirst ? sql`e.position < ${position}` : sql`(e.position > ${position} or e.position is null)`
  return newestFirst ? sql`(e.position is not null or e.id < ${id})` : sql`(e.position is null and e.id > ${id})`
}

/** Events of one company by their ids, in no particular order; ids that it does not have are left out. */
export const findEvents = (reader: Reader, companyId: string, ids: readonly string[]): Promise<LoggedEvent[]> =>
  selectEvents(
    reader,
    sql`e.company_id = ${companyId} and e.event_id = any(${sql.param(ids)}::uuid[])`,
    sql`e.id`,
    ids.length,
  )

/** Erases values of a customer's events for good with their salts; the chain stays whole. Returns how many. */
export const eraseValues = async (
  tx: Tx,
  companyId: string,
  customerId: string,
  fields: readonly string[],
): Promise<number> => {
  const erased = await tx.execute<{ n: number }>(sql`
    with found as (
      select e.event_id, array_agg(c.key) as keys
      from events e
      join event_contents v on v.company_id = e.company_id and v.event_id = e.event_id
      cross join jsonb_each(e.commitments) c
      where e.company_id = ${companyId} and e.customer_id = ${customerId}
        and c.value ->> 'field' = any(${sql.param(fields)}::text[]) and v.contents ? c.key
      group by e.event_id
    )
    update event_contents v set contents = v.contents - found.keys from found
    where v.company_id = ${companyId} and v.event_id = found.event_id
    returning cardinality(found.keys) as n`)
  return erased.reduce((sum, { n }) => sum + n, 0)
}

/** What `events e` gives for an event's content, as text where drivers differ: the hash is taken of exactly this. */
export const contentColumns = `
  e.company_id as "companyId", e.event_id as id, e.type,
  to_char(e.at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at,
  e.actor_id as "actorId", e.on_behalf_of_id as "onBehalfOfId", e.customer_id as "customerId",
  e.proposal_id as "proposalId", e.work_item_id as "workItemId", e.data, e.commitments`

/** What is left of an event's values. */
export const contentsOf = `
  (select v.contents from event_contents v where v.company_id = e.company_id and v.event_id = e.event_id)`

/** Values as they lie beside the log, by their keys. */
export type Contents = Readonly<Record<string, { readonly value: Value; readonly salt: string }>>

type Row = EventContent & {
  position: string | null
  previousHash: string
  hash: string
  feed: string
  contents: Contents | null
}

/** Events with their values by any condition on `events e`. */
export const selectEvents = async (reader: Reader, where: SQL, order: SQL, limit: number): Promise<LoggedEvent[]> => {
  const rows = await reader.execute<Row>(sql`
    select ${sql.raw(contentColumns)}, e.position, e.previous_hash as "previousHash", e.hash, e.feed,
      ${sql.raw(contentsOf)} as contents
    from events e
    where ${where}
    order by ${order}
    limit ${limit}`)
  return rows.map(({ position, previousHash, hash, feed, contents, ...content }) => ({
    ...content,
    values: shownValues(content.commitments, contents ?? {}),
    seal: position === null ? null : { position: Number(position), previousHash, hash, feed: Number(feed) },
  }))
}
