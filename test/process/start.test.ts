// Starting, stopping and starting again, on a data folder of its own.
import { createServer } from 'node:http'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { stopAbandoned } from '../../server/db/embedded.ts'
import { until } from '../helpers/app.ts'
import { ask, demoToken, interrupt, isAlive, run, signedIn, start } from './server-process.ts'

const dataDir = await mkdtemp(join(tmpdir(), 'countersign-'))
afterAll(async () => {
  await stopAbandoned(dataDir)
  await rm(dataDir, { recursive: true, force: true })
})
const postgresPid = async (): Promise<number> =>
  Number((await readFile(join(dataDir, 'postgres/postmaster.pid'), 'utf8')).split('\n')[0])
const gone = (pid: number): Promise<true> => until('the database to end', () => (isAlive(pid) ? undefined : true))
const edit = (limit: string) =>
  `mutation { updateCustomer(input: { company: "USMF", account: "US-041", set: { creditLimit: "${limit}" } }) { __typename } }`
const proposed = '{ customer(company: "USMF", account: "US-041") { proposal { changes { proposed { raw } } } } }'
const holding = (limit: string) => ({ customer: { proposal: { changes: [{ proposed: { raw: limit } }] } } })

test('an empty folder becomes the demo world: it says where it is and as whom to sign in, and stops on Ctrl-C', async () => {
  const server = await start({ DATA_DIR: dataDir })
  for (const line of [`GraphQL is at`, 'clara', dataDir, 'Ctrl-C']) expect(server.out()).toContain(line)
  expect((await fetch(`${server.url}/health/ready`)).status).toBe(200)
  expect(await (await fetch(server.url)).text()).toContain('<!doctype html>')
  expect((await demoToken(server, 'nobody')).status).toBe(400)
  const clara = await signedIn(server, 'clara')
  expect(await ask(server, clara, '{ viewer { user { name } } customers(company: "USMF") { totalCount } }')).toEqual({
    viewer: { user: { name: 'Clara Keller' } },
    customers: { totalCount: 200 },
  })
  await ask(server, clara, edit('800001.00'))
  const pid = await postgresPid()
  expect(await interrupt(server)).toBe(0)
  await gone(pid)
  expect(server.err()).toBe('')
})

test('a second start finds what the first has left, and one that was killed as well', async () => {
  const second = await start({ DATA_DIR: dataDir })
  const clara = await signedIn(second, 'clara')
  expect(await ask(second, clara, proposed)).toEqual(holding('800001.00'))
  expect(await ask(second, clara, '{ customers(company: "USMF") { totalCount } }')).toEqual({
    customers: { totalCount: 200 },
  })
  await ask(second, clara, edit('800002.00'))
  const left = await postgresPid()
  expect(await interrupt(second, 'SIGKILL')).toBe('SIGKILL')

  const third = await start({ DATA_DIR: dataDir })
  await gone(left)
  expect(await ask(third, await signedIn(third, 'clara'), proposed)).toEqual(holding('800002.00'))
  expect(await interrupt(third, 'SIGTERM')).toBe(0)
  expect(third.err()).toBe('')
})

test('a folder that another one works with is left alone, with one line that says so', async () => {
  const first = await start({ DATA_DIR: dataDir })
  const other = run('server/main.ts', [], { DATA_DIR: dataDir, PORT: '0' })
  expect(await other.ended).toBe(1)
  expect(other.err().trim().split('\n')).toHaveLength(1)
  expect(other.err()).toContain(dataDir)
  expect((await fetch(`${first.url}/health/ready`)).status).toBe(200)
  expect(await interrupt(first)).toBe(0)
})

test('a port in use is told in one line, and the database is stopped again', async () => {
  const holder = createServer()
  holder.listen(0, '127.0.0.1')
  await once(holder, 'listening')
  const { port } = holder.address() as AddressInfo
  const server = run('server/main.ts', [], { DATA_DIR: dataDir, PORT: String(port) })
  expect(await server.ended).toBe(1)
  expect([server.err(), server.out()]).toEqual([
    `Port ${port} is in use: stop what uses it, or set PORT to another one.\n`,
    '',
  ])
  await expect(postgresPid()).rejects.toThrow('ENOENT')
  holder.close()
})

test('an interrupted start stops as well as a finished one', async () => {
  const server = run('server/main.ts', [], { DATA_DIR: dataDir, PORT: '0' })
  await until('the database to run', () => postgresPid().catch(() => undefined))
  expect(await interrupt(server)).toBe(0)
  expect(server.err()).toBe('')
  await expect(postgresPid()).rejects.toThrow('ENOENT')
})

test.each([
  ['PORT', { PORT: 'many' }],
  ['DATABASE_URL', { DATABASE_URL: 'mysql://somewhere' }],
  ['AUTH_AUDIENCE', { AUTH_ISSUER: 'https://issuer.example' }],
])('a bad %s is told in one line that names it', async (name, env) => {
  const server = run('server/main.ts', [], { DATA_DIR: dataDir, PORT: '0', ...env })
  expect(await server.ended).toBe(1)
  expect(server.err().trim().split('\n')).toHaveLength(1)
  expect(server.err()).toContain(name)
})
