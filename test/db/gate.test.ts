// What the database itself refuses, whoever writes (DOMAIN section 9). Everything here is raw SQL or the stores: no rule of
// the application stands between a test and the triggers.
import { sql, type SQL } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import type { Tx } from '../../server/db/connect.ts'
import type { Customer } from '../../server/domain/customer.ts'
import type { Change, Decision, Proposal, Run } from '../../server/domain/proposal.ts'
import { insertCustomer, loadCustomer, saveCustomer } from '../../server/store/customers.ts'
import { saveProposal } from '../../server/store/save-proposal.ts'
import {
  aChange,
  aCustomer,
  anApproval,
  aProposal,
  aRun,
  at,
  bankAccount,
  connectTest,
  createWorld,
  storedCustomer,
  append,
  refusalOf,
} from '../store/fixtures.ts'

const { db } = await connectTest()
const world = await createWorld(db, { fields: ['creditLimit', 'cashDiscountBaseDays', 'bankAccounts.iban'] })

const refusal = (work: (tx: Tx) => Promise<unknown>) => refusalOf(db, work)

/** A proposal that has been submitted with these changes. */
const pending = async (
  customer: Customer,
  changes: readonly Change[],
  decisions: readonly Decision[] = [],
  runs: readonly Run[] = [aRun(world)],
): Promise<Proposal> => {
  const proposal: Proposal = {
    ...aProposal(world, customer, changes),
    status: 'PENDING',
    runs,
    decisions,
  }
  await db.transaction((tx) => saveProposal(tx, null, proposal))
  return proposal
}

/** What a run was started under. */
const under = (conflictPolicy: 'HOLD' | 'OVERWRITE', number = 1): Run => ({
  ...aRun(world),
  number,
  parameters: { authorsMayNotApprove: true, conflictPolicy },
})

type Parts = {
  change?: Partial<Change>
  decision?: Partial<Decision> | null
  runs?: readonly Run[]
  /** The digest that the decision was given for. */
  approved?: string
  event?: boolean
  apply?: boolean
  write?: Partial<Customer['values']>
}

/** Applies a raise of the credit limit to 60000.00 as the application does, less what the test leaves out or forges. */
const applying = async ({
  change = {},
  decision = {},
  runs = [aRun(world)],
  approved,
  event = true,
  apply = true,
  write = { creditLimit: '60000.00' },
}: Parts) => {
  const customer = await storedCustomer(db, world)
  const changes = [aChange(world, customer, change)]
  const proposal = await pending(customer, changes, [], runs)
  const seen = changes.map((part) => ({ ...part, digest: approved ?? part.digest }))
  const approval = { ...anApproval(world, proposal.runs[0]!, seen), ...decision }
  const applied = { type: 'ProposalApplied', customerId: customer.id, proposalId: proposal.id, data: {} } as const
  if (!event) await db.transaction((tx) => append(tx, world, applied))
  return refusal(async (tx) => {
    await saveCustomer(tx, customer, { ...customer, version: 2, values: { ...customer.values, ...write } })
    const decisions = decision === null ? [] : [approval]
    const after: Proposal = apply
      ? { ...proposal, version: 2, decisions, status: 'APPLIED', closedAt: at }
      : { ...proposal, version: 2, decisions, status: 'PENDING' }
    await saveProposal(tx, proposal, after)
    if (event) await append(tx, world, applied)
  })
}

describe('a governed field', () => {
  it('cannot be changed by raw SQL', async () => {
    const { id } = await storedCustomer(db, world)
    expect(await refusal((tx) => tx.execute(sql`update customers set credit_limit = 1 where id = ${id}`))).toBe('CS001')
    expect(
      await refusal((tx) => tx.execute(sql`update customers set credit_limit = 1, version = 2 where id = ${id}`)),
    ).toBe('CS001')
    expect(await refusal((tx) => tx.execute(sql`update bank_accounts set iban = 'X' where customer_id = ${id}`))).toBe(
      'CS001',
    )
    expect((await loadCustomer(db, world.companyId, { id }))?.values.creditLimit).toBe('50000.00')
  })

  it('is refused by a message that names it and holds no value', async () => {
    const { id } = await storedCustomer(db, world)
    const failure = await db
      .execute(sql`update customers set credit_limit = 12345 where id = ${id}`)
      .catch((error: Error) => error)
    expect(String((failure as Error).cause)).toMatch(/creditLimit/)
    expect(String((failure as Error).cause)).not.toMatch(/12345|50000/)
  })

  it('changes with an approved proposal that is applied in the same transaction, with its event', async () => {
    expect(await applying({})).toBeNull()
    expect(
      await applying({
        change: { field: 'cashDiscountBaseDays', base: null, proposed: 14 },
        write: { cashDiscountBaseDays: 14 },
      }),
    ).toBeNull()
  })

  it.each<[string, Parts]>([
    ['nobody has decided', { decision: null }],
    ['somebody has rejected', { decision: { outcome: 'REJECTED' } }],
    ['the decision was given for other changes', { decision: { changes: [] } }],
    ['the decision was given for another content of the change', { approved: 'older digest' }],
    ['the proposal is not applied', { apply: false }],
    ['its event is of an earlier transaction', { event: false }],
    ['the proposal holds another value', { change: { proposed: '60000.01' } }],
    ['the proposal was made on another value', { change: { base: '40000.00' } }],
    ['the proposal is about another field', { change: { field: 'name' } }],
    ['the proposal is about a child', { change: { record: 'bankAccounts' } }],
    ['an approver has refused the change', { change: { refusal: { byId: world.mia, reason: 'Too high', at } } }],
    [
      'it was made on another value and the last run was started with HOLD',
      { change: { base: '1.00' }, runs: [under('OVERWRITE'), under('HOLD', 2)] },
    ],
    [
      'OVERWRITE was set but another value was approved',
      { change: { proposed: '60000.01' }, runs: [under('OVERWRITE')] },
    ],
    [
      'OVERWRITE was set but nobody has decided',
      { change: { base: '1.00' }, decision: null, runs: [under('OVERWRITE')] },
    ],
    ['another governed field is written beside it', { write: { creditLimit: '60000.00', cashDiscountBaseDays: 14 } }],
  ])('does not change when %s', async (_why, parts) => {
    expect(await applying(parts)).toBe('CS001')
  })

  it('is written over whatever stands there when the last run was started with OVERWRITE', async () => {
    const base = '40000.00'
    expect(await applying({ change: { base }, runs: [under('OVERWRITE')] })).toBeNull()
    expect(await applying({ change: { base }, runs: [under('HOLD'), under('OVERWRITE', 2)] })).toBeNull()
  })

  it('does not change with a proposal that was applied before, and that one cannot be opened again', async () => {
    const customer = await storedCustomer(db, world)
    const changes = [aChange(world, customer)]
    const proposal = await pending(customer, changes, [anApproval(world, aRun(world), changes)])
    await db.transaction((tx) =>
      saveProposal(tx, proposal, { ...proposal, status: 'APPLIED', closedAt: at, version: 2 }),
    )
    const write = sql`update customers set credit_limit = 60000 where id = ${customer.id}`
    expect(
      await refusal(async (tx) => {
        await tx.execute(write)
        await tx.execute(sql`update proposals set applied_xid = pg_current_xact_id() where id = ${proposal.id}`)
        await append(tx, world, { type: 'ProposalApplied', customerId: customer.id, proposalId: proposal.id, data: {} })
      }),
    ).toBe('CS001')
    expect(
      await refusal((tx) => tx.execute(sql`update proposals set status = 'PENDING' where id = ${proposal.id}`)),
    ).toBe('CS003')
  })

  it('does not change with a change that is rewritten after its approval, under its old digest or a new one', async () => {
    const raising = async (limit: string, digest: SQL) => {
      const customer = await storedCustomer(db, world)
      const changes = [aChange(world, customer)]
      const proposal = await pending(customer, changes, [anApproval(world, aRun(world), changes)])
      return refusal(async (tx) => {
        await tx.execute(sql`update changes set proposed = to_jsonb(${limit}::text) where id = ${changes[0]!.id}`)
        await tx.execute(sql`update changes set digest = ${digest} where id = ${changes[0]!.id}`)
        await tx.execute(sql`update customers set credit_limit = ${limit}, version = 2 where id = ${customer.id}`)
        await saveProposal(tx, proposal, { ...proposal, version: 2, status: 'APPLIED', closedAt: at })
        await append(tx, world, { type: 'ProposalApplied', customerId: customer.id, proposalId: proposal.id, data: {} })
      })
    }
    const ofContent = sql`change_digest(changes, (select customer_id from proposals p where p.id = changes.proposal_id))`
    expect(await raising('70000.00', sql`digest`)).toBe('CS003')
    expect(await raising('70000.00', ofContent)).toBe('CS001')
    expect(await raising('60000.00', ofContent)).toBeNull()
  })

  it('is not freed by a temporary table that hides the switches', async () => {
    const { id } = await storedCustomer(db, world)
    expect(
      await refusal(async (tx) => {
        await tx.execute(sql`create temporary table approval_fields (company_id uuid, field text) on commit drop`)
        await tx.execute(sql`update customers set credit_limit = 1 where id = ${id}`)
      }),
    ).toBe('CS001')
  })
})

describe('what is not governed', () => {
  it('changes without ado', async () => {
    const { id } = await storedCustomer(db, world)
    expect(
      await refusal((tx) => tx.execute(sql`update customers set phone = '1', credit_limit = 50000 where id = ${id}`)),
    ).toBeNull()
    expect(
      await refusal((tx) => tx.execute(sql`update bank_accounts set name = 'Bank' where customer_id = ${id}`)),
    ).toBeNull()
    expect(
      await refusal((tx) =>
        tx.execute(
          sql`insert into contacts (company_id, id, customer_id, code, name) values (${world.companyId}, gen_random_uuid(), ${id}, 'C', 'Ann')`,
        ),
      ),
    ).toBeNull()
  })

  it('is every field while the company’s approvals are off', async () => {
    const free = await createWorld(db, { fields: ['creditLimit'], parameters: { enabled: false } })
    const { id } = await storedCustomer(db, free)
    expect(await refusal((tx) => tx.execute(sql`update customers set credit_limit = 1 where id = ${id}`))).toBeNull()
  })

  it('is a new customer, in the transaction that creates it and no later', async () => {
    const customer = aCustomer(world)
    const raise = sql`update customers set credit_limit = 1 where id = ${customer.id}`
    expect(
      await refusal(async (tx) => {
        await insertCustomer(tx, customer)
        await tx.execute(raise)
        await tx.execute(sql`delete from bank_accounts where customer_id = ${customer.id}`)
      }),
    ).toBeNull()
    expect(
      await refusal((tx) => tx.execute(sql`update customers set credit_limit = 2 where id = ${customer.id}`)),
    ).toBe('CS001')
    expect(
      await refusal((tx) =>
        tx.execute(
          sql`update customers set credit_limit = 2, created_xid = pg_current_xact_id() where id = ${customer.id}`,
        ),
      ),
    ).toBe('CS003')
  })
})

describe('a child record', () => {
  const child = bankAccount({ code: 'NEW', iban: 'FR7630006000011234567890189' })
  const addition: Partial<Change> = {
    record: 'bankAccounts',
    recordId: child.id,
    field: 'bankAccounts',
    operation: 'ADD',
    base: null,
    proposed: child.values,
  }

  const adding = async (change: Partial<Change>, added = child) => {
    const customer = await storedCustomer(db, world)
    const changes = [aChange(world, customer, change)]
    const proposal = await pending(customer, changes, [anApproval(world, aRun(world), changes)])
    return refusal(async (tx) => {
      const bankAccounts = [...customer.children.bankAccounts, added]
      await saveCustomer(tx, customer, { ...customer, version: 2, children: { ...customer.children, bankAccounts } })
      await saveProposal(tx, proposal, { ...proposal, version: 2, status: 'APPLIED', closedAt: at })
      await append(tx, world, { type: 'ProposalApplied', customerId: customer.id, proposalId: proposal.id, data: {} })
    })
  }

  it('cannot be added or removed by raw SQL once one field of its kind is governed', async () => {
    const { id } = await storedCustomer(db, world)
    expect(await refusal((tx) => tx.execute(sql`delete from bank_accounts where customer_id = ${id}`))).toBe('CS001')
    expect(
      await refusal((tx) =>
        tx.execute(
          sql`insert into bank_accounts (company_id, id, customer_id, code) values (${world.companyId}, gen_random_uuid(), ${id}, 'X')`,
        ),
      ),
    ).toBe('CS001')
  })

  it('is added with an approved proposal of exactly this record', async () => {
    expect(await adding({ ...addition, proposed: { ...child.values, iban: 'XX00' } })).toBe('CS001')
    const { iban: _, ...incomplete } = child.values
    expect(await adding({ ...addition, proposed: incomplete })).toBe('CS001')
    expect(await adding({ ...addition, recordId: bankAccount().id })).toBe('CS001')
    expect(await adding(addition)).toBeNull()
  })

  it('is removed with an approved proposal that saw exactly this record, or any where OVERWRITE ran', async () => {
    const removing = async (iban: string, runs?: readonly Run[]) => {
      const customer = await storedCustomer(db, world)
      const [old] = customer.children.bankAccounts
      const base = { ...old!.values, iban }
      const changes = [
        aChange(world, customer, {
          record: 'bankAccounts',
          recordId: old!.id,
          field: 'bankAccounts',
          operation: 'REMOVE',
          base,
          proposed: null,
        }),
      ]
      const proposal = await pending(customer, changes, [anApproval(world, aRun(world), changes)], runs)
      return refusal(async (tx) => {
        await saveCustomer(tx, customer, {
          ...customer,
          version: 2,
          children: { ...customer.children, bankAccounts: [] },
        })
        await saveProposal(tx, proposal, { ...proposal, version: 2, status: 'APPLIED', closedAt: at })
        await append(tx, world, { type: 'ProposalApplied', customerId: customer.id, proposalId: proposal.id, data: {} })
      })
    }
    expect(await removing('DE00')).toBe('CS001')
    expect(await removing('DE00', [under('HOLD')])).toBe('CS001')
    expect(await removing('DE00', [under('OVERWRITE')])).toBeNull()
    expect(await removing('DE89370400440532013000')).toBeNull()
  })

  it('stays with its customer and keeps its code', async () => {
    const [one, two] = [await storedCustomer(db, world), await storedCustomer(db, world)]
    expect(
      await refusal((tx) => tx.execute(sql`update bank_accounts set code = 'B' where customer_id = ${one.id}`)),
    ).toBe('CS003')
    expect(
      await refusal((tx) =>
        tx.execute(sql`update bank_accounts set customer_id = ${two.id}, code = 'B' where customer_id = ${one.id}`),
      ),
    ).toBe('CS003')
    expect(await refusal((tx) => tx.execute(sql`update customers set account = 'B' where id = ${one.id}`))).toBe(
      'CS003',
    )
    expect(await refusal((tx) => tx.execute(sql`truncate customers, bank_accounts, addresses, contacts cascade`))).toBe(
      'CS003',
    )
  })
})
