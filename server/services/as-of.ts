// Records as they stood, for any number of customers and moments at once.
import type { Reader } from '../db/connect.ts'
import { afterWrite, type StoodCustomer } from '../domain/as-of.ts'
import { findLastWrites, readWrites, type Asked, type Place } from '../store/as-of.ts'

const pageSize = 500

/**
 * Each customer as it stood at its moment, in the order of the questions; null: it was not there yet. What was written at the
 * moment itself is in it, and so is everything of the same millisecond: the log's times are no finer. A moment that is not over
 * yet gives the record as it is; a write under way may still come in with a time that has passed.
 */
export const recordsAsOf = async (
  reader: Reader,
  asked: readonly Asked[],
  limit = pageSize,
): Promise<(StoodCustomer | null)[]> => {
  const records = asked.map((): StoodCustomer | null => null)
  const until = await findLastWrites(reader, asked)
  if (until.length === 0) return records
  for (let after: Place | null = null; ;) {
    const page = await readWrites(reader, until, after, limit)
    for (const { n, event } of page) records[n] = afterWrite(records[n] ?? null, event)
    after = page.at(-1) ?? null
    if (page.length < limit) return records
  }
}
