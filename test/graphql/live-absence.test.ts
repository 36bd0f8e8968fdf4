// The live queues of who is away and of who stands in: when an absence begins and ends by the clock, when one is set or ended, over
// chains, for what comes meanwhile, and for whoever was not connected.
import { afterEach, describe, expect, test } from 'vitest'
import { startTestApp, until } from '../helpers/app.ts'
import { follow, settled, type Stream } from '../helpers/live.ts'
import { approvalQueue, type QueueMessage } from './live-commands.ts'
import { asks, queueWorldOf, type Listed, type Person } from './queue-world.ts'

let ahead = 0
const app = await startTestApp({ clock: () => new Date(Date.now() + ahead) })
await settled(app)
const world = await queueWorldOf(app)
const { ids, must, read, workflowFor, propose, itemOf, opened, arrival, departure, queueAccounts } = world
const minute = 60_000
const at = (minutes: number): string => new Date(Date.now() + ahead + minutes * minute).toISOString()

let next = 20
/** An item of somebody's, or of several. */
const itemFor = async (user: Person, more: readonly Person[] = [], author: Person = 'clara'): Promise<Listed> => {
  next += 1
  const about = `US-0${next}`
  const users = [user, ...more].map((each) => ids[each])
  await workflowFor(about, {
    approval: { name: 'Approval', steps: [{ name: 'Step', assign: [{ to: { users }, policy: 'ALL' }] }] },
  })
  await propose(about, author)
  return seatOf(user, about)
}
const seatOf = async (user: Person, about: string): Promise<Listed> => {
  const [item] = world.itemsOf((await world.companyItems('adam', { account: about, assignee: ids[user] }))!)
  if (item === undefined) throw new Error(`${user} is not asked about ${about}`)
  return item
}
const setAbsence = (user: Person, standIn: Person, from: string, until: string) =>
  must('adam', 'setAbsence', { company: 'USMF', userId: ids[user], standInId: ids[standIn], from, until })
const endAbsences = async (user: Person) => {
  const { node } = await read<{ node: { absences: { id: string }[] } }>(
    'adam',
    'query ($id: ID!) { node(id: $id) { ... on User { absences { id } } } }',
    { id: ids[user] },
  )
  for (const { id } of node.absences) await must('adam', 'endAbsence', { absenceId: id })
}
afterEach(async () => {
  for (const user of ['tess', 'olga', 'carl', 'mia'] as const) await endAbsences(user)
})
const stopAll = (...streams: Stream[]): Promise<unknown> => Promise.all(streams.map((stream) => stream.stop()))

describe('an absence', () => {
  test('that begins and ends by the clock moves items between both queues', async () => {
    const item = await itemFor('tess')
    const [tess, olga] = await Promise.all([opened('tess'), opened('olga')])
    await setAbsence('tess', 'olga', at(10), at(20))
    ahead += 11 * minute
    const removal = await departure(tess, item)
    expect(removal).toMatchObject({ reason: 'ABSENCE', outcome: null })
    expect(removal.version).toBeGreaterThan(item.version)
    expect(removal.totalCount).toBe((await queueAccounts('tess')).length)
    expect((await arrival(olga, item.account)).id).toBe(item.id)
    ahead += 11 * minute
    expect((await departure(olga, item)).reason).toBe('ABSENCE')
    expect((await arrival(tess, item.account)).id).toBe(item.id)
    await stopAll(tess, olga)
  })

  test('that is to begin later moves nothing yet', async () => {
    const item = await itemFor('tess')
    const [tess, olga] = await Promise.all([opened('tess'), opened('olga')])
    await setAbsence('tess', 'olga', at(60), at(90))
    const marker = await itemFor('olga')
    for (;;) {
      const { upserts = [], removed = [] } = await olga.next<QueueMessage>()
      expect([...upserts, ...removed].map(({ id }) => id)).not.toContain(item.id)
      if (upserts.some(({ id }) => id === marker.id)) break
    }
    expect(tess.waiting<QueueMessage>().flatMap(({ removed = [] }) => removed)).toEqual([])
    await stopAll(tess, olga)
  })

  test('sends what comes meanwhile to the stand-in, and what is answered there leaves', async () => {
    const [tess, olga] = await Promise.all([opened('tess'), opened('olga')])
    await setAbsence('tess', 'olga', at(-10), at(10))
    const item = await itemFor('tess')
    expect((await arrival(olga, item.account)).id).toBe(item.id)
    expect((await world.answer('olga', item.account)).code).toBeUndefined()
    expect(await departure(olga, item)).toMatchObject({ reason: 'DECIDED', outcome: 'APPROVED' })
    const upserted = tess.waiting<QueueMessage>().flatMap(({ upserts = [] }) => upserts.map(({ id }) => id))
    expect(upserted).not.toContain(item.id)
    await stopAll(tess, olga)
  })

  test('reaches the end of a chain, and whoever is in its middle keeps what is theirs', async () => {
    const item = await itemFor('tess')
    const [tess, olga, carl] = await Promise.all([opened('tess'), opened('olga'), opened('carl')])
    await setAbsence('tess', 'olga', at(-10), at(30))
    await arrival(olga, item.account)
    await setAbsence('olga', 'carl', at(-10), at(30))
    await arrival(carl, item.account)
    expect((await departure(olga, item)).reason).toBe('ABSENCE')
    const later = await itemFor('tess')
    await arrival(carl, later.account)
    await endAbsences('tess')
    expect((await departure(carl, item)).reason).toBe('ABSENCE')
    await arrival(tess, later.account)
    await stopAll(tess, olga, carl)
  })

  test('leaves an item where it is when the stand-in is asked in its step, also once they have handed that on', async () => {
    const item = await itemFor('tess', ['olga'])
    const [tess, olga] = await Promise.all([opened('tess'), opened('olga')])
    await setAbsence('tess', 'olga', at(-10), at(30))
    expect(await queueAccounts('tess')).toContain(item.account)
    await until('the log to tell of it', async () => {
      const waiting = await world.sql`select 1 from absences where began_at is null and "from" < ${at(0)}`
      return waiting.length === 0 ? true : undefined
    })
    // All that the absence itself has moved has been told by then.
    await arrival(tess, (await itemFor('tess', ['olga'])).account)
    const seat = await seatOf('olga', item.account)
    await must('adam', 'reassign', { workItemId: seat.id, to: ids.cora })
    await departure(olga, seat)
    const later = await itemFor('olga')
    const tells = ({ upserts = [], removed = [] }: QueueMessage) =>
      [...upserts, ...removed].some(({ id }) => id === item.id)
    await olga.until<QueueMessage>('a later item', (message) => {
      expect(tells(message)).toBe(false)
      return (message.upserts ?? []).some(({ id }) => id === later.id)
    })
    expect(await queueAccounts('tess')).toContain(item.account)
    expect(await queueAccounts('olga')).not.toContain(item.account)
    await stopAll(tess, olga)
  })
})

describe('who was not connected when it happened', () => {
  test('is told on resuming, of the begin and of the end', async () => {
    const first = await itemFor('tess')
    const before = async (user: Person): Promise<string> => {
      const marker = opened(user)
      const about = await itemFor(user)
      const stream = await marker
      const cursor = await stream.until<QueueMessage>('the marker', ({ upserts = [] }) =>
        upserts.some(({ proposal }) => proposal.customer.account === about.account),
      )
      await stream.stop()
      return cursor.cursor
    }
    const cursors = { tess: await before('tess'), olga: await before('olga') }
    await setAbsence('tess', 'olga', at(-10), at(30))
    const tess = await opened('tess', null, cursors.tess)
    expect((await departure(tess, first)).reason).toBe('ABSENCE')
    const olga = await opened('olga', null, cursors.olga)
    const { cursor } = await arrival(olga, first.account)
    await stopAll(tess, olga)
    const second = await itemFor('tess')
    await endAbsences('tess')
    // What was handed back and answered since is gone for good, what waits still is with its owner.
    expect((await world.answer('tess', first.account)).code).toBeUndefined()
    const again = await opened('olga', null, cursor)
    expect((await departure(again, first)).reason).toBe('DECIDED_BY_OTHER')
    const third = await opened('olga', null, cursor)
    expect((await departure(third, second)).reason).toBe('ABSENCE')
    await stopAll(again, third)
    expect(await itemOf('tess', second.account)).toMatchObject({ id: second.id })
  })
})

describe('a reader who applies what the stream says', () => {
  test('holds what the list holds, whatever has happened, connected or not', { timeout: 60_000 }, async () => {
    const desk = await world.queueOf('Desk', ['tess', 'carl'])
    const members: readonly Person[] = ['tess', 'carl', 'olga', 'cora']
    /** What a reader holds who goes on behind where they left, each with the version that they hold it at. */
    const readers = members.map((user) => ({ user, held: new Map<string, number>(), cursor: null as string | null }))
    const apply = (held: Map<string, number>, { items = [], upserts = [], removed = [] }: QueueMessage): void => {
      for (const { id, version } of [...items, ...upserts]) if (version >= (held.get(id) ?? 0)) held.set(id, version)
      for (const { id, version } of removed) if (version > (held.get(id) ?? Infinity)) held.delete(id)
    }
    const catchUp = async (reader: (typeof readers)[number]): Promise<void> => {
      const stream = await follow(app, reader.user, approvalQueue, { after: reader.cursor })
      const wanted = (await queueIds(reader.user)).sort()
      await until(`${reader.user} to hold ${String(wanted.length)}`, async () => {
        if (JSON.stringify([...reader.held.keys()].sort()) === JSON.stringify(wanted) && reader.cursor !== null)
          return true
        const message = await stream.next<QueueMessage>()
        expect(message.__typename).not.toBe('Resync')
        apply(reader.held, message)
        reader.cursor = message.cursor
        return undefined
      })
      await stream.stop()
    }
    const queueIds = async (user: string) =>
      world.itemsOf(await world.connection(user, 'first: 100')).map(({ id }) => id)
    const items = [await itemFor('tess'), await itemFor('carl'), await itemFor('tess', ['carl'])]
    for (let n = 0; n < 3; n++) {
      const about = `US-0${(next += 1)}`
      await workflowFor(about, asks({ queue: 'Desk' }))
      await propose(about)
      items.push(await itemOf('carl', about))
    }
    const [mine, , , one, two] = items.map(({ id }) => id)
    const steps: (() => Promise<unknown>)[] = [
      () => setAbsence('tess', 'olga', at(-10), at(60)),
      () => must('carl', 'claim', { workItemId: one }),
      () => setAbsence('carl', 'cora', at(-10), at(60)),
      () => world.queueOf('Desk', ['tess', 'cora'], desk),
      () => must('cora', 'claim', { workItemId: two }),
      () => setAbsence('olga', 'cora', at(-10), at(60)),
      () => must('cora', 'delegate', { workItemId: mine, to: ids.mia }),
      () => endAbsences('tess'),
      () => must('cora', 'release', { workItemId: two }),
      () => endAbsences('carl'),
      () => must('carl', 'release', { workItemId: one }),
      () => world.queueOf('Desk', ['tess', 'carl'], desk),
      () => endAbsences('olga'),
    ]
    for (const reader of readers) await catchUp(reader)
    for (const [n, step] of steps.entries()) {
      await step()
      // Each reader misses another part of it.
      for (const [m, reader] of readers.entries()) if (n % (m + 1) === 0) await catchUp(reader)
    }
    for (const reader of readers) await catchUp(reader)
  })
})
