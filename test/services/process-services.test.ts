// What becomes of running proposals when people leave and the set-up changes (DOMAIN sections 2, 7, 9 and 10).
import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { hashOfApiKey } from '../../server/domain/api-key-text.ts'
import { demoPartner } from '../../server/demo/people.ts'
import type { Viewer } from '../../server/services/app.ts'
import { updateCustomer } from '../../server/services/customers.ts'
import { seatOfItem } from '../../server/services/explain.ts'
import { setMember } from '../../server/services/members.ts'
import { setApprovalParameters } from '../../server/services/setup.ts'
import { createSweep } from '../../server/services/timers.ts'
import { accountLookup, viewerOf } from '../../server/services/viewer.ts'
import { claim, completeTask } from '../../server/services/work-items.ts'
import { saveQueue, setCalendar } from '../../server/services/work-setup.ts'
import { loadCustomer } from '../../server/store/customers.ts'
import { days, minutes, startServices } from '../helpers/services.ts'

const { app, db, companyId, time, as, idOf, runs, submitted, approved, proposal } = await startServices()
const [mia, olga, cora, carl, tess] = [
  ...[await idOf('mia'), await idOf('olga'), await idOf('cora'), await idOf('carl'), await idOf('tess')],
] as [string, string, string, string, string]
const company = 'USMF'
const serviceAccount = async (): Promise<Viewer> => {
  const identity = await accountLookup(db).identityByKeyHash(hashOfApiKey(demoPartner.key))
  if (identity === null) throw new Error('the demo world has no partner')
  return viewerOf(db, identity.user, null)
}

const active = async (userId: string, value: boolean) =>
  setMember(app, await as('adam'), { company, userId, active: value })
/** Leaves for the time of a piece of work. */
const without = async (userId: string, work: () => Promise<void>): Promise<void> => {
  await active(userId, false)
  try {
    await work()
  } finally {
    await active(userId, true)
  }
}
const openOf = async (id: string) => (await proposal(id)).items.filter(({ status }) => status === 'OPEN')
const step = (to: object, more: object = {}) => ({ name: 'Step', assign: [{ to, ...more }] })
const approvalBy = (...users: string[]) => ({
  approval: { name: 'Approval', steps: [step({ users }, { policy: 'ALL' })] },
})
const hours = (amount: number) => ({ amount, unit: 'HOURS', workingTime: false })
const reasons = async (id: string): Promise<unknown[]> =>
  (
    await db.execute<{ data: { reason?: string; why?: string } }>(sql`
      select data from events where proposal_id = ${id} and type in ('WorkItemWithdrawn', 'WorkItemReleased') order by id`)
  ).map(({ data }) => data.reason ?? data.why)

test('whoever holds a task and leaves is not waited for: the others go on, and somebody stands in for the last', async () => {
  await runs([{ task: { name: 'Task', step: step({ users: [cora, carl] }, { policy: 'ALL' }) } }, approvalBy(mia)])
  const id = await submitted('clara', 'US-030', { creditLimit: '70000' })
  expect((await openOf(id)).map(({ assigneeId }) => assigneeId)).toEqual([cora, carl])
  await without(cora, async () => {
    expect(await openOf(id)).toMatchObject([{ assigneeId: carl, kind: 'TASK' }])
    const { items, revision } = await proposal(id)
    const task = items.find(({ status }) => status === 'OPEN')
    await completeTask(app, await as('carl'), { companyId, workItemId: task?.id ?? '', revision })
    expect(await openOf(id)).toMatchObject([{ assigneeId: mia, kind: 'APPROVAL' }])
  })
  expect(await reasons(id)).toEqual(['DEACTIVATED'])
})

test('who is the only one asked and leaves is followed by somebody who may decide, or it says that nobody does', async () => {
  await runs([approvalBy(mia)])
  const id = await submitted('clara', 'US-031', { creditLimit: '70000' })
  await without(mia, async () => {
    const [item, ...more] = await openOf(id)
    expect(more).toEqual([])
    expect(item).toMatchObject({ kind: 'APPROVAL', stepPath: 'elements.0.steps.0' })
    expect(item?.assigneeId).not.toBe(mia)
  })
})

test('what somebody has taken from a queue goes back to it when they leave', async () => {
  const members = { company, name: 'Desk', memberIds: [cora, tess] }
  const { queueId } = await saveQueue(app, await as('adam'), members)
  await runs([{ approval: { name: 'Approval', steps: [step({ queue: 'Desk' })] } }])
  const id = await submitted('clara', 'US-032', { creditLimit: '70000' })
  const [item] = await openOf(id)
  expect(item).toMatchObject({ assigneeId: null, queueId })
  await claim(app, await as('cora'), { companyId, workItemId: item?.id ?? '' })
  expect(await openOf(id)).toMatchObject([{ id: item?.id, assigneeId: cora, queueId }])
  await without(cora, async () => {
    expect(await openOf(id)).toMatchObject([{ id: item?.id, assigneeId: null, queueId }])
    await claim(app, await as('tess'), { companyId, workItemId: item?.id ?? '' })
    await approved('tess', id)
    expect(await proposal(id)).toMatchObject({ status: 'APPLIED' })
  })
  expect(await reasons(id)).toEqual(['DEACTIVATED'])
})

test('whoever it was escalated to and leaves is followed, and the limit that runs goes on', async () => {
  const escalation = [{ to: { users: [olga] }, timeLimit: hours(8) }]
  const limited = { ...step({ users: [mia] }), timeLimit: hours(4), escalation, finally: { verdict: 'REJECT' } }
  await runs([{ approval: { name: 'Approval', steps: [limited] } }])
  const id = await submitted('clara', 'US-033', { creditLimit: '70000' })
  time.ahead += minutes(4 * 60)
  await createSweep(app).run()
  const [escalated] = await openOf(id)
  expect(escalated).toMatchObject({ assigneeId: olga, escalationLevel: 1 })
  await without(olga, async () => {
    const [next] = await openOf(id)
    expect(next).toMatchObject({ escalationLevel: 1, dueAt: escalated?.dueAt })
    expect(next?.assigneeId).not.toBe(olga)
    time.ahead += minutes(8 * 60)
    expect((await createSweep(app).run()).stuck).toEqual([])
    expect(await proposal(id)).toMatchObject({ status: 'REJECTED' })
  })
})

test('an item says of its time whom it will go to, passing over who may not answer then, by their names', async () => {
  const entry = (to: object) => ({ to, timeLimit: hours(8) })
  const escalation = [entry({ users: [await idOf('clara')] }), entry({ users: [tess] }), entry({ users: [olga] })]
  const limited = { ...step({ users: [mia] }), timeLimit: hours(4), escalation, finally: { verdict: 'REJECT' } }
  await runs([{ approval: { name: 'Approval', steps: [limited] } }])
  const id = await submitted('clara', 'US-038', { creditLimit: '70000' })
  const saying = async (): Promise<string | null> => {
    const found = await proposal(id)
    const [item] = found.items.filter(({ status }) => status === 'OPEN')
    const setUp = await app.setup.company(db, companyId)
    const customer = await loadCustomer(db, companyId, { id: found.customerId })
    if (item === undefined || setUp === null || customer === null) throw new Error('nothing is open')
    return (await seatOfItem(app, await as('mia'), setUp, customer, found, item)).whenDue
  }
  const people = (await app.setup.company(db, companyId))?.directory.people
  const nameOf = (userId: string): string => people?.get(userId)?.name ?? ''
  expect(await saying()).toBe(`It goes to ${nameOf(tess)}.`)
  await without(tess, async () => {
    expect(await saying()).toBe(`It goes to ${nameOf(olga)}.`)
    time.ahead += minutes(4 * 60)
    await createSweep(app).run()
    expect(await openOf(id)).toMatchObject([{ assigneeId: olga, escalationLevel: 3 }])
    expect(await saying()).toBe('The system rejects it.')
  })
})

test('a calendar that changes moves no limit that runs, only those that begin', async () => {
  const calendar = async (holidays: string[]) =>
    setCalendar(app, await as('adam'), {
      ...{ company, name: 'Hours', zone: 'UTC', holidays, isDefault: false },
      week: Array.from({ length: 7 }, () => '00:00-24:00'),
    })
  await calendar([])
  const twoDays = { amount: 2, unit: 'DAYS', workingTime: true, calendar: 'Hours' }
  await runs([{ approval: { name: 'Approval', steps: [{ ...step({ users: [mia] }), timeLimit: twoDays }] } }])
  const id = await submitted('clara', 'US-034', { creditLimit: '70000' })
  const due = (await openOf(id))[0]?.dueAt ?? ''
  const ahead = (n: number): string => new Date(app.clock().getTime() + days(n)).toISOString().slice(0, 10)
  await calendar([ahead(1), ahead(2), ahead(3)])
  expect((await openOf(id))[0]?.dueAt).toBe(due)
  const later = await submitted('clara', 'US-035', { creditLimit: '70000' })
  const itsDue = (await openOf(later))[0]?.dueAt ?? ''
  expect(Math.round((Date.parse(itsDue) - Date.parse(due)) / days(1))).toBe(3)
  time.ahead += days(2) + minutes(1)
  await createSweep(app).run()
  const [running] = Object.values((await proposal(id)).runs[0]?.steps ?? {})
  expect(running).toMatchObject({ overdue: true })
  expect(Object.values((await proposal(later)).runs[0]?.steps ?? {})[0]).not.toHaveProperty('overdue')
})

test('a conflict policy that is set after the submit is not that of a running proposal', async () => {
  const adam = await as('adam')
  await runs([approvalBy(mia)])
  const [before, after] = ['US-036', 'US-037']
  const first = await submitted('clara', before, { creditLimit: '70000' })
  await setApprovalParameters(app, adam, { company, conflictPolicy: 'OVERWRITE' })
  const second = await submitted('clara', after, { creditLimit: '70000' })
  await setApprovalParameters(app, adam, { company, entityBehavior: 'ALLOW_WITHOUT_APPROVAL' })
  const partner = await serviceAccount()
  for (const account of [before, after])
    await updateCustomer(app, partner, { company, account, set: { creditLimit: '12345' } })
  const back = { conflictPolicy: 'HOLD', entityBehavior: 'CREATE_CHANGE_PROPOSALS' } as const
  await setApprovalParameters(app, adam, { company, ...back })
  await approved('mia', first)
  await approved('mia', second)
  expect(await proposal(first)).toMatchObject({ status: 'CONFLICTED' })
  expect(await proposal(second)).toMatchObject({ status: 'APPLIED' })
  const limits = await db.execute(sql`
    select credit_limit as "limit" from customers where company_id = ${companyId} and account in (${before}, ${after}) order by account`)
  expect(limits.map(({ limit }) => limit)).toEqual(['12345.00', '70000.00'])
})
