// A company's parameters, field switches and reference values. Every change is an event with old and new (DOMAIN section 2).
import { entityBehaviors, conflictPolicies, type ApprovalParameters } from '../domain/company.ts'
import { DomainError, invalid, type Problem } from '../domain/errors.ts'
import { findField, referenceKinds, type ReferenceKind } from '../domain/fields.ts'
import { switchedFields } from '../domain/governance.ts'
import { mayAdminister } from '../domain/permit.ts'
import { saveApprovalFields, saveParameters } from '../store/companies.ts'
import { saveReferenceValues } from '../store/reference-values.ts'
import type { App, Viewer } from './app.ts'
import { command, companyIdByCode, type Replayed, type Scope } from './command.ts'

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

/** Changes the parameters that are named. Running proposals keep those of their submit. Errors: INVALID_VALUE, NOT_PERMITTED, NOT_FOUND. */
export const setApprovalParameters = (app: App, viewer: Viewer, input: ParametersInput): Promise<Answer> =>
  administer(app, viewer, 'setApprovalParameters', input, async ({ tx, company, append }) => {
    const before = company.parameters
    const after: ApprovalParameters = {
      enabled: input.enabled ?? before.enabled,
      entityBehavior: input.entityBehavior ?? before.entityBehavior,
      autoSubmit: input.autoSubmit ?? before.autoSubmit,
      authorsMayNotApprove: input.authorsMayNotApprove ?? before.authorsMayNotApprove,
      conflictPolicy: input.conflictPolicy ?? before.conflictPolicy,
    }
    if (!entityBehaviors.includes(after.entityBehavior))
      throw new DomainError('INVALID_VALUE', `The entity behaviour is one of ${entityBehaviors.join(', ')}.`, {
        at: ['entityBehavior'],
      })
    if (!conflictPolicies.includes(after.conflictPolicy))
      throw new DomainError('INVALID_VALUE', `The conflict policy is ${conflictPolicies.join(' or ')}.`, {
        at: ['conflictPolicy'],
      })
    const changed = (Object.keys(after) as (keyof ApprovalParameters)[]).filter((k) => before[k] !== after[k])
    if (changed.length > 0) {
      await saveParameters(tx, company.id, after)
      await append([{ type: 'ParametersChanged', data: { changed, old: { ...before }, new: { ...after } } }])
    }
    return { companyId: company.id }
  })

export type FieldsInput = Target & {
  readonly enable?: readonly string[] | null
  readonly disable?: readonly string[] | null
}

/** Puts fields under approval or releases them; a record's name stands for all its fields. Errors: UNKNOWN_FIELD, INVALID_VALUE, NOT_PERMITTED, NOT_FOUND. */
export const setFieldApproval = (app: App, viewer: Viewer, input: FieldsInput): Promise<Answer> =>
  administer(app, viewer, 'setFieldApproval', input, async ({ tx, company, append }) => {
    const problems: Problem[] = []
    const read = (names: readonly string[], at: string): Set<string> => {
      const fields = new Set<string>()
      for (const [i, name] of names.entries()) {
        const found = switchedFields(name)
        if (findField(name) === undefined)
          problems.push({
            code: 'UNKNOWN_FIELD',
            message: `There is no field "${name}"; see customerFields for the names.`,
            at: [at, String(i)],
          })
        else if (found.length === 0)
          problems.push({
            code: 'INVALID_VALUE',
            message: `"${name}" cannot be put under approval.`,
            at: [at, String(i)],
          })
        for (const field of found) fields.add(field)
      }
      return fields
    }
    const enable = read(input.enable ?? [], 'enable')
    const disable = read(input.disable ?? [], 'disable')
    for (const field of enable)
      if (disable.has(field))
        problems.push({
          code: 'INVALID_VALUE',
          message: `"${field}" is both enabled and disabled; name it once.`,
          at: ['disable'],
        })
    const [first, ...more] = problems
    if (first !== undefined) throw invalid([first, ...more])
    const enabled = [...enable].filter((f) => !company.approvalFields.has(f))
    const disabled = [...disable].filter((f) => company.approvalFields.has(f))
    if (enabled.length + disabled.length > 0) {
      await saveApprovalFields(tx, company.id, { enable: enabled, disable: disabled })
      await append([{ type: 'FieldApprovalChanged', data: { enabled, disabled } }])
    }
    return { companyId: company.id }
  })

export type ReferencesInput = Target & {
  readonly kind: ReferenceKind
  readonly upsert?: readonly { readonly code: string; readonly name: string }[] | null
  readonly deactivate?: readonly string[] | null
}

const maxReferences = 1000

/** Adds, renames and retires codes. A retired one stays where it is used and cannot be set any more. Errors: INVALID_VALUE, LIMIT_EXCEEDED, NOT_PERMITTED, NOT_FOUND. */
export const setReferenceValues = (app: App, viewer: Viewer, input: ReferencesInput): Promise<Answer> =>
  administer(app, viewer, 'setReferenceValues', input, async ({ tx, company, append }) => {
    const problems: Problem[] = []
    if (!referenceKinds.includes(input.kind))
      problems.push({
        code: 'INVALID_VALUE',
        message: `The kind is one of ${referenceKinds.join(', ')}.`,
        at: ['kind'],
      })
    const upsert = (input.upsert ?? []).map((v) => ({ code: v.code.trim(), name: v.name.trim() }))
    if (upsert.length + (input.deactivate?.length ?? 0) > maxReferences)
      problems.push({
        code: 'LIMIT_EXCEEDED',
        message: `One call takes at most ${maxReferences} values.`,
        at: ['upsert'],
      })
    const seen = new Set<string>()
    for (const [i, { code, name }] of upsert.entries()) {
      if (!/^[^\u0000-\u001f\u007f]{1,20}$/u.test(code))
        problems.push({
          code: 'INVALID_VALUE',
          message: 'A code has 1 to 20 characters.',
          at: ['upsert', String(i), 'code'],
        })
      if (!/^[^\u0000-\u001f\u007f]{1,100}$/u.test(name))
        problems.push({
          code: 'INVALID_VALUE',
          message: 'A name has 1 to 100 characters.',
          at: ['upsert', String(i), 'name'],
        })
      if (seen.has(code))
        problems.push({
          code: 'INVALID_VALUE',
          message: `"${code}" is there twice; name it once.`,
          at: ['upsert', String(i), 'code'],
        })
      seen.add(code)
    }
    const known = company.references.get(input.kind)
    const deactivate = input.deactivate ?? []
    for (const [i, code] of deactivate.entries()) {
      if (known?.has(code) !== true)
        problems.push({
          code: 'INVALID_VALUE',
          message: `There is no code "${code}" to retire.`,
          at: ['deactivate', String(i)],
        })
      if (seen.has(code))
        problems.push({
          code: 'INVALID_VALUE',
          message: `"${code}" is both set and retired; name it once.`,
          at: ['deactivate', String(i)],
        })
    }
    const [first, ...more] = problems
    if (first !== undefined) throw invalid([first, ...more])
    const changed = upsert.filter((v) => known?.get(v.code)?.name !== v.name || known.get(v.code)?.active !== true)
    const retired = deactivate.filter((code) => known?.get(code)?.active === true)
    if (changed.length + retired.length > 0) {
      await saveReferenceValues(tx, company.id, input.kind, changed, retired)
      const old = changed
        .flatMap((v) => known?.get(v.code) ?? [])
        .map((v) => ({ code: v.code, name: v.name, active: v.active }))
      await append([
        { type: 'ReferenceValuesChanged', data: { kind: input.kind, old, upsert: changed, deactivate: retired } },
      ])
    }
    return { companyId: company.id }
  })
