import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { startEmbedded, type Embedded } from '../../server/db/embedded.ts'
import { StartupError } from '../../server/startup-error.ts'

let dataDir: string
let running: Embedded | undefined
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'countersign-'))
})
afterEach(async () => {
  await running?.stop()
  running = undefined
  await rm(dataDir, { recursive: true, force: true })
})

async function start(): Promise<Embedded> {
  running = await startEmbedded({ dataDir, initFlags: ['--no-sync'] })
  return running
}

async function stop(): Promise<void> {
  await running?.stop()
  running = undefined
}

async function query<Row>(url: string, text: string): Promise<Row[]> {
  const sql = postgres(url, { max: 1 })
  try {
    return await sql.unsafe<(Row & object)[]>(text)
  } finally {
    await sql.end({ timeout: 1 })
  }
}

/** A process of its own that starts on the same folder and then waits to be killed. */
async function startElsewhere(): Promise<{ kill: () => Promise<void> }> {
  const module = join(import.meta.dirname, '../../server/db/embedded.ts')
  const script = `
    import { startEmbedded } from ${JSON.stringify(module)}
    await startEmbedded({ dataDir: ${JSON.stringify(dataDir)}, initFlags: ['--no-sync'] })
    console.log('started')
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  return {
    kill: async () => {
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

it('a second start finds the data of the first', async () => {
  await query((await start()).databaseUrl, 'create table kept as select 42 as answer')
  await stop()
  expect(await query((await start()).databaseUrl, 'select answer from kept')).toEqual([{ answer: 42 }])
})

it('listens on loopback only, and its password is for the owner of the folder', async () => {
  const { databaseUrl } = await start()
  expect(await query(databaseUrl, 'show listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }])
  expect((await stat(join(dataDir, 'password'))).mode & 0o777).toBe(0o600)
  expect(await readFile(join(dataDir, 'postgres/pg_hba.conf'), 'utf8')).not.toMatch(/^[^#].*\btrust\b/m)
  expect(await readdir(dataDir)).toEqual(['password', 'postgres'])
})

it('keeps away from a folder on which another process works, and leaves that one alone', async () => {
  const other = await startElsewhere()
  await expect(start()).rejects.toThrow(/Another Countersign is running/)
  await other.kill()
})

it('goes on after the process before it was killed', async () => {
  const other = await startElsewhere()
  await other.kill()
  expect(await query((await start()).databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }])
})

it('goes on after a restart of the machine gave the number of its process to somebody else', async () => {
  await start()
  await stop()
  await writeFile(join(dataDir, 'postgres/postmaster.pid'), `${process.pid}\n${dataDir}/postgres\n1\n1\n\n127.0.0.1\n`)
  expect(await query((await start()).databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }])
})

it('says in one line what to do about a folder of another PostgreSQL version', async () => {
  await start()
  await stop()
  await writeFile(join(dataDir, 'postgres/PG_VERSION'), '15\n')
  const failure: unknown = await start().catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(StartupError)
  expect((failure as StartupError).message).toMatch(/made by PostgreSQL 15, this is PostgreSQL \d+: set DATA_DIR/)
  expect((failure as StartupError).message).not.toContain('\n')
})

it('a first start that was interrupted leaves nothing in the way', async () => {
  await writeFile(join(dataDir, 'postgres.new'), 'half made')
  expect(await query((await start()).databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }])
})
