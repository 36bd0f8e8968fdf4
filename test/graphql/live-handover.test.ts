// The live queue of everybody concerned when an item goes from one to another: claimed, released, moved, delegated, reassigned,
// escalated, and when queues themselves change.
import { describe, expect, test } from 'vitest'
import { startTestApp } from '../helpers/app.ts'
import { settled, type Stream } from '../helpers/live.ts'
import type { QueueMessage } from './live-commands.ts'
import { asks, queueWorldOf, type Listed } from './queue-world.ts'

const app = await startTestApp()
await settled(app)
const world = await queueWorldOf(app)
const { ids, must, run, sql, workflowFor, queueOf, propose, itemOf, opened, arrival, departure, queueAccounts } = world
const desk = await queueOf('Desk', ['cora', 'carl'])
const counter = await queueOf('Counter', ['tess'])

let next = 20
const account = (): string => `US-0${(next += 1)}`
/** A proposal that asks the queue; the streams have the item when this answers. */
const inQueue = async (...streams: Stream[]): Promise<Listed> => {
  const about = account()
  await workflowFor(about, asks({ queue: 'Desk' }))
  await propose(about)
  for (const stream of streams) await arrival(stream, about)
  return itemOf('carl', about)
}
const ofUsers = async (...users: (keyof typeof ids)[]): Promise<string> => {
  const about = account()
  await workflowFor(about, asks({ users: users.map((user) => ids[user]) }))
  await propose(about)
  return about
}
const stopAll = (...streams: Stream[]): Promise<unknown> => Promise.all(streams.map((stream) => stream.stop()))

describe('an item of a queue', () => {
  test('leaves the other members when one claims it, and comes again when it is released', async () => {
    const [cora, carl, tess] = await Promise.all([opened('cora'), opened('carl'), opened('tess')])
    const item = await inQueue(cora, carl)
    await must('cora', 'claim', { workItemId: item.id })
    const removal = await departure(carl, item)
    expect(removal).toMatchObject({ reason: 'CLAIMED_BY_OTHER', by: { name: 'Cora Novak' }, outcome: null })
    expect(removal.version).toBeGreaterThan(item.version)
    expect(removal.totalCount).toBe((await queueAccounts('carl')).length)
    expect((await arrival(cora, item.account)).version).toBe(removal.version)
    await must('cora', 'release', { workItemId: item.id })
    const again = await arrival(carl, item.account)
    expect(again.version).toBeGreaterThan(removal.version)
    expect((await arrival(cora, item.account)).version).toBe(again.version)
    expect(tess.waiting()).toEqual([])
    await stopAll(cora, carl, tess)
  })

  test('stays with one of two who claim it at the same instant, and leaves the other', async () => {
    const [cora, carl] = await Promise.all([opened('cora'), opened('carl')])
    const item = await inQueue(cora, carl)
    const results = await Promise.all(['cora', 'carl'].map((user) => run(user, 'claim', { workItemId: item.id })))
    expect(results.map(({ code }) => code ?? 'taken').sort()).toEqual(['WRONG_STATE', 'taken'])
    const [winner, loser] = results[0]?.code === undefined ? [cora, carl] : [carl, cora]
    expect((await departure(loser, item)).reason).toBe('CLAIMED_BY_OTHER')
    expect((await arrival(winner, item.account)).id).toBe(item.id)
    await stopAll(cora, carl)
  })

  test('leaves for another queue: MOVED, and enters that of its members', async () => {
    const [cora, carl, tess] = await Promise.all([opened('cora'), opened('carl'), opened('tess')])
    const [unclaimed, claimed] = [await inQueue(cora, carl), await inQueue(cora, carl)]
    await must('carl', 'moveToQueue', { workItemId: unclaimed.id, queueId: counter })
    expect(await departure(cora, unclaimed)).toMatchObject({ reason: 'MOVED', by: { name: 'Carl Okafor' } })
    expect((await departure(carl, unclaimed)).reason).toBe('MOVED')
    expect((await arrival(tess, unclaimed.account)).id).toBe(unclaimed.id)
    await must('carl', 'claim', { workItemId: claimed.id })
    await must('carl', 'moveToQueue', { workItemId: claimed.id, queueId: counter })
    expect((await departure(carl, claimed)).reason).toBe('MOVED')
    await arrival(tess, claimed.account)
    await stopAll(cora, carl, tess)
  })

  test('leaves all members when an administrator gives it to somebody, and when it is taken back', async () => {
    const [cora, carl, olga] = await Promise.all([opened('cora'), opened('carl'), opened('olga')])
    const [given, taken] = [await inQueue(cora, carl), await inQueue(cora, carl)]
    await must('adam', 'reassign', { workItemId: given.id, to: ids.olga })
    for (const stream of [cora, carl])
      expect(await departure(stream, given)).toMatchObject({ reason: 'REASSIGNED', by: {} })
    await arrival(olga, given.account)
    const { proposal } = await world.customerOf('clara', taken.account, 'proposal { id }')
    await must('clara', 'recallProposal', { proposalId: (proposal as { id: string }).id, comment: 'Not yet.' })
    for (const stream of [cora, carl]) expect((await departure(stream, taken)).reason).toBe('WITHDRAWN')
    await stopAll(cora, carl, olga)
  })

  test('is told to those of the scope alone: FILTER when it is no longer in it', async () => {
    const [mine, queues, away] = await Promise.all([
      opened('cora', { scope: ['MINE'] }),
      opened('cora', { scope: ['QUEUES'] }),
      opened('cora', { scope: ['STANDING_IN'] }),
    ])
    const item = await inQueue(queues)
    expect(mine.waiting()).toEqual([])
    await must('cora', 'claim', { workItemId: item.id })
    await arrival(mine, item.account)
    expect((await departure(queues, item)).reason).toBe('FILTER')
    await must('cora', 'release', { workItemId: item.id })
    expect(await departure(mine, item)).toMatchObject({ reason: 'FILTER', by: { name: 'Cora Novak' } })
    await arrival(queues, item.account)
    expect(away.waiting()).toEqual([])
    await stopAll(mine, queues, away)
  })
})

describe('a seat', () => {
  test('that is delegated leaves one and enters the other', async () => {
    const [tess, olga] = await Promise.all([opened('tess'), opened('olga')])
    const about = await ofUsers('tess')
    const item = await arrival(tess, about)
    await must('tess', 'delegate', { workItemId: item.id, to: ids.olga, comment: 'Yours.' })
    const removal = await departure(tess, item)
    expect(removal).toMatchObject({ reason: 'DELEGATED', outcome: null })
    expect((await arrival(olga, about)).version).toBe(removal.version)
    await stopAll(tess, olga)
  })

  test('that is reassigned leaves one and enters the other', async () => {
    const [tess, carl] = await Promise.all([opened('tess'), opened('carl')])
    const about = await ofUsers('tess')
    const item = await arrival(tess, about)
    await must('adam', 'reassign', { workItemId: item.id, to: ids.carl })
    expect((await departure(tess, item)).reason).toBe('REASSIGNED')
    await arrival(carl, about)
    await stopAll(tess, carl)
  })

  test('whose time runs out leaves for the next of the path, and then for the final action: ESCALATED', async () => {
    const [tess, carl, cora] = await Promise.all([opened('tess'), opened('carl'), opened('cora')])
    const about = account()
    const limit = { amount: 1, unit: 'HOURS' }
    await workflowFor(
      about,
      asks(
        { users: [ids.tess] },
        { timeLimit: limit, escalation: [{ to: { queue: 'Desk' }, timeLimit: limit }], finally: { verdict: 'REJECT' } },
      ),
    )
    await propose(about)
    const item = await arrival(tess, about)
    const pass = () => sql`
      with p as (select p.* from proposals p join customers c on c.id = p.customer_id where c.account = ${about}),
      r as (update runs set steps = jsonb_set(steps, '{elements.0.steps.0,dueAt}', '"2026-01-01T00:00:00.000Z"')
        where proposal_id in (select id from p))
      update proposals set due_at = '2026-01-01T00:00:00Z' where id in (select id from p)`
    await pass()
    const removal = await departure(tess, item)
    expect(removal).toMatchObject({ reason: 'ESCALATED', by: null, outcome: null })
    const [one, other] = [await arrival(carl, about), await arrival(cora, about)]
    await pass()
    for (const [stream, escalated] of [
      [carl, one],
      [cora, other],
    ] as const)
      expect(await departure(stream, escalated)).toMatchObject({ reason: 'ESCALATED', by: null, outcome: 'REJECTED' })
    await stopAll(tess, carl, cora)
  })

  test('that is overdue leaves who wants what has time left, and enters who wants what has none', async () => {
    const [timely, late] = await Promise.all([opened('tess', { overdue: false }), opened('tess', { overdue: true })])
    const about = account()
    await workflowFor(about, asks({ users: [ids.tess] }, { timeLimit: { amount: 1, unit: 'HOURS' } }))
    await propose(about)
    const item = await arrival(timely, about)
    expect(late.waiting()).toEqual([])
    await sql`
      with p as (select p.* from proposals p join customers c on c.id = p.customer_id where c.account = ${about}),
      i as (update work_items set due_at = '2026-01-01T00:00:00Z' where proposal_id in (select id from p)),
      r as (update runs set steps = jsonb_set(steps, '{elements.0.steps.0,dueAt}', '"2026-01-01T00:00:00.000Z"')
        where proposal_id in (select id from p))
      update proposals set due_at = '2026-01-01T00:00:00Z' where id in (select id from p)`
    await arrival(late, about)
    const removal = await departure(timely, item)
    expect(removal).toMatchObject({ reason: 'FILTER', by: null, outcome: null })
    expect(removal.version).toBeGreaterThan(item.version)
    await stopAll(timely, late)
  })
})

describe('the members of a queue', () => {
  test('who come get what lies in it, and hear of what comes; who go lose it', async () => {
    const [mia, cora] = await Promise.all([opened('mia'), opened('cora')])
    const old = await inQueue(cora)
    expect(mia.waiting()).toEqual([])
    await queueOf('Desk', ['cora', 'carl', 'mia'], desk)
    await arrival(mia, old.account)
    const item = await inQueue(mia, cora)
    await queueOf('Desk', ['cora', 'carl'], desk)
    const removal = await departure(mia, item)
    expect(removal).toMatchObject({ reason: 'ACCESS_LOST' })
    expect(removal.version).toBeGreaterThan(item.version)
    expect(removal.totalCount).toBe((await queueAccounts('mia')).length)
    const later = await inQueue(cora)
    await must('cora', 'claim', { workItemId: later.id })
    const marker = await ofUsers('mia')
    for (;;) {
      const { upserts = [], removed = [] } = await mia.next<QueueMessage>()
      expect([...upserts, ...removed].map(({ id }) => id)).not.toContain(later.id)
      if (upserts.some(({ proposal }) => proposal.customer.account === marker)) break
    }
    await stopAll(mia, cora)
  })
})

describe('who was away from the stream', () => {
  /** A cursor of carl's behind the arrival of an item, and the item. */
  const leftWith = async (): Promise<{ item: Listed; cursor: string }> => {
    const carl = await opened('carl')
    const about = account()
    await workflowFor(about, asks({ queue: 'Desk' }))
    await propose(about)
    const { cursor } = await arrival(carl, about)
    await carl.stop()
    return { item: await itemOf('carl', about), cursor }
  }

  test('hears of what was claimed, moved and released meanwhile', async () => {
    const { item, cursor } = await leftWith()
    const moved = await inQueue()
    await must('cora', 'claim', { workItemId: item.id })
    await must('cora', 'moveToQueue', { workItemId: moved.id, queueId: counter })
    const carl = await opened('carl', null, cursor)
    expect(await departure(carl, item)).toMatchObject({ reason: 'CLAIMED_BY_OTHER', by: { name: 'Cora Novak' } })
    await must('cora', 'release', { workItemId: item.id })
    await arrival(carl, item.account)
    await carl.stop()
  })

  test('loses what was claimed in a queue that they were taken out of since', async () => {
    const { item, cursor } = await leftWith()
    const { item: left } = await leftWith()
    await queueOf('Desk', ['cora'], desk)
    await must('cora', 'claim', { workItemId: item.id })
    await settled(app)
    const carl = await opened('carl', null, cursor)
    expect((await departure(carl, item)).reason).toBe('CLAIMED_BY_OTHER')
    await carl.stop()
    const again = await opened('carl', null, cursor)
    expect((await departure(again, left)).reason).toBe('ACCESS_LOST')
    await again.stop()
    await queueOf('Desk', ['cora', 'carl'], desk)
    const back = await opened('carl', null, cursor)
    await arrival(back, left.account)
    await back.stop()
  })
})
