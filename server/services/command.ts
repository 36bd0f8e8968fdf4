// One command, one transaction (ARCHITECTURE section 4): idempotency, who asks, the work, its events, the answer kept, commit, wake.
import type { Tx } from '../db/connect.ts'
import type { Company } from '../domain/company.ts'
import { canonicalJson, sha256 } from '../domain/digest.ts'
import type { Person } from '../domain/directory.ts'
import { DomainError, type Result } from '../domain/errors.ts'
import type { DomainEvent } from '../domain/events.ts'
import { isRetryable, StaleWrite } from '../store/errors.ts'
import { appendEvents } from '../store/events.ts'
import { randomHex } from '../store/random.ts'
import { claimKey, completeKey, type StoredResult } from '../store/idempotency.ts'
import type { App, Viewer } from './app.ts'

/** The value of a result, or its refusal thrown: it rolls the transaction back. */
export const unwrap = <T>(result: Result<T>): T => {
  if (result.ok) return result.value
  throw result.error
}

export const notFound = (what: string, at: string): DomainError =>
  new DomainError('NOT_FOUND', `There is no such ${what}, or it is not yours to see.`, { at: [at] })

export const newSalt = randomHex

/** What a piece of work sees of its transaction. */
export type Scope = {
  readonly tx: Tx
  readonly company: Company
  readonly actor: Person
  /** RFC 3339, UTC. */
  readonly now: string
  /** Appends events in this transaction, in order; those of one customer carry its id. */
  append: (events: readonly DomainEvent[], customerId?: string) => Promise<void>
  /** Work that can fail by itself: what it has written is taken back when it throws, and the rest goes on. */
  apart: <T>(part: (scope: Scope) => Promise<T>) => Promise<T>
  /** The same transaction in another company; null where the viewer is no member of it. */
  within: (companyId: string) => Promise<Scope | null>
}

export type Call = {
  /** As in the schema. */
  readonly mutation: string
  readonly companyId: string
  readonly idempotencyKey?: string | null | undefined
  /** What the caller sent: the same key with another input is refused. */
  readonly input: unknown
  /** What in the input says which company it is, if that is not its code: it is this that is missed by who is no member. */
  readonly by?: { readonly what: string; readonly at: string }
}

/** The company of the viewer's with this code; a company of others does not exist for them. */
export const companyIdByCode = (viewer: Viewer, code: string): string => {
  for (const [companyId, membership] of viewer.memberships) if (membership.code === code) return companyId
  throw notFound('company', 'company')
}

export type Replayed = { readonly replayed?: true }

const maxKeyLength = 255
const maxAttempts = 4

const answered = <T extends object>(
  call: Call,
  inputHash: string,
  stored: { readonly mutation: string; readonly inputHash: string; readonly result: StoredResult },
): T & Replayed => {
  if (stored.mutation !== call.mutation || stored.inputHash !== inputHash) {
    throw new DomainError(
      'IDEMPOTENCY_KEY_REUSED',
      'This idempotency key was used for another call; use a new key for a new call.',
      { at: ['idempotencyKey'] },
    )
  }
  return { ...(stored.result as T), replayed: true as const }
}

const transact = async <T extends object>(
  app: App,
  viewer: Viewer,
  call: Call,
  work: (scope: Scope) => Promise<T>,
): Promise<T & Replayed> => {
  const key = call.idempotencyKey ?? null
  if (key !== null && (key.trim() === '' || key.length > maxKeyLength || key.includes('\u0000') || !key.isWellFormed()))
    throw new DomainError(
      'INVALID_VALUE',
      `An idempotency key has 1 to ${maxKeyLength} characters, none of them a control character; a UUID does well.`,
      { at: ['idempotencyKey'] },
    )
  const inputHash = key === null ? '' : sha256(canonicalJson([call.companyId, call.input]))
  let appended = false
  const result = await app.db.transaction(async (tx) => {
    const now = app.clock().toISOString()
    const scopeIn = async (on: Tx, companyId: string): Promise<Scope | null> => {
      const company = await app.setup.company(on, companyId)
      const actor = company?.directory.people.get(viewer.userId)
      return company === null || actor === undefined || !viewer.memberships.has(companyId)
        ? null
        : scopeOn(on, company, actor)
    }
    const scopeOn = (on: Tx, company: Company, actor: Person): Scope => ({
      tx: on,
      company,
      actor,
      now,
      append: async (events, customerId) => {
        if (events.length === 0) return
        appended = true
        await appendEvents(
          on,
          { companyId: company.id, actorId: actor.id, at: now },
          customerId === undefined ? events : events.map((e) => ({ customerId, ...e })),
        )
      },
      apart: (part) => on.transaction((inner) => part(scopeOn(inner, company, actor))),
      within: (companyId) => scopeIn(on, companyId),
    })
    const scope = await scopeIn(tx, call.companyId)
    const { what, at } = call.by ?? { what: 'company', at: 'company' }
    // Before an old answer is given again: what it shows is read anew, and somebody who has left reads nothing.
    if (scope === null) throw notFound(what, at)
    if (key !== null) {
      const stored = await claimKey(tx, { userId: viewer.userId, key, mutation: call.mutation, inputHash }, now)
      if (stored !== null) return answered<T>(call, inputHash, stored)
    }
    const answer = await work(scope)
    if (key !== null) await completeKey(tx, { userId: viewer.userId, key }, answer as StoredResult)
    return answer
  })
  if (appended) app.wake()
  return result
}

/**
 * Runs a command in one transaction. Expected refusals are thrown as DomainError and leave nothing behind. What the database ended
 * for the sake of another transaction is tried again.
 */
export const command = async <T extends object>(
  app: App,
  viewer: Viewer,
  call: Call,
  work: (scope: Scope) => Promise<T>,
): Promise<T & Replayed> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await transact(app, viewer, call, work)
    } catch (error) {
      // OPEN_PROPOSAL from the store: another's first edit of this customer has just made the proposal that this one now joins.
      const raced =
        error instanceof DomainError && error.code === 'OPEN_PROPOSAL' && error.detail.proposalId === undefined
      if (attempt >= maxAttempts || !(raced || isRetryable(error) || error instanceof StaleWrite)) throw error
    }
  }
}
