// Creating and editing customers: by a person, by a service account, by a file. Who calls decides what happens to governed fields.
import { ok, type Problem } from '../domain/errors.ts'
import { decideCreate } from '../domain/create.ts'
import { decideEdit, type EditMode } from '../domain/edit.ts'
import type { Person } from '../domain/directory.ts'
import type { ApprovalParameters, EntityBehavior } from '../domain/company.ts'
import type { DomainEvent } from '../domain/events.ts'
import type { ChildRecordName } from '../domain/fields.ts'
import { planSystemEdit, type SystemEdit } from '../domain/import.ts'
import type { ChangeSource } from '../domain/proposal.ts'
import type { State } from '../domain/state.ts'
import { findAccounts, insertCustomer, insertDirectWrites } from '../store/customers.ts'
import { newId } from '../store/ids.ts'
import type { App, Viewer } from './app.ts'
import { command, companyIdByCode, newSalt, notFound, unwrap, type Replayed, type Scope } from './command.ts'
import { contextOf, lockCustomer, saveState } from './loading.ts'

type Raw = Readonly<Record<string, unknown>>
export type CreateInput = {
  readonly company: string
  readonly account: string
  readonly set: Raw
  readonly idempotencyKey?: string | null
} & Readonly<Partial<Record<ChildRecordName, readonly Raw[] | null>>>

/** Creates a customer; creation is not governed. Errors: ALREADY_EXISTS, INVALID_VALUE, UNKNOWN_FIELD, NOT_PERMITTED, NOT_FOUND (company). */
export const createCustomer = (
  app: App,
  viewer: Viewer,
  input: CreateInput,
): Promise<{ companyId: string; customerId: string } & Replayed> => {
  const companyId = companyIdByCode(viewer, input.company)
  return command(
    app,
    viewer,
    { mutation: 'createCustomer', companyId, idempotencyKey: input.idempotencyKey, input },
    async (scope) => {
      const source: ChangeSource = scope.actor.kind === 'SERVICE' ? 'INTEGRATION' : 'PERSON'
      const accounts = await findAccounts(
        scope.tx,
        companyId,
        typeof input.set.invoiceAccount === 'string' ? [input.set.invoiceAccount.trim()] : [],
      )
      const { customer, events } = unwrap(
        decideCreate(input, source, {
          actor: scope.actor,
          company: scope.company,
          now: scope.now,
          newId,
          newSalt,
          accounts,
          others: [],
          sameTaxNumber: [],
          runnable: () => undefined,
        }),
      )
      await insertCustomer(scope.tx, customer)
      await scope.append(events, customer.id)
      return { companyId, customerId: customer.id }
    },
  )
}

const modes: Record<EntityBehavior, EditMode> = {
  ALLOW_WITHOUT_APPROVAL: 'WRITE',
  REJECT_CHANGES: 'REJECT',
  CREATE_CHANGE_PROPOSALS: 'PROPOSE',
}
/** What the company's entity behaviour makes of writes by service accounts and of files. */
export const modeOf = (parameters: ApprovalParameters): EditMode => modes[parameters.entityBehavior]
/** A person's own edit is always proposed; a service account's obeys the company's entity behaviour (DOMAIN section 2). */
export const editMode = (actor: Pick<Person, 'kind'>, parameters: ApprovalParameters): EditMode =>
  actor.kind === 'SERVICE' ? modeOf(parameters) : 'PROPOSE'

/** Saves what an edit has led to within a transaction, and records it. */
const carryOut = async (
  scope: Scope,
  before: State,
  after: { readonly state: State; readonly direct: boolean; readonly events: readonly DomainEvent[] },
): Promise<void> => {
  if (after.direct)
    await insertDirectWrites(scope.tx, [
      {
        companyId: scope.company.id,
        customerId: before.customer.id,
        actorId: scope.actor.id,
        kind: 'INTEGRATION',
      },
    ])
  await saveState(scope.tx, before, after.state)
  await scope.append(after.events, before.customer.id)
}

type ChildChanges = {
  readonly add?: readonly Raw[] | null
  readonly change?: readonly { readonly id: string; readonly set: Raw }[] | null
  readonly remove?: readonly string[] | null
}
export type UpdateInput = {
  readonly company: string
  readonly account: string
  readonly set?: Raw | null
  readonly expectedVersion?: number | null
  readonly reason?: string | null
  readonly runCreditLimitCheck?: boolean | null
  readonly idempotencyKey?: string | null
} & Readonly<Partial<Record<ChildRecordName, ChildChanges | null>>>
export type UpdateResult = {
  readonly companyId: string
  readonly customerId: string
  readonly proposalId: string | null
  readonly written: readonly string[]
  readonly proposed: readonly string[]
  readonly submitErrors: readonly Problem[]
}

/**
 * Writes what is not governed and proposes what is. Errors: STALE_VERSION, PENDING_PROPOSAL, CHANGES_REJECTED (service accounts),
 * INVALID_VALUE, UNKNOWN_FIELD, NOT_PERMITTED, NOT_FOUND.
 */
export const updateCustomer = (app: App, viewer: Viewer, input: UpdateInput): Promise<UpdateResult & Replayed> => {
  const companyId = companyIdByCode(viewer, input.company)
  return command(
    app,
    viewer,
    { mutation: 'updateCustomer', companyId, idempotencyKey: input.idempotencyKey, input },
    async (scope) => {
      const locked = await lockCustomer(scope, input.account)
      if (locked === null) throw notFound('customer', 'account')
      const { state: before, others } = locked
      const ctx = await contextOf(app, scope.tx, scope, before, [input.set?.invoiceAccount], others)
      const how: SystemEdit = {
        expectedVersion: input.expectedVersion ?? null,
        reason: input.reason ?? null,
        creditCheck: input.runCreditLimitCheck ?? null,
        mode: editMode(scope.actor, scope.company.parameters),
        source: scope.actor.kind === 'SERVICE' ? 'INTEGRATION' : 'PERSON',
        importId: null,
      }
      const answer = { companyId, customerId: before.customer.id }
      if (scope.actor.kind === 'SERVICE') {
        const planned = unwrap(planSystemEdit(() => ok(input), how, before, ctx))
        if (planned.next !== null && 'state' in planned.next)
          await carryOut(scope, before, { ...planned, state: planned.next.state })
        return {
          ...answer,
          proposalId: planned.proposalId,
          written: planned.written,
          proposed: planned.proposed,
          submitErrors: planned.errors,
        }
      }
      const edited = unwrap(decideEdit(before, { ...how, edit: input }, ctx))
      await carryOut(scope, before, edited)
      const touched = edited.state.proposal !== before.proposal
      return {
        ...answer,
        proposalId: touched ? (edited.state.proposal?.id ?? null) : null,
        written: edited.written,
        proposed: edited.proposed,
        submitErrors: [],
      }
    },
  )
}
