// Creating and editing customers: by a person, by a service account, by a file. Who calls decides what happens to governed fields.
import { invalid, type Problem } from '../domain/errors.ts'
import { decideCreate } from '../domain/create.ts'
import { decide } from '../domain/decide.ts'
import { decideEdit, type EditMode, type RawEdit } from '../domain/edit.ts'
import type { Person } from '../domain/directory.ts'
import type { ApprovalParameters, EntityBehavior } from '../domain/company.ts'
import type { ChildRecordName } from '../domain/fields.ts'
import type { ChangeSource } from '../domain/proposal.ts'
import type { State } from '../domain/state.ts'
import { findAccounts, insertCustomer, insertDirectWrite } from '../store/customers.ts'
import { newId } from '../store/ids.ts'
import type { App, Viewer } from './app.ts'
import { command, companyIdByCode, newSalt, notFound, unwrap, type Replayed, type Scope } from './command.ts'
import { contextOf, lockCustomer, saveState } from './loading.ts'

type Raw = Readonly<Record<string, unknown>>
export type CreateInput = { readonly company: string; readonly account: string; readonly set: Raw; readonly idempotencyKey?: string | null } & { readonly [R in ChildRecordName]?: readonly Raw[] | null }

/** Creates a customer; creation is not governed. Errors: ALREADY_EXISTS, INVALID_VALUE, UNKNOWN_FIELD, NOT_PERMITTED, NOT_FOUND (company). */
export const createCustomer = (app: App, viewer: Viewer, input: CreateInput): Promise<{ companyId: string; customerId: string } & Replayed> => {
  const companyId = companyIdByCode(viewer, input.company)
  return command(app, viewer, { mutation: 'createCustomer', companyId, idempotencyKey: input.idempotencyKey, input }, async (scope) => {
    const source: ChangeSource = scope.actor.kind === 'SERVICE' ? 'INTEGRATION' : 'PERSON'
    const accounts = await findAccounts(scope.tx, companyId, typeof input.set['invoiceAccount'] === 'string' ? [input.set['invoiceAccount'].trim()] : [])
    const { customer, events } = unwrap(decideCreate(input, source, { actor: scope.actor, company: scope.company, now: scope.now, newId, newSalt, accounts, runnable: () => undefined }))
    await insertCustomer(scope.tx, customer)
    await scope.append(events, customer.id)
    return { companyId, customerId: customer.id }
  })
}

const modes: Record<EntityBehavior, EditMode> = { ALLOW_WITHOUT_APPROVAL: 'WRITE', REJECT_CHANGES: 'REJECT', CREATE_CHANGE_PROPOSALS: 'PROPOSE' }
/** What the company's entity behaviour makes of writes by service accounts and of files. */
export const modeOf = (parameters: ApprovalParameters): EditMode => modes[parameters.entityBehavior]
/** A person's own edit is always proposed; a service account's obeys the company's entity behaviour (DOMAIN section 2). */
export const editMode = (actor: Pick<Person, 'kind'>, parameters: ApprovalParameters): EditMode => (actor.kind === 'SERVICE' ? modeOf(parameters) : 'PROPOSE')

export type Edit = { readonly edit: RawEdit; readonly expectedVersion: number | null; readonly reason: string | null; readonly creditCheck: boolean | null; readonly mode: EditMode; readonly source: ChangeSource; readonly importId: string | null }
export type Edited = { readonly proposalId: string | null; readonly written: readonly string[]; readonly proposed: readonly string[]; readonly state: State }

/** Edits a locked customer within a transaction: writes, proposes, records. */
export const editLocked = async (app: App, scope: Scope, before: State, edit: Edit): Promise<Edited> => {
  const ctx = await contextOf(app, scope.tx, scope, before, [edit.edit.set?.['invoiceAccount']])
  const outcome = unwrap(decideEdit(before, edit, ctx))
  if (outcome.direct) {
    await insertDirectWrite(scope.tx, { companyId: scope.company.id, customerId: before.customer.id, actorId: scope.actor.id, kind: edit.source === 'IMPORT' ? 'IMPORT' : 'INTEGRATION' })
  }
  await saveState(scope.tx, before, outcome.state)
  await scope.append(outcome.events, before.customer.id)
  const touched = outcome.state.proposal !== before.proposal
  return { proposalId: touched ? (outcome.state.proposal?.id ?? null) : null, written: outcome.written, proposed: outcome.proposed, state: outcome.state }
}

/**
 * Submits what a service write has proposed, within the same transaction; what would be refused leaves the draft and says why
 * (DOMAIN sections 2 and 11).
 */
export const autoSubmit = async (app: App, scope: Scope, customer: string): Promise<readonly Problem[]> => {
  const state = await lockCustomer(scope, customer)
  if (state?.proposal == null || state.proposal.status !== 'DRAFT') return []
  const ctx = await contextOf(app, scope.tx, scope, state)
  const result = decide(state, { kind: 'SUBMIT', expectedRevision: null, comment: null }, ctx)
  if (!result.ok) {
    const { code, message, at, detail } = result.error
    return [...(detail.problems ?? [{ code, message, ...(at && { at }) }])]
  }
  await saveState(scope.tx, state, result.value.state)
  await scope.append(result.value.events, state.customer.id)
  return []
}

type ChildChanges = { readonly add?: readonly Raw[] | null; readonly change?: readonly { readonly id: string; readonly set: Raw }[] | null; readonly remove?: readonly string[] | null }
export type UpdateInput = {
  readonly company: string
  readonly account: string
  readonly set?: Raw | null
  readonly expectedVersion?: number | null
  readonly reason?: string | null
  readonly runCreditLimitCheck?: boolean | null
  readonly idempotencyKey?: string | null
} & { readonly [R in ChildRecordName]?: ChildChanges | null }
export type UpdateResult = {
  readonly companyId: string
  readonly customerId: string
  readonly proposalId: string | null
  readonly written: readonly string[]
  readonly proposed: readonly string[]
  readonly submitErrors: readonly Problem[]
}

const maxReason = 1000
const readReason = (reason: string | null | undefined): string | null => {
  const text = reason?.trim() ?? ''
  if ([...text].length > maxReason || text.includes('\u0000')) throw invalid([{ code: 'LIMIT_EXCEEDED', message: `A reason has at most ${maxReason} characters.`, at: ['reason'] }])
  return text === '' ? null : text
}

/**
 * Writes what is not governed and proposes what is. Errors: STALE_VERSION, PENDING_PROPOSAL, CHANGES_REJECTED (service accounts),
 * INVALID_VALUE, UNKNOWN_FIELD, NOT_PERMITTED, NOT_FOUND.
 */
export const updateCustomer = (app: App, viewer: Viewer, input: UpdateInput): Promise<UpdateResult & Replayed> => {
  const companyId = companyIdByCode(viewer, input.company)
  return command(app, viewer, { mutation: 'updateCustomer', companyId, idempotencyKey: input.idempotencyKey, input }, async (scope) => {
    const before = await lockCustomer(scope, input.account)
    if (before === null) throw notFound('customer', 'account')
    const service = scope.actor.kind === 'SERVICE'
    const mode = editMode(scope.actor, scope.company.parameters)
    const edited = await editLocked(app, scope, before, {
      edit: input,
      expectedVersion: input.expectedVersion ?? null,
      reason: readReason(input.reason),
      creditCheck: input.runCreditLimitCheck ?? null,
      mode,
      source: service ? 'INTEGRATION' : 'PERSON',
      importId: null,
    })
    const submits = service && scope.company.parameters.autoSubmit && edited.proposed.length > 0
    const submitErrors = submits ? await autoSubmit(app, scope, input.account) : []
    return { companyId, customerId: before.customer.id, proposalId: edited.proposalId, written: edited.written, proposed: edited.proposed, submitErrors }
  })
}

