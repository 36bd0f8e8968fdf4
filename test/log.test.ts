import { expect, it } from 'vitest'
import { createLog } from '../server/log.ts'

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

it('credentials do not get into the log', () => {
  const line = logged((log) => log.info({ headers: { authorization: 'Bearer abc' }, token: 'abc' }, 'a request'))
  expect(line).not.toContain('abc')
})
