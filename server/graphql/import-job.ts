// Imports of files: the job, what becomes of its rows, and how it goes on.
import { builder } from './builder.ts'
import { EntityBehavior } from './company.ts'
import { companyIdOf, companyOf, isMember, readingOf, renewed, type Context } from './context.ts'
import { UserErrorItem, type Said } from './error-codes.ts'
import { encodeId, decodeId } from './ids.ts'
import { ImportRow, RowOutcome, type RowModel } from './import.ts'
import { requestError } from './limits.ts'
import { connectionOf, connectionType, forwardArgs, pageComplexity, pageOf, type PageArgs } from './pages.ts'
import { CompanyRef, ImportJobRef, NodeRef, UserRef } from './refs.ts'
import type { Delivery } from './stream.ts'
import { personIn } from './user.ts'
import type { Problem } from '../domain/errors.ts'
import { rowOutcomes, type RowOutcome as Outcome } from '../domain/import.ts'
import { rowsDone, type ImportJob, type ImportStatus as Status } from '../domain/import-job.ts'
import { ImportWatch } from '../services/import-watch.ts'
import { valuesOfRows } from '../services/planned-values.ts'
import { importOrder, importPlace, listImportJobs, listResults, resultOrder } from '../store/import-jobs.ts'
import { keyText } from '../store/prepared.ts'

const ImportStatus = builder.enumType('ImportStatus', {
  description: 'How far an import has come.',
  values: {
    PLANNING: { description: 'It is being received or planned; nothing is written.' },
    PLANNED: { description: 'The plan is there to be looked at; commit it, or cancel it.' },
    RUNNING: { description: 'It is being carried out.' },
    DONE: { description: 'Each row has come to its outcome.' },
    FAILED: { description: 'It could not go on: see `failure`. What was written by then stays.' },
    CANCELLED: { description: 'Somebody has ended it. What was written by then stays.' },
  } as const satisfies Record<Status, { description: string }>,
})

const OutcomeCount = builder.objectRef<{ outcome: Outcome; count: number }>('OutcomeCount').implement({
  description: 'How many rows came to an outcome.',
  fields: (t) => ({
    outcome: t.field({ type: RowOutcome, description: 'The outcome.', resolve: ({ outcome }) => outcome }),
    count: t.exposeInt('count', { description: 'How many rows.' }),
  }),
})

/** Places in a row stand by themselves: there is no input that they are in. */
const said = ({ code, message, at }: Problem): Said => ({ code, message, at })

export const ImportRowConnection = connectionType('ImportRow', ImportRow, 'rows of an import', false)

/** Where the rows that were not taken are fetched, with the same `Authorization` as here. */
export const refusedRowsPath = (companyId: string, id: string): string =>
  `/imports/${encodeId('ImportJob', companyId, id)}/refused.csv`

const resultsOf = async (
  job: ImportJob,
  args: PageArgs & { readonly outcome?: Outcome | null | undefined },
  context: Context,
) => {
  const page = pageOf(args, resultOrder)
  const outcomes = args.outcome === null || args.outcome === undefined ? null : [args.outcome]
  const found = await listResults(context.app.db, job, { upTo: rowsDone(job), outcomes }, page)
  const { companyId } = job
  // Worked out for the rows of this page alone, and once for all of them.
  let planned: ReturnType<typeof valuesOfRows> | undefined
  const usable = found.flatMap(({ row, outcome }) => (outcome === 'INVALID' || outcome === 'REFUSED' ? [] : row))
  const valuesOf = async (row: number) => {
    planned ??= valuesOfRows(context.app, job, usable)
    const values = await planned
    return values === null ? null : (values.get(row) ?? [])
  }
  const nodes = found.map((row): RowModel => {
    const values = () => valuesOf(row.row)
    return { ...row, companyId, errors: [], said: row.errors.map(said), values }
  })
  return connectionOf(
    page,
    resultOrder,
    nodes,
    ({ row }) => [row],
    (row) => row,
  )
}

ImportJobRef.implement({
  description: 'A file that is imported: received, planned, looked at, carried out. Its rows are kept for 30 days.',
  interfaces: [NodeRef],
  fields: (t) => ({
    id: t.id({ description: 'Node id.', resolve: ({ companyId, id }) => encodeId('ImportJob', companyId, id) }),
    company: t.field({
      type: CompanyRef,
      description: 'Into which it is imported.',
      resolve: ({ companyId }, _args, context) => companyOf(context, companyId),
    }),
    createdBy: t.field({
      type: UserRef,
      description: 'Who sent the file; its changes are proposed in their name.',
      resolve: ({ companyId, createdById }, _args, context) => personIn(context, companyId, createdById),
    }),
    createdAt: t.field({ type: 'DateTime', description: 'When it was sent.', resolve: ({ createdAt }) => createdAt }),
    startedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description:
        'When it began to be carried out; null: it has not, and `counts` and `results` are those of its plan.',
      resolve: ({ startedAt }) => startedAt,
    }),
    finishedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it ended: done, failed or cancelled.',
      resolve: ({ finishedAt }) => finishedAt,
    }),
    name: t.exposeString('name', { nullable: true, description: 'Of the file.' }),
    behavior: t.field({
      type: EntityBehavior,
      description: "The company's entity behaviour when it was sent; once it runs, when that began.",
      resolve: ({ behavior }) => behavior,
    }),
    status: t.field({ type: ImportStatus, description: 'How far it has come.', resolve: ({ status }) => status }),
    unattended: t.exposeBoolean('unattended', {
      description: 'It is carried out as soon as it is here, without waiting for somebody to look at the plan.',
    }),
    rows: t.exposeInt('rows', { description: 'How many rows there are: as many as have arrived, until all have.' }),
    processed: t.exposeInt('processed', { description: 'How many of them the present phase has done.' }),
    counts: t.field({
      type: [OutcomeCount],
      description: 'What the rows come to, as far as they are done: as planned, or once it runs, as they came.',
      resolve: ({ counts }) =>
        rowOutcomes.flatMap((outcome) => {
          const count = counts[outcome] ?? 0
          return count === 0 ? [] : [{ outcome, count }]
        }),
    }),
    planDigest: t.exposeString('planDigest', {
      nullable: true,
      description: 'What a commit names: it stands for this import, its file, and what the plan makes of each row.',
    }),
    failure: t.field({
      type: UserErrorItem,
      nullable: true,
      description: 'Why it failed, with what to do.',
      resolve: ({ failure }) => (failure === null ? null : said(failure)),
    }),
    refusedRowsUrl: t.string({
      nullable: true,
      description:
        'Where the rows that were or would be REFUSED or INVALID are fetched as CSV, as they were sent and with the reason, with the same Authorization header. Null: there are none.',
      resolve: ({ companyId, id, counts }) =>
        (counts.REFUSED ?? 0) + (counts.INVALID ?? 0) === 0 ? null : refusedRowsPath(companyId, id),
    }),
    results: t.field({
      type: ImportRowConnection,
      nullable: true,
      complexity: pageComplexity,
      description: 'What becomes of each row, in the order of the file: the plan, or once it runs, what has come.',
      args: {
        ...forwardArgs(),
        outcome: t.arg({ type: RowOutcome, description: 'Only rows that come to this.' }),
      },
      resolve: resultsOf,
    }),
  }),
})

export const ImportJobConnection = connectionType('ImportJob', ImportJobRef, 'imports', false)

builder.queryField('importJobs', (t) =>
  t.field({
    type: ImportJobConnection,
    nullable: true,
    complexity: pageComplexity,
    description: 'Imports of a company, the newest first; null when the company is not there or not yours.',
    args: { company: t.arg.string({ required: true, description: 'Code of the company.' }), ...forwardArgs() },
    resolve: async (_root, args, context) => {
      const companyId = companyIdOf(context, args.company)
      const page = pageOf(args, importOrder)
      if (companyId === null) return null
      const jobs = await listImportJobs(context.app.db, companyId, page)
      return connectionOf(page, importOrder, jobs, importPlace, (job) => job)
    },
  }),
)

/** An import of the viewer's company by the id that an argument names. */
const namedJob = async (context: Context, id: string): Promise<ImportJob | null> => {
  const decoded = decodeId(id)
  if (decoded?.type !== 'ImportJob' || !isMember(context, decoded.parts[0])) return null
  return context.loaders.importJob.load(keyText(decoded.parts[0], decoded.own))
}

builder.subscriptionField('importProgress', (t) =>
  t.field({
    type: ImportJobRef,
    description:
      'An import as it is, then each time it has moved, until it has ended. There is nothing to go on from: the next message always holds all there is.',
    args: { id: t.arg.id({ required: true, description: 'The import.' }) },
    subscribe: async (_root, { id }, context) => {
      const job = await namedJob(context, id)
      if (job === null) throw requestError('BAD_REQUEST', 'There is no such import, or it is not yours to see.')
      const reading = readingOf(context)
      return mapped(new ImportWatch(context.app, job.companyId, job.id), async (message) => {
        const now = await renewed(reading)
        return isMember(now, message.companyId) ? { message, context: now } : null
      })
    },
    resolve: (delivery: Delivery<ImportJob>) => delivery.message,
  }),
)

/** Each message with a context of its own; null ends the stream. */
const mapped = (
  source: ImportWatch,
  map: (job: ImportJob) => Promise<Delivery<ImportJob> | null>,
): AsyncIterableIterator<Delivery<ImportJob>, void> => ({
  async next() {
    const result = await source.next()
    if (result.done === true) return { done: true, value: undefined }
    const value = await map(result.value)
    if (value !== null) return { done: false, value }
    await source.return()
    return { done: true, value: undefined }
  },
  async return() {
    await source.return()
    return { done: true, value: undefined }
  },
  throw: (error) => source.throw(error),
  [Symbol.asyncIterator]() {
    return this
  },
})
