import { describe, expect, test } from 'vitest'
import { kindOf, observe } from '../../server/graphql/audience.ts'
import { viewerWith } from '../../server/services/viewer.ts'
import type { Viewer } from '../../server/services/app.ts'
import type { Role } from '../../server/domain/directory.ts'

const viewer = (memberships: Record<string, readonly Role[]>, kind: 'PERSON' | 'SERVICE' = 'PERSON'): Viewer =>
  viewerWith(
    Object.entries(memberships).map(([companyId, roles]) => ({
      companyId,
      code: companyId.toUpperCase(),
      name: companyId,
      roles,
      active: true,
      setupVersion: 1,
    })),
    { user: { id: 'u', kind, name: 'Una', email: null, responsibleId: null }, companyId: null },
    new Date(1_000),
  )

describe('readers are of a kind', () => {
  test('by their roles in the company, in whatever order, and by what they are', () => {
    const kind = kindOf(viewer({ a: ['CLERK', 'READER'] }), 'a')
    expect(kindOf(viewer({ a: ['READER', 'CLERK'], b: ['ADMINISTRATOR'] }), 'a')).toBe(kind)
    const others = [viewer({ a: ['READER'] }), viewer({ a: [] }), viewer({ a: ['CLERK', 'READER'] }, 'SERVICE')]
    expect(new Set([kind, ...others.map((other) => kindOf(other, 'a'))]).size).toBe(4)
  })

  test('and of none in a company of which they are no member', () => {
    expect(kindOf(viewer({ a: ['CLERK'] }), 'b')).toBeNull()
  })
})

describe('what is asked of a viewer', () => {
  const asked = (ask: (viewer: Viewer) => unknown): [unknown, boolean] => {
    const observed = observe(viewer({ a: ['CLERK'], b: ['READER'] }), 'a')
    expect(observed.isPersonal()).toBe(false)
    const answer = ask(observed.viewer)
    return [answer, observed.isPersonal()]
  }

  test.each<[string, (viewer: Viewer) => unknown, unknown]>([
    ['their roles in the company', (v) => v.memberships.get('a')?.roles, ['CLERK']],
    ['whether they are a member of it', (v) => v.memberships.has('a'), true],
    ['what they are', (v) => v.kind, 'PERSON'],
  ])('may be %s without being personal', (_what, ask, answer) => {
    expect(asked(ask)).toEqual([answer, false])
  })

  test.each<[string, (viewer: Viewer) => unknown, unknown]>([
    ['who they are', (v) => v.userId, 'u'],
    ['their name', (v) => v.name, 'Una'],
    ['when their sign-in ends', (v) => v.expiresAt, 1_000],
    ['whether they are a member elsewhere', (v) => v.memberships.has('b'), true],
    ['their roles elsewhere', (v) => v.memberships.get('b')?.roles, ['READER']],
    ['their roles where they have none', (v) => v.memberships.get('c'), undefined],
    ['how many companies they have', (v) => v.memberships.size, 2],
    ['which companies', (v) => [...v.memberships.keys()], ['a', 'b']],
    ['their companies by iteration', (v) => [...v.memberships].map(([id]) => id), ['a', 'b']],
    ['each of their roles', (v) => [...v.memberships.values()].flatMap(({ roles }) => roles), ['CLERK', 'READER']],
    ['each entry', (v) => new Map(v.memberships).size, 2],
    [
      'each in turn',
      (v) => {
        let n = 0
        v.memberships.forEach(() => (n += 1))
        return n
      },
      2,
    ],
    ['everything', (v) => ({ ...v }).userId, 'u'],
    ['everything as text', (v) => (JSON.parse(JSON.stringify(v)) as Viewer).name, 'Una'],
  ])('is personal if it is %s, and is answered all the same', (_what, ask, answer) => {
    expect(asked(ask)).toEqual([answer, true])
  })
})
