// An import in its own thread while somebody works: a command that the first thread has answered makes its steps small.
import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { hashOfApiKey } from '../../server/domain/api-key-text.ts'
import { encodeId } from '../../server/graphql/ids.ts'
import { accountLookup, viewerOf } from '../../server/services/viewer.ts'
import { until } from '../helpers/app.ts'
import { startServices } from '../helpers/services.ts'
import { jobOf, run as runHere, upload } from '../services/import-files.ts'
import { run } from './server-process.ts'

const services = await startServices()
const { app, db, companyId } = services
const key = 'demo-partner-key'

test('an import takes small steps for as long as commands are given', async () => {
  const partner = await accountLookup(db).identityByKeyHash(hashOfApiKey(key))
  if (partner === null) throw new Error('the demo world has no partner')
  const rows = Array.from({ length: 800 }, (_, n) => ({ account: `BESIDE-${n}`, set: { name: `Beside ${n}` } }))
  // Planned here: in the process below nothing has been written before the commit.
  const planned = await upload(app, await viewerOf(db, partner.user, null), rows)
  const { status, planDigest } = await runHere(app, planned)
  expect(status).toBe('PLANNED')
  await db.execute(sql`create table import_steps (processed int)`)
  await db.execute(sql`create function note_step() returns trigger language plpgsql as
    $$ begin insert into import_steps values (new.processed - old.processed); return null; end $$`)
  await db.execute(sql`create trigger note_step after update on import_jobs for each row
    when (new.processed > old.processed) execute function note_step()`)

  const other = run('test/process/importing-process.ts', [services.url, 'application'], {})
  const url = await until('the application', () => /begins at (\S+)/.exec(other.out())?.[1], 30_000)
  const command = async (text: string): Promise<unknown> => {
    const body = JSON.stringify({ query: `mutation { r: ${text} { __typename ... on UserError { message } } }` })
    const headers = { 'content-type': 'application/json', 'x-api-key': key }
    const { data } = (await (await fetch(`${url}/graphql`, { method: 'POST', headers, body })).json()) as {
      data: { r: { __typename: string } }
    }
    return data.r.__typename
  }
  const importId = encodeId('ImportJob', companyId, planned.id)
  expect(await command(`commitImport(input: { importId: "${importId}", planDigest: "${planDigest}" })`)).toBe(
    'ImportSuccess',
  )
  const work = async (n: number): Promise<true | undefined> => {
    const edit = `{ company: "USMF", account: "US-001", set: { phone: "+1 555 ${n}" } }`
    expect(await command(`updateCustomer(input: ${edit})`)).toBe('UpdateCustomerSuccess')
    return (await jobOf(app, planned)).status === 'DONE' ? true : undefined
  }
  let edits = 0
  await until('the import to be done', () => work((edits += 1)), 30_000)

  const steps = await db.execute<{ processed: number }>(sql`select processed from import_steps`)
  expect(steps.reduce((sum, { processed }) => sum + processed, 0)).toBe(800)
  expect(Math.max(...steps.map(({ processed }) => processed))).toBeLessThanOrEqual(200)
  other.child.kill('SIGTERM')
  expect(await other.ended).toBe(0)
  expect(other.err()).toBe('')
})
