// What the gate lets through without approval: writes that the company allows to imports and integrations, each recorded and told of.
import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import type { Tx } from '../../server/db/connect.ts'
import type { Customer } from '../../server/domain/customer.ts'
import { insertDirectWrites, saveCustomer } from '../../server/store/customers.ts'
import { append, connectTest, createWorld, refusalOf, storedCustomer, type World } from '../store/fixtures.ts'

const { db } = await connectTest()
const world = await createWorld(db, { fields: ['creditLimit', 'cashDiscountBaseDays', 'bankAccounts.iban'] })
const refusal = (work: (tx: Tx) => Promise<unknown>) => refusalOf(db, work)

describe('a write without approval', () => {
  const direct = async (where: World, event = true) => {
    const customer = await storedCustomer(db, where)
    const updated = { type: 'CustomerUpdated', customerId: customer.id, data: {} } as const
    if (!event) await db.transaction((tx) => append(tx, where, updated))
    return refusal(async (tx) => {
      await saveCustomer(tx, customer, { ...customer, version: 2, values: { ...customer.values, creditLimit: '1.00' } })
      await insertDirectWrites(tx, [
        {
          companyId: where.companyId,
          customerId: customer.id,
          actorId: where.partner,
          kind: 'INTEGRATION',
        },
      ])
      if (event) await append(tx, where, updated)
    })
  }

  it('passes where the entity behaviour allows it, recorded and with its event', async () => {
    const open = await createWorld(db, {
      fields: ['creditLimit'],
      parameters: { entityBehavior: 'ALLOW_WITHOUT_APPROVAL' },
    })
    expect(await direct(open)).toBeNull()
    expect(await direct(open, false)).toBe('CS001')
    expect(await direct(world)).toBe('CS001')
    // What an earlier transaction recorded frees no later one, not even with an event of its own.
    const customer = await storedCustomer(db, open)
    const { companyId, partner } = open
    const write = { companyId, customerId: customer.id, actorId: partner, kind: 'IMPORT' } as const
    await db.transaction((tx) => insertDirectWrites(tx, [write]))
    expect(
      await refusal(async (tx) => {
        await tx.execute(sql`update customers set credit_limit = 2 where id = ${customer.id}`)
        await append(tx, open, { type: 'CustomerUpdated', customerId: customer.id, data: {} })
      }),
    ).toBe('CS001')
  })

  it('is found by key, also on a connection that has first looked when hardly any was there', async () => {
    const open = await createWorld(db, {
      fields: ['creditLimit'],
      parameters: { entityBehavior: 'ALLOW_WITHOUT_APPROVAL' },
    })
    const some = async (count: number) => {
      const all = []
      for (let n = 0; n < count; n++) all.push(await storedCustomer(db, open))
      return all
    }
    const write = async (tx: Tx, customers: readonly Customer[]) => {
      const { companyId, partner: actorId } = open
      await insertDirectWrites(
        tx,
        customers.map(({ id: customerId }) => ({ companyId, customerId, actorId, kind: 'IMPORT' })),
      )
      for (const customer of customers) {
        await saveCustomer(tx, customer, {
          ...customer,
          version: 2,
          values: { ...customer.values, creditLimit: '3.00' },
        })
        await append(tx, open, { type: 'CustomerUpdated', customerId: customer.id, data: {} })
      }
      await tx.execute(sql`set constraints all immediate`)
      await tx.execute(sql`set constraints all deferred`)
    }
    const few = await some(12)
    const many = await some(50)
    await db.execute(sql`vacuum analyze direct_writes`)
    const read = await db.transaction(async (tx) => {
      // More often than PostgreSQL plans anew for each call.
      await write(tx, few)
      await write(tx, many)
      const [row] = await tx.execute<{ read: number }>(
        sql`select pg_stat_get_xact_tuples_returned('direct_writes'::regclass)::int as read`,
      )
      return row?.read
    })
    expect(read).toBe(0)
  })
})
