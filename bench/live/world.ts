// The databases of the live bench: the demo world with many customers of one company, 2,000 people who approve, and work
// that waits for each of them.
import { migrate } from '../../server/db/migrate.ts'
import { connect, type Db } from '../../server/db/connect.ts'
import { demoIssuer } from '../../server/auth/demo.ts'
import { demoAdministrator } from '../../server/demo/people.ts'
import { seedDemo } from '../../server/demo/seed.ts'
import { alone } from '../../server/services/alone.ts'
import type { App } from '../../server/services/app.ts'
import { updateCustomer } from '../../server/services/customers.ts'
import { saveGroup } from '../../server/services/members.ts'
import { submitProposal } from '../../server/services/proposals.ts'
import { createSetupCache } from '../../server/services/setup-cache.ts'
import { saveWorkflow } from '../../server/services/workflows.ts'
import { userBySubject } from '../../server/store/users.ts'
import { copyOf, keptDatabase } from '../kept.ts'
import { company, reader, signIn } from '../world.ts'
import postgres from 'postgres'

export { company } from '../world.ts'

const peopleCount = 2_000
/** Subjects of the approvers' tokens. */
export const people: readonly string[] = Array.from(
  { length: peopleCount },
  (_, n) => `p${String(n + 1).padStart(4, '0')}`,
)
/** As many people are asked at once; the first of them by every proposal that is made here, the others by copies. */
export const groupSize = 10
const itemsPerPerson = 3
const group = 'ten'
/** Proposals that wait for the group, for events to be about. */
const pending = 40
/** Proposals that are ready to be submitted. */
const drafts = 40

const accountOf = (n: number): string => `C-${String(n).padStart(7, '0')}`

/** A fresh copy of the world with so many customers, to be written to; `suffix` tells copies apart. */
export const openLiveWorld = async (cluster: string, size: number, suffix = 'copy'): Promise<string> => {
  const name = `live_${size}`
  await keptDatabase(cluster, { name, file: import.meta.filename, size, fill: (url) => fill(url, size) })
  return copyOf(cluster, name, suffix)
}

const fill = async (url: string, size: number): Promise<void> => {
  await migrate(url)
  await seedDemo(url, () => new Date())
  const sql = postgres(url, { max: 1, onnotice: () => undefined })
  try {
    // Set by set and without the triggers, which look at each row: what the copies are made from has passed them.
    await sql`set session_replication_role = replica`
    await sql`set maintenance_work_mem = '512MB'`
    await addCustomers(sql, size)
    await addPeople(sql)
    await propose(url)
    await spreadItems(sql)
  } finally {
    await sql.end()
  }
}

/** Copies of the demo's customers; indexes are built once they are all there. */
const addCustomers = async (sql: postgres.Sql, size: number): Promise<void> => {
  const indexes = await sql<{ name: string; definition: string }[]>`
    select indexname name, indexdef definition from pg_indexes
    where tablename = 'customers' and indexname not in (select conname from pg_constraint)`
  for (const { name } of indexes) await sql`drop index ${sql(name)}`
  const columns = await sql<{ name: string }[]>`
    select column_name name from information_schema.columns where table_name = 'customers' order by ordinal_position`
  const own: Readonly<Record<string, string>> = {
    id: 'uuidv7()',
    account: `'C-' || lpad(n::text, 7, '0')`,
    name: `t.name || ' ' || n`,
    default_bank_account: 'null',
  }
  await sql.unsafe(`
    with template as (
      select c.*, row_number() over (order by account) - 1 number, count(*) over () size
      from customers c join companies on companies.id = c.company_id where code = '${company}'
    )
    insert into customers (${columns.map(({ name }) => name).join(', ')})
    select ${columns.map(({ name }) => own[name] ?? `t.${name}`).join(', ')}
    from generate_series(1, ${size} - (select max(size) from template)) n join template t on t.number = n % t.size`)
  for (const { definition } of indexes) await sql.unsafe(definition)
  await sql`analyze customers`
}

const addPeople = async (sql: postgres.Sql): Promise<void> => {
  await sql`
    with made as (
      insert into users (id, kind, name, issuer, subject)
      select uuidv7(), 'PERSON', 'Person ' || subject, ${demoIssuer}, subject from unnest(${people}::text[]) subject
      returning id
    )
    insert into memberships (company_id, user_id, roles)
    select companies.id, made.id, '{READER}' from made cross join companies where code = ${company}`
}

/** One step that asks ten people, and proposals for it, all through the services. */
const propose = async (url: string): Promise<void> => {
  const connection = connect(url)
  try {
    const { db } = connection
    const app: App = { db, clock: () => new Date(), setup: createSetupCache(), ...alone }
    const administrator = await signIn(db, demoAdministrator.user)
    const memberIds = await Promise.all(people.slice(0, groupSize).map((person) => idOf(db, person)))
    await saveGroup(app, administrator, { company, name: group, memberIds })
    const [workflow] = await db.execute<{ id: string }>(
      `select id from workflows where is_default and deleted_at is null`,
    )
    await saveWorkflow(app, administrator, {
      company,
      workflowId: workflow?.id ?? null,
      name: 'Customer changes',
      definition: { elements: [{ approval: { name: 'Ten', steps: [step] } }] },
      activate: true,
    })
    const clerk = await signIn(db, reader)
    for (let n = 1; n <= pending + drafts; n++) {
      const { companyId, proposalId } = await updateCustomer(app, clerk, {
        company,
        account: accountOf(n),
        set: { creditLimit: '125000.00', paymentTerms: 'Net90' },
        reason: 'Framework agreement',
      })
      if (proposalId === null) throw new Error('an edit has not become a proposal')
      if (n <= pending) await submitProposal(app, clerk, { companyId, proposalId })
    }
  } finally {
    await connection.close()
  }
}

const step = {
  name: 'Ten',
  subject: 'Changes of {{customer.account}} {{customer.name}}',
  assign: [{ to: { group } }],
}

const idOf = async (db: Db, person: string): Promise<string> => {
  const user = await userBySubject(db, demoIssuer, person)
  if (user === null) throw new Error(`there is no person ${person}`)
  return user.id
}

/** Copies of the first proposal with its run, changes and items, each for ten other people and a customer of its own. */
const spreadItems = async (sql: postgres.Sql): Promise<void> => {
  const copies = (peopleCount / groupSize - 1) * itemsPerPerson
  await sql`
    create temporary table template as
    select p.company_id, p.id from proposals p join customers c on c.company_id = p.company_id and c.id = p.customer_id
    where c.account = ${accountOf(1)}`
  await sql`
    create temporary table copies as
    select n, c.id customer_id, 1 + ((n - 1) % ${peopleCount / groupSize - 1}) block
    from generate_series(1, ${copies}) n
    join customers c on c.account = 'C-' || lpad((n + ${pending + drafts})::text, 7, '0')`
  await sql`
    create temporary table seats as
    select id user_id, (row_number() over (order by subject) - 1) / ${groupSize} block,
      (row_number() over (order by subject) - 1) % ${groupSize} seat
    from users where issuer = ${demoIssuer} and subject = any(${people}::text[])`
  await sql`
    create function copied(id uuid, n int) returns uuid language sql immutable return md5(id::text || n)::uuid`
  const parts: readonly (readonly [table: string, key: string, more: string])[] = [
    ['proposals', 'id', `'customer_id', copies.customer_id`],
    ['runs', 'proposal_id', `'proposal_id', copied(t.proposal_id, n)`],
    ['changes', 'proposal_id', `'proposal_id', copied(t.proposal_id, n)`],
    [
      'work_items',
      'proposal_id',
      `'proposal_id', copied(t.proposal_id, n), 'run_id', copied(t.run_id, n), 'assignee_id',
        (select user_id from seats where seats.block = copies.block and seats.seat = t.seat)`,
    ],
  ]
  for (const [table, key, more] of parts) {
    await sql.unsafe(`
      insert into ${table} overriding user value
      select made.* from (
        select *, (row_number() over (order by id) - 1) % ${groupSize} seat from ${table}
        where (company_id, ${key}) in (select company_id, id from template)
      ) t
      cross join copies
      cross join lateral jsonb_populate_record(null::${table},
        to_jsonb(t) || jsonb_build_object('id', copied(t.id, n), ${more})) made`)
  }
  await sql`drop function copied`
  const [poor] = await sql<{ count: number }[]>`
    select count(*)::int count from seats
    where ${itemsPerPerson} > (select count(*) from work_items where assignee_id = user_id and status = 'OPEN')`
  if (poor?.count !== 0) throw new Error(`${poor?.count ?? 'all'} people have too little to do`)
}
