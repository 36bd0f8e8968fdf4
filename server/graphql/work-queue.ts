// Queues: named lists of work that their members take from.
import { builder } from './builder.ts'
import { companyByCode } from './company.ts'
import { companyOf, type Context } from './context.ts'
import { encodeId } from './ids.ts'
import { NodeRef, UserRef, WorkQueueRef, type QueueModel } from './refs.ts'
import { soon, type Soon } from './soon.ts'
import { peopleIn } from './user.ts'
import { keyText } from '../store/prepared.ts'
import type { QueueCounts } from '../store/queue-items.ts'

export const queueIn = async (context: Context, companyId: string, queueId: string): Promise<QueueModel | null> => {
  const queue = (await companyOf(context, companyId)).directory.queues.get(queueId)
  return queue === undefined ? null : { companyId, queue }
}

export const maybeQueue = (context: Context, companyId: string, queueId: string | null): Promise<QueueModel | null> =>
  queueId === null ? Promise.resolve(null) : queueIn(context, companyId, queueId)

const countsOf = (context: Context, { companyId, queue }: QueueModel): Soon<QueueCounts> =>
  context.loaders.inQueue.load(keyText(companyId, queue.id))

WorkQueueRef.implement({
  description:
    "A company's named list of work, which workflows ask by its name: an item waits there until a member claims it.",
  interfaces: [NodeRef],
  fields: (t) => ({
    id: t.id({
      description: 'Node id.',
      resolve: ({ companyId, queue }) => encodeId('WorkQueue', companyId, queue.id),
    }),
    name: t.string({ description: 'Its name, unique within the company.', resolve: ({ queue }) => queue.name }),
    members: t.field({
      type: [UserRef],
      description: 'Who may claim from it.',
      resolve: ({ companyId, queue }, _args, context) => peopleIn(context, companyId, queue.memberIds),
    }),
    waiting: t.int({
      complexity: 10,
      description:
        'How many open items lie in it unclaimed, those of imports with them, also those that you could not claim.',
      resolve: (queue, _args, context) => soon(countsOf(context, queue), ({ waiting }) => waiting),
    }),
    claimed: t.int({
      complexity: 10,
      description: 'How many open items out of it somebody has claimed and not answered yet.',
      resolve: (queue, _args, context) => soon(countsOf(context, queue), ({ claimed }) => claimed),
    }),
  }),
})

builder.queryField('queues', (t) =>
  t.field({
    type: [WorkQueueRef],
    nullable: true,
    description: "A company's queues, by name.",
    args: { company: t.arg.string({ required: true, description: 'Code of the company.' }) },
    resolve: async (_root, args, context) => {
      const company = await companyByCode(context, args.company)
      if (company === null) return null
      const sorted = [...company.directory.queues.values()].sort((a, b) => a.name.localeCompare(b.name, 'en'))
      return sorted.map((queue) => ({ companyId: company.id, queue }))
    },
  }),
)
