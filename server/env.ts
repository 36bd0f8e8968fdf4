// The only reader of the environment. Everything else gets what it needs as a parameter, so that a test can run two
// differently configured servers in one process.
import { resolve } from 'node:path'
import { z } from 'zod'
import { StartupError } from './startup-error.ts'

const url = (protocols: string[]) =>
  z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), {
    error: `must be a URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
  })

const requestsPerMinute = (usual: number) => {
  const error = 'must be a number of requests per minute, 0 for no limit'
  return z
    .string()
    .regex(/^\d{1,7}$/, { error })
    .transform(Number)
    .default(usual)
}

const variables = z.object({
  PORT: z
    .string()
    .regex(/^\d{1,5}$/, { error: 'must be a port number, 0 to 65535' })
    .transform(Number)
    .refine((port) => port <= 65_535, { error: 'must be a port number, 0 to 65535' })
    .default(4000),
  HOST: z.string().default('127.0.0.1'),
  DATABASE_URL: url(['postgres:', 'postgresql:']).optional(),
  DATA_DIR: z.string().default('.data'),
  AUTH_ISSUER: url(['https:', 'http:']).optional(),
  AUTH_AUDIENCE: z.string().optional(),
  AUTH_JWKS_URL: url(['https:', 'http:']).optional(),
  ALLOWED_ORIGINS: z
    .string()
    .default('')
    .transform((list) => list.split(',').map((origin) => origin.trim()))
    .transform((list) => list.filter((origin) => origin !== ''))
    .pipe(z.array(url(['https:', 'http:']).transform((origin) => new URL(origin).origin))),
  OPERATIONS_FILE: z.string().optional(),
  OPERATIONS_ONLY: z
    .enum(['true', 'false'], { error: 'must be true or false' })
    .default('false')
    .transform((text) => text === 'true'),
  WEBHOOKS_ALLOW_PRIVATE: z
    .enum(['true', 'false'], { error: 'must be true or false' })
    .default('false')
    .transform((text) => text === 'true'),
  IMPORT_MAX_BYTES: z
    .string()
    .regex(/^[1-9]\d{0,13}$/, { error: 'must be a number of bytes' })
    .transform(Number)
    .default(2 * 1024 ** 3),
  RATE_LIMIT_KEY: requestsPerMinute(600),
  RATE_LIMIT_PERSON: requestsPerMinute(1200),
  RATE_LIMIT_ADDRESS: requestsPerMinute(600),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
      error: 'must be one of fatal, error, warn, info, debug, trace, silent',
    })
    .default('info'),
})

/** Who signs the bearer tokens that are accepted. */
export type IssuerSettings = { issuer: string; audience: string; jwksUrl: string | undefined }

export type Env = {
  port: number
  /** The address to listen on: loopback unless told otherwise; a container needs `0.0.0.0`. */
  host: string
  /** Unset: an embedded PostgreSQL in `dataDir`. */
  databaseUrl: string | undefined
  /** Absolute. */
  dataDir: string
  /** Unset: demo tokens on the embedded database, nobody but API keys on one's own. */
  issuer: IssuerSettings | undefined
  /** Origins besides the server's own from which a browser may connect. */
  allowedOrigins: string[]
  /** A JSON file of registered operations: their texts by their SHA-256. Absolute. */
  operationsFile: string | undefined
  /** Whatever is not in it is refused. */
  operationsOnly: boolean
  /** Endpoints of partners may lie in one's own network, and be asked over plain HTTP. */
  webhooksAllowPrivate: boolean
  /** Requests per minute of an API key, of a person, and of an address from which nobody signs in; 0: no limit. */
  rateLimits: { key: number; person: number; address: number }
  /** How many bytes a file may have that is imported, unpacked. */
  importMaxBytes: number
  logLevel: z.infer<typeof variables>['LOG_LEVEL']
}

/** Reads and checks the environment once. A bad value is a StartupError that names the variable and what it must be. */
export function readEnv(source: Record<string, string | undefined> = process.env): Env {
  // A variable that is set to nothing counts as not set: compose files and shells write it so.
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''))
  const parsed = variables.safeParse(given)
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${String(issue.path[0])} ${issue.message}`)
    throw new StartupError(`${problems.join('; ')}.`)
  }
  const env = parsed.data
  if ((env.AUTH_ISSUER === undefined) !== (env.AUTH_AUDIENCE === undefined)) {
    throw new StartupError('AUTH_ISSUER and AUTH_AUDIENCE belong together: set both or neither.')
  }
  if (env.OPERATIONS_ONLY && env.OPERATIONS_FILE === undefined) {
    throw new StartupError('OPERATIONS_ONLY takes OPERATIONS_FILE: name the file of the operations that are allowed.')
  }
  return {
    port: env.PORT,
    host: env.HOST,
    databaseUrl: env.DATABASE_URL,
    dataDir: resolve(env.DATA_DIR),
    issuer:
      env.AUTH_ISSUER === undefined || env.AUTH_AUDIENCE === undefined
        ? undefined
        : { issuer: env.AUTH_ISSUER, audience: env.AUTH_AUDIENCE, jwksUrl: env.AUTH_JWKS_URL },
    allowedOrigins: env.ALLOWED_ORIGINS,
    operationsFile: env.OPERATIONS_FILE === undefined ? undefined : resolve(env.OPERATIONS_FILE),
    operationsOnly: env.OPERATIONS_ONLY,
    webhooksAllowPrivate: env.WEBHOOKS_ALLOW_PRIVATE,
    rateLimits: { key: env.RATE_LIMIT_KEY, person: env.RATE_LIMIT_PERSON, address: env.RATE_LIMIT_ADDRESS },
    importMaxBytes: env.IMPORT_MAX_BYTES,
    logLevel: env.LOG_LEVEL,
  }
}

/** What a program that this one starts finds in its environment: the same, but for what is given. */
export const environmentOfChild = (changes: Record<string, string>): Record<string, string | undefined> => ({
  ...process.env,
  ...changes,
})
