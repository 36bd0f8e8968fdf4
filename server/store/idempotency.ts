// What mutations answered (DOMAIN section 13). Everything here happens in the mutation's own transaction.
import { and, eq, lt } from 'drizzle-orm'
import type { Reader, Tx } from '../db/connect.ts'
import { idempotencyKeys, type StoredResult } from '../db/tables/idempotency.ts'

export type { StoredResult }

export type Call = {
  readonly userId: string
  readonly key: string
  readonly mutation: string
  /** Of the canonical input. */
  readonly inputHash: string
}
export type Answered = {
  readonly mutation: string
  readonly inputHash: string
  readonly result: StoredResult
  readonly createdAt: string
}

const ofCaller = (call: Pick<Call, 'userId' | 'key'>) =>
  and(eq(idempotencyKeys.userId, call.userId), eq(idempotencyKeys.key, call.key))

/** What this caller's key has answered; null where it is new, or where its first call is not done yet. */
export const findKey = async (reader: Reader, call: Pick<Call, 'userId' | 'key'>): Promise<Answered | null> => {
  const [row] = await reader.select().from(idempotencyKeys).where(ofCaller(call))
  if (row === undefined || row.result === null) return null
  return { mutation: row.mutation, inputHash: row.inputHash, result: row.result, createdAt: row.createdAt }
}

/**
 * Takes the key for this transaction: null when it is this caller's first use, else what was answered before. A
 * duplicate waits here until the first call has committed (then it gets its answer) or rolled back (then it is the first).
 */
export const claimKey = async (tx: Tx, call: Call, now: string): Promise<Answered | null> => {
  for (;;) {
    const claimed = await tx
      .insert(idempotencyKeys)
      .values({ ...call, createdAt: now })
      .onConflictDoNothing()
      .returning({ key: idempotencyKeys.key })
    if (claimed.length === 1) return null
    const [row] = await tx.select().from(idempotencyKeys).where(ofCaller(call))
    // Pruned between the two statements: claim it again.
    if (row === undefined) continue
    if (row.result === null) throw new Error(`a call of ${row.mutation} was committed without its answer`)
    return { ...row, result: row.result }
  }
}

/** Keeps the answer beside the key that this transaction has claimed. */
export const completeKey = async (tx: Tx, call: Pick<Call, 'userId' | 'key'>, result: StoredResult): Promise<void> => {
  await tx.update(idempotencyKeys).set({ result }).where(ofCaller(call))
}

/** Forgets a caller's key: what it stood for has come to nothing, and the same call may be made again. */
export const forgetKey = async (tx: Tx, call: Pick<Call, 'userId' | 'key'>): Promise<void> => {
  await tx.delete(idempotencyKeys).where(ofCaller(call))
}

/** Forgets what was answered before `before`; returns how many keys that were. */
export const pruneKeys = async (writer: Reader, before: string): Promise<number> => {
  const pruned = await writer
    .delete(idempotencyKeys)
    .where(lt(idempotencyKeys.createdAt, before))
    .returning({ key: idempotencyKeys.key })
  return pruned.length
}
