// What happens between the moment that a chunk of a file is planned ahead of its turn and the moment that it is carried out, and that
// an import comes to an end whatever happens.
import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import type { ImportRow } from '../../server/domain/import.ts'
import type { App } from '../../server/services/app.ts'
import { createCustomer, updateCustomer } from '../../server/services/customers.ts'
import { commitImport } from '../../server/services/import-jobs.ts'
import { runImport } from '../../server/services/import-run.ts'
import { discardProposal, recallProposal } from '../../server/services/proposals.ts'
import { setApprovalParameters } from '../../server/services/setup.ts'
import { startServices } from '../helpers/services.ts'
import { resultsOf, run, upload } from './import-files.ts'

const services = await startServices()
const { app, db, companyId, as, another } = services
const other = another().app
const clara = await as('clara')
const colin = await as('colin')
const company = 'USMF'

/** A first chunk, so that the second is planned ahead. */
const first = Array.from({ length: 500 }, (_, n): ImportRow => ({ account: `M-${n}`, set: { name: `M ${n}` } }))

/**
 * A process in which something happens when a chunk's turn has come, with its import locked or just before; what was planned for it
 * ahead of that is there by then.
 */
const between = (turn: number, meanwhile: () => Promise<unknown>, locked = true) => {
  let [begun, turns, ahead] = [0, 0, 0]
  const db = new Proxy(app.db, {
    get(target, name) {
      const found: unknown = Reflect.get(target, name)
      if (name !== 'transaction' || locked) return typeof found === 'function' ? (found.bind(target) as unknown) : found
      return async (work: Parameters<App['db']['transaction']>[0]) => {
        if ((begun += 1) === turn) await meanwhile()
        return target.transaction(work)
      }
    },
  })
  const setup: App['setup'] = {
    ...app.setup,
    async company(reader, id, version) {
      if (reader === db) ahead += 1
      else if ((turns += 1) === turn && locked) await meanwhile()
      return app.setup.company(reader, id, version)
    },
  }
  return { process: { ...app, db, setup }, turns: () => turns, ahead: () => ahead }
}

/** Plans and commits a file of which the second chunk is these rows; what happens does so before the turn of that. */
const committed = async (rows: readonly ImportRow[], meanwhile: () => Promise<unknown>) => {
  const key = await upload(app, clara, [...first, ...rows])
  const { planDigest } = await run(app, key)
  const before = (await resultsOf(app, key)).slice(first.length)
  await commitImport(app, clara, { companyId, importId: key.id, planDigest: planDigest ?? '' })
  let turn = 0
  const at = between(2, async () => {
    await meanwhile()
    turn = services.statements.length
  })
  expect((await run(at.process, key)).status).toBe('DONE')
  expect(at.ahead()).toBe(1)
  return {
    before,
    came: (await resultsOf(app, key)).slice(first.length),
    /** Have the customers been read once more when their turn had come? */
    anew: services.statements.slice(turn).some((text) => /from "?bank_accounts/.test(text)),
  }
}

const customerOf = async (account: string) => {
  const [row] = await db.execute<{ version: number; name: string; phone: string; email: string; credit: string }>(sql`
    select version, name, phone, email, credit_limit as credit from customers
    where company_id = ${companyId} and account = ${account}`)
  return row
}
/** The last two events of a customer. */
const lastEvents = (account: string) =>
  db.execute<{ type: string; by: string; proposal: string | null }>(sql`
    select e.type, u.name as by, e.proposal_id as proposal from events e
    join customers c on c.id = e.customer_id join users u on u.id = e.actor_id
    where e.company_id = ${companyId} and c.account = ${account} order by e.id desc limit 2`)
const edited = (who: typeof clara, account: string, set: object) =>
  updateCustomer(other, who, { company, account, set: { ...set } })
const open = async (account: string, set: object): Promise<string> => {
  const { proposalId } = await edited(colin, account, set)
  if (proposalId === null) throw new Error('nothing was proposed')
  return proposalId
}
const behave = async (entityBehavior: 'ALLOW_WITHOUT_APPROVAL' | 'CREATE_CHANGE_PROPOSALS' | 'REJECT_CHANGES') =>
  setApprovalParameters(other, await as('adam'), { company, entityBehavior })

describe('a chunk that was planned ahead', () => {
  test('is carried out as it was planned when nothing has happened, without being read once more', async () => {
    const rows = [
      { account: 'US-051', set: { phone: '+1 555 51' } },
      { account: 'US-052', set: { creditLimit: '5200' } },
    ]
    const { before, came, anew } = await committed(rows, async () => undefined)
    expect(before.map(({ outcome }) => outcome)).toEqual(['UPDATED', 'PROPOSED'])
    expect(came.map(({ outcome }) => outcome)).toEqual(['UPDATED', 'PROPOSED'])
    expect(anew).toBe(false)
  })

  test('is planned anew when somebody has changed a customer: neither their values nor those of the file are lost', async () => {
    await edited(clara, 'US-053', { phone: '+1 555 53' })
    const rows = [
      { account: 'US-053', set: { phone: '+1 555 53' } },
      { account: 'US-054', set: { phone: '+1 555 54' } },
    ]
    const { before, came, anew } = await committed(rows, async () => {
      await edited(colin, 'US-053', { phone: '+1 555 0', email: 'colin@example.com' })
      await edited(colin, 'US-054', { phone: '+1 555 0', email: 'colin@example.com' })
    })
    expect(before.map(({ outcome }) => outcome)).toEqual(['UNCHANGED', 'UPDATED'])
    expect(came).toMatchObject([
      { outcome: 'UPDATED', written: ['phone'], errors: [] },
      { outcome: 'UPDATED', written: ['phone'], errors: [] },
    ])
    expect(anew).toBe(true)
    expect(await customerOf('US-053')).toMatchObject({ phone: '+1 555 53', email: 'colin@example.com', version: 4 })
    expect(await customerOf('US-054')).toMatchObject({ phone: '+1 555 54', email: 'colin@example.com', version: 3 })
    expect((await lastEvents('US-053')).map(({ by }) => by)).toEqual(['Clara Keller', 'Colin Baker'])
  })

  test('is planned anew when somebody has made a customer of it, who can then be changed', async () => {
    const { before, came } = await committed([{ account: 'M-MADE', set: { phone: '+1 555 1' } }], () =>
      createCustomer(other, colin, { company, account: 'M-MADE', set: { name: 'By Colin', email: 'm@example.com' } }),
    )
    expect(before).toMatchObject([{ outcome: 'INVALID', errors: [{ at: ['set', 'name'] }] }])
    expect(came).toMatchObject([{ outcome: 'UPDATED', written: ['phone'], errors: [] }])
    expect(await customerOf('M-MADE')).toMatchObject({ name: 'By Colin', phone: '+1 555 1', email: 'm@example.com' })
  })

  test('is planned anew when a proposal has been opened: that is left as it is, and the row is refused with its id', async () => {
    let theirs = ''
    const { before, came, anew } = await committed([{ account: 'US-055', set: { creditLimit: '5500' } }], async () => {
      theirs = await open('US-055', { creditLimit: '5511' })
    })
    expect(before).toMatchObject([{ outcome: 'PROPOSED' }])
    expect(came).toMatchObject([
      { outcome: 'REFUSED', written: [], proposed: [], proposalId: theirs, errors: [{ code: 'OPEN_PROPOSAL' }] },
    ])
    expect(anew).toBe(true)
    expect(await services.proposal(theirs)).toMatchObject({
      status: 'DRAFT',
      revision: 1,
      changes: [{ field: 'creditLimit', proposed: '5511.00', authorIds: [colin.userId] }],
    })
  })

  test('is planned anew when a proposal has been opened that it puts into conflict: what it writes is told there', async () => {
    await behave('ALLOW_WITHOUT_APPROVAL')
    let theirs = ''
    const { came, anew } = await committed([{ account: 'US-056', set: { creditLimit: '5600' } }], async () => {
      theirs = await open('US-056', { creditLimit: '5611' })
    })
    await behave('CREATE_CHANGE_PROPOSALS')
    expect(came).toMatchObject([{ outcome: 'UPDATED', written: ['creditLimit'] }])
    expect(anew).toBe(true)
    expect(await customerOf('US-056')).toMatchObject({ credit: '5600.00' })
    expect((await lastEvents('US-056'))[0]).toMatchObject({ type: 'CustomerUpdated', proposal: theirs })
    expect(await services.proposal(theirs)).toMatchObject({ status: 'DRAFT', changes: [{ proposed: '5611.00' }] })
  })

  test('is planned anew when a proposal has been closed: what stood behind it is proposed', async () => {
    const discarded = await open('US-057', { creditLimit: '5711' })
    const submitted = await services.submitted('colin', 'US-058', { creditLimit: '5800' })
    const rows = [
      { account: 'US-057', set: { creditLimit: '5700' } },
      { account: 'US-058', set: { creditLimit: '5800' } },
      { account: 'US-060', set: { phone: '+1 555 60' } },
    ]
    const { before, came, anew } = await committed(rows, async () => {
      await discardProposal(other, colin, { companyId, proposalId: discarded })
      await recallProposal(other, colin, { companyId, proposalId: submitted, comment: 'Not yet.' })
      await discardProposal(other, colin, { companyId, proposalId: submitted })
    })
    expect(before).toMatchObject([
      { outcome: 'REFUSED', proposalId: discarded },
      { outcome: 'UNCHANGED' },
      { outcome: 'UPDATED' },
    ])
    expect(came).toMatchObject([
      { outcome: 'PROPOSED', proposed: ['creditLimit'], errors: [] },
      { outcome: 'PROPOSED', proposed: ['creditLimit'], errors: [] },
      { outcome: 'UPDATED', written: ['phone'], errors: [] },
    ])
    expect(anew).toBe(true)
    for (const [n, { proposalId }] of came.slice(0, 2).entries())
      expect(await services.proposal(proposalId ?? '')).toMatchObject({
        status: 'PENDING',
        changes: [{ proposed: ['5700.00', '5800.00'][n], authorIds: [clara.userId] }],
      })
    for (const id of [discarded, submitted]) expect((await services.proposal(id)).status).toBe('DISCARDED')
  })

  test('is planned anew when the company has changed its mind about files', async () => {
    const { before, came } = await committed([{ account: 'US-059', set: { creditLimit: '5900' } }], () =>
      behave('REJECT_CHANGES'),
    )
    await behave('CREATE_CHANGE_PROPOSALS')
    expect(before).toMatchObject([{ outcome: 'PROPOSED' }])
    expect(came).toMatchObject([{ outcome: 'REFUSED', written: [], errors: [{ code: 'CHANGES_REJECTED' }] }])
  })

  test('and that another process has carried out by then is not taken for the one that follows', async () => {
    const unusable = Array.from({ length: 500 }, (_, n): ImportRow => ({
      account: `M-WRONG-${n}`,
      set: { email: 'no' },
    }))
    const key = await upload(app, clara, [...first, ...unusable, { account: 'M-LAST', set: { name: 'Last' } }])
    const { planDigest } = await run(app, key)
    await commitImport(app, clara, { companyId, importId: key.id, planDigest: planDigest ?? '' })
    const oneStep = new AbortController()
    const at = between(
      2,
      () => runImport({ ...other, wake: () => oneStep.abort() }, companyId, key.id, oneStep.signal),
      false,
    )
    expect(await run(at.process, key)).toMatchObject({ status: 'DONE', processed: 1001 })
    // The other process has had one of the chunks.
    expect([at.turns(), at.ahead()]).toEqual([3, 1])
    expect(await customerOf('M-LAST')).toMatchObject({ name: 'Last' })
  })
})

describe('beside an import', () => {
  test('whoever works finds it taking small steps, one at a time, and large ones when they have gone', async () => {
    const rows = Array.from({ length: 1300 }, (_, n): ImportRow => ({ account: `B-${n}`, set: { name: `B ${n}` } }))
    const key = await upload(app, clara, rows, { unattended: true })
    const steps: (number | undefined)[] = []
    let ahead: number | undefined
    const at = between(0, async () => undefined)
    const othersWork = (): boolean => steps.length < 3
    const wake = (): void => {
      steps.push(at.turns())
      if (!othersWork()) ahead ??= at.ahead()
    }
    expect(await run({ ...at.process, othersWork, wake }, key)).toMatchObject({
      status: 'DONE',
      counts: { CREATED: 1300 },
    })
    // Three of 200 rows, then 500 and the other 200, and the end.
    expect(steps).toEqual([1, 2, 3, 4, 5, 6])
    expect(ahead).toBe(0)
    expect(at.ahead()).toBe(1)
  })
})

describe('an import comes to an end', () => {
  test('in one step for each chunk, one for its end, and one for what its own rows make possible', async () => {
    const rows = Array.from({ length: 1201 }, (_, n): ImportRow => ({
      account: `E-${n}`,
      set: { name: `E ${n}`, ...(n === 0 && { invoiceAccount: 'E-1200' }) },
    }))
    const key = await upload(app, clara, rows, { unattended: true })
    const at = between(0, async () => undefined)
    expect(await run(at.process, key)).toMatchObject({ status: 'DONE', processed: 1201, counts: { CREATED: 1201 } })
    expect(at.turns()).toBe(3 + 1 + 1)
  })
})
