import { describe, expect, it } from 'vitest'
import { sql } from 'drizzle-orm'
import { connect } from '../../server/db/connect.ts'
import { migrate } from '../../server/db/migrate.ts'
import { instant } from '../../server/db/tables/columns.ts'
import { pgTable } from 'drizzle-orm/pg-core'
import { connectTest } from '../store/fixtures.ts'
import { createTestDatabase } from '../helpers/postgres.ts'

describe('migrating', () => {
  it('brings an empty database to the schema, whoever of several processes comes first, and again without effect', async () => {
    const { url } = await createTestDatabase()
    const connection = connect(url)
    const { db } = connection
    await db.execute(sql`drop schema public cascade`)
    await db.execute(sql`drop schema drizzle cascade`)
    await db.execute(sql`create schema public`)
    await Promise.all([migrate(url), migrate(url), migrate(url)])
    await migrate(url)
    const [row] = await db.execute<{ tables: number }>(
      sql`select count(*)::int as tables from pg_tables where schemaname = 'public'`,
    )
    expect(row?.tables).toBeGreaterThan(20)
    await connection.close()
  })
})

describe('a point in time', () => {
  it.each([
    '2026-11-22T12:00:00.000Z',
    '2026-11-22T12:00:00.120Z',
    '2026-11-22T12:00:00.123456Z',
    '0999-01-01T00:00:00.000Z',
  ])('comes back as the same text: %s', async (text) => {
    const times = pgTable('times', { at: instant() })
    await db.transaction(async (tx) => {
      await tx.execute(sql`create temporary table times (at timestamptz) on commit drop`)
      await tx.insert(times).values({ at: text })
      expect(await tx.select().from(times)).toEqual([{ at: text }])
    })
  })
})

const { db } = await connectTest()
