// Child records of customers: three tables of one shape.
import { and, eq, getTableColumns, sql } from 'drizzle-orm'
import type { Reader, Tx } from '../db/connect.ts'
import { addresses, bankAccounts, contacts } from '../db/tables/customers.ts'
import type { Child, Customer } from '../domain/customer.ts'
import { childRecords, type ChildRecordName } from '../domain/fields.ts'
import { sameValue, type RecordValue } from '../domain/values.ts'
import { StaleWrite } from './errors.ts'
import { preparedFor } from './prepared.ts'

export type Children = Customer['children']

export const childTables = { bankAccounts, addresses, contacts } as const

const without = <T extends { place: unknown }>({ place: _, ...columns }: T): Omit<T, 'place'> => columns

const ofBatch = (table: (typeof childTables)[ChildRecordName]) =>
  and(
    sql`${table.companyId} = any(${sql.placeholder('companies')})`,
    sql`${table.customerId} = any(${sql.placeholder('ids')})`,
  )

/** Children of the customers of a batch, each customer's in the order in which they came. */
export const selectChildren = preparedFor((reader: Reader) => ({
  bankAccounts: reader
    .select(without(getTableColumns(bankAccounts)))
    .from(bankAccounts)
    .where(ofBatch(bankAccounts))
    .orderBy(bankAccounts.place)
    .prepare('bank_accounts'),
  addresses: reader
    .select(without(getTableColumns(addresses)))
    .from(addresses)
    .where(ofBatch(addresses))
    .orderBy(addresses.place)
    .prepare('addresses'),
  contacts: reader
    .select(without(getTableColumns(contacts)))
    .from(contacts)
    .where(ofBatch(contacts))
    .orderBy(contacts.place)
    .prepare('contacts'),
}))

type Owner = Pick<Customer, 'companyId' | 'id'>

/** Adds children to a customer, in this order. */
export const insertChildren = async (tx: Tx, customer: Owner, children: Children): Promise<void> => {
  const rows = <R extends ChildRecordName>(added: readonly Child<R>[]) =>
    added.map(({ id, values }) => ({ companyId: customer.companyId, customerId: customer.id, id, ...values }))
  if (children.bankAccounts.length > 0) await tx.insert(bankAccounts).values(rows(children.bankAccounts))
  if (children.addresses.length > 0) await tx.insert(addresses).values(rows(children.addresses))
  if (children.contacts.length > 0) await tx.insert(contacts).values(rows(children.contacts))
}

/** Writes what differs between the children of two states of a customer, whose row is locked. */
export const saveChildren = async (tx: Tx, before: Customer, after: Customer): Promise<void> => {
  if (before.children === after.children) return
  for (const record of childRecords) {
    const table = childTables[record]
    const [then, now] = [byId(before.children[record]), byId(after.children[record])]
    const removed = [...then.keys()].filter((id) => !now.has(id))
    if (removed.length > 0) {
      await tx
        .delete(table)
        .where(and(eq(table.companyId, before.companyId), sql`${table.id} = any(${sql.param(removed)})`))
    }
    for (const [id, child] of now) {
      const old = then.get(id)
      if (old === undefined || old === child || sameValue(old.values, child.values)) continue
      const changed = Object.entries(child.values).filter(
        ([name, value]) => (old.values as RecordValue)[name] !== value,
      )
      const written = await tx
        .update(table)
        // The loop is over three tables at once; whose columns these are is known from the record's own type.
        .set(Object.fromEntries(changed) as never)
        .where(and(eq(table.companyId, before.companyId), eq(table.id, id)))
        .returning({ id: table.id })
      if (written.length !== 1) throw new StaleWrite(record)
    }
  }
  const added = <R extends ChildRecordName>(record: R): readonly Child<R>[] => {
    const known = new Set((before.children[record] as readonly Child<R>[]).map((child) => child.id))
    return (after.children[record] as readonly Child<R>[]).filter((child) => !known.has(child.id))
  }
  await insertChildren(tx, after, {
    bankAccounts: added('bankAccounts'),
    addresses: added('addresses'),
    contacts: added('contacts'),
  })
}

const byId = (children: readonly Child[]): Map<string, Child> => new Map(children.map((child) => [child.id, child]))
