// Keys of service accounts change only with their event (DOMAIN sections 2 and 12): raw SQL that would do it without a word.
import { sql, type SQL } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { newId } from '../../server/store/ids.ts'
import { append, at, connectTest, createWorld, refusalOf } from '../store/fixtures.ts'

const { db } = await connectTest()
const world = await createWorld(db)
const { companyId, partner, clara } = world

/** The refusal of a statement, alone or with the event of a key. */
const refusal = (statement: SQL, keyId?: string) =>
  refusalOf(db, async (tx) => {
    await tx.execute(statement)
    if (keyId !== undefined) await append(tx, world, { type: 'KeyChanged', data: { keyId, userId: partner } })
  })
const insert = (id: string) => sql`insert into api_keys (company_id, id, user_id, hash, created_by_id)
  values (${companyId}, ${id}, ${partner}, ${id}, ${clara})`

it('a key comes, changes its name or end, and is revoked only with the event of this very key', async () => {
  const id = newId()
  expect(await refusal(insert(id))).toBe('CS002')
  expect(await refusal(insert(id), newId())).toBe('CS002')
  expect(await refusal(insert(id), id)).toBeNull()
  for (const change of [
    sql`name = 'other'`,
    sql`expires_at = '2099-01-01'`,
    sql`expires_at = null`,
    sql`revoked_by_id = ${clara}`,
    sql`revoked_at = ${at}`,
  ]) {
    const update = sql`update api_keys set ${change} where id = ${id}`
    expect(await refusal(update)).toBe('CS002')
    expect(await refusal(update, newId())).toBe('CS002')
    expect(await refusal(update, id)).toBeNull()
  }
  // That it was used is no change, and a revocation is not taken back.
  expect(await refusal(sql`update api_keys set last_used_at = now() where id = ${id}`)).toBeNull()
  for (const undo of [sql`revoked_at = null`, sql`revoked_at = now()`, sql`revoked_by_id = ${partner}`])
    expect(await refusal(sql`update api_keys set ${undo} where id = ${id}`, id)).toBe('CS003')
})

it('a key keeps whose it is, what opens it and who made it, and is never deleted', async () => {
  const id = newId()
  expect(await refusal(insert(id), id)).toBeNull()
  for (const change of [
    sql`hash = 'other'`,
    sql`hint = 'abcd'`,
    sql`user_id = ${clara}`,
    sql`created_by_id = ${partner}`,
    sql`created_at = '2020-01-01'`,
    sql`id = gen_random_uuid()`,
  ])
    expect(await refusal(sql`update api_keys set ${change} where id = ${id}`, id)).toBe('CS003')
  expect(await refusal(sql`delete from api_keys where id = ${id}`, id)).toBe('CS003')
  expect(await refusal(sql`truncate api_keys`)).toBe('CS003')
})
