// The migrations say what the tables say: a column added to a table without `npx drizzle-kit generate` fails here.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as kit from 'drizzle-kit/api'
import { expect, it } from 'vitest'

// The types that drizzle-kit publishes for these two do not resolve.
type Snapshot = { id: string }
const { generateDrizzleJson, generateMigration } = kit as unknown as {
  generateDrizzleJson: (tables: object, previousId: string, schemas: undefined, casing: 'snake_case') => Snapshot
  generateMigration: (from: Snapshot, to: Snapshot) => Promise<string[]>
}

const folder = join(import.meta.dirname, '../../server/db')

it('the last snapshot of the migrations is what the tables are', async () => {
  const files = readdirSync(join(folder, 'tables')).map((name) => join(folder, 'tables', name))
  const modules = (await Promise.all(files.map((file) => import(file)))) as Record<string, unknown>[]
  const tables = Object.assign({}, ...modules) as Record<string, unknown>
  const last = readdirSync(join(folder, 'migrations/meta'))
    .filter((name) => name.endsWith('_snapshot.json'))
    .sort()
    .at(-1)
  const snapshot = JSON.parse(readFileSync(join(folder, 'migrations/meta', last ?? ''), 'utf8')) as Snapshot
  const now = generateDrizzleJson(tables, snapshot.id, undefined, 'snake_case')
  expect(await generateMigration(snapshot, now)).toEqual([])
})
