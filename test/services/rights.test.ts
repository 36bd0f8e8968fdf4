import { beforeEach, expect, test, vi } from 'vitest'
import type { Reader } from '../../server/db/connect.ts'
import type { Role } from '../../server/domain/directory.ts'
import type { LoggedEvent } from '../../server/domain/log.ts'
import { createRights, type Follower } from '../../server/services/rights.ts'
import type { MembershipOfUser } from '../../server/store/users.ts'
import { sealed, turn } from '../live/sealed.ts'

type Found = Map<string, MembershipOfUser[]>
type Reading = { readonly userIds: readonly string[]; answer(): void; fail(): void }

/** The database: who has which role, and readings that the test may hold up. A reading sees what is there when it begins. */
const database = vi.hoisted(() => ({ roles: new Map<string, Role[]>(), readings: [] as Reading[], hold: false }))
vi.mock('../../server/store/users.ts', () => ({
  membershipsOfMany: (_reader: Reader, userIds: readonly string[]): Promise<Found> => {
    const membership = (roles: Role[]) => ({
      companyId: 'c',
      code: 'C',
      name: 'C',
      active: true,
      setupVersion: 1,
      roles,
    })
    const found: Found = new Map(
      userIds.flatMap((id) => {
        const roles = database.roles.get(id)
        return roles === undefined ? [] : [[id, [membership(roles)]] as const]
      }),
    )
    const { promise, resolve, reject } = Promise.withResolvers<Found>()
    const reading = { userIds, answer: () => resolve(found), fail: () => reject(new Error('out of reach')) }
    database.readings.push(reading)
    if (!database.hold) reading.answer()
    return promise
  },
}))

let now = 0
beforeEach(() => {
  now = 1_000_000
  Object.assign(database, {
    roles: new Map([
      ['u1', ['CLERK']],
      ['u2', ['READER']],
    ]),
    readings: [],
    hold: false,
  })
})
const rightsOf = () => createRights({} as Reader, () => new Date(now))
const follower = (id: string): Follower => ({
  user: { user: { id, kind: 'PERSON', name: id, email: null, responsibleId: null }, companyId: null },
  expiresAt: null,
})
const rolesOf = ({ memberships }: { memberships: ReadonlyMap<string, { roles: readonly Role[] }> }) =>
  memberships.get('c')?.roles ?? null
const changed = (userId: string, type: LoggedEvent['type'] = 'MembershipChanged') =>
  sealed(1, { type, data: { userId } })
const asked = (): (readonly string[])[] => database.readings.map(({ userIds }) => userIds)

test('many are read with one statement, each once, and those who are known not again', async () => {
  const rights = rightsOf()
  const [one, two] = [follower('u1'), follower('u2')]
  expect(rolesOf(await rights.of(one))).toEqual(['CLERK'])
  const viewers = await rights.ofAll([two, one, follower('u3'), two, follower('u2')])
  expect(viewers.map(rolesOf)).toEqual([['READER'], ['CLERK'], null, ['READER'], ['READER']])
  expect(asked()).toEqual([['u1'], ['u2', 'u3']])
  // At once, without waiting, and the same object for who follows: nothing is made anew for nothing.
  const again = rights.ofAll([two, one])
  expect(again).not.toBeInstanceOf(Promise)
  expect((again as typeof viewers)[0]).toBe(viewers[0])
  expect(asked()).toHaveLength(2)
})

test('many who ask at the same time share a reading', async () => {
  const rights = rightsOf()
  database.hold = true
  const asking = [rights.of(follower('u1')), rights.of(follower('u1')), rights.of(follower('u1'))]
  await turn()
  expect(asked()).toEqual([['u1']])
  database.readings[0]?.answer()
  expect((await Promise.all(asking)).map(rolesOf)).toEqual([['CLERK'], ['CLERK'], ['CLERK']])
})

test.each(['MembershipChanged', 'UserDeactivated', 'KeyChanged'] as const)(
  'who is named by a %s is read again, and nobody else',
  async (type) => {
    const rights = rightsOf()
    const followers = [follower('u1'), follower('u2')]
    await rights.ofAll(followers)
    database.roles.set('u1', ['READER', 'CLERK'])
    rights.heard([changed('u1', type)])
    const viewers = await rights.ofAll(followers)
    expect(viewers.map(rolesOf)).toEqual([['READER', 'CLERK'], ['READER']])
    expect(asked()).toEqual([['u1', 'u2'], ['u1']])
  },
)

test('nothing else that is heard makes them be read again', async () => {
  const rights = rightsOf()
  const told = vi.fn()
  rights.watch(told)
  await rights.of(follower('u1'))
  rights.heard([
    changed('u1', 'CommentAdded'),
    changed('u1', 'WorkItemAssigned'),
    sealed(2, { type: 'MembershipChanged' }),
  ])
  await rights.of(follower('u1'))
  expect(asked()).toHaveLength(1)
  expect(told).not.toHaveBeenCalled()
})

test('who watches is told who is meant, when they are no longer known as they were', async () => {
  const rights = rightsOf()
  const seen: unknown[] = []
  await rights.of(follower('u1'))
  rights.watch((userIds) => void rights.of(follower('u1')).then((viewer) => seen.push([...userIds], rolesOf(viewer))))
  database.roles.delete('u1')
  rights.heard([changed('u1'), changed('u2', 'UserDeactivated'), changed('u1')])
  await turn()
  expect(seen).toEqual([['u1', 'u2'], null])
})

test('a reading that is under way when the change is heard is not kept, however late it ends', async () => {
  const rights = rightsOf()
  database.hold = true
  const before = rights.of(follower('u1'))
  await turn()
  database.roles.set('u1', ['READER'])
  rights.heard([changed('u1')])
  const after = rights.of(follower('u1'))
  await turn()
  database.readings[1]?.answer()
  expect(rolesOf(await after)).toEqual(['READER'])
  database.readings[0]?.answer()
  await before
  await turn()
  expect(rolesOf(await rights.of(follower('u1')))).toEqual(['READER'])
  expect(asked()).toHaveLength(2)
})

test('nor is it kept when nobody has asked since', async () => {
  const rights = rightsOf()
  database.hold = true
  const before = rights.of(follower('u1'))
  await turn()
  database.roles.set('u1', ['READER'])
  rights.heard([changed('u1')])
  database.readings[0]?.answer()
  await before
  database.hold = false
  expect(rolesOf(await rights.of(follower('u1')))).toEqual(['READER'])
})

test('a reading that fails is told to who waits for it and is not kept', async () => {
  const rights = rightsOf()
  database.hold = true
  const asking = [rights.of(follower('u1')), rights.of(follower('u1'))]
  await turn()
  database.readings[0]?.fail()
  for (const each of await Promise.allSettled(asking)) expect(each.status).toBe('rejected')
  database.hold = false
  expect(rolesOf(await rights.of(follower('u1')))).toEqual(['CLERK'])
})

test('what was changed behind the log is seen after a minute', async () => {
  const rights = rightsOf()
  await rights.of(follower('u1'))
  database.roles.set('u1', ['READER'])
  now += 59_999
  expect(rolesOf(await rights.of(follower('u1')))).toEqual(['CLERK'])
  now += 1
  expect(rolesOf(await rights.of(follower('u1')))).toEqual(['READER'])
  expect(asked()).toHaveLength(2)
})

test('who is asked for afresh is read again at once, for others who ask as well', async () => {
  const rights = rightsOf()
  await rights.of(follower('u1'))
  database.roles.set('u1', ['READER'])
  expect(rolesOf(await rights.fresh(follower('u1')))).toEqual(['READER'])
  expect(rolesOf(await rights.of(follower('u1')))).toEqual(['READER'])
  expect(asked()).toHaveLength(2)
})
