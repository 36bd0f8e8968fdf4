// The demo world (ARCHITECTURE section 7): all of it in one transaction, or nothing. Set-up and proposals go through the
// services like anybody's, so that what one finds here, the log included, is what the product itself has made.
import type { Clock } from '../clock.ts'
import { connect, type Tx } from '../db/connect.ts'
import { decideCreate } from '../domain/create.ts'
import { newSalt, unwrap } from '../services/command.ts'
import { listCompanies } from '../store/companies.ts'
import { insertCustomers } from '../store/customers.ts'
import { appendEvents } from '../store/events.ts'
import { newId } from '../store/ids.ts'
import { seedCalendars, seedCompanies, seedPartner, seedMembers, seedRules } from './companies.ts'
import { seedProposals } from './proposals.ts'
import { createWorld, type World } from './world.ts'

/** Fills an empty database with the demo world; does nothing where there is any company. */
export const seedDemo = async (databaseUrl: string, clock: Clock): Promise<void> => {
  const connection = connect(databaseUrl, { max: 1 })
  const { db } = connection
  try {
    if ((await listCompanies(db)).length === 0) await db.transaction((tx) => seedWorld(tx, clock))
  } finally {
    await connection.close()
  }
}

const seedWorld = async (tx: Tx, clock: Clock): Promise<void> => {
  const world = createWorld(tx, clock)
  world.ago({ days: 30 })
  const { usmf, demf } = await seedCompanies(world)
  await seedMembers(world)
  await seedPartner(world, usmf)
  await seedCalendars(world)
  await seedRules(world)
  world.ago({ days: 28 })
  await seedCustomers(world, usmf, 'clara', 200)
  await seedCustomers(world, demf, 'dieter', 50)
  await seedProposals(world, usmf)
}

/** Decided like any other creation, but written together: one statement for many. */
const seedCustomers = async ({ app, tx, person }: World, companyId: string, user: string, count: number) => {
  // A library for made-up data is no part of what runs in production; it is loaded where it is used.
  const { demoCustomers } = await import('./customers.ts')
  const company = await app.setup.company(tx, companyId)
  const actor = company?.directory.people.get((await person(user)).id)
  if (company === null || actor === undefined) throw new Error(`${user} is no member of the company`)
  const now = app.clock().toISOString()
  const nothing = { accounts: new Set<string>(), others: [], sameTaxNumber: [], runnable: () => undefined }
  const ctx = { actor, company, now, newId, newSalt, ...nothing }
  const made = demoCustomers(company.code, count).map((raw) => unwrap(decideCreate(raw, 'PERSON', ctx)))
  await insertCustomers(
    tx,
    made.map(({ customer }) => customer),
  )
  await appendEvents(
    tx,
    { companyId, actorId: actor.id, at: now },
    made.flatMap(({ events }) => events),
  )
}
