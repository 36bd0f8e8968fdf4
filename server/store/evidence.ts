// The log as evidence: is what lies in the database what was sealed? (DOMAIN section 12)
import { sql } from 'drizzle-orm'
import type { Reader } from '../db/connect.ts'
import { chainStart, isSealed, verify, type Flaw, type Head, type StoredValue } from '../domain/log.ts'
import { selectEvents, type Contents } from './events.ts'

/** Checks a company's whole chain against its events, values and head; null: it is whole. Reads in pages. */
export const findFlaw = async (reader: Reader, companyId: string, pageSize = 1000): Promise<Flaw | null> => {
  // The end first: what is sealed while this reads on is not part of the question.
  const [end] = await reader.execute<{ position: string; hash: string }>(
    sql`select position, hash from log_heads where company_id = ${companyId}`,
  )
  const last: Head = end ? { position: Number(end.position), hash: end.hash } : chainStart
  let head = chainStart
  for (;;) {
    const page = sql`e.company_id = ${companyId} and e.position > ${head.position}`
    const events = await selectEvents(
      reader,
      sql`${page} and e.position <= ${last.position}`,
      sql`e.position`,
      pageSize,
    )
    if (events.length === 0) break
    const ids = events.map((event) => event.id)
    const values = await storedValues(reader, companyId, ids)
    const checked = verify(
      head,
      events.filter(isSealed).map((event) => ({ event, values: values.get(event.id) ?? [] })),
    )
    if ('flaw' in checked) return checked.flaw
    head = checked.head
  }
  if (head.position === last.position && head.hash === last.hash) return null
  const sentence = `the events end at ${head.position}, the head of the chain says ${last.position}`
  return { position: head.position + 1, what: 'HEAD', sentence }
}

const storedValues = async (
  reader: Reader,
  companyId: string,
  eventIds: readonly string[],
): Promise<Map<string, StoredValue[]>> => {
  const rows = await reader.execute<{ eventId: string; contents: Contents }>(sql`
    select event_id as "eventId", contents
    from event_contents where company_id = ${companyId} and event_id = any(${sql.param(eventIds)}::uuid[])`)
  return new Map(
    rows.map(({ eventId, contents }) => [
      eventId,
      Object.entries(contents).map(([key, { value, salt }]) => ({ key, value, salt })),
    ]),
  )
}
