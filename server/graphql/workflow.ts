// Workflows and their immutable versions.
import { builder } from './builder.ts'
import { companyByCode } from './company.ts'
import { companyOf } from './context.ts'
import { encodeDefinition } from './definition-ids.ts'
import { WorkflowProblemRef } from './errors.ts'
import { encodeId } from './ids.ts'
import { NodeRef, UserRef, WorkflowRef, WorkflowVersionRef } from './refs.ts'
import { personIn } from './user.ts'
import { versionsOf } from './workflow-lookup.ts'
import { problemsOf } from '../services/workflow-problems.ts'
import { countRunning } from '../store/workflows.ts'
import type { WorkflowSettings } from '../domain/workflow/workflow.ts'

WorkflowRef.implement({
  description: 'How a company decides on changes: a name, when it applies, and numbered versions of its definition.',
  interfaces: [NodeRef],
  fields: (t) => ({
    id: t.id({
      description: 'Node id.',
      resolve: ({ companyId, workflow }) => encodeId('Workflow', companyId, workflow.id),
    }),
    name: t.string({ description: 'Its name, unique within the company.', resolve: ({ workflow }) => workflow.name }),
    owner: t.field({
      type: UserRef,
      description: 'Who answers for it: asked last when nobody else can decide.',
      resolve: ({ companyId, workflow }, _args, context) => personIn(context, companyId, workflow.ownerId),
    }),
    rank: t.int({
      description: 'Of several that apply, the one with the lowest rank is taken.',
      resolve: ({ workflow }) => workflow.rank,
    }),
    isDefault: t.boolean({
      description: 'Taken when no other applies.',
      resolve: ({ workflow }) => workflow.isDefault,
    }),
    activation: t.string({
      nullable: true,
      description:
        'When it applies, as a CEL expression; "true" says always. Null: never by its rank, only as the default, as the only active one, or run by another workflow.',
      resolve: ({ workflow }) => workflow.activation,
    }),
    activeVersion: t.field({
      type: WorkflowVersionRef,
      nullable: true,
      description: 'The version that new submits run on; null: none, the workflow is not in use.',
      resolve: ({ companyId, workflow }) =>
        workflow.activeVersion === null ? null : { companyId, workflow, version: workflow.activeVersion },
    }),
    versions: t.field({
      type: [WorkflowVersionRef],
      description: 'All its versions, the newest first.',
      resolve: (model, _args, context) => versionsOf(context, model),
    }),
    running: t.int({
      complexity: 10,
      description: 'How many proposals are on their way through it.',
      resolve: async ({ companyId, workflow }, _args, context) =>
        (await countRunning(context.app.db, companyId)).get(workflow.id) ?? 0,
    }),
  }),
})

const WorkflowSettingsRef = builder
  .objectRef<{ readonly companyId: string; readonly settings: WorkflowSettings }>('WorkflowSettings')
  .implement({
    description:
      'What a workflow says beside its definition, as it was saved with a version. In force once that version is active.',
    fields: (t) => ({
      name: t.string({ description: 'Name of the workflow.', resolve: ({ settings }) => settings.name }),
      owner: t.field({
        type: UserRef,
        description: 'Who answers for it.',
        resolve: ({ companyId, settings }, _args, context) => personIn(context, companyId, settings.ownerId),
      }),
      rank: t.int({
        description: 'Of several that apply, the one with the lowest rank is taken.',
        resolve: ({ settings }) => settings.rank,
      }),
      isDefault: t.boolean({
        description: 'Taken when no other applies.',
        resolve: ({ settings }) => settings.isDefault,
      }),
      activation: t.string({
        nullable: true,
        description: 'When it applies, as a CEL expression; null: never by its rank.',
        resolve: ({ settings }) => settings.activation,
      }),
    }),
  })

WorkflowVersionRef.implement({
  description: 'One version of a workflow. It never changes; what runs on it keeps it.',
  interfaces: [NodeRef],
  fields: (t) => ({
    id: t.id({
      description: 'Node id.',
      resolve: ({ companyId, version }) => encodeId('WorkflowVersion', companyId, version.workflowId, version.version),
    }),
    workflow: t.field({
      type: WorkflowRef,
      description: 'The workflow that it is a version of.',
      resolve: (model) => model,
    }),
    version: t.int({ description: 'Its number, from 1.', resolve: ({ version }) => version.version }),
    note: t.string({
      nullable: true,
      description: 'What its author said about it.',
      resolve: ({ version }) => version.note,
    }),
    createdBy: t.field({
      type: UserRef,
      description: 'Who saved it.',
      resolve: ({ companyId, version }, _args, context) => personIn(context, companyId, version.createdById),
    }),
    createdAt: t.field({
      type: 'DateTime',
      description: 'When it was saved.',
      resolve: ({ version }) => version.createdAt,
    }),
    settings: t.field({
      type: WorkflowSettingsRef,
      description: 'Name, owner, rank, default mark and activation, as they were saved with it.',
      resolve: ({ companyId, version }) => ({ companyId, settings: version.settings }),
    }),
    definition: t.field({
      type: 'JSON',
      description: 'The definition as data, in the very shape of WorkflowDefinitionInput.',
      resolve: ({ companyId, version }) => encodeDefinition(companyId, version.definition),
    }),
    problems: t.field({
      type: [WorkflowProblemRef],
      complexity: { field: 10, multiplier: 3 },
      description: 'What is wrong with it in the company as it is now.',
      resolve: async ({ companyId, version }, _args, context) => [
        ...problemsOf(version, await companyOf(context, companyId)),
      ],
    }),
  }),
})

builder.queryField('workflows', (t) =>
  t.field({
    type: [WorkflowRef],
    nullable: true,
    description: "A company's workflows, in the order in which they are looked at.",
    args: { company: t.arg.string({ required: true, description: 'Code of the company.' }) },
    resolve: async (_root, args, context) => {
      const company = await companyByCode(context, args.company)
      return company === null ? null : company.workflows.map((workflow) => ({ companyId: company.id, workflow }))
    },
  }),
)
