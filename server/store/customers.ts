// Customers with their children, read and written as one aggregate.
import { and, asc, eq, getTableColumns, sql } from 'drizzle-orm'
import type { Reader, Tx } from '../db/connect.ts'
import { customers, directWrites } from '../db/tables/customers.ts'
import type { Customer } from '../domain/customer.ts'
import type { CustomerValues } from '../domain/fields.ts'
import { insertChildren, saveChildren, selectChildren, type Children } from './children.ts'
import { explaining, StaleWrite } from './errors.ts'
import { newId } from './ids.ts'
import { batch, groupRows, keyText, prepareRows, preparedFor, type Key } from './prepared.ts'
import { soughtText } from './sought-text.ts'

/** A customer without its child records. */
export type CustomerHead = Omit<Customer, 'children'>

const { createdXid: _, ...columns } = getTableColumns(customers)
/** What is read of `customers` for a CustomerHead. */
export const headColumns = columns

const noChildren: Children = { bankAccounts: [], addresses: [], contacts: [] }

type Row = Omit<typeof customers.$inferSelect, 'createdXid'>

/** From a row of `customers` to the domain's shape. */
export const customerHead = (row: Row): CustomerHead => {
  const { companyId, id, account, version, createdAt, updatedAt, ...values } = row
  return { companyId, id, account, version, createdAt, updatedAt, values }
}

const statements = preparedFor((reader) => ({
  heads: prepareRows(
    reader,
    headColumns,
    reader
      .select(headColumns)
      .from(customers)
      .where(
        and(
          sql`${customers.companyId} = any(${sql.placeholder('companies')})`,
          sql`${customers.id} = any(${sql.placeholder('ids')})`,
        ),
      ),
    'customer_heads',
  ),
}))

/** Customers without children, one answer for each key in its order. */
export const loadCustomerHeads = async (reader: Reader, keys: readonly Key[]): Promise<(CustomerHead | null)[]> => {
  const rows = await statements(reader).heads.execute(batch(keys))
  const found = new Map(rows.map((row) => [keyText(row.companyId, row.id), customerHead(row)]))
  return keys.map((key) => found.get(keyText(key.companyId, key.id)) ?? null)
}

/** Child records of customers, one answer for each customer's key in its order. */
export const loadChildren = async (reader: Reader, keys: readonly Key[]): Promise<Children[]> => {
  const select = selectChildren(reader)
  const parameters = batch(keys)
  const [bankAccounts, addresses, contacts] = await Promise.all([
    select.bankAccounts.execute(parameters),
    select.addresses.execute(parameters),
    select.contacts.execute(parameters),
  ])
  const keyOf = (row: { companyId: string; customerId: string }) => keyText(row.companyId, row.customerId)
  const grouped = {
    bankAccounts: groupRows(bankAccounts, keyOf),
    addresses: groupRows(addresses, keyOf),
    contacts: groupRows(contacts, keyOf),
  }
  return keys.map(({ companyId, id }) => {
    const key = keyText(companyId, id)
    return {
      bankAccounts: (grouped.bankAccounts.get(key) ?? []).map(childOf),
      addresses: (grouped.addresses.get(key) ?? []).map(childOf),
      contacts: (grouped.contacts.get(key) ?? []).map(childOf),
    }
  })
}

const childOf = <R extends { companyId: string; customerId: string; id: string }>(row: R) => {
  const { companyId: _company, customerId: _customer, id, ...values } = row
  return { id, values }
}

/** Whole customers, one answer for each key in its order. */
export const loadCustomers = async (reader: Reader, keys: readonly Key[]): Promise<(Customer | null)[]> => {
  const [heads, children] = await Promise.all([loadCustomerHeads(reader, keys), loadChildren(reader, keys)])
  return heads.map((head, n) => (head === null ? null : { ...head, children: children[n] ?? noChildren }))
}

/**
 * One whole customer, by id or by account. `forUpdate` locks it until the transaction ends: first of all locks, before
 * its proposal's (ARCHITECTURE section 4).
 */
export const loadCustomer = async (
  reader: Reader,
  companyId: string,
  by: { readonly id: string } | { readonly account: string },
  options: { readonly forUpdate?: boolean } = {},
): Promise<Customer | null> => {
  if ('id' in by && options.forUpdate !== true) {
    const [customer] = await loadCustomers(reader, [{ companyId, id: by.id }])
    return customer ?? null
  }
  const one = reader
    .select(headColumns)
    .from(customers)
    .where(
      and(
        eq(customers.companyId, companyId),
        'id' in by ? eq(customers.id, by.id) : eq(customers.account, soughtText(by.account)),
      ),
    )
  const [row] = await (options.forUpdate === true ? one.for('update') : one)
  if (row === undefined) return null
  // After the lock is held: what is read now is what stands until the end.
  const [children = noChildren] = await loadChildren(reader, [{ companyId, id: row.id }])
  return { ...customerHead(row), children }
}

const isOneOf = (accounts: readonly string[]) =>
  sql`${customers.account} = any(${sql.param([...new Set(accounts.map(soughtText))])})`

/** Which of the accounts exist in the company. */
export const findAccounts = async (
  reader: Reader,
  companyId: string,
  accounts: readonly string[],
): Promise<Set<string>> => {
  const rows = await reader
    .select({ account: customers.account })
    .from(customers)
    .where(and(eq(customers.companyId, companyId), isOneOf(accounts)))
  return new Set(rows.map(({ account }) => account))
}

/** Accounts of the company's other customers with this tax number, which is compared as `normalTaxNumber` writes it. */
export const accountsWithTaxNumber = async (
  reader: Reader,
  { companyId, id }: Pick<Customer, 'companyId' | 'id'>,
  normal: string,
): Promise<string[]> => {
  const rows = await reader.execute<{ account: string }>(sql`
    select account from customers
    where company_id = ${companyId} and id <> ${id} and normal_tax_number(tax_exempt_number) = ${normal}
    order by account
    limit 20`)
  return rows.map(({ account }) => account)
}

/** Customers by account, whole, without those that do not exist: what an import compares its rows with. */
export const loadCustomersByAccount = async (
  reader: Reader,
  companyId: string,
  accounts: readonly string[],
): Promise<Map<string, Customer>> => {
  const rows = await reader
    .select({ id: customers.id })
    .from(customers)
    .where(and(eq(customers.companyId, companyId), isOneOf(accounts)))
    .orderBy(asc(customers.account))
  const found = await loadCustomers(
    reader,
    rows.map(({ id }) => ({ companyId, id })),
  )
  return new Map(found.flatMap((customer) => (customer === null ? [] : [[customer.account, customer] as const])))
}

/** A new customer with its children. An account or code that exists is an ALREADY_EXISTS. */
export const insertCustomer = (tx: Tx, customer: Customer): Promise<void> =>
  explaining(async () => {
    const { values, children, ...head } = customer
    await tx.insert(customers).values({ ...head, ...values })
    await insertChildren(tx, customer, children)
  })

/**
 * Writes what differs between two states of a customer, if its row is still at `before.version`; StaleWrite otherwise.
 * Nothing is written where nothing differs. Governed fields need what the gate asks for in the same transaction.
 */
export const saveCustomer = (tx: Tx, before: Customer, after: Customer): Promise<void> =>
  explaining(async () => {
    if (before === after) return
    const written = await tx
      .update(customers)
      .set({ version: after.version, updatedAt: after.updatedAt, ...changedValues(before.values, after.values) })
      .where(
        and(
          eq(customers.companyId, before.companyId),
          eq(customers.id, before.id),
          eq(customers.version, before.version),
        ),
      )
      .returning({ id: customers.id })
    if (written.length !== 1) throw new StaleWrite('customers')
    await saveChildren(tx, before, after)
  })

const changedValues = (before: CustomerValues, after: CustomerValues): Partial<CustomerValues> =>
  Object.fromEntries(Object.entries(after).filter(([name, value]) => before[name as keyof CustomerValues] !== value))

/**
 * Records that this transaction writes governed fields of a customer without approval, as the company's entity
 * behaviour allows to imports and integrations. The gate asks for it and for the CustomerUpdated event beside it.
 */
export const insertDirectWrite = async (
  tx: Tx,
  write: {
    readonly companyId: string
    readonly customerId: string
    readonly actorId: string
    readonly kind: 'IMPORT' | 'INTEGRATION'
  },
): Promise<void> => {
  await tx.insert(directWrites).values({ id: newId(), ...write })
}
