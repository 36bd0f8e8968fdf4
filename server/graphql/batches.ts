// Imports as batches: what waits for the viewer out of each, and deciding all of it at once.
import { builder } from './builder.ts'
import { attempt, companyOfId, keyDescription, present, resultUnion } from './commands.ts'
import { companyOf, isMember, rolesIn, viewerOf, type Context } from './context.ts'
import { UserErrorItem, type Said } from './error-codes.ts'
import { encodeId, idOf } from './ids.ts'
import { CustomerFieldRef, ImportJobRef, NodeRef, ProposedChangeRef, UserRef, type FieldModel } from './refs.ts'
import { personIn } from './user.ts'
import { Outcome } from './work-item.ts'
import { companiesOf, timeOf } from './work-item-lists.ts'
import type { Problem } from '../domain/errors.ts'
import { catalogue } from '../domain/fields.ts'
import type { ImportJob } from '../domain/import-job.ts'
import {
  decideBatch,
  findBatchDecision,
  mostFailures,
  mostInCall,
  waitingBatches,
  type Batch,
  type BatchDecision,
  type BatchFieldRow,
} from '../services/batches.ts'
import { keyText } from '../store/prepared.ts'

type FieldRows = readonly BatchFieldRow[]
/** `fields`: of all batches of the answer, read once and only when one is asked for its own. */
type BatchModel = Batch & { readonly fields: () => Promise<FieldRows> }
type BatchFieldModel = FieldModel & { readonly changes: number; readonly sample: FieldRows }

/** Changes of a field that are shown of a batch. */
const sampleSize = 5

const jobOf = async (context: Context, companyId: string, importId: string): Promise<ImportJob> => {
  const job = await context.loaders.importJob.load(keyText(companyId, importId))
  if (job === null) throw new Error('work items come from an import that is not there')
  return job
}

const BatchField = builder.objectRef<BatchFieldModel>('BatchField').implement({
  description: 'One of the fields that a batch changes.',
  fields: (t) => ({
    field: t.field({
      type: CustomerFieldRef,
      description: 'The field; for child records that are added or removed, the record as a whole.',
      resolve: (each) => each,
    }),
    changes: t.exposeInt('changes', { description: 'How many changes of it can be decided as a whole.' }),
    sample: t.field({
      type: [ProposedChangeRef],
      complexity: { field: 1, multiplier: sampleSize },
      description: `The first of them, up to ${sampleSize}.`,
      resolve: async ({ sample }, _args, context) => {
        const found = await Promise.all(
          sample.map(async ({ companyId, proposalId, changeId }) => {
            const changes = await context.loaders.changes.load(keyText(companyId, proposalId))
            return { companyId, proposalId, change: changes.find(({ id }) => id === changeId) }
          }),
        )
        // What has gone since it was counted is left out.
        return found.flatMap(({ change, ...at }) => (change === undefined ? [] : [{ ...at, change }]))
      },
    }),
  }),
})

const fieldsOf = async (
  context: Context,
  { companyId, importId, fields }: BatchModel,
): Promise<readonly BatchFieldModel[]> => {
  const own = Map.groupBy(
    (await fields()).filter((row) => row.importId === importId),
    ({ field }) => field,
  )
  const company = await companyOf(context, companyId)
  return catalogue.flatMap((field) => {
    const sample = own.get(field.name) ?? []
    return sample[0] === undefined ? [] : [{ company, field, changes: sample[0].changes, sample }]
  })
}

const ApprovalBatch = builder.objectRef<BatchModel>('ApprovalBatch').implement({
  description:
    'What waits for you out of an import: to be decided as a whole with `decideBatch`, or one by one with `approvalQueue(filter: { importId })`.',
  fields: (t) => ({
    import: t.field({
      type: ImportJobRef,
      description: 'The import.',
      resolve: ({ companyId, importId }, _args, context) => jobOf(context, companyId, importId),
    }),
    items: t.exposeInt('items', {
      description: 'How many items `decideBatch` decides: approvals that are yours to give or to refuse.',
    }),
    others: t.exposeInt('others', {
      description:
        'How many more of your items come from it, which are answered one by one: tasks, choices, what came back, what nobody has claimed yet from your queues, what is stopped by an error, and what you may not decide on.',
    }),
    overdue: t.exposeInt('overdue', { description: 'Of how many of all these the time has run out.' }),
    oldest: t.field({
      type: 'DateTime',
      description: 'Since when the one waits that has waited longest.',
      resolve: ({ oldest }) => oldest,
    }),
    digest: t.exposeString('digest', {
      description:
        'Of the `items`, their versions and the revisions of their proposals: give it to `decideBatch`, which decides on nothing else.',
    }),
    fields: t.field({
      type: [BatchField],
      complexity: { field: 20, multiplier: 5 },
      description: 'What the `items` change, by field, in the order of the catalogue.',
      resolve: async (batch, _args, context) => [...(await fieldsOf(context, batch))],
    }),
  }),
})

builder.queryField('approvalBatches', (t) =>
  t.field({
    type: [ApprovalBatch],
    nullable: true,
    complexity: { field: 50, multiplier: 5 },
    description:
      'Your open items that come from imports, one entry an import: the one that has waited longest first. `changedBatches` of the live queue tells when to ask again.',
    args: { company: t.arg.string({ description: 'Only of the company with this code.' }) },
    resolve: async (_root, { company }, context) => {
      const { userId, memberships } = viewerOf(context)
      const wanted = [...memberships].filter(
        ([, { code }]) => company === null || company === undefined || code === company,
      )
      const companies = await companiesOf(
        context,
        wanted.map(([companyId]) => companyId),
      )
      const { batches, fields } = await waitingBatches(context.app, companies, userId, timeOf(context))
      let read: Promise<FieldRows> | undefined
      return batches.map((batch) => ({ ...batch, fields: () => (read ??= fields(sampleSize)) }))
    },
  }),
)

/** The last places of a refusal are its proposal and its item, which together are the node id. */
const said = (companyId: string, { code, message, at = [] }: Problem): Said => {
  const [, proposalId, workItemId] = at
  const whole = proposalId !== undefined && workItemId !== undefined
  return { code, message, at: whole ? ['items', encodeId('WorkItem', companyId, proposalId, workItemId)] : undefined }
}
const failures = ({ companyId, failed }: BatchDecision): Said[] => failed.map((each) => said(companyId, each))
const failedDescription = `Items that were refused, and why; \`path\` is "items" and the id of the work item. Up to ${mostFailures} of them.`

const BatchDecisionRef = builder.objectRef<BatchDecision>('BatchDecision').implement({
  description:
    'A decision on a batch that is carried out in the background: ask for it again by its id to see how far it has come.',
  interfaces: [NodeRef],
  fields: (t) => ({
    id: t.id({ description: 'Node id.', resolve: ({ companyId, id }) => encodeId('BatchDecision', companyId, id) }),
    import: t.field({
      type: ImportJobRef,
      description: 'The import.',
      resolve: ({ companyId, importId }, _args, context) => jobOf(context, companyId, importId),
    }),
    by: t.field({
      type: UserRef,
      description: 'Who decided.',
      resolve: ({ companyId, actorId }, _args, context) => personIn(context, companyId, actorId),
    }),
    outcome: t.field({ type: Outcome, description: 'What was decided.', resolve: ({ outcome }) => outcome }),
    comment: t.exposeString('comment', { nullable: true, description: 'What was said with it.' }),
    items: t.exposeInt('total', { description: 'How many items it decides.' }),
    processed: t.exposeInt('processed', { description: 'How many of them it is done with.' }),
    decided: t.exposeInt('decided', { description: 'How many of these were decided; the others were refused.' }),
    failed: t.field({
      type: [UserErrorItem],
      description: failedDescription,
      resolve: (decision) => failures(decision),
    }),
    createdAt: t.field({
      type: 'DateTime',
      description: 'When it was given.',
      resolve: (decision) => decision.createdAt,
    }),
    finishedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it was done; null while it goes on.',
      resolve: (decision) => decision.finishedAt,
    }),
  }),
})

/** By its id: for who decided, and for who oversees the company. */
export const batchDecisionIn = async (
  context: Context,
  companyId: string,
  id: string,
): Promise<BatchDecision | null> => {
  const found = await findBatchDecision(context.app, { companyId, id })
  const oversees = rolesIn(context, companyId).some((role) => role === 'ADMINISTRATOR' || role === 'AUDITOR')
  return found !== null && isMember(context, companyId) && (oversees || found.actorId === viewerOf(context).userId)
    ? found
    : null
}

const DecideBatchSuccess = builder.objectRef<BatchDecision>('DecideBatchSuccess').implement({
  description: 'The decision stands.',
  fields: (t) => ({
    decided: t.int({
      description: 'How many items were decided; 0 where `job` goes on with them.',
      resolve: (decision) => (isJob(decision) ? 0 : decision.decided),
    }),
    failed: t.field({
      type: [UserErrorItem],
      description: failedDescription,
      resolve: (decision) => (isJob(decision) ? [] : failures(decision)),
    }),
    job: t.field({
      type: BatchDecisionRef,
      nullable: true,
      description: `Where more than ${mostInCall} items are decided in the background: how far it has come; null where all is done.`,
      resolve: (decision) => (isJob(decision) ? decision : null),
    }),
  }),
})
const isJob = ({ total }: BatchDecision): boolean => total > mostInCall

const DecideBatchResult = resultUnion('DecideBatchResult', 'What came of deciding a batch.', DecideBatchSuccess, [
  'PlanChangedError',
  'ValidationError',
  'IdempotencyError',
  'NotPermittedError',
  'NotFoundError',
])

const DecideBatchInput = builder.inputType('DecideBatchInput', {
  description: 'A decision on all of your items of an import.',
  fields: (t) => ({
    importId: t.id({ required: true, description: 'The import.' }),
    digest: t.string({ required: true, description: 'Of the batch that was looked at: `ApprovalBatch.digest`.' }),
    outcome: t.field({ type: Outcome, required: true, description: 'APPROVED or REJECTED.' }),
    comment: t.string({ description: 'What to say with each; needed for REJECTED, where it goes to the submitters.' }),
    idempotencyKey: t.string({ description: keyDescription }),
  }),
})

builder.mutationField('decideBatch', (t) =>
  t.field({
    type: DecideBatchResult.type,
    nullable: true,
    complexity: 500,
    description: `Approves or rejects all of your items of an import, if they are still as you looked at them; otherwise it is refused with PLAN_CHANGED and nothing is decided. Each item is decided by itself, and one that is refused does not stop the others. Up to ${mostInCall} items are decided when it answers, more in the background.`,
    args: { input: t.arg({ type: DecideBatchInput, required: true, description: 'Which batch, and what.' }) },
    resolve: async (_root, { input }, context) => {
      const { decision } = await attempt(context, DecideBatchResult, companyOfId(input.importId), (viewer) => {
        const { companyId, id } = idOf('ImportJob', input.importId, ['importId'])
        return decideBatch(context.app, viewer, { ...present(input), companyId, importId: id })
      })
      return decision
    },
  }),
)
