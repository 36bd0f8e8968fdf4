// Saving, activating, deactivating and deleting workflows.
import { builder } from './builder.ts'
import { attempt, companyOfId, keyDescription, present, readBack, resultUnion } from './commands.ts'
import { companyIdOf, type Context } from './context.ts'
import { WorkflowDefinitionInput } from './definition.ts'
import { decodeDefinition } from './definition-ids.ts'
import { WorkflowProblemRef } from './errors.ts'
import { idOf, idWithin, userIdOf } from './ids.ts'
import { WorkflowRef, type WorkflowModel } from './refs.ts'
import { workflowIn } from './workflow-lookup.ts'
import { activateWorkflow, deactivateWorkflow, deleteWorkflow } from '../services/workflow-life.ts'
import { checkWorkflow, saveWorkflow, type WorkflowInput } from '../services/workflows.ts'
import type { Replayed } from '../services/command.ts'
import { isGiven } from '../domain/given.ts'
import type { WorkflowProblem } from '../domain/workflow/workflow.ts'

const WorkflowSuccess = builder.objectRef<WorkflowModel>('WorkflowSuccess').implement({
  description: 'It was done.',
  fields: (t) => ({
    workflow: t.field({ type: WorkflowRef, description: 'The workflow as it is now.', resolve: (model) => model }),
  }),
})
type Checked = { readonly problems: readonly WorkflowProblem[] }
const WorkflowChecked = builder.objectRef<Checked>('WorkflowChecked').implement({
  description: 'What a dry run found: it would be saved. Nothing was.',
  fields: (t) => ({
    problems: t.field({
      type: [WorkflowProblemRef],
      description: 'Warnings. What would be refused is an InvalidWorkflowError, as of a save.',
      resolve: ({ problems }) => [...problems],
    }),
  }),
})
const WorkflowResult = resultUnion(
  'WorkflowResult',
  'What came of a command on a workflow.',
  WorkflowSuccess,
  [
    'InvalidWorkflowError',
    'StaleVersionOfWorkflowError',
    'WorkflowInUseError',
    'IdempotencyError',
    'NotPermittedError',
    'NotFoundError',
  ],
  { type: WorkflowChecked, is: (answer) => 'problems' in answer },
)

const SaveWorkflowInput = builder.inputType('SaveWorkflowInput', {
  description:
    'A workflow to be saved as a new version. Name, owner, rank, default mark and activation are saved with the version, and like the definition they are in force once it is activated.',
  fields: (t) => ({
    company: t.string({ required: true, description: 'Code of the company.' }),
    workflowId: t.id({ description: 'Which one; left out: a new one.' }),
    expectedVersion: t.int({
      description: 'The newest version that was looked at: refused when there is a newer one.',
    }),
    name: t.string({ required: true, description: 'Its name, unique within the company.' }),
    ownerId: t.id({ description: 'Who answers for it; by default you, or as it was.' }),
    rank: t.int({
      description: 'Of several that apply, the one with the lowest rank is taken; by default the last, or as it was.',
    }),
    isDefault: t.boolean({ description: 'Taken when no other applies.' }),
    activation: t.string({
      description:
        'When it applies, as a CEL expression; "true" says always. Null: never by its rank, only as the default, as the only active one, or run by another workflow.',
    }),
    definition: t.field({ type: WorkflowDefinitionInput, required: true, description: 'What it does.' }),
    note: t.string({ description: 'What is new in this version.' }),
    activate: t.boolean({ description: 'Activate the version at once.' }),
    dryRun: t.boolean({
      defaultValue: false,
      description:
        'Only say what a save would: its problems, as WorkflowChecked or as the refusal. Nothing is written.',
    }),
    idempotencyKey: t.string({ description: keyDescription }),
  }),
})
const ActivateWorkflowInput = builder.inputType('ActivateWorkflowInput', {
  description: 'A version to be activated.',
  fields: (t) => ({
    workflowId: t.id({ required: true, description: 'The workflow.' }),
    version: t.int({ required: true, description: 'Number of the version.' }),
    idempotencyKey: t.string({ description: keyDescription }),
  }),
})
const WorkflowIdInput = builder.inputType('WorkflowIdInput', {
  description: 'A workflow to be taken out of use.',
  fields: (t) => ({
    workflowId: t.id({ required: true, description: 'The workflow.' }),
    idempotencyKey: t.string({ description: keyDescription }),
  }),
})

const answer = async (context: Context, { companyId, workflowId }: { companyId: string; workflowId: string }) =>
  readBack(await workflowIn(context, companyId, workflowId))

const takeOut = async (
  context: Context,
  input: { readonly workflowId: string; readonly idempotencyKey?: string | null | undefined },
  deed: typeof deleteWorkflow,
): Promise<WorkflowModel> => {
  const done = await attempt(context, WorkflowResult, companyOfId(input.workflowId), (viewer) => {
    const { companyId, id } = idOf('Workflow', input.workflowId, ['workflowId'])
    return deed(context.app, viewer, { companyId, workflowId: id, idempotencyKey: input.idempotencyKey ?? null })
  })
  return answer(context, done)
}

builder.mutationFields((t) => ({
  saveWorkflow: t.field({
    type: WorkflowResult.type,
    nullable: true,
    description:
      'Saves a new version of a workflow, or says what would come of it. Only one without errors is saved. For administrators.',
    args: { input: t.arg({ type: SaveWorkflowInput, required: true, description: 'What to save.' }) },
    resolve: async (_root, { input }, context) => {
      const companyId = companyIdOf(context, input.company)
      const { dryRun, ...wanted } = input
      const read = (): WorkflowInput => ({
        ...present(wanted),
        workflowId: !isGiven(input.workflowId)
          ? null
          : idWithin('Workflow', companyId, input.workflowId, ['workflowId']),
        ownerId: !isGiven(input.ownerId) ? null : userIdOf(input.ownerId, ['ownerId']),
        definition: decodeDefinition(companyId, input.definition),
      })
      if (dryRun === true)
        return attempt(context, WorkflowResult, companyId, (viewer): Promise<Checked & Replayed> =>
          checkWorkflow(context.app, viewer, read()),
        )
      const done = await attempt(context, WorkflowResult, companyId, (viewer) =>
        saveWorkflow(context.app, viewer, read()),
      )
      return answer(context, done)
    },
  }),
  activateWorkflow: t.field({
    type: WorkflowResult.type,
    nullable: true,
    description:
      'Makes a version the one that new submits run on. What runs already stays on its own. For administrators.',
    args: { input: t.arg({ type: ActivateWorkflowInput, required: true, description: 'Which version.' }) },
    resolve: async (_root, { input }, context) => {
      const done = await attempt(context, WorkflowResult, companyOfId(input.workflowId), (viewer) => {
        const { companyId, id } = idOf('Workflow', input.workflowId, ['workflowId'])
        return activateWorkflow(context.app, viewer, { ...present(input), companyId, workflowId: id })
      })
      return answer(context, done)
    },
  }),
  deactivateWorkflow: t.field({
    type: WorkflowResult.type,
    nullable: true,
    description:
      'Takes a workflow out of use: nothing new starts on it, what runs on it goes on. Refused while an active version of another workflow runs it. For administrators.',
    args: { input: t.arg({ type: WorkflowIdInput, required: true, description: 'Which workflow.' }) },
    resolve: (_root, { input }, context) => takeOut(context, input, deactivateWorkflow),
  }),
  deleteWorkflow: t.field({
    type: WorkflowResult.type,
    nullable: true,
    description:
      'Deletes a workflow; what ran on it still shows it. Refused while something runs on it or an active version of another workflow runs it. For administrators.',
    args: { input: t.arg({ type: WorkflowIdInput, required: true, description: 'Which workflow.' }) },
    resolve: (_root, { input }, context) => takeOut(context, input, deleteWorkflow),
  }),
}))
