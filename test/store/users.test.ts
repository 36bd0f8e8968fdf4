import { describe, expect, it } from 'vitest'
import type { Tx } from '../../server/db/connect.ts'
import { findApiKey, insertApiKey, saveKeyUse, saveRevocation } from '../../server/store/api-keys.ts'
import { newId } from '../../server/store/ids.ts'
import { saveMember } from '../../server/store/members.ts'
import {
  bindSubject,
  findUser,
  findUsers,
  insertUser,
  inviteUser,
  membershipsOf,
  signInByKeyHash,
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
    const [id, hash, created] = [newId(), 'ab'.repeat(32), '2026-11-22T11:00:00.000Z']
    const key = { id, userId: world.partner, hash, name: 'One', hint: 'abcd', createdById: null, createdAt: created }
    const told = (tx: Tx, keyId: string) =>
      append(tx, world, { type: 'KeyChanged', data: { keyId, userId: world.partner } })
    await db.transaction(async (tx) => {
      const open = { lastUsedAt: null, revokedAt: null, revokedById: null }
      await insertApiKey(tx, world.companyId, { ...key, ...open, expiresAt: '2027-11-22T11:00:00.000Z' })
      await told(tx, id)
    })
    expect(await signInByKeyHash(db, hash)).toEqual({
      keyId: id,
      expiresAt: '2027-11-22T11:00:00.000Z',
      lastUsedAt: null,
      user: expect.objectContaining({ id: world.partner, kind: 'SERVICE' }) as unknown,
      companyId: world.companyId,
      membership: (await membershipsOf(db, world.partner))[0],
    })
    expect(await signInByKeyHash(db, 'cd'.repeat(32))).toBeNull()
    const member = (active: boolean) =>
      db.transaction(async (tx) => {
        const userId = world.partner
        await saveMember(tx, world.companyId, { userId, roles: ['INTEGRATION'], managerId: null, active })
        await append(tx, world, { type: 'MembershipChanged', data: { userId } })
      })
    await member(false)
    expect(await signInByKeyHash(db, hash)).toBeNull()
    await member(true)
    expect(await signInByKeyHash(db, hash)).not.toBeNull()
    await db.transaction(async (tx) => {
      const revokedAt = '2026-11-22T12:00:00.000Z'
      await saveRevocation(tx, world.companyId, { id, revokedAt, revokedById: world.clara })
      await told(tx, id)
    })
    expect(await signInByKeyHash(db, hash)).toBeNull()
  })

  it('remembers its last use, and no earlier one that is told of later', async () => {
    const [id, hash] = [newId(), 'ef'.repeat(32)]
    await db.transaction(async (tx) => {
      const open = { expiresAt: null, lastUsedAt: null, revokedAt: null, revokedById: null }
      const made = { name: 'Two', hint: 'ef', createdById: world.clara, createdAt: '2026-11-22T11:00:00.000Z' }
      await insertApiKey(tx, world.companyId, { id, userId: world.partner, hash, ...made, ...open })
      await append(tx, world, { type: 'KeyChanged', data: { keyId: id, userId: world.partner } })
    })
    for (const at of ['2026-11-22T12:01:00.000Z', '2026-11-22T12:00:00.000Z'])
      await saveKeyUse(db, world.companyId, id, at)
    expect(await findApiKey(db, world.companyId, id)).toMatchObject({ lastUsedAt: '2026-11-22T12:01:00.000Z' })
    expect(await findApiKey(db, newId(), id)).toBeNull()
  })
})
