import { afterAll, describe, expect, test } from 'vitest'
import { connect } from '../../server/db/connect.ts'
import { referenceKinds } from '../../server/domain/fields.ts'
import type { Env } from '../../server/env.ts'
import { readEnv } from '../../server/env.ts'
import { createSetupCache } from '../../server/services/setup-cache.ts'
import { accountLookup, viewerOf } from '../../server/services/viewer.ts'
import { runSetup } from '../../server/setup.ts'
import { findCompanyByCode, listCompanies } from '../../server/store/companies.ts'
import { appendEvents, readEvents } from '../../server/store/events.ts'
import { saveMember } from '../../server/store/members.ts'
import { inviteUser, userBySubject } from '../../server/store/users.ts'
import { createTestDatabase } from '../helpers/postgres.ts'

const { url } = await createTestDatabase()
const connection = connect(url)
const { db } = connection
afterAll(() => connection.close())

const issuer = 'https://issuer.example'
const env = (more: Record<string, string> = {}): Env =>
  readEnv({ DATABASE_URL: url, AUTH_ISSUER: issuer, AUTH_AUDIENCE: 'countersign', ...more })
const now = new Date('2026-11-22T12:00:00.000Z')

const run = async (args: string[], environment: () => Env = env) => {
  let [out, err] = ['', '']
  const output = { out: (text: string) => void (out += text), err: (text: string) => void (err += text) }
  return { code: await runSetup(args, environment, () => now, output), out, err }
}
const argumentsFor = (subject: string, company = 'FABK', name = 'Fabrikam') =>
  `--company|${company}|--name|${name}|--admin-subject|${subject}|--admin-email|${subject}@fabrikam.example`.split('|')

const companyOf = async (code: string) => {
  const found = await findCompanyByCode(db, code)
  return (await createSetupCache().company(db, found!.id))!
}

describe('npm run setup', () => {
  test('makes a company with safe parameters and codes to start with, and its administrator, each with its event', async () => {
    const { code, out, err } = await run([...argumentsFor('ada'), '--currency', 'eur', '--admin-name', 'Ada Adler'])
    expect([code, err]).toEqual([0, ''])
    expect(out).toBe('FABK (Fabrikam) is made, with codes to start with.\nAda Adler is its administrator.\n')
    const company = await companyOf('FABK')
    expect(company).toMatchObject({ name: 'Fabrikam', currency: 'EUR' })
    expect(company.parameters).toMatchObject({ enabled: true, entityBehavior: 'CREATE_CHANGE_PROPOSALS' })
    for (const kind of referenceKinds) expect(company.references.get(kind)?.size, kind).toBeGreaterThan(2)
    const events = await readEvents(db, { companyId: company.id }, { limit: 100, unsealed: true })
    const kinds = referenceKinds.map(() => 'ReferenceValuesChanged')
    expect(events.map(({ type }) => type)).toEqual(['ParametersChanged', ...kinds, 'MembershipChanged'])
    expect(new Set(events.map(({ actorId }) => actorId))).toEqual(new Set([null]))
  })

  test('lets that administrator sign in', async () => {
    const account = await accountLookup(db).userBySubject(issuer, 'ada')
    const viewer = await viewerOf(db, account!, null)
    expect([...viewer.memberships.values()]).toEqual([
      { code: 'FABK', name: 'Fabrikam', roles: ['ADMINISTRATOR'], setupVersion: expect.any(Number) as number },
    ])
  })

  test('says what was there already when it is run again, and changes nothing', async () => {
    const before = await companyOf('FABK')
    const { code, out } = await run([...argumentsFor('ada', 'FABK', 'Another name'), '--currency', 'USD'])
    expect(code).toBe(0)
    expect(out).toBe(
      'FABK (Fabrikam) was there already and stays as it is.\nAda Adler was its administrator already.\n',
    )
    expect(await companyOf('FABK')).toEqual(before)
  })

  test('adds another administrator when it is run with one', async () => {
    const { code, out } = await run(argumentsFor('bea'))
    expect([code, out]).toEqual([
      0,
      'FABK (Fabrikam) was there already and stays as it is.\nbea is its administrator.\n',
    ])
    const { directory } = await companyOf('FABK')
    expect([...directory.people.values()].map(({ name, roles }) => [name, roles])).toEqual([
      ['Ada Adler', ['ADMINISTRATOR']],
      ['bea', ['ADMINISTRATOR']],
    ])
  })

  test('makes one company and one administrator when it is run twice at once', async () => {
    const results = await Promise.all([run(argumentsFor('cai', 'TWIN')), run(argumentsFor('cai', 'TWIN'))])
    expect(results.map(({ code }) => code)).toEqual([0, 0])
    expect(results.filter(({ out }) => out.includes('was there already'))).toHaveLength(1)
    expect((await companyOf('TWIN')).directory.people.size).toBe(1)
  })

  test('does not make an administrator of a member with other roles', async () => {
    const company = await companyOf('FABK')
    await run(argumentsFor('dan', 'ELSE'))
    const dan = await userBySubject(db, issuer, 'dan')
    const member = { userId: dan!.id, roles: ['CLERK'], managerId: null, active: true } as const
    await db.transaction(async (tx) => {
      await saveMember(tx, company.id, member)
      await appendEvents(tx, { companyId: company.id, actorId: null, at: new Date().toISOString() }, [
        { type: 'MembershipChanged', data: { userId: dan!.id } },
      ])
    })
    const { code, err } = await run(argumentsFor('dan'))
    expect(code).toBe(1)
    expect(err).toContain('no active administrator')
    expect((await companyOf('FABK')).directory.people.get(dan!.id)?.roles).toEqual(['CLERK'])
  })

  test('takes no e-mail that belongs to another sign-in', async () => {
    const args = argumentsFor('eve')
    args[args.length - 1] = 'ADA@fabrikam.example'
    const { code, err } = await run(args)
    expect([code, err]).toEqual([1, 'There is a user with this e-mail already.\n'])
    expect(await userBySubject(db, issuer, 'eve')).toBeNull()
  })

  test('says how to start the server where the issuer is not the one of the environment', async () => {
    const { out } = await run([...argumentsFor('fay', 'FAYE'), '--issuer', 'https://other.example'])
    expect(out).toContain('AUTH_ISSUER=https://other.example')
    expect((await userBySubject(db, 'https://other.example', 'fay'))?.name).toBe('fay')
  })
})

describe('what is wrong is said in one line each, and nothing is made', () => {
  const good = argumentsFor('gus', 'NONE')
  const without = (option: string) => good.filter((_, i) => good[i] !== option && good[i - 1] !== option)
  const replaced = (option: string, value: string) => good.map((arg, i) => (good[i - 1] === option ? value : arg))

  test.each<[string, string[], string]>([
    ['no company', without('--company'), 'Add --company: '],
    ['no name', without('--name'), 'Add --name: '],
    ['no subject', without('--admin-subject'), 'Add --admin-subject: '],
    ['no e-mail', without('--admin-email'), 'Add --admin-email: '],
    ['an empty name', replaced('--name', ' '), 'Add --name: '],
    ['a code with spaces', replaced('--company', 'US MF'), '--company is a code of letters'],
    ['a code that is too long', replaced('--company', 'COMPANYCODE'), '--company has 1 to 10 characters'],
    ['a name with control characters', replaced('--name', 'a\u0000b'), '--name has 1 to 100 characters'],
    ['no e-mail address', replaced('--admin-email', 'ada'), '--admin-email is an e-mail address'],
    ['no currency', [...good, '--currency', 'DOLLAR'], '--currency is an ISO 4217 code'],
    ['an unknown option', [...good, '--colour', 'red'], 'There is no option --colour'],
    ['an option twice', [...good, '--company', 'TWO'], '--company is there twice'],
    ['an option without a value', [...without('--company'), '--company'], 'Write a value after --company'],
    ['a value without an option', [...good, 'Ltd'], '"Ltd" belongs to no option'],
  ])('%s', async (_what, args, sentence) => {
    const { code, out, err } = await run(args)
    expect([code, out]).toEqual([1, ''])
    expect(err).toContain(sentence)
    for (const line of err.trimEnd().split('\n')) expect(line).toMatch(/\.$/)
  })

  test('everything at once when there is nothing', async () => {
    const { err } = await run([], () => readEnv({ DATABASE_URL: url }))
    expect(err.trimEnd().split('\n')).toHaveLength(5)
    expect(err).toContain('AUTH_ISSUER')
  })

  test('no database', async () => {
    const { code, err } = await run(good, () => readEnv({ AUTH_ISSUER: issuer, AUTH_AUDIENCE: 'countersign' }))
    expect([code, err]).toEqual([1, 'Set DATABASE_URL to your database; without one, npm start makes its own.\n'])
  })

  test('a database out of reach', async () => {
    const { code, err } = await run(good, () => env({ DATABASE_URL: 'postgres://nobody@127.0.0.1:9/none' }))
    expect(code).toBe(1)
    expect(err).toContain('out of reach')
  })

  test('a bad environment', async () => {
    const { code, err } = await run(good, () => readEnv({ DATABASE_URL: 'mysql://x' }))
    expect(code).toBe(1)
    expect(err).toContain('DATABASE_URL must be')
  })

  test('--help explains and does nothing', async () => {
    const { code, out } = await run(['--help'])
    expect(code).toBe(0)
    expect(out).toContain('--admin-subject')
  })

  test('nothing of it was made', async () => {
    expect((await listCompanies(db)).map(({ code }) => code).sort()).toEqual(['ELSE', 'FABK', 'FAYE', 'TWIN'])
  })
})

describe('somebody who was invited by e-mail', () => {
  const invite = (email: string) => db.transaction((tx) => inviteUser(tx, { email, name: 'Ivy' }))

  test('is known by their sign-in from the first one on', async () => {
    const invited = await invite('Ivy@fabrikam.example')
    const lookup = accountLookup(db)
    expect(await lookup.userBySubject(issuer, 'ivy')).toBeNull()
    const signIn = { issuer, subject: 'ivy', email: 'ivy@fabrikam.example' }
    expect((await lookup.bindInvited(signIn))?.user.id).toBe(invited.id)
    expect((await lookup.userBySubject(issuer, 'ivy'))?.user.id).toBe(invited.id)
  })

  test('is one person when two of their requests come at once', async () => {
    const invited = await invite('jon@fabrikam.example')
    const signIn = { issuer, subject: 'jon', email: 'jon@fabrikam.example' }
    const bound = await Promise.all([1, 2, 3].map(() => accountLookup(db).bindInvited(signIn)))
    expect(bound.map((account) => account?.user.id)).toEqual([invited.id, invited.id, invited.id])
  })

  test('cannot be taken over by a second sign-in with the same e-mail', async () => {
    await invite('kim@fabrikam.example')
    const signIn = { issuer, subject: 'kim', email: 'kim@fabrikam.example' }
    await accountLookup(db).bindInvited(signIn)
    expect(await accountLookup(db).bindInvited({ ...signIn, subject: 'mallory' })).toBeNull()
  })

  test('binds nobody with an e-mail that was not invited', async () => {
    expect(await accountLookup(db).bindInvited({ issuer, subject: 'lea', email: 'lea@fabrikam.example' })).toBeNull()
  })
})
