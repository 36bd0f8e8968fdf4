// Opens the databases that failed test files left behind: prints one address for each, until Ctrl-C.
import { readFile, readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { startEmbedded } from '../server/db/embedded.ts'

const [folder] = process.argv.slice(2)
if (folder === undefined) throw new Error('usage: node scripts/kept-databases.ts <folder that the test run named>')
const dataDir = resolve(folder)
const embedded = await startEmbedded({ dataDir, database: 'template_countersign' })
for (const name of await readdir(join(dataDir, 'kept'))) {
  const file = await readFile(join(dataDir, 'kept', name), 'utf8')
  console.log(`${file}: ${embedded.databaseUrl.replace(/[^/]+$/, name)}`)
}
process.once('SIGINT', () => void embedded.stop())
