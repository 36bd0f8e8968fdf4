import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, UnsecuredJWT, type CryptoKey } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createVerifier, remoteKeys } from '../../server/auth/tokens.ts'
import { createAuthenticate, type Authenticate } from '../../server/auth/viewer.ts'
import { apiKeyText, hashOfApiKey } from '../../server/domain/api-key-text.ts'
import { createLog } from '../../server/log.ts'

type User = { id: string }

const audience = 'countersign'
const now = new Date('2026-03-01T12:00:00Z')
const logged: string[] = []
const bound: string[] = []
const asked: string[] = []
const log = createLog('debug', { write: (line) => void logged.push(line) })
const users: Record<string, User> = { 'subject-clara': { id: 'clara' } }
const keys: Record<string, User> = { [hashOfApiKey('partner-key')]: { id: 'partner' } }

let privateKey: CryptoKey
let publicKey: CryptoKey
let issuer: string
let authenticate: Authenticate<User>
let discoveryWorks = true
const server = createServer((request, response) => {
  if (request.url === '/.well-known/openid-configuration' && discoveryWorks) {
    response.end(JSON.stringify({ issuer, jwks_uri: `${issuer}/keys` }))
  } else if (request.url === '/keys') {
    void exportJWK(publicKey).then((key) =>
      response.end(JSON.stringify({ keys: [{ ...key, kid: 'k', alg: 'RS256' }] })),
    )
  } else {
    response.writeHead(503).end()
  }
})

beforeAll(async () => {
  ;({ privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true }))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => new Promise((resolve) => server.close(resolve)))

beforeEach(() => {
  logged.length = 0
  bound.length = 0
  asked.length = 0
  discoveryWorks = true
  authenticate = authenticator()
})

function authenticator(clock = () => now): Authenticate<User> {
  const verify = createVerifier({ issuer, audience, keys: remoteKeys(issuer, undefined, clock), clock, log })
  return createAuthenticate<User>(
    {
      userBySubject: (from, subject) => Promise.resolve(from === issuer ? (users[subject] ?? null) : null),
      bindInvited: ({ email, subject }) => {
        bound.push(subject)
        return Promise.resolve(email === 'mia@contoso.example' ? { id: 'mia' } : null)
      },
      identityByKeyHash: async (hash) => {
        asked.push(hash)
        const user = keys[hash]
        return user === undefined ? null : { user, expiresAt: null, keyId: `key of ${user.id}` }
      },
    },
    verify,
  )
}

const inOneHour = now.getTime() / 1000 + 3600
const claims = () => ({ iss: issuer, aud: audience, sub: 'subject-clara', exp: inOneHour })

const sign = (payload: Record<string, unknown>, key = privateKey): Promise<string> =>
  new SignJWT(payload).setProtectedHeader({ alg: 'RS256', kid: 'k' }).sign(key)

const base64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

describe('a bearer token', () => {
  it('of the issuer signs its subject in until it expires', async () => {
    const identity = await authenticate(`Bearer ${await sign(claims())}`)
    expect(identity).toEqual({ user: { id: 'clara' }, expiresAt: new Date(inOneHour * 1000) })
  })

  it('may name several audiences', async () => {
    expect(await authenticate(`bearer ${await sign({ ...claims(), aud: ['other', audience] })}`)).not.toBeNull()
  })

  it.each([
    ['of another audience', () => sign({ ...claims(), aud: 'someone-else' })],
    ['without an audience', () => sign({ ...claims(), aud: undefined })],
    ['of another issuer', () => sign({ ...claims(), iss: 'https://elsewhere.example' })],
    ['that has expired', () => sign({ ...claims(), exp: now.getTime() / 1000 - 6 })],
    ['that never expires', () => sign({ ...claims(), exp: undefined })],
    ['that is not valid yet', () => sign({ ...claims(), nbf: now.getTime() / 1000 + 60 })],
    ['without a subject', () => sign({ ...claims(), sub: undefined })],
    ['of a subject that nobody knows', () => sign({ ...claims(), sub: 'subject-of-a-stranger' })],
    ['that nobody has signed', () => Promise.resolve(new UnsecuredJWT(claims()).encode())],
    ['signed by another key', async () => sign(claims(), (await generateKeyPair('RS256')).privateKey)],
    ['whose payload was exchanged', async () => exchangePayload(await sign({ ...claims(), sub: 'nobody' }))],
    ['signed with the public key as if it were a shared secret', () => confuse()],
    ['that is no token', () => Promise.resolve('a.b.c')],
    ['that is empty', () => Promise.resolve('..')],
  ])('%s signs nobody in, and nothing is logged about it', async (_what, make) => {
    expect(await authenticate(`Bearer ${await make()}`)).toBeNull()
    expect(logged).toEqual([])
  })

  it('is believed a few seconds after its end, since clocks differ', async () => {
    expect(await authenticate(`Bearer ${await sign({ ...claims(), exp: now.getTime() / 1000 - 3 })}`)).not.toBeNull()
  })

  it('that was believed before ends when it says', async () => {
    let time = now
    const later = authenticator(() => time)
    const authorization = `Bearer ${await sign({ ...claims(), exp: now.getTime() / 1000 + 30 })}`
    expect(await later(authorization)).not.toBeNull()
    time = new Date(now.getTime() + 36_000)
    expect(await later(authorization)).toBeNull()
  })

  it('is looked at closely once a minute, and not at each request', async () => {
    let time = now
    let looks = 0
    const keys = () => {
      looks += 1
      return Promise.resolve(publicKey)
    }
    const verify = createVerifier({ issuer, audience, keys, clock: () => time, log })
    const token = await sign(claims())
    for (const [seconds, expected] of [
      [0, 1],
      [59, 1],
      [60, 2],
      [61, 2],
    ] as const) {
      time = new Date(now.getTime() + seconds * 1000)
      expect(await verify(token)).toMatchObject({ subject: 'subject-clara' })
      expect(looks).toBe(expected)
    }
    expect(await verify(`${token.slice(0, -6)}AAAAAA`)).toBeNull()
  })

  it.each([true, 'true'])(
    'of somebody invited by e-mail binds them if the issuer has checked it (%j)',
    async (verified) => {
      const email = { email: 'mia@contoso.example', email_verified: verified }
      const token = await sign({ ...claims(), sub: 'subject-mia', ...email })
      expect((await authenticate(`Bearer ${token}`))?.user).toEqual({ id: 'mia' })
      expect(bound).toEqual(['subject-mia'])
    },
  )

  it.each([false, undefined, 'false', 1])(
    'with an e-mail that nobody has checked (%j) binds nobody',
    async (verified) => {
      const email = { email: 'mia@contoso.example', email_verified: verified }
      expect(await authenticate(`Bearer ${await sign({ ...claims(), sub: 'subject-mia', ...email })}`)).toBeNull()
      expect(bound).toEqual([])
    },
  )

  it('of somebody who is known already binds nobody', async () => {
    const email = { email: 'mia@contoso.example', email_verified: true }
    expect((await authenticate(`Bearer ${await sign({ ...claims(), ...email })}`))?.user).toEqual({ id: 'clara' })
    expect(bound).toEqual([])
  })

  function exchangePayload(token: string): string {
    const [header, , signature] = token.split('.')
    return `${header}.${base64(claims())}.${signature}`
  }

  async function confuse(): Promise<string> {
    const content = `${base64({ alg: 'HS256', kid: 'k' })}.${base64(claims())}`
    const signature = createHmac('sha256', await exportSPKI(publicKey))
      .update(content)
      .digest('base64url')
    return `${content}.${signature}`
  }
})

describe('an issuer that does not answer', () => {
  it('lets nobody in, tells the log, and is asked again after ten seconds', async () => {
    let present = now
    authenticate = authenticator(() => present)
    const credentials = `Bearer ${await sign(claims())}`
    discoveryWorks = false
    expect(await authenticate(credentials)).toBeNull()
    expect(await authenticate(credentials)).toBeNull()
    expect(logged).toHaveLength(1)
    expect(logged[0]).toContain('503')
    discoveryWorks = true
    expect(await authenticate(credentials)).toBeNull()
    present = new Date(now.getTime() + 10_001)
    expect(await authenticate(credentials)).not.toBeNull()
  })
})

describe('an API key', () => {
  it.each(['Bearer partner-key', 'ApiKey partner-key', 'apikey  partner-key'])('signs in as "%s"', async (text) => {
    expect(await authenticate(text)).toEqual({ user: { id: 'partner' }, expiresAt: null, keyId: 'key of partner' })
  })

  it.each(['Bearer other-key', 'Basic partner-key', 'partner-key', 'ApiKey', '', `ApiKey ${'x'.repeat(9_000)}`])(
    'is not found in "%.20s"',
    async (text) => {
      expect(await authenticate(text)).toBeNull()
    },
  )

  it('that is miswritten is refused without looking for it', async () => {
    const key = apiKeyText('ab'.repeat(32))
    expect(await authenticate(`ApiKey ${key}`)).toBeNull()
    expect(asked).toEqual([hashOfApiKey(key)])
    for (const slip of [key.slice(0, -1), `${key}x`, key.replace(/.$/, (last) => (last === 'x' ? 'y' : 'x'))])
      expect(await authenticate(`ApiKey ${slip}`)).toBeNull()
    expect(asked).toHaveLength(1)
  })
})

it('nobody is signed in by no credentials at all', async () => {
  expect(await authenticate(undefined)).toBeNull()
})

it('a token signs nobody in where no issuer is configured', async () => {
  const lookup = {
    userBySubject: () => Promise.resolve({ id: 'clara' }),
    bindInvited: () => Promise.resolve({ id: 'clara' }),
    identityByKeyHash: () => Promise.resolve(null),
  }
  expect(await createAuthenticate(lookup, undefined)(`Bearer ${await sign(claims())}`)).toBeNull()
})

it('a database that fails is an error and not a stranger', async () => {
  const lookup = {
    userBySubject: () => Promise.resolve(null),
    bindInvited: () => Promise.resolve(null),
    identityByKeyHash: () => Promise.reject(new Error('down')),
  }
  await expect(createAuthenticate(lookup, undefined)('ApiKey some-key')).rejects.toThrow('down')
})
