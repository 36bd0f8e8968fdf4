// What a failed statement means. SQLSTATE and constraint are read here and nowhere else, down the `.cause` chain.
import { DomainError } from '../domain/errors.ts'

/** The row is no longer what it was when it was read: somebody else has written it since. */
export class StaleWrite extends Error {
  readonly table: string
  constructor(table: string) {
    super(`a row of ${table} has been written by somebody else meanwhile`)
    this.name = 'StaleWrite'
    this.table = table
  }
}

type DatabaseFailure = { readonly sqlState: string; readonly constraint: string | null }

/** The database's own words about an error, if it is the database's at all. */
export const databaseFailure = (error: unknown): DatabaseFailure | null => {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 10; cause = cause.cause, depth += 1) {
    if (cause.name !== 'PostgresError' || !('code' in cause) || typeof cause.code !== 'string') continue
    const constraint = 'constraint_name' in cause ? cause.constraint_name : null
    return { sqlState: cause.code, constraint: typeof constraint === 'string' ? constraint : null }
  }
  return null
}

/** Did the database end the transaction for the sake of another one (deadlock, serialisation)? Then it may be tried again. */
export const isRetryable = (error: unknown): boolean => {
  const state = databaseFailure(error)?.sqlState
  return state === '40001' || state === '40P01'
}

// Connection exceptions, a server that shuts down or starts, no connections left; and what the driver says of a lost one.
const outOfReach =
  /^(08...|57P0[123]|53300|CONNECTION_\w+|CONNECT_TIMEOUT|E(CONNREFUSED|CONNRESET|PIPE|TIMEDOUT|NOTFOUND))$/

/** Is it the way to the database that failed, and no statement? Whatever one was doing then, it can be done when it is back. */
export const isOutOfReach = (error: unknown): boolean => {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 10; cause = cause.cause, depth += 1)
    if ('code' in cause && typeof cause.code === 'string' && outOfReach.test(cause.code)) return true
  return false
}

/** What it means to a caller that a constraint was hit. What is not listed is a mistake of ours and flies. */
const answers: Readonly<Record<string, () => DomainError>> = {
  customers_account: () =>
    new DomainError('ALREADY_EXISTS', 'There is a customer with this account already.', { at: ['account'] }),
  companies_code: () =>
    new DomainError('ALREADY_EXISTS', 'There is a company with this code already.', { at: ['code'] }),
  groups_name: () => new DomainError('ALREADY_EXISTS', 'There is a group with this name already.', { at: ['name'] }),
  group_members_member: () =>
    new DomainError('NOT_MEMBER', 'Only members of the company can be in a group.', { at: ['memberIds'] }),
  queues_name: () => new DomainError('ALREADY_EXISTS', 'There is a queue with this name already.', { at: ['name'] }),
  queue_members_member: () =>
    new DomainError('NOT_MEMBER', 'Only members of the company can be in a queue.', { at: ['memberIds'] }),
  memberships_user_id_users_id_fk: () => new DomainError('NOT_FOUND', 'There is no such user.', { at: ['userId'] }),
  memberships_manager: () =>
    new DomainError('NOT_MEMBER', 'A manager has to be a member of the company.', { at: ['managerId'] }),
  users_subject: () => new DomainError('ALREADY_EXISTS', 'This sign-in belongs to another user.'),
  users_email: () => new DomainError('ALREADY_EXISTS', 'There is a user with this e-mail already.', { at: ['email'] }),
  bank_accounts_code: () =>
    new DomainError('ALREADY_EXISTS', 'The customer has a bank account with this code already.', { at: ['code'] }),
  addresses_code: () =>
    new DomainError('ALREADY_EXISTS', 'The customer has an address with this code already.', { at: ['code'] }),
  contacts_code: () =>
    new DomainError('ALREADY_EXISTS', 'The customer has a contact with this code already.', { at: ['code'] }),
  proposals_one_open: () =>
    new DomainError(
      'OPEN_PROPOSAL',
      'Somebody else has just opened a proposal for this customer. Try again to join it.',
    ),
}

/** The refusal that a constraint's violation stands for; any other error as it is. */
const explained = (error: unknown): unknown => {
  const constraint = databaseFailure(error)?.constraint
  const answer = typeof constraint === 'string' ? answers[constraint] : undefined
  return answer === undefined ? error : answer()
}

/** Runs a write; a violated constraint that is a caller's business is thrown as a DomainError. */
export const explaining = async <T>(write: () => Promise<T>): Promise<T> => {
  try {
    return await write()
  } catch (error) {
    throw explained(error)
  }
}
