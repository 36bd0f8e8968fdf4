// Writers inside of a server process, as those of its requests: many at once on few customers, some of which roll back.
import { setTimeout as delay } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { connect, type Db, type Tx } from '../../server/db/connect.ts'
import { demoIssuer } from '../../server/auth/demo.ts'
import type { App } from '../../server/services/app.ts'
import { updateCustomer } from '../../server/services/customers.ts'
import { accountLookup, viewerOf } from '../../server/services/viewer.ts'

export type Written = { readonly committed: number; readonly rolledBack: number }

/** Writers that leave the processes no time would keep readers from ever being up to date. */
const thinkMs = 300

class RolledBack extends Error {}

/** The same database, where each transaction does something more before it commits. */
const before = (db: Db, more: (tx: Tx) => Promise<unknown>): Db =>
  new Proxy(db, {
    get: (target, name) =>
      name === 'transaction'
        ? (work: (tx: Tx) => Promise<unknown>) =>
            target.transaction(async (tx) => {
              const result = await work(tx)
              await more(tx)
              return result
            })
        : (Reflect.get(target, name) as unknown),
  })

/** Where writers note their edits, in the order in which they held the customer: neither clocks nor the log have part in it. */
export const editsTable = 'create table edits (customer int, n int, value text, primary key (customer, n))'

/** `first`: credit limits are counted from here, so that no two edits propose the same. */
export const startWriters = async (services: App, databaseUrl: string, count: number, first: number) => {
  // Not the pool of those who read: who waits for a customer would keep them waiting too.
  const pool = connect(databaseUrl, { max: count + 1 })
  const app = { ...services, db: pool.db }
  const account = await accountLookup(app.db).userBySubject(demoIssuer, 'clara')
  if (account === null) throw new Error('there is no clara')
  const viewer = await viewerOf(app.db, account, null)
  let limit = first
  let stopped = false
  const edit = (customer: number, more: (tx: Tx) => Promise<unknown> = () => Promise.resolve()): Promise<unknown> => {
    const value = String((limit += 1))
    const db = before(app.db, async (tx) => {
      await tx.execute(sql`
        insert into edits select ${customer}, count(*) + 1, ${value} from edits where customer = ${customer}`)
      await more(tx)
    })
    const set = { creditLimit: value }
    return updateCustomer({ ...app, db }, viewer, { company: 'USMF', account: `US-${customer}`, set })
  }
  const rollBack = (): Promise<never> => Promise.reject(new RolledBack())
  const write = async (n: number): Promise<Written> => {
    let [committed, rolledBack] = [0, 0]
    for (let round = n; !stopped; round += 1) {
      const customer = 101 + (round % 6)
      await delay(thinkMs)
      if (round % 5 > 0) {
        await edit(customer)
        committed += 1
        continue
      }
      await edit(customer, rollBack).catch((error: unknown) => {
        if (!(error instanceof RolledBack)) throw error
      })
      rolledBack += 1
    }
    return { committed, rolledBack }
  }
  const writing = Promise.all(Array.from({ length: count }, (_, n) => write(n)))
  return {
    /** An edit of a customer of its own whose transaction stays open for so long after it wrote. */
    hold: (seconds: number): Promise<unknown> => edit(120, (tx) => tx.execute(sql`select pg_sleep(${seconds})`)),
    async stop(): Promise<Written> {
      stopped = true
      const all = await writing
      await pool.close()
      const sum = (of: (each: Written) => number): number => all.reduce((total, each) => total + of(each), 0)
      return { committed: sum((each) => each.committed), rolledBack: sum((each) => each.rolledBack) }
    },
  }
}
