// What the set-up shows of a company: who its members are and what they may do, and its codes with those that are retired.
import { expect, test } from 'vitest'
import { startWorld } from './world.ts'

const { ask, statements } = await startWorld()

type Member = { id: string; name: string; active: boolean; roles: string[]; groups: { name: string }[] }
const members = async (user: string, company = 'USMF', first = 100): Promise<Member[]> => {
  const { users } = await ask<{ users: { edges: { node: Member }[] } }>(
    user,
    'query ($c: String!, $n: Int) { users(company: $c, first: $n) { edges { node { id name active roles groups { name } } } } }',
    { c: company, n: first },
  )
  return users.edges.map(({ node }) => node)
}
const named = async (user: string, name: string, company?: string): Promise<Member | undefined> =>
  (await members(user, company)).find((one) => one.name.startsWith(name))
const done = (data: object): void => expect(JSON.stringify(data)).not.toMatch(/Error"/)
const setMember = async (input: object): Promise<void> =>
  done(await ask('adam', 'mutation ($i: SetMemberInput!) { setMember(input: $i) { __typename } }', { i: input }))

test('members are told with their roles and groups, to whoever is one', async () => {
  for (const user of ['adam', 'cora', 'audrey', 'clara'] as const) {
    expect(await named(user, 'Cora')).toMatchObject({ roles: ['READER'], groups: [{ name: 'credit' }] })
    expect(await named(user, 'Adam')).toMatchObject({ roles: ['ADMINISTRATOR'], groups: [] })
  }
  const { node } = await ask<{ node: Member }>(
    'clara',
    'query ($id: ID!) { node(id: $id) { ... on User { roles groups { name } } } }',
    {
      id: (await named('clara', 'Olga'))?.id,
    },
  )
  expect(node).toMatchObject({ roles: ['READER'], groups: [{ name: 'directors' }] })
})

test('roles and groups are those of the company that is asked about, and stay with who has left', async () => {
  const [olga, colin] = [await named('adam', 'Olga'), await named('adam', 'Colin')]
  await setMember({ company: 'DEMF', userId: olga?.id, roles: ['READER', 'AUDITOR'] })
  expect(await named('dieter', 'Olga', 'DEMF')).toMatchObject({ roles: ['READER', 'AUDITOR'], groups: [] })
  expect(await named('adam', 'Olga')).toMatchObject({ roles: ['READER'], groups: [{ name: 'directors' }] })
  await setMember({ company: 'USMF', userId: colin?.id, active: false })
  expect(await named('adam', 'Colin')).toMatchObject({ active: false, roles: ['CLERK'] })
})

test('a member is told by id as the company knows them that is asked, and nobody else’s is there', async () => {
  const byId = async (user: string, company: string, id: string | undefined) =>
    (
      await ask<{ user: Member | null }>(
        user,
        'query ($c: String!, $id: ID!) { user(company: $c, id: $id) { id name active roles groups { name } } }',
        { c: company, id },
      )
    ).user
  const [olga, colin, dieter] = [
    await named('adam', 'Olga'),
    await named('adam', 'Colin'),
    await named('dieter', 'Dieter', 'DEMF'),
  ]
  expect(await byId('adam', 'USMF', olga?.id)).toEqual(olga)
  expect(await byId('adam', 'DEMF', olga?.id)).toMatchObject({ roles: ['READER', 'AUDITOR'], groups: [] })
  expect(await byId('clara', 'USMF', colin?.id)).toMatchObject({ active: false, roles: ['CLERK'] })
  expect(await byId('adam', 'USMF', dieter?.id)).toBeNull()
  expect(await byId('clara', 'DEMF', olga?.id)).toBeNull()
  const { groups } = await ask<{ groups: { id: string }[] }>('adam', '{ groups(company: "USMF") { id } }')
  for (const id of ['', 'new', groups[0]?.id]) expect(await byId('adam', 'USMF', id)).toBeNull()
})

/** How many statements a query takes, once what belongs to nobody in particular is known. */
const cost = async (query: string, variables: object): Promise<number> => {
  await ask('adam', query, { ...variables })
  statements.length = 0
  await ask('adam', query, { ...variables })
  return statements.length
}

test('a page of members, and all absences, cost as many statements as one', async () => {
  const people = await members('adam')
  expect(people.length).toBeGreaterThan(5)
  const person = '{ name manager { name } responsible { name } groups { name members { name } } }'
  const page = `query ($n: Int) { users(company: "USMF", first: $n) { edges { node ${person} } } }`
  expect(await cost(page, { n: 50 })).toBe(await cost(page, { n: 1 }))

  const away = async (name: string, year: number) => {
    const input = {
      company: 'USMF',
      userId: people.find((one) => one.name.startsWith(name))?.id,
      standInId: people.find((one) => one.name.startsWith('Mia'))?.id,
      from: `${year}-01-01T00:00:00Z`,
      until: `${year}-02-01T00:00:00Z`,
    }
    done(await ask('adam', 'mutation ($i: SetAbsenceInput!) { setAbsence(input: $i) { __typename } }', { i: input }))
  }
  const all = `{ absences(company: "USMF") { id company { name } user ${person} standIn ${person} workflow { name } } }`
  await away('Cora', 2101)
  const one = await cost(all, {})
  for (const name of ['Carl', 'Tess', 'Clara', 'Olga']) await away(name, 2100)
  expect(await cost(all, {})).toBe(one)
  const { absences } = await ask<{ absences: { user: { name: string } }[] }>('clara', all)
  expect(absences).toHaveLength(5)
  expect(absences.at(-1)?.user.name).toBe('Cora Novak')
  expect(await ask('dieter', all)).toEqual({ absences: null })
})

test('codes that are retired are told to who asks for them, and to nobody else', async () => {
  type Code = { code: string; name: string; active: boolean }
  const codes = async (user: string, more = ''): Promise<Code[]> =>
    (
      await ask<{ referenceValues: Code[] }>(
        user,
        `{ referenceValues(company: "USMF", kind: PAYMENT_TERMS ${more}) { code name active } }`,
      )
    ).referenceValues
  const before = await codes('adam')
  const retired = before[0]!
  expect(await codes('adam', 'includeInactive: true')).toEqual(before)
  const input = { company: 'USMF', kind: 'PAYMENT_TERMS', deactivate: [retired.code] }
  done(
    await ask('adam', 'mutation ($i: SetReferenceValuesInput!) { setReferenceValues(input: $i) { __typename } }', {
      i: input,
    }),
  )
  expect(await codes('adam')).toEqual(before.slice(1))
  expect(await codes('clara', 'includeInactive: false')).toEqual(before.slice(1))
  expect(await codes('clara', 'includeInactive: true')).toEqual([{ ...retired, active: false }, ...before.slice(1)])
})
