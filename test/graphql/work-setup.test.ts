// Queues, calendars and absences as callers meet them: what comes back, who may, and a typed answer for whatever is wrong.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startTestApp } from '../helpers/app.ts'
import { operationsOf, type Input, type Result } from './operations.ts'

const app = await startTestApp()
const { sql, run, runWhole, read, userId, footprint } = operationsOf(app)
const company = 'USMF'
const id = Object.fromEntries(
  await Promise.all(
    ['clara', 'mia', 'cora', 'carl', 'tess', 'olga', 'adam', 'Partner'].map(async (u) => [u, await userId(u)]),
  ),
) as Record<string, string>
const dieter = await userId('dieter', 'DEMF')
const stranger = Buffer.from('User:00000000-0000-7000-8000-000000000000').toString('base64url')
const workflowId = (await read<{ workflows: { id: string }[] }>('adam', '{ workflows(company: "USMF") { id } }'))
  .workflows[0]?.id

const said = ({ __typename, code, path, message }: Result) => {
  if (message !== undefined) expect(message).not.toMatch(/undefined|null|\[object|select |Error:/)
  return [__typename, code, path?.join('.')]
}
const invalid = (path: string, code = 'INVALID_VALUE') => ['ValidationError', code, `input.${path}`]
const notFound = (path: string) => ['NotFoundError', 'NOT_FOUND', `input.${path}`]
const eventsOf = (type: string) =>
  sql<{ company: string; actorId: string | null; data: Record<string, unknown> }[]>`
    select c.code as company, e.actor_id as "actorId", e.data from events e join companies c on c.id = e.company_id
    where e.type = ${type} order by e.id`

let before: Record<string, string> = {}
const refusedWithoutATrace = () => {
  beforeEach(async () => (before = await footprint()))
  afterEach(async () => expect(await footprint()).toEqual(before))
}

describe('a queue', () => {
  test('is made, listed, changed as a whole and read by its id', async () => {
    const made = await run('adam', 'saveQueue', { company, name: ' Bank desk ', memberIds: [id.tess, id.cora] })
    expect(made.__typename).toBe('QueueSuccess')
    const queue = { __typename: 'WorkQueue', id: made.queue.id, name: 'Bank desk' }
    const members = '{ __typename id name members { name } }'
    expect(await read('clara', `{ queues(company: "USMF") ${members} }`)).toEqual({
      queues: [
        { ...queue, members: expect.arrayContaining([{ name: 'Tess Moreau' }, { name: 'Cora Novak' }]) as unknown },
      ],
    })
    await run('adam', 'saveQueue', { company, id: made.queue.id, name: 'Desk', memberIds: [id.carl] })
    const node = `query ($id: ID!) { node(id: $id) { ... on WorkQueue ${members} } }`
    const changed = { ...queue, name: 'Desk', members: [{ name: 'Carl Okafor' }] }
    expect(await read('clara', node, { id: made.queue.id })).toEqual({ node: changed })
    expect((await eventsOf('QueueSaved')).at(-1)).toMatchObject({
      company,
      data: { old: { name: 'Bank desk' }, new: { name: 'Desk' } },
    })
    const log = await read<{ events: { edges: { node: { data: { queueId: string; new: Input } } }[] } }>(
      'adam',
      '{ events(company: "USMF", filter: { types: [QUEUE_SAVED] }, first: 10) { edges { node { data } } } }',
    )
    for (const { node } of log.events.edges) expect(node.data.queueId).toBe(made.queue.id)
    // Neither is there for who belongs elsewhere.
    expect(await read('dieter', '{ queues(company: "USMF") { id } }')).toEqual({ queues: null })
    expect(await read('dieter', node, { id: made.queue.id })).toEqual({ node: null })
  })

  describe('is refused and leaves nothing behind', () => {
    refusedWithoutATrace()
    test.each<[string, Input, unknown[]]>([
      ['without a name', { name: ' ' }, invalid('name')],
      ['with somebody of the other company', { memberIds: [id.cora, dieter] }, invalid('memberIds.1')],
      ['with somebody who is nowhere', { memberIds: [stranger] }, invalid('memberIds.0')],
      ['with an id that is no user', { memberIds: ['x'] }, notFound('memberIds.0')],
      [
        'with too many members',
        { memberIds: Array.from({ length: 501 }, () => id.cora) },
        invalid('memberIds', 'LIMIT_EXCEEDED'),
      ],
      ['by an id that is none', { id: 'x' }, notFound('id')],
      ['by the id of a group', { id: workflowId }, notFound('id')],
      ['with the name of another', { name: 'Desk' }, ['AlreadyExistsError', 'ALREADY_EXISTS', 'input.name']],
      ['in a company that there is not', { company: 'NONE' }, notFound('company')],
    ])('%s', async (_how, more, expected) => {
      expect(said(await run('adam', 'saveQueue', { company, name: 'q', memberIds: [], ...more }))).toEqual(expected)
    })

    test('by an id of the other company', async () => {
      const [queue] = (await read<{ queues: { id: string }[] }>('adam', '{ queues(company: "USMF") { id } }')).queues
      expect(
        said(await run('adam', 'saveQueue', { company: 'DEMF', id: queue?.id, name: 'q', memberIds: [] })),
      ).toEqual(notFound('id'))
    })

    test('by who is no administrator', async () => {
      expect(said(await run('clara', 'saveQueue', { company, name: 'q', memberIds: [] }))).toEqual([
        'NotPermittedError',
        'NOT_PERMITTED',
        undefined,
      ])
      expect(said(await run('dieter', 'saveQueue', { company, name: 'q', memberIds: [] }))).toEqual(notFound('company'))
    })
  })
})

describe('a calendar', () => {
  const week = ['09:00-17:00', null, null, null, null, null, '10:00-24:00']
  const calendars = async (code: string) =>
    (
      await read<{ company: { calendars: { name: string; isDefault: boolean }[] } }>(
        'adam',
        'query ($code: String!) { company(code: $code) { calendars { name zone week holidays isDefault } } }',
        { code },
      )
    ).company.calendars

  test('of each company of the demo world is its own', async () => {
    expect(await calendars('USMF')).toMatchObject([{ name: 'Contoso USA', zone: 'America/New_York', isDefault: true }])
    expect(await calendars('DEMF')).toMatchObject([{ name: 'Contoso Germany', zone: 'Europe/Berlin', isDefault: true }])
  })

  test('is made and changed by its name; the mark of the default moves', async () => {
    const night = { company, name: 'Night', zone: 'Asia/Tokyo', week, holidays: ['2027-01-01', '2026-12-31'] }
    const own = { name: 'Night', zone: 'Asia/Tokyo', week, holidays: ['2026-12-31', '2027-01-01'], isDefault: false }
    expect((await run('adam', 'setCalendar', night)).__typename).toBe('CompanySuccess')
    expect((await calendars(company))[1]).toEqual(own)
    await run('adam', 'setCalendar', { ...night, holidays: [], isDefault: true })
    expect(await calendars(company)).toMatchObject([
      { name: 'Contoso USA', isDefault: false },
      { ...own, holidays: [], isDefault: true },
    ])
    expect((await eventsOf('CalendarSaved')).slice(-2).map(({ data }) => data)).toMatchObject([
      { old: { name: 'Contoso USA', isDefault: true }, new: { isDefault: false } },
      { old: { name: 'Night', isDefault: false }, new: { name: 'Night', week, isDefault: true } },
    ])
    expect(await calendars('DEMF')).toHaveLength(1)
  })

  test('is one default, however many become it at once', async () => {
    const making = [1, 2, 3, 4, 5].map((n) =>
      run('adam', 'setCalendar', {
        company,
        name: `At once ${n % 3}`,
        zone: 'UTC',
        week,
        holidays: [],
        isDefault: true,
      }),
    )
    for (const answer of await Promise.all(making)) expect(answer.__typename).toBe('CompanySuccess')
    expect((await calendars(company)).filter(({ isDefault }) => isDefault)).toHaveLength(1)
  })

  describe('is refused and leaves nothing behind', () => {
    refusedWithoutATrace()
    test.each<[string, Input, unknown[]]>([
      ['without a name', { name: '' }, invalid('name')],
      ['in a zone that there is not', { zone: 'Mars/Olympus' }, invalid('zone')],
      ['with hours that are none', { week: ['nine', null, null, null, null, null, null] }, invalid('week.0')],
      ['with five days', { week: week.slice(2) }, invalid('week')],
      ['without an open day', { week: week.map(() => null) }, invalid('week')],
      ['with a day that does not exist', { holidays: ['2026-12-25', '2026-11-31'] }, invalid('holidays.1')],
      [
        'with too many holidays',
        { holidays: Array.from({ length: 1001 }, () => '2026-12-25') },
        invalid('holidays', 'LIMIT_EXCEEDED'),
      ],
      ['in a company that there is not', { company: 'NONE' }, notFound('company')],
    ])('%s', async (_how, more, expected) => {
      const input = { company, name: 'c', zone: 'UTC', week, holidays: [], ...more }
      expect(said(await run('adam', 'setCalendar', input))).toEqual(expected)
    })

    test('by who is no administrator', async () => {
      const input = { company, name: 'c', zone: 'UTC', week, holidays: [] }
      expect(said(await run('clara', 'setCalendar', input))).toEqual(['NotPermittedError', 'NOT_PERMITTED', undefined])
    })

    test('with what is no date at all, before anything runs', async () => {
      const input = { company, name: 'c', zone: 'UTC', week, holidays: ['25.12.2026'] }
      expect((await runWhole('adam', 'setCalendar', input)).errors?.[0]?.message).toMatch(/2026-12-25/)
    })
  })
})
