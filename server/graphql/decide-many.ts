// Many answers in one call: a result for each, in their order.
import { builder } from './builder.ts'
import { attempt, keyDescription, present, readBack } from './commands.ts'
import type { Context } from './context.ts'
import { Refusal } from './errors.ts'
import { decodeId } from './ids.ts'
import { itemsBack, revision, workItemId, WorkItemResult } from './item-commands.ts'
import { refusalOf } from './refusals.ts'
import { Outcome } from './work-item.ts'
import { decideMany, isDone, mostDecisions, type BulkAnswer, type BulkDecision } from '../services/decide-many.ts'

type Answers = (Awaited<ReturnType<typeof itemsBack>>[number] | Error)[]

const DecideManyPayload = builder.objectRef<{ readonly results: Answers }>('DecideManyPayload').implement({
  description: 'What came of each of many decisions.',
  fields: (t) => ({
    results: t.field({
      type: [WorkItemResult.type],
      nullable: { list: false, items: true },
      // Counted by the mutation, which knows how many there are.
      complexity: { field: 1, multiplier: 1 },
      description:
        'One for each decision, in their order. A refusal of the call as a whole is said of each of them, or once where none was given.',
      // The union takes refusals as the errors that they are.
      resolve: ({ results }) => results as never,
    }),
  }),
})

const BulkMode = builder.enumType('BulkMode', {
  description: 'What becomes of the others when one decision is refused.',
  values: {
    BEST_EFFORT: { description: 'They are recorded: each decision stands by itself.' },
    ATOMIC: { description: 'Nothing is recorded, in whichever company; the others answer RolledBackError.' },
  } as const,
})
const BulkDecisionInput = builder.inputType('BulkDecisionInput', {
  description: 'One of many answers to work items.',
  fields: (t) => ({
    workItemId: t.id({ required: true, description: workItemId }),
    revision: t.int({ required: true, description: revision }),
    outcome: t.field({ type: Outcome, required: true, description: 'The answer.' }),
    choice: t.string({ description: "Of CHOSEN, and only there: which of the item's `choices`." }),
    comment: t.string({
      description:
        'What to say with it; needed for REJECTED, RETURNED and CHANGE_REQUESTED, which goes to the submitter.',
    }),
  }),
})
const DecideManyInput = builder.inputType('DecideManyInput', {
  description: 'Answers to many work items, of any of your companies.',
  fields: (t) => ({
    decisions: t.field({
      type: [BulkDecisionInput],
      required: true,
      description: `1 to ${mostDecisions}. Several about one proposal are taken in their order.`,
    }),
    mode: t.field({
      type: BulkMode,
      defaultValue: 'BEST_EFFORT',
      description: 'What becomes of the others when one is refused.',
    }),
    idempotencyKey: t.string({ description: keyDescription }),
  }),
})

/** The answers as the union shows them. */
const shown = async (context: Context, answers: readonly BulkAnswer[]): Promise<Answers> => {
  const back = (await itemsBack(context, answers.filter(isDone))).values()
  return answers.map((answer) =>
    isDone(answer)
      ? readBack(back.next().value ?? null)
      : (refusalOf(answer.error, answer.companyId, WorkItemResult.refusals) ?? answer.error),
  )
}

/** An id that names no work item is that entry's refusal, not the call's. */
const targetOf = (id: string): Pick<BulkDecision, 'companyId' | 'workItemId'> => {
  const decoded = decodeId(id)
  return decoded?.type === 'WorkItem'
    ? { companyId: decoded.parts[0], workItemId: decoded.own }
    : { companyId: null, workItemId: id }
}

builder.mutationField('decideMany', (t) =>
  t.field({
    type: DecideManyPayload,
    nullable: true,
    complexity: ({ input }) => ({
      field: 10,
      multiplier: Math.min(Math.max(input.decisions.length, 1), mostDecisions),
    }),
    description: `Up to ${mostDecisions} decisions over all your companies, one result each in their order.`,
    args: { input: t.arg({ type: DecideManyInput, required: true, description: 'The decisions.' }) },
    resolve: async (_root, { input }, context) => {
      const decisions = input.decisions.map((each) => ({ ...present(each), ...targetOf(each.workItemId) }))
      try {
        const { answers } = await attempt(context, WorkItemResult, null, (viewer) =>
          decideMany(context.app, viewer, { ...present(input), mode: input.mode ?? 'BEST_EFFORT', decisions }),
        )
        return { results: await shown(context, answers) }
      } catch (error) {
        if (error instanceof Refusal) return { results: Array.from({ length: decisions.length || 1 }, () => error) }
        throw error
      }
    },
  }),
)
