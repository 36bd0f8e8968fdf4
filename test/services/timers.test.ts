// Time on the real database: limits, escalation, what is scheduled, and sweeps that meet each other and people.
import { sql } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { nextDue } from '../../server/domain/due.ts'
import { DomainError } from '../../server/domain/errors.ts'
import type { Proposal } from '../../server/domain/proposal.ts'
import { setMember } from '../../server/services/members.ts'
import { discardProposal, recallProposal } from '../../server/services/proposals.ts'
import { createSweep } from '../../server/services/timers.ts'
import { approve, delegate, reject } from '../../server/services/work-items.ts'
import { loadProposals } from '../../server/store/proposals.ts'
import { days, minutes, startServices } from '../helpers/services.ts'

const services = await startServices()
const { app, db, companyId, time, statements, as, idOf, submitted, approved, proposal } = services
const [mia, olga] = [await idOf('mia'), await idOf('olga')]
const sweep = () => createSweep(app).run()
const all = (n: number) => Array.from({ length: n }, (_, i) => i)

const hours = (amount: number) => ({ amount, unit: 'HOURS', workingTime: false })
const step = (more: object, to: object = { users: [mia] }) => ({ name: 'Step', assign: [{ to }], ...more })
const approval = (...steps: object[]) => ({ approval: { name: 'Approval', steps } })
const limited = approval(
  step({
    timeLimit: hours(4),
    escalation: [{ to: { users: [olga] }, timeLimit: hours(8) }],
    finally: { verdict: 'APPROVE' },
  }),
)

/** An account that no other test uses. */
let taken = 20
const account = (): string => `US-${String((taken += 1)).padStart(3, '0')}`
const ahead = (ms: number): void => void (time.ahead += ms)
const isoIn = (ms: number): string => new Date(app.clock().getTime() + ms).toISOString()
type Told = { type: string; actor: string | null; data: Record<string, unknown> }
const eventsOf = (proposalId: string) =>
  db.execute<Told>(sql`select type, actor_id as actor, data from events where proposal_id = ${proposalId} order by id`)
const lastEvents = async (proposalId: string, since: number): Promise<Told[]> =>
  (await eventsOf(proposalId)).slice(since)
const limitOf = async (name: string): Promise<unknown> => {
  const [row] = await db.execute(
    sql`select credit_limit as limit from customers where company_id = ${companyId} and account = ${name}`,
  )
  return row?.limit
}
/** Each proposal's next time as it is stored is the one that the rules say. */
const checkDue = async (): Promise<number> => {
  const rows = await db.execute<{ companyId: string; id: string; due: string | null }>(sql`
    select company_id as "companyId", id, to_char(due_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as due
    from proposals order by id`)
  const found = await loadProposals(db, rows)
  expect(rows.map(({ id, due }) => ({ id, due }))).toEqual(
    found.map((p) => ({ id: p?.id, due: p === null ? null : nextDue(p) })),
  )
  return rows.filter(({ due }) => due !== null).length
}

beforeEach(async () => {
  await services.runs([limited])
  // What the demo world and earlier tests have left over is not this test's.
  do ahead(days(100))
  while ((await sweep()).acted > 0)
})
afterEach(() => checkDue())

describe('a limit', () => {
  test('passes the work on when it has run out, then decides, without anybody’s name', async () => {
    const name = account()
    const id = await submitted('clara', name, { creditLimit: '70000' })
    const before = (await eventsOf(id)).length
    ahead(minutes(4 * 60 - 1))
    expect(await sweep()).toEqual({ acted: 0, stuck: [] })
    ahead(minutes(1))
    expect(await sweep()).toEqual({ acted: 1, stuck: [] })
    const escalated = await proposal(id)
    expect(
      escalated.items.map(({ assigneeId, status, escalationLevel }) => [assigneeId, status, escalationLevel]),
    ).toEqual([
      [mia, 'WITHDRAWN', 0],
      [olga, 'OPEN', 1],
    ])
    expect(Date.parse(escalated.items[1]?.dueAt ?? '')).toBeGreaterThan(
      app.clock().getTime() + minutes(8 * 60) - 20_000,
    )
    expect(await sweep()).toEqual({ acted: 0, stuck: [] })

    ahead(minutes(8 * 60))
    expect(await sweep()).toEqual({ acted: 1, stuck: [] })
    expect(await proposal(id)).toMatchObject({ status: 'APPLIED', decisions: [{ actorId: null, automatic: true }] })
    expect(await limitOf(name)).toBe('70000.00')
    const told = await lastEvents(id, before)
    expect(new Set(told.map(({ actor }) => actor))).toEqual(new Set([null]))
    expect(told.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['WorkItemOverdue', 'WorkItemEscalated', 'DecisionRecorded', 'ProposalApplied']),
    )
  })

  test('that ran out months ago acts in one sweep with all the others, and gives the next one its whole time', async () => {
    const ids: string[] = []
    for (const _ of all(4)) ids.push(await submitted('clara', account(), { creditLimit: '70001' }))
    ahead(days(200))
    expect(await sweep()).toEqual({ acted: 4, stuck: [] })
    for (const id of ids) {
      const [item, ...none] = (await proposal(id)).items.filter(({ status }) => status === 'OPEN')
      expect([item?.assigneeId, none]).toEqual([olga, []])
      expect(Date.parse(item?.dueAt ?? '')).toBeGreaterThan(app.clock().getTime())
    }
    expect(await sweep()).toEqual({ acted: 0, stuck: [] })
  })

  test('without a final action leaves the work where it is, tells once that it is overdue, and costs nothing then', async () => {
    await services.runs([approval(step({ timeLimit: hours(1) }))])
    const id = await submitted('clara', account(), { creditLimit: '70002' })
    ahead(days(1))
    expect(await sweep()).toEqual({ acted: 1, stuck: [] })
    const told = (await eventsOf(id)).length
    statements.length = 0
    expect(await sweep()).toEqual({ acted: 0, stuck: [] })
    expect(statements).toHaveLength(1)
    expect((await eventsOf(id)).length).toBe(told)
    await approved('mia', id)
    expect(await proposal(id)).toMatchObject({ status: 'APPLIED' })
  })

  test('that has run out waits while the process ends, and no proposal is left half done', async () => {
    for (const _ of all(4)) await submitted('clara', account(), { creditLimit: '70004' })
    ahead(days(1))
    let asked = 0
    expect((await createSweep(app).run(() => ++asked > 2)).acted).toBe(2)
    expect((await sweep()).acted).toBe(2)
  })

  test('acts in few statements', async () => {
    await submitted('clara', account(), { creditLimit: '70003' })
    ahead(days(1))
    const fresh = services.another()
    const its = createSweep(fresh.app)
    await its.run()
    await submitted('clara', account(), { creditLimit: '70003' })
    ahead(minutes(5 * 60))
    fresh.statements.length = 0
    expect((await its.run()).acted).toBe(1)
    // Twenty for the proposal, four to see before and after it what there is.
    expect(fresh.statements.length).toBeLessThanOrEqual(26)
  })
})

describe('a scheduled proposal', () => {
  const ready = async (name: string, limit: string, ms: number): Promise<string> => {
    const id = await submitted('clara', name, { creditLimit: limit }, isoIn(ms))
    await approved('mia', id)
    expect(await proposal(id)).toMatchObject({ status: 'SCHEDULED' })
    return id
  }

  test('is applied once, at its time', async () => {
    const name = account()
    const id = await ready(name, '80000', days(3))
    ahead(days(3) - minutes(1))
    expect((await sweep()).acted).toBe(0)
    ahead(minutes(1))
    expect((await sweep()).acted).toBe(1)
    expect((await sweep()).acted).toBe(0)
    expect(await proposal(id)).toMatchObject({ status: 'APPLIED' })
    expect(await limitOf(name)).toBe('80000.00')
    const applied = (await eventsOf(id)).filter(({ type }) => type === 'ProposalApplied')
    expect(applied).toMatchObject([{ actor: null }])
  })

  test('waits for another open proposal of its customer, at the cost of one statement, and goes on when that is closed', async () => {
    const name = account()
    const id = await ready(name, '80001', days(1))
    const other = await submitted('colin', name, { name: 'Proposed' })
    await recallProposal(app, await as('colin'), { companyId, proposalId: other, comment: 'later' })
    ahead(days(2))
    statements.length = 0
    expect(await sweep()).toEqual({ acted: 0, stuck: [] })
    expect(statements).toHaveLength(1)
    expect(await proposal(id)).toMatchObject({ status: 'SCHEDULED' })
    await discardProposal(app, await as('colin'), { companyId, proposalId: other })
    expect((await sweep()).acted).toBe(1)
    expect(await proposal(id)).toMatchObject({ status: 'APPLIED' })
    expect(await limitOf(name)).toBe('80001.00')
  })
})

describe('several sweeps', () => {
  test('at once, with clocks that differ a little, act once on each proposal', async () => {
    const ids: string[] = []
    for (const _ of all(50)) ids.push(await submitted('clara', account(), { creditLimit: '90000' }))
    ahead(minutes(4 * 60))
    const others = [services.another(50), services.another(-50), services.another()]
    const swept = await Promise.all(others.map(({ app: its }) => createSweep(its).run()))
    expect(swept.flatMap(({ stuck }) => stuck)).toEqual([])
    // What one of them was still working on is not left for later by all of them.
    await sweep()
    for (const id of ids) {
      const told = await eventsOf(id)
      expect(told.filter(({ type }) => type === 'WorkItemEscalated')).toHaveLength(1)
      expect((await proposal(id)).items.filter(({ status }) => status === 'OPEN')).toHaveLength(1)
    }
    expect(swept.reduce((sum, { acted }) => sum + acted, 0)).toBe(50)
  })

  test('beside people who answer at that very moment leave each proposal as one of them has made it', async () => {
    await services.runs([approval(step({ timeLimit: hours(4), finally: { verdict: 'REJECT' } }))])
    const ids: string[] = []
    for (const _ of all(24)) ids.push(await submitted('clara', account(), { creditLimit: '91000' }))
    ahead(minutes(4 * 60) - 300)
    const viewer = await as('mia')
    const answers = ids.map(async (id, n) => {
      const { items, revision } = await proposal(id)
      const item = { companyId, workItemId: items[0]?.id ?? '', revision }
      if (n % 3 === 0) return reject(app, viewer, { ...item, comment: 'no' })
      if (n % 3 === 1) return delegate(app, viewer, { ...item, to: olga })
      return approve(app, viewer, item)
    })
    const others = [services.another(300), services.another(280)]
    const [said, ...swept] = await Promise.all([
      Promise.allSettled(answers),
      ...others.map(({ app: its }) => createSweep(its).run()),
    ])
    for (const answer of said) if (answer.status === 'rejected') expect(answer.reason).toBeInstanceOf(DomainError)
    expect(swept.flatMap(({ stuck }) => stuck)).toEqual([])
    ahead(1000)
    expect((await sweep()).stuck).toEqual([])
    for (const id of ids) {
      const { status, items, decisions, runs } = await proposal(id)
      expect(['APPLIED', 'REJECTED']).toContain(status)
      expect(decisions).toHaveLength(1)
      expect(runs).toHaveLength(1)
      expect(items.filter((item) => item.status === 'OPEN' && item.kind !== 'RETURN')).toEqual([])
      const ends = (await eventsOf(id)).filter(({ type }) => type === 'ProposalApplied' || type === 'ProposalRejected')
      expect(ends).toHaveLength(1)
    }
  })

  test('pass by a customer that somebody else has in hand, and take it up the next time', async () => {
    const [held, free] = [account(), account()]
    const [first, second] = [
      await submitted('clara', held, { creditLimit: '1' }),
      await submitted('clara', free, { creditLimit: '1' }),
    ]
    ahead(minutes(4 * 60))
    await db.transaction(async (tx) => {
      await tx.execute(sql`select from customers where company_id = ${companyId} and account = ${held} for update`)
      expect(await createSweep(services.another().app).run()).toEqual({ acted: 1, stuck: [] })
    })
    expect((await proposal(first)).items).toHaveLength(1)
    expect((await proposal(second)).items).toHaveLength(2)
    expect((await sweep()).acted).toBe(1)
  })
})

describe('a proposal that cannot be taken up', () => {
  const breakThem = (ids: readonly string[]) =>
    db.execute(
      sql.raw(`create function broken() returns trigger language plpgsql as $$
      begin if new.id in (${ids.map((id) => `'${id}'`).join(', ')}) then raise exception 'broken'; end if; return new; end $$;
      create trigger broken before update on proposals for each row execute function broken()`),
    )
  const mend = () => db.execute(sql.raw('drop trigger if exists broken on proposals; drop function if exists broken()'))
  afterEach(() => mend())

  test('is told of, holds up no other, and rests longer each time until it is mended', async () => {
    const ids: string[] = []
    for (const _ of all(5)) ids.push(await submitted('clara', account(), { creditLimit: '2' }))
    const [, bad = ''] = ids
    await breakThem([bad])
    ahead(minutes(4 * 60))
    const { run } = createSweep(app)
    const swept = await run()
    expect(swept).toMatchObject({
      acted: 4,
      stuck: [{ companyId, proposalId: bad, error: expect.any(Error) as Error }],
    })
    expect((await eventsOf(bad)).filter(({ type }) => type === 'WorkItemEscalated')).toEqual([])
    statements.length = 0
    expect(await run()).toEqual({ acted: 0, stuck: [] })
    expect(statements).toHaveLength(1)
    const rests: number[] = []
    for (const _ of all(12)) {
      const before = app.clock().getTime()
      const [again] = (await run()).stuck
      if (again !== undefined) rests.push(Math.round((again.again - before) / 1000))
      ahead((again?.again ?? before + 1000) - app.clock().getTime())
    }
    expect(rests.slice(0, 6)).toEqual([2, 4, 8, 16, 32, 64])
    expect(rests.at(-1)).toBe(300)
    await mend()
    expect(await run()).toEqual({ acted: 1, stuck: [] })
    expect((await proposal(bad)).items.at(-1)).toMatchObject({ assigneeId: olga, status: 'OPEN' })
  })

  test('is not to blame when the database is away: the sweep ends, and the next one goes on', async () => {
    const ids: string[] = []
    for (const _ of all(3)) ids.push(await submitted('clara', account(), { creditLimit: '3' }))
    ahead(minutes(4 * 60))
    await db.execute(
      sql.raw(`create function broken() returns trigger language plpgsql as $$
      begin raise exception 'shutting down' using errcode = '57P01'; end $$;
      create trigger broken before update on proposals for each row execute function broken()`),
    )
    const { run } = createSweep(services.another().app)
    await expect(run()).rejects.toThrow()
    await mend()
    expect(await run()).toEqual({ acted: 3, stuck: [] })
  })
})

test('a walk through every kind of command keeps the time that is stored', async () => {
  await services.runs([
    approval(
      step({ timeLimit: { amount: 2, unit: 'DAYS', workingTime: true }, finally: { verdict: 'REJECT' } }),
      step({ name: 'Second', timeLimit: hours(8) }, { group: 'credit' }),
    ),
  ])
  const [one, two, three] = [account(), account(), account()]
  const first = await submitted('clara', one, { creditLimit: '4' })
  expect(await checkDue()).toBeGreaterThan(0)
  await recallProposal(app, await as('clara'), { companyId, proposalId: first, comment: 'wait' })
  await checkDue()
  const second = await submitted('clara', two, { creditLimit: '4' }, isoIn(days(30)))
  const [item] = (await proposal(second)).items
  const { revision }: Proposal = await proposal(second)
  await delegate(app, await as('mia'), { companyId, workItemId: item?.id ?? '', to: olga })
  await checkDue()
  await approve(app, await as('olga'), { companyId, workItemId: item?.id ?? '', revision })
  await checkDue()
  await approved('cora', second)
  expect(await proposal(second)).toMatchObject({ status: 'SCHEDULED' })
  await checkDue()
  const third = await submitted('clara', three, { creditLimit: '4' })
  await setMember(app, await as('adam'), { company: 'USMF', userId: mia, active: false })
  await checkDue()
  await setMember(app, await as('adam'), { company: 'USMF', userId: mia, active: true })
  for (const ms of [days(1), days(6), days(40)]) {
    ahead(ms)
    expect((await sweep()).stuck).toEqual([])
    await checkDue()
  }
  expect(await proposal(second)).toMatchObject({ status: 'APPLIED' })
  expect(await proposal(third)).toMatchObject({ status: 'REJECTED' })
})
