import { sql, type SQL } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DomainEvent } from '../../server/domain/events.ts'
import { startSequencer, type Sequencer } from '../../server/live/sequencer.ts'
import { findFlaw } from '../../server/store/evidence.ts'
import { appendEvents, eraseValues, findEvents, readEvents } from '../../server/store/events.ts'
import { readSecret } from '../../server/store/secrets.ts'
import { createTestDatabase } from '../helpers/postgres.ts'
import { comment, newId, openLog, silent, until } from './log-writer.ts'

const { url } = await createTestDatabase()
const log = openLog(url)
let sequencer: Sequencer
beforeAll(() => {
  sequencer = startSequencer({ connect: log.connect, log: silent, pollMs: 20 })
})
afterAll(async () => {
  await sequencer.stop()
  await log.close()
})
const drained = () => until('everything is sealed', async () => (await log.unsealed()) === 0)

const customerId = newId()
const account = newId()
const applied: DomainEvent = {
  type: 'ProposalApplied',
  customerId,
  actorId: account,
  data: { revision: 3, digests: ['a', 'b'], note: 'Grüße „hier“ 💶', nested: { b: 1.5, a: null } },
  values: [
    { key: 'limit', field: 'creditLimit', value: '150000.00' },
    { key: 'rating', field: 'creditRating', value: null },
    { key: 'bank', field: 'bankAccounts', recordId: account, value: { iban: 'DE02', code: '1', primary: true, n: 3 } },
  ],
}
const written = async (companyId: string): Promise<string> => {
  await log.write(companyId, [comment('first', { customerId }), applied, comment('third', { customerId })])
  await drained()
  expect(await findFlaw(log.db, companyId)).toBeNull()
  return companyId
}
/** As somebody would who owns the database: past the triggers. */
const tamper = (statement: SQL) =>
  log.db.transaction(async (tx) => {
    await tx.execute(sql`set local session_replication_role = replica`)
    expect((await tx.execute(statement)).count).toBe(1)
  })

describe('the log', () => {
  test('gives back what was written: who, when, references, data and values', async () => {
    const companyId = await written(newId())
    const [, event] = await readEvents(log.db, { companyId }, { limit: 10 })
    expect(event).toMatchObject({
      companyId,
      type: 'ProposalApplied',
      at: '2026-11-22T10:00:00.120Z',
      actorId: account,
      onBehalfOfId: null,
      customerId,
      proposalId: null,
      workItemId: null,
      data: applied.data,
      seal: { position: 2 },
    })
    const values = [...(event?.values ?? [])].sort((a, b) => a.key.localeCompare(b.key))
    expect(values).toEqual([
      { ...applied.values?.[2], erased: false },
      { ...applied.values?.[0], recordId: null, erased: false },
      { ...applied.values?.[1], recordId: null, erased: false },
    ])
    expect(await findEvents(log.db, companyId, [event!.id])).toEqual([event])
    expect(await findEvents(log.db, newId(), [event!.id])).toEqual([])
  })

  test('holds salts apart: equal values have unlike commitments', async () => {
    const companyId = newId()
    await log.write(companyId, [applied, applied])
    const [a, b] = await readEvents(log.db, { companyId }, { limit: 10, unsealed: true })
    expect(a?.commitments.limit?.digest).not.toBe(b?.commitments.limit?.digest)
  })

  test('takes thousands of events in one statement', async () => {
    const companyId = newId()
    await log.write(
      companyId,
      Array.from({ length: 6000 }, (_, i) => comment(`${i}`)),
    )
    await drained()
    expect(await findFlaw(log.db, companyId)).toBeNull()
    const last = await readEvents(log.db, { companyId }, { limit: 1, newestFirst: true })
    expect(last[0]).toMatchObject({ data: { text: '5999' }, seal: { position: 6000 } })
  })

  test('refuses to change or delete what is sealed', async () => {
    const companyId = await written(newId())
    const statements = [
      sql`update events set data = '{}' where company_id = ${companyId}`,
      sql`update events set position = position + 10 where company_id = ${companyId}`,
      sql`delete from events where company_id = ${companyId}`,
      sql`update event_contents set contents = jsonb_set(contents, '{limit,value}', '1') where company_id = ${companyId}`,
    ]
    for (const statement of statements) await expect(log.db.execute(statement)).rejects.toThrow()
    expect(await findFlaw(log.db, companyId)).toBeNull()
  })

  test.each<[string, (companyId: string) => SQL, object]>([
    [
      'an event was changed',
      (id) => sql`update events set data = data || '{"revision":4}' where company_id = ${id} and position = 2`,
      { position: 2, what: 'HASH' },
    ],
    [
      'an event was moved in time',
      (id) => sql`update events set at = at + interval '1 ms' where company_id = ${id} and position = 1`,
      { position: 1, what: 'HASH' },
    ],
    [
      'an event was taken out',
      (id) => sql`delete from events where company_id = ${id} and position = 2`,
      { position: 2, what: 'POSITION' },
    ],
    [
      'the end was cut off',
      (id) => sql`delete from events where company_id = ${id} and position = 3`,
      { position: 3, what: 'HEAD' },
    ],
    [
      'a value was changed',
      (id) =>
        sql`update event_contents set contents = jsonb_set(contents, '{limit,value}', '"9000000.00"') where company_id = ${id}`,
      { position: 2, what: 'VALUE' },
    ],
    [
      'a value was ascribed to another field',
      (id) =>
        sql`update events set commitments = jsonb_set(commitments, '{rating,field}', '"name"') where company_id = ${id} and position = 2`,
      { position: 2, what: 'HASH' },
    ],
  ])('shows when %s past its triggers', async (_what, statement, flaw) => {
    const companyId = await written(newId())
    await tamper(statement(companyId))
    expect(await findFlaw(log.db, companyId, 2)).toMatchObject(flaw)
  })

  test('stays whole when a value is erased, which then is gone with its salt', async () => {
    const companyId = await written(newId())
    const erase = (fields: string[]) => log.db.transaction((tx) => eraseValues(tx, companyId, customerId, fields))
    expect(await erase(['bankAccounts', 'name'])).toBe(1)
    expect(await findFlaw(log.db, companyId)).toBeNull()
    const [, event] = await readEvents(log.db, { companyId }, { limit: 10 })
    const bank = event?.values.find((v) => v.key === 'bank')
    expect(bank).toEqual({ key: 'bank', field: 'bankAccounts', recordId: account, value: null, erased: true })
  })

  test('an event that is rolled back leaves nothing, its values neither', async () => {
    const companyId = newId()
    const write = log.write(companyId, [applied], () => Promise.reject(new Error('no')))
    await expect(write).rejects.toThrow('no')
    const [row] = await log.db.execute(sql`select 1 from event_contents where company_id = ${companyId}`)
    expect(row).toBeUndefined()
  })

  test('an event may name another actor than the command, the system included', async () => {
    const companyId = newId()
    const of = { companyId, actorId: account, at: '2026-11-22T10:00:00.000Z' }
    const events = [comment('mine'), comment('system', { actorId: null }), comment('hers', { actorId: customerId })]
    await log.db.transaction((tx) => appendEvents(tx, of, events))
    const read = await readEvents(log.db, { companyId }, { limit: 10, unsealed: true })
    expect(read.map((e) => e.actorId)).toEqual([account, null, customerId])
  })
})

describe('reading', () => {
  test('pages by the last event seen, in both directions, without losing what is not sealed yet', async () => {
    const companyId = newId()
    await log.write(
      companyId,
      [1, 2, 3, 4, 5].map((n) => comment(`${n}`, { customerId })),
    )
    await drained()
    await sequencer.stop()
    await log.write(
      companyId,
      [6, 7].map((n) => comment(`${n}`, { customerId })),
    )
    const walk = async (newestFirst: boolean, unsealed: boolean) => {
      const texts: unknown[] = []
      for (let after: string | undefined; ;) {
        const page = await readEvents(log.db, { companyId, customerId }, { limit: 2, after, newestFirst, unsealed })
        texts.push(...page.map((e) => e.data.text))
        after = page.at(-1)?.id
        if (page.length < 2) return texts.join('')
      }
    }
    expect(await walk(false, true)).toBe('1234567')
    expect(await walk(true, true)).toBe('7654321')
    expect(await walk(false, false)).toBe('12345')
    expect(await walk(true, false)).toBe('54321')
    sequencer = startSequencer({ connect: log.connect, log: silent, pollMs: 20 })
  })

  test('finds by customer, proposal, actor, type and time', async () => {
    const companyId = await written(newId())
    const count = async (query: object) => (await readEvents(log.db, { companyId, ...query }, { limit: 10 })).length
    expect(await count({ customerId })).toBe(3)
    expect(await count({ customerId: newId() })).toBe(0)
    expect(await count({ proposalId: newId() })).toBe(0)
    expect(await count({ actorId: account })).toBe(1)
    expect(await count({ types: ['CommentAdded', 'KeyChanged'] })).toBe(2)
    expect(await count({ types: [] })).toBe(0)
    expect(await count({ from: '2026-11-22T10:00:00.120Z' })).toBe(3)
    expect(await count({ until: '2026-11-22T10:00:00.120Z' })).toBe(0)
  })
})

test('a secret is made once, whoever comes first', async () => {
  const made = await Promise.all(['a', 'b', 'c', 'd'].map((value) => readSecret(log.db, 'key', () => value)))
  expect(new Set(made).size).toBe(1)
})
