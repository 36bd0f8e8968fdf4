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

test('a page of members costs as many statements as one member', async () => {
  const counted = async (first: number): Promise<number> => {
    await members('adam', 'USMF', first)
    statements.length = 0
    await members('adam', 'USMF', first)
    return statements.length
  }
  expect(await counted(50)).toBe(await counted(1))
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
