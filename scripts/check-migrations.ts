// Says when the tables have changed and no migration was generated for it. `drizzle-kit check` looks at the history of
// the migrations only and does not notice.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { generateDrizzleJson, generateMigration } from 'drizzle-kit/api'

const folder = join(import.meta.dirname, '../server/db')
const meta = join(folder, 'migrations/meta')

const tables: Record<string, unknown> = {}
for (const file of await readdir(join(folder, 'tables'))) {
  Object.assign(tables, await import(join(folder, 'tables', file)))
}
const newest = (await readdir(meta))
  .filter((name) => name.endsWith('_snapshot.json'))
  .sort()
  .at(-1)
if (newest === undefined) throw new Error(`there is no snapshot in ${meta}: run npm run migrations:generate`)
const snapshot = JSON.parse(await readFile(join(meta, newest), 'utf8')) as { id: string }
const current = generateDrizzleJson(tables, snapshot.id, undefined, 'snake_case') as unknown
const missing = await generateMigration(snapshot, current)
if (missing.length > 0) {
  console.error(`The tables have changed since ${newest}. Run npm run migrations:generate. It would do:`)
  console.error(missing.join('\n'))
  process.exitCode = 1
}
