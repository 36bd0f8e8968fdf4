// One PostgreSQL per run with a migrated template, shared by all projects. Every project gets its own copy of this
// module in the same process, so what is shared lives on globalThis.
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import postgres from 'postgres'
import type { TestProject } from 'vitest/node'
import { startEmbedded, stopAbandoned, type Embedded } from '../../server/db/embedded.ts'
import { migrate } from '../../server/db/migrate.ts'
import { seedDemo } from '../../server/demo/seed.ts'

export type TestPostgres = {
  /** Of the migrated template, which nobody may be connected to while it is cloned. */
  templateUrl: string
  /** Name of a template that holds the demo world as well. */
  demoTemplate: string
  dataDir: string
}

declare module 'vitest' {
  interface ProvidedContext {
    postgres: TestPostgres
  }
}

type Shared = { users: number; started: Promise<{ embedded: Embedded; dataDir: string }> }

const demoTemplate = 'template_demo'
const place = Symbol.for('countersign.test-postgres')
const shared = globalThis as typeof globalThis & { [place]?: Shared | undefined }
const root = join(import.meta.dirname, '../../.cache/test-postgres')

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const mine = (shared[place] ??= { users: 0, started: start() })
  mine.users += 1
  const { embedded, dataDir } = await mine.started
  project.provide('postgres', { templateUrl: embedded.databaseUrl, demoTemplate, dataDir })
  return async () => {
    mine.users -= 1
    if (mine.users > 0) return
    shared[place] = undefined
    await finish(embedded, dataDir)
  }
}

async function start(): Promise<{ embedded: Embedded; dataDir: string }> {
  await removeOldRuns()
  const dataDir = join(root, String(process.pid))
  const embedded = await startEmbedded({
    dataDir,
    database: 'template_countersign',
    initFlags: ['--no-sync'],
    settings: {
      fsync: 'off',
      full_page_writes: 'off',
      synchronous_commit: 'off',
      max_connections: '300',
      autovacuum: 'off',
    },
  })
  await migrate(embedded.databaseUrl)
  await makeDemoTemplate(embedded.databaseUrl)
  return { embedded, dataDir }
}

/** Seeding takes a second; a clone of what is seeded takes none. */
async function makeDemoTemplate(templateUrl: string): Promise<void> {
  const sql = postgres(templateUrl.replace(/\/[^/]*$/, '/postgres'), { max: 1, onnotice: () => undefined })
  await sql.unsafe(`create database ${demoTemplate} template template_countersign strategy file_copy`)
  await sql.end()
  const demoUrl = new URL(templateUrl)
  demoUrl.pathname = `/${demoTemplate}`
  await seedDemo(demoUrl.href, () => new Date())
}

/** Keeps the folder when a failed file asked for it (test/helpers/postgres.ts), and says how to look into it. */
async function finish(embedded: Embedded, dataDir: string): Promise<void> {
  await embedded.stop()
  const kept = await readdir(join(dataDir, 'kept')).catch(() => [])
  if (kept.length === 0) return rm(dataDir, { recursive: true, force: true })
  process.stderr.write(`\nKept the databases of failed files: ${kept.join(', ')}\n`)
  process.stderr.write(`Look into them: node scripts/kept-databases.ts ${dataDir}\n`)
}

/** Databases of so many failed runs are kept: a run's are a hundred megabytes and more. */
const keptRuns = 10

/** Stops and removes what killed runs left, and of what failed ones kept all but the latest, and those of more than a day ago. */
async function removeOldRuns(): Promise<void> {
  await mkdir(root, { recursive: true })
  const over = (await readdir(root)).filter((name) => !isAlive(Number(name)))
  const times = over.map(async (name) => ({
    dataDir: join(root, name),
    keptAt: (await stat(join(root, name, 'kept')).catch(() => undefined))?.mtimeMs ?? 0,
  }))
  const latestFirst = (await Promise.all(times)).sort((a, b) => b.keptAt - a.keptAt)
  for (const [place, { dataDir, keptAt }] of latestFirst.entries()) {
    if (place < keptRuns && Date.now() - keptAt < 24 * 60 * 60 * 1000) continue
    await stopAbandoned(dataDir)
    await rm(dataDir, { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
