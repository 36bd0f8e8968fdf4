// A company's parameters, field switches and reference values.
import type { ApprovalParameters } from '../domain/company.ts'
import type { ReferenceKind } from '../domain/fields.ts'
import { mayAdminister } from '../domain/permit.ts'
import { changeFieldApproval, changeParameters, changeReferences } from '../domain/setup.ts'
import { saveApprovalFields, saveParameters } from '../store/companies.ts'
import { saveReferenceValues } from '../store/reference-values.ts'
import type { App, Viewer } from './app.ts'
import { command, companyIdByCode, unwrap, type Replayed, type Scope } from './command.ts'

type Answer = { readonly companyId: string } & Replayed
type Target = { readonly company: string; readonly idempotencyKey?: string | null }

/** Runs a set-up command: administrators only. */
export const administer = <T extends object>(
  app: App,
  viewer: Viewer,
  mutation: string,
  input: Target,
  work: (scope: Scope) => Promise<T>,
): Promise<T & Replayed> => {
  const companyId = companyIdByCode(viewer, input.company)
  return command(app, viewer, { mutation, companyId, idempotencyKey: input.idempotencyKey, input }, (scope) => {
    const refusal = mayAdminister(scope)
    if (refusal !== null) throw refusal
    return work(scope)
  })
}

export type ParametersInput = Target & { readonly [K in keyof ApprovalParameters]?: ApprovalParameters[K] | null }

/** Changes the parameters that are named. Errors: INVALID_VALUE, NOT_PERMITTED, NOT_FOUND. */
export const setApprovalParameters = (app: App, viewer: Viewer, input: ParametersInput): Promise<Answer> =>
  administer(app, viewer, 'setApprovalParameters', input, async ({ tx, company, append }) => {
    const change = unwrap(changeParameters(company.parameters, input))
    if (change !== null) {
      await saveParameters(tx, company.id, change.save)
      await append(change.events)
    }
    return { companyId: company.id }
  })

export type FieldsInput = Target & {
  readonly enable?: readonly string[] | null
  readonly disable?: readonly string[] | null
}

/** Puts fields under approval or releases them. Errors: UNKNOWN_FIELD, INVALID_VALUE, NOT_PERMITTED, NOT_FOUND. */
export const setFieldApproval = (app: App, viewer: Viewer, input: FieldsInput): Promise<Answer> =>
  administer(app, viewer, 'setFieldApproval', input, async ({ tx, company, append }) => {
    const wanted = { enable: input.enable ?? [], disable: input.disable ?? [] }
    const change = unwrap(changeFieldApproval(company, wanted))
    if (change !== null) {
      await saveApprovalFields(tx, company.id, change.save)
      await append(change.events)
    }
    return { companyId: company.id }
  })

export type ReferencesInput = Target & {
  readonly kind: ReferenceKind
  readonly upsert?: readonly { readonly code: string; readonly name: string }[] | null
  readonly deactivate?: readonly string[] | null
}

/** Adds, renames and retires codes. Errors: INVALID_VALUE, LIMIT_EXCEEDED, NOT_PERMITTED, NOT_FOUND. */
export const setReferenceValues = (app: App, viewer: Viewer, input: ReferencesInput): Promise<Answer> =>
  administer(app, viewer, 'setReferenceValues', input, async ({ tx, company, append }) => {
    const wanted = { upsert: input.upsert ?? [], deactivate: input.deactivate ?? [] }
    const change = unwrap(changeReferences(company, input.kind, wanted))
    if (change !== null) {
      await saveReferenceValues(tx, company.id, input.kind, change.save.upsert, change.save.deactivate)
      await append(change.events)
    }
    return { companyId: company.id }
  })
