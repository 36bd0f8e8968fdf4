// Workflows that ask a system of a partner: a real receiver, and a clock that is moved.
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { sql } from 'drizzle-orm'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { callPayload } from '../../server/graphql/call-payload.ts'
import type { App } from '../../server/services/app.ts'
import { createCalls, type Calls } from '../../server/services/calls.ts'
import { cancelRun, recallProposal, resumeRun, submitProposal } from '../../server/services/proposals.ts'
import { createSweep } from '../../server/services/timers.ts'
import { createSender } from '../../server/services/webhook-sender.ts'
import { deleteWebhook, saveWebhook } from '../../server/services/webhooks.ts'
import { until } from '../helpers/app.ts'
import { days, minutes, startServices } from '../helpers/services.ts'

type Heard = { readonly headers: IncomingHttpHeaders; readonly body: string }
type Sent = { readonly type: string; readonly data: Record<string, unknown> & { readonly account: string } }

/** What the other side has heard, and what it does about it. */
const heard: Heard[] = []
let answer: (response: ServerResponse, sent: Sent) => void
const say =
  (said: unknown, status = 200) =>
  (response: ServerResponse): void =>
    void response.writeHead(status).end(typeof said === 'string' ? said : JSON.stringify(said))
const receiver = createServer((request, response) => {
  const parts: Buffer[] = []
  request.on('data', (part: Buffer) => parts.push(part))
  request.on('end', () => {
    const body = Buffer.concat(parts).toString()
    heard.push({ headers: request.headers, body })
    answer(response, JSON.parse(body) as Sent)
  })
})
await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/ask`

const services = await startServices()
const { db, companyId, time, as, idOf, submitted, approved, proposal } = services
afterAll(() => {
  receiver.closeAllConnections()
  receiver.close()
})
const timeoutMs = 1500
const sender = createSender({ allowPrivate: true, timeoutMs })
const app: App = { ...services.app, sender }
const adam = await as('adam')
const [cora, carl, olga] = [await idOf('cora'), await idOf('carl'), await idOf('olga')]

const made = await saveWebhook(app, adam, { company: 'USMF', name: 'Bureau', url, types: [], active: true })
const failures: unknown[] = []
const callsOf = (of: App, more = {}): Calls =>
  createCalls(of, { bodyOf: callPayload, failed: (error) => void failures.push(error), ...more })
const calls = callsOf(app)
/** Makes the requests that are due, and waits until all that follows has been done. */
const askAll = async (by: Calls = calls): Promise<void> => {
  await by.run()
  await by.idle()
}
const ahead = (ms: number): void => void (time.ahead += ms)

const ask = (name: string, who: string) => ({
  approval: { name, steps: [{ name, assign: [{ to: { users: [who] } }] }] },
})
const outcomes = [
  { name: 'good', elements: [ask('Good', cora)] },
  { name: 'bad', elements: [ask('Bad', carl)] },
]
const asking = (webhookId: string, more: object = { outcomes }) => ({
  automated: { name: 'Credit', webhookId, ...more },
})
const last = ask('Last', olga)

/** An account that no other test uses. */
let taken = 60
const account = (): string => `US-${String((taken += 1)).padStart(3, '0')}`
const asked = async (name = account()): Promise<string> => submitted('clara', name, { creditLimit: '70000' })
const stateOf = async (id: string): Promise<[string, string[]]> => {
  const { status, items } = await proposal(id)
  return [status, items.filter((i) => i.status === 'OPEN' && i.kind !== 'RETURN').map((i) => i.step)]
}
const dueOf = async (id: string): Promise<number | null> => {
  const [row] = await db.execute<{ due: string | null; limit: string | null }>(
    sql`select extract(epoch from call_due_at) * 1000 as due, due_at as limit from proposals where id = ${id}`,
  )
  expect(row?.limit).toBeNull()
  return typeof row?.due !== 'string' ? null : Number(row.due) - app.clock().getTime()
}
const attemptsOf = (id: string) =>
  db.execute<{ status: number | null; error: string | null; path: string; webhook: string }>(sql`
    select status, error, element_path as path, webhook_id as webhook from webhook_attempts
    where proposal_id = ${id} order by at, id`)

beforeEach(async () => {
  answer = say({ outcome: 'good' })
  // What earlier tests have left over is not this test's.
  await askAll()
  await services.runs([asking(made.webhookId), last])
  heard.length = 0
  failures.length = 0
})

describe('a workflow that asks', () => {
  test('is asked with a signed request about the proposal, without what is sensitive, and goes the way that is answered', async () => {
    answer = say({ outcome: 'bad', comment: ' Two reminders ' })
    const name = account()
    const id = await submitted('clara', name, { creditLimit: '70000', taxExemptNumber: 'DE136695976' })
    expect(await stateOf(id)).toEqual(['PENDING', []])
    await askAll()
    expect(heard).toHaveLength(1)
    const [{ headers, body } = { headers: {}, body: '' }] = heard
    const signed = new Webhook(made.secret ?? '').verify(body, headers as Record<string, string>) as Sent
    expect(signed).toMatchObject({
      type: 'WORKFLOW_QUESTION',
      data: {
        ...{ id: headers['webhook-id'], company: 'USMF', account: name, revision: 1, outcomes: ['good', 'bad'] },
        element: { path: 'elements.0', name: 'Credit' },
        changes: [
          { field: 'creditLimit', operation: 'SET', proposed: '70000.00', masked: false },
          { field: 'taxExemptNumber', base: null, proposed: null, masked: true },
        ],
        proposed: { creditLimit: '70000.00', taxExemptNumber: null },
      },
    })
    expect(body).not.toContain('DE136695976')
    expect(body).not.toMatch(/"iban":"/)
    expect(await stateOf(id)).toEqual(['PENDING', ['Bad']])
    expect((await proposal(id)).decisions).toMatchObject([
      { actorId: null, automatic: true, outcome: 'CHOSEN', choice: 'bad', comment: 'Two reminders' },
    ])
    expect(await attemptsOf(id)).toMatchObject([
      { status: 200, error: null, path: 'elements.0', webhook: made.webhookId },
    ])
    expect(await dueOf(id)).toBeNull()
    await askAll()
    expect(heard).toHaveLength(1)
    await approved('carl', id)
    await approved('olga', id)
    expect((await proposal(id)).status).toBe('APPLIED')
  })

  test('asks again, the same question, until it is answered', async () => {
    const answers = [
      say('no', 500),
      say('<html>'),
      say({ outcome: 'Good' }),
      say({ comment: 'good' }),
      () => undefined,
      say({ outcome: 'good' }),
    ]
    answer = (response) => (answers.shift() ?? say('', 500))(response)
    const id = await asked()
    for (const pause of [10_000, minutes(1), minutes(5), minutes(15), minutes(60)]) {
      await askAll()
      const due = await dueOf(id)
      expect(Math.abs((due ?? 0) - pause)).toBeLessThan(2000)
      const before = heard.length
      await askAll()
      expect(heard).toHaveLength(before)
      ahead(pause)
    }
    await askAll()
    expect(await stateOf(id)).toEqual(['PENDING', ['Good']])
    expect(heard).toHaveLength(6)
    expect(new Set(heard.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    expect(new Set(heard.map(({ body }) => body)).size).toBe(1)
    expect(new Set(heard.map(({ headers }) => headers['webhook-timestamp'])).size).toBe(6)
    expect((await attemptsOf(id)).map(({ status, error }) => [status, error])).toEqual([
      [500, 'It answered with status 500.'],
      [200, 'Its answer is not JSON.'],
      [200, 'Its answer names an outcome that is not known here; it has to be one of: good, bad.'],
      [200, 'Its answer has no "outcome".'],
      [null, `The endpoint did not answer within ${timeoutMs} ms.`],
      [200, null],
    ])
  })

  test('stops in the end with a sentence, and asks afresh when an administrator resumes it', async () => {
    answer = say({ secret: 'inside' }, 503)
    const id = await asked()
    let turns = 0
    for (; (await proposal(id)).status === 'PENDING' && turns < 40; turns++) {
      ahead(Math.max(0, (await dueOf(id)) ?? 0))
      await askAll()
    }
    const stopped = await proposal(id)
    expect(stopped).toMatchObject({ status: 'FAULTED', fault: { code: 'NO_ANSWER' } })
    const message = stopped.status === 'FAULTED' ? stopped.fault.message : ''
    expect(message).toContain('The webhook "Bureau" has not answered "Credit"')
    expect(message).toContain('status 503')
    expect(message).not.toContain('inside')
    expect([turns > 20, await dueOf(id)]).toEqual([true, null])
    const asked1 = heard.at(-1)?.headers['webhook-id']
    answer = say({ outcome: 'good' })
    ahead(days(30))
    await askAll()
    expect(heard).toHaveLength(turns)
    await resumeRun(app, adam, { companyId, proposalId: id, comment: 'It is up again' })
    await askAll()
    expect(await stateOf(id)).toEqual(['PENDING', ['Good']])
    expect(heard.at(-1)?.headers['webhook-id']).not.toBe(asked1)
  })

  test('drops a question with its run: an answer that comes too late changes nothing', async () => {
    for (const end of [recallProposal, cancelRun]) {
      const waiting: ServerResponse[] = []
      answer = (response) => void waiting.push(response)
      const id = await asked()
      await calls.run()
      await until('the request', () => (waiting.length === 1 ? true : undefined))
      const viewer = end === recallProposal ? await as('clara') : adam
      await end(app, viewer, { companyId, proposalId: id, comment: 'Not yet' })
      const before = await proposal(id)
      say({ outcome: 'good' })(waiting[0]!)
      await calls.idle()
      expect(await proposal(id)).toEqual(before)
      expect(await attemptsOf(id)).toMatchObject([{ status: 200 }])
      answer = say({ outcome: 'bad' })
      await submitProposal(app, await as('clara'), { companyId, proposalId: id })
      await askAll()
      expect(await stateOf(id)).toEqual(['PENDING', ['Bad']])
    }
  })

  test('waits for nothing that other proposals wait for, and the sweep of limits has nothing to do with it', async () => {
    const slow: ServerResponse[] = []
    const name = account()
    answer = (response, { data }) =>
      data.account === name ? void slow.push(response) : say({ outcome: 'good' })(response)
    const id = await asked(name)
    await calls.run()
    await until('the slow one', () => (slow.length === 1 ? true : undefined))
    const others = [await asked(), await asked(), await asked()]
    await calls.run()
    for (const other of others)
      await until('the others', async () => ((await stateOf(other))[1][0] === 'Good' ? true : undefined))
    expect(await stateOf(id)).toEqual(['PENDING', []])
    ahead(1000)
    expect(await createSweep(app).run()).toMatchObject({ stuck: [] })
    say({ outcome: 'bad' })(slow[0]!)
    await calls.idle()
    expect(await stateOf(id)).toEqual(['PENDING', ['Bad']])
  })

  test('stops with a sentence when its webhook has been deleted', async () => {
    const other = await saveWebhook(app, adam, { company: 'USMF', name: 'Gone', url, types: [], active: true })
    await services.runs([asking(other.webhookId), last])
    const id = await asked()
    await services.runs([asking(made.webhookId), last])
    await deleteWebhook(app, adam, { companyId, webhookId: other.webhookId })
    await askAll()
    expect(heard).toEqual([])
    expect(await proposal(id)).toMatchObject({ status: 'FAULTED', fault: { code: 'INVALID_WORKFLOW' } })
    expect(failures).toEqual([])
  })
})

describe('several processes', () => {
  const process = (): App => ({ ...services.another().app, sender })

  test('ask each question once at a time, and all of them', async () => {
    const ids: string[] = []
    for (let n = 0; n < 12; n++) ids.push(await asked())
    const inside = new Map<string, number>()
    let twice = 0
    answer = (response, { data }) => {
      const now = (inside.get(data.account) ?? 0) + 1
      inside.set(data.account, now)
      if (now > 1) twice += 1
      setTimeout(() => {
        inside.set(data.account, now - 1)
        say({ outcome: 'good' })(response)
      }, 30)
    }
    const all = [calls, callsOf(process(), { atOnce: 2 }), callsOf(process(), { atOnce: 3 })]
    await Promise.all(all.map((each) => each.run()))
    await Promise.all(all.map((each) => each.idle()))
    expect([heard.length, twice, failures]).toEqual([12, 0, []])
    for (const id of ids) expect(await stateOf(id)).toEqual(['PENDING', ['Good']])
  })

  test('ask again what one has left behind, when its time is over and not before', async () => {
    const id = await asked()
    const dying = callsOf(process())
    answer = () => undefined
    await dying.run()
    await until('the request', () => (heard.length === 1 ? true : undefined))
    dying.abort()
    await dying.idle()
    expect(await attemptsOf(id)).toEqual([])
    answer = say({ outcome: 'good' })
    await askAll()
    expect(heard).toHaveLength(1)
    ahead(timeoutMs + 10_001)
    await askAll()
    expect(await stateOf(id)).toEqual(['PENDING', ['Good']])
    expect(new Set(heard.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
  })
})

test('where nothing waits it costs one statement', async () => {
  await askAll()
  services.statements.length = 0
  await askAll()
  expect(services.statements).toHaveLength(1)
})
