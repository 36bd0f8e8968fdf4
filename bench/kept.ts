// Databases that take long to fill: kept between runs below .cache/, each made anew when anything that goes into it has
// changed.
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startEmbedded, type Embedded } from '../server/db/embedded.ts'
import postgres from 'postgres'

const root = join(import.meta.dirname, '..')

/** PostgreSQL with what a production start sets, plus the counter of statements. */
export const startPostgres = (): Promise<Embedded> =>
  startEmbedded({
    dataDir: join(root, '.cache/bench-postgres'),
    settings: { shared_preload_libraries: 'pg_stat_statements' },
  })

export type Kept = {
  readonly name: string
  /** The file that says what is in it, and any other text that does. */
  readonly file: string
  readonly size?: number
  /** Fills the empty database. */
  readonly fill: (url: string) => Promise<void>
}

/** The URL of a kept database, filled if need be. */
export const keptDatabase = async (cluster: string, { name, file, size, fill }: Kept): Promise<string> => {
  const url = urlOf(cluster, name)
  const mark = await fingerprint(file, size)
  if ((await readMark(cluster, name)) === mark) return url
  const started = performance.now()
  await recreate(cluster, name)
  await fill(url)
  const sql = client(url)
  try {
    await sql`create extension pg_stat_statements`
    await sql`vacuum analyze`
    await sql.unsafe(`comment on database ${name} is '${mark}'`)
  } finally {
    await sql.end()
  }
  console.log(`Filled the database ${name} in ${((performance.now() - started) / 1000).toFixed(0)} s.`)
  return url
}

/** A fresh copy of a kept database, to be written to. */
export const copyOf = async (cluster: string, name: string, suffix: string): Promise<string> => {
  const copy = `${name}_${suffix}`
  await recreate(cluster, copy, `template ${name} strategy file_copy`)
  return urlOf(cluster, copy)
}

const recreate = async (cluster: string, name: string, how = ''): Promise<void> => {
  const admin = client(urlOf(cluster, 'postgres'))
  try {
    await admin.unsafe(`drop database if exists ${name} with (force)`)
    await admin.unsafe(`create database ${name} ${how}`)
  } finally {
    await admin.end()
  }
}

const urlOf = (cluster: string, name: string): string => {
  const url = new URL(cluster)
  url.pathname = `/${name}`
  return url.href
}

const client = (url: string): postgres.Sql => postgres(url, { max: 1, onnotice: () => undefined })

/** Changes with whatever the database is made from. */
const fingerprint = async (file: string, size = 0): Promise<string> => {
  const hash = createHash('sha256')
    .update(await readFile(file))
    .update(`${size}`)
  for (const folder of ['server/db/migrations', 'server/demo', 'server/domain']) {
    const names = await readdir(join(root, folder), { recursive: true })
    for (const name of names.filter((each) => /\.(sql|ts)$/.test(each)).sort())
      hash.update(await readFile(join(root, folder, name)))
  }
  return hash.digest('hex')
}

/** What the whole database was made from; undefined where it is not there or not finished. */
const readMark = async (cluster: string, name: string): Promise<string | undefined> => {
  const sql = client(urlOf(cluster, 'postgres'))
  try {
    const [row] = await sql<{ mark: string | null }[]>`
      select shobj_description(oid, 'pg_database') mark from pg_database where datname = ${name}`
    return row?.mark ?? undefined
  } finally {
    await sql.end()
  }
}
