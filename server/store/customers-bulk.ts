// Many new customers in few statements.
import type { Tx } from '../db/connect.ts'
import { customers } from '../db/tables/customers.ts'
import type { Child, Customer } from '../domain/customer.ts'
import { childRecords, type ChildRecordName } from '../domain/fields.ts'
import { childTables } from './children.ts'
import { explaining } from './errors.ts'

// 30 columns times this stays far below the 65,535 parameters of a statement.
const chunk = 100

/** New customers with their children, in this order. An account or code that exists is an ALREADY_EXISTS. */
export const insertCustomers = (tx: Tx, all: readonly Customer[]): Promise<void> =>
  explaining(async () => {
    for (let from = 0; from < all.length; from += chunk) {
      const some = all.slice(from, from + chunk)
      await tx.insert(customers).values(some.map(({ values, children: _, ...head }) => ({ ...head, ...values })))
      for (const record of childRecords) await insertRecords(tx, record, some)
    }
  })

const insertRecords = async <R extends ChildRecordName>(
  tx: Tx,
  record: R,
  some: readonly Customer[],
): Promise<void> => {
  const rows = some.flatMap((customer) => {
    const children: readonly Child<R>[] = customer.children[record]
    return children.map(({ id, values }) => ({ companyId: customer.companyId, customerId: customer.id, id, ...values }))
  })
  // Whose columns these are is known from the record's own type.
  if (rows.length > 0) await tx.insert(childTables[record]).values(rows as never)
}
