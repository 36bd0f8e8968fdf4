// The writes that the log tells of customers up to a moment: what the record as it stood is made again from.
import { sql } from 'drizzle-orm'
import type { Reader } from '../db/connect.ts'
import { writeTypes, type WriteEvent } from '../domain/as-of.ts'
import { shownValues, type EventContent, type LoggedEvent } from '../domain/log.ts'
import { contentsOf, selectEvents, type Contents } from './events.ts'
import type { Key } from './prepared.ts'

/** A customer and a moment (RFC 3339). */
export type Asked = Key & { readonly at: string }
/** A customer up to and with a row of the log; `n`: which question it is of. */
export type Until = Key & { readonly n: number; readonly last: string }

const types = sql.param([...writeTypes])

/**
 * Up to which row of the log each question goes: the last write whose time is not later than the moment. All that lie before it
 * in the log belong to it, whatever their times: clocks of several processes differ, the order of the log does not. A question
 * from before the creation is not in the answer.
 */
export const findLastWrites = async (reader: Reader, asked: readonly Asked[]): Promise<Until[]> => {
  const rows = await reader.execute<{ n: number; last: string }>(sql`
    select a.n, max(e.id)::text as last
    from jsonb_to_recordset(${JSON.stringify(asked.map((a, n) => ({ n, ...a })))}::text::jsonb)
      as a(n int, "companyId" uuid, id uuid, at timestamptz)
    join events e on e.company_id = a."companyId" and e.customer_id = a.id and e.at <= a.at
      and e.type = any(${types}::text[])
    group by a.n`)
  return rows.flatMap(({ n, last }) => {
    const question = asked[n]
    return question === undefined ? [] : [{ companyId: question.companyId, id: question.id, n, last }]
  })
}

/** Where a page ended. */
export type Place = Pick<Until, 'n'> & { readonly row: string }
export type Write = Place & { readonly event: WriteEvent }

type Row = Place & Pick<EventContent, 'type' | 'data' | 'commitments'> & { contents: Contents | null }

/**
 * A page of writes by question, each question's in the order of the log. By row and not by position, for a row keeps its place
 * when it is sealed; writes of one customer come one after another, so that both orders are the same for them.
 */
export const readWrites = async (
  reader: Reader,
  until: readonly Until[],
  after: Place | null,
  limit: number,
): Promise<Write[]> => {
  const rows = await reader.execute<Row>(sql`
    select u.n, e.id::text as row, e.type, e.data, e.commitments,
      ${sql.raw(contentsOf)} as contents
    from jsonb_to_recordset(${JSON.stringify(until)}::text::jsonb) as u(n int, "companyId" uuid, id uuid, last bigint)
    join events e on e.company_id = u."companyId" and e.customer_id = u.id and e.id <= u.last
      and e.type = any(${types}::text[])
    where (u.n, e.id) > (${after?.n ?? -1}::int, ${after?.row ?? '0'}::bigint)
    order by u.n, e.id
    limit ${limit}`)
  return rows.map(({ n, row, type, data, commitments, contents }) => ({
    n,
    row,
    event: { type, data, values: shownValues(commitments, contents ?? {}) },
  }))
}

/** A customer's value by its names in the catalogue: its field, or that or the record as a whole; null: anything of the child record. */
export type WrittenPlace = Key & { readonly fields: readonly string[] | null; readonly recordId: string | null }

const isAt = ({ companyId, id, fields, recordId }: WrittenPlace, event: LoggedEvent): boolean =>
  event.companyId === companyId &&
  event.customerId === id &&
  Object.entries(event.commitments).some(
    ([key, said]) =>
      key.startsWith('to.') && said.recordId === recordId && (fields === null || fields.includes(said.field)),
  )

/** By place, the last event that wrote there; null: what stands there has been there from the beginning. One statement. */
export const findWriters = async (
  reader: Reader,
  places: readonly WrittenPlace[],
): Promise<readonly (LoggedEvent | null)[]> => {
  const last = sql`
    select e.id from events e
    where e.company_id = p."companyId" and e.customer_id = p.id and e.type = any(${types}::text[])
      and exists (
        select from jsonb_each(e.commitments) c
        where c.key like 'to.%' and c.value ->> 'recordId' is not distinct from p."recordId"
          and (p.fields is null or c.value ->> 'field' = any(p.fields)))
    order by e.position desc nulls first, e.id desc limit 1`
  const where = sql`(e.company_id, e.id) in (
    select p."companyId", w.id
    from jsonb_to_recordset(${JSON.stringify(places)}::text::jsonb)
      as p("companyId" uuid, id uuid, fields text[], "recordId" text)
    cross join lateral (${last}) w)`
  const found = await selectEvents(reader, where, sql`e.position nulls last, e.id`, places.length)
  return places.map((place) => found.findLast((event) => isAt(place, event)) ?? null)
}
