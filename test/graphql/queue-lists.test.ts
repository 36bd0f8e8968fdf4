// Who sees which work items in lists: their own, those of people for whom they stand in, and what waits in their queues.
import { describe, expect, test } from 'vitest'
import { startTestApp } from '../helpers/app.ts'
import { asks, days, queueWorldOf } from './queue-world.ts'

let ahead = 0
const app = await startTestApp({ clock: () => new Date(Date.now() + ahead) })
const world = await queueWorldOf(app)
const { ids, must, run, read, sql, workflowFor, queueOf, propose, itemOf, queueAccounts, connection } = world
const hour = 3_600_000
const at = (ms: number): string => new Date(Date.now() + ahead + ms).toISOString()
const counted = async (user: string): Promise<number> =>
  (await read<{ viewer: { openWorkItems: number } }>(user, '{ viewer { openWorkItems } }')).viewer.openWorkItems
/** Somebody is away for the hours; ends it again with the answer. */
const away = async (user: 'tess' | 'olga' | 'carl' | 'cora', standIn: 'tess' | 'olga' | 'carl' | 'cora' | 'colin') => {
  await must('adam', 'setAbsence', {
    company: 'USMF',
    userId: ids[user],
    standInId: ids[standIn],
    from: at(-hour),
    until: at(hour),
  })
  return async () => {
    const { node } = await read<{ node: { absences: { id: string }[] } }>(
      'adam',
      'query ($id: ID!) { node(id: $id) { ... on User { absences { id } } } }',
      { id: ids[user] },
    )
    for (const { id } of node.absences) await must('adam', 'endAbsence', { absenceId: id })
  }
}

describe('a queue of work', () => {
  test('shows what nobody has claimed to each of its members, and to nobody else', async () => {
    await queueOf('Desk', ['cora', 'carl', 'clara'])
    await workflowFor('US-031', asks({ queue: 'Desk' }))
    const before = await counted('carl')
    await propose('US-031')
    for (const member of ['cora', 'carl', 'clara']) {
      expect(await queueAccounts(member)).toContain('US-031')
      expect(await queueAccounts(member, { scope: ['QUEUES'] })).toEqual(['US-031'])
      expect(await queueAccounts(member, { scope: ['MINE', 'STANDING_IN'] })).not.toContain('US-031')
    }
    expect(await queueAccounts('tess')).not.toContain('US-031')
    expect(await counted('carl')).toBe(before + 1)
    const item = await itemOf('cora', 'US-031')
    await must('cora', 'claim', { workItemId: item.id })
    expect(await queueAccounts('cora', { scope: ['MINE'] })).toContain('US-031')
    expect(await queueAccounts('carl')).not.toContain('US-031')
    expect(await counted('carl')).toBe(before)
    await must('cora', 'release', { workItemId: item.id })
    expect(await queueAccounts('carl', { scope: ['QUEUES'] })).toEqual(['US-031'])
  })

  test('shows an author what they may not claim', async () => {
    const { id } = await itemOf('clara', 'US-031')
    expect(await run('clara', 'claim', { workItemId: id })).toMatchObject({ code: 'IS_AUTHOR' })
  })

  test('gives an item that two claim at the same instant to one of them', async () => {
    for (let n = 0; n < 5; n++) {
      const { id } = await itemOf('cora', 'US-031')
      const members = ['cora', 'carl'] as const
      const results = await Promise.all(members.map((member) => run(member, 'claim', { workItemId: id })))
      expect(results.map(({ code }) => code ?? 'taken').sort()).toEqual(['WRONG_STATE', 'taken'])
      const [winner, loser] = results[0]?.code === undefined ? members : (['carl', 'cora'] as const)
      expect(await queueAccounts(winner)).toContain('US-031')
      expect(await queueAccounts(loser)).not.toContain('US-031')
      await must(winner, 'release', { workItemId: id })
    }
  })
})

describe('somebody who is away', () => {
  test('has handed their items to whoever stands in, over a chain, and gets them back', async () => {
    await workflowFor('US-032', asks({ users: [ids.tess] }))
    await propose('US-032')
    const olgas = await queueAccounts('olga')
    expect(await queueAccounts('tess')).toContain('US-032')
    const back = await away('tess', 'olga')
    expect(await queueAccounts('tess')).not.toContain('US-032')
    expect(await queueAccounts('olga')).toEqual([...olgas, 'US-032'])
    expect(await queueAccounts('olga', { scope: ['STANDING_IN'] })).toEqual(['US-032'])
    expect(await queueAccounts('olga', { scope: ['MINE'] })).not.toContain('US-032')
    expect(await counted('olga')).toBe(olgas.length + 1)
    const olgaIsBack = await away('olga', 'carl')
    expect(await queueAccounts('olga')).not.toContain('US-032')
    expect(await queueAccounts('carl', { scope: ['STANDING_IN'] })).toContain('US-032')
    await olgaIsBack()
    expect(await queueAccounts('carl')).not.toContain('US-032')
    await back()
    expect(await queueAccounts('olga')).toEqual(olgas)
    expect(await queueAccounts('tess')).toContain('US-032')
  })

  test('keeps an item at which the stand-in may not sit: they made the change, or are asked themselves', async () => {
    await workflowFor('US-033', asks({ users: [ids.tess] }))
    await workflowFor('US-034', {
      approval: {
        name: 'Approval',
        steps: [{ name: 'Step', assign: [{ to: { users: [ids.tess, ids.cora] }, policy: 'ALL' }] }],
      },
    })
    await propose('US-033', 'colin')
    await propose('US-034')
    const back = await away('tess', 'colin')
    expect(await queueAccounts('colin', { scope: ['STANDING_IN'] })).toEqual(['US-032', 'US-034'])
    expect(await queueAccounts('tess')).toContain('US-033')
    await back()
    const again = await away('tess', 'cora')
    expect(await queueAccounts('cora', { scope: ['STANDING_IN'] })).toEqual(['US-032', 'US-033'])
    expect(await queueAccounts('tess')).toEqual(expect.arrayContaining(['US-034']))
    expect((await queueAccounts('cora')).filter((account) => account === 'US-034')).toHaveLength(1)
    await again()
  })

  test('hands over by the clock alone, at the very instants', async () => {
    await must('tess', 'setAbsence', { standInId: ids.olga, from: at(2 * hour), until: at(4 * hour) })
    expect(await queueAccounts('olga', { scope: ['STANDING_IN'] })).toEqual([])
    ahead += 3 * hour
    expect(await queueAccounts('olga', { scope: ['STANDING_IN'] })).toEqual(['US-032', 'US-033', 'US-034'])
    ahead += 2 * hour
    expect(await queueAccounts('olga', { scope: ['STANDING_IN'] })).toEqual([])
    expect(await queueAccounts('tess')).toEqual(expect.arrayContaining(['US-032', 'US-033', 'US-034']))
  })
})

describe('by due time', () => {
  const accounts = ['US-035', 'US-036', 'US-037', 'US-038', 'US-039']
  const inOrder = ['US-037', 'US-035', 'US-039', 'US-036', 'US-038']
  const filter = { search: 'US-03', overdue: false, kind: ['APPROVAL'] }
  const pageOf = (args: string) => connection('mia', args, filter)

  test('what falls due first comes first, and what has no limit last, in both directions', async () => {
    await queueOf('Counter', ['mia'])
    const limits = [days(3), null, days(1), null, days(5)]
    const tos = [{ users: [ids.mia] }, { queue: 'Counter' }, { queue: 'Counter' }, { users: [ids.mia] }]
    for (const [n, account] of accounts.entries()) {
      const timeLimit = limits[n] ?? null
      await workflowFor(account, asks(tos[n % 4]!, timeLimit === null ? {} : { timeLimit }))
      await propose(account)
    }
    expect(world.accountsOf(await pageOf('first: 100'))).toEqual(inOrder)
    for (const direction of ['first', 'last'] as const) {
      const read: string[] = []
      let cursor = ''
      for (let n = 0; n < 3; n++) {
        const found = await pageOf(`${direction}: 2 ${cursor}`)
        const own = world.accountsOf(found)
        if (direction === 'first') read.push(...own)
        else read.unshift(...own)
        const { startCursor, endCursor, hasNextPage, hasPreviousPage } = found.pageInfo
        expect(direction === 'first' ? hasNextPage : hasPreviousPage).toBe(n < 2)
        expect(found.totalCount).toBe(5)
        cursor = direction === 'first' ? `after: "${endCursor}"` : `before: "${startCursor}"`
      }
      expect(read).toEqual(inOrder)
    }
  })

  test('what has run out is overdue', async () => {
    expect(await queueAccounts('mia', { overdue: true })).toEqual([])
    // As if days had passed; sign-ins end sooner.
    await sql`update work_items set due_at = due_at - interval '4 days' where step = 'Step'`
    expect(await queueAccounts('mia', { overdue: true, search: 'US-03' })).toEqual(['US-037', 'US-035'])
    expect(await queueAccounts('mia', filter)).toEqual(['US-039', 'US-036', 'US-038'])
  })

  test('a cursor of no place is refused', async () => {
    for (const place of [
      ['never', '2026-01-01T00:00:00.000Z'],
      ['infinity', 'infinity'],
      ['2026-02-30T00:00:00.000Z'],
    ]) {
      const cursor = Buffer.from(JSON.stringify(['QUEUE', ...place, ids.mia])).toString('base64url')
      const answer = await world.whole('mia', `{ approvalQueue(after: "${cursor}") { totalCount } }`)
      expect(answer.errors?.[0]?.extensions?.code).toBe('BAD_REQUEST')
    }
  })
})

describe('the items of a company', () => {
  const found = async (filter: object | null) => {
    const items = await world.companyItems('adam', { ...filter }, 'first: 100')
    if (items === null) throw new Error('not for an administrator')
    expect(items.totalCount).toBe(items.edges.length)
    return world.accountsOf(items)
  }

  test('are for its administrators alone', async () => {
    for (const user of ['clara', 'mia', 'cora', 'audrey', 'partner']) expect(await world.companyItems(user)).toBeNull()
    expect(await world.companyItems('dieter', null, '', 'DEMF')).toBeNull()
    expect(await world.companyItems('adam', null, '', 'NONE')).toBeNull()
    expect(await world.companyItems('adam', null, '', 'DEMF')).toMatchObject({ totalCount: 0 })
  })

  test('are all that are open, by due time, in pages', async () => {
    const all = await found(null)
    const [{ open }] = (await sql`select count(*)::int as open from work_items where status = 'OPEN'`) as [
      { open: number },
    ]
    expect(all).toHaveLength(open)
    expect(all).toEqual(expect.arrayContaining(['US-010', 'US-031', 'US-032', 'US-037']))
    const first = await world.companyItems('adam', null, 'first: 3')
    const next = await world.companyItems('adam', null, `first: 100, after: "${first?.pageInfo.endCursor}"`)
    expect([...world.accountsOf(first!), ...world.accountsOf(next!)]).toEqual(all)
  })

  test('are filtered by who has them, by account, by state and by what is overdue', async () => {
    expect(await found({ assignee: ids.tess })).toEqual(['US-032', 'US-033', 'US-034'])
    expect(await found({ assignee: 'nobody' })).toEqual([])
    expect(await found({ account: 'US-031' })).toEqual(['US-031'])
    expect(await found({ overdue: true, assignee: ids.mia })).toEqual(expect.arrayContaining(['US-035']))
    expect(await found({ overdue: false, account: 'US-035' })).toEqual([])
    expect((await world.answer('tess', 'US-032')).code).toBeUndefined()
    expect(await found({ account: 'US-032' })).toEqual([])
    expect(await found({ account: 'US-032', status: ['OPEN', 'DECIDED'] })).toEqual(['US-032'])
    expect(await found({ account: 'US-032', status: [] })).toEqual([])
  })

  test('that nobody could be found for are unassigned, those in a queue are not', async () => {
    await sql`update work_items set assignee_id = null where status = 'OPEN' and subject is not null and id in (
      select w.id from work_items w join proposals p on p.id = w.proposal_id join customers c on c.id = p.customer_id
      where c.account = 'US-033')`
    expect(await found({ unassigned: true })).toEqual(['US-033'])
    expect(await found({ unassigned: false })).toEqual(expect.arrayContaining(['US-031', 'US-034']))
    expect(await found({ unassigned: false })).not.toContain('US-033')
  })
})
