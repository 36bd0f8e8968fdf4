// Child records of customers: three tables of one shape.
import { and, getTableColumns, sql } from 'drizzle-orm'
import type { Reader, Tx } from '../db/connect.ts'
import { addresses, bankAccounts, contacts } from '../db/tables/customers.ts'
import type { Child, Customer } from '../domain/customer.ts'
import { childFields, childRecords, type ChildRecordName } from '../domain/fields.ts'
import { sameValue } from '../domain/values.ts'
import { insertRows, updateRows } from './bulk.ts'
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

/** Two states of a customer whose row is locked; before null: it is new. */
export type SavedCustomer = { readonly before: Customer | null; readonly after: Customer }

const none: Children = { bankAccounts: [], addresses: [], contacts: [] }

/** Writes what differs between the children of customers, in a fixed number of statements. */
export const saveChildren = async (tx: Tx, all: readonly SavedCustomer[]): Promise<void> => {
  const differing = all.filter(({ before, after }) => before?.children !== after.children)
  for (const record of childRecords) {
    const table = childTables[record]
    const removed: string[] = []
    const changed: Record<string, unknown>[] = []
    const added: Record<string, unknown>[] = []
    for (const { before, after } of differing) {
      const [then, now] = [byId((before?.children ?? none)[record]), byId(after.children[record])]
      for (const id of then.keys()) if (!now.has(id)) removed.push(id)
      for (const [id, child] of now) {
        const old = then.get(id)
        if (old === child || (old !== undefined && sameValue(old.values, child.values))) continue
        const row = { companyId: after.companyId, customerId: after.id, id, ...child.values }
        if (old === undefined) added.push(row)
        else changed.push(row)
      }
    }
    if (removed.length > 0) {
      const companyIds = [...new Set(differing.map(({ after }) => after.companyId))]
      await tx
        .delete(table)
        .where(
          and(
            sql`${table.companyId} = any(${sql.param(companyIds)}::uuid[])`,
            sql`${table.id} = any(${sql.param(removed)}::uuid[])`,
          ),
        )
    }
    const key = ['companyId', 'id']
    const set = Object.keys(childFields[record]).filter((property) => property !== 'code')
    if ((await updateRows(tx, table, changed, { key, set })) !== changed.length) throw new StaleWrite(record)
    await insertRows(tx, table, added)
  }
}

const byId = (children: readonly Child[]): Map<string, Child> => new Map(children.map((child) => [child.id, child]))
