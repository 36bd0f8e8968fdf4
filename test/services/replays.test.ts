// Something is told again while it is under way: what was begun before a replay, or by a call that is repeated, neither counts for what
// was begun after it nor is overtaken by it.
import { sql } from 'drizzle-orm'
import { afterEach, expect, it } from 'vitest'
import { deleteWebhook, replayWebhook, saveWebhook, testWebhook } from '../../server/services/webhooks.ts'
import { findAttempt, healthOf } from '../../server/store/webhook-log.ts'
import { headOfLog } from '../../server/store/webhooks.ts'
import { minutes, startServices } from '../helpers/services.ts'
import { startPartner, startReceiver } from './webhook-receiver.ts'

const services = await startServices()
const { db, companyId, time } = services
const { app, appOf, deliveriesOf, sealAll, tell } = await startPartner(services)
const adam = await services.as('adam')
const receiver = await startReceiver()
const mine = deliveriesOf(app)

const [customer] = await db.execute<{ id: string; account: string }>(
  sql`select id, account from customers where company_id = ${companyId} order by account limit 1`,
)
const { id: customerId, account } = customer!

let webhookId = ''
const begin = async (): Promise<void> => {
  const input = { company: 'USMF', name: 'Partner', url: receiver.url, types: ['CommentAdded' as const], active: true }
  webhookId = (await saveWebhook(app, adam, input)).webhookId
  await sealAll()
}
afterEach(async () => {
  await deleteWebhook(app, adam, { companyId, webhookId })
  await sealAll()
  receiver.messages.length = 0
  receiver.answer = () => 200
})

/** One more event of the customer; answers its position. */
const comment = async (): Promise<number> => {
  await tell([{ type: 'CommentAdded', customerId, data: {} }])
  return headOfLog(db, companyId)
}
const settle = async (deliveries = mine): Promise<void> => {
  await deliveries.run()
  await deliveries.idle()
}
const told = (): number[] => receiver.taken().get(account) ?? []
const replay = (fromPosition: number | null) =>
  replayWebhook(app, adam, { companyId, webhookId, fromPosition: fromPosition === null ? null : String(fromPosition) })

/** A process of its own whose requests wait until they are let go. */
const stalled = () => {
  const { promise: asked, resolve: ask } = Promise.withResolvers<void>()
  const { promise: gate, resolve: go } = Promise.withResolvers<void>()
  const own = appOf(services.another().app)
  const sender: typeof own.sender = {
    ...own.sender,
    async send(outgoing) {
      ask()
      await gate
      return own.sender.send(outgoing)
    },
  }
  const stalling = { ...own, sender }
  return { app: stalling, deliveries: deliveriesOf(stalling), asked, go }
}

it('what is told again from a position on waits until what is under way of the same customer has ended', async () => {
  await begin()
  const slow = stalled()
  const first = await comment()
  await slow.deliveries.run()
  await slow.asked
  const second = await comment()
  await replay(first)
  await settle()
  expect(told()).toEqual([])
  slow.go()
  await slow.deliveries.idle()
  // At once, not only when the lease of what was under way is over.
  await settle()
  expect(told()).toEqual([first, first, second])
  expect(await healthOf(db, companyId, webhookId)).toMatchObject({ pending: 0, dead: 0 })
})

it('what was begun before a replay does not end what was begun after it, though both are a first try', async () => {
  await begin()
  const [old, fresh] = [stalled(), stalled()]
  const first = await comment()
  const second = await comment()
  await old.deliveries.run()
  await old.asked
  await replay(first)
  // The process is taken for dead.
  time.ahead += minutes(1)
  await fresh.deliveries.run()
  await fresh.asked
  old.go()
  await old.deliveries.idle()
  await settle()
  expect(told()).toEqual([first])
  receiver.answer = () => 500
  fresh.go()
  await fresh.deliveries.idle()
  expect(await healthOf(db, companyId, webhookId)).toMatchObject({ pending: 2 })
  receiver.answer = () => 200
  time.ahead += minutes(1)
  await settle()
  expect(told()).toEqual([first, first, second])
})

it('what was given up is told again when what is under way of the same customer has ended', async () => {
  await begin()
  const first = await comment()
  receiver.answer = () => 500
  await settle()
  await db.execute(sql`update webhook_deliveries set status = 'DEAD', ended_at = now() where webhook_id = ${webhookId}`)
  receiver.answer = () => 200
  const slow = stalled()
  const second = await comment()
  await slow.deliveries.run()
  await slow.asked
  await replay(null)
  const third = await comment()
  await settle()
  expect(told()).toEqual([])
  slow.go()
  await slow.deliveries.idle()
  await settle()
  expect(told()).toEqual([second, first, third])
})

it('a trial that is repeated while it is under way answers what came of it, and sends nothing of its own', async () => {
  await begin()
  const slow = stalled()
  const input = { companyId, webhookId, idempotencyKey: 'once' }
  const first = testWebhook(slow.app, adam, input)
  await slow.asked
  let looks = 0
  const clock = (): Date => {
    if (++looks > 2) slow.go()
    return app.clock()
  }
  const { attemptId } = await testWebhook({ ...app, clock }, adam, input)
  expect(await findAttempt(db, companyId, attemptId)).toMatchObject({ status: 200 })
  expect((await first).attemptId).toBe(attemptId)
  expect(receiver.messages).toHaveLength(1)
})

it('a trial whose process died is made by who repeats it, as the same message', async () => {
  await begin()
  const dead = stalled()
  const input = { companyId, webhookId, idempotencyKey: 'died' }
  const never = testWebhook(dead.app, adam, input)
  await dead.asked
  time.ahead += minutes(1)
  const { attemptId } = await testWebhook(app, adam, input)
  expect(await findAttempt(db, companyId, attemptId)).toMatchObject({ status: 200 })
  // It was only slow: what was noted first stays.
  receiver.answer = () => 500
  dead.go()
  expect((await never).attemptId).toBe(attemptId)
  expect(await findAttempt(db, companyId, attemptId)).toMatchObject({ status: 200 })
  expect(receiver.messages.map(({ headers }) => headers['webhook-id'])).toEqual(Array(2).fill(`test_${attemptId}`))
})
