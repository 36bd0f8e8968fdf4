// Writes schema.graphql from the code, or with --check says whether it still is what the code says.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { diffLines } from 'diff'
import { printSchema } from 'graphql'
import { schema } from '../server/graphql/schema.ts'

const file = join(import.meta.dirname, '../schema.graphql')
const printed = `${printSchema(schema)}\n`
if (process.argv.includes('--check')) {
  const committed = await readFile(file, 'utf8').catch(() => '')
  if (committed !== printed) {
    console.error('schema.graphql is not what the code says. Run npm run schema. It would change:')
    const marks = diffLines(committed, printed).filter(({ added, removed }) => added || removed)
    for (const { added, value } of marks) console.error(value.trimEnd().replace(/^/gm, added ? '+ ' : '- '))
    process.exitCode = 1
  }
} else {
  await writeFile(file, printed)
}
