// Tells partners what has happened: sealed events become deliveries, and these are sent, each customer's in order, at least once. Any
// number of processes may do it at once. What a process has in hand is held by a lease, so what it leaves behind when it dies is
// sent by another.
import type { Company } from '../domain/company.ts'
import { isSealed, type SealedEvent } from '../domain/log.ts'
import { nextTry, outcomeOf, switchOffGone } from '../domain/webhook.ts'
import {
  accountsOf,
  armNext,
  endHold,
  endpointsWithWork,
  hold,
  holdNext,
  noteFailure,
  noteSuccess,
  release,
  shareWebhook,
  takeOver,
  type EndpointKey,
  type Held,
} from '../store/deliveries.ts'
import { appendEvents, findEvents } from '../store/events.ts'
import { insertAttempt } from '../store/webhook-log.ts'
import { findEndpoint, lockWebhook, updateWebhook, type Endpoint } from '../store/webhooks.ts'
import type { App } from './app.ts'
import { unwrap } from './command.ts'
import type { SendResult } from './webhook-sender.ts'

/** What is sent of an event: its id as the receiver knows it, and the body. */
export type Payload = { readonly id: string; readonly body: string }
export type PayloadOf = (event: SealedEvent, company: Company, account: string | null) => Payload

type Accounts = ReadonlyMap<string, string>
type Ready = { readonly target: Endpoint; readonly payload: Payload; readonly accounts: Accounts }

export type DeliveriesOptions = {
  readonly payloadOf: PayloadOf
  /** 0 to 1, for the length of pauses. */
  readonly chance?: () => number
  /** How many requests at once to one endpoint, and to all. */
  readonly perEndpoint?: number
  readonly overall?: number
  /** Events that become deliveries at once. */
  readonly batch?: number
  /** What goes wrong here at one endpoint; the others go on. */
  readonly failed?: (error: unknown, endpoint: EndpointKey) => void
}

export type Deliveries = {
  /** Looks once for what there is to do and begins it; resolves when all of it is taken over and begun. Says whether there are endpoints. */
  readonly run: (ending?: () => boolean) => Promise<boolean>
  /** Resolves when nothing is under way any more. */
  readonly idle: () => Promise<void>
  /** Ends what is under way; it is tried again at once by whoever looks next. */
  readonly abort: () => void
}

/** Until a lease is over an answer must have come, been written, and clocks may differ. */
const leaseMarginMs = 10_000
/** So many of one customer in a row, then others come first. */
const chainLength = 20

/** When what is held from now on may be taken by others. */
export const leaseFrom = ({ clock, sender }: Pick<App, 'clock' | 'sender'>): string =>
  new Date(clock().getTime() + sender.timeoutMs + leaseMarginMs).toISOString()

/** What is wrong with an answer as a sentence; null: nothing. */
export const faultOf = (result: SendResult): string | null => {
  if ('error' in result) return result.error
  return outcomeOf(result.status) === 'DELIVERED' ? null : `The endpoint answered with status ${result.status}.`
}

/** The deliveries of one process. */
export const createDeliveries = (app: App, options: DeliveriesOptions): Deliveries => {
  const { payloadOf, chance = Math.random, perEndpoint = 8, overall = 128, batch = 1000 } = options
  const { failed = () => undefined } = options
  const underWay = new Set<Promise<void>>()
  const busy = new Map<string, number>()
  const pumping = new Map<string, { again: boolean }>()
  const aborting = new AbortController()
  let stopping: () => boolean = () => false
  const now = (): string => app.clock().toISOString()

  /** Writes what came of a try, and answers what follows of the same customer where that is to be sent by this chain. */
  const settle = (endpoint: EndpointKey, held: Held, result: SendResult, chained: boolean): Promise<Held | null> =>
    app.db.transaction(async (tx) => {
      const at = now()
      const lease = leaseFrom(app)
      const answered = result.status ?? null
      const outcome = 'error' in result && answered === null ? 'FAILED' : outcomeOf(answered)
      const error = faultOf(result)
      const gone = outcome === 'GONE' ? await lockWebhook(tx, endpoint.companyId, endpoint.id) : null
      if (gone === null) await shareWebhook(tx, endpoint)
      // Before anything of the deliveries is written: whoever gives up or hastens many of them holds the endpoint's health as well.
      if (error === null) await noteSuccess(tx, endpoint, at, lease)
      const down = error !== null && (await noteFailure(tx, endpoint, { now: at, lease, answered, error }))
      const { createdAt: since, attempts, position } = held
      const ended = error === null || gone !== null
      const again = ended ? null : nextTry({ since, attempts, down }, at, chance())
      // What the endpoint that is gone did not take waits until somebody switches it on again.
      const status = error === null ? 'DELIVERED' : again === null && gone === null ? 'DEAD' : 'PENDING'
      const { companyId, id: webhookId } = endpoint
      const { durationMs } = result
      const what = { companyId, webhookId, position, proposalId: null, elementPath: null }
      await insertAttempt(tx, { ...what, at, durationMs, status: answered, error })
      const mine = await endHold(tx, endpoint, held, { status, again, answered, error, now: at })
      let next: Held | null = null
      if (mine && chained && status === 'DELIVERED') next = await holdNext(tx, endpoint, held, lease)
      else await armNext(tx, endpoint, held, at)
      if (gone !== null) {
        const change = unwrap(switchOffGone(gone))
        if (change !== null) {
          await updateWebhook(tx, companyId, pick(change.save))
          await appendEvents(tx, { companyId, actorId: null, at }, change.events)
        }
      }
      return next
    })

  /**
   * What is sent of each of these, and where to, looked up for all of them together; left out: there is nothing to send any more, or
   * nowhere. `accounts` known already are not looked up; an account stays what it is.
   */
  const look = async (
    { companyId, id }: EndpointKey,
    list: readonly Held[],
    accounts: Accounts = new Map(),
  ): Promise<ReadonlyMap<Held, Ready>> => {
    const ready = new Map<Held, Ready>()
    const target = await findEndpoint(app.db, companyId, id, now())
    const company = await app.setup.company(app.db, companyId)
    if (target?.active !== true || company === null) return ready
    const ids = list.map(({ eventId }) => eventId)
    const events = new Map((await findEvents(app.db, companyId, ids)).map((event) => [event.id, event]))
    const customers = new Set([...events.values()].map(({ customerId }) => customerId))
    const asked = [...customers].flatMap((customer) => (customer === null || accounts.has(customer) ? [] : customer))
    const all = new Map([...accounts, ...(await accountsOf(app.db, companyId, asked))])
    for (const held of list) {
      const event = events.get(held.eventId)
      if (event === undefined || !isSealed(event)) continue
      const payload = payloadOf(event, company, all.get(event.customerId ?? '') ?? null)
      ready.set(held, { target, payload, accounts: all })
    }
    return ready
  }

  const deliver = async (endpoint: EndpointKey, first: Held, found: Ready | undefined): Promise<void> => {
    let held = first
    let ready = found
    for (let n = 1; ; n++) {
      if (ready === undefined) return giveBack(held)
      const { url, secrets } = ready.target
      const { signal } = aborting
      const result = await app.sender.send({ url, secrets, ...ready.payload, timestamp: app.clock(), signal })
      if (signal.aborted && 'error' in result) return giveBack(held)
      const next = await settle(endpoint, held, result, n < chainLength && !stopping())
      if (outcomeOf(result.status ?? null) === 'GONE') app.wake()
      if (next === null) return
      held = next
      ready = (await look(endpoint, [held], ready.accounts)).get(held)
    }
    function giveBack(back: Held): Promise<void> {
      return app.db.transaction((tx) => release(tx, endpoint, back, now()))
    }
  }

  /** Takes as much of an endpoint as there is room for; what ends meanwhile makes room that is filled together, when that is done. */
  const pump = async (endpoint: EndpointKey): Promise<void> => {
    const key = `${endpoint.companyId}:${endpoint.id}`
    const other = pumping.get(key)
    if (other !== undefined) {
      other.again = true
      return
    }
    const own = { again: true }
    pumping.set(key, own)
    try {
      while (own.again) {
        own.again = false
        await take(endpoint, key)
      }
    } finally {
      pumping.delete(key)
    }
  }
  const take = async (endpoint: EndpointKey, key: string): Promise<void> => {
    const limit = Math.min(perEndpoint - (busy.get(key) ?? 0), overall - underWay.size)
    if (limit <= 0 || stopping()) return
    // The room is taken before it is asked for: two that ask at once do not both get it.
    busy.set(key, (busy.get(key) ?? 0) + limit)
    let begun = 0
    try {
      const holding = { now: now(), lease: leaseFrom(app), limit }
      const held = await app.db.transaction((tx) => hold(tx, endpoint, holding))
      if (held.length === 0) return
      const ready = await look(endpoint, held)
      begun = held.length
      for (const each of held) begin(endpoint, key, each, ready.get(each))
    } finally {
      free(key, limit - begun)
    }
  }
  const free = (key: string, n: number): void => {
    const left = (busy.get(key) ?? 0) - n
    if (left > 0) busy.set(key, left)
    else busy.delete(key)
  }
  const begin = (endpoint: EndpointKey, key: string, held: Held, ready: Ready | undefined): void => {
    const work: Promise<void> = deliver(endpoint, held, ready)
      .catch((error: unknown) => failed(error, endpoint))
      .then(() => {
        free(key, 1)
        return pump(endpoint)
      })
      .catch((error: unknown) => failed(error, endpoint))
      .finally(() => underWay.delete(work))
    underWay.add(work)
  }

  return {
    async run(ending = () => false) {
      stopping = () => ending() || aborting.signal.aborted
      for (let again = true; again && !stopping();) {
        again = false
        const { any, work } = await endpointsWithWork(app.db, now())
        if (!any) return false
        for (const endpoint of work) {
          if (stopping()) break
          try {
            const more = endpoint.behind && (await app.db.transaction((tx) => takeOver(tx, endpoint, now(), batch)))
            again ||= more
            await pump(endpoint)
          } catch (error) {
            failed(error, endpoint)
          }
        }
      }
      return true
    },
    async idle() {
      while (underWay.size > 0) await Promise.all(underWay)
    },
    abort: () => aborting.abort(),
  }
}

const pick = ({ id, name, url, types, active }: Parameters<typeof updateWebhook>[2]) => ({
  id,
  name,
  url,
  types,
  active,
})
