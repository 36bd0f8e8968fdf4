// A database per test file, cloned from the migrated template.
import { randomUUID } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import postgres from 'postgres'
import { afterAll, inject } from 'vitest'
import type {} from './postgres-setup.ts'

export type TestDatabase = { url: string }

/**
 * A fresh database with all migrations and no rows, or with the demo world (`demo`). Call it at the top of a test file
 * (`const database = await createTestDatabase()`): it is dropped when the file is done, kept when a test of it failed,
 * and a connection that is still open then fails the file.
 */
export async function createTestDatabase(options: { demo?: boolean } = {}): Promise<TestDatabase> {
  const { templateUrl, demoTemplate, dataDir } = inject('postgres')
  const template = options.demo === true ? demoTemplate : 'template_countersign'
  const name = `test_${randomUUID().replaceAll('-', '').slice(0, 12)}`
  // Copying files beats copying through the log by far when nothing is synced to disk.
  await asAdmin(templateUrl, (sql) => sql.unsafe(`create database ${name} template ${template} strategy file_copy`))
  const url = withDatabase(templateUrl, name)
  afterAll(async ({}, suite) => {
    const { file } = suite
    await asAdmin(templateUrl, async (sql) => {
      const open = await openConnections(sql, name)
      if (hasFailed([file])) {
        await keep(dataDir, name, basename(file.filepath))
      } else {
        await sql.unsafe(`drop database ${name} with (force)`)
      }
      if (open.length > 0) throw new Error(`connections left open by this file: ${open.join(', ')}`)
    })
  })
  return { url }
}

/** Marks a database as worth keeping after the run. */
async function keep(dataDir: string, database: string, file: string): Promise<void> {
  await mkdir(join(dataDir, 'kept'), { recursive: true })
  await writeFile(join(dataDir, 'kept', database), file)
}

type FinishedTask = { result?: { state: string } | undefined; tasks?: FinishedTask[] }

const hasFailed = (tasks: FinishedTask[]): boolean =>
  tasks.some((task) => task.result?.state === 'fail' || hasFailed(task.tasks ?? []))

/** The sessions on a database that do not end by themselves within two seconds, each by its last query. */
async function openConnections(sql: postgres.Sql, database: string): Promise<string[]> {
  for (let attempt = 0; ; attempt++) {
    const rows = await sql<{ query: string }[]>`
      select query from pg_stat_activity where datname = ${database} and backend_type = 'client backend'`
    if (rows.length === 0 || attempt === 40) return rows.map((row) => row.query.slice(0, 80))
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url)
  changed.pathname = `/${name}`
  return changed.href
}

async function asAdmin(templateUrl: string, work: (sql: postgres.Sql) => Promise<unknown>): Promise<void> {
  const sql = postgres(withDatabase(templateUrl, 'postgres'), { max: 1, onnotice: () => undefined })
  try {
    await work(sql)
  } finally {
    await sql.end({ timeout: 1 })
  }
}
