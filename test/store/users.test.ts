import { describe, expect, it } from 'vitest'
import { eq } from 'drizzle-orm'
import { apiKeys } from '../../server/db/tables/companies.ts'
import { newId } from '../../server/store/ids.ts'
import { saveMember } from '../../server/store/members.ts'
import {
  bindSubject,
  findUser,
  findUsers,
  insertUser,
  inviteUser,
  membershipsOf,
  saveApiKey,
  userByApiKeyHash,
  userBySubject,
} from '../../server/store/users.ts'
import { append, connectTest, createWorld } from './fixtures.ts'

const { db } = await connectTest()
const world = await createWorld(db)
const issuer = 'https://issuer.example'

describe('a user', () => {
  it('is found by id and by the subject of an issuer', async () => {
    const user = { id: newId(), kind: 'PERSON' as const, name: 'Ann', email: 'ann@example.com', responsibleId: null }
    await db.transaction((tx) => insertUser(tx, { ...user, signIn: { issuer, subject: 'ann' } }))
    expect(await findUser(db, user.id)).toEqual(user)
    expect(await findUser(db, newId())).toBeNull()
    expect([...(await findUsers(db, [user.id, newId(), user.id])).values()]).toEqual([user])
    expect(await userBySubject(db, issuer, 'ann')).toEqual(user)
    expect(await userBySubject(db, 'https://other.example', 'ann')).toBeNull()
    const twin = { ...user, id: newId(), signIn: { issuer, subject: 'other' } }
    await expect(db.transaction((tx) => insertUser(tx, twin))).rejects.toMatchObject({
      code: 'ALREADY_EXISTS',
      at: ['email'],
    })
    const double = { ...user, id: newId(), email: null, signIn: { issuer, subject: 'ann' } }
    await expect(db.transaction((tx) => insertUser(tx, double))).rejects.toMatchObject({ code: 'ALREADY_EXISTS' })
  })

  it('is a member of companies', async () => {
    const [membership] = await membershipsOf(db, world.clara)
    expect(membership).toMatchObject({ companyId: world.companyId, name: 'Contoso', roles: ['CLERK'], active: true })
    expect(await membershipsOf(db, newId())).toEqual([])
  })

  it('who was invited is tied to a subject at the first sign-in, once', async () => {
    const invite = () => db.transaction((tx) => inviteUser(tx, { email: 'Bob@example.com', name: 'Bob' }))
    const bob = await invite()
    expect((await invite()).id).toBe(bob.id)
    expect(await bindSubject(db, { issuer, subject: 'stranger', email: 'stranger@example.com' })).toBeNull()
    expect(await bindSubject(db, { issuer, subject: 'bob', email: 'bob@EXAMPLE.com' })).toEqual(bob)
    expect(await userBySubject(db, issuer, 'bob')).toEqual(bob)
    expect(await bindSubject(db, { issuer, subject: 'mallory', email: 'bob@example.com' })).toBeNull()
  })
})

describe('an API key', () => {
  it('opens its one company for as long as it and the membership last', async () => {
    const [id, hash] = [newId(), 'ab'.repeat(32)]
    await db.transaction((tx) => saveApiKey(tx, world.companyId, { id, userId: world.partner, hash }))
    expect(await userByApiKeyHash(db, hash)).toMatchObject({
      user: { id: world.partner, kind: 'SERVICE' },
      companyId: world.companyId,
    })
    expect(await userByApiKeyHash(db, 'cd'.repeat(32))).toBeNull()
    const member = (active: boolean) =>
      db.transaction(async (tx) => {
        const userId = world.partner
        await saveMember(tx, world.companyId, { userId, roles: ['INTEGRATION'], managerId: null, active })
        await append(tx, world, { type: 'MembershipChanged', data: { userId } })
      })
    await member(false)
    expect(await userByApiKeyHash(db, hash)).toBeNull()
    await member(true)
    expect(await userByApiKeyHash(db, hash)).not.toBeNull()
    await db.update(apiKeys).set({ revokedAt: '2026-11-22T12:00:00.000Z' }).where(eq(apiKeys.id, id))
    expect(await userByApiKeyHash(db, hash)).toBeNull()
  })
})
