// Customers and their child records. The catalogue gives the columns; what may change in them is up to the gate.
import { sql, type SQL } from 'drizzle-orm'
import { bigint, foreignKey, index, integer, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core'
import { addressFields, bankAccountFields, contactFields, customerFields } from '../../domain/fields.ts'
import { columnsOf, instant, transactionId } from './columns.ts'
import { companies } from './companies.ts'

export const customers = pgTable(
  'customers',
  {
    companyId: uuid()
      .notNull()
      .references(() => companies.id),
    id: uuid().notNull(),
    account: text().notNull(),
    version: integer().notNull(),
    createdAt: instant().notNull(),
    updatedAt: instant().notNull(),
    ...columnsOf(customerFields),
    createdXid: transactionId(),
  },
  (t) => [
    primaryKey({ columns: [t.companyId, t.id] }),
    unique('customers_account').on(t.companyId, t.account),
    index('customers_by_name').on(t.companyId, t.name, t.id),
    index('customers_by_credit_limit').on(t.companyId, t.creditLimit, t.id),
    index('customers_by_update').on(t.companyId, t.updatedAt, t.id),
    index('customers_search').using('gin', sql`lower(${t.account} || ' ' || ${t.name}) gin_trgm_ops`),
  ],
)

/** What a search looks in, as the index `customers_search` has it: compare with `like '%…%'` in lower case. */
export const customerSearchText: SQL<string> = sql`lower(${customers.account} || ' ' || ${customers.name})`

const childColumns = {
  companyId: uuid().notNull(),
  id: uuid().notNull(),
  customerId: uuid().notNull(),
  /** Children are listed in the order in which they came. */
  place: bigint({ mode: 'number' }).generatedAlwaysAsIdentity(),
}

export const bankAccounts = pgTable('bank_accounts', { ...childColumns, ...columnsOf(bankAccountFields) }, (t) => [
  primaryKey({ columns: [t.companyId, t.id] }),
  unique('bank_accounts_code').on(t.companyId, t.customerId, t.code),
  foreignKey({
    name: 'bank_accounts_customer',
    columns: [t.companyId, t.customerId],
    foreignColumns: [customers.companyId, customers.id],
  }),
])

export const addresses = pgTable('addresses', { ...childColumns, ...columnsOf(addressFields) }, (t) => [
  primaryKey({ columns: [t.companyId, t.id] }),
  unique('addresses_code').on(t.companyId, t.customerId, t.code),
  foreignKey({
    name: 'addresses_customer',
    columns: [t.companyId, t.customerId],
    foreignColumns: [customers.companyId, customers.id],
  }),
])

export const contacts = pgTable('contacts', { ...childColumns, ...columnsOf(contactFields) }, (t) => [
  primaryKey({ columns: [t.companyId, t.id] }),
  unique('contacts_code').on(t.companyId, t.customerId, t.code),
  foreignKey({
    name: 'contacts_customer',
    columns: [t.companyId, t.customerId],
    foreignColumns: [customers.companyId, customers.id],
  }),
])

/**
 * Writes of governed fields that the company's entity behaviour allows without approval, one row for each customer and transaction. No
 * foreign key is checked for each: the gate looks for them by the customer that is written.
 */
export const directWrites = pgTable(
  'direct_writes',
  {
    companyId: uuid().notNull(),
    id: uuid().notNull(),
    customerId: uuid().notNull(),
    actorId: uuid().notNull(),
    kind: text().$type<'IMPORT' | 'INTEGRATION'>().notNull(),
    xid: transactionId(),
  },
  (t) => [primaryKey({ columns: [t.companyId, t.id] }), index('direct_writes_customer').on(t.companyId, t.customerId)],
)
