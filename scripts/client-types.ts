// Writes the client's types from schema.graphql, or with --check says whether they still are those of the schema.
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const root = join(import.meta.dirname, '..')
const file = join(root, 'client/src/lib/graphql-env.d.ts')

const generate = (output: string) =>
  promisify(execFile)(
    join(root, 'node_modules/.bin/gql.tada'),
    ['generate-output', '--tsconfig', join(root, 'client/tsconfig.json'), '--output', output],
    { cwd: root },
  )

if (process.argv.includes('--check')) {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-'))
  const fresh = join(folder, 'graphql-env.d.ts')
  await generate(fresh)
  const [wanted, committed] = await Promise.all([readFile(fresh, 'utf8'), readFile(file, 'utf8').catch(() => '')])
  await rm(folder, { recursive: true })
  if (wanted !== committed) {
    console.error('client/src/lib/graphql-env.d.ts is not that of schema.graphql. Run npm run schema.')
    process.exitCode = 1
  }
} else {
  await generate(file)
}
