import { describe, expect, it } from 'vitest'
import type { Customer } from '../../server/domain/customer.ts'
import { StaleWrite } from '../../server/store/errors.ts'
import {
  findAccounts,
  insertCustomer,
  loadCustomer,
  loadCustomerHeads,
  loadCustomers,
  loadCustomersByAccount,
  saveCustomer,
} from '../../server/store/customers.ts'
import { newId } from '../../server/store/ids.ts'
import { aCustomer, bankAccount, connectTest, createWorld, storedCustomer } from './fixtures.ts'

const { db } = await connectTest()
const world = await createWorld(db)
const reload = (customer: Customer) => loadCustomer(db, customer.companyId, { id: customer.id })

describe('a customer', () => {
  it('comes back with its children as it was written', async () => {
    const customer: Customer = {
      ...aCustomer(world, { cashDiscountBaseDays: 14, mandatoryCreditLimit: true, creditLimit: '9007199254740993.12' }),
      children: {
        bankAccounts: [bankAccount({ code: 'B' }), bankAccount({ code: 'A' })],
        addresses: [
          {
            id: newId(),
            values: {
              code: 'HQ',
              purpose: 'INVOICE',
              street: 'Main 1',
              city: 'Köln',
              state: null,
              postalCode: '50667',
              country: 'DE',
              primary: true,
            },
          },
        ],
        contacts: [{ id: newId(), values: { code: 'C1', name: 'Ann', title: null, email: null, phone: null } }],
      },
    }
    await db.transaction((tx) => insertCustomer(tx, customer))
    expect(await reload(customer)).toEqual(customer)
    expect(await loadCustomer(db, customer.companyId, { account: customer.account })).toEqual(customer)
    expect(await loadCustomersByAccount(db, customer.companyId, [customer.account, 'nobody'])).toEqual(
      new Map([[customer.account, customer]]),
    )
  })

  it('is written where it differs: values, children added, changed and removed', async () => {
    const before = {
      ...aCustomer(world),
      children: { bankAccounts: [bankAccount(), bankAccount({ code: 'OLD' })], addresses: [], contacts: [] },
    }
    await db.transaction((tx) => insertCustomer(tx, before))
    const [main] = before.children.bankAccounts
    const after: Customer = {
      ...before,
      version: 2,
      updatedAt: '2026-11-22T12:30:00.000Z',
      values: { ...before.values, phone: '+1 425' },
      children: {
        ...before.children,
        bankAccounts: [
          { id: main!.id, values: { ...main!.values, name: 'Second bank' } },
          bankAccount({ code: 'NEW' }),
        ],
      },
    }
    await db.transaction((tx) => saveCustomer(tx, before, after))
    expect(await reload(before)).toEqual(after)
  })

  it('is not written over what somebody else has written meanwhile', async () => {
    const customer = await storedCustomer(db, world)
    const after = (name: string): Customer => ({ ...customer, version: 2, values: { ...customer.values, name } })
    await db.transaction((tx) => saveCustomer(tx, customer, after('First')))
    await expect(db.transaction((tx) => saveCustomer(tx, customer, after('Second')))).rejects.toThrow(StaleWrite)
    expect((await reload(customer))?.values.name).toBe('First')
  })

  it('cannot be created under an account that exists', async () => {
    const customer = await storedCustomer(db, world)
    const twin = { ...aCustomer(world), account: customer.account }
    await expect(db.transaction((tx) => insertCustomer(tx, twin))).rejects.toMatchObject({
      name: 'DomainError',
      code: 'ALREADY_EXISTS',
    })
  })

  it('waits for whoever has locked it, and is then read as they left it', async () => {
    const customer = await storedCustomer(db, world)
    const locked = Promise.withResolvers<void>()
    const first = db.transaction(async (tx) => {
      const found = await loadCustomer(tx, customer.companyId, { id: customer.id }, { forUpdate: true })
      locked.resolve()
      const child = bankAccount({ code: 'TWO' })
      const children = { ...found!.children, bankAccounts: [...found!.children.bankAccounts, child] }
      await saveCustomer(tx, found!, { ...found!, version: 2, children })
    })
    await locked.promise
    const second = db.transaction((tx) =>
      loadCustomer(tx, customer.companyId, { account: customer.account }, { forUpdate: true }),
    )
    await first
    expect((await second)?.version).toBe(2)
    expect((await second)?.children.bankAccounts.map((child) => child.values.code)).toEqual(['MAIN', 'TWO'])
  })
})

describe('a batch of customers', () => {
  it('answers every key in its order, with null for what is another company’s or not there', async () => {
    const other = await createWorld(db)
    const [mine, theirs] = [await storedCustomer(db, world), await storedCustomer(db, other)]
    const keys = [
      { companyId: other.companyId, id: mine.id },
      { companyId: other.companyId, id: theirs.id },
      { companyId: world.companyId, id: newId() },
      { companyId: world.companyId, id: mine.id },
    ]
    expect(await loadCustomers(db, keys)).toEqual([null, theirs, null, mine])
    expect((await loadCustomerHeads(db, keys)).map((head) => head?.id)).toEqual([
      undefined,
      theirs.id,
      undefined,
      mine.id,
    ])
    expect(await loadCustomers(db, [])).toEqual([])
  })

  it('says which accounts exist', async () => {
    const customer = await storedCustomer(db, world)
    expect(await findAccounts(db, world.companyId, [customer.account, 'nobody'])).toEqual(new Set([customer.account]))
    expect(await findAccounts(db, newId(), [customer.account])).toEqual(new Set())
  })
})
