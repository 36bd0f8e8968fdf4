// What is to be delivered to partners. Of the pending deliveries of one customer at one endpoint only the first is armed: it has a time
// when it may be tried. The others wait with `infinity` until the one before them has ended, so that finding what is due costs
// the same however much has piled up. Whoever arms or adds holds the endpoint's row, whoever ends one shares it: nothing is
// left without an armed first.
import { eq, sql, type SQL } from 'drizzle-orm'
import type { Reader, Tx } from '../db/connect.ts'
import { webhookHealth } from '../db/tables/webhook-health.ts'
import { failuresToRest, restUntil, triedForMs } from '../domain/webhook.ts'
import { lockWebhook } from './webhooks.ts'

export type EndpointKey = { readonly companyId: string; readonly id: string }
/** `behind`: sealed events wait to become deliveries. */
export type Work = EndpointKey & { readonly behind: boolean }

/** A delivery that this process has in hand until the lease is over; `hold` tells this hold from any other that ever was. */
export type Held = {
  readonly position: number
  readonly hold: string
  readonly lease: string
  readonly eventId: string
  readonly customerId: string | null
  readonly attempts: number
  readonly createdAt: string
}

const instantOf = (column: SQL): SQL => sql`to_char(${column} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
type HeldRow = Omit<Held, 'position'> & { position: string }
const heldColumns = sql`d.position, d.hold, d.event_id as "eventId", d.customer_id as "customerId", d.attempts,
  ${instantOf(sql`d.next_at`)} as lease, ${instantOf(sql`d.created_at`)} as "createdAt"`
const holding = (lease: string): SQL =>
  sql`attempts = d.attempts + 1, hold = gen_random_uuid(), next_at = ${lease}::timestamptz`
const heldOf = ({ position, ...rest }: HeldRow): Held => ({ ...rest, position: Number(position) })

/** Pending deliveries `d` of an endpoint. */
const pending = ({ companyId, id }: EndpointKey): SQL =>
  sql`d.company_id = ${companyId} and d.webhook_id = ${id} and d.status = 'PENDING'`
/** What is under way, or waits for it to be over after a replay: armed, and not for a pause between tries. */
const inHand = (now: string): SQL =>
  sql`(d.hold is not null or d.attempts = 0) and d.next_at > ${now}::timestamptz and d.next_at < 'infinity'`
/** `same customer` in a way that an index can answer. */
const ofCustomer = (customerId: string | null): SQL =>
  customerId === null ? sql`d.customer_id is null` : sql`d.customer_id = ${customerId}`

/** Endpoints that have something to do by `now`; and whether there is any endpoint at all that is switched on. */
export const endpointsWithWork = async (
  reader: Reader,
  now: string,
): Promise<{ readonly any: boolean; readonly work: readonly Work[] }> => {
  const rows = await reader.execute<{ any: boolean; companyId: string | null; id: string; behind: boolean }>(sql`
    select exists (select from webhooks where deleted_at is null and active) as any, w.*
    from (values (1)) one
    left join lateral (
      select w.company_id as "companyId", w.id, w.types <> '{}' and w.position < h.position as behind
      from webhooks w
      join log_heads h on h.company_id = w.company_id
      left join webhook_health s on s.company_id = w.company_id and s.webhook_id = w.id
      where w.deleted_at is null and w.active and (
        (w.types <> '{}' and w.position < h.position)
        or ((s.resting_until is null or s.resting_until <= ${now}::timestamptz) and exists (
          select from webhook_deliveries d
          where d.company_id = w.company_id and d.webhook_id = w.id and d.status = 'PENDING'
            and d.next_at <= ${now}::timestamptz)))
    ) w on true`)
  const work = rows.flatMap(({ companyId, id, behind }) => (companyId === null ? [] : [{ companyId, id, behind }]))
  return { any: rows[0]?.any ?? false, work }
}

/** Turns sealed events behind an endpoint's position into deliveries, of up to `size` events; answers whether more are left. */
export const takeOver = async (tx: Tx, { companyId, id }: EndpointKey, now: string, size: number): Promise<boolean> => {
  const webhook = await lockWebhook(tx, companyId, id)
  if (webhook?.deletedAt !== null || !webhook.active || webhook.types.length === 0) return false
  const waits = (customer: SQL): SQL => sql`exists (
    select from webhook_deliveries p
    where p.company_id = ${companyId} and p.webhook_id = ${id} and p.status = 'PENDING' and ${customer})`
  const [row] = await tx.execute<{ head: string; upTo: string }>(sql`
    with upto as (
      select h.position as head, least(h.position, ${webhook.position}::bigint + ${size}) as "upTo"
      from log_heads h where h.company_id = ${companyId} and h.position > ${webhook.position}
    ), taken as (
      insert into webhook_deliveries (company_id, webhook_id, position, event_id, customer_id, status, attempts, created_at, next_at)
      select e.company_id, ${id}::uuid, e.position, e.event_id, e.customer_id, 'PENDING', 0, ${now}::timestamptz,
        case when row_number() over (partition by e.customer_id order by e.position) = 1 and not case
            when e.customer_id is null then ${waits(sql`p.customer_id is null`)}
            else ${waits(sql`p.customer_id = e.customer_id`)} end
          then ${now}::timestamptz else 'infinity' end
      from upto, events e
      where e.company_id = ${companyId} and e.position > ${webhook.position} and e.position <= upto."upTo"
        and e.type = any(${sql.param(webhook.types)}::text[])
      on conflict do nothing
    ), moved as (
      update webhooks set position = upto."upTo" from upto where company_id = ${companyId} and id = ${id}
    )
    select * from upto`)
  return row !== undefined && Number(row.upTo) < Number(row.head)
}

/**
 * Takes up to `limit` deliveries of an endpoint that are due, and holds them until `lease`. Of an endpoint that rests, one and
 * only when its rest is over, and by one process only.
 */
export const hold = async (
  tx: Tx,
  endpoint: EndpointKey,
  { now, lease, limit }: { readonly now: string; readonly lease: string; readonly limit: number },
): Promise<Held[]> => {
  const { companyId, id } = endpoint
  const mine = sql`company_id = ${companyId} and webhook_id = ${id}`
  const [health] = await tx.execute<{ failures: number }>(sql`select failures from webhook_health where ${mine}`)
  const resting = (health?.failures ?? 0) >= failuresToRest
  if (resting) {
    const probing = await tx.execute(sql`
      update webhook_health set resting_until = ${lease}::timestamptz
      where ${mine} and (resting_until is null or resting_until <= ${now}::timestamptz)`)
    if (probing.count === 0) return []
  }
  // Materialized: as the inner side of a loop it would be done again for each row, and hold more than the limit.
  const rows = await tx.execute<HeldRow>(sql`
    with due as materialized (
      select d.position from webhook_deliveries d
      where ${pending(endpoint)} and d.next_at <= ${now}::timestamptz
        and exists (select from webhooks w where w.company_id = ${companyId} and w.id = ${id} and w.active and w.deleted_at is null)
      order by d.next_at, d.position limit ${resting ? 1 : limit}
      for update of d skip locked
    )
    update webhook_deliveries d set ${holding(lease)}
    from due
    where d.company_id = ${companyId} and d.webhook_id = ${id} and d.position = due.position
    returning ${heldColumns}`)
  return rows.map(heldOf)
}

/** Gives back what could not be tried, as if it had not been held. */
export const release = async (tx: Tx, endpoint: EndpointKey, held: Held, now: string): Promise<void> => {
  await tx.execute(sql`
    update webhook_deliveries d set attempts = d.attempts - 1, hold = null,
      next_at = case when d.next_at = 'infinity' then d.next_at else ${now}::timestamptz end
    where ${pending(endpoint)} and d.position = ${held.position} and d.hold = ${held.hold}`)
  await armNext(tx, endpoint, held, now)
}

/** What became of a try. `again`: when it is tried again; null: it has ended, as `status` says. */
export type End = {
  readonly status: 'PENDING' | 'DELIVERED' | 'DEAD'
  readonly again: string | null
  readonly answered: number | null
  readonly error: string | null
  readonly now: string
}

/** Writes what became of a held delivery; false: it is not in this hold any more, and nothing was written. */
export const endHold = async (tx: Tx, endpoint: EndpointKey, held: Held, end: End): Promise<boolean> => {
  const ended = end.status === 'PENDING' ? null : end.now
  const written = await tx.execute(sql`
    update webhook_deliveries d set status = ${end.status}, hold = null, ended_at = ${ended}::timestamptz,
      last_status = ${end.answered}::int, last_error = ${end.error}::text,
      -- One that waits again for another before it goes on waiting.
      next_at = case when d.next_at = 'infinity' then d.next_at else coalesce(${end.again}::timestamptz, d.next_at) end
    where ${pending(endpoint)} and d.position = ${held.position} and d.hold = ${held.hold}`)
  return written.count === 1
}

/** Holds what follows `held` of the same customer at once, until `lease`; null: nothing waits for it. */
export const holdNext = async (tx: Tx, endpoint: EndpointKey, held: Held, lease: string): Promise<Held | null> => {
  const [row] = await tx.execute<HeldRow>(sql`
    update webhook_deliveries d set ${holding(lease)}
    where ${waitingFor(endpoint, held)} returning ${heldColumns}`)
  return row === undefined ? null : heldOf(row)
}

/** Arms what follows `held` of the same customer for whoever takes it. */
export const armNext = async (tx: Tx, endpoint: EndpointKey, held: Held, now: string): Promise<void> => {
  await tx.execute(sql`
    update webhook_deliveries d set next_at = ${now}::timestamptz where ${waitingFor(endpoint, held)}`)
}

/** The first of a customer, if it waits for what was held: without end, or after a replay until the lease of that is over. */
const waitingFor = (endpoint: EndpointKey, { customerId, lease }: Held): SQL => sql`${pending(endpoint)}
  and (d.next_at = 'infinity' or (d.next_at = ${lease}::timestamptz and d.hold is null)) and d.position = (
    select d.position from webhook_deliveries d where ${pending(endpoint)} and ${ofCustomer(customerId)}
    order by d.position limit 1)`

/** Arms the first of each customer, and only these; whoever calls it holds the endpoint's row. It waits for what is under way. */
const armFirsts = async (tx: Tx, endpoint: EndpointKey, now: string): Promise<void> => {
  await tx.execute(sql`
    update webhook_deliveries d
    set next_at = case when f.position <> d.position then 'infinity' else coalesce(f.lease, ${now}::timestamptz) end
    from (
      select d.customer_id, min(d.position) as position, max(d.next_at) filter (where ${inHand(now)}) as lease
      from webhook_deliveries d
      where ${pending(endpoint)} group by d.customer_id
    ) f
    where ${pending(endpoint)} and d.customer_id is not distinct from f.customer_id
      and (d.position = f.position) = (d.next_at = 'infinity')`)
}

/** Lets what is paused between tries be tried at once. What another has in hand until `lease` at the latest stays there. */
const hasten = async (tx: Tx, endpoint: EndpointKey, now: string, lease: string): Promise<void> => {
  await tx.execute(sql`
    update webhook_deliveries d set next_at = ${now}::timestamptz
    where ${pending(endpoint)} and d.next_at > ${lease}::timestamptz and d.next_at < 'infinity'`)
}

const lockHealth = async (tx: Tx, { companyId, id }: EndpointKey): Promise<number> => {
  const [row] = await tx.execute<{ failures: number }>(sql`
    select failures from webhook_health where company_id = ${companyId} and webhook_id = ${id} for update`)
  return row?.failures ?? 0
}

/** Notes that something has arrived. After a rest all that is pending is tried at once. */
export const noteSuccess = async (tx: Tx, endpoint: EndpointKey, now: string, lease: string): Promise<void> => {
  const { companyId, id } = endpoint
  // A busy endpoint does not write the same row with every delivery.
  const [due] = await tx.execute(sql`
    select from webhook_health where company_id = ${companyId} and webhook_id = ${id} and (failures > 0
      or resting_until is not null or last_success_at is null or last_success_at < ${now}::timestamptz - interval '5 s')`)
  if (due === undefined) return
  const failures = await lockHealth(tx, endpoint)
  await tx
    .update(webhookHealth)
    .set({ failures: 0, restingUntil: null, lastSuccessAt: now })
    .where(sql`${eq(webhookHealth.companyId, companyId)} and ${eq(webhookHealth.webhookId, id)}`)
  if (failures >= failuresToRest) await hasten(tx, endpoint, now, lease)
}

/**
 * Notes a failed try of the endpoint, and answers whether it rests for that. Then what has been pending for three days is given up:
 * this try was theirs as well.
 */
export const noteFailure = async (
  tx: Tx,
  endpoint: EndpointKey,
  { now, lease, answered, error }: { now: string; lease: string; answered: number | null; error: string },
): Promise<boolean> => {
  const failures = (await lockHealth(tx, endpoint)) + 1
  const restingUntil = restUntil(now, failures)
  await tx
    .update(webhookHealth)
    .set({ failures, restingUntil, lastFailureAt: now, lastError: error })
    .where(sql`${eq(webhookHealth.companyId, endpoint.companyId)} and ${eq(webhookHealth.webhookId, endpoint.id)}`)
  if (restingUntil === null) return false
  const before = new Date(Date.parse(now) - triedForMs).toISOString()
  const given = await tx.execute(sql`
    update webhook_deliveries d set status = 'DEAD', ended_at = ${now}::timestamptz, last_status = ${answered}::int,
      last_error = ${error}
    where ${pending(endpoint)} and d.created_at <= ${before}::timestamptz
      and (d.next_at <= ${now}::timestamptz or d.next_at > ${lease}::timestamptz)`)
  if (given.count > 0) await armFirsts(tx, endpoint, now)
  return true
}

/** A fresh start of an endpoint that has been changed: what is pending is tried at once, for three days from now. */
export const startAfresh = async (tx: Tx, endpoint: EndpointKey, now: string, lease: string): Promise<void> => {
  await tx
    .update(webhookHealth)
    .set({ failures: 0, restingUntil: null })
    .where(sql`${eq(webhookHealth.companyId, endpoint.companyId)} and ${eq(webhookHealth.webhookId, endpoint.id)}`)
  await tx.execute(sql`update webhook_deliveries d set created_at = ${now}::timestamptz where ${pending(endpoint)}`)
  await hasten(tx, endpoint, now, lease)
}

/**
 * Lets an endpoint be told the log again from a position on. Whoever calls it holds the endpoint's row: what had become of the
 * later ones is forgotten (the log of requests stays), and they are taken over anew. Of a customer with something under way
 * the first is taken over here, and waits until that has ended: what is told again does not overtake it.
 */
export const replayFrom = async (tx: Tx, endpoint: EndpointKey, from: number, now: string): Promise<void> => {
  const { companyId, id } = endpoint
  const underWay = await tx.execute<{ customerId: string | null; lease: string }>(sql`
    with gone as (
      delete from webhook_deliveries d
      where d.company_id = ${companyId} and d.webhook_id = ${id} and d.position >= ${from} returning d.*
    )
    select d.customer_id as "customerId", ${instantOf(sql`max(d.next_at)`)} as lease from gone d
    where d.status = 'PENDING' and ${inHand(now)} group by d.customer_id`)
  for (const { customerId, lease } of underWay) {
    await tx.execute(sql`
      insert into webhook_deliveries (company_id, webhook_id, position, event_id, customer_id, status, attempts, created_at, next_at)
      select d.company_id, ${id}::uuid, d.position, d.event_id, d.customer_id, 'PENDING', 0, ${now}::timestamptz, ${lease}::timestamptz
      from events d
      where d.company_id = ${companyId} and d.position >= ${from} and ${ofCustomer(customerId)}
        and d.type in (select unnest(types) from webhooks where company_id = ${companyId} and id = ${id})
        and not exists (select from webhook_deliveries d where ${pending(endpoint)} and ${ofCustomer(customerId)})
      order by d.position limit 1`)
  }
  await tx.execute(sql`
    update webhooks set position = ${from - 1} where company_id = ${companyId} and id = ${id} and position >= ${from}`)
}

/** Lets what was given up be tried again as if for the first time; answers how many. Whoever calls it holds the endpoint's row. */
export const replayDead = async (tx: Tx, endpoint: EndpointKey, now: string): Promise<number> => {
  // Nobody takes one of these in hand until it is seen below whether it was.
  await tx.execute(sql`
    select from webhook_deliveries d where ${pending(endpoint)} and d.next_at < 'infinity' order by d.position for update`)
  const revived = await tx.execute(sql`
    update webhook_deliveries d set status = 'PENDING', ended_at = null, attempts = 0, hold = null, next_at = 'infinity',
      created_at = ${now}::timestamptz
    where d.company_id = ${endpoint.companyId} and d.webhook_id = ${endpoint.id} and d.status = 'DEAD'`)
  if (revived.count > 0) await armFirsts(tx, endpoint, now)
  return revived.count
}

/** Nothing more is sent to an endpoint that is deleted: what was pending is given up. */
export const giveUp = async (tx: Tx, endpoint: EndpointKey, now: string, error: string): Promise<void> => {
  await tx.execute(sql`
    update webhook_deliveries d set status = 'DEAD', ended_at = ${now}::timestamptz, last_error = ${error}
    where ${pending(endpoint)}`)
}

/** Shares the endpoint's row until the transaction ends, so that nothing is added meanwhile. */
export const shareWebhook = async (tx: Tx, { companyId, id }: EndpointKey): Promise<void> => {
  await tx.execute(sql`select from webhooks where company_id = ${companyId} and id = ${id} for share`)
}

/** Account numbers by the ids of a company's customers. */
export const accountsOf = async (
  reader: Reader,
  companyId: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> => {
  if (ids.length === 0) return new Map()
  const rows = await reader.execute<{ id: string; account: string }>(sql`
    select id, account from customers where company_id = ${companyId} and id = any(${sql.param(ids)}::uuid[])`)
  return new Map(rows.map(({ id, account }) => [id, account]))
}
