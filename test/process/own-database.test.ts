// A database and an issuer of one's own, as the README tells it: set up, start, sign in.
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import postgres from 'postgres'
import { afterAll, expect, test } from 'vitest'
import { createTestDatabase } from '../helpers/postgres.ts'
import { ask, demoToken, interrupt, run, start } from './server-process.ts'

const { url: databaseUrl } = await createTestDatabase()
// As a new database comes: without any of our tables.
const admin = postgres(databaseUrl, { max: 1, onnotice: () => undefined })
await admin`drop schema if exists drizzle cascade`
await admin`drop schema public cascade`
await admin`create schema public`
await admin.end()

const { privateKey, publicKey } = await generateKeyPair('RS256')
const issuerServer = createServer((request, response) => {
  const documents: Record<string, object> = {
    '/.well-known/openid-configuration': { issuer, jwks_uri: `${issuer}/keys` },
    '/keys': { keys: [{ ...jwk, kid: 'one', alg: 'RS256', use: 'sig' }] },
  }
  const document = documents[request.url ?? '']
  response.writeHead(document === undefined ? 404 : 200, { 'content-type': 'application/json' })
  response.end(JSON.stringify(document ?? {}))
})
const jwk = await exportJWK(publicKey)
issuerServer.listen(0, '127.0.0.1')
await once(issuerServer, 'listening')
const issuer = `http://127.0.0.1:${(issuerServer.address() as AddressInfo).port}`
afterAll(() => issuerServer.close())

const environment = { DATABASE_URL: databaseUrl, AUTH_ISSUER: issuer, AUTH_AUDIENCE: 'countersign' }
const tokenOf = (subject: string, claims: object = {}, audience = 'countersign'): Promise<string> =>
  new SignJWT({ ...claims })
    .setProtectedHeader({ alg: 'RS256', kid: 'one' })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(subject)
    .setIssuedAt()
    .setExpirationTime('10m')
    .sign(privateKey)
const viewer = '{ viewer { user { name } memberships { company { code } roles } } }'

test('nothing is seeded into a database of one’s own, and nobody signs in without a token', async () => {
  const server = await start({ DATABASE_URL: databaseUrl })
  expect(server.out()).toContain('set AUTH_ISSUER and AUTH_AUDIENCE')
  expect((await demoToken(server, 'clara')).status).toBe(404)
  expect((await fetch(`${server.url}/demo/users`)).status).toBe(404)
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => undefined })
  const [row] =
    await sql`select (select count(*) from companies)::int as companies, (select count(*) from users)::int as users`
  await sql.end()
  expect(row).toEqual({ companies: 0, users: 0 })
  expect(await interrupt(server)).toBe(0)
  expect(server.err()).toBe('')
})

test('the set-up makes the first company, and its administrator signs in with a token of the issuer', async () => {
  const given = [
    '--company',
    'ACME',
    '--name',
    'Acme Inc.',
    '--admin-subject',
    'auth|1',
    '--admin-email',
    'ada@acme.example',
  ]
  const setup = run('server/setup.ts', given, environment)
  expect([await setup.ended, setup.err()]).toEqual([0, ''])
  expect(setup.out()).toContain('ACME (Acme Inc.) is made')
  const again = run('server/setup.ts', given, environment)
  expect([await again.ended, again.err()]).toEqual([0, ''])

  const server = await start(environment)
  expect(server.out()).toContain(`Sign in with a token of ${issuer} for countersign.`)
  expect((await demoToken(server, 'ada')).status).toBe(404)
  expect(await ask(server, await tokenOf('auth|1'), viewer)).toEqual({
    viewer: { user: { name: 'ada' }, memberships: [{ company: { code: 'ACME' }, roles: ['ADMINISTRATOR'] }] },
  })
  await expect(ask(server, await tokenOf('auth|1', {}, 'another'), viewer)).rejects.toThrow('UNAUTHENTICATED')
  await expect(ask(server, await tokenOf('auth|2'), viewer)).rejects.toThrow('UNAUTHENTICATED')

  const invite = `mutation { setMember(input: { company: "ACME", email: "bob@acme.example", name: "Bob", roles: [CLERK] }) { __typename } }`
  await ask(server, await tokenOf('auth|1'), invite)
  const unchecked = await tokenOf('auth|3', { email: 'bob@acme.example', email_verified: false })
  await expect(ask(server, unchecked, viewer)).rejects.toThrow('UNAUTHENTICATED')
  const checked = await tokenOf('auth|3', { email: 'bob@acme.example', email_verified: true })
  expect(await ask(server, checked, viewer)).toMatchObject({ viewer: { user: { name: 'Bob' } } })
  expect(await interrupt(server)).toBe(0)
})

test.each([
  ['nothing listens there', 'postgres://nobody:secret-word@127.0.0.1:1/none'],
  ['create it first', databaseUrl.replace(/\/[^/]*$/, '/there_is_none')],
  ['password is wrong', databaseUrl.replace(/:[^:@]*@/, ':secret-word@')],
])('a database that cannot be had is told in one line: %s', async (what, url) => {
  const server = run('server/main.ts', [], { DATABASE_URL: url, PORT: '0' })
  expect(await server.ended).toBe(1)
  expect(server.err().trim().split('\n')).toHaveLength(1)
  expect(server.err()).toContain(what)
  expect(server.err()).not.toContain('secret-word')
})
