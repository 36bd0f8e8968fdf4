import { expect, it } from 'vitest'
import { createLog, loggableError } from '../server/log.ts'

function logged(write: (log: ReturnType<typeof createLog>) => void): string {
  let lines = ''
  write(createLog('info', { write: (line) => void (lines += line) }))
  return lines
}

it('a failed query is logged by its code and constraint, without its text and values', () => {
  const cause = Object.assign(new Error('duplicate key (account)=(DE-001)'), {
    name: 'PostgresError',
    code: '23505',
    constraint_name: 'customers_account',
    detail: 'Key (iban)=(DE89370400440532013000) already exists.',
  })
  const failed = Object.assign(
    new Error('Failed query: insert into customers … params: DE89370400440532013000', { cause }),
    {
      query: 'insert into customers',
      params: ['DE89370400440532013000'],
    },
  )
  const line = logged((log) => log.error({ err: failed }, 'a write failed'))
  expect(line).toContain('23505')
  expect(line).toContain('customers_account')
  expect(line).toContain('log.test.ts')
  expect(line).not.toMatch(/DE89370400440532013000|insert into|DE-001/)
})

it('any other error is logged with its message, stack and causes', () => {
  const line = logged((log) => log.error({ err: new Error('outer', { cause: new Error('inner') }) }, 'it failed'))
  expect(line).toMatch(/outer.*inner/)
})

it('an error that has been made loggable before is logged as it is', () => {
  const error = new Error('outer', { cause: Object.assign(new Error('inner'), { code: 'ECONNRESET' }) })
  expect(logged((log) => log.error({ err: loggableError(error) }, 'x'))).toMatch(/outer.*inner.*ECONNRESET/)
  const failed = Object.assign(new Error('value DE89 is wrong'), { severity: 'ERROR', code: '22P02' })
  const once = loggableError(failed)
  expect(once).toMatchObject({ message: 'a query failed', code: '22P02', severity: 'ERROR' })
  expect(loggableError(once)).toEqual(once)
})

it('what has crossed a thread is read by what is left of it, without the values of a query', () => {
  // A class of its own becomes a plain object or a plain error there, and may lose what was put on it.
  const plain = {
    name: 'TimeoutError',
    message: 'no answer',
    code: 'ETIMEDOUT',
    stack: 'TimeoutError: no answer\n  at x',
  }
  expect(logged((log) => log.error({ err: plain }, 'x'))).toMatch(/TimeoutError.*no answer.*ETIMEDOUT/)
  const query = { name: 'PostgresError', message: 'bad value: "DE89"', severity: 'ERROR', code: '22P02' }
  const lost = structuredClone(new Error('Failed query: insert into customers\nparams: DE89', { cause: query }))
  const renamed = { message: 'bad value: "DE89"', stack: 'PostgresError: bad value: "DE89"\n    at thread.ts:1' }
  for (const err of [query, lost, renamed]) {
    const line = logged((log) => log.error({ err }, 'x'))
    expect(line).toContain('a query failed')
    expect(line).not.toMatch(/DE89|insert into/)
  }
  expect(logged((log) => log.error({ err: query }, 'x'))).toContain('22P02')
  expect(logged((log) => log.error({ err: 'DE89' }, 'x'))).not.toContain('DE89')
})

it('credentials do not get into the log', () => {
  const line = logged((log) => log.info({ headers: { authorization: 'Bearer abc' }, token: 'abc' }, 'a request'))
  expect(line).not.toContain('abc')
})
