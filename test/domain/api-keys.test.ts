// What a key of a service account may be, what tells of it, and what it looks like.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { apiKeyText, hashOfApiKey, hintOf, mayBeApiKey } from '../../server/domain/api-key-text.ts'
import { decideKey, isLive, revokeKey, type ApiKey, type KeyWish } from '../../server/domain/api-key.ts'
import type { Role } from '../../server/domain/directory.ts'
import type { Result } from '../../server/domain/errors.ts'
import { changeMember } from '../../server/domain/setup.ts'
import { createCompany, demoPeople, person } from './world.ts'

const now = '2026-11-22T12:00:00.000Z'
const company = createCompany({
  workflows: [],
  people: [
    ...demoPeople,
    person('asleep', ['INTEGRATION'], { kind: 'SERVICE', active: false, responsibleId: 'adam' }),
    person('orphan', ['READER'], { kind: 'SERVICE', responsibleId: 'gone' }),
  ],
})
const adam = { id: 'adam' }
const aKey = (more: Partial<ApiKey> = {}): ApiKey => ({
  id: 'k',
  userId: 'partner',
  name: 'CRM',
  hint: 'wxyz',
  createdById: 'adam',
  createdAt: now,
  expiresAt: null,
  lastUsedAt: null,
  revokedAt: null,
  revokedById: null,
  ...more,
})
const wish = (more: Partial<KeyWish> = {}): KeyWish => ({ name: 'CRM', userId: 'partner', ...more })
const decide = (wanted: KeyWish, keys: readonly ApiKey[] = []) => {
  let n = 0
  return decideKey(company, adam, wanted, { now, newId: () => `id${(n += 1)}`, hint: 'wxyz', keys })
}
const made = (wanted: KeyWish, keys?: readonly ApiKey[]) => {
  const result = decide(wanted, keys)
  if (!result.ok) throw result.error
  return result.value
}
/** Code and place of each thing that is wrong. */
const problems = (result: Result<unknown>): string[] => {
  if (result.ok) return []
  const { code, at, detail } = result.error
  return (detail.problems ?? [{ code, at }]).map((p) => `${p.code} ${(p.at ?? []).join('.')}`)
}

describe('a new key', () => {
  it('of an account that is there changes nothing else, and its event names all but the key', () => {
    const { key, accountIs, events } = made(wish({ name: ' CRM ', expiresAt: '2027-01-01T01:00:00+01:00' }))
    const expiresAt = '2027-01-01T00:00:00.000Z'
    expect([key, accountIs]).toEqual([aKey({ id: 'id1', expiresAt }), 'KNOWN'])
    const state = { name: 'CRM', hint: 'wxyz', expiresAt, revoked: false }
    expect(events).toEqual([{ type: 'KeyChanged', data: { keyId: 'id1', userId: 'partner', old: null, new: state } }])
  })

  it('comes with a new account, in the name of which it acts, and with somebody who answers for it', () => {
    const roles: Role[] = ['INTEGRATION', 'AUDITOR', 'INTEGRATION']
    const account = { name: ' ERP ', roles, managerId: 'mia' }
    const { key, account: erp, accountIs, events } = made({ name: 'ERP', account, responsibleId: 'cora' })
    const membership = { roles: ['INTEGRATION', 'AUDITOR'], managerId: 'mia', active: true, responsibleId: 'cora' }
    expect(erp).toEqual({ id: 'id1', kind: 'SERVICE', name: 'ERP', email: null, ...membership })
    expect([key.userId, key.id, accountIs]).toEqual(['id1', 'id2', 'NEW'])
    expect(events.map(({ type, data }) => [type, data.userId, data.old, data.new])).toEqual([
      ['MembershipChanged', 'id1', null, membership],
      ['KeyChanged', 'id1', null, expect.objectContaining({ revoked: false })],
    ])
  })

  it('can hand the account to another person, which is told', () => {
    const { account, accountIs, events } = made(wish({ responsibleId: 'cora' }))
    expect([account.responsibleId, accountIs]).toEqual(['cora', 'CHANGED'])
    expect(events.map(({ type }) => type)).toEqual(['MembershipChanged', 'KeyChanged'])
    expect(events[0]?.data).toMatchObject({ old: { responsibleId: 'adam' }, new: { responsibleId: 'cora' } })
    expect(made(wish({ responsibleId: 'adam' })).accountIs).toBe('KNOWN')
  })

  const erp = { name: 'ERP', roles: ['INTEGRATION'] as Role[] }
  it.each<[string, KeyWish, string[]]>([
    ['without a name', wish({ name: ' ' }), ['INVALID_VALUE name']],
    ['with a name that cannot be read', wish({ name: 'a\u202eb' }), ['INVALID_VALUE name']],
    ['for nobody', { name: 'K' }, ['INVALID_VALUE userId']],
    ['for two', { name: 'K', userId: 'partner', account: erp, responsibleId: 'adam' }, ['INVALID_VALUE userId']],
    ['for a person', wish({ userId: 'clara' }), ['INVALID_VALUE userId']],
    ['for an account that is not active', wish({ userId: 'asleep' }), ['INVALID_VALUE userId']],
    ['for somebody from elsewhere', wish({ userId: 'stranger' }), ['NOT_FOUND userId']],
    ['that ends now', wish({ expiresAt: now }), ['INVALID_VALUE expiresAt']],
    ['that ends in three years', wish({ expiresAt: '2029-11-22T12:00:00Z' }), ['INVALID_VALUE expiresAt']],
    ['with an account for which nobody answers', { name: 'K', account: erp }, ['INVALID_VALUE responsibleId']],
    ['whose responsible person has left', wish({ userId: 'orphan' }), ['INVALID_VALUE responsibleId']],
    ...['partner', 'gone', 'stranger'].map((responsibleId): [string, KeyWish, string[]] => [
      `for which ${responsibleId} is to answer`,
      { name: 'K', account: erp, responsibleId },
      ['INVALID_VALUE responsibleId'],
    ]),
    ...(['ADMINISTRATOR', 'CLERK'] as const).map((role): [string, KeyWish, string[]] => [
      `of an account that is ${role}`,
      { name: 'K', account: { ...erp, roles: [role, 'READER'] }, responsibleId: 'adam' },
      ['INVALID_VALUE account.roles'],
    ]),
    [
      'of an account with nothing right',
      { name: '', account: { name: '', roles: [], managerId: 'gone' }, expiresAt: '2020-01-01T00:00:00Z' },
      ['name', 'expiresAt', 'account.name', 'account.roles', 'account.managerId', 'responsibleId'].map(
        (at) => `INVALID_VALUE ${at}`,
      ),
    ],
    [
      'of an account of a name that is taken',
      { name: 'K', account: { ...erp, name: 'PARTNER' }, responsibleId: 'adam' },
      ['ALREADY_EXISTS account.name'],
    ],
  ])('%s is refused', (_what, wanted, expected) => {
    expect(problems(decide(wanted))).toEqual(expected)
  })

  it('is refused where ten are in force; those that have ended do not count', () => {
    const keys = Array.from({ length: 9 }, () => aKey())
    const ended = [aKey({ revokedAt: now }), aKey({ expiresAt: now })]
    expect(made(wish(), [...keys, ...ended]).key.userId).toBe('partner')
    expect(problems(decide(wish(), [...keys, aKey({ expiresAt: '2027-01-01T00:00:00.000Z' })]))).toEqual([
      'LIMIT_EXCEEDED userId',
    ])
  })

  it('may end two years from now, leap years included', () => {
    expect(made(wish({ expiresAt: '2028-11-22T12:00:00Z' })).key.expiresAt).toBe('2028-11-22T12:00:00.000Z')
  })
})

describe('a key', () => {
  it('is in force until it is revoked or its time has come', () => {
    expect(isLive(aKey(), now)).toBe(true)
    expect(isLive(aKey({ expiresAt: '2026-11-22T12:00:00.001Z' }), now)).toBe(true)
    expect(isLive(aKey({ expiresAt: now }), now)).toBe(false)
    expect(isLive(aKey({ revokedAt: now }), now)).toBe(false)
  })

  it('is revoked once, with old and new in the event', () => {
    const result = revokeKey(aKey(), { id: 'wanda' }, now)
    const revoked = { ...aKey(), revokedAt: now, revokedById: 'wanda' }
    const state = { name: 'CRM', hint: 'wxyz', expiresAt: null }
    const data = { keyId: 'k', userId: 'partner', old: { ...state, revoked: false }, new: { ...state, revoked: true } }
    expect(result).toEqual({ ok: true, value: { save: revoked, events: [{ type: 'KeyChanged', data }] } })
    expect(revokeKey(revoked, adam, now)).toEqual({ ok: true, value: null })
  })
})

it.each(['ADMINISTRATOR', 'CLERK'] as const)('a service account is not made %s later either', (role) => {
  expect(problems(changeMember(company, adam, 'partner', { roles: [role] }))).toEqual(['INVALID_VALUE roles'])
  expect(problems(changeMember(company, adam, 'partner', { roles: ['READER'] }))).toEqual([])
})

describe('the text of a key', () => {
  const secrets = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex'))

  it('is told by its beginning, has one length, and holds letters and digits only', () => {
    fc.assert(
      fc.property(secrets, (secret) => {
        const key = apiKeyText(secret)
        expect(key).toMatch(/^csk_[0-9A-Za-z]{49}$/)
        expect(mayBeApiKey(key)).toBe(true)
        expect(hintOf(key)).toBe(key.slice(-4))
      }),
    )
    expect(apiKeyText('ff'.repeat(32))).toHaveLength(53)
    expect(apiKeyText('00'.repeat(32))).toMatch(/^csk_0{43}/)
  })

  it('keeps every bit of the secret', () => {
    fc.assert(fc.property(secrets, secrets, (a, b) => (a === b) === (apiKeyText(a) === apiKeyText(b))))
  })

  it('is noticed to be miswritten wherever a character is another', () => {
    const key = apiKeyText('5a'.repeat(32))
    for (let n = 4; n < key.length; n += 1) {
      const slip = key.slice(0, n) + (key[n] === '7' ? '8' : '7') + key.slice(n + 1)
      expect([n, mayBeApiKey(slip)]).toEqual([n, false])
    }
    expect(mayBeApiKey(key.slice(0, -1))).toBe(false)
    expect(mayBeApiKey('demo-partner-key')).toBe(true)
  })

  it('is kept as its SHA-256', () => {
    expect(hashOfApiKey('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  })
})
