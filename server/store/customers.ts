// Customers with their children, read and written as one aggregate.
import { and, asc, eq, getTableColumns, sql } from 'drizzle-orm'
import type { Reader, Tx } from '../db/connect.ts'
import { customers, directWrites } from '../db/tables/customers.ts'
import type { Customer } from '../domain/customer.ts'
import { customerFields, type CustomerValues } from '../domain/fields.ts'
import { insertRows, updateRows } from './bulk.ts'
import { saveChildren, selectChildren, type Children } from './children.ts'
import { explaining, StaleWrite } from './errors.ts'
import { newId } from './ids.ts'
import { batch, groupRows, keyText, prepareRows, preparedFor, type Key } from './prepared.ts'
import { soughtText } from './sought-text.ts'

/** A customer without its child records. */
export type CustomerHead = Omit<Customer, 'children'>

const { createdXid: _, ...columns } = getTableColumns(customers)
/** What is read of `customers` for a CustomerHead. */
export const headColumns = columns

/** The fields that lists mostly show, and that their orders go by. */
export const lineFields = ['name', 'customerGroup', 'currency', 'creditLimit'] as const
/** A customer with these fields at least: a page of whole rows costs several times what these do. */
export type CustomerLine = Omit<CustomerHead, 'values'> & {
  readonly values: Pick<CustomerValues, (typeof lineFields)[number]> & Partial<CustomerValues>
}

/** What is read of `customers` for a CustomerLine. */
export const lineColumns = {
  companyId: customers.companyId,
  id: customers.id,
  account: customers.account,
  version: customers.version,
  createdAt: customers.createdAt,
  updatedAt: customers.updatedAt,
  name: customers.name,
  customerGroup: customers.customerGroup,
  currency: customers.currency,
  creditLimit: customers.creditLimit,
}

const noChildren: Children = { bankAccounts: [], addresses: [], contacts: [] }

export type CustomerRow = Omit<typeof customers.$inferSelect, 'createdXid'>

/** From a row of `customers` to the domain's shape. */
export const customerHead = (row: CustomerRow): CustomerHead => {
  const { companyId, id, account, version, createdAt, updatedAt, ...values } = row
  return { companyId, id, account, version, createdAt, updatedAt, values }
}

export type LineRow = Pick<CustomerRow, keyof typeof lineColumns>
/** From a row of `lineColumns`. */
export const customerLine = (row: LineRow): CustomerLine => {
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

/** As `accountsWithTaxNumber`, of the whole company and for several numbers; numbers that nobody has are left out. */
export const accountsByTaxNumber = async (
  reader: Reader,
  companyId: string,
  normal: readonly string[],
): Promise<Map<string, string[]>> => {
  const rows = await reader.execute<{ number: string; accounts: string[] }>(sql`
    select normal_tax_number(tax_exempt_number) as number, (array_agg(account order by account))[1:21] as accounts
    from customers
    where company_id = ${companyId} and normal_tax_number(tax_exempt_number) = any(${sql.param([...new Set(normal)])}::text[])
    group by 1`)
  return new Map(rows.map(({ number, accounts }) => [number, accounts]))
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

/** New customers with their children. An account or code that exists is an ALREADY_EXISTS. */
export const insertCustomers = (tx: Tx, all: readonly Customer[]): Promise<void> =>
  explaining(async () => {
    await insertRows(tx, customers, all.map(rowOf))
    await saveChildren(
      tx,
      all.map((after) => ({ before: null, after })),
    )
  })

export const insertCustomer = (tx: Tx, customer: Customer): Promise<void> => insertCustomers(tx, [customer])

const rowOf = ({ values, children: _, ...head }: Customer) => ({ ...head, ...values })

const key = ['companyId', 'id']

/** The columns in which one of the customers differs: what is the same in all of them is not sent. */
const changedIn = (all: readonly { readonly before: Customer; readonly after: Customer }[]): string[] => {
  const fields = new Set(Object.keys(customerFields))
  const changed = ['version', 'updatedAt']
  for (const { before, after } of all)
    for (const field of fields as Set<keyof CustomerValues>)
      if (before.values[field] !== after.values[field]) {
        changed.push(field)
        fields.delete(field)
      }
  return changed
}

/**
 * Writes what differs between two states of customers, if their rows are still at `before.version`; StaleWrite otherwise. A fixed
 * number of statements. Governed fields need what the gate asks for in the same transaction.
 */
export const saveCustomers = (
  tx: Tx,
  all: readonly { readonly before: Customer; readonly after: Customer }[],
): Promise<void> =>
  explaining(async () => {
    const differing = all.filter(({ before, after }) => before !== after)
    const rows = differing.map(({ before, after }) => ({ ...rowOf(after), versionBefore: before.version }))
    const written = await updateRows(tx, customers, rows, { key, set: changedIn(differing), versioned: true })
    if (written !== rows.length) throw new StaleWrite('customers')
    await saveChildren(tx, differing)
  })

export const saveCustomer = (tx: Tx, before: Customer, after: Customer): Promise<void> =>
  saveCustomers(tx, [{ before, after }])

/**
 * Records that this transaction writes governed fields of customers without approval, as the company's entity
 * behaviour allows to imports and integrations. The gate asks for it and for the CustomerUpdated event beside it.
 */
export const insertDirectWrites = (
  tx: Tx,
  writes: readonly {
    readonly companyId: string
    readonly customerId: string
    readonly actorId: string
    readonly kind: 'IMPORT' | 'INTEGRATION'
  }[],
): Promise<void> =>
  insertRows(
    tx,
    directWrites,
    writes.map((write) => ({ id: newId(), ...write })),
  )
