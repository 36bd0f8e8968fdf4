// What of the process changes only with its event (DOMAIN sections 2, 6 and 10): raw SQL that would do it without a word.
import { sql, type SQL } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import type { Tx } from '../../server/db/connect.ts'
import type { Customer } from '../../server/domain/customer.ts'
import type { EventType } from '../../server/domain/events.ts'
import type { Change, Proposal } from '../../server/domain/proposal.ts'
import { newId } from '../../server/store/ids.ts'
import { saveProposal } from '../../server/store/save-proposal.ts'
import {
  aChange,
  append,
  aProposal,
  at,
  connectTest,
  createWorld,
  refusalOf,
  storedCustomer,
} from '../store/fixtures.ts'

const { db } = await connectTest()
const world = await createWorld(db)
const { companyId, clara, mia } = world

const refusal = (work: (tx: Tx) => Promise<unknown>) => refusalOf(db, work)
const refusalOfSql = (...statements: SQL[]) =>
  refusal(async (tx) => {
    for (const statement of statements) await tx.execute(statement)
  })

describe('a refusal of a change', () => {
  it('comes and goes only with an event of its proposal that says so', async () => {
    const customer = await storedCustomer(db, world)
    const changes = [aChange(world, customer)]
    const pending = async (of: Customer, its: readonly Change[]): Promise<Proposal> => {
      const proposal = aProposal(world, of, its)
      await db.transaction((tx) => saveProposal(tx, null, proposal))
      return proposal
    }
    const { id } = await pending(customer, changes)
    const [refuse, accept] = [sql`'{"byId":"x","reason":"x","at":"x"}'::jsonb`, sql`null`].map(
      (refusal) => sql`update changes set refusal = ${refusal} where id = ${changes[0]!.id}`,
    ) as [SQL, SQL]
    const setting = (how: SQL, type: 'ChangeRefused' | 'ChangeReplaced' | 'ChangeProposed' | null, proposalId = id) =>
      refusal(async (tx) => {
        await tx.execute(how)
        if (type !== null) await append(tx, world, { type, customerId: customer.id, proposalId, data: {} })
      })
    expect(await setting(refuse, null)).toBe('CS002')
    expect(await setting(refuse, 'ChangeProposed')).toBe('CS002')
    expect(await setting(refuse, 'ChangeRefused')).toBeNull()
    expect(await setting(accept, null)).toBe('CS002')
    expect(await setting(accept, 'ChangeRefused')).toBe('CS002')
    expect(await setting(accept, 'ChangeReplaced', (await pending(await storedCustomer(db, world), [])).id)).toBe(
      'CS002',
    )
    expect(await setting(accept, 'ChangeReplaced')).toBeNull()
  })
})

describe('who takes work, when and in whose place', () => {
  const { partner } = world
  const inserts = (id: string) => ({
    queue: sql`insert into queues (company_id, id, name) values (${companyId}, ${id}, ${id})`,
    member: sql`insert into queue_members (company_id, queue_id, user_id) values (${companyId}, ${id}, ${mia})`,
    calendar: sql`insert into calendars (company_id, id, name, zone, week, holidays, is_default)
      values (${companyId}, ${id}, ${id}, 'UTC', '[]', '{}', false)`,
    absence: sql`insert into absences (company_id, id, user_id, stand_in_id, "from", until)
      values (${companyId}, ${id}, ${mia}, ${clara}, ${at}, '2026-12-24T00:00:00Z')`,
  })
  const told = (type: EventType, data: Record<string, string>) => (tx: Tx) => append(tx, world, { type, data })
  const both = (write: SQL, event: (tx: Tx) => Promise<unknown>) =>
    refusal(async (tx) => tx.execute(write).then(() => event(tx)))

  it('begins, changes and goes only with the event of this very thing in the same transaction', async () => {
    const id = newId()
    const { queue, member, calendar, absence } = inserts(id)
    const things = [
      [queue, told('QueueSaved', { queueId: id }), told('QueueSaved', { queueId: newId() })],
      [member, told('QueueSaved', { queueId: id }), told('GroupSaved', { groupId: id })],
      [calendar, told('CalendarSaved', { calendarId: id }), told('CalendarSaved', { calendarId: newId() })],
      [absence, told('AbsenceSet', { absenceId: id }), told('AbsenceBegan', { absenceId: id })],
    ] as const
    for (const [write, right, wrong] of things) {
      expect(await refusalOfSql(write)).toBe('CS002')
      expect(await both(write, wrong)).toBe('CS002')
      expect(await both(write, right)).toBeNull()
    }
    const changes: [SQL, (typeof things)[number][1]][] = [
      [sql`update queues set name = 'other' where id = ${id}`, things[0][1]],
      [sql`update calendars set holidays = '{2026-12-25}' where id = ${id}`, things[2][1]],
      [sql`update absences set stand_in_id = ${partner} where id = ${id}`, things[3][1]],
      [sql`update absences set "from" = '2026-12-01' where id = ${id}`, things[3][1]],
      [sql`update absences set until = '2026-12-31' where id = ${id}`, things[3][1]],
      [sql`update absences set workflow_id = ${id} where id = ${id}`, things[3][1]],
      [sql`update absences set began_at = ${at} where id = ${id}`, told('AbsenceBegan', { absenceId: id })],
      [sql`update absences set ended_at = ${at} where id = ${id}`, told('AbsenceEnded', { absenceId: id })],
      [sql`delete from queue_members where queue_id = ${id}`, things[0][1]],
      [sql`delete from queues where id = ${id}`, things[0][1]],
      [sql`delete from calendars where id = ${id}`, things[2][1]],
      [sql`delete from absences where id = ${id}`, things[3][1]],
    ]
    for (const [write, event] of changes) {
      expect(await refusalOfSql(write)).toBe('CS002')
      expect(await both(write, event)).toBeNull()
    }
  })

  it('keeps its identity', async () => {
    const id = newId()
    for (const write of Object.values(inserts(id)))
      await refusal(async (tx) => {
        await tx.execute(write)
        await append(tx, world, { type: 'QueueSaved', data: { queueId: id } })
        await append(tx, world, { type: 'CalendarSaved', data: { calendarId: id } })
        await append(tx, world, { type: 'AbsenceSet', data: { absenceId: id } })
      })
    for (const write of [
      sql`update queues set id = gen_random_uuid() where id = ${id}`,
      sql`update queue_members set user_id = ${clara} where queue_id = ${id}`,
      sql`update calendars set id = gen_random_uuid() where id = ${id}`,
      sql`update absences set user_id = ${clara} where id = ${id}`,
    ])
      expect(await refusalOfSql(write)).toBe('CS003')
  })
})
