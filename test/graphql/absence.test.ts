// Absences as callers meet them: in which companies they hold, who may set and end them, and when the log tells of them.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { tellOfAbsences } from '../../server/services/absences.ts'
import { startTestApp, until } from '../helpers/app.ts'
import { operationsOf, type Input, type Result } from './operations.ts'

let now = new Date('2026-11-22T12:00:00.000Z')
const app = await startTestApp({ clock: () => now })
const { sql, run, read, userId, footprint } = operationsOf(app)
const id = Object.fromEntries(
  await Promise.all(
    ['clara', 'mia', 'cora', 'carl', 'tess', 'olga', 'adam', 'Partner'].map(async (u) => [u, await userId(u)]),
  ),
) as Record<'clara' | 'mia' | 'cora' | 'carl' | 'tess' | 'olga' | 'adam' | 'Partner', string>
const dieter = await userId('dieter', 'DEMF')
const workflowId = (await read<{ workflows: { id: string }[] }>('adam', '{ workflows(company: "USMF") { id } }'))
  .workflows[0]?.id
const december = { from: '2026-12-01T00:00:00Z', until: '2026-12-31T00:00:00Z' }
// Sign-ins end after some hours.
const today = { from: '2026-11-22T13:00:00Z', until: '2026-11-22T17:00:00Z' }
const of = (year: number) => ({ from: `${year}-01-01T00:00:00Z`, until: `${year}-02-01T00:00:00Z` })

type Absence = {
  id: string
  from: string
  until: string
  company: { code: string }
  standIn: { name: string }
  user: { name: string }
  workflow: { name: string } | null
}
const selection = '{ id from until company { code } user { name } standIn { name } workflow { name } }'
const absencesOf = async (who: string, viewer: string): Promise<Absence[]> => {
  const answer = await read<{ node: { absences: Absence[] } | null }>(
    viewer,
    `query ($id: ID!) { node(id: $id) { ... on User { absences ${selection} } } }`,
    { id: who },
  )
  return answer.node?.absences ?? []
}
const eventsOf = (type: string) =>
  sql<{ company: string; actor: string | null; data: { absenceId: string; until: string } }[]>`
    select c.code as company, u.name as actor, e.data from events e join companies c on c.id = e.company_id
    left join users u on u.id = e.actor_id where e.type = ${type} order by e.id`
const said = ({ __typename, code, path, message }: Result) => {
  if (message !== undefined) expect(message).not.toMatch(/undefined|null|\[object|select |Error:/)
  return [__typename, code, path?.join('.')]
}
const invalid = (path: string, code = 'INVALID_VALUE') => ['ValidationError', code, `input.${path}`]
const notFound = (path: string) => ['NotFoundError', 'NOT_FOUND', `input.${path}`]
const notPermitted = ['NotPermittedError', 'NOT_PERMITTED', undefined]
const startOver = async () => {
  now = new Date('2026-11-22T12:00:00.000Z')
  await sql.begin(async (tx) => {
    await tx`set local session_replication_role = replica`
    await tx`delete from absences`
    await tx`update companies set setup_version = setup_version + 1`
  })
}

describe('an absence', () => {
  beforeEach(startOver)

  test('is set by the person themself, and seen by whoever shares the company', async () => {
    const answer = await run('mia', 'setAbsence', { standInId: id.olga, ...december })
    expect(answer).toMatchObject({ __typename: 'UserSuccess', user: { id: id.mia } })
    const absence = {
      id: expect.any(String) as string,
      from: '2026-12-01T00:00:00.000Z',
      until: '2026-12-31T00:00:00.000Z',
      company: { code: 'USMF' },
      user: { name: 'Mia Lindgren' },
      standIn: { name: 'Olga Petrova' },
      workflow: null,
    }
    for (const viewer of ['mia', 'clara', 'partner', 'olga'])
      expect(await absencesOf(id.mia, viewer)).toEqual([absence])
    expect(await absencesOf(id.mia, 'dieter')).toEqual([])
    const [own] = await absencesOf(id.mia, 'mia')
    const node = `query ($id: ID!) { node(id: $id) { ... on Absence ${selection} } }`
    expect(await read('clara', node, { id: own?.id })).toEqual({ node: own })
    expect(await read('dieter', node, { id: own?.id })).toEqual({ node: null })
    expect((await eventsOf('AbsenceSet')).at(-1)).toMatchObject({ company: 'USMF', actor: 'Mia Lindgren' })
  })

  test('holds in every company that the person and the stand-in share, or in the one that is named', async () => {
    await run('olga', 'setAbsence', { standInId: id.adam, ...december })
    expect((await absencesOf(id.olga, 'adam')).map((a) => a.company.code).sort()).toEqual(['DEMF', 'USMF'])
    expect((await absencesOf(id.olga, 'mia')).map((a) => a.company.code)).toEqual(['USMF'])
    await run('olga', 'setAbsence', { standInId: id.mia, ...of(2028) })
    await run('olga', 'setAbsence', { standInId: dieter, ...of(2028) })
    await run('olga', 'setAbsence', { company: 'DEMF', standInId: id.adam, ...of(2029) })
    expect(
      (await absencesOf(id.olga, 'adam'))
        .slice(2)
        .map((a) => [a.from.slice(0, 4), a.company.code])
        .sort(),
    ).toEqual([
      ['2028', 'DEMF'],
      ['2028', 'USMF'],
      ['2029', 'DEMF'],
    ])
  })

  test('that one of the companies refuses holds in none', async () => {
    await run('olga', 'setAbsence', { company: 'DEMF', standInId: dieter, ...december })
    const before = await footprint()
    expect(said(await run('olga', 'setAbsence', { standInId: id.adam, ...december }))).toEqual(invalid('from'))
    expect(await footprint()).toEqual(before)
  })

  test('of one workflow holds in its company alone, beside one of all', async () => {
    await run('olga', 'setAbsence', { standInId: id.adam, workflowId, ...december })
    await run('olga', 'setAbsence', { company: 'USMF', standInId: id.mia, ...december })
    expect(await absencesOf(id.olga, 'adam')).toMatchObject([
      { company: { code: 'USMF' }, workflow: { name: 'Customer changes' } },
      { company: { code: 'USMF' }, workflow: null },
    ])
  })

  test('is set by an administrator for somebody else, where they administer', async () => {
    expect(await run('adam', 'setAbsence', { userId: id.olga, standInId: id.mia, ...december })).toMatchObject({
      user: { id: id.olga },
    })
    expect(await absencesOf(id.olga, 'adam')).toHaveLength(1)
    expect((await eventsOf('AbsenceSet')).at(-1)).toMatchObject({ company: 'USMF', actor: 'Adam Wright' })
  })

  describe('is refused and leaves nothing behind', () => {
    let before: Record<string, string> = {}
    beforeEach(async () => (before = await footprint()))
    afterEach(async () => expect(await footprint()).toEqual(before))

    test.each<[string, Input, unknown[]]>([
      ['with nobody but oneself', { standInId: id.mia }, invalid('standInId')],
      ['with somebody of another company', { standInId: dieter }, invalid('standInId')],
      ['with a service account', { standInId: id.Partner }, invalid('standInId')],
      ['with an id that is no user', { standInId: 'x' }, notFound('standInId')],
      ['that ends before it begins', { until: '2026-11-30T00:00:00Z' }, invalid('until')],
      ['that is over', { from: '2026-01-01T00:00:00Z', until: '2026-11-22T11:59:59Z' }, invalid('until')],
      ['that never ends', { until: '2999-01-01T00:00:00Z' }, invalid('until')],
      ['for somebody else', { userId: id.cora }, notPermitted],
      ['for somebody of another company', { userId: dieter }, notFound('userId')],
      ['for an id that is no user', { userId: 'x' }, notFound('userId')],
      ['of a workflow that is none', { workflowId: id.mia }, notFound('workflowId')],
      [
        'of a workflow that there is not',
        {
          workflowId: Buffer.from(
            `${Buffer.from(String(workflowId), 'base64url').toString().slice(0, -4)}0000`,
          ).toString('base64url'),
        },
        notFound('workflowId'),
      ],
      ['in a company of others', { company: 'DEMF' }, notFound('company')],
    ])('%s', async (_how, more, expected) => {
      expect(said(await run('mia', 'setAbsence', { standInId: id.olga, ...december, ...more }))).toEqual(expected)
    })

    test('with a workflow of a company that one is not in, or of another than the one named', async () => {
      expect(said(await run('dieter', 'setAbsence', { standInId: id.olga, workflowId, ...december }))).toEqual(
        notFound('workflowId'),
      )
      expect(
        said(await run('olga', 'setAbsence', { company: 'DEMF', standInId: id.adam, workflowId, ...december })),
      ).toEqual(notFound('workflowId'))
    })
  })

  test('that closes a circle of three is refused by name, also when all three are set at once', async () => {
    const three = [
      ['cora', id.carl],
      ['carl', id.tess],
      ['tess', id.cora],
    ] as const
    const answers = await Promise.all(
      three.map(([user, standInId]) => run(user, 'setAbsence', { standInId, ...december })),
    )
    expect(answers.map(({ __typename }) => __typename).sort()).toEqual([
      'UserSuccess',
      'UserSuccess',
      'ValidationError',
    ])
    const refused = answers.find(({ code }) => code !== undefined)!
    expect(said(refused)).toEqual(invalid('standInId'))
    for (const name of ['Cora Novak', 'Carl Okafor', 'Tess Moreau']) expect(refused.message).toContain(name)
  })
})

describe('an absence that is ended', () => {
  beforeEach(startOver)
  const set = async (user: 'mia' | 'cora' = 'mia') => {
    await run(user, 'setAbsence', { standInId: id.olga, ...today })
    return (await absencesOf(id[user], user))[0]!.id
  }

  test('before it begins is taken back: nothing is told of it', async () => {
    const absenceId = await set()
    expect(await run('mia', 'endAbsence', { absenceId })).toMatchObject({
      __typename: 'UserSuccess',
      user: { id: id.mia },
    })
    expect(await absencesOf(id.mia, 'mia')).toEqual([])
    const before = (await eventsOf('AbsenceBegan')).length
    now = new Date('2026-11-22T18:00:00.000Z')
    expect(await tellOfAbsences(app.services)).toBe(0)
    expect(await eventsOf('AbsenceBegan')).toHaveLength(before)
    expect(said(await run('mia', 'endAbsence', { absenceId }))).toEqual(invalid('absenceId', 'WRONG_STATE'))
  })

  test('while it lasts is over at once, by an administrator too', async () => {
    const absenceId = await set()
    now = new Date('2026-11-22T14:30:00.000Z')
    await run('adam', 'endAbsence', { absenceId })
    expect((await eventsOf('AbsenceSet')).at(-1)).toMatchObject({
      actor: 'Adam Wright',
      data: { until: now.toISOString() },
    })
    expect(await absencesOf(id.mia, 'mia')).toEqual([])
    expect(
      await run('mia', 'setAbsence', { standInId: id.olga, from: now.toISOString(), until: today.until }),
    ).toMatchObject({ user: { id: id.mia } })
  })

  test('by anybody else, or by an id that is none, is refused', async () => {
    const absenceId = await set()
    const before = await footprint()
    for (const user of ['cora', 'olga', 'audrey', 'partner'])
      expect(said(await run(user, 'endAbsence', { absenceId }))).toEqual(notPermitted)
    expect(said(await run('dieter', 'endAbsence', { absenceId }))).toEqual(notFound('absenceId'))
    expect(said(await run('mia', 'endAbsence', { absenceId: 'x' }))).toEqual(notFound('absenceId'))
    expect(said(await run('mia', 'endAbsence', { absenceId: workflowId }))).toEqual(notFound('absenceId'))
    expect(await footprint()).toEqual(before)
  })
})

// The running application looks for what is due as well: it does not matter who tells.
describe('the log', () => {
  beforeEach(startOver)
  const told = (type: string, count: number) =>
    until(`${count} events ${type}`, async () => {
      await tellOfAbsences(app.services)
      const events = await eventsOf(type)
      return events.length >= count ? events : undefined
    })

  test('tells of begin and end once each, when their time has come, however many look at once', async () => {
    await run('mia', 'setAbsence', { standInId: id.olga, ...today })
    await run('olga', 'setAbsence', { standInId: id.adam, ...today })
    const [began, ended] = [(await eventsOf('AbsenceBegan')).length, (await eventsOf('AbsenceEnded')).length]
    expect(await tellOfAbsences(app.services)).toBe(0)
    now = new Date(today.from)
    await Promise.all([1, 2, 3].map(() => tellOfAbsences(app.services)))
    const events = (await told('AbsenceBegan', began + 3)).slice(began)
    expect(events.map(({ company, actor }) => [company, actor]).sort()).toEqual([
      ['DEMF', null],
      ['USMF', null],
      ['USMF', null],
    ])
    expect(events.find(({ company }) => company === 'DEMF')?.data).toEqual({
      absenceId: expect.any(String) as string,
      userId: expect.any(String) as string,
      standInId: expect.any(String) as string,
      from: '2026-11-22T13:00:00.000Z',
      until: '2026-11-22T17:00:00.000Z',
      workflowId: null,
    })
    now = new Date(today.until)
    expect(await absencesOf(id.mia, 'mia')).toEqual([])
    expect((await told('AbsenceEnded', ended + 3)).slice(ended)).toHaveLength(3)
    expect(await tellOfAbsences(app.services)).toBe(0)
    expect(await eventsOf('AbsenceBegan')).toHaveLength(began + 3)
    expect(await sql`select 1 from absences where ended_at is null`).toHaveLength(0)
  })

  test('tells of both after a time in which nobody looked, in their order', async () => {
    await run('mia', 'setAbsence', { standInId: id.olga, ...today })
    const ended = (await eventsOf('AbsenceEnded')).length
    now = new Date('2027-06-01T00:00:00.000Z')
    await told('AbsenceEnded', ended + 1)
    const [row] = await sql<{ types: string[] }[]>`
      select array_agg(type order by id) as types from events where at = ${now} and type in ('AbsenceBegan', 'AbsenceEnded')`
    expect(row?.types).toEqual(['AbsenceBegan', 'AbsenceEnded'])
  })
})
