// Who writes: a process beside the server, as a second Countersign process would be. Its transactions are real ones, and
// after their commit it tells the server as the outbox of such a process does. Started by child.ts.
import '../../server/production.ts'
import { sql } from 'drizzle-orm'
import { connect, type Tx } from '../../server/db/connect.ts'
import { createOutbox } from '../../server/live/outbox.ts'
import { createLog } from '../../server/log.ts'
import { alone } from '../../server/services/alone.ts'
import type { App } from '../../server/services/app.ts'
import { recallProposal, submitProposal } from '../../server/services/proposals.ts'
import { createSetupCache } from '../../server/services/setup-cache.ts'
import { appendEvents } from '../../server/store/events.ts'
import { notifyCommitted } from '../../server/store/feed.ts'
import { newId } from '../../server/store/ids.ts'
import { serve } from '../child.ts'
import { reader, signIn } from '../world.ts'
import { repeat, type Burst, type Pace } from './pace.ts'
import { now } from './time.ts'

export type Commits = {
  readonly writers: number
  readonly ms: number
  /** Is there somebody to be told? */
  readonly tell: boolean
}

const connection = connect(process.argv[2] ?? '', { max: 16 })
const { db } = connection
const outbox = createOutbox({
  sequencer: { wake: () => undefined, leads: () => false },
  notify: () => notifyCommitted(db),
  log: createLog('warn'),
})
const app: App = { db, clock: () => new Date(), setup: createSetupCache(), ...alone, wake: () => outbox.wake() }
const clerk = await signIn(db, reader)

type Subject = { readonly companyId: string; readonly proposalId: string; readonly customerId: string }
const subjectsOf = async (status: string): Promise<readonly Subject[]> =>
  db.execute<Subject>(sql`
    select p.company_id "companyId", p.id "proposalId", p.customer_id "customerId"
    from proposals p join customers c on c.company_id = p.company_id and c.id = p.customer_id
    where p.status = ${status} and c.account like 'C-%' order by c.account limit 40`)
const pending = await subjectsOf('PENDING')
const drafts = await subjectsOf('DRAFT')

/** The n-th, from the beginning again after the last. */
const nth = (subjects: readonly Subject[], n: number): Subject => {
  const subject = subjects[n % subjects.length]
  if (subject === undefined) throw new Error('there is no proposal to write about')
  return subject
}

/** What a comment on the n-th proposal leaves in the log. */
const comment = async (tx: Tx, n: number): Promise<void> => {
  const { companyId, ...subject } = nth(pending, n)
  const at = new Date().toISOString()
  await appendEvents(tx, { companyId, actorId: clerk.userId, at }, [
    { type: 'CommentAdded', ...subject, data: { commentId: newId(), text: 'Terms are agreed with the customer.' } },
  ])
}

let written = 0

/** All of them in one transaction; answers when its commit began. */
const burst = async ({ events }: Burst): Promise<number> => {
  const committing = await db.transaction(async (tx) => {
    for (let n = 0; n < events; n++) await comment(tx, written++)
    return now()
  })
  outbox.wake()
  return committing
}

/** One transaction after the other, with a pause each; answers when each commit began. */
const paced = (pace: Pace): Promise<number[]> => repeat(pace, () => burst({ events: 1 }))

/** The same with a NOTIFY in the transaction, as it is mostly done; answers when each commit began. */
const notified = ({ channel, ...pace }: Pace & { readonly channel: string }): Promise<number[]> =>
  repeat(pace, () =>
    db.transaction(async (tx) => {
      await comment(tx, written++)
      await tx.execute(sql`select pg_notify(${channel}, '')`)
      return now()
    }),
  )

let submitted = 0

/** Proposals are submitted and recalled in turn: ten people are asked, and no longer asked. Answers the commands. */
const toggle = async (pace: Pace): Promise<number> => {
  const done = await repeat(pace, async () => {
    const n = submitted++
    const { companyId, proposalId } = nth(drafts, n >> 1)
    if (n % 2 === 0) await submitProposal(app, clerk, { companyId, proposalId })
    else await recallProposal(app, clerk, { companyId, proposalId, comment: 'Not yet.' })
  })
  return done.length
}

/** As many transactions as there is time for: a proposal is touched and its event written. Answers how many a second. */
const commits = async ({ writers, ms, tell }: Commits): Promise<number> => {
  const started = now()
  let done = 0
  const write = async (_: unknown, writer: number): Promise<void> => {
    const { companyId, proposalId } = nth(pending, writer)
    while (now() - started < ms) {
      await db.transaction(async (tx) => {
        await tx.execute(sql`
          update proposals set updated_at = now() where company_id = ${companyId} and id = ${proposalId}`)
        await comment(tx, writer)
      })
      if (tell) outbox.wake()
      done += 1
    }
  }
  await Promise.all(Array.from({ length: writers }, write))
  return (done * 1000) / (now() - started)
}

/** Events that nobody has numbered. */
const unsealed = async (): Promise<number> => {
  const [row] = await db.execute<{ count: number }>(sql`select count(*)::int count from events where position is null`)
  return row?.count ?? 0
}

/** Takes back what was written while nobody numbered it, so that nobody has to catch up with it. */
const discardUnsealed = (): Promise<void> =>
  db.transaction(async (tx) => {
    await tx.execute(sql`set local session_replication_role = replica`)
    await tx.execute(sql`delete from events where position is null`)
  })

await serve({}, () => connection.close(), { burst, paced, notified, toggle, commits, unsealed, discardUnsealed })
