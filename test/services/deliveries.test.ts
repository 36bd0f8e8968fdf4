// What partners are told, whatever becomes of them and of us: a real receiver, real sealed events, and a clock that is moved.
import { sql } from 'drizzle-orm'
import { Webhook } from 'standardwebhooks'
import { beforeEach, expect, it } from 'vitest'
import type { EventType } from '../../server/domain/events.ts'
import { encodeId } from '../../server/graphql/ids.ts'
import { replayWebhook, rotateWebhookSecret, saveWebhook, deleteWebhook } from '../../server/services/webhooks.ts'
import { forgetOldDeliveries } from '../../server/services/upkeep.ts'
import { databaseFailure } from '../../server/store/errors.ts'
import { readEvents } from '../../server/store/events.ts'
import { newId } from '../../server/store/ids.ts'
import { healthOf } from '../../server/store/webhook-log.ts'
import { findWebhook, headOfLog } from '../../server/store/webhooks.ts'
import { days, minutes, startServices } from '../helpers/services.ts'
import { startPartner, startReceiver } from './webhook-receiver.ts'

const services = await startServices()
const { db, companyId, time } = services
const { app, appOf, deliveriesOf, sealAll, tell } = await startPartner(services)
const adam = await services.as('adam')
const receiver = await startReceiver()
const other = await startReceiver()
const mine = deliveriesOf(app)

const customers = await db.execute<{ id: string; account: string }>(
  sql`select id, account from customers where company_id = ${companyId} order by account limit 3`,
)

/** Everything that is to do by now is done. */
const settle = async (deliveries = mine): Promise<void> => {
  await deliveries.run()
  await deliveries.idle()
}
const save = async (url: string, types: readonly EventType[] = ['CommentAdded'], id: string | null = null) => {
  const saved = await saveWebhook(app, adam, { company: 'USMF', id, name: 'Partner', url, types, active: true })
  await sealAll()
  return saved
}
const health = (webhookId: string) => healthOf(db, companyId, webhookId)
/** `n` events of each customer, taking turns. */
const comments = (n: number) =>
  Array.from({ length: n }, () =>
    customers.map(({ id }) => ({ type: 'CommentAdded' as const, customerId: id, data: { commentId: 'x' } })),
  ).flat()
const rising = (positions: readonly number[]): boolean => positions.every((p, n) => n === 0 || p > positions[n - 1]!)

let hooks: string[] = []
const made = async (...args: Parameters<typeof save>) => {
  const saved = await save(...args)
  hooks.push(saved.webhookId)
  return saved
}
beforeEach(async () => {
  for (const webhookId of hooks) await deleteWebhook(app, adam, { companyId, webhookId })
  hooks = []
  await sealAll()
  for (const each of [receiver, other]) {
    each.messages.length = 0
    each.answer = () => 200
  }
})

it('a receiver that is down for a day is told everything once it is back, each customer in order, and holds up nobody', async () => {
  const { webhookId } = await made(receiver.url)
  await made(other.url)
  receiver.answer = () => 503
  for (let hour = 0; hour < 24; hour++) {
    await tell(comments(1))
    for (let n = 0; n < 2; n++) {
      await settle()
      time.ahead += minutes(30)
    }
    // The one that is well has heard all there is.
    expect([...other.taken().values()].map(({ length }) => length)).toEqual(customers.map(() => hour + 1))
  }
  // It was not hammered: one of each customer until it was clear that it is down, then a single one after each rest.
  expect(receiver.messages.length).toBeLessThan(customers.length + 24 * 2)
  expect(await health(webhookId)).toMatchObject({ pending: 24 * customers.length, dead: 0 })
  receiver.answer = () => 200
  const before = receiver.messages.length
  time.ahead += minutes(60)
  await settle()
  await settle()
  const taken = receiver.taken()
  expect([...taken.keys()].sort()).toEqual(customers.map(({ account }) => account))
  expect([...taken.values()].map(({ length }) => length)).toEqual(customers.map(() => 24))
  for (const positions of taken.values()) expect(rising(positions)).toBe(true)
  expect(receiver.messages.length - before).toBe(24 * customers.length)
  expect(await health(webhookId)).toMatchObject({ pending: 0, dead: 0, failures: 0, restingUntil: null })
})

it('an event is told as the API shows it, without what is sensitive, and only to who wants its type', async () => {
  await made(receiver.url, ['CustomerUpdated'])
  const { id, account } = customers[0]!
  const value = (key: string, field: string, of: string) => ({ key, field, value: of })
  const at = await tell([
    ...comments(1),
    {
      type: 'CustomerUpdated',
      customerId: id,
      data: {},
      values: [value('values.name', 'name', 'Contoso'), value('values.taxExemptNumber', 'taxExemptNumber', 'DE1234')],
    },
  ])
  await settle()
  const [message, ...more] = receiver.messages
  expect(more).toEqual([])
  const head = await headOfLog(db, companyId)
  expect(message!.body).toMatchObject({ type: 'CUSTOMER_UPDATED', timestamp: at })
  expect(message!.body.data).toEqual({
    id: message!.headers['webhook-id'],
    position: String(head),
    company: 'USMF',
    type: 'CUSTOMER_UPDATED',
    at,
    actor: null,
    onBehalfOf: null,
    customerId: encodeId('Customer', companyId, id),
    account,
    proposalId: null,
    data: {},
    values: { 'values.name': 'Contoso', 'values.taxExemptNumber': null },
    masked: ['values.taxExemptNumber'],
  })
  expect(message!.text).not.toContain('DE1234')
})

it('while one secret takes the place of another a request can be verified with both, and then with the new one alone', async () => {
  const { webhookId, secret: first } = await made(receiver.url)
  const { secret: second } = await rotateWebhookSecret(app, adam, { companyId, webhookId })
  const verifies = (secret: string | null): boolean => {
    const { headers, text } = receiver.messages.at(-1)!
    const seconds = Number(headers['webhook-timestamp'])
    const by = new Webhook(secret!).sign(String(headers['webhook-id']), new Date(seconds * 1000), text)
    return String(headers['webhook-signature']).split(' ').includes(by)
  }
  await tell(comments(1))
  await settle()
  expect([first, second].map(verifies)).toEqual([true, true])
  time.ahead += days(1) + 1
  await tell(comments(1))
  await settle()
  expect([first, second].map(verifies)).toEqual([false, true])
  // A third at once: never more than two are live.
  const { secret: third } = await rotateWebhookSecret(app, adam, { companyId, webhookId })
  const { secret: fourth } = await rotateWebhookSecret(app, adam, { companyId, webhookId, keepOldHours: 1 })
  await tell(comments(1))
  await settle()
  expect([second, third, fourth].map(verifies)).toEqual([false, true, true])
})

it('what fails for three days is given up without stopping what comes after it, and can be replayed', async () => {
  const { webhookId } = await made(receiver.url)
  const [first, second] = customers
  const refused = first!.account
  receiver.answer = ({ body }) => (body.data.account === refused && receiver.messages.length < 100 ? 422 : 200)
  await tell([{ type: 'CommentAdded', customerId: first!.id, data: {} }])
  const bad = await headOfLog(db, companyId)
  const start = time.ahead
  let tries = 0
  while ((await health(webhookId)).dead === 0) {
    await settle()
    time.ahead += minutes(120)
    tries++
    // Others are told at once meanwhile.
    await tell([{ type: 'CommentAdded', customerId: second!.id, data: {} }])
    await settle()
    expect(receiver.taken().get(second!.account)).toHaveLength(tries)
  }
  expect(time.ahead - start).toBeGreaterThanOrEqual(days(3))
  expect(time.ahead - start).toBeLessThan(days(3) + minutes(241))
  receiver.answer = () => 200
  await tell([{ type: 'CommentAdded', customerId: first!.id, data: {} }])
  await settle()
  expect(receiver.taken().get(refused)).toEqual([await headOfLog(db, companyId)])
  await replayWebhook(app, adam, { companyId, webhookId, fromPosition: null })
  await settle()
  expect(receiver.taken().get(refused)?.at(-1)).toBe(bad)
  expect(await health(webhookId)).toMatchObject({ pending: 0, dead: 0 })
  const ids = receiver.messages
    .filter(({ body }) => body.data.position === String(bad))
    .map((m) => m.headers['webhook-id'])
  expect(new Set(ids).size).toBe(1)
  receiver.messages.length = 0
  await replayWebhook(app, adam, { companyId, webhookId, fromPosition: String(bad) })
  await settle()
  expect(receiver.taken().get(refused)).toHaveLength(2)
  expect(receiver.taken().get(second!.account)).toHaveLength(tries)
  for (const positions of receiver.taken().values()) expect(rising(positions)).toBe(true)
})

it('of a receiver that is down for longer than three days all that has waited as long is given up, and replayed in order', async () => {
  const { webhookId } = await made(receiver.url)
  receiver.answer = () => 503
  await tell(comments(3))
  for (let hour = 0; hour < 74; hour += 2) {
    await settle()
    time.ahead += minutes(120)
  }
  await tell(comments(1))
  await settle()
  expect(await health(webhookId)).toMatchObject({ dead: 3 * customers.length, pending: customers.length })
  receiver.answer = () => 200
  await replayWebhook(app, adam, { companyId, webhookId, fromPosition: null })
  time.ahead += minutes(120)
  await settle()
  await settle()
  expect([...receiver.taken().values()].map(({ length }) => length)).toEqual(customers.map(() => 4))
  for (const positions of receiver.taken().values()) expect(rising(positions)).toBe(true)
})

it('several processes at once tell each event once, and in order', async () => {
  await made(receiver.url)
  const processes = [mine, ...[0, 0].map(() => deliveriesOf(appOf(services.another().app)))]
  await tell(comments(20))
  await Promise.all(processes.map((each) => settle(each)))
  for (const each of processes) await settle(each)
  expect([...receiver.taken().values()].map(({ length }) => length)).toEqual(customers.map(() => 20))
  expect(receiver.messages).toHaveLength(20 * customers.length)
  for (const positions of receiver.taken().values()) expect(rising(positions)).toBe(true)
})

it('what a process had in hand when it died is told by another one, and by nobody before its lease is over', async () => {
  await made(receiver.url)
  const { promise: asked, resolve } = Promise.withResolvers<void>()
  const dead = services.another().app
  const send = (): Promise<never> => {
    resolve()
    return new Promise(() => undefined)
  }
  await tell([{ type: 'CommentAdded', customerId: customers[0]!.id, data: {} }])
  await deliveriesOf({ ...dead, sender: { ...app.sender, send } }).run()
  await asked
  await settle()
  expect(receiver.messages).toEqual([])
  time.ahead += minutes(1)
  await settle()
  expect(receiver.messages).toHaveLength(1)
})

it('events of many customers are looked up together, and those of one customer without its account each time', async () => {
  await made(receiver.url)
  const many = await db.execute<{ id: string }>(
    sql`select id from customers where company_id = ${companyId} order by account limit 60`,
  )
  expect(many).toHaveLength(60)
  const asked = async (customerIds: readonly string[]): Promise<number> => {
    await settle()
    await tell(customerIds.map((customerId) => ({ type: 'CommentAdded' as const, customerId, data: {} })))
    receiver.messages.length = 0
    const before = services.statements.length
    await settle()
    expect(receiver.messages).toHaveLength(60)
    return (services.statements.length - before) / 60
  }
  const apart = await asked(many.map(({ id }) => id))
  const oneAfterAnother = await asked(many.map(() => many[0]!.id))
  for (const positions of receiver.taken().values()) expect(rising(positions)).toBe(true)
  // Alone each takes about 18, and one after another 12.4: what is held at once is looked up at once, an account once for a chain.
  expect(apart).toBeLessThan(15)
  expect(oneAfterAnother).toBeLessThan(12)
})

it('who is told to stop gives back what it has in hand', async () => {
  const { webhookId } = await made(receiver.url)
  receiver.answer = () => null
  await tell([{ type: 'CommentAdded', customerId: customers[0]!.id, data: {} }])
  const leaving = deliveriesOf(appOf(app, 60_000))
  await leaving.run()
  while (receiver.messages.length === 0) await new Promise((resolve) => setImmediate(resolve))
  leaving.abort()
  await leaving.idle()
  receiver.answer = () => 200
  await settle()
  expect(receiver.taken().get(customers[0]!.account)).toHaveLength(1)
  expect(await health(webhookId)).toMatchObject({ pending: 0, failures: 0 })
})

it('a redirect and an answer that does not come are failures with a reason; 410 switches the endpoint off', async () => {
  const { webhookId } = await made(receiver.url)
  const slow = deliveriesOf(appOf(app, 100))
  await tell([{ type: 'CommentAdded', customerId: customers[0]!.id, data: {} }])
  receiver.answer = () => 302
  await settle(slow)
  expect(await health(webhookId)).toMatchObject({ lastError: expect.stringContaining('redirect') as string })
  receiver.answer = () => null
  time.ahead += minutes(1)
  await settle(slow)
  expect(await health(webhookId)).toMatchObject({ lastError: 'The endpoint did not answer within 100 ms.' })
  receiver.answer = () => 410
  time.ahead += minutes(30)
  await settle()
  expect(await findWebhook(db, companyId, webhookId)).toMatchObject({ active: false })
  const types: EventType[] = ['WebhookChanged']
  const [changed] = await readEvents(db, { companyId, types }, { limit: 1, newestFirst: true, unsealed: true })
  expect(changed).toMatchObject({ actorId: null, data: { webhookId, reason: 'GONE', new: { active: false } } })
  await sealAll()
  receiver.answer = () => 200
  time.ahead += days(4)
  await settle()
  expect(receiver.taken().size).toBe(0)
  await save(receiver.url, ['CommentAdded'], webhookId)
  await settle()
  expect(receiver.taken().get(customers[0]!.account)).toHaveLength(1)
})

it('an address within the own network is refused where it is not allowed, when it is saved and when it is sent to', async () => {
  for (const url of [
    'https://10.0.0.1/',
    'https://[::ffff:127.0.0.1]/',
    'https://169.254.169.254/',
    'http://partner.example/',
  ]) {
    const input = { company: 'USMF', name: 'Inside', url, types: [], active: true }
    await expect(saveWebhook(services.app, adam, input)).rejects.toMatchObject({ code: 'INVALID_VALUE', at: ['url'] })
  }
  const { webhookId } = await made(receiver.url)
  await tell([{ type: 'CommentAdded', customerId: customers[0]!.id, data: {} }])
  await settle(deliveriesOf(services.app))
  expect(await health(webhookId)).toMatchObject({
    failures: 1,
    lastError: expect.stringContaining('https://') as string,
  })
  expect(receiver.messages).toEqual([])
})

it('raw SQL cannot lead events elsewhere, or sign them with another secret, without a word in the log', async () => {
  const { webhookId } = await made(receiver.url)
  const refused = async (statement: ReturnType<typeof sql>): Promise<unknown> =>
    db.execute(statement).then(
      () => null,
      (error: unknown) => databaseFailure(error)?.sqlState,
    )
  const of = sql`company_id = ${companyId}`
  for (const set of [
    sql`url = 'https://elsewhere.example/'`,
    sql`types = '{}'`,
    sql`active = false`,
    sql`deleted_at = now()`,
  ])
    expect(await refused(sql`update webhooks set ${set} where ${of} and id = ${webhookId}`)).toBe('CS002')
  expect(await refused(sql`update webhooks set position = position where ${of} and id = ${webhookId}`)).toBeNull()
  for (const statement of [
    sql`delete from webhook_secrets where ${of} and webhook_id = ${webhookId}`,
    sql`update webhook_secrets set expires_at = now() where ${of} and webhook_id = ${webhookId}`,
    sql`insert into webhook_secrets select company_id, webhook_id, ${newId()}, 'whsec_x', now(), null from webhook_secrets where webhook_id = ${webhookId}`,
  ])
    expect(await refused(statement)).toBe('CS002')
  expect(
    await refused(sql`update webhook_secrets set secret = 'x' where ${of} and webhook_id = ${webhookId}`),
  ).not.toBeNull()
})

it('what has ended is forgotten after thirty days; what is pending is not', async () => {
  const { webhookId } = await made(receiver.url)
  await tell(comments(1))
  await settle()
  receiver.answer = () => 500
  await tell(comments(1))
  await settle()
  const rows = async () => {
    const of = sql`company_id = ${companyId} and webhook_id = ${webhookId}`
    const [row] = await db.execute<{ d: number; a: number }>(sql`
      select (select count(*)::int from webhook_deliveries where ${of}) as d, (select count(*)::int from webhook_attempts where ${of}) as a`)
    return row
  }
  time.ahead += days(29)
  await forgetOldDeliveries(app)
  expect(await rows()).toMatchObject({ d: 2 * customers.length })
  time.ahead += days(2)
  await forgetOldDeliveries(app)
  expect(await rows()).toEqual({ d: customers.length, a: 0 })
})
