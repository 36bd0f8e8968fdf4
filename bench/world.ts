// The database that the read bench works on: the demo world, filled up to 100,000 customers of one company.
import { connect, type Db } from '../server/db/connect.ts'
import type { Embedded } from '../server/db/embedded.ts'
import { migrate } from '../server/db/migrate.ts'
import { seedDemo } from '../server/demo/seed.ts'
import { demoIssuer } from '../server/auth/demo.ts'
import { alone } from '../server/services/alone.ts'
import type { App, Viewer } from '../server/services/app.ts'
import { updateCustomer } from '../server/services/customers.ts'
import { submitProposal } from '../server/services/proposals.ts'
import { createSetupCache } from '../server/services/setup-cache.ts'
import { viewerOf } from '../server/services/viewer.ts'
import { userBySubject } from '../server/store/users.ts'
import { keptDatabase, startPostgres } from './kept.ts'
import postgres from 'postgres'

export const company = 'USMF'
export const reader = 'clara'
export const customerCount = 100_000
/** How many the query reads; each of these has an open proposal with three changes. */
export const pageSize = 20

/** Starts PostgreSQL with the world in it. */
export const openWorld = async (): Promise<Embedded> => {
  const cluster = await startPostgres()
  try {
    const world = { name: 'countersign', file: import.meta.filename, fill }
    return { ...cluster, databaseUrl: await keptDatabase(cluster.databaseUrl, world) }
  } catch (error) {
    await cluster.stop()
    throw error
  }
}

/** The demo world with so many customers of its first company, for benches that fill a database of their own. */
export const fillWith = async (url: string, customers: number): Promise<void> => {
  await migrate(url)
  await seedDemo(url, () => new Date())
  const sql = postgres(url, { max: 1, onnotice: () => undefined })
  try {
    await addCustomers(sql, customers)
  } finally {
    await sql.end()
  }
}

const fill = async (url: string): Promise<void> => {
  await migrate(url)
  await seedDemo(url, () => new Date())
  const sql = postgres(url, { max: 1, onnotice: () => undefined })
  try {
    await addCustomers(sql)
    await propose(url)
  } finally {
    await sql.end()
  }
}

/** Copies of the demo's customers under accounts that sort before theirs. */
const addCustomers = async (sql: postgres.Sql, customers = customerCount): Promise<void> => {
  await sql`
    with template as (
      select c.*, row_number() over (order by account) - 1 number, count(*) over () size
      from customers c join companies on companies.id = c.company_id where code = ${company}
    )
    insert into customers
    select made.* from generate_series(1, ${customers} - (select max(size) from template)) n
    join template on template.number = n % template.size
    cross join lateral jsonb_populate_record(null::customers, to_jsonb(template) || jsonb_build_object(
      'id', uuidv7(), 'account', 'C-' || lpad(n::text, 7, '0'), 'name', template.name || ' ' || n,
      'default_bank_account', null)) made`
}

/** Through the services, as clerks do it; every second proposal is submitted. */
const propose = async (url: string): Promise<void> => {
  const connection = connect(url)
  try {
    const { db } = connection
    const app: App = { db, clock: () => new Date(), setup: createSetupCache(), ...alone }
    const clerk = await signIn(db, reader)
    for (let n = 1; n <= pageSize; n++) {
      const { companyId, proposalId, proposed } = await updateCustomer(app, clerk, {
        company,
        account: `C-${String(n).padStart(7, '0')}`,
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

/** A demo user with their memberships as they are now. */
export const signIn = async (db: Db, name: string): Promise<Viewer> => {
  const user = await userBySubject(db, demoIssuer, name)
  if (user === null) throw new Error(`there is no demo user ${name}`)
  return viewerOf(db, { user, companyId: null }, null)
}
