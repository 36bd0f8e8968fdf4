// What a submit would do, and what a condition would say: both without doing anything.
import { builder } from './builder.ts'
import { childChangesInputs, CustomerFieldsInput } from './children.ts'
import { present } from './commands.ts'
import { companyIdOf, viewerOf } from './context.ts'
import { childEdits } from './customer-commands.ts'
import { problemsOf, UserErrorItem } from './error-codes.ts'
import { userIdOf, versionWithin } from './ids.ts'
import { WorkflowVersionRef, type WorkflowVersionModel } from './refs.ts'
import { BlockerRef, RouteElementRef, type RouteElementModel } from './route.ts'
import { workflowIn } from './workflow-lookup.ts'
import { DomainError, type Problem } from '../domain/errors.ts'
import { isGiven } from '../domain/given.ts'
import type { Blocker } from '../domain/explain.ts'
import { evaluateCondition, previewSubmission, type ConditionAnswer } from '../services/preview.ts'

type PreviewModel = {
  readonly companyId: string
  readonly workflow: WorkflowVersionModel | null
  readonly route: readonly RouteElementModel[]
  readonly blockers: readonly Blocker[]
  readonly errors: readonly Problem[]
}

const SubmissionPreview = builder.objectRef<PreviewModel>('SubmissionPreview').implement({
  description: 'What a submit would do now.',
  fields: (t) => ({
    workflow: t.field({
      type: WorkflowVersionRef,
      nullable: true,
      description: 'The version that it would run on; null when there is none, or nobody would have to be asked.',
      resolve: ({ workflow }) => workflow,
    }),
    route: t.field({
      type: [RouteElementRef],
      complexity: { field: 20, multiplier: 3 },
      description: 'Who would be asked, in order.',
      resolve: ({ route }) => [...route],
    }),
    blockers: t.field({
      type: [BlockerRef],
      description: 'What stands in the way of an approval.',
      resolve: ({ companyId, blockers }) => blockers.map((blocker) => ({ companyId, blocker })),
    }),
    errors: t.field({
      type: [UserErrorItem],
      description: 'Why the edits or the submit would be refused; empty when they would not.',
      resolve: ({ errors }) => problemsOf(errors),
    }),
  }),
})

const PreviewSubmissionInput = builder.inputType('PreviewSubmissionInput', {
  description: 'A customer, and edits on top of its open proposal.',
  fields: (t) => ({
    company: t.string({ required: true, description: 'Code of the company.' }),
    account: t.string({ required: true, description: 'Account of the customer.' }),
    submitterId: t.id({
      description:
        'As if this member submitted. Left out: you; where you may not submit, whoever made the open proposal, else you as if you might.',
    }),
    workflowVersionId: t.id({
      description:
        'As if this saved version were active and the default, and no other workflow applied; it need not be active, nor ever have been. Left out: by the workflows in use.',
    }),
    set: t.field({ type: CustomerFieldsInput, description: 'Its fields; left out: as they are.' }),
    bankAccounts: t.field({ type: childChangesInputs.bankAccounts, description: 'Its bank accounts.' }),
    addresses: t.field({ type: childChangesInputs.addresses, description: 'Its addresses.' }),
    contacts: t.field({ type: childChangesInputs.contacts, description: 'Whom to talk to there.' }),
  }),
})

const ConditionResult = builder.objectRef<ConditionAnswer>('ConditionResult').implement({
  description: 'What a condition says about a customer.',
  fields: (t) => ({
    valid: t.exposeBoolean('valid', { description: 'The expression is well formed and its types fit.' }),
    value: t.exposeBoolean('value', {
      nullable: true,
      description: 'What it says; null when it could not be computed.',
    }),
    error: t.exposeString('error', { nullable: true, description: 'What is wrong with it, and what to do.' }),
  }),
})

const EvaluateConditionInput = builder.inputType('EvaluateConditionInput', {
  description: 'A condition, and the customer and edits to try it on.',
  fields: (t) => ({
    company: t.string({ required: true, description: 'Code of the company.' }),
    account: t.string({ required: true, description: 'Account of the customer.' }),
    expression: t.string({ required: true, description: 'The condition, as a CEL expression.' }),
    set: t.field({
      type: CustomerFieldsInput,
      description: 'Fields as they might be proposed; left out: as they are.',
    }),
    bankAccounts: t.field({ type: childChangesInputs.bankAccounts, description: 'Its bank accounts.' }),
    addresses: t.field({ type: childChangesInputs.addresses, description: 'Its addresses.' }),
    contacts: t.field({ type: childChangesInputs.contacts, description: 'Whom to talk to there.' }),
  }),
})

/** Is it the company or the customer that is not there? Then the answer as a whole is not. */
const isNowhere = (error: DomainError): boolean =>
  error.code === 'NOT_FOUND' && (error.at?.[0] === 'company' || error.at?.[0] === 'account')
const problemsIn = (error: DomainError): readonly Problem[] =>
  error.detail.problems ?? [{ code: error.code, message: error.message, ...(error.at && { at: error.at }) }]

builder.queryFields((t) => ({
  previewSubmission: t.field({
    type: SubmissionPreview,
    nullable: true,
    complexity: 50,
    description:
      'Who would be asked, and what stands in the way. Writes nothing, and agrees with the real submit. For every member: who may not submit sees what would come of it if they could, unless a condition asks about bank or tax data that they may not see.',
    args: {
      input: t.arg({ type: PreviewSubmissionInput, required: true, description: 'The customer and the edits.' }),
    },
    resolve: async (_root, { input }, context) => {
      const companyId = companyIdOf(context, input.company)
      if (companyId === null) return null
      const { submitterId, workflowVersionId, ...edits } = input
      try {
        const { version, route, blockers, errors, proposal } = await previewSubmission(context.app, viewerOf(context), {
          ...present(edits),
          ...childEdits(companyId, input),
          submitterId: isGiven(submitterId) ? userIdOf(submitterId, ['submitterId']) : null,
          workflowVersion: isGiven(workflowVersionId)
            ? versionWithin(companyId, workflowVersionId, ['workflowVersionId'])
            : null,
        })
        const found = version === null ? null : await workflowIn(context, companyId, version.workflowId)
        return {
          companyId,
          workflow: found === null || version === null ? null : { ...found, version },
          route: route.map((element) => ({ companyId, proposalId: proposal?.id ?? null, element })),
          blockers,
          errors,
        }
      } catch (error) {
        if (!(error instanceof DomainError)) throw error
        return isNowhere(error)
          ? null
          : { companyId, workflow: null, route: [], blockers: [], errors: problemsIn(error) }
      }
    },
  }),
  evaluateCondition: t.field({
    type: ConditionResult,
    nullable: true,
    complexity: 50,
    description: 'Tries a condition on a real customer. Writes nothing.',
    args: {
      input: t.arg({ type: EvaluateConditionInput, required: true, description: 'The condition and the customer.' }),
    },
    resolve: async (_root, { input }, context) => {
      const companyId = companyIdOf(context, input.company)
      if (companyId === null) return null
      try {
        return await evaluateCondition(context.app, viewerOf(context), {
          ...present(input),
          ...childEdits(companyId, input),
        })
      } catch (error) {
        if (!(error instanceof DomainError)) throw error
        return isNowhere(error) ? null : { valid: true, value: null, error: error.message }
      }
    },
  }),
}))
