// The database that the read bench works on: the demo world, filled up to 100,000 customers of one company. Kept between
// runs below .cache/, made anew when anything that goes into it has changed.
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { connect, type Db } from '../server/db/connect.ts'
import { startEmbedded, type Embedded } from '../server/db/embedded.ts'
import { migrate } from '../server/db/migrate.ts'
import { seedDemo } from '../server/demo/seed.ts'
import { demoIssuer } from '../server/auth/demo.ts'
import type { App, Viewer } from '../server/services/app.ts'
import { updateCustomer } from '../server/services/customers.ts'
import { submitProposal } from '../server/services/proposals.ts'
import { createSetupCache } from '../server/services/setup-cache.ts'
import { viewerOf } from '../server/services/viewer.ts'
import { userBySubject } from '../server/store/users.ts'
import postgres from 'postgres'

const root = join(import.meta.dirname, '..')
export const company = 'USMF'
export const reader = 'clara'
export const customerCount = 100_000
/** How many the query reads; each of these has an open proposal with three changes. */
export const pageSize = 20

/** Starts PostgreSQL with what a production start sets, plus the counter of statements, and fills it if need be. */
export const openWorld = async (): Promise<Embedded> => {
  const embedded = await startEmbedded({
    dataDir: join(root, '.cache/bench-postgres'),
    settings: { shared_preload_libraries: 'pg_stat_statements' },
  })
  try {
    const mark = await fingerprint()
    if ((await readMark(embedded.databaseUrl)) !== mark) {
      const started = performance.now()
      await fill(embedded.databaseUrl, mark)
      console.log(`Filled the database in ${((performance.now() - started) / 1000).toFixed(0)} s.`)
    }
    return embedded
  } catch (error) {
    await embedded.stop()
    throw error
  }
}

/** Changes with whatever the database is made from. */
const fingerprint = async (): Promise<string> => {
  const hash = createHash('sha256').update(await readFile(import.meta.filename))
  for (const folder of ['server/db/migrations', 'server/demo', 'server/domain']) {
    const names = await readdir(join(root, folder), { recursive: true })
    for (const name of names.filter((file) => /\.(sql|ts)$/.test(file)).sort())
      hash.update(await readFile(join(root, folder, name)))
  }
  return hash.digest('hex')
}

const client = (url: string, database?: string): postgres.Sql => {
  const target = new URL(url)
  if (database !== undefined) target.pathname = `/${database}`
  return postgres(target.href, { max: 1, onnotice: () => undefined })
}

/** What the whole database was made from; undefined where it is not finished. */
const readMark = async (url: string): Promise<string | undefined> => {
  const sql = client(url)
  try {
    const [row] = await sql<{ mark: string | null }[]>`
      select shobj_description(oid, 'pg_database') mark from pg_database where datname = current_database()`
    return row?.mark ?? undefined
  } finally {
    await sql.end()
  }
}

const fill = async (url: string, mark: string): Promise<void> => {
  const database = new URL(url).pathname.slice(1)
  const admin = client(url, 'postgres')
  await admin.unsafe(`drop database if exists ${database} with (force)`)
  await admin.unsafe(`create database ${database}`)
  await admin.end()

  await migrate(url)
  await seedDemo(url, () => new Date())
  const sql = client(url)
  try {
    await addCustomers(sql)
    await propose(url)
    await sql`create extension pg_stat_statements`
    await sql`vacuum analyze`
    await sql.unsafe(`comment on database ${database} is '${mark}'`)
  } finally {
    await sql.end()
  }
}

/** Copies of the demo's customers under accounts that sort before theirs. */
const addCustomers = async (sql: postgres.Sql): Promise<void> => {
  await sql`
    with template as (
      select c.*, row_number() over (order by account) - 1 number, count(*) over () size
      from customers c join companies on companies.id = c.company_id where code = ${company}
    )
    insert into customers
    select made.* from generate_series(1, ${customerCount} - (select max(size) from template)) n
    join template on template.number = n % template.size
    cross join lateral jsonb_populate_record(null::customers, to_jsonb(template) || jsonb_build_object(
      'id', uuidv7(), 'account', 'C-' || lpad(n::text, 6, '0'), 'name', template.name || ' ' || n,
      'default_bank_account', null)) made`
}

/** Through the services, as clerks do it; every second proposal is submitted. */
const propose = async (url: string): Promise<void> => {
  const connection = connect(url)
  try {
    const { db } = connection
    const app: App = { db, clock: () => new Date(), setup: createSetupCache(), wake: () => undefined }
    const clerk = await signIn(db, reader)
    for (let n = 1; n <= pageSize; n++) {
      const { companyId, proposalId, proposed } = await updateCustomer(app, clerk, {
        company,
        account: `C-${String(n).padStart(6, '0')}`,
        set: { creditLimit: '125000.00', paymentTerms: 'Net90', methodOfPayment: 'CASH' },
        reason: 'Framework agreement',
      })
      if (proposalId === null || proposed.length !== 3) throw new Error('an edit has not become three changes')
      if (n % 2 === 0) await submitProposal(app, clerk, { companyId, proposalId })
    }
  } finally {
    await connection.close()
  }
}

const signIn = async (db: Db, name: string): Promise<Viewer> => {
  const user = await userBySubject(db, demoIssuer, name)
  if (user === null) throw new Error(`there is no demo user ${name}`)
  return viewerOf(db, { user, companyId: null }, null)
}
