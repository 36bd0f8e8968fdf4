import { resolve } from 'node:path'
import { expect, it } from 'vitest'
import { readEnv } from '../server/env.ts'

it('without any variable: the embedded database, port 4000, this machine only', () => {
  expect(readEnv({})).toEqual({
    port: 4000,
    host: '127.0.0.1',
    databaseUrl: undefined,
    dataDir: resolve('.data'),
    issuer: undefined,
    allowedOrigins: [],
    operationsFile: undefined,
    operationsOnly: false,
    webhooksAllowPrivate: false,
    rateLimits: { key: 600, person: 1200, address: 600 },
    importMaxBytes: 2 * 1024 ** 3,
    logLevel: 'info',
  })
})

it('only registered operations are taken where there is a file of them', () => {
  expect(readEnv({ OPERATIONS_FILE: 'operations.json', OPERATIONS_ONLY: 'true' })).toMatchObject({
    operationsFile: resolve('operations.json'),
    operationsOnly: true,
  })
  expect(() => readEnv({ OPERATIONS_ONLY: 'true' })).toThrow('OPERATIONS_ONLY takes OPERATIONS_FILE')
  expect(() => readEnv({ OPERATIONS_FILE: 'operations.json', OPERATIONS_ONLY: 'yes' })).toThrow('must be true or false')
})

it('a variable that is set to nothing counts as not set', () => {
  expect(readEnv({ PORT: '', DATABASE_URL: '', AUTH_ISSUER: '' })).toEqual(readEnv({}))
})

it('reads everything that can be set', () => {
  const env = readEnv({
    PORT: '0',
    HOST: '0.0.0.0',
    DATABASE_URL: 'postgresql://app:secret@db.example:5433/countersign',
    AUTH_ISSUER: 'https://issuer.example/',
    AUTH_AUDIENCE: 'countersign',
    AUTH_JWKS_URL: 'https://issuer.example/keys',
    ALLOWED_ORIGINS: 'https://one.example/, https://two.example',
    RATE_LIMIT_KEY: '60',
    RATE_LIMIT_PERSON: '0',
    LOG_LEVEL: 'debug',
  })
  expect(env.port).toBe(0)
  expect(env.issuer).toEqual({
    issuer: 'https://issuer.example/',
    audience: 'countersign',
    jwksUrl: 'https://issuer.example/keys',
  })
  expect(env.rateLimits).toEqual({ key: 60, person: 0, address: 600 })
  expect(env.allowedOrigins).toEqual(['https://one.example', 'https://two.example'])
})

it.each([
  [{ PORT: 'http' }, /^PORT must be/],
  [{ PORT: '70000' }, /^PORT must be/],
  [{ DATABASE_URL: 'localhost/countersign' }, /^DATABASE_URL must be a URL/],
  [{ DATABASE_URL: 'mysql://localhost/x' }, /^DATABASE_URL must be a URL/],
  [{ AUTH_ISSUER: 'https://issuer.example' }, /set both or neither/],
  [{ AUTH_AUDIENCE: 'countersign' }, /set both or neither/],
  [{ ALLOWED_ORIGINS: 'one.example' }, /^ALLOWED_ORIGINS must be/],
  [{ RATE_LIMIT_KEY: '-1' }, /^RATE_LIMIT_KEY must be a number of requests per minute/],
  [{ LOG_LEVEL: 'loud' }, /^LOG_LEVEL must be one of/],
])('%j is refused in one line that names the variable', (source, message) => {
  expect(() => readEnv(source)).toThrow(message)
  expect(() => readEnv(source)).not.toThrow(/\n/)
})
