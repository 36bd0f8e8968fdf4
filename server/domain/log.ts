// The log as evidence (DOMAIN section 12): what a sealed event's hash covers, and how a chain is checked. The format holds
// from the first event on: whoever changes a text here breaks every chain there is.
import { canonicalJson, sha256 } from './digest.ts'
import type { EventType, Json } from './events.ts'
import type { Value } from './values.ts'

/** What stays in the event of a value: whose it is, and the hash that its value and salt answer to. */
export type Commitment = { readonly field: string; readonly recordId: string | null; readonly digest: string }

/** A value as the log shows it. Erased: it is gone for good, which is not the same as having been null. */
export type LoggedValue = {
  readonly key: string
  readonly field: string
  readonly recordId: string | null
  readonly value: Value
  readonly erased: boolean
}

export type Seal = {
  /** Dense within the company, from 1. */
  readonly position: number
  readonly previousHash: string
  readonly hash: string
  /** Order over all companies: inside cursors only, never shown. */
  readonly feed: number
}

/** What the hash covers, beside position and previous hash. */
export type EventContent = {
  readonly companyId: string
  readonly id: string
  readonly type: EventType
  /** RFC 3339 in UTC with milliseconds, as Date.toISOString writes it. */
  readonly at: string
  readonly actorId: string | null
  readonly onBehalfOfId: string | null
  readonly customerId: string | null
  readonly proposalId: string | null
  readonly workItemId: string | null
  readonly data: Readonly<Record<string, Json>>
  readonly commitments: Readonly<Record<string, Commitment>>
}

/** An event as it was written; `seal` is null for the moment until the sequencer has been there. */
export type LoggedEvent = EventContent & { readonly values: readonly LoggedValue[]; readonly seal: Seal | null }
export type SealedEvent = LoggedEvent & { readonly seal: Seal }
export const isSealed = (event: LoggedEvent): event is SealedEvent => event.seal !== null

/** Where a chain stands: the next event follows this position and hash. */
export type Head = { readonly position: number; readonly hash: string }
export const chainStart: Head = { position: 0, hash: '0'.repeat(64) }

/** Hex SHA-256 over salt and canonical value, framed as a JSON array. */
export const commit = (salt: string, value: Value): string => sha256(canonicalJson([salt, value]))

/** The canonical text that an event's hash is taken of. */
export const eventText = (event: EventContent, position: number, previousHash: string): string =>
  canonicalJson({
    position,
    previousHash,
    companyId: event.companyId,
    id: event.id,
    type: event.type,
    at: event.at,
    actorId: event.actorId,
    onBehalfOfId: event.onBehalfOfId,
    customerId: event.customerId,
    proposalId: event.proposalId,
    workItemId: event.workItemId,
    data: event.data,
    commitments: event.commitments,
  })

/** The head after this event. */
export const extend = (head: Head, event: EventContent): Head => {
  const position = head.position + 1
  return { position, hash: sha256(eventText(event, position, head.hash)) }
}

/**
 * Gives a batch of unsealed events, in order and of any companies, their seals.
 * `heads` are the companies' chains before the batch; a company without one starts its chain.
 */
export const seal = (
  events: readonly EventContent[],
  heads: ReadonlyMap<string, Head>,
  feed: number,
): { readonly seals: readonly Seal[]; readonly heads: ReadonlyMap<string, Head> } => {
  const next = new Map<string, Head>()
  const seals = events.map((event, index) => {
    const before = next.get(event.companyId) ?? heads.get(event.companyId) ?? chainStart
    const after = extend(before, event)
    next.set(event.companyId, after)
    return { position: after.position, previousHash: before.hash, hash: after.hash, feed: feed + index + 1 }
  })
  return { seals, heads: next }
}

/** A value as it lies beside the log; an erased one does not lie there any more. */
export type StoredValue = {
  readonly key: string
  readonly value: Value
  readonly salt: string
}

export type Flaw = {
  readonly position: number
  readonly what: 'POSITION' | 'PREVIOUS_HASH' | 'HASH' | 'VALUE' | 'HEAD'
  readonly sentence: string
}

/**
 * Checks sealed events that follow `head` on one company's chain. Returns the head after them, or the first flaw.
 * A value that is not there was erased and is no flaw: its commitment is still what the hash covers.
 */
export const verify = (
  head: Head,
  events: readonly { readonly event: SealedEvent; readonly values: readonly StoredValue[] }[],
): { readonly head: Head } | { readonly flaw: Flaw } => {
  let at = head
  for (const { event, values } of events) {
    const flaw = flawOf(at, event, values)
    if (flaw) return { flaw: { position: at.position + 1, ...flaw } }
    at = { position: event.seal.position, hash: event.seal.hash }
  }
  return { head: at }
}

const flawOf = (
  before: Head,
  event: SealedEvent,
  values: readonly StoredValue[],
): Pick<Flaw, 'what' | 'sentence'> | undefined => {
  if (event.seal.position !== before.position + 1)
    return { what: 'POSITION', sentence: `after ${before.position} comes ${event.seal.position}` }
  if (event.seal.previousHash !== before.hash)
    return { what: 'PREVIOUS_HASH', sentence: 'the event does not follow the one before it' }
  if (event.seal.hash !== extend(before, event).hash)
    return { what: 'HASH', sentence: 'the event is not what was sealed' }
  for (const { key, value, salt } of values) {
    const commitment = Object.hasOwn(event.commitments, key) ? event.commitments[key] : undefined
    if (!commitment) return { what: 'VALUE', sentence: `the value ${key} was not part of the event` }
    if (commit(salt, value) !== commitment.digest)
      return { what: 'VALUE', sentence: `the value ${key} is not the one that was committed to` }
  }
  return undefined
}

/** An event's values as they are shown: those that its commitments name, with what is left of them. */
export const shownValues = (
  commitments: EventContent['commitments'],
  left: Readonly<Record<string, Pick<StoredValue, 'value'>>>,
): LoggedValue[] =>
  Object.entries(commitments).map(([key, { field, recordId }]) => {
    const erased = !Object.hasOwn(left, key)
    return { key, field, recordId, value: left[key]?.value ?? null, erased }
  })
