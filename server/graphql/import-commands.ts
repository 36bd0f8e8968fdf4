// Committing and cancelling imports.
import { builder } from './builder.ts'
import { attempt, companyOfId, keyDescription, present, readBack, resultUnion } from './commands.ts'
import type { Context } from './context.ts'
import { idOf } from './ids.ts'
import { ImportJobRef } from './refs.ts'
import type { ImportJob } from '../domain/import-job.ts'
import { cancelImport, commitImport, type ImportAnswer } from '../services/import-jobs.ts'
import { keyText } from '../store/prepared.ts'

const ImportSuccess = builder.objectRef<ImportJob>('ImportSuccess').implement({
  description: 'The import as it is now.',
  fields: (t) => ({
    job: t.field({ type: ImportJobRef, description: 'The import.', resolve: (job) => job }),
  }),
})
const ImportResult = resultUnion('ImportResult', 'What came of it.', ImportSuccess, [
  'PlanChangedError',
  'WrongImportStateError',
  'IdempotencyError',
  'NotPermittedError',
  'NotFoundError',
])

const CommitImportInput = builder.inputType('CommitImportInput', {
  description: 'A plan that is to be carried out.',
  fields: (t) => ({
    importId: t.id({ required: true, description: 'The import.' }),
    planDigest: t.string({ required: true, description: 'Of the plan that was looked at: `ImportJob.planDigest`.' }),
    idempotencyKey: t.string({ description: keyDescription }),
  }),
})
const ImportIdInput = builder.inputType('ImportIdInput', {
  description: 'An import.',
  fields: (t) => ({
    importId: t.id({ required: true, description: 'The import.' }),
    idempotencyKey: t.string({ description: keyDescription }),
  }),
})

type Named = { readonly importId: string }
const carriedOut = async <I extends Named>(
  context: Context,
  input: I,
  deed: (
    viewer: Parameters<typeof commitImport>[1],
    key: { companyId: string; importId: string },
  ) => Promise<ImportAnswer>,
): Promise<ImportJob> => {
  const { companyId, importId } = await attempt(context, ImportResult, companyOfId(input.importId), (viewer) => {
    const named = idOf('ImportJob', input.importId, ['importId'])
    return deed(viewer, { companyId: named.companyId, importId: named.id })
  })
  return readBack(await context.loaders.importJob.load(keyText(companyId, importId)))
}

builder.mutationFields((t) => ({
  commitImport: t.field({
    type: ImportResult.type,
    nullable: true,
    complexity: 100,
    description:
      'Carries out a PLANNED import in the background, as its plan says. When the plan would come to something else by now it is refused with PLAN_CHANGED and planned anew. For who has uploaded the file.',
    args: { input: t.arg({ type: CommitImportInput, required: true, description: 'Which import, and which plan.' }) },
    resolve: (_root, { input }, context) =>
      carriedOut(context, input, (viewer, key) => commitImport(context.app, viewer, { ...present(input), ...key })),
  }),
  cancelImport: t.field({
    type: ImportResult.type,
    nullable: true,
    description:
      'Ends an import that has not ended. What it has written by then stays, and its results show it. For who has uploaded the file, and for administrators.',
    args: { input: t.arg({ type: ImportIdInput, required: true, description: 'Which import.' }) },
    resolve: (_root, { input }, context) =>
      carriedOut(context, input, (viewer, key) => cancelImport(context.app, viewer, { ...present(input), ...key })),
  }),
}))
