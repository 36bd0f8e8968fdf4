// The database keeps the record of what happened, and lets nobody loosen what is governed in silence (DOMAIN 9 and 12).
import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import type { Tx } from '../../server/db/connect.ts'
import { initialParameters } from '../../server/domain/company.ts'
import { saveApprovalFields, saveParameters } from '../../server/store/companies.ts'
import { saveProposal } from '../../server/store/save-proposal.ts'
import {
  aChange,
  anApproval,
  append,
  aProposal,
  aRun,
  connectTest,
  createWorld,
  refusalOf,
  storedCustomer,
} from '../store/fixtures.ts'

const { db } = await connectTest()
const world = await createWorld(db, { fields: ['creditLimit'] })
const refusal = (work: (tx: Tx) => Promise<unknown>) => refusalOf(db, work)

describe('loosening what is governed', () => {
  it('needs its event in the same transaction', async () => {
    const { companyId } = await createWorld(db, { fields: ['creditLimit', 'name'] })
    const off = { ...initialParameters, enabled: false }
    const logged = { ...world, companyId }
    await db.transaction((tx) => append(tx, logged, { type: 'ParametersChanged', data: {} }))
    expect(await refusal((tx) => saveParameters(tx, companyId, off))).toBe('CS002')
    expect(await refusal((tx) => saveApprovalFields(tx, companyId, { enable: [], disable: ['name'] }))).toBe('CS002')
    expect(await refusal((tx) => saveApprovalFields(tx, companyId, { enable: ['phone'], disable: [] }))).toBeNull()
    expect(
      await refusal(async (tx) => {
        await saveApprovalFields(tx, companyId, { enable: [], disable: ['name'] })
        await saveParameters(tx, companyId, off)
        await append(
          tx,
          { ...world, companyId },
          { type: 'ParametersChanged', data: {} },
          { type: 'FieldApprovalChanged', data: {} },
        )
      }),
    ).toBeNull()
  })
})

describe('the record of what happened', () => {
  it('keeps decisions as they were given', async () => {
    const customer = await storedCustomer(db, world)
    const changes = [aChange(world, customer)]
    const decisions = [anApproval(world, aRun(world), changes)]
    const proposal = { ...aProposal(world, customer, changes), decisions }
    await db.transaction((tx) => saveProposal(tx, null, proposal))
    const { id } = proposal
    expect(
      await refusal((tx) => tx.execute(sql`update decisions set outcome = 'REJECTED' where proposal_id = ${id}`)),
    ).toBe('CS003')
    expect(await refusal((tx) => tx.execute(sql`delete from decisions where proposal_id = ${id}`))).toBe('CS003')
  })

  it('lets an event be sealed once and changed in nothing else', async () => {
    const { companyId } = world
    const [eventId] = await db.transaction((tx) =>
      append(tx, world, { type: 'CommentAdded', data: {}, values: [{ key: 'base', field: 'name', value: 'Ann' }] }),
    )
    const event = sql`company_id = ${companyId} and event_id = ${eventId}`
    expect(await refusal((tx) => tx.execute(sql`update events set type = 'X' where ${event}`))).toBe('CS003')
    expect(await refusal((tx) => tx.execute(sql`delete from events where ${event}`))).toBe('CS003')
    const seal = sql`update events set position = 1, previous_hash = '', hash = 'h', feed = 1 where ${event}`
    expect(await refusal((tx) => tx.execute(seal))).toBeNull()
    expect(await refusal((tx) => tx.execute(seal))).toBe('CS003')
    expect(
      await refusal((tx) =>
        tx.execute(
          sql`update events set position = null, previous_hash = null, hash = null, feed = null where ${event}`,
        ),
      ),
    ).toBe('CS003')
    expect(await refusal((tx) => tx.execute(sql`delete from events where ${event}`))).toBe('CS003')
    expect(await refusal((tx) => tx.execute(sql`truncate events`))).toBe('CS003')
    expect(
      await refusal((tx) =>
        tx.execute(
          sql`update event_contents set contents = '{"name":{"value":"Bob","salt":""}}' where event_id = ${eventId}`,
        ),
      ),
    ).toBe('CS003')
    expect(
      await refusal((tx) => tx.execute(sql`update event_contents set contents = '{}' where event_id = ${eventId}`)),
    ).toBeNull()
    expect(await refusal((tx) => tx.execute(sql`delete from event_contents where event_id = ${eventId}`))).toBeNull()
  })

  it('guards every column of an event but the four of its seal', async () => {
    const rows = await db.execute<{ column_name: string }>(sql`
      select column_name from information_schema.columns where table_name = 'events'
      except select event_object_column from information_schema.triggered_update_columns
      where event_object_table = 'events' and trigger_name = 'immutable'`)
    expect(rows.map((row) => row.column_name).sort()).toEqual(['feed', 'hash', 'position', 'previous_hash'])
  })

  it('takes the transaction of a row from the database, whatever the row says', async () => {
    const customer = await storedCustomer(db, world)
    await db.execute(sql`insert into direct_writes (company_id, id, customer_id, actor_id, kind, xid)
      values (${world.companyId}, gen_random_uuid(), ${customer.id}, ${world.partner}, 'IMPORT', '1'::xid8)`)
    const rows = await db.execute(
      sql`select 1 from direct_writes where customer_id = ${customer.id} and xid = '1'::xid8`,
    )
    expect(rows).toHaveLength(0)
  })
})
