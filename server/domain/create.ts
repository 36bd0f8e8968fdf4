// A new customer: creation is not governed (DOMAIN section 11).
import type { Child, Customer } from './customer.ts'
import { invalid, ok, refused, type Problem, type Result } from './errors.ts'
import type { DomainEvent } from './events.ts'
import { childFields, childRecords, customerFields, type ChildRecordName } from './fields.ts'
import { parsePatch } from './input.ts'
import { mayEdit } from './permit.ts'
import type { ChangeSource } from './proposal.ts'
import { completeRecord, validateRecord } from './record.ts'
import type { Context } from './state.ts'
import { holdsInvisible } from './text.ts'
import type { RecordValue } from './values.ts'

type Raw = Readonly<Record<string, unknown>>
export type RawCustomer = { readonly account: string; readonly set?: Raw | null } & Readonly<
  Partial<Record<ChildRecordName, readonly Raw[] | null>>
>

const accountForm = /^(?!.*\p{Cc})\S(?:.{0,18}\S)?$/u

/** An account as it is kept and compared: composed, so that what looks the same is the same. */
export const normalAccount = (account: string): string => account.normalize('NFC')

/** Null when the account number can be one: 1 to 20 characters, no control characters, no space at either end. */
export const accountProblem = (account: string): Problem | null =>
  accountForm.test(account) && account.isWellFormed() && !holdsInvisible(account)
    ? null
    : {
        code: 'INVALID_VALUE',
        message: 'An account number has 1 to 20 characters, without spaces at its ends and without invisible ones.',
        at: ['account'],
      }

/** Decides the creation of a customer; that the account is free is the store's to say. */
export const decideCreate = (
  raw: RawCustomer,
  source: ChangeSource,
  ctx: Context,
): Result<{ customer: Customer; events: readonly DomainEvent[] }> => {
  const refusal = mayEdit(ctx)
  if (refusal !== null) return refused(refusal)
  const problems: Problem[] = []
  const named = normalAccount(raw.account)
  const account = accountProblem(named)
  if (account !== null) problems.push(account)
  const root = parsePatch(raw.set ?? {}, customerFields, ['set'])
  problems.push(...root.problems)
  const children: Record<ChildRecordName, { id: string; values: RecordValue }[]> = {
    bankAccounts: [],
    addresses: [],
    contacts: [],
  }
  for (const record of childRecords) {
    for (const [i, item] of (raw[record] ?? []).entries()) {
      const parsed = parsePatch(item, childFields[record], [record, String(i)])
      problems.push(...parsed.problems)
      children[record].push({ id: ctx.newId(), values: completeRecord(childFields[record], parsed.patch) })
    }
  }
  const customer: Customer = {
    id: ctx.newId(),
    companyId: ctx.company.id,
    account: named,
    version: 1,
    createdAt: ctx.now,
    updatedAt: ctx.now,
    values: completeRecord(customerFields, root.patch) as Customer['values'],
    children: children as { [R in ChildRecordName]: Child<R>[] },
  }
  // Values that did not parse would only be reported a second time, as missing.
  if (problems.every((problem) => problem === account))
    problems.push(...validateRecord(customer, null, ctx.company, ctx.accounts))
  const [first, ...more] = problems
  if (first !== undefined) return refused(invalid([first, ...more]))
  const values = [
    { key: 'customer', field: 'customer', value: customer.values as RecordValue },
    ...childRecords.flatMap((record) =>
      children[record].map((c) => ({ key: `${record}.${c.id}`, field: record, recordId: c.id, value: c.values })),
    ),
  ]
  return ok({
    customer,
    events: [
      {
        type: 'CustomerCreated',
        customerId: customer.id,
        data: { account: customer.account, version: 1, source },
        values,
      },
    ],
  })
}
